//! The letters that wait: chunks that are ours, recipients that are ready, and those that must wait a little. Letters
//! that wait for one destination stand in a queue: only the first of them asks whether it may go.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap, VecDeque};
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

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
    /// How much there was when its counters were last brought up to date.
    counted: AtomicUsize,
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
    /// By destination.
    queues: HashMap<String, Queue>,
    queued: usize,
    count: u64,
}

/// Letters for one destination.
#[derive(Debug)]
struct Queue {
    /// When the first may ask again.
    at: Stamp,
    jobs: VecDeque<Job>,
}

#[derive(Debug)]
struct Parked {
    at: Stamp,
    number: u64,
    job: Job,
}

/// How long a letter waits where its destination has as many under way as it takes.
pub(super) const BUSY: Duration = Duration::from_millis(50);
/// Before every moment.
const LOST: i64 = i64::MIN;

impl Chunk {
    pub(super) fn new(claim: Claim, letters: usize, gate_until: i64, asked_at: i64) -> Self {
        Self {
            claim,
            left: AtomicUsize::new(letters),
            counted: AtomicUsize::new(letters),
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

    /// Whether its counters are behind; from now on they are not.
    pub(super) fn is_behind(&self) -> bool {
        let left = self.left.load(Ordering::Acquire);
        self.counted.swap(left, Ordering::AcqRel) != left
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
        let lanes = Lanes {
            ready: VecDeque::new(),
            given,
            parked: BinaryHeap::new(),
            queues: HashMap::new(),
            queued: 0,
            count: 0,
        };
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

    /// A letter that must wait for its destination.
    pub(super) fn queue(&self, destination: &str, at: Stamp, job: Job) {
        if let Ok(mut lanes) = self.lanes.lock() {
            lanes.queued += 1;
            let Some(queue) = lanes.queues.get_mut(destination) else {
                lanes.queues.insert(destination.to_owned(), Queue { at, jobs: VecDeque::from([job]) });
                return;
            };
            queue.at = at;
            // Who was at the head is there again.
            if queue.jobs.front().is_some_and(|first| job.due.seq < first.due.seq) {
                queue.jobs.push_front(job);
            } else {
                queue.jobs.push_back(job);
            }
        }
    }

    /// Something has changed for a destination: the first of its queue may ask.
    pub(super) fn call(&self, destination: &str) {
        let Ok(mut lanes) = self.lanes.lock() else { return };
        let Some(job) = lanes.first(destination) else { return };
        lanes.ready.push_front(job);
        drop(lanes);
        self.more.notify_one();
    }

    /// Takes out letters that wait for their destination and gives their chunks: whole ones alone, of which nothing is
    /// under way. So many letters stay, those of the lowest chunks.
    pub(super) fn shed(&self, most: usize) -> Vec<Arc<Chunk>> {
        let Ok(mut lanes) = self.lanes.lock() else { return Vec::new() };
        let mut waiting: BTreeMap<u64, (Arc<Chunk>, usize)> = BTreeMap::new();
        for job in lanes.queues.values().flat_map(|queue| &queue.jobs) {
            let chunk = waiting.entry(job.chunk.claim.chunk).or_insert_with(|| (Arc::clone(&job.chunk), 0));
            // How an attempt in vain has ended may not be durable yet.
            chunk.1 += usize::from(job.voids == 0);
        }
        let mut stay = 0;
        waiting.retain(|_, (chunk, letters)| {
            stay += *letters;
            stay > most && chunk.left.load(Ordering::Acquire) == *letters
        });
        lanes.queues.retain(|_, queue| {
            queue.jobs.retain(|job| !waiting.contains_key(&job.chunk.claim.chunk));
            !queue.jobs.is_empty()
        });
        lanes.queued -= waiting.values().map(|(_, letters)| letters).sum::<usize>();
        waiting.into_values().map(|(chunk, _)| chunk).collect()
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
        let mut next = lanes.parked.peek().map(|Reverse(parked)| parked.at);
        let due: Vec<String> =
            lanes.queues.iter().filter(|(_, queue)| queue.at <= now).map(|(name, _)| name.clone()).collect();
        for name in due {
            if let Some(queue) = lanes.queues.get_mut(&name) {
                queue.at = now.after(BUSY);
            }
            let first = lanes.first(&name);
            any |= first.is_some();
            lanes.ready.extend(first);
        }
        let first = lanes.queues.values().map(|queue| queue.at).min();
        next = next.into_iter().chain(first).min();
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
            lanes.queues.clear();
            lanes.queued = 0;
            lanes.given.iter_mut().for_each(VecDeque::clear);
        }
    }

    /// How many letters are ready, and how many wait altogether.
    pub(super) fn counts(&self) -> (usize, usize) {
        let Ok(lanes) = self.lanes.lock() else { return (0, 0) };
        let ready = lanes.ready.len() + lanes.given.iter().map(VecDeque::len).sum::<usize>();
        (ready, ready + lanes.parked.len() + lanes.queued)
    }

    /// So many letters of a chunk are over, durably.
    pub(super) fn over(&self, chunk: &Arc<Chunk>, letters: usize) {
        if letters > 0 && chunk.left.fetch_sub(letters, Ordering::AcqRel) == letters {
            let _ = self.over.send(Arc::clone(chunk));
        }
    }
}

impl Lanes {
    /// Takes the first of a queue out.
    fn first(&mut self, destination: &str) -> Option<Job> {
        let queue = self.queues.get_mut(destination)?;
        let job = queue.jobs.pop_front();
        if queue.jobs.is_empty() {
            self.queues.remove(destination);
        }
        self.queued -= usize::from(job.is_some());
        job
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
