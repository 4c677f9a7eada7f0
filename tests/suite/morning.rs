//! A morning: a newsletter with readers, a scripted relay, and the sender run as a publisher runs it. Its accounts compare
//! what the ledger says with what the relay knows.

use std::collections::HashMap;
use std::fs;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rotative::config::StoreUrl;
use rotative::model::{DeliveryState, RunState, Slot, Slug, Tally};
use rotative::store::ledger::{Ledger, Purpose, Run};

use crate::project::{Project, Said, said};
use crate::smtp::{Script, Server};

pub(crate) const SECRET: &str = "a secret of more than thirty-two characters";
pub(crate) const DAY: &str = "2026-08-21";
/// Seven in the morning of the day, in Paris.
pub(crate) const SEVEN: i64 = 1_787_288_400;

/// A newsletter, its readers and its relay.
pub(crate) struct Morning {
    pub(crate) project: Project,
    pub(crate) relay: Server,
    /// More of the environment.
    pub(crate) environment: Vec<(String, String)>,
}

impl Morning {
    /// So many readers, `r0@d0.example` and so on, an approved issue, and a relay that follows a script. `more` is
    /// added to the settings.
    pub(crate) fn new(readers: usize, script: Script, more: &str) -> Self {
        Self::with_relay(readers, script, "connections: 4", more)
    }

    /// The same with settings of the relay.
    pub(crate) fn with_relay(readers: usize, script: Script, relay: &str, more: &str) -> Self {
        let server = Server::start(script);
        let project = Project::empty();
        let own = format!("{{name: main, host: 127.0.0.1, port: {}, tls: none, {relay}}}", server.port());
        project.write("content/newsletter.yaml", &settings(&own, more));
        project.write(
            &format!("content/{DAY}/bridge.md"),
            "---\ntitle: A bridge opens\ntopics: [bridges]\n---\nIt opens.\n",
        );
        let morning = Self { project, relay: server, environment: Vec::new() };
        let mut list = String::from("email\n");
        for number in 0..readers {
            list.push_str(&format!("r{number}@d{}.example\n", number % 7));
        }
        morning.import(&list);
        morning.must(&["build"]);
        morning.must(&["approve", DAY, "--by", "Ann"]);
        morning
    }

