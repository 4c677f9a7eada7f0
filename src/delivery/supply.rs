//! The supply of letters: chunks are claimed, asked who of them still wants letters, renewed and given back.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::sleep;

use crate::model::{RunState, SkipReason};
use crate::store::ledger::{Claim, Claimed, Ledger, LedgerError};

use super::crash::{self, CrashPoint};
use super::desk::Desk;
use super::feed::{Chunk, Job};
use super::halt::Halt;

/// Fewer letters than this that are ready: more are claimed.
const LOW: usize = 1_500;
/// More letters than this that wait: nothing is claimed before some of them are given back.
const MOST: usize = 50_000;
/// How often letters are given back that wait for their destinations, in milliseconds: so that others are found, and
/// once all chunks have been seen.
const SHED: (i64, i64) = (500, 60_000);
/// How many chunks are counted in one transaction, which keeps attempts waiting.
const COUNTED: usize = 16;
/// How often it is looked for something to do.
const PULSE: Duration = Duration::from_millis(20);
const LEASE: Duration = Duration::from_secs(30);
/// So long before its end, in milliseconds, a lease is not relied on any more.
const MARGIN: i64 = 5_000;
const RENEW: i64 = 10_000;
/// How often the run's own row is looked at, in milliseconds.
const LOOK: i64 = 1_000;

/// What a pass over the run has left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Passed {
    /// Nobody is due any more.
    Through,
    /// Something is due behind the deadline only.
    TooLate,
    /// It was stopped.
    Stopped,
}

/// The chunks that are ours.
pub(super) struct Supply {
    desk: Arc<Desk>,
    finished: UnboundedReceiver<Arc<Chunk>>,
    ours: HashMap<u64, Arc<Chunk>>,
    /// Nothing can be claimed before this moment.
    next: i64,
    /// Chunks are claimed from this one on, and in turn.
    from: u64,
    /// Whether every chunk has had its turn.
    round: bool,
    shed: i64,
    renewed: i64,
    looked: i64,
    passed: Option<Passed>,
}

impl Supply {
    pub(super) fn new(desk: Arc<Desk>, finished: UnboundedReceiver<Arc<Chunk>>) -> Self {
        let now = desk.clock.millis();
        Self {
            desk,
            finished,
            ours: HashMap::new(),
            next: 0,
            from: 0,
            round: false,
            shed: now,
            renewed: now,
            looked: now,
            passed: None,
        }
    }

    /// Feeds the lines until nobody is due any more, or something stops it.
    pub(super) async fn pass(&mut self) -> Result<Passed, LedgerError> {
        (self.next, self.passed, self.from, self.round) = (0, None, 0, false);
        loop {
            if self.desk.brake.is_pulled() {
                return Ok(Passed::Stopped);
            }
            while let Ok(chunk) = self.finished.try_recv() {
                self.give_back(&chunk).await?;
            }
            self.keep().await?;
            self.shed().await?;
            self.claim().await?;
            if self.passed == Some(Passed::TooLate) {
                // Nothing is begun any more, and nobody has to come for what waits.
                self.desk.feed.clear();
                self.release_all().await;
                return Ok(Passed::TooLate);
            }
            if let (Some(passed), true) = (self.passed, self.ours.is_empty()) {
                return Ok(passed);
            }
            self.rest().await?;
        }
    }

    /// Gives every chunk back, after the last outcome was written down. What cannot be given back now is recovered
    /// at the next start.
    pub(super) async fn release_all(&mut self) {
        for (_, chunk) in std::mem::take(&mut self.ours) {
            let claim = chunk.claim.clone();
            let _ = blocking(&self.desk.ledger, move |ledger| ledger.release(&claim)).await;
        }
    }

    async fn claim(&mut self) -> Result<(), LedgerError> {
        if self.desk.clock.stamp() > self.desk.deadline {
            self.passed = Some(Passed::TooLate);
        }
        while self.passed.is_none() && !self.desk.brake.is_pulled() && self.wants_more() {
            let now = self.desk.clock.millis();
            let (run, owner) = ((self.desk.run, self.from), self.desk.owner.clone());
            let claimed =
                blocking(&self.desk.ledger, move |ledger| ledger.claim(run, &owner, now, LEASE)).await?;
            match claimed {
                Claimed::Chunk(claim) => {
                    self.round |= claim.chunk < self.from;
                    self.from = claim.chunk + 1;
                    self.add(claim, now).await?;
                    continue;
                }
                Claimed::Wait(at) if at.saturating_mul(1000) <= self.desk.deadline.micros() => self.next = at,
                Claimed::Wait(_) if self.ours.is_empty() => self.passed = Some(Passed::TooLate),
                Claimed::Nothing if self.ours.is_empty() => self.passed = Some(Passed::Through),
                // What we hold may become due again in time.
                Claimed::Wait(_) | Claimed::Nothing => self.next = now + LOOK,
                Claimed::Stopped(state) => self.stopped(state),
            }
            break;
        }
        Ok(())
    }

    fn wants_more(&self) -> bool {
        let (ready, all) = self.desk.feed.counts();
        let some = ready < LOW && all < MOST && self.next <= self.desk.clock.millis();
        some && (all < LOW || self.is_free())
    }

    /// Whether some relay takes letters now: what waits then waits for its destination.
    fn is_free(&self) -> bool {
        let now = self.desk.clock.stamp();
        self.desk.relays().frees(now).is_some_and(|at| at <= now)
    }

