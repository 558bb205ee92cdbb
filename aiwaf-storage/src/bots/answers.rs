//! The cache of answers about the names of addresses: how long an answer holds and how many are
//! kept.

use std::collections::{HashMap, HashSet, VecDeque};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use aiwaf_core::Tick;

/// How many answers of each sort are kept.
pub(super) const KEPT: usize = 10_000;
/// When a positive answer is looked up again, and how long it holds if that lookup gets no answer.
const FRESH: Duration = Duration::from_secs(6 * 3600);
const HOLDS: Duration = Duration::from_secs(24 * 3600);
/// How long an address is not looked up again after a negative answer, and after a failed lookup.
const REFUTED: Duration = Duration::from_secs(3600);
const FAILED: Duration = Duration::from_secs(60);

/// The question whether an address has a name in one of the domains that resolves back to it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Question {
    pub(super) address: IpAddr,
    pub(super) domains: Arc<[String]>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// The address has such a name.
    Verified,
    /// The address has no such name.
    Refuted,
    /// Unknown: no answer in time, or a server that failed.
    Failed,
}

/// The answers. Positive and negative ones are kept apart, so that no number of impostors displaces
/// a verified bot.
#[derive(Debug)]
pub(super) struct Answers {
    good: Kept,
    bad: Kept,
    asked: HashSet<Question>,
}

impl Answers {
    /// Keeps at most this many answers of each sort.
    pub(super) fn new(most: usize) -> Self {
        Self {
            good: Kept::new(most),
            bad: Kept::new(most),
            asked: HashSet::new(),
        }
    }

    /// Whether the address is verified, and whether it should be looked up.
    pub(super) fn find(&self, question: &Question, now: Tick) -> (bool, bool) {
        let verified = self.good.get(question).map(|since| now.since(since));
        let is_verified = verified.is_some_and(|age| age < HOLDS);
        let is_fresh = verified.is_some_and(|age| age < FRESH);
        let is_known = is_fresh || self.bad.get(question).is_some_and(|until| now < until);
        (is_verified, !is_known && !self.asked.contains(question))
    }

    /// Marks the question as being looked up until [`settle`](Self::settle) or
    /// [`withdraw`](Self::withdraw).
    pub(super) fn asking(&mut self, question: Question) {
        self.asked.insert(question);
    }

    /// Records the answer of a lookup that was started at `asked`.
    pub(super) fn settle(&mut self, question: Question, answer: Answer, asked: Tick) {
        self.asked.remove(&question);
        match answer {
            Answer::Verified => self.good.put(question, asked),
            Answer::Refuted => {
                self.good.forget(&question);
                self.bad.put(question, asked.plus(REFUTED));
            }
            // An earlier positive answer stays valid until it expires.
            Answer::Failed => self.bad.put(question, asked.plus(FAILED)),
        }
    }

    /// The lookup could not be started.
    pub(super) fn withdraw(&mut self, question: &Question) {
        self.asked.remove(question);
    }
}

/// A bounded map that drops the oldest entries first.
#[derive(Debug)]
struct Kept {
    times: HashMap<Question, Tick>,
    order: VecDeque<Question>,
    most: usize,
}

impl Kept {
    fn new(most: usize) -> Self {
        Self {
            times: HashMap::new(),
            order: VecDeque::new(),
            most,
        }
    }

    fn get(&self, question: &Question) -> Option<Tick> {
        self.times.get(question).copied()
    }

    fn put(&mut self, question: Question, time: Tick) {
        if self.times.insert(question.clone(), time).is_some() {
            return;
        }
        self.order.push_back(question);
        if self.order.len() > self.most
            && let Some(first) = self.order.pop_front()
        {
            self.times.remove(&first);
        }
    }

    fn forget(&mut self, question: &Question) {
        // It seldom happens that what was verified is refuted, so the search may take its time.
        if self.times.remove(question).is_some() {
            self.order.retain(|kept| kept != question);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(last: u32) -> Question {
        Question {
            address: IpAddr::from(last.to_be_bytes()),
            domains: ["examplebot.test".to_owned()].into(),
        }
    }

    fn at(time: Duration) -> Tick {
        Tick::default().plus(Duration::from_secs(1_000_000) + time)
    }

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_good_answer_holds_while_it_is_asked_for_again() {
        let mut answers = Answers::new(10);
        let now = Duration::ZERO;
        assert_eq!(answers.find(&question(1), at(now)), (false, true));
        answers.asking(question(1));
        assert_eq!(answers.find(&question(1), at(now)), (false, false));
        answers.settle(question(1), Answer::Verified, at(now));
        assert_eq!(
            answers.find(&question(1), at(FRESH - SECOND)),
            (true, false)
        );
        assert_eq!(answers.find(&question(1), at(FRESH)), (true, true));
        answers.settle(question(1), Answer::Failed, at(FRESH));
        assert_eq!(answers.find(&question(1), at(FRESH)), (true, false));
        assert_eq!(answers.find(&question(1), at(FRESH + FAILED)), (true, true));
        assert_eq!(answers.find(&question(1), at(HOLDS)), (false, true));
        answers.settle(question(1), Answer::Refuted, at(FRESH));
        assert_eq!(answers.find(&question(1), at(FRESH)), (false, false));
    }

    #[test]
    fn a_bad_answer_is_asked_for_again_after_a_while() {
        for (answer, lasts) in [(Answer::Refuted, REFUTED), (Answer::Failed, FAILED)] {
            let mut answers = Answers::new(10);
            answers.settle(question(1), answer, at(Duration::ZERO));
            assert_eq!(
                answers.find(&question(1), at(lasts - SECOND)),
                (false, false)
            );
            assert_eq!(answers.find(&question(1), at(lasts)), (false, true));
        }
    }

    #[test]
    fn no_number_of_impostors_makes_a_bot_unknown() {
        let mut answers = Answers::new(10);
        let now = at(Duration::ZERO);
        answers.settle(question(0), Answer::Verified, now);
        for number in 1..1000 {
            answers.settle(question(number), Answer::Refuted, now);
        }
        assert!(answers.find(&question(0), now).0);
        assert_eq!(answers.bad.times.len(), 10);
        assert_eq!(answers.bad.order.len(), 10);
    }

    #[test]
    fn what_goes_and_comes_again_stays_within_the_bound() {
        let mut answers = Answers::new(4);
        let now = at(Duration::ZERO);
        for _ in 0..100 {
            answers.settle(question(7), Answer::Verified, now);
            answers.settle(question(7), Answer::Refuted, now);
        }
        assert!(answers.good.order.is_empty() && answers.good.times.is_empty());
        for number in 0..4 {
            answers.settle(question(number), Answer::Verified, now);
        }
        assert!(answers.find(&question(0), now).0);
    }
}
