//! A moment on the clock of a run, and waiting times that chance spreads.

use std::time::Duration;

use chrono::{DateTime, Utc};

/// A moment, in microseconds since 1970. The caller brings it; within one run it should come from one clock that
/// never goes back, such as the wall clock at the start and what has passed since.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stamp(i64);

impl Stamp {
    /// So many microseconds after the beginning of 1970.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// So many milliseconds after the beginning of 1970.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis.saturating_mul(1000))
    }

    /// The microseconds since the beginning of 1970.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// The moment that much later.
    pub fn after(self, span: Duration) -> Self {
        Self(self.0.saturating_add(micros(span)))
    }

    /// How long ago another moment was; nothing if it is still to come.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

impl From<DateTime<Utc>> for Stamp {
    fn from(moment: DateTime<Utc>) -> Self {
        Self(moment.timestamp_micros())
    }
}

pub(super) fn micros(span: Duration) -> i64 {
    i64::try_from(span.as_micros()).unwrap_or(i64::MAX)
}

/// A waiting time up to a quarter longer, so that not everybody comes back at once. `chance` is any number.
pub(super) fn spread(base: Duration, chance: u64) -> Duration {
    let quarter = u64::try_from(micros(base) / 4).unwrap_or(0);
    base.saturating_add(Duration::from_micros(chance % (quarter + 1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_counted_in_microseconds() {
        let moment = Stamp::from_millis(1_000);
        assert_eq!(moment.after(Duration::from_millis(5)).micros(), 1_005_000);
        assert_eq!(moment.after(Duration::from_secs(2)).since(moment), Duration::from_secs(2));
        assert_eq!(moment.since(moment.after(Duration::from_secs(2))), Duration::ZERO);
        assert_eq!(moment.after(Duration::MAX).micros(), i64::MAX);
    }

    #[test]
    fn chance_adds_a_quarter_at_most() {
        let base = Duration::from_secs(300);
        for chance in [0, 1, 75_000_000, 75_000_001, u64::MAX] {
            assert!((base..=Duration::from_secs(375)).contains(&spread(base, chance)), "{chance}");
        }
        assert_eq!(spread(Duration::ZERO, 7), Duration::ZERO);
    }
}
