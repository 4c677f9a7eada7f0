//! What is said of a run: while it goes on, and at its end, for people, for programs and for Prometheus.

use std::fmt::Write as _;
use std::fs;
use std::io::{IsTerminal, Write as _, stderr, stdout};
use std::path::PathBuf;

use anyhow::Context;
use serde_json::{Value, json};

use crate::config::Notify;
use crate::delivery::{Ending, Halt, Snapshot};
use crate::mail::{Addressed, Paused, Relay, delivery_notice};
use crate::model::{DeliveryState, EmailAddress, RunState, Tally};
use crate::render::Templates;
use crate::store::ledger::{Ledger, Recovered, Run};

use super::campaign::{Case, code};
use super::edges::{chance, milliseconds};
use super::send::signers;
use super::terminal::Terminal;
use super::{Outcome, now, relays, serve};

/// How progress and report are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Seen {
    /// For people.
    #[default]
    Text,
    /// For programs: one object a line.
    Json,
}

/// Tells how a run goes on.
pub(super) struct Reporter {
    name: String,
    list: String,
    format: Seen,
    metrics: Option<PathBuf>,
    person: bool,
}

/// How many uncertain or held recipients are named at the end.
const NAMED: usize = 20;

impl Reporter {
    pub(super) fn new(case: &Case, run: &Run, format: Seen, metrics: Option<PathBuf>) -> Self {
        let person = stderr().is_terminal();
        Self { name: run.slot.to_string(), list: case.list.to_string(), format, metrics, person }
    }

    /// A run as it stands.
    pub(super) fn see(&self, seen: &Snapshot) {
        match self.format {
            Seen::Json => {
                let mut line = tally_json(&seen.tally);
                line["event"] = "progress".into();
                line["rate"] = json!((seen.rate * 10.0).round() / 10.0);
                line["lines"] = seen.lines.into();
                line["left_seconds"] = json!(seen.left);
                let _ = writeln!(stdout().lock(), "{line}");
            }
            Seen::Text if self.person => {
                let _ = write!(stderr().lock(), "\r\x1b[K{}", bar(seen));
            }
            Seen::Text => {}
        }
        if let Some(file) = &self.metrics {
            let part = file.with_extension("part");
            // What watches is not worth stopping a run for.
            let _ = fs::write(&part, self.prometheus(seen)).and_then(|()| fs::rename(&part, file));
        }
    }

    fn prometheus(&self, seen: &Snapshot) -> String {
        let mut text = String::new();
        let labels = format!("issue=\"{}\",list=\"{}\"", self.name, self.list);
        let _ = writeln!(
            text,
            "# HELP rotative_recipients Recipients of a run by state.\n# TYPE rotative_recipients gauge"
        );
        for (state, count) in states(&seen.tally) {
            let _ = writeln!(text, "rotative_recipients{{{labels},state=\"{state}\"}} {count}");
        }
        for (name, help, value) in [
            ("rotative_letters_per_second", "Letters accepted in a second, of late.", seen.rate),
            ("rotative_relay_connections", "Open lines to relays.", seen.lines as f64),
        ] {
            let _ =
                writeln!(text, "# HELP {name} {help}\n# TYPE {name} gauge\n{name}{{{labels}}} {value:.1}");
        }
        text
    }
}

fn bar(seen: &Snapshot) -> String {
    let Tally { audience, accepted, rejected, deferred, uncertain, .. } = seen.tally;
    let done = audience.saturating_sub(seen.tally.pending);
    let filled = (done * 24).checked_div(audience).unwrap_or(24) as usize;
    let bar = format!("{}{}", "█".repeat(filled), "░".repeat(24 - filled.min(24)));
    let mut text = format!("{bar} {accepted}/{audience} accepted");
    for (count, word) in [(deferred, "deferred"), (rejected, "rejected"), (uncertain, "uncertain")] {
        if count > 0 {
            let _ = write!(text, ", {count} {word}");
        }
    }
    let _ = write!(text, "  {:.0}/s over {} lines", seen.rate, seen.lines);
    if let Some(left) = seen.left {
        let _ = write!(text, ", {} left", minutes(left));
    }
    text
}

