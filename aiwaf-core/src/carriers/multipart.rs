//! Multipart bodies, split while they stream in.
//!
//! A part that is not a file is held up to [`Limits::part_value`](super::Limits::part_value) and
//! passed on as a whole. Of a file only the beginning is passed on and the rest is skipped, so
//! memory does not grow with uploads. Names, file names (plain, `filename*` and in pieces) and
//! header lines of every part are passed on as they arrive.
//!
//! Multipart is the format on which parsers disagree most. If two parsers split a body in different
//! places, an attack can get past one of them. So this reader is lenient where all parsers agree
//! and returns [`Malformed`] otherwise: lines that end in LF in one place and CRLF in another, the
//! boundary in the middle of a line, folded or repeated part headers, data before the first and
//! after the last delimiter, and a body without an end.
//!
//! ```
//! use aiwaf_core::carriers::content_type::ContentType;
//! use aiwaf_core::carriers::multipart::Multipart;
//! use aiwaf_core::carriers::{Budget, Feed, Field, Limits, Scratch};
//! use std::ops::ControlFlow;
//!
//! let mut seen = Vec::new();
//! let mut sink = |field: Field<'_>| {
//!     seen.push(String::from_utf8_lossy(field.value).into_owned());
//!     ControlFlow::Continue(())
//! };
//! let (mut budget, mut scratch) = (Budget::new(Limits::default()), Scratch::default());
//! let mut feed = Feed::new(&mut budget, &mut sink);
//! let content_type = ContentType::parse(b"multipart/form-data; boundary=b");
//! let mut body = Multipart::new(&content_type)?;
//! for chunk in ["--b\r\nContent-Disposition: form-data; na", "me=a\r\n\r\nhel", "lo\r\n--b--\r\n"] {
//!     body.push(chunk.as_bytes(), &mut scratch, &mut feed)?;
//! }
//! body.finish(&mut scratch, &mut feed)?;
//! assert_eq!(seen, ["a", "hello"]);
//! # Ok::<(), aiwaf_core::carriers::Halt>(())
//! ```

mod part;

use super::content_type::ContentType;
use super::{Feed, Halt, Malformed, Scratch, Sink, Spent, steps};
use memchr::{memchr, memmem};
use part::Part;

/// How many bytes of padding may follow a delimiter before its line ends. RFC 2046 allows any
/// number; nobody sends any.
const PADDING: usize = 64;

/// A multipart body while it is read.
#[derive(Debug)]
pub struct Multipart {
    /// Finds `--` and the boundary.
    delimiter: memmem::Finder<'static>,
    /// Bytes that have arrived but are not read yet: never more than one chunk plus the longest
    /// item that cannot be read in pieces.
    pending: Vec<u8>,
    /// How much of `pending` is known not to contain the end of the current item.
    searched: usize,
    /// Where in `pending` the unfinished header line begins.
    line: usize,
    stage: Stage,
    ending: Option<Ending>,
}

/// How much capacity is kept for the next chunk.
const ROOM: usize = 16 << 10;

/// The item that is expected next.
#[derive(Debug)]
enum Stage {
    /// The first delimiter.
    Start,
    /// The rest of a delimiter line.
    Delimiter,
    /// The header lines of a part.
    Head,
    /// The content of a part.
    Content(Part),
    /// Only line ends.
    End,
}

/// How lines end. The first line determines it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    Lf,
    CrLf,
}

/// Whether the available bytes allow another step.
enum Step {
    Again,
    NeedMore,
}

impl Multipart {
    /// Starts reading a body of this type.
    ///
    /// # Errors
    ///
    /// [`Malformed::Boundary`] if there is no boundary that all parsers read the same way,
    /// [`Malformed::ContentType`] if the type is ambiguous in another way.
    pub fn new(content_type: &ContentType<'_>) -> Result<Self, Malformed> {
        if content_type.ambiguous {
            return Err(Malformed::ContentType);
        }
        let boundary = content_type.boundary.ok_or(Malformed::Boundary)?;
        Ok(Self {
            delimiter: memmem::Finder::new(&[b"--", boundary].concat()).into_owned(),
            pending: Vec::new(),
            searched: 0,
            line: 0,
            stage: Stage::Start,
            ending: None,
        })
    }

