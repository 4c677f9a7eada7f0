//! `rotative take`: items leave the queue for good and lie in the folder of an issue.

use std::path::Path;

use anyhow::Context;

use crate::build::{self, TakeError, Taken};
use crate::content::shown;
use crate::model::IssueDate;

use super::filling::next_open;
use super::joining::{Comes, join};
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
    let date = args.issue.map_or_else(|| next_open(&project, terminal).context("`--issue` names one"), Ok)?;
    join(&project, date, Comes::Queued, terminal)?;
    let items: Vec<String> = args.items.iter().map(|name| from_root(root, name)).collect();
    let hint = match build::take(root, &items, date) {
        Ok(taken) => {
            say(&taken, |line| terminal.result(line), terminal);
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

/// Says what has moved, and in which files links follow.
pub(super) fn say(taken: &Taken, tell: impl Fn(&str), terminal: &Terminal) {
    for (from, to) in &taken.moved {
        tell(&format!("{from} → {to}"));
    }
    for file in &taken.relinked {
        terminal.say(&format!("links in {file} follow"));
    }
}

/// A path as it is typed in some folder, from the newsletter's.
fn from_root(root: &Path, name: &str) -> String {
    let file = Path::new(name);
    let way = || {
        let real = file.canonicalize().ok().filter(|_| file.components().count() > 1 || file.is_file())?;
        Some(shown("".as_ref(), real.strip_prefix(root.canonicalize().ok()?).ok()?))
    };
    way().unwrap_or_else(|| name.to_owned())
}

fn hint(error: &TakeError) -> String {
    match error {
        TakeError::Unknown { near: Some(near), .. } => format!("did you mean `{near}`?"),
        TakeError::Barred { key, .. } => format!("change `{key}`, or choose another issue"),
        TakeError::Several { .. } => "name the file you mean".to_owned(),
        TakeError::Link { .. } => "write its target without escapes, as a plain path".to_owned(),
        TakeError::Exists(_) => "rename one of the two".to_owned(),
        TakeError::Io { .. } | TakeError::Relink { .. } => {
            "check the rights and the room of the folder; nothing was moved".to_owned()
        }
        _ => "`rotative board` lists what waits".to_owned(),
    }
}
