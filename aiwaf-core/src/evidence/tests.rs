use proptest::prelude::*;
use serde_json::{Value, json};

use crate::firewall::Firewall;
use crate::request::{HeaderPairs, Peer, RequestView};
use crate::settings::{Preset, RecordRequestsSettings, Settings};
use crate::store::Change;

/// The evidence of the ban that a request causes under `classic`, where a single probe is enough.
fn evidence(
    change: impl FnOnce(&mut Settings),
    method: &str,
    target: &[u8],
    headers: &HeaderPairs<'_>,
) -> Option<String> {
    let firewall = Firewall::builder()
        .settings(Preset::Classic.settings())
        .with_settings(|settings| {
            settings.protections.enable = [crate::Protection::IpKeywordBlock].into_iter().collect();
            settings.record_requests.enabled = true;
            change(settings);
        })
        .build()
        .unwrap();
    let view = RequestView {
        headers,
        peer: Peer::Address("203.0.113.7".parse().unwrap()),
        ..RequestView::new(method, target)
    };
    let _ = firewall.inspect(&view);
    let unwritten = firewall.keeping().unwritten(std::time::Duration::ZERO);
    let [Change::Deny(denied)] = unwritten.changes.as_slice() else {
        panic!("{:?}", unwritten.changes);
    };
    denied.evidence.clone()
}

#[test]
fn a_ban_keeps_the_request_without_its_secrets() {
    let headers: [(&str, &[u8]); 6] = [
        ("host", b"shop.example"),
        ("user-agent", b"scanner"),
        ("authorization", b"Bearer s3cret"),
        ("cookie", b"session=s3cret"),
        ("x-tenant-key", b"s3cret"),
        ("referer", b"https://shop.example/?q=1&token=s3cret"),
    ];
    let wanted = [
        "User-Agent",
        "Authorization",
        "Cookie",
        "X-Tenant-Key",
        "Referer",
        "Accept",
    ];
    let evidence = evidence(
        |settings| {
            settings.record_requests.headers = wanted.map(str::to_owned).to_vec();
            settings.redact.push("X-Tenant-Key".to_owned());
        },
        "POST",
        b"/.env?x=1&password=s3cret",
        &headers,
    )
    .unwrap();
    assert_eq!(
        serde_json::from_str::<Value>(&evidence).unwrap(),
        json!({
            "url": "//shop.example/.env?x=1&password=[REDACTED]",
            "path": "/.env",
            "query": "x=1&password=[REDACTED]",
            "method": "POST",
            "host": "shop.example",
            "headers": {
                "User-Agent": "scanner",
                "Authorization": "[REDACTED]",
                "Cookie": "[REDACTED]",
                "X-Tenant-Key": "[REDACTED]",
                "Referer": "https://shop.example/?q=1&token=[REDACTED]",
            },
        })
    );
}

#[test]
fn nothing_is_kept_unless_asked_for() {
    let off = |settings: &mut Settings| {
        settings.record_requests = RecordRequestsSettings::default();
    };
    assert_eq!(evidence(off, "GET", b"/.env", &[]), None);
}

#[test]
fn what_does_not_fit_is_left_out_part_by_part() {
    let long = "a".repeat(2000);
    let target = format!("/.env?q={long}");
    let headers: [(&str, &[u8]); 2] = [("host", b"example.com"), ("user-agent", long.as_bytes())];
    let kept = |most: usize| {
        let set = |settings: &mut Settings| settings.record_requests.max_bytes = most;
        let json = evidence(set, "GET", target.as_bytes(), &headers).unwrap();
        assert!(json.len() <= most, "{most}: {}", json.len());
        serde_json::from_str::<Value>(&json).unwrap()
    };
    assert_eq!(kept(8192)["headers"]["User-Agent"], long);
    let without_headers = kept(4500);
    assert!(without_headers["headers"].is_null());
    assert_eq!(without_headers["query"].as_str().unwrap().len(), 2002);
    assert_eq!(kept(2500)["query"].as_str().unwrap().len(), 256);
    assert_eq!(kept(800)["url"].as_str().unwrap().len(), 256);
    let least = json!({"path": "/.env", "method": "GET", "host": "example.com", "truncated": true});
    assert_eq!(kept(256), least);
    let cut = kept(64);
    assert_eq!(
        (&cut["method"], &cut["truncated"]),
        (&json!("GET"), &json!(true))
    );
}

proptest! {
    #[test]
    fn evidence_is_json_within_its_bound(
        query in proptest::collection::vec(any::<u8>(), 0..300),
        host in proptest::collection::vec(any::<u8>(), 0..300),
        agent in proptest::collection::vec(any::<u8>(), 0..300),
        most in 64_usize..2000,
    ) {
        let target = [b"/.env?", query.as_slice()].concat();
        let headers: [(&str, &[u8]); 2] = [("host", &host), ("user-agent", &agent)];
        let set = |settings: &mut Settings| settings.record_requests.max_bytes = most;
        let method = "A".repeat(most);
        let json = evidence(set, &method, &target, &headers).unwrap();
        prop_assert!(json.len() <= most);
        prop_assert!(serde_json::from_str::<Value>(&json).unwrap().is_object());
    }
}
