//! Sending through every fault of the list, from the outside: a real sender, a scripted relay, and accounts that must agree.
//! Each test prints what it did.

use std::fs;
use std::net::TcpListener;
use std::thread;
use std::time::{Duration, Instant};

use rotative::model::{DeliveryState, RunState};

use crate::morning::{DAY, Morning, SEVEN, end, failing_disk, kill, lines, settings, signal};
use crate::smtp::{Authority, Does, Good, Login, Point, Script, Secure, Start};

fn milliseconds(time: u64) -> Duration {
    Duration::from_millis(time)
}

/// Ends the sender at a place, and starts it again.
fn crash(name: &str, point: &str, more: &str) -> Morning {
    let mut morning = Morning::with_relay(30, Script::default(), "connections: 1", more);
    morning.set("ROTATIVE_CRASH_AT", point);
    let said = morning.send();
    assert_ne!(said.code, 0, "{name}: {said:?}");
    assert_ne!(morning.state(), RunState::Done, "{name}");
    morning.unset("ROTATIVE_CRASH_AT");
    morning
}

#[test]
fn f01_a_crash_before_the_beginning_is_written_leaves_nobody_behind() {
    let morning = crash("f01", "before-begin:9", "");
    assert_eq!(morning.send().code, 8);
    // The letter before it had been answered, and that was to be written down together with this beginning.
    let tally = morning.accounts("f01");
    assert_eq!((tally.accepted, tally.held, morning.relay.accepted().len()), (29, 1, 30));
}

#[test]
fn f02_a_crash_before_the_dot_makes_one_uncertain_and_the_relay_has_nothing() {
    let morning = Morning::with_relay(30, Script::default(), "connections: 1", "");
    let mut morning = morning;
    morning.set("ROTATIVE_CRASH_AT", "before-dot:9");
    assert_ne!(morning.send().code, 0);
    assert_eq!(morning.relay.accepted().len(), 8);
    morning.unset("ROTATIVE_CRASH_AT");
    let said = morning.send();
    assert_eq!(said.code, 8, "{said:?}");
    let tally = morning.accounts("f02");
    assert_eq!((tally.accepted, tally.held), (29, 1));
    let held = morning.in_state(DeliveryState::Held);
    assert_eq!(morning.relay.accepted_for(&held[0]), 0);
    assert!(said.err.contains(&held[0]), "the publisher is told who: {said:?}");
    // Once more: nothing is sent.
    assert_eq!(morning.send().code, 8);
    morning.accounts("f02, again");
}

#[test]
fn f03_a_crash_between_dot_and_reply_is_settled_by_the_relay_s_log() {
    let slow = Does::after(milliseconds(2_000), Does::say("250 taken"));
    let script = Script::default().to("r11@d4.example", 1, Point::Dot, Does::take(slow));
    let morning = Morning::with_relay(30, script, "connections: 1", "");
    let sender = morning.begin();
    let start = Instant::now();
    while morning.relay.accepted_for("r11@d4.example") == 0 {
        assert!(start.elapsed() < Duration::from_secs(20));
        thread::sleep(milliseconds(2));
    }
    kill(sender);
    assert_eq!(morning.send().code, 8);
    assert_eq!(morning.in_state(DeliveryState::Held), ["r11@d4.example"]);
    let told =
        morning.run(&["ledger", "evidence", DAY, "--result", "accepted", "--address", "r11@d4.example"]);
    assert_eq!(told.code, 0, "{told:?}");
    assert_eq!(morning.send().code, 0, "nobody is held any more");
    let tally = morning.accounts("f03");
    assert_eq!(tally.accepted, 30);
}

#[test]
fn f04_a_crash_after_the_reply_makes_one_uncertain_that_the_relay_has() {
    let mut morning = Morning::with_relay(30, Script::default(), "connections: 1", "");
    morning.set("ROTATIVE_CRASH_AT", "after-reply:9");
    assert_ne!(morning.send().code, 0);
    morning.unset("ROTATIVE_CRASH_AT");
    assert_eq!(morning.send().code, 8);
    let tally = morning.accounts("f04");
    assert_eq!((tally.accepted, tally.held, morning.relay.accepted().len()), (29, 1, 30));
}

#[test]
fn f05_a_crash_after_the_outcome_repeats_nothing() {
    let morning = crash("f05", "after-outcome:9", "");
    assert!(matches!(morning.send().code, 0 | 8));
    let tally = morning.accounts("f05");
    assert!(tally.held <= 4 && tally.accepted + tally.held == 30, "{tally:?}");
}

#[test]
fn f06_a_crash_after_the_claim_leaves_the_whole_chunk_to_be_sent() {
    let morning = crash("f06", "claimed", "");
    assert_eq!(morning.relay.accepted().len(), 0);
    assert_eq!(morning.send().code, 0);
    morning.all_have_it("f06", 30);
}

