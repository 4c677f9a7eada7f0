//! How often: questions to one address, and whatever has a name. Each limit is part of the statement that counts, so
//! that two programs cannot both pass it.

use super::connection::{StoreError, Value};
use super::transaction::Transaction;

/// How often one address may be asked for confirmation, over all lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AskLimits {
    /// The pause between two questions, in seconds.
    pub pause: i64,
    /// How many without an answer.
    pub unanswered: i64,
    /// How many at all.
    pub ever: i64,
}

/// How often one address may be told that it is subscribed already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TellLimits {
    /// The pause between two letters, in seconds.
    pub pause: i64,
    /// How many before a longer pause.
    pub most: i64,
    /// The longer pause, in seconds; after it the count begins anew.
    pub rest: i64,
}

/// How fast something may go on (the generic cell rate algorithm).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// One in so many milliseconds.
    pub pause: i64,
    /// So many at once.
    pub burst: i64,
}

impl Rate {
    /// One in so many seconds, and so many at once.
    pub const fn of(seconds: i64, burst: i64) -> Self {
        Self { pause: seconds * 1000, burst }
    }

    /// The latest arrival time at which one more may still come.
    fn latest(self, now: i64) -> i64 {
        now * 1000 + self.pause * (self.burst - 1)
    }
}

impl Transaction<'_> {
    /// Whether an address may be asked for confirmation now; if so, counts the question. An address is known by its
    /// hashes, the current one first.
    pub fn may_ask(&mut self, hashes: &[String], now: i64, limits: &AskLimits) -> Result<bool, StoreError> {
        let Some(hash) = self.current(hashes)? else { return Ok(false) };
        let sql = "INSERT INTO asked (hash, unanswered, ever, at, told, told_at) VALUES (?1, 1, 1, ?2, 0, 0)
            ON CONFLICT (hash) DO UPDATE
            SET unanswered = asked.unanswered + 1, ever = asked.ever + 1, at = excluded.at
            WHERE asked.at <= ?3 AND asked.unanswered < ?4 AND asked.ever < ?5";
        let values = [
            Value::Text(hash),
            Value::Int(now),
            Value::Int(now - limits.pause),
            Value::Int(limits.unanswered),
            Value::Int(limits.ever),
        ];
        Ok(self.execute(sql, &values)? > 0)
    }

    /// Whether an address may be told now that it is subscribed already; if so, counts the letter.
    pub fn may_tell(&mut self, hashes: &[String], now: i64, limits: &TellLimits) -> Result<bool, StoreError> {
        let Some(hash) = self.current(hashes)? else { return Ok(false) };
        let sql = "INSERT INTO asked (hash, unanswered, ever, at, told, told_at) VALUES (?1, 0, 0, 0, 1, ?2)
            ON CONFLICT (hash) DO UPDATE
            SET told = CASE WHEN asked.told_at <= ?5 THEN 1 ELSE asked.told + 1 END, told_at = excluded.told_at
            WHERE asked.told_at <= ?5 OR (asked.told_at <= ?3 AND asked.told < ?4)";
        let values = [
            Value::Text(hash),
            Value::Int(now),
            Value::Int(now - limits.pause),
            Value::Int(limits.most),
            Value::Int(now - limits.rest),
        ];
        Ok(self.execute(sql, &values)? > 0)
    }

    /// Counts all questions to an address so far as answered.
    pub fn answered(&mut self, hashes: &[String]) -> Result<(), StoreError> {
        for hash in hashes {
            self.execute("UPDATE asked SET unanswered = 0 WHERE hash = ?1", &[Value::Text(hash)])?;
        }
        Ok(())
    }

    /// Forgets how often an address was asked, under each of its hashes and in the rate of each name.
    pub fn forget_asked(
        &mut self,
        hashes: &[String],
        name: impl Fn(&str) -> String,
    ) -> Result<(), StoreError> {
        for hash in hashes {
            self.execute("DELETE FROM asked WHERE hash = ?1", &[Value::Text(hash)])?;
            self.forget_rate(&name(hash))?;
        }
        Ok(())
    }

    /// The hash under which an address is counted; what was counted under an older secret is taken along.
    fn current<'a>(&mut self, hashes: &'a [String]) -> Result<Option<&'a str>, StoreError> {
        let Some((current, older)) = hashes.split_first() else { return Ok(None) };
        let sql = "UPDATE asked SET hash = ?1 WHERE hash = ?2
            AND NOT EXISTS (SELECT 1 FROM asked AS newer WHERE newer.hash = ?1)";
        for hash in older {
            self.execute(sql, &[Value::Text(current), Value::Text(hash)])?;
        }
        Ok(Some(current))
    }

    /// Whether one more of `name` may go now, in seconds since 1970; if so, counts it.
    pub fn within_rate(&mut self, name: &str, now: i64, rate: Rate) -> Result<bool, StoreError> {
        let sql = "INSERT INTO rate (name, tat) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE
            SET tat = CASE WHEN rate.tat > ?3 THEN rate.tat ELSE ?3 END + ?4 WHERE rate.tat <= ?5";
        let values = [
            Value::Text(name),
            Value::Int(now * 1000 + rate.pause),
            Value::Int(now * 1000),
            Value::Int(rate.pause),
            Value::Int(rate.latest(now)),
        ];
        Ok(self.execute(sql, &values)? > 0)
    }

    /// The same without counting it.
    pub fn has_room(&mut self, name: &str, now: i64, rate: Rate) -> Result<bool, StoreError> {
        let sql = "SELECT tat FROM rate WHERE name = ?1";
        let tat = self.first(sql, &[Value::Text(name)], |row| row.int(0))?;
        Ok(tat.is_none_or(|tat| tat <= rate.latest(now)))
    }

    /// Forgets rates that no longer hold anybody back.
    pub fn forget_rates(&mut self, now: i64) -> Result<(), StoreError> {
        self.execute("DELETE FROM rate WHERE tat < ?1", &[Value::Int(now * 1000)])?;
        Ok(())
    }

    pub(super) fn forget_rate(&mut self, name: &str) -> Result<(), StoreError> {
        self.execute("DELETE FROM rate WHERE name = ?1", &[Value::Text(name)])?;
        Ok(())
    }
}
