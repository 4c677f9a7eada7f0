//! The ledger, one contract for every database: who is to have an issue is fixed once, one owner works on a chunk at
//! a time, and everybody ends in one state whatever happened on the way.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use proptest::prelude::*;
use rotative::model::{
    Answer, ConsentKind, ConsentSource, DeliveryState, EmailAddress, IssueDate, Language, Lease, Outcome,
    Phase, Recorded, Reply, Rhythm, RunState, SkipReason, Slot, Slug, Subscriber, Subscription,
    SuppressionReason, Tally, UncertainPolicy, Witness,
};
use rotative::store::ledger::{
    Approval, Begun, Bucket, Claim, Claimed, Clock, Due, Ended, Ledger, LedgerError, Note, Noted, Pinned,
    Plan, Recovered, Run, RunId, Settlement, Whom,
};
use rotative::store::{Access, Connect, Connection, Event, StatementId, Store, StoreError, Suppression};
use rotative::subscribers::{self, Origin};

use crate::store::{MORNING, address, at, key};
use crate::stores::{self, Fault, Faulty, Fresh};

/// The same morning in the ledger's milliseconds.
pub(crate) const NOW: i64 = MORNING * 1000;
const LEASE: Duration = Duration::from_secs(30);

pub(crate) fn daily() -> Slug {
    Slug::parse("daily").expect("a list")
}

pub(crate) fn today() -> Slot {
    Slot::daily(IssueDate::parse("2026-08-21").expect("a date"))
}

pub(crate) fn reader(id: u64, email: &str) -> Subscriber {
    Subscriber {
        id,
        list: daily(),
        address: address(email),
        language: Language::English,
        state: Subscription::Confirmed,
        since: MORNING,
        rhythm: Rhythm::Daily,
        topics: Vec::new(),
        paused_until: None,
    }
}

pub(crate) fn enrol(store: &Store, readers: Vec<Subscriber>) {
    let enrolled = store.write(move |transaction| {
        for reader in &readers {
            let event = Event {
                kind: ConsentKind::Imported,
                at: MORNING,
                source: ConsentSource::Import,
                detail: "",
                statement: &StatementId::default(),
                network: "",
            };
            assert!(transaction.enrol(reader, &event)?, "{} is new", reader.id);
        }
        Ok(())
    });
    enrolled.expect("readers");
}

/// So many readers, `r001@reader.example` and so on: recipient `n` is reader `n`.
pub(crate) fn crowd(fresh: &Fresh, many: u64) {
    let crowd = (1..=many).map(|id| reader(id, &format!("r{id:03}@reader.example"))).collect();
    enrol(&fresh.store(), crowd);
}

pub(crate) fn approval(hash: &str) -> Approval {
    Approval {
        list: daily(),
        slot: today(),
        hash: hash.to_owned(),
        content: format!("{{\"subject\":\"{hash}\"}}"),
        told: "[]".to_owned(),
        by: "Ann".to_owned(),
        at: NOW,
    }
}

pub(crate) fn plan(chunk_size: u32) -> Plan {
    Plan {
        list: daily(),
        slot: today(),
        topics: Vec::new(),
        policy: UncertainPolicy::Hold,
        deadline_at: NOW + 12 * 3_600_000,
        chunk_size,
    }
}

pub(crate) fn started(ledger: &Ledger, chunk_size: u32) -> Run {
    ledger.pin(&approval("a")).expect("pinned");
    ledger.start(&plan(chunk_size), NOW).expect("a run")
}

pub(crate) fn claimed(ledger: &Ledger, run: RunId, owner: &str, now: i64) -> Claim {
    match ledger.claim((run, 0), owner, now, LEASE).expect("a claim") {
        Claimed::Chunk(claim) => claim,
        other => panic!("no chunk: {other:?}"),
    }
}

pub(crate) fn begin(claim: &Claim, seq: u64, attempt: u32, at: i64) -> Note {
    Note::Begin(Begun {
        run: claim.run,
        seq,
        attempt,
        chunk: claim.chunk,
        fence: claim.fence,
        owner: claim.owner.clone(),
        conn: 1,
        relay: "main".to_owned(),
        at,
    })
}

pub(crate) fn ended(run: RunId, seq: u64, attempt: u32, outcome: Outcome, due: i64) -> Ended {
    let answer = Answer::Reply(Reply { code: 250, enhanced: None, text: "Ok".to_owned() });
    let (phase, answer) = (Some(Phase::Dot), Some(answer));
    Ended {
        run,
        seq,
        attempt,
        owner: String::new(),
        witness: Witness::Sender,
        outcome,
        phase,
        answer,
        due,
        at: NOW,
    }
}

fn end(run: RunId, seq: u64, attempt: u32, outcome: Outcome) -> Note {
    Note::Outcome(ended(run, seq, attempt, outcome, 0))
}

fn seqs(due: &[Due]) -> Vec<u64> {
    due.iter().map(|due| due.seq).collect()
}