#[test]
fn f07_a_loss_of_power_loses_nothing_that_was_acknowledged() {
    for point in ["claimed", "before-begin:9", "before-dot:9", "after-reply:9", "after-outcome:9"] {
        let mut morning = Morning::new(30, Script::default(), "");
        morning.set("LD_PRELOAD", &failing_disk());
        morning.set("DISK_FILE", "rotative-ledger.db");
        morning.set("DISK_FORGETS", "1");
        morning.set("ROTATIVE_CRASH_AT", point);
        assert_ne!(morning.send().code, 0, "{point}");
        for name in ["LD_PRELOAD", "DISK_FILE", "DISK_FORGETS", "ROTATIVE_CRASH_AT"] {
            morning.unset(name);
        }
        assert!(matches!(morning.send().code, 0 | 8), "{point}");
        let tally = morning.accounts(&format!("f07 {point}"));
        assert!(tally.held <= 4 && tally.accepted + tally.held == 30, "{point}: {tally:?}");
    }
}

#[test]
fn f08_a_kill_while_the_audience_is_frozen_leaves_nothing_half_done() {
    let morning = Morning::new(4_000, Script::default(), "");
    for wait in [5, 15, 25, 35, 50] {
        let sender = morning.begin();
        thread::sleep(milliseconds(wait));
        kill(sender);
    }
    assert!(matches!(morning.send().code, 0 | 8));
    let tally = morning.accounts("f08");
    assert_eq!(tally.audience, 4_000);
    assert!(tally.held <= 20 && tally.accepted + tally.held == 4_000, "{tally:?}");
}

#[test]
fn f09_a_crash_while_settling_repeats_each_uncertain_letter_once_at_most() {
    let lost = Does::take(Does::Drop);
    let script = Script::default().to("r3@d3.example", 1, Point::Dot, lost.clone()).to(
        "r9@d2.example",
        1,
        Point::Dot,
        lost,
    );
    let mut morning =
        Morning::with_relay(30, script, "connections: 4", "delivery: {settle: 0s, uncertain: resend}");
    morning.set("ROTATIVE_CLOCK_SPEED", "200");
    morning.set("ROTATIVE_CRASH_AT", "settle");
    assert_ne!(morning.send().code, 0);
    morning.unset("ROTATIVE_CRASH_AT");
    assert_eq!(morning.send().code, 0);
    let tally = morning.tally();
    assert_eq!(tally.accepted, 30, "{tally:?}");
    for address in ["r3@d3.example", "r9@d2.example"] {
        assert_eq!(morning.relay.accepted_for(address), 2, "repeated once, since that is the policy");
    }
    assert_eq!(morning.relay.accepted().len(), 32);
    println!("f09: two uncertain, each repeated once, {tally:?}");
}

#[test]
fn f10_kills_at_any_moment_lose_nobody_and_double_nobody() {
    const READERS: u64 = 1_500;
    let script = Script { latency: milliseconds(1), ..Script::default() };
    let morning = Morning::with_relay(1_500, script, "connections: 40", "");
    let (mut kills, mut seed) = (0, 7_u64);
    while kills < 25 && morning.relay.accepted().len() < 1_400 {
        let before = morning.relay.accepted().len();
        let sender = morning.begin();
        morning.wait_for(before + 1);
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        thread::sleep(milliseconds(seed >> 59));
        kill(sender);
        kills += 1;
    }
    assert!(matches!(morning.send().code, 0 | 8));
    let tally = morning.accounts("f10");
    assert_eq!(tally.accepted + tally.held, READERS, "{tally:?}");
    assert!(tally.held <= 40 * kills, "{tally:?}");
    println!("f10: {kills} kills, {} held", tally.held);
}

#[test]
fn f11_a_sender_that_is_told_to_stop_ends_in_good_order() {
    let script = Script { latency: milliseconds(3), ..Script::default() };
    let morning = Morning::new(600, script, "");
    let sender = morning.begin();
    morning.wait_for(50);
    signal(&sender, "-TERM");
    let said = end(sender);
    assert_eq!(said.code, 75, "{said:?}");
    assert_eq!(morning.tally().uncertain, 0);
    let so_far = morning.relay.accepted().len();
    assert!(so_far < 600);
    assert_eq!(morning.send().code, 0);
    println!("f11: {so_far} before the signal");
    morning.all_have_it("f11", 600);
}

#[test]
fn f12_a_relay_that_hangs_is_not_waited_for_for_ever() {
    let script = Script::default().first(4, Point::Dot, Does::take(Does::Hang));
    let morning = Morning::new(100, script, "delivery: {settle: 0s, drain: 1s}\n#");
    let mut command = morning.command(&["send", DAY]);
    let sender = command
        .env("ROTATIVE_SECRET", crate::morning::SECRET)
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("a sender");
    morning.wait_for(4);
    let start = Instant::now();
    signal(&sender, "-TERM");
    let said = end(sender);
    assert_eq!(said.code, 75, "{said:?}");
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    let tally = morning.accounts("f12");
    assert!((1..=4).contains(&tally.uncertain), "{tally:?}");
}

#[test]
fn f13_a_sender_that_was_stopped_and_goes_on_doubles_nobody() {
    let script = Script { latency: milliseconds(3), ..Script::default() };
    let mut morning = Morning::new(400, script, "");
    morning.set("ROTATIVE_CLOCK_SPEED", "30");
    let sender = morning.begin();
    morning.wait_for(40);
    signal(&sender, "-STOP");
    // Two leases, by the clock of the run.
    thread::sleep(Duration::from_secs(2));
    assert_eq!(morning.send().code, 6, "the other one is still there");
    signal(&sender, "-CONT");
    assert!(matches!(end(sender).code, 0 | 8));
    assert!(matches!(morning.send().code, 0 | 8));
    let tally = morning.accounts("f13");
    assert_eq!(tally.accepted + tally.held, 400, "{tally:?}");
}

