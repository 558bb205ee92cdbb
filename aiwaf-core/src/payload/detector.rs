//! Runs the tiers of detection in order.

use std::fmt;

use super::callback;
use super::category::{Category, Paranoia};
use super::field::{Carrier, Field};
use super::file::{self, Content};
use super::gate::Gate;
use super::known::Known;
use super::mention::Sentence;
use super::model::{self, Model};
use super::parts::{CleanParts, Layer, MAX_LAYERS};
use super::recognise::{self, Input, is_long_text, is_page, is_plain_drawing, is_plain_markup};
use super::rules::{Carriers, Rule};
use super::score::Findings;
use super::signature::{Hits, Signatures};
use super::squeeze::{Bytes, squeeze};
use crate::normalize::value::Views;

/// Judging a request stops at this many times the score that refuses it: more evidence would cost
/// time and change nothing.
const ENOUGH: u32 = 2;

/// The carriers whose values the gate looks up in the same way: a value that is clean in one of
/// them is clean in all.
const ALIKE: Carriers = Carriers::VALUES
    .without(Carrier::FileName)
    .without(Carrier::XmlDtd);

/// Buffers that are reused from one value to the next. Use one per thread or request.
#[derive(Debug, Default)]
pub struct Scratch {
    /// One for a value, and one for each layer of documents inside it.
    layers: [Layer; 1 + MAX_LAYERS],
    work: Work,
}

/// The buffers for one view.
#[derive(Debug, Default)]
pub(super) struct Work {
    squeezed: Vec<u8>,
    hits: Hits,
    plain: Vec<u8>,
    known: Known,
}

impl Work {
    /// Whether a value is clean, according to the memory of known values or else to the gate.
    pub(super) fn lets_go(&mut self, gate: &Gate, carrier: Carrier, value: &[u8]) -> bool {
        let look = || gate.clean(carrier, value);
        match ALIKE.contains(carrier) {
            true => self.known.is_clean(value, look),
            false => look(),
        }
    }
}

/// One reading of a text.
struct View<'a> {
    text: &'a [u8],
    /// Nothing was found in its parts, so that only signatures are left to search.
    parts_are_clean: bool,
    content: Content,
}

/// Everything that is compiled once. Immutable, shared by all threads.
pub struct Detector {
    pub(super) gate: Gate,
    signatures: Signatures,
    model: Option<Model>,
}

impl fmt::Debug for Detector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Detector").finish_non_exhaustive()
    }
}

impl Default for Detector {
    fn default() -> Self {
        Self::new()
    }
}

impl Detector {
    /// Compiles the gate and the signatures. This takes a few milliseconds: build one detector and
    /// share it.
    #[must_use]
    pub fn new() -> Self {
        let model = Model::new();
        // The table is compiled in, and a test reads it, so it is present.
        debug_assert!(model.is_some());
        Self::with_model(model)
    }

    /// Like [`new`](Self::new), but with another model than the compiled-in one, or with none. For
    /// measuring what a model contributes.
    #[must_use]
    pub fn with_model(model: Option<Model>) -> Self {
        let signatures = Signatures::new();
        let gate = Gate::new(
            signatures
                .anchors(&VALUE_CARRIERS)
                .chain(recognise::anchors()),
            signatures
                .anchors(&[Carrier::Header, Carrier::PartHeader])
                .chain(recognise::header_anchors()),
        );
        Self {
            gate,
            signatures,
            model,
        }
    }