#[test]
fn what_is_approved_may_change_until_its_run_begins() {
    for fresh in stores::all() {
        let ledger = fresh.ledger();
        assert_eq!(ledger.approved(&daily(), today()).expect("a read"), None);
        assert!(matches!(ledger.start(&plan(10), NOW), Err(LedgerError::Unapproved { .. })));
        assert_eq!(ledger.pin(&approval("a")).expect("pinned"), Pinned::Kept);
        assert_eq!(ledger.pin(&approval("b")).expect("pinned"), Pinned::Kept);
        assert_eq!(ledger.approved(&daily(), today()).expect("a read"), Some(approval("b")));
        let run = ledger.start(&plan(10), NOW).expect("a run");
        assert_eq!((run.hash.as_str(), run.audience), ("b", 0), "{}", fresh.name);
        assert_eq!(ledger.pin(&approval("c")).expect("asked"), Pinned::RunHasBegun);
        assert_eq!(ledger.approved(&daily(), today()).expect("a read"), Some(approval("b")));
        assert_eq!(ledger.claim((run.id, 0), "me", NOW, LEASE).expect("asked"), Claimed::Nothing);
        assert!(ledger.tally(run.id, NOW).expect("a tally").is_balanced());
    }
}

#[test]
fn an_audience_holds_whom_the_issue_is_for_and_is_fixed_once() {
    for fresh in stores::all() {
        let (store, ledger) = (fresh.store(), fresh.ledger());
        let topic = |name: &str| Slug::parse(name).expect("a topic");
        let mut readers: Vec<Subscriber> =
            (1..=9).map(|id| reader(id, &format!("r{id}@reader.example"))).collect();
        readers[1].rhythm = Rhythm::Weekly;
        (readers[2].rhythm, readers[2].topics) = (Rhythm::Topics, vec![topic("sea"), topic("cnil")]);
        (readers[3].rhythm, readers[3].topics) = (Rhythm::Topics, vec![topic("cnil-2")]);
        readers[4].paused_until = IssueDate::parse("2026-08-22").ok();
        readers[5].paused_until = IssueDate::parse("2026-08-21").ok();
        readers[6].state = Subscription::Unconfirmed;
        readers[7].list = Slug::parse("other").expect("a list");
        enrol(&store, readers);
        let why = Suppression { reason: SuppressionReason::Bounced, detail: String::new(), at: MORNING };
        store.write(move |t| t.suppress("r9@reader.example", &why)).expect("suppressed");

        ledger.pin(&approval("a")).expect("pinned");
        let plan = Plan { topics: vec![topic("cnil"), topic("river")], ..plan(2) };
        let run = ledger.start(&plan, NOW).expect("a run");
        let first = claimed(&ledger, run.id, "me", NOW);
        let second = claimed(&ledger, run.id, "me", NOW);
        let ids = |claim: &Claim| claim.due.iter().map(|due| due.subscriber).collect::<Vec<_>>();
        assert_eq!((ids(&first), ids(&second)), (vec![1, 3], vec![6]), "{}", fresh.name);
        assert_eq!((run.audience, first.chunk, second.chunk), (3, 0, 1));

        enrol(&store, vec![reader(20, "late@reader.example")]);
        assert_eq!(ledger.start(&plan, NOW + 5).expect("a run"), run);
        assert_eq!(ledger.runs().expect("runs"), [run]);

        let saturday = Slot::weekly(IssueDate::parse("2026-08-22").expect("a date"));
        ledger.pin(&Approval { slot: saturday, ..approval("w") }).expect("pinned");
        let weekly = ledger.start(&Plan { slot: saturday, ..plan.clone() }, NOW).expect("a run");
        assert_eq!(ids(&claimed(&ledger, weekly.id, "me", NOW)), [2]);
        assert_eq!(ledger.run(&daily(), saturday).expect("a read").map(|run| run.id), Some(weekly.id));
    }
}

#[test]
fn a_long_list_is_written_down_in_stretches_and_whole() {
    for many in [20_000, 20_001] {
        let fresh = stores::sqlite();
        crowd(&fresh, many);
        let ledger = fresh.ledger();
        let run = started(&ledger, 7_000);
        let (mut seen, mut addresses) = (HashSet::new(), Vec::new());
        while let Claimed::Chunk(claim) = ledger.claim((run.id, 0), "me", NOW, LEASE).expect("asked") {
            seen.extend(claim.due.iter().map(|due| due.subscriber));
            addresses.extend(claim.due.iter().map(|due| (due.seq, due.address.key())));
        }
        assert_eq!((run.audience, seen.len() as u64), (many, many));
        assert!(addresses.is_sorted(), "numbers go up with addresses");
        assert_eq!(addresses.last().map(|(seq, _)| *seq), Some(many));
    }
}

#[test]
fn f08_a_fault_while_the_audience_is_fixed_leaves_no_run() {
    for fault in [Fault::Statement, Fault::Commit, Fault::Answer] {
        for strike in 0..30 {
            let fresh = stores::sqlite();
            crowd(&fresh, 25);
            fresh.ledger().pin(&approval("a")).expect("pinned");
            let countdown = Arc::new(AtomicI64::new(i64::MAX));
            let (inner, counting) = (fresh.ledger_connect(), Arc::clone(&countdown));
            let faulty = Faulty { inner, fault, countdown: counting };
            let ledger = Ledger::over(Arc::new(faulty), Clock::Caller).expect("a ledger");
            countdown.store(strike, Ordering::SeqCst);
            let begun = ledger.start(&plan(10), NOW).is_ok();
            drop(ledger);
            let ledger = fresh.ledger();
            let found = ledger.run(&daily(), today()).expect("a read");
            match fault {
                Fault::Answer => assert!(found.is_some() || !begun),
                _ => assert_eq!(found.is_some(), begun, "{fault:?} {strike}"),
            }
            let run = ledger.start(&plan(10), NOW).expect("a run");
            let tally = ledger.tally(run.id, NOW).expect("a tally");
            assert_eq!(tally, Tally { audience: 25, pending: 25, ..Tally::default() });
        }
    }
}

