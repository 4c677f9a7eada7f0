//! One letter over one line: begun in the books, handed over, and what comes of it.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;

use crate::mail::wire::{Attempted, Gate, Line, Refusal};
use crate::model::{Answer, Blame, EmailAddress, Outcome, Phase, SkipReason, Verdict, judge};
use crate::store::ledger::{Begun, Note, Noted};

use super::ahead::{Ahead, Made};
use super::breaker::Attempt;
use super::crash::{self, CrashPoint};
use super::desk::{Desk, End};
use super::feed::{BUSY, Job};
use super::halt::Halt;
use super::pace::RelayId;
use super::relays::Choice;
use super::retry::{Retry, retry};
use super::stamp::Stamp;

/// A letter that was begun in vain so often waits like one that was deferred.
const VOIDS: u32 = 10;
/// How often the letter of one recipient may fail to be made.
const UNMADE: u32 = 2;

/// Hands a letter over, or puts it where it can wait. While it is on its way, the next one is made.
pub(super) async fn hand_over(
    desk: &Arc<Desk>,
    (relay, number): (RelayId, u32),
    line: &mut Line,
    (job, making): (Job, Option<JoinHandle<Made>>),
    ahead: &mut Ahead,
) {
    let domain = job.due.address.domain().as_str().to_owned();
    let Some(mut job) = place(desk, (relay, number), &domain, job) else { return };
    if desk.is_stale(&job) && !desk.is_wanted(&job.due).await {
        desk.relays().give_back(relay, &domain);
        if desk.brake.is_pulled() {
            return desk.feed.put_back(job);
        }
        return desk.skip(&job.chunk, vec![(job.due.seq, SkipReason::Unsubscribed)]);
    }
    let Some((from, letter)) = ahead.made(desk, &job, making).await else {
        desk.relays().give_back(relay, &domain);
        job.unmade += 1;
        if job.unmade >= UNMADE {
            return desk.skip(&job.chunk, vec![(job.due.seq, SkipReason::Quarantined)]);
        }
        return desk.feed.put_back(job);
    };
    let before = line.letters();
    let attempt = attempt(desk, (relay, number), line, &job, &from, &letter);
    let attempted = ahead.beside(desk, relay, attempt).await;
    ahead.give_room(letter);
    crash::here(CrashPoint::AfterReply);
    conclude(desk, (relay, number), before, &domain, job, attempted);
}

/// Where a letter is to go.
enum Place {
    /// Over this relay, now.
    Here(Job),
    /// Nowhere before this moment, because of its destination.
    Waits(Stamp, Job),
    /// Nowhere from here: another relay takes it, or it is too late for it.
    Elsewhere,
}

/// A letter that may go over this relay now; where its destination is not what it waits for, the next may ask.
fn place(desk: &Arc<Desk>, at: (RelayId, u32), domain: &str, job: Job) -> Option<Job> {
    let destination = desk.relays().destination(domain).to_owned();
    let job = match find(desk, at, domain, job) {
        Place::Waits(until, job) => {
            desk.feed.queue(&destination, until, job);
            return None;
        }
        Place::Here(job) => Some(job),
        Place::Elsewhere => None,
    };
    desk.feed.call(&destination);
    job
}

fn find(desk: &Arc<Desk>, (relay, number): (RelayId, u32), domain: &str, mut job: Job) -> Place {
    let now = desk.clock.stamp();
    let given = std::mem::take(&mut job.given);
    let open = job.chunk.is_open(desk.clock.millis());
    if given && open && now <= desk.deadline {
        return Place::Here(job);
    }
    if given {
        desk.relays().give_back(relay, domain);
    }
    if job.chunk.is_lost() {
        // Whoever has the chunk mails it.
        return Place::Elsewhere;
    }
    if !open {
        desk.feed.park(now.after(BUSY), job);
        return Place::Elsewhere;
    }
    if now > desk.deadline {
        too_late(desk, number, &job, "the deadline has passed");
        return Place::Elsewhere;
    }
    let choice = desk.relays().choose(domain, now);
    match choice {
        Choice::Use(chosen) if chosen == relay => return Place::Here(job),
        Choice::Use(other) => desk.feed.give(other, Job { given: true, ..job }),
        Choice::Wait(until) => return Place::Waits(until.unwrap_or_else(|| now.after(BUSY)), job),
        Choice::Paused => too_late(desk, number, &job, "its destination is paused"),
    }
    Place::Elsewhere
}

