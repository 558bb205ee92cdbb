//! The responses of the shop, independent of the framework.

mod pages;
mod upload;

pub use pages::{cart, contact_form, home, item, login_form, not_found, search};
pub use upload::upload;

use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, LazyLock, OnceLock, Weak};

use aiwaf_core::Firewall;
use bytes::Bytes;
use serde::{Deserialize, Serialize};

/// The shop's routes, as given to the firewall. The frameworks' own patterns are the same.
pub const ROUTES: [&str; 12] = [
    "/",
    "/items/{id}",
    "/cart",
    "/search",
    "/login",
    "/contact",
    "/api/items",
    "/api/orders",
    "/api/echo",
    "/upload",
    "/static/{*file}",
    "/health",
];

/// A response, before it is converted for a framework.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The `Content-Type`.
    pub content_type: &'static str,
    /// Other header fields.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Bytes,
}

impl Answer {
    fn new(status: u16, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        Self {
            status,
            content_type,
            // No refusal has this field, so a client can tell whether a handler was called.
            headers: vec![("x-handled", "1".to_owned())],
            body: body.into(),
        }
    }

    fn json(status: u16, value: &impl Serialize) -> Self {
        match serde_json::to_vec(value) {
            Ok(body) => Self::new(status, "application/json", body),
            Err(error) => Self::new(500, "text/plain; charset=utf-8", error.to_string()),
        }
    }

    fn error(status: u16, error: impl std::fmt::Display) -> Self {
        Self::json(status, &serde_json::json!({ "error": error.to_string() }))
    }

    fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// Something that the shop sells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Item {
    /// Its number.
    pub id: u32,
    /// Its name.
    pub name: &'static str,
    /// Its price in cents.
    pub cents: u32,
}

/// Everything that the shop sells.
pub const ITEMS: [Item; 4] = [
    Item {
        id: 1,
        name: "Kettle",
        cents: 3900,
    },
    Item {
        id: 2,
        name: "Seashells, a dozen",
        cents: 650,
    },
    Item {
        id: 3,
        name: "Bookshelf",
        cents: 12_900,
    },
    Item {
        id: 4,
        name: "Tea & biscuits",
        cents: 1250,
    },
];

fn find(id: u32) -> Option<&'static Item> {
    ITEMS.iter().find(|item| item.id == id)
}

/// Weak, because the last handle to be dropped must be the one in `main`.
static FIREWALL: OnceLock<Weak<Firewall>> = OnceLock::new();

/// Makes this firewall sign the contact form.
pub fn sign_forms_with(firewall: &Arc<Firewall>) {
    // If there are several firewalls in one process, the first one signs.
    let _ = FIREWALL.set(Arc::downgrade(firewall));
}

/// The hidden fields that tell the firewall when a form was fetched and whether a person filled it
/// in.
fn form_fields(page: &str) -> String {
    let firewall = FIREWALL.get().and_then(Weak::upgrade);
    firewall.map_or_else(String::new, |firewall| firewall.form_fields(page))
}

/// `GET /health`: for load balancers.
pub fn health() -> Answer {
    Answer::new(200, "text/plain; charset=utf-8", "ok\n")
}

