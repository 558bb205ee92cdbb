//! What all bodies may take together, and what of it one client may.

use std::hash::{BuildHasher, RandomState};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::client::{Client, ClientKey, Standing};

/// Bytes of all bodies that one process holds for inspection at once.
pub const HELD_TOGETHER: usize = 64 << 20;

/// What of the budget a client may hold once half of it is taken: one part in so many.
const SHARE: usize = 8;

/// How many counters clients are spread over. Two that meet in one share its part.
const SHARES: usize = 256;

static PROCESS: BodyBudget = BodyBudget::new(HELD_TOGETHER);

/// Bytes that may be held at once, by whoever shares this budget.
///
/// As long as half of it is free, anybody takes what he needs. Of the other half no client gets more than an eighth of the whole:
/// so one address that sends many bodies slowly does not close the service to all others.
#[derive(Debug)]
pub struct BodyBudget {
    limit: usize,
    held: AtomicUsize,
    shares: [AtomicUsize; SHARES],
}

impl BodyBudget {
    /// A budget of so many bytes, none of them taken.
    pub const fn new(limit: usize) -> Self {
        Self {
            limit,
            held: AtomicUsize::new(0),
            shares: [const { AtomicUsize::new(0) }; SHARES],
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

    fn take(&self, bytes: usize, share: Option<&AtomicUsize>) -> bool {
        let of_client = share.map_or(0, |share| share.fetch_add(bytes, Ordering::Relaxed));
        let is_modest = of_client.saturating_add(bytes) <= self.limit / SHARE;
        let bound = match share {
            Some(_) if !is_modest => self.limit / 2,
            _ => self.limit,
        };
        let taken = |held: usize| held.checked_add(bytes).filter(|sum| *sum <= bound);
        let is_taken = self
            .held
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, taken)
            .is_ok();
        if let Some(share) = share.filter(|_| !is_taken) {
            share.fetch_sub(bytes, Ordering::Relaxed);
        }
        is_taken
    }

    fn share(&self, client: ClientKey) -> Option<&AtomicUsize> {
        // Nobody outside can tell whose counter is whose.
        static KEY: OnceLock<RandomState> = OnceLock::new();
        let hash = KEY.get_or_init(RandomState::new).hash_one(client.as_u128());
        self.shares.get(hash as usize % SHARES)
    }
}

/// Bytes that are charged to a budget. Dropping it gives them back.
#[derive(Debug)]
pub struct Charge {
    budget: &'static BodyBudget,
    share: Option<&'static AtomicUsize>,
    bytes: usize,
}

impl Charge {
    pub(crate) const fn none(budget: &'static BodyBudget) -> Self {
        Self {
            budget,
            share: None,
            bytes: 0,
        }
    }

    /// The same on the account of a client, unless it is a proxy: that speaks for many. What was charged before is on
    /// nobody's.
    pub(crate) fn of(mut self, client: Option<&Client>) -> Self {
        let accountable = client.filter(|client| client.standing == Standing::Accountable);
        if self.bytes == 0 {
            self.share = accountable.and_then(|client| self.budget.share(client.key));
        }
        self
    }

    pub(crate) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Charges so many bytes from now on; false, and no change, where there is no room for them.
    pub(crate) fn set(&mut self, bytes: usize) -> bool {
        if let Some(more) = bytes.checked_sub(self.bytes) {
            if more > 0 && !self.budget.take(more, self.share) {
                return false;
            }
        } else {
            self.give_back(self.bytes - bytes);
        }
        self.bytes = bytes;
        true
    }

    fn give_back(&self, bytes: usize) {
        self.budget.held.fetch_sub(bytes, Ordering::Relaxed);
        if let Some(share) = self.share {
            share.fetch_sub(bytes, Ordering::Relaxed);
        }
    }
}

impl Drop for Charge {
    fn drop(&mut self) {
        self.give_back(self.bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(address: &str) -> Client {
        let address = address.parse().unwrap();
        Client {
            address,
            key: ClientKey::new(address, 64),
            standing: Standing::Accountable,
        }
    }

    #[test]
    fn one_client_leaves_room_for_others() {
        static BUDGET: BodyBudget = BodyBudget::new(800);
        let charge = |client: Option<&Client>, bytes| {
            let mut charge = Charge::none(&BUDGET).of(client);
            charge.set(bytes).then_some(charge)
        };
        let greedy = client("203.0.113.7");
        let greedy = Some(&greedy);
        let held: Vec<_> = (0..20).map_while(|_| charge(greedy, 50)).collect();
        assert_eq!(held.len(), 8, "half of it");
        let others: Vec<_> = (1..=250)
            .filter_map(|host| charge(Some(&client(&format!("198.51.100.{host}"))), 10))
            .collect();
        assert_eq!(others.len(), 40, "the other half");
        drop((held, others));
        assert_eq!(BUDGET.held(), 0);
        // A client that takes an eighth meets no bound but the whole.
        let proxy = Client {
            standing: Standing::TrustedProxy,
            ..client("192.0.2.1")
        };
        let half = charge(Some(&proxy), 700).unwrap();
        assert!(charge(greedy, 101).is_none());
        let modest = charge(greedy, 100).unwrap();
        assert_eq!(BUDGET.held(), 800);
        drop((half, modest));
        assert_eq!(BUDGET.held(), 0);
        assert!(
            BUDGET
                .shares
                .iter()
                .all(|share| share.load(Ordering::Relaxed) == 0)
        );
    }

    #[test]
    fn a_charge_grows_and_shrinks() {
        static BUDGET: BodyBudget = BodyBudget::new(100);
        let mut charge = Charge::none(&BUDGET);
        assert!(charge.set(80));
        assert!(!charge.set(101));
        assert_eq!((charge.bytes(), BUDGET.held()), (80, 80));
        assert!(charge.set(30));
        assert_eq!(BUDGET.held(), 30);
        drop(charge);
        assert_eq!(BUDGET.held(), 0);
    }
}
