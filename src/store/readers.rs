//! The rows of subscribers: found, added, chosen for, suppressed.

use crate::model::{
    EmailAddress, IssueDate, Language, Rhythm, Slug, Subscriber, Subscription, SuppressionReason,
};

use super::connection::{Row, StoreError, Value};
use super::journal::Event;
use super::transaction::{Transaction, number, stored, word};

/// Which subscribers are meant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Those of a list.
    pub list: Option<Slug>,
    /// Those in a state.
    pub state: Option<Subscription>,
}

/// What a reader may choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// How often.
    pub rhythm: Rhythm,
    /// Which topics.
    pub topics: Vec<Slug>,
    /// The day on which a pause ends.
    pub paused_until: Option<IssueDate>,
    /// The language of pages and mails.
    pub language: Language,
}

/// Why an address is never to be mailed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppression {
    /// In one word.
    pub reason: SuppressionReason,
    /// In more.
    pub detail: String,
    /// Since when, in seconds since 1970.
    pub at: i64,
}

const COLUMNS: &str = "id, list, address, language, state, since, rhythm, topics, paused_until";

impl Transaction<'_> {
    /// The subscriber of a number.
    pub fn subscriber(&mut self, id: u64) -> Result<Option<Subscriber>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM subscriber WHERE id = ?1");
        self.first(&sql, &[Value::Int(stored(id)?)], subscriber)
    }

    /// The subscriber of a list with an address, by the address's key.
    pub fn subscriber_of(&mut self, list: &Slug, key: &str) -> Result<Option<Subscriber>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM subscriber WHERE list = ?1 AND addr_key = ?2");
        self.first(&sql, &[Value::Text(list.as_str()), Value::Text(key)], subscriber)
    }

    /// All subscriptions of an address, by its key.
    pub fn subscriptions(&mut self, key: &str) -> Result<Vec<Subscriber>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM subscriber WHERE addr_key = ?1 ORDER BY list");
        self.all(&sql, &[Value::Text(key)], subscriber)
    }

    /// Hands over subscribers one by one, in the order of their numbers.
    pub fn subscribers(
        &mut self,
        filter: &Filter,
        mut each: impl FnMut(Subscriber) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let list = filter.list.as_ref().map_or("", Slug::as_str);
        let state = filter.state.map_or("", Subscription::as_str);
        let sql = format!(
            "SELECT {COLUMNS} FROM subscriber
             WHERE (CAST(?1 AS TEXT) = '' OR list = ?1) AND (CAST(?2 AS TEXT) = '' OR state = ?2) ORDER BY id"
        );
        self.query(&sql, &[Value::Text(list), Value::Text(state)], |row| each(subscriber(row)?))
    }

    /// How many subscribers there are, by list and state.
    pub fn counts(&mut self) -> Result<Vec<(String, Subscription, u64)>, StoreError> {
        let sql = "SELECT list, state, COUNT(*) FROM subscriber GROUP BY list, state ORDER BY list, state";
        self.all(sql, &[], |row| {
            Ok((row.text(0)?, word(row.text(1)?, Subscription::parse)?, number(row.int(2)?)?))
        })
    }

    /// Adds a subscriber with the first event of its journal; `false` when the list has the
    /// address or somebody has the number.
    pub fn enrol(&mut self, new: &Subscriber, event: &Event<'_>) -> Result<bool, StoreError> {
        let (id, topics) = (stored(new.id)?, topics(&new.topics));
        let (address, key) = (new.address.to_string(), new.address.key());
        let sql = "INSERT INTO subscriber
            (id, list, addr_key, address, language, state, since, rhythm, topics, paused_until, events)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 1)
            ON CONFLICT DO NOTHING";
        let paused = paused(new.paused_until);
        let values = [
            Value::Int(id),
            Value::Text(new.list.as_str()),
            Value::Text(&key),
            Value::Text(&address),
            Value::Text(new.language.as_str()),
            Value::Text(new.state.as_str()),
            Value::Int(new.since),
            Value::Text(new.rhythm.as_str()),
            Value::Text(&topics),
            Value::Text(&paused),
        ];
        if self.execute(sql, &values)? == 0 {
            return Ok(false);
        }
        self.append(id, 1, event)?;
        Ok(true)
    }

    /// Keeps what a reader has chosen.
    pub fn choose(&mut self, id: u64, choice: &Choice) -> Result<(), StoreError> {
        let sql =
            "UPDATE subscriber SET rhythm = ?2, topics = ?3, paused_until = ?4, language = ?5 WHERE id = ?1";
        let (topics, paused) = (topics(&choice.topics), paused(choice.paused_until));
        let values = [
            Value::Int(stored(id)?),
            Value::Text(choice.rhythm.as_str()),
            Value::Text(&topics),
            Value::Text(&paused),
            Value::Text(choice.language.as_str()),
        ];
        self.execute(sql, &values)?;
        Ok(())
    }

    /// Why an address is never to be mailed, if it is not.
    pub fn suppression(&mut self, key: &str) -> Result<Option<Suppression>, StoreError> {
        let sql = "SELECT reason, detail, at FROM suppression WHERE addr_key = ?1";
        self.first(sql, &[Value::Text(key)], |row| {
            let reason = word(row.text(0)?, SuppressionReason::parse)?;
            Ok(Suppression { reason, detail: row.text(1)?, at: row.int(2)? })
        })
    }

    /// Suppresses an address; `false` when it is already.
    pub fn suppress(&mut self, key: &str, why: &Suppression) -> Result<bool, StoreError> {
        let sql = "INSERT INTO suppression (addr_key, reason, detail, at) VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT (addr_key) DO NOTHING";
        let values = [
            Value::Text(key),
            Value::Text(why.reason.as_str()),
            Value::Text(&why.detail),
            Value::Int(why.at),
        ];
        Ok(self.execute(sql, &values)? > 0)
    }

    /// Lets an address be mailed again; `false` when it was not suppressed.
    pub fn release(&mut self, key: &str) -> Result<bool, StoreError> {
        Ok(self.execute("DELETE FROM suppression WHERE addr_key = ?1", &[Value::Text(key)])? > 0)
    }

    /// Whether any address is suppressed.
    pub fn has_suppressions(&mut self) -> Result<bool, StoreError> {
        Ok(self.first("SELECT at FROM suppression LIMIT 1", &[], |row| row.int(0))?.is_some())
    }
}

fn subscriber(row: &dyn Row) -> Result<Subscriber, StoreError> {
    let damaged = |what: String| StoreError::Damaged(what);
    let slug = |text: &str| Slug::parse(text).ok();
    let day = row.text(8)?;
    Ok(Subscriber {
        id: number(row.int(0)?)?,
        list: word(row.text(1)?, slug)?,
        address: EmailAddress::parse_international(&row.text(2)?)
            .map_err(|_| damaged("a subscriber has no address".to_owned()))?,
        language: word(row.text(3)?, Language::parse)?,
        state: word(row.text(4)?, Subscription::parse)?,
        since: row.int(5)?,
        rhythm: word(row.text(6)?, Rhythm::parse)?,
        topics: row.text(7)?.split(' ').filter(|key| !key.is_empty()).filter_map(slug).collect(),
        paused_until: if day.is_empty() { None } else { IssueDate::parse(&day).ok() },
    })
}

fn topics(topics: &[Slug]) -> String {
    topics.iter().map(Slug::as_str).collect::<Vec<_>>().join(" ")
}

fn paused(day: Option<IssueDate>) -> String {
    day.map(|day| day.to_string()).unwrap_or_default()
}