#[test]
fn a_beginning_under_an_old_fence_is_refused_and_a_late_outcome_is_kept() {
    for fresh in stores::all() {
        crowd(&fresh, 4);
        let ledger = fresh.ledger();
        let run = started(&ledger, 4).id;
        let old = claimed(&ledger, run, "old", NOW);
        assert_eq!(ledger.note_now(vec![begin(&old, 1, 1, NOW)]).expect("noted"), Noted::Kept);
        assert_eq!(ledger.note_now(vec![begin(&old, 1, 1, NOW)]).expect("again"), Noted::Kept);
        assert_eq!(ledger.claim((run, 0), "new", NOW, LEASE).expect("asked"), Claimed::Wait(NOW + 30_000));
        let new = claimed(&ledger, run, "new", NOW + 30_000);
        assert!(new.fence > old.fence);
        // What the old owner had begun is uncertain, and not among what is due.
        assert_eq!(seqs(&new.due), [2, 3, 4], "{}", fresh.name);
        let late = vec![end(run, 1, 1, Outcome::Accepted), begin(&old, 2, 1, NOW + 30_001)];
        assert_eq!(ledger.note_now(late).expect("noted"), Noted::Fenced);
        let tally = ledger.tally(run, NOW + 30_002).expect("a tally");
        assert_eq!((tally.accepted, tally.pending, tally.in_flight), (1, 3, 0));
        let held = |owner| ledger.renew(run, owner, NOW + 30_001, LEASE).expect("asked");
        assert!(!held("old").has(&old) && held("new").has(&new) && !held("new").has(&old));
        assert_eq!(ledger.release(&old).expect("asked"), None);
        assert_eq!(ledger.note_now(vec![begin(&new, 2, 1, NOW + 30_003)]).expect("noted"), Noted::Kept);
        // Two connections cannot begin one attempt.
        let Note::Begin(mut other) = begin(&new, 2, 1, NOW + 30_003) else { unreachable!() };
        other.conn = 2;
        assert_eq!(ledger.note_now(vec![Note::Begin(other)]).expect("noted"), Noted::Fenced);
        assert_eq!(ledger.tally(run, NOW + 30_004).expect("a tally").in_flight, 1);
        if fresh.name == "PostgreSQL" {
            let dead = ledger.note_now(vec![begin(&new, 3, 1, NOW + 61_000)]).expect("noted");
            assert_eq!(dead, Noted::Fenced, "the lease has ended");
        }
    }
}

#[test]
fn chunks_are_claimed_in_turn_from_any_of_them_on() {
    for fresh in stores::all() {
        crowd(&fresh, 12);
        let ledger = fresh.ledger();
        let run = started(&ledger, 3).id;
        let from = |from| match ledger.claim((run, from), "me", NOW, LEASE).expect("asked") {
            Claimed::Chunk(claim) => Some(claim.chunk),
            _ => None,
        };
        let turns = [from(2), from(3), from(4), from(1), from(2)];
        assert_eq!(turns, [Some(2), Some(3), Some(0), Some(1), None], "{}", fresh.name);
    }
}

#[test]
fn a_deferred_recipient_is_due_when_its_outcome_says_so() {
    for fresh in stores::all() {
        crowd(&fresh, 3);
        let ledger = fresh.ledger();
        let run = started(&ledger, 10).id;
        let claim = claimed(&ledger, run, "me", NOW);
        let mut rows = Vec::new();
        for (seq, outcome, due) in
            [(1, Outcome::Accepted, 0), (2, Outcome::Deferred, 300_000), (3, Outcome::Deferred, 400_000)]
        {
            rows.push(begin(&claim, seq, 1, NOW));
            rows.push(Note::Outcome(ended(run, seq, 1, outcome, if due > 0 { NOW + due } else { 0 })));
        }
        ledger.note_now(rows).expect("noted");
        let tally = ledger.release(&claim).expect("released").expect("ours");
        assert_eq!((tally.accepted, tally.deferred, tally.pending), (1, 2, 0));
        assert_eq!(
            ledger.claim((run, 0), "me", NOW + 1, LEASE).expect("asked"),
            Claimed::Wait(NOW + 300_000)
        );
        let again = claimed(&ledger, run, "me", NOW + 300_000);
        assert_eq!(seqs(&again.due), [2], "{}", fresh.name);
        let due = &again.due[0];
        assert_eq!((due.next_attempt, due.tries, due.first_attempt_at), (2, 1, Some(NOW)));
        // A void attempt does not count.
        let rows = vec![begin(&again, 2, 2, NOW), end(run, 2, 2, Outcome::Void)];
        ledger.note_now(rows).expect("noted");
        ledger.release(&again).expect("released");
        let third = claimed(&ledger, run, "me", NOW + 400_000);
        assert_eq!(seqs(&third.due), [2, 3]);
        assert_eq!((third.due[0].next_attempt, third.due[0].tries), (3, 1));
    }
}

