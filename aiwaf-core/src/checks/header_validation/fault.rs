//! Faults in the headers of a request.

use std::fmt;

/// What is wrong with the headers of a request. `Display` writes a sentence for people.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HeaderFault {
    /// Headers that the method requires are missing.
    Missing {
        /// Their names, in the order in which they are required.
        names: String,
    },
    /// The user agent belongs to a scanner.
    Scanner {
        /// The scanner's name.
        name: &'static str,
    },
    /// The user agent belongs to a library or tool, and the settings refuse those.
    GenericClient {
        /// The name of the library or tool.
        name: &'static str,
    },
    /// The `classic` preset suspects a word in the user agent.
    SuspectWord {
        /// The word.
        word: &'static str,
    },
    /// The `classic` preset suspects the user agent as a whole.
    SuspectAgent {
        /// The reason.
        reason: &'static str,
    },
    /// The `classic` preset suspects a bot that is allowed by its domains, but its address is not
    /// known, or not yet known, to be within them.
    UnverifiedBot,
    /// The combination of headers is implausible.
    Implausible {
        /// The reason.
        reason: &'static str,
    },
    /// Something exceeds a limit of the settings.
    TooLarge {
        /// What exceeds the limit.
        what: &'static str,
        /// The actual size or count.
        size: usize,
        /// The limit.
        limit: usize,
    },
    /// A single-valued header was sent on several lines.
    Repeated {
        /// The header's name.
        name: &'static str,
    },
    /// A header line is malformed.
    Malformed {
        /// The header's name, truncated.
        name: String,
        /// The reason.
        reason: &'static str,
    },
    /// Two servers could disagree about where the body ends.
    Framing {
        /// The reason.
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

    /// How much it adds to the client's score.
    pub const fn weight(&self) -> u32 {
        match self {
            Self::Scanner { .. } => 100,
            // A proxy or a privacy tool may have removed the header, and the lookup of an address's
            // name may still be pending.
            Self::Missing { .. } | Self::UnverifiedBot => 0,
            _ => 20,
        }
    }

    /// Whether the predecessor banned for this fault.
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
            Self::Scanner { name } => write!(f, "the user agent belongs to a scanner: {name}"),
            Self::GenericClient { name } => write!(
                f,
                "the user agent belongs to an HTTP library or tool: {name}"
            ),
            Self::SuspectWord { word } => write!(f, "Suspicious user agent: Pattern: {word}"),
            Self::SuspectAgent { reason } => write!(f, "Suspicious user agent: {reason}"),
            Self::UnverifiedBot => {
                f.write_str("the bot's address is not verified to belong to its domains")
            }
            Self::Implausible { reason } => write!(f, "Suspicious headers: {reason}"),
            Self::TooLarge { what, size, limit } => {
                write!(f, "too many {what}: {size}; the limit is {limit}")
            }
            Self::Repeated { name } => write!(f, "the header {name} was sent more than once"),
            Self::Malformed { name, reason } => write!(f, "the header {name:?} has {reason}"),
            Self::Framing { reason } => write!(f, "the length of the body is ambiguous: {reason}"),
        }
    }
}
