//! Keywords in bodies: in the bytes as they came, and in the values that these are split into and decoded to.

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

/// Where a keyword was found, for people.
const PLACE: &str = "body";

/// How much of what has passed is looked at again with what follows: the longest keyword, each byte of it escaped.
const OVERLAP: usize = 3 * 1024;

/// How much is waited for before it is looked at, so that what a byte costs does not hang on how a client cuts its body.
const STEP: usize = 8 * 1024;

/// Looks for keywords in a body, or as much of it as was collected.
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
        // Two lines of it are one list, and no list of codings is undone.
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
    // Of the beginning of a body the end is no fault of the client's.
    conclude(search.found, end, !seen.is_whole || allows_unseen(request))
}

/// Whether a body may pass that cannot be read to its end: where the settings say so, and where nobody refuses it for what it
/// holds, for then it may be of any kind.
fn allows_unseen(request: &Inspection<'_>) -> bool {
    let (scope, payload) = (request.scope, Protection::Payload);
    request.policy.settings.payload.spent == OnFailure::Allow
        || !scope.run.contains(payload)
        || scope.monitored.contains(payload)
}

/// What follows from what was found, and from how splitting ended.
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

/// Looks for keywords in whatever it is handed.
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
        // Of a file the beginning is handed on: the bytes as they came have the rest.
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

/// A multipart body that is longer than what is held.
pub(super) struct KeywordWatch {
    keywords: Arc<Keywords>,
    /// Gone once the body is over.
    multipart: Option<Multipart>,
    /// For what is kept of it.
    charge: Charge,
    budget: Budget,
    scratch: Scratch,
    window: Window,
    allows_unseen: bool,
}

/// What has come and was not looked at, behind the end of what was: a few kilobytes, however long the body is.
#[derive(Default)]
struct Window {
    bytes: Vec<u8>,
    /// Whether something has passed before it.
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
    /// A watch over the body of a request; the cause to refuse it if nobody can tell where its parts begin.
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
        if outcome == Outcome::Pass && !self.charge.set(held) {
            return Outcome::Refuse(Cause::NoRoomForBody);
        }
        outcome
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
