//! Countries: lists in the settings and in the store, a database that the test writes, and one that
//! replaces it.

use std::path::Path;

use tempfile::TempDir;

use crate::country_db::{Layout, database};
use crate::site::{Site, get_for};

/// A visitor from each of three countries, and one from nowhere.
const AMERICAN: &str = "203.0.113.7";
const GERMAN: &str = "198.51.100.7";
const JAPANESE: &str = "2001:db8::7";
const NOBODY: &str = "192.0.2.7";

/// Replaces the database in the same way as a program that downloads one.
fn write(folder: &Path, networks: &[(&str, &str)]) {
    let fresh = folder.join("fresh.mmdb");
    std::fs::write(&fresh, database(Layout::Nested, networks)).unwrap();
    std::fs::rename(fresh, folder.join("countries.mmdb")).unwrap();
}

fn site(preset: &str, settings: &str) -> Site {
    let folder = TempDir::new().unwrap();
    write(
        folder.path(),
        &[
            ("203.0.113.0/24", "US"),
            ("198.51.100.0/24", "DE"),
            ("2001:db8::/32", "JP"),
        ],
    );
    let settings = format!(
        "preset = \"{preset}\"\nstore = \"csv:records\"\nclient_ip.trusted_proxies = [\"127.0.0.1\"]\n\
         geo.database = \"countries.mmdb\"\n{settings}"
    );
    Site::open_in(folder, &settings, &[])
}

#[test]
fn case_03_a_blocked_country_and_a_path_exempt_from_it() {
    let site = site(
        "balanced",
        "geo.block = [\"US\"]\n[[path_rules]]\nprefix = \"/api/\"\ndisable = [\"geo_block\"]",
    );
    assert_eq!(get_for(&site, AMERICAN, "/cart"), 403);
    assert_eq!(get_for(&site, AMERICAN, "/api/items"), 200);
}

#[test]
fn case_04_and_05_the_allowed_are_served_and_nobody_else() {
    let site = site("classic", "geo.allow = [\"US\", \"DE\"]");
    assert_eq!(get_for(&site, AMERICAN, "/cart"), 200);
    assert_eq!(get_for(&site, GERMAN, "/cart"), 200);
    assert_eq!(get_for(&site, JAPANESE, "/cart"), 403);
}

#[test]
fn with_an_allow_list_a_country_that_is_not_known_is_not_allowed() {
    let site = site("balanced", "geo.allow = [\"DE\"]");
    assert_eq!(get_for(&site, GERMAN, "/cart"), 200);
    assert_eq!(get_for(&site, NOBODY, "/cart"), 403);
    // An internal network is no country either.
    assert_eq!(get_for(&site, "10.0.0.7", "/cart"), 403);
    // The predecessor served both.
    let classic = self::site("classic", "geo.allow = [\"DE\"]");
    assert_eq!(get_for(&classic, NOBODY, "/cart"), 200);
}

#[test]
fn an_unknown_country_is_as_the_settings_say() {
    let lenient = site("balanced", "geo.allow = [\"DE\"]\ngeo.unknown = \"allow\"");
    assert_eq!(get_for(&lenient, NOBODY, "/cart"), 200);
    assert_eq!(get_for(&lenient, AMERICAN, "/cart"), 403);
    let severe = site("balanced", "geo.block = [\"US\"]\ngeo.unknown = \"block\"");
    assert_eq!(get_for(&severe, NOBODY, "/cart"), 403);
    assert_eq!(get_for(&severe, GERMAN, "/cart"), 200);
}

#[test]
fn case_06_a_blocked_country_is_refused_and_banned() {
    let site = site("classic", "geo.block = [\"US\"]");
    assert_eq!(get_for(&site, GERMAN, "/cart"), 200);
    assert_eq!(get_for(&site, NOBODY, "/cart"), 200);
    assert_eq!(get_for(&site, AMERICAN, "/cart"), 403);
    // An exempt path is exempt from the country check, but not from the ban that `classic` gives
    // for it.
    assert_eq!(get_for(&site, AMERICAN, "/favicon.ico"), 403);
    assert_eq!(get_for(&site, "203.0.113.8", "/favicon.ico"), 404);
}

#[test]
fn case_07_a_stored_country_comes_and_goes() {
    let site = site("balanced", "");
    assert_eq!(get_for(&site, JAPANESE, "/cart"), 200);
    assert!(site.store().add_country("jp").unwrap());
    let is = |status: u16| {
        site.wait_until(|| {
            let seen = get_for(&site, JAPANESE, "/cart");
            (seen != status).then(|| format!("{seen}, not {status}"))
        });
    };
    is(403);
    assert_eq!(get_for(&site, GERMAN, "/cart"), 200);
    assert!(site.store().remove_country("JP").unwrap());
    is(200);
}

#[test]
fn case_08_a_path_rule_turns_countries_off() {
    let site = site(
        "classic",
        "geo.block = [\"US\"]\n[[path_rules]]\nprefix = \"/open/\"\ndisable = [\"geo_block\"]",
    );
    assert_eq!(get_for(&site, AMERICAN, "/open/data"), 404);
    assert_eq!(get_for(&site, "203.0.113.8", "/opening"), 403);
}

#[test]
fn a_database_that_is_replaced_is_in_force_without_a_restart() {
    let site = site("balanced", "geo.block = [\"US\"]");
    assert_eq!(get_for(&site, AMERICAN, "/cart"), 403);
    let folder = site.path("");
    write(
        &folder,
        &[("203.0.113.0/24", "FR"), ("198.51.100.0/24", "US")],
    );
    site.wait_until(|| {
        let seen = get_for(&site, AMERICAN, "/cart");
        (seen != 200).then(|| format!("{seen} for who has moved"))
    });
    assert_eq!(get_for(&site, GERMAN, "/cart"), 403);
}

#[test]
fn a_list_without_a_database_does_not_start() {
    let said = Site::refuses_to_start("geo.block = [\"US\"]");
    assert!(
        said.contains("geo.block") && said.contains("geo.database"),
        "{said}"
    );
    let said = Site::refuses_to_start("geo.block = [\"US\"]\ngeo.database = \"missing.mmdb\"");
    assert!(said.contains("missing.mmdb"), "{said}");
}
