//! The predecessor's rules, for the `classic` preset: words in the user agent, and implausible
//! combinations of headers.
//!
//! The predecessor's score of header quality is left out: the rules before it refuse every request
//! whose score could be too low.

use super::HeaderFault;
use crate::headers::{Header, HeaderIndex};
use crate::policy::Claims;
use crate::request::Version;

/// User agents shorter than this are refused.
const SHORTEST: usize = 10;

/// Why the predecessor would have refused the user agent. The maximum length is a setting.
pub(super) fn agent_fault(agent: &[u8], claims: &Claims) -> Option<HeaderFault> {
    let suspect = |reason| Some(HeaderFault::SuspectAgent { reason });
    if agent.is_empty() {
        return suspect("Empty user agent");
    }
    if claims.classic_bot {
        return None;
    }
    if let Some(word) = claims.suspect {
        return Some(HeaderFault::SuspectWord { word });
    }
    let old = b"mozilla/4.0";
    let ends_old = agent
        .len()
        .checked_sub(old.len())
        .and_then(|from| agent.get(from..))
        .is_some_and(|end| end.eq_ignore_ascii_case(old));
    if ends_old {
        return Some(HeaderFault::SuspectWord {
            word: "mozilla/4.0$",
        });
    }
    if agent.len() < SHORTEST {
        return suspect("Too short");
    }
    None
}

/// Combinations of headers that the predecessor refused.
pub(super) fn combination_fault(
    headers: &HeaderIndex<'_>,
    version: Version,
) -> Option<HeaderFault> {
    let agent = headers.get(Header::UserAgent).unwrap_or_default();
    let accept = headers.get(Header::Accept).unwrap_or_default().trim_ascii();
    let has_language = headers.has(Header::AcceptLanguage);
    let has_encoding = headers.has(Header::AcceptEncoding);
    let reason = if version == Version::Http2 && says(agent, b"mozilla/4.0") {
        "HTTP/2 with old browser user agent"
    } else if !agent.is_empty() && accept.is_empty() {
        "User-Agent present but no Accept header"
    } else if accept == b"*/*" && !has_language && !has_encoding {
        "Generic Accept header without language/encoding"
    } else if !has_language && !has_encoding && !headers.has(Header::Connection) {
        "Missing all browser-standard headers"
    } else if version == Version::Http10 && says(agent, b"chrome") {
        "Modern browser with HTTP/1.0"
    } else {
        return None;
    };
    Some(HeaderFault::Implausible { reason })
}

fn says(agent: &[u8], word: &[u8]) -> bool {
    agent
        .windows(word.len())
        .any(|part| part.eq_ignore_ascii_case(word))
}
