//! `payload`: attacks in any carrier, judged value by value.
//!
//! The head (path, query, cookies and headers) is judged at once. A body is requested if there may
//! be one, split by the parser for its type, and judged the same way. Evidence adds up over all
//! values of a request.

mod body;
mod familiar;
mod judge;
mod watch;

pub(super) use self::body::{limit as body_limit, plan as body_plan};
pub(super) use self::watch::Refused;

use std::cell::RefCell;
use std::fmt;
use std::sync::Arc;

use super::{Check, Inspection, Outcome, SeenBody, Watch};
use crate::carriers::{self, Budget, Carrier, Feed, Field, Halt, Unsupported, headers, query};
use crate::headers::{Header, is_plain};
use crate::normalize::PathTraits;
use crate::payload::{Detector, Finding, Findings, Scratch};
use crate::protection::Protection;
use crate::redact::{REDACTED, SecretNames};
use crate::settings::{OnFailure, PayloadExemption, PayloadSettings};
use crate::verdict::Cause;
use judge::Judge;
use watch::MultipartWatch;

/// Buffers for judging, reused from one request to the next.
#[derive(Debug, Default)]
struct Workbench {
    carriers: carriers::Scratch,
    payload: Scratch,
    findings: Findings,
}

thread_local! {
    /// One per thread, so that an allowed request allocates nothing.
    static WORKBENCH: RefCell<Workbench> = RefCell::default();
}

/// The evidence against a request, as carried by [`Cause::Payload`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// The findings, in the order in which they were made. There is at least one.
    pub findings: Vec<Finding>,
    /// The sum of their scores.
    pub score: u32,
}

impl Evidence {
    /// The finding with the highest score.
    pub fn strongest(&self) -> Option<&Finding> {
        self.findings
            .iter()
            .rev()
            .max_by_key(|finding| finding.score)
    }
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.strongest() {
            Some(finding) => write!(
                f,
                "{} in the {} {}: {} ({}, score {})",
                finding.category.as_str(),
                finding.carrier.as_str(),
                finding.name,
                finding.excerpt,
                finding.rule,
                self.score
            ),
            None => write!(f, "score {}", self.score),
        }
    }
}

#[derive(Debug)]
pub(crate) struct Payload {
    detector: Arc<Detector>,
}

impl Payload {
    pub(crate) fn new(detector: Arc<Detector>) -> Self {
        Self { detector }
    }

    /// Judges every field that `split` passes to the judge.
    fn judge(
        &self,
        request: &Inspection<'_>,
        split: impl FnOnce(&mut carriers::Scratch, &mut Feed<'_, Judge<'_>>) -> Result<(), Halt>,
    ) -> Outcome {
        WORKBENCH.with(|bench| {
            // A custom check of the application may inspect another request while this one is being
            // inspected. The bench is then in use, so the nested call gets its own.
            match bench.try_borrow_mut() {
                Ok(mut bench) => self.judge_on(&mut bench, request, split),
                Err(_) => self.judge_on(&mut Workbench::default(), request, split),
            }
        })
    }

    fn judge_on(
        &self,
        bench: &mut Workbench,
        request: &Inspection<'_>,
        split: impl FnOnce(&mut carriers::Scratch, &mut Feed<'_, Judge<'_>>) -> Result<(), Halt>,
    ) -> Outcome {
        let settings = &request.policy.settings.payload;
        bench.findings.clear();
        let mut judge = Judge {
            detector: &self.detector,
            paranoia: settings.paranoia(),
            scratch: &mut bench.payload,
            findings: &mut bench.findings,
            exempt: exemptions(settings, request),
            path: request.path.as_bytes(),
        };
        let mut budget = Budget::new(settings.limits(body::limit(request)));
        let end = split(&mut bench.carriers, &mut Feed::new(&mut budget, &mut judge));
        conclude(settings, &request.policy.secrets, &bench.findings, end)
    }
}

/// The outcome for the evidence, and for how splitting ended.
fn conclude(
    settings: &PayloadSettings,
    secrets: &SecretNames,
    findings: &Findings,
    end: Result<(), Halt>,
) -> Outcome {
    if findings.total() >= settings.paranoia().threshold() {
        return Outcome::Refuse(Cause::Payload(Box::new(Evidence {
            findings: findings.iter().map(|found| shown(secrets, found)).collect(),
            score: findings.total(),
        })));
    }
    match end {
        Ok(()) => Outcome::Pass,
        Err(_) if settings.spent == OnFailure::Allow => Outcome::Pass,
        Err(halt) => unseen(halt).map_or(Outcome::Pass, Outcome::Refuse),
    }
}

