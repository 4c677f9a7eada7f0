//! `rotative rehearse`: the whole pipeline against a relay that fails, and the accounts that it prints.

use std::process::Command;

use serde_json::Value;

use crate::project::{Project, Said, program, said};

fn rehearse(args: &[&str]) -> Said {
    let mut command: Command = program();
    said(command.arg("rehearse").args(args).output())
}

#[expect(clippy::print_stdout, reason = "a fault test prints what it did")]
fn accounts(args: &[&str]) -> (Said, Value) {
    let said = rehearse(&[args, &["--format", "json"]].concat());
    println!("rehearse {args:?}: {} {}", said.out.trim(), said.err.trim());
    let told = serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error}: {said:?}"));
    (said, told)
}

fn count(told: &Value, name: &str) -> u64 {
    let value = if told[name].is_null() { &told["ledger"][name] } else { &told[name] };
    value.as_u64().unwrap_or_else(|| panic!("`{name}` in {told}"))
}

/// The sums that hold after every rehearsal.
fn agree(told: &Value, readers: u64) {
    let states = ["accepted", "rejected", "skipped", "expired", "held"];
    let sum: u64 = states.iter().map(|state| count(told, state)).sum();
    assert_eq!((sum, count(told, "audience")), (readers, readers), "{told}");
    for none in ["lost", "false_accepts", "false_rejects", "unbooked", "strangers", "pending", "uncertain"] {
        assert_eq!(count(told, none), 0, "{none}: {told}");
    }
    assert!(count(told, "uncertain_by_one_kill") <= count(told, "connections"), "{told}");
    assert_eq!(told["wrong"].as_array().map(Vec::len), Some(0), "{told}");
}

#[test]
fn a_relay_that_is_well_gets_every_letter_once() {
    let (said, told) = accounts(&["--subscribers", "300", "--connections", "8", "--seed", "1"]);
    agree(&told, 300);
    assert_eq!((said.code, count(&told, "accepted"), count(&told, "letters")), (0, 300, 300));
    assert_eq!((count(&told, "held"), count(&told, "starts")), (0, 1));
    assert!(count(&told, "memory_bytes") > 1_000_000, "{told}");
}

#[test]
fn three_kills_and_many_faults_lose_nobody_and_double_nobody() {
    let faults = "kill:3,slow:1ms,450:0.05,421:0.02,550:0.02,dot-451:0.01,drop-before-dot:0.02,\
                  drop-after-dot:0.01,lost-after-dot:0.01,refuse:0.05";
    let (said, told) =
        accounts(&["--subscribers", "300", "--connections", "8", "--seed", "6", "--faults", faults]);
    agree(&told, 300);
    // The last kill may come too late: fewer letters are taken than there are readers.
    assert!(said.code == 0 && (2..=3).contains(&count(&told, "kills")), "{told}");
    assert_eq!(count(&told, "doubled"), 0);
    // Who is held may have the letter; all others who have it are known to have it.
    let (taken, accepted, held) = (count(&told, "taken"), count(&told, "accepted"), count(&told, "held"));
    assert!(accepted <= taken && taken <= accepted + held, "{told}");
    assert!(held >= count(&told, "uncertain_by_kills"), "{told}");
    assert!(count(&told, "rejected") > 0, "{told}");
}

#[test]
fn letters_that_are_sent_again_come_twice_at_most() {
    let args = ["--subscribers", "200", "--connections", "8", "--seed", "3", "--uncertain", "resend"];
    let (said, told) = accounts(&[&args[..], &["--faults", "kill:3,slow:1ms"]].concat());
    agree(&told, 200);
    assert!(said.code == 0 && count(&told, "doubled") <= count(&told, "uncertain_by_kills"), "{told}");
    assert_eq!(count(&told, "held"), 0, "{told}");
}

#[test]
fn a_rehearsal_is_kept_where_it_is_wanted_and_says_its_table() {
    let project = Project::empty();
    let folder = project.path("kept");
    let folder = folder.to_str().expect("a path");
    let said = rehearse(&["--subscribers", "20", "--seed", "9", "--keep", folder]);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.out.contains("accepted by the relay           20\n"), "{said:?}");
    assert!(
        said.out.ends_with("nobody lost, nobody doubled beyond the policy, the sums agree\n"),
        "{said:?}"
    );
    assert!(project.path("kept/data").is_dir() && project.path("kept/.rehearsal").is_file());
    let again = rehearse(&["--subscribers", "20", "--keep", folder]);
    assert!(again.code == 2 && again.err.contains("is not empty"), "{again:?}");
}

#[test]
fn what_is_no_fault_is_refused_with_the_names_of_those_there_are() {
    let said = rehearse(&["--subscribers", "20", "--faults", "explode:0.1"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("no fault is called `explode`; there are 421"), "{said:?}");
    let said = rehearse(&["--subscribers", "20", "--faults", "421"]);
    assert!(said.err.contains("`421` needs a number behind a colon, as in `421:0.01`"), "{said:?}");
}
