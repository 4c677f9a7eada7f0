//! When a deferred letter is tried again.

use std::time::Duration;

use super::stamp::{Stamp, spread};

/// Whether a letter is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// Not before this moment.
    At(Stamp),
    /// No more: the next time would lie behind the deadline.
    Never,
}

/// The shortest wait; never sooner than a minute for one destination (RFC 5321, section 4.5.4.1, wants longer).
const SHORTEST: Duration = Duration::from_secs(300);
const LONGEST: Duration = Duration::from_secs(4000);

/// When to try again after `now`: after as long as has passed since the first attempt, within limits, and up to a
/// quarter longer by `chance`, which is any number.
pub fn retry(first: Stamp, now: Stamp, deadline: Stamp, chance: u64) -> Retry {
    let wait = spread(now.since(first).clamp(SHORTEST, LONGEST), chance);
    let next = now.after(wait);
    if next > deadline { Retry::Never } else { Retry::At(next) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Stamp = Stamp::from_millis(1_000_000);
    const FAR: Stamp = Stamp::from_millis(i64::MAX / 1000);

    fn wait(age: u64) -> u64 {
        let now = FIRST.after(Duration::from_secs(age));
        match retry(FIRST, now, FAR, 0) {
            Retry::At(next) => next.since(now).as_secs(),
            Retry::Never => panic!("no more"),
        }
    }

    #[test]
    fn waits_grow_with_the_age_of_the_first_attempt() {
        assert_eq!([0, 299, 300, 1000, 4000, 40_000].map(wait), [300, 300, 300, 1000, 4000, 4000]);
    }

    #[test]
    fn nothing_is_tried_behind_the_deadline() {
        let deadline = FIRST.after(SHORTEST);
        assert_eq!(retry(FIRST, FIRST, deadline, 0), Retry::At(deadline));
        assert_eq!(retry(FIRST, FIRST, deadline, 1), Retry::Never);
    }

    #[test]
    fn a_clock_that_went_back_shortens_no_wait() {
        let now = Stamp::from_millis(0);
        assert_eq!(retry(FIRST, now, FAR, 0), Retry::At(now.after(SHORTEST)));
    }
}
