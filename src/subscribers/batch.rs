//! What the lines of a list do to the rows: a few thousand at a time, each judged against what is known.

use crate::links::TokenKey;
use crate::model::{ConsentKind, ConsentSource, Subscriber, Subscription, SuppressionReason};
use crate::store::{Event, StatementId, StoreError, Suppression, Transaction};

use super::headers::Standing;
use super::import::{Line, Refused};
use super::{Moment, enrol};

/// Who brings a list, and what they say of it: the proof of consent that an import has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declaration {
    /// The file, by its name.
    pub file: String,
    /// Its SHA-256.
    pub digest: String,
    /// Who answers for it.
    pub by: String,
}

/// Whether rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// They are.
    Write,
    /// They are not: what would happen is said.
    Dry,
}

/// How many lines came to what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Readers who were not known and now receive.
    pub added: u64,
    /// Readers who were not known, and receive nothing: unconfirmed, unsubscribed or never to be mailed.
    pub recorded: u64,
    /// Readers who were known and whose state has changed.
    pub changed: u64,
    /// Readers who were known as the file says.
    pub known: u64,
}

impl Tally {
    /// Both together.
    pub fn plus(self, other: Self) -> Self {
        Self {
            added: self.added + other.added,
            recorded: self.recorded + other.recorded,
            changed: self.changed + other.changed,
            known: self.known + other.known,
        }
    }
}

/// Some lines that are written together or not at all.
#[derive(Debug, Clone)]
pub struct Batch {
    /// The lines.
    pub lines: Vec<Line>,
    /// Who brings them.
    pub declaration: Declaration,
    /// Knows the erased; needed once somebody has been erased.
    pub key: Option<TokenKey>,
    /// Whether rows are written.
    pub mode: Mode,
}

/// What a line asks for, against what is known.
enum Judgement {
    Add,
    Record,
    Change(Subscriber, ConsentKind),
    Suppress(Subscriber, SuppressionReason),
    Known,
    Refuse(String),
}

impl Declaration {
    /// As the journal keeps it.
    pub fn statement(&self) -> String {
        format!("imported from {} (SHA-256 {}) on the word of {}", self.file, self.digest, self.by)
    }
}

impl Batch {
    /// Judges and writes the lines.
    pub fn run(
        &self,
        transaction: &mut Transaction<'_>,
        moment: Moment,
    ) -> Result<(Tally, Vec<Refused>), StoreError> {
        let statement = match self.mode {
            Mode::Write => transaction.statement(&self.declaration.statement())?,
            Mode::Dry => StatementId::default(),
        };
        let erasures = transaction.has_erasures()?;
        let suppressions = transaction.has_suppressions()?;
        let (mut tally, mut refused) = (Tally::default(), Vec::new());
        for line in &self.lines {
            let judgement = self.judge(transaction, line, erasures, suppressions)?;
            match &judgement {
                Judgement::Add => tally.added += 1,
                Judgement::Record => tally.recorded += 1,
                Judgement::Change(..) | Judgement::Suppress(..) => tally.changed += 1,
                Judgement::Known => tally.known += 1,
                Judgement::Refuse(reason) => {
                    refused.push(Refused { line: line.number, reason: reason.clone() });
                }
            }
            if self.mode == Mode::Write {
                write(transaction, line, &judgement, &statement, moment)?;
            }
        }
        Ok((tally, refused))
    }

    fn judge(
        &self,
        transaction: &mut Transaction<'_>,
        line: &Line,
        erasures: bool,
        suppressions: bool,
    ) -> Result<Judgement, StoreError> {
        let key = line.address.key();
        if erasures {
            let hashes = self.key.as_ref().map(|key| key.hashes(&line.address.key())).unwrap_or_default();
            for hash in hashes {
                if transaction.is_erased(&hash)? {
                    let reason = "this reader had everything erased, and can come back only by confirming";
                    return Ok(Judgement::Refuse(reason.to_owned()));
                }
            }
        }
        let suppressed = if suppressions { transaction.suppression(&key)? } else { None };
        let known = transaction.subscriber_of(&line.list, &key)?;
        Ok(match (known, line.standing, suppressed) {
            (Some(known), Standing::Never(reason), None) => Judgement::Suppress(known, reason),
            (Some(_), Standing::Never(_), Some(_)) => Judgement::Known,
            (None, Standing::In(Subscription::Confirmed), Some(why)) => {
                Judgement::Refuse(format!("the address is suppressed ({})", why.reason))
            }
            (None, Standing::In(Subscription::Confirmed), None) => Judgement::Add,
            (None, ..) => Judgement::Record,
            (Some(known), Standing::In(wanted), _) => against(known, wanted, line),
        })
    }
}

/// A line against a subscription that is known.
fn against(known: Subscriber, wanted: Subscription, line: &Line) -> Judgement {
    match (known.state, wanted) {
        (before, after) if before == after => Judgement::Known,
        (_, Subscription::Unconfirmed) => Judgement::Known,
        (Subscription::Unsubscribed, Subscription::Confirmed) => {
            Judgement::Refuse("the reader has left, and can come back only by confirming".to_owned())
        }
        (_, Subscription::Confirmed) => Judgement::Change(known, ConsentKind::Imported),
        // Who confirmed after leaving elsewhere is here by their own will.
        (Subscription::Confirmed, Subscription::Unsubscribed)
            if line.left.is_some_and(|left| left < known.since) =>
        {
            Judgement::Known
        }
        (_, Subscription::Unsubscribed) => Judgement::Change(known, ConsentKind::Unsubscribed),
    }
}

fn write(
    transaction: &mut Transaction<'_>,
    line: &Line,
    judgement: &Judgement,
    statement: &StatementId,
    moment: Moment,
) -> Result<(), StoreError> {
    let event = |kind| Event {
        kind,
        at: moment.now,
        source: ConsentSource::Import,
        detail: "",
        statement,
        network: "",
    };
    match judgement {
        Judgement::Add | Judgement::Record => {
            let kind = match line.standing {
                Standing::In(Subscription::Confirmed) => ConsentKind::Imported,
                Standing::In(Subscription::Unconfirmed) => ConsentKind::Subscribed,
                _ => ConsentKind::Unsubscribed,
            };
            let mut new = Subscriber {
                id: moment.number(),
                list: line.list.clone(),
                address: line.address.clone(),
                language: line.language,
                state: Subscription::after(None, kind),
                since: line.since.unwrap_or(moment.now).min(moment.now),
                rhythm: line.rhythm,
                topics: line.topics.clone(),
                paused_until: line.paused_until,
            };
            enrol(transaction, &mut new, &event(kind), moment)?;
            if let Standing::Never(reason) = line.standing {
                suppress(transaction, &new, reason, &event(ConsentKind::Suppressed))?;
            }
        }
        Judgement::Change(known, kind) => {
            let state = Subscription::after(Some(known.state), *kind);
            transaction.record(known.id, &event(*kind), state)?;
        }
        Judgement::Suppress(known, reason) => {
            suppress(transaction, known, *reason, &event(ConsentKind::Suppressed))?;
        }
        Judgement::Known | Judgement::Refuse(_) => {}
    }
    Ok(())
}

fn suppress(
    transaction: &mut Transaction<'_>,
    reader: &Subscriber,
    reason: SuppressionReason,
    event: &Event<'_>,
) -> Result<(), StoreError> {
    let why = Suppression { reason, detail: "imported".to_owned(), at: event.at };
    if transaction.suppress(&reader.address.key(), &why)? {
        transaction.record(reader.id, event, reader.state)?;
    }
    Ok(())
}
