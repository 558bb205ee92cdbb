//! Builds the request to check from the command line.

use std::net::IpAddr;

use aiwaf_core::{Explanation, Firewall, HeaderVec, Peer, RequestView};
use anyhow::{Context, Result, bail};

use crate::args::Check;

/// The methods that every server knows.
const METHODS: [&str; 9] = [
    "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH",
];

/// A request as a plain client would send it.
pub(super) struct WireRequest {
    pub(super) method: String,
    pub(super) target: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl WireRequest {
    pub(super) fn new(asked: &Check) -> Result<Self> {
        let (host, target) = split_url(&asked.url);
        must_be_sent(asked, host.is_some(), &target)?;
        let mut request = Self {
            method: asked.method.clone(),
            target,
            headers: asked
                .headers
                .iter()
                .map(|line| header(line))
                .collect::<Result<_>>()?,
            body: body(asked.data.as_deref())?,
        };
        request.default_header("Host", host.unwrap_or("localhost"));
        if asked.data.is_some() {
            request.default_header("Content-Type", "application/x-www-form-urlencoded");
            let length = request.body.len().to_string();
            request.default_header("Content-Length", &length);
        }
        Ok(request)
    }

    /// Valid input that may not be what is meant.
    pub(super) fn notes(&self) -> Vec<String> {
        let meant = self.method.to_ascii_uppercase();
        let is_slip = meant != self.method && METHODS.contains(&meant.as_str());
        let note = || {
            format!(
                "{} is not a standard method, because methods are case-sensitive; did you mean {meant}?",
                self.method
            )
        };
        is_slip.then(note).into_iter().collect()
    }

    pub(super) fn ask(&self, firewall: &Firewall, peer: IpAddr) -> Explanation {
        let lines = self.headers.iter();
        let headers: HeaderVec<'_> = lines
            .map(|(name, value)| (name.as_str(), value.as_bytes()))
            .collect();
        let view = RequestView {
            headers: &headers,
            peer: Peer::Address(peer),
            ..RequestView::new(&self.method, self.target.as_bytes())
        };
        firewall.explain(&view, &self.body)
    }

    /// Adds a header that every client sends, unless it is present.
    fn default_header(&mut self, name: &str, value: &str) {
        let there = |(found, _): &(String, String)| found.eq_ignore_ascii_case(name);
        if !self.headers.iter().any(there) {
            self.headers.push((name.to_owned(), value.to_owned()));
        }
    }
}

/// Fails for a request that no server would accept. There is no verdict about it, and "Allowed"
/// would suggest that it gets through.
fn must_be_sent(asked: &Check, has_host: bool, target: &str) -> Result<()> {
    let (method, url) = (&asked.method, &asked.url);
    if method.is_empty() || !method.bytes().all(is_token) {
        bail!("method {method:?}: expected one word, for example GET or POST");
    }
    let is_target = has_host || target.starts_with(['/', '?']) || target == "*";
    // CONNECT takes only host and port.
    if is_target || (method == "CONNECT" && !target.is_empty()) {
        return Ok(());
    }
    bail!("URL {url:?}: expected http://, https:// or a path that begins with /");
}

/// Whether a byte may occur in a method.
const fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'.' | b'^'..=b'`' | b'|' | b'~')
}

/// Splits a URL into its host, if it names one, and the request-target. The target is kept byte for
/// byte, because unusual ones are what one wants to check.
fn split_url(url: &str) -> (Option<&str>, String) {
    let url = url.split_once('#').map_or(url, |(url, _)| url);
    let rest = url.split_once("://").filter(|(scheme, _)| {
        scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https")
    });
    let Some((_, rest)) = rest else {
        return (None, url.to_owned());
    };
    let (authority, target) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    let slash = if target.starts_with('/') { "" } else { "/" };
    (Some(host), format!("{slash}{target}"))
}

fn header(line: &str) -> Result<(String, String)> {
    let Some((name, value)) = line
        .split_once(':')
        .filter(|(name, _)| !name.trim().is_empty())
    else {
        bail!("-H {line:?}: expected a name and a value, for example \"User-Agent: curl/8.0\"");
    };
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

fn body(data: Option<&str>) -> Result<Vec<u8>> {
    match data.map(|data| data.strip_prefix('@').ok_or(data)) {
        None => Ok(Vec::new()),
        Some(Err(text)) => Ok(text.as_bytes().to_vec()),
        Some(Ok(file)) => std::fs::read(file).with_context(|| format!("-d @{file}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_split_and_left_as_they_are() {
        for (url, host, target) in [
            (
                "http://shop.example/a?b=c#d",
                Some("shop.example"),
                "/a?b=c",
            ),
            (
                "https://user@shop.example:8443?x",
                Some("shop.example:8443"),
                "/?x",
            ),
            ("http://shop.example", Some("shop.example"), "/"),
            (
                "http://shop.example//a/../%2e%zz",
                Some("shop.example"),
                "//a/../%2e%zz",
            ),
            ("//x", None, "//x"),
            ("/search?q=http://x/", None, "/search?q=http://x/"),
            ("*", None, "*"),
            ("HTTP://shop.example/a", Some("shop.example"), "/a"),
        ] {
            assert_eq!(split_url(url), (host, target.to_owned()), "{url}");
        }
    }
}
