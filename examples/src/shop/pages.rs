//! The pages.

use std::fmt::Write;

use super::{Answer, ITEMS, Item, field, find};

const HTML: &str = "text/html; charset=utf-8";

fn page(title: &str, main: &str) -> Answer {
    let title = escape(title);
    let html = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>\
         <link rel=\"stylesheet\" href=\"/static/style.css\"><link rel=\"icon\" href=\"/static/logo.svg\">\
         <script defer src=\"/static/app.js\"></script></head>\n<body><nav><a href=\"/\">Shop</a>\
         <a href=\"/cart\">Cart</a><a href=\"/search\">Search</a><a href=\"/login\">Log in</a>\
         <a href=\"/contact\">Contact</a><span id=\"count\"></span></nav>\n<h1>{title}</h1>\n{main}\n</body></html>\n"
    );
    Answer::new(200, HTML, html)
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

fn list<'i>(items: impl Iterator<Item = &'i Item>) -> String {
    let mut html = String::from("<ul>");
    for item in items {
        let name = escape(item.name);
        // Writing to a string cannot fail.
        let _ = write!(
            html,
            "<li><a href=\"/items/{}\">{name}</a> {}</li>",
            item.id,
            price(item)
        );
    }
    html.push_str("</ul>");
    html
}

fn price(item: &Item) -> String {
    format!("€{}.{:02}", item.cents / 100, item.cents % 100)
}

/// `GET /`.
pub fn home() -> Answer {
    page("A small shop", &list(ITEMS.iter()))
}

/// `GET /items/{id}`.
pub fn item(id: &str) -> Answer {
    match id.parse().ok().and_then(find) {
        Some(item) => page(item.name, &format!("<p>{}</p>", price(item))),
        None => not_found(),
    }
}

/// `GET /cart`.
pub fn cart() -> Answer {
    page("Your cart", "<p>It is empty.</p>")
}

/// `GET /search?q=`.
pub fn search(query: &str) -> Answer {
    let wanted = field(query.as_bytes(), "q");
    let found = ITEMS
        .iter()
        .filter(|item| item.name.to_lowercase().contains(&wanted.to_lowercase()));
    let form = format!(
        "<form action=\"/search\"><input name=\"q\" value=\"{}\"><button>Search</button></form>",
        escape(&wanted)
    );
    page("Search", &(form + &list(found)))
}

/// `GET /login`.
pub fn login_form() -> Answer {
    login_again("")
}

pub(super) fn login_again(message: &str) -> Answer {
    let form = format!(
        "<p>{message}</p><form method=\"post\" action=\"/login\">\
         <label>E-mail <input name=\"email\" type=\"email\"></label>\
         <label>Password <input name=\"password\" type=\"password\"></label><button>Log in</button></form>"
    );
    page("Log in", &form)
}

/// `GET /contact`, with a second form for a file.
pub fn contact_form() -> Answer {
    let form = format!(
        "<form method=\"post\" action=\"/contact\">{}<label>Name <input name=\"name\"></label>\
         <label>Message <textarea name=\"message\"></textarea></label><button>Send</button></form>",
        super::form_fields("/contact")
    );
    page(
        "Write to us",
        &(form
            + "<form method=\"post\" action=\"/upload\" enctype=\"multipart/form-data\">\
         <label>Picture <input name=\"file\" type=\"file\"></label><button>Send</button></form>"),
    )
}

pub(super) fn thanks(name: &str) -> Answer {
    page(
        "Thank you",
        &format!("<p>We will answer soon, {}.</p>", escape(name)),
    )
}

/// Anything else.
pub fn not_found() -> Answer {
    Answer {
        status: 404,
        ..page("Not found", "<p>There is no such page.</p>")
    }
}
