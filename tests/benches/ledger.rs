//! What the ledger costs: an audience fixed, a chunk claimed, rows written down together. The number of readers is
//! the first number given, a million otherwise. `cargo bench --bench ledger -- 1000000`

use std::io::{self, Write};
use std::path::Path;
use std::process::Command;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use rotative::config::StoreUrl;
use rotative::model::{IssueDate, Outcome, Phase, Slot, Slug, UncertainPolicy, Witness};
use rotative::store::Store;
use rotative::store::ledger::{
    Approval, Begun, Claim, Claimed, Ended, Floor, Ledger, Note, Plan, Purpose, RunId,
};

const NOW: i64 = 1_787_284_800_000;
const CONNECTIONS: usize = 64;

fn main() {
    let readers: u64 = std::env::args().find_map(|word| word.parse().ok()).unwrap_or(1_000_000);
    if let Some(file) = std::env::args().skip_while(|word| word != "--fill").nth(1) {
        return fill(Path::new(&file), readers);
    }
    let folder = tempfile::tempdir().expect("a folder");
    let url = StoreUrl::Sqlite("rotative.db".into());
    drop(Store::open(&url, folder.path(), None).expect("a store"));
    // Another process makes the readers: the memory it takes is not the ledger's.
    let itself = std::env::current_exe().expect("a program");
    let file = folder.path().join("rotative.db");
    let filled = Command::new(itself).arg(readers.to_string()).arg("--fill").arg(file).status();
    assert!(filled.expect("readers").success());
    let floor = Floor { bytes: 0, percent: 0 };
    let ledger =
        Ledger::open(&url, folder.path(), None, &Purpose::Send { machine: "this".to_owned(), floor });
    let ledger = ledger.expect("a ledger");
    let list = Slug::parse("daily").expect("a list");
    let slot = Slot::daily(IssueDate::parse("2026-08-21").expect("a date"));
    let (hash, content, by) = ("a".to_owned(), "{}".to_owned(), "Ann".to_owned());
    ledger
        .pin(&Approval { list: list.clone(), slot, hash, content, told: String::new(), by, at: NOW })
        .expect("pinned");
    let policy = UncertainPolicy::Hold;
    let plan = Plan { list, slot, topics: Vec::new(), policy, deadline_at: NOW, chunk_size: 500 };
    let start = Instant::now();
    let run = ledger.start(&plan, NOW).expect("a run");
    say("freeze", &format!("{} recipients in {:?}, {}", run.audience, start.elapsed(), memory()));
    claims(&ledger, run.id);
    let rows = notes(&ledger, run.id, Duration::from_secs(8));
    say("rows a second", &format!("{rows:.0} on {CONNECTIONS} connections, each waiting for its own"));
    let start = Instant::now();
    let tally = ledger.tally(run.id, NOW).expect("a tally");
    say("tally", &format!("{} accepted, {:?}", tally.accepted, start.elapsed()));
    let start = Instant::now();
    let found = ledger.recover(run.id, NOW).expect("recovered");
    say("recover", &format!("{} uncertain, {:?}", found.uncertain, start.elapsed()));
    say("memory", &memory());
}

/// Readers whose numbers and names are in no order, as they are in life.
fn fill(file: &Path, readers: u64) {
    let mut connection = rusqlite::Connection::open(file).expect("a file");
    connection.execute_batch("PRAGMA synchronous = OFF; PRAGMA cache_size = -200000").expect("settings");
    let transaction = connection.transaction().expect("a transaction");
    {
        let sql = "INSERT INTO subscriber VALUES (?1, 'daily', ?2, ?2, 'fr', 'confirmed', 0, 'daily', '', '', 0, 0, 0, 1)";
        let mut insert = transaction.prepare(sql).expect("a statement");
        for number in 0..readers {
            let id = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 1;
            let address = format!("reader.{:x}@mail{}.example", id >> 24, number % 40);
            insert.execute(rusqlite::params![id as i64, address]).expect("a row");
        }
    }
    transaction.commit().expect("committed");
    connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").expect("moved");
}

fn claim(ledger: &Ledger, run: RunId) -> Option<Claim> {
    match ledger.claim((run, 0), "me", NOW, Duration::from_secs(30)).expect("asked") {
        Claimed::Chunk(claim) => Some(claim),
        _ => None,
    }
}

fn claims(ledger: &Ledger, run: RunId) {
    let (mut slowest, mut all, mut held) = (Duration::ZERO, Duration::ZERO, Vec::new());
    for _ in 0..100 {
        let start = Instant::now();
        held.extend(claim(ledger, run));
        slowest = slowest.max(start.elapsed());
        all += start.elapsed();
    }
    say("claim of 500", &format!("{:?} on average, {slowest:?} at most", all / 100));
    let start = Instant::now();
    for claim in &held {
        ledger.release(claim).expect("released");
    }
    say("release", &format!("{:?} on average", start.elapsed() / 100));
}

/// Each connection writes the outcome of its letter and the beginning of the next, and waits until that is durable.
fn notes(ledger: &Ledger, run: RunId, time: Duration) -> f64 {
    let start = Instant::now();
    let (tell, told) = channel();
    let mut claim_now = claim(ledger, run).expect("a chunk");
    let mut due = std::mem::take(&mut claim_now.due).into_iter();
    let mut rows = 0;
    let mut free: Vec<(u32, Option<Note>)> = (0..CONNECTIONS as u32).map(|conn| (conn, None)).collect();
    while start.elapsed() < time {
        for (conn, before) in free.drain(..) {
            let next = due.next().or_else(|| {
                claim_now = claim(ledger, run)?;
                due = std::mem::take(&mut claim_now.due).into_iter();
                due.next()
            });
            let Some(next) = next else { return f64::from(rows) / start.elapsed().as_secs_f64() };
            let (seq, attempt, chunk, fence) = (next.seq, 1, claim_now.chunk, claim_now.fence);
            let (owner, relay) = (claim_now.owner.clone(), "main".to_owned());
            let begin = Note::Begin(Begun { run, seq, attempt, chunk, fence, owner, conn, relay, at: NOW });
            let (witness, outcome, phase) = (Witness::Sender, Outcome::Accepted, Some(Phase::Dot));
            let answer = None;
            let owner = String::new();
            let end = Ended { run, seq, attempt, owner, witness, outcome, phase, answer, due: 0, at: NOW };
            let notes: Vec<Note> = before.into_iter().chain([begin]).collect();
            rows += notes.len() as u32;
            let tell = tell.clone();
            ledger.note(notes, move |result| {
                result.expect("noted");
                let _ = tell.send((conn, Some(Note::Outcome(end))));
            });
        }
        free.push(told.recv().expect("an answer"));
        free.extend(told.try_iter());
    }
    f64::from(rows) / start.elapsed().as_secs_f64()
}

fn memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or("unknown").to_owned()
}

fn say(what: &str, found: &str) {
    let _ = writeln!(io::stdout(), "{what:>14}: {found}");
}
