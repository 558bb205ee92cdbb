//! `geo_block` through the public API, on databases that the test writes itself.

#![allow(clippy::unwrap_used)]

mod country_db;

use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;

use aiwaf_core::geo::{Country, CountryLookup, MaxMindCountries};
use aiwaf_core::settings::{Layers, PathRule, Preset, TrustedProxy, UnknownCountry};
use aiwaf_core::store::{CountryRecord, Records};
use aiwaf_core::{
    Firewall, FirewallBuilder, Mode, Peer, Protection, Protections, RequestView, RoutePolicy,
    Settings,
};
use country_db::{Layout, database};

const AMERICAN: &str = "203.0.113.7";
const FRENCH: &str = "2001:db8:f::7";
const NOBODYS: &str = "198.51.100.7";

fn countries(layout: Layout) -> MaxMindCountries {
    let bytes = database(
        layout,
        &[
            ("203.0.113.0/24", "US"),
            ("2001:db8:f::/48", "FR"),
            ("10.0.0.0/8", "US"),
            ("192.0.2.0/25", "DE"),
        ],
    );
    MaxMindCountries::from_bytes(bytes).unwrap()
}

fn only_geo(change: impl FnOnce(&mut Settings)) -> FirewallBuilder {
    let mut settings = Settings::default();
    change(&mut settings);
    settings.protections.enable = Protections::of([Protection::GeoBlock]);
    Firewall::builder()
        .settings(settings)
        .countries(countries(Layout::Nested))
}

fn site(change: impl FnOnce(&mut Settings)) -> Firewall {
    only_geo(change).build().unwrap()
}

fn codes(codes: &[&str]) -> Vec<Country> {
    codes.iter().map(|code| code.parse().unwrap()).collect()
}

fn stored(country: &str) -> Records {
    let mut records = Records::default();
    records.countries.push(CountryRecord {
        country: country.to_owned(),
        added: SystemTime::now(),
    });
    records
}

/// Why a request for this path from this address is refused.
fn refusal(firewall: &Firewall, address: &str, path: &str) -> Option<String> {
    let view = RequestView {
        peer: Peer::Address(address.parse().unwrap()),
        ..RequestView::new("GET", path.as_bytes())
    };
    let (verdict, _) = firewall.inspect(&view);
    verdict.refusal().map(|refusal| refusal.cause.to_string())
}

fn is_refused(firewall: &Firewall, address: &str) -> bool {
    refusal(firewall, address, "/ui").is_some()
}

#[test]
fn every_layout_is_read() {
    for layout in [Layout::Nested, Layout::Flat, Layout::Bare] {
        let countries = countries(layout);
        let country = |address: &str| {
            let address: IpAddr = address.parse().unwrap();
            countries
                .country(address)
                .map(|country| country.to_string())
        };
        assert_eq!(country(AMERICAN).as_deref(), Some("US"), "{layout:?}");
        assert_eq!(country(FRENCH).as_deref(), Some("FR"));
        assert_eq!(country("192.0.2.127").as_deref(), Some("DE"));
        assert_eq!(country("192.0.2.128"), None);
        assert_eq!(country(NOBODYS), None);
    }
}

#[test]
fn what_is_no_database_of_countries_is_an_error() {
    let message = |bytes: Vec<u8>| MaxMindCountries::from_bytes(bytes).unwrap_err().to_string();
    assert!(message(b"not a database".to_vec()).contains("not a valid MaxMind DB file"));
    let without = database(Layout::None, &[("203.0.113.0/24", "US")]);
    assert!(message(without).contains("no country for any network"));
    let sound = database(Layout::Nested, &[("203.0.113.0/24", "US")]);
    // Truncated, or with one byte changed: an error or a database, never a panic.
    for length in 0..sound.len() {
        assert!(
            MaxMindCountries::from_bytes(sound[..length].to_vec()).is_err(),
            "{length}"
        );
    }
    for at in 0..sound.len() {
        let mut damaged = sound.clone();
        damaged[at] ^= 0x41;
        if let Ok(countries) = MaxMindCountries::from_bytes(damaged) {
            countries.country(AMERICAN.parse().unwrap());
        }
    }
}

/// The predecessor's cases 3 to 8, and the lists together, which it did not combine.
#[test]
fn lists_decide_by_country() {
    let block = site(|settings| settings.geo.block = codes(&["US"]));
    assert_eq!(
        refusal(&block, AMERICAN, "/ui").as_deref(),
        Some("Geo blocked: US")
    );
    assert!(!is_refused(&block, FRENCH) && !is_refused(&block, NOBODYS));

    let allow = site(|settings| settings.geo.allow = codes(&["us"]));
    assert!(!is_refused(&allow, AMERICAN));
    assert!(is_refused(&allow, FRENCH));
    let unknown = refusal(&allow, NOBODYS, "/ui");
    assert_eq!(unknown.as_deref(), Some("Geo blocked: unknown country"));

    let lenient = site(|settings| {
        settings.geo.allow = codes(&["US"]);
        settings.geo.unknown = Some(UnknownCountry::Allow);
    });
    assert!(!is_refused(&lenient, NOBODYS) && is_refused(&lenient, FRENCH));

    let both = site(|settings| {
        settings.geo.allow = codes(&["US", "FR"]);
        settings.geo.block = codes(&["US"]);
    });
    assert!(is_refused(&both, AMERICAN) && !is_refused(&both, FRENCH));
}

