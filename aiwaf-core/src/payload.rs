//! The detection half of the `payload` protection: is this value an attack?
//!
//! A [`Detector`] judges one named value ([`Field`]) at a time and adds what it finds to the
//! [`Findings`] of the request. It works in tiers, each of which sees less than the one before:
//!
//! 1. the *gate* looks at pairs of bytes and lets go of everything that cannot be an attack;
//! 2. the [normaliser](crate::normalize::value) undoes encodings, in at most four views;
//! 3. *signatures* are looked up in one pass, *recognisers* read the value as SQL, HTML, a shell
//!    line, a path, a URL, a template and so on would be read;
//! 4. the [learned tier](model) says whether it reads like the attacks that are known.
//!
//! Evidence adds up; [`Paranoia`] says how much of it is too much.
//!
//! ```
//! use aiwaf_core::payload::{Carrier, Detector, Field, Findings, Paranoia, Scratch};
//!
//! let detector = Detector::new();
//! let mut scratch = Scratch::default();
//! let mut findings = Findings::new();
//! let field = Field {
//!     carrier: Carrier::QueryValue,
//!     name: b"id",
//!     value: b"1' UNION SELECT password FROM users--",
//! };
//! detector.judge(field, Paranoia::One, &mut scratch, &mut findings);
//! assert!(findings.total() >= Paranoia::One.threshold());
//! assert_eq!(findings.strongest().map(|f| f.category.as_str()), Some("sqli"));
//! ```

mod callback;
mod category;
mod detector;
mod field;
mod file;
mod gate;
mod graphql;
mod json;
mod known;
mod literals;
mod mention;
pub mod model;
mod parts;
mod recognise;
mod rules;
mod score;
mod signature;
mod squeeze;

pub use category::{Category, Paranoia, Severity};
pub use detector::{Detector, Scratch};
pub use field::{Carrier, Field};
pub(crate) use known::Known;
pub use rules::{Carriers, Rule};
pub use score::{Finding, Findings};

#[cfg(test)]
mod tests;
