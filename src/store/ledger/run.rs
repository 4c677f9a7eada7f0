//! A run: one issue on its way to one list. Its audience is fixed in the transaction that makes it.

use crate::model::{IssueKind, RunState, Slot, Slug, UncertainPolicy};

use super::super::connection::{Dialect, Row, StoreError, Value};
use super::super::transaction::{Transaction, number, stored, word};
use super::{Ledger, LedgerError, RunId};

/// What is to be sent to whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// To which list.
    pub list: Slug,
    /// What: the approved issue of a day. Its kind decides which rhythm of reading gets it.
    pub slot: Slot,
    /// The topics of the issue, for readers who chose some.
    pub topics: Vec<Slug>,
    /// What becomes of those whose answer was lost.
    pub policy: UncertainPolicy,
    /// When the last retry is over.
    pub deadline_at: i64,
    /// How many recipients a sender claims at once.
    pub chunk_size: u32,
}

/// A run as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Its number.
    pub id: RunId,
    /// The list.
    pub list: Slug,
    /// The day.
    pub slot: Slot,
    /// The digest of what is sent.
    pub hash: String,
    /// How far it has come.
    pub state: RunState,
    /// What becomes of those whose answer was lost.
    pub policy: UncertainPolicy,
    /// How many recipients it has.
    pub audience: u64,
    /// How many of them a sender claims at once.
    pub chunk_size: u32,
    /// Since when.
    pub started_at: i64,
    /// When the last retry is over.
    pub deadline_at: i64,
}

const RUN: &str =
    "SELECT run.id, list, slot, hash, state, reason, policy, audience, chunk_size, started_at, deadline_at
    FROM run JOIN issue ON issue.id = run.issue";

impl Ledger {
    /// Begins the run of an approved issue with everybody who is to have it, or finds the one that has begun.
    pub fn start(&self, plan: &Plan, now: i64) -> Result<Run, LedgerError> {
        let kept = plan.clone();
        let run = self.write(move |transaction| {
            super::in_turn(transaction)?;
            if let Some(run) = run_of(transaction, &kept.list, kept.slot)? {
                return Ok(Some(run));
            }
            let sql = "SELECT id FROM issue WHERE list = ?1 AND slot = ?2";
            let slot = kept.slot.to_string();
            let values = [Value::Text(kept.list.as_str()), Value::Text(&slot)];
            let Some(issue) = transaction.first(sql, &values, |row| row.int(0))? else { return Ok(None) };
            begin(transaction, &kept, issue, now)?;
            run_of(transaction, &kept.list, kept.slot)
        })?;
        run.ok_or_else(|| LedgerError::Unapproved {
            list: plan.list.to_string(),
            slot: plan.slot.to_string(),
        })
    }

    /// The run of a day, if it has begun.
    pub fn run(&self, list: &Slug, slot: Slot) -> Result<Option<Run>, LedgerError> {
        self.read(|transaction| run_of(transaction, list, slot))
    }

    /// The run of a number.
    pub fn run_by_id(&self, id: RunId) -> Result<Option<Run>, LedgerError> {
        self.read(|transaction| run_by_id(transaction, id))
    }

    /// All runs, the newest first.
    pub fn runs(&self) -> Result<Vec<Run>, LedgerError> {
        self.read(|transaction| transaction.all(&format!("{RUN} ORDER BY run.id DESC"), &[], run))
    }

    /// Says how far a run has come; `false` when it was over already, which nothing changes.
    pub fn set_state(&self, id: RunId, state: &RunState) -> Result<bool, LedgerError> {
        let state = state.clone();
        self.write(move |transaction| {
            let reason = if let RunState::Paused(reason) = &state { reason } else { "" };
            let sql = "UPDATE run SET state = ?2, reason = ?3
                WHERE id = ?1 AND state IN ('running', 'paused', 'unbalanced')";
            let values = [Value::Int(id.0), Value::Text(state.as_str()), Value::Text(reason)];
            Ok(transaction.execute(sql, &values)? > 0)
        })
    }
}

fn run_of(transaction: &mut Transaction<'_>, list: &Slug, slot: Slot) -> Result<Option<Run>, StoreError> {
    let slot = slot.to_string();
    let values = [Value::Text(list.as_str()), Value::Text(&slot)];
    transaction.first(&format!("{RUN} WHERE list = ?1 AND slot = ?2"), &values, run)
}

pub(super) fn run_by_id(transaction: &mut Transaction<'_>, id: RunId) -> Result<Option<Run>, StoreError> {
    transaction.first(&format!("{RUN} WHERE run.id = ?1"), &[Value::Int(id.0)], run)
}

fn run(row: &dyn Row) -> Result<Run, StoreError> {
    let state = row.text(4)?;
    Ok(Run {
        id: RunId(row.int(0)?),
        list: word(row.text(1)?, |text| Slug::parse(text).ok())?,
        slot: word(row.text(2)?, |text| Slot::parse(text).ok())?,
        hash: row.text(3)?,
        state: RunState::parse(&state, row.text(5)?)
            .ok_or_else(|| StoreError::Damaged(format!("`{state}` is no state of a run")))?,
        policy: word(row.text(6)?, UncertainPolicy::parse)?,
        audience: number(row.int(7)?)?,
        chunk_size: super::small(row.int(8)?)?,
        started_at: row.int(9)?,
        deadline_at: row.int(10)?,
    })
}