#[test]
fn f14_a_second_sender_is_refused_and_the_first_one_goes_on() {
    let script = Script { latency: milliseconds(3), ..Script::default() };
    let morning = Morning::new(300, script, "");
    let sender = morning.begin();
    morning.wait_for(10);
    let said = morning.send();
    assert_eq!(said.code, 6, "{said:?}");
    assert_eq!(end(sender).code, 0);
    morning.all_have_it("f14", 300);
}

#[test]
fn f16_a_timer_that_fires_twenty_times_makes_one_run() {
    let morning = Morning::new(100, Script::default(), "");
    let senders: Vec<_> = (0..20).map(|_| morning.begin()).collect();
    let codes: Vec<i32> = senders.into_iter().map(|sender| end(sender).code).collect();
    assert!(codes.iter().all(|code| matches!(code, 0 | 6)), "{codes:?}");
    assert!(codes.contains(&0));
    println!("f16: {codes:?}");
    morning.all_have_it("f16", 100);
}

#[test]
fn f17_a_relay_that_disconnects_at_each_command_harms_nobody() {
    for point in [Point::Greeting, Point::Hello, Point::Mail, Point::Rcpt, Point::Data, Point::Body(200)] {
        let script = Script::default().first(3, point, Does::Drop);
        let mut morning = Morning::new(20, script, "");
        morning.set("ROTATIVE_CLOCK_SPEED", "300");
        let code = morning.send().code;
        if point == Point::Body(200) {
            // Letter and dot may have left together: then the answer was lost with the line.
            let tally = morning.accounts("f17, letter");
            assert!(
                matches!(code, 0 | 8) && tally.held <= 3 && tally.accepted + tally.held == 20,
                "{tally:?}"
            );
        } else {
            assert_eq!(code, 0, "{point:?}");
            morning.all_have_it(&format!("f17 {point:?}"), 20);
        }
    }
}

#[test]
fn f18_a_relay_that_takes_letters_and_never_answers_pauses_the_run() {
    let script = Script::default().on(Point::Dot, Does::take(Does::Drop));
    let mut morning = Morning::new(200, script, "");
    morning.set("ROTATIVE_CLOCK_SPEED", "300");
    let said = morning.send();
    assert_eq!(said.code, 3, "{said:?}");
    let tally = morning.accounts("f18");
    assert!(tally.uncertain as usize <= 2 * 4 + 4, "{tally:?}");
    assert_eq!(tally.uncertain as usize, morning.relay.accepted().len());
}

#[test]
fn f19_a_relay_that_is_closing_is_left_alone_for_a_while() {
    for point in [Point::Greeting, Point::Mail, Point::Rcpt, Point::Dot] {
        let script = Script::default().first(4, point, Does::say("421 4.3.2 closing"));
        let mut morning = Morning::new(20, script, "");
        morning.set("ROTATIVE_CLOCK_SPEED", "1000");
        assert_eq!(morning.send().code, 0, "{point:?}");
        morning.all_have_it(&format!("f19 {point:?}"), 20);
    }
}

#[test]
fn f20_a_greylisted_reader_is_tried_again_with_the_same_identity() {
    let script = Script::default().to("r5@d5.example", 2, Point::Rcpt, Does::say("450 4.2.0 greylisted"));
    let mut morning = Morning::new(20, script, "");
    morning.set("ROTATIVE_CLOCK_SPEED", "1000");
    let start = Instant::now();
    assert_eq!(morning.send().code, 0);
    // Twice at least five minutes, by the clock of the run.
    assert!(start.elapsed() > milliseconds(550), "{:?}", start.elapsed());
    morning.all_have_it("f20", 20);
    let tried = morning.relay.heard().iter().filter(|line| line.contains("r5@d5.example")).count();
    assert_eq!(tried, 3);
}

#[test]
fn f21_a_reader_who_does_not_exist_is_rejected_once() {
    let script =
        Script::default().to("r5@d5.example", u32::MAX, Point::Rcpt, Does::say("550 5.1.1 no such user"));
    let morning = Morning::new(20, script, "");
    assert_eq!(morning.send().code, 0);
    let tally = morning.accounts("f21");
    assert_eq!((tally.accepted, tally.rejected), (19, 1));
    assert_eq!(morning.send().code, 0);
    let tried = morning.relay.heard().iter().filter(|line| line.contains("r5@d5.example")).count();
    assert_eq!(tried, 1);
    let shown = morning.run(&["status", DAY, "--show", "rejected"]);
    assert!(shown.out.contains("r5@d5.example") && shown.out.contains("no such user"), "{shown:?}");
}

