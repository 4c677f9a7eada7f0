//! `rotative ledger`: taking a ledger over, and telling it what became known later.

use std::io::{self, BufRead};
use std::path::Path;

use anyhow::{Context, bail};
use clap::{Subcommand, ValueEnum};

use crate::model::{EmailAddress, Outcome as Became, RunState};
use crate::store::ledger::{Ledger, Purpose, Whom};

use super::campaign::{Which, refused};
use super::edges::{floor, machine, milliseconds, open_ledger};
use super::terminal::Terminal;
use super::{Outcome, open};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Take over a ledger that was copied or restored: unfinished runs are closed, their open recipients held
    Adopt,
    /// Say what the relay's own log knows of letters whose answer was lost
    Evidence(Evidence),
}

#[derive(Debug, clap::Args)]
struct Evidence {
    #[command(flatten)]
    which: Which,
    /// What the log says
    #[arg(long, value_enum)]
    result: Known,
    /// The addresses; `-` reads them from standard input, one a line
    #[arg(required = true, num_args = 1.., long = "address", value_name = "ADDR")]
    addresses: Vec<String>,
}

/// What a log may say.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Known {
    /// The relay took the letter.
    Accepted,
    /// The relay refused it.
    Rejected,
}

pub(super) fn run(args: Args, root: &Path, terminal: &Terminal) -> anyhow::Result<Outcome> {
    match args.action {
        Action::Adopt => {
            let Some(project) = open(root, terminal) else { return Ok(Outcome::Findings) };
            let purpose = Purpose::Adopt { machine: machine(), floor: floor(), at: milliseconds() };
            match open_ledger(&project, &purpose) {
                Ok(ledger) => adopted(&ledger, terminal),
                Err(error) => Ok(refused(&error, terminal)),
            }
        }
        Action::Evidence(args) => evidence(&args, root, terminal),
    }
}

/// Says which runs are closed by the adoption.
fn adopted(ledger: &Ledger, terminal: &Terminal) -> anyhow::Result<Outcome> {
    let runs = ledger.runs()?;
    for run in runs.iter().filter(|run| run.state == RunState::Closed) {
        let tally = ledger.progress(run.id)?;
        terminal.result(&format!(
            "{} to `{}` is closed: {} accepted, {} held; `rotative status {} --show held` lists them",
            run.slot, run.list, tally.accepted, tally.held, run.slot
        ));
    }
    terminal.result("the ledger belongs to this machine now");
    Ok(Outcome::Done)
}

fn evidence(args: &Evidence, root: &Path, terminal: &Terminal) -> anyhow::Result<Outcome> {
    let Some(case) = args.which.open(root, terminal)? else { return Ok(Outcome::Findings) };
    let ledger = match case.ledger(&Purpose::Change, terminal) {
        Ok(ledger) => ledger,
        Err(outcome) => return Ok(outcome),
    };
    let Some(run) = ledger.run(&case.list, case.slot)? else {
        bail!("{} has not been sent to the list `{}`", case.slot, case.list);
    };
    let result = match args.result {
        Known::Accepted => Became::Accepted,
        Known::Rejected => Became::Rejected,
    };
    let (mut noted, mut unknown) = (0, 0);
    let mut note = |text: &str| -> anyhow::Result<()> {
        let address = EmailAddress::parse_international(text.trim())?;
        if ledger.evidence(run.id, &Whom::Address(address.key()), result, milliseconds())? {
            noted += 1;
        } else {
            unknown += 1;
            terminal.say(&format!("{address} got no letter of {}", case.slot));
        }
        Ok(())
    };
    for text in &args.addresses {
        if text == "-" {
            for line in io::stdin().lock().lines() {
                let line = line.context("standard input cannot be read")?;
                if !line.trim().is_empty() {
                    note(&line)?;
                }
            }
        } else {
            note(text)?;
        }
    }
    terminal.result(&format!("{noted} noted as {}, {unknown} unknown", result.as_str()));
    Ok(if unknown == 0 { Outcome::Done } else { Outcome::Findings })
}
