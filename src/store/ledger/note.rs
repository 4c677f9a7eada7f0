//! What a sender writes down: attempts before their last byte leaves, outcomes after the reply.

use crate::model::{Answer, Outcome, Phase, SkipReason, Witness};

use super::super::connection::{Dialect, StoreError, Value};
use super::super::transaction::{Transaction, stored};
use super::{Clock, Ledger, LedgerError, RunId};

/// A row that is to be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// An attempt begins: the dot waits for this.
    Begin(Begun),
    /// An attempt has ended.
    Outcome(Ended),
    /// A recipient is not mailed.
    Skip {
        /// Of which run.
        run: RunId,
        /// Who.
        seq: u64,
        /// Why.
        reason: SkipReason,
        /// When.
        at: i64,
    },
}

/// An attempt that begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Begun {
    /// Of which run.
    pub run: RunId,
    /// To whom.
    pub seq: u64,
    /// The number of the attempt, from 1.
    pub attempt: u32,
    /// The claimed chunk.
    pub chunk: u64,
    /// The fence of the claim.
    pub fence: u64,
    /// Who claimed.
    pub owner: String,
    /// On which connection.
    pub conn: u32,
    /// To which relay.
    pub relay: String,
    /// When.
    pub at: i64,
}

/// What became of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// Of which run.
    pub run: RunId,
    /// To whom.
    pub seq: u64,
    /// The number of the attempt; 0 where none was made.
    pub attempt: u32,
    /// Who made the attempt: the outcome of one that somebody else has begun under this number is not kept. Empty
    /// where that does not matter.
    pub owner: String,
    /// Who says so.
    pub witness: Witness,
    /// What became of it.
    pub outcome: Outcome,
    /// How far it came.
    pub phase: Option<Phase>,
    /// What the relay said, without addresses.
    pub answer: Option<Answer>,
    /// When a deferred letter is to be tried again; 0 otherwise.
    pub due: i64,
    /// When.
    pub at: i64,
}

/// Whether rows were kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Noted {
    /// All were.
    Kept,
    /// The chunk is somebody else's: outcomes were kept, beginnings were not, and no dot may leave.
    Fenced,
}

impl Ledger {
    /// Writes rows down, together with whatever else has gathered, and tells `done` once they are durable. Rows
    /// that are known already are left as they are, so that who has heard nothing may write again.
    pub fn note(&self, rows: Vec<Note>, done: impl FnOnce(Result<Noted, LedgerError>) + Send + 'static) {
        let clock = self.clock;
        let work = move |transaction: &mut Transaction<'_>| note(transaction, clock, &rows);
        self.store.submit(work, move |result| done(result.map_err(LedgerError::from)));
    }

    /// The same, and waits.
    pub fn note_now(&self, rows: Vec<Note>) -> Result<Noted, LedgerError> {
        let clock = self.clock;
        self.write(move |transaction| note(transaction, clock, &rows))
    }
}

fn note(transaction: &mut Transaction<'_>, clock: Clock, rows: &[Note]) -> Result<Noted, StoreError> {
    let mut noted = Noted::Kept;
    let mut checked: Option<(RunId, u64, u64, bool)> = None;
    for row in rows {
        match row {
            Note::Outcome(ended) => {
                let shift = if ended.due > 0 { clock.moment(transaction, ended.at)? - ended.at } else { 0 };
                outcome(transaction, ended, shift)?;
            }
            Note::Skip { run, seq, reason, at } => skip(transaction, *run, *seq, *reason, *at)?,
            Note::Begin(begun) => {
                let key = (begun.run, begun.chunk, begun.fence);
                let ours = match checked {
                    Some((run, chunk, fence, ours)) if (run, chunk, fence) == key => ours,
                    _ => is_ours(transaction, clock, begun)?,
                };
                checked = Some((key.0, key.1, key.2, ours));
                if !ours || !begin(transaction, begun)? {
                    noted = Noted::Fenced;
                }
            }
        }
    }
    Ok(noted)
}

