//! Faults in ids.

use std::fmt;

/// What is wrong with a UUID of a request. `Display` writes a sentence for people.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UuidFault {
    /// The value is not a UUID.
    Malformed {
        /// The parameter that holds the value.
        parameter: String,
        /// The value, truncated.
        value: String,
    },
    /// The value is empty, `undefined` or `null`: a page's bug rather than an attack.
    Absent {
        /// The parameter.
        parameter: String,
    },
    /// The UUID is well formed, but the client has asked for too many that do not exist.
    Guessed {
        /// The id, as a number.
        id: u128,
        /// How many ids did not exist.
        misses: u32,
    },
}

impl UuidFault {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed { .. } => "uuid_malformed",
            Self::Absent { .. } => "uuid_absent",
            Self::Guessed { .. } => "uuid_guessed",
        }
    }

    /// How much it adds to the client's score.
    pub const fn weight(&self) -> u32 {
        match self {
            Self::Malformed { .. } | Self::Guessed { .. } => 34,
            Self::Absent { .. } => 0,
        }
    }
}

impl fmt::Display for UuidFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed { parameter, value } => {
                write!(
                    f,
                    "UUID tampering: {value:?} in {parameter:?} is not a UUID"
                )
            }
            Self::Absent { parameter } => write!(f, "the UUID in {parameter:?} is empty"),
            Self::Guessed { id, misses } => write!(
                f,
                "UUID tampering: {misses} ids that do not exist were requested, and now {id:032x}"
            ),
        }
    }
}
