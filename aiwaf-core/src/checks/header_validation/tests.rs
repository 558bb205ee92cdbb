//! Black-box: through the firewall, as an adapter asks it.

use std::net::IpAddr;

use crate::settings::{GenericClients, Layers, PathRule, Preset, RequiredHeaders};
use crate::{
    Firewall, Header, ManualClock, Mode, Peer, Protection, Protections, RequestView, RoutePolicy,
    Settings, Verdict, Version,
};

const CHROME: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";
const CUBOT: &str = "Mozilla/5.0 (Linux; Android 13; CUBOT P80) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0.6045.66 Mobile Safari/537.36";
const SAFARI: &str = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15";
const FIREFOX_91: &str =
    "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:91.0) Gecko/20100101 Firefox/91.0";

fn only(change: impl FnOnce(&mut Settings)) -> Firewall {
    let mut settings = Settings::default();
    change(&mut settings);
    settings.protections.enable = Protections::of([Protection::HeaderValidation]);
    Firewall::builder()
        .settings(settings)
        .clock(ManualClock::default())
        .build()
        .unwrap()
}

fn classic() -> Firewall {
    only(|settings| *settings = Preset::Classic.settings())
}

/// Asks from an address of its own for each call, so that no ban of one case decides the next.
fn ask(firewall: &Firewall, client: u8, method: &str, lines: &[(&str, &str)]) -> Option<String> {
    ask_for(firewall, client, method, "/page", Version::Http11, lines)
}

fn ask_for(
    firewall: &Firewall,
    client: u8,
    method: &str,
    target: &str,
    version: Version,
    lines: &[(&str, &str)],
) -> Option<String> {
    let headers: Vec<(&str, &[u8])> = lines.iter().map(|(n, v)| (*n, v.as_bytes())).collect();
    let view = RequestView {
        headers: &headers,
        version,
        peer: Peer::Address(IpAddr::from([203, 0, 113, client])),
        ..RequestView::new(method, target.as_bytes())
    };
    let (verdict, _) = firewall.inspect(&view);
    match verdict {
        Verdict::Refuse(refusal) => Some(refusal.cause.to_string()),
        _ => None,
    }
}

const NAVIGATION: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

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
        // Navigations: now over HTTP/2, four years ago over HTTP/1.1 without TLS, on a phone called CUBOT.
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
        // What a page does: XHR, fetch, no-cors, EventSource, prefetch, service worker, favicon, manifest, beacon.
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
        // Reports that Chromium sends over plain HTTP, a download manager, a range of a video, a proxy that takes headers out.
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
        // Webhooks, programs, bots, and clients that say nothing of themselves.
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

#[test]
fn scanners_are_refused_and_banned_whatever_the_settings_say_of_clients() {
    let firewall = only(|settings| settings.headers.generic_clients = GenericClients::Allow);
    let lines = [
        ("user-agent", "sqlmap/1.8#stable (https://sqlmap.org)"),
        ("accept", "*/*"),
    ];
    let first = ask(&firewall, 1, "GET", &lines).unwrap();
    assert_eq!(first, "the user agent is a scanner's: sqlmap");
    let honest = [
        ("user-agent", CHROME),
        ("accept", NAVIGATION),
        ("accept-language", "de"),
    ];
    let second = ask(&firewall, 1, "GET", &honest).unwrap();
    assert!(second.starts_with("the client is banned"), "{second}");
    assert_eq!(ask(&firewall, 2, "GET", &honest), None);
}

#[test]
fn a_missing_header_strikes_nobody_and_other_faults_do() {
    let firewall = only(|_| {});
    let bare = [("user-agent", CHROME)];
    for _ in 0..30 {
        let cause = ask(&firewall, 1, "GET", &bare).unwrap();
        assert_eq!(cause, "Missing required headers: accept");
    }
    // Five different faults of 20 each.
    for value in ["x", "+1", "0x1", "1,1", ""] {
        let path = format!("/{value}");
        let lines = [("content-length", value)];
        assert!(ask_for(&firewall, 2, "POST", &path, Version::Http11, &lines).is_some());
    }
    let after = ask(&firewall, 2, "GET", &[]).unwrap();
    assert!(
        after.starts_with("the client is banned: the length of the body"),
        "{after}"
    );
}

