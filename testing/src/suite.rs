//! Tests for every adapter, over real sockets. Each function is one test;
//! [`adapter_suite!`](crate::adapter_suite) makes them known to the test runner.

// These are tests, although they are in a library: their names say what they check.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing)]

mod bodies;
mod clients;
mod outcomes;

use std::sync::Arc;

use aiwaf_core::{BodyPlan, Firewall, FirewallBuilder, Mode};

use crate::{BodyReader, Client, Launch, Reply, Site};

pub use bodies::*;
pub use clients::*;
pub use outcomes::*;

/// Probes of different kinds, because the same one twice would strike only once.
const PROBES: [&str; 3] = ["/.env", "/wp-login.php", "/.git/config"];

/// Makes a test of each function of the suite, for the site that `$launch` starts.
///
/// All but [`a_refusal_by_head_does_not_wait_for_the_body`], which a framework that reads ahead
/// cannot meet.
#[macro_export]
macro_rules! adapter_suite {
    ($launch:path) => {
        $crate::adapter_suite!($launch:
            a_refusal_comes_before_the_handler,
            every_method_and_every_path_is_covered,
            odd_targets_get_an_answer,
            bodies_arrive_byte_for_byte,
            bodies_that_nobody_asks_for_arrive_too,
            an_attack_in_the_body_never_reaches_the_handler,
            too_much_body_is_refused,
            a_long_upload_is_watched_while_it_passes,
            a_slow_body_is_refused,
            an_aborted_body_is_no_verdict,
            what_is_given_up_gives_its_room_back,
            a_monitor_hands_on_what_it_could_not_hold,
            an_upgrade_is_seen_by_its_head,
            an_upgrade_field_hides_no_body,
            a_forged_address_changes_nothing,
            behind_a_trusted_proxy_the_client_is_banned,
            an_undeclared_proxy_is_spared_and_reported,
            limits_answer_with_when_to_come_back,
            a_connection_goes_on_after_a_refusal,
            pipelined_requests_are_each_decided,
            nested_routes_are_seen_whole,
            every_outcome_is_observed,
            a_panic_is_observed,
            what_a_hook_cannot_say_is_left_out,
            a_check_that_panics_is_fenced,
            the_application_says_who_is_logged_in,
            an_outer_layer_sees_the_cause,
            values_that_are_no_text_are_no_trouble,
        );
    };
    ($launch:path: $($test:ident),* $(,)?) => {
        $(
            #[test]
            fn $test() {
                $crate::suite::$test($launch);
            }
        )*
    };
}

fn start(launch: Launch, builder: FirewallBuilder) -> (Site, Arc<Firewall>) {
    let firewall = Arc::new(builder.build().unwrap());
    (launch(Arc::clone(&firewall)), firewall)
}

fn plain(launch: Launch) -> Site {
    start(launch, Firewall::builder()).0
}

/// A site where only the reader asks for bodies, because the plans of several checks are merged
/// into the widest one.
fn reading(launch: Launch, plan: BodyPlan) -> Site {
    let builder = Firewall::builder()
        .with_settings(|settings| settings.payload.mode = Mode::Off)
        .check_after(BodyReader(plan));
    start(launch, builder).0
}

fn connect(site: &Site) -> Client {
    Client::connect(site.address).unwrap()
}

fn from(last: u8, site: &Site) -> Client {
    Client::connect_from(last, site.address).unwrap()
}

fn is_refusal(reply: &Reply) {
    assert_eq!(reply.status, 403, "{reply:?}");
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    assert_eq!(reply.header("x-request-id").map(str::len), Some(16));
    assert_eq!(reply.header("content-type"), Some("application/json"));
}

pub fn a_refusal_comes_before_the_handler(launch: Launch) {
    let site = plain(launch);
    let reply = connect(&site).get("/.env").unwrap();
    is_refusal(&reply);
    assert_eq!(reply.text(), "{\"error\":\"blocked\"}\n");
    assert_eq!(site.calls(), 0);
    let reply = connect(&site).get("/").unwrap();
    assert_eq!((reply.status, reply.text().as_str()), (200, "home"));
    assert_eq!(site.calls(), 1);
}

