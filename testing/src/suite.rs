//! What holds in every adapter, over real sockets. Each function is one test; [`adapter_suite!`](crate::adapter_suite)
//! names them to the test runner.

// These are tests, though they live in a library: their names say what holds.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing)]

use std::sync::Arc;
use std::time::Duration;

use aiwaf_core::settings::{Preset, TrustedProxy};
use aiwaf_core::{BodyPlan, Firewall, FirewallBuilder, Tick};

use crate::{BodyReader, Client, Launch, Observed, Recorder, Reply, Site, capture, captured};

/// Probes of different kinds: the same one twice would strike once.
const PROBES: [&str; 3] = ["/.env", "/wp-login.php", "/.git/config"];

/// Makes a test of each function of the suite, for the site that `$launch` starts.
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
            a_slow_body_is_refused,
            an_aborted_body_is_no_verdict,
            a_refusal_by_head_does_not_wait_for_the_body,
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

fn reading(launch: Launch, plan: BodyPlan) -> Site {
    start(launch, Firewall::builder().check_after(BodyReader(plan))).0
}

fn connect(site: &Site) -> Client {
    Client::connect(site.address).unwrap()
}

fn from(last: u8, site: &Site) -> Client {
    Client::connect_from(last, site.address).unwrap()
}

/// Bytes without a pattern that a lost, doubled or swapped piece would leave intact.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_u32;
    std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        // No letter of the word that the reader refuses.
        (state >> 24) as u8 | 0x80
    })
    .take(length)
    .collect()
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
            // Its own client for each: strikes would add up to a ban.
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
    // A method that a route does not take: 405 or 404, as the framework has it, but never a crash or a success.
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

pub fn bodies_arrive_byte_for_byte(launch: Launch) {
    let plan = BodyReader::default().0;
    let site = reading(launch, plan);
    all_bodies_come_back(&site);
}

pub fn bodies_that_nobody_asks_for_arrive_too(launch: Launch) {
    all_bodies_come_back(&plain(launch));
}

fn all_bodies_come_back(site: &Site) {
    let mut client = connect(site);
    for length in [0, 1, 511, 512, 513, 8192, 65_537, 1_000_000] {
        let body = noise(length);
        let reply = client.post("/echo", &body).unwrap();
        assert!(
            reply.status == 200 && reply.body == body,
            "{length} bytes with their length"
        );
        let reply = client.post_chunked("/echo", &body, "").unwrap();
        assert!(
            reply.status == 200 && reply.body == body,
            "{length} bytes in chunks"
        );
    }
}

pub fn an_attack_in_the_body_never_reaches_the_handler(launch: Launch) {
    let site = reading(launch, BodyReader::default().0);
    for at in [0, 600, 70_000, 999_990] {
        let mut body = noise(1_000_000);
        body.splice(at..at + 6, *b"ATTACK");
        is_refusal(&connect(&site).post("/echo", &body).unwrap());
        is_refusal(&connect(&site).post_chunked("/echo", &body, "").unwrap());
    }
    assert_eq!(site.calls(), 0);
}

pub fn too_much_body_is_refused(launch: Launch) {
    let site = reading(
        launch,
        BodyPlan {
            limit: 1000,
            ..BodyReader::default().0
        },
    );
    assert_eq!(
        connect(&site).post("/echo", &noise(1000)).unwrap().status,
        200
    );
    assert_eq!(
        connect(&site)
            .post_chunked("/echo", &noise(1000), "")
            .unwrap()
            .status,
        200
    );
    for length in [1001, 3000] {
        let reply = connect(&site).post("/echo", &noise(length)).unwrap();
        assert_eq!(reply.status, 413);
        assert_eq!(reply.text(), "{\"error\":\"content_too_large\"}\n");
        let reply = connect(&site)
            .post_chunked("/echo", &noise(length), "")
            .unwrap();
        assert_eq!(reply.status, 413);
    }
    assert_eq!(site.calls(), 2);
}