#[test]
fn who_was_under_way_twice_when_the_sender_ended_is_left_alone() {
    for fresh in stores::all() {
        crowd(&fresh, 2);
        let ledger = fresh.ledger();
        let run = started(&ledger, 10).id;
        let first = claimed(&ledger, run, "one", NOW);
        ledger.note_now(vec![begin(&first, 1, 1, NOW)]).expect("noted");
        let later = NOW + 60_000;
        let found = ledger.recover(run, later).expect("recovered");
        assert_eq!(found, Recovered { uncertain: 1, quarantined: 0 }, "{}", fresh.name);
        assert_eq!(ledger.recover(run, later).expect("again"), Recovered::default());
        let second = claimed(&ledger, run, "two", later);
        assert_eq!(seqs(&second.due), [2], "the uncertain are not repeated");
        ledger.note_now(vec![begin(&second, 2, 1, later), end(run, 2, 1, Outcome::Accepted)]).expect("noted");
        ledger.release(&second).expect("released");
        assert_eq!(ledger.claim((run, 0), "two", later, LEASE).expect("asked"), Claimed::Nothing);
        // Evidence says that the first attempt never left.
        assert!(ledger.evidence(run, &Whom::Seq(1), Outcome::Void, later).expect("evidence"));
        let third = claimed(&ledger, run, "three", later);
        assert_eq!(third.due[0].next_attempt, 2);
        ledger.note_now(vec![begin(&third, 1, 2, later)]).expect("noted");
        let found = ledger.recover(run, later + 60_000).expect("recovered");
        assert_eq!(found, Recovered { uncertain: 1, quarantined: 1 });
        let tally = ledger.tally(run, later + 60_000).expect("a tally");
        assert_eq!((tally.accepted, tally.skipped), (1, 1));
        assert!(tally.is_balanced());
        let listed = ledger.listed(run, DeliveryState::Skipped, later, 0, 10).expect("a list");
        assert_eq!(listed[0].said, SkipReason::Quarantined.as_str());
    }
}

#[test]
fn f09_an_uncertain_letter_is_repeated_once_at_most() {
    for fresh in stores::all() {
        crowd(&fresh, 3);
        let ledger = fresh.ledger();
        let run = started(&ledger, 2).id;
        let claim = claimed(&ledger, run, "me", NOW);
        let mut rows = vec![begin(&claim, 1, 1, NOW), begin(&claim, 2, 1, NOW)];
        rows.extend([end(run, 1, 1, Outcome::Uncertain), end(run, 2, 1, Outcome::Uncertain)]);
        ledger.note_now(rows).expect("noted");
        ledger.release(&claim).expect("released");
        let other = claimed(&ledger, run, "me", NOW);
        ledger.note_now(vec![begin(&other, 3, 1, NOW), end(run, 3, 1, Outcome::Accepted)]).expect("noted");
        ledger.release(&other).expect("released");
        assert_eq!(ledger.claim((run, 0), "me", NOW, LEASE).expect("asked"), Claimed::Nothing);

        assert_eq!(ledger.resend(run).expect("opened"), 1, "{}", fresh.name);
        let again = claimed(&ledger, run, "me", NOW);
        assert_eq!(seqs(&again.due), [1, 2]);
        let rows = vec![begin(&again, 1, 2, NOW), end(run, 1, 2, Outcome::Uncertain)];
        ledger.note_now(rows).expect("noted");
        ledger.release(&again).expect("released");
        // The sender ends while the second is under way.
        let third = claimed(&ledger, run, "me", NOW);
        assert_eq!(seqs(&third.due), [2]);
        ledger.note_now(vec![begin(&third, 2, 2, NOW)]).expect("noted");
        ledger.recover(run, NOW + 60_000).expect("recovered");
        assert_eq!(ledger.claim((run, 0), "you", NOW + 60_000, LEASE).expect("asked"), Claimed::Nothing);
        assert_eq!(ledger.resend(run).expect("asked"), 0);
        assert_eq!(ledger.settle(run, Settlement::Hold, NOW).expect("settled"), 2);
        assert_eq!(ledger.settle(run, Settlement::Hold, NOW).expect("again"), 0);
        let tally = ledger.tally(run, NOW).expect("a tally");
        assert_eq!((tally.held, tally.accepted, tally.is_balanced()), (2, 1, true));
    }
}

