//! How fast letters may go, remembered from one start to the next.

use super::super::connection::Value;
use super::{Ledger, LedgerError};

/// A bucket of the generic cell rate algorithm, by name: a relay, or a relay and a domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bucket {
    /// Whose it is.
    pub name: String,
    /// The theoretical arrival time, in microseconds since 1970.
    pub tat: i64,
    /// Microseconds between two letters.
    pub interval: i64,
    /// How many letters may go at once.
    pub burst: i64,
}

impl Ledger {
    /// All buckets.
    pub fn buckets(&self) -> Result<Vec<Bucket>, LedgerError> {
        let sql = "SELECT name, tat, pace, burst FROM bucket ORDER BY name";
        self.read(|transaction| {
            transaction.all(sql, &[], |row| {
                Ok(Bucket { name: row.text(0)?, tat: row.int(1)?, interval: row.int(2)?, burst: row.int(3)? })
            })
        })
    }

    /// Keeps buckets, all or none, and tells `done`. What was taken from one is never given back.
    pub fn keep_buckets(
        &self,
        buckets: Vec<Bucket>,
        done: impl FnOnce(Result<(), LedgerError>) + Send + 'static,
    ) {
        let work = move |transaction: &mut super::Transaction<'_>| {
            let sql = "INSERT INTO bucket (name, tat, pace, burst) VALUES (?1, ?2, ?3, ?4)
                ON CONFLICT (name) DO UPDATE SET pace = excluded.pace, burst = excluded.burst,
                    tat = CASE WHEN bucket.tat > excluded.tat THEN bucket.tat ELSE excluded.tat END";
            for bucket in &buckets {
                let values = [
                    Value::Text(&bucket.name),
                    Value::Int(bucket.tat),
                    Value::Int(bucket.interval),
                    Value::Int(bucket.burst),
                ];
                transaction.execute(sql, &values)?;
            }
            Ok(())
        };
        self.store.submit(work, move |result| done(result.map_err(LedgerError::from)));
    }

    /// Forgets buckets that are full again by a moment in microseconds; says how many.
    pub fn forget_buckets(&self, before: i64) -> Result<u64, LedgerError> {
        self.write(move |transaction| {
            transaction.execute("DELETE FROM bucket WHERE tat < ?1", &[Value::Int(before)])
        })
    }
}
