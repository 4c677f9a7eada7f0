//! Recovery: attempts whose sender is gone are uncertain, and who was under way twice when it went is left alone.

use std::ops::RangeInclusive;

use crate::model::Lease;

use super::super::connection::{Dialect, StoreError, Value};
use super::super::transaction::{Transaction, number, stored};
use super::chunk::{range, refresh};
use super::run::run_by_id;
use super::{Ledger, LedgerError, RunId};

/// What a recovery found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Recovered {
    /// Attempts that are uncertain now.
    pub uncertain: u64,
    /// Recipients that are not tried any more.
    pub quarantined: u64,
}

impl Ledger {
    /// Settles what senders left open that are gone, before the first claim. On SQLite that is all, since nobody else
    /// can be sending; on PostgreSQL all whose lease has ended.
    pub fn recover(&self, run: RunId, now: i64) -> Result<Recovered, LedgerError> {
        let clock = self.clock;
        self.write(move |transaction| {
            let now = clock.moment(transaction, now)?;
            let Some(run) = run_by_id(transaction, run)? else { return Ok(Recovered::default()) };
            let (sql, values) = match transaction.dialect() {
                Dialect::Sqlite => (ANY, &[Value::Int(run.id.0)][..]),
                Dialect::Postgres => (DEAD, &[Value::Int(run.id.0), Value::Int(now)][..]),
            };
            let chunks = transaction.all(sql, values, |row| Ok((number(row.int(0)?)?, row.text(1)?)))?;
            let mut all = Recovered::default();
            for (no, owner) in chunks {
                let found = recover_chunk(transaction, run.id, &range(no, run.chunk_size), now)?;
                all.uncertain += found.uncertain;
                all.quarantined += found.quarantined;
                if owner.is_empty() && found == Recovered::default() {
                    continue;
                }
                let sql = "UPDATE chunk SET owner = '', lease_until = 0 WHERE run = ?1 AND no = ?2";
                transaction.execute(sql, &[Value::Int(run.id.0), Value::Int(stored(no)?)])?;
                refresh(transaction, run.id, no, run.chunk_size, Lease::Dead)?;
            }
            Ok(all)
        })
    }
}

const ANY: &str = "SELECT no, owner FROM chunk WHERE run = ?1 AND (owner <> '' OR state <> 'drained')";
const DEAD: &str =
    "SELECT no, owner FROM chunk WHERE run = ?1 AND state <> 'drained' AND lease_until <= ?2 FOR UPDATE";

/// Settles what is open in a chunk that nobody works on.
pub(super) fn recover_chunk(
    transaction: &mut Transaction<'_>,
    run: RunId,
    range: &RangeInclusive<u64>,
    now: i64,
) -> Result<Recovered, StoreError> {
    let values = [
        Value::Int(run.0),
        Value::Int(stored(*range.start())?),
        Value::Int(stored(*range.end())?),
        Value::Int(now),
    ];
    let sql = "INSERT INTO outcome
            (run, seq, attempt, witness, result, phase, code, enhanced, reply, due, at)
        SELECT run, seq, attempt, 'recovery', 'uncertain', '', 0, '', 'the sender ended', 0, CAST(?4 AS BIGINT)
        FROM attempt WHERE run = ?1 AND seq BETWEEN ?2 AND ?3 AND NOT EXISTS (
            SELECT 1 FROM outcome
            WHERE outcome.run = attempt.run AND outcome.seq = attempt.seq AND outcome.attempt = attempt.attempt)
        ON CONFLICT DO NOTHING";
    let uncertain = transaction.execute(sql, &values)?;
    if uncertain == 0 {
        return Ok(Recovered::default());
    }
    let sql = "INSERT INTO skip (run, seq, reason, at)
        SELECT run, seq, 'quarantined', CAST(?4 AS BIGINT) FROM outcome
        WHERE run = ?1 AND seq BETWEEN ?2 AND ?3 AND witness = 'recovery' AND result = 'uncertain'
        GROUP BY run, seq HAVING COUNT(*) >= 2
        ON CONFLICT DO NOTHING";
    let quarantined = transaction.execute(sql, &values)?;
    Ok(Recovered { uncertain, quarantined })
}