pub fn a_slow_body_is_refused(launch: Launch) {
    let site = reading(
        launch,
        BodyPlan {
            deadline: Duration::from_millis(150),
            ..BodyReader::default().0
        },
    );
    let mut client = connect(&site);
    client
        .head("POST", "/echo", "Content-Length: 100\r\n")
        .unwrap();
    client.send("the rest never comes").unwrap();
    let reply = client.reply_to("POST").unwrap();
    assert_eq!(reply.status, 408);
    assert_eq!(reply.text(), "{\"error\":\"request_timeout\"}\n");
    assert_eq!(site.calls(), 0);
}

pub fn an_aborted_body_is_no_verdict(launch: Launch) {
    let recorder = Recorder::default();
    let builder = Firewall::builder()
        .check_after(BodyReader::default())
        .check_after(recorder.clone());
    let (site, firewall) = start(launch, builder);
    for head in ["Content-Length: 100\r\n", "Transfer-Encoding: chunked\r\n"] {
        let mut client = connect(&site);
        client.head("POST", "/echo", head).unwrap();
        client.send("5\r\nATTAC").unwrap();
        client.finish().unwrap();
        client.read_to_end().unwrap();
    }
    assert_eq!(site.calls(), 0);
    assert_eq!(firewall.state().bans.len(), 0);
    assert_eq!(connect(&site).get("/").unwrap().status, 200);
    let statuses: Vec<u16> = recorder
        .wait_for(1)
        .iter()
        .map(|seen| seen.status)
        .collect();
    assert_eq!(statuses, [200]);
}

pub fn a_refusal_by_head_does_not_wait_for_the_body(launch: Launch) {
    let site = reading(launch, BodyReader::default().0);
    let mut client = connect(&site);
    client
        .head("POST", "/.env", "Content-Length: 1000000\r\n")
        .unwrap();
    // Not one byte of the body is sent.
    is_refusal(&client.reply_to("POST").unwrap());
    assert_eq!(site.calls(), 0);
}

pub fn a_monitor_hands_on_what_it_could_not_hold(launch: Launch) {
    let plan = BodyPlan {
        limit: 10_000,
        ..BodyReader::default().0
    };
    let builder = Firewall::builder()
        .with_settings(|settings| settings.preset = Preset::Monitor)
        .check_after(BodyReader(plan));
    let (site, _) = start(launch, builder);
    let mut body = noise(300_000);
    body.splice(..6, *b"ATTACK");
    let sized = connect(&site).post("/echo", &body).unwrap();
    assert!(sized.status == 200 && sized.body == body);
    let chunked = connect(&site).post_chunked("/echo", &body, "").unwrap();
    assert!(chunked.status == 200 && chunked.body == body);
    let short = connect(&site).post("/echo", b"an ATTACK").unwrap();
    assert!(short.status == 200 && short.body == b"an ATTACK");
    assert_eq!(connect(&site).get("/.env").unwrap().status, 404);
}

pub fn an_upgrade_is_seen_by_its_head(launch: Launch) {
    let site = reading(launch, BodyReader::default().0);
    let upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
                   Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    let reply = connect(&site).request("GET", "/items/7", upgrade).unwrap();
    assert_eq!((reply.status, reply.text().as_str()), (200, "7"));
    is_refusal(&connect(&site).request("GET", "/.env", upgrade).unwrap());
}

pub fn an_upgrade_field_hides_no_body(launch: Launch) {
    let site = reading(
        launch,
        BodyPlan {
            deadline: Duration::from_millis(300),
            ..BodyReader::default().0
        },
    );
    for protocol in ["websocket", "h2c", "x"] {
        let mut client = connect(&site);
        let fields = format!("Connection: Upgrade\r\nUpgrade: {protocol}\r\nContent-Length: 6\r\n");
        client.head("POST", "/echo", &fields).unwrap();
        client.send("ATTACK").unwrap();
        let reply = client.reply_to("POST").unwrap();
        // A framework that takes all that follows for the other protocol has a body that never ends.
        assert!(matches!(reply.status, 403 | 408), "{protocol} {reply:?}");
    }
    assert_eq!(site.calls(), 0);
}

