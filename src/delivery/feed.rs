//! The letters that wait: chunks that are ours, recipients that are ready, and those that must wait a little.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::sync::{Notify, mpsc};

use crate::store::ledger::{Claim, Due};

use super::pace::RelayId;
use super::stamp::Stamp;

/// A chunk that is ours, and how much of it is not over yet.
#[derive(Debug)]
pub(super) struct Chunk {
    /// The claim, without those it is about.
    pub(super) claim: Claim,
    left: AtomicUsize,
    /// Past this moment of the run's clock, in milliseconds, no dot may leave: the lease may have ended.
    gate_until: AtomicI64,
    /// When it was last asked who of it still wants letters, in milliseconds.
    asked_at: AtomicI64,
}

/// A letter that is to be mailed.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) chunk: Arc<Chunk>,
    pub(super) due: Due,
    /// How often it was begun in vain by this program.
    pub(super) voids: u32,
    /// Whether its letter could not be made once.
    pub(super) unmade: u32,
    /// Whether it was chosen for the relay in whose lane it lies, and is counted there.
    pub(super) given: bool,
}

/// What waits.
#[derive(Debug)]
pub(super) struct Feed {
    lanes: Mutex<Lanes>,
    /// There is more to do, or nothing will come any more.
    pub(super) more: Notify,
    over: mpsc::UnboundedSender<Arc<Chunk>>,
}

#[derive(Debug)]
struct Lanes {
    ready: VecDeque<Job>,
    /// Letters that were given to a relay by its weight.
    given: Vec<VecDeque<Job>>,
    parked: BinaryHeap<Reverse<Parked>>,
    count: u64,
}

#[derive(Debug)]
struct Parked {
    at: Stamp,
    number: u64,
    job: Job,
}

/// Before every moment.
const LOST: i64 = i64::MIN;

impl Chunk {
    pub(super) fn new(claim: Claim, letters: usize, gate_until: i64, asked_at: i64) -> Self {
        Self {
            claim,
            left: AtomicUsize::new(letters),
            gate_until: AtomicI64::new(gate_until),
            asked_at: AtomicI64::new(asked_at),
        }
    }

    /// Whether a dot may leave at a moment in milliseconds.
    pub(super) fn is_open(&self, now: i64) -> bool {
        now < self.gate_until.load(Ordering::Acquire)
    }

    /// Whether somebody else has it.
    pub(super) fn is_lost(&self) -> bool {
        self.gate_until.load(Ordering::Acquire) == LOST
    }

    /// Somebody else has it: no dot of it may leave any more.
    pub(super) fn lose(&self) {
        self.gate_until.store(LOST, Ordering::Release);
    }

    /// The lease was renewed.
    pub(super) fn keep_open(&self, until: i64) {
        self.gate_until.store(until, Ordering::Release);
    }

    pub(super) fn asked_at(&self) -> i64 {
        self.asked_at.load(Ordering::Acquire)
    }
}

impl Feed {
    /// Nothing yet, for so many relays. Chunks that are over come out of the receiver.
    pub(super) fn new(relays: usize) -> (Self, mpsc::UnboundedReceiver<Arc<Chunk>>) {
        let (over, finished) = mpsc::unbounded_channel();
        let given = (0..relays).map(|_| VecDeque::new()).collect();
        let lanes = Lanes { ready: VecDeque::new(), given, parked: BinaryHeap::new(), count: 0 };
        (Self { lanes: Mutex::new(lanes), more: Notify::new(), over }, finished)
    }

    /// The next letter that a relay was given, or that nobody was given.
    pub(super) fn next(&self, relay: RelayId) -> Option<Job> {
        let mut lanes = self.lanes.lock().ok()?;
        let given = lanes.given.get_mut(relay.0).and_then(VecDeque::pop_front);
        given.or_else(|| lanes.ready.pop_front())
    }

    /// Letters that are new.
    pub(super) fn add(&self, jobs: impl IntoIterator<Item = Job>) {
        if let Ok(mut lanes) = self.lanes.lock() {
            lanes.ready.extend(jobs);
        }
        self.more.notify_waiters();
    }

    /// A letter that is to be tried again at once.
    pub(super) fn put_back(&self, job: Job) {
        if let Ok(mut lanes) = self.lanes.lock() {
            lanes.ready.push_front(job);
        }
        self.more.notify_one();
    }

    /// A letter that another relay is to take.
    pub(super) fn give(&self, relay: RelayId, job: Job) {
        if let Ok(mut lanes) = self.lanes.lock() {
            match lanes.given.get_mut(relay.0) {
                Some(lane) => lane.push_back(job),
                None => lanes.ready.push_back(job),
            }
        }
        self.more.notify_waiters();
    }

    /// The letters that a relay was given and has not taken.
    pub(super) fn take_back(&self, relay: RelayId) -> VecDeque<Job> {
        let Ok(mut lanes) = self.lanes.lock() else { return VecDeque::new() };
        lanes.given.get_mut(relay.0).map(std::mem::take).unwrap_or_default()
    }

    /// A letter that must wait.
    pub(super) fn park(&self, at: Stamp, job: Job) {
        if let Ok(mut lanes) = self.lanes.lock() {
            lanes.count += 1;
            let number = lanes.count;
            lanes.parked.push(Reverse(Parked { at, number, job }));
        }
    }

    /// Makes ready what has waited long enough, and says when the next is to be.
    pub(super) fn unpark(&self, now: Stamp) -> Option<Stamp> {
        let mut lanes = self.lanes.lock().ok()?;
        let mut any = false;
        while lanes.parked.peek().is_some_and(|Reverse(parked)| parked.at <= now) {
            if let Some(Reverse(parked)) = lanes.parked.pop() {
                lanes.ready.push_back(parked.job);
                any = true;
            }
        }
        let next = lanes.parked.peek().map(|Reverse(parked)| parked.at);
        drop(lanes);
        if any {
            self.more.notify_waiters();
        }
        next
    }

    /// Forgets all letters: what they were to be is read from the ledger again.
    pub(super) fn clear(&self) {
        if let Ok(mut lanes) = self.lanes.lock() {
            lanes.ready.clear();
            lanes.parked.clear();
            lanes.given.iter_mut().for_each(VecDeque::clear);
        }
    }

    /// How many letters are ready, and how many wait altogether.
    pub(super) fn counts(&self) -> (usize, usize) {
        let Ok(lanes) = self.lanes.lock() else { return (0, 0) };
        let ready = lanes.ready.len() + lanes.given.iter().map(VecDeque::len).sum::<usize>();
        (ready, ready + lanes.parked.len())
    }

    /// So many letters of a chunk are over, durably.
    pub(super) fn over(&self, chunk: &Arc<Chunk>, letters: usize) {
        if letters > 0 && chunk.left.fetch_sub(letters, Ordering::AcqRel) == letters {
            let _ = self.over.send(Arc::clone(chunk));
        }
    }
}

impl PartialEq for Parked {
    fn eq(&self, other: &Self) -> bool {
        (self.at, self.number) == (other.at, other.number)
    }
}

impl Eq for Parked {}

impl PartialOrd for Parked {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Parked {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at, self.number).cmp(&(other.at, other.number))
    }
}