#[test]
fn f22_a_relay_that_refuses_us_pauses_the_run_and_no_reader_pays_for_it() {
    let script = Script::default().on(Point::Mail, Does::say("550 5.7.1 sender refused"));
    let mut morning = Morning::new(20, script, "");
    morning.set("ROTATIVE_CLOCK_SPEED", "300");
    let said = morning.send();
    assert_eq!(said.code, 3, "{said:?}");
    assert!(said.out.contains("sender refused"), "{said:?}");
    let tally = morning.accounts("f22, sender");
    assert_eq!(tally.pending, 20, "{tally:?}");

    let login = Login { ways: "PLAIN".to_owned(), user: "ann".to_owned(), password: "right".to_owned() };
    let mut morning = Morning::new(20, Script { login: Some(login), ..Script::default() }, "");
    morning.set("ROTATIVE_CLOCK_SPEED", "300");
    morning.set("ROTATIVE_SMTP_USER", "ann");
    morning.set("ROTATIVE_SMTP_PASSWORD", "hunter2-wrong");
    let said = morning.send();
    assert_eq!(said.code, 3, "{said:?}");
    assert!(!format!("{said:?}").contains("hunter2-wrong"));
    assert_eq!(morning.accounts("f22, login").pending, 20);
    // Mended, it goes on.
    morning.set("ROTATIVE_SMTP_PASSWORD", "right");
    assert_eq!(morning.send().code, 0);
    morning.all_have_it("f22, mended", 20);
}

#[test]
fn f23_a_letter_that_is_refused_by_all_is_not_shown_to_everybody() {
    let script = Script::default().on(Point::Dot, Does::say("554 5.7.1 spam"));
    let morning = Morning::new(200, script, "");
    let said = morning.send();
    assert_eq!(said.code, 3, "{said:?}");
    let tally = morning.accounts("f23");
    assert!(tally.rejected <= 24, "{tally:?}");
    assert_eq!(tally.rejected + tally.pending, 200, "{tally:?}");
}

#[test]
fn f24_a_relay_that_refuses_within_the_letter_hangs_nobody() {
    let refuses = Does::SayAndHang("552 5.3.4 too much".to_owned());
    let script = Script::default().to("r5@d5.example", 1, Point::Body(300), refuses);
    let morning = Morning::new(20, script, "");
    let start = Instant::now();
    assert_eq!(morning.send().code, 0);
    assert!(start.elapsed() < Duration::from_secs(20));
    let tally = morning.accounts("f24");
    assert_eq!((tally.accepted, tally.rejected), (19, 1), "{tally:?}");
}

#[test]
fn f25_a_slow_answer_is_waited_for() {
    let slow = Does::after(milliseconds(1_500), Does::say("250 at last"));
    let script = Script::default().to("r5@d5.example", 1, Point::Dot, slow);
    let morning = Morning::new(20, script, "");
    assert_eq!(morning.send().code, 0);
    morning.all_have_it("f25", 20);
}

#[test]
fn f26_an_answer_that_never_comes_leaves_one_uncertain() {
    let script = Script::default().to("r5@d5.example", 1, Point::Dot, Does::take(Does::Hang));
    let morning = Morning::new(20, script, "");
    assert_eq!(morning.send().code, 8);
    let tally = morning.accounts("f26");
    assert_eq!((tally.accepted, tally.held), (19, 1), "{tally:?}");
    assert_eq!(morning.in_state(DeliveryState::Held), ["r5@d5.example"]);
}

#[test]
fn f27_an_answer_after_our_patience_is_nobody_else_s() {
    let late = Does::after(milliseconds(2_600), Does::say("550 5.1.1 far too late"));
    let script = Script::default().to("r5@d5.example", 1, Point::Dot, late);
    let morning = Morning::with_relay(20, script, "connections: 1", "");
    assert_eq!(morning.send().code, 8);
    let tally = morning.accounts("f27");
    assert_eq!((tally.accepted, tally.held, tally.rejected), (19, 1, 0), "{tally:?}");
}

#[test]
fn f31_a_relay_that_cannot_be_trusted_gets_nothing() {
    let authority = Authority::new();
    for (start, good) in [(Start::Stripped, Good::Now), (Start::Command, Good::LongAgo)] {
        let secure = Secure { config: authority.tls("localhost", good), start };
        let script = Script { secure: Some(secure), ..Script::default() };
        let mut morning = Morning::new(5, script, "");
        let own = format!("{{name: main, host: localhost, port: {}, tls: starttls}}", morning.relay.port());
        morning.project.write("content/newsletter.yaml", &settings(&own, ""));
        morning.must(&["approve", DAY, "--by", "Ann"]);
        morning.project.write("ca.pem", authority.pem());
        let file = morning.project.path("ca.pem").display().to_string();
        morning.set("ROTATIVE_SMTP_CA_FILE", &file);
        morning.set("ROTATIVE_SMTP_USER", "ann");
        morning.set("ROTATIVE_SMTP_PASSWORD", "right");
        let said = morning.send();
        assert_eq!(said.code, 3, "{start:?}: {said:?}");
        assert_eq!(morning.accounts(&format!("f31 {start:?}")).pending, 5);
        let heard = morning.relay.heard();
        assert!(!heard.iter().any(|line| line.starts_with("AUTH") || line.starts_with("MAIL")), "{heard:?}");
    }
}

