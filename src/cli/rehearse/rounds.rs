//! The rounds of a rehearsal: the sender is started, killed at a moment that chance chooses, and started again until it
//! comes to its end.

use std::fs::{self, OpenOptions};
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow};
use serde_json::Value;

use crate::config::env::{self, LEDGER_FLOOR, REHEARSAL, SECRET};
use crate::model::UncertainPolicy;
use crate::rehearsal::{Dice, Faults, SLOT, Truth};

use super::super::campaign::code;
use super::super::terminal::Terminal;

/// What is played.
pub(super) struct Show {
    pub(super) program: PathBuf,
    pub(super) root: PathBuf,
    pub(super) secret: String,
    /// How many times as fast the sender's clock goes.
    pub(super) haste: u32,
    pub(super) policy: UncertainPolicy,
}

/// What the rounds came to.
#[derive(Debug, Default)]
pub(super) struct Rounds {
    /// How often the sender was started.
    pub(super) started: u32,
    pub(super) kills: u32,
    pub(super) kills_wanted: u32,
    pub(super) pauses: u32,
    /// The most lines that were open when the sender was killed.
    pub(super) most_lines: u64,
    /// The most letters that one kill left uncertain, and how many all of them did.
    pub(super) most_uncertain: u64,
    pub(super) uncertain: u64,
    /// The most memory that a sender had, in bytes.
    pub(super) memory: u64,
    /// From the first start to its first letter, and the longest that it took to start again.
    pub(super) first_letter: Option<Duration>,
    pub(super) slowest_again: Duration,
    /// How many letters the relay took, and how long letters were under way.
    pub(super) letters: u64,
    pub(super) busy: Duration,
    /// What senders used of processors.
    pub(super) processor: Duration,
    pub(super) end: End,
}

/// How the last sender ended.
#[derive(Debug, Default)]
pub(super) struct End {
    pub(super) code: Option<i32>,
    pub(super) reason: String,
}

/// How often a run that has paused is gone on with.
const PAUSES: u32 = 50;
/// A sender of which nothing comes for so long hangs.
const PATIENCE: Duration = Duration::from_secs(15 * 60);
const LOOK: Duration = Duration::from_millis(20);

impl Show {
    /// Has the program do something in the folder, with nothing but what it needs in its environment.
    pub(super) fn ask(&self, args: &[&str]) -> anyhow::Result<()> {
        let output = self.command(args).output().context("the program cannot be started")?;
        if output.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        Err(anyhow!("`rotative {}` failed: {said}", args.join(" ")))
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(args).current_dir(&self.root).env_clear();
        command.env(SECRET, &self.secret).env(REHEARSAL, self.haste.to_string());
        if let Some(floor) = env::ledger_floor() {
            command.env(LEDGER_FLOOR, floor.to_string());
        }
        command
    }

    fn log(&self) -> PathBuf {
        self.root.join("send.log")
    }

    fn send(&self) -> anyhow::Result<Child> {
        let log = OpenOptions::new().create(true).append(true).open(self.log());
        let log = log.with_context(|| format!("cannot write {}", self.log().display()))?;
        let policy = self.policy.as_str();
        let mut command = self.command(&["send", SLOT, "--now", "--format", "json", "--uncertain", policy]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log);
        command.spawn().context("the program cannot be started")
    }
}

impl Rounds {
    /// Plays until the sender comes to its end, or it makes no sense to go on.
    pub(super) fn play(
        show: &Show,
        faults: &Faults,
        dice: Dice,
        truth: &Truth,
        terminal: &Terminal,
    ) -> anyhow::Result<Self> {
        let mut rounds = Self { kills_wanted: faults.kills, ..Self::default() };
        loop {
            let ended = rounds.round(show, dice, truth, terminal)?;
            wait_for_silence(truth);
            match ended {
                Ended::Killed => rounds.kills += 1,
                Ended::Hung => {
                    rounds.end.reason = format!("nothing came for {} minutes", PATIENCE.as_secs() / 60);
                    break;
                }
                Ended::Itself(status) => {
                    rounds.end.code = status.code();
                    let paused = status.code() == Some(i32::from(code::PAUSED));
                    if !paused || rounds.pauses >= PAUSES {
                        break;
                    }
                    rounds.pauses += 1;
                }
            }
        }
        terminal.progress(truth.readers(), truth.readers());
        rounds.letters = truth.letters();
        if !rounds.is_over() && rounds.end.reason.is_empty() {
            rounds.end.reason = last_words(show);
        }
        Ok(rounds)
    }

    /// Whether the sender came to its end by itself and says that everybody is accounted for.
    pub(super) fn is_over(&self) -> bool {
        matches!(self.end.code, Some(0)) || self.end.code == Some(i32::from(code::HELD))
    }

