//! Built-in probes against paths that scanners request, and against the routes of ordinary
//! services.

// Helpers may fail like the test itself.
#![allow(clippy::unwrap_used)]

use aiwaf_core::{Firewall, Peer, Protection, Protections, RequestView, RouteMatch, Verdict};

const SCANNERS: &str = include_str!("data/scanner_paths.txt");
const ORDINARY: &str = include_str!("data/ordinary_routes.txt");

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| !line.starts_with('#'))
}

fn firewall() -> Firewall {
    Firewall::builder()
        .with_settings(|settings| {
            settings.protections.enable = Protections::of([Protection::IpKeywordBlock]);
        })
        .build()
        .unwrap()
}

/// The cause, if a new visitor is refused.
fn refused(
    firewall: &Firewall,
    number: usize,
    target: &str,
    route: RouteMatch<'_>,
) -> Option<String> {
    let address = std::net::Ipv4Addr::from(0x2000_0000 + u32::try_from(number).unwrap());
    let view = RequestView {
        peer: Peer::Address(address.into()),
        route,
        ..RequestView::new("GET", target.as_bytes())
    };
    match firewall.inspect(&view).0 {
        Verdict::Refuse(refusal) => Some(refusal.cause.to_string()),
        _ => None,
    }
}

#[test]
fn scanners_are_refused_where_no_such_route_is() {
    let firewall = firewall();
    let paths: Vec<&str> = lines(SCANNERS).collect();
    assert!(paths.len() >= 400, "{}", paths.len());
    for route in [RouteMatch::Absent, RouteMatch::Unknown] {
        let missed: Vec<&str> = paths
            .iter()
            .enumerate()
            .filter(|(number, path)| refused(&firewall, *number, path, route).is_none())
            .map(|(_, path)| *path)
            .collect();
        let share = 1.0 - missed.len() as f64 / paths.len() as f64;
        println!("{:.1} % of {} refused", share * 100.0, paths.len());
        assert!(share >= 0.95, "{:.1} %: {missed:#?}", share * 100.0);
    }
}

#[test]
fn a_catch_all_route_spares_no_probe() {
    let firewall = firewall();
    for path in ["/.env", "/wp-login.php", "/.git/config", "/backup.zip"] {
        for pattern in ["/{*path}", "/*path", "/{tail:.*}", "/<path..>", "/:page"] {
            let route = RouteMatch::Pattern(pattern);
            assert!(
                refused(&firewall, 0, path, route).is_some(),
                "{path} {pattern}"
            );
        }
    }
}

#[test]
fn ordinary_routes_are_served() {
    let firewall = firewall();
    let routes: Vec<&str> = lines(ORDINARY).collect();
    assert!(routes.len() >= 500, "{}", routes.len());
    let mut hit = Vec::new();
    for (number, path) in routes.iter().enumerate() {
        for route in [
            RouteMatch::Absent,
            RouteMatch::Unknown,
            RouteMatch::Pattern(path),
            RouteMatch::Pattern("/{*path}"),
        ] {
            let cause = refused(&firewall, number, path, route);
            hit.extend(cause.map(|cause| format!("{path} ({route:?}): {cause}")));
        }
    }
    assert!(hit.is_empty(), "{hit:#?}");
}

#[test]
fn no_list_has_a_line_twice() {
    for list in [SCANNERS, ORDINARY] {
        let mut all: Vec<&str> = lines(list).collect();
        all.sort_unstable();
        for pair in all.windows(2) {
            assert_ne!(pair[0], pair[1]);
        }
    }
}
