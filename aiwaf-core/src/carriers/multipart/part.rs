//! One part of a multipart body: its header lines and its content.

mod parameter;
mod transfer;

use super::super::charset::Charset;
use super::super::content_type::{ContentType, Kind};
use super::super::parameters::{self, Parameter};
use super::super::percent::{self, Plus};
use super::super::{
    Carrier, Feed, Field, Halt, Malformed, Scratch, Sink, Spent, Unsupported, body, headers, steps,
};
use memchr::memchr;
use parameter::{Escapes, Extended, extended, extended_value, unquote};
use transfer::Transfer;

/// A part while it is read.
#[derive(Debug)]
pub(super) struct Part {
    name: Vec<u8>,
    /// Whether the part has a plain file name that is not empty. `filename*` alone does not make it
    /// a file, because parsers that do not support it see a field.
    file: bool,
    kind: Kind,
    charset: Charset,
    transfer: Transfer,
    held: Vec<u8>,
    /// Whether the beginning of a file has been passed on.
    handed: bool,
}

/// The header lines that determine how a part is read.
#[derive(Default)]
struct Head<'a> {
    disposition: Option<&'a [u8]>,
    content_type: Option<&'a [u8]>,
    transfer: Option<&'a [u8]>,
}

impl Part {
    /// Reads the header lines and passes on their contents.
    pub(super) fn begin<S: Sink + ?Sized>(
        lines: &[u8],
        scratch: &mut Scratch,
        feed: &mut Feed<'_, S>,
    ) -> Result<Self, Halt> {
        let head = Head::read(lines, feed)?;
        let content_type = ContentType::parse(head.content_type.unwrap_or_default());
        if content_type.ambiguous {
            return Err(Malformed::ContentType.into());
        }
        let mut part = Self {
            name: Vec::new(),
            file: false,
            kind: content_type.kind,
            charset: content_type
                .charset
                .map_or(Ok(Charset::Ascii), Charset::named)?,
            transfer: head.transfer.map_or(Ok(Transfer::Plain), Transfer::named)?,
            held: Vec::new(),
            handed: false,
        };
        part.disposition(head.disposition.unwrap_or_default(), scratch, feed)?;
        Ok(part)
    }

    /// Passes on the names in a `Content-Disposition`.
    fn disposition<S: Sink + ?Sized>(
        &mut self,
        value: &[u8],
        scratch: &mut Scratch,
        feed: &mut Feed<'_, S>,
    ) -> Result<(), Halt> {
        let (essence, parameters) = parameters::parse(value);
        if !headers::is_word(essence) {
            feed.hand(field(Carrier::PartHeader, b"content-disposition", essence))?;
        }
        let mut plain = [None, None];
        for parameter in parameters.clone() {
            if parameter.ambiguous || parameter.is("name*") {
                return Err(Malformed::PartParameter.into());
            }
            for (slot, name) in plain.iter_mut().zip(["name", "filename"]) {
                if parameter.is(name) && slot.replace(parameter).is_some() {
                    return Err(Malformed::PartParameter.into());
                }
            }
        }
        let [name, file_name] = plain;
        if let Some(name) = name {
            self.name
                .extend_from_slice(unquote(&name, Escapes::OfQuotes, &mut scratch.value));
            self.hand_name(Carrier::PartName, &name, scratch, feed)?;
        }
        if let Some(file_name) = file_name {
            self.file = !file_name.value.is_empty();
            self.hand_name(Carrier::FileName, &file_name, scratch, feed)?;
        }
        let mut pieces = 0;
        scratch.name.clear();
        for parameter in
            parameters.filter(|parameter| !parameter.is("name") && !parameter.is("filename"))
        {
            match extended(parameter.name) {
                Some(Extended::Whole) => {
                    let decoded = extended_value(parameter.value, &mut scratch.value)?;
                    feed.hand(field(Carrier::FileName, &self.name, decoded))?;
                }
                Some(Extended::Piece { index, encoded }) => {
                    if index != pieces {
                        return Err(Malformed::PartParameter.into());
                    }
                    pieces += 1;
                    let piece = match (encoded, index) {
                        (true, 0) => extended_value(parameter.value, &mut scratch.value)?,
                        (true, _) => {
                            percent::decode(parameter.value, Plus::Literal, &mut scratch.value)
                        }
                        (false, _) => unquote(&parameter, Escapes::OfQuotes, &mut scratch.value),
                    };
                    scratch.name.extend_from_slice(piece);
                }
                None => feed.hand(field(Carrier::PartHeader, parameter.name, parameter.value))?,
            }
        }
        feed.hand(field(Carrier::FileName, &self.name, &scratch.name))
    }

    /// Passes on a name in both readings of its backslashes: for browsers and PHP only `\"` is an
    /// escape, for RFC 822 `\.` is one too.
    fn hand_name<S: Sink + ?Sized>(
        &self,
        carrier: Carrier,
        name: &Parameter<'_>,
        scratch: &mut Scratch,
        feed: &mut Feed<'_, S>,
    ) -> Result<(), Halt> {
        let of_quotes = unquote(name, Escapes::OfQuotes, &mut scratch.value);
        feed.hand(field(carrier, &self.name, of_quotes))?;
        let all = unquote(name, Escapes::All, &mut scratch.name);
        if all != of_quotes {
            feed.hand(field(carrier, &self.name, all))?;
        }
        Ok(())
    }

