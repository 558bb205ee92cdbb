//! What a ban records about the request that caused it: redacted JSON of a bounded size.

use std::borrow::Cow;

use serde::{Serialize, Serializer};

use crate::checks::Inspection;
use crate::headers::Header;
use crate::redact::{REDACTED, SecretNames};
use crate::settings::Settings;

/// To how many characters the query and the URL are shortened if the whole does not fit.
const SHORT: usize = 256;
/// How many characters of a method are kept. No real method is longer.
const METHOD: usize = 15;

/// The evidence of a request. Parts that do not fit are left out one by one: first the headers,
/// then what exceeds 256 characters in query and URL, then everything but path, method and host. Of
/// these, as much as fits is kept.
#[derive(Debug, Serialize)]
struct Evidence<'a> {
    #[serde(skip_serializing_if = "str::is_empty")]
    url: &'a str,
    path: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    query: Option<&'a str>,
    method: &'a str,
    host: &'a str,
    #[serde(skip_serializing_if = "Headers::is_absent")]
    headers: Headers<'a>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    truncated: bool,
}

/// Header names as written in the settings, and their values.
#[derive(Debug)]
struct Headers<'a>(Option<&'a [(&'a str, Cow<'a, str>)]>);

impl Headers<'_> {
    const fn is_absent(&self) -> bool {
        self.0.is_none()
    }
}

impl Serialize for Headers<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let headers = self.0.unwrap_or_default();
        serializer.collect_map(headers.iter().map(|(name, value)| (name, value)))
    }
}

/// The evidence of a request, if the settings enable it.
pub(crate) fn evidence(request: &Inspection<'_>) -> Option<String> {
    let settings = &request.policy.settings;
    if !settings.record_requests.enabled {
        return None;
    }
    let secrets = &request.policy.secrets;
    let target = secrets.redact(request.view.target);
    let target = String::from_utf8_lossy(&target);
    let (path, query) = match target.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (&*target, None),
    };
    let host = request.headers.get(Header::Host).unwrap_or_default();
    let host = String::from_utf8_lossy(host);
    let url = match target.starts_with('/') {
        true => format!("//{host}{target}"),
        // An absolute-form target names its own host.
        false => target.to_string(),
    };
    let headers = headers(request, settings, secrets);
    let whole = Evidence {
        url: &url,
        path,
        query,
        method: beginning(request.view.method, METHOD),
        host: &host,
        headers: Headers(Some(&headers)),
        truncated: false,
    };
    Some(fitted(whole, settings.record_requests.max_bytes))
}

fn headers<'a>(
    request: &Inspection<'a>,
    settings: &'a Settings,
    secrets: &SecretNames,
) -> Vec<(&'a str, Cow<'a, str>)> {
    let value_of = |wanted: &str| {
        let mut lines = request.headers.lines().iter();
        lines.find_map(|(name, value)| name.eq_ignore_ascii_case(wanted).then_some(*value))
    };
    let names = settings.record_requests.headers.iter();
    names
        .filter_map(|name| {
            let value = value_of(name)?;
            let shown = if secrets.has(name.as_bytes()) {
                Cow::Borrowed(REDACTED)
            } else {
                // A `Referer` can have a query of its own.
                Cow::Owned(String::from_utf8_lossy(&secrets.redact(value)).into_owned())
            };
            Some((name.as_str(), shown))
        })
        .collect()
}

/// The JSON of as many parts as fit.
fn fitted(whole: Evidence<'_>, most: usize) -> String {
    let fits = |evidence: &Evidence<'_>| {
        let json = serde_json::to_string(evidence).unwrap_or_default();
        (json.len() <= most).then_some(json)
    };
    let without_headers = Evidence {
        headers: Headers(None),
        ..whole
    };
    let short_query = Evidence {
        query: whole.query.map(|query| beginning(query, SHORT)),
        headers: Headers(None),
        ..whole
    };
    let short = Evidence {
        url: beginning(whole.url, SHORT),
        headers: Headers(None),
        ..short_query
    };
    [&whole, &without_headers, &short_query, &short]
        .into_iter()
        .find_map(fits)
        .unwrap_or_else(|| least(&whole, fits))
}

/// Path, method and host. The longer of path and host is halved until they fit.
fn least(whole: &Evidence<'_>, fits: impl Fn(&Evidence<'_>) -> Option<String>) -> String {
    let (mut path, mut host) = (whole.path, whole.host);
    loop {
        let least = Evidence {
            url: "",
            path,
            query: None,
            method: whole.method,
            host,
            headers: Headers(None),
            truncated: true,
        };
        if let Some(json) = fits(&least) {
            return json;
        }
        match (path.len(), host.len()) {
            // Nothing is left to shorten. This does not happen with a limit that the settings
            // allow.
            (0, 0) => return "{\"truncated\":true}".to_owned(),
            (long, short) if long >= short => path = beginning(path, long / 2),
            (_, long) => host = beginning(host, long / 2),
        }
    }
}

/// The first bytes of a text, cut at a character boundary.
fn beginning(text: &str, most: usize) -> &str {
    text.get(..text.floor_char_boundary(most)).unwrap_or(text)
}

#[cfg(test)]
mod tests;
