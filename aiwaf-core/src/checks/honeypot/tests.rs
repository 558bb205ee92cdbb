//! Sessions of people and of programs, on a clock that stands still.

use std::time::Duration;

use super::*;
use crate::clock::ManualClock;
use crate::firewall::{Firewall, FirewallBuilder};
use crate::protection::Protections;
use crate::request::{Peer, RequestView};
use crate::settings::{Preset, Settings};

const FORM: &[u8] = b"application/x-www-form-urlencoded";
const CHROME: &[u8] =
    b"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/130.0.0.0 Safari/537.36";
const HTML: &[u8] = b"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

struct Site {
    firewall: Firewall,
    clock: ManualClock,
}

/// One browser behind an address.
#[derive(Clone, Copy)]
struct Visitor<'a> {
    site: &'a Site,
    address: &'a str,
    authenticated: bool,
}

impl Site {
    fn new() -> Self {
        Self::with(|builder| builder)
    }

    fn of(preset: Preset) -> Self {
        Self::with(|builder| builder.settings(preset.settings()))
    }

    fn set(change: impl FnOnce(&mut Settings)) -> Self {
        Self::with(|builder| builder.with_settings(change))
    }

    fn with(make: impl FnOnce(FirewallBuilder) -> FirewallBuilder) -> Self {
        let clock = ManualClock::default();
        // Alone: what other protections think of the same requests is their tests' business.
        let builder = make(Firewall::builder())
            .clock(clock.clone())
            .with_settings(|settings| {
                settings.protections.enable = Protections::of([Protection::Honeypot]);
            });
        Self {
            firewall: builder.build().unwrap(),
            clock,
        }
    }

    fn wait(&self, millis: u64) {
        self.clock.advance(Duration::from_millis(millis));
    }

    fn visitor(&self) -> Visitor<'_> {
        Visitor {
            site: self,
            address: "203.0.113.7",
            authenticated: false,
        }
    }
}

impl Visitor<'_> {
    /// Sends a request and answers it: the code of the refusal, or "ok".
    fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &[u8])],
        response: ResponseView<'_>,
    ) -> &'static str {
        let view = RequestView {
            headers,
            peer: Peer::Address(self.address.parse().unwrap()),
            authenticated: self.authenticated,
            ..RequestView::new(method, path.as_bytes())
        };
        let (verdict, exchange) = self.site.firewall.inspect(&view);
        match verdict.refusal() {
            Some(refusal) => {
                self.site
                    .firewall
                    .observe(exchange, &ResponseView::new(refusal.status));
                refusal.cause.code()
            }
            None => {
                self.site.firewall.observe(exchange, &response);
                "ok"
            }
        }
    }

    /// Goes to a page.
    fn open(&self, path: &str) -> &'static str {
        self.open_as(path, 200, "text/html; charset=utf-8")
    }

    fn open_as(&self, path: &str, status: u16, content_type: &str) -> &'static str {
        let headers: [(&str, &[u8]); 4] = [
            ("host", b"shop.example"),
            ("user-agent", CHROME),
            ("accept", HTML),
            ("sec-fetch-mode", b"navigate"),
        ];
        let response = ResponseView {
            content_type: Some(content_type),
            ..ResponseView::new(status)
        };
        self.send("GET", path, &headers, response)
    }

    /// Sends the form of `page` to `path`, which answers with `status`.
    fn submit(&self, page: &str, path: &str, status: u16) -> &'static str {
        let referer = format!("https://shop.example{page}");
        let headers: [(&str, &[u8]); 6] = [
            ("host", b"shop.example"),
            ("user-agent", CHROME),
            ("accept", HTML),
            ("content-type", FORM),
            ("sec-fetch-mode", b"navigate"),
            ("referer", referer.as_bytes()),
        ];
        self.send("POST", path, &headers, ResponseView::new(status))
    }

    fn post(&self, path: &str) -> &'static str {
        self.submit(path, path, 200)
    }
}

#[test]
fn people_are_served() {
    let site = Site::new();
    let visitor = site.visitor();
    // A password manager fills in and sends.
    assert_eq!(visitor.open("/login"), "ok");
    site.wait(600);
    assert_eq!(visitor.submit("/login", "/login", 303), "ok");
    assert_eq!(visitor.open("/account"), "ok");
    // By hand.
    assert_eq!(visitor.open("/contact"), "ok");
    site.wait(3000);
    assert_eq!(visitor.post("/contact"), "ok");
}

