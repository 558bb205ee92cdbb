//! Runs each example as a separate process: it must give the same responses, keep bans over a
//! restart, and end when it is told to.

// Test helpers may fail like tests.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use aiwaf_testing::Client;

/// A running example. Dropping it kills it.
struct Shop {
    process: Child,
    address: SocketAddr,
}

impl Shop {
    fn open(binary: &str, framework: &str, store: &str) -> Self {
        let mut process = Command::new(binary)
            .env("PORT", "0")
            .env("AIWAF_STORE", store)
            .env_remove("AIWAF_CONFIG")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let output = process.stdout.take().unwrap();
        BufReader::new(output).read_line(&mut line).unwrap();
        let address = line
            .trim_end()
            .strip_prefix(&format!("{framework} example listening on http://"))
            .unwrap_or_else(|| panic!("unexpected first line {line:?}"));
        Self {
            address: address.parse().unwrap(),
            process,
        }
    }

    fn from(&self, last: u8) -> Client {
        Client::connect_from(last, self.address).unwrap()
    }

    /// Tells the example to end, and waits until it has.
    fn close(mut self) {
        let id = self.process.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-TERM", &id])
                .status()
                .unwrap()
                .success()
        );
        assert!(self.process.wait().unwrap().success());
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn post(client: &mut Client, target: &str, content_type: &str, body: &str) -> u16 {
    let length = body.len();
    let head = format!(
        "POST {target} HTTP/1.1\r\nHost: shop.test\r\nAccept: */*\r\nContent-Type: {content_type}\r\nContent-Length: {length}\r\n\r\n"
    );
    client.send(head + body).unwrap();
    client.reply_to("POST").unwrap().status
}

fn answers(shop: &Shop) {
    let mut client = shop.from(1);
    for target in [
        "/",
        "/items/2",
        "/cart",
        "/search?q=tea",
        "/login",
        "/contact",
        "/api/items",
        "/static/style.css",
        "/static/app.js",
        "/health",
    ] {
        assert_eq!(client.get(target).unwrap().status, 200, "{target}");
        let head = client.request("HEAD", target, "").unwrap();
        assert_eq!(head.status, 200, "HEAD {target}");
    }
    for target in [
        "/items/99",
        "/items/x",
        "/no/such/page",
        "/static/none.css",
        "/seashells",
        "/blog/php-tips",
    ] {
        assert_eq!(client.get(target).unwrap().status, 404, "{target}");
    }
    let body: Vec<u8> = (0..1_000_000_u32)
        .map(|number| (number % 251) as u8)
        .collect();
    assert!(client.post("/api/echo", &body).unwrap().body == body);
    assert!(client.post_chunked("/api/echo", &body, "").unwrap().body == body);
}

fn forms(shop: &Shop) {
    let mut client = shop.from(3);
    let form = "application/x-www-form-urlencoded";
    assert_eq!(
        post(
            &mut client,
            "/api/orders",
            "application/json",
            r#"{"item":1,"quantity":2}"#
        ),
        201
    );
    assert_eq!(
        post(
            &mut client,
            "/contact",
            form,
            "name=Zo%C3%AB&message=Are+you+open%3F"
        ),
        200
    );
    assert_eq!(
        post(
            &mut client,
            "/login",
            form,
            "email=ada%40example.com&password=wrong"
        ),
        401
    );
    let upload = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\nhello\r\n--b--\r\n";
    assert_eq!(
        post(
            &mut client,
            "/upload",
            "multipart/form-data; boundary=b",
            upload
        ),
        200
    );
}

/// Three probes ban the client. The ban survives the process and affects nobody else.
fn bans(binary: &str, framework: &str, store: &str) {
    let shop = Shop::open(binary, framework, store);
    for probe in ["/.env", "/wp-login.php", "/%2e%67it/config"] {
        assert_eq!(shop.from(2).get(probe).unwrap().status, 403);
    }
    assert_eq!(shop.from(2).get("/").unwrap().status, 403);
    assert_eq!(shop.from(4).get("/").unwrap().status, 200);
    shop.close();
    let shop = Shop::open(binary, framework, store);
    assert_eq!(shop.from(2).get("/").unwrap().status, 403);
    assert_eq!(shop.from(4).get("/").unwrap().status, 200);
}

fn try_out(binary: &str, framework: &str) {
    let shop = Shop::open(binary, framework, "memory");
    answers(&shop);
    forms(&shop);
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| Path::join(directory.path(), name).display().to_string();
    bans(binary, framework, &format!("sqlite:{}", at("shop.db")));
    bans(binary, framework, &format!("csv:{}", at("records")));
}

#[test]
#[cfg(feature = "axum")]
fn axum() {
    try_out(env!("CARGO_BIN_EXE_axum"), "axum");
}

#[test]
#[cfg(feature = "rocket")]
fn rocket() {
    try_out(env!("CARGO_BIN_EXE_rocket"), "rocket");
}

#[test]
#[cfg(feature = "poem")]
fn poem() {
    try_out(env!("CARGO_BIN_EXE_poem"), "poem");
}

#[test]
#[cfg(feature = "actix")]
fn actix() {
    try_out(env!("CARGO_BIN_EXE_actix"), "actix");
}
