//! The pages of the shop. Nothing is stored, and everything that comes from a request is escaped.

use axum::response::Html;
use serde_json::{Value, json};

/// The goods: number, name, price.
const GOODS: [(&str, &str, &str); 4] = [
    ("1", "Union Jack mug", "9.50"),
    ("2", "Selection of teas", "14.00"),
    ("3", "Table cloth", "22.00"),
    ("7", "Basket of seashells", "11.20"),
];

const STYLE: &str = "body{font:16px/1.5 sans-serif;max-width:42rem;margin:2rem auto;padding:0 1rem}\
nav a{margin-right:1rem}code{background:#eee;padding:.1em .3em}label{display:block}\n";

const SCRIPT: &str = "document.documentElement.dataset.ready = 'yes';\n";

const LOGO: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 16 16\"><circle cx=\"8\" cy=\"8\" r=\"7\" \
fill=\"#2a7\"/></svg>\n";

fn page(title: &str, content: &str) -> Html<String> {
    Html(format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>\
         <link rel=\"stylesheet\" href=\"/static/site.css\"><script src=\"/static/site.js\" defer></script></head>\
         <body><nav><a href=\"/\">Shop</a><a href=\"/products\">Products</a><a href=\"/search?q=tea\">Search</a>\
         <a href=\"/contact\">Contact</a><a href=\"/login\">Log in</a></nav><h1>{title}</h1>{content}</body></html>\n"
    ))
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

pub(crate) fn home() -> Html<String> {
    page(
        "A small shop behind aiwaf",
        "<p>Look around: nothing of that is in your way. Then be bad, and watch the terminal:</p><ul>\
         <li><a href=\"/.env\">/.env</a>, <a href=\"/wp-login.php\">/wp-login.php</a>: what scanners ask for</li>\
         <li><a href=\"/search?q=1+union+select+password\">a search</a> with the operator's keyword</li>\
         <li><a href=\"/blog/php-tips\">/blog/php-tips</a>, <a href=\"/seashells\">/seashells</a>: look like \
         probes and are pages</li></ul><p>Two probes get you banned for 15 minutes. Start the demo again to be \
         forgiven.</p>",
    )
}

pub(crate) fn products() -> Html<String> {
    let rows: String = GOODS
        .iter()
        .map(|(id, name, price)| format!("<li><a href=\"/products/{id}\">{name}</a>, {price}</li>"))
        .collect();
    page("Products", &format!("<ul>{rows}</ul>"))
}

pub(crate) fn product(id: &str) -> Option<Html<String>> {
    let (_, name, price) = GOODS.iter().find(|(found, _, _)| *found == id)?;
    Some(page(name, &format!("<p>{price}</p>")))
}

pub(crate) fn catalogue() -> Value {
    let goods = GOODS.iter();
    goods
        .map(|(id, name, price)| json!({ "id": id, "name": name, "price": price }))
        .collect()
}

pub(crate) fn search(text: &str) -> Html<String> {
    let wanted = text.to_lowercase();
    let found: String = GOODS
        .iter()
        .filter(|(_, name, _)| name.to_lowercase().contains(&wanted))
        .map(|(id, name, _)| format!("<li><a href=\"/products/{id}\">{name}</a></li>"))
        .collect();
    let text = escape(text);
    page(
        "Search",
        &format!(
            "<form><input name=\"q\" value=\"{text}\"> <button>Search</button></form>\
             <p>Results for {text}:</p><ul>{found}</ul>"
        ),
    )
}

pub(crate) fn post() -> Html<String> {
    page(
        "PHP tips",
        "<p>A page about PHP, in a shop that has none.</p>",
    )
}

pub(crate) fn seashells() -> Html<String> {
    page("Seashells", "<p>She sells them here.</p>")
}

pub(crate) fn contact() -> Html<String> {
    page(
        "Contact",
        "<form method=\"post\"><label>Name <input name=\"name\"></label>\
         <label>Message <textarea name=\"message\"></textarea></label><button>Send</button></form>",
    )
}

pub(crate) fn thanks() -> Html<String> {
    page("Thank you", "<p>We shall write back.</p>")
}

pub(crate) fn login() -> Html<String> {
    page(
        "Log in",
        "<form method=\"post\"><label>Name <input name=\"name\"></label>\
         <label>Password <input name=\"password\" type=\"password\"></label><button>Log in</button></form>",
    )
}

pub(crate) fn no_such_customer(name: &str) -> Html<String> {
    page(
        "Log in",
        &format!("<p>There is no customer {}.</p>", escape(name)),
    )
}

/// A file of `/static/`: its media type and its text.
pub(crate) fn file(name: &str) -> Option<(&'static str, &'static str)> {
    match name {
        "site.css" => Some(("text/css", STYLE)),
        "site.js" => Some(("text/javascript", SCRIPT)),
        "logo.svg" => Some(("image/svg+xml", LOGO)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_request_brings_is_escaped() {
        let Html(page) = search("<script>alert('1')</script>\"&");
        assert!(!page.contains("<script>alert") && !page.contains("alert('"));
        assert!(page.contains("&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&quot;&amp;"));
    }
}
