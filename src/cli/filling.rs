//! Which issue is open to the queue: what the clock, the calendar and the ledger say of it.

use std::fs;
use std::path::Path;

use crate::build::{Filled, Filling};
use crate::config::Project;
use crate::issue::Closed;
use crate::model::{IssueDate, IssueKind};
use crate::store::ledger::{LedgerError, Purpose};

use super::edges::open_ledger;
use super::next::{due_next, or_nothing};
use super::terminal::Terminal;

/// What may be filled now, and which issues cannot change any more. Where nothing waits, nothing is filled; where the
/// settings hold errors, whoever builds says so.
pub(super) fn filling(root: &Path, terminal: &Terminal) -> Filling {
    let Some(project) = Project::open(root, &mut Vec::new()) else { return Filling::default() };
    match closed(&project) {
        Ok(closed) => {
            let from = something_waits(root).then(|| due_next(&project.config).ok()).flatten();
            Filling { from, closed }
        }
        Err(error) => {
            terminal.say(&format!(
                "the queue fills no issue, and corrections go by their days alone: {UNKNOWN} ({error})"
            ));
            Filling::default()
        }
    }
}

const UNKNOWN: &str = "nobody can say which issues are approved";

/// The issues that are approved or being sent, with the corrections that they tell.
pub(super) fn closed(project: &Project) -> Result<Vec<Closed>, LedgerError> {
    if project.config.mail.is_none() {
        return Ok(Vec::new());
    }
    let ledger = match open_ledger(project, &Purpose::Look) {
        Ok(ledger) => ledger,
        Err(LedgerError::Missing) => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let kept = ledger.closed()?.into_iter().filter(|(slot, _)| slot.kind == IssueKind::Daily);
    let closed = kept.map(|(slot, told)| Closed { date: slot.date, told: serde_json::from_str(&told).ok() });
    Ok(closed.collect())
}

/// The same; none where the ledger cannot be asked, which is said.
pub(super) fn known_closed(project: &Project, terminal: &Terminal) -> Vec<Closed> {
    closed(project).unwrap_or_else(|error| {
        terminal.say(&format!("{UNKNOWN} ({error})"));
        Vec::new()
    })
}

/// The day of the next issue that may still change.
pub(super) fn next_open(project: &Project, terminal: &Terminal) -> anyhow::Result<IssueDate> {
    let closed = known_closed(project, terminal);
    let filling = Filling { from: Some(due_next(&project.config)?), closed };
    or_nothing(filling.next(&project.config.calendar))
}

/// Whether anything may lie in the queue, or in a folder of it.
pub(super) fn something_waits(root: &Path) -> bool {
    let mut entries = fs::read_dir(root.join("content/queue")).into_iter().flatten().flatten();
    entries.any(|entry| {
        let folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        folder || entry.file_name().to_string_lossy().ends_with(".md")
    })
}

/// Says what an issue has taken from the queue, and how it stays there.
pub(super) fn say(filled: Option<&Filled>, terminal: &Terminal) {
    let Some(Filled { date, items }) = filled else { return };
    let (names, command) = (items.join(", "), format!("rotative take {} --issue {date}", items.join(" ")));
    let (stand, keeps) = match items.len() {
        1 => ("1 item of the queue stands".to_owned(), "keeps it there"),
        count => (format!("{count} items of the queue stand"), "keeps them there"),
    };
    terminal.say(&format!("{stand} in the issue of {date} for now: {names}"));
    terminal.say(&format!("  hint: `{command}` {keeps}"));
}
