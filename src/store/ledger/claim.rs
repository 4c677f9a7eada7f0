//! Claims: which sender works on which chunk. A claim has a fence that grows each time, and nothing is begun under
//! an older one.

use std::collections::HashMap;
use std::time::Duration;

use crate::model::{DeliveryState, EmailAddress, Lease, RunState, SkipReason, Tally};

use super::super::connection::{Dialect, StoreError, Value};
use super::super::transaction::{Transaction, number, stored, word};
use super::chunk::{ChunkState, range, refresh};
use super::history::histories;
use super::recovery::recover_chunk;
use super::run::{Run, run_by_id};
use super::{Ledger, LedgerError, RunId, note};

/// A chunk that is ours for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Of which run.
    pub run: RunId,
    /// Which chunk, from 0.
    pub chunk: u64,
    /// Whose it is.
    pub owner: String,
    /// Grows with every claim of the chunk.
    pub fence: u64,
    /// Until when, by the clock that decides.
    pub lease_until: i64,
    /// Who is to be mailed now.
    pub due: Vec<Due>,
}

/// A recipient who is to be mailed now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// The number within the run, from 1.
    pub seq: u64,
    /// The subscription.
    pub subscriber: u64,
    /// The address.
    pub address: EmailAddress,
    /// The number that the next attempt has.
    pub next_attempt: u32,
    /// When the first attempt was begun.
    pub first_attempt_at: Option<i64>,
    /// How many attempts count against the limit.
    pub tries: u32,
}

/// What there was to claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claimed {
    /// A chunk.
    Chunk(Claim),
    /// Nothing before a moment, when a letter is due or another sender's lease ends.
    Wait(i64),
    /// Nothing, now or later, but for what this owner holds.
    Nothing,
    /// The run is not running.
    Stopped(RunState),
}

/// What an owner holds of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Until when.
    pub until: i64,
    /// The chunks, and the fence under which each is held.
    fences: HashMap<u64, u64>,
}

impl Held {
    /// Whether a claim is among it.
    pub fn has(&self, claim: &Claim) -> bool {
        self.fences.get(&claim.chunk) == Some(&claim.fence)
    }
}

impl Ledger {
    /// Claims the lowest chunk in which something is due, from a number on; once there is none, the lowest of all.
    /// What its former owner left open is settled as uncertain.
    pub fn claim(
        &self,
        (run, from): (RunId, u64),
        owner: &str,
        now: i64,
        lease: Duration,
    ) -> Result<Claimed, LedgerError> {
        let (owner, clock) = (owner.to_owned(), self.clock);
        self.write(move |transaction| {
            let now = clock.moment(transaction, now)?;
            let Some(run) = run_by_id(transaction, run)? else { return Ok(Claimed::Nothing) };
            if run.state != RunState::Running {
                return Ok(Claimed::Stopped(run.state));
            }
            while let Some(mut claim) = take(transaction, (run.id, from), &owner, now, later(now, lease))? {
                claim.due = due(transaction, &run, &claim, now)?;
                if !claim.due.is_empty() {
                    return Ok(Claimed::Chunk(claim));
                }
                let sum = give_back(transaction, &claim, run.chunk_size)?;
                if sum.is_some_and(|(_, at)| at <= now) {
                    // It says that something is due and has nothing: it would be claimed for ever.
                    return Err(StoreError::Damaged(format!(
                        "chunk {} has nobody to be mailed",
                        claim.chunk
                    )));
                }
            }
            next(transaction, run.id, &owner)
        })
    }

    /// Keeps all that an owner holds of a run for longer.
    pub fn renew(&self, run: RunId, owner: &str, now: i64, lease: Duration) -> Result<Held, LedgerError> {
        let (owner, clock) = (owner.to_owned(), self.clock);
        self.write(move |transaction| {
            let until = later(clock.moment(transaction, now)?, lease);
            let sql = "UPDATE chunk SET lease_until = ?3 WHERE run = ?1 AND owner = ?2 RETURNING no, fence";
            let values = [Value::Int(run.0), Value::Text(&owner), Value::Int(until)];
            let fences = transaction
                .all(sql, &values, |row| Ok((number(row.int(0)?)?, number(row.int(1)?)?)))?
                .into_iter()
                .collect();
            Ok(Held { until, fences })
        })
    }

    /// Brings the counters of chunks up to date.
    pub fn count(&self, run: RunId, chunks: Vec<u64>) -> Result<(), LedgerError> {
        self.write(move |transaction| {
            let Some(run) = run_by_id(transaction, run)? else { return Ok(()) };
            for chunk in &chunks {
                refresh(transaction, run.id, *chunk, run.chunk_size, Lease::Live)?;
            }
            Ok(())
        })
    }

    /// Gives a chunk back, once every outcome is durable, and says what it adds up to; `None` when it was not ours
    /// any more.
    pub fn release(&self, claim: &Claim) -> Result<Option<Tally>, LedgerError> {
        let claim = claim.clone();
        self.write(move |transaction| {
            let Some(run) = run_by_id(transaction, claim.run)? else { return Ok(None) };
            Ok(give_back(transaction, &claim, run.chunk_size)?.map(|(tally, _)| tally))
        })
    }
}

fn later(now: i64, lease: Duration) -> i64 {
    now.saturating_add(i64::try_from(lease.as_millis()).unwrap_or(i64::MAX))
}

