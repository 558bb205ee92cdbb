//! A bounded table of small values by hashed key. Everything that is counted per client is stored
//! in one.
//!
//! The table is set-associative, like a processor's cache. A key belongs to one bucket of eight, so
//! a lookup touches one cache line of fingerprints and one value. Nothing is moved on a request,
//! except when a shard doubles, and memory has a hard bound. When a bucket is full, the least
//! recently used slot is replaced. State that must never be forgotten under pressure (a ban) is not
//! stored here.

use std::hash::{BuildHasher, Hash, RandomState};
use std::hint::black_box;

use parking_lot::Mutex;

use super::TableUse;
use crate::clock::Tick;

const WAYS: usize = 8;
const SHARDS: usize = 128;
const FIRST_BUCKETS: usize = 2;

/// A keyed hash of the owner of a slot. Clients cannot aim at each other's slots, because the key
/// is random per process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlotKey(u64);

impl SlotKey {
    /// The shard: the top seven bits.
    const fn shard(self) -> usize {
        (self.0 >> 57) as usize
    }

    /// The 40 bits that distinguish the keys of one shard; never 0. The low bits choose the bucket.
    /// The remaining bits (27 even with a million slots) make it unlikely that two clients share a
    /// slot.
    const fn print(self) -> u64 {
        let print = self.0 & 0xff_ffff_ffff;
        if print == 0 { 1 } else { print }
    }
}

/// A fingerprint of 40 bits above a timestamp of 24 bits, in seconds. Zero is an empty slot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Tag(u64);

impl Tag {
    const fn new(print: u64, now: Tick) -> Self {
        Self(print << 24 | seconds(now))
    }

    const fn print(self) -> u64 {
        self.0 >> 24
    }

    const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Seconds since the slot was last used. Wraps after 194 days, which only affects which slot is
    /// replaced.
    const fn age(self, now: Tick) -> u64 {
        seconds(now).wrapping_sub(self.0 & 0xff_ffff) & 0xff_ffff
    }
}

const fn seconds(now: Tick) -> u64 {
    (now.as_micros() / 1_000_000) & 0xff_ffff
}

/// The tags of a bucket: one cache line.
#[derive(Clone, Copy, Debug, Default)]
#[repr(align(64))]
struct Tags([Tag; WAYS]);

#[derive(Debug)]
struct Shard<V> {
    tags: Vec<Tags>,
    values: Vec<[V; WAYS]>,
    used: usize,
}

/// A bounded, set-associative table of small values by hashed key.
///
/// When a bucket of eight is full, the least recently used slot is replaced.
#[derive(Debug)]
pub struct SlotTable<V> {
    shards: Box<[Mutex<Shard<V>>]>,
    hasher: RandomState,
    most_buckets: usize,
}

impl<V: Copy + Default> SlotTable<V> {
    /// A table that holds about `capacity` values, and never more than twice as many.
    pub fn new(capacity: usize) -> Self {
        let per_shard = capacity.div_ceil(SHARDS * WAYS).max(FIRST_BUCKETS);
        let shard = || {
            Mutex::new(Shard {
                tags: vec![Tags::default(); FIRST_BUCKETS],
                values: vec![[V::default(); WAYS]; FIRST_BUCKETS],
                used: 0,
            })
        };
        Self {
            shards: std::iter::repeat_with(shard).take(SHARDS).collect(),
            hasher: RandomState::new(),
            most_buckets: per_shard.next_power_of_two(),
        }
    }

    /// A hash that differs in every process.
    pub(super) fn hash(&self, of: impl Hash) -> u64 {
        self.hasher.hash_one(of)
    }

    /// The key of something hashable.
    pub fn key(&self, of: impl Hash) -> SlotKey {
        SlotKey(self.hasher.hash_one(of))
    }

    /// Runs `f` on the value of the key, which is created if it does not exist.
    pub fn update<R>(&self, key: SlotKey, now: Tick, f: impl FnOnce(&mut V) -> R) -> R {
        let mut shard = self.shard(key).lock();
        shard.update(key, now, self.most_buckets, f)
    }

