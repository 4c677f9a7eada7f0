//! A reader comes, proves it, changes their mind and goes: what each step does to the rows, and nothing else.
//!
//! Never knows: issues, mail, HTTP. Every step may be repeated: what has been done already is said so.

mod batch;
mod cells;
mod check;
mod csv;
mod export;
mod headers;
mod import;
mod request;
mod secret;
mod since;

use crate::links::TokenKey;
use crate::model::{
    ConsentKind, ConsentSource, EmailAddress, Language, Slug, Subscriber, Subscription, SuppressionReason,
};
use crate::store::{
    AskLimits, Choice, Erasure, Event, Letter, LetterKind, StoreError, Suppression, TellLimits, Transaction,
};

pub use batch::{Batch, Declaration, Mode, Tally};
pub use check::{check, copy};
pub use export::{Exported, export, personal_data};
pub use headers::{Service, Standing};
pub use import::{Destination, Import, ImportError, Line, Refused, restore};
pub use request::{Limits, judge_requests};
pub use secret::{SecretError, accept_secret};
pub use since::has_left_since;

/// When something happens, and where new numbers come from.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    /// In seconds since 1970.
    pub now: i64,
    /// Any number, each time another.
    pub chance: fn() -> u64,
}

/// How a step came to us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The way.
    pub source: ConsentSource,
    /// From which network, truncated; empty where none was involved.
    pub network: String,
    /// What is to be known beside.
    pub detail: String,
    /// The words that were shown or said.
    pub statement: String,
}

impl Origin {
    /// A step that came by itself, with nothing to add.
    pub fn new(source: ConsentSource) -> Self {
        Self { source, network: String::new(), detail: String::new(), statement: String::new() }
    }
}

impl Moment {
    /// A number that hardly anybody has yet. Its first bits grow with time, so that rows which come together lie
    /// together; 32 of 63 are left to chance.
    pub fn number(&self) -> u64 {
        let seconds = u64::try_from(self.now - YEAR_2020).unwrap_or(0) & 0x7fff_ffff;
        seconds << 32 | (self.chance)() >> 32
    }
}

/// The first second of 2020: numbers made from it last until 2088.
const YEAR_2020: i64 = 1_577_836_800;

/// What a step did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// It did something.
    Done,
    /// It had been done already.
    Already,
    /// There is nobody it could be done to.
    Nobody,
}

/// One question to an address a day, three without an answer, ten in all, over all lists (EMAIL-SPEC 96).
pub const ASK: AskLimits = AskLimits { pause: 24 * 3600, unanswered: 3, ever: 10 };

/// Who is subscribed may be told so once a day, three times in thirty days.
const TELL: TellLimits = TellLimits { pause: 24 * 3600, most: 3, rest: 30 * 24 * 3600 };

/// Somebody asks for a list. Says who is to get which letter, if any.
pub fn subscribe(
    transaction: &mut Transaction<'_>,
    address: &EmailAddress,
    list: &Slug,
    language: Language,
    secret: &TokenKey,
    origin: &Origin,
    moment: Moment,
) -> Result<Option<(u64, LetterKind)>, StoreError> {
    let key = address.key();
    if transaction.suppression(&key)?.is_some() || has_refused(transaction, &secret.hashes(&key))? {
        return Ok(None);
    }
    let hashes = secret.asked(&key);
    let known = transaction.subscriber_of(list, &key)?;
    if let Some(known) = &known
        && known.state == Subscription::Confirmed
    {
        let tells = transaction.may_tell(&hashes, moment.now, &TELL)?;
        return Ok(tells.then_some((known.id, LetterKind::Manage)));
    }
    let asks = transaction.may_ask(&hashes, moment.now, &ASK)?;
    let id = match known {
        // A repeated request is written down when it leads to a question, so that the journal grows with questions.
        Some(known) if asks => {
            let statement = transaction.statement(&origin.statement)?;
            let event = event(ConsentKind::Subscribed, origin, &statement, moment);
            let state = Subscription::after(Some(known.state), ConsentKind::Subscribed);
            transaction.record(known.id, &event, state)?;
            known.id
        }
        Some(known) => known.id,
        None => {
            let mut new = Subscriber {
                id: moment.number(),
                list: list.clone(),
                address: address.clone(),
                language,
                state: Subscription::Unconfirmed,
                since: moment.now,
                rhythm: Default::default(),
                topics: Vec::new(),
                paused_until: None,
            };
            let statement = transaction.statement(&origin.statement)?;
            let event = event(ConsentKind::Subscribed, origin, &statement, moment);
            enrol(transaction, &mut new, &event, moment)?;
            new.id
        }
    };
    Ok(asks.then_some((id, LetterKind::Confirm)))
}

