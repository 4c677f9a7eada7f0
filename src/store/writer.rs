//! Writing: work gathers, is done in one transaction, and is answered once that is durable.

use std::hash::{BuildHasher, RandomState};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::connection::{Access, Checkpoint, Connection, Dialect, StoreError};
use super::transaction::Transaction;

/// Makes connections to one store.
pub trait Connect: Send + Sync {
    /// A new connection.
    fn connect(&self, access: Access) -> Result<Box<dyn Connection>, StoreError>;
    /// How many connections may write at once: SQLite has one, a server several.
    fn writers(&self) -> usize;
}

/// What follows when a transaction could not be ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failing {
    /// A new connection.
    Reconnects,
    /// Nothing is written any more: after a failed sync, a second one may succeed without the data.
    Breaks,
}

/// The threads that write.
pub(super) struct Writer {
    /// None once it ends.
    jobs: Option<Sender<Job>>,
    threads: Vec<JoinHandle<()>>,
    broken: Broken,
}

/// Why nothing is written any more.
type Broken = Arc<OnceLock<StoreError>>;

/// Work, and whom to tell when it is durable.
struct Job {
    work: Work,
    done: Box<dyn FnOnce(Result<(), StoreError>) + Send>,
}

/// The most work that one commit makes durable.
const GROUP: usize = 256;

/// The most that is told at once that it could not be begun.
const QUEUED: usize = 100_000;

/// Checkpoints are made after so many commits, and when nothing has come for so long.
const CHECKPOINT: (u32, Duration) = (256, Duration::from_secs(1));

/// How often work is done again when the database asks for it.
const PATIENCE: u32 = 30;
/// Before it is, so many milliseconds at most, and no two writers the same.
const PAUSE: (u64, u64) = (4, 100);

impl Writer {
    pub(super) fn start(
        connect: Arc<dyn Connect>,
        first: Box<dyn Connection>,
        failing: Failing,
    ) -> Result<Self, StoreError> {
        let broken = Broken::default();
        let (jobs, queue) = channel();
        let queue = Arc::new(Mutex::new(queue));
        let mut first = Some(first);
        let mut threads = Vec::new();
        for _ in 0..connect.writers().max(1) {
            let mut line = Line {
                connect: Arc::clone(&connect),
                queue: Arc::clone(&queue),
                connection: first.take(),
                failing,
                broken: Arc::clone(&broken),
                commits: 0,
            };
            let spawned = thread::Builder::new().name("store".to_owned()).spawn(move || line.run());
            threads.push(spawned.map_err(|error| StoreError::Unreachable(error.to_string()))?);
        }
        Ok(Self { jobs: Some(jobs), threads, broken })
    }

    pub(super) fn submit<T: Send + 'static>(
        &self,
        mut work: impl FnMut(&mut Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
        done: impl FnOnce(Result<T, StoreError>) + Send + 'static,
    ) {
        let made = Arc::new(Mutex::new(None));
        let kept = Arc::clone(&made);
        if let Some(error) = self.broken.get() {
            return done(Err(error.clone()));
        }
        let job = Job {
            work: Box::new(move |transaction| {
                let value = work(transaction)?;
                *kept.lock().map_err(|_| StoreError::Closed)? = Some(value);
                Ok(())
            }),
            done: Box::new(move |result| {
                let value = made.lock().ok().and_then(|mut made| made.take()).ok_or(StoreError::Closed);
                done(result.and(value));
            }),
        };
        let refused = match &self.jobs {
            Some(jobs) => jobs.send(job).err().map(|refused| refused.0),
            None => Some(job),
        };
        if let Some(job) = refused {
            (job.done)(Err(StoreError::Closed));
        }
    }
}

impl Drop for Writer {
    /// Does what has been asked for, and closes the connections in order.
    fn drop(&mut self) {
        self.jobs = None;
        for thread in self.threads.drain(..) {
            // The last clone may go away on one of these threads: it cannot wait for itself.
            if thread.thread().id() != thread::current().id() {
                let _ = thread.join();
            }
        }
    }
}

/// One thread with its connection.
struct Line {
    connect: Arc<dyn Connect>,
    queue: Arc<Mutex<Receiver<Job>>>,
    connection: Option<Box<dyn Connection>>,
    failing: Failing,
    broken: Broken,
    /// Since the last checkpoint.
    commits: u32,
}

impl Line {
    fn run(&mut self) {
        while let Some(first) = self.next() {
            if let Some(error) = self.broken.get() {
                (first.done)(Err(error.clone()));
                continue;
            }
            let connection = match self.connection.take() {
                Some(connection) => Ok(connection),
                None => self.connect.connect(Access::Write),
            };
            match connection {
                Ok(mut connection) => {
                    let state = match connection.dialect() {
                        Dialect::Sqlite => self.group(connection.as_mut(), first),
                        Dialect::Postgres => alone(connection.as_mut(), first),
                    };
                    // A connection whose state is not known is not used again.
                    if state.is_ok() {
                        self.connection = Some(connection);
                    }
                    self.commits += 1;
                    if self.commits >= CHECKPOINT.0 {
                        self.checkpoint(Checkpoint::Now);
                    }
                }
                Err(error) => self.fail(first, &error),
            }
        }
        self.checkpoint(Checkpoint::AtTheEnd);
    }

