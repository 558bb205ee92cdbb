//! Bodies held for inspection: how much of one, and how much of all of them together.
//!
//! An adapter pushes what arrives into a [`HeldBody`], asks [`Firewall::inspect_body`](crate::Firewall::inspect_body)
//! about [`HeldBody::collected`], and hands the very same bytes to the handler. Memory is charged as it is taken, not as
//! it is announced: a client that promises much and sends nothing holds nothing.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::verdict::{BodyPlan, CollectedBody};

/// Bytes of all bodies that one process holds for inspection at once.
pub const HELD_TOGETHER: usize = 64 << 20;

static PROCESS: BodyBudget = BodyBudget::new(HELD_TOGETHER);

/// Bytes that may be held at once, by whoever shares this budget.
#[derive(Debug)]
pub struct BodyBudget {
    limit: usize,
    held: AtomicUsize,
}

impl BodyBudget {
    /// A budget of so many bytes, none of them taken.
    pub const fn new(limit: usize) -> Self {
        Self {
            limit,
            held: AtomicUsize::new(0),
        }
    }

    /// The one that all adapters of this process share: [`HELD_TOGETHER`].
    pub fn process() -> &'static Self {
        &PROCESS
    }

    /// Bytes that are held now.
    pub fn held(&self) -> usize {
        self.held.load(Ordering::Relaxed)
    }

    fn take(&self, bytes: usize) -> bool {
        let taken = |held: usize| held.checked_add(bytes).filter(|sum| *sum <= self.limit);
        self.held
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, taken)
            .is_ok()
    }

    fn give_back(&self, bytes: usize) {
        self.held.fetch_sub(bytes, Ordering::Relaxed);
    }
}

/// Why a body is not held whole.
#[derive(Clone, Copy, Debug)]
enum Shortfall {
    TooLarge,
    TimedOut,
    NoRoom,
}

/// One body, as far as it has arrived. Dropping it gives its bytes back to the budget.
///
/// ```
/// use std::time::Duration;
/// use aiwaf_core::{BodyPlan, CollectedBody, HeldBody};
///
/// let plan = BodyPlan { limit: 8, deadline: Duration::from_secs(10) };
/// let mut body = HeldBody::new(plan, None);
/// assert!(body.push(b"a=1"));
/// assert_eq!(body.collected(), CollectedBody::Whole(b"a=1"));
/// assert!(!body.push(b"&b=22222"));
/// assert_eq!(body.collected(), CollectedBody::TooLarge);
/// ```
#[derive(Debug)]
pub struct HeldBody {
    bytes: Vec<u8>,
    limit: usize,
    charged: usize,
    budget: &'static BodyBudget,
    shortfall: Option<Shortfall>,
}

impl HeldBody {
    /// Room for the body that a plan asks for. `announced` is its length, where the head tells it: one that is too long
    /// need not be read at all.
    pub fn new(plan: BodyPlan, announced: Option<u64>) -> Self {
        Self::within(BodyBudget::process(), plan, announced)
    }

    /// As [`HeldBody::new`], charged to another budget than the process's.
    pub fn within(budget: &'static BodyBudget, plan: BodyPlan, announced: Option<u64>) -> Self {
        let limit = u64::try_from(plan.limit).unwrap_or(u64::MAX);
        Self {
            bytes: Vec::new(),
            limit: plan.limit,
            charged: 0,
            budget,
            shortfall: announced
                .filter(|announced| *announced > limit)
                .map(|_| Shortfall::TooLarge),
        }
    }

    /// Whether more of the body makes a difference to [`HeldBody::collected`].
    pub fn wants_more(&self) -> bool {
        self.shortfall.is_none()
    }

    /// Takes what has arrived. `false`: it was not taken, and the caller has to keep it for the handler itself.
    #[must_use = "what is not taken has to reach the handler another way"]
    pub fn push(&mut self, arrived: &[u8]) -> bool {
        if self.shortfall.is_some() {
            return false;
        }
        let length = self.bytes.len().saturating_add(arrived.len());
        if length > self.limit {
            self.shortfall = Some(Shortfall::TooLarge);
            return false;
        }
        if !self.make_room(length) {
            self.shortfall = Some(Shortfall::NoRoom);
            return false;
        }
        self.bytes.extend_from_slice(arrived);
        true
    }