#[test]
fn evidence_counts_whenever_it_comes() {
    for fresh in stores::all() {
        crowd(&fresh, 3);
        let ledger = fresh.ledger();
        let run = started(&ledger, 10).id;
        let claim = claimed(&ledger, run, "me", NOW);
        let mut rows: Vec<Note> = (1..=2).map(|seq| begin(&claim, seq, 1, NOW)).collect();
        rows.extend((1..=2).map(|seq| end(run, seq, 1, Outcome::Uncertain)));
        ledger.note_now(rows).expect("noted");
        ledger.release(&claim).expect("released");
        let uncertain = ledger.listed(run, DeliveryState::Uncertain, NOW, 0, 10).expect("a list");
        let shown: Vec<_> = uncertain.iter().map(|row| (row.seq, row.address.as_str())).collect();
        assert_eq!(shown, [(1, "r001@reader.example"), (2, "r002@reader.example")]);
        assert_eq!((uncertain[0].attempt, uncertain[0].said.as_str()), (1, "250 Ok"));
        assert_eq!(ledger.listed(run, DeliveryState::Uncertain, NOW, 1, 10).expect("a list").len(), 1);
        assert_eq!(ledger.last_uncertain(run).expect("a read"), Some(NOW));
        ledger.settle(run, Settlement::Hold, NOW).expect("settled");
        assert_eq!(ledger.last_uncertain(run).expect("a read"), None);
        let by_address = Whom::Address("r001@reader.example".to_owned());
        assert!(ledger.evidence(run, &by_address, Outcome::Accepted, NOW).expect("evidence"));
        // Nothing was sent to the third, and nobody knows the fourth.
        assert!(!ledger.evidence(run, &Whom::Seq(3), Outcome::Accepted, NOW).expect("evidence"));
        assert!(!ledger.evidence(run, &Whom::Seq(4), Outcome::Accepted, NOW).expect("evidence"));
        let progress = ledger.progress(run).expect("counters");
        assert_eq!((progress.accepted, progress.held, progress.pending), (1, 1, 1), "{}", fresh.name);
        assert_eq!(ledger.settle(run, Settlement::Expire, NOW).expect("settled"), 1);
        assert!(ledger.tally(run, NOW).expect("a tally").is_balanced());
        let domains = ledger.domains(run, NOW, 5).expect("domains");
        assert_eq!((domains.len(), domains[0].domain.as_str()), (1, "reader.example"));
        assert_eq!(domains[0].tally, ledger.tally(run, NOW).expect("a tally"));
    }
}

#[test]
fn a_run_that_is_over_stays_over() {
    for fresh in stores::all() {
        crowd(&fresh, 1);
        let ledger = fresh.ledger();
        let run = started(&ledger, 10).id;
        let paused = RunState::Paused("the relay refuses us".to_owned());
        assert!(ledger.set_state(run, &paused).expect("set"));
        assert_eq!(ledger.claim((run, 0), "me", NOW, LEASE).expect("asked"), Claimed::Stopped(paused));
        assert!(ledger.set_state(run, &RunState::Running).expect("set"));
        assert!(ledger.set_state(run, &RunState::Cancelled).expect("set"));
        assert!(!ledger.set_state(run, &RunState::Running).expect("asked"), "{}", fresh.name);
        assert_eq!(ledger.run_by_id(run).expect("a read").map(|run| run.state), Some(RunState::Cancelled));
    }
}

#[test]
fn f52_who_leaves_after_the_audience_was_fixed_is_not_wanted_any_more() {
    for fresh in stores::all() {
        crowd(&fresh, 300);
        let (store, ledger) = (fresh.store(), fresh.ledger());
        let run = started(&ledger, 500).id;
        let claim = claimed(&ledger, run, "me", NOW);
        let ids: Vec<u64> = claim.due.iter().map(|due| due.subscriber).collect();
        assert_eq!(ledger.still_wanted(&ids).expect("asked").len(), 300);
        let left = store.write(|t| {
            subscribers::unsubscribe(t, 7, &Origin::new(ConsentSource::OneClick), at(1))?;
            let (nine, origin) = (address("r009@reader.example"), Origin::new(ConsentSource::Complaint));
            subscribers::suppress(t, &nine, SuppressionReason::Complained, &origin, at(1))?;
            subscribers::erase(t, &address("r011@reader.example"), &key(), ConsentSource::Link, MORNING)
        });
        left.expect("three leave");
        let wanted = ledger.still_wanted(&ids).expect("asked");
        let gone: Vec<u64> = ids.iter().copied().filter(|id| !wanted.contains(id)).collect();
        assert_eq!(gone, [7, 9, 11], "{}", fresh.name);

        assert_eq!(ledger.forget("r011@reader.example", "hash-of-eleven").expect("forgotten"), 1);
        assert_eq!(ledger.forget("r011@reader.example", "hash-of-eleven").expect("again"), 0);
        ledger.release(&claim).expect("released");
        let again = claimed(&ledger, run, "me", NOW);
        assert!(!seqs(&again.due).contains(&11) && again.due.len() == 299);
        let skip = |seq, reason| Note::Skip { run, seq, reason, at: NOW };
        let rows = vec![skip(7, SkipReason::Unsubscribed), skip(9, SkipReason::Suppressed)];
        ledger.note_now(rows).expect("noted");
        assert_eq!(ledger.tally(run, NOW).expect("a tally").skipped, 3);
        let listed = ledger.listed(run, DeliveryState::Skipped, NOW, 9, 5).expect("a list");
        assert_eq!((listed[0].address.as_str(), listed[0].said.as_str()), ("hash-of-eleven", "erased"));
    }
}

