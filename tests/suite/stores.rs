//! Stores to test on: SQLite always, PostgreSQL where `ROTATIVE_TEST_POSTGRES` names a server, and one that
//! fails on purpose.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use rotative::config::StoreUrl;
use rotative::store::ledger::{Clock, Ledger, ledger_connector};
use rotative::store::{
    Access, Checkpoint, Connect, Connection, Dialect, Row, Store, StoreError, Value, connector,
};
use tempfile::TempDir;

/// A store with nothing in it, and the folder it may lie in.
pub(crate) struct Fresh {
    pub(crate) name: &'static str,
    pub(crate) connect: Arc<dyn Connect>,
    pub(crate) url: StoreUrl,
    pub(crate) folder: TempDir,
}

impl Fresh {
    pub(crate) fn store(&self) -> Store {
        Store::over(Arc::clone(&self.connect)).expect("a store")
    }

    pub(crate) fn ledger_connect(&self) -> Arc<dyn Connect> {
        ledger_connector(&self.url, self.folder.path(), None).expect("a connector")
    }

    /// A ledger for any sender, beside the store; moments are those that the test gives.
    pub(crate) fn ledger(&self) -> Ledger {
        Ledger::over(self.ledger_connect(), Clock::Caller).expect("a ledger")
    }
}

/// An empty store of every kind there is on this machine.
pub(crate) fn all() -> Vec<Fresh> {
    std::iter::once(sqlite()).chain(postgres()).collect()
}

pub(crate) fn sqlite() -> Fresh {
    let folder = TempDir::new().expect("a folder");
    let url = StoreUrl::Sqlite("readers.db".into());
    let connect = connector(&url, folder.path(), None).expect("a connector");
    Fresh { name: "SQLite", connect, url, folder }
}

#[expect(clippy::disallowed_methods, reason = "the script that starts the server says where it is")]
pub(crate) fn postgres() -> Option<Fresh> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let server = std::env::var("ROTATIVE_TEST_POSTGRES").ok()?;
    let name = format!("t{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let mut client =
        postgres::Client::connect(&format!("{server}/postgres"), postgres::NoTls).expect("a server");
    client.batch_execute(&format!("CREATE DATABASE {name}")).expect("a database");
    let url = StoreUrl::Postgres(format!("{server}/{name}"));
    let connect = connector(&url, Path::new("/"), None).expect("a connector");
    Some(Fresh { name: "PostgreSQL", connect, url, folder: TempDir::new().expect("a folder") })
}

/// What goes wrong, at a statement that is counted down to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// A statement fails.
    Statement,
    /// The commit fails, and nothing is kept.
    Commit,
    /// The commit is done, but its answer is lost.
    Answer,
}

/// A store that fails once, when its countdown is over.
pub(crate) struct Faulty {
    pub(crate) inner: Arc<dyn Connect>,
    pub(crate) fault: Fault,
    pub(crate) countdown: Arc<AtomicI64>,
}

struct FaultyLine {
    inner: Box<dyn Connection>,
    fault: Fault,
    countdown: Arc<AtomicI64>,
}

impl Connect for Faulty {
    fn connect(&self, access: Access) -> Result<Box<dyn Connection>, StoreError> {
        let (inner, countdown) = (self.inner.connect(access)?, Arc::clone(&self.countdown));
        Ok(Box::new(FaultyLine { inner, fault: self.fault, countdown }))
    }

    fn writers(&self) -> usize {
        self.inner.writers()
    }
}

impl FaultyLine {
    fn strikes(&self, here: Fault) -> bool {
        self.fault == here && self.countdown.fetch_sub(1, Ordering::SeqCst) == 0
    }
}

fn fault() -> StoreError {
    StoreError::Unreachable("a fault on purpose".to_owned())
}

impl Connection for FaultyLine {
    fn dialect(&self) -> Dialect {
        self.inner.dialect()
    }

    fn begin(&mut self, access: Access) -> Result<(), StoreError> {
        self.inner.begin(access)
    }

    fn commit(&mut self) -> Result<(), StoreError> {
        if self.strikes(Fault::Commit) {
            self.inner.rollback()?;
            return Err(fault());
        }
        self.inner.commit()?;
        if self.strikes(Fault::Answer) { Err(fault()) } else { Ok(()) }
    }

    fn rollback(&mut self) -> Result<(), StoreError> {
        self.inner.rollback()
    }

    fn batch(&mut self, sql: &str) -> Result<(), StoreError> {
        self.inner.batch(sql)
    }

    fn execute(&mut self, sql: &str, values: &[Value<'_>]) -> Result<u64, StoreError> {
        if self.strikes(Fault::Statement) { Err(fault()) } else { self.inner.execute(sql, values) }
    }

    fn query(
        &mut self,
        sql: &str,
        values: &[Value<'_>],
        each: &mut dyn FnMut(&dyn Row) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        if self.strikes(Fault::Statement) { Err(fault()) } else { self.inner.query(sql, values, each) }
    }

    fn checkpoint(&mut self, when: Checkpoint) -> Result<(), StoreError> {
        self.inner.checkpoint(when)
    }

    fn integrity(&mut self) -> Result<Vec<String>, StoreError> {
        self.inner.integrity()
    }
}
