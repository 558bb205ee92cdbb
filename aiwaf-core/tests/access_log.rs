//! The access log as the engine delivers it: what is recorded, about whom, and when.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use aiwaf_core::access_log::{LogRecord, LogSink};
use aiwaf_core::{
    Firewall, FirewallBuilder, ManualClock, Peer, Protection, RequestView, ResponseView,
    RoutePolicy, Verdict,
};

#[derive(Clone, Default)]
struct Records(Arc<Mutex<Vec<LogRecord>>>);

impl LogSink for Records {
    fn take(&self, record: Box<LogRecord>) {
        self.0.lock().unwrap().push(*record);
    }
}

impl Records {
    fn take_all(&self) -> Vec<LogRecord> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

fn logged(builder: FirewallBuilder) -> (Firewall, ManualClock, Records) {
    let (clock, records) = (ManualClock::default(), Records::default());
    let firewall = builder
        .clock(clock.clone())
        .log_to(records.clone())
        .build()
        .unwrap();
    (firewall, clock, records)
}

fn from<'a>(peer: &str, target: &'a str) -> RequestView<'a> {
    RequestView {
        peer: Peer::Address(peer.parse().unwrap()),
        ..RequestView::new("GET", target.as_bytes())
    }
}

#[test]
fn every_request_is_recorded_with_what_became_of_it() {
    let (firewall, clock, records) = logged(Firewall::builder());
    let (verdict, exchange) = firewall.inspect(&from("203.0.113.7", "/a?b=c"));
    assert!(verdict.refusal().is_none());
    clock.advance(Duration::from_millis(42));
    let response = ResponseView {
        bytes: Some(9),
        ..ResponseView::new(201)
    };
    firewall.observe(exchange, &response);
    let (verdict, exchange) = firewall.inspect(&from("203.0.113.7", "/.env"));
    let id = verdict.refusal().unwrap().request_id;
    firewall.observe(exchange, &ResponseView::new(403));

    let all = records.take_all();
    let [served, refused] = all.as_slice() else {
        panic!("{all:?}");
    };
    assert_eq!(served.target(), b"/a?b=c");
    assert_eq!((served.status, served.bytes), (201, Some(9)));
    assert_eq!(served.took, Duration::from_millis(42));
    assert_eq!(served.client, "203.0.113.7".parse().ok());
    assert!(served.refused.is_none());
    let (cause, known_as) = refused.refused.as_ref().unwrap();
    assert_eq!((cause.code(), *known_as), ("probe", id));
    assert_eq!(refused.status, 403);
    assert_eq!(refused.came, served.came + Duration::from_millis(42));
}

#[test]
fn the_log_names_the_client_that_is_decided_about() {
    let (firewall, _, records) = logged(Firewall::builder().with_settings(|settings| {
        settings.client_ip.trusted_proxies = vec!["10.0.0.0/8".parse().unwrap()];
    }));
    let headers: [(&str, &[u8]); 2] = [
        ("x-forwarded-for", b"198.51.100.4, 203.0.113.9"),
        ("x-real-ip", b"192.0.2.1"),
    ];
    for peer in ["10.0.0.1", "203.0.113.50"] {
        let view = RequestView {
            headers: &headers,
            ..from(peer, "/")
        };
        let (_, exchange) = firewall.inspect(&view);
        firewall.observe(exchange, &ResponseView::new(200));
    }
    let clients: Vec<_> = records.take_all().iter().map(|one| one.client).collect();
    let expected = ["203.0.113.9", "203.0.113.50"].map(|client| client.parse().ok());
    assert_eq!(clients, expected);
}

#[test]
fn nobody_known_banned_or_allowed_is_left_out() {
    let (firewall, _, records) = logged(Firewall::builder());
    let nobody = RequestView::new("GET", b"/");
    let mut outcomes = Vec::new();
    for view in [
        nobody,
        from("203.0.113.7", "/a.php"),
        from("203.0.113.7", "/b/.env"),
        from("203.0.113.7", "/"),
    ] {
        let (verdict, exchange) = firewall.inspect(&view);
        let status = verdict.refusal().map_or(200, |refusal| refusal.status);
        firewall.observe(exchange, &ResponseView::new(status));
        outcomes.push(verdict.refusal().map(|refusal| refusal.cause.code()));
    }
    assert_eq!(outcomes.first(), Some(&Some("missing_peer")));
    assert_eq!(outcomes.last(), Some(&Some("banned")));
    let logged: Vec<_> = records
        .take_all()
        .iter()
        .map(|record| record.refused.as_ref().map(|(cause, _)| cause.code()))
        .collect();
    assert_eq!(logged, outcomes);
}

#[test]
fn a_route_may_be_left_out_and_so_may_all_of_them() {
    let quiet = RoutePolicy::exempt_from([Protection::Logging]);
    let (firewall, _, records) = logged(Firewall::builder().route("/quiet", quiet));
    for path in ["/quiet", "/loud", "/static/a.css"] {
        let (_, exchange) = firewall.inspect(&from("203.0.113.7", path));
        firewall.observe(exchange, &ResponseView::new(200));
    }
    let targets: Vec<_> = records
        .take_all()
        .iter()
        .map(|record| String::from_utf8_lossy(record.target()).into_owned())
        .collect();
    assert_eq!(targets, ["/loud", "/static/a.css"]);

    let (firewall, _, records) = logged(Firewall::builder().with_settings(|settings| {
        settings.protections.disable = settings.protections.disable.with(Protection::Logging);
    }));
    let (_, exchange) = firewall.inspect(&from("203.0.113.7", "/loud"));
    firewall.observe(exchange, &ResponseView::new(200));
    assert!(records.take_all().is_empty());
}

#[test]
fn a_sink_that_panics_is_fenced() {
    struct Broken;
    impl LogSink for Broken {
        fn take(&self, _: Box<LogRecord>) {
            panic!("no more disk");
        }
    }
    let firewall = Firewall::builder().log_to(Broken).build().unwrap();
    let (_, exchange) = firewall.inspect(&from("203.0.113.7", "/"));
    firewall.observe(exchange, &ResponseView::new(200));
}

#[test]
fn a_refusal_in_the_middle_of_an_upload_is_recorded_with_its_request() {
    let records = Records::default();
    let firewall = Arc::new(Firewall::builder().log_to(records.clone()).build().unwrap());
    let headers: [(&str, &[u8]); 4] = [
        ("host", b"shop.example"),
        ("accept", b"text/html"),
        ("content-type", b"multipart/form-data; boundary=XX"),
        ("content-length", b"90000000"),
    ];
    let view = RequestView {
        method: "POST",
        headers: &headers,
        ..from("203.0.113.7", "/upload")
    };
    let (verdict, mut exchange) = firewall.inspect(&view);
    assert!(matches!(verdict, Verdict::NeedBody(_)), "{verdict:?}");
    let part = b"--XX\r\nContent-Disposition: form-data; name=\"q\"\r\n\r\n";
    let mut watch = firewall.watch_body(&view, &mut exchange, part).unwrap();
    let attack = b"1' UNION SELECT password FROM users--\r\n--XX--\r\n";
    let refused = watch.chunk(attack).and_then(|()| watch.end());
    assert!(refused.is_err());
    let (refusal, answer) = watch.late_refusal().take().unwrap();
    firewall.observe(exchange, &ResponseView::new(answer.status));
    let all = records.take_all();
    let (cause, id) = all.first().unwrap().refused.as_ref().unwrap();
    assert_eq!((cause, *id), (&refusal.cause, refusal.request_id));
}
