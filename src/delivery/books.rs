//! Book-keeping: what is written down, together, and what could not be.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use crate::store::ledger::{Ended, Ledger, LedgerError, Note, Noted};

use super::halt::{Brake, Halt};

/// Writes rows and remembers outcomes until they are durable: none is lost while the program lives, and at its end
/// what is left goes to the spill.
#[derive(Debug)]
pub(super) struct Books {
    ledger: Ledger,
    brake: Brake,
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    next: u64,
    outcomes: HashMap<u64, Vec<Ended>>,
}

impl Books {
    pub(super) fn new(ledger: Ledger, brake: Brake) -> Arc<Self> {
        Arc::new(Self { ledger, brake, open: Mutex::default() })
    }

    /// Writes rows and tells `done` once they are durable, or never will be.
    pub(super) fn write(
        self: &Arc<Self>,
        rows: Vec<Note>,
        done: impl FnOnce(Option<Noted>) + Send + 'static,
    ) {
        let outcomes: Vec<Ended> = rows.iter().filter_map(outcome).collect();
        let page = self.keep(outcomes);
        let books = Arc::clone(self);
        self.ledger.note(rows, move |result| done(books.written(page, result)));
    }

    fn keep(&self, outcomes: Vec<Ended>) -> u64 {
        let Ok(mut open) = self.open.lock() else { return 0 };
        open.next += 1;
        let page = open.next;
        if !outcomes.is_empty() {
            open.outcomes.insert(page, outcomes);
        }
        page
    }

    fn written(&self, page: u64, result: Result<Noted, LedgerError>) -> Option<Noted> {
        match result {
            Ok(noted) => {
                if let Ok(mut open) = self.open.lock() {
                    open.outcomes.remove(&page);
                }
                Some(noted)
            }
            Err(error) => {
                self.brake.pull(Halt::Ledger(error));
                None
            }
        }
    }

    /// Outcomes that are not durable. Once more they are offered to the ledger, and what it does not take is spilled.
    pub(super) fn close(&self, more: Vec<Ended>) -> Result<(), LedgerError> {
        let mut left: Vec<Ended> = match self.open.lock() {
            Ok(mut open) => open.outcomes.drain().flat_map(|(_, outcomes)| outcomes).collect(),
            Err(_) => Vec::new(),
        };
        left.extend(more);
        if left.is_empty() {
            return Ok(());
        }
        let rows = left.iter().cloned().map(Note::Outcome).collect();
        match self.ledger.note_now(rows) {
            Ok(_) => Ok(()),
            Err(error) => {
                self.ledger.spill(&left)?;
                Err(error)
            }
        }
    }
}

fn outcome(row: &Note) -> Option<Ended> {
    match row {
        Note::Outcome(ended) => Some(ended.clone()),
        Note::Begin(_) | Note::Skip { .. } => None,
    }
}
