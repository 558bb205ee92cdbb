//! The keeper: the one thread that uses a store while a firewall runs.
//!
//! It writes the engine's decisions in batches and swaps in the changes of others. A failure is
//! reported as degraded and retried; in the meantime nothing is dropped, and the last good policy
//! stays in force.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use aiwaf_core::store::{Records, RowProblem, Store, StoreError, StoreVersion};
use aiwaf_core::{Firewall, Keeping, Unwritten};
use parking_lot::{Condvar, Mutex};

/// How often the store is checked for changes by others.
const POLL: Duration = Duration::from_millis(250);
/// How long after a failed read the store is read again.
const RELOAD: Duration = Duration::from_secs(1);
/// How often bans that are no longer needed are deleted.
const TIDY: Duration = Duration::from_secs(3600);
/// The pauses between attempts to write: the first, and the longest.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(10));
/// How long the keeper may write the last changes when the firewall is dropped, and how long the
/// drop waits for the keeper.
const FLUSH: Duration = Duration::from_secs(3);
const FAREWELL: Duration = Duration::from_secs(5);
/// How many bad rows are logged one by one.
const SHOWN_PROBLEMS: usize = 20;

/// The names of the parts that the keeper reports on.
pub(crate) const READING: &str = "store";
const WRITING: &str = "store writes";
const KEEPING: &str = "keeper";

/// Starts the keeper of a store on a thread of its own. It loads at once, and ends with a last
/// flush when the firewall is dropped.
pub(crate) fn spawn(store: Box<dyn Store>, firewall: &Arc<Firewall>) -> std::io::Result<()> {
    let stop = Arc::new(Stop::default());
    let (alive, ended) = channel::<()>();
    let now = Instant::now();
    let name = store.describe();
    let keeper = Keeper {
        name: name.clone(),
        store,
        firewall: firewall.keeping(),
        stop: Arc::clone(&stop),
        seen: None,
        problems: Vec::new(),
        next_poll: now,
        next_tidy: now,
        write_again: None,
        backoff: BACKOFF.0,
    };
    thread::Builder::new()
        .name("aiwaf-keeper".to_owned())
        .spawn(move || {
            keeper.run();
            drop(alive);
        })?;
    firewall.attach(Handle {
        name,
        patience: FAREWELL,
        stop,
        firewall: firewall.keeping(),
        ended,
    });
    Ok(())
}

/// Ends the keeper when the firewall that owns this handle is dropped, and lets it write what is
/// left.
struct Handle {
    name: String,
    patience: Duration,
    stop: Arc<Stop>,
    firewall: Keeping,
    ended: Receiver<()>,
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.stop.set();
        self.firewall.wake();
        if let Some(changes) = self.left_behind() {
            tracing::error!(target: "aiwaf", event = "lost", store = %self.name, changes, "the store did not accept the last changes in time");
        }
    }
}

impl Handle {
    /// Waits for the keeper. Returns the number of unwritten bans if it does not end because its
    /// store blocks.
    fn left_behind(&self) -> Option<usize> {
        match self.ended.recv_timeout(self.patience) {
            Err(RecvTimeoutError::Timeout) => Some(self.firewall.unwritten_bans()),
            // The keeper has ended and dropped its sender.
            Ok(()) | Err(RecvTimeoutError::Disconnected) => None,
        }
    }
}

#[derive(Default)]
struct Stop {
    set: Mutex<bool>,
    changed: Condvar,
}

impl Stop {
    fn set(&self) {
        *self.set.lock() = true;
        self.changed.notify_all();
    }

    fn is_set(&self) -> bool {
        *self.set.lock()
    }

    /// Waits at most this long, and not at all once the flag is set.
    fn wait(&self, at_most: Duration) {
        let mut set = self.set.lock();
        if !*set {
            self.changed.wait_for(&mut set, at_most);
        }
    }
}

