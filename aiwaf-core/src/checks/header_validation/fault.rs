//! What can be wrong with the headers of a request.

use std::fmt;

/// What is wrong with the headers of a request. `Display` is a sentence for people.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HeaderFault {
    /// Headers that the method needs are not there.
    Missing {
        /// Their names, in the order in which they are required.
        names: String,
    },
    /// The user agent is a scanner's.
    Scanner {
        /// The scanner.
        name: &'static str,
    },
    /// The user agent is a library's or tool's, and the settings refuse those.
    GenericClient {
        /// The library or tool.
        name: &'static str,
    },
    /// The `classic` preset suspects a word in the user agent.
    SuspectWord {
        /// The word.
        word: &'static str,
    },
    /// The `classic` preset suspects the user agent for what it is.
    SuspectAgent {
        /// Why.
        reason: &'static str,
    },
    /// The `classic` preset suspects a bot that is let through by its domains, and its address is not known to be within them,
    /// or not yet.
    UnverifiedBot,
    /// The headers do not go together.
    Implausible {
        /// Why.
        reason: &'static str,
    },
    /// There is more of something than the settings allow.
    TooLarge {
        /// Of what.
        what: &'static str,
        /// How much there is.
        size: usize,
        /// How much may be.
        limit: usize,
    },
    /// A header that has one value came on several lines.
    Repeated {
        /// Its name.
        name: &'static str,
    },
    /// A header line is none.
    Malformed {
        /// Its name, cut.
        name: String,
        /// Why.
        reason: &'static str,
    },
    /// Two servers could disagree where the body ends.
    Framing {
        /// Why.
        reason: &'static str,
    },
}

impl HeaderFault {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Missing { .. } => "missing_header",
            Self::Scanner { .. } => "scanner",
            Self::GenericClient { .. } => "generic_client",
            Self::SuspectWord { .. } | Self::SuspectAgent { .. } => "suspicious_user_agent",
            Self::UnverifiedBot => "unverified_bot",
            Self::Implausible { .. } => "implausible_headers",
            Self::TooLarge { .. } => "header_limit",
            Self::Repeated { .. } => "repeated_header",
            Self::Malformed { .. } => "malformed_header",
            Self::Framing { .. } => "framing",
        }
    }

    /// What it adds to the client's score.
    pub const fn weight(&self) -> u32 {
        match self {
            Self::Scanner { .. } => 100,
            // A proxy or a privacy tool may have taken it out; the name of an address may still be on its way.
            Self::Missing { .. } | Self::UnverifiedBot => 0,
            _ => 20,
        }
    }

    /// Whether the predecessor banned for it.
    pub(crate) const fn is_classic(&self) -> bool {
        matches!(
            self,
            Self::Missing { .. }
                | Self::SuspectWord { .. }
                | Self::SuspectAgent { .. }
                | Self::Implausible { .. }
        )
    }
}

impl fmt::Display for HeaderFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { names } => write!(f, "Missing required headers: {names}"),
            Self::Scanner { name } => write!(f, "the user agent is a scanner's: {name}"),
            Self::GenericClient { name } => write!(f, "the user agent is a program's: {name}"),
            Self::SuspectWord { word } => write!(f, "Suspicious user agent: Pattern: {word}"),
            Self::SuspectAgent { reason } => write!(f, "Suspicious user agent: {reason}"),
            Self::UnverifiedBot => {
                f.write_str("the bot's address is not known to be within its domains")
            }
            Self::Implausible { reason } => write!(f, "Suspicious headers: {reason}"),
            Self::TooLarge { what, size, limit } => {
                write!(f, "the {what} are {size}, at most {limit} are allowed")
            }
            Self::Repeated { name } => write!(f, "the header {name} came more than once"),
            Self::Malformed { name, reason } => write!(f, "the header {name:?} has {reason}"),
            Self::Framing { reason } => write!(f, "the length of the body is in doubt: {reason}"),
        }
    }
}