    /// Doubles what is charged, up to the limit, so that a body that comes in many pieces is not copied for each.
    fn make_room(&mut self, length: usize) -> bool {
        if length <= self.charged {
            return true;
        }
        let wanted = self.charged.saturating_mul(2).min(self.limit).max(length);
        if !self.budget.take(wanted - self.charged) {
            return false;
        }
        self.charged = wanted;
        self.bytes.reserve_exact(wanted - self.bytes.len());
        true
    }

    /// The plan's deadline has passed, and the body is not complete.
    pub fn time_out(&mut self) {
        self.shortfall.get_or_insert(Shortfall::TimedOut);
    }

    /// The body, or why there is none to look at.
    pub fn collected(&self) -> CollectedBody<'_> {
        match self.shortfall {
            None => CollectedBody::Whole(&self.bytes),
            Some(Shortfall::TooLarge) => CollectedBody::TooLarge,
            Some(Shortfall::TimedOut) => CollectedBody::TimedOut,
            Some(Shortfall::NoRoom) => CollectedBody::NoRoom,
        }
    }
}

/// All that was taken, whole or not.
impl AsRef<[u8]> for HeldBody {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for HeldBody {
    fn drop(&mut self) {
        self.budget.give_back(self.charged);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const PLAN: BodyPlan = BodyPlan {
        limit: 1000,
        deadline: Duration::from_secs(1),
    };

    #[test]
    fn a_body_at_the_limit_is_whole_and_one_byte_more_is_too_large() {
        let mut body = HeldBody::new(PLAN, Some(1000));
        for _ in 0..1000 {
            assert!(body.push(b"x"));
        }
        assert_eq!(body.collected(), CollectedBody::Whole(&[b'x'; 1000]));
        assert!(!body.push(b"y"));
        assert!(!body.wants_more());
        assert_eq!(body.collected(), CollectedBody::TooLarge);
        // What was taken before still has to reach the handler of a firewall that only monitors.
        assert_eq!(body.as_ref(), &[b'x'; 1000]);
    }

    #[test]
    fn one_that_announces_too_much_is_not_read() {
        let body = HeldBody::new(PLAN, Some(1001));
        assert!(!body.wants_more());
        assert_eq!(body.collected(), CollectedBody::TooLarge);
    }

    #[test]
    fn memory_is_charged_as_it_is_taken_and_given_back() {
        static BUDGET: BodyBudget = BodyBudget::new(1500);
        let mut first = HeldBody::within(&BUDGET, PLAN, Some(1000));
        assert_eq!(BUDGET.held(), 0);
        assert!(first.push(&[1; 1000]));
        assert_eq!(BUDGET.held(), 1000);
        let mut second = HeldBody::within(&BUDGET, PLAN, None);
        assert!(second.push(&[2; 400]));
        assert!(!second.push(&[2; 200]));
        assert_eq!(second.collected(), CollectedBody::NoRoom);
        drop(first);
        drop(second);
        assert_eq!(BUDGET.held(), 0);
    }

    #[test]
    fn room_that_is_there_is_used() {
        static BUDGET: BodyBudget = BodyBudget::new(1000);
        let mut body = HeldBody::within(&BUDGET, PLAN, None);
        for _ in 0..10 {
            assert!(body.push(&[7; 100]));
        }
        assert_eq!(BUDGET.held(), 1000);
        assert_eq!(body.collected(), CollectedBody::Whole(&[7; 1000]));
    }

    #[test]
    fn the_first_shortfall_is_the_one_told() {
        let mut body = HeldBody::new(PLAN, None);
        body.time_out();
        assert!(!body.push(&[0; 2000]));
        assert_eq!(body.collected(), CollectedBody::TimedOut);
    }
}