struct Keeper {
    name: String,
    store: Box<dyn Store>,
    firewall: Keeping,
    stop: Arc<Stop>,
    seen: Option<StoreVersion>,
    /// The bad rows of the last report.
    problems: Vec<RowProblem>,
    next_poll: Instant,
    next_tidy: Instant,
    write_again: Option<Instant>,
    backoff: Duration,
}

impl Keeper {
    fn run(mut self) {
        while !self.stop.is_set() {
            match catch_unwind(AssertUnwindSafe(|| self.turn())) {
                Ok(false) => {}
                Ok(true) => self.report(None),
                Err(_) => {
                    self.report(Some(
                        "it panicked, in aiwaf or in the application's metrics recorder; it continues",
                    ));
                    self.stop.wait(POLL);
                }
            }
        }
        // A panic here cannot be reported any more. Everything that did not panic has been written.
        let _ = catch_unwind(AssertUnwindSafe(|| self.flush()));
    }

    /// Writes, and polls if a poll is due. Returns true after a poll: the keeper has then done one
    /// full round.
    fn turn(&mut self) -> bool {
        self.write_for_a_while();
        let is_due = Instant::now() >= self.next_poll && !self.stop.is_set();
        if is_due {
            self.next_poll = Instant::now() + POLL;
            self.poll();
            self.firewall.gauge_tables();
        }
        is_due
    }

    /// Reports whether the keeper itself works. The report may panic too, because it calls the
    /// application's recorder.
    fn report(&self, fault: Option<&str>) {
        let fault = fault.map(str::to_owned);
        let _ = catch_unwind(AssertUnwindSafe(|| {
            self.firewall.set_degraded(KEEPING, fault);
        }));
    }

    /// Writes changes until the next poll is due.
    fn write_for_a_while(&mut self) {
        let now = Instant::now();
        let until_poll = self.next_poll.saturating_duration_since(now);
        if let Some(again) = self.write_again.filter(|again| *again > now) {
            // Until then everything stays in the engine's table, which is bounded.
            self.stop.wait(until_poll.min(again - now));
            return;
        }
        let unwritten = self.firewall.unwritten(until_poll);
        if !unwritten.changes.is_empty() {
            self.write(unwritten);
        }
    }

    fn write(&mut self, unwritten: Unwritten) -> bool {
        let changes = &unwritten.changes;
        match self.fenced("writing", |store| store.apply(changes)) {
            Ok(_) => {
                let changes = changes.len();
                // Before the event and the report, because the application's code behind them may
                // panic.
                self.firewall.written(unwritten);
                tracing::debug!(target: "aiwaf", event = "written", store = %self.name, changes);
                self.write_again = None;
                self.backoff = BACKOFF.0;
                self.firewall.set_degraded(WRITING, None);
                true
            }
            Err(error) => {
                self.firewall.not_written(unwritten);
                self.write_again = Some(Instant::now() + self.backoff);
                self.backoff = (self.backoff * 2).min(BACKOFF.1);
                self.firewall.set_degraded(WRITING, Some(error.to_string()));
                false
            }
        }
    }

    /// Swaps in what others changed.
    fn poll(&mut self) {
        match self.fenced("looking for changes", |store| store.version()) {
            Ok(version) if self.seen != Some(version) => self.reload(version),
            Ok(version) if Instant::now() >= self.next_tidy => self.reload(version),
            Ok(version) if self.firewall.take_stale() => self.reload(version),
            Ok(_) => {}
            Err(error) => self.unreadable(&error),
        }
    }

    fn reload(&mut self, version: StoreVersion) {
        let records = match self.fenced("reading", |store| store.load()) {
            Ok(records) => records,
            Err(error) => return self.unreadable(&error),
        };
        self.seen = Some(version);
        self.show_problems(&records);
        let swapped = catch_unwind(AssertUnwindSafe(|| self.firewall.swap(&records)));
        let failure = match swapped {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some(format!("{}: {error}", self.name)),
            Err(_) => Some(format!("{}: compiling its records panicked", self.name)),
        };
        self.firewall.set_degraded(READING, failure);
        self.tidy(&records);
    }

