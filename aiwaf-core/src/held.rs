//! Bodies held for inspection, with a limit on each body and on all bodies together.
//!
//! An adapter pushes incoming bytes into a [`HeldBody`], calls
//! [`Firewall::inspect_body`](crate::Firewall::inspect_body) with [`HeldBody::collected`], and
//! passes the very same bytes to the handler. Memory is charged when bytes arrive, not when they
//! are announced: a client that announces much and sends nothing holds nothing.

mod budget;

pub use budget::{BodyBudget, Charge, HELD_TOGETHER};

use crate::exchange::Exchange;
use crate::verdict::{BodyPlan, CollectedBody, Longer};

/// Why a body is not held completely.
#[derive(Clone, Copy, Debug)]
enum Shortfall {
    TooLarge,
    TimedOut,
    NoRoom,
}

/// The part of one body that has arrived. Dropping it returns its bytes to the budget. After
/// [`HeldBody::into_parts`], dropping the charge does.
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
    /// Creates room for the body that a plan asks for. `announced` is the length from the head, if
    /// given. A body announced as too long need not be read at all.
    pub fn new(plan: BodyPlan, announced: Option<u64>) -> Self {
        Self::within(BodyBudget::process(), plan, announced)
    }

    /// Same as [`HeldBody::new`], but charged to another budget than the process's.
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

    /// Charges the body to the client that sends it. No single client may hold the whole budget.
    #[must_use]
    pub fn of(mut self, exchange: &Exchange) -> Self {
        self.charge = self.charge.of(exchange.client.as_ref());
        self
    }

    /// The bytes taken and their charge. An adapter keeps the charge while the handler reads the
    /// body, and no longer: after that, the bytes are no longer held for inspection.
    #[must_use]
    pub fn into_parts(self) -> (Vec<u8>, Charge) {
        (self.bytes, self.charge)
    }

    /// The plan that the body is held for.
    pub fn plan(&self) -> BodyPlan {
        self.plan
    }

    /// Whether more bytes of the body can change [`HeldBody::collected`].
    pub fn wants_more(&self) -> bool {
        self.shortfall.is_none()
    }

    /// Takes bytes that have arrived and returns how many it took. The caller must keep the others
    /// for the handler.
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

    /// Doubles the charge, up to the limit, so that a body that arrives in many pieces is not
    /// copied for each piece.
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

    /// Records that the plan's deadline has passed before the body was complete.
    pub fn time_out(&mut self) {
        self.shortfall.get_or_insert(Shortfall::TimedOut);
    }

    /// Whether the body is longer than the held part, and the rest must be watched
    /// ([`Longer::Watch`]).
    pub fn needs_watch(&self) -> bool {
        self.plan.longer == Longer::Watch && matches!(self.shortfall, Some(Shortfall::TooLarge))
    }

    /// The body, or the reason why there is none to inspect.
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

/// All bytes taken, whether or not the body is complete.
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
        // With a firewall that only monitors, bytes taken before must still reach the handler.
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
