//! Strikes, bans, and what lifts them.

use super::*;
use crate::store::Change;

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

/// Stores keep microseconds: what came back from one was once taken for another ban, for which a full table had no room.
#[test]
fn a_ban_is_the_same_when_a_store_has_it() {
    let site = Site::new();
    site.pass(Duration::from_nanos(1_234_567_891));
    site.get(VISITOR, "/.env");
    site.get(VISITOR, "/wp-login.php");
    let unwritten = site.firewall.keeping().unwritten(Duration::ZERO);
    let [Change::Deny(denied)] = unwritten.changes.as_slice() else {
        panic!("{:?}", unwritten.changes);
    };
    for stamp in [Some(denied.added), denied.until] {
        let since = stamp.unwrap().duration_since(UNIX_EPOCH).unwrap();
        assert_eq!(since.subsec_nanos() % 1000, 0);
    }
}