/// Takes the lowest chunk from a number on that is due and nobody's. What this owner holds is not offered again even when its lease
/// has run out: a clock that jumps must not give one chunk to two of its workers.
fn take(
    transaction: &mut Transaction<'_>,
    (run, from): (RunId, u64),
    owner: &str,
    now: i64,
    until: i64,
) -> Result<Option<Claim>, StoreError> {
    let locking = match transaction.dialect() {
        Dialect::Sqlite => "",
        Dialect::Postgres => "FOR UPDATE SKIP LOCKED",
    };
    let sql = format!(
        "UPDATE chunk SET owner = ?2, fence = fence + 1, lease_until = ?4
         WHERE run = ?1 AND no = (
            SELECT no FROM chunk WHERE run = ?1 AND no >= ?5 AND state <> 'drained' AND next_at <= ?3
                AND (owner = '' OR (owner <> ?2 AND lease_until <= ?3))
            ORDER BY no LIMIT 1 {locking})
         RETURNING no, fence"
    );
    let values = [
        Value::Int(run.0),
        Value::Text(owner),
        Value::Int(now),
        Value::Int(until),
        Value::Int(stored(from)?),
    ];
    let found = transaction.first(&sql, &values, |row| {
        let (chunk, fence) = (number(row.int(0)?)?, number(row.int(1)?)?);
        Ok(Claim { run, chunk, owner: owner.to_owned(), fence, lease_until: until, due: Vec::new() })
    })?;
    if found.is_some() || from == 0 { Ok(found) } else { take(transaction, (run, 0), owner, now, until) }
}

/// When a chunk that cannot be had now may be had.
fn next(transaction: &mut Transaction<'_>, run: RunId, owner: &str) -> Result<Claimed, StoreError> {
    let sql = "SELECT COALESCE(MIN(CASE WHEN owner <> '' AND lease_until > next_at THEN lease_until ELSE next_at END), -1)
        FROM chunk WHERE run = ?1 AND state <> 'drained' AND owner <> ?2";
    let at = transaction.first(sql, &[Value::Int(run.0), Value::Text(owner)], |row| row.int(0))?;
    Ok(at.filter(|at| *at >= 0).map_or(Claimed::Nothing, Claimed::Wait))
}

/// Whom a claimed chunk is to be mailed to now; who cannot be mailed is skipped.
fn due(
    transaction: &mut Transaction<'_>,
    run: &Run,
    claim: &Claim,
    now: i64,
) -> Result<Vec<Due>, StoreError> {
    let range = range(claim.chunk, run.chunk_size);
    recover_chunk(transaction, run.id, &range, now)?;
    let key = [Value::Int(run.id.0), Value::Int(stored(claim.chunk)?)];
    let sql = "SELECT state FROM chunk WHERE run = ?1 AND no = ?2";
    let state = transaction.first(sql, &key, |row| word(row.text(0)?, ChunkState::parse))?;
    let mut known = HashMap::new();
    histories(transaction, run.id, &range, |history| {
        let wanted = match history.state(Lease::Dead) {
            DeliveryState::Pending => true,
            DeliveryState::Deferred => history.due() <= now,
            DeliveryState::Uncertain => state == Some(ChunkState::Again) && history.may_resend(),
            _ => false,
        };
        let next = (history.last_attempt() + 1, history.first_at, history.tries());
        known.insert(history.seq, wanted.then_some(next));
        Ok(())
    })?;
    let sql = "SELECT seq, subscriber, address FROM recipient WHERE run = ?1 AND seq BETWEEN ?2 AND ?3 ORDER BY seq";
    let values = [key[0], Value::Int(stored(*range.start())?), Value::Int(stored(*range.end())?)];
    let (mut due, mut skipped) = (Vec::new(), Vec::new());
    transaction.query(sql, &values, |row| {
        let seq = number(row.int(0)?)?;
        let Some((next_attempt, first_attempt_at, tries)) = known.remove(&seq).unwrap_or(Some((1, None, 0)))
        else {
            return Ok(());
        };
        let text = row.text(2)?;
        match EmailAddress::parse_international(&text) {
            Ok(address) => {
                let subscriber = number(row.int(1)?)?;
                due.push(Due { seq, subscriber, address, next_attempt, first_attempt_at, tries });
            }
            // Who was forgotten has a hash for an address.
            Err(_) if !text.contains('@') => skipped.push((seq, SkipReason::Erased)),
            Err(_) => skipped.push((seq, SkipReason::Invalid)),
        }
        Ok(())
    })?;
    for (seq, reason) in skipped {
        note::skip(transaction, run.id, seq, reason, now)?;
    }
    Ok(due)
}

/// Ends a claim; `None` when it was over already.
fn give_back(
    transaction: &mut Transaction<'_>,
    claim: &Claim,
    chunk_size: u32,
) -> Result<Option<(Tally, i64)>, StoreError> {
    let sql = "UPDATE chunk SET owner = '', lease_until = 0
        WHERE run = ?1 AND no = ?2 AND owner = ?3 AND fence = ?4";
    let values = [
        Value::Int(claim.run.0),
        Value::Int(stored(claim.chunk)?),
        Value::Text(&claim.owner),
        Value::Int(stored(claim.fence)?),
    ];
    if transaction.execute(sql, &values)? == 0 {
        return Ok(None);
    }
    let sum = refresh(transaction, claim.run, claim.chunk, chunk_size, Lease::Live)?;
    let next = if sum.state == ChunkState::Drained { i64::MAX } else { sum.next_at };
    Ok(Some((sum.tally, next)))
}
