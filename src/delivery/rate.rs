//! How many letters may go: a rate (the generic cell rate algorithm), and a quota of any hour or day. Both are
//! written down before a letter that they let through is sent, so that a restart cannot double them.

use std::collections::VecDeque;
use std::time::Duration;

use super::stamp::{Stamp, micros};

/// A row that the ledger keeps for a bucket or for a part of a quota.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateRow {
    /// Which bucket, or which part of which quota.
    pub key: String,
    /// The theoretical arrival time of a bucket, or the beginning of a part, in microseconds since 1970.
    pub tat: i64,
    /// The microseconds between two letters, or the length of a part.
    pub interval_us: i64,
    /// How many letters may go at once, or have gone in a part.
    pub burst: i64,
}

/// Letters at a steady rate: in any window at most `rate × window + burst`.
#[derive(Debug, Clone)]
pub struct Bucket {
    tat: i64,
    interval: i64,
    burst: i64,
    /// What the ledger knows; ahead of the truth by a slice.
    written: i64,
    fresh: bool,
}

/// The part of a second for which a bucket is written down ahead: not every letter makes a row.
const SLICE: Duration = Duration::from_millis(250);

impl Bucket {
    /// Letters that follow each other after `interval`, or `burst` at once after a rest.
    pub fn new(interval_us: u64, burst: u32) -> Self {
        Self {
            tat: i64::MIN,
            interval: i64::try_from(interval_us).unwrap_or(i64::MAX).max(1),
            burst: i64::from(burst.max(1)),
            written: i64::MIN,
            fresh: false,
        }
    }

    /// Goes on from what was written down.
    pub fn resume(&mut self, row: &RateRow) {
        self.tat = row.tat;
        self.written = row.tat;
    }

    /// How long until `n` letters may go; `n` is at most the burst.
    pub fn wait(&mut self, now: Stamp, n: u32) -> Duration {
        if i64::from(n) > self.burst {
            return Duration::MAX;
        }
        // Beyond this the clock has gone back: what was let through then is still counted, but no more.
        self.tat = self.tat.min(self.furthest(now));
        let late = self.next(now, n).saturating_sub(self.furthest(now));
        Duration::from_micros(u64::try_from(late).unwrap_or(0))
    }

    /// Takes `n` letters, or says how long until they may go.
    pub fn take(&mut self, now: Stamp, n: u32) -> Result<(), Duration> {
        let wait = self.wait(now, n);
        if wait > Duration::ZERO {
            return Err(wait);
        }
        self.tat = self.next(now, n);
        if self.tat > self.written || self.written > self.furthest(now).saturating_add(micros(SLICE)) {
            self.written = self.tat.saturating_add(micros(SLICE));
            self.fresh = true;
        }
        Ok(())
    }

    /// What has to be written down before the letters taken so far are sent; nothing if it is.
    pub fn row(&mut self, key: &str) -> Option<RateRow> {
        std::mem::take(&mut self.fresh).then(|| RateRow {
            key: key.to_owned(),
            tat: self.written,
            interval_us: self.interval,
            burst: self.burst,
        })
    }

    fn next(&self, now: Stamp, n: u32) -> i64 {
        self.tat.max(now.micros()).saturating_add(self.interval.saturating_mul(i64::from(n)))
    }

    fn furthest(&self, now: Stamp) -> i64 {
        now.micros().saturating_add(self.interval.saturating_mul(self.burst))
    }
}

/// Over which span a quota holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span {
    /// Any sixty minutes, counted by the minute.
    Hour,
    /// Any 24 hours, counted by the quarter of an hour.
    Day,
}

/// A quota: no sliding hour or day holds more letters. Unlike a bucket it lets all of them go at once, because a
/// list that fits into the quota should not take the whole hour.
#[derive(Debug, Clone)]
pub struct Quota {
    span: Span,
    most: u64,
    /// Oldest first.
    parts: VecDeque<Part>,
    taken: u64,
    fresh: Vec<Part>,
}

/// Letters that went between two moments.
#[derive(Debug, Clone, Copy)]
struct Part {
    from: i64,
    taken: u64,
}

