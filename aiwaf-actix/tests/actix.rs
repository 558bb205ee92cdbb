//! The middleware on actix-web, over real sockets.

// Helpers of tests may fail as tests do.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use actix_web::dev::Service;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::web::{self, Bytes, PayloadConfig};
use actix_web::{App, HttpMessage, HttpResponse, HttpServer};
use aiwaf_actix::{Aiwaf, Refusal};
use aiwaf_core::{Authenticated, Firewall};
use aiwaf_testing::{Client, Site, adapter_suite};

adapter_suite!(launch);

#[test]
fn a_refusal_by_head_does_not_wait_for_the_body() {
    aiwaf_testing::suite::a_refusal_by_head_does_not_wait_for_the_body(launch);
}

async fn item(id: web::Path<String>) -> String {
    id.into_inner()
}

async fn home() -> HttpResponse {
    HttpResponse::Ok().content_type("text/html").body("home")
}

async fn fail() -> Result<&'static str, actix_web::Error> {
    Err(actix_web::error::ErrorInternalServerError("its own fault"))
}

async fn fault() -> &'static str {
    panic!("a handler's own fault")
}

fn routes(config: &mut web::ServiceConfig) {
    config
        .app_data(PayloadConfig::new(4 << 20))
        .route("/", web::get().to(home))
        .route("/", web::head().to(home))
        .route("/items/{id}", web::get().to(item))
        .service(web::scope("/nested").route("/items/{id}", web::get().to(item)))
        .route(
            "/blog/wp-login.php",
            web::get().to(async || "how to hide your login"),
        )
        .route("/echo", web::post().to(async |body: Bytes| body))
        .route("/fail", web::get().to(fail))
        .route("/panic", web::get().to(fault))
        .default_service(web::to(async || {
            HttpResponse::NotFound().body("nothing here")
        }));
}

fn launch(firewall: Arc<Firewall>) -> Site {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address: SocketAddr = listener.local_addr().unwrap();
    let calls = Arc::new(AtomicUsize::new(0));
    let site = Site::new(address, Arc::clone(&calls));
    let aiwaf = Aiwaf::new(firewall);
    std::thread::spawn(move || {
        let factory = move || {
            let calls = Arc::clone(&calls);
            App::new()
                .configure(routes)
                // Counts what gets past the firewall.
                .wrap_fn(move |request, service| {
                    calls.fetch_add(1, Ordering::SeqCst);
                    service.call(request)
                })
                .wrap(aiwaf.clone())
                // What stands outside it: a session, and a log that wants to know the cause.
                .wrap_fn(|request, service| {
                    if request.headers().contains_key("x-session") {
                        request.extensions_mut().insert(Authenticated);
                    }
                    let answer = service.call(request);
                    async {
                        let mut response = answer.await?;
                        let code = response
                            .response()
                            .extensions()
                            .get::<Refusal>()
                            .map(|refusal| refusal.cause.code());
                        if let Some(code) = code {
                            let name = HeaderName::from_static("x-cause");
                            response
                                .headers_mut()
                                .insert(name, HeaderValue::from_static(code));
                        }
                        Ok(response)
                    }
                })
        };
        let server = HttpServer::new(factory)
            .workers(2)
            .disable_signals()
            .listen(listener)
            .unwrap();
        actix_web::rt::System::new().block_on(server.run()).unwrap();
    });
    site
}

#[test]
fn a_route_that_actix_matched_spares_its_own_words() {
    let site = launch(Arc::new(Firewall::builder().build().unwrap()));
    let mut client = Client::connect(site.address).unwrap();
    assert_eq!(client.get("/blog/wp-login.php").unwrap().status, 200);
    assert_eq!(client.get("/wp-login.php").unwrap().status, 403);
}

#[test]
fn workers_share_one_engine() {
    let builder = Firewall::builder().with_settings(|settings| settings.rate_limit.max = 10);
    let site = launch(Arc::new(builder.build().unwrap()));
    // Each connection may be another worker's.
    let statuses: Vec<u16> = (0..14)
        .map(|_| {
            Client::connect(site.address)
                .unwrap()
                .get("/")
                .unwrap()
                .status
        })
        .collect();
    assert_eq!(statuses, [[200; 10].as_slice(), &[429; 4]].concat());
}
