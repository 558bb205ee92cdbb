//! Sessions of people and of programs, on a manual clock.

use super::*;
use crate::clock::ManualClock;
use crate::firewall::{Firewall, FirewallBuilder};
use crate::protection::Protections;
use crate::request::{Peer, RequestView};
use crate::settings::{Preset, Settings};
use std::time::Duration;

mod classic;
mod guarded;
mod pages;
mod scripts;

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
        // Only this protection is enabled. Other protections have their own tests.
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
    /// Sends a request and supplies its response. Returns the code of the refusal, or "ok".
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
    // A password manager fills in the form and submits it.
    assert_eq!(visitor.open("/login"), "ok");
    site.wait(600);
    assert_eq!(visitor.submit("/login", "/login", 303), "ok");
    assert_eq!(visitor.open("/account"), "ok");
    // Filled in by hand.
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
    // The page's one timed post is used up: submitting again is not an offence.
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

/// One form strikes once, however long each post took: an office whose staff use a password manager
/// may share an address.
#[test]
fn a_program_that_keeps_at_one_form_is_refused_and_one_that_tries_many_is_banned() {
    let site = Site::new();
    let one = site.visitor();
    let many = Visitor {
        address: "203.0.113.8",
        ..one
    };
    let mut outcomes = Vec::new();
    for at in 0..20 {
        one.open("/contact");
        site.wait(50 + 10 * at);
        assert_eq!(one.post("/contact"), "form_timing");
        let form = format!("/form{at}");
        many.open(&form);
        site.wait(50 + 10 * at);
        outcomes.push(many.post(&form));
    }
    assert_eq!(outcomes.first(), Some(&"form_timing"));
    assert_eq!(outcomes.last(), Some(&"banned"));
}

/// A post whose `Referer` names a page that was never served is timed by the form's own page.
#[test]
fn another_page_in_the_referer_is_no_way_around() {
    let site = Site::new();
    let bot = site.visitor();
    bot.open("/contact");
    site.wait(100);
    assert_eq!(bot.submit("/never-served", "/contact", 403), "form_timing");
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
    // If a site sets a shorter minimum for every form, its login has no longer minimum.
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
