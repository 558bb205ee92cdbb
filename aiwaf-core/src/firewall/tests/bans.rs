//! Strikes, bans, and what lifts them.

use super::*;

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
fn a_scanner_gains_nothing_by_naming_another_site() {
    let site = Site::new();
    let headers: &HeaderPairs<'_> = &[
        ("host", b"shop.example"),
        ("sec-fetch-site", b"cross-site"),
        ("user-agent", b"sqlmap/1.8#stable (https://sqlmap.org)"),
    ];
    let answer = site.send(VISITOR, "GET", "/", headers);
    assert_eq!(code(&answer), "scanner");
    assert_eq!(site.get(VISITOR, "/"), "banned");
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
    // A week later the offences are forgotten.
    site.pass(minutes(7 * 24 * 60));
    site.get(VISITOR, "/.env");
    site.get(VISITOR, "/wp-login.php");
    site.pass(minutes(16));
    assert_eq!(site.get(VISITOR, "/"), "ok");
}

/// Requests that were under way when another one was banned are no further offences, and leave no
/// strikes behind the ban.
#[test]
fn what_was_under_way_when_a_ban_began_is_not_held_against_a_client_twice() {
    let site = Site::new();
    let view = RequestView {
        peer: Peer::Address(VISITOR.parse().unwrap()),
        headers: &[
            ("host", b"shop.example"),
            ("content-length", b"40"),
            ("content-type", b"application/x-www-form-urlencoded"),
        ],
        ..RequestView::new("POST", b"/order")
    };
    let mut under_way: Vec<_> = (0..12).map(|_| site.firewall.inspect(&view)).collect();
    for (number, (verdict, exchange)) in under_way.iter_mut().enumerate() {
        let Verdict::NeedBody(plan) = *verdict else {
            panic!("{verdict:?}");
        };
        let body = format!("a{number}=1' union select password from users--");
        let body = CollectedBody::Whole(body.as_bytes());
        let verdict = site.firewall.inspect_body(&view, exchange, plan, body);
        assert_eq!(code(&verdict), "payload");
    }
    assert_eq!(site.get(VISITOR, "/"), "banned");
    site.pass(minutes(15));
    assert_eq!(site.get(VISITOR, "/"), "ok");
    assert_eq!(site.get(VISITOR, "/.env"), "probe");
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

/// A cause with the same value on the same route, whatever the path and the time between requests,
/// strikes once.
#[test]
fn a_mistake_on_one_route_strikes_once() {
    let site = Site::with(|builder| builder.routes(["/items/{id}"]));
    for id in 0..20 {
        let path = format!("/items/{id}?uuid=123");
        assert_eq!(site.get(VISITOR, &path), "uuid_malformed");
    }
    assert_eq!(site.get(VISITOR, "/items/1"), "ok");
    // A catch-all route does not count as one route.
    let all = Site::with(|builder| builder.routes(["/{*path}"]));
    for name in 0..20 {
        all.get(
            VISITOR,
            &format!("/{name}?q=1'+union+select+password+from+users--"),
        );
    }
    assert_eq!(all.get(VISITOR, "/"), "banned");
    // A different value is a different mistake.
    for value in 0..20 {
        site.get(VISITOR, &format!("/items/1?uuid=12{value}"));
    }
    assert_eq!(site.get(VISITOR, "/items/1"), "banned");
}

/// A body that cannot be collected is refused for the protection that asked for it, and only if
/// that protection refuses.
#[test]
fn a_monitoring_protection_refuses_no_body() {
    type Change = fn(&mut Settings);
    let of_rule: Change = |settings| {
        settings.path_rules.push(PathRule {
            prefix: "/".into(),
            mode: Some(crate::Mode::Monitor),
            ..PathRule::default()
        });
    };
    let of_payload: Change = |settings| settings.payload.mode = crate::Mode::Monitor;
    let of_one_of_two: Change = |settings| {
        settings.payload.mode = crate::Mode::Monitor;
        settings.keywords.in_body = true;
    };
    let of_none: Change = |_| {};
    let sites = [
        (of_rule, "ok"),
        (of_payload, "ok"),
        (of_one_of_two, "body_too_large"),
        (of_none, "body_too_large"),
    ];
    let records = Records {
        keywords: vec![KeywordRecord {
            keyword: "x".into(),
            added: UNIX_EPOCH,
        }],
        ..Records::default()
    };
    for (change, expected) in sites {
        let site = Site::with(|builder| builder.records(records.clone()).with_settings(change));
        let view = RequestView {
            peer: Peer::Address(VISITOR.parse().unwrap()),
            headers: &[("host", b"h"), ("content-length", b"9999999")],
            ..RequestView::new("POST", b"/form")
        };
        let (verdict, mut exchange) = site.firewall.inspect(&view);
        let Verdict::NeedBody(plan) = verdict else {
            panic!("{verdict:?}");
        };
        let verdict =
            site.firewall
                .inspect_body(&view, &mut exchange, plan, CollectedBody::TooLarge);
        assert_eq!(code(&verdict), expected);
    }
}

/// With the `monitor` preset, everything is decided but only recorded, and denied clients are
/// inspected like others.
#[test]
fn who_only_monitors_goes_on_behind_a_list() {
    let site = Site::with(|builder| {
        builder
            .settings(Preset::Monitor.settings())
            .records(Records {
                denied: vec![denied("203.0.113.0/24")],
                ..Records::default()
            })
    });
    let view = RequestView {
        peer: Peer::Address(VISITOR.parse().unwrap()),
        headers: BROWSER,
        ..RequestView::new("GET", b"/.env")
    };
    let explanation = site.firewall.explain(&view, b"");
    assert_eq!(explanation.verdict, Verdict::Allow);
    let recorded = explanation
        .steps
        .iter()
        .filter_map(|step| match &step.finding {
            Finding::Recorded(cause) => Some(cause.code()),
            _ => None,
        });
    assert_eq!(recorded.collect::<Vec<_>>(), ["denied", "probe"]);
}

#[test]
fn classic_bans_for_nothing_that_the_predecessor_did_not_know() {
    let site = Site::with(|builder| builder.settings(Preset::Classic.settings()));
    for n in 0..20 {
        let attack = format!("/?a{n}=1'+union+select+password+from+users--");
        assert_eq!(site.get(VISITOR, &attack), "payload");
    }
    assert_eq!(site.get(VISITOR, "/"), "ok");
    // A scanner is refused. The cause that the predecessor banned for is checked first.
    let scanner: &HeaderPairs<'_> = &[("host", b"h"), ("user-agent", b"Mozilla/5.00 (Nikto/2.5)")];
    let refused = code(&site.send("198.51.100.1", "GET", "/", scanner));
    assert_eq!(refused, "missing_header");
    assert_eq!(site.get("198.51.100.1", "/"), "banned");
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
fn more_clients_than_there_is_room_for_leave_a_ban_and_a_bound() {
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
    // A reload before the ban is written does not undo the ban.
    site.firewall.swap(&Records::default()).unwrap();
    assert_eq!(site.get(VISITOR, "/"), "banned");
    site.firewall.keeping().written(unwritten);
    site.firewall.swap(&records).unwrap();
    assert_eq!(site.get(VISITOR, "/"), "banned");
    // Another firewall on the same store has it too.
    let other = Site::with(|builder| builder.records(records));
    assert_eq!(other.get(VISITOR, "/"), "banned");
    // The record was removed by hand: the ban, strikes and offences are gone.
    site.firewall.swap(&Records::default()).unwrap();
    assert_eq!(site.get(VISITOR, "/"), "ok");
    assert_eq!(site.get(VISITOR, "/.env"), "probe");
    assert_eq!(site.get(VISITOR, "/"), "ok");
}