fn trusting(networks: &[&str]) -> FirewallBuilder {
    let proxies: Vec<TrustedProxy> = networks
        .iter()
        .map(|text| TrustedProxy::Network(text.parse().unwrap()))
        .collect();
    Firewall::builder().with_settings(|settings| settings.client_ip.trusted_proxies = proxies)
}

fn is_banned(firewall: &Firewall, address: &str) -> bool {
    let now: Tick = firewall.clock().now();
    let key = aiwaf_core::client::ClientKey::new(address.parse().unwrap(), 64);
    firewall.state().bans.find(key, now).is_some()
}

pub fn a_forged_address_changes_nothing(launch: Launch) {
    let (site, firewall) = start(launch, trusting(&["192.0.2.0/24"]));
    for (number, probe) in (1..).zip(PROBES) {
        let forged = format!(
            "X-Forwarded-For: 203.0.113.{number}\r\nForwarded: for=203.0.113.{number}\r\nX-Real-IP: 203.0.113.{number}\r\n"
        );
        assert_eq!(
            from(2, &site)
                .request("GET", probe, &forged)
                .unwrap()
                .status,
            403
        );
    }
    assert!(is_banned(&firewall, "127.0.0.2"));
    assert!(!is_banned(&firewall, "203.0.113.1"));
    assert_eq!(from(2, &site).get("/").unwrap().status, 403);
    let hidden = from(2, &site)
        .request("GET", "/", "X-Forwarded-For: 203.0.113.77\r\n")
        .unwrap();
    assert_eq!(hidden.status, 403);
    let innocent = from(3, &site)
        .request("GET", "/", "X-Forwarded-For: 127.0.0.2\r\n")
        .unwrap();
    assert_eq!(innocent.status, 200);
}

pub fn behind_a_trusted_proxy_the_client_is_banned(launch: Launch) {
    let (site, firewall) = start(launch, trusting(&["127.0.0.1/32"]));
    for probe in PROBES {
        let hops = "X-Forwarded-For: 198.51.100.1\r\nX-Forwarded-For: 203.0.113.9, 127.0.0.1\r\n";
        assert_eq!(
            connect(&site).request("GET", probe, hops).unwrap().status,
            403
        );
    }
    assert!(is_banned(&firewall, "203.0.113.9"));
    assert!(!is_banned(&firewall, "127.0.0.1") && !is_banned(&firewall, "198.51.100.1"));
    let visit = |client: &str| {
        let fields = format!("X-Forwarded-For: {client}\r\n");
        connect(&site).request("GET", "/", &fields).unwrap().status
    };
    assert_eq!(visit("203.0.113.9"), 403);
    assert_eq!(visit("203.0.113.10"), 200);
    assert_eq!(connect(&site).get("/").unwrap().status, 200);
}

pub fn an_undeclared_proxy_is_spared_and_reported(launch: Launch) {
    capture();
    let (site, firewall) = start(launch, Firewall::builder());
    let mut proxy = connect(&site);
    for number in 0..300 {
        let fields = format!("X-Forwarded-For: 203.0.113.{}\r\n", number % 200);
        assert_eq!(proxy.request("GET", "/", &fields).unwrap().status, 200);
    }
    for probe in PROBES {
        let reply = connect(&site)
            .request("GET", probe, "X-Forwarded-For: 203.0.113.9\r\n")
            .unwrap();
        assert_eq!(reply.status, 403);
    }
    assert_eq!(firewall.state().bans.len(), 0);
    assert_eq!(connect(&site).get("/").unwrap().status, 200);
    let log = captured();
    assert!(
        log.contains("client_ip.trusted_proxies = [\"127.0.0.1\"]"),
        "{log}"
    );
}

