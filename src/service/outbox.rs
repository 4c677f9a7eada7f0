//! The part of the service that mails: requests are judged, letters leave, failures are tried again.

use std::sync::atomic::Ordering;

use crate::mail::{Addressed, Relay, Signer};
use crate::model::{EmailAddress, Subscriber, Subscription};
use crate::store::{Letter, LetterKind, StoreError, Transaction};
use crate::subscribers::{Limits, Moment, judge_requests};

use super::Desk;
use super::letters::notice;

/// Mails what is owed.
pub struct Outbox {
    desk: std::sync::Arc<Desk>,
    relay: Box<dyn Relay>,
    signers: Vec<Signer>,
}

/// Requests that one transaction judges.
const REQUESTS: i64 = 500;
/// Letters that one step mails.
const LETTERS: i64 = 20;
/// A claimed letter belongs to its claimer for so long, in seconds.
const LEASE: i64 = 30 * 60;
/// A step begins no letter after this time, so that the slowest relay answers for the last within the lease.
const LAST_CALL: i64 = LEASE / 3;
/// Nobody waits for a letter after three days.
const TOO_LATE: i64 = 72 * 3600;
/// Who was asked and did not answer is forgotten after thirty days.
const FORGET: i64 = 30 * 24 * 3600;
/// So many in one transaction.
const FORGOTTEN: i64 = 1_000;

/// What became of a letter.
enum Fate {
    Sent,
    Needless,
    Later(String),
    Refused(String),
}

impl Outbox {
    pub(super) fn new(desk: std::sync::Arc<Desk>, relay: Box<dyn Relay>, signers: Vec<Signer>) -> Self {
        Self { desk, relay, signers }
    }

    /// Judges what has come in and mails what is due; says whether there was anything to do.
    pub fn step(&mut self) -> Result<bool, StoreError> {
        let moment = self.desk.moment();
        let limits = Limits { per_hour: self.desk.confirmations_per_hour() };
        let key = self.desk.key.clone();
        let (judged, _) = self
            .desk
            .store
            .write(move |transaction| judge_requests(transaction, &key, limits, REQUESTS, moment))?;
        let letters = self
            .desk
            .store
            .write(move |transaction| transaction.claim_letters(moment.now, moment.now + LEASE, LETTERS))?;
        let busy = judged > 0 || !letters.is_empty();
        let mut letters = letters.into_iter();
        for letter in letters.by_ref() {
            self.mail(&letter, moment)?;
            if self.desk.is_stopping() || self.desk.moment().now - moment.now > LAST_CALL {
                break;
            }
        }
        self.give_back(letters.map(|letter| letter.id).collect(), moment)?;
        let waiting = self.desk.store.read(|transaction| transaction.waiting())?;
        self.desk.counters.waiting_requests.store(waiting.0, Ordering::Relaxed);
        self.desk.counters.waiting_letters.store(waiting.1, Ordering::Relaxed);
        Ok(busy)
    }

    /// Forgets what is no longer needed; once an hour is enough.
    pub fn tidy(&self) -> Result<(), StoreError> {
        let now = self.desk.moment().now;
        let store = &self.desk.store;
        store.write(move |transaction| transaction.forget_rates(now))?;
        let forget = move |transaction: &mut Transaction<'_>| {
            transaction.begin_erasure()?;
            transaction.forget_unanswered(now - FORGET, FORGOTTEN)
        };
        while store.write(forget)? == FORGOTTEN.unsigned_abs() {}
        match store.purge() {
            Err(error) if !error.is_transient() => Err(error),
            _ => Ok(()),
        }
    }

    /// Lets others have what was claimed and not begun.
    fn give_back(&self, ids: Vec<u64>, moment: Moment) -> Result<(), StoreError> {
        if ids.is_empty() {
            return Ok(());
        }
        self.desk.store.write(move |transaction| {
            ids.iter().try_for_each(|id| transaction.put_off_letter(*id, moment.now))
        })
    }

    fn mail(&mut self, letter: &Letter, moment: Moment) -> Result<(), StoreError> {
        let known = self.desk.store.read(|transaction| {
            let Some(known) = transaction.subscriber(letter.subscriber)? else { return Ok(None) };
            // Everybody may see and erase what is kept of them, and it was the reader who asked.
            let needed =
                letter.kind == LetterKind::Data || transaction.suppression(&known.address.key())?.is_none();
            Ok(needed.then_some(known))
        })?;
        let fate = match known {
            Some(known) if wanted(letter.kind, &known) => self.hand_over(letter, &known, moment),
            _ => Fate::Needless,
        };
        let (id, kind) = (letter.id, letter.kind.as_str());
        let said = match &fate {
            Fate::Later(text) | Fate::Refused(text) => text.clone(),
            Fate::Sent | Fate::Needless => String::new(),
        };
        let counters = &self.desk.counters;
        let word = match fate {
            Fate::Later(_) if moment.now - letter.asked < TOO_LATE => {
                let pause = 60 << letter.attempts.min(6);
                self.desk
                    .store
                    .write(move |transaction| transaction.put_off_letter(id, moment.now + pause))?;
                counters.deferred.fetch_add(1, Ordering::Relaxed);
                "deferred"
            }
            _ => {
                self.desk.store.write(move |transaction| transaction.drop_letter(id))?;
                match fate {
                    Fate::Sent => {
                        counters.mailed.fetch_add(1, Ordering::Relaxed);
                        "accepted"
                    }
                    Fate::Needless => "needless",
                    Fate::Refused(_) | Fate::Later(_) => {
                        counters.rejected.fetch_add(1, Ordering::Relaxed);
                        "rejected"
                    }
                }
            }
        };
        self.desk.tell("letter", &[("kind", kind), ("outcome", word), ("reply", &said)]);
        Ok(())
    }

    fn hand_over(&mut self, letter: &Letter, known: &Subscriber, moment: Moment) -> Fate {
        let Desk { config, key, pages, .. } = self.desk.as_ref();
        let Some(mail) = &config.mail else {
            return Fate::Refused("there are no settings for mail".to_owned());
        };
        let message_id = key.notice_id(letter.id);
        let addressed = Addressed { to: &known.address, message_id: &message_id, time: moment.now };
        let message =
            notice(letter, known, config, key).compose(pages.templates(), config, addressed, &self.signers);
        let message = match message {
            Ok(message) => message,
            Err(error) => return Fate::Later(error.to_string()),
        };
        let from: &EmailAddress = mail.bounces.as_ref().unwrap_or(&mail.from.address);
        match self.relay.send(from, &known.address, &message) {
            Ok(()) => Fate::Sent,
            Err(error) if error.transient => Fate::Later(error.text),
            Err(error) => Fate::Refused(error.text),
        }
    }
}

/// Whether a letter still says something: states change while it waits.
fn wanted(kind: LetterKind, known: &Subscriber) -> bool {
    match kind {
        LetterKind::Confirm => known.state != Subscription::Confirmed,
        LetterKind::Welcome | LetterKind::Manage => known.state == Subscription::Confirmed,
        LetterKind::Data => true,
    }
}

impl std::fmt::Debug for Outbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Outbox")
    }
}