    fn round(
        &mut self,
        show: &Show,
        dice: Dice,
        truth: &Truth,
        terminal: &Terminal,
    ) -> anyhow::Result<Ended> {
        self.started += 1;
        let kill_at = self.kill_at(dice, truth);
        let begun = truth.begin_round();
        let mut child = show.send()?;
        let told = child.stdout.take().map(listen);
        let mut gauge = Gauge::new(child.id());
        let (mut seen, mut since) = (truth.letters(), Instant::now());
        let ended = loop {
            if let Some(status) = child.try_wait()? {
                break Ended::Itself(status);
            }
            gauge.look();
            let letters = truth.letters();
            if kill_at.is_some_and(|at| letters >= at) {
                let moment = dice.number(KILL, u64::from(self.started), 1) % 3_000;
                thread::sleep(Duration::from_micros(moment));
                self.most_lines = self.most_lines.max(truth.open());
                gauge.measure();
                child.kill()?;
                child.wait()?;
                break Ended::Killed;
            }
            if letters != seen {
                (seen, since) = (letters, Instant::now());
                terminal.progress(
                    usize::try_from(letters).unwrap_or(usize::MAX).min(truth.readers()),
                    truth.readers(),
                );
            } else if since.elapsed() > PATIENCE {
                child.kill()?;
                child.wait()?;
                break Ended::Hung;
            }
            thread::sleep(if kill_at.is_some() { Duration::from_micros(500) } else { LOOK / 4 });
        };
        self.account(&gauge, begun, truth.first_letter());
        let told = told.and_then(|told| told.join().ok()).unwrap_or_default();
        self.uncertain += told.uncertain;
        self.most_uncertain = self.most_uncertain.max(told.uncertain);
        self.end.reason = told.reason;
        Ok(ended)
    }

    /// After how many letters in all the sender is killed: chance spreads the kills over the readers that are left.
    fn kill_at(&self, dice: Dice, truth: &Truth) -> Option<u64> {
        let left = u64::from(self.kills_wanted.checked_sub(self.kills).filter(|left| *left > 0)?);
        let readers = (truth.readers() as u64).saturating_sub(truth.letters());
        let most = (readers * 2 / (left + 1)).max(1);
        Some(truth.letters() + 1 + dice.number(KILL, u64::from(self.started), 0) % most)
    }

    fn account(&mut self, gauge: &Gauge, begun: Instant, first: Option<Instant>) {
        self.memory = self.memory.max(gauge.memory);
        self.processor += gauge.processor;
        let Some(first) = first else { return };
        let start = first.saturating_duration_since(begun);
        match self.first_letter {
            None => self.first_letter = Some(start),
            Some(_) => self.slowest_again = self.slowest_again.max(start),
        }
        self.busy += first.elapsed();
    }
}

/// What chance is asked for here; faults ask with small numbers.
const KILL: u64 = 1 << 32;

enum Ended {
    Killed,
    Hung,
    Itself(ExitStatus),
}

/// What a sender said of itself.
#[derive(Debug, Default)]
struct Said {
    /// How many letters the one before had left uncertain.
    uncertain: u64,
    reason: String,
}

fn listen(out: ChildStdout) -> JoinHandle<Said> {
    thread::spawn(move || {
        let mut said = Said::default();
        for line in BufReader::new(out).lines().map_while(Result::ok) {
            let Ok(event) = serde_json::from_str::<Value>(&line) else { continue };
            match event["event"].as_str() {
                Some("begin") => said.uncertain = event["uncertain"].as_u64().unwrap_or(0),
                Some("end") => said.reason = event["reason"].as_str().unwrap_or_default().to_owned(),
                _ => {}
            }
        }
        said
    })
}

/// What was said last on standard error, for those who want to know why nothing goes on.
fn last_words(show: &Show) -> String {
    let text = fs::read_to_string(show.log()).unwrap_or_default();
    let lines: Vec<&str> = text.lines().rev().take(3).collect();
    lines.into_iter().rev().collect::<Vec<_>>().join("; ")
}

/// Lets the relay hear out what a sender has left in the lines, so that one round ends before the next begins.
fn wait_for_silence(truth: &Truth) {
    let since = Instant::now();
    while truth.open() > 0 && since.elapsed() < Duration::from_secs(30) {
        thread::sleep(Duration::from_millis(1));
    }
}

/// What a process uses (proc(5)).
struct Gauge {
    process: u32,
    looked: Instant,
    memory: u64,
    processor: Duration,
}

impl Gauge {
    fn new(process: u32) -> Self {
        Self { process, looked: Instant::now(), memory: 0, processor: Duration::ZERO }
    }

    fn look(&mut self) {
        if self.looked.elapsed() >= LOOK {
            self.looked = Instant::now();
            self.measure();
        }
    }

    fn measure(&mut self) {
        let read =
            |name: &str| fs::read_to_string(format!("/proc/{}/{name}", self.process)).unwrap_or_default();
        self.memory = self.memory.max(peak(&read("status")));
        self.processor = self.processor.max(processor(&read("stat")));
    }
}

/// The peak of memory, in bytes.
fn peak(status: &str) -> u64 {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) * 1024
}

/// User and system time: the 14th and 15th word, in hundredths of a second, behind a name that may hold anything.
fn processor(stat: &str) -> Duration {
    let words = stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace();
    let ticks: u64 = words.skip(11).take(2).filter_map(|word| word.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_process_uses_is_read() {
        assert_eq!(peak("Name:\trotative\nVmHWM:\t   20480 kB\nVmRSS:\t 1 kB\n"), 20480 * 1024);
        assert_eq!(peak(""), 0);
        let stat = "7 (a ) b) S 1 2 3 4 5 6 7 8 9 10 150 50 0 0 20 0";
        assert_eq!(processor(stat), Duration::from_secs(2));
        assert_eq!(processor(""), Duration::ZERO);
    }

    #[test]
    fn kills_are_spread_over_the_readers_that_are_left() {
        let truth = Truth::new(1_000);
        for started in 0..1_000 {
            let rounds = Rounds { started, kills: 1, kills_wanted: 10, ..Rounds::default() };
            let at = rounds.kill_at(Dice::new(5), &truth).expect("a kill");
            assert!((1..=200).contains(&at), "{at}");
        }
        let through = Rounds { kills: 10, kills_wanted: 10, ..Rounds::default() };
        assert_eq!(through.kill_at(Dice::new(5), &truth), None);
    }
}
