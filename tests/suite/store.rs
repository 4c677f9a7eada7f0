//! One contract for every database: what is acknowledged is there, nothing is half done, all may be repeated.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::thread;

use rotative::links::TokenKey;
use rotative::model::{
    ConsentKind, ConsentSource, EmailAddress, Language, Rhythm, Slug, Subscription, SuppressionReason,
};
use rotative::store::{Access, Choice, Event, Letter, LetterKind, Request, Store, StoreError, Value};
use rotative::subscribers::{self, Limits, Moment, Origin, SecretError, Step};

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
        subscribers::subscribe(
            transaction,
            &address,
            &daily(),
            Language::English,
            &key(),
            &form(),
            at(seconds),
        )
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
fn a_question_is_closed_once_its_reader_has_left() {
    for fresh in stores::all() {
        let store = fresh.store();
        let (id, _) = subscribe(&store, "ann@reader.example", 0).expect("a row").expect("a question");
        let left = |seconds: i64| {
            store.read(|t| subscribers::has_left_since(t, id, MORNING + seconds)).expect("a read")
        };
        assert!(!left(0));
        confirm(&store, id).expect("a row");
        leave(&store, id).expect("a row");
        assert!(left(0), "{}", fresh.name);
        // Asked again, within the minute that the token tells: the new link is good, the old one is not.
        subscribe(&store, "ann@reader.example", 90_030).expect("a row").expect("a question");
        assert!(left(0) && !left(90_000), "{}", fresh.name);
    }
}

