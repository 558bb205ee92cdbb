//! What browsers and honest programs send.

use super::*;

#[test]
fn what_browsers_send_passes() {
    let firewall = only(|_| {});
    let lang = ("accept-language", "en-GB,en;q=0.9");
    let br = ("accept-encoding", "gzip, deflate, br, zstd");
    let plain = ("accept-encoding", "gzip, deflate");
    let ua = |agent| ("user-agent", agent);
    let any = ("accept", "*/*");
    let page = ("accept", NAVIGATION);
    let host = ("host", "shop.example");
    let fetch = |site, mode, dest| {
        [
            ("sec-fetch-site", site),
            ("sec-fetch-mode", mode),
            ("sec-fetch-dest", dest),
        ]
    };
    let with = |base: &[(&'static str, &'static str)], more: &[(&'static str, &'static str)]| {
        [base, more].concat()
    };
    let requests = [
        // Navigations: today's over HTTP/2, four years old over HTTP/1.1 without TLS, and from a
        // phone called CUBOT.
        (
            "GET",
            Version::Http2,
            with(
                &[host, ua(CHROME), page, br, lang, ("sec-fetch-user", "?1")],
                &fetch("none", "navigate", "document"),
            ),
        ),
        (
            "GET",
            Version::Http11,
            vec![
                host,
                ua(FIREFOX_91),
                page,
                plain,
                ("accept-language", "de,en-US;q=0.7"),
                ("connection", "keep-alive"),
                ("upgrade-insecure-requests", "1"),
            ],
        ),
        (
            "GET",
            Version::Http11,
            vec![host, ua(CUBOT), page, plain, lang],
        ),
        (
            "GET",
            Version::Http2,
            with(
                &[host, ua(SAFARI), page, br, lang],
                &fetch("none", "navigate", "document"),
            ),
        ),
        // Requests of a page: XHR, fetch, no-cors, EventSource, prefetch, service worker, favicon,
        // manifest, beacon.
        (
            "POST",
            Version::Http2,
            with(
                &[
                    host,
                    ua(CHROME),
                    any,
                    br,
                    lang,
                    ("content-type", "application/json"),
                    ("content-length", "12"),
                    ("origin", "https://shop.example"),
                    ("x-requested-with", "XMLHttpRequest"),
                ],
                &fetch("same-origin", "cors", "empty"),
            ),
        ),
        (
            "GET",
            Version::Http2,
            with(
                &[host, ua(CHROME), br, lang],
                &fetch("none", "no-cors", "empty"),
            ),
        ),
        (
            "GET",
            Version::Http2,
            with(
                &[
                    host,
                    ua(CHROME),
                    ("accept", "text/event-stream"),
                    ("cache-control", "no-cache"),
                    br,
                    lang,
                ],
                &fetch("same-origin", "cors", "empty"),
            ),
        ),
        (
            "GET",
            Version::Http2,
            with(
                &[
                    host,
                    ua(CHROME),
                    page,
                    br,
                    lang,
                    ("sec-purpose", "prefetch;prerender"),
                ],
                &fetch("none", "navigate", "document"),
            ),
        ),
        (
            "GET",
            Version::Http2,
            with(
                &[
                    host,
                    ua(FIREFOX_91),
                    any,
                    br,
                    lang,
                    ("service-worker", "script"),
                ],
                &fetch("same-origin", "same-origin", "serviceworker"),
            ),
        ),
        (
            "GET",
            Version::Http11,
            vec![
                host,
                ua(CHROME),
                (
                    "accept",
                    "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8",
                ),
                plain,
                lang,
            ],
        ),
        (
            "POST",
            Version::Http11,
            vec![
                host,
                ua(CHROME),
                any,
                plain,
                lang,
                ("content-type", "text/plain;charset=UTF-8"),
            ],
        ),
        (
            "OPTIONS",
            Version::Http2,
            with(
                &[
                    host,
                    ua(CHROME),
                    any,
                    br,
                    lang,
                    ("access-control-request-method", "PUT"),
                    ("origin", "https://a.example"),
                ],
                &fetch("cross-site", "cors", "empty"),
            ),
        ),
        (
            "GET",
            Version::Http11,
            vec![
                host,
                ua(CHROME),
                ("upgrade", "websocket"),
                ("connection", "Upgrade"),
                ("sec-websocket-version", "13"),
                br,
                lang,
            ],
        ),
        (
            "GET",
            Version::Http11,
            vec![
                host,
                ua(SAFARI),
                ("upgrade", "websocket"),
                ("connection", "Upgrade"),
                ("sec-websocket-version", "13"),
            ],
        ),
        // Reports that Chromium sends over plain HTTP, a download manager, a video range request,
        // and a proxy that removes headers.
        (
            "POST",
            Version::Http11,
            vec![
                host,
                ua(CHROME),
                ("content-type", "application/json; charset=utf-8"),
                plain,
                lang,
            ],
        ),
        (
            "GET",
            Version::Http11,
            vec![host, ua(CUBOT), ("accept-encoding", "identity")],
        ),
        (
            "GET",
            Version::Http11,
            vec![
                host,
                ua(CHROME),
                any,
                ("accept-encoding", "identity;q=1, *;q=0"),
                ("range", "bytes=0-"),
                lang,
            ],
        ),
        (
            "GET",
            Version::Http11,
            vec![
                host,
                ua(CHROME),
                ("via", "1.1 abc.cloudfront.net (CloudFront)"),
                ("x-amz-cf-id", "x"),
            ],
        ),
        // In-app browsers.
        (
            "GET",
            Version::Http2,
            vec![
                host,
                ua(
                    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/21E219 [FBAN/FBIOS;FBAV/458.0.0.33.109;FBBV/580186484;FBDV/iPhone14,5]",
                ),
                page,
                br,
                lang,
            ],
        ),
        (
            "GET",
            Version::Http2,
            vec![
                host,
                ua(
                    "Mozilla/5.0 (Linux; Android 14; SM-S911B; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/123.0.6312.80 Mobile Safari/537.36",
                ),
                ("x-requested-with", "com.example.app"),
            ],
        ),
        // Webhooks, programs, bots, and clients that do not identify themselves.
        (
            "POST",
            Version::Http11,
            vec![
                host,
                ua("GitHub-Hookshot/044aadd"),
                any,
                ("content-type", "application/json"),
                ("content-length", "2"),
            ],
        ),
        (
            "POST",
            Version::Http11,
            vec![
                host,
                ua("Stripe/1.0 (+https://stripe.com/docs/webhooks)"),
                ("content-type", "application/json; charset=utf-8"),
            ],
        ),
        (
            "POST",
            Version::Http11,
            vec![host, ("content-type", "application/json")],
        ),
        ("GET", Version::Http10, vec![]),
        ("GET", Version::Http11, vec![host, ua("curl/8.5.0"), any]),
        (
            "GET",
            Version::Http11,
            vec![host, ua("python-requests/2.31.0"), any, plain],
        ),
        (
            "GET",
            Version::Http11,
            vec![host, ua("okhttp/4.12.0"), ("accept-encoding", "gzip")],
        ),
        (
            "GET",
            Version::Http11,
            vec![
                host,
                ua("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"),
                any,
            ],
        ),
        (
            "PUT",
            Version::Http11,
            vec![
                host,
                ua("aws-sdk-rust/1.3"),
                ("transfer-encoding", "chunked"),
            ],
        ),
    ];
    for (at, (method, version, lines)) in requests.iter().enumerate() {
        let refused = ask_for(&firewall, at as u8, method, "/page", *version, lines);
        assert_eq!(refused, None, "{method} {lines:?}");
    }
}
