//! What is owed: requests that wait to be judged, letters that wait to be mailed.

use crate::model::{ConsentSource, EmailAddress, Language, Slug};

use super::connection::{Row, StoreError, Value};
use super::transaction::{Transaction, number, stored, word};

/// A request to subscribe, as it came in. Nobody has looked yet whether the address is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Its number.
    pub id: u64,
    /// When it came, in seconds since 1970.
    pub at: i64,
    /// When it is judged: later than it came where it waits for a free place.
    pub due: i64,
    /// The address as it was typed.
    pub address: String,
    /// The list.
    pub list: Slug,
    /// The language of the page.
    pub language: Language,
    /// Where from, truncated.
    pub network: String,
    /// How it came.
    pub source: ConsentSource,
    /// The words that were shown.
    pub statement: String,
}

/// What a letter about a subscription says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LetterKind {
    /// Is this address yours?
    Confirm,
    /// You are on the list.
    Welcome,
    /// You were on the list already; here is how to change or leave.
    Manage,
    /// Here is how to see or erase what is kept about you.
    Data,
}

/// A letter that waits to be mailed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// Its number.
    pub id: u64,
    /// What it says.
    pub kind: LetterKind,
    /// To whom.
    pub subscriber: u64,
    /// When it was asked for, in seconds since 1970.
    pub asked: i64,
    /// Where it was asked from, truncated.
    pub network: String,
    /// How often it has been tried.
    pub attempts: u64,
}

impl LetterKind {
    /// The word of the table.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Confirm => "confirm",
            Self::Welcome => "welcome",
            Self::Manage => "manage",
            Self::Data => "data",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        [Self::Confirm, Self::Welcome, Self::Manage, Self::Data]
            .into_iter()
            .find(|kind| kind.as_str() == word)
    }
}

impl Transaction<'_> {
    /// Keeps a request until somebody judges it.
    pub fn add_request(&mut self, request: &Request) -> Result<(), StoreError> {
        // What is no address has no key, and is nobody's.
        let key = EmailAddress::parse_international(&request.address).map(|address| address.key());
        let key = key.unwrap_or_default();
        let sql = "INSERT INTO request
            (id, at, due, addr_key, address, list, language, network, source, statement)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT (id) DO NOTHING";
        let values = [
            Value::Int(stored(request.id)?),
            Value::Int(request.at),
            Value::Int(request.due),
            Value::Text(&key),
            Value::Text(&request.address),
            Value::Text(request.list.as_str()),
            Value::Text(request.language.as_str()),
            Value::Text(&request.network),
            Value::Text(request.source.as_str()),
            Value::Text(&request.statement),
        ];
        self.execute(sql, &values)?;
        Ok(())
    }

    /// The requests that are due, oldest first.
    pub fn requests(&mut self, now: i64, most: i64) -> Result<Vec<Request>, StoreError> {
        let sql = "SELECT id, at, due, address, list, language, network, source, statement FROM request
            WHERE due <= ?1 ORDER BY due, id LIMIT ?2";
        self.all(sql, &[Value::Int(now), Value::Int(most)], |row| {
            Ok(Request {
                id: number(row.int(0)?)?,
                at: row.int(1)?,
                due: row.int(2)?,
                address: row.text(3)?,
                list: word(row.text(4)?, |text| Slug::parse(text).ok())?,
                language: word(row.text(5)?, Language::parse)?,
                network: row.text(6)?,
                source: word(row.text(7)?, ConsentSource::parse)?,
                statement: row.text(8)?,
            })
        })
    }

    /// Takes a request away; `false` when another program was faster.
    pub fn take_request(&mut self, id: u64) -> Result<bool, StoreError> {
        Ok(self.execute("DELETE FROM request WHERE id = ?1", &[Value::Int(stored(id)?)])? > 0)
    }

    /// Lets a request wait.
    pub fn put_off_request(&mut self, id: u64, due: i64) -> Result<(), StoreError> {
        let values = [Value::Int(stored(id)?), Value::Int(due)];
        self.execute("UPDATE request SET due = ?2 WHERE id = ?1", &values)?;
        Ok(())
    }

    /// How many requests and how many letters wait.
    pub fn waiting(&mut self) -> Result<(u64, u64), StoreError> {
        let sql = "SELECT (SELECT COUNT(*) FROM request), (SELECT COUNT(*) FROM outbox)";
        let both = self.first(sql, &[], |row| Ok((number(row.int(0)?)?, number(row.int(1)?)?)))?;
        Ok(both.unwrap_or_default())
    }

    /// Puts a letter into the outbox.
    pub fn add_letter(&mut self, letter: &Letter) -> Result<(), StoreError> {
        let sql = "INSERT INTO outbox (id, kind, subscriber, asked, network, due, attempts)
            VALUES (?1, ?2, ?3, ?4, ?5, ?4, 0) ON CONFLICT (id) DO NOTHING";
        let values = [
            Value::Int(stored(letter.id)?),
            Value::Text(letter.kind.as_str()),
            Value::Int(stored(letter.subscriber)?),
            Value::Int(letter.asked),
            Value::Text(&letter.network),
        ];
        self.execute(sql, &values)?;
        Ok(())
    }

    /// Claims letters that are due: until `lease` nobody else will mail them.
    pub fn claim_letters(&mut self, now: i64, lease: i64, most: i64) -> Result<Vec<Letter>, StoreError> {
        let sql = "SELECT id, kind, subscriber, asked, network, due, attempts FROM outbox
            WHERE due <= ?1 ORDER BY due, id LIMIT ?2";
        let due =
            self.all(sql, &[Value::Int(now), Value::Int(most)], |row| Ok((letter(row)?, row.int(5)?)))?;
        let mut claimed = Vec::with_capacity(due.len());
        let sql = "UPDATE outbox SET due = ?3, attempts = attempts + 1 WHERE id = ?1 AND due = ?2";
        for (mut letter, before) in due {
            let values = [Value::Int(stored(letter.id)?), Value::Int(before), Value::Int(lease)];
            if self.execute(sql, &values)? > 0 {
                letter.attempts += 1;
                claimed.push(letter);
            }
        }
        Ok(claimed)
    }

    /// Lets a letter wait until it is tried again.
    pub fn put_off_letter(&mut self, id: u64, due: i64) -> Result<(), StoreError> {
        let values = [Value::Int(stored(id)?), Value::Int(due)];
        self.execute("UPDATE outbox SET due = ?2 WHERE id = ?1", &values)?;
        Ok(())
    }

    /// Takes a letter out of the outbox.
    pub fn drop_letter(&mut self, id: u64) -> Result<(), StoreError> {
        self.execute("DELETE FROM outbox WHERE id = ?1", &[Value::Int(stored(id)?)])?;
        Ok(())
    }
}

fn letter(row: &dyn Row) -> Result<Letter, StoreError> {
    Ok(Letter {
        id: number(row.int(0)?)?,
        kind: word(row.text(1)?, LetterKind::parse)?,
        subscriber: number(row.int(2)?)?,
        asked: row.int(3)?,
        network: row.text(4)?,
        attempts: number(row.int(6)?)?,
    })
}
