//! What all lines of a run share: relays, books, brake, clock, and the letters that are under way.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU8, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use crate::mail::wire::Client;
use crate::model::{Answer, Outcome, Phase, SkipReason, Witness};
use crate::store::ledger::{Bucket, Due, Ended, Ledger, Note, Noted, RunId};

use super::books::Books;
use super::breaker::{Attempt, Breaker, Pause};
use super::clock::RunClock;
use super::feed::{Chunk, Feed, Job};
use super::halt::{Brake, Halt};
use super::pace::RelayId;
use super::press::Press;
use super::rate::RateRow;
use super::relays::Relays;
use super::stamp::Stamp;
use super::watch::Watch;

/// What all lines of a run share.
pub(super) struct Desk {
    pub(super) ledger: Ledger,
    pub(super) books: Arc<Books>,
    pub(super) run: RunId,
    pub(super) owner: String,
    pub(super) press: Press,
    pub(super) clients: Vec<Client>,
    pub(super) relays: Mutex<Relays>,
    pub(super) breaker: Mutex<Breaker>,
    pub(super) feed: Feed,
    pub(super) brake: Brake,
    pub(super) watch: Watch,
    pub(super) clock: RunClock,
    pub(super) chance: fn() -> u64,
    pub(super) deadline: Stamp,
    pub(super) lines: AtomicUsize,
    pub(super) last_line: AtomicU32,
    /// Nothing will come any more: lines may close.
    pass: watch::Sender<bool>,
    flights: Mutex<HashMap<u32, Flight>>,
    last_rows: Mutex<Stamp>,
    /// Pauses of domains, for the report.
    pub(super) quarrels: Mutex<Vec<String>>,
}

/// What one line has in hand.
#[derive(Default)]
struct Flight {
    /// Outcomes that go down together with the next beginning.
    owed: Vec<(Ended, Arc<Chunk>)>,
    /// The attempt that is under way.
    attempt: Option<Under>,
}

/// An attempt that is under way.
struct Under {
    seq: u64,
    attempt: u32,
    dot: Arc<Dot>,
    chunk: Arc<Chunk>,
}

/// Whether the dot of an attempt may leave: decided once, by the line that would write it or by who gives it up.
#[derive(Debug, Default)]
pub(super) struct Dot(AtomicU8);

const KEPT_BACK: u8 = 0;
const LEAVES: u8 = 1;
const GIVEN_UP: u8 = 2;

impl Dot {
    /// The dot leaves now, unless it was given up.
    pub(super) fn leave(&self) -> bool {
        self.0.compare_exchange(KEPT_BACK, LEAVES, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }

    /// The dot will never leave, unless it may have left.
    fn give_up(&self) -> bool {
        let decided = self.0.compare_exchange(KEPT_BACK, GIVEN_UP, Ordering::AcqRel, Ordering::Acquire);
        decided.is_ok() || self.0.load(Ordering::Acquire) == GIVEN_UP
    }
}

/// How often the state of rates is written down, in microseconds: less than the slice that is taken ahead.
const ROWS: i64 = 50_000;

impl Desk {
    #[expect(clippy::too_many_arguments, reason = "every part is made once, by the sender")]
    pub(super) fn new(
        ledger: Ledger,
        run: RunId,
        owner: String,
        press: Press,
        clients: Vec<Client>,
        relays: Relays,
        breaker: Breaker,
        feed: Feed,
        brake: Brake,
        clock: RunClock,
        chance: fn() -> u64,
        deadline: Stamp,
    ) -> Self {
        Self {
            books: Books::new(ledger.clone(), brake.clone()),
            ledger,
            run,
            owner,
            press,
            clients,
            relays: Mutex::new(relays),
            breaker: Mutex::new(breaker),
            feed,
            brake,
            watch: Watch::default(),
            clock,
            chance,
            deadline,
            lines: AtomicUsize::new(0),
            last_line: AtomicU32::new(0),
            pass: watch::Sender::new(false),
            flights: Mutex::default(),
            last_rows: Mutex::default(),
            quarrels: Mutex::default(),
        }
    }

