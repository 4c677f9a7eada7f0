//! Readers after the audience was fixed: who has left since, and who is to be forgotten.

use std::collections::HashSet;

use super::super::connection::Value;
use super::{Ledger, LedgerError, number, stored};

/// How many subscribers are asked about at once.
const GROUP: usize = 128;

impl Ledger {
    /// Which of these subscribers still want to be mailed: confirmed, not suppressed, not erased.
    pub fn still_wanted(&self, subscribers: &[u64]) -> Result<HashSet<u64>, LedgerError> {
        let places: Vec<String> = (1..=GROUP).map(|at| format!("?{at}")).collect();
        let sql = format!(
            "SELECT id FROM subscriber WHERE id IN ({}) AND state = 'confirmed'
             AND NOT EXISTS (SELECT 1 FROM suppression WHERE suppression.addr_key = subscriber.addr_key)",
            places.join(", ")
        );
        self.read(|transaction| {
            let mut wanted = HashSet::with_capacity(subscribers.len());
            for group in subscribers.chunks(GROUP) {
                let mut values = Vec::with_capacity(GROUP);
                for id in group {
                    values.push(Value::Int(stored(*id)?));
                }
                // Nobody has a negative number: the statement is the same for every group.
                values.resize(GROUP, Value::Int(-1));
                transaction.query(&sql, &values, |row| {
                    wanted.insert(number(row.int(0)?)?);
                    Ok(())
                })?;
            }
            Ok(wanted)
        })
    }

    /// Puts a keyed hash in the place of an address, by its key, in every run; says in how many.
    pub fn forget(&self, key: &str, hash: &str) -> Result<u64, LedgerError> {
        let (key, hash) = (key.to_owned(), hash.to_owned());
        self.write(move |transaction| {
            let runs = transaction.all("SELECT id FROM run", &[], |row| row.int(0))?;
            let sql = "UPDATE recipient SET address = ?3, addr_key = ?3 WHERE run = ?1 AND addr_key = ?2";
            let mut changed = 0;
            for run in runs {
                let values = [Value::Int(run), Value::Text(&key), Value::Text(&hash)];
                changed += transaction.execute(sql, &values)?;
            }
            Ok(changed)
        })
    }
}