    fn unreadable(&mut self, error: &StoreError) {
        // What was seen may be out of date.
        self.seen = None;
        self.next_poll = Instant::now() + RELOAD;
        self.firewall.set_degraded(READING, Some(error.to_string()));
    }

    /// Deletes bans that are no longer needed from the store.
    fn tidy(&mut self, records: &Records) {
        self.next_tidy = Instant::now() + TIDY;
        let outdated = self.firewall.outdated(records);
        if outdated.is_empty() {
            return;
        }
        // Old bans do no harm, so a failure is retried at the next tidy.
        if let Err(error) = self.fenced("forgetting old bans", |store| store.apply(&outdated)) {
            tracing::warn!(target: "aiwaf", event = "untidy", error = %error);
        }
    }

    fn show_problems(&mut self, records: &Records) {
        if records.problems == self.problems {
            return;
        }
        self.problems.clone_from(&records.problems);
        for problem in self.problems.iter().take(SHOWN_PROBLEMS) {
            tracing::error!(target: "aiwaf", event = "bad_row", store = %self.name, place = %problem.place, message = ?problem.message);
        }
        if let Some(more @ 1..) = self.problems.len().checked_sub(SHOWN_PROBLEMS) {
            tracing::error!(target: "aiwaf", event = "bad_row", store = %self.name, more);
        }
    }

