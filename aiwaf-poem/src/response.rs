//! Responses: the firewall's own, and the handler's as the firewall sees it.

use aiwaf_core::{Exchange, Firewall, ResponseView};
use bytes::Bytes;
use http_body::Body as _;
use http_body_util::combinators::BoxBody;
use poem::http::StatusCode;
use poem::http::header::{HeaderName, HeaderValue};
use poem::{Body, Response};

/// Turns the engine's answer into the framework's. A hook's answer may hold what HTTP cannot say: a status that is none
/// becomes 403, and a field that is none is left out.
pub(crate) fn render(answer: aiwaf_core::Response) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::FORBIDDEN);
    let mut response = Response::builder().status(status).body(answer.body);
    for (name, value) in answer.headers {
        let name = HeaderName::from_bytes(name.as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::try_from(value)) {
            response.headers_mut().append(name, value);
        }
    }
    response
}

/// Shows the firewall a response, and hands it on as it is.
pub(crate) fn observe(firewall: &Firewall, exchange: Exchange, mut response: Response) -> Response {
    let body: BoxBody<Bytes, std::io::Error> = response.take_body().into();
    let view = ResponseView {
        bytes: body.size_hint().exact(),
        content_type: response.content_type(),
        ..ResponseView::new(response.status().as_u16())
    };
    firewall.observe(exchange, &view);
    response.set_body(Body::from(body));
    response
}
