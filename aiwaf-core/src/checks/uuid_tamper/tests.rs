//! Black-box tests through the firewall, as an adapter calls it.

use std::net::IpAddr;
use std::time::Duration;

use crate::settings::{Layers, OtherIds, PathRule, Preset, UuidSpelling};
use crate::{
    Firewall, ManualClock, Mode, Peer, Protection, Protections, RequestView, ResponseView,
    RouteMatch, RoutePolicy, Settings,
};

const GOOD: &str = "550e8400-e29b-41d4-a716-446655440000";

struct Site {
    firewall: Firewall,
    clock: ManualClock,
}

impl Site {
    fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = Settings::default();
        change(&mut settings);
        settings.protections.enable = Protections::of([Protection::UuidTamper]);
        let clock = ManualClock::default();
        let firewall = Firewall::builder()
            .settings(settings)
            .clock(clock.clone())
            .routes([
                "/items/{uuid}",
                "/u/{user_uuid}/o/{uuid}",
                "/f/{name}/{uuid}",
            ])
            .route("/free/{uuid}", RoutePolicy::exempt())
            .build()
            .unwrap();
        Self { firewall, clock }
    }

    fn new() -> Self {
        Self::with(|_| {})
    }

    /// The code of the refusal. If there is none, the handler responds with this status.
    fn get(&self, client: u8, target: &str, status: u16) -> Option<&'static str> {
        self.ask(client, target, status, &[], RouteMatch::Unknown)
    }

    fn ask(
        &self,
        client: u8,
        target: &str,
        status: u16,
        headers: &[(&str, &[u8])],
        route: RouteMatch<'_>,
    ) -> Option<&'static str> {
        let view = RequestView {
            peer: Peer::Address(IpAddr::from([203, 0, 113, client])),
            headers,
            route,
            ..RequestView::new("GET", target.as_bytes())
        };
        let (verdict, exchange) = self.firewall.inspect(&view);
        let refusal = verdict.refusal().map(|refusal| refusal.cause.code());
        let status = refusal.map_or(status, |_| 403);
        self.firewall.observe(exchange, &ResponseView::new(status));
        refusal
    }

    /// Asks for an id that no other call asks for.
    fn guess(&self, client: u8, number: u32, status: u16) -> Option<&'static str> {
        let target = format!("/items/550e8400-e29b-41d4-a716-4466{number:08x}");
        self.get(client, &target, status)
    }
}

#[test]
fn a_malformed_value_is_refused_wherever_a_uuid_is_expected() {
    let bad = Some("uuid_malformed");
    for (target, expected) in [
        (format!("/x?uuid={GOOD}"), None),
        (format!("/x?uuid={}", GOOD.to_uppercase()), None),
        (format!("/x?uuid={}", GOOD.replace('-', "")), None),
        (format!("/x?uuid=%7B{GOOD}%7d"), None),
        (format!("/x?uuid=urn:uuid:{GOOD}"), None),
        (format!("/x?a=1&uuid={GOOD}&b=2"), None),
        ("/x?uuid=invalid".to_owned(), bad),
        ("/x?%75uid=invalid".to_owned(), bad),
        (
            "/x?uuid=------------------------------------".to_owned(),
            bad,
        ),
        (format!("/x?uuid={GOOD}%0a"), bad),
        (format!("/x?uuid={GOOD}'+or+1=1"), bad),
        (format!("/x?uuid={GOOD}&uuid=2"), bad),
        (format!("/x?uuid=&uuid={GOOD}&a=b&uuid=%27"), bad),
        ("/x?uuid=".to_owned(), Some("uuid_absent")),
        ("/x?uuid".to_owned(), Some("uuid_absent")),
        ("/x?uuid=undefined".to_owned(), Some("uuid_absent")),
        ("/x?uuid=null".to_owned(), Some("uuid_absent")),
        ("/x?id=invalid&uuids=7&xuuid=8".to_owned(), None),
        ("/x".to_owned(), None),
        (format!("/items/{GOOD}"), None),
        (format!("/items/{GOOD}/"), None),
        ("/items/7".to_owned(), bad),
        ("/items/undefined".to_owned(), Some("uuid_absent")),
        ("/items/..%2f..%2fetc".to_owned(), None),
        ("/items/x%2fy".to_owned(), None),
        (format!("/u/{GOOD}/o/{GOOD}"), None),
        (format!("/u/{GOOD}/o/1"), bad),
        (format!("/u/1/o/{GOOD}"), bad),
        (format!("/f/a%2fb/{GOOD}"), None),
        ("/free/7".to_owned(), None),
    ] {
        assert_eq!(Site::new().get(1, &target, 200), expected, "{target}");
    }
}

