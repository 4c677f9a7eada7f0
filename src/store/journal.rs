//! The journal of consent: rows are added and never changed.

use crate::model::{Consent, ConsentKind, ConsentSource, Subscription, sha256};

use super::connection::{StoreError, Value};
use super::transaction::{Transaction, number, stored, word};

/// A text that events refer to, kept once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StatementId(String);

/// An event that is to be written down.
#[derive(Debug, Clone)]
pub struct Event<'a> {
    /// What happened.
    pub kind: ConsentKind,
    /// When, in seconds since 1970.
    pub at: i64,
    /// How it came to us.
    pub source: ConsentSource,
    /// What is to be known beside.
    pub detail: &'a str,
    /// The words that were shown or said.
    pub statement: &'a StatementId,
    /// Where from, truncated.
    pub network: &'a str,
}

impl Transaction<'_> {
    /// Keeps a text that events refer to; nothing for an empty one.
    pub fn statement(&mut self, text: &str) -> Result<StatementId, StoreError> {
        if text.is_empty() {
            return Ok(StatementId::default());
        }
        let id = sha256(text.as_bytes())[..16].to_owned();
        let sql = "INSERT INTO statement (id, text) VALUES (?1, ?2) ON CONFLICT (id) DO NOTHING";
        self.execute(sql, &[Value::Text(&id), Value::Text(text)])?;
        Ok(StatementId(id))
    }

    /// Writes an event down and sets the state it leads to; `false` when there is no such subscriber.
    pub fn record(&mut self, id: u64, event: &Event<'_>, state: Subscription) -> Result<bool, StoreError> {
        let id = stored(id)?;
        let sql = "UPDATE subscriber SET events = events + 1, state = ?2,
            since = CASE WHEN state = ?2 THEN since ELSE ?3 END WHERE id = ?1 RETURNING events";
        let values = [Value::Int(id), Value::Text(state.as_str()), Value::Int(event.at)];
        let Some(seq) = self.first(sql, &values, |row| row.int(0))? else { return Ok(false) };
        self.append(id, seq, event)?;
        Ok(true)
    }

    pub(super) fn append(&mut self, id: i64, seq: i64, event: &Event<'_>) -> Result<(), StoreError> {
        let sql = "INSERT INTO consent (subscriber, seq, kind, at, source, detail, statement, network)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        let values = [
            Value::Int(id),
            Value::Int(seq),
            Value::Text(event.kind.as_str()),
            Value::Int(event.at),
            Value::Text(event.source.as_str()),
            Value::Text(event.detail),
            Value::Text(&event.statement.0),
            Value::Text(event.network),
        ];
        self.execute(sql, &values)?;
        Ok(())
    }

    /// The journal of a subscriber, oldest first.
    pub fn journal(&mut self, id: u64) -> Result<Vec<Consent>, StoreError> {
        let sql = "SELECT kind, at, source, detail, COALESCE(text, ''), network FROM consent
            LEFT JOIN statement ON statement.id = statement WHERE subscriber = ?1 ORDER BY seq";
        self.all(sql, &[Value::Int(stored(id)?)], |row| {
            Ok(Consent {
                kind: word(row.text(0)?, ConsentKind::parse)?,
                at: row.int(1)?,
                source: word(row.text(2)?, ConsentSource::parse)?,
                detail: row.text(3)?,
                statement: row.text(4)?,
                network: row.text(5)?,
            })
        })
    }

    /// Hands over every event with the state and the count that its subscriber's row claims, in the order of
    /// subscribers and of time: number, claimed state, claimed count, event. Who has no event comes with `None`.
    pub fn all_events(
        &mut self,
        mut each: impl FnMut(u64, Subscription, u64, Option<ConsentKind>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let sql = "SELECT subscriber.id, state, events, COALESCE(kind, '') FROM subscriber
            LEFT JOIN consent ON consent.subscriber = subscriber.id ORDER BY subscriber.id, seq";
        self.query(sql, &[], |row| {
            let state = word(row.text(1)?, Subscription::parse)?;
            let kind = row.text(3)?;
            let kind = if kind.is_empty() { None } else { Some(word(kind, ConsentKind::parse)?) };
            each(number(row.int(0)?)?, state, number(row.int(2)?)?, kind)
        })
    }

    /// How many events belong to nobody.
    pub fn orphans(&mut self) -> Result<u64, StoreError> {
        let sql = "SELECT COUNT(*) FROM consent WHERE subscriber NOT IN (SELECT id FROM subscriber)";
        number(self.first(sql, &[], |row| row.int(0))?.unwrap_or(0))
    }

    /// How many events refer to a text that is not kept.
    pub fn wordless(&mut self) -> Result<u64, StoreError> {
        let sql = "SELECT COUNT(*) FROM consent
            WHERE consent.statement <> '' AND consent.statement NOT IN (SELECT id FROM statement)";
        number(self.first(sql, &[], |row| row.int(0))?.unwrap_or(0))
    }
}
