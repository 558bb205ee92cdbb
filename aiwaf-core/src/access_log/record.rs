//! What is kept of a request until its line is written.

use std::net::IpAddr;
use std::time::{Duration, SystemTime};

use crate::request::{RequestView, ResponseView, Version};
use crate::verdict::{Cause, Refusal, RequestId};

/// How much of each text is kept, in bytes. Servers bound the head of a request at 8 to 64 KiB; a line of that
/// length serves nobody.
const METHOD: usize = 32;
const TARGET: usize = 4096;
const REFERER: usize = 2048;
const AGENT: usize = 2048;

/// One request and its answer, owned, so that a line can be written later and elsewhere.
#[derive(Clone, Debug)]
pub struct LogRecord {
    /// When the request came.
    pub came: SystemTime,
    /// How long the answer took.
    pub took: Duration,
    /// The client that was decided about: not the peer, where a trusted proxy named somebody.
    pub client: Option<IpAddr>,
    /// The protocol version.
    pub version: Version,
    /// The status of the answer.
    pub status: u16,
    /// Bytes of the answer's body, where known.
    pub bytes: Option<u64>,
    /// Why it was refused, and the name of that refusal.
    pub refused: Option<(Cause, RequestId)>,
    /// Method, target, referer and agent, one behind the other: one allocation instead of four.
    text: Vec<u8>,
    ends: [usize; 3],
}

impl LogRecord {
    /// What is known of a request before it is answered.
    pub fn new(view: &RequestView<'_>, client: Option<IpAddr>, came: SystemTime) -> Self {
        let header = |name: &str| {
            view.headers
                .iter()
                .find(|(known, _)| known.eq_ignore_ascii_case(name))
                .map_or(b"".as_slice(), |(_, value)| value)
        };
        let cut = |text: &'_ [u8], limit: usize| text.len().min(limit);
        let parts = [
            (view.method.as_bytes(), METHOD),
            (view.target, TARGET),
            (header("referer"), REFERER),
            (header("user-agent"), AGENT),
        ];
        let length = parts.iter().map(|(text, limit)| cut(text, *limit)).sum();
        let mut text = Vec::with_capacity(length);
        let mut ends = [0; 3];
        for (at, (part, limit)) in parts.into_iter().enumerate() {
            text.extend_from_slice(part.get(..limit).unwrap_or(part));
            if let Some(end) = ends.get_mut(at) {
                *end = text.len();
            }
        }
        Self {
            came,
            took: Duration::ZERO,
            client,
            version: view.version,
            status: 0,
            bytes: None,
            refused: None,
            text,
            ends,
        }
    }

    /// Notes that the request was refused.
    pub fn refuse(&mut self, refusal: &Refusal) {
        self.refused = Some((refusal.cause.clone(), refusal.request_id));
    }

    /// Notes the answer.
    pub fn answer(&mut self, response: &ResponseView<'_>, took: Duration) {
        self.status = response.status;
        self.bytes = response.bytes;
        self.took = took;
    }

    /// The method: 32 bytes of it at most.
    pub fn method(&self) -> &[u8] {
        self.part(0)
    }

    /// The raw target: 4,096 bytes of it at most.
    pub fn target(&self) -> &[u8] {
        self.part(1)
    }

    /// The `Referer`: 2,048 bytes of it at most; empty if there is none.
    pub fn referer(&self) -> &[u8] {
        self.part(2)
    }

    /// The `User-Agent`: 2,048 bytes of it at most; empty if there is none.
    pub fn agent(&self) -> &[u8] {
        self.part(3)
    }

    /// The bytes that it holds on to, for queues that are bounded by memory.
    pub fn weight(&self) -> usize {
        size_of::<Self>() + self.text.capacity()
    }

    fn part(&self, at: usize) -> &[u8] {
        let start = at.checked_sub(1).and_then(|before| self.ends.get(before));
        let end = self.ends.get(at).copied().unwrap_or(self.text.len());
        self.text
            .get(start.copied().unwrap_or_default()..end)
            .unwrap_or_default()
    }
}
