//! Which bodies are collected, and how much of them.

use crate::carriers::content_type::{ContentType, Kind};
use crate::carriers::text;
use crate::checks::Inspection;
use crate::headers::Header;
use crate::request::Version;
use crate::settings::Oversize;
use crate::verdict::{BodyPlan, Cause, Longer};

/// How much of the body must be seen. `None` if there is no body, or none that can be judged.
pub(in crate::checks) fn plan(request: &Inspection<'_>) -> Option<BodyPlan> {
    if !may_have_body(request) || request.view.is_tunnel() {
        return None;
    }
    let settings = &request.policy.settings.payload;
    let kind = kind(request);
    // gRPC needs HTTP/2. With an older version, the content type is only a label.
    if kind == Kind::Grpc && request.view.version >= Version::Http2 {
        return None;
    }
    Some(BodyPlan {
        limit: limit(request),
        deadline: settings.body_deadline,
        longer: match (kind, settings.oversize) {
            // The beginning of binary data is enough to tell whether it is text after all.
            (Kind::Binary | Kind::Grpc, _) | (_, Oversize::Pass) => Longer::Pass,
            (Kind::Multipart, Oversize::Refuse) if is_plain(request) => Longer::Watch,
            (_, Oversize::Refuse) => Longer::Refuse,
        },
    })
}

/// How many bytes of a body are inspected here, which is also the limit for its inflated size.
pub(in crate::checks) fn limit(request: &Inspection<'_>) -> usize {
    let general = request.policy.settings.payload.body_limit;
    request.scope.body_limit.unwrap_or(general)
}

/// The cause to refuse a body of which only the beginning was collected, if it may not pass.
pub(super) fn oversized(request: &Inspection<'_>, head: &[u8]) -> Option<Cause> {
    let settings = &request.policy.settings.payload;
    let passes = settings.oversize == Oversize::Pass
        || (matches!(kind(request), Kind::Binary | Kind::Grpc) && !text::is_readable(head));
    (!passes).then_some(Cause::BodyTooLarge { limit: head.len() })
}

/// Whether the body comes without a content coding.
fn is_plain(request: &Inspection<'_>) -> bool {
    let coding = request.headers.get(Header::ContentEncoding);
    !request.headers.is_repeated(Header::ContentEncoding)
        && coding.is_none_or(|coding| coding.trim_ascii().eq_ignore_ascii_case(b"identity"))
}

fn kind(request: &Inspection<'_>) -> Kind {
    let content_type = request.headers.get(Header::ContentType);
    ContentType::parse(content_type.unwrap_or_default()).kind
}

/// Whether the request may have a body. An HTTP/1 head says so. With later versions, data may
/// follow without any announcement.
fn may_have_body(request: &Inspection<'_>) -> bool {
    if request.view.body_is_empty {
        return false;
    }
    match request.headers.get(Header::ContentLength) {
        Some(length) => length.trim_ascii() != b"0",
        None => {
            request.view.version >= Version::Http2
                || request.headers.get(Header::TransferEncoding).is_some()
                // Some servers treat everything after such a head as its body.
                || request.headers.get(Header::Upgrade).is_some()
        }
    }
}