    /// A pass begins, or is over: then lines close when they have nothing in hand.
    pub(super) fn set_passed(&self, passed: bool) {
        self.pass.send_replace(passed);
    }

    pub(super) fn is_passed(&self) -> bool {
        *self.pass.borrow()
    }

    /// Waits until the pass is over.
    pub(super) async fn passed(&self) {
        let _ = self.pass.subscribe().wait_for(|passed| *passed).await;
    }

    /// Something that the publisher has to hear at the end.
    pub(super) fn quarrel(&self, reason: String) {
        whole(&self.quarrels).push(reason);
    }

    pub(super) fn relays(&self) -> MutexGuard<'_, Relays> {
        whole(&self.relays)
    }

    /// An attempt ends, or a letter is given up: its outcome is owed until the next beginning on this line.
    pub(super) fn owe(&self, line: u32, job: &Job, attempt: u32, end: End) {
        let due = end.due.map_or(0, |due| due.micros() / 1000);
        let ended = Ended {
            run: self.run,
            seq: job.due.seq,
            attempt,
            owner: if end.begun { self.owner.clone() } else { String::new() },
            witness: Witness::Sender,
            outcome: end.outcome,
            phase: Some(end.phase),
            answer: Some(end.answer),
            due,
            at: self.clock.millis(),
        };
        self.watch.note(end.outcome);
        let mut flights = whole(&self.flights);
        let flight = flights.entry(line).or_default();
        flight.attempt = None;
        flight.owed.push((ended, Arc::clone(&job.chunk)));
    }

    /// Begins an attempt in the books, with what the line owes; `told` hears when both are durable.
    pub(super) fn begin(
        self: &Arc<Self>,
        line: u32,
        job: &Job,
        begun: Note,
        attempt: u32,
        told: impl FnOnce(Option<Noted>) + Send + 'static,
    ) -> Arc<Dot> {
        let dot = Arc::new(Dot::default());
        let owed = {
            let mut flights = whole(&self.flights);
            let flight = flights.entry(line).or_default();
            let (seq, chunk) = (job.due.seq, Arc::clone(&job.chunk));
            flight.attempt = Some(Under { seq, attempt, dot: Arc::clone(&dot), chunk });
            std::mem::take(&mut flight.owed)
        };
        self.keep_rows();
        self.write(owed, Some(begun), told);
        dot
    }

    /// Writes down what a line owes.
    pub(super) fn pay(self: &Arc<Self>, line: u32) {
        let owed = whole(&self.flights)
            .get_mut(&line)
            .map(|flight| std::mem::take(&mut flight.owed))
            .unwrap_or_default();
        if !owed.is_empty() {
            self.write(owed, None, |_| ());
        }
    }

    fn write(
        self: &Arc<Self>,
        owed: Vec<(Ended, Arc<Chunk>)>,
        begun: Option<Note>,
        told: impl FnOnce(Option<Noted>) + Send + 'static,
    ) {
        let (outcomes, chunks): (Vec<Ended>, Vec<Arc<Chunk>>) = owed.into_iter().unzip();
        let over: Vec<bool> = outcomes.iter().map(|ended| ended.outcome != Outcome::Void).collect();
        let rows = outcomes.into_iter().map(Note::Outcome).chain(begun).collect();
        let desk = Arc::clone(self);
        self.books.write(rows, move |noted| {
            if noted.is_some() && !chunks.is_empty() {
                super::crash::here(super::crash::CrashPoint::AfterOutcome);
            }
            // A void attempt is made again: its letter is not over.
            for (chunk, over) in chunks.iter().zip(over) {
                if noted.is_some() && over {
                    desk.feed.over(chunk, 1);
                }
            }
            told(noted);
        });
    }

    /// Recipients who are not mailed.
    pub(super) fn skip(self: &Arc<Self>, chunk: &Arc<Chunk>, skipped: Vec<(u64, SkipReason)>) {
        let (at, many) = (self.clock.millis(), skipped.len());
        let row = |(seq, reason)| Note::Skip { run: self.run, seq, reason, at };
        let rows = skipped.into_iter().map(row).collect();
        let (desk, chunk) = (Arc::clone(self), Arc::clone(chunk));
        self.watch.skip(many);
        self.books.write(rows, move |noted| {
            if noted.is_some() {
                desk.feed.over(&chunk, many);
            }
        });
    }

