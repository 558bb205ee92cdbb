//! Logistic regression on the worst window of each request.

use aiwaf_core::payload::model::{
    FAMILIES, Family, Head, Model, SCALE, SLOTS, Vocabulary, WINDOW, Weights,
};

use super::example::Example;
use super::vocabulary;
use crate::random::Random;

const EPOCHS: usize = 8;
const RATE: f32 = 0.08;
/// Shrinks a weight a little each time it is used, so that features of a single request count for
/// little.
const DECAY: f32 = 2e-4;

/// A model while it is being trained.
pub(super) struct Fit {
    vocabulary: Vocabulary,
    weights: Vec<[f32; FAMILIES]>,
    squares: Vec<[f32; FAMILIES]>,
    bias: [f32; FAMILIES],
}

/// The slots of one token.
type Slots = [u16; 6];

/// Trains on the examples that `wanted` chooses. The result depends on nothing else.
pub(super) fn train(examples: &[Example], wanted: impl Fn(&Example) -> bool) -> Fit {
    let chosen: Vec<&Example> = examples.iter().filter(|example| wanted(example)).collect();
    let vocabulary = vocabulary::learn(chosen.iter().copied());
    let mut fit = Fit {
        weights: vec![[0.0; FAMILIES]; SLOTS],
        squares: vec![[1e-3; FAMILIES]; SLOTS],
        bias: [-2.0; FAMILIES],
        vocabulary,
    };
    let prepared: Vec<(Option<Family>, Vec<Vec<Slots>>)> = chosen
        .iter()
        .map(|example| {
            let texts = example
                .texts
                .iter()
                .map(|text| slots(text, &fit.vocabulary));
            (example.family, texts.collect())
        })
        .collect();
    let mut order: Vec<usize> = (0..prepared.len()).collect();
    let mut random = Random::new(0x5eed_0001);
    for _ in 0..EPOCHS {
        random.shuffle(&mut order);
        for &at in &order {
            let (family, texts) = &prepared[at];
            fit.learn(*family, texts);
        }
    }
    fit
}

fn slots(text: &[u8], vocabulary: &Vocabulary) -> Vec<Slots> {
    Model::grams(text, vocabulary)
        .map(|grams| grams.map(|slot| slot as u16))
        .collect()
}

impl Fit {
    fn learn(&mut self, label: Option<Family>, texts: &[Vec<Slots>]) {
        for (at, family) in Family::ALL.into_iter().enumerate() {
            // An attack of another kind says nothing about this family.
            if label.is_some_and(|label| label != family) {
                continue;
            }
            let Some((window, score)) = self.worst(texts, at) else {
                continue;
            };
            let truth = if label.is_some() { 1.0 } else { 0.0 };
            let error = 1.0 / (1.0 + (-score).exp()) - truth;
            if error.abs() < 0.005 {
                continue;
            }
            for slots in window {
                for &slot in slots {
                    let slot = usize::from(slot);
                    let square = &mut self.squares[slot][at];
                    *square += error * error;
                    let weight = &mut self.weights[slot][at];
                    *weight = *weight * (1.0 - DECAY) - RATE * error / square.sqrt();
                }
            }
            self.bias[at] -= 0.002 * error;
        }
    }

    /// The window with the highest score for one family, and that score.
    fn worst<'t>(&self, texts: &'t [Vec<Slots>], family: usize) -> Option<(&'t [Slots], f32)> {
        let mut worst: Option<(&[Slots], f32)> = None;
        for tokens in texts {
            let weights: Vec<f32> = tokens
                .iter()
                .map(|slots| {
                    slots
                        .iter()
                        .map(|&slot| self.weights[usize::from(slot)][family])
                        .sum()
                })
                .collect();
            let mut sum = self.bias[family];
            for end in 0..tokens.len() {
                sum += weights[end];
                if end >= WINDOW {
                    sum -= weights[end - WINDOW];
                }
                // A text that is not longer than a window counts whole.
                if worst.is_none_or(|(_, score)| sum > score) {
                    let start = (end + 1).saturating_sub(WINDOW);
                    worst = Some((&tokens[start..=end], sum));
                }
            }
        }
        worst
    }

    /// The table in small integers.
    pub(super) fn quantised(&self, thresholds: [[i32; 3]; FAMILIES]) -> Weights {
        let round = |weight: f32| (weight * SCALE).round().clamp(-127.0, 127.0) as i8;
        let mut heads = [Head::default(); FAMILIES];
        for (at, head) in heads.iter_mut().enumerate() {
            *head = Head {
                bias: (self.bias[at] * SCALE).round() as i32,
                thresholds: thresholds[at],
            };
        }
        Weights {
            heads,
            vocabulary: self.vocabulary.clone(),
            table: self.weights.iter().map(|slot| slot.map(round)).collect(),
        }
    }
}
