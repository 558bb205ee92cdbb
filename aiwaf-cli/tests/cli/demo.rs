//! `demo` over real sockets, as a user runs it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};

use crate::place::Place;

#[test]
fn once_it_stops_the_attacks_serves_the_visitor_and_leaves_nothing_behind() {
    let place = Place::new();
    let run = place.run(&["demo", "--once"]);
    let shown = run.expect(0);
    for text in [
        "refused 403 GET /.env",
        "probe: ",
        "banned: ",
        "keyword: ",
        "payload: ",
        "rate_limit: ",
        "rate_flood: ",
        "allowed 200 GET /blog/php-tips",
        "requests of the visitor served",
    ] {
        assert!(shown.contains(text), "{text:?} is not in {shown}");
    }
    assert_eq!(place.files(), 0);
}

#[test]
fn its_sum_is_json_if_asked_for() {
    let place = Place::new();
    let told = place.json(&["demo", "--once"]);
    assert_eq!(told["good"], true);
    assert_eq!(told["attacks"]["got_through"], 0);
    assert_eq!(told["visitor"]["turned_away"], 0);
    assert!(told["attacks"]["sent"].as_u64().unwrap() > 100);
    let first = &told["acts"][0]["requests"][0]["answers"][0];
    assert_eq!(first["cause"]["code"], "probe");
}

#[test]
fn it_stays_up_for_a_visit_and_shows_it() {
    let place = Place::new();
    let demo = place
        .command(&["demo"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let mut demo = Ended(demo.unwrap());
    let mut lines = BufReader::new(demo.0.stdout.take().unwrap())
        .lines()
        .map(Result::unwrap);
    let site = lines.find_map(|line| {
        Some(
            line.split_once("http://")?
                .1
                .trim_end_matches('/')
                .to_owned(),
        )
    });
    let site = site.unwrap();
    lines.find(|line| line.contains("until Ctrl-C")).unwrap();
    assert!(get(&site, "/seashells").starts_with("HTTP/1.1 200"));
    assert!(get(&site, "/.env").starts_with("HTTP/1.1 403"));
    let refused = lines
        .find(|line| line.contains("/.env") && line.contains("127.0.0.1 "))
        .unwrap();
    assert!(
        refused.contains("403") && refused.contains("probe"),
        "{refused}"
    );
    drop(demo);
    assert_eq!(place.files(), 0);
}

/// A process that is killed when its test ends, in any case.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

fn get(site: &str, target: &str) -> String {
    let mut stream = TcpStream::connect(site).unwrap();
    write!(
        stream,
        "GET {target} HTTP/1.1\r\nHost: {site}\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}
