//! `rate_limit`.

use crate::site::Site;

#[test]
fn case_01_paths_are_limited_apart() {
    let site = Site::classic(
        "protections.enable = [\"rate_limit\"]\nrate_limit = { max = 1, window = 60 }",
    );
    assert_eq!(site.get(1, "/cart"), 200);
    assert_eq!(site.get(1, "/cart"), 429);
    assert_eq!(site.get(1, "/search"), 200);
    assert_eq!(site.get(2, "/cart"), 200, "somebody else");
}

#[test]
fn case_02_above_the_maximum_429_and_above_flood_403() {
    let site = Site::classic(
        "protections.enable = [\"rate_limit\"]\nrate_limit = { max = 2, flood = 3, window = 60 }",
    );
    let seen: Vec<u16> = (0..4).map(|_| site.get(1, "/cart")).collect();
    assert_eq!(seen, [200, 200, 429, 403]);
    assert_eq!(site.get(1, "/search"), 403, "a flood bans");
}

#[test]
fn case_28_only_one_protection_still_limits() {
    let site = Site::classic(
        r#"
        rate_limit.max = 1
        [[path_rules]]
        prefix = "/api/"
        disable = ["ip_keyword_block", "honeypot", "header_validation", "geo_block", "ai_anomaly", "uuid_tamper", "payload"]
        "#,
    );
    assert_eq!(site.get(1, "/api/items"), 200);
    assert_eq!(site.get(1, "/api/items"), 429);
    assert_eq!(site.get(1, "/cart"), 200);
    assert_eq!(site.get(1, "/cart"), 429);
}

#[test]
fn case_31_a_rule_has_limits_of_its_own() {
    let site = Site::classic(
        r#"
        [[path_rules]]
        prefix = "/api/"
        rate_limit = { window = 5, max = 10, flood = 20 }
        "#,
    );
    let seen: Vec<u16> = (0..21).map(|_| site.get(1, "/api/items")).collect();
    assert_eq!(seen[..10], [200; 10]);
    assert_eq!(seen[10..20], [429; 10]);
    assert_eq!(seen[20], 403);
}
