//! Approval: what may be sent under a day, byte for byte, and who said so.

use crate::model::{Slot, Slug};

use super::super::connection::{StoreError, Value};
use super::super::transaction::Transaction;
use super::{Ledger, LedgerError};

/// What was approved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// For which list.
    pub list: Slug,
    /// For which day.
    pub slot: Slot,
    /// The digest of what was proofread.
    pub hash: String,
    /// All that letters are made of; the ledger does not look into it.
    pub content: String,
    /// The corrections that it tells; the ledger does not look into that either.
    pub told: String,
    /// Who approved.
    pub by: String,
    /// When.
    pub at: i64,
}

/// Whether an approval was kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pinned {
    /// It was, in place of an earlier one.
    Kept,
    /// It was not: the run of that day has begun.
    RunHasBegun,
}

impl Ledger {
    /// Keeps an approval; once a run has begun, what it sends cannot change.
    pub fn pin(&self, approval: &Approval) -> Result<Pinned, LedgerError> {
        let approval = approval.clone();
        self.write(move |transaction| pin(transaction, &approval))
    }

    /// What is approved for a day.
    pub fn approved(&self, list: &Slug, slot: Slot) -> Result<Option<Approval>, LedgerError> {
        let sql =
            "SELECT hash, content, told, approved_by, approved_at FROM issue WHERE list = ?1 AND slot = ?2";
        let day = slot.to_string();
        self.read(|transaction| {
            transaction.first(sql, &[Value::Text(list.as_str()), Value::Text(&day)], |row| {
                Ok(Approval {
                    list: list.clone(),
                    slot,
                    hash: row.text(0)?,
                    content: row.text(1)?,
                    told: row.text(2)?,
                    by: row.text(3)?,
                    at: row.int(4)?,
                })
            })
        })
    }

    /// The issues that are approved for some list, or are being sent or were, oldest first, with the corrections that
    /// they tell: they cannot change any more.
    pub fn closed(&self) -> Result<Vec<(Slot, String)>, LedgerError> {
        const SINCE: i64 = 2;
        let rows = self.read(|transaction| {
            // Who only looks may meet the tables of an earlier program.
            let version = "SELECT value FROM meta WHERE name = 'ledger version'";
            let version = transaction.first(version, &[], |row| row.text(0))?;
            let known = version.and_then(|version| version.parse().ok()).unwrap_or(0);
            let told = if known < SINCE { "CAST('' AS TEXT)" } else { "told" };
            let sql = format!(
                "SELECT slot, MAX({told}) FROM issue
                WHERE hash <> '' OR EXISTS (SELECT 1 FROM run WHERE run.issue = issue.id)
                GROUP BY slot ORDER BY slot"
            );
            transaction.all(&sql, &[], |row| Ok((row.text(0)?, row.text(1)?)))
        })?;
        Ok(rows.into_iter().filter_map(|(slot, told)| Some((Slot::parse(&slot).ok()?, told))).collect())
    }
}

fn pin(transaction: &mut Transaction<'_>, approval: &Approval) -> Result<Pinned, StoreError> {
    super::in_turn(transaction)?;
    let slot = approval.slot.to_string();
    // Written so that the same text serves a new issue and a known one, and a run stops it in the statement itself.
    let sql = "INSERT INTO issue (id, list, slot, hash, content, told, approved_by, approved_at)
        SELECT COALESCE(MAX(id), 0) + 1, CAST(?1 AS TEXT), CAST(?2 AS TEXT), CAST(?3 AS TEXT), CAST(?4 AS TEXT),
            CAST(?5 AS TEXT), CAST(?6 AS TEXT), CAST(?7 AS BIGINT) FROM issue WHERE id >= 0
        ON CONFLICT (list, slot) DO UPDATE SET hash = excluded.hash, content = excluded.content,
            told = excluded.told, approved_by = excluded.approved_by, approved_at = excluded.approved_at
        WHERE NOT EXISTS (SELECT 1 FROM run WHERE run.issue = issue.id)";
    let values = [
        Value::Text(approval.list.as_str()),
        Value::Text(&slot),
        Value::Text(&approval.hash),
        Value::Text(&approval.content),
        Value::Text(&approval.told),
        Value::Text(&approval.by),
        Value::Int(approval.at),
    ];
    let kept = transaction.execute(sql, &values)?;
    Ok(if kept > 0 { Pinned::Kept } else { Pinned::RunHasBegun })
}
