//! Which protections run: by setting, by path rule, by exemption.

use crate::site::{Site, get_for};

const BEHIND_A_PROXY: &str = "rate_limit.max = 1\nclient_ip.trusted_proxies = [\"127.0.0.1\"]\n";

#[test]
fn case_22_an_exempt_path_is_not_limited() {
    let site = Site::classic(&format!(
        "{BEHIND_A_PROXY}exempt_paths_extra = [\"/api/items\"]"
    ));
    for _ in 0..5 {
        assert_eq!(get_for(&site, "203.0.113.10", "/api/items"), 200);
    }
    assert_eq!(get_for(&site, "203.0.113.10", "/cart"), 200);
    assert_eq!(get_for(&site, "203.0.113.10", "/cart"), 429);
}

#[test]
fn case_23_a_path_may_be_exempt_from_some() {
    let site = Site::classic(&format!(
        "{BEHIND_A_PROXY}[[path_rules]]\nprefix = \"/api/\"\ndisable = [\"rate_limit\", \"ai_anomaly\"]"
    ));
    for _ in 0..3 {
        assert_eq!(get_for(&site, "203.0.113.10", "/api/items"), 200);
    }
    assert_eq!(get_for(&site, "203.0.113.10", "/cart"), 200);
    assert_eq!(get_for(&site, "203.0.113.10", "/cart"), 429);
}

#[test]
fn case_24_a_path_may_have_only_some() {
    let site = Site::classic(&format!(
        "{BEHIND_A_PROXY}[[path_rules]]\nprefix = \"/api/\"\n\
         disable = [\"honeypot\", \"header_validation\", \"geo_block\", \"ai_anomaly\", \"uuid_tamper\", \"payload\"]"
    ));
    assert_eq!(get_for(&site, "203.0.113.10", "/api/items"), 200);
    assert_eq!(get_for(&site, "203.0.113.10", "/api/items"), 429);
    assert_eq!(get_for(&site, "203.0.113.11", "/api/sensitive/.env"), 403);
}

#[test]
fn case_25_requiring_beats_exempting() {
    let site = Site::classic(&format!(
        "{BEHIND_A_PROXY}exempt_paths_extra = [\"/api/items\"]\n[[path_rules]]\nprefix = \"/api/\"\n\
         disable = [\"rate_limit\"]\nrequire = [\"rate_limit\"]"
    ));
    assert_eq!(get_for(&site, "203.0.113.10", "/api/items"), 200);
    assert_eq!(get_for(&site, "203.0.113.10", "/api/items"), 429);
}

#[test]
fn case_27_only_some_and_one_more_required() {
    let site = Site::classic(
        r#"
        rate_limit.max = 1
        [[path_rules]]
        prefix = "/api/"
        disable = ["honeypot", "header_validation", "geo_block", "ai_anomaly", "uuid_tamper", "payload"]
        require = ["header_validation"]
        "#,
    );
    assert_eq!(site.get(1, "/api/items"), 200);
    assert_eq!(site.get(1, "/api/items"), 429);
    assert_eq!(site.get_as(2, "", "/api/items"), 403, "the required one");
}

#[test]
fn case_29_the_longest_prefix_wins_and_rules_do_not_merge() {
    let site = Site::classic(
        r#"
        rate_limit.max = 1
        path_rules = [
            { prefix = "/", disable = ["header_validation"] },
            { prefix = "/api/", disable = ["rate_limit"] },
        ]
        "#,
    );
    for _ in 0..3 {
        assert_eq!(site.get(1, "/api/items"), 200);
    }
    assert_eq!(site.get_as(2, "", "/api/items"), 403);
    assert_eq!(site.get_as(3, "", "/cart"), 200);
    assert_eq!(site.get_as(3, "", "/cart"), 429);
}

#[test]
fn case_30_a_name_that_is_none_is_an_error() {
    let said = Site::refuses_to_start(
        "[[path_rules]]\nprefix = \"/api/\"\ndisable = [\"HeaderValidationMiddleware\"]",
    );
    assert!(said.contains("aiwaf.toml"), "{said}");
    assert!(
        said.contains("unknown protection \"HeaderValidationMiddleware\"; one of"),
        "{said}"
    );
}

#[test]
fn case_32_rules_may_come_from_elsewhere() {
    let rules = r#"[{"prefix": "/api/", "disable": ["header_validation"]}]"#;
    let site = Site::open("preset = \"classic\"", &[("AIWAF_PATH_RULES", rules)]);
    assert_eq!(site.get_as(1, "", "/api/items"), 200);
    assert_eq!(site.get_as(1, "", "/cart"), 403);
}

/// Whether a client without a user agent, a probe and a client over its limit are refused.
fn refused(site: &Site) -> [bool; 3] {
    let is_limited = [site.get(3, "/cart"), site.get(3, "/cart")].contains(&429);
    [
        site.get_as(1, "", "/cart") == 403,
        site.get(2, "/.env") == 403,
        is_limited,
    ]
}

#[test]
fn case_62_all_some_or_all_but_some() {
    let settings = "preset = \"classic\"\nrate_limit.max = 1";
    let all = Site::open(settings, &[]);
    assert_eq!(refused(&all), [true, true, true]);
    let some = Site::open(settings, &[("AIWAF_ENABLE", "rate_limit")]);
    assert_eq!(refused(&some), [false, false, true]);
    let but_some = Site::open(
        settings,
        &[("AIWAF_DISABLE", "rate_limit,header_validation")],
    );
    assert_eq!(refused(&but_some), [false, true, false]);
    let both = Site::open(
        settings,
        &[
            ("AIWAF_ENABLE", "rate_limit,header_validation"),
            ("AIWAF_DISABLE", "rate_limit"),
        ],
    );
    assert_eq!(refused(&both), [true, false, false]);
}