fn minutes(seconds: u64) -> String {
    match seconds {
        0..100 => format!("{seconds} s"),
        100..7200 => format!("{} min", seconds / 60),
        _ => format!("{} h", seconds / 3600),
    }
}

/// The counts of a tally by their words, in the order in which they are told.
pub(super) fn states(tally: &Tally) -> [(&'static str, u64); 9] {
    [
        ("accepted", tally.accepted),
        ("rejected", tally.rejected),
        ("skipped", tally.skipped),
        ("expired", tally.expired),
        ("held", tally.held),
        ("uncertain", tally.uncertain),
        ("deferred", tally.deferred),
        ("pending", tally.pending),
        ("in_flight", tally.in_flight),
    ]
}

/// A tally for programs.
pub(super) fn tally_json(tally: &Tally) -> Value {
    let mut object = json!({ "audience": tally.audience });
    for (word, count) in states(tally) {
        object[word] = count.into();
    }
    object
}

/// A tally in a sentence: only what there is.
pub(super) fn sentence(tally: &Tally) -> String {
    let parts: Vec<String> = states(tally)
        .into_iter()
        .filter(|(word, count)| *count > 0 || *word == "accepted")
        .map(|(word, count)| format!("{count} {}", word.replace('_', " ")))
        .collect();
    format!("{} recipients: {}", tally.audience, parts.join(", "))
}

/// Says what the sender before has left open, if it did not come to its end.
pub(super) fn recovered(found: Recovered, format: Seen, terminal: &Terminal) {
    let Recovered { uncertain, quarantined } = found;
    match format {
        Seen::Json => {
            let line = json!({ "event": "begin", "uncertain": uncertain, "quarantined": quarantined });
            terminal.result(&line.to_string());
        }
        Seen::Text if uncertain > 0 => terminal.say(&format!(
            "warning: the sender before ended amid {uncertain} letters; whether the relay has them is uncertain"
        )),
        Seen::Text => {}
    }
}

/// Says how a run ended, and with which code.
pub(super) fn ended(
    case: &Case,
    ledger: &Ledger,
    run: &Run,
    ending: Option<&Ending>,
    terminal: &Terminal,
    format: Seen,
) -> anyhow::Result<Outcome> {
    if stderr().is_terminal() && format == Seen::Text && ending.is_some() {
        let _ = write!(stderr().lock(), "\r\x1b[K");
    }
    let state = match ledger.run_by_id(run.id) {
        Ok(Some(run)) => run.state,
        Ok(None) | Err(_) => run.state.clone(),
    };
    let tally = match ending {
        Some(ending) => ending.tally,
        None => ledger.tally(run.id, milliseconds())?,
    };
    let halt = ending.and_then(|ending| ending.halt.as_ref());
    let (code, text) = verdict(&state, halt, &tally);
    if format == Seen::Json {
        let mut line = tally_json(&tally);
        line["event"] = "end".into();
        line["issue"] = run.slot.to_string().into();
        line["list"] = run.list.to_string().into();
        line["state"] = state.as_str().into();
        line["reason"] = halt.map(ToString::to_string).into();
        line["code"] = code.into();
        terminal.result(&line.to_string());
    } else {
        terminal.result(&format!("{} to `{}` {text}; {}", run.slot, run.list, sentence(&tally)));
        for quarrel in ending.iter().flat_map(|ending| &ending.quarrels) {
            terminal.say(&format!("warning: {quarrel}"));
        }
        name_held(case, ledger, run, terminal)?;
        let hint = match code {
            code::PAUSED if state != RunState::Cancelled => "mend the cause; the same command goes on",
            code::INTERRUPTED => "the same command goes on where this ended",
            code::NO_LEDGER => {
                "no letter left that could not be written down; the same command goes on once the disk is well"
            }
            _ => "",
        };
        if !hint.is_empty() {
            terminal.say(&format!("  hint: {hint}"));
        }
    }
    Ok(if code == 0 { Outcome::Done } else { Outcome::Code(code) })
}

/// The code of an end, and what is said of it.
fn verdict(state: &RunState, halt: Option<&Halt>, tally: &Tally) -> (u8, String) {
    match (halt, state) {
        (Some(Halt::Ledger(error)), _) => (code::NO_LEDGER, format!("stopped: {}", chain(error))),
        (Some(Halt::Interrupted), _) => (code::INTERRUPTED, "was told to stop".to_owned()),
        (_, RunState::Cancelled) => (code::PAUSED, "is called off".to_owned()),
        (Some(Halt::Paused(reason)), _) => (code::PAUSED, format!("has paused: {reason}")),
        (Some(Halt::Cancelled), _) => (code::PAUSED, "is called off".to_owned()),
        (None, RunState::Done) if tally.held > 0 => (code::HELD, "is done, with held recipients".to_owned()),
        (None, RunState::Done) if tally.expired > 0 => {
            (code::HELD, "is done, but not everybody could be reached in time".to_owned())
        }
        (None, RunState::Done) => (0, "is done".to_owned()),
        (None, RunState::Expired) => (code::EXPIRED, "has expired".to_owned()),
        (None, RunState::Closed) => (code::HELD, "was closed when the ledger was taken over".to_owned()),
        (None, RunState::Paused(reason)) => (code::PAUSED, format!("has paused: {reason}")),
        (None, RunState::Unbalanced) => (1, "does not add up".to_owned()),
        (None, RunState::Running) => (code::INTERRUPTED, "is not done".to_owned()),
    }
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        let _ = write!(text, ": {inner}");
        source = inner.source();
    }
    text
}