    /// Writes what is left, for at most [`FLUSH`].
    fn flush(&mut self) {
        let deadline = Instant::now() + FLUSH;
        loop {
            let unwritten = self.firewall.unwritten(Duration::ZERO);
            let left = unwritten.changes.len();
            if left == 0 || self.write(unwritten) {
                return;
            }
            if Instant::now() >= deadline {
                tracing::error!(target: "aiwaf", event = "lost", store = %self.name, changes = left, "the store could not accept the last changes");
                return;
            }
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// Turns a panic in the store into a store error.
    fn fenced<T>(
        &mut self,
        doing: &'static str,
        work: impl FnOnce(&mut dyn Store) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let store = &mut *self.store;
        catch_unwind(AssertUnwindSafe(|| work(store))).unwrap_or_else(|_| {
            Err(StoreError {
                store: self.name.clone(),
                doing,
                source: "it panicked; this is a bug".into(),
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::MemoryStore;
    use aiwaf_core::store::Change;
    use aiwaf_core::{Health, Peer, RequestView};

    /// What happens to the next use of a store.
    #[derive(Clone, Copy, PartialEq)]
    enum Mood {
        Well,
        Fails,
        Panics,
    }

    struct Moody {
        mood: Arc<Mutex<Mood>>,
        kept: Arc<Mutex<MemoryStore>>,
        version: u64,
    }

    impl Moody {
        fn check(&self) -> Result<(), StoreError> {
            match *self.mood.lock() {
                Mood::Well => Ok(()),
                Mood::Panics => panic!("on purpose"),
                Mood::Fails => Err(StoreError {
                    store: self.describe(),
                    doing: "being asked",
                    source: "not today".into(),
                }),
            }
        }
    }

    impl Store for Moody {
        fn describe(&self) -> String {
            "moody".to_owned()
        }

        fn load(&mut self) -> Result<Records, StoreError> {
            self.check()?;
            self.kept.lock().load()
        }

        fn apply(&mut self, changes: &[Change]) -> Result<Vec<bool>, StoreError> {
            self.check()?;
            self.kept.lock().apply(changes)
        }

        fn version(&mut self) -> Result<StoreVersion, StoreError> {
            self.check()?;
            // Reload at each poll: an unwritten ban must outlive every reload.
            self.version += 1;
            Ok(StoreVersion(self.version))
        }
    }

    fn eventually(what: &str, holds: impl Fn() -> bool) {
        let deadline = Instant::now() + Duration::from_secs(60);
        while !holds() {
            assert!(Instant::now() < deadline, "never: {what}");
            thread::sleep(Duration::from_millis(1));
        }
    }

    fn get(firewall: &Firewall, path: &str) -> &'static str {
        let view = RequestView {
            peer: Peer::Address("203.0.113.7".parse().unwrap()),
            ..RequestView::new("GET", path.as_bytes())
        };
        let (verdict, _) = firewall.inspect(&view);
        verdict
            .refusal()
            .map_or("ok", |refusal| refusal.cause.code())
    }

    #[test]
    fn a_store_that_fails_or_panics_loses_no_ban_and_is_reported() {
        for bad in [Mood::Fails, Mood::Panics] {
            let mood = Arc::new(Mutex::new(bad));
            let kept = Arc::new(Mutex::new(MemoryStore::default()));
            let store = Moody {
                mood: Arc::clone(&mood),
                kept: Arc::clone(&kept),
                version: 0,
            };
            let firewall = Arc::new(Firewall::builder().build().unwrap());
            spawn(Box::new(store), &firewall).unwrap();
            get(&firewall, "/.env");
            get(&firewall, "/wp-login.php");
            assert_eq!(get(&firewall, "/"), "banned");
            eventually(
                "degraded",
                || matches!(firewall.health(), Health::Degraded(reason) if reason.contains(READING) && reason.contains(WRITING)),
            );
            assert_eq!(kept.lock().load().unwrap().denied, []);
            *mood.lock() = Mood::Well;
            eventually("recovered", || firewall.health() == Health::Good);
            assert_eq!(kept.lock().load().unwrap().denied.len(), 1);
            assert_eq!(get(&firewall, "/"), "banned");
        }
    }

    #[test]
    fn a_store_that_is_down_to_the_end_holds_nobody_up_for_long() {
        let store = Moody {
            mood: Arc::new(Mutex::new(Mood::Fails)),
            kept: Arc::default(),
            version: 0,
        };
        let firewall = Arc::new(Firewall::builder().build().unwrap());
        spawn(Box::new(store), &firewall).unwrap();
        get(&firewall, "/.env");
        get(&firewall, "/wp-login.php");
        let (done, dropped) = channel();
        thread::spawn(move || {
            drop(firewall);
            done.send(()).unwrap();
        });
        dropped.recv_timeout(Duration::from_secs(60)).unwrap();
    }

    #[test]
    fn dropping_the_firewall_ends_its_keeper() {
        let kept = Arc::new(Mutex::new(MemoryStore::default()));
        let store = Moody {
            mood: Arc::new(Mutex::new(Mood::Well)),
            kept: Arc::clone(&kept),
            version: 0,
        };
        let firewall = Arc::new(Firewall::builder().build().unwrap());
        spawn(Box::new(store), &firewall).unwrap();
        get(&firewall, "/.env");
        get(&firewall, "/wp-login.php");
        drop(firewall);
        // The keeper owned the store, has written the ban and is gone.
        eventually("ended", || Arc::strong_count(&kept) == 1);
        assert_eq!(kept.lock().load().unwrap().denied.len(), 1);
    }

    /// Regression test: when another process held the lock, the last bans were lost without a
    /// report.
    #[test]
    fn what_a_store_that_blocks_does_not_take_is_counted() {
        let firewall = Firewall::builder().build().unwrap();
        for path in ["/.env", "/wp-login.php"] {
            let probe = RequestView {
                peer: Peer::Address("203.0.113.7".parse().unwrap()),
                ..RequestView::new("GET", path.as_bytes())
            };
            assert!(firewall.inspect(&probe).0.refusal().is_some());
        }
        let (alive, ended) = channel();
        let handle = Handle {
            name: "blocks".into(),
            patience: Duration::ZERO,
            stop: Arc::default(),
            firewall: firewall.keeping(),
            ended,
        };
        assert_eq!(handle.left_behind(), Some(1));
        drop(alive);
        assert_eq!(handle.left_behind(), None);
    }
}
