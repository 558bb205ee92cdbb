//! Tests of the engine from outside: whole requests, a manual clock, verdicts.

use super::*;
use crate::clock::ManualClock;
use crate::policy::RoutePolicy;
use crate::protection::Protection;
use crate::request::{HeaderPairs, Peer, RouteMatch};
use crate::settings::{PathRule, Preset};
use crate::store::{AllowedNetwork, DeniedNetwork, KeywordRecord, Origin, Records};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

mod bans;
mod bodies;
mod clients;
mod limits;
mod lists;
mod payload;

const VISITOR: &str = "203.0.113.7";

/// A firewall on a manual clock.
struct Site {
    firewall: Firewall,
    clock: ManualClock,
}

impl Site {
    fn new() -> Self {
        Self::with(|builder| builder)
    }

    fn with(change: impl FnOnce(FirewallBuilder) -> FirewallBuilder) -> Self {
        let clock = ManualClock::default();
        let firewall = change(Firewall::builder().clock(clock.clone()))
            .build()
            .unwrap();
        Self { firewall, clock }
    }

    fn send(&self, client: &str, method: &str, target: &str, headers: &HeaderPairs<'_>) -> Verdict {
        self.send_view(&RequestView {
            peer: Peer::Address(client.parse().unwrap()),
            headers,
            ..RequestView::new(method, target.as_bytes())
        })
    }

    fn send_view(&self, view: &RequestView<'_>) -> Verdict {
        let (verdict, exchange) = self.firewall.inspect(view);
        let status = verdict.refusal().map_or(200, |refusal| refusal.status);
        self.firewall.observe(exchange, &ResponseView::new(status));
        verdict
    }

    /// The code of the cause, or `ok`.
    fn get(&self, client: &str, target: &str) -> String {
        code(&self.send(client, "GET", target, BROWSER))
    }

    fn pass(&self, time: Duration) {
        self.clock.advance(time);
    }
}

const BROWSER: &HeaderPairs<'static> = &[
    ("host", b"shop.example"),
    (
        "user-agent",
        b"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    ),
    (
        "accept",
        b"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    ),
    ("accept-language", b"de,en-US;q=0.7,en;q=0.3"),
    ("accept-encoding", b"gzip, deflate, br, zstd"),
    ("connection", b"keep-alive"),
    ("sec-fetch-dest", b"document"),
    ("sec-fetch-mode", b"navigate"),
    ("sec-fetch-site", b"same-origin"),
];

fn code(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Allow => "ok".to_owned(),
        Verdict::NeedBody(_) => "need_body".to_owned(),
        Verdict::Refuse(refusal) => refusal.cause.code().to_owned(),
    }
}

fn minutes(count: u64) -> Duration {
    Duration::from_secs(60 * count)
}

fn denied(network: &str) -> DeniedNetwork {
    DeniedNetwork {
        network: network.parse().unwrap(),
        reason: "x".into(),
        added: std::time::UNIX_EPOCH,
        until: None,
        origin: Origin::Manual,
        evidence: None,
    }
}

#[test]
fn what_a_client_sends_cannot_make_us_panic_or_open_the_gate() {
    let site = Site::new();
    let long = format!("/{}", "a/../".repeat(13_000));
    let many: Vec<(&str, &[u8])> = (0..10_000)
        .map(|_| ("x-a", b"\xff\x00".as_slice()))
        .collect();
    for target in [
        b"//x".as_slice(),
        b"http://h/.env",
        b"*",
        b"",
        b"/%zz%",
        b"/\x80\xff",
        b"/a%00b",
        b"h:443",
        long.as_bytes(),
    ] {
        for headers in [BROWSER, many.as_slice()] {
            let view = RequestView {
                peer: Peer::Address(VISITOR.parse().unwrap()),
                headers,
                ..RequestView::new("G\u{0}T", target)
            };
            assert_ne!(code(&site.send_view(&view)), "panicked");
        }
    }
    for hidden in [
        b"http://h/.env".as_slice(),
        b"//.env",
        b"/.env%00.png",
        b"/x/..;/.env",
        b"\\.env",
        b"/%u002eenv",
    ] {
        let view = RequestView {
            peer: Peer::Address("198.51.100.77".parse().unwrap()),
            ..RequestView::new("GET", hidden)
        };
        let verdict = site.send_view(&view);
        assert!(
            verdict.refusal().is_some(),
            "{:?}",
            String::from_utf8_lossy(hidden)
        );
    }
}

struct Panics;

