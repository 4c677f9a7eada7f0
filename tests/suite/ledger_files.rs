//! The ledger's files: one sender at a time, in one place, and nothing is sent from what is damaged or copied.

use std::fs::{self, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use rotative::config::StoreUrl;
use rotative::model::{DeliveryState, Outcome, RunState};
use rotative::store::ledger::{Claimed, Floor, Ledger, LedgerError, Note, Pinned, Purpose};

use crate::ledger::{NOW, approval, begin, claimed, crowd, daily, ended, started, today};
use crate::stores::{self, Fresh};

fn send() -> Purpose {
    Purpose::Send { machine: "this".to_owned(), floor: Floor { bytes: 0, percent: 0 } }
}

fn adopt() -> Purpose {
    Purpose::Adopt { machine: "this".to_owned(), floor: Floor { bytes: 0, percent: 0 }, at: NOW }
}

fn open(root: &Path, purpose: &Purpose) -> Result<Ledger, LedgerError> {
    Ledger::open(&StoreUrl::Sqlite("readers.db".into()), root, None, purpose)
}

/// A ledger that was used: of three recipients the first was accepted, the second is under way.
fn used() -> Fresh {
    let fresh = stores::sqlite();
    crowd(&fresh, 3);
    let ledger = open(fresh.folder.path(), &send()).expect("a ledger");
    let run = started(&ledger, 10).id;
    let claim = claimed(&ledger, run, "me", NOW);
    let accepted = Note::Outcome(ended(run, 1, 1, Outcome::Accepted, 0));
    ledger.note_now(vec![begin(&claim, 1, 1, NOW), accepted, begin(&claim, 2, 1, NOW)]).expect("noted");
    fresh
}

fn file(fresh: &Fresh, name: &str) -> PathBuf {
    fresh.folder.path().join(name)
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).expect("a folder").flatten() {
        fs::copy(entry.path(), to.join(entry.file_name())).expect("a copy");
    }
}

#[test]
fn f14_a_second_sender_is_turned_away_and_a_look_is_not() {
    let fresh = stores::sqlite();
    let root = fresh.folder.path();
    assert_eq!(open(root, &Purpose::Look).err(), Some(LedgerError::Missing));
    assert!(!file(&fresh, "readers-ledger.db").exists(), "a look makes nothing");
    let first = open(root, &send()).expect("a ledger");
    assert!(matches!(open(root, &send()), Err(LedgerError::Held(_))));
    // Approving and looking go on beside the sender.
    let desk = open(root, &Purpose::Change).expect("a ledger");
    assert_eq!(desk.pin(&approval("a")).expect("pinned"), Pinned::Kept);
    let look = open(root, &Purpose::Look).expect("a ledger");
    assert_eq!(look.approved(&daily(), today()).expect("a read"), Some(approval("a")));
    assert!(look.pin(&approval("b")).is_err(), "a look changes nothing");
    assert_eq!(first.approved(&daily(), today()).expect("a read"), Some(approval("a")));
    drop(first);
    assert!(open(root, &send()).is_ok());
}

#[test]
fn a_folder_may_have_any_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path().join("L'été? 100 % #1&mode=rw");
    let ledger = open(&root, &send()).expect("a ledger");
    assert_eq!(ledger.pin(&approval("a")).expect("pinned"), Pinned::Kept);
    assert_eq!(ledger.still_wanted(&[1, 2]).expect("asked").len(), 0);
}

#[test]
fn outcomes_that_could_not_be_committed_come_back_from_the_spill() {
    let fresh = used();
    let root = fresh.folder.path();
    let ledger = open(root, &send()).expect("a ledger");
    let run = ledger.runs().expect("runs")[0].id;
    ledger.spill(&[ended(run, 2, 1, Outcome::Accepted, 0)]).expect("spilt");
    ledger.spill(&[ended(run, 3, 1, Outcome::Deferred, NOW + 5)]).expect("spilt");
    drop(ledger);
    let mut spill =
        OpenOptions::new().append(true).open(file(&fresh, "readers-ledger.spill")).expect("a spill");
    spill.write_all(b"{\"run\":1,\"seq\":3,\"att").expect("a torn line");
    let ledger = open(root, &send()).expect("a ledger");
    assert!(!file(&fresh, "readers-ledger.spill").exists());
    ledger.recover(run, NOW).expect("recovered");
    let tally = ledger.tally(run, NOW).expect("a tally");
    assert_eq!((tally.accepted, tally.deferred, tally.uncertain), (2, 1, 0));
}

#[test]
fn a_spill_that_makes_no_sense_is_refused() {
    let fresh = used();
    fs::write(file(&fresh, "readers-ledger.spill"), "nonsense\n").expect("a spill");
    assert!(matches!(open(fresh.folder.path(), &send()), Err(LedgerError::Damaged { .. })));
    assert!(file(&fresh, "readers-ledger.spill").exists(), "nothing is thrown away");
}

