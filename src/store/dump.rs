//! A whole store as lines of JSON, and back: for backups, for moving between databases, for comparing.

use serde_json::{Value as Json, json};

use super::connection::{StoreError, Value};
use super::migrations::VERSION;
use super::transaction::Transaction;

/// A table with its columns in order: `n` for a number, `t` for a text; the first `key` of them order the rows.
struct Table {
    name: &'static str,
    columns: &'static [(&'static str, char)],
    key: usize,
}

const TABLES: [Table; 8] = [
    Table {
        name: "subscriber",
        key: 1,
        columns: &[
            ("id", 'n'),
            ("list", 't'),
            ("addr_key", 't'),
            ("address", 't'),
            ("language", 't'),
            ("state", 't'),
            ("since", 'n'),
            ("rhythm", 't'),
            ("topics", 't'),
            ("paused_until", 't'),
            ("asked", 'n'),
            ("asked_ever", 'n'),
            ("asked_at", 'n'),
            ("events", 'n'),
        ],
    },
    Table {
        name: "consent",
        key: 2,
        columns: &[
            ("subscriber", 'n'),
            ("seq", 'n'),
            ("kind", 't'),
            ("at", 'n'),
            ("source", 't'),
            ("detail", 't'),
            ("statement", 't'),
            ("network", 't'),
        ],
    },
    Table { name: "statement", key: 1, columns: &[("id", 't'), ("text", 't')] },
    Table {
        name: "suppression",
        key: 1,
        columns: &[("addr_key", 't'), ("reason", 't'), ("detail", 't'), ("at", 'n')],
    },
    Table { name: "erasure", key: 1, columns: &[("hash", 't'), ("source", 't'), ("at", 'n')] },
    Table {
        name: "request",
        key: 1,
        columns: &[
            ("id", 'n'),
            ("at", 'n'),
            ("due", 'n'),
            ("address", 't'),
            ("list", 't'),
            ("language", 't'),
            ("network", 't'),
            ("source", 't'),
            ("statement", 't'),
        ],
    },
    Table {
        name: "outbox",
        key: 1,
        columns: &[
            ("id", 'n'),
            ("kind", 't'),
            ("subscriber", 'n'),
            ("asked", 'n'),
            ("network", 't'),
            ("due", 'n'),
            ("attempts", 'n'),
        ],
    },
    Table { name: "rate", key: 1, columns: &[("name", 't'), ("tat", 'n')] },
];

/// The first line of a dump.
fn head() -> Json {
    json!({ "rotative": "store", "version": VERSION })
}

impl Transaction<'_> {
    /// Hands over the whole store, line by line: a head, then every row as `["table", column, …]`.
    pub fn dump(&mut self, mut line: impl FnMut(&str) -> Result<(), StoreError>) -> Result<(), StoreError> {
        line(&head().to_string())?;
        for table in &TABLES {
            self.query(&select(table), &[], |row| {
                let mut cells = vec![Json::from(table.name)];
                for (at, (_, kind)) in table.columns.iter().enumerate() {
                    cells.push(if *kind == 'n' { row.int(at)?.into() } else { row.text(at)?.into() });
                }
                line(&Json::Array(cells).to_string())
            })?;
        }
        Ok(())
    }

    /// How many rows the store holds.
    pub fn rows(&mut self) -> Result<u64, StoreError> {
        let mut rows = 0;
        for table in &TABLES {
            let sql = format!("SELECT COUNT(*) FROM {}", table.name);
            rows += self.first(&sql, &[], |row| row.int(0))?.unwrap_or(0);
        }
        super::transaction::number(rows)
    }

    /// Adds one row of a dump.
    pub fn restore(&mut self, line: &str) -> Result<(), StoreError> {
        let refused = |why: &str| StoreError::Refused(why.to_owned());
        let cells: Vec<Json> =
            serde_json::from_str(line).map_err(|error| StoreError::Refused(error.to_string()))?;
        let (name, cells) = cells.split_first().ok_or_else(|| refused("the line is empty"))?;
        let table = TABLES.iter().find(|table| *name == table.name);
        let table = table.ok_or_else(|| refused("the line names no table"))?;
        if cells.len() != table.columns.len() {
            return Err(refused("the line has not the columns of its table"));
        }
        let mut values = Vec::with_capacity(cells.len());
        for ((_, kind), cell) in table.columns.iter().zip(cells) {
            values.push(match (kind, cell.as_i64(), cell.as_str()) {
                ('n', Some(number), _) => Value::Int(number),
                ('t', _, Some(text)) => Value::Text(text),
                _ => return Err(refused("a column holds the wrong kind of value")),
            });
        }
        self.execute(&insert(table), &values)?;
        Ok(())
    }
}

/// Whether a line is the head of a dump that this program can read.
pub fn is_head(line: &str) -> bool {
    serde_json::from_str::<Json>(line).is_ok_and(|found| found == head())
}

fn names(table: &Table) -> String {
    table.columns.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
}

fn select(table: &Table) -> String {
    let key: Vec<&str> = table.columns[..table.key].iter().map(|(name, _)| *name).collect();
    format!("SELECT {} FROM {} ORDER BY {}", names(table), table.name, key.join(", "))
}

fn insert(table: &Table) -> String {
    let places: Vec<String> = (1..=table.columns.len()).map(|at| format!("?{at}")).collect();
    format!("INSERT INTO {} ({}) VALUES ({})", table.name, names(table), places.join(", "))
}
