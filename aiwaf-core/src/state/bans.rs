//! Automatic bans: a bounded table, overlaid on the records of the store. Counters never evict a
//! ban.
//!
//! A ban takes effect here at once and is *unwritten* until the keeper has put it into the store. A
//! reload of the records replaces written bans and keeps unwritten ones, so it never undoes a ban.

mod keeping;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use ipnet::IpNet;
use parking_lot::{Condvar, Mutex, RwLock};

use super::TableUse;
use crate::client::ClientKey;
use crate::clock::Tick;

const SHARDS: usize = 64;
/// When the table is full, this many bans under one parent network are folded into one ban of that
/// network.
const FOLD: usize = 8;

/// An automatic ban of one client, or of the parent network of several.
#[derive(Clone, Debug, PartialEq)]
pub struct Ban {
    /// When the ban ends, or `None` if it never ends.
    pub until: Option<Tick>,
    /// The code of the cause.
    pub cause: Arc<str>,
    /// The reason, for people.
    pub reason: Arc<str>,
    /// How often the client has been banned, including this time.
    pub offences: u8,
    /// When the ban began.
    pub began: SystemTime,
    /// When the ban ends, on the wall clock.
    pub ends: Option<SystemTime>,
    /// A redacted description, as JSON, of the request that caused the ban.
    pub evidence: Option<Arc<str>>,
}

impl Ban {
    /// Whether the ban holds now.
    pub fn holds(&self, now: Tick) -> bool {
        self.until.is_none_or(|until| until > now)
    }
}

/// A change that the keeper must write.
#[derive(Clone, Debug, PartialEq)]
pub enum BanChange {
    /// A new or longer ban.
    Banned(BannedKey, Arc<Ban>),
    /// A ban that was folded into its parent's or evicted for another.
    Dropped(BannedKey),
}

/// The target of a ban.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum BannedKey {
    /// One client.
    Client(ClientKey),
    /// Every client of a parent network ([`ClientKey::parent`]).
    Parent(ClientKey),
}

impl BannedKey {
    /// The target of a ban on this network. `None` if the network is neither a client nor a parent
    /// network, such as one from a time when another `ipv6_prefix` defined clients.
    pub fn of(network: IpNet, ipv6_prefix: u8) -> Option<Self> {
        let client = ClientKey::new(network.addr(), ipv6_prefix);
        if client.network(ipv6_prefix) == network {
            return Some(Self::Client(client));
        }
        (client.parent_network() == network).then(|| Self::Parent(client.parent()))
    }
}

#[derive(Debug)]
struct Entry {
    ban: Arc<Ban>,
    /// Whether the store has exactly this ban.
    written: bool,
    /// Whether the store has any ban of this client, so that dropping this one must be written too.
    stored: bool,
    /// Whether the keeper is writing the ban now.
    in_flight: bool,
    /// The load that last saw the ban in the store.
    seen: u64,
}

/// Automatic bans, by client and by parent network. The table is bounded and separate from
/// everything that is only counted.
#[derive(Debug)]
pub struct BanTable {
    shards: Box<[RwLock<HashMap<ClientKey, Entry>>]>,
    parents: RwLock<HashMap<ClientKey, Entry>>,
    clients_len: AtomicUsize,
    parents_len: AtomicUsize,
    /// Used only by code that changes the table.
    index: Mutex<Index>,
    unwritten: Condvar,
    capacity: usize,
}

#[derive(Debug, Default)]
struct Index {
    /// Bans ordered by their end. The first one is evicted first.
    ends: BTreeSet<(Tick, BannedKey)>,
    /// The banned clients of each parent network.
    children: HashMap<ClientKey, HashSet<ClientKey>>,
    /// Bans that the keeper has not taken yet. Each key occurs at most once.
    queue: BTreeSet<BannedKey>,
    /// Bans that the store may have and must forget.
    dropped: BTreeSet<BannedKey>,
    loads: u64,
    /// Whether the keeper was woken since it last waited, or while it was about to.
    woken: bool,
}

