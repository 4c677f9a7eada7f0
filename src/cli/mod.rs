//! The command line: what was typed, what it means, what is said in answer.

mod approve;
mod board;
mod build;
mod campaign;
mod cancel;
mod check;
mod clip;
mod doctor;
mod edges;
mod export;
mod filling;
mod import;
mod import_site;
mod init;
mod joining;
mod ledger;
mod new;
mod next;
mod preview;
mod publish;
mod rehearse;
mod relays;
mod report;
mod schema;
mod send;
mod serve;
mod starter;
mod status;
mod store;
mod subscribers;
mod systemd;
mod take;
mod terminal;
mod typography;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, anyhow};
use clap::{Parser, Subcommand};

use crate::config::{Project, env};
use crate::model::{IssueDate, Report, Slot};

use terminal::Terminal;

/// Makes a daily newsletter: Markdown items in; mail, text and web edition out.
#[derive(Debug, Parser)]
#[command(name = "rotative", version, about, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    /// The newsletter's folder [default: the nearest parent with content/newsletter.yaml]
    #[arg(long, global = true, value_name = "DIR")]
    root: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start a newsletter in an empty folder
    Init(init::Args),
    /// Bring the archive of another system: Hugo, Jekyll, Zola, Pelican, WordPress
    Import(import_site::Args),
    /// Start an item: a file with the right front matter
    New(new::Args),
    /// Say on which day the next issue appears
    Next(next::Args),
    /// Say everything that is wrong, and where
    Check(check::Args),
    /// Build the web edition and the mail
    Build(build::Args),
    /// Show the next issue filling up: sections, words, weight, what lacks, what waits
    Board(board::Args),
    /// Move items from the queue into an issue, for good
    Take(take::Args),
    /// Show every edition in a browser on this machine, new again whenever a file is saved
    Preview(preview::Args),
    /// Say that a built issue may be sent: what was proofread is pinned, byte for byte
    Approve(approve::Args),
    /// Mail an approved issue; run again, it goes on and repeats nothing
    Send(send::Args),
    /// Check, build and send the issue of a day: what a timer calls
    Publish(publish::Args),
    /// Stop an issue: nothing more of it is sent
    Cancel(cancel::Args),
    /// Built? approved? sent? how many accepted, deferred, rejected, uncertain
    Status(status::Args),
    /// Look after the ledger of what was sent: adopt, evidence
    Ledger(ledger::Args),
    /// Keep the list: import, export, add, list, show, unsubscribe, suppress, release, erase
    Subscribers(subscribers::Args),
    /// Answer readers: subscribe, confirm, unsubscribe, preferences
    Serve(serve::Args),
    /// Look after the store: check, backup, restore, migrate
    Store(store::Args),
    /// Say what would fail tomorrow morning: settings, keys, DNS records, relays, store, disk
    Doctor(doctor::Args),
    /// Try a whole mailing against a faulty relay inside the program, and count the lost and the doubled
    Rehearse(rehearse::Args),
    /// Write units for systemd: the service, the morning's mailing, the watchdog
    Systemd(systemd::Args),
    /// Show what the typesetter makes of a Markdown text
    Typography(typography::Args),
    /// Write what front matter and settings may hold, as JSON Schema for editors
    Schema(schema::Args),
}

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// Done.
    Done,
    /// Done, but there are findings or refusals.
    Findings,
    /// An end of sending that has a code of its own.
    Code(u8),
}

/// Runs what was typed: 0 done; 1 done, but findings or refusals; 2 could not run.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let terminal = Terminal::new();
    match run(cli, &terminal) {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Findings) => ExitCode::from(1),
        Ok(Outcome::Code(code)) => ExitCode::from(code),
        Err(error) => {
            terminal.failure(&error);
            ExitCode::from(2)
        }
    }
}

