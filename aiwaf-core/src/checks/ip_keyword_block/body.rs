//! Keywords in bodies: in the bytes as they came, and in the values that these are split into and decoded to.

use std::ops::ControlFlow;

use crate::carriers::content_type::ContentType;
use crate::carriers::multipart::Multipart;
use crate::carriers::{Budget, Feed, Field, Halt, Scratch, Sink, Unsupported, body};
use crate::checks::{Inspection, Outcome, SeenBody, Watch, payload};
use crate::headers::Header;
use crate::policy::Keywords;
use crate::settings::OnFailure;
use crate::verdict::Cause;

/// Where a keyword was found, for people.
const PLACE: &str = "body";

/// How much of what has passed is looked at again with what follows: the longest keyword, each byte of it escaped.
const OVERLAP: usize = 3 * 1024;

/// Looks for keywords in a body, or as much of it as was collected.
pub(super) fn judge(request: &Inspection<'_>, seen: SeenBody<'_>) -> Outcome {
    let keywords = &request.policy.keywords;
    let settings = &request.policy.settings.payload;
    let mut search = Search::new(keywords);
    search.look(seen.bytes);
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
    let allows_unseen = !seen.is_whole || settings.spent == OnFailure::Allow;
    conclude(search.found, end, allows_unseen)
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

    fn look(&mut self, text: &[u8]) {
        if self.found.is_none() {
            self.found = self.keywords.find_in(text).map(str::to_owned);
        }
    }
}

impl Sink for Search<'_> {
    fn field(&mut self, field: Field<'_>) -> ControlFlow<()> {
        self.look(field.value);
        match self.found {
            Some(_) => ControlFlow::Break(()),
            None => ControlFlow::Continue(()),
        }
    }
}

/// A multipart body that is longer than what is held.
pub(super) struct KeywordWatch {
    keywords: Keywords,
    /// Gone once the body is over.
    multipart: Option<Multipart>,
    budget: Budget,
    scratch: Scratch,
    /// The end of what has passed, and what has just come.
    window: Vec<u8>,
    allows_unseen: bool,
}

impl KeywordWatch {
    /// A watch over the body of a request; the cause to refuse it if nobody can tell where its parts begin.
    pub(super) fn new(request: &Inspection<'_>) -> Result<Self, Cause> {
        let content_type = request.headers.get(Header::ContentType).unwrap_or_default();
        let content_type = ContentType::parse(content_type);
        let settings = &request.policy.settings.payload;
        Ok(Self {
            keywords: request.policy.keywords.clone(),
            multipart: Some(Multipart::new(&content_type).map_err(Cause::PayloadMalformed)?),
            budget: Budget::new(settings.limits(payload::body_limit(request))),
            scratch: Scratch::default(),
            window: Vec::new(),
            allows_unseen: settings.spent == OnFailure::Allow,
        })
    }
}

impl Watch for KeywordWatch {
    fn chunk(&mut self, bytes: &[u8]) -> Outcome {
        let mut search = Search::new(&self.keywords);
        self.window.extend_from_slice(bytes);
        search.look(&self.window);
        let passed = self.window.len().saturating_sub(OVERLAP);
        self.window.drain(..passed);
        let mut feed = Feed::new(&mut self.budget, &mut search);
        let end = match &mut self.multipart {
            Some(multipart) => multipart.push(bytes, &mut self.scratch, &mut feed),
            None => Ok(()),
        };
        conclude(search.found, end, self.allows_unseen)
    }

    fn end(&mut self) -> Outcome {
        let mut search = Search::new(&self.keywords);
        let mut feed = Feed::new(&mut self.budget, &mut search);
        let end = match self.multipart.take() {
            Some(multipart) => multipart.finish(&mut self.scratch, &mut feed),
            None => Ok(()),
        };
        conclude(search.found, end, self.allows_unseen)
    }
}
