//! The fairing on Rocket, over real sockets.

// Helpers of tests may fail as tests do.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;

use aiwaf_core::{Authenticated, BodyBudget, Firewall, Mode};
use aiwaf_rocket::{Aiwaf, Inspected, Refusal};
use aiwaf_testing::{BodyReader, Client, CountsEnds, Site, adapter_suite, capture, captured};
use rocket::fairing::AdHoc;
use rocket::http::Status;
use rocket::response::content::RawHtml;
use rocket::tokio::io::AsyncReadExt;
use rocket::{Config, State, catch, catchers, get, post, routes};

adapter_suite!(launch);

struct Calls(Arc<AtomicUsize>);

impl Calls {
    fn count(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[get("/")]
fn home(calls: &State<Calls>) -> RawHtml<&'static str> {
    calls.count();
    RawHtml("home")
}

#[get("/items/<id>")]
fn item(id: String, calls: &State<Calls>) -> String {
    calls.count();
    id
}

#[post("/echo", data = "<body>")]
async fn echo(body: Inspected<'_>, calls: &State<Calls>) -> std::io::Result<Vec<u8>> {
    calls.count();
    body.into_bytes(4 << 20).await
}

/// Answers how many bytes of bodies the process holds, before it reads its own.
#[post("/held", data = "<body>")]
async fn held(body: Inspected<'_>) -> std::io::Result<String> {
    let held = BodyBudget::process().held();
    let read = body.into_bytes(4 << 20).await?;
    Ok(format!("{held} {}", read.len()))
}

/// Reads on after the end, and with no room before it.
#[post("/again", data = "<body>")]
async fn again(mut body: Inspected<'_>) -> std::io::Result<Vec<u8>> {
    let mut read = vec![0; 2];
    body.read_exact(&mut read).await?;
    body.read_exact(&mut []).await?;
    body.read_to_end(&mut read).await?;
    body.read_to_end(&mut read).await?;
    Ok(read)
}

#[post("/unseen/<name>", data = "<body>")]
fn unseen(name: &str, body: Vec<u8>) -> String {
    format!("{name} {}", body.len())
}

#[get("/fail")]
fn fail(calls: &State<Calls>) -> Status {
    calls.count();
    Status::InternalServerError
}

#[get("/panic")]
fn fault(calls: &State<Calls>) -> &'static str {
    calls.count();
    panic!("a handler's own fault")
}

#[catch(404)]
fn nothing() -> &'static str {
    "nothing here"
}

fn launch(firewall: Arc<Firewall>) -> Site {
    let calls = Arc::new(AtomicUsize::new(0));
    let counter = Calls(Arc::clone(&calls));
    let (up, ready) = channel();
    let config = Config {
        port: 0,
        workers: 2,
        log_level: rocket::config::LogLevel::Off,
        shutdown: rocket::config::Shutdown {
            ctrlc: false,
            ..Default::default()
        },
        ..Config::debug_default()
    };
    // What stands around the firewall: a session before it, and a log after it that wants to know the cause.
    let session = AdHoc::on_request("session", |request, _| {
        Box::pin(async move {
            if request.headers().contains("x-session") {
                request.local_cache(|| Some(Authenticated));
            }
        })
    });
    let cause = AdHoc::on_response("cause", |request, response| {
        Box::pin(async move {
            if let Some(refusal) = request.local_cache(|| None::<Refusal>) {
                response.set_raw_header("x-cause", refusal.cause.code());
            }
        })
    });
    let app = rocket::custom(config)
        .manage(counter)
        .attach(session)
        .attach(Aiwaf::new(firewall))
        .attach(cause)
        .attach(AdHoc::on_liftoff("ready", move |rocket| {
            let address = SocketAddr::new(rocket.config().address, rocket.config().port);
            Box::pin(async move { up.send(address).unwrap() })
        }))
        .mount(
            "/",
            routes![home, item, echo, held, again, unseen, fail, fault],
        )
        .mount("/nested", routes![item])
        .register("/", catchers![nothing]);
    std::thread::spawn(|| {
        rocket::execute(app.launch()).unwrap();
    });
    Site::new(ready.recv().unwrap(), calls)
}

