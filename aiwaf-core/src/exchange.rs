//! The state of one request between its inspection and its response.

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

/// How many bytes of a normalised path are kept until the response is known.
const PATH_KEPT: usize = 128;

/// The UUIDs that a request asked for, kept until it is known whether they exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AskedIds {
    /// A hash of the UUIDs.
    pub print: IdPrint,
    /// How long they count if they do not exist.
    pub window: Duration,
}

/// What [`Firewall::observe`](crate::Firewall::observe) needs to know about a request that the
/// handler has consumed.
///
/// It borrows nothing, and allocates nothing unless there is an access log. It may be dropped, for
/// example if the client disconnects; nothing is observed then.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// When the request arrived.
    pub started: Tick,
    /// The client, if known.
    pub client: Option<Client>,
    /// The protections that ran and therefore may observe.
    pub ran: Protections,
    /// Whether another site made a visitor's browser send the request.
    pub cross_site: bool,
    /// Whether the application says that the client is logged in.
    pub authenticated: bool,
    /// Whether the request was refused before the handler saw it.
    pub refused: bool,
    /// What the request is for, as a browser would see it.
    pub purpose: Purpose,
    /// The well-formed UUIDs that the request asked for, if any.
    pub asked_ids: Option<AskedIds>,
    path: SmallVec<[u8; PATH_KEPT]>,
    /// Whether the access log includes the request.
    pub(crate) is_logged: bool,
    /// The access log's record of the request, if there is a log.
    pub(crate) record: Option<Box<LogRecord>>,
    /// Where the watch over a long body stores a refusal for the access log.
    pub(crate) late: Option<Arc<OnceLock<(Cause, RequestId)>>>,
    /// One bit for each check that asked for the body, in the order in which the checks run.
    pub(crate) wants_body: u64,
    /// Records every step, if the request is being explained.
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

    /// Records what a step found, if the request is being explained.
    pub(crate) fn note(&mut self, place: Place, finding: impl FnOnce() -> Finding) {
        if let Some(trail) = &mut self.trail {
            trail.note(place, finding());
        }
    }

    /// Records a refusal for the access log.
    pub(crate) fn note_refusal(&mut self, verdict: &Verdict) {
        if let (Some(record), Some(refusal)) = (&mut self.record, verdict.refusal()) {
            record.refuse(refusal);
        }
    }

    /// Creates a place, shared with the watch over the body, for a refusal that the adapter's copy
    /// of the exchange does not see.
    pub(crate) fn share_late_refusal(&mut self) {
        self.late = self.record.is_some().then(Arc::default);
    }

    /// Records, for the access log, a refusal that came after the request was handed on.
    pub(crate) fn note_late_refusal(&self, refusal: &Refusal) {
        if let Some(late) = &self.late {
            // The first of several refusals is kept.
            let _ = late.set((refusal.cause.clone(), refusal.request_id));
        }
    }

    /// Takes the access log's record, which is complete except for the response.
    pub(crate) fn take_record(&mut self) -> Option<Box<LogRecord>> {
        let mut record = self.record.take()?;
        if let Some(refused) = self.late.as_ref().and_then(|late| late.get()) {
            record.refused = Some(refused.clone());
        }
        Some(record)
    }

    /// The beginning of the normalised path, at most 128 bytes.
    pub fn path(&self) -> &[u8] {
        &self.path
    }
}

/// The part of a path that an exchange keeps.
pub(crate) fn kept(path: &[u8]) -> &[u8] {
    path.get(..PATH_KEPT).unwrap_or(path)
}