#[test]
fn generic_clients_are_refused_where_the_settings_say_so() {
    let strict = only(|settings| *settings = Preset::Strict.settings());
    let lines = [("user-agent", "python-requests/2.31.0"), ("accept", "*/*")];
    let cause = ask(&strict, 1, "GET", &lines).unwrap();
    assert_eq!(cause, "the user agent is a program's: python-requests");
    assert_eq!(ask(&only(|_| {}), 1, "GET", &lines), None);
}

#[test]
fn a_verified_bot_is_spared_and_an_impostor_is_a_client_like_any_other() {
    let strict = only(|settings| {
        *settings = Preset::Strict.settings();
        let networks = vec!["203.0.113.0/25".parse().unwrap()];
        settings
            .headers
            .good_bots
            .insert("examplebot".to_owned(), networks);
    });
    let lines = [
        ("user-agent", "ExampleBot/1.0 (python-requests/2.31)"),
        ("accept", "*/*"),
    ];
    assert_eq!(ask(&strict, 1, "GET", &lines), None);
    assert!(ask(&strict, 200, "GET", &lines).is_some());
}

#[test]
fn modes_exemptions_and_rules_are_respected() {
    let lines = [("user-agent", "nikto")];
    for (change, refused) in [
        ((|_: &mut Settings| {}) as fn(&mut Settings), true),
        (|settings| settings.headers.mode = Mode::Monitor, false),
        (|settings| settings.headers.mode = Mode::Off, false),
        (|settings| *settings = Preset::Monitor.settings(), false),
        (
            |settings| settings.exempt_paths_extra = vec!["/page".to_owned()],
            false,
        ),
        (
            |settings| settings.headers.required = RequiredHeaders::All(vec![]),
            false,
        ),
        (
            |settings| {
                settings.path_rules = vec![PathRule {
                    prefix: "/page".to_owned(),
                    disable: Protections::of([Protection::HeaderValidation]),
                    ..PathRule::default()
                }];
            },
            false,
        ),
    ] {
        let firewall = only(change);
        for _ in 0..2 {
            assert_eq!(ask(&firewall, 1, "GET", &lines).is_some(), refused);
        }
    }
    let firewall = Firewall::builder()
        .route(
            "/page",
            RoutePolicy::exempt_from([Protection::HeaderValidation]),
        )
        .build()
        .unwrap();
    assert_eq!(ask(&firewall, 1, "GET", &lines), None);
}

/// The predecessor's own cases: `H` is what its tests send with every request.
mod predecessor {
    use super::*;

    const H: [(&str, &str); 4] = [
        ("accept", NAVIGATION),
        ("accept-language", "en-US,en;q=0.5"),
        ("accept-encoding", "gzip, deflate"),
        ("connection", "keep-alive"),
    ];

    fn with_h(agent: &str) -> Option<String> {
        let lines = [&[("user-agent", agent)], H.as_slice()].concat();
        ask(&classic(), 1, "GET", &lines)
    }

    #[test]
    fn case_17_and_18_user_agents() {
        assert_eq!(
            with_h("").as_deref(),
            Some("Missing required headers: user-agent")
        );
        assert_eq!(
            with_h("short").as_deref(),
            Some("Suspicious user agent: Too short")
        );
        assert_eq!(
            with_h("sh").as_deref(),
            Some("Suspicious user agent: Too short")
        );
        assert_eq!(with_h("Test Browser 1.0"), None);
    }

    #[test]
    fn words_and_lengths() {
        for (agent, reason) in [
            ("My test crawler 1", "Pattern: crawler"),
            ("curl/8.5.0 python bot", "Pattern: bot"),
            (CUBOT, "Pattern: bot"),
            ("Something Mozilla/4.0", "Pattern: mozilla/4.0$"),
            ("123456789", "Too short"),
        ] {
            assert_eq!(
                with_h(agent),
                Some(format!("Suspicious user agent: {reason}"))
            );
        }
        assert_eq!(with_h("1234567890"), None);
        assert_eq!(with_h(&"x".repeat(500)), None);
        let long = with_h(&"x".repeat(501));
        assert_eq!(long.as_deref(), Some("Suspicious user agent: Too long"));
        assert_eq!(
            with_h("Googlebot/2.1 (+http://www.google.com/bot.html)"),
            None
        );
        assert!(with_h("Googlebot sqlmap/1.8").is_some());
    }

