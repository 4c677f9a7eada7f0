//! `rotative approve`: what was proofread is pinned, byte for byte, with the name of who says so.

use std::path::Path;

use anyhow::bail;

use crate::model::RunState;
use crate::store::ledger::{Pinned, Purpose};

use super::Outcome;
use super::campaign::{Which, code};
use super::terminal::Terminal;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    which: Which,
    /// Who says so
    #[arg(long, value_name = "NAME")]
    by: String,
}

pub(super) fn run(args: &Args, root: &Path, terminal: &Terminal) -> anyhow::Result<Outcome> {
    let by = args.by.trim();
    if by.is_empty() || by.chars().any(char::is_control) {
        bail!("`--by` is the name of a person");
    }
    let Some(case) = args.which.open(root, terminal)? else { return Ok(Outcome::Findings) };
    let mail = case.mail()?;
    if !mail.facts.queued.is_empty() {
        let names = mail.facts.queued.join(" ");
        terminal.say(&format!(
            "error: {} holds items that still lie in the queue; it is not approved",
            case.slot
        ));
        terminal.say(&format!(
            "  hint: `rotative take {names} --issue {}`, then `rotative build {}`",
            case.slot.date, case.slot
        ));
        return Ok(Outcome::Code(code::NOT_APPROVED));
    }
    let parcel = case.parcel_of(&mail)?;
    let ledger = match case.ledger(&Purpose::Change, terminal) {
        Ok(ledger) => ledger,
        Err(outcome) => return Ok(outcome),
    };
    let known = case.approval(&ledger).map_err(anyhow::Error::from)?;
    if case.pin(&ledger, &parcel, &mail.facts.errata, by)? == Pinned::RunHasBegun {
        if known.is_some_and(|known| parcel.hash().is_ok_and(|hash| hash == known.hash)) {
            let state = ledger.run(&case.list, case.slot)?.map(|run| run.state);
            let state = state.as_ref().map_or("running", RunState::as_str);
            terminal.result(&format!("{} is approved already, and its run is {state}", case.slot));
            return Ok(Outcome::Done);
        }
        terminal.say(&format!("error: {} is being sent already, with other bytes", case.slot));
        terminal.say("  hint: what is sent cannot change any more; corrections go into the next issue");
        return Ok(Outcome::Code(code::NOT_APPROVED));
    }
    terminal.result(&format!(
        "{} for the list `{}` is approved by {by}: “{}”, {}",
        case.slot,
        case.list,
        parcel.subject,
        &parcel.hash()?[..12]
    ));
    terminal.say(&format!("`{}` mails it", case.command("send")));
    Ok(Outcome::Done)
}