    /// Same as [`SlotTable::update`] for two keys at once. A client's slots are rarely in the
    /// cache. Nothing behind a lock is fetched before the lock is held, so both locks are taken
    /// first and the memory latency is paid once instead of twice.
    pub fn update_both<R>(
        &self,
        [one, two]: [SlotKey; 2],
        now: Tick,
        mut f: impl FnMut(usize, &mut V) -> R,
    ) -> [R; 2] {
        let most = self.most_buckets;
        if one.shard() == two.shard() {
            let mut shard = self.shard(one).lock();
            return [
                shard.update(one, now, most, |value| f(0, value)),
                shard.update(two, now, most, |value| f(1, value)),
            ];
        }
        // Always lock the lower shard first, so that two requests cannot deadlock.
        let is_lower = one.shard() < two.shard();
        let (low, high) = if is_lower { (one, two) } else { (two, one) };
        let (mut low, mut high) = (self.shard(low).lock(), self.shard(high).lock());
        let (first, second) = match is_lower {
            true => (&mut *low, &mut *high),
            false => (&mut *high, &mut *low),
        };
        black_box((first.touch(one), second.touch(two)));
        [
            first.update(one, now, most, |value| f(0, value)),
            second.update(two, now, most, |value| f(1, value)),
        ]
    }

    /// Runs `f` on the value of the key, if it exists.
    pub fn peek<R>(&self, key: SlotKey, f: impl FnOnce(&mut V) -> R) -> Option<R> {
        let mut shard = self.shard(key).lock();
        let (bucket, way) = shard.find(key)?;
        shard.values.get_mut(bucket)?.get_mut(way).map(f)
    }

    /// Removes the key.
    pub fn remove(&self, key: SlotKey) {
        let mut shard = self.shard(key).lock();
        if let Some((bucket, way)) = shard.find(key) {
            shard.set_tag(bucket, way, Tag::default());
            shard.used = shard.used.saturating_sub(1);
        }
    }

    /// How many values are held.
    pub fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.lock().used).sum()
    }

    /// Whether nothing is held.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many values can be held at most.
    pub fn capacity(&self) -> usize {
        self.most_buckets * WAYS * SHARDS
    }

    pub(super) fn used_as(&self, name: &'static str) -> TableUse {
        TableUse {
            name,
            entries: self.len(),
            capacity: self.capacity(),
        }
    }

    /// The size of a slot in bytes.
    pub const fn slot_size() -> usize {
        (size_of::<Tags>() + size_of::<[V; WAYS]>()) / WAYS
    }

    fn shard(&self, key: SlotKey) -> &Mutex<Shard<V>> {
        // SHARDS is 128 and a shard's number has seven bits.
        #[allow(clippy::indexing_slicing)]
        &self.shards[key.shard()]
    }
}

impl<V: Copy + Default> Shard<V> {
    fn bucket(&self, print: u64) -> usize {
        // The number of buckets is a power of two, and at least two.
        (print as usize) & (self.tags.len() - 1)
    }

    fn update<R>(
        &mut self,
        key: SlotKey,
        now: Tick,
        most_buckets: usize,
        f: impl FnOnce(&mut V) -> R,
    ) -> R {
        let (bucket, way) = match self.find(key) {
            Some(place) => place,
            None => self.insert(key, now, most_buckets),
        };
        self.set_tag(bucket, way, Tag::new(key.print(), now));
        let ways = self.values.get_mut(bucket);
        match ways.and_then(|ways| ways.get_mut(way)) {
            Some(value) => f(value),
            // `find` and `insert` return places within the arrays.
            None => f(&mut V::default()),
        }
    }

    /// Loads the cache line of fingerprints that the key belongs to.
    fn touch(&self, key: SlotKey) -> Tag {
        let tags = self.tags.get(self.bucket(key.print()));
        tags.map_or(Tag::default(), |Tags([first, ..])| *first)
    }

    fn find(&self, key: SlotKey) -> Option<(usize, usize)> {
        let wanted = key.print();
        let bucket = self.bucket(wanted);
        let way = self
            .tags
            .get(bucket)?
            .0
            .iter()
            .position(|tag| tag.print() == wanted)?;
        Some((bucket, way))
    }

    fn set_tag(&mut self, bucket: usize, way: usize, new: Tag) {
        if let Some(tag) = self
            .tags
            .get_mut(bucket)
            .and_then(|tags| tags.0.get_mut(way))
        {
            *tag = new;
        }
    }

