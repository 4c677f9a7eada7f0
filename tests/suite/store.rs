//! One contract for every database: what is acknowledged is there, nothing is half done, all may be repeated.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::thread;

use rotative::links::TokenKey;
use rotative::model::{
    ConsentKind, ConsentSource, EmailAddress, Language, Rhythm, Slug, Subscription, SuppressionReason,
};
use rotative::store::{Choice, Letter, LetterKind, Request, Store, StoreError};
use rotative::subscribers::{self, Limits, Moment, Origin, Step};

use crate::stores::{self, Fault, Faulty};

/// 21 August 2026, six in the morning.
pub(crate) const MORNING: i64 = 1_787_284_800;

pub(crate) fn chance() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

pub(crate) fn at(seconds: i64) -> Moment {
    Moment { now: MORNING + seconds, chance }
}

pub(crate) fn key() -> TokenKey {
    TokenKey::new("a secret of more than thirty-two characters").expect("a key")
}

pub(crate) fn address(text: &str) -> EmailAddress {
    EmailAddress::parse_international(text).expect("an address")
}

fn daily() -> Slug {
    Slug::parse("daily").expect("a list")
}

fn form() -> Origin {
    Origin { statement: "I want it.".to_owned(), ..Origin::new(ConsentSource::Form) }
}

fn subscribe(store: &Store, text: &str, seconds: i64) -> Result<Option<(u64, LetterKind)>, StoreError> {
    let address = address(text);
    store.write(move |transaction| {
        subscribers::subscribe(transaction, &address, &daily(), Language::English, &form(), at(seconds))
    })
}

fn confirm(store: &Store, id: u64) -> Result<Step, StoreError> {
    store.write(move |transaction| {
        subscribers::confirm(transaction, id, &key(), &Origin::new(ConsentSource::Link), at(60))
    })
}

fn leave(store: &Store, id: u64) -> Result<Step, StoreError> {
    store.write(move |transaction| {
        subscribers::unsubscribe(transaction, id, &Origin::new(ConsentSource::OneClick), at(120))
    })
}

fn state(store: &Store, id: u64) -> Option<Subscription> {
    store.read(|transaction| transaction.subscriber(id)).expect("a read").map(|known| known.state)
}

fn kinds(store: &Store, id: u64) -> Vec<ConsentKind> {
    let journal = store.read(|transaction| transaction.journal(id)).expect("a journal");
    journal.iter().map(|event| event.kind).collect()
}

pub(crate) fn dump(store: &Store) -> String {
    let mut text = String::new();
    store
        .read(|transaction| {
            transaction.dump(|line| {
                text.push_str(line);
                text.push('\n');
                Ok(())
            })
        })
        .expect("a dump");
    text
}

fn sound(store: &Store) {
    assert_eq!(subscribers::check(store).expect("a check"), Vec::<String>::new());
}

#[test]
fn a_reader_comes_and_goes_and_each_step_may_be_repeated() {
    for fresh in stores::all() {
        let store = fresh.store();
        let (id, kind) = subscribe(&store, "Ann@Reader.example", 0).expect("a row").expect("a question");
        assert_eq!((kind, state(&store, id)), (LetterKind::Confirm, Some(Subscription::Unconfirmed)));
        // Asked again on the same day: no second letter, no second row.
        assert_eq!(subscribe(&store, "ann@READER.example", 60).expect("a row"), None);
        assert_eq!(confirm(&store, id).expect("a row"), Step::Done);
        assert_eq!(confirm(&store, id).expect("a row"), Step::Already);
        assert_eq!(leave(&store, id).expect("a row"), Step::Done);
        assert_eq!(leave(&store, id).expect("a row"), Step::Already);
        use ConsentKind::{Confirmed, Subscribed, Unsubscribed};
        assert_eq!(kinds(&store, id), [Subscribed, Confirmed, Unsubscribed], "{}", fresh.name);
        let first = &store.read(|transaction| transaction.journal(id)).expect("a journal")[0];
        assert_eq!((first.at, first.statement.as_str()), (MORNING, "I want it."));
        // Who left is not subscribed by a mere request, and comes back by confirming.
        let again = subscribe(&store, "ann@reader.example", 90_000).expect("a row");
        assert_eq!(again, Some((id, LetterKind::Confirm)));
        assert_eq!(state(&store, id), Some(Subscription::Unsubscribed));
        assert_eq!(confirm(&store, id).expect("a row"), Step::Done);
        assert_eq!(state(&store, id), Some(Subscription::Confirmed));
        sound(&store);
    }
}

