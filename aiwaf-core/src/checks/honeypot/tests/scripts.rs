//! Requests from scripts of a page.

use super::*;

#[test]
fn a_program_that_is_no_browser_has_no_scripts() {
    let site = Site::new();
    let bot = site.visitor();
    let plain: [(&str, &[u8]); 2] = [
        ("user-agent", b"python-requests/2.32.3"),
        ("accept", b"*/*"),
    ];
    let form = [plain[0], plain[1], ("content-type", FORM)];
    let html = ResponseView {
        content_type: Some("text/html"),
        ..ResponseView::new(200)
    };
    assert_eq!(bot.send("GET", "/signup", &plain, html), "ok");
    assert_eq!(bot.send("POST", "/signup", &form, html), "form_timing");
}

#[test]
fn scripts_calls_are_no_forms() {
    let site = Site::new();
    let visitor = site.visitor();
    let base: [(&str, &[u8]); 3] = [
        ("user-agent", CHROME),
        ("referer", b"https://shop.example/cart"),
        ("host", b"shop.example"),
    ];
    for extra in [
        // fetch with a form, today's and from before 2023; jQuery; JSON from a page that navigates.
        vec![
            ("content-type", FORM),
            ("sec-fetch-mode", b"cors".as_slice()),
            ("accept", b"*/*"),
        ],
        vec![("content-type", FORM), ("accept", b"*/*".as_slice())],
        vec![
            ("content-type", FORM),
            ("accept", HTML),
            ("x-requested-with", b"XMLHttpRequest"),
        ],
        vec![
            ("content-type", b"application/json".as_slice()),
            ("accept", HTML),
        ],
    ] {
        visitor.open("/cart");
        let headers: Vec<_> = base.into_iter().chain(extra).collect();
        for _ in 0..3 {
            site.wait(20);
            assert_eq!(
                visitor.send("POST", "/cart", &headers, ResponseView::new(200)),
                "ok"
            );
        }
        // Such posts do not use up the page either.
        assert_eq!(visitor.post("/cart"), "form_timing");
    }
}

#[test]
fn what_a_script_fetches_is_no_page() {
    let site = Site::new();
    let visitor = site.visitor();
    let headers: [(&str, &[u8]); 3] = [
        ("user-agent", CHROME),
        ("accept", HTML),
        ("sec-fetch-mode", b"cors"),
    ];
    let html = ResponseView {
        content_type: Some("text/html"),
        ..ResponseView::new(200)
    };
    visitor.send("GET", "/form", &headers, html);
    assert_eq!(visitor.post("/form"), "ok");
}
