//! The shop in axum.

use std::net::SocketAddr;

use aiwaf_axum::Aiwaf;
use aiwaf_core::Authenticated;
use aiwaf_examples::shop::{self, Answer};
use aiwaf_examples::{BODY_LIMIT, announce, firewall, is_protected, listen, log, told_to_end};
use anyhow::Result;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, RawQuery, Request};
use axum::http::header::{CONTENT_TYPE, COOKIE};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::response::{AppendHeaders, IntoResponse, Response};
use axum::routing::{get, post};
use tokio::net::TcpListener;

/// The shop's response, for axum.
struct Reply(Answer);

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let status =
            StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let content_type = [(CONTENT_TYPE, self.0.content_type)];
        (
            status,
            content_type,
            AppendHeaders(self.0.headers),
            self.0.body,
        )
            .into_response()
    }
}

async fn upload(headers: HeaderMap, body: Bytes) -> Reply {
    let content_type = headers
        .get("content-type")
        .and_then(|value| value.to_str().ok());
    Reply(shop::upload(content_type, body).await)
}

fn routes() -> Router {
    let api = Router::new()
        .route("/items", get(async || Reply(shop::api_items())))
        .route(
            "/orders",
            post(async |body: Bytes| Reply(shop::api_order(&body))),
        )
        .route(
            "/echo",
            post(async |body: Bytes| Reply(shop::api_echo(body))),
        );
    Router::new()
        .route("/", get(async || Reply(shop::home())))
        .route(
            "/items/{id}",
            get(async |Path(id): Path<String>| Reply(shop::item(&id))),
        )
        .route("/cart", get(async || Reply(shop::cart())))
        .route(
            "/search",
            get(async |RawQuery(query)| Reply(shop::search(&query.unwrap_or_default()))),
        )
        .route(
            "/login",
            get(async || Reply(shop::login_form()))
                .post(async |body: Bytes| Reply(shop::login(&body))),
        )
        .route(
            "/contact",
            get(async || Reply(shop::contact_form()))
                .post(async |body: Bytes| Reply(shop::contact(&body))),
        )
        .nest("/api", api)
        .route("/upload", post(upload))
        .route(
            "/static/{*file}",
            get(async |Path(file): Path<String>| Reply(shop::static_file(&file))),
        )
        .route("/health", get(async || Reply(shop::health())))
        .fallback(async || Reply(shop::not_found()))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
}

/// Tells the firewall that a customer is logged in.
async fn session(mut request: Request, next: Next) -> Response {
    let cookies = request.headers().get_all(COOKIE);
    if cookies
        .iter()
        .any(|line| shop::is_logged_in(line.as_bytes()))
    {
        request.extensions_mut().insert(Authenticated);
    }
    next.run(request).await
}

#[tokio::main]
async fn main() -> Result<()> {
    log()?;
    // This handle is dropped last, which waits until the store has everything.
    let firewall = firewall()?;
    let mut app = routes();
    if is_protected() {
        app = app.layer(Aiwaf::new(firewall.clone()));
    }
    let app = app.layer(from_fn(session));
    let ending = told_to_end()?;
    let listener = listen()?;
    announce("axum", &listener)?;
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(TcpListener::from_std(listener)?, app)
        .with_graceful_shutdown(ending)
        .await?;
    Ok(())
}