#[test]
fn nobody_is_asked_more_often_than_the_limits_say() {
    for fresh in stores::all() {
        let store = fresh.store();
        let day = 24 * 3600;
        let asked: Vec<bool> = [0, 10, day - 1, day, 2 * day, 3 * day, 30 * day]
            .map(|seconds| subscribe(&store, "bob@reader.example", seconds).expect("a row").is_some())
            .into();
        assert_eq!(asked, [true, false, false, true, true, false, false], "{}", fresh.name);
    }
}

#[test]
fn a_suppressed_address_is_not_asked_and_cannot_confirm() {
    for fresh in stores::all() {
        let store = fresh.store();
        let (id, _) = subscribe(&store, "cat@reader.example", 0).expect("a row").expect("a question");
        let suppress = |store: &Store| {
            store.write(|transaction| {
                let (cat, origin) = (address("CAT@reader.example"), Origin::new(ConsentSource::Link));
                subscribers::suppress(transaction, &cat, SuppressionReason::Refused, &origin, at(5))
            })
        };
        assert_eq!(suppress(&store).expect("a row"), Step::Done);
        assert_eq!(suppress(&store).expect("a row"), Step::Already);
        assert_eq!(confirm(&store, id).expect("a row"), Step::Nobody);
        assert_eq!(subscribe(&store, "cat@reader.example", 90_000).expect("a row"), None);
        let released = store.write(|transaction| {
            let cat = address("cat@reader.example");
            subscribers::release(transaction, &cat, &Origin::new(ConsentSource::Command), at(10))
        });
        assert_eq!(released.expect("a row"), Step::Done);
        assert_eq!(confirm(&store, id).expect("a row"), Step::Done);
        sound(&store);
    }
}

#[test]
fn erasure_leaves_a_hash_and_nothing_else() {
    for fresh in stores::all() {
        let store = fresh.store();
        let (id, _) = subscribe(&store, "dan@reader.example", 0).expect("a row").expect("a question");
        confirm(&store, id).expect("a row");
        let erase = |store: &Store| {
            store.write(|transaction| {
                let dan = address("Dan@reader.example");
                subscribers::erase(transaction, &dan, &key(), ConsentSource::Link, MORNING)
            })
        };
        assert_eq!(erase(&store).expect("a row"), 1);
        assert_eq!(erase(&store).expect("a row"), 0);
        let left = dump(&store);
        assert!(!left.to_lowercase().contains("dan@") && left.contains("erasure"), "{left}");
        assert!(!left.contains(&id.to_string()), "{left}");
        assert_eq!(confirm(&store, id).expect("a row"), Step::Nobody);
        assert_eq!(leave(&store, id).expect("a row"), Step::Nobody);
        // The reader may come back.
        let (id, _) = subscribe(&store, "dan@reader.example", 90_000).expect("a row").expect("a question");
        confirm(&store, id).expect("a row");
        assert!(!dump(&store).contains("erasure"));
    }
}

#[test]
fn preferences_are_kept_and_written_down() {
    for fresh in stores::all() {
        let store = fresh.store();
        let (id, _) = subscribe(&store, "eve@reader.example", 0).expect("a row").expect("a question");
        let choice = Choice {
            rhythm: Rhythm::Topics,
            topics: vec![Slug::parse("cnil").expect("a topic"), Slug::parse("google").expect("a topic")],
            paused_until: rotative::model::IssueDate::parse("2026-09-01").ok(),
            language: Language::French,
        };
        let (kept, again) = (choice.clone(), choice.clone());
        let origin = Origin::new(ConsentSource::Link);
        let other = origin.clone();
        let first = store.write(move |t| subscribers::choose(t, id, &kept, &origin, at(1)));
        let second = store.write(move |t| subscribers::choose(t, id, &again, &other, at(2)));
        assert_eq!((first.expect("a row"), second.expect("a row")), (Step::Done, Step::Already));
        let known = store.read(|t| t.subscriber(id)).expect("a read").expect("a reader");
        assert_eq!(
            (known.rhythm, known.topics, known.paused_until),
            (choice.rhythm, choice.topics, choice.paused_until)
        );
        assert_eq!(kinds(&store, id), [ConsentKind::Subscribed, ConsentKind::Changed]);
        sound(&store);
    }
}

