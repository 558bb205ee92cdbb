//! The predecessor's own cases, with the `classic` preset.

use super::*;

fn site(least: Duration, skip: bool) -> Site {
    Site::with(|builder| {
        builder
            .settings(Preset::Classic.settings())
            .with_settings(|settings| {
                settings.honeypot.min_form_time = least;
                settings.honeypot.skip_authenticated = skip;
            })
    })
}

/// A GET (answered with 405), a wait, and a POST without a body.
fn session(site: &Site, authenticated: bool, wait: u64) -> &'static str {
    let visitor = Visitor {
        authenticated,
        ..site.visitor()
    };
    let headers: [(&str, &[u8]); 2] = [("user-agent", b"Test Browser 1.0"), ("accept", HTML)];
    let send = |method: &str, status| {
        visitor.send(method, "/test_post", &headers, ResponseView::new(status))
    };
    assert_eq!(send("GET", 405), "ok");
    site.wait(wait);
    send("POST", 200)
}

#[test]
fn any_post_soon_after_any_get_is_refused_and_banned_for_good() {
    let site = site(Duration::from_millis(500), true);
    assert_eq!(session(&site, false, 300), "form_timing");
    site.wait(365 * 86_400_000);
    assert_eq!(site.visitor().open("/"), "banned");
}

#[test]
fn the_time_is_the_settings() {
    assert_eq!(
        session(&site(Duration::from_secs(5), true), false, 4900),
        "form_timing"
    );
    assert_eq!(
        session(&site(Duration::from_secs(5), true), false, 5000),
        "ok"
    );
}

#[test]
fn logged_in_clients_pass_if_they_may() {
    let least = Duration::from_millis(500);
    assert_eq!(session(&site(least, true), true, 100), "ok");
    assert_eq!(session(&site(least, false), true, 100), "form_timing");
}

#[test]
fn a_post_without_a_get_passes() {
    let site = site(Duration::from_secs(1), true);
    let visitor = site.visitor();
    assert_eq!(
        visitor.send("POST", "/x", &[], ResponseView::new(200)),
        "ok"
    );
}