#[test]
fn f33_a_relay_that_offers_little_still_gets_what_it_can_take() {
    let script = Script::default().without(&["PIPELINING", "8BITMIME", "SMTPUTF8"]);
    let morning = Morning::new(10, script, "");
    morning.import("email\nzoé@d0.example\n");
    assert_eq!(morning.send().code, 0);
    let tally = morning.accounts("f33");
    assert_eq!((tally.accepted, tally.rejected), (10, 1), "{tally:?}");
    let small = Script { offers: vec!["SIZE 2000".to_owned()], ..Script::default() };
    let morning = Morning::new(10, small, "");
    let said = morning.send();
    assert_eq!(said.code, 3, "{said:?}");
    assert_eq!(morning.accounts("f33, too small").pending, 10);
}

#[test]
fn f34_a_relay_that_is_down_for_ten_minutes_is_waited_for() {
    let gone = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = gone.local_addr().expect("an address").port();
    drop(gone);
    let mut morning = Morning::new(30, Script::default(), "");
    let own = format!("{{name: main, host: 127.0.0.1, port: {port}, tls: none}}");
    morning.project.write("content/newsletter.yaml", &settings(&own, ""));
    morning.must(&["approve", DAY, "--by", "Ann"]);
    morning.set("ROTATIVE_CLOCK_SPEED", "300");
    let sender = morning.begin();
    thread::sleep(Duration::from_secs(2));
    // Ten minutes later, by the clock of the run, it is back: everything that comes is passed on.
    let back = TcpListener::bind(("127.0.0.1", port)).expect("the port");
    let to = morning.relay.port();
    thread::spawn(move || {
        for line in back.incoming().flatten() {
            let there = std::net::TcpStream::connect(("127.0.0.1", to)).expect("the relay");
            let (mut a, mut b) = (line.try_clone().expect("a line"), there.try_clone().expect("a line"));
            thread::spawn(move || {
                std::io::copy(&mut a, &mut b).map(|_| b.shutdown(std::net::Shutdown::Write))
            });
            let (mut a, mut b) = (line, there);
            thread::spawn(move || {
                std::io::copy(&mut b, &mut a).map(|_| a.shutdown(std::net::Shutdown::Write))
            });
        }
    });
    assert_eq!(end(sender).code, 0);
    morning.all_have_it("f34", 30);
}

#[test]
fn f35_a_relay_that_bears_little_is_adapted_to() {
    let script = Script { connections: 3, letters: 10, ..Script::default() };
    let mut morning = Morning::with_relay(300, script, "connections: 16", "");
    morning.set("ROTATIVE_CLOCK_SPEED", "100");
    assert_eq!(morning.send().code, 0);
    morning.all_have_it("f35", 300);
}

#[test]
fn f36_a_full_disk_stops_before_the_dot_and_goes_on_once_there_is_room() {
    let mut morning = Morning::new(300, Script::default(), "");
    morning.set("LD_PRELOAD", &failing_disk());
    morning.set("DISK_FILE", "rotative-ledger.db");
    morning.set("DISK_FULL", "400000");
    let said = morning.send();
    assert_eq!(said.code, 7, "{said:?}");
    for name in ["LD_PRELOAD", "DISK_FILE", "DISK_FULL"] {
        morning.unset(name);
    }
    let so_far = morning.accounts("f36, full");
    assert!(so_far.accepted + so_far.in_flight < 300, "{so_far:?}");
    assert!(matches!(morning.send().code, 0 | 8));
    let tally = morning.accounts("f36");
    assert!(tally.held <= 4 && tally.accepted + tally.held == 300, "{tally:?}");
}

#[test]
fn f37_a_sync_that_fails_is_not_tried_again() {
    let mut morning = Morning::new(300, Script::default(), "");
    let log = morning.project.path("syncs");
    morning.set("LD_PRELOAD", &failing_disk());
    morning.set("DISK_FILE", "rotative-ledger.db-wal");
    morning.set("DISK_SYNCS", "25");
    morning.set("DISK_LOG", &log.display().to_string());
    let said = morning.send();
    assert_eq!(said.code, 7, "{said:?}");
    assert_eq!(lines(&log), 1, "one sync failed, and no second was tried");
    for name in ["LD_PRELOAD", "DISK_FILE", "DISK_SYNCS", "DISK_LOG"] {
        morning.unset(name);
    }
    assert!(matches!(morning.send().code, 0 | 8));
    let tally = morning.accounts("f37");
    assert!(tally.held <= 4 && tally.accepted + tally.held == 300, "{tally:?}");
}

#[test]
fn f38_a_ledger_that_cannot_be_written_is_found_out_before_the_relay_hears_of_us() {
    let morning = Morning::new(5, Script::default(), "");
    // A folder where the lock should be: nobody can write it, not even root.
    fs::create_dir(morning.project.path("data/rotative-ledger.lock")).expect("a folder");
    let said = morning.send();
    assert_eq!(said.code, 7, "{said:?}");
    assert_eq!(morning.relay.lines(), 0);
    println!("f38: {}", said.err.trim());
}

#[test]
fn f39_a_damaged_ledger_is_refused() {
    for damage in ["truncated", "flipped"] {
        let morning = Morning::new(200, Script::default(), "");
        assert_eq!(morning.send().code, 0);
        let file = morning.project.path("data/rotative-ledger.db");
        let mut bytes = fs::read(&file).expect("a ledger");
        match damage {
            "truncated" => bytes.truncate(bytes.len() / 2),
            _ => bytes[4096..4096 + 40].iter_mut().for_each(|byte| *byte ^= 0xff),
        }
        fs::write(&file, bytes).expect("damaged");
        let lines = morning.relay.lines();
        let said = morning.send();
        assert_eq!(said.code, 7, "{damage}: {said:?}");
        assert_eq!(morning.relay.lines(), lines, "{damage}");
        println!("f39 {damage}: {}", said.err.lines().next().unwrap_or_default());
    }
}

