//! The truth: for whom the relay has taken a letter, how often, and whom it has refused. A few bytes a reader, and no
//! letter is kept.

use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// What a relay did, by the numbers of its readers.
#[derive(Debug)]
pub struct Truth {
    readers: Vec<Reader>,
    letters: AtomicU64,
    strangers: AtomicU64,
    open: AtomicU64,
    most: AtomicU64,
    since: Instant,
    /// When the first letter of a round was taken, in microseconds after the start and one more; 0 for not yet.
    first: AtomicU64,
}

#[derive(Debug, Default)]
struct Reader {
    taken: AtomicU8,
    refused: AtomicU8,
    asked: AtomicU8,
}

/// What the relay did for one reader.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Seen {
    /// How many letters it took, up to 255.
    pub taken: u8,
    /// How often it said that it will never take one, up to 255.
    pub refused: u8,
}

impl Truth {
    /// Nothing has happened yet to so many readers.
    pub fn new(readers: usize) -> Self {
        Self {
            readers: (0..readers).map(|_| Reader::default()).collect(),
            letters: AtomicU64::new(0),
            strangers: AtomicU64::new(0),
            open: AtomicU64::new(0),
            most: AtomicU64::new(0),
            since: Instant::now(),
            first: AtomicU64::new(0),
        }
    }

    /// How many readers there are.
    pub fn readers(&self) -> usize {
        self.readers.len()
    }

    /// What was done for a reader.
    pub fn of(&self, number: usize) -> Option<Seen> {
        let reader = self.readers.get(number)?;
        let load = |count: &AtomicU8| count.load(Ordering::Relaxed);
        Some(Seen { taken: load(&reader.taken), refused: load(&reader.refused) })
    }

    /// How many letters were taken.
    pub fn letters(&self) -> u64 {
        self.letters.load(Ordering::Acquire)
    }

    /// How often a letter came for nobody of ours.
    pub fn strangers(&self) -> u64 {
        self.strangers.load(Ordering::Relaxed)
    }

    /// How many connections are open.
    pub fn open(&self) -> u64 {
        self.open.load(Ordering::Acquire)
    }

    /// How many were open at most in this round.
    pub fn most(&self) -> u64 {
        self.most.load(Ordering::Relaxed)
    }

    /// A round begins: the next letter is its first.
    pub fn begin_round(&self) -> Instant {
        self.first.store(0, Ordering::Release);
        self.most.store(0, Ordering::Relaxed);
        Instant::now()
    }

    /// When the first letter of the round was taken.
    pub fn first_letter(&self) -> Option<Instant> {
        let micros = self.first.load(Ordering::Acquire).checked_sub(1)?;
        self.since.checked_add(Duration::from_micros(micros))
    }

    /// Somebody is asked for; says the how-manieth time it is, up to 255. Nothing for a stranger.
    pub(super) fn ask(&self, number: Option<usize>) -> Option<(usize, u8)> {
        let known = number.and_then(|number| Some((number, self.readers.get(number)?)));
        let Some((number, reader)) = known else {
            self.strangers.fetch_add(1, Ordering::Relaxed);
            return None;
        };
        Some((number, count(&reader.asked)))
    }

    pub(super) fn take(&self, number: usize) {
        if let Some(reader) = self.readers.get(number) {
            count(&reader.taken);
        }
        let micros = u64::try_from(self.since.elapsed().as_micros()).unwrap_or(u64::MAX - 1) + 1;
        let _ = self.first.compare_exchange(0, micros, Ordering::AcqRel, Ordering::Relaxed);
        self.letters.fetch_add(1, Ordering::AcqRel);
    }

    pub(super) fn refuse(&self, number: usize) {
        if let Some(reader) = self.readers.get(number) {
            count(&reader.refused);
        }
    }

    pub(super) fn open_line(&self) {
        let open = self.open.fetch_add(1, Ordering::AcqRel) + 1;
        self.most.fetch_max(open, Ordering::Relaxed);
    }

    pub(super) fn close_line(&self) {
        self.open.fetch_sub(1, Ordering::AcqRel);
    }
}

/// One more, up to 255; says how many it is now.
fn count(counter: &AtomicU8) -> u8 {
    let more = |known: u8| Some(known.saturating_add(1));
    let before = counter.fetch_update(Ordering::AcqRel, Ordering::Relaxed, more);
    before.unwrap_or(u8::MAX).saturating_add(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reader_is_counted_apart() {
        let truth = Truth::new(3);
        assert_eq!(truth.ask(Some(1)), Some((1, 1)));
        assert_eq!(truth.ask(Some(1)), Some((1, 2)));
        truth.take(1);
        truth.refuse(2);
        assert_eq!(truth.of(0), Some(Seen::default()));
        assert_eq!(truth.of(1), Some(Seen { taken: 1, refused: 0 }));
        assert_eq!(truth.of(2), Some(Seen { taken: 0, refused: 1 }));
        assert_eq!((truth.of(3), truth.letters()), (None, 1));
    }

    #[test]
    fn strangers_are_counted_together() {
        let truth = Truth::new(1);
        assert_eq!((truth.ask(None), truth.ask(Some(1))), (None, None));
        assert_eq!(truth.strangers(), 2);
    }

    #[test]
    fn a_counter_stops_at_its_end() {
        let truth = Truth::new(1);
        (0..300).for_each(|_| truth.take(0));
        assert_eq!(truth.of(0), Some(Seen { taken: 255, refused: 0 }));
        assert_eq!(truth.letters(), 300);
    }

    #[test]
    fn the_first_letter_of_a_round_is_remembered() {
        let truth = Truth::new(1);
        assert_eq!(truth.first_letter(), None);
        let begun = truth.begin_round();
        truth.take(0);
        assert!(truth.first_letter().is_some_and(|first| first + Duration::from_micros(1) >= begun));
        truth.begin_round();
        assert_eq!(truth.first_letter(), None);
    }
}