    #[test]
    fn combinations() {
        let agent = ("user-agent", "Test Browser 1.0");
        let case = |version, agent: &'static str, lines: &[(&'static str, &'static str)]| {
            let lines = [&[("user-agent", agent)], lines].concat();
            ask_for(&classic(), 1, "GET", "/page", version, &lines)
        };
        for (version, agent, lines, reason) in [
            (
                Version::Http2,
                "Mozilla/4.0 (compatible)",
                H.as_slice(),
                "HTTP/2 with old browser user agent",
            ),
            (
                Version::Http11,
                agent.1,
                &[("accept", "*/*"), ("connection", "close")],
                "Generic Accept header without language/encoding",
            ),
            (
                Version::Http11,
                agent.1,
                &[("accept", "text/html")],
                "Missing all browser-standard headers",
            ),
            (
                Version::Http10,
                CHROME,
                H.as_slice(),
                "Modern browser with HTTP/1.0",
            ),
        ] {
            assert_eq!(
                case(version, agent, lines),
                Some(format!("Suspicious headers: {reason}"))
            );
        }
    }

    #[test]
    fn case_37_only_a_user_agent() {
        let cause = ask(&classic(), 1, "GET", &[("user-agent", "Test Browser 1.0")]);
        assert_eq!(cause.as_deref(), Some("Missing required headers: accept"));
    }

    #[test]
    fn case_38_a_method_whose_list_is_empty() {
        let settings = Layers::new()
            .environment([
                ("AIWAF_PRESET", "classic"),
                ("AIWAF_REQUIRED_HEADERS", r#"{"HEAD": []}"#),
            ])
            .unwrap()
            .settings()
            .unwrap();
        let firewall = only(|all| *all = settings);
        assert_eq!(ask(&firewall, 1, "HEAD", &[]), None);
        assert!(ask(&firewall, 1, "GET", &[]).is_some());
    }

    #[test]
    fn its_causes_ban_at_once_and_without_end() {
        let firewall = classic();
        assert!(ask(&firewall, 1, "GET", &[]).is_some());
        let honest = [&[("user-agent", "Test Browser 1.0")], H.as_slice()].concat();
        let banned = ask(&firewall, 1, "GET", &honest).unwrap();
        assert_eq!(
            banned,
            "the client is banned: Missing required headers: user-agent, accept"
        );
    }

    #[test]
    fn case_20_a_rule_disables_it_under_a_prefix() {
        let firewall = only(|settings| {
            *settings = Preset::Classic.settings();
            settings.path_rules = vec![PathRule {
                prefix: "/myapp/api/".to_owned(),
                disable: Protections::of([Protection::HeaderValidation]),
                ..PathRule::default()
            }];
        });
        let lines = [&[("user-agent", "")], H.as_slice()].concat();
        let ask = |target| ask_for(&firewall, 1, "GET", target, Version::Http11, &lines);
        assert_eq!(ask("/myapp/api/data"), None);
        assert!(ask("/myapp/ui").is_some());
    }
}

#[test]
fn settings_that_cannot_hold_are_errors_with_their_value() {
    let load = |file: &str| {
        let layers = Layers::new().file("aiwaf.toml", file)?;
        layers.settings()
    };
    for (file, part) in [
        ("[headers]\nrequired = \"all\"", "browsers"),
        ("[headers]\nrequired = [\"User Agent\"]", "user agent"),
        ("[headers]\nmax_count = 3", "headers.max_count = 3"),
        ("[headers.good_bots]\nx = []", "good_bots"),
        (
            "[headers.good_bots]\ngooglebot = [\"66.249.64.0/99\"]",
            "66.249.64.0/99",
        ),
    ] {
        let message = load(file).unwrap_err().to_string();
        assert!(message.contains(part), "{message} should say {part}");
    }
    let shown = load("[headers.required]\nget = [\"User-Agent\"]\n[headers.good_bots]\ngooglebot = [\"66.249.64.0/19\"]").unwrap();
    assert_eq!(load(&shown.to_toml()).unwrap(), shown);
    assert_eq!(Header::from_name("via"), Some(Header::Via));
}
