//! The tables, brought from any earlier version to this one. The same text makes them in both databases.

use super::connection::{Access, Connection, Dialect, StoreError, Value};

/// Tables that belong together, and the steps that lead to them.
pub(super) struct Schema {
    /// Where `meta` keeps the version: readers and ledger may share a database.
    version: &'static str,
    /// Each from one version to the next; what has been released is never changed.
    steps: &'static [&'static str],
}

/// The tables of readers.
pub(super) const READERS: Schema =
    Schema { version: "version", steps: &[include_str!("migrations/0001_readers.sql")] };

/// The tables of the ledger.
pub(super) const LEDGER: Schema = Schema {
    version: "ledger version",
    steps: &[include_str!("migrations/0001_ledger.sql"), include_str!("migrations/0002_told.sql")],
};

impl Schema {
    /// The version that this program knows.
    pub(super) const fn known(&self) -> i64 {
        self.steps.len() as i64
    }
}

const META: &str = "CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);";

/// Takes whatever steps are missing, all or none.
pub(super) fn migrate(connection: &mut dyn Connection, schema: &Schema) -> Result<(), StoreError> {
    if version(connection, schema).is_ok_and(|found| found == schema.known()) {
        return Ok(());
    }
    connection.begin(Access::Write)?;
    let done = steps(connection, schema);
    match done {
        Ok(()) => connection.commit(),
        Err(error) => {
            connection.rollback()?;
            Err(error)
        }
    }
}

fn steps(connection: &mut dyn Connection, schema: &Schema) -> Result<(), StoreError> {
    if connection.dialect() == Dialect::Postgres {
        // Two programs that start at once take the steps one after the other, and the second sees what the first did.
        connection
            .batch("SET TRANSACTION ISOLATION LEVEL READ COMMITTED; SELECT pg_advisory_xact_lock(7602101)")?;
    }
    connection.batch(&dialect(META, connection.dialect()))?;
    let (found, known) = (version(connection, schema)?, schema.known());
    if found > known {
        return Err(StoreError::Newer { found, known });
    }
    for step in schema.steps.iter().skip(usize::try_from(found).unwrap_or(0)) {
        connection.batch(&dialect(step, connection.dialect()))?;
    }
    let sql = "INSERT INTO meta (name, value) VALUES (?1, ?2) \
        ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    connection.execute(sql, &[Value::Text(schema.version), Value::Text(&known.to_string())])?;
    Ok(())
}

/// The version of the tables that are there; 0 for none.
pub(super) fn version(connection: &mut dyn Connection, schema: &Schema) -> Result<i64, StoreError> {
    let mut found = 0;
    let sql = "SELECT value FROM meta WHERE name = ?1";
    connection.query(sql, &[Value::Text(schema.version)], &mut |row| {
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
        Dialect::Postgres => sql.replace("TEXT", "TEXT COLLATE \"C\"").replace(" WITHOUT ROWID", ""),
        // STRICT tables refuse a text where a number belongs, as PostgreSQL does.
        Dialect::Sqlite => sql
            .replace("BIGINT", "INTEGER")
            .replace("\n);", "\n) STRICT;")
            .replace("\n) WITHOUT ROWID;", "\n) STRICT, WITHOUT ROWID;"),
    }
}