#[test]
fn an_instant_post_is_refused_and_hardly_strikes() {
    let site = Site::new();
    let bot = site.visitor();
    bot.open("/contact");
    site.wait(100);
    assert_eq!(bot.post("/contact"), "form_timing");
    // The page's one post is spent: pressing again is not an offence.
    site.wait(100);
    assert_eq!(bot.post("/contact"), "ok");
    let client = crate::client::ClientKey::new(bot.address.parse().unwrap(), 64);
    let score = site.firewall.state().strikes.score(
        client,
        site.firewall.clock().now(),
        Duration::from_secs(600),
    );
    assert!((9.0..=10.0).contains(&score), "{score}");
    assert!(site.firewall.state().bans.is_empty());
}

#[test]
fn a_program_that_keeps_at_it_is_banned() {
    let site = Site::new();
    let bot = site.visitor();
    let mut outcomes = Vec::new();
    for at in 0..20 {
        bot.open("/contact");
        site.wait(50 + 10 * at);
        outcomes.push(bot.post("/contact"));
    }
    assert_eq!(outcomes.first(), Some(&"form_timing"));
    assert_eq!(outcomes.last(), Some(&"banned"));
}

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
        // fetch with a form, of today and of before 2023; jQuery; JSON from a page that navigates.
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
        // They do not spend the page either.
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
    // Another tab shows a form that is sent to the same place, or is the place itself.
    visitor.open("/subscribe");
    assert_eq!(visitor.submit("/newsletter", "/subscribe", 200), "ok");
    assert_eq!(
        visitor.submit("/subscribe", "/subscribe", 200),
        "form_timing"
    );
    // Without a referer the post's own path stands for the page; so it does where every page is called "/".
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
    // The first tab is sent, then the second.
    assert_eq!(visitor.post("/form"), "ok");
    site.wait(3000);
    assert_eq!(visitor.post("/form"), "ok");
    // Back (nothing is asked for), and once more.
    site.wait(300);
    assert_eq!(visitor.post("/form"), "ok");
    // Left open, longer than compact stamps last.
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
    // The answer to that was not asked for yet; the next one is a visit.
    visitor.open_as("/moved", 302, "text/html");
    visitor.open("/thanks");
    visitor.open("/form");
    site.wait(200);
    assert_eq!(visitor.post("/form"), "form_timing");
}

#[test]
fn logins_are_told_by_a_whole_segment() {
    for (path, login) in [
        ("/login", true),
        ("/en/Login.aspx", true),
        ("/account/sign-in/", true),
        ("/users/sign_in", true),
        ("/auth/callback", true),
        ("/blogging-in", false),
        ("/authors", false),
        ("/loginhelp", false),
        ("/", false),
    ] {
        assert_eq!(is_login(path.as_bytes()), login, "{path}");
    }
    let site = Site::new();
    let visitor = site.visitor();
    visitor.open("/login");
    site.wait(200);
    assert_eq!(visitor.post("/login"), "form_timing");
    // A site that asks for less of every form asks for no more of its login.
    let site = Site::set(|settings| settings.honeypot.min_form_time = Duration::from_millis(100));
    let visitor = site.visitor();
    visitor.open("/login");
    site.wait(200);
    assert_eq!(visitor.post("/login"), "ok");
}

#[test]
fn presets_and_modes_decide_what_follows() {
    let strict = Site::of(Preset::Strict);
    let visitor = strict.visitor();
    visitor.open("/contact");
    strict.wait(1500);
    assert_eq!(visitor.post("/contact"), "form_timing");
    assert_eq!(visitor.open("/contact"), "banned");

    let monitor = Site::of(Preset::Monitor);
    let visitor = monitor.visitor();
    visitor.open("/contact");
    assert_eq!(visitor.post("/contact"), "ok");

    let off = Site::set(|settings| settings.honeypot.mode = crate::protection::Mode::Off);
    let visitor = off.visitor();
    visitor.open("/contact");
    assert_eq!(visitor.post("/contact"), "ok");
    assert!(off.firewall.state().forms.is_empty());
}

#[test]
fn who_has_logged_in_is_left_alone_unless_told_otherwise() {
    for (skip, expected) in [(true, "ok"), (false, "form_timing")] {
        let site = Site::set(|settings| settings.honeypot.skip_authenticated = skip);
        let visitor = Visitor {
            authenticated: true,
            ..site.visitor()
        };
        visitor.open("/profile");
        assert_eq!(visitor.post("/profile"), expected);
    }
}

mod guarded;

/// The predecessor's own cases, by its preset.
mod classic {
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

    /// GET (answered with 405), wait, POST without a body.
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
}
