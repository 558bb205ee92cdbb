//! Which page a form belongs to.

use super::*;

#[test]
fn only_pages_that_were_served_count() {
    for (status, content_type) in [
        (404, "text/html"),
        (302, "text/html"),
        (405, "text/html"),
        (200, "application/json"),
        (200, "image/png"),
    ] {
        let site = Site::new();
        let visitor = site.visitor();
        visitor.open_as("/form", status, content_type);
        assert_eq!(visitor.post("/form"), "ok", "{status} {content_type}");
    }
}

#[test]
fn a_form_belongs_to_the_page_that_it_stands_on() {
    let site = Site::new();
    let visitor = site.visitor();
    visitor.open("/newsletter");
    site.wait(20_000);
    // Another tab shows a form that posts to the same path, or whose page is that path.
    visitor.open("/subscribe");
    assert_eq!(visitor.submit("/newsletter", "/subscribe", 200), "ok");
    assert_eq!(
        visitor.submit("/subscribe", "/subscribe", 200),
        "form_timing"
    );
    // Without a referer, the post's own path stands for the page. The same holds if every page is
    // called "/".
    for page in ["", "/"] {
        visitor.open("/subscribe");
        let referer = format!("https://shop.example{page}");
        let mut headers: Vec<(&str, &[u8])> = vec![
            ("host", b"shop.example"),
            ("user-agent", CHROME),
            ("accept", HTML),
            ("content-type", FORM),
        ];
        if !page.is_empty() {
            headers.push(("referer", referer.as_bytes()));
        }
        let outcome = visitor.send("POST", "/subscribe", &headers, ResponseView::new(200));
        assert_eq!(outcome, "form_timing", "{page}");
    }
}

#[test]
fn what_another_site_sends_is_timed_by_its_own_path_and_strikes_nobody() {
    let site = Site::new();
    let visitor = site.visitor();
    visitor.open("/pay");
    let headers: [(&str, &[u8]); 6] = [
        ("host", b"shop.example"),
        ("user-agent", CHROME),
        ("accept", HTML),
        ("content-type", FORM),
        ("sec-fetch-site", b"cross-site"),
        ("referer", b"https://bank.example/pay"),
    ];
    assert_eq!(
        visitor.send("POST", "/pay/return", &headers, ResponseView::new(200)),
        "ok"
    );
    assert_eq!(
        visitor.send("POST", "/pay", &headers, ResponseView::new(200)),
        "form_timing"
    );
    assert!(
        site.firewall.state().strikes.score(
            crate::client::ClientKey::new(visitor.address.parse().unwrap(), 64),
            site.firewall.clock().now(),
            Duration::from_secs(600),
        ) < 0.1
    );
}

#[test]
fn two_tabs_back_and_forward_and_a_night_in_between() {
    let site = Site::new();
    let visitor = site.visitor();
    visitor.open("/form");
    site.wait(4000);
    visitor.open("/form");
    site.wait(200);
    // The first tab is submitted, then the second.
    assert_eq!(visitor.post("/form"), "ok");
    site.wait(3000);
    assert_eq!(visitor.post("/form"), "ok");
    // Back (no request is made), then submitted once more.
    site.wait(300);
    assert_eq!(visitor.post("/form"), "ok");
    // A page is left open longer than compact timestamps last.
    for days in [1, 24, 26, 60] {
        visitor.open("/form");
        site.wait(days * 86_400_000);
        assert_eq!(visitor.post("/form"), "ok", "{days} days");
    }
}

#[test]
fn visitors_behind_one_address_do_not_harm_each_other() {
    let site = Site::new();
    let (one, other) = (site.visitor(), site.visitor());
    one.open("/login");
    site.wait(10_000);
    other.open("/login");
    site.wait(100);
    assert_eq!(one.post("/login"), "ok");
    site.wait(5000);
    assert_eq!(other.post("/login"), "ok");
}

#[test]
fn the_page_after_a_redirect_is_an_answer() {
    let site = Site::new();
    let visitor = site.visitor();
    visitor.open("/form");
    site.wait(2000);
    assert_eq!(visitor.submit("/form", "/form", 303), "ok");
    site.wait(100);
    visitor.open("/form");
    site.wait(200);
    assert_eq!(visitor.submit("/form", "/form", 303), "ok");
    // The response to that post was never requested; the next page is a visit.
    visitor.open_as("/moved", 302, "text/html");
    visitor.open("/thanks");
    visitor.open("/form");
    site.wait(200);
    assert_eq!(visitor.post("/form"), "form_timing");
}
