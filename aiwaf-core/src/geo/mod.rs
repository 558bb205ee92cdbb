//! Countries: country codes, and the lookup of an address's country.
//!
//! The engine does no I/O. The application supplies a [`CountryLookup`], and swaps in a new one
//! when the database has changed ([`Keeping::swap_countries`](crate::Keeping::swap_countries)).
//! With the feature `geo`, `MaxMindCountries` reads the bytes of a MaxMind DB file; `aiwaf_storage`
//! reads the file that `geo.database` names and watches it.

#[cfg(feature = "geo")]
mod maxmind;

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::current::Current;

#[cfg(feature = "geo")]
pub use maxmind::{CountryDatabaseError, MaxMindCountries};

/// A country, identified by its two-letter ISO 3166-1 code.
///
/// ```
/// use aiwaf_core::geo::Country;
/// let country: Country = "de".parse().unwrap();
/// assert_eq!(country.to_string(), "DE");
/// assert!("Germany".parse::<Country>().is_err());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Country([u8; 2]);

/// The text is not a country code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a country; expected a code of two letters, for example \"DE\"")]
pub struct CountryError(String);

impl Country {
    /// The country's number among all pairs of letters.
    pub(crate) fn number(self) -> usize {
        let [first, second] = self.0;
        usize::from(first - b'A') * 26 + usize::from(second - b'A')
    }
}

impl FromStr for Country {
    type Err = CountryError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match *text.trim().as_bytes() {
            [first, second] if first.is_ascii_alphabetic() && second.is_ascii_alphabetic() => {
                Ok(Self([
                    first.to_ascii_uppercase(),
                    second.to_ascii_uppercase(),
                ]))
            }
            _ => Err(CountryError(text.to_owned())),
        }
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [first, second] = self.0;
        write!(f, "{}{}", char::from(first), char::from(second))
    }
}

impl fmt::Debug for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Country {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Country {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Looks up the countries of addresses. Called while a request is decided, so it must not block.
pub trait CountryLookup: Send + Sync + 'static {
    /// The country of an address, if it is known.
    fn country(&self, address: IpAddr) -> Option<Country>;
}

impl<F: Fn(IpAddr) -> Option<Country> + Send + Sync + 'static> CountryLookup for F {
    fn country(&self, address: IpAddr) -> Option<Country> {
        self(address)
    }
}

/// The current lookup. It can be swapped while requests are being decided.
pub(crate) struct Countries(Current<Option<Box<dyn CountryLookup>>>);

impl Countries {
    pub(crate) fn new(lookup: Option<Box<dyn CountryLookup>>) -> Self {
        Self(Current::new(lookup))
    }

    pub(crate) fn swap(&self, lookup: Box<dyn CountryLookup>) {
        self.0.replace(Some(lookup));
    }

    pub(crate) fn find(&self, address: IpAddr) -> Option<Country> {
        self.0.load().as_ref().as_ref()?.country(address)
    }

    pub(crate) fn is_missing(&self) -> bool {
        self.0.load().is_none()
    }
}

impl fmt::Debug for Countries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Countries").finish_non_exhaustive()
    }
}
