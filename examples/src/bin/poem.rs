//! The shop in poem.

use aiwaf_core::Authenticated;
use aiwaf_examples::shop::{self, Answer};
use aiwaf_examples::{BODY_LIMIT, announce, firewall, is_protected, listen, log, told_to_end};
use aiwaf_poem::Aiwaf;
use anyhow::Result;
use bytes::Bytes;
use poem::http::StatusCode;
use poem::http::header::COOKIE;
use poem::listener::TcpAcceptor;
use poem::web::Path;
use poem::{Body, EndpointExt, Request, Response, Route, Server, get, handler, post};

/// The shop's response, for poem.
fn reply(answer: Answer) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = Response::builder()
        .status(status)
        .content_type(answer.content_type);
    for (name, value) in answer.headers {
        response = response.header(name, value);
    }
    response.body(answer.body)
}

async fn all_of(body: Body) -> poem::Result<Bytes> {
    Ok(body.into_bytes_limit(BODY_LIMIT).await?)
}

#[handler]
fn home() -> Response {
    reply(shop::home())
}

#[handler]
fn item(Path(id): Path<String>) -> Response {
    reply(shop::item(&id))
}

#[handler]
fn cart() -> Response {
    reply(shop::cart())
}

#[handler]
fn search(request: &Request) -> Response {
    reply(shop::search(request.uri().query().unwrap_or_default()))
}

#[handler]
fn login_form() -> Response {
    reply(shop::login_form())
}

#[handler]
async fn login(body: Body) -> poem::Result<Response> {
    Ok(reply(shop::login(&all_of(body).await?)))
}

#[handler]
fn contact_form() -> Response {
    reply(shop::contact_form())
}

#[handler]
async fn contact(body: Body) -> poem::Result<Response> {
    Ok(reply(shop::contact(&all_of(body).await?)))
}

#[handler]
fn api_items() -> Response {
    reply(shop::api_items())
}

#[handler]
async fn api_order(body: Body) -> poem::Result<Response> {
    Ok(reply(shop::api_order(&all_of(body).await?)))
}

#[handler]
async fn api_echo(body: Body) -> poem::Result<Response> {
    Ok(reply(shop::api_echo(all_of(body).await?)))
}

#[handler]
async fn upload(request: &Request, body: Body) -> poem::Result<Response> {
    let body = all_of(body).await?;
    Ok(reply(shop::upload(request.content_type(), body).await))
}

#[handler]
fn static_file(Path(file): Path<String>) -> Response {
    reply(shop::static_file(&file))
}

#[handler]
fn health() -> Response {
    reply(shop::health())
}

fn routes() -> Route {
    let api = Route::new()
        .at("/items", get(api_items))
        .at("/orders", post(api_order))
        .at("/echo", post(api_echo));
    Route::new()
        .at("/", get(home))
        .at("/items/:id", get(item))
        .at("/cart", get(cart))
        .at("/search", get(search))
        .at("/login", get(login_form).post(login))
        .at("/contact", get(contact_form).post(contact))
        .nest("/api", api)
        .at("/upload", post(upload))
        .at("/static/*file", get(static_file))
        .at("/health", get(health))
}

/// Tells the firewall that a customer is logged in.
async fn session(mut request: Request) -> poem::Result<Request> {
    let cookies = request.headers().get_all(COOKIE);
    if cookies
        .iter()
        .any(|line| shop::is_logged_in(line.as_bytes()))
    {
        request.set_data(Authenticated);
    }
    Ok(request)
}

#[tokio::main]
async fn main() -> Result<()> {
    log()?;
    // This handle is dropped last, which waits until the store has everything.
    let firewall = firewall()?;
    let app = routes()
        .catch_error(async |_: poem::error::NotFoundError| reply(shop::not_found()))
        .with_if(is_protected(), Aiwaf::new(firewall.clone()))
        .before(session);
    let ending = told_to_end()?;
    let listener = listen()?;
    announce("poem", &listener)?;
    Server::new_with_acceptor(TcpAcceptor::from_std(listener)?)
        .run_with_graceful_shutdown(app, ending, None)
        .await?;
    Ok(())
}
