//! What is sent at most once: the issue of a day, or the digest of the week that a day ends.

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::IssueDate;

/// Of which kind an issue is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum IssueKind {
    /// What appears on a day.
    Daily,
    /// The best of the week that ends on a day.
    Weekly,
}

/// A day and a kind of issue, written `2018-06-08` or `2018-06-09-weekly`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Slot {
    /// The day.
    pub date: IssueDate,
    /// The kind.
    pub kind: IssueKind,
}

/// A text that is no slot.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{0}` is neither a date nor a date and `-weekly`")]
pub struct SlotError(String);

impl Slot {
    /// The issue of a day.
    pub fn daily(date: IssueDate) -> Self {
        Self { date, kind: IssueKind::Daily }
    }

    /// The digest of the week that a day ends.
    pub fn weekly(date: IssueDate) -> Self {
        Self { date, kind: IssueKind::Weekly }
    }

    /// Reads `2018-06-08` or `2018-06-09-weekly`.
    pub fn parse(text: &str) -> Result<Self, SlotError> {
        let refused = |_| SlotError(text.to_owned());
        match text.strip_suffix("-weekly") {
            Some(date) => IssueDate::parse(date).map(Self::weekly).map_err(refused),
            None => IssueDate::parse(text).map(Self::daily).map_err(refused),
        }
    }
}

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            IssueKind::Daily => write!(f, "{}", self.date),
            IssueKind::Weekly => write!(f, "{}-weekly", self.date),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_is_read_as_it_is_written() {
        for text in ["2018-06-08", "2018-06-09-weekly"] {
            assert_eq!(Slot::parse(text).map(|slot| slot.to_string()), Ok(text.to_owned()));
        }
        assert!(Slot::parse("2018-06-09-monthly").is_err());
    }
}
