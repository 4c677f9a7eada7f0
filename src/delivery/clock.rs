//! The clock of a run: the wall clock at its start and what has passed since, so that whoever turns the clock back
//! or forward meanwhile changes no lease and no timeout.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;

use super::stamp::Stamp;

/// How many times as fast the clocks of runs go. Only tests and rehearsals change it.
static SPEED: AtomicU32 = AtomicU32::new(1);

/// Lets the clocks of runs go faster, so that hours of waiting pass in seconds. Who calls this answers for it that no
/// letter reaches a reader meanwhile.
pub fn hasten(speed: u32) {
    SPEED.store(speed.max(1), Ordering::Relaxed);
}

/// A clock that never goes back.
#[derive(Debug, Clone, Copy)]
pub(super) struct RunClock {
    wall: i64,
    since: Instant,
}

impl RunClock {
    /// Starts at a moment, in milliseconds since 1970.
    pub(super) fn start(now: i64) -> Self {
        Self { wall: now, since: Instant::now() }
    }

    /// The moment it is, in milliseconds since 1970.
    pub(super) fn millis(&self) -> i64 {
        self.stamp().micros() / 1000
    }

    /// The moment it is.
    pub(super) fn stamp(&self) -> Stamp {
        Stamp::from_millis(self.wall).after(self.since.elapsed() * SPEED.load(Ordering::Relaxed))
    }
}
