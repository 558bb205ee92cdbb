//! Responses, as the firewall sees them.

use aiwaf_core::http::view;
use aiwaf_core::{Exchange, Firewall};
use bytes::Bytes;
use http_body::Body as _;
use http_body_util::combinators::BoxBody;
use poem::{Body, Response};

/// Reports a response to the firewall and returns it unchanged.
pub(crate) fn observe(firewall: &Firewall, exchange: Exchange, mut response: Response) -> Response {
    let body: BoxBody<Bytes, std::io::Error> = response.take_body().into();
    let bytes = body.size_hint().exact();
    firewall.observe(
        exchange,
        &view(response.status(), response.headers(), bytes),
    );
    response.set_body(Body::from(body));
    response
}
