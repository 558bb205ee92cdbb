use super::*;
use proptest::prelude::*;

fn rules(trusted: &[&str]) -> ClientRules {
    ClientRules {
        trusted_proxies: trusted.iter().map(|n| n.parse().unwrap()).collect(),
        trust_unix: false,
        header: ForwardingHeader::XForwardedFor,
        ipv6_prefix: 64,
    }
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn resolve(rules: &ClientRules, peer: &str, lines: &[(&str, &str)]) -> Client {
    let lines: Vec<_> = lines.iter().map(|(n, v)| (*n, v.as_bytes())).collect();
    rules
        .resolve(Peer::Address(ip(peer)), &HeaderIndex::new(&lines))
        .unwrap()
}

#[test]
fn a_forged_header_from_an_untrusted_peer_changes_nothing() {
    for rules in [rules(&[]), rules(&["10.0.0.0/8"])] {
        for forged in [
            "1.2.3.4",
            "127.0.0.1",
            "10.0.0.1, 10.0.0.2",
            "",
            ",x",
            "\"",
            "[::1]",
        ] {
            let client = resolve(&rules, "203.0.113.9", &[("X-Forwarded-For", forged)]);
            assert_eq!(client.address, ip("203.0.113.9"));
            assert!(client.is_accountable());
        }
    }
}

#[test]
fn behind_a_trusted_proxy_the_rightmost_untrusted_hop_is_the_client() {
    let rules = rules(&["10.0.0.0/8"]);
    for (lines, expected) in [
        (
            vec![("x-forwarded-for", "9.9.9.9, 203.0.113.7")],
            "203.0.113.7",
        ),
        (
            vec![("x-forwarded-for", "9.9.9.9, 203.0.113.7, 10.1.1.1")],
            "203.0.113.7",
        ),
        (
            vec![
                ("x-forwarded-for", "9.9.9.9"),
                ("X-Forwarded-For", "203.0.113.7"),
            ],
            "203.0.113.7",
        ),
        (
            vec![
                ("x-forwarded-for", "203.0.113.7"),
                ("x-forwarded-for", "10.2.2.2"),
            ],
            "203.0.113.7",
        ),
        (vec![("x-forwarded-for", "203.0.113.7:4711")], "203.0.113.7"),
        (
            vec![("x-forwarded-for", "[2001:db8::7]:443")],
            "2001:db8::7",
        ),
        (vec![("x-forwarded-for", "2001:db8::7")], "2001:db8::7"),
        (
            vec![("x-forwarded-for", "::ffff:203.0.113.7")],
            "203.0.113.7",
        ),
        (
            vec![("x-forwarded-for", " , 203.0.113.7 ,, ")],
            "203.0.113.7",
        ),
    ] {
        let client = resolve(&rules, "10.0.0.1", &lines);
        assert_eq!(client.address, ip(expected), "{lines:?}");
        assert!(client.is_accountable());
    }
}

#[test]
fn a_broken_hop_ends_the_walk_and_nobody_left_of_it_is_believed() {
    let rules = rules(&["10.0.0.0/8"]);
    for broken in [
        "unknown",
        "203.0.113.7:99999",
        "1.2.3",
        "[2001:db8::7",
        "203.0.113.7 x",
        "_hidden",
    ] {
        let alone = resolve(&rules, "10.0.0.1", &[("x-forwarded-for", broken)]);
        assert_eq!(
            (alone.address, alone.standing),
            (ip("10.0.0.1"), Standing::TrustedProxy)
        );
        let list = format!("198.51.100.1, {broken}, 10.0.0.2");
        let client = resolve(&rules, "10.0.0.1", &[("x-forwarded-for", &list)]);
        assert_eq!(client.address, ip("10.0.0.2"));
    }
}

/// What a client sends stands to the left of what the proxy appends, and does not change how that
/// is parsed.
#[test]
fn what_stands_before_the_hop_of_the_proxy_hides_nothing() {
    let mut rules = rules(&["10.0.0.0/8"]);
    for before in [
        b"\"".as_slice(),
        b"\"x",
        b"\xff",
        b"\x80\xfe, \"",
        b"\", \", \"",
        b",,,",
        b"for=\"",
    ] {
        for (header, name, hop) in [
            (
                ForwardingHeader::XForwardedFor,
                "x-forwarded-for",
                "203.0.113.9",
            ),
            (
                ForwardingHeader::Forwarded,
                "forwarded",
                "for=203.0.113.9;proto=https",
            ),
            (
                ForwardingHeader::Forwarded,
                "forwarded",
                "for=\"203.0.113.9:80\"",
            ),
        ] {
            rules.header = header;
            let line = [before, b", ", hop.as_bytes()].concat();
            let client = rules.resolve(
                Peer::Address(ip("10.0.0.1")),
                &HeaderIndex::new(&[(name, &line)]),
            );
            let client = client.unwrap();
            assert_eq!(client.address, ip("203.0.113.9"), "{}", line.escape_ascii());
            assert!(client.is_accountable());
        }
    }
}

#[test]
fn the_forwarded_header_is_read_as_rfc_7239_writes_it() {
    let mut rules = rules(&["10.0.0.0/8"]);
    rules.header = ForwardingHeader::Forwarded;
    for (line, expected) in [
        ("for=203.0.113.7", "203.0.113.7"),
        (
            "for=1.1.1.1, For=\"203.0.113.7:80\";proto=https;by=10.0.0.3",
            "203.0.113.7",
        ),
        ("for=\"[2001:db8:cafe::17]:4711\"", "2001:db8:cafe::17"),
        ("proto=\"a,b\";for=203.0.113.7, for=10.9.9.9", "203.0.113.7"),
        ("for=_secret", "10.0.0.1"),
        // A proxy copies the client's own words, as HAProxy does with the host.
        (
            "proto=http;host=\"a;for=1.2.3.4;b\";for=203.0.113.7",
            "203.0.113.7",
        ),
        ("host=\"a,b;for=1.2.3.4\"; for=203.0.113.7", "203.0.113.7"),
        (
            r#"host="a\",for=1.2.3.4;b\"";for=203.0.113.7"#,
            "203.0.113.7",
        ),
        (r#"host="\\";for=203.0.113.7"#, "203.0.113.7"),
        // It is ambiguous which of them the proxy meant.
        ("for=1.2.3.4;for=203.0.113.7", "10.0.0.1"),
        ("for=203.0.113.7;FOR=\"203.0.113.7\"", "203.0.113.7"),
        // A proxy that copies a host without quoting it. Nobody escapes his standing by that.
        ("for=203.0.113.7;host=a\"b", "203.0.113.7"),
        ("for=203.0.113.7;host=\"a\"b\"", "203.0.113.7"),
        ("for=1.1.1.1, for=203.0.113.7;host=a\"b", "203.0.113.7"),
        ("host=\"a;for=203.0.113.7", "10.0.0.1"),
    ] {
        let client = resolve(&rules, "10.0.0.1", &[("Forwarded", line)]);
        assert_eq!(client.address, ip(expected), "{line}");
    }
}

#[test]
fn a_trusted_proxy_is_never_accountable_header_or_not() {
    let rules = rules(&["10.0.0.0/8"]);
    for lines in [
        vec![],
        vec![("x-forwarded-for", "10.5.5.5")],
        vec![("x-forwarded-for", "10.0.0.1")],
    ] {
        let client = resolve(&rules, "10.0.0.1", &lines);
        assert!(
            !client.is_accountable() || client.address == ip("10.5.5.5"),
            "{lines:?}"
        );
    }
    assert_eq!(
        resolve(&rules, "10.0.0.1", &[]).standing,
        Standing::TrustedProxy
    );
}

#[test]
fn an_undeclared_proxy_is_recognised() {
    let undeclared = rules(&[]);
    for peer in [
        "127.0.0.1",
        "::1",
        "192.168.1.1",
        "100.64.0.1",
        "fd00::1",
        "::ffff:10.0.0.1",
    ] {
        let client = resolve(&undeclared, peer, &[("x-forwarded-for", "203.0.113.7")]);
        assert_eq!(client.standing, Standing::UndeclaredProxy, "{peer}");
        assert!(resolve(&undeclared, peer, &[]).is_accountable());
    }
    let declared = rules(&["10.0.0.0/8"]);
    let client = resolve(
        &declared,
        "127.0.0.1",
        &[("x-forwarded-for", "203.0.113.7")],
    );
    assert!(client.is_accountable());
}

#[test]
fn peers_without_an_address() {
    let mut rules = rules(&[]);
    let lines = [("x-forwarded-for", b"203.0.113.7".as_slice())];
    let headers = HeaderIndex::new(&lines);
    assert_eq!(rules.resolve(Peer::Missing, &headers), None);
    assert_eq!(rules.resolve(Peer::Unix, &headers), None);
    rules.trust_unix = true;
    assert_eq!(rules.resolve(Peer::Missing, &headers), None);
    let client = rules.resolve(Peer::Unix, &headers).unwrap();
    assert_eq!(client.address, ip("203.0.113.7"));
    let own = rules.resolve(Peer::Unix, &HeaderIndex::new(&[])).unwrap();
    assert_eq!(own.standing, Standing::TrustedProxy);
}

#[test]
fn keys_fold_what_one_client_can_vary() {
    assert_eq!(
        ClientKey::new(ip("::ffff:1.2.3.4"), 64),
        ClientKey::new(ip("1.2.3.4"), 64)
    );
    assert_eq!(
        ClientKey::new(ip("2001:db8::1"), 64),
        ClientKey::new(ip("2001:db8::ffff:2"), 64)
    );
    assert_ne!(
        ClientKey::new(ip("2001:db8::1"), 64),
        ClientKey::new(ip("2001:db8:0:1::1"), 64)
    );
    assert_eq!(
        ClientKey::new(ip("2001:db8::1"), 64)
            .network(64)
            .to_string(),
        "2001:db8::/64"
    );
    assert_eq!(
        ClientKey::new(ip("1.2.3.4"), 64).network(64).to_string(),
        "1.2.3.4/32"
    );
    assert_eq!(
        ClientKey::new(ip("1.2.3.4"), 64)
            .parent_network()
            .to_string(),
        "1.2.3.0/24"
    );
}

proptest! {
    #[test]
    fn no_header_makes_an_untrusted_peer_somebody_else(lines in prop::collection::vec(any::<Vec<u8>>(), 0..5), peer: [u8; 4]) {
        let peer = IpAddr::from(peer);
        let mut rules = rules(&["10.0.0.0/8"]);
        prop_assume!(!rules.trusts(peer));
        for header in [ForwardingHeader::XForwardedFor, ForwardingHeader::Forwarded, ForwardingHeader::XRealIp] {
            rules.header = header;
            let pairs: Vec<_> = lines.iter().map(|v| (header.header().name(), v.as_slice())).collect();
            let client = rules.resolve(Peer::Address(peer), &HeaderIndex::new(&pairs)).unwrap();
            prop_assert_eq!(client.address, peer);
        }
    }

    #[test]
    fn what_a_client_writes_left_of_the_proxys_hop_is_ignored(forged in "[^\"]{0,40}") {
        let rules = rules(&["10.0.0.0/8"]);
        let line = format!("{forged}, 203.0.113.7");
        let client = resolve(&rules, "10.0.0.1", &[("x-forwarded-for", &line)]);
        prop_assert_eq!(client.address, ip("203.0.113.7"));
    }
}

/// A count of the backslashes before every byte made a header of 64 KiB cost half a second.
#[test]
fn backslashes_and_quotes_cost_no_more_than_their_length() {
    let mut rules = rules(&["10.0.0.0/8"]);
    for header in [ForwardingHeader::Forwarded, ForwardingHeader::XForwardedFor] {
        rules.header = header;
        for piece in ["\\", "\"", "\\\"", ";", "\";", ","] {
            let line = format!("for=203.0.113.7;host=\"{}", piece.repeat(400_000));
            let name = header.header().name();
            let client = resolve(&rules, "10.0.0.1", &[(name, &line)]);
            assert!(client.address == ip("203.0.113.7") || client.address == ip("10.0.0.1"));
        }
    }
}