#[test]
fn buckets_are_kept_and_never_refilled() {
    for fresh in stores::all() {
        let ledger = fresh.ledger();
        let bucket = |name: &str, tat| Bucket { name: name.to_owned(), tat, interval: 10, burst: 5 };
        for (buckets, kept) in
            [(vec![("main", 50), ("main/a.example", 70)], [50, 70]), (vec![("main", 40)], [50, 70])]
        {
            let (tell, told) = std::sync::mpsc::channel();
            let buckets = buckets.into_iter().map(|(name, tat)| bucket(name, tat)).collect();
            ledger.keep_buckets(buckets, move |result| tell.send(result).expect("heard"));
            told.recv().expect("an answer").expect("kept");
            let tats: Vec<i64> = ledger.buckets().expect("buckets").iter().map(|bucket| bucket.tat).collect();
            assert_eq!(tats, kept, "{}", fresh.name);
        }
        assert_eq!(ledger.forget_buckets(60).expect("forgotten"), 1);
    }
}

#[test]
fn f37_after_a_failed_commit_nothing_is_written_any_more() {
    let fresh = stores::sqlite();
    crowd(&fresh, 3);
    let run = started(&fresh.ledger(), 10).id;
    let countdown = Arc::new(AtomicI64::new(i64::MAX));
    let faulty =
        Faulty { inner: fresh.ledger_connect(), fault: Fault::Commit, countdown: Arc::clone(&countdown) };
    let ledger = Ledger::over(Arc::new(faulty), Clock::Caller).expect("a ledger");
    let claim = claimed(&ledger, run, "me", NOW);
    ledger.note_now(vec![begin(&claim, 1, 1, NOW)]).expect("noted");
    countdown.store(0, Ordering::SeqCst);
    assert!(ledger.note_now(vec![begin(&claim, 2, 1, NOW)]).is_err());
    // The fault is over, and yet:
    for _ in 0..3 {
        let refused = ledger.note_now(vec![begin(&claim, 3, 1, NOW)]);
        assert!(matches!(refused, Err(LedgerError::Store(StoreError::Broken(_)))), "{refused:?}");
    }
    assert_eq!(ledger.tally(run, NOW).expect("it can be read").in_flight, 1);
    drop(ledger);
    let ledger = fresh.ledger();
    assert_eq!(ledger.recover(run, NOW).expect("recovered").uncertain, 1);
}

/// A database that may not grow any more once its line is made.
struct Full(Arc<dyn Connect>);

impl Connect for Full {
    fn connect(&self, access: Access) -> Result<Box<dyn Connection>, StoreError> {
        let mut line = self.0.connect(access)?;
        line.query("PRAGMA max_page_count = 1", &[], &mut |_| Ok(()))?;
        Ok(line)
    }

    fn writers(&self) -> usize {
        1
    }
}

#[test]
fn f36_a_full_disk_ends_all_writing_and_loses_nothing_that_was_acknowledged() {
    let fresh = stores::sqlite();
    crowd(&fresh, 400);
    let run = started(&fresh.ledger(), 500).id;
    let ledger = Ledger::over(Arc::new(Full(fresh.ledger_connect())), Clock::Caller).expect("a ledger");
    let claim = claimed(&ledger, run, "me", NOW);
    let mut known = 0;
    for seq in 1..=400 {
        let rows = vec![begin(&claim, seq, 1, NOW), end(run, seq, 1, Outcome::Accepted)];
        match ledger.note_now(rows) {
            Ok(_) => known += 1,
            Err(error) => assert!(matches!(error, LedgerError::Store(_)), "{error}"),
        }
    }
    assert!((1..400).contains(&known), "{known} were kept");
    drop(ledger);
    // There is room again.
    let ledger = fresh.ledger();
    ledger.recover(run, NOW).expect("recovered");
    let tally = ledger.tally(run, NOW).expect("a tally");
    assert_eq!((tally.accepted, tally.pending), (known, 400 - known));
}

#[test]
fn f41_a_lost_answer_to_a_commit_is_healed_by_the_same_rows() {
    for fresh in stores::all() {
        crowd(&fresh, 3);
        let run = started(&fresh.ledger(), 10).id;
        let countdown = Arc::new(AtomicI64::new(i64::MAX));
        let faulty =
            Faulty { inner: fresh.ledger_connect(), fault: Fault::Answer, countdown: Arc::clone(&countdown) };
        let ledger = Ledger::over(Arc::new(faulty), Clock::Caller).expect("a ledger");
        let claim = claimed(&ledger, run, "me", NOW);
        let rows = || vec![begin(&claim, 1, 1, NOW), end(run, 1, 1, Outcome::Accepted)];
        countdown.store(0, Ordering::SeqCst);
        assert!(ledger.note_now(rows()).is_err());
        let ledger = if fresh.name == "SQLite" { fresh.ledger() } else { ledger };
        assert_eq!(ledger.note_now(rows()).expect("noted"), Noted::Kept, "{}", fresh.name);
        let tally = ledger.tally(run, NOW).expect("a tally");
        assert_eq!((tally.accepted, tally.pending), (1, 2));
    }
}

const OUTCOMES: [Outcome; 7] = [
    Outcome::Accepted,
    Outcome::Rejected,
    Outcome::Deferred,
    Outcome::Void,
    Outcome::Uncertain,
    Outcome::Held,
    Outcome::Expired,
];
const WITNESSES: [Witness; 4] = [Witness::Recovery, Witness::Sender, Witness::Evidence, Witness::Settlement];