impl Check for Panics {
    fn name(&self) -> &'static str {
        "panics"
    }
    fn head(&self, _: &Inspection<'_>) -> Outcome {
        panic!("on purpose")
    }
}

#[test]
fn a_panic_becomes_the_configured_verdict() {
    let refuse = Site::with(|builder| builder.check_before(Panics));
    assert_eq!(refuse.get(VISITOR, "/"), "panicked");
    let allow = Site::with(|builder| {
        builder
            .check_after(Panics)
            .with_settings(|settings| settings.failure.panic = OnFailure::Allow)
    });
    assert_eq!(allow.get(VISITOR, "/"), "ok");
}

/// A check that asks for a body and panics when it gets one.
struct PanicsAtBodies;

impl Check for PanicsAtBodies {
    fn name(&self) -> &'static str {
        "panics_at_bodies"
    }
    fn head(&self, _: &Inspection<'_>) -> Outcome {
        Outcome::NeedBody(BodyPlan {
            limit: 4,
            deadline: minutes(1),
            longer: crate::Longer::Watch,
        })
    }
    fn body(&self, _: &Inspection<'_>, _: crate::checks::SeenBody<'_>) -> Outcome {
        panic!("on purpose")
    }
}

#[test]
fn a_panic_at_a_body_that_is_watched_is_fenced_too() {
    for (on_panic, refused) in [(OnFailure::Refuse, true), (OnFailure::Allow, false)] {
        let site = Site::with(|builder| {
            builder
                .check_before(PanicsAtBodies)
                .with_settings(|settings| settings.failure.panic = on_panic)
        });
        let firewall = Arc::new(site.firewall);
        let view = RequestView {
            peer: Peer::Address(VISITOR.parse().unwrap()),
            headers: BROWSER,
            ..RequestView::new("POST", b"/")
        };
        let (_, mut exchange) = firewall.inspect(&view);
        let watched = firewall.watch_body(&view, &mut exchange, b"head");
        assert_eq!(watched.is_err(), refused);
    }
}

#[test]
fn who_only_monitors_refuses_nobody_whatever_happens() {
    let monitors = |builder: FirewallBuilder| {
        builder.with_settings(|settings| settings.preset = Preset::Monitor)
    };
    let site = Site::with(|builder| monitors(builder.check_before(Panics)));
    assert_eq!(site.get(VISITOR, "/"), "ok");
    let site = Site::with(monitors);
    assert_eq!(code(&site.send_view(&RequestView::new("GET", b"/"))), "ok");
    assert_eq!(site.get(VISITOR, "/.env"), "ok");
}

#[test]
fn what_is_off_is_so_for_the_allowed_as_well() {
    let site = Site::with(|builder| {
        builder.with_settings(|settings| {
            settings.payload.mode = crate::Mode::Off;
            settings.path_rules = vec![PathRule {
                prefix: "/".to_owned(),
                require: crate::Protections::of([Protection::Payload]),
                ..PathRule::default()
            }];
        })
    });
    let allowed = Records {
        allowed: vec![AllowedNetwork {
            network: "198.51.100.1/32".parse().unwrap(),
            added: std::time::UNIX_EPOCH,
        }],
        ..Records::default()
    };
    site.firewall.swap(&allowed).unwrap();
    let attack = "/?q=1'+union+select+password+from+users--";
    for client in [VISITOR, "198.51.100.1"] {
        assert_eq!(site.get(client, attack), "ok", "{client}");
    }
}

#[test]
fn exempt_routes_are_exempt_from_what_they_say() {
    let site = Site::with(|builder| {
        builder
            .route(
                "/hook/{id}",
                RoutePolicy::exempt_from([Protection::RateLimit]),
            )
            .route("/open", RoutePolicy::exempt())
            .route(
                "/strict",
                RoutePolicy::exempt().require([Protection::RateLimit]),
            )
    });
    for n in 0..300 {
        assert_eq!(site.get(VISITOR, &format!("/hook/{n}")), "ok");
        assert_eq!(site.get(VISITOR, "/open"), "ok");
    }
    let limited = (0..150)
        .filter(|_| site.get(VISITOR, "/strict") == "rate_limit")
        .count();
    assert_eq!(limited, 50);
}

#[test]
fn the_engine_is_shared_between_threads() {
    fn assert_shared<T: Send + Sync + 'static>() {}
    assert_shared::<Firewall>();
    assert_shared::<Verdict>();
    assert_shared::<Exchange>();
    assert_shared::<Arc<Firewall>>();
}
