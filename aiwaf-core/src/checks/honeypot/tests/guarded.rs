//! Forms with the fields of a form guard.

use super::*;
use crate::client::ClientKey;
use crate::verdict::{CollectedBody, Verdict};

const PAGE: &str = "/contact";

/// The fields of a form as a browser would send them back.
#[derive(Clone)]
struct Form {
    token: String,
    trap: String,
    filled: &'static str,
}

impl Form {
    fn of(site: &Site, page: &str) -> Self {
        let html = site.firewall.form_fields(page);
        let attribute = |name: &str, nth: usize| {
            let value = html.split(&format!("{name}=\"")).nth(nth).unwrap();
            value.split('"').next().unwrap().to_owned()
        };
        assert_eq!(attribute("name", 1), "aiwaf_token");
        Self {
            token: attribute("value", 1),
            trap: attribute("name", 2),
            filled: "",
        }
    }

    fn urlencoded(&self) -> Vec<u8> {
        let Self {
            token,
            trap,
            filled,
        } = self;
        format!("aiwaf_token={token}&{trap}={filled}&text=hello").into_bytes()
    }

    fn multipart(&self) -> Vec<u8> {
        let part = |name: &str, value: &str| {
            format!("--XX\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        };
        let parts = [
            part("aiwaf_token", &self.token),
            part(&self.trap, self.filled),
            part("text", "hello"),
        ];
        (parts.concat() + "--XX--\r\n").into_bytes()
    }
}

const MULTIPART: &[u8] = b"multipart/form-data; boundary=XX";

impl Visitor<'_> {
    /// Sends a body to a path from a page. Returns the code of the refusal and its status, or "ok"
    /// and 200.
    fn send_body(&self, page: &str, path: &str, kind: &[u8], body: &[u8]) -> (&'static str, u16) {
        let referer = format!("https://shop.example{page}");
        let length = body.len().to_string();
        let headers: [(&str, &[u8]); 6] = [
            ("host", b"shop.example"),
            ("user-agent", CHROME),
            ("accept", HTML),
            ("content-type", kind),
            ("content-length", length.as_bytes()),
            ("referer", referer.as_bytes()),
        ];
        let view = RequestView {
            headers: &headers,
            peer: Peer::Address(self.address.parse().unwrap()),
            authenticated: self.authenticated,
            ..RequestView::new("POST", path.as_bytes())
        };
        let firewall = &self.site.firewall;
        let (mut verdict, mut exchange) = firewall.inspect(&view);
        if let Verdict::NeedBody(plan) = verdict {
            let body = CollectedBody::Whole(body);
            verdict = firewall.inspect_body(&view, &mut exchange, plan, body);
        }
        match verdict.refusal() {
            Some(refusal) => (refusal.cause.code(), refusal.status),
            None => ("ok", 200),
        }
    }

    fn submit_form(&self, form: &Form) -> (&'static str, u16) {
        self.send_body(PAGE, PAGE, FORM, &form.urlencoded())
    }

    fn score(&self) -> f32 {
        let client = ClientKey::new(self.address.parse().unwrap(), 64);
        let now = self.site.firewall.clock().now();
        let strikes = &self.site.firewall.state().strikes;
        strikes.score(client, now, Duration::from_secs(600))
    }
}

const OK: (&str, u16) = ("ok", 200);
const STALE: (&str, u16) = ("form_token_stale", 409);
const FORGED: (&str, u16) = ("form_token_forged", 403);

#[test]
fn a_person_passes_and_is_timed_exactly() {
    let site = Site::new();
    let visitor = site.visitor();
    let form = Form::of(&site, PAGE);
    site.wait(999);
    assert_eq!(visitor.submit_form(&form), ("form_timing", 403));
    // A post that came too soon does not use up the token.
    site.wait(1);
    assert_eq!(visitor.submit_form(&form), OK);
    let form = Form::of(&site, PAGE);
    site.wait(5000);
    assert_eq!(
        visitor.send_body(PAGE, PAGE, MULTIPART, &form.multipart()),
        OK
    );
    // A login may be faster.
    let form = Form::of(&site, "/login");
    site.wait(400);
    assert_eq!(
        visitor.send_body("/login", "/login", FORM, &form.urlencoded()),
        OK
    );
}

#[test]
fn a_token_stands_for_the_time_of_the_page() {
    let site = Site::new();
    let visitor = site.visitor();
    // The page was served to this address a moment ago, but the token's time takes precedence.
    let form = Form::of(&site, PAGE);
    site.wait(60_000);
    visitor.open(PAGE);
    site.wait(100);
    assert_eq!(visitor.submit_form(&form), OK);
}

#[test]
fn a_filled_trap_and_a_forged_token_are_refused_and_strike() {
    let site = Site::new();
    let visitor = site.visitor();
    let mut form = Form::of(&site, PAGE);
    site.wait(5000);
    form.filled = "cheap+watches";
    assert_eq!(visitor.submit_form(&form), ("form_trap", 403));
    assert!(
        (49.0..=50.0).contains(&visitor.score()),
        "{}",
        visitor.score()
    );
    form.filled = "";
    form.token.replace_range(
        80..81,
        if form.token.as_bytes()[80] == b'0' {
            "1"
        } else {
            "0"
        },
    );
    assert_eq!(visitor.submit_form(&form), FORGED);
    assert_eq!(visitor.open("/"), "banned");
}

#[test]
fn whatever_is_no_token_is_forged() {
    let site = Site::new();
    let good = Form::of(&site, PAGE).token;
    site.wait(5000);
    let bodies = [
        "aiwaf_token=x".to_owned(),
        format!("aiwaf_token={good}00"),
        format!("aiwaf_token={}", good.to_uppercase()),
        // Two different tokens: which one counts is ambiguous.
        format!("aiwaf_token={good}&aiwaf_token=x"),
    ];
    for (at, body) in bodies.iter().enumerate() {
        let address = format!("203.0.113.{at}");
        let visitor = Visitor {
            address: &address,
            ..site.visitor()
        };
        assert_eq!(
            visitor.send_body(PAGE, PAGE, FORM, body.as_bytes()),
            FORGED,
            "{body}"
        );
    }
}

#[test]
fn an_old_page_is_to_be_reloaded_and_strikes_nobody() {
    let site = Site::new();
    let visitor = site.visitor();
    let form = Form::of(&site, PAGE);
    site.wait(24 * 3_600_000);
    assert_eq!(visitor.submit_form(&form), OK);
    let form = Form::of(&site, PAGE);
    site.wait(24 * 3_600_000 + 1);
    assert_eq!(visitor.submit_form(&form), STALE);
    // A token of another page, of another machine or of an earlier process is stale too.
    let form = Form::of(&site, "/other");
    site.wait(5000);
    assert_eq!(visitor.submit_form(&form), STALE);
    let form = Form::of(&Site::new(), PAGE);
    assert_eq!(visitor.submit_form(&form), STALE);
    assert!(visitor.score() < 0.1);
}

#[test]
fn a_token_is_for_the_page_or_for_where_it_is_sent() {
    for page in ["/contact", "/send", "/CONTACT/../contact?x#y"] {
        let site = Site::new();
        let form = Form::of(&site, page);
        site.wait(5000);
        let outcome = site
            .visitor()
            .send_body("/contact?x=1", "/send", FORM, &form.urlencoded());
        assert_eq!(outcome, OK, "{page}");
    }
    // With a referrer policy of "origin", the page is unknown.
    let site = Site::new();
    let form = Form::of(&site, "/somewhere");
    site.wait(5000);
    assert_eq!(
        site.visitor()
            .send_body("/", "/send", FORM, &form.urlencoded()),
        OK
    );
}

#[test]
fn a_token_is_good_once() {
    let site = Site::new();
    let visitor = site.visitor();
    let other = Visitor {
        address: "198.51.100.9",
        ..visitor
    };
    let form = Form::of(&site, PAGE);
    site.wait(5000);
    assert_eq!(visitor.submit_form(&form), OK);
    // The button is pressed a second time.
    site.wait(9000);
    assert_eq!(visitor.submit_form(&form), OK);
    assert_eq!(other.submit_form(&form), ("form_token_replayed", 403));
    site.wait(2000);
    assert_eq!(visitor.submit_form(&form), ("form_token_replayed", 403));
}

#[test]
fn without_a_token_the_page_is_timed_unless_one_must_be_there() {
    let guarded = |paths: &[&str]| {
        let paths = paths.iter().map(|path| (*path).to_owned()).collect();
        Site::set(|settings| {
            settings.honeypot.keys = vec!["a secret of many bytes".to_owned()];
            settings.honeypot.guarded_paths = paths;
        })
    };
    let site = guarded(&[]);
    let visitor = site.visitor();
    assert_eq!(visitor.send_body(PAGE, PAGE, FORM, b"text=hello"), OK);
    visitor.open(PAGE);
    assert_eq!(
        visitor.send_body(PAGE, PAGE, FORM, b"text=hello"),
        ("form_timing", 403)
    );

    let site = guarded(&["/contact", "/forms/"]);
    let visitor = site.visitor();
    let missing = ("form_token_missing", 403);
    for (path, kind) in [
        ("/contact", FORM),
        ("/forms/a", MULTIPART),
        ("/contact", b"application/json"),
        ("/contact", b"text/plain"),
        ("/x/../Contact", FORM),
    ] {
        let outcome = visitor.send_body(PAGE, path, kind, b"text=hello");
        assert_eq!(outcome, missing, "{path}");
    }
    assert_eq!(visitor.send_body(PAGE, "/contact", FORM, b""), missing);
    assert_eq!(
        visitor.send_body(PAGE, "/elsewhere", FORM, b"text=hello"),
        OK
    );
    assert_eq!(visitor.open("/contact"), "ok");
    let form = Form::of(&site, PAGE);
    site.wait(5000);
    assert_eq!(visitor.submit_form(&form), OK);
}

#[test]
fn a_form_from_before_a_restart_is_stale_not_without_a_token() {
    let site = || Site::set(|settings| settings.honeypot.guarded_paths = vec![PAGE.to_owned()]);
    let form = Form::of(&site(), PAGE);
    let restarted = site();
    assert_eq!(restarted.visitor().submit_form(&form), STALE);
}

#[test]
fn machines_that_share_a_key_take_each_others_forms() {
    let with = |keys: &[&str]| {
        let keys = keys.iter().map(|key| (*key).to_owned()).collect();
        Site::set(|settings| settings.honeypot.keys = keys)
    };
    let (old, new) = (
        "the old secret of many bytes",
        "the new secret of many bytes",
    );
    let form = Form::of(&with(&[old]), PAGE);
    let rotated = with(&[new, old]);
    rotated.wait(5000);
    assert_eq!(rotated.visitor().submit_form(&form), OK);
    let gone = with(&[new]);
    gone.wait(5000);
    assert_eq!(gone.visitor().submit_form(&form), STALE);
}

#[test]
fn a_long_upload_is_judged_by_its_beginning() {
    let site = Site::new();
    let visitor = site.visitor();
    let mut form = Form::of(&site, PAGE);
    form.filled = "x";
    site.wait(5000);
    let mut body = form.multipart();
    body.truncate(body.len() - 4);
    let headers: [(&str, &[u8]); 3] = [
        ("content-type", MULTIPART),
        ("content-length", b"90000000"),
        ("user-agent", CHROME),
    ];
    let view = RequestView {
        headers: &headers,
        peer: Peer::Address(visitor.address.parse().unwrap()),
        ..RequestView::new("POST", PAGE.as_bytes())
    };
    let (verdict, mut exchange) = site.firewall.inspect(&view);
    let Verdict::NeedBody(plan) = verdict else {
        panic!("{verdict:?}");
    };
    let verdict =
        site.firewall
            .inspect_body(&view, &mut exchange, plan, CollectedBody::Head(&body));
    assert_eq!(verdict.refusal().unwrap().cause.code(), "form_trap");
}

/// An honest page may place its fields behind a file that is longer than the part seen. A form
/// without a file cannot.
#[test]
fn a_token_behind_a_long_file_is_not_missing() {
    let site = Site::set(|settings| {
        settings.honeypot.keys = vec!["0123456789abcdef0123456789abcdef".into()];
        settings.honeypot.guarded_paths = vec![PAGE.into()];
    });
    let visitor = site.visitor();
    for (name, expected) in [
        ("f\"; filename=\"a.bin", "ok"),
        ("text", "form_token_missing"),
    ] {
        let body = format!(
            "--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{}",
            "x".repeat(9000)
        );
        let headers: [(&str, &[u8]); 3] = [
            ("content-type", b"multipart/form-data; boundary=b"),
            ("content-length", b"90000000"),
            ("user-agent", CHROME),
        ];
        let view = RequestView {
            headers: &headers,
            peer: Peer::Address(visitor.address.parse().unwrap()),
            ..RequestView::new("POST", PAGE.as_bytes())
        };
        let (verdict, mut exchange) = site.firewall.inspect(&view);
        let Verdict::NeedBody(plan) = verdict else {
            panic!("{verdict:?}");
        };
        let head = CollectedBody::Head(body.as_bytes());
        let verdict = site.firewall.inspect_body(&view, &mut exchange, plan, head);
        let code = verdict
            .refusal()
            .map_or("ok", |refusal| refusal.cause.code());
        assert_eq!(code, expected);
    }
}

#[test]
fn nobody_pays_who_has_no_guard() {
    let site = Site::new();
    let view_headers: [(&str, &[u8]); 2] = [("content-type", FORM), ("content-length", b"3")];
    let view = RequestView {
        headers: &view_headers,
        peer: Peer::Address("203.0.113.7".parse().unwrap()),
        ..RequestView::new("POST", b"/x")
    };
    assert_eq!(site.firewall.inspect(&view).0, Verdict::Allow);
    let _ = site.firewall.form_fields("/x");
    assert!(matches!(
        site.firewall.inspect(&view).0,
        Verdict::NeedBody(_)
    ));
}

#[test]
fn strict_bans_for_what_no_person_does() {
    let site = Site::of(Preset::Strict);
    let visitor = site.visitor();
    let mut form = Form::of(&site, PAGE);
    site.wait(5000);
    form.filled = "x";
    assert_eq!(visitor.submit_form(&form), ("form_trap", 403));
    assert_eq!(visitor.open("/"), "banned");
}
