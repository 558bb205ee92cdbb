//! Forms that carry the fields of a [`FormGuard`].

use std::ops::ControlFlow;
use std::sync::Arc;

use super::{least, referring_path, timing, too_soon_after_its_page};
use crate::carriers::{Budget, Carrier, Feed, Field, Limits, Scratch, body};
use crate::checks::payload::body_plan;
use crate::checks::{Inspection, SeenBody};
use crate::form_guard::{FormGuard, TOKEN_FIELD, Token, VerifyFault, hash_of_path};
use crate::headers::Header;
use crate::purpose::has_form_type;
use crate::settings::Preset;
use crate::verdict::{BodyPlan, Cause, Longer, TokenFault};

/// The guard in force: the one with the keys of the settings, or else this process's random one if
/// it has been created.
pub(super) fn guard<'a>(request: &Inspection<'a>) -> Option<&'a Arc<FormGuard>> {
    let configured = request.policy.form_guard.as_ref();
    configured.or_else(|| request.state.process_guard.get())
}

/// How much of the body must be seen: only that of a form, and only if there is a guard. The
/// guard's fields should come first in a form, so that the beginning of a long one is enough.
pub(super) fn plan(request: &Inspection<'_>) -> Option<BodyPlan> {
    guard(request)?;
    if request.view.method != "POST" || !has_form_type(&request.headers) {
        return None;
    }
    let plan = body_plan(request)?;
    Some(BodyPlan {
        longer: Longer::Pass,
        ..plan
    })
}

/// What is wrong with a form.
pub(super) fn fault(request: &Inspection<'_>, seen: SeenBody<'_>) -> Option<Cause> {
    let guard = guard(request)?;
    let sent = Sent::read(guard, request, seen);
    if sent.trap_is_filled {
        return Some(Cause::FormTrap);
    }
    match sent.token {
        Some(token) => match guard.verify(&token) {
            Ok(token) => misuse(request, &token),
            Err(VerifyFault::Forged) => Some(Cause::FormToken(TokenFault::Forged)),
            Err(VerifyFault::UnknownKey) => Some(Cause::FormToken(TokenFault::Stale)),
        },
        // An honest form may have its token behind a file that is longer than the part seen.
        None if !seen.is_whole && sent.has_file => None,
        None => without_token(request),
    }
}

/// Judges a request without a token: refused where each post must have one, otherwise timed by its
/// page if it is a form.
pub(super) fn without_token(request: &Inspection<'_>) -> Option<Cause> {
    let guarded = &request.policy.guarded_paths;
    if request.view.method == "POST" && guarded.matches(request.path.as_bytes()) {
        return Some(Cause::FormToken(TokenFault::Missing));
    }
    if request.policy.settings.preset == Preset::Classic {
        return None;
    }
    too_soon_after_its_page(request)
}

/// What is wrong with the use of a token that this firewall signed.
fn misuse(request: &Inspection<'_>, token: &Token) -> Option<Cause> {
    let settings = &request.policy.settings.honeypot;
    let path = request.path.as_bytes();
    let referer = referring_path(request);
    let page = referer.as_ref().map_or(path, |referer| referer.as_bytes());
    // If this clock is behind the signer's, the elapsed time is unknown.
    let age = request.clock.wall().duration_since(token.signed()).ok();
    let is_old = age.is_some_and(|age| age > settings.max_page_time);
    if is_old || !is_for(token, request, path, page) {
        return Some(Cause::FormToken(TokenFault::Stale));
    }
    if let Some(cause) = age.and_then(|age| timing(age, least(request, path, page))) {
        return Some(cause);
    }
    let client = request.client.map(|client| client.key);
    let is_fine = request
        .state
        .tokens
        .redeem(token.nonce, client, request.now);
    (!is_fine).then_some(Cause::FormToken(TokenFault::Replayed))
}

/// Whether a token is for the path of the post or for the page that the post comes from. If the
/// page is not known, the token is accepted.
fn is_for(token: &Token, request: &Inspection<'_>, path: &[u8], page: &[u8]) -> bool {
    token.page == hash_of_path(path)
        || token.page == hash_of_path(page)
        || !request.headers.has(Header::Referer)
        // With a `Referrer-Policy` of `origin`, every page is called "/".
        || page == b"/"
}

/// The guard's fields in a form.
#[derive(Debug, Default)]
struct Sent {
    token: Option<Vec<u8>>,
    trap_is_filled: bool,
    has_file: bool,
}

impl Sent {
    fn read(guard: &FormGuard, request: &Inspection<'_>, seen: SeenBody<'_>) -> Self {
        let mut sent = Self::default();
        // The content of such a body is ambiguous, so it counts as having no token.
        if request.headers.is_repeated(Header::ContentEncoding) {
            return sent;
        }
        let mut sink = |field: Field<'_>| {
            match field.carrier {
                Carrier::FormValue | Carrier::PartValue => sent.take(guard, field),
                Carrier::FileContent => sent.has_file = true,
                _ => {}
            }
            ControlFlow::Continue(())
        };
        let mut budget = Budget::new(Limits::default());
        let body = body::Body {
            content_type: request.headers.get(Header::ContentType),
            content_encoding: request.headers.get(Header::ContentEncoding),
            bytes: seen.bytes,
        };
        // A body that cannot be read to its end is for the payload protection to judge. The fields
        // read so far count here.
        let _ = body::split(
            body,
            &mut Scratch::default(),
            &mut Feed::new(&mut budget, &mut sink),
        );
        sent
    }

    fn take(&mut self, guard: &FormGuard, field: Field<'_>) {
        if field.name == TOKEN_FIELD.as_bytes() {
            // Two different tokens count as an invalid one.
            match &mut self.token {
                Some(first) if *first != field.value => first.clear(),
                Some(_) => {}
                none => *none = Some(field.value.to_vec()),
            }
        } else if guard.is_trap(field.name) && !field.value.trim_ascii().is_empty() {
            self.trap_is_filled = true;
        }
    }
}