pub fn limits_answer_with_when_to_come_back(launch: Launch) {
    let builder = Firewall::builder().with_settings(|settings| {
        settings.rate_limit.max = 5;
        settings.rate_limit.flood = 10;
    });
    let (site, _) = start(launch, builder);
    let mut client = connect(&site);
    for _ in 0..5 {
        assert_eq!(client.get("/items/7").unwrap().status, 200);
    }
    let reply = client.get("/items/7").unwrap();
    assert_eq!(reply.status, 429);
    assert_eq!(reply.text(), "{\"error\":\"too_many_requests\"}\n");
    let wait: u32 = reply.header("retry-after").unwrap().parse().unwrap();
    // The window and the one after it, in which this one still weighs.
    assert!((1..=120).contains(&wait), "{wait}");
    assert_eq!(
        reply.header("ratelimit-policy"),
        Some("\"default\";q=5;w=60")
    );
    assert_eq!(site.calls(), 5);
    // Nobody else pays for it.
    assert_eq!(from(2, &site).get("/items/7").unwrap().status, 200);
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

pub fn nested_routes_are_seen_whole(launch: Launch) {
    let recorder = Recorder::default();
    let (site, _) = start(launch, Firewall::builder().check_after(recorder.clone()));
    let reply = connect(&site).get("/nested/items/7?a=b").unwrap();
    assert_eq!((reply.status, reply.text().as_str()), (200, "7"));
    assert_eq!(recorder.wait_for(1)[0].path, "/nested/items/7");
}

pub fn every_outcome_is_observed(launch: Launch) {
    let recorder = Recorder::default();
    let (site, _) = start(launch, Firewall::builder().check_after(recorder.clone()));
    for target in ["/", "/items/7", "/no/such/page", "/.env", "/fail"] {
        connect(&site).get(target).unwrap();
    }
    let seen = recorder.wait_for(5);
    let statuses: Vec<(&str, u16)> = seen
        .iter()
        .map(|seen| (seen.path.as_str(), seen.status))
        .collect();
    let expected = [
        ("/", 200),
        ("/items/7", 200),
        ("/no/such/page", 404),
        ("/.env", 403),
        ("/fail", 500),
    ];
    assert_eq!(statuses, expected);
    let Observed {
        bytes,
        content_type,
        ..
    } = &seen[0];
    assert_eq!(*bytes, Some(4));
    assert!(content_type.as_deref().unwrap().starts_with("text/html"));
    assert_eq!(seen[3].bytes, Some(20));
}

pub fn a_panic_is_observed(launch: Launch) {
    let recorder = Recorder::default();
    let (site, _) = start(launch, Firewall::builder().check_after(recorder.clone()));
    // The framework drops the connection, or makes it a 500.
    if let Ok(reply) = connect(&site).get("/panic") {
        assert_eq!(reply.status, 500);
    }
    assert_eq!(connect(&site).get("/").unwrap().status, 200);
    let statuses: Vec<u16> = recorder
        .wait_for(2)
        .iter()
        .map(|seen| seen.status)
        .collect();
    assert_eq!(statuses, [500, 200]);
}

pub fn the_application_says_who_is_logged_in(launch: Launch) {
    let recorder = Recorder::default();
    let (site, _) = start(launch, Firewall::builder().check_after(recorder.clone()));
    connect(&site).get("/").unwrap();
    connect(&site)
        .request("GET", "/", "X-Session: ada\r\n")
        .unwrap();
    let authenticated: Vec<bool> = recorder
        .wait_for(2)
        .iter()
        .map(|seen| seen.authenticated)
        .collect();
    assert_eq!(authenticated, [false, true]);
}

pub fn an_outer_layer_sees_the_cause(launch: Launch) {
    let site = reading(launch, BodyReader::default().0);
    let cause = |reply: Reply| reply.header("x-cause").map(str::to_owned);
    assert_eq!(cause(connect(&site).get("/").unwrap()), None);
    assert_eq!(
        cause(connect(&site).get("/.env").unwrap()).as_deref(),
        Some("probe")
    );
    let custom = connect(&site).post("/echo", b"ATTACK").unwrap();
    assert_eq!(cause(custom).as_deref(), Some("custom"));
}

pub fn values_that_are_no_text_are_no_trouble(launch: Launch) {
    let site = reading(launch, BodyReader::default().0);
    let mut client = connect(&site);
    client.send(b"GET / HTTP/1.1\r\nHost: site.test\r\nAccept: */*\r\nCookie: a=\xff\xfe\r\nX-Odd: \x80\xff\r\n\r\n").unwrap();
    assert!(client.reply_to("GET").unwrap().status < 500);
    assert_eq!(connect(&site).get("/").unwrap().status, 200);
}
