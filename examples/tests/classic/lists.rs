//! The lists of addresses, keywords and exempt paths.

use aiwaf_storage::Width;

use crate::site::Site;

#[test]
fn case_14_a_probe_is_refused() {
    let site = Site::classic("protections.enable = [\"ip_keyword_block\"]");
    assert_eq!(site.get(1, "/cart"), 200);
    assert_eq!(site.get(1, "/.env"), 403);
}

#[test]
fn case_15_a_blacklisted_client_is_refused() {
    let site =
        Site::classic("store = \"csv:records\"\nprotections.enable = [\"ip_keyword_block\"]");
    assert_eq!(site.get(9, "/cart"), 200);
    assert!(
        site.store()
            .add_blacklist("127.0.0.9", "by hand", None, Width::Ordinary)
            .unwrap()
    );
    site.wait_for(9, "/cart", 403);
    assert_eq!(site.get(8, "/cart"), 200);
}

#[test]
fn case_16_a_database_serves_as_well() {
    let site = Site::classic("store = \"sqlite:records.db\"");
    assert_eq!(site.get(1, "/test.php"), 403);
    // The ban was stored, so a new process still knows it.
    let folder = site.close().folder();
    let settings = "preset = \"classic\"\nstore = \"sqlite:records.db\"";
    let again = Site::open_in(folder, settings, &[]);
    assert_eq!(again.get(1, "/cart"), 403);
    assert_eq!(again.get(2, "/cart"), 200);
}

#[test]
fn case_33_a_stored_exemption_comes_and_goes() {
    let site = Site::classic(
        "store = \"csv:records\"\nrate_limit = { max = 1, flood = 1_000_000, window = 600 }",
    );
    assert_eq!(site.get(1, "/cart"), 200);
    assert_eq!(site.get(1, "/cart"), 429);
    assert!(site.store().add_exempt_path("/cart", "a test").unwrap());
    site.wait_for(1, "/cart", 200);
    assert!(site.store().remove_exempt_path("/cart").unwrap());
    site.wait_for(1, "/cart", 429);
}

/// Requests every path of the predecessor's default exemptions, from a client whose headers are
/// refused everywhere else.
#[test]
fn case_34_the_default_exemptions_hold() {
    let site = Site::classic("");
    for path in [
        "/favicon.ico",
        "/robots.txt",
        "/sitemap.xml",
        "/ads.txt",
        "/apple-touch-icon.png",
        "/apple-touch-icon-precomposed.png",
        "/manifest.json",
        "/browserconfig.xml",
        "/health",
        "/ping",
        "/status",
        "/assets/style.css",
        "/js/app.js",
        "/images/logo.png",
        "/uploads/photo.jpg",
        "/fonts/font.woff2",
        "/static/anything/here.txt",
        "/.well-known/security.txt",
        "/FAVICON.ICO",
    ] {
        let status = site.get_as(1, "", path);
        assert!(matches!(status, 200 | 404), "{path}: {status}");
    }
    assert_eq!(site.get_as(1, "", "/cart"), 403);
}

#[test]
fn case_35_nothing_else_is_exempt() {
    let site = Site::classic("");
    let paths = [
        "/admin/login",
        "/api/users",
        "/login",
        "/wp-admin/",
        "/phpmyadmin/",
        "/.env",
        "/config.php",
    ];
    for (path, client) in paths.into_iter().zip(1..) {
        assert_eq!(site.get_as(client, "", path), 403, "{path}");
    }
}

#[test]
fn case_36_the_settings_replace_the_default_exemptions() {
    let site = Site::classic(
        r#"exempt_paths = ["/favicon.ico", "/special-endpoint", "/custom-health-check", "*.pdf", "/downloads/"]"#,
    );
    for path in [
        "/favicon.ico",
        "/special-endpoint",
        "/document.pdf",
        "/downloads/file.zip",
    ] {
        assert_eq!(site.get_as(1, "", path), 404, "{path}");
    }
    assert_eq!(site.get_as(2, "", "/robots.txt"), 403);
}

#[test]
fn case_49_a_stored_keyword_is_refused() {
    let site = Site::classic("store = \"csv:records\"");
    assert_eq!(site.get(1, "/test/malicious"), 404);
    let mut store = site.store();
    assert!(store.add_keyword("malicious").unwrap());
    assert!(
        store
            .add_blacklist("127.0.0.9", "by hand", None, Width::Ordinary)
            .unwrap()
    );
    site.wait_for(1, "/test/malicious", 403);
    site.wait_for(9, "/cart", 403);
}

#[test]
fn case_68_the_whitelist_beats_a_probe() {
    let site = Site::classic("store = \"csv:records\"");
    assert!(
        site.store()
            .add_whitelist("127.0.0.1", Width::Ordinary)
            .unwrap()
    );
    // Until the list is read, the client is refused and even banned; the list overrides the ban
    // too.
    site.wait_for(1, "/test.php", 404);
    assert_eq!(site.get(1, "/cart"), 200);
    assert_eq!(site.get(2, "/test.php"), 403);
}