    fn next(&mut self) -> Option<Job> {
        if self.failing == Failing::Breaks && self.commits > 0 {
            match self.queue.lock().ok()?.recv_timeout(CHECKPOINT.1) {
                Ok(job) => return Some(job),
                Err(RecvTimeoutError::Disconnected) => return None,
                Err(RecvTimeoutError::Timeout) => {}
            }
            self.checkpoint(Checkpoint::Now);
        }
        self.queue.lock().ok()?.recv().ok()
    }

    fn checkpoint(&mut self, when: Checkpoint) {
        self.commits = 0;
        if let Some(connection) = &mut self.connection
            && let Err(error) = connection.checkpoint(when)
        {
            self.connection = None;
            self.give_up(&error);
        }
    }

    fn give_up(&self, error: &StoreError) {
        if self.failing == Failing::Breaks && !error.is_transient() {
            let _ = self.broken.set(StoreError::Broken(error.to_string()));
        }
    }

    /// Answers a piece of work that could not even be begun. Where nobody else writes, all that has gathered behind
    /// it would wait as long and hear the same.
    fn fail(&self, first: Job, error: &StoreError) {
        // Collected before anybody hears of it: who asks again after that is not one of them.
        let most = if self.connect.writers() > 1 { 0 } else { QUEUED };
        let waiting: Vec<Job> = std::iter::from_fn(|| self.more()).take(most).collect();
        for job in std::iter::once(first).chain(waiting) {
            (job.done)(Err(error.clone()));
        }
    }

    fn more(&self) -> Option<Job> {
        self.queue.lock().ok()?.try_recv().ok()
    }

    /// All that has gathered, in one transaction; what fails is undone by itself.
    fn group(&self, connection: &mut dyn Connection, first: Job) -> Result<(), StoreError> {
        if let Err(error) = connection.begin(Access::Write) {
            self.give_up(&error);
            self.fail(first, &error);
            return Err(error);
        }
        let mut answers = Vec::new();
        let mut job = Some(first);
        let mut broken = None;
        while let Some(Job { mut work, done }) = job {
            match guarded(connection, &mut work, self.failing) {
                Ok(result) => answers.push((done, result)),
                Err(error) => {
                    answers.push((done, Err(error.clone())));
                    broken = Some(error);
                    break;
                }
            }
            job = if answers.len() < GROUP { self.more() } else { None };
        }
        let ended = match broken {
            Some(error) => Err(error),
            None => connection.commit(),
        };
        if let Err(error) = &ended {
            let _ = connection.rollback();
            // Said before anybody hears of it, so that nobody who has heard of it can write.
            self.give_up(error);
        }
        for (done, result) in answers {
            done(result.and(ended.clone()));
        }
        ended
    }
}

type Work = Box<dyn FnMut(&mut Transaction<'_>) -> Result<(), StoreError> + Send>;

/// Does work inside a savepoint. The outer error means that the transaction itself is lost.
fn guarded(
    connection: &mut dyn Connection,
    work: &mut Work,
    failing: Failing,
) -> Result<Result<(), StoreError>, StoreError> {
    connection.execute("SAVEPOINT work", &[])?;
    let result = work(&mut Transaction::new(connection));
    if let Err(error) = &result {
        if failing == Failing::Breaks && matches!(error, StoreError::Unreachable(_) | StoreError::Damaged(_))
        {
            return Err(error.clone());
        }
        connection.execute("ROLLBACK TO work", &[])?;
    }
    connection.execute("RELEASE work", &[])?;
    Ok(result)
}

/// One piece of work in a transaction of its own, again when the server had to choose between two.
fn alone(connection: &mut dyn Connection, mut job: Job) -> Result<(), StoreError> {
    for attempt in 1.. {
        let result = connection.begin(Access::Write).and_then(|()| {
            (job.work)(&mut Transaction::new(connection))?;
            connection.commit()
        });
        let Err(error) = result else { break };
        let undone = connection.rollback();
        if undone.is_ok() && error.is_transient() && attempt < PATIENCE {
            thread::sleep(pause(attempt));
            continue;
        }
        (job.done)(Err(error));
        return undone;
    }
    (job.done)(Ok(()));
    Ok(())
}

/// Longer from attempt to attempt, and by chance, so that two that met do not meet again.
fn pause(attempt: u32) -> Duration {
    let longest = (PAUSE.0 * u64::from(attempt)).min(PAUSE.1);
    Duration::from_millis(RandomState::new().hash_one(attempt) % (longest + 1))
}
