//! A line to a database: statements with numbered places (`?1`) in, rows out.

use thiserror::Error;

/// What fills a place of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value<'a> {
    /// A whole number.
    Int(i64),
    /// A text.
    Text(&'a str),
}

/// One row of an answer; columns count from 0.
pub trait Row {
    /// A column of whole numbers.
    fn int(&self, column: usize) -> Result<i64, StoreError>;
    /// A column of texts.
    fn text(&self, column: usize) -> Result<String, StoreError>;
}

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// One consistent view.
    Read,
    /// One consistent view for as long as it takes: who reads may be a slow file or a person.
    Stream,
    /// A transaction that nothing comes between.
    Write,
}

/// When a checkpoint is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Checkpoint {
    /// Between two transactions: what can be moved is.
    Now,
    /// At the end: the file shall be whole by itself.
    AtTheEnd,
    /// After something was deleted: no older state of a page shall stay in the log.
    Purge,
}

/// Which database it is, where that matters: in the types of the tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// SQLite.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

/// A line to a database.
pub trait Connection: Send {
    /// Which database it is.
    fn dialect(&self) -> Dialect;
    /// Begins a transaction.
    fn begin(&mut self, access: Access) -> Result<(), StoreError>;
    /// Ends it; when this says `Ok`, its rows survive a loss of power.
    fn commit(&mut self) -> Result<(), StoreError>;
    /// Ends it as if it had never begun.
    fn rollback(&mut self) -> Result<(), StoreError>;
    /// Several statements without places or answers.
    fn batch(&mut self, sql: &str) -> Result<(), StoreError>;
    /// Runs a statement and says how many rows it changed.
    fn execute(&mut self, sql: &str, values: &[Value<'_>]) -> Result<u64, StoreError>;
    /// Runs a statement and hands over its rows one by one.
    fn query(
        &mut self,
        sql: &str,
        values: &[Value<'_>],
        each: &mut dyn FnMut(&dyn Row) -> Result<(), StoreError>,
    ) -> Result<(), StoreError>;
    /// Moves what has been committed to where it belongs, for a database that leaves the moment to its writer.
    fn checkpoint(&mut self, _when: Checkpoint) -> Result<(), StoreError> {
        Ok(())
    }
    /// What is wrong with the database's own files.
    fn integrity(&mut self) -> Result<Vec<String>, StoreError>;
}

/// Why the store did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum StoreError {
    /// It cannot be opened or reached.
    #[error("the store cannot be reached: {0}")]
    Unreachable(String),
    /// It is there but did not do it; trying again may help.
    #[error("the store is busy: {0}")]
    Busy(String),
    /// It refused.
    #[error("the store refused: {0}")]
    Refused(String),
    /// What it holds makes no sense.
    #[error("the store is damaged: {0}")]
    Damaged(String),
    /// It was made by a newer program.
    #[error("the store has the tables of version {found}, this program knows {known}")]
    Newer {
        /// Of the store.
        found: i64,
        /// Of this program.
        known: i64,
    },
    /// It has been closed.
    #[error("the store is closed")]
    Closed,
    /// A transaction could not be ended, and nobody knows what of it is on the disk.
    #[error("the store is not written to any more: {0}")]
    Broken(String),
}

impl StoreError {
    /// Whether the same work may succeed when it is done again at once.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Busy(_))
    }
}
