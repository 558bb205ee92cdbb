//! `honeypot` and `uuid_tamper`.

use crate::site::{BROWSER, HEADERS, Site};

#[test]
fn case_09_an_instant_form_is_refused() {
    let site = Site::classic("protections.enable = [\"honeypot\"]\nhoneypot.min_form_time = 5");
    assert_eq!(site.get(1, "/contact"), 200);
    assert_eq!(site.post(1, "/contact", "", "message=hello"), 403);
    assert_eq!(
        site.post(2, "/contact", "", "message=hello"),
        200,
        "without a page there is nothing to time"
    );
}

#[test]
fn case_10_any_get_counts_even_one_that_is_405() {
    let site = Site::classic("honeypot.min_form_time = 5");
    assert_eq!(site.get(1, "/upload"), 405);
    assert_eq!(site.post(1, "/contact", "", "message=hello"), 403);
}

/// Logs in without having requested the page, and returns the cookie's header line.
fn log_in(site: &Site) -> String {
    let headers = format!(
        "{HEADERS}User-Agent: {BROWSER}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    );
    let form = "email=ada%40example.com&password=correct+horse";
    let reply = site.ask(1, "POST /login", &headers, form);
    assert_eq!(reply.status, 303);
    let cookie = reply.header("set-cookie").unwrap();
    format!("Cookie: {}\r\n", cookie.split(';').next().unwrap())
}

fn instant_form_of_a_customer(site: &Site) -> u16 {
    let cookie = log_in(site);
    let headers = format!("{HEADERS}User-Agent: {BROWSER}\r\n{cookie}");
    assert_eq!(site.ask(1, "GET /contact", &headers, "").status, 200);
    site.post(1, "/contact", &cookie, "message=hello")
}

#[test]
fn case_11_who_has_logged_in_is_not_timed() {
    let site = Site::classic("honeypot.min_form_time = 5");
    assert_eq!(instant_form_of_a_customer(&site), 200);
}

#[test]
fn case_12_unless_the_settings_say_so() {
    let site = Site::classic("honeypot = { min_form_time = 5, skip_authenticated = false }");
    assert_eq!(instant_form_of_a_customer(&site), 403);
}

#[test]
fn case_13_a_malformed_uuid_is_refused() {
    let site = Site::classic("protections.enable = [\"uuid_tamper\"]");
    assert_eq!(site.get(1, "/search?uuid=invalid"), 403);
    assert_eq!(
        site.get(2, "/search?uuid=550e8400-e29b-41d4-a716-446655440000"),
        200
    );
}
