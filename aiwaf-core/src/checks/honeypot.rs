//! `honeypot`: forms that are submitted faster than a person can fill them in.
//!
//! A page counts as served if it is a 2xx HTML response to a navigation and not the target of a
//! redirect after a form post. The first form post from that page must not arrive within
//! `min_form_time`. The page is the one that `Referer` names, or else the post's own path. A post
//! is matched with the oldest copy of the page that has not been submitted yet, so tabs and
//! visitors who share an address do not harm each other. A client that never requests the page is
//! not timed at all.

mod guarded;

use std::time::Duration;

use super::{Check, Inspection, Outcome, SeenBody};
use crate::client::Client;
use crate::clock::Tick;
use crate::exchange::{Exchange, kept};
use crate::headers::Header;
use crate::normalize::{NormalPath, normalize_path, split_target};
use crate::protection::Protection;
use crate::purpose::Purpose;
use crate::request::ResponseView;
use crate::settings::Preset;
use crate::state::State;
use crate::verdict::Cause;

#[derive(Debug)]
pub(crate) struct Honeypot;

impl Check for Honeypot {
    fn name(&self) -> &'static str {
        Protection::Honeypot.name()
    }

    fn protection(&self) -> Protection {
        Protection::Honeypot
    }

    fn head(&self, request: &Inspection<'_>) -> Outcome {
        let settings = &request.policy.settings;
        if request.view.authenticated && settings.honeypot.skip_authenticated {
            return Outcome::Pass;
        }
        if settings.preset == Preset::Classic
            && let Some(cause) = too_soon_after_anything(request)
        {
            return Outcome::Refuse(cause);
        }
        // A token tells the time exactly, but only the body shows whether there is one.
        if let Some(plan) = guarded::plan(request) {
            return Outcome::NeedBody(plan);
        }
        refused_unless_fine(guarded::without_token(request))
    }

    fn body(&self, request: &Inspection<'_>, body: SeenBody<'_>) -> Outcome {
        refused_unless_fine(guarded::fault(request, body))
    }

    fn observe(&self, exchange: &Exchange, response: &ResponseView<'_>, state: &State, now: Tick) {
        let Some(client) = exchange.client.filter(Client::is_accountable) else {
            return;
        };
        match exchange.purpose {
            Purpose::FormPost if matches!(response.status, 301..=303) => {
                state.forms.redirected(client.key, now);
            }
            Purpose::FormPost if response.status == 405 => wrong_method(exchange, &client),
            Purpose::Navigation if is_page(response) => page_served(exchange, &client, state, now),
            _ => {}
        }
    }
}

/// Remembers a page, unless it is the response to a form that was sent a moment ago.
fn page_served(exchange: &Exchange, client: &Client, state: &State, now: Tick) {
    if !state.forms.follows_redirect(client.key, now) {
        state.forms.served(client.key, exchange.path(), now);
    }
}

fn refused_unless_fine(cause: Option<Cause>) -> Outcome {
    cause.map_or(Outcome::Pass, Outcome::Refuse)
}

/// Logs an event, for a person or a program to see, when a page does not accept a form. It strikes
/// nobody.
fn wrong_method(exchange: &Exchange, client: &Client) {
    tracing::info!(
        target: "aiwaf",
        event = "form_not_taken",
        client = %client.address,
        path = ?String::from_utf8_lossy(exchange.path()),
    );
}

fn is_page(response: &ResponseView<'_>) -> bool {
    let is_html = |content_type: &str| {
        ["text/html", "application/xhtml+xml"].iter().any(|html| {
            let head = content_type.trim_start().get(..html.len());
            head.is_some_and(|head| head.eq_ignore_ascii_case(html))
        })
    };
    (200..300).contains(&response.status) && response.content_type.is_some_and(is_html)
}

fn too_soon_after_its_page(request: &Inspection<'_>) -> Option<Cause> {
    let client = request.accountable_client()?;
    if Purpose::of(request.view.method, &request.headers) != Purpose::FormPost {
        return None;
    }
    let path = request.path.as_bytes();
    let referer = referring_path(request);
    let page = referer.as_ref().map_or(path, NormalPath::as_bytes);
    let forms = &request.state.forms;
    let returned = |page: &[u8]| forms.returned(client.key, kept(page), request.now);
    // If the named page was not served, fall back to the form's own path: with a `Referrer-Policy`
    // of `origin` every page is called "/", and a client could avoid timing by naming a page that
    // was never served.
    let waited = returned(page).or_else(|| (page != path).then(|| returned(path))?)?;
    timing(waited, least(request, path, page))
}

/// The minimum time that a person needs, on a page or for a post to this path.
fn least(request: &Inspection<'_>, path: &[u8], page: &[u8]) -> Duration {
    let settings = &request.policy.settings.honeypot;
    if is_login(path) || is_login(page) {
        settings.min_login_time.min(settings.min_form_time)
    } else {
        settings.min_form_time
    }
}

/// The predecessor's rule: any POST too soon after any GET.
fn too_soon_after_anything(request: &Inspection<'_>) -> Option<Cause> {
    let client = request.accountable_client()?;
    let forms = &request.state.forms;
    match request.view.method {
        "GET" => {
            forms.asked(client.key, request.now);
            None
        }
        "POST" => {
            let waited = forms.since_asked(client.key, request.now)?;
            timing(waited, request.policy.settings.honeypot.min_form_time)
        }
        _ => None,
    }
}

fn timing(waited: Duration, least: Duration) -> Option<Cause> {
    (waited < least).then_some(Cause::FormTiming { waited, least })
}

/// The normalised path of the page that the request was sent from, if `Referer` names a page of
/// this site.
fn referring_path<'a>(request: &Inspection<'a>) -> Option<NormalPath<'a>> {
    if request.cross_site {
        return None;
    }
    let referer = request.headers.get(Header::Referer)?;
    Some(normalize_path(&split_target(referer.trim_ascii())))
}

/// Words that name a login route, if one is a whole path segment.
const LOGIN: [&str; 20] = [
    "login",
    "log-in",
    "log_in",
    "logon",
    "log-on",
    "signin",
    "sign-in",
    "sign_in",
    "signon",
    "sign-on",
    "auth",
    "authenticate",
    "authentication",
    "session",
    "sessions",
    "sso",
    "otp",
    "2fa",
    "mfa",
    "unlock",
];

/// Whether a path names a login route, which a password manager may fill in and submit.
fn is_login(path: &[u8]) -> bool {
    path.split(|byte| *byte == b'/').any(|segment| {
        // `login.html`, `login.aspx`
        let name = segment
            .split(|byte| *byte == b'.')
            .next()
            .unwrap_or(segment);
        LOGIN
            .iter()
            .any(|word| name.eq_ignore_ascii_case(word.as_bytes()))
    })
}

#[cfg(test)]
mod tests;