pub fn every_method_and_every_path_is_covered(launch: Launch) {
    let site = plain(launch);
    for (last, method) in (1..).zip(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
        for path in [
            "/.env",
            "/nested/.env",
            "/items/.env",
            "/no/such/.env?a=b",
            "/static/../.env",
            "/%2e%65nv",
        ] {
            // A separate client for each: strikes would add up to a ban.
            let reply = Client::connect_from(last * 10, site.address)
                .unwrap()
                .request(method, path, "")
                .unwrap();
            is_refusal(&reply);
            assert_eq!(reply.body.is_empty(), method == "HEAD", "{method} {path}");
        }
    }
    assert_eq!(site.calls(), 0);
    let mut client = connect(&site);
    let head = client.request("HEAD", "/", "").unwrap();
    assert_eq!((head.status, head.body.as_slice()), (200, b"".as_slice()));
    assert_eq!(client.get("/no/such/page").unwrap().status, 404);
    // A method that a route does not accept gets 405 or 404, depending on the framework, but never
    // a crash or a success.
    assert!(matches!(
        client.post("/items/7", b"").unwrap().status,
        404 | 405
    ));
    assert!(client.request("OPTIONS", "/", "").unwrap().status < 500);
}

pub fn odd_targets_get_an_answer(launch: Launch) {
    let site = plain(launch);
    let long = format!("/{}", "a/".repeat(15_000));
    for target in [
        "http://site.test/.env",
        "//.env",
        "/./.env",
        "/.env/",
        "/a/..%2f.env",
        "/.env?x=1",
    ] {
        let reply = from(9, &site).get(target).unwrap();
        assert!(matches!(reply.status, 400 | 403), "{target} {reply:?}");
    }
    assert_eq!(site.calls(), 0);
    for target in [
        "//x",
        "/%zz",
        "/%00",
        "/%ff%fe",
        long.as_str(),
        "/?a=%zz&b",
        "/a%2fb",
    ] {
        let reply = from(8, &site).get(target).unwrap();
        assert!(reply.status < 500, "{target} {}", reply.status);
    }
    let reply = connect(&site).request("OPTIONS", "*", "").unwrap();
    assert!(reply.status < 500, "{reply:?}");
}

pub fn a_connection_goes_on_after_a_refusal(launch: Launch) {
    let site = reading(launch, BodyReader::default().0);
    let mut client = connect(&site);
    for _ in 0..3 {
        assert_eq!(client.get("/").unwrap().status, 200);
        is_refusal(&client.get("/.env").unwrap());
        is_refusal(&client.post("/echo", b"an ATTACK").unwrap());
        assert_eq!(client.post("/echo", b"a=1").unwrap().body, b"a=1");
    }
}

pub fn pipelined_requests_are_each_decided(launch: Launch) {
    let site = plain(launch);
    let mut client = connect(&site);
    let request =
        |path: &str| format!("GET {path} HTTP/1.1\r\nHost: site.test\r\nAccept: */*\r\n\r\n");
    let all: String = ["/", "/.env", "/items/7", "/.git/config"]
        .map(request)
        .concat();
    client.send(all).unwrap();
    let statuses: Vec<u16> = (0..4)
        .map(|_| client.reply_to("GET").unwrap().status)
        .collect();
    assert_eq!(statuses, [200, 403, 200, 403]);
    assert_eq!(site.calls(), 2);
}

pub fn values_that_are_no_text_are_no_trouble(launch: Launch) {
    let site = reading(launch, BodyReader::default().0);
    let mut client = connect(&site);
    client.send(b"GET / HTTP/1.1\r\nHost: site.test\r\nAccept: */*\r\nCookie: a=\xff\xfe\r\nX-Odd: \x80\xff\r\n\r\n").unwrap();
    assert!(client.reply_to("GET").unwrap().status < 500);
    assert_eq!(connect(&site).get("/").unwrap().status, 200);
}
