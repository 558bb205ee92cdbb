//! Values that consist of parts: links and documents.
//!
//! A parameter that holds a link or JSON has punctuation that the gate cannot pass, and read as one
//! text it resembles half a dozen languages. But these languages can only be in its parts. So each
//! part is judged by itself, and if nothing is found in the parts, the whole is only searched for
//! signatures, which may span several parts. The strings of a GraphQL query are judged by
//! themselves too, in addition to the query as a whole.

use super::detector::{Detector, VALUE_CARRIERS, Work};
use super::field::{Carrier, Field};
use super::graphql;
use super::json;
use super::score::Findings;
use crate::normalize::value::{MAX_ROUNDS, Normalizer, Views, token_header, undo_once};

/// How deep documents may be nested as strings of each other.
pub(super) const MAX_LAYERS: usize = 3;

/// The buffers for one text, and its strings with their escapes decoded.
#[derive(Debug, Default)]
pub(super) struct Layer {
    pub(super) normalizer: Normalizer,
    string: Vec<u8>,
    document: [Vec<u8>; 2],
}

impl Detector {
    /// The views of a text that are to be judged. Of a text that only base64 holds up, that is its
    /// content: the views of its spelling are empty.
    pub(super) fn views<'a>(
        &self,
        carrier: Carrier,
        text: &'a [u8],
        normalizer: &'a mut Normalizer,
    ) -> Views<'a> {
        let views = normalizer.views(text);
        match self.gate.is_only_base64(carrier, text) {
            true => Views {
                decoded: b"",
                folded: None,
                ..views
            },
            false => views,
        }
    }

    /// Judges a text part by part, and as a whole if that can add something.
    pub(super) fn judge_text(
        &self,
        enough: u32,
        field: Field<'_>,
        text: &[u8],
        layers: &mut [Layer],
        work: &mut Work,
        findings: &mut Findings,
    ) {
        let Some((layer, deeper)) = layers.split_first_mut() else {
            return;
        };
        let Layer {
            normalizer,
            string,
            document,
        } = layer;
        let views = self.views(field.carrier, text, normalizer);
        let mut clean = CleanParts {
            value: !views.spent && self.gate.clean_link(field.carrier, text),
            unwrapped: false,
        };
        let is_split = may_hold_json(field.carrier) || token_header(views.decoded).is_some();
        if !(clean.value || views.spent || deeper.is_empty()) && is_split {
            let before = findings.iter().len();
            let mut take = |is_key: bool, string: &[u8]| {
                let carrier = carrier_within(field.carrier, is_key);
                if findings.total() < enough && !work.lets_go(&self.gate, carrier, string) {
                    let part = Field { carrier, ..field };
                    self.judge_text(enough, part, string, deeper, work, findings);
                }
            };
            let mut holds_document = |text: &[u8], decoded: &[u8]| {
                may_be_document(decoded) && read_document(text, document, string, &mut take)
            };
            let value = holds_document(text, views.decoded);
            let inner = views.wrapped.zip(views.unwrapped);
            let unwrapped = inner.is_some_and(|(text, decoded)| holds_document(text, decoded));
            if graphql::may_be_document(text) {
                graphql::each_string(text, string, |string| take(false, string));
            }
            let found_nothing = findings.iter().len() == before;
            clean = CleanParts {
                value: value && found_nothing,
                unwrapped: unwrapped && found_nothing,
            };
        }
        self.judge_views(enough, field, (text, &views), clean, work, findings);
    }
}

/// Whether a text with its escapes decoded begins like a document.
fn may_be_document(decoded: &[u8]) -> bool {
    matches!(decoded.trim_ascii_start().first(), Some(b'{' | b'['))
}

/// How many layers of escapes around a document are passed on even if the text is not a document:
/// half a document says something too.
const HANDED_ON: usize = 2;

/// Whether a text is a document once some of its layers of escapes are decoded, and no other
/// reading of it holds more. In that case its parts represent it. `take` is called with its
/// strings.
///
/// The layers are decoded one by one. An escape that is decoded too early may end a string (`%22`)
/// or hide its end (`%5c`); one that is decoded too late may join two strings.
fn read_document(
    text: &[u8],
    [one, other]: &mut [Vec<u8>; 2],
    string: &mut Vec<u8>,
    take: &mut impl FnMut(bool, &[u8]),
) -> bool {
    let mut text = text;
    for layer in 0..=MAX_ROUNDS {
        let is_document = if layer < HANDED_ON {
            json::each_string(text, string, &mut *take)
        } else {
            json::each_string(text, string, |_, _| {})
                && json::each_string(text, string, &mut *take)
        };
        if !undo_once(text, one) {
            return is_document;
        }
        if is_document {
            json::each_string(one, string, take);
            return !undo_once(one, other);
        }
        std::mem::swap(one, other);
        text = other;
    }
    false
}

/// Which readings of a value consist of parts in which nothing was found. These readings are only
/// searched for signatures.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct CleanParts {
    /// The value as it stands, or decoded.
    pub(super) value: bool,
    /// The base64 content of the value.
    pub(super) unwrapped: bool,
}

/// Whether values of a carrier hold documents.
fn may_hold_json(carrier: Carrier) -> bool {
    VALUE_CARRIERS.contains(&carrier) && carrier != Carrier::Path
}

/// The carrier for a key or string of a document. A string in a cookie is still judged as a cookie,
/// because its meaning is not known.
const fn carrier_within(carrier: Carrier, is_key: bool) -> Carrier {
    match (carrier, is_key) {
        (_, true) => Carrier::JsonKey,
        (Carrier::CookieValue, false) => Carrier::CookieValue,
        (_, false) => Carrier::JsonValue,
    }
}
