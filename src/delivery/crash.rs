//! Places at which a test build ends as if the power had failed. In a release build there are none.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::model::EmailAddress;

/// A place in the life of a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CrashPoint {
    /// A chunk is claimed, nothing is begun.
    Claimed,
    /// The beginning of an attempt is not yet written down.
    BeforeBegin,
    /// It is, and the dot has not been sent.
    BeforeDot,
    /// The reply is there, the outcome is not yet written down.
    AfterReply,
    /// The outcome is.
    AfterOutcome,
    /// The end of a run is being settled.
    Settle,
    /// The letter of one recipient, whose local part begins with `panic`, is being made: this panics.
    Make,
}

struct Plan {
    point: CrashPoint,
    /// How many times the place is passed first.
    left: AtomicU64,
}

static PLAN: OnceLock<Plan> = OnceLock::new();

impl CrashPoint {
    fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "claimed" => Self::Claimed,
            "before-begin" => Self::BeforeBegin,
            "before-dot" => Self::BeforeDot,
            "after-reply" => Self::AfterReply,
            "after-outcome" => Self::AfterOutcome,
            "settle" => Self::Settle,
            "make" => Self::Make,
            _ => return None,
        })
    }
}

/// Plans a crash, written `before-dot` or `before-dot:17`: at the seventeenth time.
pub fn plan(text: &str) {
    let (word, times) = text.split_once(':').unwrap_or((text, "1"));
    if let (Some(point), Ok(times)) = (CrashPoint::parse(word), times.parse::<u64>()) {
        let _ = PLAN.set(Plan { point, left: AtomicU64::new(times) });
    }
}

/// Panics over the letter of a recipient if that is planned.
pub(super) fn over(address: &EmailAddress) {
    let planned = cfg!(debug_assertions) && PLAN.get().is_some_and(|plan| plan.point == CrashPoint::Make);
    assert!(!(planned && address.local().starts_with("panic")), "planned");
}

/// Ends the program here if that is planned.
pub(super) fn here(point: CrashPoint) {
    if !cfg!(debug_assertions) {
        return;
    }
    if let Some(plan) = PLAN.get().filter(|plan| plan.point == point)
        && plan.left.fetch_sub(1, Ordering::SeqCst) == 1
    {
        std::process::abort();
    }
}