#[test]
fn ids_of_another_kind_pass_in_the_query_unless_the_settings_refuse_them() {
    let other = "1688379786123456789";
    let query = format!("/x?uuid={other}");
    assert_eq!(Site::new().get(1, &query, 200), None);
    let route = format!("/items/{other}");
    assert_eq!(Site::new().get(1, &route, 200), Some("uuid_malformed"));
    for change in [
        (|settings: &mut Settings| settings.uuid.other_ids = OtherIds::Refuse) as fn(&mut Settings),
        |settings| *settings = Preset::Strict.settings(),
        |settings| *settings = Preset::Classic.settings(),
    ] {
        assert_eq!(
            Site::with(change).get(1, &query, 200),
            Some("uuid_malformed")
        );
    }
}

#[test]
fn the_frameworks_pattern_counts_too() {
    let site = Site::new();
    let route = RouteMatch::Pattern("/orders/{order_uuid:[^/]+}/lines");
    let ask = |target: &str| site.ask(1, target, 200, &[], route);
    assert_eq!(ask("/orders/7/lines"), Some("uuid_malformed"));
    assert_eq!(ask(&format!("/orders/{GOOD}/lines")), None);
    // The router sees one value where the normaliser sees two segments.
    assert_eq!(ask("/orders/a%2fb/lines"), Some("uuid_malformed"));
}

#[test]
fn malformed_values_strike_and_absent_ones_do_not() {
    let site = Site::new();
    for number in 0..40 {
        assert_eq!(
            site.get(1, &format!("/a{number}?uuid="), 200),
            Some("uuid_absent")
        );
    }
    for value in ["a", "b", "c"] {
        let target = format!("/x?uuid={value}");
        assert_eq!(site.get(2, &target, 200), Some("uuid_malformed"));
    }
    assert_eq!(site.get(2, "/", 200), Some("banned"));
    assert_eq!(site.get(1, "/", 200), None);
}

#[test]
fn who_guesses_ids_is_refused_and_then_banned() {
    let site = Site::new();
    for number in 0..5 {
        assert_eq!(site.guess(1, number, 404), None);
    }
    assert_eq!(site.get(1, "/", 200), None, "what asks for no id is served");
    for number in 5..8 {
        assert_eq!(site.guess(1, number, 404), Some("uuid_guessed"));
    }
    assert_eq!(site.guess(1, 8, 404), Some("banned"));
    assert_eq!(
        site.guess(2, 8, 404),
        None,
        "other clients are not concerned"
    );
}

#[test]
fn old_guesses_do_not_count() {
    let site = Site::new();
    for number in 0..40 {
        assert_eq!(site.guess(1, number, 404), None, "{number}");
        site.clock.advance(Duration::from_secs(15));
    }
}

#[test]
fn good_ids_and_the_same_bad_one_do_no_harm() {
    let site = Site::new();
    for _ in 0..100 {
        assert_eq!(
            site.guess(1, 7, 404),
            None,
            "a page that polls what is gone"
        );
    }
    // Good ids that share a bit earn only once. Which bits they have differs from run to run. Eight
    // of them earn too little if they have three bits or fewer: in one run of a million.
    for number in 0..16 {
        assert_eq!(
            site.guess(2, number, if number % 2 == 0 { 404 } else { 200 }),
            None
        );
    }
    for number in 0..5 {
        assert_eq!(site.guess(3, number, 500), None);
    }
    assert_eq!(
        site.guess(3, 9, 200),
        None,
        "only what does not exist counts"
    );
}

#[test]
fn what_another_site_makes_a_visitor_ask_for_is_no_guess_of_the_visitor() {
    let site = Site::new();
    let headers = [("sec-fetch-site", b"cross-site".as_slice())];
    for number in 0..20 {
        let target = format!("/items/550e8400-e29b-41d4-a716-4466{number:08x}");
        let code = site.ask(1, &target, 404, &headers, RouteMatch::Unknown);
        // A script may claim the same, so it does not count for nothing.
        assert_eq!(code, (number >= 5).then_some("uuid_guessed"));
    }
    for number in 0..5 {
        assert_eq!(site.guess(1, number, 404), None);
    }
}