#[test]
fn requests_are_judged_within_their_limits() {
    for fresh in stores::all() {
        let store = fresh.store();
        let request = |number: u64, email: &str, network: &str| Request {
            id: number,
            at: MORNING,
            due: MORNING,
            address: email.to_owned(),
            list: daily(),
            language: Language::English,
            network: network.to_owned(),
            source: ConsentSource::Form,
            statement: String::new(),
        };
        let many: Vec<Request> = (0..60)
            .map(|number| request(number, &format!("r{number}@reader.example"), "192.0.2.0/24"))
            .chain([
                request(100, "x@-bad-.example", "198.51.100.0/24"),
                request(101, "fay@other.example", "198.51.100.0/24"),
            ])
            .collect();
        let added = store.write(move |t| many.iter().try_for_each(|request| t.add_request(request)));
        added.expect("requests");
        let judge = |store: &Store, seconds| {
            let limits = Limits { per_hour: 1000 };
            store.write(move |t| subscribers::judge_requests(t, limits, 200, at(seconds))).expect("judged")
        };
        assert_eq!(judge(&store, 0), (62, 21), "{}", fresh.name);
        assert_eq!(judge(&store, 0), (0, 0));
        let letters = store.write(|t| t.claim_letters(MORNING, MORNING + 60, 100)).expect("letters");
        assert_eq!(letters.len(), 21);
        let again = store.write(|t| t.claim_letters(MORNING, MORNING + 60, 100)).expect("letters");
        assert_eq!(again.len(), 0, "claimed letters are nobody else's");
        let late = store.write(|t| t.claim_letters(MORNING + 60, MORNING + 120, 100)).expect("letters");
        assert_eq!(late.len(), 21, "until their claimer is gone");
    }
}

#[test]
fn a_full_hour_makes_requests_wait_and_loses_none() {
    let fresh = stores::sqlite();
    let store = fresh.store();
    let many: Vec<Request> = (0..10)
        .map(|number| Request {
            id: number,
            at: MORNING,
            due: MORNING,
            address: format!("r{number}@d{number}.example"),
            list: daily(),
            language: Language::English,
            network: String::new(),
            source: ConsentSource::Form,
            statement: String::new(),
        })
        .collect();
    store.write(move |t| many.iter().try_for_each(|request| t.add_request(request))).expect("requests");
    let mut letters = 0;
    for minute in 0..240 {
        let judged = store
            .write(move |t| subscribers::judge_requests(t, Limits { per_hour: 4 }, 100, at(minute * 60)));
        letters += judged.expect("judged").1;
        assert!(letters <= 4 + minute as usize / 15, "minute {minute}: {letters}");
    }
    assert_eq!(letters, 10);
}

#[test]
fn a_bombed_address_keeps_nobody_else_waiting() {
    let fresh = stores::sqlite();
    let store = fresh.store();
    let request = |number: u64, address: &str| Request {
        id: number,
        at: MORNING,
        due: MORNING,
        address: address.to_owned(),
        list: daily(),
        language: Language::English,
        network: format!("10.0.{number}.0/24"),
        source: ConsentSource::Form,
        statement: String::new(),
    };
    let mut many: Vec<Request> = (0..200).map(|number| request(number, "Victim@reader.example")).collect();
    many.push(request(200, "ann@reader.example"));
    store.write(move |t| many.iter().try_for_each(|request| t.add_request(request))).expect("requests");
    // Four an hour, two of them to one domain: 199 repetitions must not eat them up.
    let limits = Limits { per_hour: 4 };
    let judged = store.write(move |t| subscribers::judge_requests(t, limits, 500, at(0))).expect("judged");
    assert_eq!(judged, (201, 2));
    assert_eq!(store.read(|t| t.waiting()).expect("counted"), (0, 2));
}

