//! Keywords in bodies: in the raw bytes, and in the values that the body is split into and decoded
//! to.

use std::ops::ControlFlow;
use std::sync::Arc;

use crate::carriers::content_type::ContentType;
use crate::carriers::multipart::Multipart;
use crate::carriers::{Budget, Carrier, Feed, Field, Halt, Scratch, Sink, Unsupported, body};
use crate::checks::{Inspection, Outcome, SeenBody, Watch, payload};
use crate::headers::Header;
use crate::held::{BodyBudget, Charge};
use crate::policy::{Cut, Keywords};
use crate::protection::Protection;
use crate::settings::OnFailure;
use crate::verdict::Cause;

/// The place of a keyword, as people are told.
const PLACE: &str = "body";

/// How many bytes that have passed are searched again together with the following ones: the longest
/// keyword with each of its bytes escaped.
const OVERLAP: usize = 3 * 1024;

/// How many bytes are buffered before a search, so that the cost per byte does not depend on how a
/// client splits its body.
const STEP: usize = 8 * 1024;

/// Searches a body, or the collected part of it, for keywords.
pub(super) fn judge(request: &Inspection<'_>, seen: SeenBody<'_>) -> Outcome {
    let keywords = &request.policy.keywords;
    let settings = &request.policy.settings.payload;
    let mut search = Search::new(keywords);
    let beginning = Cut {
        start: false,
        end: !seen.is_whole,
    };
    search.look_within(seen.bytes, beginning);
    let mut budget = Budget::new(settings.limits(payload::body_limit(request)));
    let mut feed = Feed::new(&mut budget, &mut search);
    let end = match request.headers.is_repeated(Header::ContentEncoding) {
        // Two header lines form one list, and lists of codings are not decoded.
        true => Err(Unsupported::Coding.into()),
        false => {
            let body = body::Body {
                content_type: request.headers.get(Header::ContentType),
                content_encoding: request.headers.get(Header::ContentEncoding),
                bytes: seen.bytes,
            };
            body::split(body, &mut Scratch::default(), &mut feed)
        }
    };
    // For a body of which only the beginning was collected, a premature end is not the client's
    // fault.
    conclude(search.found, end, !seen.is_whole || allows_unseen(request))
}

/// Whether a body that cannot be read to its end may pass: if the settings allow it, or if no
/// protection refuses bodies for their content, because then any kind of body is acceptable.
fn allows_unseen(request: &Inspection<'_>) -> bool {
    let (scope, payload) = (request.scope, Protection::Payload);
    request.policy.settings.payload.spent == OnFailure::Allow
        || !scope.run.contains(payload)
        || scope.monitored.contains(payload)
}

/// The outcome for the keyword found, if any, and for how splitting ended.
fn conclude(found: Option<String>, end: Result<(), Halt>, allows_unseen: bool) -> Outcome {
    if let Some(keyword) = found {
        return Outcome::Refuse(Cause::Keyword {
            keyword: keyword.into(),
            place: PLACE,
        });
    }
    match end {
        Ok(()) => Outcome::Pass,
        Err(_) if allows_unseen => Outcome::Pass,
        Err(halt) => payload::unseen(halt).map_or(Outcome::Pass, Outcome::Refuse),
    }
}

/// Searches every field that it receives for keywords.
struct Search<'a> {
    keywords: &'a Keywords,
    found: Option<String>,
}

impl<'a> Search<'a> {
    const fn new(keywords: &'a Keywords) -> Self {
        Self {
            keywords,
            found: None,
        }
    }

    fn look_within(&mut self, text: &[u8], cut: Cut) {
        if self.found.is_none() {
            let found = self.keywords.find_within(text, cut);
            self.found = found.map(str::to_owned);
        }
    }
}

impl Sink for Search<'_> {
    fn field(&mut self, field: Field<'_>) -> ControlFlow<()> {
        // Only the beginning of a file is passed on as a field. The search of the raw bytes covers
        // the rest.
        let cut = Cut {
            start: false,
            end: field.carrier == Carrier::FileContent,
        };
        self.look_within(field.value, cut);
        match self.found {
            Some(_) => ControlFlow::Break(()),
            None => ControlFlow::Continue(()),
        }
    }
}