    pub(crate) fn import(&self, list: &str) {
        self.project.write("list.csv", list);
        self.must(&["subscribers", "import", "list.csv", "--by", "Ann"]);
    }

    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.environment.retain(|(known, _)| known != name);
        self.environment.push((name.to_owned(), value.to_owned()));
    }

    pub(crate) fn unset(&mut self, name: &str) {
        self.environment.retain(|(known, _)| known != name);
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = self.project.command(args);
        command
            .env("ROTATIVE_SECRET", SECRET)
            .env("ROTATIVE_NOW", SEVEN.to_string())
            .env("ROTATIVE_LEDGER_FLOOR", "0")
            .envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Said {
        said(self.command(args).output())
    }

    pub(crate) fn must(&self, args: &[&str]) -> Said {
        let said = self.run(args);
        assert_eq!(said.code, 0, "{args:?}: {said:?}");
        said
    }

    /// Sends; waits for the end.
    pub(crate) fn send(&self) -> Said {
        self.run(&["send", DAY])
    }

    /// Sends without waiting.
    pub(crate) fn begin(&self) -> Child {
        let mut command = self.command(&["send", DAY]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("a sender")
    }

    /// Waits until the relay has taken so many letters.
    pub(crate) fn wait_for(&self, letters: usize) {
        let start = Instant::now();
        while self.relay.accepted().len() < letters {
            assert!(start.elapsed() < Duration::from_secs(30), "{} letters", self.relay.accepted().len());
            thread::sleep(Duration::from_millis(2));
        }
    }

    pub(crate) fn ledger(&self) -> Ledger {
        let url = StoreUrl::Sqlite("data/rotative.db".into());
        Ledger::open(&url, self.project.root(), None, &Purpose::Look).expect("a ledger")
    }

    pub(crate) fn the_run(&self) -> Run {
        let (list, slot) = (Slug::parse("daily").expect("a list"), Slot::parse(DAY).expect("a slot"));
        self.ledger().run(&list, slot).expect("a read").expect("a run")
    }

    pub(crate) fn tally(&self) -> Tally {
        self.ledger().tally(self.the_run().id, SEVEN * 1000).expect("a tally")
    }

    pub(crate) fn state(&self) -> RunState {
        self.the_run().state
    }

    /// The addresses in a state, as the ledger has them.
    pub(crate) fn in_state(&self, state: DeliveryState) -> Vec<String> {
        let run = self.the_run().id;
        let listed = self.ledger().listed(run, state, i64::MAX / 2, 0, 100_000).expect("a list");
        listed.into_iter().map(|known| known.address).collect()
    }

    /// Compares ledger and relay (invariants 1 to 4, 6, 7, 9), and says what it found.
    #[expect(clippy::print_stdout, reason = "a fault test prints what it did")]
    pub(crate) fn accounts(&self, name: &str) -> Tally {
        let tally = self.tally();
        let taken = self.relay.accepted();
        let mut times: HashMap<&str, usize> = HashMap::new();
        for letter in &taken {
            *times.entry(letter.to.as_str()).or_default() += 1;
        }
        let accepted = self.in_state(DeliveryState::Accepted);
        for address in &accepted {
            assert!(times.contains_key(address.as_str()), "{name}: {address} is no accepted letter (I3)");
        }
        let open = [DeliveryState::InFlight, DeliveryState::Uncertain, DeliveryState::Held];
        let open: Vec<String> = open.iter().flat_map(|state| self.in_state(*state)).collect();
        for (address, count) in &times {
            let known = accepted.iter().chain(&open).any(|known| known == address);
            assert!(
                known,
                "{name}: the relay took a letter for {address} that the ledger knows nothing of (I4)"
            );
            assert_eq!(*count, 1, "{name}: {address} has it twice (I1, I6)");
        }
        let common: Vec<Vec<u8>> = taken.iter().map(|letter| common(&letter.letter)).collect();
        assert!(common.windows(2).all(|pair| pair[0] == pair[1]), "{name}: other bytes (I9)");
        if self.state() == RunState::Done {
            assert!(tally.is_balanced(), "{name}: {tally:?} (I7)");
        }
        println!("{name}: {} letters at the relay; {tally:?}", taken.len());
        tally
    }

    /// Everything is over and everybody has the issue once.
    pub(crate) fn all_have_it(&self, name: &str, readers: u64) {
        let tally = self.accounts(name);
        assert_eq!((tally.audience, tally.accepted), (readers, readers), "{name}: {tally:?}");
        assert_eq!(self.state(), RunState::Done, "{name}");
    }
}

pub(crate) fn settings(relay: &str, more: &str) -> String {
    format!(
        "title: The Daily\nlanguage: en\ntimezone: Europe/Paris\nbase_url: https://daily.example\n\
         sections: [{{name: brief}}]\npublisher: {{name: The House, address: 1 Main Street}}\n\
         mail:\n  from: The Daily <daily@news.example>\n  bounces: bounces@news.example\n  relays: [{relay}]\n  \
         timeouts: {{dot: 2s, command: 5s, data: 5s, connect: 2s}}\n\
         service: {{url: 'https://readers.example'}}\n{more}\n{}",
        if more.contains("delivery:") { "" } else { "delivery: {settle: 0s, drain: 3s}\n" }
    )
}

/// A letter without what is its reader's own.
fn common(letter: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(letter).replace("=\r\n", "");
    let mut kept = String::new();
    for line in text.lines().filter(|line| !line.starts_with("To: ") && !line.starts_with("Message-ID: ")) {
        let mut rest = line;
        while let Some(at) = ["/unsubscribe/", "/preferences/", "unsubscribe%20"]
            .iter()
            .filter_map(|mark| rest.find(mark).map(|at| at + mark.len()))
            .min()
        {
            kept.push_str(&rest[..at]);
            rest = rest.get(at + 48..).unwrap_or("");
        }
        kept.push_str(rest);
        kept.push('\n');
    }
    kept.into_bytes()
}

/// The end of a sender.
pub(crate) fn end(child: Child) -> Said {
    said(child.wait_with_output())
}

/// Ends a sender as `kill -9` does.
pub(crate) fn kill(mut child: Child) {
    child.kill().expect("killed");
    child.wait().expect("gone");
}

pub(crate) fn signal(child: &Child, name: &str) {
    let done = Command::new("kill").args([name, &child.id().to_string()]).status().expect("kill");
    assert!(done.success());
}

/// The library that makes a disk fail, compiled once.
pub(crate) fn failing_disk() -> String {
    static MADE: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    MADE.get_or_init(|| {
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/suite/disk/disk.c");
        let target = format!("{}/disk-{}.so", env!("CARGO_TARGET_TMPDIR"), std::process::id());
        let made = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-o", &target, source, "-ldl", "-lpthread"])
            .status()
            .expect("a C compiler");
        assert!(made.success());
        target
    })
    .clone()
}

/// The lines of a file, none where there is no file.
pub(crate) fn lines(path: &std::path::Path) -> usize {
    fs::read_to_string(path).map_or(0, |text| text.lines().count())
}