/// Whether somebody who was erased never wants to be asked again: that outlives the erasure.
fn has_refused(transaction: &mut Transaction<'_>, hashes: &[String]) -> Result<bool, StoreError> {
    for hash in hashes {
        let reason = transaction.erased_suppression(hash)?;
        if matches!(reason, Some(SuppressionReason::Refused | SuppressionReason::Complained)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Adds a subscriber under a number that nobody has; `false` when the list has the address.
fn enrol(
    transaction: &mut Transaction<'_>,
    new: &mut Subscriber,
    event: &Event<'_>,
    moment: Moment,
) -> Result<bool, StoreError> {
    while !transaction.enrol(new, event)? {
        if transaction.subscriber_of(&new.list, &new.address.key())?.is_some() {
            return Ok(false);
        }
        new.id = moment.number();
    }
    Ok(true)
}

/// The owner of the address proves it. Lifts an earlier erasure: who comes back comes by their own will.
pub fn confirm(
    transaction: &mut Transaction<'_>,
    id: u64,
    key: &TokenKey,
    origin: &Origin,
    moment: Moment,
) -> Result<Step, StoreError> {
    let Some(known) = transaction.subscriber(id)? else { return Ok(Step::Nobody) };
    let address = known.address.key();
    if transaction.suppression(&address)?.is_some() {
        return Ok(Step::Nobody);
    }
    if known.state == Subscription::Confirmed {
        return Ok(Step::Already);
    }
    let statement = transaction.statement(&origin.statement)?;
    let event = event(ConsentKind::Confirmed, origin, &statement, moment);
    transaction.record(id, &event, Subscription::Confirmed)?;
    transaction.answered(&key.asked(&address))?;
    for hash in key.hashes(&address) {
        transaction.forget_erased(&hash)?;
    }
    add_letter(transaction, id, LetterKind::Welcome, &origin.network, moment)?;
    Ok(Step::Done)
}

/// A reader leaves a list.
pub fn unsubscribe(
    transaction: &mut Transaction<'_>,
    id: u64,
    origin: &Origin,
    moment: Moment,
) -> Result<Step, StoreError> {
    let Some(known) = transaction.subscriber(id)? else { return Ok(Step::Nobody) };
    if known.state == Subscription::Unsubscribed {
        return Ok(Step::Already);
    }
    let statement = transaction.statement(&origin.statement)?;
    let event = event(ConsentKind::Unsubscribed, origin, &statement, moment);
    transaction.record(id, &event, Subscription::Unsubscribed)?;
    Ok(Step::Done)
}

/// An address is never to be mailed again, in whatever list.
pub fn suppress(
    transaction: &mut Transaction<'_>,
    address: &EmailAddress,
    reason: SuppressionReason,
    origin: &Origin,
    moment: Moment,
) -> Result<Step, StoreError> {
    let key = address.key();
    let why = Suppression { reason, detail: origin.detail.clone(), at: moment.now };
    if !transaction.suppress(&key, &why)? {
        return Ok(Step::Already);
    }
    write_for_all(transaction, &key, ConsentKind::Suppressed, origin, moment)
}

/// A suppressed address may be mailed again; needs the key once somebody has been erased, who may have refused.
pub fn release(
    transaction: &mut Transaction<'_>,
    address: &EmailAddress,
    secret: Option<&TokenKey>,
    origin: &Origin,
    moment: Moment,
) -> Result<Step, StoreError> {
    let key = address.key();
    let mut released = transaction.release(&key)?;
    for hash in secret.map(|secret| secret.hashes(&key)).unwrap_or_default() {
        released |= transaction.release_erased(&hash)?;
    }
    if !released {
        return Ok(Step::Already);
    }
    write_for_all(transaction, &key, ConsentKind::Released, origin, moment)
}

/// Writes an event that changes no state into the journal of every subscription of an address.
fn write_for_all(
    transaction: &mut Transaction<'_>,
    key: &str,
    kind: ConsentKind,
    origin: &Origin,
    moment: Moment,
) -> Result<Step, StoreError> {
    let statement = transaction.statement(&origin.statement)?;
    for known in transaction.subscriptions(key)? {
        transaction.record(known.id, &event(kind, origin, &statement, moment), known.state)?;
    }
    Ok(Step::Done)
}

/// A reader chooses rhythm, topics, a pause, a language.
pub fn choose(
    transaction: &mut Transaction<'_>,
    id: u64,
    choice: &Choice,
    origin: &Origin,
    moment: Moment,
) -> Result<Step, StoreError> {
    let Some(known) = transaction.subscriber(id)? else { return Ok(Step::Nobody) };
    let before = Choice {
        rhythm: known.rhythm,
        topics: known.topics,
        paused_until: known.paused_until,
        language: known.language,
    };
    if before == *choice {
        return Ok(Step::Already);
    }
    transaction.choose(id, choice)?;
    let statement = transaction.statement(&origin.statement)?;
    let mut detail = format!("{} {}", choice.rhythm, choice.language.as_str());
    for topic in &choice.topics {
        detail.push(' ');
        detail.push_str(topic.as_str());
    }
    if let Some(day) = choice.paused_until {
        detail.push_str(&format!(" paused until {day}"));
    }
    let origin = Origin { detail, ..origin.clone() };
    transaction.record(id, &event(ConsentKind::Changed, &origin, &statement, moment), known.state)?;
    Ok(Step::Done)
}

/// Everything about an address is deleted; a keyed hash stays, so that no file brings it back. Nothing comes before
/// this in its transaction. [`Store::purge`](crate::store::Store::purge) belongs after it.
pub fn erase(
    transaction: &mut Transaction<'_>,
    address: &EmailAddress,
    key: &TokenKey,
    source: ConsentSource,
    now: i64,
) -> Result<u64, StoreError> {
    transaction.begin_erasure()?;
    let address = address.key();
    let erased = transaction.erase(&address)?;
    transaction.forget_asked(&key.asked(&address), request::rate_of)?;
    if let (Some(hash), Some(mark)) = (key.hashes(&address).first(), key.marks().first()) {
        let source = source.as_str();
        let erasure = Erasure { hash, mark, source, suppression: erased.suppression, at: now };
        transaction.remember_erased(&erasure)?;
    }
    Ok(erased.subscriptions)
}

/// The same for the address of a subscriber.
pub fn erase_subscriber(
    transaction: &mut Transaction<'_>,
    id: u64,
    key: &TokenKey,
    source: ConsentSource,
    now: i64,
) -> Result<Option<EmailAddress>, StoreError> {
    transaction.begin_erasure()?;
    let Some(known) = transaction.subscriber(id)? else { return Ok(None) };
    erase(transaction, &known.address, key, source, now)?;
    Ok(Some(known.address))
}

/// Puts a letter about a subscription into the outbox.
pub fn add_letter(
    transaction: &mut Transaction<'_>,
    subscriber: u64,
    kind: LetterKind,
    network: &str,
    moment: Moment,
) -> Result<(), StoreError> {
    let letter = Letter {
        id: moment.number(),
        kind,
        subscriber,
        asked: moment.now,
        network: network.to_owned(),
        attempts: 0,
    };
    transaction.add_letter(&letter)
}

fn event<'a>(
    kind: ConsentKind,
    origin: &'a Origin,
    statement: &'a crate::store::StatementId,
    moment: Moment,
) -> Event<'a> {
    Event {
        kind,
        at: moment.now,
        source: origin.source,
        detail: &origin.detail,
        statement,
        network: &origin.network,
    }
}
