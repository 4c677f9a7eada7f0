//! What happened to recipients: their rows, in the order of recipients, and where each of them stands.

use std::collections::HashMap;
use std::ops::RangeInclusive;

use crate::model::{DeliveryState, Lease, Outcome, Recorded, Witness};

use super::super::connection::{StoreError, Value};
use super::super::transaction::{Transaction, number, stored, word};
use super::{RunId, small};

/// All rows about one recipient.
#[derive(Debug, Default)]
pub(super) struct History {
    pub(super) seq: u64,
    begun: Vec<u32>,
    outcomes: Vec<Recorded>,
    skipped: bool,
    /// When the outcome that counts wants another attempt.
    due: i64,
    counts: (u32, Option<Witness>),
    /// When the first attempt was begun.
    pub(super) first_at: Option<i64>,
    /// When the last row was written.
    pub(super) last_at: i64,
    /// When the sender last wrote about an attempt.
    pub(super) tried_at: i64,
    /// Under which fence the last attempt was begun.
    fence: u64,
}

/// The chunks that somebody is working on, with their fences.
pub(super) struct Leases {
    live: HashMap<u64, u64>,
    chunk_size: u64,
}

impl History {
    fn clear(&mut self, seq: u64) {
        let (mut begun, mut outcomes) = (std::mem::take(&mut self.begun), std::mem::take(&mut self.outcomes));
        begun.clear();
        outcomes.clear();
        *self = Self { seq, begun, outcomes, ..Self::default() };
    }

    fn outcome(&mut self, recorded: Recorded, due: i64) {
        let rank = (recorded.attempt, Some(recorded.witness));
        if self.outcomes.is_empty() || rank >= self.counts {
            (self.counts, self.due) = (rank, due);
        }
        self.outcomes.push(recorded);
    }

    pub(super) fn state(&self, lease: Lease) -> DeliveryState {
        DeliveryState::fold(&self.begun, &self.outcomes, self.skipped, lease)
    }

    /// The state among these leases.
    pub(super) fn state_among(&self, leases: &Leases) -> DeliveryState {
        let chunk = self.seq.saturating_sub(1) / leases.chunk_size;
        let live = leases.live.get(&chunk).is_some_and(|fence| *fence == self.fence);
        self.state(if live { Lease::Live } else { Lease::Dead })
    }

    /// The number of the last attempt; 0 for none.
    pub(super) fn last_attempt(&self) -> u32 {
        let outcomes = self.outcomes.iter().map(|row| row.attempt);
        self.begun.iter().copied().chain(outcomes).max().unwrap_or(0)
    }

    /// The attempts that were begun and of which nothing else is known.
    pub(super) fn unanswered(&self) -> impl Iterator<Item = u32> {
        let answered = |attempt: u32| self.outcomes.iter().any(|row| row.attempt == attempt);
        self.begun.iter().copied().filter(move |attempt| !answered(*attempt))
    }

    /// The attempts that count against the limit: all but void ones.
    pub(super) fn tries(&self) -> u32 {
        let is_void = |attempt: u32| {
            let of = self.outcomes.iter().filter(|row| row.attempt == attempt);
            of.max_by_key(|row| row.witness).is_some_and(|row| row.outcome == Outcome::Void)
        };
        self.begun.iter().filter(|attempt| !is_void(**attempt)).count() as u32
    }

    /// Whether a letter whose answer was lost may be repeated: once, and a repetition that was answered was that.
    pub(super) fn may_resend(&self) -> bool {
        let first = self.uncertain().min();
        let is_void = |attempt: u32| {
            self.outcomes.iter().any(|row| row.attempt == attempt && row.outcome == Outcome::Void)
        };
        first.is_some_and(|first| !self.begun.iter().any(|later| *later > first && !is_void(*later)))
    }

    /// The last attempt whose answer was lost, or that was begun and of which nothing else is known; 0 for none.
    pub(super) fn uncertain_attempt(&self) -> u32 {
        self.uncertain().chain(self.unanswered()).max().unwrap_or(0)
    }

    fn uncertain(&self) -> impl Iterator<Item = u32> {
        self.outcomes.iter().filter(|row| row.outcome == Outcome::Uncertain).map(|row| row.attempt)
    }

    /// When a deferred recipient is to be tried again.
    pub(super) fn due(&self) -> i64 {
        self.due
    }
}

impl Leases {
    /// Those that are alive at a moment.
    pub(super) fn load(
        transaction: &mut Transaction<'_>,
        run: RunId,
        chunk_size: u32,
        now: i64,
    ) -> Result<Self, StoreError> {
        let sql = "SELECT no, fence FROM chunk WHERE run = ?1 AND owner <> '' AND lease_until > ?2";
        let live = transaction.all(sql, &[Value::Int(run.0), Value::Int(now)], |row| {
            Ok((number(row.int(0)?)?, number(row.int(1)?)?))
        })?;
        Ok(Self { live: live.into_iter().collect(), chunk_size: u64::from(chunk_size.max(1)) })
    }
}

/// Hands over what is known about each recipient of a range that has any row, in order.
pub(super) fn histories(
    transaction: &mut Transaction<'_>,
    run: RunId,
    range: &RangeInclusive<u64>,
    mut each: impl FnMut(&History) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut history = History::default();
    let values = [Value::Int(run.0), Value::Int(stored(*range.start())?), Value::Int(stored(*range.end())?)];
    transaction.query(ROWS, &values, |row| {
        let seq = number(row.int(0)?)?;
        if seq != history.seq {
            if history.seq != 0 {
                each(&history)?;
            }
            history.clear(seq);
        }
        let (attempt, at) = (small(row.int(2)?)?, row.int(6)?);
        history.last_at = history.last_at.max(at);
        match row.int(1)? {
            BEGUN => {
                if history.begun.iter().all(|earlier| *earlier < attempt) {
                    history.fence = number(row.int(7)?)?;
                }
                history.first_at = Some(history.first_at.map_or(at, |first: i64| first.min(at)));
                history.tried_at = history.tried_at.max(at);
                history.begun.push(attempt);
            }
            ENDED => {
                let witness = word(row.text(3)?, Witness::parse)?;
                let outcome = word(row.text(4)?, Outcome::parse)?;
                if witness == Witness::Sender {
                    history.tried_at = history.tried_at.max(at);
                }
                history.outcome(Recorded { attempt, witness, outcome }, row.int(5)?);
            }
            _ => history.skipped = true,
        }
        Ok(())
    })?;
    if history.seq == 0 { Ok(()) } else { each(&history) }
}

const BEGUN: i64 = 0;
const ENDED: i64 = 1;

/// The three kinds of rows, merged in the order in which each of them is kept.
const ROWS: &str =
    "SELECT seq, CAST(0 AS BIGINT) AS kind, attempt, '' AS witness, '' AS result, CAST(0 AS BIGINT) AS due, at, fence
    FROM attempt WHERE run = ?1 AND seq BETWEEN ?2 AND ?3
    UNION ALL
    SELECT seq, CAST(1 AS BIGINT), attempt, witness, result, due, at, CAST(0 AS BIGINT)
    FROM outcome WHERE run = ?1 AND seq BETWEEN ?2 AND ?3
    UNION ALL
    SELECT seq, CAST(2 AS BIGINT), CAST(0 AS BIGINT), '', '', CAST(0 AS BIGINT), at, CAST(0 AS BIGINT)
    FROM skip WHERE run = ?1 AND seq BETWEEN ?2 AND ?3
    ORDER BY 1";