#[test]
fn f43_a_relay_that_goes_away_in_the_middle_and_comes_back_gets_the_rest() {
    // Every line breaks within the letter, four times, then all is well: five lost answers before the first that comes
    // would pause the run.
    let script = Script::default().first(4, Point::Body(500), Does::Reset);
    let mut morning = Morning::new(60, script, "");
    morning.set("ROTATIVE_CLOCK_SPEED", "1000");
    assert!(matches!(morning.send().code, 0 | 8));
    // Letter and dot may have left together: then the answer was lost with the line.
    let tally = morning.accounts("f43");
    assert!(tally.held <= 4 && tally.accepted + tally.held == 60, "{tally:?}");
}

#[test]
fn f46_a_clock_that_is_set_changes_no_run() {
    let script = Script { latency: milliseconds(2), ..Script::default() };
    let mut morning = Morning::new(300, script, "");
    let sender = morning.begin();
    morning.wait_for(30);
    signal(&sender, "-TERM");
    assert_eq!(end(sender).code, 75);
    // An hour back, then a day forward: the run goes on, under the same day.
    morning.set("ROTATIVE_NOW", &(SEVEN - 3600).to_string());
    let sender = morning.begin();
    morning.wait_for(100);
    signal(&sender, "-TERM");
    assert_eq!(end(sender).code, 75);
    morning.set("ROTATIVE_NOW", &(SEVEN + 3600).to_string());
    assert_eq!(morning.send().code, 0);
    morning.all_have_it("f46", 300);
}

#[test]
fn f48_what_was_built_anew_is_not_sent_and_a_run_keeps_what_was_approved() {
    let script = Script { latency: milliseconds(2), ..Script::default() };
    let morning = Morning::new(200, script, "");
    let item = format!("content/{DAY}/bridge.md");
    morning.project.write(&item, "---\ntitle: Another bridge\n---\nIt opens.\n");
    morning.must(&["build"]);
    let said = morning.send();
    assert_eq!(said.code, 4, "{said:?}");
    assert_eq!(morning.relay.lines(), 0);
    morning.must(&["approve", DAY, "--by", "Bob"]);
    let sender = morning.begin();
    morning.wait_for(20);
    morning.project.write(&item, "---\ntitle: A third bridge\n---\nIt opens.\n");
    morning.must(&["build"]);
    assert_eq!(end(sender).code, 0);
    morning.all_have_it("f48", 200);
    let letter = String::from_utf8_lossy(&morning.relay.accepted()[199].letter).into_owned();
    assert!(letter.contains("Another bridge"));
    let said = morning.run(&["approve", DAY, "--by", "Bob"]);
    assert_eq!(said.code, 4, "{said:?}");
}

#[test]
fn f49_a_ledger_from_elsewhere_sends_nothing_until_it_is_adopted() {
    for whole in [true, false] {
        adopted(whole);
    }
}

/// A ledger that was copied in the middle of a run; the last commits come along, or not.
#[expect(clippy::print_stdout, reason = "a fault test prints what it did")]
fn adopted(whole: bool) {
    let script = Script { latency: milliseconds(2), ..Script::default() };
    let morning = Morning::new(200, script, "");
    let sender = morning.begin();
    morning.wait_for(20);
    kill(sender);
    let (file, copy) = (morning.project.path("data/rotative-ledger.db"), morning.project.path("copy.db"));
    fs::copy(&file, &copy).expect("a copy");
    for ending in ["db-wal", "db-shm"] {
        let beside = morning.project.path(&format!("data/rotative-ledger.{ending}"));
        if !whole {
            let _ = fs::remove_file(beside);
        }
    }
    fs::rename(&copy, &file).expect("restored");
    let lines = morning.relay.lines();
    let said = morning.send();
    assert_eq!(said.code, 7, "{said:?}");
    assert!(said.err.contains("adopt"), "{said:?}");
    let adopted = morning.run(&["ledger", "adopt"]);
    assert_eq!(adopted.code, 0, "{adopted:?}");
    // Nobody can know what was sent after the copy was made: nothing more of it is sent.
    let said = morning.send();
    let known = !morning.ledger().runs().expect("runs").is_empty();
    assert_eq!(said.code, if known { 8 } else { 4 }, "{said:?}");
    assert_eq!(morning.relay.lines(), lines);
    println!("f49: {}", adopted.out.trim());
}

#[test]
fn f50_a_machine_that_was_off_sends_two_hours_later_and_not_thirteen() {
    let mut morning = Morning::new(10, Script::default(), "");
    morning.set("ROTATIVE_NOW", &(SEVEN + 12 * 3600).to_string());
    let said = morning.send();
    assert_eq!(said.code, 5, "{said:?}");
    assert_eq!(morning.relay.lines(), 0);
    morning.set("ROTATIVE_NOW", &(SEVEN + 3600).to_string());
    assert_eq!(morning.send().code, 0);
    morning.all_have_it("f50", 10);
}

