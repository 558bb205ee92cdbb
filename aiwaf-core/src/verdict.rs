//! Verdicts, and refusals with their causes.

mod cause;
mod sentence;

use std::fmt;
use std::time::Duration;

pub use self::cause::{Cause, TokenFault};
use crate::client::Client;

/// What becomes of a request.
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a verdict that nobody acts on protects nothing"]
pub enum Verdict {
    /// It goes on to the handler.
    Allow,
    /// It is answered with this refusal and never reaches the handler.
    Refuse(Box<Refusal>),
    /// Its body has to be seen first.
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

/// How much of a body is to be collected, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BodyPlan {
    /// Bytes at most.
    pub limit: usize,
    /// How long the client may take.
    pub deadline: Duration,
    /// What becomes of a longer one.
    pub longer: Longer,
}

/// What becomes of a body that is longer than what is collected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Longer {
    /// The first part is inspected and the rest passes unseen: [`CollectedBody::Head`].
    Pass,
    /// The first part is inspected, and the rest while it passes: [`Firewall::watch_body`](crate::Firewall::watch_body).
    Watch,
    /// It is refused: [`CollectedBody::TooLarge`].
    Refuse,
}

/// A body as the adapter was able to collect it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CollectedBody<'a> {
    /// All of it.
    Whole(&'a [u8]),
    /// The first part of one that is longer than the plan's limit, where the plan says [`Longer::Pass`].
    Head(&'a [u8]),
    /// It is longer than the plan's limit, and the plan says [`Longer::Refuse`].
    TooLarge,
    /// The client took longer than the plan's deadline.
    TimedOut,
    /// Too many bodies are being held at once.
    NoRoom,
}

/// A request that was refused.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    /// Why.
    pub cause: Cause,
    /// The status of the answer.
    pub status: u16,
    /// Names this refusal in the answer, the event and the log.
    pub request_id: RequestId,
    /// Who asked, where that is known.
    pub client: Option<Client>,
}

/// A limit, as the `RateLimit` header fields tell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LimitState {
    /// Requests allowed in a window.
    pub max: u32,
    /// The length of the window.
    pub window: Duration,
}

/// Names one refused request: 16 hexadecimal digits, unique in a process and not guessable from another.
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
