//! The shop in actix-web.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::COOKIE;
use actix_web::middleware::{Condition, Next, from_fn};
use actix_web::web::{self, Bytes, Path, PayloadConfig, ServiceConfig};
use actix_web::{App, HttpMessage, HttpRequest, HttpResponse, HttpServer, Responder, guard};
use aiwaf_actix::Aiwaf;
use aiwaf_core::Authenticated;
use aiwaf_examples::shop::{self, Answer};
use aiwaf_examples::{BODY_LIMIT, announce, firewall, is_protected, listen, log};
use anyhow::Result;

/// The shop's response, for actix-web.
struct Reply(Answer);

impl Responder for Reply {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let status =
            StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = HttpResponse::build(status);
        response.content_type(self.0.content_type);
        for header in self.0.headers {
            response.append_header(header);
        }
        response.body(self.0.body)
    }
}

async fn search(request: HttpRequest) -> Reply {
    Reply(shop::search(request.query_string()))
}

async fn upload(request: HttpRequest, body: Bytes) -> Reply {
    let content_type = request
        .headers()
        .get("content-type")
        .and_then(|value| value.to_str().ok());
    Reply(shop::upload(content_type, body).await)
}

/// A page: `HEAD` is answered like `GET`, which actix-web leaves to the application.
fn page() -> actix_web::Route {
    web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
}

fn routes(config: &mut ServiceConfig) {
    let login = web::resource("/login")
        .route(page().to(async || Reply(shop::login_form())))
        .route(web::post().to(async |body: Bytes| Reply(shop::login(&body))));
    let contact = web::resource("/contact")
        .route(page().to(async || Reply(shop::contact_form())))
        .route(web::post().to(async |body: Bytes| Reply(shop::contact(&body))));
    let api = web::scope("/api")
        .service(web::resource("/items").route(page().to(async || Reply(shop::api_items()))))
        .service(
            web::resource("/orders")
                .route(web::post().to(async |body: Bytes| Reply(shop::api_order(&body)))),
        )
        .service(
            web::resource("/echo")
                .route(web::post().to(async |body: Bytes| Reply(shop::api_echo(body)))),
        );
    config
        .app_data(PayloadConfig::new(BODY_LIMIT))
        .service(web::resource("/").route(page().to(async || Reply(shop::home()))))
        .service(
            web::resource("/items/{id}")
                .route(page().to(async |id: Path<String>| Reply(shop::item(&id)))),
        )
        .service(web::resource("/cart").route(page().to(async || Reply(shop::cart()))))
        .service(web::resource("/search").route(page().to(search)))
        .service(login)
        .service(contact)
        .service(api)
        .service(web::resource("/upload").route(web::post().to(upload)))
        .service(
            web::resource("/static/{file:.*}")
                .route(page().to(async |file: Path<String>| Reply(shop::static_file(&file)))),
        )
        .service(web::resource("/health").route(page().to(async || Reply(shop::health()))))
        .default_service(web::to(async || Reply(shop::not_found())));
}

/// Tells the firewall that a customer is logged in.
async fn session(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> actix_web::Result<ServiceResponse<impl MessageBody>> {
    let mut cookies = request.headers().get_all(COOKIE);
    if cookies.any(|line| shop::is_logged_in(line.as_bytes())) {
        request.extensions_mut().insert(Authenticated);
    }
    next.call(request).await
}

#[actix_web::main]
async fn main() -> Result<()> {
    log()?;
    // This handle is dropped last, which waits until the store has everything.
    let firewall = firewall()?;
    let aiwaf = Aiwaf::new(firewall.clone());
    let listener = listen()?;
    announce("actix", &listener)?;
    // Ends on ctrl-c and SIGTERM by itself, once requests in progress are answered.
    HttpServer::new(move || {
        let aiwaf = Condition::new(is_protected(), aiwaf.clone());
        // The last middleware to be added runs first.
        App::new()
            .configure(routes)
            .wrap(aiwaf)
            .wrap(from_fn(session))
    })
    .listen(listener)?
    .run()
    .await?;
    Ok(())
}
