//! The tables, brought from any earlier version to this one. The same text makes them in both databases.

use super::connection::{Access, Connection, Dialect, StoreError, Value};

/// The steps, each from one version to the next; what has been released is never changed.
const STEPS: [&str; 1] = [include_str!("migrations/0001_readers.sql")];

/// The version that this program knows.
pub(super) const VERSION: i64 = STEPS.len() as i64;

const META: &str = "CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);";

/// Takes whatever steps are missing, all or none.
pub(super) fn migrate(connection: &mut dyn Connection) -> Result<(), StoreError> {
    if version(connection).is_ok_and(|found| found == VERSION) {
        return Ok(());
    }
    connection.begin(Access::Write)?;
    let done = steps(connection);
    match done {
        Ok(()) => connection.commit(),
        Err(error) => {
            connection.rollback()?;
            Err(error)
        }
    }
}

fn steps(connection: &mut dyn Connection) -> Result<(), StoreError> {
    if connection.dialect() == Dialect::Postgres {
        // Two programs that start at once take the steps one after the other.
        connection.batch("SELECT pg_advisory_xact_lock(7602101)")?;
    }
    connection.batch(&dialect(META, connection.dialect()))?;
    let found = version(connection)?;
    if found > VERSION {
        return Err(StoreError::Newer { found, known: VERSION });
    }
    for step in STEPS.iter().skip(usize::try_from(found).unwrap_or(0)) {
        connection.batch(&dialect(step, connection.dialect()))?;
    }
    let version = VERSION.to_string();
    let sql = "INSERT INTO meta (name, value) VALUES ('version', ?1) \
        ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    connection.execute(sql, &[Value::Text(&version)])?;
    Ok(())
}

fn version(connection: &mut dyn Connection) -> Result<i64, StoreError> {
    let mut found = 0;
    connection.query("SELECT value FROM meta WHERE name = 'version'", &[], &mut |row| {
        let text = row.text(0)?;
        found = text.parse().map_err(|_| StoreError::Damaged(format!("`{text}` is no version")))?;
        Ok(())
    })?;
    Ok(found)
}

/// The types of a table in the words of a database.
fn dialect(sql: &str, dialect: Dialect) -> String {
    match dialect {
        // Texts are ordered by their bytes, as in SQLite.
        Dialect::Postgres => sql.replace("TEXT", "TEXT COLLATE \"C\""),
        // STRICT tables refuse a text where a number belongs, as PostgreSQL does.
        Dialect::Sqlite => sql.replace("BIGINT", "INTEGER").replace("\n);", "\n) STRICT;"),
    }
}