/// Makes the run, its recipients and its chunks, all or none.
fn begin(transaction: &mut Transaction<'_>, plan: &Plan, issue: i64, now: i64) -> Result<(), StoreError> {
    let size = i64::from(plan.chunk_size.max(1));
    let sql = "INSERT INTO run
        (id, issue, state, reason, policy, audience, chunk_size, started_at, deadline_at)
        SELECT COALESCE(MAX(id), 0) + 1, CAST(?1 AS BIGINT), 'running', '', CAST(?2 AS TEXT), 0,
            CAST(?3 AS BIGINT), CAST(?4 AS BIGINT), CAST(?5 AS BIGINT) FROM run WHERE id >= 0
        RETURNING id";
    let values = [
        Value::Int(issue),
        Value::Text(plan.policy.as_str()),
        Value::Int(size),
        Value::Int(now),
        Value::Int(plan.deadline_at),
    ];
    let run = transaction.first(sql, &values, |row| row.int(0))?;
    let run = run.ok_or_else(|| StoreError::Damaged("a run has no number".to_owned()))?;
    let audience = stored(freeze(transaction, plan, run)?)?;
    let values = [Value::Int(run), Value::Int(audience)];
    transaction.execute("UPDATE run SET audience = ?2 WHERE id = ?1", &values)?;
    let sql = "INSERT INTO chunk (run, no, size, state, owner, fence, lease_until, next_at,
            accepted, rejected, skipped, expired, held, uncertain, deferred)
        WITH RECURSIVE every (no) AS (
            SELECT CAST(0 AS BIGINT) WHERE ?2 > 0 UNION ALL SELECT no + 1 FROM every WHERE (no + 1) * ?3 < ?2
        )
        SELECT CAST(?1 AS BIGINT), no, CASE WHEN (no + 1) * ?3 <= ?2 THEN ?3 ELSE ?2 - no * ?3 END,
            'open', '', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 FROM every";
    transaction.execute(sql, &[Value::Int(run), Value::Int(audience), Value::Int(size)])?;
    Ok(())
}

/// How many recipients are written down in one statement: what a statement keeps in memory does not grow with the list.
const STRETCH: u64 = 20_000;

/// Writes down everybody who is to have the issue, in the order of addresses, so that every index grows at its end.
/// A list has an address once; what is not to be mailed is left out here and asked about again before each letter.
fn freeze(transaction: &mut Transaction<'_>, plan: &Plan, run: i64) -> Result<u64, StoreError> {
    let (date, topics) = (plan.slot.date.to_string(), wanted(plan));
    let order = match transaction.dialect() {
        // It numbers rows as they come, and sorting them once more takes as long as writing them down.
        Dialect::Sqlite => "",
        Dialect::Postgres => "ORDER BY addr_key",
    };
    let sql = format!(
        "INSERT INTO recipient (run, seq, subscriber, address, addr_key)
         SELECT CAST(?1 AS BIGINT), CAST(?5 AS BIGINT) + ROW_NUMBER() OVER ({order}),
            id, address, addr_key
         FROM (SELECT id, address, addr_key FROM subscriber
            WHERE addr_key > ?4 AND list = ?2 AND state = 'confirmed' AND paused_until <= ?3 AND {}
                AND LENGTH(address) <= 254 AND address LIKE '_%@_%'
                AND NOT EXISTS (SELECT 1 FROM suppression WHERE suppression.addr_key = subscriber.addr_key)
            ORDER BY addr_key LIMIT {STRETCH}) AS stretch",
        rhythm(plan)
    );
    let (mut count, mut last) = (0, String::new());
    loop {
        let done = Value::Int(stored(count)?);
        let mut values = vec![
            Value::Int(run),
            Value::Text(plan.list.as_str()),
            Value::Text(&date),
            Value::Text(&last),
            done,
        ];
        values.extend(topics.iter().map(|topic| Value::Text(topic)));
        let added = transaction.execute(&sql, &values)?;
        count += added;
        if added < STRETCH {
            return Ok(count);
        }
        let sql = "SELECT addr_key FROM recipient WHERE run = ?1 AND seq = ?2";
        let values = [Value::Int(run), Value::Int(stored(count)?)];
        last = transaction.first(sql, &values, |row| row.text(0))?.unwrap_or_default();
    }
}

/// Who reads this kind of issue.
fn rhythm(plan: &Plan) -> String {
    match plan.slot.kind {
        IssueKind::Weekly => "rhythm = 'weekly'".to_owned(),
        IssueKind::Daily if plan.topics.is_empty() => "rhythm = 'daily'".to_owned(),
        IssueKind::Daily => {
            let one = |at| format!("' ' || topics || ' ' LIKE ?{}", at + 6);
            let any: Vec<String> = (0..plan.topics.len()).map(one).collect();
            format!("(rhythm = 'daily' OR (rhythm = 'topics' AND ({})))", any.join(" OR "))
        }
    }
}

/// The topics of the issue, as they are looked for; a slug holds no sign that has a meaning here.
fn wanted(plan: &Plan) -> Vec<String> {
    match plan.slot.kind {
        IssueKind::Weekly => Vec::new(),
        IssueKind::Daily => plan.topics.iter().map(|topic| format!("% {topic} %")).collect(),
    }
}
