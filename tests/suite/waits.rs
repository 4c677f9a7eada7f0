//! What a run waits for, and what does not wait for it: slow destinations, limits of providers, evidence about answers
//! that were lost.

use std::thread;
use std::time::{Duration, Instant};

use rotative::model::{DeliveryState, RunState};

use crate::morning::{DAY, Morning, SEVEN, end, settings, signal};
use crate::smtp::{Does, Point, Script};

/// Waits until something is so.
fn wait(what: &str, is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < Duration::from_secs(60), "{what}");
        thread::sleep(Duration::from_millis(20));
    }
}

/// A morning whose settings of mail end with these lines.
fn limited(mail: &str) -> Morning {
    let morning = Morning::new(0, Script::default(), "");
    let relay = format!("{{name: main, host: 127.0.0.1, port: {}, tls: none}}", morning.relay.port());
    let text = settings(&relay, "").replace("  relays:", &format!("  {mail}\n  relays:"));
    morning.project.write("content/newsletter.yaml", &text);
    morning
}

#[test]
fn letters_for_a_slow_provider_keep_nobody_else_waiting_however_many_there_are() {
    let morning = limited("domains: [{name: Slow, domains: [slow.example], per_second: 1, connections: 1}]");
    let slow = (0..52_000).map(|number| format!("s{number}@slow.example\n"));
    let list: String = slow.chain((0..50).map(|number| format!("f{number}@fast.example\n"))).collect();
    morning.import(&format!("email\n{list}"));
    let sender = morning.begin();
    let fast =
        || morning.relay.accepted().iter().filter(|letter| letter.to.ends_with("@fast.example")).count();
    wait("letters behind those for a slow provider", || fast() == 50);
    signal(&sender, "-TERM");
    assert_eq!(end(sender).code, 75);
    let tally = morning.accounts("slow provider");
    assert_eq!((tally.accepted as usize, tally.uncertain), (morning.relay.accepted().len(), 0), "{tally:?}");
}

#[test]
fn the_built_in_limits_of_providers_can_be_switched_off() {
    let list: String = (0..80).map(|number| format!("r{number}@laposte.net\n")).collect();
    for (mail, within) in [("provider_limits: none", true), ("provider_limits: usual", false)] {
        let morning = limited(mail);
        morning.import(&format!("email\n{list}"));
        let start = Instant::now();
        assert_eq!(morning.send().code, 0);
        // Ten letters a second take eight seconds, but for the first few.
        assert_eq!(start.elapsed() < Duration::from_millis(7_000), within, "{mail}: {:?}", start.elapsed());
        morning.all_have_it(mail, 80);
    }
}

#[test]
fn a_run_that_waits_for_evidence_can_be_called_off() {
    let script = Script::default().to("r3@d3.example", 1, Point::Dot, Does::take(Does::Drop));
    let morning = Morning::new(20, script, "delivery: {settle: 10m}");
    let sender = morning.begin();
    wait("all but one", || morning.relay.accepted().len() == 20 && morning.tally().uncertain == 1);
    thread::sleep(Duration::from_millis(500));
    assert_eq!(morning.run(&["cancel", DAY]).code, 0);
    let start = Instant::now();
    assert_eq!(end(sender).code, 3);
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    assert_eq!(morning.state(), RunState::Cancelled);
    assert_eq!(morning.in_state(DeliveryState::Uncertain), ["r3@d3.example"]);
}

#[test]
fn a_run_that_waits_for_evidence_is_done_once_there_is_some_about_all() {
    let script = Script::default().to("r3@d3.example", 1, Point::Dot, Does::take(Does::Drop));
    let morning = Morning::new(20, script, "delivery: {settle: 10m}");
    let sender = morning.begin();
    wait("all but one", || morning.relay.accepted().len() == 20 && morning.tally().uncertain == 1);
    morning.must(&["ledger", "evidence", DAY, "--result", "accepted", "--address", "r3@d3.example"]);
    assert_eq!(end(sender).code, 0);
    assert_eq!(morning.accounts("evidence while settling").accepted, 20);
}

#[test]
fn evidence_is_waited_for_from_the_last_lost_answer_on() {
    for (later, speed) in [(3600, "60"), (60, "300")] {
        let mut morning = Morning::new(20, Script::default(), "delivery: {settle: 30m}");
        morning.set("ROTATIVE_CRASH_AT", "after-reply:9");
        assert_ne!(morning.send().code, 0);
        morning.unset("ROTATIVE_CRASH_AT");
        morning.set("ROTATIVE_NOW", &(SEVEN + later).to_string());
        morning.set("ROTATIVE_CLOCK_SPEED", speed);
        let start = Instant::now();
        assert_eq!(morning.send().code, 8);
        let took = start.elapsed();
        if later == 60 {
            // 29 minutes are left, which pass in six seconds.
            assert!(took > Duration::from_millis(5_500), "{took:?}");
        } else {
            // Nothing is; half an hour would pass in thirty.
            assert!(took < Duration::from_secs(25), "{took:?}");
        }
        let tally = morning.accounts("settle");
        assert!(tally.held >= 1 && tally.accepted + tally.held == 20, "{tally:?}");
    }
}
