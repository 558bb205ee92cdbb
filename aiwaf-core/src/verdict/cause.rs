//! Causes of refusals: typed, each with a stable code and a sentence for people.

use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;

use super::LimitState;
use crate::carriers::{Malformed, Spent, Unsupported};
use crate::checks::{Evidence, HeaderFault, UuidFault};
use crate::geo::Country;
use crate::protection::Protection;
use crate::settings::Preset;

/// Why a request was refused. [`Cause::code`] is stable; `Display` writes a sentence for people.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Cause {
    /// The client is on the blacklist.
    Denied {
        /// The most specific network that contains the client.
        network: IpNet,
        /// Why the network was denied.
        reason: Arc<str>,
    },
    /// The client was banned for an earlier request.
    Banned {
        /// The reason of the ban.
        reason: Arc<str>,
        /// How often the client has been banned.
        offences: u8,
    },
    /// No peer address is known, and the settings refuse such requests.
    MissingPeer,
    /// More requests to one route than allowed.
    RateLimited {
        /// Requests in the window.
        requests: u32,
        /// The limit.
        limit: LimitState,
        /// How long until one more request would be admitted, if none comes before.
        retry_after: Duration,
    },
    /// Many more requests to one route than allowed.
    Flood {
        /// Requests in the window.
        requests: u32,
        /// The flood limit.
        flood: u32,
    },
    /// More requests over all routes than allowed.
    ClientRateLimited {
        /// Requests in the window.
        requests: u32,
        /// The limit.
        limit: LimitState,
        /// How long until one more request would be admitted, if none comes before.
        retry_after: Duration,
    },
    /// Many more requests over all routes than allowed.
    ClientFlood {
        /// Requests in the window.
        requests: u32,
        /// The flood limit.
        flood: u32,
    },
    /// The path is one that scanners ask for, and no route serves it.
    Probe {
        /// The probe's text.
        text: &'static str,
    },
    /// The request contains one of the operator's keywords.
    Keyword {
        /// The keyword, as entered.
        keyword: Arc<str>,
        /// Where the keyword was found.
        place: &'static str,
    },
    /// The path is encoded more times than any honest client would encode it.
    SpentPath,
    /// The headers have a fault.
    Header(HeaderFault),
    /// The client's country is not served.
    Country {
        /// The country, or `None` if unknown.
        country: Option<Country>,
    },
    /// A UUID has a fault.
    Uuid(UuidFault),
    /// The body is larger than the inspected part.
    BodyTooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// The body did not arrive in time.
    BodyTimeout {
        /// The deadline.
        deadline: Duration,
    },
    /// Too many bodies are being held at once.
    NoRoomForBody,
    /// Something panicked while the request was inspected.
    Panicked,
    /// The payload protection found evidence of attacks.
    Payload(Box<Evidence>),
    /// The request has more values, levels or bytes than are inspected.
    PayloadSpent(Spent),
    /// The request can be parsed in more than one way.
    PayloadMalformed(Malformed),
    /// The request uses an encoding that is not inspected.
    PayloadUnsupported(Unsupported),
    /// A form was submitted sooner than a person could fill it in.
    FormTiming {
        /// The time since the form's page.
        waited: Duration,
        /// The minimum time that a person needs.
        least: Duration,
    },
    /// A form's invisible field was filled in.
    FormTrap,
    /// A form's token was not accepted.
    FormToken(TokenFault),
    /// A check that the application registered refused the request.
    Custom {
        /// The name of the check.
        check: &'static str,
        /// The reason that the check gives.
        detail: String,
        /// How much it adds to the client's score.
        weight: u32,
    },
}

/// Why a form's token was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenFault {
    /// The token is missing where one is required.
    Missing,
    /// None of the keys signed the token.
    Forged,
    /// The token is too old, for another page, or signed with a removed key. The page must be
    /// reloaded.
    Stale,
    /// The token was already used.
    Replayed,
}