/// The cause to refuse a request that could not be inspected to its end. `None` if the sink stopped
/// because it had seen enough.
pub(super) fn unseen(halt: Halt) -> Option<Cause> {
    match halt {
        Halt::Stopped => None,
        Halt::Spent(spent) => Some(Cause::PayloadSpent(spent)),
        Halt::Malformed(malformed) => Some(Cause::PayloadMalformed(malformed)),
        Halt::Unsupported(unsupported) => Some(Cause::PayloadUnsupported(unsupported)),
    }
}

/// The field exemptions that apply to a request. None apply to a path with more than one reading,
/// because it is unclear which page it leads to.
fn exemptions<'a>(
    settings: &'a PayloadSettings,
    request: &Inspection<'_>,
) -> &'a [PayloadExemption] {
    if request.path.traits().has(PathTraits::AMBIGUOUS) {
        return &[];
    }
    &settings.exempt
}

/// A finding as it is reported. For credentials, cookies and other secrets, the matching text is
/// redacted.
fn shown(secrets: &SecretNames, finding: &Finding) -> Finding {
    let mut finding = finding.clone();
    let is_value = !finding.carrier.is_name();
    if finding.carrier == Carrier::CookieValue || is_value && secrets.has(finding.name.as_bytes()) {
        REDACTED.clone_into(&mut finding.excerpt);
    }
    finding
}

impl Check for Payload {
    fn name(&self) -> &'static str {
        Protection::Payload.name()
    }

    fn protection(&self) -> Protection {
        Protection::Payload
    }

    fn head(&self, request: &Inspection<'_>) -> Outcome {
        let detector = &*self.detector;
        let outcome = self.judge(request, |scratch, feed| {
            feed.hand(Field {
                carrier: Carrier::Path,
                name: b"",
                value: request.target.path,
            })?;
            // Most queries and headers are clean as they are and need no splitting.
            if let Some(raw) = request.target.query
                && let Some(dirty) = detector.dirty_from(raw)
            {
                query::split(dirty, query::QUERY, scratch, feed)?;
            }
            familiar::with(|familiar| {
                let mut lines = request.view.headers.iter().enumerate();
                lines.try_for_each(|(at, &(name, value))| {
                    let kind = request.headers.kind(at);
                    let look = || clean_line(detector, kind, name, value);
                    let by_value = familiar.is_clean_anywhere(kind, value, look);
                    let mut end = Ok(());
                    if by_value != Some(true) {
                        familiar.is_clean(name, value, || {
                            by_value.is_none() && look() || {
                                end = headers::split([(name, value)], scratch, feed);
                                end.is_ok() && feed.sink().found_nothing()
                            }
                        });
                    }
                    end
                })
            })
        });
        match outcome {
            Outcome::Pass => body::plan(request).map_or(Outcome::Pass, Outcome::NeedBody),
            other => other,
        }
    }

    fn body(&self, request: &Inspection<'_>, body: SeenBody<'_>) -> Outcome {
        if !body.is_whole
            && let Some(cause) = body::oversized(request, body.bytes)
        {
            return Outcome::Refuse(cause);
        }
        self.judge(request, |scratch, feed| {
            // Two header lines form one list, and lists of codings are not decoded.
            if request.headers.is_repeated(Header::ContentEncoding) {
                return Err(Unsupported::Coding.into());
            }
            let body = carriers::body::Body {
                content_type: request.headers.get(Header::ContentType),
                content_encoding: request.headers.get(Header::ContentEncoding),
                bytes: body.bytes,
            };
            let end = carriers::body::split(body, scratch, feed);
            scratch.trim();
            end
        })
    }

    fn watch(&self, request: &Inspection<'_>) -> Option<Box<dyn Watch>> {
        Some(match MultipartWatch::new(&self.detector, request) {
            Ok(watch) => Box::new(watch),
            Err(cause) => Box::new(watch::Refused(cause)),
        })
    }
}

/// Whether a header line is certainly clean. The name matters if it has unusual characters.
fn clean_line(detector: &Detector, kind: Option<Header>, name: &str, value: &[u8]) -> bool {
    match kind {
        Some(Header::Cookie) => detector.clean_cookies(value),
        // Credentials are judged in decoded form, which the gate cannot see.
        Some(Header::Authorization) => false,
        None if name.eq_ignore_ascii_case("proxy-authorization") || !is_plain(name.as_bytes()) => {
            false
        }
        _ => detector.clean(Field {
            carrier: if kind.is_some() {
                Carrier::Header
            } else {
                headers::carrier(name)
            },
            name: name.as_bytes(),
            value,
        }),
    }
}
