//! Letters made ahead: while one is on its way over a line, the next is filled and signed on another thread. A signature
//! takes longer than all else that is done for a letter. Where there are many lines they keep all cores busy by
//! themselves, and each makes its letters when it needs them.

use std::num::NonZero;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::available_parallelism;
use std::time::Duration;

use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::sleep;

use crate::links::ReaderId;
use crate::model::EmailAddress;

use super::crash;
use super::desk::Desk;
use super::feed::Job;
use super::pace::RelayId;

/// A letter and its return path; `None` when it could not be made, be it by a panic.
pub(super) type Made = (Option<EmailAddress>, Vec<u8>);

/// What one line hands over next.
pub(super) struct Ahead {
    next: Option<(Job, Option<JoinHandle<Made>>)>,
    /// Room of a letter that is gone.
    spare: Vec<u8>,
    /// More lines than this: nothing is made ahead.
    few: usize,
}

/// So many lines for each core are few.
const FEW: usize = 2;
/// A line that waits longer for its answer leaves the letter that it has made ahead to others.
const PATIENCE: Duration = Duration::from_secs(1);

impl Ahead {
    pub(super) fn new() -> Self {
        let cores = available_parallelism().map_or(1, NonZero::get);
        Self { next: None, spare: Vec::new(), few: FEW * cores }
    }

    /// The next letter, and how far it is made.
    pub(super) fn take(&mut self, desk: &Desk, relay: RelayId) -> Option<(Job, Option<JoinHandle<Made>>)> {
        self.next.take().or_else(|| Some((desk.feed.next(relay)?, None)))
    }

    /// The letter that is to go now.
    pub(super) async fn made(
        &mut self,
        desk: &Desk,
        job: &Job,
        making: Option<JoinHandle<Made>>,
    ) -> Option<(EmailAddress, Vec<u8>)> {
        let made = match making {
            Some(making) => making.await.ok()?,
            None => make(desk, ReaderId(job.due.subscriber), &job.due.address, self.room()),
        };
        Some((made.0?, made.1))
    }

    /// Waits for a letter's end, and begins the one after it: where there is one for every line, and where it is not
    /// likely to have to wait for its destination.
    pub(super) async fn beside<T>(
        &mut self,
        desk: &Arc<Desk>,
        relay: RelayId,
        letter: impl Future<Output = T>,
    ) -> T {
        self.begin(desk, relay);
        let mut letter = std::pin::pin!(letter);
        if self.next.is_some() {
            tokio::select! {
                biased;
                end = &mut letter => return end,
                () = sleep(PATIENCE) => self.put_back(desk, relay),
            }
        }
        letter.await
    }

    fn begin(&mut self, desk: &Arc<Desk>, relay: RelayId) {
        let lines = desk.lines.load(Ordering::Relaxed);
        if lines > self.few || desk.feed.counts().0 <= lines {
            return;
        }
        let Some(job) = desk.feed.next(relay) else { return };
        let open =
            job.given || desk.relays().is_open(relay, job.due.address.domain().as_str(), desk.clock.stamp());
        let making = open.then(|| {
            let (reader, address) = (ReaderId(job.due.subscriber), job.due.address.clone());
            let (desk, room) = (Arc::clone(desk), self.room());
            spawn_blocking(move || make(&desk, reader, &address, room))
        });
        self.next = Some((job, making));
    }

    fn room(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.spare)
    }

    /// Room for another letter.
    pub(super) fn give_room(&mut self, bytes: Vec<u8>) {
        self.spare = bytes;
    }

    /// What this line does not hand over any more may go over another.
    pub(super) fn put_back(&mut self, desk: &Desk, relay: RelayId) {
        let Some((mut job, _)) = self.next.take() else { return };
        if std::mem::take(&mut job.given) {
            desk.relays().give_back(relay, job.due.address.domain().as_str());
        }
        desk.feed.put_back(job);
    }
}

fn make(desk: &Desk, reader: ReaderId, address: &EmailAddress, mut room: Vec<u8>) -> Made {
    let filled = catch_unwind(AssertUnwindSafe(|| {
        crash::over(address);
        desk.press.fill(reader, address, &mut room)
    }));
    (filled.ok().and_then(Result::ok), room)
}
