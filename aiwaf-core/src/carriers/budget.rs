//! Limits on what is read, and the ways in which reading can end early.

use super::field::{Field, Sink};
use std::ops::ControlFlow;
use thiserror::Error;

/// How much of a request is split before splitting ends with [`Spent`].
///
/// Each default is above what ordinary backends accept, so a request that reaches a limit would
/// rarely have been served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Names and values of query, cookies, headers, form and parts together. Default 4,096: a
    /// thousand parameters is the usual limit of form parsers (PHP, Django, Werkzeug, qs), and each
    /// parameter with a value is two fields. Query pairs before the first suspicious one are skipped and not
    /// counted.
    pub fields: u32,
    /// Keys, strings, attributes and texts of JSON and XML together. Default 100,000, which is 2
    /// MiB at about twenty bytes each. Plain numbers, `true`, `false` and `null` do not count.
    pub tree_fields: u32,
    /// The maximum nesting depth of JSON and XML. Default 64; documents that people and machines
    /// exchange stay below twenty.
    pub depth: u32,
    /// Bytes of one multipart part that is not a file. Default 1 MiB, the amount of a field that
    /// common stream parsers hold.
    pub part_value: usize,
    /// Bytes of a part's header lines. Default 8 KiB.
    pub part_head: usize,
    /// Bytes of a file that are inspected, from its start. Default 4 KiB: enough for magic numbers,
    /// scripts' first lines and web shells. The rest of a file is taken to be data, so this limits
    /// the inspection and is not a budget that can be spent.
    pub file_head: usize,
    /// Bytes that a compressed body may inflate to. Default 2 MiB, the body limit.
    pub inflated: usize,
    /// How many times its size a compressed body may inflate to, beyond the first 64 KiB. Default
    /// 100; text rarely exceeds 20.
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
    /// The request has more names and values than [`Limits::fields`].
    #[error("the request has more than {0} names and values")]
    Fields(u32),
    /// The request has more keys and values than [`Limits::tree_fields`].
    #[error("the request has more than {0} JSON or XML values")]
    TreeFields(u32),
    /// The document is nested deeper than [`Limits::depth`].
    #[error("the document is nested deeper than {0} levels")]
    Depth(u32),
    /// A part is larger than [`Limits::part_value`].
    #[error("a form part is larger than {0} bytes")]
    PartValue(usize),
    /// A part's header lines are larger than [`Limits::part_head`].
    #[error("the headers of a form part are larger than {0} bytes")]
    PartHead(usize),
    /// The body inflates to more than [`Limits::inflated`] or [`Limits::inflate_ratio`] allow.
    /// Contains the limit in bytes.
    #[error("the body inflates to more than {0} bytes")]
    Inflated(usize),
}

/// A fault that backends read in different ways, so that no single reading is reliable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Malformed {
    /// The multipart boundary is missing, given twice, or not read the same way by all parsers.
    #[error("the multipart boundary is missing or ambiguous")]
    Boundary,
    /// The boundary occurs where it is neither a delimiter nor data for all parsers.
    #[error("the multipart boundary occurs outside a delimiter line")]
    Delimiter,
    /// Some lines end in CRLF and others in LF.
    #[error("multipart lines mix different line endings")]
    MixedLines,
    /// A part's header line is folded, has no colon, or contains a control byte.
    #[error("a part header is folded or malformed")]
    PartHeader,
    /// A part has a header or parameter twice, or a quoted string whose end is ambiguous.
    #[error("a part header is ambiguous")]
    PartParameter,
    /// Data before the first part.
    #[error("there is data before the first multipart delimiter")]
    Preamble,
    /// Data after the closing delimiter.
    #[error("there is data after the closing multipart delimiter")]
    Epilogue,
    /// The body ends inside a part.
    #[error("the multipart body has no closing delimiter")]
    Unterminated,
    /// The character set or another parameter of the content type is given twice.
    #[error("the Content-Type is ambiguous")]
    ContentType,
    /// The body does not match its content coding.
    #[error("the body cannot be decoded as its Content-Encoding says")]
    Compressed,
}

/// Something that a backend may understand but this engine does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Unsupported {
    /// A character set in which ASCII bytes are not ASCII text (UTF-7, EBCDIC), or an unknown one.
    #[error("the character set is not supported")]
    Charset,
    /// A `Content-Encoding` other than identity or, with the feature `inflate`, gzip, deflate and
    /// br.
    #[error("the Content-Encoding is not supported")]
    Coding,
    /// An unknown `Content-Transfer-Encoding`.
    #[error("the Content-Transfer-Encoding is not supported")]
    TransferEncoding,
}

/// Why a carrier was not read to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Halt {
    /// The sink has seen enough and accepts no more fields.
    #[error("the sink wants no more fields")]
    Stopped,
    /// A budget is spent.
    #[error(transparent)]
    Spent(#[from] Spent),
    /// The request can be parsed in more than one way.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// The request needs something that is not supported.
    #[error(transparent)]
    Unsupported(#[from] Unsupported),
}

/// The part of its [`Limits`] that one request has left.
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

    /// The limits that the budget started with.
    #[must_use]
    pub const fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Takes one field from the budget.
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

/// A sink and the budget for what it receives.
pub struct Feed<'a, S: ?Sized> {
    budget: &'a mut Budget,
    sink: &'a mut S,
}

impl<'a, S: Sink + ?Sized> Feed<'a, S> {
    /// Creates a feed that passes fields to `sink` and charges them to `budget`.
    pub const fn new(budget: &'a mut Budget, sink: &'a mut S) -> Self {
        Self { budget, sink }
    }

    /// The limits in force.
    #[must_use]
    pub const fn limits(&self) -> &Limits {
        self.budget.limits()
    }

    /// The sink.
    pub(crate) const fn sink(&self) -> &S {
        self.sink
    }

    /// Passes one field to the sink. An empty value has nothing to judge, so it is skipped and
    /// costs nothing.
    ///
    /// # Errors
    ///
    /// [`Halt::Spent`] if the budget has no field left, [`Halt::Stopped`] if the sink accepts no
    /// more.
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
