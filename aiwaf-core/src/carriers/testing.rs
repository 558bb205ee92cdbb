//! Shared code of the parsers' tests.

use super::{Budget, Carrier, Feed, Field, Halt, Limits, Scratch, steps};
use proptest::prelude::*;
use std::ops::ControlFlow;

/// Stands for an attack. It survives every carrier's syntax unchanged.
pub(super) const MARKER: &str = "attack1marker";

/// A field, owned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) carrier: Carrier,
    pub(super) name: Vec<u8>,
    pub(super) value: Vec<u8>,
}

pub(super) fn seen(carrier: Carrier, name: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> Seen {
    Seen {
        carrier,
        name: name.as_ref().to_vec(),
        value: value.as_ref().to_vec(),
    }
}

/// Everything that a splitter passed on, and how it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Got {
    pub(super) fields: Vec<Seen>,
    pub(super) end: Result<(), Halt>,
}

impl Got {
    pub(super) fn has_marker(&self) -> bool {
        self.holds(MARKER)
    }

    pub(super) fn holds(&self, text: impl AsRef<[u8]>) -> bool {
        let text = text.as_ref();
        self.fields
            .iter()
            .any(|field| memchr::memmem::find(&field.value, text).is_some())
    }

    pub(super) fn is_spent(&self) -> bool {
        matches!(self.end, Err(Halt::Spent(_)))
    }

    pub(super) fn values(&self, carrier: Carrier) -> Vec<String> {
        let of = self.fields.iter().filter(|field| field.carrier == carrier);
        of.map(|field| String::from_utf8_lossy(&field.value).into_owned())
            .collect()
    }
}

pub(super) fn collect_within(
    limits: Limits,
    split: impl FnOnce(&mut Scratch, &mut Feed<'_, dyn super::Sink + '_>) -> Result<(), Halt>,
) -> Got {
    let mut fields = Vec::new();
    let mut sink = |field: Field<'_>| {
        fields.push(seen(field.carrier, field.name, field.value));
        ControlFlow::Continue(())
    };
    let mut budget = Budget::new(limits);
    let end = split(
        &mut Scratch::default(),
        &mut Feed::new(&mut budget, &mut sink),
    );
    Got { fields, end }
}

pub(super) fn collect(
    split: impl FnOnce(&mut Scratch, &mut Feed<'_, dyn super::Sink + '_>) -> Result<(), Halt>,
) -> Got {
    collect_within(Limits::default(), split)
}

/// Bytes drawn from the alphabet that is relevant to a parser.
pub(super) fn soup(alphabet: &'static [u8], longest: usize) -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(proptest::sample::select(alphabet), 0..longest)
}

/// Fails if `work` reads more than a fixed number of bytes for each byte of its input.
pub(super) fn assert_linear(bytes: usize, work: impl FnOnce()) {
    let (steps, ()) = steps::count(work);
    assert!(
        steps <= 16 * bytes as u64 + 64,
        "{steps} steps for {bytes} bytes"
    );
}