#[test]
fn who_asks_for_the_route_of_refusals_finds_nothing() {
    let site = launch(Arc::new(Firewall::builder().build().unwrap()));
    let reply = Client::connect(site.address)
        .unwrap()
        .get("/__aiwaf")
        .unwrap();
    assert_eq!((reply.status, reply.text().as_str()), (404, "nothing here"));
}

#[test]
fn a_refusal_by_head_waits_for_no_more_than_rocket_itself_reads() {
    let site = launch(Arc::new(Firewall::builder().build().unwrap()));
    let mut client = Client::connect(site.address).unwrap();
    client
        .head("POST", "/.env", "Content-Length: 1000000\r\n")
        .unwrap();
    client.send("fourteen bytes").unwrap();
    assert_eq!(client.reply_to("POST").unwrap().status, 403);
    assert_eq!(site.calls(), 0);
}

#[test]
fn a_body_that_breaks_off_at_once_is_no_body() {
    let site = launch(Arc::new(
        Firewall::builder()
            .check_after(BodyReader::default())
            .build()
            .unwrap(),
    ));
    let mut client = Client::connect(site.address).unwrap();
    client
        .head("POST", "/echo", "Content-Length: 100\r\n")
        .unwrap();
    client.send("short").unwrap();
    client.finish().unwrap();
    client.read_to_end().unwrap();
    assert_eq!(site.calls(), 0);
}

#[test]
fn what_a_handler_has_not_read_yet_is_still_charged() {
    let firewall = Firewall::builder().check_after(BodyReader::default());
    let site = launch(Arc::new(firewall.build().unwrap()));
    let mut client = Client::connect(site.address).unwrap();
    let reply = client.post("/held", &vec![b'x'; 1 << 20]).unwrap().text();
    let (held, read) = reply.split_once(' ').unwrap();
    assert!(held.parse::<usize>().unwrap() >= 1 << 20, "{held} held");
    assert_eq!(read, "1048576");
}

#[test]
fn a_watched_body_ends_once() {
    let ends = CountsEnds::default();
    // Plans of several checks are merged into the widest: nobody else shall ask.
    let firewall = Firewall::builder()
        .with_settings(|settings| settings.payload.mode = Mode::Off)
        .check_before(ends.clone());
    let site = launch(Arc::new(firewall.build().unwrap()));
    let body = [b'x'; 4000];
    let reply = Client::connect(site.address)
        .unwrap()
        .post("/again", &body)
        .unwrap();
    assert_eq!((reply.status, reply.body.as_slice()), (200, &body[..]));
    assert_eq!(ends.count(), 1);
}

#[test]
fn a_route_that_takes_long_bodies_unseen_is_told_of_once() {
    capture();
    let firewall = Firewall::builder().check_after(BodyReader::default());
    let site = launch(Arc::new(firewall.build().unwrap()));
    let mut client = Client::connect(site.address).unwrap();
    let told = || {
        let log = captured();
        let lines = log.lines().filter(|line| line.contains("uninspected_body"));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    let mut attack = [b'x'; 512];
    attack[506..].copy_from_slice(b"ATTACK");
    assert_eq!(client.post("/unseen/not", &attack).unwrap().status, 403);
    // Seen whole by the fairing, or in the handler, or read by nobody.
    client.post("/unseen/short", &[b'x'; 512]).unwrap();
    client.post("/echo", &[b'x'; 4000]).unwrap();
    client.post("/no/such", &[b'x'; 4000]).unwrap();
    assert_eq!(told(), [""; 0]);
    for name in ["one", "two"] {
        let reply = client.post(&format!("/unseen/{name}"), &[b'x'; 4000]);
        assert_eq!(reply.unwrap().text(), format!("{name} 4000"));
    }
    let told = told();
    assert_eq!(told.len(), 1, "{told:?}");
    for part in ["WARN", "method=\"POST\"", "route=/unseen/<name>"] {
        assert!(told.concat().contains(part), "{told:?}");
    }
}
