//! Opening a ledger: to look, to change a word, or to send, which only one may and only where the ledger belongs.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use crate::config::StoreUrl;
use crate::config::env::Secret;
use crate::model::RunState;

use super::super::connection::{Access, StoreError, Value};
use super::super::transaction::Transaction;
use super::super::{Connect, Failing, Store, connector, migrations, sqlite};
use super::files::{Files, Floor, Lock, sync_folder};
use super::{Clock, Ledger, LedgerError, Settlement};

/// What a ledger is opened for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Purpose {
    /// To read, also while a sender runs.
    Look,
    /// To approve, call off, bring evidence, forget; also while a sender runs.
    Change,
    /// To send: nobody else may at the same time.
    Send {
        /// What tells this machine from all others.
        machine: String,
        /// How much room must be left.
        floor: Floor,
    },
    /// To send from a copy or a restored ledger. Whatever it had not finished is closed: nobody can know what was
    /// sent after the copy was made.
    Adopt {
        /// What tells this machine from all others.
        machine: String,
        /// How much room must be left.
        floor: Floor,
        /// The moment it is.
        at: i64,
    },
}

/// The largest file that is read through before it is used.
const READ_THROUGH: u64 = 200 * 1024 * 1024;

impl Ledger {
    /// Opens the ledger of the store that the settings name. A relative file lies under `root`.
    pub fn open(
        url: &StoreUrl,
        root: &Path,
        password: Option<Secret>,
        purpose: &Purpose,
    ) -> Result<Self, LedgerError> {
        match url {
            StoreUrl::Sqlite(file) => Self::open_file(&root.join(file), purpose),
            StoreUrl::Postgres(_) => Self::open_server(url, root, password, purpose),
        }
    }

    fn open_file(readers: &Path, purpose: &Purpose) -> Result<Self, LedgerError> {
        let files = Files::beside(readers);
        let found = fs::metadata(&files.ledger).map_or(0, |file| file.len());
        let (machine, floor) = match purpose {
            Purpose::Look => return Self::look(files, found),
            Purpose::Change => return Self::change(readers, files),
            Purpose::Send { machine, floor } | Purpose::Adopt { machine, floor, .. } => (machine, *floor),
        };
        create_readers(readers)?;
        let lock = files.lock()?;
        files.check_room(floor)?;
        if found > 0 {
            check(&files, found)?;
        }
        let mut ledger = Self::make(readers, files.clone())?;
        sync_folder(&files.ledger)?;
        ledger.floor = floor;
        let binding = files.binding(machine)?;
        match purpose {
            Purpose::Adopt { at, .. } => {
                ledger.import_spill()?;
                ledger.close_all(*at)?;
            }
            _ => {
                ledger.belongs(&files, &binding, &lock)?;
                ledger.import_spill()?;
            }
        }
        let opened = ledger.bind(binding, lock.counted())?;
        lock.count(opened)?;
        ledger.lock = Some(Arc::new(lock));
        Ok(ledger)
    }

    fn look(files: Files, found: u64) -> Result<Self, LedgerError> {
        if found == 0 {
            return Err(LedgerError::Missing);
        }
        let connect = Arc::new(sqlite::File::ledger(files.ledger.clone(), None));
        let mut connection = connect.connect(Access::Read)?;
        match migrations::version(connection.as_mut(), &migrations::LEDGER) {
            Err(StoreError::Refused(_)) | Ok(0) => return Err(LedgerError::Missing),
            Err(error) => return Err(error.into()),
            Ok(_) => {}
        }
        Ok(Self::with(Store::read_only(connect), Clock::Caller, files))
    }

    fn change(readers: &Path, files: Files) -> Result<Self, LedgerError> {
        create_readers(readers)?;
        Self::make(readers, files)
    }

    fn make(readers: &Path, files: Files) -> Result<Self, LedgerError> {
        sqlite::create(&files.ledger)?;
        let connect = Arc::new(sqlite::File::ledger(files.ledger.clone(), Some(readers.to_owned())));
        let store = Store::of(connect, &migrations::LEDGER, Failing::Breaks);
        let store = store.map_err(|error| damaged(&files, error))?;
        Ok(Self::with(store, Clock::Caller, files))
    }

    fn with(store: Store, clock: Clock, files: Files) -> Self {
        Self { store, clock, files: Some(Arc::new(files)), floor: Floor::default(), lock: None }
    }

    /// On a server, leases and fences keep senders apart, and the server's own copies are its keeper's affair.
    fn open_server(
        url: &StoreUrl,
        root: &Path,
        password: Option<Secret>,
        purpose: &Purpose,
    ) -> Result<Self, LedgerError> {
        let files = Files::beside(&root.join("data/rotative.db"));
        let connect = connector(url, root, password)?;
        if *purpose == Purpose::Look {
            let mut connection = connect.connect(Access::Read)?;
            return match migrations::version(connection.as_mut(), &migrations::LEDGER) {
                Err(StoreError::Refused(_)) | Ok(0) => Err(LedgerError::Missing),
                Err(error) => Err(error.into()),
                Ok(_) => {
                    Ok(Self { files: None, ..Self::with(Store::read_only(connect), Clock::Database, files) })
                }
            };
        }
        migrations::migrate(connect.connect(Access::Write)?.as_mut(), &migrations::READERS)?;
        let mut ledger = Self::over(connect, Clock::Database)?;
        if let Purpose::Send { floor, .. } | Purpose::Adopt { floor, .. } = purpose {
            if let Some(folder) = files.ledger.parent() {
                fs::create_dir_all(folder).map_err(|error| super::files::unwritable(folder, &error))?;
            }
            (ledger.files, ledger.floor) = (Some(Arc::new(files)), *floor);
            ledger.check_room()?;
            if let Purpose::Adopt { at, .. } = purpose {
                ledger.close_all(*at)?;
            }
            ledger.import_spill()?;
        }
        Ok(ledger)
    }