#[test]
fn f49_a_copied_ledger_sends_nothing_until_it_is_adopted() {
    let fresh = used();
    let other = tempfile::tempdir().expect("a folder");
    copy(fresh.folder.path(), other.path());
    for purpose in [send(), Purpose::Send { machine: "that".to_owned(), floor: Floor::default() }] {
        assert!(matches!(open(other.path(), &purpose), Err(LedgerError::Elsewhere { .. })));
    }
    let ledger = open(other.path(), &adopt()).expect("adopted");
    let run = ledger.run(&daily(), today()).expect("a read").expect("a run");
    assert_eq!(run.state, RunState::Closed);
    assert!(matches!(
        ledger.claim((run.id, 0), "me", NOW, std::time::Duration::from_secs(30)),
        Ok(Claimed::Stopped(_))
    ));
    // Nobody knows what was sent after the copy was made.
    let tally = ledger.tally(run.id, NOW).expect("a tally");
    assert_eq!((tally.accepted, tally.held, tally.is_balanced()), (1, 2, true));
    assert_eq!(ledger.listed(run.id, DeliveryState::Held, NOW, 0, 9).expect("a list").len(), 2);
    drop(ledger);
    assert!(open(other.path(), &send()).is_ok(), "once adopted it is at home");
    let moved = Purpose::Send { machine: "that".to_owned(), floor: Floor { bytes: 0, percent: 0 } };
    assert!(matches!(open(fresh.folder.path(), &moved), Err(LedgerError::Elsewhere { .. })));
    assert!(open(fresh.folder.path(), &send()).is_ok(), "the original is where it was");
}

#[test]
fn f49_an_older_state_of_the_ledger_or_none_sends_nothing() {
    let fresh = used();
    let (root, ledger) = (fresh.folder.path(), file(&fresh, "readers-ledger.db"));
    let files = || ["readers-ledger.db", "readers-ledger.db-wal"].map(|name| file(&fresh, name));
    let kept = files().map(|file| fs::read(file).unwrap_or_default());
    drop(open(root, &send()).expect("sent from once more"));
    for (file, bytes) in files().iter().zip(kept) {
        // Written into the same file: the place is right and the state is not.
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).open(file).expect("a file");
        file.write_all(&bytes).expect("restored");
    }
    let _ = fs::remove_file(file(&fresh, "readers-ledger.db-shm"));
    assert!(matches!(open(root, &send()), Err(LedgerError::Elsewhere { .. })));
    for file in files() {
        fs::remove_file(file).expect("removed");
    }
    assert!(matches!(open(root, &send()), Err(LedgerError::Elsewhere { .. })));
    assert!(ledger.exists());
    assert!(open(root, &adopt()).is_ok());
}

#[test]
fn f39_a_damaged_ledger_is_refused() {
    let lengths: [fn(u64) -> u64; 3] = [|length| length / 2, |length| length - 4096, |_| 100];
    for shorter in lengths {
        let fresh = used();
        let path = file(&fresh, "readers-ledger.db");
        let length = fs::metadata(&path).expect("a file").len();
        let cut = OpenOptions::new().write(true).open(&path).expect("a file");
        cut.set_len(shorter(length)).expect("cut");
        let refused = open(fresh.folder.path(), &send());
        assert!(matches!(refused, Err(LedgerError::Damaged { .. })), "{length}: {refused:?}");
    }
    // The first bytes of any page say what it is and where its rows begin.
    let pages = fs::metadata(file(&used(), "readers-ledger.db")).expect("a file").len() / 4096;
    for page in 0..pages {
        let fresh = used();
        let path = file(&fresh, "readers-ledger.db");
        let at = if page == 0 { 100 } else { page * 4096 };
        let mut bytes = fs::read(&path).expect("a file");
        bytes[usize::try_from(at).expect("small")] ^= 0x40;
        let mut file = OpenOptions::new().write(true).open(&path).expect("a file");
        file.seek(SeekFrom::Start(0)).expect("there");
        file.write_all(&bytes).expect("flipped");
        let refused = open(fresh.folder.path(), &send());
        assert!(matches!(refused, Err(LedgerError::Damaged { .. })), "page {page}: {refused:?}");
    }
}

#[test]
fn f38_a_place_that_cannot_be_written_is_refused() {
    // Not even root writes there.
    let refused = open(Path::new("/proc/rotative"), &send());
    assert!(matches!(refused, Err(LedgerError::Store(_) | LedgerError::Unwritable { .. })), "{refused:?}");
    let fresh = stores::sqlite();
    fs::create_dir(file(&fresh, "readers-ledger.lock")).expect("a folder where the lock should be");
    assert!(matches!(open(fresh.folder.path(), &send()), Err(LedgerError::Unwritable { .. })));
    let fresh = stores::sqlite();
    fs::create_dir(file(&fresh, "readers-ledger.db")).expect("a folder where the ledger should be");
    assert!(open(fresh.folder.path(), &send()).is_err());
}

#[test]
fn f36_a_disk_that_is_nearly_full_is_refused() {
    let fresh = stores::sqlite();
    let floor =
        |bytes, percent| Purpose::Send { machine: "this".to_owned(), floor: Floor { bytes, percent } };
    for purpose in [floor(u64::MAX, 0), floor(0, 101)] {
        let refused = open(fresh.folder.path(), &purpose);
        assert!(matches!(refused, Err(LedgerError::Full { .. })), "{refused:?}");
    }
    assert!(open(fresh.folder.path(), &send()).expect("a ledger").check_room().is_ok());
}
