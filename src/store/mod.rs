//! Readers, their consent, what is owed to them and the ledger of what was mailed, in SQLite or PostgreSQL: rows in,
//! rows out.
//!
//! Never knows: why a row is written; decisions live above, states in `model`.
//!
//! SQLite writes through one thread that commits whatever has gathered in one go, so that a thousand small
//! writes cost a few waits for the disk and not a thousand. PostgreSQL does that itself, over several connections.
//! The statements are the same for both.

mod connection;
mod dump;
mod erasure;
mod journal;
pub mod ledger;
mod limits;
mod migrations;
mod outbox;
mod postgres;
mod readers;
mod sqlite;
mod transaction;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use crate::config::StoreUrl;
use crate::config::env::Secret;

pub use connection::{Access, Checkpoint, Connection, Dialect, Row, StoreError, Value};
pub use dump::Filling;
pub use erasure::{Erased, Erasure};
pub use journal::{Event, StatementId};
pub use limits::{AskLimits, Rate, TellLimits};
pub use outbox::{Letter, LetterKind, Request};
pub use readers::{Choice, Filter, Suppression};
pub use transaction::Transaction;
pub use writer::Connect;

use migrations::Schema;
use writer::{Failing, Writer};

/// A store, open. Clones share its connections.
#[derive(Clone)]
pub struct Store {
    connect: Arc<dyn Connect>,
    /// None where nothing may be written.
    writer: Option<Arc<Writer>>,
    readers: Arc<Mutex<Vec<Box<dyn Connection>>>>,
}

impl Store {
    /// Opens the store that the settings name, makes it where there is none, and brings its tables up to date.
    /// A relative file lies under `root`.
    pub fn open(url: &StoreUrl, root: &Path, password: Option<Secret>) -> Result<Self, StoreError> {
        Self::over(connector(url, root, password)?)
    }

    /// A store over connections of any make, its tables brought up to date.
    pub fn over(connect: Arc<dyn Connect>) -> Result<Self, StoreError> {
        Self::of(connect, &migrations::READERS, Failing::Reconnects)
    }

    /// A store of any tables.
    fn of(connect: Arc<dyn Connect>, schema: &Schema, failing: Failing) -> Result<Self, StoreError> {
        let mut connection = connect.connect(Access::Write)?;
        migrations::migrate(connection.as_mut(), schema)?;
        let writer = Writer::start(Arc::clone(&connect), connection, failing)?;
        Ok(Self { connect, writer: Some(Arc::new(writer)), readers: Arc::default() })
    }

    /// A store that is only read; its tables stay as they are.
    fn read_only(connect: Arc<dyn Connect>) -> Self {
        Self { connect, writer: None, readers: Arc::default() }
    }

    /// Does some work in a transaction and waits until it is durable. The work may be done twice when the
    /// database asks for it, so it must depend on nothing but the rows and what it is given.
    pub fn write<T: Send + 'static>(
        &self,
        work: impl FnMut(&mut Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (tell, told) = std::sync::mpsc::sync_channel(1);
        self.submit(work, move |result| {
            let _ = tell.send(result);
        });
        told.recv().unwrap_or_else(|_| Err(StoreError::Closed))
    }

    /// The same without waiting: `done` is told once the work is durable, or why it is not.
    pub fn submit<T: Send + 'static>(
        &self,
        work: impl FnMut(&mut Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
        done: impl FnOnce(Result<T, StoreError>) + Send + 'static,
    ) {
        match &self.writer {
            Some(writer) => writer.submit(work, done),
            None => done(Err(StoreError::Closed)),
        }
    }

    /// Reads in one consistent view.
    pub fn read<T>(
        &self,
        work: impl FnOnce(&mut Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.view(Access::Read, work)
    }

    /// The same for as long as it takes: for whoever hands on row by row.
    pub fn stream<T>(
        &self,
        work: impl FnOnce(&mut Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.view(Access::Stream, work)
    }

    fn view<T>(
        &self,
        access: Access,
        work: impl FnOnce(&mut Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let idle = self.readers.lock().map_err(|_| StoreError::Closed)?.pop();
        let mut connection = match idle {
            Some(connection) => connection,
            None => self.connect.connect(Access::Read)?,
        };
        connection.begin(access)?;
        let result = work(&mut Transaction::new(connection.as_mut()));
        let ended = connection.rollback();
        // A connection that failed is not used again.
        if result.is_ok() && ended.is_ok() {
            let mut readers = self.readers.lock().map_err(|_| StoreError::Closed)?;
            if readers.len() < IDLE_READERS {
                readers.push(connection);
            }
        }
        result
    }

    /// Makes sure that what was deleted stands in no file of the database any more; busy while somebody reads an
    /// older view.
    pub fn purge(&self) -> Result<(), StoreError> {
        self.connect.connect(Access::Write)?.checkpoint(Checkpoint::Purge)
    }

    /// Whether the database says that its files are whole.
    pub fn integrity(&self) -> Result<Vec<String>, StoreError> {
        self.connect.connect(Access::Read)?.integrity()
    }
}

/// Makes connections to the store that the settings name; the file of a new one is made now.
pub fn connector(
    url: &StoreUrl,
    root: &Path,
    password: Option<Secret>,
) -> Result<Arc<dyn Connect>, StoreError> {
    Ok(match url {
        StoreUrl::Sqlite(file) => {
            let file = root.join(file);
            sqlite::create(&file)?;
            Arc::new(sqlite::File::readers(file))
        }
        StoreUrl::Postgres(url) => Arc::new(postgres::Server::new(url, password)?),
    })
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Store")
    }
}

const IDLE_READERS: usize = 8;

/// Where a store of the settings lies, as people read it.
pub fn place(url: &StoreUrl, root: &Path) -> String {
    match url {
        StoreUrl::Sqlite(file) => PathBuf::from(root).join(file).display().to_string(),
        StoreUrl::Postgres(url) => postgres::place(url),
    }
}
