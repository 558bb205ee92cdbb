//! The keeper's side of the table: the changes to write, and the bans loaded from the store.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use super::{Ban, BanChange, BanTable, BannedKey, Entry, Index, end};
use crate::client::ClientKey;
use crate::clock::Tick;

impl BanTable {
    /// The changes to write. Waits up to `wait` for one to appear. Every change stays unwritten
    /// until [`BanTable::written`] confirms it, and is handed out again after
    /// [`BanTable::requeue`].
    pub fn unwritten(&self, wait: Duration) -> Vec<BanChange> {
        let mut index = self.index.lock();
        if index.queue.is_empty() && index.dropped.is_empty() && !index.woken {
            self.unwritten.wait_for(&mut index, wait);
        }
        index.woken = false;
        let mut changes: Vec<BanChange> = std::mem::take(&mut index.dropped)
            .into_iter()
            .map(BanChange::Dropped)
            .collect();
        let queue = std::mem::take(&mut index.queue).into_iter();
        changes.extend(queue.filter_map(|key| {
            let ban = self.with_entry(key, |entry| {
                entry.in_flight = true;
                Arc::clone(&entry.ban)
            })?;
            Some(BanChange::Banned(key, ban))
        }));
        changes
    }

    /// How many bans are not written yet, including those that are being written.
    pub fn unwritten_len(&self) -> usize {
        let count = |entries: &HashMap<ClientKey, Entry>| {
            entries.values().filter(|entry| !entry.written).count()
        };
        let of_clients: usize = self.shards.iter().map(|shard| count(&shard.read())).sum();
        of_clients + count(&self.parents.read())
    }

    /// Wakes a thread that waits in [`BanTable::unwritten`], or is about to.
    pub fn wake(&self) {
        self.index.lock().woken = true;
        self.unwritten.notify_all();
    }

    fn with_entry<T>(&self, key: BannedKey, change: impl FnOnce(&mut Entry) -> T) -> Option<T> {
        match key {
            BannedKey::Client(client) => self.shard(client).write().get_mut(&client).map(change),
            BannedKey::Parent(parent) => self.parents.write().get_mut(&parent).map(change),
        }
    }

    /// Confirms that these changes are in the store.
    pub fn written(&self, changes: &[BanChange]) {
        let index = self.index.lock();
        for change in changes {
            let BanChange::Banned(key, ban) = change else {
                continue;
            };
            self.with_entry(*key, |entry| {
                entry.in_flight = false;
                entry.stored = true;
                // A ban that was replaced in the meantime is a different one and still unwritten.
                if Arc::ptr_eq(&entry.ban, ban) {
                    entry.written = true;
                    entry.seen = index.loads;
                }
            });
        }
    }

    /// Reports that these changes could not be written. They are handed out again.
    pub fn requeue(&self, changes: Vec<BanChange>) {
        let mut index = self.index.lock();
        for change in changes {
            match change {
                BanChange::Banned(key, _) => {
                    // A ban that was evicted in the meantime no longer needs to be written.
                    if self
                        .with_entry(key, |entry| entry.in_flight = false)
                        .is_some()
                    {
                        index.queue.insert(key);
                    }
                }
                BanChange::Dropped(key) => {
                    index.dropped.insert(key);
                }
            }
        }
    }

    /// Takes over the automatic bans of the store. Written bans that are not among them were lifted
    /// elsewhere and end here too; their clients are returned. Unwritten bans stay. In a full
    /// table, lifted bans make room first, and then a ban that holds takes precedence over one that
    /// has ended.
    pub fn replace_written(&self, records: Vec<(BannedKey, Ban)>, now: Tick) -> Vec<ClientKey> {
        let mut index = self.index.lock();
        index.loads += 1;
        let load = index.loads;
        let mut new = Vec::new();
        for (key, ban) in records {
            match key {
                BannedKey::Client(client) => {
                    new.extend(self.reload(&mut index, client, ban, load));
                }
                BannedKey::Parent(parent) => {
                    let unwritten = |entry: &Entry| !entry.written;
                    let keeps = self.parents.read().get(&parent).is_some_and(unwritten);
                    if !keeps {
                        self.put_parent(&mut index, parent, Arc::new(ban), Some(load));
                    }
                }
            }
        }
        let lifted = self.lift_all_but(&mut index, load);
        let (holding, ended): (Vec<_>, Vec<_>) =
            new.into_iter().partition(|(_, ban)| ban.holds(now));
        for (client, ban) in holding {
            self.make_room(&mut index, client, now);
            self.put(&mut index, client, Arc::new(ban), Some(load));
        }
        for (client, ban) in ended {
            if self.len() < self.capacity {
                self.put(&mut index, client, Arc::new(ban), Some(load));
            }
        }
        lifted
    }

    /// Removes the written bans that this load has not seen, and returns the clients among them.
    fn lift_all_but(&self, index: &mut Index, load: u64) -> Vec<ClientKey> {
        let gone = |entry: &Entry| entry.written && entry.seen != load;
        let keys = |entries: &HashMap<ClientKey, Entry>| -> Vec<ClientKey> {
            let all = entries.iter().filter(|(_, entry)| gone(entry));
            all.map(|(key, _)| *key).collect()
        };
        let shards = self.shards.iter();
        let lifted: Vec<ClientKey> = shards.flat_map(|shard| keys(&shard.read())).collect();
        for client in &lifted {
            self.take(index, BannedKey::Client(*client));
        }
        let parents = keys(&self.parents.read());
        for parent in parents {
            self.take(index, BannedKey::Parent(parent));
        }
        lifted
    }

    /// Updates the ban of a client that is in the table. If the client is not, returns it with its
    /// ban.
    fn reload(
        &self,
        index: &mut Index,
        client: ClientKey,
        ban: Ban,
        load: u64,
    ) -> Option<(ClientKey, Ban)> {
        // The same ban, unless the clock was corrected since then and the ban now ends sooner.
        let is_same =
            |held: &Ban| held.began == ban.began && held.ends == ban.ends && end(held) <= end(&ban);
        match self.shard(client).write().get_mut(&client) {
            None => return Some((client, ban)),
            Some(entry) if !entry.written => return None,
            Some(entry) if is_same(&entry.ban) => {
                entry.seen = load;
                return None;
            }
            Some(_) => {}
        }
        self.put(index, client, Arc::new(ban), Some(load));
        None
    }
}
