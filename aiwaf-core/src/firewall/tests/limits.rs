//! Which clients share a counter, and what happens above a limit.

use super::*;
use crate::settings::RateOverride;

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
    // Ten minutes. Every visitor opens a page each half minute, and a page makes forty calls.
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

/// A route with its own window must neither clear nor extend the counter over all routes.
#[test]
fn windows_of_two_lengths_are_counted_apart() {
    let rule = PathRule {
        prefix: "/api/".into(),
        rate_limit: RateOverride {
            window: Some(Duration::from_secs(10)),
            ..RateOverride::default()
        },
        ..PathRule::default()
    };
    let site =
        Site::with(|builder| builder.with_settings(|settings| settings.path_rules = vec![rule]));
    // Slow requests for a whole hour, far below every limit.
    assert_eq!(site.get(VISITOR, "/api/x"), "ok");
    for n in 0..1200 {
        site.pass(Duration::from_secs(3));
        assert_eq!(site.get(VISITOR, &format!("/page{n}")), "ok");
    }
    // Many requests at once, with a call of the other window in every thirty: the ceiling holds.
    let admitted = (0..5400).filter(|n| {
        let path = if n % 30 == 0 {
            "/api/x".to_owned()
        } else {
            format!("/other{n}")
        };
        site.get("198.51.100.9", &path) == "ok"
    });
    assert_eq!(admitted.count(), 1000);
}

#[test]
fn another_window_begins_to_count_anew() {
    let site = Site::with(|builder| {
        builder.with_settings(|settings| settings.rate_limit.window = Duration::from_secs(10))
    });
    assert_eq!(site.get(VISITOR, "/a"), "ok");
    let mut settings = Settings::clone(&site.firewall.settings());
    settings.rate_limit.window = Duration::from_secs(60);
    site.firewall.reconfigure(settings).unwrap();
    for _ in 0..300 {
        site.pass(Duration::from_secs(5));
        assert_eq!(site.get(VISITOR, "/a"), "ok");
    }
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

/// Settings that no firewall can be built with cannot be switched to either.
#[test]
fn impossible_settings_change_nothing() {
    let site = Site::new();
    let changes: [fn(&mut Settings); 5] = [
        |settings| settings.rate_limit.max = 0,
        |settings| settings.honeypot.keys = vec!["short".into()],
        |settings| settings.bans.durations.clear(),
        |settings| {
            settings
                .headers
                .good_bots
                .insert("x".into(), vec!["x.example".parse().unwrap()])
                .map_or((), drop)
        },
        |settings| settings.geo.unknown = Some(crate::settings::UnknownCountry::Block),
    ];
    for change in changes {
        let mut settings = Settings::clone(&site.firewall.settings());
        change(&mut settings);
        let built = Firewall::builder().settings(settings.clone()).build();
        assert!(built.is_err());
        assert!(site.firewall.reconfigure(settings).is_err());
        assert_eq!(*site.firewall.settings(), Settings::default());
        assert_eq!(site.get(VISITOR, "/"), "ok");
    }
}

/// Regression: settings that arrived while records were being compiled were lost, and changed
/// settings lifted the store's denials.
#[test]
fn settings_and_records_do_not_undo_each_other() {
    let records = Records {
        denied: (0..2_000u32)
            .map(|number| DeniedNetwork {
                network: std::net::IpAddr::from((0x0a00_0000 + number).to_be_bytes()).into(),
                reason: "x".into(),
                added: UNIX_EPOCH,
                until: None,
                origin: Origin::Manual,
                evidence: None,
            })
            .collect(),
        ..Records::default()
    };
    let site = Site::new();
    std::thread::scope(|scope| {
        scope.spawn(|| (0..30).for_each(|_| site.firewall.swap(&records).unwrap()));
        for max in 7..60 {
            let mut settings = Settings::default();
            settings.rate_limit.max = max;
            site.firewall.reconfigure(settings).unwrap();
            assert_eq!(site.firewall.settings().rate_limit.max, max);
            std::thread::yield_now();
            assert_eq!(site.firewall.settings().rate_limit.max, max);
        }
    });
    assert_eq!(site.get("10.0.0.7", "/"), "denied");
    let keeping = site.firewall.keeping();
    site.firewall.reconfigure(Settings::default()).unwrap();
    assert_eq!(site.get("10.0.0.7", "/"), "denied");
    assert_eq!((keeping.take_stale(), keeping.take_stale()), (true, false));
}