#[test]
fn eight_writers_at_once_lose_nothing() {
    for fresh in stores::all() {
        let stores: Vec<Store> = (0..8).map(|_| fresh.store()).collect();
        let writers: Vec<_> = stores
            .into_iter()
            .enumerate()
            .map(|(writer, store)| {
                thread::spawn(move || {
                    let mut done = Vec::new();
                    for number in 0..25 {
                        let own = format!("w{writer}n{number}@reader.example");
                        let (id, _) = subscribe(&store, &own, 0).expect("a row").expect("a question");
                        confirm(&store, id).expect("a row");
                        // All of them fight over one address, too.
                        let shared = subscribe(&store, "all@reader.example", number).expect("a row");
                        done.push((id, shared.is_some()));
                        if number % 2 == 0 {
                            leave(&store, id).expect("a row");
                        }
                    }
                    done
                })
            })
            .collect();
        let done: Vec<(u64, bool)> =
            writers.into_iter().flat_map(|writer| writer.join().expect("a writer")).collect();
        let store = fresh.store();
        assert_eq!(done.iter().filter(|(_, asked)| *asked).count(), 1, "one question on {}", fresh.name);
        let ids: HashSet<u64> = done.iter().map(|(id, _)| *id).collect();
        assert_eq!(ids.len(), 200);
        let left = ids.iter().filter(|id| state(&store, **id) == Some(Subscription::Unsubscribed)).count();
        assert_eq!(left, 8 * 13);
        sound(&store);
    }
}

#[test]
fn a_fault_anywhere_leaves_nothing_half_done() {
    for fault in [Fault::Statement, Fault::Commit, Fault::Answer] {
        for strike in 0..40 {
            let fresh = stores::sqlite();
            drop(fresh.store());
            let countdown = Arc::new(AtomicI64::new(i64::MAX));
            let connect = Arc::new(Faulty {
                inner: Arc::clone(&fresh.connect),
                fault,
                countdown: Arc::clone(&countdown),
            });
            let store = Store::over(connect).expect("a store");
            countdown.store(strike, Ordering::SeqCst);
            let before = dump(&fresh.store());
            let asked = subscribe(&store, "gus@reader.example", 0);
            if asked.is_err() && fault != Fault::Answer {
                assert_eq!(
                    dump(&fresh.store()),
                    before,
                    "{fault:?} {strike}: a refused step has done something"
                );
            }
            let known = fresh.store().read(|t| t.subscriber_of(&daily(), "gus@reader.example"));
            let Some(known) = known.expect("a read") else { continue };
            let confirmed = confirm(&store, known.id);
            if confirmed.is_ok() {
                assert_eq!(state(&fresh.store(), known.id), Some(Subscription::Confirmed));
            }
            let left = leave(&store, known.id);
            if left.is_ok() {
                assert_eq!(
                    state(&fresh.store(), known.id),
                    Some(Subscription::Unsubscribed),
                    "{fault:?} {strike}"
                );
            }
            // Whatever failed may be done again once the fault is over.
            countdown.store(i64::MAX, Ordering::SeqCst);
            assert!(leave(&store, known.id).is_ok());
            sound(&fresh.store());
        }
    }
}

#[test]
fn a_store_moves_to_any_other_and_back() {
    for fresh in stores::all() {
        let store = fresh.store();
        for (number, name) in ["ann", "Zoé", "bob", "_x"].iter().enumerate() {
            let asked = subscribe(&store, &format!("{name}@reader.example"), number as i64).expect("a row");
            let (id, _) = asked.expect("a question");
            confirm(&store, id).expect("a row");
        }
        let letter = Letter {
            id: 7,
            kind: LetterKind::Data,
            subscriber: 1,
            asked: MORNING,
            network: "192.0.2.0/24".to_owned(),
            attempts: 0,
        };
        store.write(move |t| t.add_letter(&letter)).expect("a letter");
        let whole = dump(&store);
        let mut here = store;
        for other in stores::all().into_iter().chain([stores::sqlite()]) {
            let there = other.store();
            subscribers::copy(&here, &there).expect("a copy");
            assert_eq!(dump(&there), whole, "from {} to {}", fresh.name, other.name);
            assert!(subscribers::copy(&here, &there).is_err(), "nothing is mixed");
            here = there;
            // The folder of the other store goes away with it.
            std::mem::forget(other);
        }
    }
}
