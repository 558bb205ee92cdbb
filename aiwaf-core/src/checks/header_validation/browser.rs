//! Whether a client that claims to be a browser behaves like one.
//!
//! Browsers differ from each other and over the years, and proxies remove headers. So this only
//! flags what no browser has done in years, and only if nothing in the request explains it. A
//! client that copies a browser's headers completely passes here; catching it is left to the checks
//! of behaviour.

use memchr::memmem;

use super::HeaderFault;
use crate::headers::{Header, HeaderIndex};

/// The products that a browser's user agent ends with.
const LAST_PRODUCTS: [&[u8]; 7] = [
    b"Chrome/",
    b"Safari/",
    b"Firefox/",
    b"Edg/",
    b"EdgA/",
    b"Edge/",
    b"OPR/",
];

/// `Accept` is missing although the user agent claims to be a browser.
pub(super) fn missing_accept(headers: &HeaderIndex<'_>) -> Option<HeaderFault> {
    let is_missing = !headers.has(Header::Accept)
        && !headers.has(Header::AcceptLanguage)
        && !is_explained(headers)
        && !is_download(headers)
        && claims_browser(headers);
    is_missing.then(|| HeaderFault::Missing {
        names: Header::Accept.name().to_owned(),
    })
}

/// Only the user agent is a browser's, as `curl -A` sends it.
pub(super) fn implausible(headers: &HeaderIndex<'_>) -> Option<HeaderFault> {
    let is_bare = !headers.has(Header::AcceptLanguage)
        && !headers.has(Header::AcceptEncoding)
        && headers
            .get(Header::Accept)
            .is_some_and(|accept| accept.trim_ascii() == b"*/*")
        && !is_explained(headers)
        && claims_browser(headers);
    is_bare.then_some(HeaderFault::Implausible {
        reason: "a browser's user agent without a browser's headers",
    })
}

/// Whether absent headers have an explanation. Chromium omits `Accept` in requests that it makes
/// for itself, but marks them. WebSocket handshakes have no `Accept` in some browsers. Proxies such
/// as CloudFront remove headers and announce themselves in `Via`.
fn is_explained(headers: &HeaderIndex<'_>) -> bool {
    headers.has(Header::SecFetchMode) || headers.has(Header::Upgrade) || headers.has(Header::Via)
}

/// Android's download manager uses the user agent of the browser that passed it the link.
fn is_download(headers: &HeaderIndex<'_>) -> bool {
    headers
        .get(Header::AcceptEncoding)
        .is_some_and(|coding| coding.trim_ascii().eq_ignore_ascii_case(b"identity"))
}

/// Whether the user agent has the form of a desktop or phone browser's and names nothing else, such
/// as a bot with a contact address or an app's web view.
fn claims_browser(headers: &HeaderIndex<'_>) -> bool {
    let Some(agent) = headers.get(Header::UserAgent) else {
        return false;
    };
    let agent = agent.trim_ascii();
    let last = agent
        .rsplit(|byte| *byte == b' ')
        .next()
        .unwrap_or_default();
    let says = |word: &[u8]| memmem::find(agent, word).is_some();
    agent.starts_with(b"Mozilla/5.0 (")
        && LAST_PRODUCTS
            .iter()
            .any(|product| last.starts_with(product))
        && !says(b"compatible")
        && !says(b"://")
        && !says(b"; wv)")
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHROME: &str = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";

    fn claims(agent: &str) -> bool {
        claims_browser(&HeaderIndex::new(&[("user-agent", agent.as_bytes())]))
    }

    #[test]
    fn browsers_claim_to_be_and_others_do_not() {
        for agent in [
            CHROME,
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:143.0) Gecko/20100101 Firefox/143.0",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0",
        ] {
            assert!(claims(agent), "{agent}");
        }
        for agent in [
            "",
            "Mozilla/5.0",
            "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm) Chrome/116.0.1938.76 Safari/537.36",
            "Mozilla/5.0 (TweetmemeBot/4.0; +http://datasift.com/bot.html) Gecko/20100101 Firefox/31.0",
            "Mozilla/5.0 (Linux; Android 14; Pixel 8 Build/UD1A; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/120.0.0.0 Mobile Safari/537.36",
            "Mozilla/5.0 (Windows NT 6.1; WOW64; rv:16.0) Gecko/20100101 Firefox/16.0 Site24x7",
            "Mozilla/5.0 (Windows NT; Windows NT 10.0; en-US) WindowsPowerShell/5.1.22621.2506",
            "curl/8.5.0",
        ] {
            assert!(!claims(agent), "{agent}");
        }
    }

    #[test]
    fn absent_headers_are_held_against_a_browser_unless_something_explains_them() {
        let ua = ("user-agent", CHROME.as_bytes());
        let any = ("accept", b"*/*".as_slice());
        let missing = |rest: &[(&str, &[u8])]| {
            let lines = [&[ua], rest].concat();
            let headers = HeaderIndex::new(&lines);
            missing_accept(&headers).is_some()
        };
        let bare = |rest: &[(&str, &[u8])]| {
            let lines = [&[ua, any], rest].concat();
            let headers = HeaderIndex::new(&lines);
            implausible(&headers).is_some()
        };
        assert!(missing(&[]) && bare(&[]));
        assert!(missing(&[("accept-encoding", b"gzip")]));
        assert!(missing(&[("accept", b" ")]));
        assert!(!missing(&[("accept-encoding", b"identity")]));
        for (name, value) in [
            ("accept-language", "de"),
            ("sec-fetch-mode", "no-cors"),
            ("upgrade", "websocket"),
            ("via", "1.1 x.cloudfront.net (CloudFront)"),
        ] {
            let line = [(name, value.as_bytes())];
            assert!(!missing(&line) && !bare(&line), "{name}");
        }
        assert!(!bare(&[("accept-encoding", b"gzip, deflate, br")]));
    }
}
