//! Pages with forms that have not been submitted yet: when each was served, and to which client.

use std::time::Duration;

use super::TableUse;
use super::slots::{SlotKey, SlotTable};
use crate::client::ClientKey;
use crate::clock::Tick;

/// How many unsubmitted copies of a page are remembered per client, for tabs and for visitors
/// behind one address.
const COPIES: usize = 4;
/// For how long after a redirected form post the next page counts as the redirect's target.
const REDIRECT: Duration = Duration::from_secs(10);

/// Remembers served pages. The table is bounded.
#[derive(Debug)]
pub struct FormTable {
    slots: SlotTable<Copies>,
}

/// When the copies of one page were served to one client, oldest first. The clock's origin stands
/// for an empty place: it lies before the first request, and an `Option` would double the size.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Copies([Tick; COPIES]);

const NONE: Tick = Tick::from_micros(0);

impl Copies {
    fn only(now: Tick) -> Self {
        let mut copies = Self::default();
        copies.add(now);
        copies
    }

    fn add(&mut self, now: Tick) {
        let Self(copies) = self;
        // In a full list the youngest copy is replaced, because a post is matched with the oldest
        // copy.
        let free = copies.iter().position(|copy| *copy == NONE);
        if let Some(copy) = copies.get_mut(free.unwrap_or(COPIES - 1)) {
            *copy = now;
        }
    }

    fn oldest(&self) -> Option<Tick> {
        self.0.first().copied().filter(|oldest| *oldest != NONE)
    }

    fn take_oldest(&mut self) -> Option<Tick> {
        let oldest = self.oldest();
        self.0.rotate_left(1);
        if let Some(taken) = self.0.last_mut() {
            *taken = NONE;
        }
        oldest
    }
}

impl FormTable {
    /// A table for about this many pages.
    pub fn new(capacity: usize) -> Self {
        Self {
            slots: SlotTable::new(capacity),
        }
    }

    pub(super) fn used(&self) -> TableUse {
        self.slots.used_as("forms")
    }

    /// Remembers that a page was served.
    pub fn served(&self, client: ClientKey, page: &[u8], now: Tick) {
        let key = self.page(client, page);
        self.slots.update(key, now, |copies| copies.add(now));
    }

    /// How long ago the page that a form was submitted from was served. Uses the oldest unsubmitted
    /// copy and forgets it.
    pub fn returned(&self, client: ClientKey, page: &[u8], now: Tick) -> Option<Duration> {
        let key = self.page(client, page);
        let served = self.slots.peek(key, Copies::take_oldest).flatten()?;
        Some(now.since(served))
    }

    /// Remembers that a form post was answered with a redirect. The page that follows is a
    /// response, not a visit.
    pub fn redirected(&self, client: ClientKey, now: Tick) {
        self.slots.update(self.redirect(client), now, |copies| {
            *copies = Copies::only(now)
        });
    }

    /// Whether a page served now is the target of a redirect after a form post. Returns `true` only
    /// once per redirect.
    pub fn follows_redirect(&self, client: ClientKey, now: Tick) -> bool {
        self.slots
            .peek(self.redirect(client), Copies::take_oldest)
            .flatten()
            .is_some_and(|posted| now.since(posted) <= REDIRECT)
    }

    /// Remembers when a client last made any request, as the predecessor did. This is not tracked
    /// per page.
    pub fn asked(&self, client: ClientKey, now: Tick) {
        let key = self.anything(client);
        self.slots
            .update(key, now, |copies| *copies = Copies::only(now));
    }

    /// How long ago the client last made any request.
    pub fn since_asked(&self, client: ClientKey, now: Tick) -> Option<Duration> {
        let asked = self
            .slots
            .peek(self.anything(client), |copies| copies.oldest());
        asked.flatten().map(|asked| now.since(asked))
    }

    /// How many pages are remembered.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether no page is remembered.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// The size of a page's slot in bytes.
    pub const fn slot_size() -> usize {
        SlotTable::<Copies>::slot_size()
    }

    fn page(&self, client: ClientKey, page: &[u8]) -> SlotKey {
        self.slots.key((0_u8, client, page))
    }

    fn redirect(&self, client: ClientKey) -> SlotKey {
        self.slots.key((1_u8, client))
    }

    fn anything(&self, client: ClientKey) -> SlotKey {
        self.slots.key((2_u8, client))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Tick {
        Tick::from_micros(1_000_000_000 + millis * 1000)
    }

    fn client(address: &str) -> ClientKey {
        ClientKey::new(address.parse().unwrap(), 64)
    }

    #[test]
    fn a_slot_is_small() {
        assert!(FormTable::slot_size() <= 64, "{}", FormTable::slot_size());
    }

    #[test]
    fn posts_answer_the_oldest_copy_and_each_once() {
        let forms = FormTable::new(1000);
        let client = client("203.0.113.7");
        for millis in [0, 5000, 6000] {
            forms.served(client, b"/form", at(millis));
        }
        let returned = || {
            forms
                .returned(client, b"/form", at(7000))
                .map(|age| age.as_millis())
        };
        assert_eq!(
            [returned(), returned(), returned(), returned()],
            [Some(7000), Some(2000), Some(1000), None]
        );
    }

    #[test]
    fn pages_and_clients_are_kept_apart() {
        let forms = FormTable::new(1000);
        forms.served(client("203.0.113.7"), b"/form", at(0));
        assert_eq!(forms.returned(client("203.0.113.8"), b"/form", at(1)), None);
        assert_eq!(
            forms.returned(client("203.0.113.7"), b"/other", at(1)),
            None
        );
        assert!(
            forms
                .returned(client("203.0.113.7"), b"/form", at(1))
                .is_some()
        );
    }

    #[test]
    fn a_full_list_keeps_the_oldest() {
        let forms = FormTable::new(1000);
        let client = client("203.0.113.7");
        for millis in 0..10 {
            forms.served(client, b"/", at(millis * 1000));
        }
        assert_eq!(
            forms.returned(client, b"/", at(9000)),
            Some(Duration::from_secs(9))
        );
    }

    #[test]
    fn a_redirect_is_followed_once_and_soon() {
        let forms = FormTable::new(1000);
        let client = client("203.0.113.7");
        assert!(!forms.follows_redirect(client, at(0)));
        forms.redirected(client, at(0));
        assert!(forms.follows_redirect(client, at(10)));
        assert!(!forms.follows_redirect(client, at(20)));
        forms.redirected(client, at(100));
        assert!(!forms.follows_redirect(client, at(60_000)));
    }
}