impl Cause {
    /// The stable code, as used in events, logs and records.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Denied { .. } => "denied",
            Self::Banned { .. } => "banned",
            Self::MissingPeer => "missing_peer",
            Self::RateLimited { .. } => "rate_limit",
            Self::Flood { .. } => "rate_flood",
            Self::ClientRateLimited { .. } => "client_rate_limit",
            Self::ClientFlood { .. } => "client_flood",
            Self::Probe { .. } => "probe",
            Self::Keyword { .. } => "keyword",
            Self::SpentPath => "spent_path",
            Self::Header(fault) => fault.code(),
            Self::Country { .. } => "country",
            Self::Uuid(fault) => fault.code(),
            Self::BodyTooLarge { .. } => "body_too_large",
            Self::BodyTimeout { .. } => "body_timeout",
            Self::NoRoomForBody => "no_room_for_body",
            Self::Panicked => "panicked",
            Self::Payload(_) => "payload",
            Self::PayloadSpent(_) => "payload_spent",
            Self::PayloadMalformed(_) => "payload_malformed",
            Self::PayloadUnsupported(_) => "payload_unsupported",
            Self::FormTiming { .. } => "form_timing",
            Self::FormTrap => "form_trap",
            Self::FormToken(TokenFault::Missing) => "form_token_missing",
            Self::FormToken(TokenFault::Forged) => "form_token_forged",
            Self::FormToken(TokenFault::Stale) => "form_token_stale",
            Self::FormToken(TokenFault::Replayed) => "form_token_replayed",
            Self::Custom { .. } => "custom",
        }
    }

    /// The protection that the cause belongs to, or `None` if no setting turns the cause off.
    pub const fn protection(&self) -> Option<Protection> {
        match self {
            Self::RateLimited { .. }
            | Self::Flood { .. }
            | Self::ClientRateLimited { .. }
            | Self::ClientFlood { .. } => Some(Protection::RateLimit),
            Self::Probe { .. } | Self::Keyword { .. } | Self::SpentPath => {
                Some(Protection::IpKeywordBlock)
            }
            Self::BodyTooLarge { .. }
            | Self::BodyTimeout { .. }
            | Self::NoRoomForBody
            | Self::Payload(_)
            | Self::PayloadSpent(_)
            | Self::PayloadMalformed(_)
            | Self::PayloadUnsupported(_) => Some(Protection::Payload),
            Self::Header(_) => Some(Protection::HeaderValidation),
            Self::FormTiming { .. } | Self::FormTrap | Self::FormToken(_) => {
                Some(Protection::Honeypot)
            }
            Self::Country { .. } => Some(Protection::GeoBlock),
            Self::Uuid(_) => Some(Protection::UuidTamper),
            Self::Custom { .. } => Some(Protection::Custom),
            Self::Denied { .. } | Self::Banned { .. } | Self::MissingPeer | Self::Panicked => None,
        }
    }

    /// The status of the response.
    pub const fn status(&self) -> u16 {
        match self {
            Self::RateLimited { .. } | Self::ClientRateLimited { .. } => 429,
            Self::FormToken(TokenFault::Stale) => 409,
            Self::BodyTooLarge { .. } => 413,
            Self::BodyTimeout { .. } => 408,
            Self::NoRoomForBody => 503,
            Self::MissingPeer | Self::Panicked => 500,
            _ => 403,
        }
    }

    /// The limit that was exceeded, and how long to wait before the next request.
    pub const fn exceeded_limit(&self) -> Option<(LimitState, Duration)> {
        match self {
            Self::RateLimited {
                limit, retry_after, ..
            }
            | Self::ClientRateLimited {
                limit, retry_after, ..
            } => Some((*limit, *retry_after)),
            _ => None,
        }
    }

    /// Distinguishes the cause from the same cause with another value. This is the sentence for
    /// people, without measured values.
    pub(crate) fn value(&self) -> String {
        match self {
            Self::FormTiming { .. } => String::new(),
            other => other.to_string(),
        }
    }

    /// Whether this refusal alone is enough for a ban.
    pub(crate) const fn bans_at_once(&self, preset: Preset) -> bool {
        match preset {
            Preset::Balanced | Preset::Monitor => false,
            Preset::Strict => match self {
                Self::Keyword { .. }
                | Self::Probe { .. }
                | Self::Payload(_)
                | Self::FormTiming { .. }
                | Self::FormTrap
                | Self::FormToken(TokenFault::Forged) => true,
                Self::Uuid(fault) => fault.weight() > 0,
                _ => false,
            },
            // The causes that the predecessor banned for, permanently.
            Preset::Classic => match self {
                Self::Header(fault) => fault.is_classic(),
                Self::Keyword { .. }
                | Self::Probe { .. }
                | Self::Flood { .. }
                | Self::FormTiming { .. } => true,
                Self::Country { .. } => true,
                Self::Uuid(fault) => fault.weight() > 0,
                _ => false,
            },
        }
    }

    /// How much the cause adds to the client's score, or 0 if it strikes nobody.
    pub const fn weight(&self) -> u32 {
        match self {
            Self::ClientFlood { .. } => 100,
            Self::Probe { .. } | Self::Payload(_) => 50,
            Self::Keyword { .. } => 25,
            Self::Header(fault) => fault.weight(),
            Self::FormTrap | Self::FormToken(TokenFault::Forged) => 50,
            Self::FormTiming { .. }
            | Self::FormToken(TokenFault::Missing | TokenFault::Replayed) => 10,
            Self::Uuid(fault) => fault.weight(),
            Self::Custom { weight, .. } => *weight,
            _ => 0,
        }
    }
}