    /// Writes down how far the rates have come, every now and then, before more is taken of them.
    pub(super) fn keep_rows(&self) {
        let now = self.clock.stamp();
        {
            let mut last = whole(&self.last_rows);
            if now.micros() - last.micros() < ROWS {
                return;
            }
            *last = now;
        }
        let rows = self.relays().rows();
        if !rows.is_empty() {
            let brake = self.brake.clone();
            let buckets = rows.into_iter().map(bucket).collect();
            self.ledger.keep_buckets(buckets, move |kept| {
                if let Err(error) = kept {
                    brake.pull(Halt::Ledger(error));
                }
            });
        }
    }

    /// Takes note of an attempt and stops what has to be stopped.
    pub(super) fn weigh(&self, attempt: &Attempt<'_>) {
        match whole(&self.breaker).note(attempt) {
            None => {}
            Some(Pause::Run { reason }) => self.brake.pull(Halt::Paused(reason)),
            Some(Pause::Domain { domain, reason }) => {
                self.relays().pause_domain(&domain);
                self.quarrel(reason);
            }
        }
    }

    /// A line is gone.
    pub(super) fn forget_line(self: &Arc<Self>, line: u32) {
        self.pay(line);
        let mut flights = whole(&self.flights);
        if flights.get(&line).is_some_and(|flight| flight.attempt.is_none()) {
            flights.remove(&line);
        }
    }

    /// What is left when lines were torn off: outcomes that were not written down, and attempts whose end nobody
    /// has seen. The dot of some of them may have left.
    pub(super) fn wreckage(&self) -> Vec<Ended> {
        let at = self.clock.millis();
        let mut left = Vec::new();
        for (_, flight) in whole(&self.flights).drain() {
            left.extend(flight.owed.into_iter().map(|(ended, _)| ended));
            let Some(under) = flight.attempt else { continue };
            let dot = !under.dot.give_up();
            left.push(Ended {
                run: under.chunk.claim.run,
                seq: under.seq,
                attempt: under.attempt,
                owner: self.owner.clone(),
                witness: Witness::Sender,
                outcome: if dot { Outcome::Uncertain } else { Outcome::Void },
                phase: Some(if dot { Phase::Dot } else { Phase::Body }),
                answer: Some(Answer::Lost("the program was told to stop before the answer came".to_owned())),
                due: 0,
                at,
            });
        }
        left
    }

    /// Whether readers of a chunk still want letters has to be asked again after this many milliseconds: so that
    /// nobody gets a letter begun more than a minute after leaving.
    pub(super) fn is_stale(&self, job: &Job) -> bool {
        self.clock.millis() - job.chunk.asked_at() > ASK_AGAIN
    }

    /// Whether a recipient still wants letters; asked again where the last answer is old.
    pub(super) async fn is_wanted(self: &Arc<Self>, due: &Due) -> bool {
        let (ledger, id) = (self.ledger.clone(), due.subscriber);
        let asked = tokio::task::spawn_blocking(move || ledger.still_wanted(&[id])).await;
        match asked {
            Ok(Ok(wanted)) => wanted.contains(&id),
            Ok(Err(error)) => {
                self.brake.pull(Halt::Ledger(error));
                false
            }
            Err(_) => false,
        }
    }

    /// The name of a relay, as attempts note it.
    pub(super) fn relay_name(&self, relay: RelayId) -> String {
        self.relays().name(relay).to_owned()
    }
}

/// How an attempt ended.
pub(super) struct End {
    /// Whether the attempt was begun; some are given up before.
    pub(super) begun: bool,
    pub(super) outcome: Outcome,
    pub(super) phase: Phase,
    pub(super) answer: Answer,
    pub(super) due: Option<Stamp>,
}

const ASK_AGAIN: i64 = 40_000;

fn bucket(row: RateRow) -> Bucket {
    let RateRow { key, tat, interval_us, burst } = row;
    Bucket { name: key, tat, interval: interval_us, burst }
}

/// A lock whose holder panicked still guards sound values: each is changed in one step.
pub(super) fn whole<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}