fn recorded() -> impl Strategy<Value = Recorded> {
    (1..4_u32, 0..WITNESSES.len(), 0..OUTCOMES.len()).prop_map(|(attempt, witness, outcome)| Recorded {
        attempt,
        witness: WITNESSES[witness],
        outcome: OUTCOMES[outcome],
    })
}

/// One outcome for each attempt and witness, as the key of the table has it.
fn rows() -> impl Strategy<Value = Vec<Recorded>> {
    prop::collection::vec(recorded(), 0..8).prop_map(|mut rows| {
        // Only the end of a run holds or expires anybody, and it does nothing else.
        rows.retain(|row| {
            let ends = matches!(row.outcome, Outcome::Held | Outcome::Expired);
            ends == (row.witness == Witness::Settlement)
        });
        let mut seen = HashSet::new();
        rows.retain(|row| seen.insert((row.attempt, row.witness)));
        rows
    })
}

/// Rows of one recipient, in any order and some of them twice.
fn shuffled() -> impl Strategy<Value = (Vec<Recorded>, Vec<Recorded>)> {
    rows().prop_flat_map(|rows| {
        let many = rows.len();
        let twice = prop::collection::vec(0..many.max(1), 0..4);
        (Just(rows), twice).prop_flat_map(move |(rows, twice)| {
            let mut all = rows.clone();
            all.extend(twice.iter().filter_map(|at| rows.get(*at)).copied());
            (Just(rows), Just(all).prop_shuffle())
        })
    })
}

#[derive(Debug, Clone)]
enum Step {
    Wait(i64),
    Claim(usize),
    Renew(usize),
    Release(usize),
    Begin(usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (1..40_000_i64).prop_map(Step::Wait),
        (0..3_usize).prop_map(Step::Claim),
        (0..6_usize).prop_map(Step::Renew),
        (0..6_usize).prop_map(Step::Release),
        (0..6_usize).prop_map(Step::Begin),
    ]
}

/// Plays steps of three owners on one run, with leases that end at any time.
fn play(fresh: &Fresh, steps: &[Step]) {
    crowd(fresh, 12);
    let ledger = fresh.ledger();
    let run = started(&ledger, 4).id;
    let mut now = NOW;
    let mut claims: Vec<Claim> = Vec::new();
    let mut live: HashMap<u64, Claim> = HashMap::new();
    let mut fences: HashMap<u64, u64> = HashMap::new();
    let mut begun = HashSet::new();
    for step in steps {
        match step {
            Step::Wait(time) => now += time,
            Step::Claim(owner) => {
                let owner = ["one", "two", "three"][*owner];
                let Claimed::Chunk(claim) = ledger.claim((run, 0), owner, now, LEASE).expect("asked") else {
                    continue;
                };
                if let Some(holder) = live.insert(claim.chunk, claim.clone()) {
                    assert!(holder.lease_until <= now, "chunk {} has two owners", claim.chunk);
                }
                let before = fences.insert(claim.chunk, claim.fence).unwrap_or(0);
                assert!(claim.fence > before, "the fence of chunk {} does not grow", claim.chunk);
                claims.push(claim);
            }
            Step::Renew(at) => {
                let Some(claim) = claims.get(*at) else { continue };
                let ours = live.get(&claim.chunk).is_some_and(|holder| holder.fence == claim.fence);
                let held = ledger.renew(run, &claim.owner, now, LEASE).expect("asked");
                assert_eq!(held.has(claim), ours, "whose chunk it is");
                for own in live.values_mut().filter(|holder| holder.owner == claim.owner) {
                    assert!(held.has(own), "an owner has lost a chunk");
                    own.lease_until = held.until;
                }
                ledger.count(run, vec![claim.chunk]).expect("counted");
            }
            Step::Release(at) => {
                let Some(claim) = claims.get(*at) else { continue };
                let ours = live.get(&claim.chunk).is_some_and(|holder| holder.fence == claim.fence);
                assert_eq!(ledger.release(claim).expect("asked").is_some(), ours);
                if ours {
                    live.remove(&claim.chunk);
                }
            }
            Step::Begin(at) => {
                let Some(claim) = claims.get(*at) else { continue };
                let due = claim.due.iter().find(|due| !begun.contains(&(due.seq, due.next_attempt)));
                let Some(due) = due else { continue };
                let holder = live.get(&claim.chunk).filter(|holder| holder.fence == claim.fence);
                let noted =
                    ledger.note_now(vec![begin(claim, due.seq, due.next_attempt, now)]).expect("noted");
                if noted == Noted::Kept {
                    assert!(holder.is_some(), "begun under an old fence");
                    assert!(begun.insert((due.seq, due.next_attempt)));
                } else {
                    assert!(holder.is_none_or(|holder| holder.lease_until <= now));
                }
            }
        }
    }
    let tally = ledger.tally(run, now).expect("a tally");
    assert_eq!(tally.finished() + tally.open(), 12);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_rows_does_not_matter((rows, all) in shuffled(), begun in prop::collection::vec(1..4_u32, 0..4)) {
        let mut other = begun.clone();
        other.reverse();
        for lease in [Lease::Live, Lease::Dead] {
            let first = DeliveryState::fold(&begun, &rows, false, lease);
            prop_assert_eq!(DeliveryState::fold(&other, &all, false, lease), first);
        }
    }

    #[test]
    fn a_chunk_never_has_two_owners(steps in prop::collection::vec(step(), 1..40)) {
        play(&stores::sqlite(), &steps);
    }

    #[test]
    fn whatever_happened_everybody_is_accounted_for(
        histories in prop::collection::vec((rows(), 0..4_u32, any::<bool>()), 1..24)
    ) {
        let fresh = stores::sqlite();
        crowd(&fresh, histories.len() as u64);
        let ledger = fresh.ledger();
        let run = started(&ledger, 5).id;
        let mut expected = Tally { audience: histories.len() as u64, ..Tally::default() };
        let mut notes = Vec::new();
        let mut chunks = Vec::new();
        while let Claimed::Chunk(claim) = ledger.claim((run, 0), "me", NOW, LEASE).expect("asked") {
            chunks.push(claim);
        }
        for (at, (rows, begun, skipped)) in histories.iter().enumerate() {
            let seq = at as u64 + 1;
            let attempts: Vec<u32> = (1..=*begun).collect();
            notes.extend(attempts.iter().map(|attempt| begin(&chunks[at / 5], seq, *attempt, NOW)));
            notes.extend(rows.iter().map(|row| Note::Outcome(Ended {
                witness: row.witness, ..ended(run, seq, row.attempt, row.outcome, 0)
            })));
            if *skipped {
                notes.push(Note::Skip { run, seq, reason: SkipReason::Unsubscribed, at: NOW });
            }
            expected.count(DeliveryState::fold(&attempts, rows, *skipped, Lease::Live), 1);
        }
        prop_assert_eq!(ledger.note_now(notes.clone()).expect("noted"), Noted::Kept);
        notes.reverse();
        prop_assert_eq!(ledger.note_now(notes).expect("again"), Noted::Kept);
        prop_assert_eq!(ledger.tally(run, NOW).expect("a tally"), expected);
        for claim in &chunks {
            ledger.release(claim).expect("released");
        }
        let progress = ledger.progress(run).expect("counters");
        prop_assert_eq!(progress, Tally { in_flight: 0, pending: expected.pending + expected.in_flight, ..expected });
        ledger.recover(run, NOW + 60_000).expect("recovered");
        for settlement in [Settlement::Hold, Settlement::Expire] {
            ledger.settle(run, settlement, NOW).expect("settled");
        }
        let tally = ledger.tally(run, NOW + 60_000).expect("a tally");
        prop_assert!(tally.is_balanced(), "{:?}", tally);
        prop_assert_eq!(ledger.progress(run).expect("counters"), tally);
    }
}

