//! A chunk: recipients that one sender works on at a time. Its counters are what its recipients' rows add up to, kept
//! so that a look at a run does not have to read millions of rows.

use std::ops::RangeInclusive;

use crate::model::{DeliveryState, Lease, Tally};

use super::super::connection::{StoreError, Value};
use super::super::transaction::{Transaction, number, stored};
use super::RunId;
use super::history::histories;

/// What a chunk still needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ChunkState {
    /// There are recipients to be mailed.
    Open,
    /// All is over but for the uncertain, who are to be tried once more.
    Again,
    /// There is nothing left to do.
    Drained,
}

impl ChunkState {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Again => "again",
            Self::Drained => "drained",
        }
    }

    pub(super) fn parse(word: &str) -> Option<Self> {
        [Self::Open, Self::Again, Self::Drained].into_iter().find(|state| state.as_str() == word)
    }
}

/// Which recipients a chunk holds: they are numbered from 1, chunks from 0.
pub(super) fn range(no: u64, chunk_size: u32) -> RangeInclusive<u64> {
    let size = u64::from(chunk_size.max(1));
    no * size + 1..=(no + 1) * size
}

/// The chunk of a recipient.
pub(super) fn chunk_of(seq: u64, chunk_size: u32) -> u64 {
    seq.saturating_sub(1) / u64::from(chunk_size.max(1))
}

/// What a chunk adds up to: its counts, its state, and when something is due, 0 for at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sum {
    pub(super) tally: Tally,
    pub(super) state: ChunkState,
    pub(super) next_at: i64,
}

/// Counts a chunk afresh and keeps the counters.
pub(super) fn refresh(
    transaction: &mut Transaction<'_>,
    run: RunId,
    no: u64,
    chunk_size: u32,
    lease: Lease,
) -> Result<Sum, StoreError> {
    let key = [Value::Int(run.0), Value::Int(stored(no)?)];
    let sql = "SELECT size, state FROM chunk WHERE run = ?1 AND no = ?2";
    let found =
        transaction.first(sql, &key, |row| Ok((number(row.int(0)?)?, ChunkState::parse(&row.text(1)?))))?;
    let Some((size, Some(before))) = found else {
        return Err(StoreError::Damaged(format!("the run has no chunk {no}")));
    };
    let sum = sum(transaction, run, &range(no, chunk_size), size, before, lease)?;
    let sql =
        "UPDATE chunk SET state = ?3, next_at = ?4, accepted = ?5, rejected = ?6, skipped = ?7, expired = ?8,
            held = ?9, uncertain = ?10, deferred = ?11 WHERE run = ?1 AND no = ?2";
    let count = |many: u64| stored(many).map(Value::Int);
    let tally = &sum.tally;
    let values = [
        key[0],
        key[1],
        Value::Text(sum.state.as_str()),
        Value::Int(sum.next_at),
        count(tally.accepted)?,
        count(tally.rejected)?,
        count(tally.skipped)?,
        count(tally.expired)?,
        count(tally.held)?,
        count(tally.uncertain)?,
        count(tally.deferred)?,
    ];
    transaction.execute(sql, &values)?;
    Ok(sum)
}

fn sum(
    transaction: &mut Transaction<'_>,
    run: RunId,
    range: &RangeInclusive<u64>,
    size: u64,
    before: ChunkState,
    lease: Lease,
) -> Result<Sum, StoreError> {
    let mut tally = Tally { audience: size, ..Tally::default() };
    let (mut with_rows, mut next, mut once) = (0, i64::MAX, 0);
    histories(transaction, run, range, |history| {
        let state = history.state(lease);
        tally.count(state, 1);
        with_rows += 1;
        match state {
            DeliveryState::Deferred => next = next.min(history.due()),
            DeliveryState::Uncertain if history.may_resend() => once += 1,
            _ => {}
        }
        Ok(())
    })?;
    tally.count(DeliveryState::Pending, size.saturating_sub(with_rows));
    let again = before == ChunkState::Again && once > 0;
    let state = if again {
        ChunkState::Again
    } else if tally.pending + tally.deferred + tally.in_flight > 0 {
        ChunkState::Open
    } else {
        ChunkState::Drained
    };
    let next_at = if tally.pending + tally.in_flight > 0 || again || next == i64::MAX { 0 } else { next };
    Ok(Sum { tally, state, next_at })
}
