//! Why the ledger did not do what it was asked.

use std::path::PathBuf;

use thiserror::Error;

use super::super::connection::StoreError;

/// Why the ledger did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum LedgerError {
    /// The database did not do it.
    #[error("the ledger cannot be used")]
    Store(#[from] StoreError),
    /// There is none yet.
    #[error("there is no ledger yet: nothing has been approved or sent")]
    Missing,
    /// Another sender has it.
    #[error("another sender holds `{0}`; it is doing this work")]
    Held(PathBuf),
    /// A file beside it cannot be read or written.
    #[error("`{place}` cannot be used: {why}")]
    Unwritable {
        /// The file.
        place: PathBuf,
        /// What the system says.
        why: String,
    },
    /// It is not sound.
    #[error("the ledger `{place}` is damaged: {why}; nothing is sent from it")]
    Damaged {
        /// The file.
        place: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// It is a copy, or an older state of itself.
    #[error("the ledger `{place}` {why}; adopt it if it is to be used here")]
    Elsewhere {
        /// The file.
        place: PathBuf,
        /// What gives it away.
        why: String,
    },
    /// The disk is nearly full.
    #[error("`{place}` has {free} bytes left, {needed} are needed before anything is sent")]
    Full {
        /// The folder.
        place: PathBuf,
        /// What is left.
        free: u64,
        /// What must be.
        needed: u64,
    },
    /// Nothing has been approved for a day.
    #[error("nothing is approved for `{slot}` of the list `{list}`")]
    Unapproved {
        /// The list.
        list: String,
        /// The day.
        slot: String,
    },
}