impl Span {
    /// Its length, and the length of the parts it is counted in, in microseconds.
    const fn lengths(self) -> (i64, i64) {
        const MINUTE: i64 = 60_000_000;
        match self {
            Self::Hour => (60 * MINUTE, MINUTE),
            Self::Day => (24 * 60 * MINUTE, 15 * MINUTE),
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
        }
    }
}

impl Quota {
    /// So many letters within any such span.
    pub fn new(span: Span, most: u32) -> Self {
        Self { span, most: u64::from(most.max(1)), parts: VecDeque::new(), taken: 0, fresh: Vec::new() }
    }

    /// Goes on from what was written down for `key`.
    pub fn resume<'a>(&mut self, key: &str, rows: impl IntoIterator<Item = &'a RateRow>) {
        let prefix = self.key(key, "");
        let mine = rows.into_iter().filter(|row| row.key.starts_with(&prefix) && row.burst > 0);
        let mut parts: Vec<Part> =
            mine.map(|row| Part { from: row.tat, taken: u64::try_from(row.burst).unwrap_or(0) }).collect();
        parts.sort_by_key(|part| part.from);
        self.taken = parts.iter().map(|part| part.taken).sum();
        self.parts = parts.into();
    }

    /// How many letters are left now.
    pub fn left(&mut self, now: Stamp) -> u64 {
        self.forget(now);
        self.most.saturating_sub(self.taken)
    }

    /// How long until one letter may go.
    pub fn wait(&mut self, now: Stamp) -> Duration {
        if self.left(now) > 0 {
            return Duration::ZERO;
        }
        let (span, length) = self.span.lengths();
        let mut rest = self.taken;
        for part in &self.parts {
            rest -= part.taken;
            if rest < self.most {
                return Stamp::from_micros(part.from.saturating_add(length + span)).since(now);
            }
        }
        Duration::ZERO
    }

    /// Takes one letter, or says how long until it may go.
    pub fn take(&mut self, now: Stamp) -> Result<(), Duration> {
        let wait = self.wait(now);
        if wait > Duration::ZERO {
            return Err(wait);
        }
        let from = self.current(now);
        match self.parts.back_mut().filter(|part| part.from == from) {
            Some(part) => part.taken += 1,
            None => self.parts.push_back(Part { from, taken: 1 }),
        }
        self.taken += 1;
        self.note(self.parts.len() - 1);
        Ok(())
    }

    /// What has to be written down before the letters taken so far are sent.
    pub fn rows(&mut self, key: &str, rows: &mut Vec<RateRow>) {
        let (span, length) = self.span.lengths();
        let mut fresh = std::mem::take(&mut self.fresh);
        // What was cleared first: its place may have been taken since.
        fresh.sort_by_key(|part| part.taken > 0);
        for part in fresh {
            // One row more than the span has parts: the oldest counts until it is wholly over.
            let place = part.from.div_euclid(length).rem_euclid(span / length + 1);
            rows.push(RateRow {
                key: self.key(key, &place.to_string()),
                tat: part.from,
                interval_us: length,
                burst: i64::try_from(part.taken).unwrap_or(i64::MAX),
            });
        }
    }

    fn key(&self, key: &str, place: &str) -> String {
        format!("{key}:{}:{place}", self.span.as_str())
    }

    fn current(&self, now: Stamp) -> i64 {
        let (_, length) = self.span.lengths();
        now.micros() - now.micros().rem_euclid(length)
    }

    /// Drops what is over; what lies in the future, because the clock has gone back, counts from now.
    fn forget(&mut self, now: Stamp) {
        let (span, length) = self.span.lengths();
        while let Some(part) = self.parts.front().filter(|part| part.from + length <= now.micros() - span) {
            self.taken -= part.taken;
            self.parts.pop_front();
        }
        let current = self.current(now);
        let mut ahead = 0;
        while let Some(part) = self.parts.back().filter(|part| part.from > current).copied() {
            ahead += part.taken;
            self.fresh.push(Part { taken: 0, ..part });
            self.parts.pop_back();
        }
        if ahead > 0 {
            match self.parts.back_mut().filter(|part| part.from == current) {
                Some(part) => part.taken += ahead,
                None => self.parts.push_back(Part { from: current, taken: ahead }),
            }
            self.note(self.parts.len() - 1);
        }
    }

    fn note(&mut self, at: usize) {
        let Some(part) = self.parts.get(at).copied() else { return };
        match self.fresh.iter_mut().find(|known| known.from == part.from) {
            Some(known) => *known = part,
            None => self.fresh.push(part),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_bucket_lets_a_burst_through_and_then_its_rate() {
        let mut bucket = Bucket::new(100_000, 3);
        let now = Stamp::from_millis(1_000_000);
        for _ in 0..3 {
            assert_eq!(bucket.take(now, 1), Ok(()));
        }
        assert_eq!(bucket.take(now, 1), Err(Duration::from_millis(100)));
        assert_eq!(bucket.take(now.after(Duration::from_millis(100)), 1), Ok(()));
        assert_eq!(bucket.take(now.after(SECOND), 3), Ok(()));
        assert_eq!(bucket.take(now.after(SECOND * 9), 4), Err(Duration::MAX));
    }

    #[test]
    fn a_bucket_is_written_down_a_slice_ahead() {
        let mut bucket = Bucket::new(10_000, 5);
        let mut now = Stamp::from_millis(1_000_000);
        let mut rows = 0;
        for _ in 0..100 {
            bucket.take(now, 1).expect("a letter");
            if let Some(row) = bucket.row("main") {
                rows += 1;
                assert!(row.tat >= now.micros() + 250_000);
            }
            now = now.after(Duration::from_millis(10));
        }
        assert!((3..=6).contains(&rows), "{rows}");
    }

    #[test]
    fn a_clock_that_goes_back_a_day_stops_nobody_for_a_day() {
        let (day, now) = (SECOND * 86_400, Stamp::from_millis(1_000_000_000));
        let mut bucket = Bucket::new(100_000, 1);
        bucket.take(now.after(day), 1).expect("a letter");
        assert_eq!(bucket.take(now, 1), Err(Duration::from_millis(100)));
        bucket.take(now.after(SECOND), 1).expect("a letter");
        assert!(bucket.row("main").is_some_and(|row| row.tat < now.after(SECOND * 2).micros()));
        let mut quota = Quota::new(Span::Hour, 1);
        quota.take(now.after(day)).expect("a letter");
        assert!(quota.wait(now) <= SECOND * 3660);
        assert!(quota.take(now.after(SECOND * 3660)).is_ok());
    }

    #[test]
    fn a_list_that_fits_into_the_quota_goes_at_once() {
        let mut quota = Quota::new(Span::Hour, 1000);
        let now = Stamp::from_millis(1_700_000_123_456);
        for _ in 0..1000 {
            quota.take(now).expect("a letter");
        }
        let wait = quota.take(now).expect_err("the quota is used up");
        assert!((SECOND * 3600..=SECOND * 3660).contains(&wait), "{wait:?}");
        assert!(quota.take(now.after(wait - Duration::from_micros(1))).is_err());
        assert!(quota.take(now.after(wait)).is_ok());
        assert_eq!(quota.left(now.after(wait)), 999);
    }

    #[test]
    fn a_restart_gives_no_second_quota() {
        let mut quota = Quota::new(Span::Day, 100);
        let mut ledger: Vec<RateRow> = Vec::new();
        let mut now = Stamp::from_millis(1_700_000_000_000);
        for _ in 0..100 {
            quota.take(now).expect("a letter");
            let mut rows = Vec::new();
            quota.rows("main", &mut rows);
            ledger.retain(|known| rows.iter().all(|row| row.key != known.key));
            ledger.extend(rows);
            now = now.after(SECOND * 60);
        }
        let mut again = Quota::new(Span::Day, 100);
        again.resume("main", &ledger);
        assert!(again.take(now).is_err());
        let mut other = Quota::new(Span::Day, 100);
        other.resume("mai", &ledger);
        assert_eq!(other.left(now), 100);
    }
}