#[test]
fn a_site_of_ipv6_asks_for_few_letters_however_many_networks_it_has() {
    for fresh in stores::all() {
        let store = fresh.store();
        let letters: usize = store
            .write(|transaction| {
                for number in 0..200_u64 {
                    transaction.add_request(&Request {
                        id: 1 + number,
                        at: MORNING,
                        due: MORNING,
                        address: format!("r{number}@d{number}.example"),
                        list: daily(),
                        language: Language::English,
                        network: format!("2001:db8:1:{number:x}::/64"),
                        source: ConsentSource::Form,
                        statement: String::new(),
                    })?;
                }
                let limits = Limits { per_hour: 10_000 };
                Ok(subscribers::judge_requests(transaction, &key(), limits, 500, at(0))?.1)
            })
            .expect("a judgement");
        assert_eq!(letters, 80, "{}", fresh.name);
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
            subscribers::release(transaction, &cat, None, &Origin::new(ConsentSource::Command), at(10))
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
        assert!(!dump(&store).contains("[\"erasure\""));
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
            store
                .write(move |t| subscribers::judge_requests(t, &key(), limits, 200, at(seconds)))
                .expect("judged")
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
        let judged = store.write(move |t| {
            subscribers::judge_requests(t, &key(), Limits { per_hour: 4 }, 100, at(minute * 60))
        });
        letters += judged.expect("judged").1;
        assert!(letters <= 1 + minute as usize / 15, "minute {minute}: {letters}");
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
    // Forty an hour, two of them to one domain at once: 199 repetitions must not eat them up.
    let limits = Limits { per_hour: 40 };
    let judged = store.write(move |t| subscribers::judge_requests(t, &key(), limits, 500, at(0)));
    assert_eq!(judged.expect("judged"), (201, 2));
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

fn in_list(store: &Store, text: &str, list: &str, seconds: i64) -> Option<LetterKind> {
    let (address, list) = (address(text), Slug::parse(list).expect("a list"));
    let asked = store.write(move |t| {
        subscribers::subscribe(t, &address, &list, Language::English, &key(), &form(), at(seconds))
    });
    asked.expect("a row").map(|(_, kind)| kind)
}

fn erase(store: &Store, text: &str) -> u64 {
    let whose = address(text);
    let erased =
        store.write(move |t| subscribers::erase(t, &whose, &key(), ConsentSource::Command, MORNING + 500));
    erased.expect("erased")
}

fn suppress(store: &Store, text: &str, reason: SuppressionReason) -> Step {
    let address = address(text);
    let origin = Origin::new(ConsentSource::Link);
    store.write(move |t| subscribers::suppress(t, &address, reason, &origin, at(5))).expect("a row")
}

fn request(number: u64, address: &str, network: &str) -> Request {
    Request {
        id: number,
        at: MORNING,
        due: MORNING,
        address: address.to_owned(),
        list: daily(),
        language: Language::English,
        network: network.to_owned(),
        source: ConsentSource::Form,
        statement: String::new(),
    }
}

/// Both at the same moment, from connections of their own.
fn at_once<A: Send, B: Send>(one: impl FnOnce() -> A + Send, other: impl FnOnce() -> B + Send) -> (A, B) {
    let barrier = std::sync::Barrier::new(2);
    thread::scope(|scope| {
        let one = scope.spawn(|| {
            barrier.wait();
            one()
        });
        barrier.wait();
        let other = other();
        (one.join().expect("a thread"), other)
    })
}

#[test]
fn who_leaves_while_choosing_has_left() {
    for fresh in stores::all() {
        let (store, other) = (fresh.store(), fresh.store());
        for number in 0..100 {
            let (id, _) = subscribe(&store, &format!("r{number}@reader.example"), 0)
                .expect("a row")
                .expect("a question");
            confirm(&store, id).expect("a row");
            let choice = Choice {
                rhythm: Rhythm::Weekly,
                topics: Vec::new(),
                paused_until: None,
                language: Language::French,
            };
            let origin = Origin::new(ConsentSource::Link);
            let (chosen, left) = at_once(
                || other.write(move |t| subscribers::choose(t, id, &choice, &origin, at(90))),
                || leave(&store, id),
            );
            assert_eq!((chosen.expect("a row"), left.expect("a row")), (Step::Done, Step::Done));
            assert_eq!(state(&store, id), Some(Subscription::Unsubscribed), "{} {number}", fresh.name);
        }
        sound(&store);
    }
}

#[test]
fn who_presses_twice_at_once_is_confirmed_and_welcomed_once() {
    for fresh in stores::all() {
        let (store, other) = (fresh.store(), fresh.store());
        for number in 0..100 {
            let (id, _) = subscribe(&store, &format!("r{number}@reader.example"), 0)
                .expect("a row")
                .expect("a question");
            let (one, two) = at_once(|| confirm(&other, id), || confirm(&store, id));
            let mut steps = [one.expect("a row"), two.expect("a row")];
            steps.sort_by_key(|step| *step == Step::Already);
            assert_eq!(steps, [Step::Done, Step::Already], "{} {number}", fresh.name);
        }
        assert_eq!(store.read(|t| t.waiting()).expect("counted").1, 100, "one welcome each");
    }
}

#[test]
fn who_is_erased_while_choosing_leaves_nothing() {
    for fresh in stores::all() {
        let (store, other) = (fresh.store(), fresh.store());
        for number in 0..100 {
            let name = format!("r{number}@reader.example");
            let (id, _) = subscribe(&store, &name, 0).expect("a row").expect("a question");
            let choice = Choice {
                rhythm: Rhythm::Weekly,
                topics: Vec::new(),
                paused_until: None,
                language: Language::French,
            };
            let origin = Origin { statement: "Save".to_owned(), ..Origin::new(ConsentSource::Link) };
            let (chosen, erased) = at_once(
                || other.write(move |t| subscribers::choose(t, id, &choice, &origin, at(90))),
                || erase(&store, &name),
            );
            assert!(matches!(chosen.expect("a row"), Step::Done | Step::Nobody));
            assert_eq!(erased, 1);
            assert_eq!(kinds(&store, id), [], "{} {number}", fresh.name);
        }
        sound(&store);
        let left = dump(&store);
        assert!(
            !left.contains("[\"statement\""),
            "the words went with the last who referred to them: {left}"
        );
    }
}

#[test]
fn words_that_somebody_begins_to_refer_to_are_not_deleted_with_the_last_who_did() {
    for fresh in stores::all() {
        let (store, other) = (fresh.store(), fresh.store());
        for number in 0..100 {
            let [one, two] = ["a", "b"].map(|name| format!("{name}{number}@reader.example"));
            let ids =
                [&one, &two].map(|name| subscribe(&store, name, 0).expect("a row").expect("a question").0);
            let leave = |store: &Store, id| {
                let statement = format!("the words of page {number}");
                let origin = Origin { statement, ..Origin::new(ConsentSource::Link) };
                store.write(move |t| subscribers::unsubscribe(t, id, &origin, at(60))).expect("a row")
            };
            leave(&store, ids[0]);
            let (left, erased) = at_once(|| leave(&other, ids[1]), || erase(&store, &one));
            assert_eq!((left, erased), (Step::Done, 1));
            let journal = store.read(|t| t.journal(ids[1])).expect("a journal");
            assert_eq!(journal[1].statement, format!("the words of page {number}"), "{}", fresh.name);
        }
        sound(&store);
    }
}

#[test]
fn erasure_finds_requests_words_and_counts_however_the_address_is_written() {
    for fresh in stores::all() {
        let store = fresh.store();
        let proof = Origin {
            statement: "paper form signed by Dan Doe, 12 Elm Street".to_owned(),
            ..Origin::new(ConsentSource::Command)
        };
        let id = store.write(move |t| {
            let dan = address("Dan@Bücher.example");
            let asked = subscribers::subscribe(t, &dan, &daily(), Language::English, &key(), &proof, at(0))?;
            let (id, _) = asked.expect("a question");
            subscribers::confirm(t, id, &key(), &proof, at(0)).map(|_| id)
        });
        let id = id.expect("a row");
        // Another reader keeps the words that both were shown.
        let (other, _) = subscribe(&store, "eve@reader.example", 0).expect("a row").expect("a question");
        let waiting = [request(1, "DAN@bücher.example", ""), request(2, "dan@xn--bcher-kva.example", "")];
        store.write(move |t| waiting.iter().try_for_each(|one| t.add_request(one))).expect("requests");
        let limits = Limits { per_hour: 1000 };
        store.write(move |t| subscribers::judge_requests(t, &key(), limits, 1, at(0))).expect("judged");
        assert_eq!(erase(&store, "dan@bücher.example"), 1, "{}", fresh.name);
        let left = dump(&store).to_lowercase();
        for trace in ["dan", "elm street", "cher-kva.example\"", &id.to_string(), "address "] {
            assert!(!left.contains(trace), "{trace} in {left}");
        }
        assert!(left.contains("i want it.") && left.contains(&other.to_string()));
        assert_eq!(store.read(|t| t.waiting()).expect("counted").0, 0);
        sound(&store);
    }
}

#[test]
fn what_was_erased_stands_in_no_file() {
    let fresh = stores::sqlite();
    let store = fresh.store();
    for number in 0..50 {
        subscribe(&store, &format!("dan{number}@reader.example"), 0).expect("a row");
    }
    for number in 0..50 {
        erase(&store, &format!("dan{number}@reader.example"));
    }
    store.purge().expect("purged");
    let mut bytes = Vec::new();
    for file in std::fs::read_dir(fresh.folder.path()).expect("a folder").flatten() {
        bytes.extend(std::fs::read(file.path()).expect("a file"));
    }
    let found = bytes.windows(3).filter(|window| window == b"dan").count();
    assert_eq!(found, 0);
}

#[test]
fn who_never_wants_to_be_asked_is_not_asked_after_an_erasure() {
    for fresh in stores::all() {
        let store = fresh.store();
        let day = 24 * 3600;
        for (name, reason, asked) in [
            ("refused", SuppressionReason::Refused, None),
            ("complained", SuppressionReason::Complained, None),
            ("bounced", SuppressionReason::Bounced, Some(LetterKind::Confirm)),
        ] {
            let email = format!("{name}@reader.example");
            subscribe(&store, &email, 0).expect("a row");
            suppress(&store, &email, reason);
            erase(&store, &email);
            // Erased again, when nothing is known any more.
            erase(&store, &email);
            assert_eq!(in_list(&store, &email, "daily", day), asked, "{name} on {}", fresh.name);
        }
        assert!(!dump(&store).contains("refused@"));
        let released = store.write(|t| {
            let refused = address("refused@reader.example");
            let origin = Origin::new(ConsentSource::Command);
            subscribers::release(t, &refused, Some(&key()), &origin, at(10))
        });
        assert_eq!(released.expect("a row"), Step::Done);
        assert!(in_list(&store, "refused@reader.example", "daily", 2 * day).is_some(), "by the publisher");
    }
}

#[test]
fn an_address_is_asked_once_a_day_over_all_lists_and_not_again_after_it_was_forgotten() {
    for fresh in stores::all() {
        let store = fresh.store();
        let day = 24 * 3600;
        assert!(in_list(&store, "vic@reader.example", "daily", 0).is_some());
        assert!(in_list(&store, "VIC@reader.example", "markets", 60).is_none(), "{}", fresh.name);
        assert!(in_list(&store, "vic@reader.example", "markets", day).is_some());
        assert!(in_list(&store, "vic@reader.example", "sports", 2 * day).is_some());
        // Nobody has answered: the rows go, what was asked does not.
        let gone = store.write(move |t| t.forget_unanswered(MORNING + 40 * day, 100)).expect("forgotten");
        assert_eq!(gone, 3);
        assert!(in_list(&store, "vic@reader.example", "daily", 41 * day).is_none());
        // Nor does another secret make anybody unasked.
        let newer = TokenKey::new("another secret, longer than thirty-two characters").expect("a key");
        let newer = newer.with_old("a secret of more than thirty-two characters").expect("a key");
        let asked = store.write(move |t| {
            let vic = address("vic@reader.example");
            subscribers::subscribe(t, &vic, &daily(), Language::English, &newer, &form(), at(42 * day))
        });
        assert_eq!(asked.expect("a row"), None);
    }
}

#[test]
fn who_is_subscribed_is_told_seldom_and_may_come_back_all_the_same() {
    for fresh in stores::all() {
        let store = fresh.store();
        let day = 24 * 3600;
        let (id, _) = subscribe(&store, "lou@reader.example", 0).expect("a row").expect("a question");
        confirm(&store, id).expect("a row");
        let told: Vec<i64> = (0..80)
            .filter(|number| {
                let seconds = number * day / 2 + 60;
                in_list(&store, "lou@reader.example", "daily", seconds) == Some(LetterKind::Manage)
            })
            .collect();
        // Three, a day from each other, then none for thirty days.
        assert_eq!(told, [0, 2, 4, 64, 66, 68], "{}", fresh.name);
        leave(&store, id).expect("a row");
        assert_eq!(in_list(&store, "lou@reader.example", "daily", 41 * day), Some(LetterKind::Confirm));
    }
}

#[test]
fn who_was_brought_unconfirmed_is_not_forgotten_for_an_old_date() {
    const YEAR: i64 = 365 * 24 * 3600;
    for fresh in stores::all() {
        let store = fresh.store();
        store
            .write(|t| {
                let statement = t.statement("imported from list.csv")?;
                let event = Event {
                    kind: ConsentKind::Subscribed,
                    at: MORNING,
                    source: ConsentSource::Import,
                    detail: "",
                    statement: &statement,
                    network: "",
                };
                let pending = rotative::model::Subscriber {
                    id: 7,
                    list: daily(),
                    address: address("pia@reader.example"),
                    language: Language::English,
                    state: Subscription::Unconfirmed,
                    since: MORNING - 5 * YEAR,
                    rhythm: Rhythm::Daily,
                    topics: Vec::new(),
                    paused_until: None,
                };
                t.enrol(&pending, &event)
            })
            .expect("a row");
        subscribe(&store, "ann@reader.example", 0).expect("a row");
        let forget = |before| store.write(move |t| t.forget_unanswered(before, 100)).expect("forgotten");
        assert_eq!(forget(MORNING), 0);
        assert_eq!(forget(MORNING + 10), 1, "who was asked and did not answer, on {}", fresh.name);
        assert_eq!(state(&store, 7), Some(Subscription::Unconfirmed));
        sound(&store);
    }
}

#[test]
fn who_waits_because_of_all_others_takes_no_place_of_their_domain() {
    for fresh in stores::all() {
        let store = fresh.store();
        let many = [
            request(1, "a@one.example", ""),
            request(2, "b@two.example", ""),
            request(3, "c@two.example", ""),
        ];
        store.write(move |t| many.iter().try_for_each(|one| t.add_request(one))).expect("requests");
        // Twenty an hour, two of them at once; ten to one domain, one of them at once.
        let judge = |seconds: i64| {
            let limits = Limits { per_hour: 20 };
            store
                .write(move |t| subscribers::judge_requests(t, &key(), limits, 9, at(seconds)))
                .expect("judged")
        };
        assert_eq!(judge(0), (3, 2), "{}", fresh.name);
        let mut letters = 0;
        for minute in 1..=6 {
            letters += judge(minute * 60).1;
        }
        assert_eq!(letters, 1, "after a tenth of an hour");
    }
}

#[test]
fn a_part_of_a_dump_is_refused_and_leaves_nothing() {
    for fresh in stores::all() {
        let store = stores::sqlite();
        let from = store.store();
        for name in ["ann", "bob", "cat"] {
            subscribe(&from, &format!("{name}@reader.example"), 0).expect("a row");
        }
        suppress(&from, "cat@reader.example", SuppressionReason::Refused);
        let whole = dump(&from);
        let lines: Vec<&str> = whole.lines().collect();
        let to = fresh.store();
        let file = fresh.folder.path().join("dump");
        for end in 0..lines.len() {
            std::fs::write(&file, lines[..end].join("\n")).expect("written");
            assert!(subscribers::restore(&to, &file).is_err(), "{end} of {} lines", lines.len());
            assert_eq!(to.read(|t| t.rows()).expect("counted"), 0, "{}", fresh.name);
        }
        let without_one: Vec<&str> = lines.iter().copied().filter(|line| !line.contains("refused")).collect();
        std::fs::write(&file, without_one.join("\n")).expect("written");
        assert!(subscribers::restore(&to, &file).is_err());
        std::fs::write(&file, &whole).expect("written");
        assert_eq!(subscribers::restore(&to, &file).expect("restored"), lines.len() as u64 - 2);
        assert_eq!(dump(&to), whole);
    }
}

#[test]
fn a_move_that_fails_leaves_nothing_and_may_be_repeated() {
    let (from, fresh) = (stores::sqlite(), stores::sqlite());
    let store = from.store();
    for number in 0..20 {
        subscribe(&store, &format!("r{number}@reader.example"), 0).expect("a row");
    }
    drop(fresh.store());
    let countdown = Arc::new(AtomicI64::new(i64::MAX));
    let connect = Arc::new(Faulty {
        inner: Arc::clone(&fresh.connect),
        fault: Fault::Statement,
        countdown: Arc::clone(&countdown),
    });
    let there = Store::over(connect).expect("a store");
    for strike in [12, 30, 55] {
        countdown.store(strike, Ordering::SeqCst);
        assert!(subscribers::copy(&store, &there).is_err(), "{strike}");
        countdown.store(i64::MAX, Ordering::SeqCst);
        assert_eq!(there.read(|t| t.rows()).expect("counted"), 0, "{strike}");
    }
    subscribers::copy(&store, &there).expect("a copy");
    assert_eq!(dump(&there), dump(&store));
}

#[test]
fn a_locked_file_holds_up_all_who_wait_only_once() {
    let fresh = stores::sqlite();
    let store = fresh.store();
    let mut lock = fresh.connect.connect(Access::Write).expect("a connection");
    lock.begin(Access::Write).expect("a lock");
    let started = std::time::Instant::now();
    let waiting: Vec<_> = (0..4)
        .map(|number| {
            let store = store.clone();
            thread::spawn(move || leave(&store, number))
        })
        .collect();
    for one in waiting {
        assert!(matches!(one.join().expect("a thread"), Err(StoreError::Busy(_))));
    }
    assert!(started.elapsed().as_secs() < 29, "{:?}", started.elapsed());
    lock.rollback().expect("unlocked");
    assert_eq!(leave(&store, 1).expect("a row"), Step::Nobody);
}

#[test]
fn a_server_gives_up_no_view_that_is_read_slowly() {
    let Some(fresh) = stores::postgres() else { return };
    let mut line = fresh.connect.connect(Access::Read).expect("a connection");
    for (access, expected) in [(Access::Stream, "0"), (Access::Read, "1min")] {
        line.begin(access).expect("a view");
        let mut said = String::new();
        let ask = line.query("SHOW statement_timeout", &[] as &[Value<'_>], &mut |row| {
            said = row.text(0)?;
            Ok(())
        });
        ask.expect("an answer");
        line.rollback().expect("ended");
        assert_eq!(said, expected);
    }
}

#[test]
fn a_server_is_reached_by_its_socket() {
    let Some(fresh) = stores::postgres() else { return };
    let mut line = fresh.connect.connect(Access::Read).expect("a connection");
    let mut ask = |sql: &str| {
        let mut said = String::new();
        let answered = line.query(sql, &[] as &[Value<'_>], &mut |row| {
            said = row.text(0)?;
            Ok(())
        });
        answered.expect("an answer");
        said
    };
    let (folder, port) = (ask("SHOW unix_socket_directories"), ask("SHOW port"));
    let name = ask("SELECT CAST(current_database() AS TEXT)");
    let user = ask("SELECT CAST(current_user AS TEXT)");
    let url = format!("postgres://{user}@/{name}?host={folder}&port={port}");
    let url = rotative::config::StoreUrl::parse(&url).expect("an address");
    let store = Store::open(&url, fresh.folder.path(), None).expect("a store");
    assert_eq!(store.read(|t| t.rows()).expect("counted"), 0);
}

#[test]
fn a_store_belongs_to_its_secret() {
    for fresh in stores::all() {
        let store = fresh.store();
        let secret =
            |name: &str| TokenKey::new(&format!("the {name} secret of more than thirty-two characters"));
        let (first, other) = (secret("first").expect("a key"), secret("other").expect("a key"));
        for _ in 0..2 {
            subscribers::accept_secret(&store, &first, MORNING).expect("accepted");
        }
        let refused = |key: &TokenKey| subscribers::accept_secret(&store, key, MORNING);
        assert!(matches!(refused(&other), Err(SecretError::Foreign)), "{}", fresh.name);
        let erase = |text: &'static str, key: TokenKey| {
            let whose = address(text);
            store.write(move |t| subscribers::erase(t, &whose, &key, ConsentSource::Command, MORNING))
        };
        erase("dan@reader.example", first).expect("erased");
        // A new secret is accepted with the one before, which the hash of the erased needs for ever.
        let newer = other.clone().with_old("the first secret of more than thirty-two characters");
        let newer = newer.expect("a key");
        subscribers::accept_secret(&store, &newer, MORNING).expect("accepted");
        assert!(matches!(refused(&other), Err(SecretError::Lost)));
        let known = store.read(|t| {
            let hashes = newer.hashes("dan@reader.example");
            hashes.iter().map(|hash| t.is_erased(hash)).collect::<Result<Vec<_>, _>>()
        });
        assert_eq!(known.expect("a read"), [false, true]);
        // A copy takes the marks along.
        let copy = stores::sqlite();
        subscribers::copy(&store, &copy.store()).expect("a copy");
        let third = secret("third").expect("a key");
        let refused = subscribers::accept_secret(&copy.store(), &third, MORNING);
        assert!(matches!(refused, Err(SecretError::Foreign)));
    }
}
