//! A run from its first letter to the day it adds up: passes over whoever is due, then the end, or a stop in good order.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use thiserror::Error;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::mail::wire::Client;
use crate::model::{DeliveryState, RunState, Tally, UncertainPolicy};
use crate::store::ledger::{Ledger, LedgerError, Run, Settlement};

use super::breaker::Breaker;
use super::clock::RunClock;
use super::crash::{self, CrashPoint};
use super::desk::{Desk, whole};
use super::feed::Feed;
use super::halt::{Brake, Halt};
use super::lines;
use super::press::Press;
use super::relays::Relays;
use super::stamp::Stamp;
use super::supply::{Passed, Supply};
use super::watch::Snapshot;

/// What a run is sent with.
pub struct Campaign {
    /// The run.
    pub run: Run,
    /// What makes its letters.
    pub press: Press,
    /// What opens lines to the relays, in their order.
    pub clients: Vec<Client>,
    /// The relays.
    pub relays: Relays,
    /// How many lines there may be at once, over all relays.
    pub connections: usize,
    /// Before this moment, in milliseconds since 1970, nothing is sent: the issue may still be called off.
    pub not_before: i64,
    /// How long answers are waited for when the run is stopped.
    pub drain: Duration,
    /// How long evidence about lost answers is waited for at the end.
    pub settle: Duration,
}

/// Clock, chance and an eye on the run.
pub struct Eyes {
    /// The moment it is, in milliseconds since 1970.
    pub now: i64,
    /// Any number, each time another.
    pub chance: fn() -> u64,
    /// Sees the run twice a second, and at its end.
    pub observe: Box<dyn Fn(&Snapshot) + Send + Sync>,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Ending {
    /// How its recipients add up, by the rows of the ledger.
    pub tally: Tally,
    /// Why it stopped before its end, if it did.
    pub halt: Option<Halt>,
    /// Destinations that were paused, and why.
    pub quarrels: Vec<String>,
}

/// Why a run could not be sent.
#[derive(Debug, Error)]
pub enum SendError {
    /// The program has no threads to do it with.
    #[error("no threads can be started")]
    Threads(#[from] std::io::Error),
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// How often a run is seen.
const SEEN: Duration = Duration::from_millis(500);

/// Sends a run until it is done or `brake` is pulled. SIGTERM and SIGINT pull it; a second one waits for no answers.
pub fn send(ledger: &Ledger, campaign: Campaign, brake: &Brake, eyes: Eyes) -> Result<Ending, SendError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let ending = runtime.block_on(Sender::new(ledger, campaign, brake, eyes)?.run())?;
    runtime.shutdown_timeout(Duration::from_secs(1));
    Ok(ending)
}

struct Sender {
    desk: Arc<Desk>,
    supply: Supply,
    run: Run,
    not_before: i64,
    drain: Duration,
    settle: Duration,
    observe: Arc<dyn Fn(&Snapshot) + Send + Sync>,
}

impl Sender {
    fn new(ledger: &Ledger, campaign: Campaign, brake: &Brake, eyes: Eyes) -> Result<Self, LedgerError> {
        let Campaign { run, press, clients, relays, connections, not_before, drain, settle } = campaign;
        let clock = RunClock::start(eyes.now);
        let mut breaker = Breaker::new(connections);
        let uncertain = ledger.listed(run.id, DeliveryState::Uncertain, eyes.now, 0, 10_000)?;
        breaker.remember(uncertain.into_iter().map(|known| known.seq));
        let (feed, finished) = Feed::new(clients.len());
        let desk = Arc::new(Desk::new(
            ledger.clone(),
            run.id,
            format!("{:016x}{:016x}", (eyes.chance)(), (eyes.chance)()),
            press,
            clients,
            relays,
            breaker,
            feed,
            brake.clone(),
            clock,
            eyes.chance,
            Stamp::from_millis(run.deadline_at),
        ));
        desk.watch.begin(ledger.progress(run.id)?);
        let supply = Supply::new(Arc::clone(&desk), finished);
        Ok(Self { desk, supply, run, not_before, drain, settle, observe: Arc::from(eyes.observe) })
    }

    async fn run(mut self) -> Result<Ending, LedgerError> {
        let impatient = Brake::new();
        let mut beside = JoinSet::new();
        beside.spawn(signals(self.desk.brake.clone(), impatient.clone()));
        beside.spawn(watched(Arc::clone(&self.desk), Arc::clone(&self.observe)));
        let resends = self.run.policy == UncertainPolicy::Resend;
        let mut again = resends;
        if let Err(error) = self.cool_down().await {
            self.desk.brake.pull(Halt::Ledger(error));
        }
        let finished = loop {
            let passed = self.pass(&impatient).await;
            match passed {
                Ok(Passed::Stopped) => break false,
                Ok(passed) => match self.close(passed, &mut again).await {
                    Ok(true) => break !self.desk.brake.is_pulled(),
                    Ok(false) => {}
                    Err(error) => {
                        self.desk.brake.pull(Halt::Ledger(error));
                        break false;
                    }
                },
                Err(error) => {
                    self.desk.brake.pull(Halt::Ledger(error));
                    break false;
                }
            }
        };
        let ending = self.end(finished)?;
        (self.observe)(&self.desk.watch.snapshot(0, self.desk.clock.stamp()));
        Ok(ending)
    }

