//! What the firewall observes, and what the layers around it see.

use aiwaf_core::{Firewall, Response};

use super::{connect, reading, start};
use crate::{BodyReader, Faulty, Launch, Observed, Recorder, Reply};

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
    // The framework drops the connection, or answers 500.
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

pub fn a_check_that_panics_is_fenced(launch: Launch) {
    let (site, _) = start(launch, Firewall::builder().check_after(Faulty));
    let mut client = connect(&site);
    let fault = |place: &str| format!("X-Fault: {place}\r\n");
    let reply = client.request("GET", "/", &fault("head")).unwrap();
    assert_eq!((reply.status, site.calls()), (500, 0), "{reply:?}");
    let fields = fault("body") + "Content-Length: 3\r\n";
    client.head("POST", "/echo", &fields).unwrap();
    client.send("a=1").unwrap();
    let reply = client.reply_to("POST").unwrap();
    assert_eq!((reply.status, site.calls()), (500, 0), "{reply:?}");
    // The response is already sent, and the next request is inspected as usual.
    assert_eq!(client.get("/items/fault").unwrap().status, 200);
    assert_eq!(client.get("/.env").unwrap().status, 403);
    assert_eq!(client.get("/").unwrap().status, 200);
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

pub fn what_a_hook_cannot_say_is_left_out(launch: Launch) {
    let builder = Firewall::builder().respond_with(|_, _| {
        Some(Response {
            status: 7,
            headers: vec![
                ("x-good", "1".to_owned()),
                ("x bad", "1".to_owned()),
                ("x-worse", "a\r\nx-forged: 1".to_owned()),
            ],
            body: "no".to_owned(),
        })
    });
    let (site, _) = start(launch, builder);
    let reply = connect(&site).get("/.env").unwrap();
    assert_eq!((reply.status, reply.text().as_str()), (403, "no"));
    assert_eq!(reply.header("x-good"), Some("1"));
    for name in ["x bad", "x-worse", "x-forged"] {
        assert_eq!(reply.header(name), None, "{reply:?}");
    }
}