/// `GET /api/items`.
pub fn api_items() -> Answer {
    Answer::json(200, &ITEMS)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Order {
    item: u32,
    quantity: u32,
    #[serde(default)]
    note: String,
}

/// `POST /api/orders`: an order as JSON, `{"item": 1, "quantity": 2, "note": "…"}`.
pub fn api_order(body: &[u8]) -> Answer {
    let order: Order = match serde_json::from_slice(body) {
        Ok(order) => order,
        Err(error) => return Answer::error(400, error),
    };
    let Some(item) = find(order.item) else {
        return Answer::error(422, "there is no such item");
    };
    match item.cents.checked_mul(order.quantity) {
        Some(cents) if cents > 0 => {
            let receipt = serde_json::json!({ "item": item, "cents": cents, "note": order.note });
            Answer::json(201, &receipt)
        }
        _ => Answer::error(422, "a quantity from 1 up is needed"),
    }
}

/// `POST /api/echo`: the body as it arrived, to show that nothing on the way changes it.
pub fn api_echo(body: Bytes) -> Answer {
    Answer::new(200, "application/octet-stream", body)
}

/// `POST /login`: the form of [`login_form`].
pub fn login(body: &[u8]) -> Answer {
    let known = field(body, "email") == "ada@example.com";
    if known && field(body, "password") == "correct horse" {
        let cookie = format!("{}; Path=/; HttpOnly; SameSite=Lax", *SESSION);
        return see_other("/cart").header("set-cookie", cookie);
    }
    Answer {
        status: 401,
        ..pages::login_again("That is not an address and password that we know.")
    }
}

/// The cookie of the only possible session, because the shop knows one customer. Nobody can guess
/// it.
static SESSION: LazyLock<String> = LazyLock::new(|| {
    let random = || RandomState::new().hash_one(0);
    format!("session={:016x}{:016x}", random(), random())
});

/// Whether a `Cookie` header is that of the customer after [`login`].
pub fn is_logged_in(cookies: &[u8]) -> bool {
    cookies
        .split(|byte| *byte == b';')
        .any(|cookie| cookie.trim_ascii() == SESSION.as_bytes())
}

/// `POST /contact`: the form of [`contact_form`].
pub fn contact(body: &[u8]) -> Answer {
    if field(body, "message").trim().is_empty() {
        return Answer {
            status: 422,
            ..contact_form()
        };
    }
    pages::thanks(&field(body, "name"))
}

/// `GET /static/{file}`.
pub fn static_file(name: &str) -> Answer {
    match name {
        "style.css" => asset(
            "text/css; charset=utf-8",
            include_bytes!("../static/style.css"),
        ),
        "app.js" => asset(
            "text/javascript; charset=utf-8",
            include_bytes!("../static/app.js"),
        ),
        "logo.svg" => asset("image/svg+xml", include_bytes!("../static/logo.svg")),
        _ => not_found(),
    }
}

fn asset(content_type: &'static str, body: &'static [u8]) -> Answer {
    Answer::new(200, content_type, body).header("cache-control", "max-age=3600")
}

fn see_other(target: &str) -> Answer {
    Answer::new(303, "text/plain; charset=utf-8", "").header("location", target)
}

/// The first value with that name in a form or a query; empty if there is none.
fn field(form: &[u8], name: &str) -> String {
    let found = form_urlencoded::parse(form).find(|(found, _)| found == name);
    found
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_are_checked() {
        assert_eq!(api_order(br#"{"item":2,"quantity":3}"#).status, 201);
        assert_eq!(api_order(br#"{"item":9,"quantity":3}"#).status, 422);
        assert_eq!(
            api_order(br#"{"item":3,"quantity":4294967295}"#).status,
            422
        );
        assert_eq!(api_order(b"{").status, 400);
    }

    #[test]
    fn what_visitors_write_is_escaped() {
        let page = search("q=%3Cb%3E%26");
        assert!(String::from_utf8_lossy(&page.body).contains("&lt;b&gt;&amp;"));
        let thanks = contact(b"name=%3Ci%3E&message=hello");
        assert!(!String::from_utf8_lossy(&thanks.body).contains("<i>"));
    }

    #[test]
    fn a_login_needs_both() {
        let welcome = login(b"email=ada%40example.com&password=correct+horse");
        assert_eq!(welcome.status, 303);
        let cookie = &welcome
            .headers
            .iter()
            .find(|(name, _)| *name == "set-cookie");
        let (session, _) = cookie.unwrap().1.split_once(';').unwrap();
        assert!(is_logged_in(format!("theme=dark; {session}").as_bytes()));
        assert!(!is_logged_in(b"session=0") && !is_logged_in(b""));
        assert_eq!(login(b"email=ada%40example.com&password=wrong").status, 401);
    }
}
