//! The accounts: what the ledger says of each reader beside what the relay did.

use std::fmt;

use crate::model::{DeliveryState, Tally, UncertainPolicy};

use super::truth::Seen;

/// How a rehearsal adds up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Accounts {
    /// How many readers the list had.
    pub readers: u64,
    /// What the ledger says.
    pub ledger: Tally,
    /// For how many readers the relay took a letter.
    pub taken: u64,
    /// Readers who got nothing and stand in no list.
    pub lost: u64,
    /// Letters beyond the first for the same reader.
    pub doubled: u64,
    /// Letters beyond the second.
    pub tripled: u64,
    /// The ledger says accepted, the relay took nothing.
    pub false_accepts: u64,
    /// The ledger says rejected, the relay never refused.
    pub false_rejects: u64,
    /// The relay took a letter of which the ledger knows nothing.
    pub unbooked: u64,
    /// Letters for nobody of the list.
    pub strangers: u64,
    /// The most that one kill left uncertain.
    pub most_uncertain: u64,
    /// How many lines there may be.
    pub connections: u64,
}

/// What must not be and is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    /// Readers were lost.
    Lost(u64),
    /// Readers got the issue more often than the policy allows.
    Doubled(u64),
    /// The ledger says accepted without reason.
    FalseAccepts(u64),
    /// The ledger says rejected without reason.
    FalseRejects(u64),
    /// The relay took what the ledger does not know.
    Unbooked(u64),
    /// Letters went to nobody of ours.
    Strangers(u64),
    /// A kill left more uncertain than there are lines.
    Uncertain(u64),
    /// The run is not over, or its sums disagree.
    Unbalanced,
}

impl Accounts {
    /// A list of so many readers, mailed over so many lines.
    pub fn new(readers: u64, connections: u64) -> Self {
        Self { readers, connections, ..Self::default() }
    }

    /// One recipient of the run.
    pub fn count(&mut self, state: DeliveryState, seen: Seen) {
        use DeliveryState as D;
        self.ledger.audience += 1;
        self.ledger.count(state, 1);
        let taken = u64::from(seen.taken);
        self.taken += taken.min(1);
        self.doubled += taken.saturating_sub(1);
        self.tripled += taken.saturating_sub(2);
        let known = matches!(state, D::Accepted | D::InFlight | D::Uncertain | D::Held);
        let listed = matches!(state, D::Rejected | D::Skipped | D::Expired | D::Held | D::Uncertain);
        self.lost += u64::from(taken == 0 && !listed);
        self.false_accepts += u64::from(taken == 0 && state == D::Accepted);
        self.false_rejects += u64::from(seen.refused == 0 && state == D::Rejected);
        self.unbooked += u64::from(taken > 0 && !known);
    }

    /// All recipients are counted: who of the list is not among them is lost.
    pub fn close(mut self, strangers: u64) -> Self {
        self.lost += self.readers.saturating_sub(self.ledger.audience);
        self.strangers = strangers;
        self
    }

    /// Everything that must not be, under a policy for letters whose answer was lost.
    pub fn wrongs(&self, policy: UncertainPolicy) -> Vec<Wrong> {
        // Whoever is tried once more may get two, and never three.
        let doubled = match policy {
            UncertainPolicy::Hold => self.doubled,
            UncertainPolicy::Resend => self.tripled,
        };
        // Left alone after two crashes: the relay may have either letter.
        let unbooked = match policy {
            UncertainPolicy::Hold => self.unbooked,
            UncertainPolicy::Resend => self.unbooked.saturating_sub(self.ledger.skipped),
        };
        let mut wrongs = Vec::new();
        for (count, wrong) in [
            (self.lost, Wrong::Lost as fn(u64) -> Wrong),
            (doubled, Wrong::Doubled),
            (self.false_accepts, Wrong::FalseAccepts),
            (self.false_rejects, Wrong::FalseRejects),
            (unbooked, Wrong::Unbooked),
            (self.strangers, Wrong::Strangers),
        ] {
            if count > 0 {
                wrongs.push(wrong(count));
            }
        }
        if self.most_uncertain > self.connections {
            wrongs.push(Wrong::Uncertain(self.most_uncertain));
        }
        if !self.ledger.is_balanced() || self.ledger.audience != self.readers {
            wrongs.push(Wrong::Unbalanced);
        }
        wrongs
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lost(count) => write!(f, "{count} readers got nothing and stand in no list"),
            Self::Doubled(count) => write!(f, "{count} letters are more than the policy allows"),
            Self::FalseAccepts(count) => write!(f, "{count} are accepted in the ledger and not by the relay"),
            Self::FalseRejects(count) => write!(f, "{count} are rejected in the ledger and not by the relay"),
            Self::Unbooked(count) => write!(f, "{count} were taken by the relay, which the ledger denies"),
            Self::Strangers(count) => write!(f, "{count} letters went to nobody of the list"),
            Self::Uncertain(count) => write!(f, "one kill left {count} uncertain, more than there are lines"),
            Self::Unbalanced => f.write_str("the sums do not agree"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use DeliveryState as D;

    fn accounts(rows: &[(DeliveryState, u8, u8)]) -> Accounts {
        let mut accounts = Accounts::new(rows.len() as u64, 4);
        rows.iter().for_each(|(state, taken, refused)| {
            accounts.count(*state, Seen { taken: *taken, refused: *refused });
        });
        accounts.close(0)
    }

    #[test]
    fn what_is_as_it_should_be_is_not_wrong() {
        let sound =
            [(D::Accepted, 1, 0), (D::Rejected, 0, 1), (D::Held, 1, 0), (D::Held, 0, 0), (D::Skipped, 0, 0)];
        let sums = accounts(&sound);
        assert_eq!((sums.taken, sums.ledger.held, sums.lost), (2, 2, 0));
        assert_eq!(sums.wrongs(UncertainPolicy::Hold), []);
    }

    #[test]
    fn every_wrong_is_found() {
        for (row, wrong) in [
            ((D::Accepted, 2, 0), Wrong::Doubled(1)),
            ((D::Rejected, 0, 0), Wrong::FalseRejects(1)),
            ((D::Skipped, 1, 0), Wrong::Unbooked(1)),
            ((D::Expired, 1, 0), Wrong::Unbooked(1)),
        ] {
            assert_eq!(accounts(&[row]).wrongs(UncertainPolicy::Hold), [wrong], "{row:?}");
        }
        let missing = accounts(&[(D::Accepted, 0, 0)]).wrongs(UncertainPolicy::Hold);
        assert_eq!(missing, [Wrong::Lost(1), Wrong::FalseAccepts(1)]);
        let open = accounts(&[(D::Pending, 0, 0)]).wrongs(UncertainPolicy::Hold);
        assert_eq!(open, [Wrong::Lost(1), Wrong::Unbalanced]);
        assert_eq!(
            Accounts::new(1, 1).close(2).wrongs(UncertainPolicy::Hold),
            [Wrong::Lost(1), Wrong::Strangers(2), Wrong::Unbalanced]
        );
        let many = Accounts { most_uncertain: 5, ..accounts(&[(D::Accepted, 1, 0)]) };
        assert_eq!(many.wrongs(UncertainPolicy::Hold), [Wrong::Uncertain(5)]);
    }

    #[test]
    fn a_letter_that_is_sent_again_may_come_twice_and_not_three_times() {
        assert_eq!(accounts(&[(D::Accepted, 2, 0)]).wrongs(UncertainPolicy::Resend), []);
        assert_eq!(accounts(&[(D::Accepted, 3, 0)]).wrongs(UncertainPolicy::Resend), [Wrong::Doubled(1)]);
    }
}
