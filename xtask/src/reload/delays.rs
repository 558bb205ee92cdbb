//! The durations of requests, in buckets of a sixteenth: the memory is the same for ten requests
//! and for ten million.

use std::time::Duration;

const PER_DOUBLING: usize = 16;
const DOUBLINGS: usize = 44;

#[derive(Clone)]
pub(super) struct Delays {
    buckets: Vec<u64>,
    longest: Duration,
    requests: u64,
}

impl Delays {
    pub(super) fn new() -> Self {
        Self {
            buckets: vec![0; PER_DOUBLING * DOUBLINGS],
            longest: Duration::ZERO,
            requests: 0,
        }
    }

    pub(super) fn add(&mut self, delay: Duration) {
        self.requests += 1;
        self.longest = self.longest.max(delay);
        if let Some(bucket) = self.buckets.get_mut(bucket(delay)) {
            *bucket += 1;
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.buckets.iter_mut().zip(&other.buckets) {
            *mine += theirs;
        }
        self.longest = self.longest.max(other.longest);
        self.requests += other.requests;
    }

    pub(super) fn requests(&self) -> u64 {
        self.requests
    }

    pub(super) fn longest(&self) -> Duration {
        self.longest
    }

    /// The delay that this share of the requests did not exceed, to a sixteenth.
    pub(super) fn quantile(&self, share: f64) -> Duration {
        let rank = (self.requests as f64 * share).ceil() as u64;
        let mut seen = 0;
        let at = self.buckets.iter().position(|count| {
            seen += count;
            seen >= rank
        });
        at.map_or(self.longest, |at| end(at).min(self.longest))
    }
}

fn bucket(delay: Duration) -> usize {
    let nanos = delay.as_nanos().max(1) as f64;
    (nanos.log2() * PER_DOUBLING as f64) as usize
}

fn end(bucket: usize) -> Duration {
    let nanos = ((bucket + 1) as f64 / PER_DOUBLING as f64).exp2();
    Duration::from_nanos(nanos as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_right_to_a_sixteenth() {
        let mut delays = Delays::new();
        for micros in 1..=1000 {
            delays.add(Duration::from_micros(micros));
        }
        for (share, micros) in [(0.5, 500.0), (0.99, 990.0), (0.001, 1.0)] {
            let off = delays.quantile(share).as_nanos() as f64 / 1000.0 / micros;
            assert!((0.99..1.06).contains(&off), "{share}: {off}");
        }
        assert_eq!(delays.quantile(1.0), Duration::from_millis(1));
        let mut both = Delays::new();
        both.merge(&delays);
        both.add(Duration::from_secs(3600));
        assert_eq!(
            (both.requests(), both.longest()),
            (1001, Duration::from_secs(3600))
        );
    }
}
