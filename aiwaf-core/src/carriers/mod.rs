//! Splits what a request carries into named values, so that each can be judged on its own.
//!
//! A *carrier* is a place in a request that holds text from the client: the query, a cookie, a
//! header, a form, JSON, XML, the parts of a multipart body. Every module here undoes the syntax of
//! one carrier, **once**, and hands each name and value to a [`Sink`] as a [`Field`]. Whether a
//! field is an attack is not decided here; further rounds of decoding are the normaliser's.
//!
//! ```
//! use aiwaf_core::carriers::{Budget, Feed, Field, Limits, Scratch, query};
//! use std::ops::ControlFlow;
//!
//! let mut seen = Vec::new();
//! let mut sink = |field: Field<'_>| {
//!     seen.push((field.carrier, field.value.to_vec()));
//!     ControlFlow::Continue(())
//! };
//! let mut budget = Budget::new(Limits::default());
//! let mut feed = Feed::new(&mut budget, &mut sink);
//! query::split(b"q=a%27b&page=2", query::QUERY, &mut Scratch::default(), &mut feed)?;
//! assert_eq!(seen[1].1, b"a'b");
//! # Ok::<(), aiwaf_core::carriers::Halt>(())
//! ```
//!
//! # What always holds
//!
//! * One pass: the cost is linear in the bytes read, whatever they are. Nothing here panics on any
//!   input.
//! * Every byte that a backend could read as data reaches the sink, in every position. Where one
//!   parser is strict and another lenient, the lenient reading is handed on; where the two would
//!   read *different* data, the answer is [`Malformed`].
//! * A bound that is reached is an answer ([`Spent`]), never an early end that looks like success.
//!   What was split before it has been handed on by then.
//! * A clean query, cookie or header is borrowed, not copied; what has to be decoded goes to a
//!   [`Scratch`] that is used again and again.
//!
//! | module | reads | hands on |
//! | --- | --- | --- |
//! | [`query`] | target query, `application/x-www-form-urlencoded` | names and values |
//! | [`cookies`] | one `Cookie` line | names and values |
//! | [`headers`] | every header line, cookies included | values; names where they are odd |
//! | [`json`] | JSON and its lenient dialects, lines of JSON | keys and strings, bare words |
//! | [`xml`] | XML, well-formed or not | text, attributes, comments, DTD |
//! | [`multipart`] | a stream of chunks | part names, file names, headers, values, heads of files |
//! | [`text`] | anything else | the text, and what it looks like besides |
//! | [`body`] | a whole body | picks among the above by type, coding and character set |

mod base64;
pub mod body;
mod budget;
pub mod charset;
pub mod content_type;
pub mod cookies;
mod cursor;
mod field;
pub(crate) mod find;
pub mod headers;
pub mod inflate;
pub mod json;
pub mod multipart;
mod parameters;
mod path;
mod percent;
pub mod query;
mod scratch;
mod steps;
pub mod text;
pub mod xml;

pub use budget::{Budget, Feed, Halt, Limits, Malformed, Spent, Unsupported};
pub use field::{Carrier, Field, Sink};
pub use scratch::Scratch;

#[cfg(test)]
mod testing;
