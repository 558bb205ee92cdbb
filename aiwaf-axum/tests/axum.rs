//! The layer on axum, over real sockets.

// Helpers of tests may fail as tests do.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aiwaf_axum::{Aiwaf, Refusal, Replay};
use aiwaf_core::{Authenticated, Firewall};
use aiwaf_testing::{BodyReader, Client, Site, adapter_suite, capture, captured};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, Request};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::response::{Html, Response};
use axum::routing::{get, post};
use http_body_util::BodyExt;

adapter_suite!(launch);

#[test]
fn a_refusal_by_head_does_not_wait_for_the_body() {
    aiwaf_testing::suite::a_refusal_by_head_does_not_wait_for_the_body(launch);
}

async fn item(Path(id): Path<String>) -> String {
    id
}

/// What stands outside the firewall: a session, and a log that wants to know the cause.
async fn outside(mut request: Request, next: Next) -> Response {
    if request.headers().contains_key("x-session") {
        request.extensions_mut().insert(Authenticated);
    }
    let mut response = next.run(request).await;
    if let Some(code) = response
        .extensions()
        .get::<Refusal>()
        .map(|refusal| refusal.cause.code())
    {
        response
            .headers_mut()
            .insert("x-cause", HeaderValue::from_static(code));
    }
    response
}

fn routes() -> Router {
    Router::new()
        .route("/", get(async || Html("home")))
        .route("/items/{id}", get(item))
        .nest("/nested", Router::new().route("/items/{id}", get(item)))
        .route("/echo", post(async |body: Bytes| body))
        .route(
            "/fail",
            get(async || -> Result<(), StatusCode> { Err(StatusCode::INTERNAL_SERVER_ERROR) }),
        )
        .route(
            "/panic",
            get(async || -> &'static str { panic!("a handler's own fault") }),
        )
        .fallback(async || (StatusCode::NOT_FOUND, "nothing here"))
        .layer(axum::extract::DefaultBodyLimit::disable())
}

/// Counts what gets past the firewall.
fn counted(routes: Router) -> (Router, Arc<AtomicUsize>) {
    let calls = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&calls);
    let count = move |request: Request, next: Next| {
        counter.fetch_add(1, Ordering::SeqCst);
        next.run(request)
    };
    (routes.layer(from_fn(count)), calls)
}

fn serve(serving: impl Future<Output = ()> + Send + 'static) {
    std::thread::spawn(|| {
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap()
            .block_on(serving)
    });
}

fn listen() -> (std::net::TcpListener, SocketAddr) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

fn launch_routes(app: Router, calls: Arc<AtomicUsize>) -> Site {
    let (listener, address) = listen();
    serve(async move {
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        let app = app.into_make_service_with_connect_info::<SocketAddr>();
        axum::serve(listener, app).await.unwrap();
    });
    Site::new(address, calls)
}

fn launch(firewall: Arc<Firewall>) -> Site {
    let (routes, calls) = counted(routes());
    let app = routes.layer(Aiwaf::new(firewall)).layer(from_fn(outside));
    launch_routes(app, calls)
}

#[test]
fn without_connect_info_every_request_is_refused_and_the_log_says_what_to_do() {
    capture();
    let firewall = Arc::new(Firewall::builder().build().unwrap());
    let (app, calls) = counted(routes());
    let app = app.layer(Aiwaf::new(firewall));
    let (listener, address) = listen();
    serve(async move {
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        axum::serve(listener, app).await.unwrap();
    });
    let reply = Client::connect(address).unwrap().get("/").unwrap();
    assert_eq!(reply.status, 500);
    assert_eq!(calls.load(Ordering::SeqCst), 0);
    assert!(captured().contains("into_make_service_with_connect_info::<SocketAddr>()"));
}

#[test]
fn trailers_reach_the_handler() {
    let firewall = Firewall::builder().check_after(BodyReader::default());
    let firewall = Arc::new(firewall.build().unwrap());
    let trailers = async |request: axum::http::Request<axum::body::Body>| {
        let collected = request.into_body().collect().await.unwrap();
        let checksum = collected
            .trailers()
            .and_then(|fields| fields.get("x-checksum"))
            .cloned();
        let bytes = collected.to_bytes().len();
        format!("{bytes} {}", checksum.unwrap().to_str().unwrap())
    };
    let app = Router::new()
        .route("/", post(trailers))
        .layer(Aiwaf::new(firewall));
    let site = launch_routes(app, Arc::default());
    let body = vec![b'x'; 100_000];
    let mut client = Client::connect(site.address).unwrap();
    let reply = client
        .post_chunked("/", &body, "x-checksum: 1234\r\n")
        .unwrap();
    assert_eq!((reply.status, reply.text().as_str()), (200, "100000 1234"));
}

#[test]
fn a_client_that_asks_first_is_told_to_go_on_only_when_its_head_is_good() {
    let firewall = Firewall::builder().check_after(BodyReader::default());
    let site = launch(Arc::new(firewall.build().unwrap()));
    let expect = "Content-Length: 5\r\nExpect: 100-continue\r\n";
    let mut client = Client::connect(site.address).unwrap();
    client.head("POST", "/.env", expect).unwrap();
    assert_eq!(client.read_head().unwrap().status, 403);
    let mut client = Client::connect(site.address).unwrap();
    client.head("POST", "/echo", expect).unwrap();
    assert_eq!(client.read_head().unwrap().status, 100);
    client.send("hello").unwrap();
    assert_eq!(client.reply_to("POST").unwrap().text(), "hello");
}

#[test]
fn a_route_that_axum_matched_spares_its_own_words() {
    let app = Router::new()
        .route("/blog/wp-login.php", get(async || "how to hide your login"))
        .layer(Aiwaf::new(Arc::new(Firewall::builder().build().unwrap())));
    let site = launch_routes(app, Arc::default());
    let mut client = Client::connect(site.address).unwrap();
    assert_eq!(client.get("/blog/wp-login.php").unwrap().status, 200);
    assert_eq!(client.get("/wp-login.php").unwrap().status, 403);
}

#[test]
fn inside_a_nested_router_the_whole_path_is_seen() {
    let recorder = aiwaf_testing::Recorder::default();
    let firewall = Firewall::builder().check_after(recorder.clone());
    let inner = Router::new()
        .route("/items/{id}", get(item))
        .layer(Aiwaf::new(Arc::new(firewall.build().unwrap())));
    let site = launch_routes(Router::new().nest("/nested", inner), Arc::default());
    let reply = Client::connect(site.address)
        .unwrap()
        .get("/nested/items/7")
        .unwrap();
    assert_eq!(reply.text(), "7");
    assert_eq!(recorder.wait_for(1)[0].path, "/nested/items/7");
}

#[test]
fn the_defaults_can_be_sent_and_cloned_between_threads() {
    fn sendable<T: Send + Sync + Clone + 'static>() {}
    fn body<T: Send + 'static>() {}
    sendable::<Aiwaf>();
    sendable::<aiwaf_axum::AiwafService<Router>>();
    body::<Replay<axum::body::Body>>();
    body::<aiwaf_axum::ResponseFuture<axum::routing::Route, axum::body::Body>>();
}
