//! Bodies held for inspection: how much of one, and how much of all of them together.
//!
//! An adapter pushes what arrives into a [`HeldBody`], asks [`Firewall::inspect_body`](crate::Firewall::inspect_body)
//! about [`HeldBody::collected`], and hands the very same bytes to the handler. Memory is charged as it is taken, not as
//! it is announced: a client that promises much and sends nothing holds nothing.

mod budget;

pub use budget::{BodyBudget, Charge, HELD_TOGETHER};

use crate::exchange::Exchange;
use crate::verdict::{BodyPlan, CollectedBody, Longer};

/// Why a body is not held whole.
#[derive(Clone, Copy, Debug)]
enum Shortfall {
    TooLarge,
    TimedOut,
    NoRoom,
}

/// One body, as far as it has arrived. Dropping it gives its bytes back to the budget, and so does dropping the charge of
/// [`HeldBody::into_parts`].
///
/// ```
/// use std::time::Duration;
/// use aiwaf_core::{BodyPlan, CollectedBody, HeldBody, Longer};
///
/// let plan = BodyPlan {
///     limit: 8,
///     deadline: Duration::from_secs(10),
///     longer: Longer::Refuse,
/// };
/// let mut body = HeldBody::new(plan, None);
/// assert_eq!(body.push(b"a=1"), 3);
/// assert_eq!(body.collected(), CollectedBody::Whole(b"a=1"));
/// assert_eq!(body.push(b"&b=22222"), 5);
/// assert_eq!(body.collected(), CollectedBody::TooLarge);
/// ```
#[derive(Debug)]
pub struct HeldBody {
    bytes: Vec<u8>,
    plan: BodyPlan,
    charge: Charge,
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
            plan,
            charge: Charge::none(budget),
            shortfall: announced
                .filter(|announced| *announced > limit && plan.longer == Longer::Refuse)
                .map(|_| Shortfall::TooLarge),
        }
    }

    /// The same on the account of the client that sends it, of whom nobody may hold all the room there is.
    #[must_use]
    pub fn of(mut self, exchange: &Exchange) -> Self {
        self.charge = self.charge.of(exchange.client.as_ref());
        self
    }

    /// What was taken, and what it is charged with. An adapter keeps the charge for as long as the handler reads the body, and no
    /// longer: what the handler makes of it is not held for inspection any more.
    #[must_use]
    pub fn into_parts(self) -> (Vec<u8>, Charge) {
        (self.bytes, self.charge)
    }

    /// The plan that it is held for.
    pub fn plan(&self) -> BodyPlan {
        self.plan
    }

    /// Whether more of the body makes a difference to [`HeldBody::collected`].
    pub fn wants_more(&self) -> bool {
        self.shortfall.is_none()
    }

    /// Takes what has arrived, and answers how many bytes of it. The caller has to keep the others for the handler itself.
    #[must_use = "what is not taken has to reach the handler another way"]
    pub fn push(&mut self, arrived: &[u8]) -> usize {
        if self.shortfall.is_some() {
            return 0;
        }
        let room = self.plan.limit.saturating_sub(self.bytes.len());
        let taken = arrived.get(..room).unwrap_or(arrived);
        if !self.make_room(self.bytes.len().saturating_add(taken.len())) {
            self.shortfall = Some(Shortfall::NoRoom);
            return 0;
        }
        self.bytes.extend_from_slice(taken);
        if taken.len() < arrived.len() {
            self.shortfall = Some(Shortfall::TooLarge);
        }
        taken.len()
    }

    /// Doubles what is charged, up to the limit, so that a body that comes in many pieces is not copied for each.
    fn make_room(&mut self, length: usize) -> bool {
        let charged = self.charge.bytes();
        if length <= charged {
            return true;
        }
        let wanted = charged.saturating_mul(2).min(self.plan.limit).max(length);
        if !self.charge.set(wanted) {
            return false;
        }
        self.bytes
            .reserve_exact(wanted.saturating_sub(self.bytes.len()));
        true
    }

    /// The plan's deadline has passed, and the body is not complete.
    pub fn time_out(&mut self) {
        self.shortfall.get_or_insert(Shortfall::TimedOut);
    }

    /// Whether the body is longer than this, and the rest is to be watched ([`Longer::Watch`]).
    pub fn needs_watch(&self) -> bool {
        self.plan.longer == Longer::Watch && matches!(self.shortfall, Some(Shortfall::TooLarge))
    }

    /// The body, or why there is none to look at.
    pub fn collected(&self) -> CollectedBody<'_> {
        match self.shortfall {
            None => CollectedBody::Whole(&self.bytes),
            Some(Shortfall::TooLarge) if self.plan.longer != Longer::Refuse => {
                CollectedBody::Head(&self.bytes)
            }
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const PLAN: BodyPlan = BodyPlan {
        limit: 1000,
        deadline: Duration::from_secs(1),
        longer: Longer::Refuse,
    };

    #[test]
    fn a_body_at_the_limit_is_whole_and_one_byte_more_is_too_large() {
        let mut body = HeldBody::new(PLAN, Some(1000));
        for _ in 0..1000 {
            assert_eq!(body.push(b"x"), 1);
        }
        assert_eq!(body.collected(), CollectedBody::Whole(&[b'x'; 1000]));
        assert_eq!(body.push(b"y"), 0);
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
    fn where_a_beginning_is_enough_it_is_taken_to_the_byte() {
        let plan = BodyPlan {
            longer: Longer::Pass,
            ..PLAN
        };
        let mut body = HeldBody::new(plan, Some(5000));
        assert_eq!(body.push(&[1; 700]), 700);
        assert_eq!(body.push(&[1; 700]), 300);
        assert!(!body.wants_more());
        assert_eq!(body.collected(), CollectedBody::Head(&[1; 1000]));
    }

    #[test]
    fn memory_is_charged_as_it_is_taken_and_given_back() {
        static BUDGET: BodyBudget = BodyBudget::new(1500);
        let mut first = HeldBody::within(&BUDGET, PLAN, Some(1000));
        assert_eq!(BUDGET.held(), 0);
        assert_eq!(first.push(&[1; 1000]), 1000);
        assert_eq!(BUDGET.held(), 1000);
        let mut second = HeldBody::within(&BUDGET, PLAN, None);
        assert_eq!(second.push(&[2; 400]), 400);
        assert_eq!(second.push(&[2; 200]), 0);
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
            assert_eq!(body.push(&[7; 100]), 100);
        }
        assert_eq!(BUDGET.held(), 1000);
        assert_eq!(body.collected(), CollectedBody::Whole(&[7; 1000]));
    }

    #[test]
    fn the_first_shortfall_is_the_one_told() {
        let mut body = HeldBody::new(PLAN, None);
        body.time_out();
        assert_eq!(body.push(&[0; 2000]), 0);
        assert_eq!(body.collected(), CollectedBody::TimedOut);
    }
}
