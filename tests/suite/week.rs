//! Ten mornings under a clock of our own: an end of summer time, a crash, a machine that was off, a correction, a public
//! holiday. The ledger adds up every day.

use std::collections::HashMap;

use chrono::{NaiveDate, TimeZone};
use chrono_tz::Europe::Paris;
use rotative::config::StoreUrl;
use rotative::model::{RunState, Slot, Slug};
use rotative::store::ledger::{Ledger, Purpose};

use crate::morning::{Morning, settings};
use crate::smtp::Script;

const READERS: u64 = 25;

struct Week {
    morning: Morning,
    day: NaiveDate,
}

impl Week {
    /// It is this hour of the day in Paris, whatever that is elsewhere.
    fn at(&mut self, hour: u32, minute: u32) {
        let local = self.day.and_hms_opt(hour, minute, 0).expect("an hour");
        let moment = Paris.from_local_datetime(&local).earliest().expect("a moment").timestamp();
        self.morning.set("ROTATIVE_NOW", &moment.to_string());
    }

    fn write(&self, text: &str) {
        let item = format!("content/{}/news.md", self.day);
        self.morning.project.write(&item, &format!("---\ntitle: The news of {}\n---\n{text}\n", self.day));
    }

    #[expect(clippy::print_stdout, reason = "a fault test prints what it did")]
    fn publish(&self) -> i32 {
        let said = self.morning.run(&["publish", "today"]);
        println!("{}: {} {}", self.day, said.code, said.out.trim());
        said.code
    }

    fn watched(&self) -> i32 {
        self.morning.run(&["status", "today", "--at", "08:30"]).code
    }

    /// Every reader of the day is accounted for; says how many have it.
    fn accepted(&self) -> u64 {
        let url = StoreUrl::Sqlite("data/rotative.db".into());
        let ledger = Ledger::open(&url, self.morning.project.root(), None, &Purpose::Look).expect("a ledger");
        let slot = Slot::parse(&self.day.to_string()).expect("a slot");
        let run = ledger.run(&Slug::parse("daily").expect("a list"), slot).expect("a read").expect("a run");
        let tally = ledger.tally(run.id, 0).expect("a tally");
        assert!(tally.is_balanced() && run.state == RunState::Done, "{}: {tally:?}", self.day);
        assert_eq!(tally.audience, READERS);
        tally.accepted
    }
}

#[test]
fn ten_mornings_add_up() {
    let morning = Morning::with_relay(READERS as usize, Script::default(), "connections: 1", "");
    let own =
        format!("{{name: main, host: 127.0.0.1, port: {}, tls: none, connections: 1}}", morning.relay.port());
    morning.project.write(
        "content/newsletter.yaml",
        &settings(
            &own,
            "delivery: {settle: 0s, send_at: \"06:30\"}\n\
             calendar: {days: [mon, tue, wed, thu, fri, sat, sun], holidays: FR}\n",
        ),
    );
    let first = NaiveDate::from_ymd_opt(2026, 10, 23).expect("a day");
    let mut week = Week { morning, day: first };
    let mut expected: HashMap<NaiveDate, u64> = HashMap::new();
    for day in first.iter_days().take(10) {
        week.day = day;
        week.at(6, 31);
        let accepted = match day.to_string().as_str() {
            // The power fails in the middle, and the timer comes again.
            "2026-10-24" => {
                week.write("Today it is dark.");
                week.morning.set("ROTATIVE_CRASH_AT", "before-dot:9");
                assert_ne!(week.publish(), 0);
                week.morning.unset("ROTATIVE_CRASH_AT");
                assert_eq!(week.watched(), 0, "half past eight is still to come");
                assert_eq!(week.publish(), 8);
                READERS - 1
            }
            // The machine was off until the evening.
            "2026-10-26" => {
                week.write("Today it is late.");
                week.at(20, 31);
                assert_eq!(week.publish(), 5);
                assert_eq!(week.watched(), 1);
                0
            }
            // A mistake is found after the issue has gone: nothing is sent twice, the next one says so.
            "2026-10-27" => {
                week.write("Today it is wrong.");
                assert_eq!(week.publish(), 0);
                week.write("Today it is right.");
                week.morning.must(&["build"]);
                let said = week.morning.run(&["send", "today"]);
                assert_eq!(said.code, 4, "{said:?}");
                assert_eq!(week.publish(), 0, "what was approved is sent already");
                READERS
            }
            "2026-10-28" => {
                week.write("Yesterday's figure was wrong; it is four.");
                assert_eq!(week.publish(), 0);
                READERS
            }
            // All Saints': nothing is written, nothing is due.
            "2026-11-01" => {
                assert_eq!(week.publish(), 0);
                0
            }
            _ => {
                week.write("Today it is quiet.");
                assert_eq!(week.publish(), 0);
                READERS
            }
        };
        if accepted > 0 {
            assert_eq!(week.accepted(), accepted, "{day}");
            // Once more: nothing happens.
            assert!(matches!(week.publish(), 0 | 8), "{day}");
            week.at(9, 0);
            assert_eq!(week.watched(), 0, "{day}");
        }
        expected.insert(day, accepted);
    }
    let sum: u64 = expected.values().sum();
    assert_eq!(week.morning.relay.accepted().len() as u64, sum);
    // Nobody has one issue twice: its subject names its day.
    let mut times: HashMap<(String, String), u32> = HashMap::new();
    for letter in week.morning.relay.accepted() {
        let text = String::from_utf8_lossy(&letter.letter).into_owned();
        let id = text.lines().find(|line| line.starts_with("Message-ID: ")).expect("an identity").to_owned();
        *times.entry((letter.to, id)).or_default() += 1;
    }
    assert!(times.values().all(|count| *count == 1));
    println!("ten mornings: {sum} letters, each once");
}