    /// All rules, for documentation and settings: those of signatures, recognisers and the model.
    pub fn rules() -> impl Iterator<Item = &'static Rule> {
        super::rules::signatures()
            .chain(recognise::rules())
            .chain(model::rules())
    }

    /// Calls `take` with the squeezed texts of a field that the model would be asked about,
    /// regardless of the gate. The model is trained with them.
    pub fn texts(&self, field: Field<'_>, scratch: &mut Scratch, mut take: impl FnMut(&[u8])) {
        let [layer, ..] = &mut scratch.layers;
        let work = &mut scratch.work;
        let views = self.views(field.carrier, field.value, &mut layer.normalizer);
        for (view, _) in in_order(&views, CleanParts::default()) {
            squeeze(view, &mut work.squeezed);
            if model::is_asked(field.carrier, &work.squeezed) {
                take(&work.squeezed);
            }
        }
    }

    /// The rest of a raw query string or form body, from the first pair whose name or value may
    /// hold a finding; `None` if there is no such pair.
    ///
    /// A carrier can use this to skip splitting and decoding. It never skips a name or a value in
    /// which [`judge`](Self::judge) would find something.
    #[must_use]
    pub fn dirty_from<'a>(&self, raw: &'a [u8]) -> Option<&'a [u8]> {
        self.gate.dirty_from(raw)
    }

    /// Whether nothing can be found in any name or value of a raw query string or form body.
    #[must_use]
    pub fn clean_raw(&self, raw: &[u8]) -> bool {
        self.dirty_from(raw).is_none()
    }

    /// Like [`clean_raw`](Self::clean_raw), for a `Cookie` line: its pairs are joined by `;`, and a
    /// `&` or a plus sign is data. Never true for a line that can be read in two ways.
    #[must_use]
    pub fn clean_cookies(&self, line: &[u8]) -> bool {
        self.gate.clean_cookies(line)
    }

    /// Whether the gate passes a field, which means that [`judge`](Self::judge) would find nothing.
    #[must_use]
    pub fn clean(&self, field: Field<'_>) -> bool {
        self.gate.clean(field.carrier, field.value)
    }

    /// Judges one field, adds the evidence to `findings` and returns the points added to the score.
    pub fn judge(
        &self,
        field: Field<'_>,
        paranoia: Paranoia,
        scratch: &mut Scratch,
        findings: &mut Findings,
    ) -> u32 {
        if scratch.work.lets_go(&self.gate, field.carrier, field.value) {
            return 0;
        }
        if let Some(path) = callback::path(field) {
            let value = Field {
                value: path,
                ..field
            };
            if self.judge(value, paranoia, scratch, &mut Findings::new()) == 0 {
                return 0;
            }
        }
        let enough = findings.total() + ENOUGH * paranoia.threshold();
        self.judge_until(enough, field, scratch, findings)
    }

    /// Judges until the evidence reaches `enough`.
    pub(super) fn judge_until(
        &self,
        enough: u32,
        field: Field<'_>,
        scratch: &mut Scratch,
        findings: &mut Findings,
    ) -> u32 {
        let before = findings.total();
        let Scratch { layers, work } = scratch;
        self.judge_text(enough, field, field.value, layers, work, findings);
        findings.total() - before
    }

    /// [`judge`](Self::judge) without the gate, and always on the whole text rather than its parts.
    /// The tests compare both with it.
    #[cfg(test)]
    pub(super) fn judge_ungated(
        &self,
        field: Field<'_>,
        paranoia: Paranoia,
        scratch: &mut Scratch,
        findings: &mut Findings,
    ) -> u32 {
        let before = findings.total();
        let enough = before + ENOUGH * paranoia.threshold();
        let Scratch { layers, work } = scratch;
        let [.., last] = layers;
        let views = last.normalizer.views(field.value);
        let whole = CleanParts::default();
        self.judge_views(enough, field, (field.value, &views), whole, work, findings);
        findings.total() - before
    }

    /// Judges a text and each view of it. In views whose parts are clean, only signatures are
    /// searched.
    pub(super) fn judge_views(
        &self,
        enough: u32,
        field: Field<'_>,
        (text, views): (&[u8], &Views<'_>),
        clean: CleanParts,
        work: &mut Work,
        findings: &mut Findings,
    ) {
        recognise::judge_escapes(field.carrier, text, &mut |rule, shown| {
            findings.add(rule, rule.severity.points(), field, shown);
        });
        if views.spent {
            let rule = &recognise::BUDGET;
            findings.add(rule, rule.severity.points(), field, b"");
        }
        let content = file::content(&field);
        // A server takes a file as it is.
        let readings = if content == Content::File {
            1
        } else {
            usize::MAX
        };
        for (view, parts_are_clean) in in_order(views, clean).take(readings) {
            if findings.total() >= enough {
                break;
            }
            let view = View {
                text: view,
                parts_are_clean,
                content,
            };
            self.judge_view(field, view, enough, work, findings);
        }
    }

    /// Runs one tier after the other until there is enough evidence.
    fn judge_view(
        &self,
        field: Field<'_>,
        view: View<'_>,
        enough: u32,
        work: &mut Work,
        findings: &mut Findings,
    ) {
        let View {
            text: view,
            parts_are_clean,
            content,
        } = view;
        let bytes = squeeze(view, &mut work.squeezed);
        let squeezed = work.squeezed.as_slice();
        self.signatures.judge(
            squeezed,
            bytes,
            (field.carrier, content),
            &mut work.hits,
            |rule, text| {
                findings.add(rule, rule.severity.points(), field, text);
            },
        );
        // The bytes of a picture or an archive contain no language.
        if parts_are_clean || content != Content::Text || findings.total() >= enough {
            return;
        }
        let input = Input {
            field,
            view,
            squeezed,
            bytes,
        };
        for recognise in &recognise::ALL {
            if findings.total() >= enough {
                return;
            }
            recognise(&input, &mut work.plain, &mut |rule, text| {
                if rule.carriers.contains(field.carrier)
                    && !recognise::is_chance(&input, rule, text)
                {
                    findings.add(rule, rule.severity.points(), field, text);
                }
            });
        }
        // The model adds something only if the recognisers are not sure.
        if findings.total() < enough
            && model::is_asked(field.carrier, squeezed)
            && let Some((rule, text)) = self.model.as_ref().and_then(|model| model.judge(squeezed))
            && !is_harmless(rule.category, &input)
        {
            findings.add_opinion(rule, field, text);
        }
    }
}