impl Entry {
    fn new(ban: Arc<Ban>, seen: Option<u64>) -> Self {
        Self {
            ban,
            written: seen.is_some(),
            stored: seen.is_some(),
            in_flight: false,
            seen: seen.unwrap_or_default(),
        }
    }
}

fn end(ban: &Ban) -> Tick {
    ban.until.unwrap_or(Tick::from_micros(u64::MAX))
}

impl BanTable {
    /// A table for this many bans.
    pub fn new(capacity: usize) -> Self {
        Self {
            shards: (0..SHARDS).map(|_| RwLock::default()).collect(),
            parents: RwLock::default(),
            clients_len: AtomicUsize::new(0),
            parents_len: AtomicUsize::new(0),
            index: Mutex::default(),
            unwritten: Condvar::new(),
            capacity,
        }
    }

    fn shard(&self, key: ClientKey) -> &RwLock<HashMap<ClientKey, Entry>> {
        let bits = key.as_u128();
        let mixed = (bits ^ (bits >> 64)) as u64;
        let at = (mixed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 58) as usize;
        // SHARDS is 64 and `at` has six bits.
        #[allow(clippy::indexing_slicing)]
        &self.shards[at]
    }

    /// The ban that applies to a client now: its own or its parent network's.
    pub fn find(&self, client: ClientKey, now: Tick) -> Option<Arc<Ban>> {
        if self.clients_len.load(Ordering::Relaxed) != 0 {
            let shard = self.shard(client).read();
            if let Some(entry) = shard.get(&client).filter(|entry| entry.ban.holds(now)) {
                return Some(Arc::clone(&entry.ban));
            }
        }
        if self.parents_len.load(Ordering::Relaxed) == 0 {
            return None;
        }
        let parents = self.parents.read();
        let entry = parents.get(&client.parent())?;
        entry.ban.holds(now).then(|| Arc::clone(&entry.ban))
    }

    /// How often a client was banned since `memory` ago, counting current and ended bans.
    fn offences(&self, client: ClientKey, wall: SystemTime, memory: Duration) -> u8 {
        self.shard(client)
            .read()
            .get(&client)
            .filter(|entry| wall.duration_since(entry.ban.began).unwrap_or_default() < memory)
            .map_or(0, |entry| entry.ban.offences)
    }

    /// Bans a client. `make` builds the ban from the number of the client's offences since `memory`
    /// ago, including this one.
    ///
    /// Returns `None` while a ban already holds. Requests that were in flight when that ban began
    /// are no further offences: otherwise six requests sent at once would earn the sixth ban.
    pub fn ban(
        &self,
        client: ClientKey,
        (now, wall): (Tick, SystemTime),
        memory: Duration,
        make: impl FnOnce(u8) -> Ban,
    ) -> Option<Arc<Ban>> {
        let mut index = self.index.lock();
        if self.find(client, now).is_some() {
            return None;
        }
        let ban = Arc::new(make(self.offences(client, wall, memory).saturating_add(1)));
        self.make_room(&mut index, client, now);
        self.put(&mut index, client, Arc::clone(&ban), None);
        index.queue.insert(BannedKey::Client(client));
        self.unwritten.notify_all();
        Some(ban)
    }

    /// How many bans are held, including ended ones that count as offences.
    pub fn len(&self) -> usize {
        self.clients_len.load(Ordering::Relaxed) + self.parents_len.load(Ordering::Relaxed)
    }

    pub(super) fn used(&self) -> TableUse {
        TableUse {
            name: "bans",
            entries: self.len(),
            capacity: self.capacity,
        }
    }

