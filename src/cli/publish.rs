//! `rotative publish`: check, build, approve where that needs no person, send. What a timer calls each morning; safe
//! to run again.

use std::path::Path;

use anyhow::Context;

use crate::build::{self, BuildError, Filling, Order, Which as Mails};
use crate::config::Approval;
use crate::content::folder_of;
use crate::model::IssueKind;
use crate::store::ledger::{Pinned, Purpose};

use super::Outcome;
use super::campaign::{Case, Which, code};
use super::filling::{closed, something_waits};
use super::send::{self, How};
use super::take;
use super::terminal::Terminal;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    how: How,
}

pub(super) fn run(args: &Args, root: &Path, terminal: &Terminal) -> anyhow::Result<Outcome> {
    let Some(case) = args.which.open(root, terminal)? else { return Ok(Outcome::Findings) };
    let begun = match case.ledger(&Purpose::Change, terminal) {
        Ok(ledger) => ledger.run(&case.list, case.slot)?.is_some(),
        Err(outcome) => return Ok(outcome),
    };
    // What is being sent is not built again: it could only differ.
    if !begun {
        match made(&case, root, terminal)? {
            Made::Built => {}
            Made::Nothing => return Ok(Outcome::Done),
            Made::Refused(outcome) => return Ok(outcome),
        }
    }
    send::campaign(&case, &args.how.going_on(begun), terminal)
}

enum Made {
    Built,
    /// There is nothing to send today.
    Nothing,
    Refused(Outcome),
}

/// What the queue gives to an issue that nobody has approved yet moves into its folder: it must be the same tomorrow.
fn fill(case: &Case, root: &Path, terminal: &Terminal) -> anyhow::Result<()> {
    let date = case.slot.date;
    // An issue that nobody has begun is not made of the queue alone.
    let begun = folder_of(&root.join("content"), date).is_dir();
    if case.slot.kind != IssueKind::Daily || !begun || !something_waits(root) {
        return Ok(());
    }
    let closed = closed(&case.project)?;
    if closed.iter().any(|closed| closed.date == date) {
        return Ok(());
    }
    let filling = Filling { from: Some(date), closed };
    let order = Order { filling, ..Mails::These(vec![case.slot]).into() };
    let Some(filled) = build::filled(root, &order) else { return Ok(()) };
    let taken = build::take(root, &filled.items, date);
    let taken = taken.context("the queue's items could not be moved into the issue")?;
    take::say(&taken, |line| terminal.say(line), terminal);
    Ok(())
}

/// Builds the issue and sees to its approval.
fn made(case: &Case, root: &Path, terminal: &Terminal) -> anyhow::Result<Made> {
    fill(case, root, terminal)?;
    let progress = |done, all| terminal.progress(done, all);
    let filling = Filling { from: None, closed: closed(&case.project)? };
    let order = Order { filling, ..Mails::These(vec![case.slot]).into() };
    match build::build(root, &order, &case.out, &progress) {
        Ok(report) => terminal.report(&report.warnings),
        Err(BuildError::Findings(report)) => {
            let missing = report.findings().iter().all(|finding| finding.rule == "no-issue");
            if missing && !case.is_publication_day() {
                terminal.result(&format!("there is no issue of {}, and none is due", case.slot));
                return Ok(Made::Nothing);
            }
            terminal.report(&report);
            terminal.say("nothing was built, and nothing is sent");
            return Ok(Made::Refused(Outcome::Findings));
        }
        Err(BuildError::Output(error)) => return Err(error.into()),
    }
    let mail = case.mail()?;
    let parcel = case.parcel_of(&mail)?;
    let ledger = match case.ledger(&Purpose::Change, terminal) {
        Ok(ledger) => ledger,
        Err(outcome) => return Ok(Made::Refused(outcome)),
    };
    if ledger.approved(&case.list, case.slot)?.is_some_and(|known| known.hash.is_empty()) {
        terminal.say(&format!("error: {} is called off; nothing is sent", case.slot));
        terminal.say(&format!("  hint: `{} --by NAME` takes that back", case.command("approve")));
        return Ok(Made::Refused(Outcome::Code(code::PAUSED)));
    }
    let known = case.approval(&ledger)?;
    if known.as_ref().is_some_and(|known| parcel.hash().is_ok_and(|hash| hash == known.hash)) {
        return Ok(Made::Built);
    }
    let wants_person = case.project.config.delivery.approval == Approval::Required;
    if wants_person || known.is_some() {
        let why = if known.is_some() { "has changed since it was approved" } else { "waits to be approved" };
        terminal.say(&format!("error: {} {why}; nothing is sent", case.slot));
        terminal.say(&format!(
            "  hint: `{} --by NAME`, then `{}`",
            case.command("approve"),
            case.command("publish")
        ));
        return Ok(Made::Refused(Outcome::Code(code::NOT_APPROVED)));
    }
    match case.pin(&ledger, &parcel, &mail.facts.errata, "publish")? {
        Pinned::Kept | Pinned::RunHasBegun => Ok(Made::Built),
    }
}
