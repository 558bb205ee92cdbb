//! `header_validation`.

use crate::site::{HEADERS, Site};

const ONLY: &str = "protections.enable = [\"header_validation\"]\n";

#[test]
fn case_17_empty_and_short_names_are_refused() {
    let site = Site::classic(ONLY);
    assert_eq!(site.get_as(1, "", "/"), 403);
    assert_eq!(site.get_as(2, "short", "/"), 403);
    assert_eq!(site.get_as(3, "Test Browser 1.0", "/"), 200);
}

#[test]
fn case_18_a_short_name_is_refused_whatever_the_store() {
    let site = Site::classic("store = \"sqlite:records.db\"");
    assert_eq!(site.get_as(1, "sh", "/"), 403);
}

#[test]
fn case_19_a_browser_gets_the_page_as_it_is() {
    let site = Site::classic("");
    let headers = format!("{HEADERS}User-Agent: Test Browser 1.0\r\n");
    let reply = site.ask(1, "GET /", &headers, "");
    assert_eq!(reply.status, 200);
    assert_eq!(reply.body, aiwaf_examples::shop::home().body);
}

#[test]
fn case_20_a_rule_turns_it_off_under_a_prefix() {
    let site = Site::classic(
        r#"
        protections.enable = ["header_validation", "rate_limit"]
        rate_limit.max = 1
        [[path_rules]]
        prefix = "/api/"
        disable = ["header_validation"]
        rate_limit.max = 1000
        [[path_rules]]
        prefix = "/"
        rate_limit.max = 1
        "#,
    );
    assert_eq!(site.get_as(1, "", "/api/items"), 200);
    assert_eq!(site.get_as(1, "", "/cart"), 403);
    assert_eq!(site.get(2, "/cart"), 200);
    assert_eq!(site.get(2, "/cart"), 429);
    assert_eq!(site.get(2, "/api/items"), 200);
    assert_eq!(site.get(2, "/api/items"), 200);
}

#[test]
fn case_37_a_missing_header_is_named() {
    let site = Site::classic(&format!("{ONLY}store = \"csv:records\""));
    let reply = site.ask(1, "GET /", "User-Agent: Test Browser 1.0\r\n", "");
    assert_eq!(reply.status, 403);
    let blacklist = site.close().read("records/blacklist.csv");
    assert!(
        blacklist.contains("127.0.0.1,Missing required headers: accept,"),
        "{blacklist}"
    );
}

#[test]
fn case_38_an_empty_list_turns_it_off_for_a_method() {
    let site = Site::classic(&format!("{ONLY}headers.required = {{ HEAD = [] }}"));
    assert_eq!(site.ask(1, "HEAD /", "", "").status, 200);
    assert_eq!(site.ask(1, "GET /", "", "").status, 403);
}