/// Names those whose answer was lost, for the publisher to look them up.
fn name_held(case: &Case, ledger: &Ledger, run: &Run, terminal: &Terminal) -> anyhow::Result<()> {
    for state in [DeliveryState::Held, DeliveryState::Uncertain] {
        let listed = ledger.listed(run.id, state, milliseconds(), 0, NAMED + 1).unwrap_or_default();
        for known in listed.iter().take(NAMED) {
            terminal.say(&format!("  {state}: {}  {}", known.address, known.said));
        }
        if listed.len() > NAMED {
            terminal.say(&format!("  and more: `{} --show {state}`", case.command("status")));
        }
    }
    Ok(())
}

/// Tells the publisher by mail that a run has paused, where the settings want that.
pub(super) fn tell_publisher(case: &Case, run: &Run, reason: &str, tally: &Tally, terminal: &Terminal) {
    let config = &case.project.config;
    let Some(to) = &config.publisher.email else { return };
    if config.delivery.notify == Notify::Nobody {
        return;
    }
    if let Err(error) = tell(case, run, reason, tally, to) {
        terminal.say(&format!("warning: {to} could not be told by mail: {error:#}"));
    }
}

fn tell(case: &Case, run: &Run, reason: &str, tally: &Tally, to: &EmailAddress) -> anyhow::Result<()> {
    let (config, root) = (&case.project.config, &case.project.root);
    let list = config.lists.iter().find(|list| list.name == case.list);
    let paused = Paused {
        slot: run.slot,
        list: list.map_or(case.list.as_str(), |list| list.title.as_str()),
        reason,
        accepted: tally.accepted,
        audience: tally.audience,
    };
    let mail = relays::mail(config)?;
    let templates = Templates::load(root, &mut Vec::new()).context("the templates hold errors")?;
    let message_id = format!("{:016x}{:016x}", chance(), chance());
    let addressed = Addressed { to, message_id: &message_id, time: now() };
    let letter = delivery_notice(&paused, &templates, config, addressed, &signers(config, root)?)?;
    serve::relay(config)?.send(&mail.from.address, to, &letter)?;
    Ok(())
}
