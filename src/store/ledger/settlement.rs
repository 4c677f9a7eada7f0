//! The end of a run: what is still open is held or has expired, and what became known later counts.

use crate::model::{DeliveryState, Lease, Outcome, Witness};

use super::super::connection::{StoreError, Value};
use super::super::transaction::{Transaction, number, stored};
use super::chunk::{chunk_of, range, refresh};
use super::history::{History, histories};
use super::note::{Ended, outcome};
use super::run::{Run, run_by_id};
use super::{Ledger, LedgerError, RunId};

/// Who is settled, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settlement {
    /// The uncertain are held.
    Hold,
    /// Whoever waits is too late.
    Expire,
    /// Whoever is not in a final state is uncertain, and held.
    Close,
}

/// A recipient, by what is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whom {
    /// By the number within the run.
    Seq(u64),
    /// By the key of the address.
    Address(String),
}

impl Ledger {
    /// Settles recipients for good, and says how many. It may be stopped anywhere and done again.
    pub fn settle(&self, run: RunId, settlement: Settlement, at: i64) -> Result<u64, LedgerError> {
        let Some(run) = self.run_by_id(run)? else { return Ok(0) };
        let unfinished = "SELECT no FROM chunk
            WHERE run = ?1 AND accepted + rejected + skipped + expired + held < size ORDER BY no";
        let values = [Value::Int(run.id.0)];
        let chunks =
            self.read(|transaction| transaction.all(unfinished, &values, |row| number(row.int(0)?)))?;
        let mut settled = 0;
        for no in chunks {
            let run = run.clone();
            settled += self.write(move |transaction| settle_chunk(transaction, &run, no, settlement, at))?;
        }
        Ok(settled)
    }

    /// When an answer was last lost, as far as it is still not known what became of the letter.
    pub fn last_uncertain(&self, run: RunId) -> Result<Option<i64>, LedgerError> {
        let Some(run) = self.run_by_id(run)? else { return Ok(None) };
        self.read(|transaction| {
            let sql = "SELECT no FROM chunk WHERE run = ?1 AND uncertain > 0 ORDER BY no";
            let chunks = transaction.all(sql, &[Value::Int(run.id.0)], |row| number(row.int(0)?))?;
            let mut last = None;
            for no in chunks {
                histories(transaction, run.id, &range(no, run.chunk_size), |history| {
                    if history.state(Lease::Live) == DeliveryState::Uncertain {
                        last = last.max(Some(history.tried_at));
                    }
                    Ok(())
                })?;
            }
            Ok(last)
        })
    }

    /// Lets the uncertain be tried once more, each of them once, and says in how many chunks there are any.
    pub fn resend(&self, run: RunId) -> Result<u64, LedgerError> {
        self.write(move |transaction| {
            let sql = "UPDATE chunk SET state = 'again', next_at = 0
                WHERE run = ?1 AND state = 'drained' AND uncertain > 0";
            transaction.execute(sql, &[Value::Int(run.0)])?;
            let Some(run) = run_by_id(transaction, run)? else { return Ok(0) };
            let sql = "SELECT no FROM chunk WHERE run = ?1 AND state = 'again'";
            let chunks = transaction.all(sql, &[Value::Int(run.id.0)], |row| number(row.int(0)?))?;
            let mut left = 0;
            for no in chunks {
                let sum = refresh(transaction, run.id, no, run.chunk_size, Lease::Live)?;
                left += u64::from(sum.state == super::chunk::ChunkState::Again);
            }
            Ok(left)
        })
    }

    /// Writes down what became known later about an attempt whose answer was lost; `false` when there is none.
    pub fn evidence(&self, run: RunId, whom: &Whom, result: Outcome, at: i64) -> Result<bool, LedgerError> {
        let whom = whom.clone();
        self.write(move |transaction| {
            let Some(run) = run_by_id(transaction, run)? else { return Ok(false) };
            let Some(seq) = seq_of(transaction, run.id, &whom)? else { return Ok(false) };
            let mut last = 0;
            histories(transaction, run.id, &(seq..=seq), |history| {
                // What is known needs no evidence.
                let open =
                    matches!(history.state(Lease::Dead), DeliveryState::Uncertain | DeliveryState::Held);
                last = if open { history.uncertain_attempt() } else { 0 };
                Ok(())
            })?;
            if last == 0 {
                return Ok(false);
            }
            write(transaction, run.id, (seq, last), Witness::Evidence, result, at)?;
            refresh(transaction, run.id, chunk_of(seq, run.chunk_size), run.chunk_size, Lease::Live)?;
            Ok(true)
        })
    }
}

