//! The ledger: what was approved, to whom it goes, each attempt before its last byte leaves, and what became of it.
//!
//! Rows about recipients are only ever added, each under a key that its writer makes, so that whoever does not know
//! whether a row was kept writes it again. Where a recipient stands is what its rows add up to
//! ([`DeliveryState::fold`](crate::model::DeliveryState::fold)). With SQLite the ledger is a file of its own beside
//! that of the readers, so that sending and answering readers never wait for each other. All moments are in
//! milliseconds since 1970.

mod approval;
mod bucket;
mod chunk;
mod claim;
mod error;
mod files;
mod history;
mod note;
mod open;
mod reader;
mod recovery;
mod run;
mod settlement;
mod spill;
mod tally;

use std::sync::Arc;

use super::connection::{Dialect, StoreError};
use super::transaction::{Transaction, number, stored};
use super::{Connect, Failing, Store, migrations};

use files::{Files, Lock};

pub use approval::{Approval, Pinned};
pub use bucket::Bucket;
pub use claim::{Claim, Claimed, Due, Held};
pub use error::LedgerError;
pub use files::Floor;
pub use note::{Begun, Ended, Note, Noted};
pub use open::{Purpose, ledger_connector};
pub use recovery::Recovered;
pub use run::{Plan, Run};
pub use settlement::{Settlement, Whom};
pub use tally::{DomainTally, Listed};

/// The ledger, open. Clones share it.
#[derive(Clone)]
pub struct Ledger {
    store: Store,
    clock: Clock,
    files: Option<Arc<Files>>,
    floor: Floor,
    /// Held by a sender on SQLite.
    lock: Option<Arc<Lock>>,
}

/// Whose clock decides about leases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    /// That of who calls: there is one sender.
    Caller,
    /// That of the database: senders may disagree about the time.
    Database,
}

/// The number of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunId(i64);

impl Ledger {
    /// A ledger over connections of any make, its tables brought up to date. After a commit that failed, SQLite
    /// is not written to any more.
    pub fn over(connect: Arc<dyn Connect>, clock: Clock) -> Result<Self, LedgerError> {
        let store = Store::of(connect, &migrations::LEDGER, Failing::Breaks)?;
        Ok(Self { store, clock, files: None, floor: Floor::default(), lock: None })
    }

    /// Refuses when the disk is nearly full; a sender asks now and then.
    pub fn check_room(&self) -> Result<(), LedgerError> {
        self.files.as_ref().map_or(Ok(()), |files| files.check_room(self.floor))
    }

    fn write<T: Send + 'static>(
        &self,
        work: impl FnMut(&mut Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, LedgerError> {
        Ok(self.store.write(work)?)
    }

    fn read<T>(
        &self,
        work: impl FnOnce(&mut Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, LedgerError> {
        Ok(self.store.read(work)?)
    }
}

impl Clock {
    /// The moment it is, when the caller says it is `now`.
    fn moment(self, transaction: &mut Transaction<'_>, now: i64) -> Result<i64, StoreError> {
        if self == Self::Caller || transaction.dialect() == Dialect::Sqlite {
            return Ok(now);
        }
        let sql = "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)";
        Ok(transaction.first(sql, &[], |row| row.int(0))?.unwrap_or(now))
    }
}

impl std::fmt::Display for RunId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::fmt::Debug for Ledger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ledger")
    }
}

/// Lets approvals and beginnings of runs happen one after the other; on SQLite all writing does.
fn in_turn(transaction: &mut Transaction<'_>) -> Result<(), StoreError> {
    match transaction.dialect() {
        Dialect::Sqlite => Ok(()),
        Dialect::Postgres => transaction.query("SELECT pg_advisory_xact_lock(7602102)", &[], |_| Ok(())),
    }
}

/// A small number of a column.
fn small(value: i64) -> Result<u32, StoreError> {
    u32::try_from(value).map_err(|_| StoreError::Damaged(format!("the number {value} is too large")))
}