/// Searches a multipart body that is longer than the part that is held.
pub(super) struct KeywordWatch {
    keywords: Arc<Keywords>,
    /// `None` once the body has ended or can no longer be parsed.
    multipart: Option<Multipart>,
    /// Charged for the bytes that `multipart` keeps.
    charge: Charge,
    budget: Budget,
    scratch: Scratch,
    window: Window,
    allows_unseen: bool,
}

/// Bytes that have arrived but were not searched, behind the end of those that were: a few
/// kilobytes, however long the body is.
#[derive(Default)]
struct Window {
    bytes: Vec<u8>,
    /// Whether bytes have passed before this window.
    is_behind: bool,
}

impl Window {
    fn push(&mut self, bytes: &[u8], search: &mut Search<'_>) {
        for piece in bytes.chunks(STEP) {
            self.bytes.extend_from_slice(piece);
            if self.bytes.len() < OVERLAP + STEP {
                continue;
            }
            let cut = Cut {
                start: self.is_behind,
                end: true,
            };
            search.look_within(&self.bytes, cut);
            let passed = self.bytes.len().saturating_sub(OVERLAP);
            self.bytes.drain(..passed);
            self.is_behind = true;
        }
    }

    fn end(&mut self, search: &mut Search<'_>) {
        let cut = Cut {
            start: self.is_behind,
            end: false,
        };
        search.look_within(&std::mem::take(&mut self.bytes), cut);
    }
}

impl KeywordWatch {
    /// A watch over the body of a request, or the cause to refuse the body if its parts cannot be
    /// delimited reliably.
    pub(super) fn new(request: &Inspection<'_>) -> Result<Self, Cause> {
        let content_type = request.headers.get(Header::ContentType).unwrap_or_default();
        let multipart = Multipart::new(&ContentType::parse(content_type));
        let allows_unseen = allows_unseen(request);
        let settings = &request.policy.settings.payload;
        Ok(Self {
            keywords: Arc::clone(&request.policy.keywords),
            multipart: match multipart {
                Ok(multipart) => Some(multipart),
                Err(_) if allows_unseen => None,
                Err(malformed) => return Err(Cause::PayloadMalformed(malformed)),
            },
            charge: Charge::none(BodyBudget::process()).of(request.client.as_ref()),
            budget: Budget::new(settings.limits(payload::body_limit(request))),
            scratch: Scratch::default(),
            window: Window::default(),
            allows_unseen,
        })
    }
}

impl Watch for KeywordWatch {
    fn chunk(&mut self, bytes: &[u8]) -> Outcome {
        let mut search = Search::new(&self.keywords);
        self.window.push(bytes, &mut search);
        let mut feed = Feed::new(&mut self.budget, &mut search);
        let end = match &mut self.multipart {
            Some(multipart) => multipart.push(bytes, &mut self.scratch, &mut feed),
            None => Ok(()),
        };
        if end.is_err() {
            self.multipart = None;
        }
        let outcome = conclude(search.found, end, self.allows_unseen);
        let held = self.multipart.as_ref().map_or(0, Multipart::held);
        if outcome != Outcome::Pass || self.charge.set(held) {
            return outcome;
        }
        // There is no room for what this keeps.
        self.multipart = None;
        match self.allows_unseen {
            true => Outcome::Pass,
            false => Outcome::Refuse(Cause::NoRoomForBody),
        }
    }

    fn end(&mut self) -> Outcome {
        let mut search = Search::new(&self.keywords);
        self.window.end(&mut search);
        let mut feed = Feed::new(&mut self.budget, &mut search);
        let end = match self.multipart.take() {
            Some(multipart) => multipart.finish(&mut self.scratch, &mut feed),
            None => Ok(()),
        };
        conclude(search.found, end, self.allows_unseen)
    }
}