#[test]
fn f51_a_letter_that_cannot_be_made_holds_up_nobody_else() {
    let mut morning = Morning::new(20, Script::default(), "");
    morning.import("email\npanic@d0.example\n");
    morning.set("ROTATIVE_CRASH_AT", "make");
    let said = morning.send();
    assert_eq!(said.code, 0, "{said:?}");
    let tally = morning.accounts("f51");
    assert_eq!((tally.accepted, tally.skipped), (20, 1), "{tally:?}");
    assert_eq!(morning.in_state(DeliveryState::Skipped), ["panic@d0.example"]);
}

#[test]
fn f52_who_leaves_while_it_is_sent_gets_nothing_that_had_not_begun() {
    let morning = Morning::with_relay(120, Script::default(), "connections: 1, per_second: 20", "");
    let mut morning = morning;
    // A minute of the run passes in two seconds: the answer about who still wants letters ages with it.
    morning.set("ROTATIVE_CLOCK_SPEED", "30");
    morning.set("ROTATIVE_CLOCK_SPEED", "1");
    let start = morning.command(&["subscribers", "unsubscribe", "r118@d6.example"]).output();
    assert!(start.expect("run").status.success());
    let suppressed = morning.run(&["subscribers", "suppress", "r117@d5.example"]);
    assert_eq!(suppressed.code, 0, "{suppressed:?}");
    assert_eq!(morning.send().code, 0);
    let tally = morning.accounts("f52");
    assert_eq!((tally.audience, tally.accepted), (118, 118), "{tally:?}");
    assert_eq!(morning.relay.accepted_for("r118@d6.example"), 0);
}

#[test]
fn f52_who_leaves_after_the_audience_is_fixed_is_skipped() {
    let mut morning = crash("f52", "claimed", "");
    for args in
        [["subscribers", "unsubscribe", "r7@d0.example"], ["subscribers", "suppress", "r8@d1.example"]]
    {
        assert_eq!(morning.run(&args).code, 0);
    }
    morning.unset("ROTATIVE_CRASH_AT");
    assert_eq!(morning.send().code, 0);
    let tally = morning.accounts("f52, later");
    assert_eq!((tally.accepted, tally.skipped), (28, 2), "{tally:?}");
}

#[test]
fn f53_one_person_is_one_letter_however_the_address_is_written() {
    let morning = Morning::new(3, Script::default(), "");
    morning.import("email\nR0@D0.example\nr0@d0.EXAMPLE\nann@bücher.example\nAnn@xn--bcher-kva.example\n");
    assert_eq!(morning.send().code, 0);
    morning.all_have_it("f53", 4);
}

#[test]
fn an_issue_that_is_called_off_stops_within_a_second() {
    let script = Script { latency: milliseconds(5), ..Script::default() };
    let morning = Morning::new(2_000, script, "");
    let sender = morning.begin();
    morning.wait_for(30);
    let said = morning.run(&["cancel", DAY]);
    assert_eq!(said.code, 0, "{said:?}");
    let said = end(sender);
    assert_eq!(said.code, 3, "{said:?}");
    assert!(morning.relay.accepted().len() < 2_000);
    assert_eq!(morning.send().code, 3, "it stays so");
    morning.accounts("cancel");
}

#[test]
fn an_issue_that_is_called_off_before_its_first_letter_ends_at_once() {
    // The relay never greets: the sender has nothing but its ledger to learn from.
    let morning = Morning::new(2_000, Script::default().on(Point::Greeting, Does::Hang), "");
    let sender = morning.begin();
    thread::sleep(milliseconds(500));
    assert_eq!(morning.run(&["cancel", DAY]).code, 0);
    let start = Instant::now();
    assert_eq!(end(sender).code, 3);
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
}

#[test]
fn nothing_leaves_while_an_issue_cools_down() {
    let morning = Morning::new(5, Script::default(), "delivery: {settle: 0s, cool_down: 10m}");
    let sender = morning.begin();
    thread::sleep(milliseconds(700));
    assert_eq!(morning.relay.lines(), 0);
    assert_eq!(morning.run(&["cancel", DAY]).code, 0);
    assert_eq!(end(sender).code, 3);
    assert_eq!(morning.relay.lines(), 0);
    let mut morning = Morning::new(5, Script::default(), "delivery: {settle: 0s, cool_down: 10m}");
    morning.set("ROTATIVE_CLOCK_SPEED", "600");
    assert_eq!(morning.send().code, 0);
    morning.all_have_it("cool down", 5);
}

#[test]
fn an_issue_that_nobody_approved_is_not_sent() {
    let morning = Morning::new(5, Script::default(), "");
    morning.must(&["cancel", DAY]);
    let said = morning.send();
    assert_eq!(said.code, 4, "{said:?}");
    assert_eq!(morning.relay.lines(), 0);
}