fn run(cli: Cli, terminal: &Terminal) -> anyhow::Result<Outcome> {
    let root = || root(cli.root.as_deref());
    match cli.command {
        Command::Init(args) => init::run(&args, terminal),
        Command::Import(args) => import_site::run(args, root, terminal),
        Command::New(args) => new::run(&args, &root()?, terminal),
        Command::Next(args) => next::run(&args, &root()?, terminal),
        Command::Check(args) if args.is_about_rules() => {
            check::explain(&args, root().ok().as_deref(), terminal)
        }
        Command::Check(args) => check::run(&args, &root()?, terminal),
        Command::Build(args) => build::run(&args, &root()?, terminal),
        Command::Board(args) => board::run(&args, &root()?, terminal),
        Command::Take(args) => take::run(&args, &root()?, terminal),
        Command::Preview(args) => preview::run(&args, &root()?, terminal),
        Command::Approve(args) => approve::run(&args, &root()?, terminal),
        Command::Send(args) => send::run(&args, &root()?, terminal),
        Command::Publish(args) => publish::run(&args, &root()?, terminal),
        Command::Cancel(args) => cancel::run(&args, &root()?, terminal),
        Command::Status(args) => status::run(&args, &root()?, terminal),
        Command::Ledger(args) => ledger::run(args, &root()?, terminal),
        Command::Subscribers(args) => subscribers::run(args, &root()?, terminal),
        Command::Serve(args) => serve::run(&args, &root()?, terminal),
        Command::Store(args) => store::run(args, &root()?, terminal),
        Command::Doctor(args) => doctor::run(&args, &root()?, terminal),
        Command::Rehearse(args) => rehearse::run(&args, terminal),
        Command::Systemd(args) => systemd::run(&args, &root()?, terminal),
        Command::Typography(args) => typography::run(&args, terminal),
        Command::Schema(args) => schema::run(&args, root().ok().as_deref(), terminal),
    }
}

/// The newsletter's folder: the one named, or the nearest from here upwards.
fn root(named: Option<&Path>) -> anyhow::Result<PathBuf> {
    if let Some(root) = named {
        return Ok(root.to_owned());
    }
    let here = here()?;
    Project::find(&here).ok_or_else(|| {
        anyhow!(
            "no newsletter here: {} has no content/newsletter.yaml, nor has any folder above it",
            here.display()
        )
        .context("`rotative init DIR` starts one; `--root DIR` names one")
    })
}

/// Opens a newsletter; `None` when its settings hold errors, which have been said then.
fn open(root: &Path, terminal: &Terminal) -> Option<Project> {
    let mut findings = Vec::new();
    let project = Project::open(root, &mut findings);
    if project.is_none() {
        terminal.report(&Report::new(findings));
    }
    project
}

#[expect(clippy::disallowed_methods, reason = "the command line is where the current folder is known")]
fn here() -> anyhow::Result<PathBuf> {
    std::env::current_dir().context("the current folder cannot be found")
}

/// The day it is in a newsletter's time zone.
fn today(timezone: chrono_tz::Tz) -> IssueDate {
    let moment = chrono::DateTime::from_timestamp(now(), 0).unwrap_or_default();
    IssueDate::from(moment.with_timezone(&timezone).date_naive())
}

/// The moment it is, in seconds since 1970.
#[expect(clippy::disallowed_methods, reason = "the command line is where the clock is asked")]
fn now() -> i64 {
    env::believed_now().unwrap_or_else(|| chrono::Utc::now().timestamp())
}

/// An issue or a digest as an argument.
fn slot(text: &str) -> Result<Slot, String> {
    Slot::parse(text).map_err(|error| format!("{error}; write it as 2018-06-08 or 2018-06-09-weekly"))
}

/// The issue of a day, as an argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum When {
    /// That of the day it is in the newsletter's time zone.
    Today,
    /// That of a day, or the digest of a week.
    Slot(Slot),
}

impl When {
    fn parse(text: &str) -> Result<Self, String> {
        if text == "today" { Ok(Self::Today) } else { slot(text).map(Self::Slot) }
    }

    fn slot(self, timezone: chrono_tz::Tz) -> Slot {
        match self {
            Self::Today => Slot::daily(today(timezone)),
            Self::Slot(slot) => slot,
        }
    }
}

/// A date as an argument.
fn day(text: &str) -> Result<IssueDate, String> {
    IssueDate::parse(text).map_err(|error| format!("{error}; write it as 2018-06-08"))
}
