//! A value that requests read and another thread replaces, without either waiting for the other.

use std::sync::Arc;

use arc_swap::{ArcSwap, Guard};
use parking_lot::Mutex;

/// The current value, and replaced ones that a request may still be reading.
///
/// The last owner of a value frees it, and freeing a policy of 100,000 records takes milliseconds.
/// So a replaced value is kept here until no request reads it. It is then freed by the thread that
/// replaces, never by a request.
#[derive(Debug)]
pub(crate) struct Current<T> {
    value: ArcSwap<T>,
    retired: Mutex<Vec<Arc<T>>>,
}

impl<T> Current<T> {
    pub(crate) fn new(value: T) -> Self {
        Self {
            value: ArcSwap::from_pointee(value),
            retired: Mutex::default(),
        }
    }

    /// The current value.
    pub(crate) fn load(&self) -> Guard<Arc<T>> {
        self.value.load()
    }

    /// Replaces the value, and frees replaced values that nobody reads any more.
    pub(crate) fn replace(&self, value: T) {
        let old = self.value.swap(Arc::new(value));
        let mut retired = self.retired.lock();
        retired.push(old);
        // Replaced values are out of reach, so no new reader can appear: a count of one stays one.
        let (unread, read) = std::mem::take(&mut *retired)
            .into_iter()
            .partition::<Vec<_>, _>(|old| Arc::strong_count(old) == 1);
        *retired = read;
        drop(retired);
        drop(unread);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread::{self, ThreadId};

    /// Records which thread drops it.
    struct Noted(u8, Arc<Mutex<Vec<(u8, ThreadId)>>>);

    impl Drop for Noted {
        fn drop(&mut self) {
            self.1.lock().push((self.0, thread::current().id()));
        }
    }

    #[test]
    fn a_value_is_freed_by_who_replaces_it_and_not_by_who_reads_it() {
        let freed = Arc::default();
        let current = Current::new(Noted(1, Arc::clone(&freed)));
        let reading = current.load();
        let replace = |number| {
            thread::scope(|scope| {
                let replacing = scope.spawn(|| {
                    current.replace(Noted(number, Arc::clone(&freed)));
                    thread::current().id()
                });
                replacing.join().unwrap()
            })
        };
        replace(2);
        assert_eq!((reading.0, current.load().0), (1, 2));
        assert!(freed.lock().is_empty(), "still being read");
        drop(reading);
        assert!(freed.lock().is_empty(), "freed by its reader");
        let replacer = replace(3);
        assert_eq!(*freed.lock(), [(1, replacer), (2, replacer)]);
    }
}