#[test]
fn letters_go_over_to_another_relay_and_are_shared_by_weight() {
    let down = Script::default().on(Point::Greeting, Does::say("421 4.3.2 down"));
    let other = crate::smtp::Server::start(down);
    let mut morning = Morning::new(60, Script::default(), "");
    let relays = format!(
        "{{name: main, host: 127.0.0.1, port: {}, tls: none}}, {{name: b, host: 127.0.0.1, port: {}, tls: none, weight: 3}}",
        morning.relay.port(),
        other.port()
    );
    morning.project.write("content/newsletter.yaml", &settings(&relays, ""));
    morning.must(&["approve", DAY, "--by", "Ann"]);
    morning.set("ROTATIVE_CLOCK_SPEED", "10");
    assert_eq!(morning.send().code, 0);
    morning.all_have_it("fail-over", 60);
    assert!(other.lines() > 0);
}

#[test]
fn a_relay_that_stays_away_until_the_deadline_leaves_everybody_expired() {
    let mut morning =
        Morning::new(40, Script::default().on(Point::Greeting, Does::say("421 4.3.2 closed")), "");
    // Twelve hours, by the clock of the run, pass in a few seconds.
    morning.set("ROTATIVE_CLOCK_SPEED", "20000");
    let said = morning.send();
    assert_eq!(said.code, 8, "{said:?}");
    let tally = morning.accounts("deadline");
    assert_eq!((tally.expired, tally.accepted), (40, 0), "{tally:?}");
}

#[test]
fn a_sender_whose_right_is_taken_away_stops_and_doubles_nobody() {
    let script = Script { latency: milliseconds(20), ..Script::default() };
    let morning = Morning::new(300, script, "");
    let first = morning.begin();
    morning.wait_for(20);
    fs::remove_file(morning.project.path("data/rotative-ledger.lock")).expect("removed");
    let second = morning.send();
    let said = end(first);
    assert!(matches!(said.code, 6 | 7), "{said:?}");
    assert!(matches!(second.code, 0 | 7 | 8), "{second:?}");
    assert!(matches!(morning.send().code, 0 | 7 | 8));
    morning.accounts("lock");
}

#[test]
fn a_ledger_restored_over_itself_from_the_middle_of_a_run_sends_nothing_again() {
    let script = Script { latency: milliseconds(20), ..Script::default() };
    let morning = Morning::new(400, script, "");
    let sender = morning.begin();
    morning.wait_for(40);
    let file = morning.project.path("data/rotative-ledger.db");
    let wal = morning.project.path("data/rotative-ledger.db-wal");
    let (db, log) = (fs::read(&file).expect("a backup"), fs::read(&wal).expect("a backup"));
    assert!(matches!(end(sender).code, 0 | 8));
    let sent = morning.relay.accepted().len();
    // In place: the file is the same one.
    fs::write(&file, db).expect("restored");
    fs::write(&wal, log).expect("restored");
    let said = morning.send();
    assert_eq!(said.code, 7, "{said:?}");
    assert_eq!(morning.relay.accepted().len(), sent);
}

#[test]
fn a_repetition_that_comes_to_nothing_leaves_the_reader_held_and_not_expired() {
    let address = "r3@d3.example";
    let script = Script::default().to(address, 1, Point::Dot, Does::take(Does::Drop)).to(
        address,
        u32::MAX,
        Point::Rcpt,
        Does::say("250 2.1.5 ok"),
    );
    let script = Script {
        rules: script
            .rules
            .into_iter()
            .chain([crate::smtp::Rule {
                point: Point::Dot,
                who: crate::smtp::Who::One(address.to_owned()),
                times: u32::MAX,
                does: Does::say("450 4.2.0 later"),
            }])
            .collect(),
        ..Script::default()
    };
    let mut morning = Morning::new(20, script, "delivery: {settle: 0s, uncertain: resend}");
    morning.set("ROTATIVE_CLOCK_SPEED", "1000");
    let said = morning.send();
    assert_eq!(said.code, 8, "{said:?}");
    assert_eq!(morning.in_state(DeliveryState::Held), [address]);
}

#[test]
fn an_issue_that_was_called_off_is_not_published_by_the_next_timer() {
    let morning = Morning::new(5, Script::default(), "");
    morning.must(&["cancel", DAY]);
    let said = morning.run(&["publish", DAY]);
    assert_eq!(said.code, 3, "{said:?}");
    assert_eq!(morning.relay.lines(), 0);
    morning.must(&["approve", DAY, "--by", "Ann"]);
    assert_eq!(morning.run(&["publish", DAY]).code, 0);
    morning.all_have_it("called off and taken back", 5);
}

#[test]
fn a_watchdog_is_quiet_on_a_day_without_an_issue() {
    let mut morning = Morning::new(1, Script::default(), "calendar: {days: [mon], except: [2026-08-24]}\n");
    morning.set("ROTATIVE_NOW", &(SEVEN + 3 * 3600).to_string());
    assert_eq!(morning.run(&["status", "2026-08-20", "--at", "08:30"]).code, 0);
    assert_eq!(morning.run(&["status", "2026-08-17", "--at", "08:30"]).code, 1);
}

#[test]
fn evidence_is_heard_of_lost_answers_alone() {
    let morning = Morning::new(3, Script::default(), "");
    assert_eq!(morning.send().code, 0);
    let args = ["ledger", "evidence", DAY, "--result", "rejected", "--address", "r1@d1.example"];
    assert_eq!(morning.run(&args).code, 1);
    morning.all_have_it("evidence", 3);
}