/// Whether the chunk still has our owner and our fence; on a server also a lease that lives, and nobody may take it
/// before this is durable.
fn is_ours(transaction: &mut Transaction<'_>, clock: Clock, begun: &Begun) -> Result<bool, StoreError> {
    let sql = "SELECT lease_until FROM chunk WHERE run = ?1 AND no = ?2 AND owner = ?3 AND fence = ?4";
    let values = [
        Value::Int(begun.run.0),
        Value::Int(stored(begun.chunk)?),
        Value::Text(&begun.owner),
        Value::Int(stored(begun.fence)?),
    ];
    if transaction.dialect() == Dialect::Sqlite {
        return Ok(transaction.first(sql, &values, |row| row.int(0))?.is_some());
    }
    let until = transaction.first(&format!("{sql} FOR SHARE"), &values, |row| row.int(0))?;
    let now = clock.moment(transaction, begun.at)?;
    Ok(until.is_some_and(|until| until > now))
}

/// `false` when somebody else has begun this attempt.
fn begin(transaction: &mut Transaction<'_>, begun: &Begun) -> Result<bool, StoreError> {
    let sql = "INSERT INTO attempt (run, seq, attempt, fence, owner, conn, relay, at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO NOTHING";
    let values = [
        Value::Int(begun.run.0),
        Value::Int(stored(begun.seq)?),
        Value::Int(i64::from(begun.attempt)),
        Value::Int(stored(begun.fence)?),
        Value::Text(&begun.owner),
        Value::Int(i64::from(begun.conn)),
        Value::Text(&begun.relay),
        Value::Int(begun.at),
    ];
    if transaction.execute(sql, &values)? > 0 {
        return Ok(true);
    }
    let sql =
        "SELECT at FROM attempt WHERE run = ?1 AND seq = ?2 AND attempt = ?3 AND fence = ?4 AND owner = ?5
        AND conn = ?6";
    Ok(transaction.first(sql, &values[..6], |row| row.int(0))?.is_some())
}

/// Adds an outcome; `shift` is how far the clock that decides is ahead of that of the sender.
pub(super) fn outcome(
    transaction: &mut Transaction<'_>,
    ended: &Ended,
    shift: i64,
) -> Result<(), StoreError> {
    let (code, enhanced, text) = match &ended.answer {
        None => (0, String::new(), ""),
        Some(Answer::Lost(why)) => (0, String::new(), why.as_str()),
        Some(Answer::Reply(reply)) => {
            let enhanced = reply.enhanced.map(|code| code.to_string()).unwrap_or_default();
            (reply.code, enhanced, reply.text.as_str())
        }
    };
    let sql = "INSERT INTO outcome
            (run, seq, attempt, witness, result, phase, code, enhanced, reply, due, at)
        SELECT CAST(?1 AS BIGINT), CAST(?2 AS BIGINT), CAST(?3 AS BIGINT), CAST(?4 AS TEXT), CAST(?5 AS TEXT),
            CAST(?6 AS TEXT), CAST(?7 AS BIGINT), CAST(?8 AS TEXT), CAST(?9 AS TEXT), CAST(?10 AS BIGINT),
            CAST(?11 AS BIGINT)
        WHERE CAST(?12 AS TEXT) = '' OR EXISTS (
            SELECT 1 FROM attempt WHERE run = ?1 AND seq = ?2 AND attempt = ?3 AND owner = ?12)
        ON CONFLICT DO NOTHING";
    let values = [
        Value::Int(ended.run.0),
        Value::Int(stored(ended.seq)?),
        Value::Int(i64::from(ended.attempt)),
        Value::Text(ended.witness.as_str()),
        Value::Text(ended.outcome.as_str()),
        Value::Text(ended.phase.map_or("", Phase::as_str)),
        Value::Int(i64::from(code)),
        Value::Text(&enhanced),
        Value::Text(text),
        Value::Int(if ended.due > 0 { ended.due + shift } else { 0 }),
        Value::Int(ended.at),
        Value::Text(&ended.owner),
    ];
    transaction.execute(sql, &values)?;
    Ok(())
}

pub(super) fn skip(
    transaction: &mut Transaction<'_>,
    run: RunId,
    seq: u64,
    reason: SkipReason,
    at: i64,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO skip (run, seq, reason, at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING";
    let values = [Value::Int(run.0), Value::Int(stored(seq)?), Value::Text(reason.as_str()), Value::Int(at)];
    transaction.execute(sql, &values)?;
    Ok(())
}
