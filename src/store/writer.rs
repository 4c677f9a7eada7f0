//! Writing: work gathers, is done in one transaction, and is answered once that is durable.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use super::connection::{Access, Connection, Dialect, StoreError};
use super::transaction::Transaction;

/// Makes connections to one store.
pub trait Connect: Send + Sync {
    /// A new connection.
    fn connect(&self, access: Access) -> Result<Box<dyn Connection>, StoreError>;
    /// How many connections may write at once: SQLite has one, a server several.
    fn writers(&self) -> usize;
}

/// The threads that write.
pub(super) struct Writer {
    /// None once it ends.
    jobs: Option<Sender<Job>>,
    threads: Vec<JoinHandle<()>>,
}

/// Work, and whom to tell when it is durable.
struct Job {
    work: Work,
    done: Box<dyn FnOnce(Result<(), StoreError>) + Send>,
}

/// The most work that one commit makes durable.
const GROUP: usize = 256;

/// How often work is done again when the database asks for it.
const PATIENCE: usize = 4;

impl Writer {
    pub(super) fn start(connect: Arc<dyn Connect>, first: Box<dyn Connection>) -> Result<Self, StoreError> {
        let (jobs, queue) = channel();
        let queue = Arc::new(Mutex::new(queue));
        let mut first = Some(first);
        let mut threads = Vec::new();
        for _ in 0..connect.writers().max(1) {
            let mut line =
                Line { connect: Arc::clone(&connect), queue: Arc::clone(&queue), connection: first.take() };
            let spawned = thread::Builder::new().name("store".to_owned()).spawn(move || line.run());
            threads.push(spawned.map_err(|error| StoreError::Unreachable(error.to_string()))?);
        }
        Ok(Self { jobs: Some(jobs), threads })
    }

    pub(super) fn submit<T: Send + 'static>(
        &self,
        mut work: impl FnMut(&mut Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
        done: impl FnOnce(Result<T, StoreError>) + Send + 'static,
    ) {
        let made = Arc::new(Mutex::new(None));
        let kept = Arc::clone(&made);
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
}

impl Line {
    fn run(&mut self) {
        while let Some(first) = self.next() {
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
                }
                Err(error) => (first.done)(Err(error)),
            }
        }
    }

    fn next(&self) -> Option<Job> {
        self.queue.lock().ok()?.recv().ok()
    }

    fn more(&self) -> Option<Job> {
        self.queue.lock().ok()?.try_recv().ok()
    }

    /// All that has gathered, in one transaction; what fails is undone by itself.
    fn group(&self, connection: &mut dyn Connection, first: Job) -> Result<(), StoreError> {
        if let Err(error) = connection.begin(Access::Write) {
            (first.done)(Err(error.clone()));
            return Err(error);
        }
        let mut answers = Vec::new();
        let mut job = Some(first);
        let mut broken = None;
        while let Some(Job { mut work, done }) = job {
            match guarded(connection, &mut work) {
                Ok(result) => answers.push((done, result)),
                Err(error) => {
                    done(Err(error.clone()));
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
        if ended.is_err() {
            let _ = connection.rollback();
        }
        for (done, result) in answers {
            done(result.and(ended.clone()));
        }
        ended
    }
}

type Work = Box<dyn FnMut(&mut Transaction<'_>) -> Result<(), StoreError> + Send>;

/// Does work inside a savepoint. The outer error means that the transaction itself is lost.
fn guarded(connection: &mut dyn Connection, work: &mut Work) -> Result<Result<(), StoreError>, StoreError> {
    connection.execute("SAVEPOINT work", &[])?;
    let result = work(&mut Transaction::new(connection));
    if result.is_err() {
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
            continue;
        }
        (job.done)(Err(error));
        return undone;
    }
    (job.done)(Ok(()));
    Ok(())
}