    /// A place for a key that is not in the table: a free slot, or else one in a doubled shard, or
    /// else the least recently used one.
    fn insert(&mut self, key: SlotKey, now: Tick, most_buckets: usize) -> (usize, usize) {
        let print = key.print();
        let way = loop {
            let Some(Tags(tags)) = self.tags.get(self.bucket(print)) else {
                return (0, 0);
            };
            if let Some(free) = tags.iter().position(|tag| tag.is_empty()) {
                self.used += 1;
                break free;
            }
            if self.tags.len() >= most_buckets {
                let stalest = tags.iter().enumerate().max_by_key(|(_, tag)| tag.age(now));
                break stalest.map_or(0, |(way, _)| way);
            }
            self.double();
        };
        let bucket = self.bucket(print);
        if let Some(value) = self
            .values
            .get_mut(bucket)
            .and_then(|ways| ways.get_mut(way))
        {
            *value = V::default();
        }
        (bucket, way)
    }

    /// Doubles the number of buckets. A slot stays in its bucket or moves to the same way of its
    /// new twin.
    fn double(&mut self) {
        let old = self.tags.len();
        self.tags.resize(old * 2, Tags::default());
        self.values.extend_from_within(..);
        let (lower, upper) = self.tags.split_at_mut(old);
        for (below, above) in lower.iter_mut().zip(upper) {
            for (stays, moves) in below.0.iter_mut().zip(&mut above.0) {
                if stays.print() as usize & old != 0 {
                    *moves = std::mem::take(stays);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn values_are_found_again_while_there_is_room() {
        let table = SlotTable::<u32>::new(20_000);
        let now = Tick::from_micros(1);
        for key in 0..5_000_u32 {
            table.update(table.key(key), now, |value| *value = key + 1);
        }
        let kept = (0..5_000_u32)
            .filter(|key| table.peek(table.key(key), |value| *value) == Some(key + 1))
            .count();
        // Hashes are random. With this much room, a bucket of eight hardly ever overflows.
        assert!(kept >= 4_990, "{kept}");
    }

    #[test]
    fn the_bound_is_hard_and_the_stalest_gives_way() {
        let table = SlotTable::<u32>::new(4_096);
        let mut now = Tick::from_micros(1);
        for key in 0..200_000_u32 {
            now = now.plus(Duration::from_millis(1));
            table.update(table.key(key), now, |value| *value = key);
        }
        assert!(table.len() <= table.capacity());
        let fresh = (199_000..200_000_u32)
            .filter(|key| table.peek(table.key(key), |value| *value) == Some(*key))
            .count();
        assert!(fresh >= 990, "{fresh}");
    }

    /// Two updates at once count as two, one after the other, whatever shards the keys are in and
    /// even if both keys are the same.
    #[test]
    fn two_at_once_are_two() {
        let table = SlotTable::<u32>::new(1_000_000);
        let now = Tick::from_micros(1);
        let add = |at: usize, value: &mut u32| {
            *value += 1 + u32::from(at == 1);
            *value
        };
        for key in 0..2_000_u32 {
            let (one, two) = (table.key(key), table.key(key / 2 + 10_000));
            let both = table.update_both([one, two], now, add);
            assert_eq!(both, [1, 2 * (key % 2 + 1)]);
        }
        let key = table.key("twice");
        assert_eq!(table.update_both([key, key], now, add), [1, 3]);
        assert_eq!(table.len(), 3_001);
    }

    /// Each thread locks the shards of the others in the opposite order.
    #[test]
    fn nobody_waits_for_each_other_for_ever() {
        let table = SlotTable::<u32>::new(10_000);
        let now = Tick::from_micros(1);
        let keys: Vec<SlotKey> = (0..200_u32).map(|key| table.key(key)).collect();
        std::thread::scope(|scope| {
            for thread in 0..4_usize {
                let (table, keys) = (&table, &keys);
                scope.spawn(move || {
                    for turn in 0..20_000_usize {
                        let (at, other) = (turn % 200, (turn * 7 + 1) % 200);
                        let pair = [keys[at], keys[other]];
                        let pair = if thread % 2 == 0 {
                            pair
                        } else {
                            [pair[1], pair[0]]
                        };
                        table.update_both(pair, now, |_, value| *value += 1);
                    }
                });
            }
        });
        let count = |key: &SlotKey| table.peek(*key, |value| *value).unwrap_or_default();
        assert_eq!(keys.iter().map(count).sum::<u32>(), 4 * 20_000 * 2);
    }

    #[test]
    fn a_removed_key_starts_anew() {
        let table = SlotTable::<u32>::new(1_000);
        let key = table.key("client");
        table.update(key, Tick::from_micros(1), |value| *value = 7);
        table.remove(key);
        assert_eq!(table.peek(key, |value| *value), None);
        assert_eq!(table.update(key, Tick::from_micros(2), |value| *value), 0);
        assert_eq!(table.len(), 1);
    }
}
