//! Lists of networks and keywords, probes and routes.

use super::*;

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
fn allowed_words_hold_for_keywords_in_paths_too() {
    let records = Records {
        keywords: vec![KeywordRecord {
            keyword: "shell".into(),
            added: std::time::UNIX_EPOCH,
        }],
        ..Records::default()
    };
    let site = Site::with(|builder| {
        builder.records(records).with_settings(|settings| {
            settings.keywords.allowed_in_paths = vec!["shell-fish".to_owned()];
        })
    });
    assert_eq!(site.get(VISITOR, "/menu/Shell-Fish/today"), "ok");
    assert_eq!(site.get(VISITOR, "/menu/shell/shell-fish"), "keyword");
    assert_eq!(site.get(VISITOR, "/menu/shell-fish?q=shell"), "keyword");
}

#[test]
fn checks_of_the_application_run_beside_a_list_of_protections() {
    struct Never;
    impl crate::checks::Check for Never {
        fn name(&self) -> &'static str {
            "never"
        }
        fn head(&self, _: &crate::checks::Inspection<'_>) -> crate::checks::Outcome {
            crate::checks::Outcome::Refuse(Cause::Custom {
                check: self.name(),
                detail: String::new(),
                weight: 0,
            })
        }
    }
    let site = |disable: crate::Protections| {
        Site::with(|builder| {
            builder.check_before(Never).with_settings(|settings| {
                settings.protections.enable = crate::Protections::of([Protection::RateLimit]);
                settings.protections.disable = disable;
            })
        })
    };
    assert_eq!(site(crate::Protections::NONE).get(VISITOR, "/"), "custom");
    let off = crate::Protections::of([Protection::Custom]);
    assert_eq!(site(off).get(VISITOR, "/"), "ok");
}
