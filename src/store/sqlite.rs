//! SQLite: one file and its write-ahead log, readable by its owner alone.

use std::fs::{self, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{ErrorCode, OpenFlags, ToSql, params_from_iter};

use super::connection::{Access, Connection, Dialect, Row, StoreError, Value};
use super::writer::Connect;

/// The file of a store.
pub(super) struct File(pub(super) PathBuf);

struct Sqlite(rusqlite::Connection);

/// How long a writer waits for another process.
const PATIENCE: Duration = Duration::from_secs(15);

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
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let place = self.0.display();
        let open = rusqlite::Connection::open_with_flags(&self.0, flags);
        let connection = open.map_err(|error| StoreError::Unreachable(format!("{place}: {error}")))?;
        let prepare = || {
            connection.busy_timeout(PATIENCE)?;
            connection.set_prepared_statement_cache_capacity(64);
            let memory = if access == Access::Write { 96 } else { 8 };
            connection.execute_batch(&format!(
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
                 PRAGMA temp_store = MEMORY; PRAGMA wal_autocheckpoint = 8192; PRAGMA cache_size = -{};",
                memory * 1024
            ))
        };
        prepare().map_err(|error| match judge(error) {
            StoreError::Damaged(why) => StoreError::Damaged(format!("{place}: {why}")),
            other => other,
        })?;
        Ok(Box::new(Sqlite(connection)))
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
        if self.0.is_autocommit() { Ok(()) } else { self.batch("ROLLBACK") }
    }

    fn batch(&mut self, sql: &str) -> Result<(), StoreError> {
        self.0.execute_batch(sql).map_err(judge)
    }

    fn execute(&mut self, sql: &str, values: &[Value<'_>]) -> Result<u64, StoreError> {
        let mut statement = self.0.prepare_cached(sql).map_err(judge)?;
        let changed = statement.execute(params_from_iter(values)).map_err(judge)?;
        Ok(changed as u64)
    }

    fn query(
        &mut self,
        sql: &str,
        values: &[Value<'_>],
        each: &mut dyn FnMut(&dyn Row) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut statement = self.0.prepare_cached(sql).map_err(judge)?;
        let mut rows = statement.query(params_from_iter(values)).map_err(judge)?;
        while let Some(row) = rows.next().map_err(judge)? {
            each(row)?;
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
