//! Client identification.

use super::*;

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
    // An inner proxy makes a request of its own, through an outer proxy that does not know the
    // client.
    let inner: &HeaderPairs<'_> = &[("host", b"h"), ("x-forwarded-for", b"unknown, 10.0.0.2")];
    for path in ["/.env", "/wp-login.php", "/.git/config"] {
        assert_eq!(code(&trusted.send("10.0.0.1", "GET", path, inner)), "probe");
    }
    assert_eq!(code(&trusted.send("10.0.0.1", "GET", "/", inner)), "ok");
    assert_eq!(trusted.get("10.0.0.2", "/health"), "ok");
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

/// Another prefix defines other clients: existing bans still cover the networks they were made for,
/// and nothing more.
#[test]
fn bans_outlive_another_prefix_of_clients() {
    let ban = DeniedNetwork {
        origin: Origin::Automatic {
            cause: "probe".to_owned(),
            offences: 1,
        },
        ..denied("2001:db8:0:1::/64")
    };
    let records = Records {
        denied: vec![ban],
        ..Records::default()
    };
    for (prefix, code) in [
        (48, "denied"),
        (56, "denied"),
        (64, "banned"),
        (128, "denied"),
    ] {
        let site = Site::with(|builder| {
            builder
                .records(records.clone())
                .with_settings(|settings| settings.client_ip.ipv6_prefix = prefix)
        });
        assert_eq!(site.get("2001:db8:0:1::7", "/"), code, "{prefix}");
        assert_eq!(site.get("2001:db8:0:2::7", "/"), "ok", "{prefix}");
        site.firewall.swap(&Records::default()).unwrap();
        assert_eq!(site.get("2001:db8:0:1::7", "/"), "ok", "{prefix}");
    }
    // A ban that was folded into a parent network stays one.
    let folded = Records {
        denied: vec![DeniedNetwork {
            network: "2001:db8::/48".parse().unwrap(),
            ..records.denied[0].clone()
        }],
        ..Records::default()
    };
    let site = Site::with(|builder| builder.records(folded));
    assert_eq!(site.get("2001:db8:0:2::7", "/"), "banned");
}
