//! The firewall's own answers.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue};

/// Turns the engine's answer into the framework's. A hook's answer may hold what HTTP cannot say: a status that is none
/// becomes 403, and a field that is none is left out.
pub(crate) fn render(answer: aiwaf_core::Response) -> HttpResponse {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::FORBIDDEN);
    let mut response = HttpResponse::with_body(status, answer.body).map_into_boxed_body();
    for (name, value) in answer.headers {
        let name = HeaderName::from_bytes(name.as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::try_from(value)) {
            response.headers_mut().append(name, value);
        }
    }
    response
}
