//! The press of the preview: builds into the scratch folder whenever something has changed, and says what came out.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::Instant;

use tokio::sync::watch;

use crate::build::{self, BuildError, BuildReport, Filling, MANIFEST, Order, Which};
use crate::issue::Drafts;
use crate::model::{Report, Slot, sha256};

use super::Edges;
use super::burst::{self, Burst, Change};
use super::state::{self, Fault, Proof, State};
use super::watch::Watch;

/// The thread that builds.
pub(super) struct Press {
    pub(super) root: PathBuf,
    pub(super) out: PathBuf,
    pub(super) watch: Watch,
    pub(super) changes: Receiver<Change>,
    pub(super) state: watch::Sender<Arc<State>>,
    pub(super) edges: Edges,
    /// Whether the board is kept new: from the first time somebody looks at it.
    pub(super) board: Watched,
    /// The issues that are built, the last one opened last.
    pub(super) open: Vec<Slot>,
}

/// Whether somebody looks at something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Watched {
    Not,
    Watched,
}

/// How many issues have their mail built: those that were opened last. More than there are windows on a desk, or
/// they would drive each other out for ever.
const OPEN: usize = 64;
/// The rule of a build that was asked for an issue that is not there.
const GONE: &str = "no-issue";

impl Press {
    /// Builds until the preview ends.
    pub(super) fn run(mut self) {
        self.note_watch();
        let filling = (self.edges.filling)(&self.root);
        self.survey(&filling);
        self.note_next(&filling);
        let newest = self.survey_now().and_then(|survey| survey.issues.first().map(|issue| issue.slot));
        self.open.extend(newest);
        self.print();
        while let Some(burst) = burst::next(&self.changes) {
            if burst.end {
                return;
            }
            self.turn(burst);
        }
    }

    fn turn(&mut self, burst: Burst) {
        if let Some(why) = &burst.lost {
            self.watch.look(why);
        }
        if burst.folder {
            self.watch.again();
        }
        self.note_watch();
        let known = self.state.borrow().asked.clone();
        let fresh = burst.opened.iter().any(|slot| !known.contains(slot));
        for slot in burst.opened {
            self.open.retain(|other| *other != slot);
            self.open.push(slot);
        }
        self.open.drain(..self.open.len().saturating_sub(OPEN));
        let board = burst.board && (self.board == Watched::Not || self.is_past());
        if burst.board {
            self.board = Watched::Watched;
        }
        if burst.files || fresh {
            self.print();
        } else if board {
            self.note_next(&(self.edges.filling)(&self.root));
        }
    }

    /// Builds, and surveys what a build does not tell: the pages need not wait for that.
    fn print(&mut self) {
        let asked = self.open.iter().copied().collect::<BTreeSet<Slot>>();
        let filling = (self.edges.filling)(&self.root);
        let knows =
            |survey: &build::Survey, slot: &Slot| survey.issues.iter().any(|issue| issue.slot == *slot);
        let known = self.survey_now();
        if known.is_some_and(|survey| self.open.iter().any(|slot| !knows(&survey, slot))) {
            // What only the queue fills is known to no survey before somebody opens it.
            self.survey(&filling);
        }
        let mut built = self.build(&filling);
        if built.as_ref().is_err_and(is_gone)
            && let Ok(now) = build::survey(&self.root, &[], &Filling::default())
        {
            self.open.retain(|slot| now.issues.iter().any(|issue| issue.slot == *slot));
            built = self.build(&filling);
        }
        match built {
            Ok((report, took)) => self.built(report, took, asked),
            Err(error) => self.failed(error, asked),
        }
        self.survey(&filling);
        self.note_next(&filling);
    }

    fn build(&self, filling: &Filling) -> Result<(BuildReport, u128), BuildError> {
        let which = Which::These(self.open.clone());
        let order = Order { drafts: Drafts::Included, filling: filling.clone(), ..which.into() };
        let start = Instant::now();
        let built = build::build(&self.root, &order, &self.out, &|_, _| {});
        let took = start.elapsed().as_millis();
        built.map(|report| (report, took))
    }

