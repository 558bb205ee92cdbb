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
            Self::MissingPeer => f.write_str("the server did not tell the address of the peer"),
            Self::RateLimited {
                requests, limit, ..
            } => too_many(f, *requests, ROUTE, limit.max),
            Self::ClientRateLimited {
                requests, limit, ..
            } => too_many(f, *requests, CLIENT, limit.max),
            Self::Flood { requests, flood } => flooded(f, *requests, ROUTE, *flood),
            Self::ClientFlood { requests, flood } => flooded(f, *requests, CLIENT, *flood),
            Self::Probe { text } => write!(f, "the path is a scanner's: {text}"),
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
                "the body is larger than the {limit} bytes that are inspected (payload.body_limit, or that of a path rule)"
            ),
            Self::BodyTimeout { deadline } => {
                write!(f, "the body did not come within {} s", deadline.as_secs())
            }
            Self::NoRoomForBody => f.write_str("too many bodies are being held at once"),
            Self::Panicked => f.write_str("a check panicked"),
            Self::Payload(evidence) => evidence.fmt(f),
            Self::PayloadSpent(spent) => spent.fmt(f),
            Self::PayloadMalformed(malformed) => malformed.fmt(f),
            Self::PayloadUnsupported(unsupported) => unsupported.fmt(f),
            Self::FormTiming { waited, least } => write!(
                f,
                "a form came back after {:.2} s, sooner than {:.2} s",
                waited.as_secs_f64(),
                least.as_secs_f64()
            ),
            Self::FormTrap => f.write_str("a form's invisible field is filled in"),
            Self::FormToken(fault) => f.write_str(token(*fault)),
            Self::Custom { check, detail, .. } => write!(f, "{check}: {detail}"),
        }
    }
}

/// What is counted, as worded in the sentences.
const ROUTE: &str = "to one route";
const CLIENT: &str = "of one client";

fn too_many(f: &mut fmt::Formatter<'_>, requests: u32, counted: &str, max: u32) -> fmt::Result {
    write!(f, "{requests} requests {counted}, {max} are allowed")
}

fn flooded(f: &mut fmt::Formatter<'_>, requests: u32, counted: &str, flood: u32) -> fmt::Result {
    write!(
        f,
        "{requests} requests {counted}, more than {flood} are a flood"
    )
}

const fn token(fault: TokenFault) -> &'static str {
    match fault {
        TokenFault::Missing => "a form comes without its token",
        TokenFault::Forged => "a form's token is forged",
        TokenFault::Stale => "a form's token is too old, or of another page",
        TokenFault::Replayed => "a form's token was used before",
    }
}