fn seq_of(transaction: &mut Transaction<'_>, run: RunId, whom: &Whom) -> Result<Option<u64>, StoreError> {
    match whom {
        Whom::Seq(seq) => {
            let sql = "SELECT seq FROM recipient WHERE run = ?1 AND seq = ?2";
            let values = [Value::Int(run.0), Value::Int(stored(*seq)?)];
            transaction.first(sql, &values, |row| number(row.int(0)?))
        }
        Whom::Address(key) => {
            let sql = "SELECT seq FROM recipient WHERE run = ?1 AND addr_key = ?2";
            transaction.first(sql, &[Value::Int(run.0), Value::Text(key)], |row| number(row.int(0)?))
        }
    }
}

fn settle_chunk(
    transaction: &mut Transaction<'_>,
    run: &Run,
    no: u64,
    settlement: Settlement,
    at: i64,
) -> Result<u64, StoreError> {
    let range = range(no, run.chunk_size);
    let mut known = Vec::new();
    histories(transaction, run.id, &range, |history| {
        known.push((history.seq, meant(history, settlement)));
        Ok(())
    })?;
    let mut wanted = Vec::new();
    if settlement != Settlement::Hold {
        let sql = "SELECT seq FROM recipient WHERE run = ?1 AND seq BETWEEN ?2 AND ?3 ORDER BY seq";
        let values =
            [Value::Int(run.id.0), Value::Int(stored(*range.start())?), Value::Int(stored(*range.end())?)];
        let all = transaction.all(sql, &values, |row| number(row.int(0)?))?;
        let without = all.into_iter().filter(|seq| known.binary_search_by_key(seq, |(seq, _)| *seq).is_err());
        wanted.extend(without.map(|seq| (seq, Open { last: 0, unanswered: Vec::new() })));
    }
    wanted.extend(known.into_iter().filter_map(|(seq, open)| open.map(|open| (seq, open))));
    let count = wanted.len() as u64;
    for (seq, open) in wanted {
        for attempt in open.unanswered {
            write(transaction, run.id, (seq, attempt), Witness::Recovery, Outcome::Uncertain, at)?;
        }
        let key = (seq, open.last);
        if settlement == Settlement::Close {
            write(transaction, run.id, key, Witness::Recovery, Outcome::Uncertain, at)?;
        }
        let result = if settlement == Settlement::Expire { Outcome::Expired } else { Outcome::Held };
        write(transaction, run.id, key, Witness::Settlement, result, at)?;
    }
    if settlement == Settlement::Close {
        let sql = "UPDATE chunk SET owner = '', lease_until = 0 WHERE run = ?1 AND no = ?2";
        transaction.execute(sql, &[Value::Int(run.id.0), Value::Int(stored(no)?)])?;
    }
    refresh(transaction, run.id, no, run.chunk_size, Lease::Live)?;
    Ok(count)
}

/// What is known about a recipient that is to be settled.
struct Open {
    last: u32,
    unanswered: Vec<u32>,
}

/// Whether a recipient is meant. What is under way is not, but for a run that is closed: nobody is sending then.
fn meant(history: &History, settlement: Settlement) -> Option<Open> {
    let state = history.state(Lease::Live);
    let meant = match settlement {
        Settlement::Hold => state == DeliveryState::Uncertain,
        Settlement::Expire => matches!(state, DeliveryState::Pending | DeliveryState::Deferred),
        Settlement::Close => !state.is_final(),
    };
    meant.then(|| Open { last: history.last_attempt(), unanswered: history.unanswered().collect() })
}

fn write(
    transaction: &mut Transaction<'_>,
    run: RunId,
    (seq, attempt): (u64, u32),
    witness: Witness,
    result: Outcome,
    at: i64,
) -> Result<(), StoreError> {
    let (owner, phase, answer) = (String::new(), None, None);
    let ended = Ended { run, seq, attempt, owner, witness, outcome: result, phase, answer, due: 0, at };
    outcome(transaction, &ended, 0)
}
