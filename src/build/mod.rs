//! A run of the press: from the files of a newsletter to `out/`.
//!
//! Never knows: the terminal, the clock, who the readers are.

mod board;
mod cuttings;
mod dictionaries;
mod folds;
mod look;
mod made;
mod mend;
mod order;
mod output;
mod patch;
mod pictures;
mod press;
mod proofs;
mod read;
mod reader;
mod relink;
mod run;
mod seen;
mod sources;
mod stamps;
mod standing;
mod state;
mod survey;
mod take;
mod years;

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::content;
use crate::issue::{self, Archive, Plan};
use crate::model::{Diagnostic, IssueDate, Report, Slot, Slug};

pub use board::{Board, BoardErratum, BoardItem, BoardSection, BoardWaiting, board};
pub use mend::{MendError, mend};
pub use order::{Filling, Order, Trust, Which};
pub use output::{Output, OutputError};
pub use proofs::{check, without_dictionary};
pub use read::{ReadError, read_mail};
pub use standing::{MANIFEST, Manifest};
pub use survey::{Lack, Survey, SurveyedIssue, SurveyedItem, survey};
pub use take::{TakeError, Taken, take};

use run::Run;
use sources::Sources;

/// What a build has made.
#[derive(Debug, Clone)]
pub struct BuildReport {
    /// The issues whose mail was made.
    pub mails: Vec<Slot>,
    /// How many issues the web edition has.
    pub issues: usize,
    /// How many articles it has.
    pub articles: usize,
    /// How many files stand in `out/`, the manifest not counted.
    pub files: usize,
    /// What is to be said all the same.
    pub warnings: Report,
    /// What stands in an issue although it still lies in the queue.
    pub filled: Option<Filled>,
}

/// What an issue has taken from the queue: for now, until the files are moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filled {
    /// The issue's day.
    pub date: IssueDate,
    /// What the items are called: their slugs; their files, where several items of the queue have one slug.
    pub items: Vec<String>,
}

impl Filled {
    fn of(archive: &Archive<'_>) -> Option<Self> {
        let fill = archive.fill.as_ref().filter(|fill| !fill.taken.is_empty())?;
        let all = || fill.taken.iter().copied().chain(fill.waiting.iter().map(|waiting| waiting.item));
        let name =
            |item: &&content::Item| match all().filter(|other| other.entry.slug == item.entry.slug).count() {
                1 => item.entry.slug.to_string(),
                _ => item.entry.source.path().to_owned(),
            };
        let items = fill.taken.iter().map(name).collect();
        Some(Self { date: fill.date, items })
    }
}

/// Why nothing was built; `out/` is as it was.
#[derive(Debug, Error)]
pub enum BuildError {
    /// The sources hold errors.
    #[error("nothing was built")]
    Findings(Report),
    /// The files could not be written.
    #[error(transparent)]
    Output(#[from] OutputError),
}

/// Hears how many of how many pages are done.
pub type Progress<'a> = &'a (dyn Fn(usize, usize) + Sync);

/// Builds a newsletter into `out`. What has not changed since the build before is neither read nor written.
pub fn build(
    root: &Path,
    order: &Order,
    out: &Path,
    progress: Progress<'_>,
) -> Result<BuildReport, BuildError> {
    // What a link leads to is built, and the link stays.
    let real = out.is_symlink().then(|| out.canonicalize().ok()).flatten();
    let out = real.as_deref().unwrap_or(out);
    let run = |trust| Run { root, order, out, progress, trust }.run();
    match run(order.trust)? {
        Some(report) => Ok(report),
        // A file changed while it was used: once more, and nothing is believed.
        None => run(Trust::Nothing)?.ok_or_else(|| BuildError::Findings(restless())),
    }
}

fn restless() -> Report {
    let finding = Diagnostic::error("restless", "the files change faster than they can be read");
    Report::new(vec![finding.in_file("content").hint("build again when they are at rest")])
}

/// What the open issue would take from the queue now; `None` when there is no open issue, or the sources hold errors.
pub fn filled(root: &Path, order: &Order) -> Option<Filled> {
    let sources = Sources::read(root).ok()?;
    let plan = order.plan(&sources.content);
    Filled::of(&issue::assemble(&sources.content, &sources.project.config, plan, &mut Vec::new()))
}

/// The topics that readers may choose, with their names: those that come up most, in the order of the alphabet.
pub fn topics(root: &Path) -> Vec<(Slug, String)> {
    const MOST: usize = 40;
    let Ok(sources) = Sources::read(root) else { return Vec::new() };
    let archive = issue::assemble(&sources.content, &sources.project.config, Plan::PRINTED, &mut Vec::new());
    let threads = archive.threads.iter().filter(|(_, thread)| !thread.entries.is_empty());
    let mut topics: Vec<_> =
        threads.map(|(key, thread)| (thread.entries.len(), (*key).clone(), thread.name.to_owned())).collect();
    topics.sort_by_key(|(count, ..)| std::cmp::Reverse(*count));
    topics.truncate(MOST);
    topics.sort_by_key(|(_, _, name)| name.to_lowercase());
    topics.into_iter().map(|(_, key, name)| (key, name)).collect()
}

/// Where a newsletter's `out/` stands unless somebody says otherwise.
pub fn usual_out(root: &Path) -> PathBuf {
    root.join("out")
}
