//! Verdicts, and refusals with their causes.

mod cause;
mod sentence;

use std::fmt;
use std::time::Duration;

pub use self::cause::{Cause, TokenFault};
use crate::client::Client;

/// The decision about a request.
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a verdict that nobody acts on protects nothing"]
pub enum Verdict {
    /// Pass the request to the handler.
    Allow,
    /// Answer with this refusal. The request never reaches the handler.
    Refuse(Box<Refusal>),
    /// Collect the body first and inspect it.
    NeedBody(BodyPlan),
}

impl Verdict {
    /// The refusal, if it is one.
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refuse(refusal) => Some(refusal),
            _ => None,
        }
    }
}

/// How much of a body to collect, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BodyPlan {
    /// The maximum number of bytes.
    pub limit: usize,
    /// How long the client may take.
    pub deadline: Duration,
    /// How to treat a longer body.
    pub longer: Longer,
}

/// How to treat a body that is longer than the collected part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Longer {
    /// Inspect the first part and let the rest pass uninspected: [`CollectedBody::Head`].
    Pass,
    /// Inspect the first part, and the rest while it streams:
    /// [`Firewall::watch_body`](crate::Firewall::watch_body).
    Watch,
    /// Refuse the body: [`CollectedBody::TooLarge`].
    Refuse,
}

/// What the adapter was able to collect of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CollectedBody<'a> {
    /// The whole body.
    Whole(&'a [u8]),
    /// The first part of a body that is longer than the plan's limit, if the plan does not say
    /// [`Longer::Refuse`].
    Head(&'a [u8]),
    /// The body is longer than the plan's limit, and the plan says [`Longer::Refuse`].
    TooLarge,
    /// The client took longer than the plan's deadline.
    TimedOut,
    /// Too many bodies are being held at once.
    NoRoom,
}

/// A refused request.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    /// The cause.
    pub cause: Cause,
    /// The status of the response.
    pub status: u16,
    /// Identifies this refusal in the response, the event and the log.
    pub request_id: RequestId,
    /// The client, if known.
    pub client: Option<Client>,
}

/// A limit, as stated in the `RateLimit` header fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LimitState {
    /// Requests allowed in a window.
    pub max: u32,
    /// The length of the window.
    pub window: Duration,
}

/// Identifies one refused request: 16 hexadecimal digits, unique in a process and not guessable
/// from another id.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct RequestId(pub(crate) u64);

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
