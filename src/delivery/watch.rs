//! What can be seen of a run while it goes on.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::model::{Outcome, Tally};

use super::stamp::Stamp;

/// Counts what happens. Cheap enough for every letter.
#[derive(Debug, Default)]
pub(super) struct Watch {
    /// As the ledger had it when this program began.
    before: Mutex<Tally>,
    counts: [AtomicU64; 7],
    skipped: AtomicU64,
    attempts: AtomicU64,
    /// Letters accepted at the last few looks, to tell how fast it goes.
    looks: Mutex<Vec<(Stamp, u64)>>,
}

/// A run as it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// How its recipients add up, by what this program has seen.
    pub tally: Tally,
    /// Attempts that this program has made.
    pub attempts: u64,
    /// Lines that are open.
    pub lines: usize,
    /// Letters accepted in a second, of late.
    pub rate: f64,
    /// Seconds until everybody has been tried, at that rate.
    pub left: Option<u64>,
}

/// How many looks back the rate is taken.
const LOOKS: usize = 12;

impl Watch {
    /// What the ledger knows already.
    pub(super) fn begin(&self, tally: Tally) {
        if let Ok(mut before) = self.before.lock() {
            *before = tally;
        }
        self.counts.iter().chain([&self.skipped]).for_each(|count| count.store(0, Ordering::Relaxed));
    }

    pub(super) fn note(&self, outcome: Outcome) {
        self.counts[outcome as usize].fetch_add(1, Ordering::Relaxed);
        self.attempts.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn skip(&self, many: usize) {
        self.skipped.fetch_add(many as u64, Ordering::Relaxed);
    }

    pub(super) fn snapshot(&self, lines: usize, now: Stamp) -> Snapshot {
        let count = |outcome: Outcome| self.counts[outcome as usize].load(Ordering::Relaxed);
        let before = self.before.lock().map(|before| *before).unwrap_or_default();
        let tally = Tally {
            accepted: before.accepted + count(Outcome::Accepted),
            rejected: before.rejected + count(Outcome::Rejected),
            skipped: before.skipped + self.skipped.load(Ordering::Relaxed),
            uncertain: before.uncertain + count(Outcome::Uncertain),
            deferred: before.deferred + count(Outcome::Deferred),
            ..before
        };
        // A letter that was deferred counts again when it is accepted: what is pending is what nothing is known of.
        let known = tally.finished() + tally.uncertain + tally.deferred;
        let tally = Tally { pending: tally.audience.saturating_sub(known), ..tally };
        let rate = self.rate(now, tally.accepted);
        let left = (rate > 0.0).then(|| (tally.pending as f64 / rate).ceil() as u64);
        Snapshot { tally, attempts: self.attempts.load(Ordering::Relaxed), lines, rate, left }
    }

    fn rate(&self, now: Stamp, accepted: u64) -> f64 {
        let Ok(mut looks) = self.looks.lock() else { return 0.0 };
        looks.push((now, accepted));
        if looks.len() > LOOKS {
            looks.remove(0);
        }
        match looks.first() {
            Some((then, before)) if now > *then => {
                accepted.saturating_sub(*before) as f64 / now.since(*then).as_secs_f64()
            }
            _ => 0.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_known_before_counts_and_the_rate_is_that_of_late() {
        let watch = Watch::default();
        watch.begin(Tally { audience: 100, accepted: 40, skipped: 10, pending: 50, ..Tally::default() });
        let start = Stamp::from_millis(1_000);
        assert_eq!(watch.snapshot(1, start).left, None);
        for _ in 0..20 {
            watch.note(Outcome::Accepted);
        }
        let seen = watch.snapshot(3, Stamp::from_millis(3_000));
        assert_eq!((seen.tally.accepted, seen.tally.pending, seen.rate), (60, 30, 10.0));
        assert_eq!(seen.left, Some(3));
    }
}