/// A letter for which nothing can be done before the deadline.
fn too_late(desk: &Arc<Desk>, number: u32, job: &Job, why: &str) {
    let due = Some(desk.deadline.after(Duration::from_secs(1)));
    let answer = Answer::Lost(why.to_owned());
    let end = End { begun: false, outcome: Outcome::Deferred, phase: Phase::Connect, answer, due };
    desk.owe(number, job, job.due.next_attempt, end);
}

/// One attempt: it is written down while the letter is on its way, and the dot waits for that.
async fn attempt(
    desk: &Arc<Desk>,
    (relay, number): (RelayId, u32),
    line: &mut Line,
    job: &Job,
    from: &EmailAddress,
    letter: &[u8],
) -> Attempted {
    let claim = &job.chunk.claim;
    let begun = Note::Begin(Begun {
        run: desk.run,
        seq: job.due.seq,
        attempt: job.due.next_attempt,
        chunk: claim.chunk,
        fence: claim.fence,
        owner: claim.owner.clone(),
        conn: number,
        relay: desk.relay_name(relay),
        at: desk.clock.millis(),
    });
    crash::here(CrashPoint::BeforeBegin);
    let (tell, told) = tokio::sync::oneshot::channel();
    let dot = desk.begin(number, job, begun, job.due.next_attempt, move |noted| {
        let _ = tell.send(noted);
    });
    let gate = async {
        let noted = told.await.ok().flatten();
        if noted == Some(Noted::Fenced) {
            job.chunk.lose();
        }
        if noted != Some(Noted::Kept) || !job.chunk.is_open(desk.clock.millis()) {
            return Gate::Closed;
        }
        crash::here(CrashPoint::BeforeDot);
        if dot.leave() { Gate::Open } else { Gate::Closed }
    };
    line.deliver(from, &job.due.address, letter, gate).await
}

/// What an attempt leads to, for the reader, the relay and the run.
fn conclude(
    desk: &Arc<Desk>,
    (relay, number): (RelayId, u32),
    before: u32,
    domain: &str,
    mut job: Job,
    attempted: Attempted,
) {
    let now = desk.clock.stamp();
    let attempt = job.due.next_attempt;
    let (phase, answer, verdict) = match attempted {
        Attempted::Answered { phase, answer } => {
            let verdict = judge(phase, &answer);
            (phase, answer, verdict)
        }
        Attempted::Refused(refusal) => {
            let verdict = local(&refusal);
            if verdict.blame == Blame::Content {
                desk.brake.pull(Halt::Paused(refusal.to_string()));
            }
            (Phase::Mail, Answer::Lost(refusal.to_string()), verdict)
        }
    };
    desk.relays().ended(relay, domain, verdict, before, now, (desk.chance)());
    let destination = desk.relays().destination(domain).to_owned();
    desk.feed.call(&destination);
    desk.weigh(&Attempt { recipient: job.due.seq, domain: &destination, phase, verdict, answer: &answer });
    let mut end = End { begun: true, outcome: verdict.outcome, phase, answer, due: None };
    if end.outcome == Outcome::Void {
        job.voids += 1;
        if job.voids >= VOIDS {
            end.outcome = Outcome::Deferred;
        }
    }
    if end.outcome == Outcome::Deferred {
        end.due = Some(again(desk, &job, now));
    }
    let void = end.outcome == Outcome::Void;
    desk.owe(number, &job, attempt, end);
    if void {
        job.due.next_attempt += 1;
        desk.feed.put_back(job);
    }
}

/// A letter that we refuse ourselves: the reader's address is at fault, or all letters are.
fn local(refusal: &Refusal) -> Verdict {
    match refusal {
        Refusal::NeedsSmtputf8 | Refusal::Address => {
            Verdict { outcome: Outcome::Rejected, blame: Blame::Nobody }
        }
        Refusal::TooLarge { .. } | Refusal::Letter(_) => {
            Verdict { outcome: Outcome::Void, blame: Blame::Content }
        }
    }
}

/// When a deferred letter is due again; behind the deadline where it is too late for that.
fn again(desk: &Desk, job: &Job, now: Stamp) -> Stamp {
    let first = job.due.first_attempt_at.map_or(now, Stamp::from_millis);
    match retry(first, now, desk.deadline, (desk.chance)()) {
        Retry::At(at) => at,
        Retry::Never => desk.deadline.after(Duration::from_secs(1)),
    }
}
