//! The protected site: a small shop in memory, behind the same layer as any axum service.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::SystemTime;

use aiwaf_axum::Aiwaf;
use aiwaf_core::settings::TrustedProxy;
use aiwaf_core::store::{KeywordRecord, Records};
use aiwaf_core::{BuildError, Firewall};
use axum::extract::{ConnectInfo, Path, Query, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::get;
use axum::{Form, Json, Router};
use serde_json::{Value, json};

use super::ledger::Ledger;
use super::pages;

/// A keyword that the operator of this shop blocks.
pub(crate) const KEYWORD: &str = "union select";

/// Every route of the shop.
const ROUTES: [&str; 13] = [
    "/",
    "/products",
    "/products/{id}",
    "/search",
    "/blog/{slug}",
    "/seashells",
    "/contact",
    "/thanks",
    "/login",
    "/api/products",
    "/api/cart",
    "/static/{file}",
    "/favicon.ico",
];

/// A firewall for the shop: everything in memory, the defaults, one keyword, and `proxy` as its
/// trusted proxy.
///
/// All the demo's clients are on this machine. Naming any proxy means that other peers on loopback
/// are not proxies.
pub(crate) fn firewall(proxy: TrustedProxy, ledger: &Arc<Ledger>) -> Result<Firewall, BuildError> {
    let mut records = Records::default();
    records.keywords.push(KeywordRecord {
        keyword: KEYWORD.to_owned(),
        added: SystemTime::now(),
    });
    let ledger = Arc::clone(ledger);
    Firewall::builder()
        .with_settings(|settings| settings.client_ip.trusted_proxies = vec![proxy])
        .records(records)
        .routes(ROUTES)
        .respond_with(move |_, refusal| {
            ledger.record(refusal);
            None
        })
        .build()
}

/// The shop behind the firewall.
pub(crate) fn router(firewall: Arc<Firewall>, ledger: Arc<Ledger>) -> Router {
    Router::new()
        .route("/", get(|| async { pages::home() }))
        .route("/products", get(|| async { pages::products() }))
        .route("/products/{id}", get(product))
        .route("/search", get(search))
        .route("/blog/{slug}", get(|| async { pages::post() }))
        .route("/seashells", get(|| async { pages::seashells() }))
        .route("/contact", get(|| async { pages::contact() }).post(contact))
        .route("/thanks", get(|| async { pages::thanks() }))
        .route("/login", get(|| async { pages::login() }).post(login))
        .route("/api/products", get(|| async { Json(pages::catalogue()) }))
        .route(
            "/api/cart",
            get(|| async { Json(json!([])) }).post(add_to_cart),
        )
        .route("/static/{file}", get(file))
        .route("/favicon.ico", get(|| async { StatusCode::NO_CONTENT }))
        .layer(Aiwaf::new(firewall))
        .layer(from_fn_with_state(ledger, watch))
}

/// Shows the requests of visitors, once the demo's own are done.
async fn watch(
    State(ledger): State<Arc<Ledger>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
    next: Next,
) -> Response {
    let method = request.method().clone();
    let target = request.uri().to_string();
    let response = next.run(request).await;
    ledger.visited(peer.ip(), method.as_str(), &target, &response);
    response
}

async fn product(Path(id): Path<String>) -> Response {
    match pages::product(&id) {
        Some(page) => page.into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn search(Query(fields): Query<Vec<(String, String)>>) -> Html<String> {
    pages::search(field(&fields, "q"))
}

async fn contact(Form(fields): Form<Vec<(String, String)>>) -> Response {
    if field(&fields, "message").is_empty() {
        return (StatusCode::UNPROCESSABLE_ENTITY, "no message\n").into_response();
    }
    Redirect::to("/thanks").into_response()
}

async fn login(Form(fields): Form<Vec<(String, String)>>) -> (StatusCode, Html<String>) {
    let name = field(&fields, "name");
    (StatusCode::UNAUTHORIZED, pages::no_such_customer(name))
}

async fn add_to_cart(Json(item): Json<Value>) -> (StatusCode, Json<Value>) {
    (StatusCode::CREATED, Json(json!({ "added": item })))
}

async fn file(Path(name): Path<String>) -> Response {
    match pages::file(&name) {
        Some((media_type, text)) => ([(header::CONTENT_TYPE, media_type)], text).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn field<'f>(fields: &'f [(String, String)], name: &str) -> &'f str {
    let found = fields.iter().find(|(found, _)| found == name);
    found.map_or("", |(_, value)| value)
}