    /// Those of a chunk who have left since the audience was fixed are skipped, the others are ready.
    async fn add(&mut self, mut claim: Claim, now: i64) -> Result<(), LedgerError> {
        crash::here(CrashPoint::Claimed);
        let due = std::mem::take(&mut claim.due);
        let ids: Vec<u64> = due.iter().map(|due| due.subscriber).collect();
        let asked = self.desk.clock.millis();
        let wanted = blocking(&self.desk.ledger, move |ledger| ledger.still_wanted(&ids)).await?;
        let lease = i64::try_from(LEASE.as_millis()).unwrap_or(0);
        let chunk = Arc::new(Chunk::new(claim, due.len(), now + lease - MARGIN, asked));
        self.ours.insert(chunk.claim.chunk, Arc::clone(&chunk));
        let (ready, left): (Vec<_>, Vec<_>) =
            due.into_iter().partition(|due| wanted.contains(&due.subscriber));
        if !left.is_empty() {
            let left = left.into_iter().map(|due| (due.seq, SkipReason::Unsubscribed)).collect();
            self.desk.skip(&chunk, left);
        }
        self.desk.feed.add(ready.into_iter().map(|due| Job {
            chunk: Arc::clone(&chunk),
            due,
            voids: 0,
            unmade: 0,
            given: false,
        }));
        Ok(())
    }

    async fn give_back(&mut self, chunk: &Arc<Chunk>) -> Result<(), LedgerError> {
        self.ours.remove(&chunk.claim.chunk);
        self.next = 0;
        let claim = chunk.claim.clone();
        blocking(&self.desk.ledger, move |ledger| ledger.release(&claim)).await.map(drop)
    }

    /// Too many letters wait for their destinations: some are given back, so that letters for others are found.
    async fn shed(&mut self) -> Result<(), LedgerError> {
        let now = self.desk.clock.millis();
        let pause = if self.round { SHED.1 } else { SHED.0 };
        let (ready, all) = self.desk.feed.counts();
        if ready >= LOW || all < MOST || now - self.shed < pause || !self.is_free() {
            return Ok(());
        }
        self.shed = now;
        for chunk in self.desk.feed.shed(MOST / 2) {
            self.give_back(&chunk).await?;
        }
        Ok(())
    }

    /// Renews leases in time, and looks whether the run is to go on.
    async fn keep(&mut self) -> Result<(), LedgerError> {
        let now = self.desk.clock.millis();
        if now - self.renewed >= RENEW {
            self.renewed = now;
            let lease = i64::try_from(LEASE.as_millis()).unwrap_or(0);
            let (run, owner) = (self.desk.run, self.desk.owner.clone());
            let held =
                blocking(&self.desk.ledger, move |ledger| ledger.renew(run, &owner, now, LEASE)).await?;
            let mut behind = Vec::new();
            for (no, chunk) in &self.ours {
                if held.has(&chunk.claim) {
                    chunk.keep_open(now + lease - MARGIN);
                    behind.extend(chunk.is_behind().then_some(*no));
                } else {
                    chunk.lose();
                }
            }
            for chunks in behind.chunks(COUNTED) {
                let chunks = chunks.to_vec();
                blocking(&self.desk.ledger, move |ledger| ledger.count(run, chunks)).await?;
            }
        }
        if now - self.looked >= LOOK { self.look().await } else { Ok(()) }
    }

    /// Looks at the run's own row, and whether there is room to write.
    pub(super) async fn look(&mut self) -> Result<(), LedgerError> {
        self.looked = self.desk.clock.millis();
        let run = self.desk.run;
        let state = blocking(&self.desk.ledger, move |ledger| {
            ledger.check_room()?;
            ledger.beat()?;
            Ok(ledger.run_by_id(run)?.map(|run| run.state))
        });
        match state.await? {
            None | Some(RunState::Running) => {}
            Some(state) => self.stopped(state),
        }
        Ok(())
    }

    fn stopped(&mut self, state: RunState) {
        self.desk.brake.pull(match state {
            RunState::Cancelled => Halt::Cancelled,
            RunState::Paused(reason) => Halt::Paused(reason),
            other => Halt::Paused(format!("the run is {} meanwhile", other.as_str())),
        });
    }

    /// Waits until there is something to do.
    async fn rest(&mut self) -> Result<(), LedgerError> {
        let now = self.desk.clock.stamp();
        let pause = match self.desk.feed.unpark(now) {
            Some(at) => at.since(now).min(PULSE),
            None => PULSE,
        };
        let chunk = tokio::select! {
            chunk = self.finished.recv() => chunk,
            () = self.desk.brake.wait() => None,
            () = sleep(pause) => None,
        };
        match chunk {
            Some(chunk) => self.give_back(&chunk).await,
            None => Ok(()),
        }
    }
}

/// Asks the ledger without holding up the lines.
async fn blocking<T: Send + 'static>(
    ledger: &Ledger,
    work: impl FnOnce(&Ledger) -> Result<T, LedgerError> + Send + 'static,
) -> Result<T, LedgerError> {
    let ledger = ledger.clone();
    match tokio::task::spawn_blocking(move || work(&ledger)).await {
        Ok(result) => result,
        Err(error) => Err(LedgerError::Store(crate::store::StoreError::Refused(error.to_string()))),
    }
}
