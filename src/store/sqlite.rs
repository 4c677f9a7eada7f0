//! SQLite: one file and its write-ahead log, readable by its owner alone.

use std::fs::{self, OpenOptions};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{ErrorCode, OpenFlags, ToSql, params_from_iter};

use super::connection::{Access, Checkpoint, Connection, Dialect, Row, StoreError, Value};
use super::writer::Connect;

/// The file of a store.
pub(super) struct File {
    path: PathBuf,
    /// The readers' file beside a ledger, to be read in the same statements.
    beside: Option<PathBuf>,
    checkpoints: Checkpoints,
}

/// Who moves the write-ahead log into the file. SQLite forgets what the disk said when it did so by itself, and a
/// second attempt after a failed one may succeed without the data: a ledger has to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Checkpoints {
    BySqlite,
    ByTheWriter,
}

struct Sqlite {
    connection: rusqlite::Connection,
    checkpoints: Checkpoints,
}

impl File {
    /// The file of readers.
    pub(super) fn readers(path: PathBuf) -> Self {
        Self { path, beside: None, checkpoints: Checkpoints::BySqlite }
    }

    /// The file of a ledger, and that of its readers where they are needed.
    pub(super) fn ledger(path: PathBuf, beside: Option<PathBuf>) -> Self {
        Self { path, beside, checkpoints: Checkpoints::ByTheWriter }
    }

    fn prepare(&self, connection: &rusqlite::Connection, access: Access) -> rusqlite::Result<()> {
        connection.busy_timeout(PATIENCE)?;
        connection.set_prepared_statement_cache_capacity(64);
        // Rows of a ledger are added at the end of each table: few pages are enough.
        let memory = match (access, self.checkpoints) {
            (Access::Read | Access::Stream, _) => 8,
            (Access::Write, Checkpoints::BySqlite) => 96,
            (Access::Write, Checkpoints::ByTheWriter) => 24,
        };
        connection.execute_batch(&format!(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
             PRAGMA secure_delete = ON;
             PRAGMA temp_store = MEMORY; PRAGMA wal_autocheckpoint = 8192; PRAGMA cache_size = -{};",
            memory * 1024
        ))?;
        if self.checkpoints == Checkpoints::ByTheWriter {
            connection.execute_batch("PRAGMA wal_autocheckpoint = 0;")?;
            connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        }
        if let Some(file) = &self.beside {
            connection.execute("ATTACH DATABASE ?1 AS readers", [read_only(file)])?;
            // An audience is fixed in the order of addresses, and rows lie in that of arrival.
            connection.execute_batch("PRAGMA readers.cache_size = -16384;")?;
        }
        Ok(())
    }
}

/// The name of a file that SQLite shall only read: an attached file is then not locked when others write to it.
fn read_only(file: &Path) -> String {
    let mut name = "file:".to_owned();
    for byte in file.as_os_str().as_bytes() {
        match byte {
            b'/' | b'-' | b'_' | b'.' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => {
                name.push(char::from(*byte))
            }
            other => name.push_str(&format!("%{other:02X}")),
        }
    }
    name + "?mode=ro"
}

/// How long a writer waits for another process.
const PATIENCE: Duration = Duration::from_secs(15);

/// How long a purge holds up writers while somebody reads an older view.
const PURGING: Duration = Duration::from_secs(1);

/// Makes the file where there is none, with its folder, for its owner alone.
pub(super) fn create(file: &Path) -> Result<(), StoreError> {
    let unreachable = |error| StoreError::Unreachable(format!("{}: {error}", file.display()));
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).map_err(unreachable)?;
    }
    OpenOptions::new().append(true).create(true).mode(0o600).open(file).map_err(unreachable)?;
    Ok(())
}

