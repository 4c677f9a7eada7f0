//! One issue mailed to one list: how far that has come, and how its recipients add up.

use super::{DeliveryState, words::words};

/// What becomes of a recipient whose answer was lost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum UncertainPolicy {
    /// Never repeated; the publisher has it on a list.
    #[default]
    Hold,
    /// Repeated once, at the end of the run.
    Resend,
}

/// Why a recipient is not mailed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SkipReason {
    /// The reader left after the audience was fixed.
    Unsubscribed,
    /// The address is not to be mailed any more.
    Suppressed,
    /// The reader asked to be forgotten.
    Erased,
    /// The address is none, or no relay of ours takes its kind.
    Invalid,
    /// The address stands on the list twice.
    Duplicate,
    /// Twice the program ended while this letter was under way.
    Quarantined,
}

/// How far a run has come.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum RunState {
    /// Letters leave, or will when somebody sends.
    Running,
    /// Stopped, and why; it may go on.
    Paused(String),
    /// Everybody is accounted for.
    Done,
    /// Its time was over before anything was sent.
    Expired,
    /// Called off.
    Cancelled,
    /// Left unfinished by a ledger that was copied or restored.
    Closed,
    /// The sums do not agree.
    Unbalanced,
}

/// How the recipients of a run add up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many there are.
    pub audience: u64,
    /// The relay has it.
    pub accepted: u64,
    /// The relay refuses it.
    pub rejected: u64,
    /// Not to be mailed.
    pub skipped: u64,
    /// Too late.
    pub expired: u64,
    /// Uncertain for good.
    pub held: u64,
    /// The answer was lost.
    pub uncertain: u64,
    /// To be tried again.
    pub deferred: u64,
    /// Nothing has been sent.
    pub pending: u64,
    /// An attempt is under way.
    pub in_flight: u64,
}

words! {
    UncertainPolicy { Hold = "hold", Resend = "resend" }
    SkipReason {
        Unsubscribed = "unsubscribed", Suppressed = "suppressed", Erased = "erased", Invalid = "invalid",
        Duplicate = "duplicate", Quarantined = "quarantined"
    }
}

impl RunState {
    /// The word that tables and programs use.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Paused(_) => "paused",
            Self::Done => "done",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
            Self::Closed => "closed",
            Self::Unbalanced => "unbalanced",
        }
    }

    /// Reads that word; a pause also has a reason.
    pub fn parse(word: &str, reason: String) -> Option<Self> {
        Some(match word {
            "running" => Self::Running,
            "paused" => Self::Paused(reason),
            "done" => Self::Done,
            "expired" => Self::Expired,
            "cancelled" => Self::Cancelled,
            "closed" => Self::Closed,
            "unbalanced" => Self::Unbalanced,
            _ => return None,
        })
    }

    /// Whether nothing more will be sent.
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Done | Self::Expired | Self::Cancelled | Self::Closed)
    }
}

impl Tally {
    /// Counts `many` recipients in a state.
    pub fn count(&mut self, state: DeliveryState, many: u64) {
        *match state {
            DeliveryState::Pending => &mut self.pending,
            DeliveryState::InFlight => &mut self.in_flight,
            DeliveryState::Deferred => &mut self.deferred,
            DeliveryState::Uncertain => &mut self.uncertain,
            DeliveryState::Accepted => &mut self.accepted,
            DeliveryState::Rejected => &mut self.rejected,
            DeliveryState::Skipped => &mut self.skipped,
            DeliveryState::Held => &mut self.held,
            DeliveryState::Expired => &mut self.expired,
        } += many;
    }

    /// Those of whom nothing more is expected.
    pub fn finished(&self) -> u64 {
        self.accepted + self.rejected + self.skipped + self.expired + self.held
    }

    /// Whether everybody is in a final state: the identity that ends a run.
    pub fn is_balanced(&self) -> bool {
        self.audience == self.finished() && self.open() == 0
    }

    /// Those of whom something is still expected.
    pub fn open(&self) -> u64 {
        self.uncertain + self.deferred + self.pending + self.in_flight
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_balanced_when_everybody_is_in_a_final_state() {
        let mut tally = Tally { audience: 3, ..Tally::default() };
        tally.count(DeliveryState::Accepted, 2);
        tally.count(DeliveryState::Uncertain, 1);
        assert!(!tally.is_balanced());
        let tally = Tally { uncertain: 0, held: 1, ..tally };
        assert!(tally.is_balanced());
        assert!(!Tally { audience: 4, ..tally }.is_balanced());
    }

    #[test]
    fn a_state_is_read_as_it_is_written() {
        for state in [RunState::Running, RunState::Paused("why".to_owned()), RunState::Closed] {
            assert_eq!(RunState::parse(state.as_str(), "why".to_owned()), Some(state));
        }
    }
}
