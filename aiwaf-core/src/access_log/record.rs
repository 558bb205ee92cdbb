//! The data kept about a request until its line is written.

use std::net::IpAddr;
use std::time::{Duration, SystemTime};

use crate::request::{RequestView, ResponseView, Version};
use crate::verdict::{Cause, Refusal, RequestId};

/// How many bytes of each text are kept. Servers limit the head of a request to 8 to 64 KiB; a log
/// line of that length is of no use.
const METHOD: usize = 32;
const TARGET: usize = 4096;
const REFERER: usize = 2048;
const AGENT: usize = 2048;

/// One request and its response. All data is owned, so that the line can be written later on
/// another thread.
#[derive(Clone, Debug)]
pub struct LogRecord {
    /// When the request arrived.
    pub came: SystemTime,
    /// How long the response took.
    pub took: Duration,
    /// The client that the decision was about. This is not the peer if a trusted proxy named a
    /// client.
    pub client: Option<IpAddr>,
    /// The protocol version.
    pub version: Version,
    /// The status of the response.
    pub status: u16,
    /// The length of the response's body in bytes, if known.
    pub bytes: Option<u64>,
    /// The cause of the refusal and its id, if the request was refused.
    pub refused: Option<(Cause, RequestId)>,
    /// Method, target, referer and agent, concatenated to save three allocations.
    text: Vec<u8>,
    ends: [usize; 3],
}

impl LogRecord {
    /// A record of what is known about a request before its response.
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

    /// Records that the request was refused.
    pub fn refuse(&mut self, refusal: &Refusal) {
        self.refused = Some((refusal.cause.clone(), refusal.request_id));
    }

    /// Records the response.
    pub fn answer(&mut self, response: &ResponseView<'_>, took: Duration) {
        self.status = response.status;
        self.bytes = response.bytes;
        self.took = took;
    }

    /// The method, at most 32 bytes of it.
    pub fn method(&self) -> &[u8] {
        self.part(0)
    }

    /// The raw target, at most 4,096 bytes of it.
    pub fn target(&self) -> &[u8] {
        self.part(1)
    }

    /// The `Referer`, at most 2,048 bytes of it, or empty if there is none.
    pub fn referer(&self) -> &[u8] {
        self.part(2)
    }

    /// The `User-Agent`, at most 2,048 bytes of it, or empty if there is none.
    pub fn agent(&self) -> &[u8] {
        self.part(3)
    }

    /// The memory that the record occupies in bytes, for queues that are bounded by memory.
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
