//! `rotative take`: items leave the queue for good and lie in the folder of an issue.

use std::path::Path;

use anyhow::{Context, anyhow};

use crate::build::{self, TakeError};
use crate::model::IssueDate;

use super::filling::closed;
use super::next::due_next;
use super::terminal::Terminal;
use super::{Outcome, day, open};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The items: their slugs, or their files
    #[arg(required = true, value_name = "ITEM")]
    items: Vec<String>,
    /// The issue [default: the next one]
    #[arg(long, value_name = "DATE", value_parser = day)]
    issue: Option<IssueDate>,
}

pub(super) fn run(args: &Args, root: &Path, terminal: &Terminal) -> anyhow::Result<Outcome> {
    let Some(project) = open(root, terminal) else { return Ok(Outcome::Findings) };
    let date = args.issue.map_or_else(|| due_next(&project.config), Ok)?;
    if closed(&project)?.contains(&date) {
        let error = anyhow!("the issue of {date} is approved or sent; nothing is added to it");
        return Err(error.context("name a later issue with `--issue`; `rotative next` says which comes"));
    }
    moved(root, &args.items, date, terminal)
}

/// Moves items and says so.
pub(super) fn moved(
    root: &Path,
    items: &[String],
    date: IssueDate,
    terminal: &Terminal,
) -> anyhow::Result<Outcome> {
    let hint = match build::take(root, items, date) {
        Ok(taken) => {
            for step in taken {
                terminal.result(&format!("{} → {}", step.from, step.to));
            }
            return Ok(Outcome::Done);
        }
        Err(TakeError::Findings(report)) => {
            terminal.report(&report);
            return Ok(Outcome::Findings);
        }
        Err(error) => (hint(&error), error),
    };
    let (hint, error) = hint;
    Err(error).context(hint)
}

fn hint(error: &TakeError) -> String {
    match error {
        TakeError::Unknown { near: Some(near), .. } => format!("did you mean `{near}`?"),
        TakeError::Barred { key, .. } => format!("change `{key}`, or choose another issue"),
        TakeError::Exists(_) => "rename one of the two".to_owned(),
        TakeError::Io { .. } => "check the rights and the room of the folder; nothing was moved".to_owned(),
        _ => "`rotative board` lists what waits".to_owned(),
    }
}
