//! The middleware on poem, over real sockets.

// Helpers of tests may fail as tests do.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aiwaf_core::{Authenticated, Firewall};
use aiwaf_poem::{Aiwaf, Refusal};
use aiwaf_testing::{BodyReader, Client, Site, adapter_suite};
use poem::error::InternalServerError;
use poem::http::HeaderValue;
use poem::listener::TcpAcceptor;
use poem::web::{Html, Path};
use poem::{
    Body, Endpoint, EndpointExt, IntoResponse, Request, Response, Result, Route, Server, get,
    handler, post,
};

adapter_suite!(launch);

#[test]
fn a_refusal_by_head_does_not_wait_for_the_body() {
    aiwaf_testing::suite::a_refusal_by_head_does_not_wait_for_the_body(launch);
}

#[handler]
fn home() -> Html<&'static str> {
    Html("home")
}

#[handler]
fn item(Path(id): Path<String>) -> String {
    id
}

#[handler]
async fn echo(body: Body) -> Result<Vec<u8>> {
    Ok(body.into_vec().await?)
}

#[handler]
fn fail() -> Result<()> {
    Err(InternalServerError(std::io::Error::other("its own fault")))
}

#[handler]
fn fault() {
    panic!("a handler's own fault")
}

/// What stands outside the firewall: a session, and a log that wants to know the cause.
async fn outside(app: Arc<impl Endpoint>, mut request: Request) -> Result<Response> {
    if request.headers().contains_key("x-session") {
        request.set_data(Authenticated);
    }
    let mut response = app.call(request).await?.into_response();
    let code = response
        .extensions()
        .get::<Refusal>()
        .map(|refusal| refusal.cause.code());
    if let Some(code) = code {
        response
            .headers_mut()
            .insert("x-cause", HeaderValue::from_static(code));
    }
    Ok(response)
}

fn serve(app: impl Endpoint + 'static, calls: Arc<AtomicUsize>) -> Site {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let site = Site::new(listener.local_addr().unwrap(), calls);
    std::thread::spawn(|| {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let acceptor = TcpAcceptor::from_std(listener).unwrap();
            Server::new_with_acceptor(acceptor).run(app).await.unwrap();
        });
    });
    site
}

fn launch(firewall: Arc<Firewall>) -> Site {
    let calls = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&calls);
    let app = Route::new()
        .at("/", get(home))
        .at("/items/:id", get(item))
        .nest("/nested", Route::new().at("/items/:id", get(item)))
        .at("/echo", post(echo))
        .at("/fail", get(fail))
        .at("/panic", get(fault))
        // Counts what gets past the firewall.
        .around(move |app, request| {
            counter.fetch_add(1, Ordering::SeqCst);
            async move { app.call(request).await }
        })
        .with(Aiwaf::new(firewall))
        .around(outside);
    serve(app, calls)
}

#[test]
fn attached_to_an_endpoint_it_sees_the_route() {
    let firewall = Arc::new(Firewall::builder().build().unwrap());
    let page = get(home).with(Aiwaf::new(firewall));
    let app = Route::new().at("/blog/wp-login.php", page);
    let site = serve(app, Arc::default());
    let mut client = Client::connect(site.address).unwrap();
    assert_eq!(client.get("/blog/wp-login.php").unwrap().status, 200);
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
