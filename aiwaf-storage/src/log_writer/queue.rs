//! The queue of records between the requests and the thread that writes them.

use std::mem;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use aiwaf_core::access_log::LogRecord;
use parking_lot::{Condvar, Mutex};

/// How many bytes of records may wait.
const ROOM: usize = 16 * 1024 * 1024;
/// How long records are gathered before they are written.
const GATHER: Duration = Duration::from_millis(100);

#[derive(Debug, Default)]
pub(super) struct Queue {
    waiting: Mutex<Waiting>,
    /// Notified when a record enters an empty queue, when the queue becomes half full, and when it
    /// is closed.
    stirred: Condvar,
    /// Notified when the writer is done.
    finished: Condvar,
    dropped: AtomicU64,
}

#[derive(Debug, Default)]
struct Waiting {
    // The engine boxes records, so that only a pointer moves from the request to the writer.
    #[allow(clippy::vec_box)]
    records: Vec<Box<LogRecord>>,
    weight: usize,
    is_closed: bool,
    is_finished: bool,
}

impl Queue {
    /// Adds a record, or drops it if there is no room.
    pub(super) fn push(&self, record: Box<LogRecord>) {
        let mut waiting = self.waiting.lock();
        let before = waiting.weight;
        let after = before + record.weight();
        if after > ROOM || waiting.is_finished {
            drop(waiting);
            self.add_dropped(1);
            return;
        }
        waiting.weight = after;
        waiting.records.push(record);
        drop(waiting);
        // A wake-up costs more than everything else here: wake the writer once when there is work
        // and once when it becomes urgent.
        if before == 0 || (before < ROOM / 2 && after >= ROOM / 2) {
            self.stirred.notify_one();
        }
    }

    /// Waits for records, gathers more for a while and swaps them into the empty `batch`. Returns
    /// false when the queue is closed and empty.
    #[allow(clippy::vec_box)]
    pub(super) fn gather(&self, batch: &mut Vec<Box<LogRecord>>) -> bool {
        let mut waiting = self.waiting.lock();
        while waiting.records.is_empty() {
            if waiting.is_closed {
                return false;
            }
            self.stirred.wait(&mut waiting);
        }
        if !waiting.is_closed && waiting.weight < ROOM / 2 {
            self.stirred.wait_for(&mut waiting, GATHER);
        }
        mem::swap(&mut waiting.records, batch);
        waiting.weight = 0;
        true
    }

    /// Lets the writer finish what is waiting, and waits until it has, for `at_most` this long.
    pub(super) fn close(&self, at_most: Duration) {
        let mut waiting = self.waiting.lock();
        waiting.is_closed = true;
        self.stirred.notify_one();
        self.finished
            .wait_while_for(&mut waiting, |waiting| !waiting.is_finished, at_most);
    }

    /// Returns a guard that marks the writer as finished when it is dropped.
    pub(super) fn finish_on_drop(&self) -> impl Drop + '_ {
        struct Finish<'a>(&'a Queue);
        impl Drop for Finish<'_> {
            fn drop(&mut self) {
                self.0.waiting.lock().is_finished = true;
                self.0.finished.notify_all();
            }
        }
        Finish(self)
    }

    pub(super) fn add_dropped(&self, records: u64) {
        #[cfg(feature = "metrics")]
        metrics::counter!("aiwaf_log_records_lost_total").increment(records);
        self.dropped.fetch_add(records, Ordering::Relaxed);
    }

    pub(super) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aiwaf_core::RequestView;

    fn record(target: &[u8]) -> Box<LogRecord> {
        let view = RequestView::new("GET", target);
        Box::new(LogRecord::new(
            &view,
            None,
            std::time::SystemTime::UNIX_EPOCH,
        ))
    }

    #[test]
    fn what_there_is_no_room_for_is_dropped_and_counted() {
        let queue = Queue::default();
        let long = vec![b'a'; 4096];
        let fit = ROOM / record(&long).weight();
        for _ in 0..fit + 7 {
            queue.push(record(&long));
        }
        assert_eq!(queue.dropped(), 7);
        let mut batch = Vec::new();
        assert!(queue.gather(&mut batch));
        assert_eq!(batch.len(), fit);
        queue.push(record(&long));
        assert_eq!(queue.dropped(), 7);
    }

    #[test]
    fn a_closed_queue_is_emptied_first() {
        let queue = Queue::default();
        queue.push(record(b"/"));
        queue.close(Duration::ZERO);
        let mut batch = Vec::new();
        assert!(queue.gather(&mut batch));
        batch.clear();
        assert!(!queue.gather(&mut batch));
        drop(queue.finish_on_drop());
        queue.push(record(b"/"));
        assert_eq!(queue.dropped(), 1);
    }
}
