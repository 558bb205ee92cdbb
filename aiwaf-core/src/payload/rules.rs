//! Rules as data.
//!
//! A rule has an id, a category, a severity, attacks that it must hit and values that it must not
//! hit. Signatures list the literals that they consist of. The other rules belong to a recogniser
//! of [`super::recognise`], whose code decides when they hold. Tests run the samples of both, so
//! that disabling or rewriting a rule makes a test fail.

mod arguments;
mod backend;
mod breakout;
mod code;
mod engines;
mod exploit;
mod files;
mod head;
mod lines;
mod markup;
mod serialised;
mod server;
mod sql;
mod token;
mod whole;

use super::category::{Category, Severity};
use super::field::Carrier;

/// A set of carriers.
///
/// A flag, which is a name or a value, is in each set that one of the two is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Carriers(u32);

impl Carriers {
    /// Everywhere.
    pub const ALL: Self = Self(u32::MAX);
    /// Wherever a client writes a value, which excludes headers, the path and the content of files.
    pub const VALUES: Self = Self::ALL
        .without(Carrier::Header)
        .without(Carrier::PartHeader)
        .without(Carrier::Path)
        .without(Carrier::FileContent);
    /// Everywhere except in headers.
    pub const NO_HEADERS: Self = Self::ALL
        .without(Carrier::Header)
        .without(Carrier::PartHeader);
    /// Names and keys that the client chose.
    pub const NAMES: Self = Self(0)
        .with(Carrier::QueryName)
        .with(Carrier::FormName)
        .with(Carrier::JsonKey)
        .with(Carrier::PartName)
        .with(Carrier::CookieName);
    /// The target, cookies and headers: places without rich text.
    pub const TARGET: Self = Self(0)
        .with(Carrier::Path)
        .with(Carrier::QueryName)
        .with(Carrier::QueryValue)
        .with(Carrier::CookieName)
        .with(Carrier::CookieValue)
        .with(Carrier::Header)
        .with(Carrier::OwnHeader);
    /// Nowhere.
    pub const NONE: Self = Self(0);
    /// The path of the target.
    pub const PATH: Self = Self(0).with(Carrier::Path);
    /// The file name of an upload.
    pub const FILE_NAME: Self = Self(0).with(Carrier::FileName);
    /// The first bytes of an upload.
    pub const FILE_CONTENT: Self = Self(0).with(Carrier::FileContent);
    /// Document type definitions and bodies of unknown type.
    pub const DTD: Self = Self(0).with(Carrier::XmlDtd);

    /// This set with `carrier`.
    #[must_use]
    pub const fn with(self, carrier: Carrier) -> Self {
        Self(self.0 | Self::of(carrier).0)
    }

    /// This set without `carrier`.
    #[must_use]
    pub const fn without(self, carrier: Carrier) -> Self {
        Self(self.0 & !Self::of(carrier).0)
    }

    /// Whether `carrier` is in the set.
    #[must_use]
    pub const fn contains(self, carrier: Carrier) -> bool {
        self.0 & Self::of(carrier).0 != 0
    }

    /// Whether everything that `carrier` may be is in the set.
    #[must_use]
    pub(super) const fn contains_fully(self, carrier: Carrier) -> bool {
        self.0 & Self::of(carrier).0 == Self::of(carrier).0
    }

    /// What `carrier` may be.
    const fn of(carrier: Carrier) -> Self {
        match carrier {
            Carrier::QueryFlag => Self::of(Carrier::QueryName).with(Carrier::QueryValue),
            Carrier::FormFlag => Self::of(Carrier::FormName).with(Carrier::FormValue),
            carrier => Self(1 << carrier as u32),
        }
    }
}

/// One rule.
///
/// Literals are spelled as `squeeze` writes them. A leading or trailing `~` requires the edge of a
/// word at this place, a leading `^` the start of the value and a trailing `^` its end.
#[derive(Debug)]
#[non_exhaustive]
pub struct Rule {
    /// The stable id, used in settings, events and exemptions.
    pub id: &'static str,
    /// The kind of attack.
    pub category: Category,
    /// How strong the evidence is.
    pub severity: Severity,
    /// Where it applies.
    pub carriers: Carriers,
    /// The rule holds if the value has one of these...
    pub any: &'static [&'static str],
    /// ...and one of these, unless the list is empty.
    pub with: &'static [&'static str],
    /// Attacks that the rule must hit.
    pub hits: &'static [&'static str],
    /// Everyday values that the rule must not hit.
    pub misses: &'static [&'static str],
}

impl Rule {
    /// A rule of a recogniser.
    pub(super) const fn recognised(
        id: &'static str,
        category: Category,
        severity: Severity,
        hits: &'static [&'static str],
        misses: &'static [&'static str],
    ) -> Self {
        Self {
            id,
            category,
            severity,
            carriers: Carriers::ALL,
            any: &[],
            with: &[],
            hits,
            misses,
        }
    }

    /// This rule, for `carriers` only.
    pub(super) const fn only(mut self, carriers: Carriers) -> Self {
        self.carriers = carriers;
        self
    }
}

/// The signatures, by topic.
pub(super) static SIGNATURES: &[&[Rule]] = &[
    backend::RULES,
    engines::RULES,
    files::RULES,
    code::RULES,
    serialised::RULES,
    markup::RULES,
    server::RULES,
    sql::RULES,
    exploit::RULES,
    arguments::RULES,
    token::RULES,
    head::RULES,
    whole::RULES,
    lines::RULES,
    breakout::RULES,
];

/// All signatures.
pub(super) fn signatures() -> impl Iterator<Item = &'static Rule> {
    SIGNATURES.iter().copied().flatten()
}