    /// Refuses a copy, and an older state of the ledger itself.
    fn belongs(&self, files: &Files, binding: &str, lock: &Lock) -> Result<(), LedgerError> {
        let (bound, opened) = self
            .read(|transaction| Ok((instance(transaction, "binding")?, instance(transaction, "opened")?)))?;
        let elsewhere =
            |why: &str| LedgerError::Elsewhere { place: files.ledger.clone(), why: why.to_owned() };
        if bound.is_some_and(|bound| bound != binding) {
            return Err(elsewhere("belongs to another machine or is a copy"));
        }
        if opened.and_then(|count| count.parse().ok()).unwrap_or(0) < lock.counted() {
            return Err(elsewhere("is older than what was sent from here"));
        }
        Ok(())
    }

    /// Ties the ledger to this place, in a commit that also proves that it can be written.
    fn bind(&self, binding: String, known: u64) -> Result<u64, LedgerError> {
        self.write(move |transaction| {
            let before = instance(transaction, "opened")?.and_then(|count| count.parse().ok()).unwrap_or(0);
            let opened: u64 = known.max(before) + 1;
            keep(transaction, "binding", &binding)?;
            keep(transaction, "opened", &opened.to_string())?;
            Ok(opened)
        })
    }

    fn close_all(&self, at: i64) -> Result<(), LedgerError> {
        for run in self.runs()? {
            if !run.state.is_final() {
                self.settle(run.id, Settlement::Close, at)?;
                self.set_state(run.id, &RunState::Closed)?;
            }
        }
        self.write(move |transaction| keep(transaction, "adopted_at", &at.to_string()))
    }

    /// Counts on, in the ledger and beside it, so that an older state of the ledger gives itself away; a sender does
    /// so every second. Refuses when the right to send is gone.
    pub fn beat(&self) -> Result<(), LedgerError> {
        let Some(lock) = &self.lock else { return Ok(()) };
        lock.check()?;
        let known = lock.counted();
        let count = self.write(move |transaction| {
            let before = instance(transaction, "opened")?.and_then(|count| count.parse().ok()).unwrap_or(0);
            let next: u64 = known.max(before) + 1;
            keep(transaction, "opened", &next.to_string())?;
            Ok(next)
        })?;
        lock.count(count)
    }

    /// When the ledger was last taken over, if it was: what had been due before may have been sent without its
    /// knowledge.
    pub fn adopted_at(&self) -> Result<Option<i64>, LedgerError> {
        let text = self.read(|transaction| instance(transaction, "adopted_at"))?;
        Ok(text.and_then(|text| text.parse().ok()))
    }
}

fn keep(transaction: &mut Transaction<'_>, name: &str, value: &str) -> Result<(), StoreError> {
    let sql = "INSERT INTO instance (name, value) VALUES (?1, ?2)
        ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    transaction.execute(sql, &[Value::Text(name), Value::Text(value)]).map(drop)
}

/// Makes connections to the ledger of the store that the settings name, for a ledger that is opened with
/// [`Ledger::over`]; its file and that of the readers are made now.
pub fn ledger_connector(
    url: &StoreUrl,
    root: &Path,
    password: Option<Secret>,
) -> Result<Arc<dyn Connect>, LedgerError> {
    let StoreUrl::Sqlite(file) = url else {
        let connect = connector(url, root, password)?;
        migrations::migrate(connect.connect(Access::Write)?.as_mut(), &migrations::READERS)?;
        return Ok(connect);
    };
    let readers = root.join(file);
    create_readers(&readers)?;
    let files = Files::beside(&readers);
    sqlite::create(&files.ledger)?;
    Ok(Arc::new(sqlite::File::ledger(files.ledger, Some(readers))))
}

fn create_readers(file: &Path) -> Result<(), StoreError> {
    sqlite::create(file)?;
    let mut connection = sqlite::File::readers(file.to_owned()).connect(Access::Write)?;
    migrations::migrate(connection.as_mut(), &migrations::READERS)
}

/// Reads a ledger through before it is used; of a large one, only its head.
fn check(files: &Files, size: u64) -> Result<(), LedgerError> {
    let wrong = |why: String| LedgerError::Damaged { place: files.ledger.clone(), why };
    let sql =
        if size < READ_THROUGH { "PRAGMA quick_check" } else { "SELECT 'ok' FROM sqlite_master LIMIT 1" };
    let mut said = Vec::new();
    let mut read = || {
        let mut connection = sqlite::File::ledger(files.ledger.clone(), None).connect(Access::Read)?;
        connection.query(sql, &[], &mut |row| {
            said.push(row.text(0)?);
            Ok(())
        })
    };
    read().map_err(|error: StoreError| damaged(files, error))?;
    match said.iter().find(|line| *line != "ok") {
        Some(line) => Err(wrong(line.clone())),
        None => Ok(()),
    }
}

fn damaged(files: &Files, error: StoreError) -> LedgerError {
    match error {
        StoreError::Damaged(why) => LedgerError::Damaged { place: files.ledger.clone(), why },
        other => other.into(),
    }
}

fn instance(transaction: &mut Transaction<'_>, name: &str) -> Result<Option<String>, StoreError> {
    transaction.first("SELECT value FROM instance WHERE name = ?1", &[Value::Text(name)], |row| row.text(0))
}