    /// How many bytes of memory are kept for the content.
    pub(super) const fn held(&self) -> usize {
        self.held.capacity()
    }

    /// Takes content.
    pub(super) fn content<S: Sink + ?Sized>(
        &mut self,
        bytes: &[u8],
        feed: &mut Feed<'_, S>,
    ) -> Result<(), Halt> {
        let bound = if self.file {
            feed.limits().file_head
        } else {
            feed.limits().part_value
        };
        let room = bound - self.held.len().min(bound);
        steps::add(bytes.len().min(room));
        self.held
            .extend_from_slice(bytes.get(..room).unwrap_or(bytes));
        if self.file && self.held.len() == bound && !self.handed {
            self.hand_file(feed)
        } else if !self.file && bytes.len() > room {
            Err(Spent::PartValue(bound).into())
        } else {
            Ok(())
        }
    }

    fn hand_file<S: Sink + ?Sized>(&mut self, feed: &mut Feed<'_, S>) -> Result<(), Halt> {
        self.handed = true;
        feed.hand(field(Carrier::FileContent, &self.name, &self.held))?;
        let mut decoded = Vec::new();
        if self.transfer.undo(&self.held, &mut decoded) {
            feed.hand(field(Carrier::FileContent, &self.name, &decoded))?;
        }
        Ok(())
    }

    /// Ends the content and passes on the held part of it.
    pub(super) fn end<S: Sink + ?Sized>(
        &mut self,
        scratch: &mut Scratch,
        feed: &mut Feed<'_, S>,
    ) -> Result<(), Halt> {
        if self.file {
            return if self.handed {
                Ok(())
            } else {
                self.hand_file(feed)
            };
        }
        // Browsers use this field to name the character set of all other parts.
        if self.name == b"_charset_" && Charset::named(&self.held)? != Charset::Ascii {
            return Err(Unsupported::Charset.into());
        }
        self.hand_value(&self.held, scratch, feed)?;
        let mut decoded = Vec::new();
        if self.transfer.undo(&self.held, &mut decoded) {
            self.hand_value(&decoded, scratch, feed)?;
        }
        Ok(())
    }

    /// Passes on a value as it is, and split by its type.
    fn hand_value<S: Sink + ?Sized>(
        &self,
        value: &[u8],
        scratch: &mut Scratch,
        feed: &mut Feed<'_, S>,
    ) -> Result<(), Halt> {
        feed.hand(field(Carrier::PartValue, &self.name, value))?;
        match self.kind {
            Kind::Json | Kind::Xml | Kind::Form => {
                body::split_as(self.kind, Some(self.charset), value, scratch, feed)
            }
            _ if self.charset != Charset::Ascii => {
                self.charset.transcode(value, &mut scratch.value);
                feed.hand(field(Carrier::PartValue, &self.name, &scratch.value))
            }
            _ => Ok(()),
        }
    }
}

const fn field<'a>(carrier: Carrier, name: &'a [u8], value: &'a [u8]) -> Field<'a> {
    Field {
        carrier,
        name,
        value,
    }
}

/// Whether the type is one that a server executes. Such a type is passed on although its form is
/// plain.
fn is_run(content_type: &[u8]) -> bool {
    const RUN: &[u8; 8] = b"x-httpd-";
    content_type
        .array_windows()
        .any(|window: &[u8; 8]| window.eq_ignore_ascii_case(RUN))
}

impl<'a> Head<'a> {
    /// Parses the lines and passes on all except the disposition. An empty line ends them.
    fn read<S: Sink + ?Sized>(lines: &'a [u8], feed: &mut Feed<'_, S>) -> Result<Self, Halt> {
        let mut head = Self::default();
        let lines = lines
            .split(|&byte| byte == b'\n')
            .map(|line| line.strip_suffix(b"\r").unwrap_or(line));
        for line in lines.filter(|line| !line.is_empty()) {
            let (name, value) = header(line).ok_or(Malformed::PartHeader)?;
            let is = |other: &str| name.eq_ignore_ascii_case(other.as_bytes());
            let (slot, plain) = if is("content-disposition") {
                (Some(&mut head.disposition), true)
            } else if is("content-type") {
                (
                    Some(&mut head.content_type),
                    headers::is_list(value, headers::Slash::Between) && !is_run(value),
                )
            } else if is("content-transfer-encoding") {
                (Some(&mut head.transfer), headers::is_word(value))
            } else {
                (None, is("content-length") && headers::is_word(value))
            };
            if !plain {
                feed.hand(field(Carrier::PartHeader, name, value))?;
            }
            if slot.is_some_and(|slot| slot.replace(value).is_some()) {
                return Err(Malformed::PartParameter.into());
            }
        }
        Ok(head)
    }
}

/// Name and value of a header line that every parser accepts: no folding, no space before the
/// colon, no control bytes.
fn header(line: &[u8]) -> Option<(&[u8], &[u8])> {
    steps::add(line.len());
    let (name, value) = line.split_at_checked(memchr(b':', line)?)?;
    let token = |byte: &u8| byte.is_ascii_graphic() && !b"()<>@,;\\\"/[]?={}".contains(byte);
    let clean = |byte: &u8| *byte >= b' ' && *byte != 0x7f || *byte == b'\t';
    let value = value.get(1..)?;
    (!name.is_empty() && name.iter().all(token) && value.iter().all(clean))
        .then_some((name, value.trim_ascii()))
}
