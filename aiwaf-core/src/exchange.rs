//! One request between its inspection and its answer.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use smallvec::SmallVec;

use crate::access_log::LogRecord;
use crate::client::Client;
use crate::clock::Tick;
use crate::firewall::{Finding, Place, Trail};
use crate::protection::Protections;
use crate::purpose::Purpose;
use crate::state::IdPrint;
use crate::verdict::{Cause, Refusal, RequestId, Verdict};

/// How much of a normalised path is remembered until the answer is known.
const PATH_KEPT: usize = 128;

/// The UUIDs that a request asked for, until it is known whether they exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AskedIds {
    /// A hash of them.
    pub print: IdPrint,
    /// For how long they count.
    pub window: Duration,
}

/// What [`Firewall::observe`](crate::Firewall::observe) needs of a request that the handler has consumed.
///
/// It borrows nothing, and allocates nothing unless there is an access log. Dropping it (the client went away) is fine: nothing is then observed.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// When the request came.
    pub started: Tick,
    /// Who asked, where that is known.
    pub client: Option<Client>,
    /// The protections that ran, and so may observe.
    pub ran: Protections,
    /// Whether another site made a visitor's browser send it.
    pub cross_site: bool,
    /// Whether the application says that the client has logged in.
    pub authenticated: bool,
    /// Whether a handler never saw it.
    pub refused: bool,
    /// What it is for, as a browser would see it.
    pub purpose: Purpose,
    /// The well-formed UUIDs that it asked for, if any.
    pub asked_ids: Option<AskedIds>,
    path: SmallVec<[u8; PATH_KEPT]>,
    /// Whether the access log applies to it.
    pub(crate) is_logged: bool,
    /// What the access log needs of it, if there is one.
    pub(crate) record: Option<Box<LogRecord>>,
    /// Where the watch over a long body notes a refusal, for the access log.
    pub(crate) late: Option<Arc<OnceLock<(Cause, RequestId)>>>,
    /// Which checks asked for the body: one bit each, in the order in which they run.
    pub(crate) wants_body: u64,
    /// Where every step is written down, if somebody wants to know.
    pub(crate) trail: Option<Box<Trail>>,
}

impl Exchange {
    pub(crate) fn new(started: Tick) -> Self {
        Self {
            started,
            client: None,
            ran: Protections::NONE,
            cross_site: false,
            authenticated: false,
            refused: false,
            purpose: Purpose::Other,
            asked_ids: None,
            path: SmallVec::new(),
            is_logged: true,
            record: None,
            late: None,
            wants_body: 0,
            trail: None,
        }
    }

    pub(crate) fn remember_path(&mut self, path: &[u8]) {
        self.path = SmallVec::from_slice(kept(path));
    }

    /// Writes down what a step found, if somebody wants to know.
    pub(crate) fn note(&mut self, place: Place, finding: impl FnOnce() -> Finding) {
        if let Some(trail) = &mut self.trail {
            trail.note(place, finding());
        }
    }

    /// Tells the access log of a refusal.
    pub(crate) fn note_refusal(&mut self, verdict: &Verdict) {
        if let (Some(record), Some(refusal)) = (&mut self.record, verdict.refusal()) {
            record.refuse(refusal);
        }
    }

    /// Shares a place with the watch over the body, where it can tell of a refusal that the adapter's copy does not see.
    pub(crate) fn share_late_refusal(&mut self) {
        self.late = self.record.is_some().then(Arc::default);
    }

    /// Tells the access log of a refusal that came after the request was handed on.
    pub(crate) fn note_late_refusal(&self, refusal: &Refusal) {
        if let Some(late) = &self.late {
            // Of several the first counts.
            let _ = late.set((refusal.cause.clone(), refusal.request_id));
        }
    }

    /// The access log's record, complete but for the answer.
    pub(crate) fn take_record(&mut self) -> Option<Box<LogRecord>> {
        let mut record = self.record.take()?;
        if let Some(refused) = self.late.as_ref().and_then(|late| late.get()) {
            record.refused = Some(refused.clone());
        }
        Some(record)
    }

    /// The beginning of the normalised path: 128 bytes of it at most.
    pub fn path(&self) -> &[u8] {
        &self.path
    }
}

/// As much of a path as an exchange remembers.
pub(crate) fn kept(path: &[u8]) -> &[u8] {
    path.get(..PATH_KEPT).unwrap_or(path)
}