    /// Waits until the issue can no longer be called off before its first letter.
    async fn cool_down(&mut self) -> Result<(), LedgerError> {
        while self.desk.clock.millis() < self.not_before && !self.desk.brake.is_pulled() {
            tokio::select! {
                () = sleep(SEEN) => {}
                () = self.desk.brake.wait() => {}
            }
            self.supply.look().await?;
        }
        Ok(())
    }

    /// One pass over whoever is due, with lines to every relay.
    async fn pass(&mut self, impatient: &Brake) -> Result<Passed, LedgerError> {
        self.desk.set_passed(false);
        let mut keepers = JoinSet::new();
        for relay in self.desk.relays().ids() {
            keepers.spawn(lines::keep(Arc::clone(&self.desk), relay));
        }
        let passed = self.supply.pass().await;
        if let Err(error) = &passed {
            self.desk.brake.pull(Halt::Ledger(error.clone()));
        }
        self.desk.set_passed(true);
        let ended = async { while keepers.join_next().await.is_some() {} };
        if self.desk.brake.is_pulled() {
            tokio::select! {
                _ = timeout(self.drain, ended) => {}
                () = impatient.wait() => {}
            }
            keepers.shutdown().await;
            self.clear_away().await;
        } else {
            // Lines close by themselves when there is nothing left.
            ended.await;
        }
        passed
    }

    /// Writes down what lines have left behind, and gives the chunks back.
    async fn clear_away(&mut self) {
        let (books, left) = (Arc::clone(&self.desk.books), self.desk.wreckage());
        let closed = tokio::task::spawn_blocking(move || books.close(left)).await;
        if let Ok(Err(error)) = closed {
            self.desk.brake.pull(Halt::Ledger(error));
        }
        self.supply.release_all().await;
    }

    /// Settles what a pass has left. `false` when there is to be another.
    async fn close(&mut self, passed: Passed, again: &mut bool) -> Result<bool, LedgerError> {
        let (ledger, run) = (self.desk.ledger.clone(), self.run.id);
        if passed == Passed::TooLate {
            ledger.settle(run, Settlement::Expire, self.desk.clock.millis())?;
        }
        let tally = ledger.progress(run)?;
        if tally.uncertain == 0 {
            return Ok(true);
        }
        self.wait_for_evidence().await?;
        if self.desk.brake.is_pulled() {
            return Ok(true);
        }
        crash::here(CrashPoint::Settle);
        if std::mem::take(again) && ledger.resend(run)? > 0 {
            return Ok(false);
        }
        ledger.settle(run, Settlement::Hold, self.desk.clock.millis())?;
        Ok(true)
    }

    /// Waits until evidence about the last answer that was lost can no longer be expected, or there is some about all.
    /// The issue may still be called off.
    async fn wait_for_evidence(&mut self) -> Result<(), LedgerError> {
        let settle = i64::try_from(self.settle.as_millis()).unwrap_or(i64::MAX);
        let mut known = (0, 0);
        loop {
            let (now, uncertain) =
                (self.desk.clock.millis(), self.desk.ledger.progress(self.run.id)?.uncertain);
            if uncertain != known.0 {
                // Of what was noted by another clock, none has happened after now.
                let last = self.desk.ledger.last_uncertain(self.run.id)?.map_or(0, |last| last.min(now));
                known = (uncertain, last.saturating_add(settle));
            }
            if uncertain == 0 || now >= known.1 {
                return Ok(());
            }
            tokio::select! {
                () = sleep(SEEN) => {}
                () = self.desk.brake.wait() => return Ok(()),
            }
            self.supply.look().await?;
        }
    }

    /// Adds everything up and says so in the ledger.
    fn end(&mut self, finished: bool) -> Result<Ending, LedgerError> {
        let (ledger, run) = (&self.desk.ledger, self.run.id);
        let halt = self.desk.brake.pulled();
        let tally = match ledger.tally(run, self.desk.clock.millis()) {
            Ok(tally) => tally,
            Err(_) if matches!(halt, Some(Halt::Ledger(_))) => Tally::default(),
            Err(error) => return Err(error),
        };
        let quarrels = std::mem::take(&mut *whole(&self.desk.quarrels));
        let state = match &halt {
            None if finished && tally.is_balanced() => Some(RunState::Done),
            None => Some(RunState::Unbalanced),
            Some(Halt::Paused(reason)) => Some(RunState::Paused(reason.clone())),
            Some(Halt::Interrupted | Halt::Cancelled | Halt::Ledger(_)) => None,
        };
        if let Some(state) = state {
            ledger.set_state(run, &state)?;
        }
        if !matches!(halt, Some(Halt::Ledger(_))) {
            ledger.beat()?;
        }
        Ok(Ending { tally, halt, quarrels })
    }
}

/// The first signal stops in good order, the second at once.
async fn signals(brake: Brake, impatient: Brake) {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut terminate), Ok(mut interrupt)) =
        (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        return;
    };
    for brake in [&brake, &impatient] {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        brake.pull(Halt::Interrupted);
    }
}

async fn watched(desk: Arc<Desk>, observe: Arc<dyn Fn(&Snapshot) + Send + Sync>) {
    loop {
        let lines = desk.lines.load(Ordering::Relaxed);
        observe(&desk.watch.snapshot(lines, desk.clock.stamp()));
        desk.keep_rows();
        sleep(SEEN).await;
    }
}
