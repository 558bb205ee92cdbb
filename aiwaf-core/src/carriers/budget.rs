//! Bounds on what is read, and the ways in which reading can end early.

use super::field::{Field, Sink};
use std::ops::ControlFlow;
use thiserror::Error;

/// How much of a request is split before the answer is [`Spent`].
///
/// Each default is above what ordinary backends themselves take, so that a request that meets one
/// would rarely have been served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Names and values of query, cookies, headers, form and parts together. Default 4,096: a
    /// thousand parameters is the usual limit of form parsers (PHP, Django, Werkzeug, qs), and each
    /// is two fields. Pairs of a query before the first one in which something may be found are passed over and not counted.
    pub fields: u32,
    /// Keys, strings, attributes and texts of JSON and XML together. Default 100,000: 2 MiB at some
    /// twenty bytes each. Plain numbers, `true`, `false` and `null` do not count.
    pub tree_fields: u32,
    /// How deep JSON and XML may nest. Default 64; documents that people and machines exchange stay
    /// under twenty.
    pub depth: u32,
    /// Bytes of one multipart part that is no file. Default 1 MiB, what common stream parsers hold
    /// of a field.
    pub part_value: usize,
    /// Bytes of a part's header lines. Default 8 KiB.
    pub part_head: usize,
    /// Bytes of a file that are inspected, from its start. Default 4 KiB: enough for magic numbers,
    /// scripts' first lines and web shells. The rest of a file is data by agreement, so this is a
    /// scope and not a budget.
    pub file_head: usize,
    /// Bytes that a compressed body may inflate to. Default 2 MiB, the body limit.
    pub inflated: usize,
    /// How many times its size a compressed body may inflate to, past the first 64 KiB. Default
    /// 100: text seldom passes 20.
    pub inflate_ratio: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            fields: 4096,
            tree_fields: 100_000,
            depth: 64,
            part_value: 1 << 20,
            part_head: 8 << 10,
            file_head: 4 << 10,
            inflated: 2 << 20,
            inflate_ratio: 100,
        }
    }
}

/// A bound of [`Limits`] that a request has reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Spent {
    /// More names and values than [`Limits::fields`].
    #[error("more than {0} names and values")]
    Fields(u32),
    /// More keys and values than [`Limits::tree_fields`].
    #[error("more than {0} JSON or XML values")]
    TreeFields(u32),
    /// Deeper than [`Limits::depth`].
    #[error("nested deeper than {0}")]
    Depth(u32),
    /// A part larger than [`Limits::part_value`].
    #[error("a form part of more than {0} bytes")]
    PartValue(usize),
    /// A part's header lines larger than [`Limits::part_head`].
    #[error("part headers of more than {0} bytes")]
    PartHead(usize),
    /// Inflates to more than [`Limits::inflated`] or [`Limits::inflate_ratio`] allow; the bound in
    /// bytes.
    #[error("inflates to more than {0} bytes")]
    Inflated(usize),
}

/// A fault that backends read in different ways, so that no single reading can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Malformed {
    /// The multipart boundary is missing, given twice, or not one that all parsers read alike.
    #[error("the multipart boundary is missing or ambiguous")]
    Boundary,
    /// The boundary stands where it is neither a delimiter nor data for everyone.
    #[error("the multipart boundary occurs outside a delimiter line")]
    Delimiter,
    /// Lines end in CRLF here and in LF there.
    #[error("multipart lines end in different ways")]
    MixedLines,
    /// A part's header line is folded, has no colon, or holds a control byte.
    #[error("a part header is folded or broken")]
    PartHeader,
    /// A part has a header or a parameter twice, or a quoted string that ends in two places.
    #[error("a part header is ambiguous")]
    PartParameter,
    /// Data before the first part.
    #[error("data before the first multipart delimiter")]
    Preamble,
    /// Data after the closing delimiter.
    #[error("data after the closing multipart delimiter")]
    Epilogue,
    /// The body ends within a part.
    #[error("the multipart body has no closing delimiter")]
    Unterminated,
    /// The character set or another parameter of the body's type is given twice.
    #[error("the content type is ambiguous")]
    ContentType,
    /// The body is not what its content coding says.
    #[error("the body does not match its content coding")]
    Compressed,
}

/// Something that is understood by some backend but not by this engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Unsupported {
    /// A character set in which ASCII bytes are not ASCII text (UTF-7, EBCDIC), or an unknown one.
    #[error("the character set is not supported")]
    Charset,
    /// A `Content-Encoding` other than identity, or than gzip, deflate and br with the feature
    /// `inflate`.
    #[error("the content coding is not supported")]
    Coding,
    /// A `Content-Transfer-Encoding` that is not known.
    #[error("the content transfer encoding is not supported")]
    TransferEncoding,
}

/// Why a carrier was not read to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Halt {
    /// The sink wants no more: it has seen enough.
    #[error("the sink wants no more fields")]
    Stopped,
    /// A budget is spent.
    #[error(transparent)]
    Spent(#[from] Spent),
    /// The request can be read in more than one way.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// The request needs something that is not supported.
    #[error(transparent)]
    Unsupported(#[from] Unsupported),
}

/// What one request has left of its [`Limits`].
#[derive(Debug, Clone)]
pub struct Budget {
    limits: Limits,
    fields: u32,
    tree_fields: u32,
}

impl Budget {
    /// A full budget.
    #[must_use]
    pub const fn new(limits: Limits) -> Self {
        Self {
            fields: limits.fields,
            tree_fields: limits.tree_fields,
            limits,
        }
    }

    /// The limits that it began with.
    #[must_use]
    pub const fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Takes one field's worth.
    fn take(&mut self, tree: bool) -> Result<(), Spent> {
        let (left, spent) = if tree {
            (
                &mut self.tree_fields,
                Spent::TreeFields(self.limits.tree_fields),
            )
        } else {
            (&mut self.fields, Spent::Fields(self.limits.fields))
        };
        *left = left.checked_sub(1).ok_or(spent)?;
        Ok(())
    }
}

/// A sink with the budget that it is fed on.
pub struct Feed<'a, S: ?Sized> {
    budget: &'a mut Budget,
    sink: &'a mut S,
}

impl<'a, S: Sink + ?Sized> Feed<'a, S> {
    /// Feeds `sink` on `budget`.
    pub const fn new(budget: &'a mut Budget, sink: &'a mut S) -> Self {
        Self { budget, sink }
    }

    /// The limits in force.
    #[must_use]
    pub const fn limits(&self) -> &Limits {
        self.budget.limits()
    }

    /// Who is fed.
    pub(crate) const fn sink(&self) -> &S {
        self.sink
    }

    /// Hands one field on. An empty value holds nothing to judge: it is left out and costs nothing.
    ///
    /// # Errors
    ///
    /// [`Halt::Spent`] when the budget had no field left, [`Halt::Stopped`] when the sink wants no more.
    #[inline]
    pub fn hand(&mut self, field: Field<'_>) -> Result<(), Halt> {
        if field.value.is_empty() {
            return Ok(());
        }
        self.budget.take(field.carrier.is_tree())?;
        match self.sink.field(field) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(Halt::Stopped),
        }
    }
}