/// Whether the whole text was understood and does nothing, so that the model need not be asked:
/// markup from an editor, the coordinates of a drawing, the page to return to, a sentence about a
/// file. In a long text of several lines, only the rules look for paths.
fn is_harmless(category: Category, input: &Input<'_>) -> bool {
    let text = input.squeezed;
    match category {
        Category::Xss => is_plain_markup(text),
        Category::Lfi | Category::Rce if is_plain_drawing(text) => true,
        Category::Lfi => {
            is_long_text(input)
                || file::is_encoded(text)
                || is_page(input.field.name, text)
                || Sentence::read(text, input.bytes.any(Bytes::LINE)).is_about_one_file(text)
        }
        _ => false,
    }
}

/// The carriers that the gate judges with its table for values.
pub(super) const VALUE_CARRIERS: [Carrier; 17] = [
    Carrier::OwnHeader,
    Carrier::Path,
    Carrier::QueryName,
    Carrier::QueryValue,
    Carrier::QueryFlag,
    Carrier::CookieName,
    Carrier::CookieValue,
    Carrier::FormName,
    Carrier::FormValue,
    Carrier::FormFlag,
    Carrier::JsonKey,
    Carrier::JsonValue,
    Carrier::XmlText,
    Carrier::XmlAttribute,
    Carrier::PartName,
    Carrier::PartValue,
    Carrier::Text,
];

/// The views with any text, in the order in which they are judged, each with whether its parts are
/// clean.
fn in_order<'a>(views: &Views<'a>, clean: CleanParts) -> impl Iterator<Item = (&'a [u8], bool)> {
    [
        (Some(views.decoded), clean.value),
        (views.folded, clean.value),
        (views.unwrapped, clean.unwrapped),
        (views.refolded, clean.unwrapped),
    ]
    .into_iter()
    .filter_map(|(view, is_clean)| Some((view?, is_clean)))
    .filter(|(view, _)| !view.is_empty())
}
