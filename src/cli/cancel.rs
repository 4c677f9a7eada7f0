//! `rotative cancel`: an issue is stopped, before its first letter or in the middle.

use std::path::Path;

use crate::model::RunState;
use crate::store::ledger::{Approval, Pinned, Purpose};

use super::Outcome;
use super::campaign::Which;
use super::edges::milliseconds;
use super::terminal::Terminal;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    which: Which,
}

pub(super) fn run(args: &Args, root: &Path, terminal: &Terminal) -> anyhow::Result<Outcome> {
    let Some(case) = args.which.open(root, terminal)? else { return Ok(Outcome::Findings) };
    let ledger = match case.ledger(&Purpose::Change, terminal) {
        Ok(ledger) => ledger,
        Err(outcome) => return Ok(outcome),
    };
    // An approval without bytes: nothing can be sent under it.
    let nothing = Approval {
        list: case.list.clone(),
        slot: case.slot,
        hash: String::new(),
        content: String::new(),
        told: String::new(),
        by: "cancel".to_owned(),
        at: milliseconds(),
    };
    let approved = case.approval(&ledger)?.is_some();
    if ledger.pin(&nothing)? == Pinned::Kept {
        let was = if approved { "is no longer approved" } else { "was not approved" };
        terminal.result(&format!("{} {was}: nothing was sent, and nothing will be", case.slot));
        return Ok(Outcome::Done);
    }
    let Some(run) = ledger.run(&case.list, case.slot)? else { return Ok(Outcome::Findings) };
    let stopped = ledger.set_state(run.id, &RunState::Cancelled)?;
    let tally = ledger.progress(run.id)?;
    if stopped {
        terminal.result(&format!(
            "{} is called off: {} of {} letters had been accepted; a sender stops within a second",
            case.slot, tally.accepted, tally.audience
        ));
        return Ok(Outcome::Done);
    }
    terminal.result(&format!("{} is {} already", case.slot, run.state.as_str()));
    Ok(if run.state == RunState::Cancelled { Outcome::Done } else { Outcome::Findings })
}
