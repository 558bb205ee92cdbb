//! Limits on the memory of all bodies together, and on each client's share of it.

use std::hash::{BuildHasher, RandomState};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::client::{Client, ClientKey, Standing};

/// How many bytes of bodies one process holds for inspection at once.
pub const HELD_TOGETHER: usize = 64 << 20;

/// Once half of the budget is taken, a client may hold one part in this many.
const SHARE: usize = 8;

/// How many counters clients are spread over. Two clients that map to the same counter share its
/// part.
const SHARES: usize = 256;

static PROCESS: BodyBudget = BodyBudget::new(HELD_TOGETHER);

/// Limits the bytes that may be held at once by everything that shares this budget.
///
/// While half of the budget is free, any client takes what it needs. In the other half, no client
/// gets more than an eighth of the whole budget. So one address that sends many bodies slowly
/// cannot deny the service to all others.
#[derive(Debug)]
pub struct BodyBudget {
    limit: usize,
    held: AtomicUsize,
    shares: [AtomicUsize; SHARES],
}

impl BodyBudget {
    /// An unused budget of this many bytes.
    pub const fn new(limit: usize) -> Self {
        Self {
            limit,
            held: AtomicUsize::new(0),
            shares: [const { AtomicUsize::new(0) }; SHARES],
        }
    }

    /// The budget that all adapters of this process share: [`HELD_TOGETHER`] bytes.
    pub fn process() -> &'static Self {
        &PROCESS
    }

    /// How many bytes are held now.
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
        // A random key, so that nobody outside can tell which clients share a counter.
        static KEY: OnceLock<RandomState> = OnceLock::new();
        let hash = KEY.get_or_init(RandomState::new).hash_one(client.as_u128());
        self.shares.get(hash as usize % SHARES)
    }
}

/// Bytes charged to a budget. Dropping the charge returns them.
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

    /// Charges to a client's share from now on, unless the client is a proxy, which speaks for many
    /// clients. Bytes charged before stay on no client's share.
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

    /// Changes the charge to this many bytes. Returns false and changes nothing if there is no
    /// room.
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
        // A client that holds no more than an eighth is limited only by the whole budget.
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
