//! A whole store as lines of JSON, and back: for backups, for moving between databases, for comparing.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::connection::{StoreError, Value};
use super::migrations::READERS;
use super::transaction::Transaction;

/// A table with its columns in order: `n` for a number, `t` for a text; the first `key` of them order the rows.
struct Table {
    name: &'static str,
    columns: &'static [(&'static str, char)],
    key: usize,
}

const TABLES: [Table; 10] = [
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
    Table {
        name: "erasure",
        key: 1,
        columns: &[("hash", 't'), ("mark", 't'), ("source", 't'), ("reason", 't'), ("at", 'n')],
    },
    Table {
        name: "request",
        key: 1,
        columns: &[
            ("id", 'n'),
            ("at", 'n'),
            ("due", 'n'),
            ("addr_key", 't'),
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
    Table {
        name: "asked",
        key: 1,
        columns: &[
            ("hash", 't'),
            ("unanswered", 'n'),
            ("ever", 'n'),
            ("at", 'n'),
            ("told", 'n'),
            ("told_at", 'n'),
        ],
    },
    Table { name: "signer", key: 1, columns: &[("mark", 't'), ("at", 'n')] },
    Table { name: "rate", key: 1, columns: &[("name", 't'), ("tat", 'n')] },
];

/// The first line of a dump.
fn head() -> Json {
    json!({ "rotative": "store", "version": READERS.known() })
}

/// How many rows of each table there were: the last line of a dump, without which it is only a part of one.
type Counts = BTreeMap<&'static str, u64>;

fn end(counts: &Counts) -> Json {
    json!(["end", counts])
}

/// A dump on its way into an empty store: all of it in one transaction, for half a store is worse than none.
#[derive(Debug, Default)]
pub struct Filling {
    counts: Counts,
    progress: Progress,
}

#[derive(Debug, Default, PartialEq, Eq)]
enum Progress {
    #[default]
    Nothing,
    Rows,
    Whole,
}

impl Transaction<'_> {
    /// Hands over the whole store, line by line: a head, then every row as `["table", column, …]`, then how many
    /// rows each table has.
    pub fn dump(&mut self, mut line: impl FnMut(&str) -> Result<(), StoreError>) -> Result<(), StoreError> {
        line(&head().to_string())?;
        let mut counts = Counts::new();
        for table in &TABLES {
            let count = counts.entry(table.name).or_default();
            self.query(&select(table), &[], |row| {
                let mut cells = vec![Json::from(table.name)];
                for (at, (_, kind)) in table.columns.iter().enumerate() {
                    cells.push(if *kind == 'n' { row.int(at)?.into() } else { row.text(at)?.into() });
                }
                *count += 1;
                line(&Json::Array(cells).to_string())
            })?;
        }
        line(&end(&counts).to_string())
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

    /// Adds one row of a dump, and says into which table.
    fn restore(&mut self, cells: &[Json]) -> Result<&'static str, StoreError> {
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
        Ok(table.name)
    }
}

impl Filling {
    /// Begins; a store that holds something is refused.
    pub fn begin(transaction: &mut Transaction<'_>) -> Result<Self, StoreError> {
        if transaction.rows()? > 0 {
            return Err(refused("the store is not empty: nothing is mixed"));
        }
        Ok(Self::default())
    }

    /// Takes the next line.
    pub fn line(&mut self, transaction: &mut Transaction<'_>, line: &str) -> Result<(), StoreError> {
        let found = serde_json::from_str::<Json>(line);
        if self.progress == Progress::Nothing {
            if found.is_ok_and(|found| found == head()) {
                self.progress = Progress::Rows;
                return Ok(());
            }
            return Err(refused("this is no dump of a store, or one of another version"));
        }
        let found = found.map_err(|error| StoreError::Refused(error.to_string()))?;
        let cells = found.as_array().ok_or_else(|| refused("a line of the dump is no row"))?;
        if self.progress == Progress::Whole {
            return Err(refused("something follows the end of the dump"));
        }
        if cells.first().is_some_and(|name| name == "end") {
            for table in &TABLES {
                self.counts.entry(table.name).or_default();
            }
            if found != end(&self.counts) {
                return Err(refused("the dump has not as many rows as its last line says"));
            }
            self.progress = Progress::Whole;
            return Ok(());
        }
        let table = transaction.restore(cells)?;
        *self.counts.entry(table).or_default() += 1;
        Ok(())
    }

    /// Says how many rows there were; a dump without its last line is refused.
    pub fn end(self) -> Result<u64, StoreError> {
        match self.progress {
            Progress::Whole => Ok(self.counts.values().sum()),
            _ => Err(refused("the dump is cut off: its last line is missing")),
        }
    }
}

fn refused(why: &str) -> StoreError {
    StoreError::Refused(why.to_owned())
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