#[test]
fn limits_spellings_and_names_are_settings() {
    let site = Site::with(|settings| {
        settings.uuid.limit = 2;
        settings.uuid.params = vec!["ref".to_owned()];
        settings.uuid.spellings = vec![UuidSpelling::Hyphenated];
    });
    assert_eq!(site.get(1, "/x?uuid=7", 200), None);
    let simple = format!("/x?ref={}", GOOD.replace('-', ""));
    assert_eq!(site.get(1, &simple, 200), Some("uuid_malformed"));
    assert_eq!(site.guess(2, 1, 404), None);
    assert_eq!(site.guess(2, 2, 404), None);
    assert_eq!(site.guess(2, 3, 404), Some("uuid_guessed"));
    let site = Site::with(|settings| settings.uuid.limit = 0);
    for number in 0..50 {
        assert_eq!(site.guess(1, number, 404), None);
    }
}

#[test]
fn modes_exemptions_and_rules_are_respected() {
    for (change, refused) in [
        ((|_: &mut Settings| {}) as fn(&mut Settings), true),
        (|settings| settings.uuid.mode = Mode::Monitor, false),
        (|settings| settings.uuid.mode = Mode::Off, false),
        (|settings| *settings = Preset::Monitor.settings(), false),
        (
            |settings| settings.exempt_paths_extra = vec!["/page".to_owned()],
            false,
        ),
        (
            |settings| {
                settings.path_rules = vec![PathRule {
                    prefix: "/page".to_owned(),
                    disable: Protections::of([Protection::UuidTamper]),
                    ..PathRule::default()
                }];
            },
            false,
        ),
    ] {
        let site = Site::with(change);
        for value in ["a", "b", "c", "d", "e"] {
            let target = format!("/page?uuid={value}");
            assert_eq!(site.get(1, &target, 200).is_some(), refused);
        }
    }
    // An exempt path is not observed by the check either.
    let site = Site::new();
    for number in 0..20 {
        let target = format!("/free/550e8400-e29b-41d4-a716-4466{number:08x}");
        assert_eq!(site.get(1, &target, 404), None);
    }
    assert_eq!(site.guess(1, 1, 404), None);
}

#[test]
fn strict_bans_at_once() {
    let site = Site::with(|settings| *settings = Preset::Strict.settings());
    assert_eq!(site.get(1, "/x?uuid=", 200), Some("uuid_absent"));
    assert_eq!(site.get(1, "/x?uuid=1", 200), Some("uuid_malformed"));
    assert_eq!(site.get(1, "/", 200), Some("banned"));
}

/// Case 13 of the predecessor's, and its behaviour at the boundaries.
#[test]
fn classic_reads_the_first_uuid_of_the_query_and_bans() {
    let classic = || Site::with(|settings| *settings = Preset::Classic.settings());
    let bad = Some("uuid_malformed");
    for (target, expected) in [
        (format!("/x?uuid={GOOD}"), None),
        ("/x?uuid=invalid".to_owned(), bad),
        (format!("/x?uuid={}", GOOD.to_uppercase()), bad),
        (format!("/x?uuid={}", GOOD.replace('-', "")), bad),
        (
            "/x?uuid=------------------------------------".to_owned(),
            None,
        ),
        (format!("/x?uuid={GOOD}&uuid=2"), None),
        ("/x?uuid=".to_owned(), None),
        ("/items/7".to_owned(), None),
    ] {
        let site = classic();
        assert_eq!(site.get(1, &target, 200), expected, "{target}");
        assert_eq!(site.get(1, "/", 200).is_some(), expected.is_some());
    }
    let site = classic();
    for number in 0..20 {
        assert_eq!(site.guess(1, number, 404), None);
    }
}

#[test]
fn settings_that_cannot_hold_are_errors_with_their_value() {
    for (file, part) in [
        ("[uuid]\nspellings = [\"roman\"]", "roman"),
        ("[uuid]\nspellings = []", "uuid.spellings"),
        ("[uuid]\nwindow = \"1ms\"", "uuid.window = 1ms"),
        ("[uuid]\nparams = [\"\"]", "uuid.params"),
        ("[uuid]\nlimit = 300", "300"),
    ] {
        let settings = Layers::new()
            .file("aiwaf.toml", file)
            .and_then(|layers| layers.settings());
        let message = settings.unwrap_err().to_string();
        assert!(message.contains(part), "{message} should say {part}");
    }
}
