//! What is to be seen: the last good build, and what has been wrong since.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::build::{Board, Survey};
use crate::mail::Mail;
use crate::model::{IssueDate, Report, Slot};

/// The state of a preview. Each is complete; the next one takes its place.
#[derive(Debug, Clone)]
pub(super) struct State {
    /// Counts the states.
    pub(super) number: u64,
    /// The newsletter at a glance; `None` before it was first read.
    pub(super) survey: Option<Arc<Survey>>,
    /// The mails of the issues that somebody has opened, as last built without a fault.
    pub(super) proofs: BTreeMap<Slot, Arc<Proof>>,
    /// What the last good build pointed out.
    pub(super) warnings: Arc<Report>,
    /// Changes whenever a page of the web edition does; empty before the first good build.
    pub(super) site: String,
    /// Why the last build failed, if it did.
    pub(super) fault: Option<Fault>,
    /// The issues that the last build was asked for.
    pub(super) asked: BTreeSet<Slot>,
    /// The day of the next issue; `None` where none comes.
    pub(super) due: Option<IssueDate>,
    /// How that issue fills up.
    pub(super) board: Filling,
    /// How long the last good build took, in milliseconds.
    pub(super) took: u128,
    /// Why the files are looked through, instead of the system telling of changes.
    pub(super) looking: Option<String>,
}

/// The mail of an issue, as built.
#[derive(Debug)]
pub(super) struct Proof {
    /// Its HTML, text and facts.
    pub(super) mail: Mail,
    /// The sample letter, where the newsletter is mailed.
    pub(super) letter: Option<String>,
}

/// How the next issue fills up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Filling {
    /// Nobody has asked.
    Unknown,
    /// There is no next issue, or nothing of it can be read.
    Nothing,
    /// As the board shows it.
    Shown(Arc<Board>),
}

/// Why nothing was built.
#[derive(Debug, Clone)]
pub(super) enum Fault {
    /// The sources hold errors.
    Findings(Arc<Report>),
    /// The scratch folder could not be written.
    Output(String),
}

impl State {
    /// Before anything was read.
    pub(super) fn new() -> Self {
        Self {
            number: 0,
            survey: None,
            proofs: BTreeMap::new(),
            warnings: Arc::default(),
            site: String::new(),
            fault: None,
            asked: BTreeSet::new(),
            due: None,
            board: Filling::Unknown,
            took: 0,
            looking: None,
        }
    }

    /// Whether there is such an issue, as far as anybody knows.
    pub(super) fn may_have(&self, slot: Slot) -> bool {
        let has = |survey: &Arc<Survey>| survey.issues.iter().any(|issue| issue.slot == slot);
        // Nothing but the queue may fill it, and then it is made as soon as somebody opens it.
        let filling =
            self.is_next(slot) && matches!(&self.board, Filling::Shown(board) if board.number.is_some());
        self.survey.as_ref().is_none_or(has) || filling
    }

    /// Whether an issue is the next one.
    pub(super) fn is_next(&self, slot: Slot) -> bool {
        self.due.map(Slot::daily) == Some(slot)
    }

    /// Whether nothing better is to be expected for an issue.
    pub(super) fn is_settled(&self, slot: Slot) -> bool {
        self.asked.contains(&slot) || self.survey.is_none() && self.fault.is_some()
    }
}
