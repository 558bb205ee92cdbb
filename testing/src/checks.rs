//! Checks for tests: one reads bodies, one fails on purpose, one records observations, one counts
//! the ends of watches.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use aiwaf_core::checks::{Check, Inspection, Outcome, SeenBody, Watch};
use aiwaf_core::state::State;
use aiwaf_core::{BodyPlan, Cause, Exchange, Longer, ResponseView, Tick};

/// The text that [`BodyReader`] refuses in a body.
const ATTACK: &[u8] = b"ATTACK";

/// Asks for every body, and refuses those that contain `ATTACK`, without a strike.
#[derive(Clone, Copy, Debug)]
pub struct BodyReader(pub BodyPlan);

impl Default for BodyReader {
    fn default() -> Self {
        Self(BodyPlan {
            limit: 2 << 20,
            deadline: Duration::from_secs(20),
            longer: Longer::Refuse,
        })
    }
}

impl Check for BodyReader {
    fn name(&self) -> &'static str {
        "body_reader"
    }

    fn head(&self, _: &Inspection<'_>) -> Outcome {
        Outcome::NeedBody(self.0)
    }

    fn body(&self, _: &Inspection<'_>, body: SeenBody<'_>) -> Outcome {
        if body
            .bytes
            .windows(ATTACK.len())
            .any(|window| window == ATTACK)
        {
            return Outcome::Refuse(Cause::Custom {
                check: self.name(),
                detail: "an attack".to_owned(),
                weight: 0,
            });
        }
        Outcome::Pass
    }
}

/// Panics if the field `x-fault` says so, `head` or `body`, and when it observes a response to
/// `/items/fault`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Faulty;

impl Faulty {
    fn is_to_panic(request: &Inspection<'_>, place: &[u8]) -> bool {
        let mut fields = request.view.headers.iter();
        fields.any(|(name, value)| name.eq_ignore_ascii_case("x-fault") && *value == place)
    }
}

#[expect(clippy::panic, reason = "that is what it is for")]
impl Check for Faulty {
    fn name(&self) -> &'static str {
        "faulty"
    }

    fn head(&self, request: &Inspection<'_>) -> Outcome {
        if Self::is_to_panic(request, b"head") {
            panic!("a check's own fault, in the head");
        }
        Outcome::NeedBody(BodyReader::default().0)
    }

    fn body(&self, request: &Inspection<'_>, _: SeenBody<'_>) -> Outcome {
        if Self::is_to_panic(request, b"body") {
            panic!("a check's own fault, in the body");
        }
        Outcome::Pass
    }

    fn observe(&self, exchange: &Exchange, _: &ResponseView<'_>, _: &State, _: Tick) {
        if exchange.path() == b"/items/fault" {
            panic!("a check's own fault, while it observes");
        }
    }
}

/// One response, as the firewall observed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// The normalised path.
    pub path: String,
    /// The status.
    pub status: u16,
    /// The number of bytes of the body, if it was known beforehand.
    pub bytes: Option<u64>,
    /// The content type.
    pub content_type: Option<String>,
    /// Whether the request was marked as a logged-in client's.
    pub authenticated: bool,
}

/// Records what is observed, in order.
#[derive(Clone, Debug, Default)]
pub struct Recorder(Arc<Mutex<Vec<Observed>>>);

impl Recorder {
    /// Everything observed so far.
    pub fn seen(&self) -> Vec<Observed> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Everything observed, once there are `count` responses. A client may receive its response
    /// before the firewall has observed it.
    ///
    /// # Panics
    /// If it takes longer than a minute.
    pub fn wait_for(&self, count: usize) -> Vec<Observed> {
        let began = Instant::now();
        loop {
            let seen = self.seen();
            if seen.len() >= count {
                return seen;
            }
            assert!(
                began.elapsed() < Duration::from_secs(60),
                "{count} answers were expected, observed: {seen:?}"
            );
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

impl Check for Recorder {
    fn name(&self) -> &'static str {
        "recorder"
    }

    fn head(&self, _: &Inspection<'_>) -> Outcome {
        Outcome::Pass
    }

    fn observe(&self, exchange: &Exchange, response: &ResponseView<'_>, _: &State, _: Tick) {
        let observed = Observed {
            path: String::from_utf8_lossy(exchange.path()).into_owned(),
            status: response.status,
            bytes: response.bytes,
            content_type: response.content_type.map(str::to_owned),
            authenticated: exchange.authenticated,
        };
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(observed);
    }
}

/// Asks for every body, watches bodies longer than 1 KiB, and counts how often a watch is told that
/// its body has ended.
#[derive(Clone, Debug, Default)]
pub struct CountsEnds(Arc<AtomicUsize>);

impl CountsEnds {
    /// How often a watch was told so.
    pub fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

impl Check for CountsEnds {
    fn name(&self) -> &'static str {
        "counts_ends"
    }

    fn head(&self, _: &Inspection<'_>) -> Outcome {
        Outcome::NeedBody(BodyPlan {
            limit: 1024,
            longer: Longer::Watch,
            ..BodyReader::default().0
        })
    }

    fn watch(&self, _: &Inspection<'_>) -> Option<Box<dyn Watch>> {
        Some(Box::new(self.clone()))
    }
}

impl Watch for CountsEnds {
    fn chunk(&mut self, _: &[u8]) -> Outcome {
        Outcome::Pass
    }

    fn end(&mut self) -> Outcome {
        self.0.fetch_add(1, Ordering::SeqCst);
        Outcome::Pass
    }
}
