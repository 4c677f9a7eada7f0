//! Erasure: everything about somebody goes, a keyed hash stays; and whose secrets made the hashes.

use crate::model::SuppressionReason;

use super::connection::{Dialect, StoreError, Value};
use super::transaction::{Transaction, word};

/// What stays of somebody who was erased.
#[derive(Debug, Clone, Copy)]
pub struct Erasure<'a> {
    /// The keyed hash of the address.
    pub hash: &'a str,
    /// The mark of the secret that made it.
    pub mark: &'a str,
    /// How it came to us.
    pub source: &'a str,
    /// Why the address was not to be mailed, if it was not.
    pub suppression: Option<SuppressionReason>,
    /// When, in seconds since 1970.
    pub at: i64,
}

/// What has been deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Erased {
    /// How many subscriptions.
    pub subscriptions: u64,
    /// Why the address was not to be mailed, if it was not.
    pub suppression: Option<SuppressionReason>,
}

impl Transaction<'_> {
    /// Keeps others from referring to texts until the transaction ends, so that none is deleted that somebody begins
    /// to refer to. A server takes its view of the rows after this: it comes before everything else.
    pub fn begin_erasure(&mut self) -> Result<(), StoreError> {
        if self.dialect() == Dialect::Postgres {
            self.execute("LOCK TABLE statement IN EXCLUSIVE MODE", &[])?;
        }
        Ok(())
    }

    /// Deletes everything about an address, by its key.
    pub fn erase(&mut self, key: &str) -> Result<Erased, StoreError> {
        let suppression = self.suppression(key)?.map(|why| why.reason);
        let subscriptions = self.remove("addr_key = ?1", &[Value::Text(key)])?;
        self.execute("DELETE FROM request WHERE addr_key = ?1", &[Value::Text(key)])?;
        self.execute("DELETE FROM suppression WHERE addr_key = ?1", &[Value::Text(key)])?;
        Ok(Erased { subscriptions, suppression })
    }

    /// Forgets those who were asked before a moment and never answered, so many at most; says how many. Who was
    /// brought by a file as unconfirmed has not been asked, and stays.
    pub fn forget_unanswered(&mut self, before: i64, most: i64) -> Result<u64, StoreError> {
        let which = "id IN (
            SELECT id FROM subscriber AS old WHERE state = 'unconfirmed' AND since < ?1 AND NOT EXISTS (
                SELECT 1 FROM consent
                WHERE consent.subscriber = old.id AND (consent.at >= ?1 OR consent.source = 'import'))
            ORDER BY id LIMIT ?2)";
        self.remove(which, &[Value::Int(before), Value::Int(most)])
    }

    /// Deletes subscribers, all that belongs to them, and the texts that only they referred to. The subscribers go
    /// before their journals: who writes about one of them at the same time comes before, and is seen here, or
    /// finds nobody.
    fn remove(&mut self, which: &str, values: &[Value<'_>]) -> Result<u64, StoreError> {
        let sql = format!("DELETE FROM subscriber WHERE {which} RETURNING id");
        let gone = self.all(&sql, values, |row| row.int(0))?;
        let mut texts = Vec::new();
        for id in &gone {
            let sql = "SELECT DISTINCT statement FROM consent WHERE subscriber = ?1 AND statement <> ''";
            texts.extend(self.all(sql, &[Value::Int(*id)], |row| row.text(0))?);
            for table in ["consent", "outbox"] {
                self.execute(&format!("DELETE FROM {table} WHERE subscriber = ?1"), &[Value::Int(*id)])?;
            }
            self.forget_rate(&format!("data {id}"))?;
        }
        texts.sort();
        texts.dedup();
        let sql = "DELETE FROM statement WHERE id = ?1 AND NOT EXISTS (
            SELECT 1 FROM consent WHERE consent.statement = ?1 AND consent.statement <> '')";
        for text in &texts {
            self.execute(sql, &[Value::Text(text)])?;
        }
        Ok(gone.len() as u64)
    }

    /// Remembers that somebody was erased. A reason why they were not to be mailed is never lost.
    pub fn remember_erased(&mut self, erasure: &Erasure<'_>) -> Result<(), StoreError> {
        let sql = "INSERT INTO erasure (hash, mark, source, reason, at) VALUES (?1, ?2, ?3, ?4, ?5)
            ON CONFLICT (hash) DO UPDATE SET reason = excluded.reason WHERE erasure.reason = ''";
        let values = [
            Value::Text(erasure.hash),
            Value::Text(erasure.mark),
            Value::Text(erasure.source),
            Value::Text(erasure.suppression.map_or("", SuppressionReason::as_str)),
            Value::Int(erasure.at),
        ];
        self.execute(sql, &values)?;
        Ok(())
    }

    /// Forgets an erasure, because its subject has come back and proved it.
    pub fn forget_erased(&mut self, hash: &str) -> Result<(), StoreError> {
        self.execute("DELETE FROM erasure WHERE hash = ?1", &[Value::Text(hash)])?;
        Ok(())
    }

    /// Lets somebody who was erased be asked again; `false` when nothing was against it.
    pub fn release_erased(&mut self, hash: &str) -> Result<bool, StoreError> {
        let sql = "UPDATE erasure SET reason = '' WHERE hash = ?1 AND reason <> ''";
        Ok(self.execute(sql, &[Value::Text(hash)])? > 0)
    }

    /// Whether somebody was erased.
    pub fn is_erased(&mut self, hash: &str) -> Result<bool, StoreError> {
        let sql = "SELECT at FROM erasure WHERE hash = ?1";
        Ok(self.first(sql, &[Value::Text(hash)], |row| row.int(0))?.is_some())
    }

    /// Why somebody who was erased was not to be mailed, if so.
    pub fn erased_suppression(&mut self, hash: &str) -> Result<Option<SuppressionReason>, StoreError> {
        let sql = "SELECT reason FROM erasure WHERE hash = ?1 AND reason <> ''";
        self.first(sql, &[Value::Text(hash)], |row| word(row.text(0)?, SuppressionReason::parse))
    }

    /// Whether anybody was ever erased.
    pub fn has_erasures(&mut self) -> Result<bool, StoreError> {
        Ok(self.first("SELECT at FROM erasure LIMIT 1", &[], |row| row.int(0))?.is_some())
    }

    /// The marks of the secrets that this store has been used with, and of those that erasures were hashed with.
    pub fn marks(&mut self) -> Result<(Vec<String>, Vec<String>), StoreError> {
        let used = self.all("SELECT mark FROM signer ORDER BY mark", &[], |row| row.text(0))?;
        let needed = self.all("SELECT DISTINCT mark FROM erasure", &[], |row| row.text(0))?;
        Ok((used, needed))
    }

    /// Remembers the mark of a secret.
    pub fn add_mark(&mut self, mark: &str, at: i64) -> Result<(), StoreError> {
        let sql = "INSERT INTO signer (mark, at) VALUES (?1, ?2) ON CONFLICT (mark) DO NOTHING";
        self.execute(sql, &[Value::Text(mark), Value::Int(at)])?;
        Ok(())
    }
}
