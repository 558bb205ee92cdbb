//! The shop in Rocket.

use std::io::Cursor;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use aiwaf_core::Authenticated;
use aiwaf_examples::shop::{self, Answer};
use aiwaf_examples::{BODY_LIMIT, announce_at, firewall, is_protected, log, port};
use aiwaf_rocket::{Aiwaf, Inspected};
use anyhow::{Context, Result};
use rocket::fairing::{AdHoc, Fairing};
use rocket::http::uri::Origin;
use rocket::http::{ContentType, Header, Status};
use rocket::response::{self, Responder, Response};
use rocket::{Build, Config, Request, Rocket, catch, catchers, get, post, routes};

/// The shop's response, for Rocket.
struct Reply(Answer);

impl<'r> Responder<'r, 'static> for Reply {
    fn respond_to(self, _: &'r Request<'_>) -> response::Result<'static> {
        let mut response = Response::new();
        response.set_status(Status::new(self.0.status));
        response.set_raw_header("content-type", self.0.content_type);
        for (name, value) in self.0.headers {
            response.set_header(Header::new(name, value));
        }
        response.set_sized_body(self.0.body.len(), Cursor::new(self.0.body));
        Ok(response)
    }
}

type Answered = std::io::Result<Reply>;

async fn all_of(body: Inspected<'_>) -> std::io::Result<Vec<u8>> {
    body.into_bytes(BODY_LIMIT).await
}

#[get("/")]
fn home() -> Reply {
    Reply(shop::home())
}

#[get("/items/<id>")]
fn item(id: &str) -> Reply {
    Reply(shop::item(id))
}

#[get("/cart")]
fn cart() -> Reply {
    Reply(shop::cart())
}

#[get("/search")]
fn search(uri: &Origin<'_>) -> Reply {
    let query = uri.query().map(|query| query.as_str());
    Reply(shop::search(query.unwrap_or_default()))
}

#[get("/login")]
fn login_form() -> Reply {
    Reply(shop::login_form())
}

#[post("/login", data = "<body>")]
async fn login(body: Inspected<'_>) -> Answered {
    Ok(Reply(shop::login(&all_of(body).await?)))
}

#[get("/contact")]
fn contact_form() -> Reply {
    Reply(shop::contact_form())
}

#[post("/contact", data = "<body>")]
async fn contact(body: Inspected<'_>) -> Answered {
    Ok(Reply(shop::contact(&all_of(body).await?)))
}

#[get("/items")]
fn api_items() -> Reply {
    Reply(shop::api_items())
}

#[post("/orders", data = "<body>")]
async fn api_order(body: Inspected<'_>) -> Answered {
    Ok(Reply(shop::api_order(&all_of(body).await?)))
}

#[post("/echo", data = "<body>")]
async fn api_echo(body: Inspected<'_>) -> Answered {
    Ok(Reply(shop::api_echo(all_of(body).await?.into())))
}

#[post("/upload", data = "<body>")]
async fn upload(content_type: &ContentType, body: Inspected<'_>) -> Answered {
    let content_type = content_type.to_string();
    let body = all_of(body).await?;
    Ok(Reply(shop::upload(Some(&content_type), body.into()).await))
}

#[get("/static/<file..>")]
fn static_file(file: PathBuf) -> Reply {
    Reply(shop::static_file(&file.to_string_lossy()))
}

#[get("/health")]
fn health() -> Reply {
    Reply(shop::health())
}

#[catch(404)]
fn not_found() -> Reply {
    Reply(shop::not_found())
}

/// Tells the firewall that a customer is logged in.
fn session() -> impl Fairing {
    AdHoc::on_request("session", |request, _| {
        Box::pin(async move {
            let mut cookies = request.headers().get("cookie");
            if cookies.any(|line| shop::is_logged_in(line.as_bytes())) {
                request.local_cache(|| Some(Authenticated));
            }
        })
    })
}

fn build(port: u16) -> Rocket<Build> {
    let config = Config {
        address: Ipv4Addr::LOCALHOST.into(),
        port,
        // Standard output is only for the line with the address.
        log_level: rocket::config::LogLevel::Off,
        ..Config::default()
    };
    let pages = routes![
        home,
        item,
        cart,
        search,
        login_form,
        login,
        contact_form,
        contact,
        upload,
        static_file,
        health
    ];
    rocket::custom(config)
        .mount("/", pages)
        .mount("/api", routes![api_items, api_order, api_echo])
        .register("/", catchers![not_found])
        .attach(session())
        .attach(AdHoc::on_liftoff("ready", |rocket| {
            let config = rocket.config();
            announce_at("rocket", SocketAddr::new(config.address, config.port));
            Box::pin(async {})
        }))
}

fn main() -> Result<()> {
    log()?;
    // This handle is dropped last, which waits until the store has everything.
    let firewall = firewall()?;
    let mut app = build(port()?);
    if is_protected() {
        app = app.attach(Aiwaf::new(firewall.clone()));
    }
    // Ends on ctrl-c and SIGTERM by itself, once requests in progress are answered.
    rocket::execute(app.launch())
        .map(drop)
        .map_err(|error| anyhow::anyhow!("{error}"))
        .context("Rocket did not start")
}
