//! Splits the contents of a request into named values, so that each can be judged separately.
//!
//! A *carrier* is a place in a request that contains text from the client: the query, a cookie, a
//! header, a form, JSON, XML, the parts of a multipart body. Each module here decodes the syntax of
//! one carrier, **once**, and passes each name and value to a [`Sink`] as a [`Field`]. This module
//! does not decide whether a field is an attack. Further rounds of decoding are left to the
//! normaliser.
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
//! # Guarantees
//!
//! * One pass: the cost is linear in the number of bytes read, whatever they are. No input causes a
//!   panic.
//! * Every byte that a backend could read as data reaches the sink, in every position. If one
//!   parser is strict and another lenient, the lenient reading is passed on. If the two would read
//!   *different* data, the result is [`Malformed`].
//! * Reaching a limit is reported as [`Spent`], never as an early end that looks like success. What
//!   was split before the limit has already been passed on.
//! * A clean query, cookie or header is borrowed, not copied. Decoded data goes to a [`Scratch`]
//!   that is reused.
//!
//! | module | reads | passes on |
//! | --- | --- | --- |
//! | [`query`] | target query, `application/x-www-form-urlencoded` | names and values |
//! | [`cookies`] | one `Cookie` line | names and values |
//! | [`headers`] | every header line, cookies included | values; unusual names |
//! | [`json`] | JSON and its lenient dialects, lines of JSON | keys and strings, unquoted words |
//! | [`xml`] | XML, well-formed or not | text, attributes, comments, DTD |
//! | [`multipart`] | a stream of chunks | part names, file names, headers, values, beginnings of files |
//! | [`text`] | anything else | the text, and also what it looks like |
//! | [`body`] | a whole body | chooses a module above by type, coding and character set |

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