    /// Reads the next bytes of the body.
    ///
    /// # Errors
    ///
    /// [`Halt`] for each limit, fault and unknown encoding. Reading cannot continue after an error.
    pub fn push<S: Sink + ?Sized>(
        &mut self,
        chunk: &[u8],
        scratch: &mut Scratch,
        feed: &mut Feed<'_, S>,
    ) -> Result<(), Halt> {
        self.pending.extend_from_slice(chunk);
        // Read bytes are removed from the buffer once per chunk, so that many small parts do not
        // move it many times.
        let mut read = 0;
        while let Step::Again = self.step(&mut read, scratch, feed)? {}
        self.pending.drain(..read);
        // The first chunk is everything that was collected; later chunks are small.
        self.pending.shrink_to(ROOM);
        Ok(())
    }

    /// How many bytes of memory are kept for the bytes received so far.
    pub(crate) fn held(&self) -> usize {
        let part = match &self.stage {
            Stage::Content(part) => part.held(),
            _ => 0,
        };
        self.pending.capacity() + part
    }

    /// Ends the body. If this cuts off a part, its content is passed on before the fault is
    /// returned.
    ///
    /// # Errors
    ///
    /// [`Malformed::Unterminated`] if there is no closing delimiter.
    pub fn finish<S: Sink + ?Sized>(
        mut self,
        scratch: &mut Scratch,
        feed: &mut Feed<'_, S>,
    ) -> Result<(), Halt> {
        if let Stage::Content(part) = &mut self.stage {
            part.content(&self.pending, feed)?;
            part.end(scratch, feed)?;
        }
        match self.stage {
            Stage::End => Ok(()),
            _ => Err(Malformed::Unterminated.into()),
        }
    }

    /// Reads the item of the current stage from the bytes at `read`.
    fn step<S: Sink + ?Sized>(
        &mut self,
        read: &mut usize,
        scratch: &mut Scratch,
        feed: &mut Feed<'_, S>,
    ) -> Result<Step, Halt> {
        match &self.stage {
            Stage::Start => self.start(read),
            Stage::Delimiter => self.delimiter_line(read),
            Stage::Head => self.head(read, scratch, feed),
            Stage::Content(_) => self.content(read, scratch, feed),
            Stage::End => {
                let rest = self.pending.get(*read..).unwrap_or_default();
                *read = self.pending.len();
                if rest
                    .iter()
                    .all(|byte| matches!(byte, b'\r' | b'\n' | b' ' | b'\t'))
                {
                    Ok(Step::NeedMore)
                } else {
                    Err(Malformed::Epilogue.into())
                }
            }
        }
    }

    /// Reads the first delimiter. Line ends may precede it.
    fn start(&mut self, read: &mut usize) -> Result<Step, Halt> {
        let delimiter = self.delimiter.needle();
        let rest = self.pending.get(*read..).unwrap_or_default();
        let blank = rest
            .iter()
            .take_while(|byte| matches!(byte, b'\r' | b'\n'))
            .count();
        let rest = rest.get(blank..).unwrap_or_default();
        steps::add(blank);
        *read += blank;
        if rest.starts_with(delimiter) {
            *read += delimiter.len();
            self.stage = Stage::Delimiter;
            Ok(Step::Again)
        } else if delimiter.starts_with(rest) {
            Ok(Step::NeedMore)
        } else {
            Err(Malformed::Preamble.into())
        }
    }

    /// Reads what follows a delimiter: `--` at the end of the body, or the end of the line.
    fn delimiter_line(&mut self, read: &mut usize) -> Result<Step, Halt> {
        let rest = self.pending.get(*read..).unwrap_or_default();
        let padding = rest
            .iter()
            .take_while(|byte| matches!(byte, b' ' | b'\t'))
            .count();
        if padding > PADDING {
            return Err(Malformed::Delimiter.into());
        }
        let (taken, stage) = match rest.get(padding..).unwrap_or_default() {
            [b'-', b'-', ..] if padding == 0 => (2, Stage::End),
            [b'\r', b'\n', ..] => {
                agree(&mut self.ending, Ending::CrLf)?;
                (padding + 2, Stage::Head)
            }
            [b'\n', ..] => {
                agree(&mut self.ending, Ending::Lf)?;
                (padding + 1, Stage::Head)
            }
            [] | [b'-'] | [b'\r'] => return Ok(Step::NeedMore),
            _ => return Err(Malformed::Delimiter.into()),
        };
        *read += taken;
        self.stage = stage;
        self.searched = 0;
        Ok(Step::Again)
    }

