//! The sentences that describe causes to people.

use std::fmt;

use super::{Cause, TokenFault};

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Denied { network, reason } => {
                write!(f, "{network} is on the blacklist: {reason}")
            }
            Self::Banned { reason, .. } => write!(f, "the client is banned: {reason}"),
            Self::MissingPeer => f.write_str("the server did not provide the peer's address"),
            Self::RateLimited {
                requests, limit, ..
            } => too_many(f, *requests, ROUTE, limit.max),
            Self::ClientRateLimited {
                requests, limit, ..
            } => too_many(f, *requests, CLIENT, limit.max),
            Self::Flood { requests, flood } => flooded(f, *requests, ROUTE, *flood),
            Self::ClientFlood { requests, flood } => flooded(f, *requests, CLIENT, *flood),
            Self::Probe { text } => write!(f, "the path is one that scanners look for: {text}"),
            Self::Keyword { keyword, place } => write!(f, "keyword in the {place}: {keyword}"),
            Self::SpentPath => {
                f.write_str("the path is still encoded after the last decoding round")
            }
            Self::Header(fault) => fault.fmt(f),
            Self::Country {
                country: Some(country),
            } => write!(f, "Geo blocked: {country}"),
            Self::Country { country: None } => f.write_str("Geo blocked: unknown country"),
            Self::Uuid(fault) => fault.fmt(f),
            Self::BodyTooLarge { limit } => write!(
                f,
                "the body is larger than the limit of {limit} bytes (payload.body_limit, or body_limit of a path rule)"
            ),
            Self::BodyTimeout { deadline } => {
                write!(f, "the body did not arrive within {} s", deadline.as_secs())
            }
            Self::NoRoomForBody => {
                f.write_str("too many request bodies are held in memory at once")
            }
            Self::Panicked => f.write_str("a check panicked"),
            Self::Payload(evidence) => evidence.fmt(f),
            Self::PayloadSpent(spent) => spent.fmt(f),
            Self::PayloadMalformed(malformed) => malformed.fmt(f),
            Self::PayloadUnsupported(unsupported) => unsupported.fmt(f),
            Self::FormTiming { waited, least } => write!(
                f,
                "a form was submitted after {:.2} s; at least {:.2} s are expected",
                waited.as_secs_f64(),
                least.as_secs_f64()
            ),
            Self::FormTrap => {
                f.write_str("a hidden form field that visitors leave empty was filled in")
            }
            Self::FormToken(fault) => f.write_str(token(*fault)),
            Self::Custom { check, detail, .. } => write!(f, "{check}: {detail}"),
        }
    }
}

/// What is counted, as worded in the sentences.
const ROUTE: &str = "to one route";
const CLIENT: &str = "from one client";

fn too_many(f: &mut fmt::Formatter<'_>, requests: u32, counted: &str, max: u32) -> fmt::Result {
    write!(f, "{requests} requests {counted}; the limit is {max}")
}

fn flooded(f: &mut fmt::Formatter<'_>, requests: u32, counted: &str, flood: u32) -> fmt::Result {
    write!(
        f,
        "{requests} requests {counted}; more than {flood} count as a flood"
    )
}

const fn token(fault: TokenFault) -> &'static str {
    match fault {
        TokenFault::Missing => "the form has no token",
        TokenFault::Forged => "the form's token is forged",
        TokenFault::Stale => "the form's token has expired or belongs to another page",
        TokenFault::Replayed => "the form's token has already been used",
    }
}
