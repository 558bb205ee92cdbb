//! How clients are identified, and whom strikes, bans and limits affect.

use aiwaf_core::settings::TrustedProxy;
use aiwaf_core::{Firewall, FirewallBuilder, Tick};

use super::{PROBES, connect, from, start};
use crate::{Launch, capture, captured};

fn trusting(networks: &[&str]) -> FirewallBuilder {
    let proxies: Vec<TrustedProxy> = networks
        .iter()
        .map(|text| TrustedProxy::Network(text.parse().unwrap()))
        .collect();
    Firewall::builder().with_settings(|settings| settings.client_ip.trusted_proxies = proxies)
}

fn is_banned(firewall: &Firewall, address: &str) -> bool {
    let now: Tick = firewall.clock().now();
    let key = aiwaf_core::client::ClientKey::new(address.parse().unwrap(), 64);
    firewall.state().bans.find(key, now).is_some()
}

pub fn a_forged_address_changes_nothing(launch: Launch) {
    let (site, firewall) = start(launch, trusting(&["192.0.2.0/24"]));
    for (number, probe) in (1..).zip(PROBES) {
        let forged = format!(
            "X-Forwarded-For: 203.0.113.{number}\r\nForwarded: for=203.0.113.{number}\r\nX-Real-IP: 203.0.113.{number}\r\n"
        );
        assert_eq!(
            from(2, &site)
                .request("GET", probe, &forged)
                .unwrap()
                .status,
            403
        );
    }
    assert!(is_banned(&firewall, "127.0.0.2"));
    assert!(!is_banned(&firewall, "203.0.113.1"));
    assert_eq!(from(2, &site).get("/").unwrap().status, 403);
    let hidden = from(2, &site)
        .request("GET", "/", "X-Forwarded-For: 203.0.113.77\r\n")
        .unwrap();
    assert_eq!(hidden.status, 403);
    let innocent = from(3, &site)
        .request("GET", "/", "X-Forwarded-For: 127.0.0.2\r\n")
        .unwrap();
    assert_eq!(innocent.status, 200);
}

pub fn behind_a_trusted_proxy_the_client_is_banned(launch: Launch) {
    let (site, firewall) = start(launch, trusting(&["127.0.0.1/32"]));
    for probe in PROBES {
        let hops = "X-Forwarded-For: 198.51.100.1\r\nX-Forwarded-For: 203.0.113.9, 127.0.0.1\r\n";
        assert_eq!(
            connect(&site).request("GET", probe, hops).unwrap().status,
            403
        );
    }
    assert!(is_banned(&firewall, "203.0.113.9"));
    assert!(!is_banned(&firewall, "127.0.0.1") && !is_banned(&firewall, "198.51.100.1"));
    let visit = |client: &str| {
        let fields = format!("X-Forwarded-For: {client}\r\n");
        connect(&site).request("GET", "/", &fields).unwrap().status
    };
    assert_eq!(visit("203.0.113.9"), 403);
    assert_eq!(visit("\", 203.0.113.9"), 403);
    assert_eq!(visit("203.0.113.10"), 200);
    assert_eq!(connect(&site).get("/").unwrap().status, 200);
}

pub fn an_undeclared_proxy_is_spared_and_reported(launch: Launch) {
    capture();
    let (site, firewall) = start(launch, Firewall::builder());
    let mut proxy = connect(&site);
    for number in 0..300 {
        let fields = format!("X-Forwarded-For: 203.0.113.{}\r\n", number % 200);
        assert_eq!(proxy.request("GET", "/", &fields).unwrap().status, 200);
    }
    for probe in PROBES {
        let reply = connect(&site)
            .request("GET", probe, "X-Forwarded-For: 203.0.113.9\r\n")
            .unwrap();
        assert_eq!(reply.status, 403);
    }
    assert_eq!(firewall.state().bans.len(), 0);
    assert_eq!(connect(&site).get("/").unwrap().status, 200);
    let log = captured();
    assert!(
        log.contains("client_ip.trusted_proxies = [\"127.0.0.1\"]"),
        "{log}"
    );
}

pub fn limits_answer_with_when_to_come_back(launch: Launch) {
    let builder = Firewall::builder().with_settings(|settings| {
        settings.rate_limit.max = 5;
        settings.rate_limit.flood = 10;
    });
    let (site, _) = start(launch, builder);
    let mut client = connect(&site);
    for _ in 0..5 {
        assert_eq!(client.get("/items/7").unwrap().status, 200);
    }
    let reply = client.get("/items/7").unwrap();
    assert_eq!(reply.status, 429);
    assert_eq!(reply.text(), "{\"error\":\"too_many_requests\"}\n");
    let wait: u32 = reply.header("retry-after").unwrap().parse().unwrap();
    // The window and the next one, in which the first still counts.
    assert!((1..=120).contains(&wait), "{wait}");
    assert_eq!(
        reply.header("ratelimit-policy"),
        Some("\"default\";q=5;w=60")
    );
    assert_eq!(site.calls(), 5);
    // No other client is affected.
    assert_eq!(from(2, &site).get("/items/7").unwrap().status, 200);
}
