//! Which words keep their spelling.

use std::collections::{HashMap, HashSet};

use aiwaf_core::payload::model::{Vocabulary, words};

use super::example::Example;

/// How many attacks a word must occur in...
const ATTACKS: usize = 4;
/// ...and how many times more often than in clean requests, by share.
const LIFT: f64 = 3.0;

/// The words of attacks that are rare in clean requests.
pub(super) fn learn<'a>(examples: impl Iterator<Item = &'a Example>) -> Vocabulary {
    let mut seen: HashMap<Vec<u8>, [usize; 2]> = HashMap::new();
    let mut totals = [0usize; 2];
    for example in examples {
        let kind = usize::from(example.is_attack());
        totals[kind] += 1;
        let own: HashSet<&[u8]> = example.texts.iter().flat_map(|text| words(text)).collect();
        for word in own {
            seen.entry(word.to_vec()).or_default()[kind] += 1;
        }
    }
    let share = |count: usize, kind: usize| count as f64 / totals[kind].max(1) as f64;
    let mut vocabulary = Vocabulary::default();
    for (word, [clean, attacks]) in seen {
        if attacks >= ATTACKS && share(attacks, 1) > LIFT * share(clean, 0) {
            vocabulary.add(&word);
        }
    }
    vocabulary
}