    /// Reads the header lines of a part, up to an empty line.
    fn head<S: Sink + ?Sized>(
        &mut self,
        read: &mut usize,
        scratch: &mut Scratch,
        feed: &mut Feed<'_, S>,
    ) -> Result<Step, Halt> {
        let bound = feed.limits().part_head;
        let rest = self.pending.get(*read..).unwrap_or_default();
        loop {
            let unseen = rest.get(self.searched..).unwrap_or_default();
            let end = memchr(b'\n', unseen).map(|end| self.searched + end);
            let seen = end.map_or(rest.len(), |end| end + 1);
            steps::add(seen - self.searched.min(seen));
            self.searched = seen;
            if seen > bound {
                return Err(Spent::PartHead(bound).into());
            }
            let line = rest.get(self.line..end.unwrap_or(seen)).unwrap_or_default();
            if line.starts_with(self.delimiter.needle()) {
                return Err(Malformed::Delimiter.into());
            }
            if end.is_none() {
                return Ok(Step::NeedMore);
            }
            agree(
                &mut self.ending,
                if line.last() == Some(&b'\r') {
                    Ending::CrLf
                } else {
                    Ending::Lf
                },
            )?;
            self.line = seen;
            if matches!(line, [] | b"\r") {
                break;
            }
        }
        let head = rest.get(..self.line).unwrap_or_default();
        *read += self.line;
        (self.line, self.searched) = (0, 0);
        self.stage = Stage::Content(Part::begin(head, scratch, feed)?);
        Ok(Step::Again)
    }

    /// Reads content up to the next delimiter, or as much as cannot be part of a delimiter.
    fn content<S: Sink + ?Sized>(
        &mut self,
        read: &mut usize,
        scratch: &mut Scratch,
        feed: &mut Feed<'_, S>,
    ) -> Result<Step, Halt> {
        let Stage::Content(part) = &mut self.stage else {
            return Ok(Step::Again);
        };
        let rest = self.pending.get(*read..).unwrap_or_default();
        let delimiter = self.delimiter.needle().len();
        let from = self.searched.min(rest.len());
        let unseen = rest.get(from..).unwrap_or_default();
        steps::add(unseen.len());
        let Some(at) = self.delimiter.find(unseen).map(|at| from + at) else {
            // A delimiter may have begun, and the line end before it is not content.
            let content = rest.len().saturating_sub(delimiter + 1);
            part.content(rest.get(..content).unwrap_or_default(), feed)?;
            *read += content;
            self.searched = (rest.len() - content).saturating_sub(delimiter - 1);
            return Ok(Step::NeedMore);
        };
        let content = match rest.get(..at).unwrap_or_default() {
            [content @ .., b'\r', b'\n'] => {
                agree(&mut self.ending, Ending::CrLf)?;
                content
            }
            [content @ .., b'\n'] => {
                agree(&mut self.ending, Ending::Lf)?;
                content
            }
            _ => return Err(Malformed::Delimiter.into()),
        };
        part.content(content, feed)?;
        part.end(scratch, feed)?;
        *read += at + delimiter;
        self.stage = Stage::Delimiter;
        self.searched = 0;
        Ok(Step::Again)
    }
}

/// Requires all relevant lines to end in the same way. Otherwise parsers that require CRLF and
/// parsers that accept LF would split the body in different places.
fn agree(ending: &mut Option<Ending>, now: Ending) -> Result<(), Malformed> {
    if *ending.get_or_insert(now) == now {
        Ok(())
    } else {
        Err(Malformed::MixedLines)
    }
}

#[cfg(test)]
mod tests;