impl Connect for File {
    fn connect(&self, access: Access) -> Result<Box<dyn Connection>, StoreError> {
        let flags =
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
        let place = self.path.display();
        let open = rusqlite::Connection::open_with_flags(&self.path, flags);
        let connection = open.map_err(|error| StoreError::Unreachable(format!("{place}: {error}")))?;
        self.prepare(&connection, access).map_err(|error| match judge(error) {
            StoreError::Damaged(why) => StoreError::Damaged(format!("{place}: {why}")),
            other => other,
        })?;
        Ok(Box::new(Sqlite { connection, checkpoints: self.checkpoints }))
    }

    fn writers(&self) -> usize {
        1
    }
}

impl Connection for Sqlite {
    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

    fn begin(&mut self, access: Access) -> Result<(), StoreError> {
        self.batch(if access == Access::Write { "BEGIN IMMEDIATE" } else { "BEGIN" })
    }

    fn commit(&mut self) -> Result<(), StoreError> {
        self.batch("COMMIT")
    }

    fn rollback(&mut self) -> Result<(), StoreError> {
        // Some faults end the transaction by themselves.
        if self.connection.is_autocommit() { Ok(()) } else { self.batch("ROLLBACK") }
    }

    fn batch(&mut self, sql: &str) -> Result<(), StoreError> {
        self.connection.execute_batch(sql).map_err(judge)
    }

    fn execute(&mut self, sql: &str, values: &[Value<'_>]) -> Result<u64, StoreError> {
        let mut statement = self.connection.prepare_cached(sql).map_err(judge)?;
        let changed = statement.execute(params_from_iter(values)).map_err(judge)?;
        Ok(changed as u64)
    }

    fn query(
        &mut self,
        sql: &str,
        values: &[Value<'_>],
        each: &mut dyn FnMut(&dyn Row) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut statement = self.connection.prepare_cached(sql).map_err(judge)?;
        let mut rows = statement.query(params_from_iter(values)).map_err(judge)?;
        while let Some(row) = rows.next().map_err(judge)? {
            each(row)?;
        }
        Ok(())
    }

    fn checkpoint(&mut self, when: Checkpoint) -> Result<(), StoreError> {
        if when == Checkpoint::Purge {
            let mut held = 0;
            self.connection.busy_timeout(PURGING).map_err(judge)?;
            self.query("PRAGMA wal_checkpoint(TRUNCATE)", &[], &mut |row| {
                held = row.int(0)?;
                Ok(())
            })?;
            let busy = || StoreError::Busy("what was deleted still stands in the write-ahead log".to_owned());
            return if held == 0 { Ok(()) } else { Err(busy()) };
        }
        if self.checkpoints == Checkpoints::BySqlite {
            return Ok(());
        }
        // Readers may hold it up: the rest is moved another time, and nobody waits for them.
        self.query("PRAGMA wal_checkpoint(PASSIVE)", &[], &mut |_| Ok(()))?;
        if when == Checkpoint::AtTheEnd {
            self.connection.busy_timeout(Duration::ZERO).map_err(judge)?;
            self.query("PRAGMA wal_checkpoint(TRUNCATE)", &[], &mut |_| Ok(()))?;
        }
        Ok(())
    }

    fn integrity(&mut self) -> Result<Vec<String>, StoreError> {
        let mut said = Vec::new();
        self.query("PRAGMA integrity_check", &[], &mut |row| {
            said.push(row.text(0)?);
            Ok(())
        })?;
        said.retain(|line| line != "ok");
        Ok(said)
    }
}

impl Row for rusqlite::Row<'_> {
    fn int(&self, column: usize) -> Result<i64, StoreError> {
        self.get(column).map_err(judge)
    }

    fn text(&self, column: usize) -> Result<String, StoreError> {
        self.get(column).map_err(judge)
    }
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Int(value) => ValueRef::Integer(*value),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
        }))
    }
}

fn judge(error: rusqlite::Error) -> StoreError {
    let said = error.to_string();
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Busy(said),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => StoreError::Damaged(said),
        Some(
            ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::DiskFull | ErrorCode::SystemIoFailure,
        ) => StoreError::Unreachable(said),
        _ => StoreError::Refused(said),
    }
}
