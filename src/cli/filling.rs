//! Which issue is open to the queue: what the clock, the calendar and the ledger say of it.

use std::fs;
use std::path::Path;

use crate::build::{Filled, Filling};
use crate::config::Project;
use crate::model::{IssueDate, IssueKind, Slug};
use crate::store::ledger::{LedgerError, Purpose};

use super::edges::open_ledger;
use super::next::due_next;
use super::terminal::Terminal;

/// What may be filled now. Where nothing waits, neither the settings nor the clock nor the ledger is asked; where the
/// settings hold errors, whoever builds says so.
pub(super) fn filling(root: &Path, terminal: &Terminal) -> Filling {
    let project = something_waits(root).then(|| Project::open(root, &mut Vec::new())).flatten();
    let Some(project) = project else { return Filling::default() };
    let Ok(from) = due_next(&project.config) else { return Filling::default() };
    match closed(&project) {
        Ok(closed) => Filling { from: Some(from), closed },
        Err(error) => {
            terminal.say(&format!("the queue fills no issue: nobody can say which are approved ({error})"));
            Filling::default()
        }
    }
}

/// The days whose issues are approved or being sent.
pub(super) fn closed(project: &Project) -> Result<Vec<IssueDate>, LedgerError> {
    let ledger = match open_ledger(project, &Purpose::Look) {
        Ok(ledger) => ledger,
        Err(LedgerError::Missing) => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let slots = ledger.closed()?.into_iter();
    Ok(slots.filter(|slot| slot.kind == IssueKind::Daily).map(|slot| slot.date).collect())
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
    let names: Vec<&str> = items.iter().map(Slug::as_str).collect();
    let count = items.len();
    let stand =
        if count == 1 { "1 item of the queue stands" } else { &format!("{count} items of the queue stand") };
    terminal.say(&format!("{stand} in the issue of {date} for now: {}", names.join(", ")));
    terminal.say(&format!("  hint: `{}` keeps them there", take(*date, items)));
}

/// The command that makes a choice permanent.
fn take(date: IssueDate, items: &[Slug]) -> String {
    let names: Vec<&str> = items.iter().map(Slug::as_str).collect();
    format!("rotative take {} --issue {date}", names.join(" "))
}