#[test]
fn stored_countries_count_and_change() {
    let firewall = only_geo(|_| {}).records(stored("FR")).build().unwrap();
    assert!(is_refused(&firewall, FRENCH) && !is_refused(&firewall, AMERICAN));
    firewall.swap(&stored("US")).unwrap();
    assert!(!is_refused(&firewall, FRENCH) && is_refused(&firewall, AMERICAN));
}

#[test]
fn another_database_is_swapped_in() {
    let firewall = site(|settings| settings.geo.block = codes(&["US"]));
    assert!(is_refused(&firewall, AMERICAN) && !is_refused(&firewall, NOBODYS));
    let bytes = database(Layout::Flat, &[("198.51.100.0/24", "US")]);
    let fresh = MaxMindCountries::from_bytes(bytes).unwrap();
    firewall.keeping().swap_countries(fresh);
    assert!(!is_refused(&firewall, AMERICAN) && is_refused(&firewall, NOBODYS));
}

#[test]
fn a_list_without_a_database_is_an_error() {
    for (file, part) in [
        (
            "[geo]\nblock = [\"US\"]",
            "geo.block is set, but there is no country database",
        ),
        (
            "[geo]\nallow = [\"US\"]",
            "geo.allow is set, but there is no country database",
        ),
    ] {
        let settings = Layers::new()
            .file("aiwaf.toml", file)
            .unwrap()
            .settings()
            .unwrap();
        let error = Firewall::builder().settings(settings).build().unwrap_err();
        assert!(error.to_string().contains(part), "{error}");
    }
    let bad = Layers::new().file("aiwaf.toml", "[geo]\nblock = [\"Germany\"]");
    assert!(bad.unwrap_err().to_string().contains("Germany"));
    let layers = Layers::new().environment([
        ("AIWAF_GEO_BLOCK_COUNTRIES", "us, fr"),
        ("AIWAF_GEOIP_DB_PATH", "/var/lib/geo.mmdb"),
    ]);
    let geo = layers.unwrap().settings().unwrap().geo;
    assert_eq!(geo.block, codes(&["US", "FR"]));
    assert_eq!(geo.database.as_deref(), Some("/var/lib/geo.mmdb"));
}

#[test]
fn inside_addresses_are_unknown_and_proxies_are_no_visitors() {
    let block = site(|settings| settings.geo.block = codes(&["US"]));
    assert!(
        !is_refused(&block, "10.1.2.3"),
        "whatever the database says"
    );
    let allow = site(|settings| settings.geo.allow = codes(&["US"]));
    for inside in ["10.1.2.3", "127.0.0.1", "::1", "192.168.1.1", "fd00::1"] {
        assert!(is_refused(&allow, inside), "{inside}");
    }
    let behind = site(|settings| {
        settings.geo.allow = codes(&["US"]);
        let proxy = TrustedProxy::Network("10.0.0.0/8".parse().unwrap());
        settings.client_ip.trusted_proxies = vec![proxy];
    });
    assert!(!is_refused(&behind, "10.1.2.3"), "a proxy's own question");
}

#[test]
fn nobody_is_looked_up_without_a_list_and_nobody_is_struck() {
    static ASKED: AtomicBool = AtomicBool::new(false);
    let firewall = Firewall::builder()
        .countries(|_: IpAddr| {
            ASKED.store(true, Ordering::SeqCst);
            "US".parse().ok()
        })
        .build()
        .unwrap();
    assert!(!is_refused(&firewall, AMERICAN));
    assert!(!ASKED.load(Ordering::SeqCst));
    let block = site(|settings| settings.geo.block = codes(&["US"]));
    for number in 0..50 {
        let cause = refusal(&block, AMERICAN, &format!("/{number}"));
        assert_eq!(cause.as_deref(), Some("Geo blocked: US"));
    }
}

#[test]
fn modes_exemptions_and_rules_are_respected() {
    let with = |change: fn(&mut Settings)| {
        site(|settings| {
            change(settings);
            settings.geo.block = codes(&["US"]);
        })
    };
    assert!(!is_refused(
        &with(|settings| settings.geo.mode = Mode::Monitor),
        AMERICAN
    ));
    assert!(!is_refused(
        &with(|settings| settings.geo.mode = Mode::Off),
        AMERICAN
    ));
    assert!(!is_refused(
        &with(|settings| *settings = Preset::Monitor.settings()),
        AMERICAN
    ));
    let ruled = with(|settings| {
        settings.path_rules = vec![PathRule {
            prefix: "/api/".to_owned(),
            disable: Protections::of([Protection::GeoBlock]),
            ..PathRule::default()
        }];
    });
    assert_eq!(refusal(&ruled, AMERICAN, "/api/status"), None);
    assert!(is_refused(&ruled, AMERICAN));
    let exempt = only_geo(|settings| settings.geo.block = codes(&["US"]))
        .route(
            "/exempted",
            RoutePolicy::exempt_from([Protection::GeoBlock]),
        )
        .build()
        .unwrap();
    assert_eq!(refusal(&exempt, AMERICAN, "/exempted"), None);
    assert!(is_refused(&exempt, AMERICAN));
}

#[test]
fn classic_bans_and_its_allow_list_stands_alone() {
    let classic = only_geo(|settings| {
        *settings = Preset::Classic.settings();
        settings.geo.allow = codes(&["US"]);
        settings.geo.block = codes(&["US"]);
    });
    let firewall = classic.build().unwrap();
    assert!(!is_refused(&firewall, AMERICAN) && !is_refused(&firewall, NOBODYS));
    assert!(is_refused(&firewall, FRENCH));
    let banned = refusal(&firewall, FRENCH, "/ui");
    assert_eq!(
        banned.as_deref(),
        Some("the client is banned: Geo blocked: FR")
    );
}