    fn failed(&self, error: BuildError, asked: BTreeSet<Slot>) {
        let fault = match error {
            BuildError::Findings(report) => {
                (self.edges.report)(&report);
                Fault::Findings(Arc::new(report))
            }
            BuildError::Output(error) => {
                (self.edges.say)(&format!("nothing was built: {error}"));
                Fault::Output(error.to_string())
            }
        };
        self.publish(|state| State { fault: Some(fault), asked, ..state.clone() });
    }

    fn built(&self, report: BuildReport, took: u128, asked: BTreeSet<Slot>) {
        let proofs = self.proofs();
        let site = fs::read(self.out.join(MANIFEST)).map(|bytes| sha256(&bytes)).unwrap_or_default();
        let warnings = report.warnings.findings().len();
        let found = if warnings == 1 { "1 warning".to_owned() } else { format!("{warnings} warnings") };
        (self.edges.say)(&format!("built in {took} ms, {found}"));
        self.publish(|state| State {
            proofs,
            site,
            took,
            warnings: Arc::new(report.warnings),
            fault: None,
            asked,
            ..state.clone()
        });
    }

    /// The mails of the last build, read back.
    fn proofs(&self) -> BTreeMap<Slot, Arc<Proof>> {
        let proof = |slot: Slot| {
            let mail = build::read_mail(&self.out, slot).ok()?;
            let letter = fs::read(self.out.join(format!("mail/{slot}/mail.eml"))).ok();
            let letter = letter.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
            Some((slot, Arc::new(Proof { mail, letter })))
        };
        self.open.iter().filter_map(|slot| proof(*slot)).collect()
    }

    fn survey(&self, filling: &Filling) {
        match build::survey(&self.root, &self.open, filling) {
            Ok(survey) => {
                let before = self.survey_now();
                let broken = survey.faults.has_errors();
                let better = before.as_deref().is_none_or(|before| *before != survey && !broken);
                if better {
                    self.publish(|state| State { survey: Some(Arc::new(survey)), ..state.clone() });
                }
            }
            Err(report) => self.unreadable(report),
        }
    }

    /// The settings cannot be read: a build says so too, but before the first one nobody else does.
    fn unreadable(&self, report: Report) {
        if self.state.borrow().fault.is_none() {
            self.publish(|state| State { fault: Some(Fault::Findings(Arc::new(report))), ..state.clone() });
        }
    }

    fn survey_now(&self) -> Option<Arc<build::Survey>> {
        self.state.borrow().survey.clone()
    }

    /// Whether another issue has become the next one.
    fn is_past(&self) -> bool {
        (self.edges.next)(&self.root) != self.state.borrow().due
    }

    /// Which issue is the next one, and how it fills up.
    fn note_next(&self, filling: &Filling) {
        let due = (self.edges.next)(&self.root);
        let order = Order { drafts: Drafts::Included, filling: filling.clone(), ..Which::Newest.into() };
        let board = match (self.board, due) {
            (Watched::Not, _) => state::Filling::Unknown,
            (Watched::Watched, None) => state::Filling::Nothing,
            (Watched::Watched, Some(date)) => build::board(&self.root, Some(date), &order, self.edges.today)
                .map_or(state::Filling::Nothing, |board| state::Filling::Shown(Arc::new(board))),
        };
        let known = Arc::clone(&self.state.borrow());
        if known.due != due || known.board != board {
            self.publish(|state| State { due, board, ..state.clone() });
        }
    }

    fn note_watch(&self) {
        let looking = self.watch.looking().map(str::to_owned);
        if self.state.borrow().looking != looking {
            if let Some(why) = &looking {
                (self.edges.say)(&format!("changes are looked for again and again: {why}"));
            }
            self.publish(|state| State { looking, ..state.clone() });
        }
    }

    fn publish(&self, next: impl FnOnce(&State) -> State) {
        let now = Arc::clone(&self.state.borrow());
        let mut next = next(&now);
        next.number = now.number + 1;
        self.state.send_replace(Arc::new(next));
    }
}

/// Whether a build failed because an issue that was open is not there any more.
fn is_gone(error: &BuildError) -> bool {
    matches!(error, BuildError::Findings(report) if report.findings().iter().any(|finding| finding.rule == GONE))
}