#[test]
fn a_chunk_never_has_two_owners_on_a_server() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    for _ in 0..4 {
        let Some(fresh) = stores::postgres() else { return };
        let steps = prop::collection::vec(step(), 30..60).new_tree(&mut runner).expect("steps").current();
        play(&fresh, &steps);
    }
}

#[test]
fn four_senders_at_once_share_a_run_on_a_server() {
    let Some(fresh) = stores::postgres() else { return };
    crowd(&fresh, 120);
    fresh.ledger().pin(&approval("a")).expect("pinned");
    let connect = fresh.ledger_connect();
    let senders: Vec<_> = (0..4)
        .map(|sender| {
            let connect = Arc::clone(&connect);
            std::thread::spawn(move || {
                let ledger = Ledger::over(connect, Clock::Database).expect("a ledger");
                let run = ledger.start(&plan(5), NOW).expect("a run").id;
                let (owner, mut mine) = (format!("sender {sender}"), Vec::new());
                while let Claimed::Chunk(claim) = ledger.claim((run, 0), &owner, NOW, LEASE).expect("asked") {
                    for due in &claim.due {
                        let rows =
                            vec![begin(&claim, due.seq, 1, NOW), end(run, due.seq, 1, Outcome::Accepted)];
                        assert_eq!(ledger.note_now(rows).expect("noted"), Noted::Kept);
                        mine.push(due.seq);
                    }
                    assert!(ledger.release(&claim).expect("released").is_some());
                }
                (run, mine)
            })
        })
        .collect();
    let done: Vec<(RunId, Vec<u64>)> =
        senders.into_iter().map(|sender| sender.join().expect("a sender")).collect();
    let mut all: Vec<u64> = done.iter().flat_map(|(_, mine)| mine.clone()).collect();
    all.sort_unstable();
    assert_eq!(all, (1..=120).collect::<Vec<u64>>());
    assert!(fresh.ledger().tally(done[0].0, NOW).expect("a tally").is_balanced());
}

#[test]
fn an_address_of_a_recipient_is_an_address() {
    let fresh = stores::sqlite();
    crowd(&fresh, 1);
    let ledger = fresh.ledger();
    let run = started(&ledger, 10).id;
    let claim = claimed(&ledger, run, "me", NOW);
    assert_eq!(Ok(claim.due[0].address.clone()), EmailAddress::parse("r001@reader.example"));
}