    /// Whether no ban is held.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn put(&self, index: &mut Index, client: ClientKey, ban: Arc<Ban>, seen: Option<u64>) {
        let key = BannedKey::Client(client);
        let old = insert(&mut self.shard(client).write(), client, &ban, seen);
        match old {
            Some(old) => {
                index.ends.remove(&(end(&old), key));
            }
            None => {
                self.clients_len.fetch_add(1, Ordering::Relaxed);
                index
                    .children
                    .entry(client.parent())
                    .or_default()
                    .insert(client);
            }
        }
        index.ends.insert((end(&ban), key));
    }

    fn put_parent(&self, index: &mut Index, parent: ClientKey, ban: Arc<Ban>, seen: Option<u64>) {
        let key = BannedKey::Parent(parent);
        match insert(&mut self.parents.write(), parent, &ban, seen) {
            Some(old) => {
                index.ends.remove(&(end(&old), key));
            }
            None => {
                self.parents_len.fetch_add(1, Ordering::Relaxed);
            }
        }
        index.ends.insert((end(&ban), key));
    }

    fn take(&self, index: &mut Index, key: BannedKey) -> Option<Entry> {
        let entry = match key {
            BannedKey::Client(client) => {
                let entry = self.shard(client).write().remove(&client)?;
                self.clients_len.fetch_sub(1, Ordering::Relaxed);
                if let Some(children) = index.children.get_mut(&client.parent()) {
                    children.remove(&client);
                    if children.is_empty() {
                        index.children.remove(&client.parent());
                    }
                }
                entry
            }
            BannedKey::Parent(parent) => {
                let entry = self.parents.write().remove(&parent)?;
                self.parents_len.fetch_sub(1, Ordering::Relaxed);
                entry
            }
        };
        index.ends.remove(&(end(&entry.ban), key));
        Some(entry)
    }

    /// Makes room for one more ban if the table is full: drops a ban that has ended, or else folds
    /// the newcomer's siblings into their parent network if there are enough of them, or else drops
    /// the ban that ends soonest.
    fn make_room(&self, index: &mut Index, newcomer: ClientKey, now: Tick) {
        if self.len() < self.capacity || self.shard(newcomer).read().contains_key(&newcomer) {
            return;
        }
        let soonest = index.ends.first().copied();
        if let Some((_, ended)) = soonest.filter(|(end, _)| *end <= now) {
            self.evict(index, ended);
            return;
        }
        let parent = newcomer.parent();
        let siblings = index.children.get(&parent).filter(|all| all.len() >= FOLD);
        if let Some(siblings) = siblings.cloned() {
            self.fold(index, parent, siblings);
            return;
        }
        if let Some((_, soonest)) = soonest {
            self.evict(index, soonest);
        }
    }

    /// Removes a ban, and has the store forget it if the store may know it. While a store is down
    /// nothing piles up: a ban that the store never had leaves no trace.
    fn evict(&self, index: &mut Index, key: BannedKey) -> Option<Entry> {
        let entry = self.take(index, key)?;
        index.queue.remove(&key);
        if entry.stored || entry.in_flight {
            index.dropped.insert(key);
        }
        Some(entry)
    }

    fn fold(&self, index: &mut Index, parent: ClientKey, siblings: HashSet<ClientKey>) {
        let taken: Vec<Entry> = siblings
            .iter()
            .filter_map(|sibling| self.evict(index, BannedKey::Client(*sibling)))
            .collect();
        let Some(longest) = taken.iter().max_by_key(|entry| end(&entry.ban)) else {
            return;
        };
        let ban = Ban {
            reason: format!(
                "{} bans under one network; {}",
                taken.len(),
                longest.ban.reason
            )
            .into(),
            evidence: None,
            ..Ban::clone(&longest.ban)
        };
        self.put_parent(index, parent, Arc::new(ban), None);
        index.queue.insert(BannedKey::Parent(parent));
    }
}

/// Puts a ban into a table. Returns the one that it replaces, and keeps in mind what the store has
/// of that one.
fn insert(
    table: &mut HashMap<ClientKey, Entry>,
    key: ClientKey,
    ban: &Arc<Ban>,
    seen: Option<u64>,
) -> Option<Arc<Ban>> {
    let old = table.insert(key, Entry::new(Arc::clone(ban), seen))?;
    if let Some(new) = table.get_mut(&key) {
        new.stored |= old.stored;
        new.in_flight = old.in_flight;
    }
    Some(old.ban)
}

#[cfg(test)]
mod tests;
