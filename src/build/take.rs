//! Items that leave the queue for good: their files move into the folder of an issue, and their pictures with them.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};
use std::{fs, io};

use thiserror::Error;

use crate::content::{Content, Item, folder_of, shown};
use crate::model::{IssueDate, Report, suggest};
use crate::render;

use super::pictures::Wanted;
use super::sources::Sources;

/// Why nothing was moved.
#[derive(Debug, Error)]
pub enum TakeError {
    /// The settings cannot be read.
    #[error("the newsletter cannot be read")]
    Findings(Report),
    /// No such item waits.
    #[error("`{name}` does not wait in the queue")]
    Unknown {
        /// What was asked for.
        name: String,
        /// What may have been meant.
        near: Option<String>,
    },
    /// An item must not appear in that issue.
    #[error("`{name}` must not appear in the issue of {date}: its `{key}` is {day}")]
    Barred {
        /// The item.
        name: String,
        /// The issue.
        date: IssueDate,
        /// `not_before` or `expires`.
        key: &'static str,
        /// What it says.
        day: IssueDate,
    },
    /// A file stands where one would be moved.
    #[error("{} exists already", .0.display())]
    Exists(PathBuf),
    /// A file could not be moved; those moved before lie where they were.
    #[error("cannot move {from} to {to}", from = from.display(), to = to.display())]
    Io {
        /// Where it lies.
        from: PathBuf,
        /// Where it was to go.
        to: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// A file that was moved, as messages name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// Where it lay.
    pub from: String,
    /// Where it lies now.
    pub to: String,
}

/// Moves items of the queue into the folder of an issue. `names` are slugs or paths. All are moved, or none.
pub fn take(root: &Path, names: &[String], date: IssueDate) -> Result<Vec<Taken>, TakeError> {
    let sources = Sources::read(root).map_err(TakeError::Findings)?;
    let mut items = Vec::new();
    for name in names {
        let item = find(&sources.content, name)?;
        may_appear(item, date)?;
        items.push(item);
    }
    items.sort_by_key(|item| &item.entry.slug);
    items.dedup_by_key(|item| &item.entry.slug);
    let folder = folder_of(&root.join("content"), date);
    let moves = moves(&sources.content, &items, &folder)?;
    carry_out(&moves)?;
    let say = |step: &Move| Taken { from: shown(root, &step.from), to: shown(root, &step.to) };
    Ok(moves.iter().map(say).collect())
}

fn find<'a>(content: &'a Content, name: &str) -> Result<&'a Item, TakeError> {
    let stem =
        Path::new(name).file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let slug = |item: &&Item| item.entry.slug.as_str() == stem;
    content.queue.iter().find(slug).ok_or_else(|| {
        let known = content.queue.iter().map(|item| item.entry.slug.as_str());
        TakeError::Unknown { name: name.to_owned(), near: suggest::nearest(&stem, known).map(str::to_owned) }
    })
}

fn may_appear(item: &Item, date: IssueDate) -> Result<(), TakeError> {
    let early = item.not_before.filter(|first| *first > date).map(|day| ("not_before", day));
    let late = item.expires.filter(|last| *last < date).map(|day| ("expires", day));
    match early.or(late) {
        None => Ok(()),
        Some((key, day)) => Err(TakeError::Barred { name: item.entry.slug.to_string(), date, key, day }),
    }
}

/// One file's way. A picture that others of the queue name is copied.
#[derive(Debug)]
struct Move {
    from: PathBuf,
    to: PathBuf,
    how: How,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum How {
    Rename,
    Copy,
}

fn moves(content: &Content, items: &[&Item], folder: &Path) -> Result<Vec<Move>, TakeError> {
    let stays = |item: &&Item| !items.iter().any(|taken| taken.entry.slug == item.entry.slug);
    let needed: BTreeSet<PathBuf> = content.queue.iter().filter(stays).flat_map(pictures).collect();
    let mut moves: Vec<Move> = Vec::new();
    for item in items {
        let text = item.entry.folder.join(format!("{}.md", item.entry.slug));
        let pictures = pictures(item).into_iter().filter(|file| file.is_file());
        for from in pictures.chain([text]) {
            if moves.iter().any(|known| known.from == from) {
                continue;
            }
            let relative = from.strip_prefix(&item.entry.folder).unwrap_or(&from);
            let to = folder.join(relative);
            let how = if needed.contains(&from) { How::Copy } else { How::Rename };
            if to.exists() {
                return Err(TakeError::Exists(to));
            }
            moves.push(Move { from, to, how });
        }
    }
    Ok(moves)
}

/// The pictures an item names that lie beside it, or under its folder.
fn pictures(item: &Item) -> Vec<PathBuf> {
    let named = Wanted::of(&item.entry, render::pictures(item.entry.markdown())).into_iter();
    let beside = |file: &PathBuf| {
        let way = file.strip_prefix(&item.entry.folder);
        way.is_ok_and(|way| way.components().all(|part| matches!(part, Component::Normal(_))))
    };
    named.map(Wanted::into_file).filter(beside).collect()
}

/// Does what was planned; where a step fails, those before it are undone.
fn carry_out(moves: &[Move]) -> Result<(), TakeError> {
    for (at, step) in moves.iter().enumerate() {
        if let Err(source) = one(step) {
            for done in moves[..at].iter().rev() {
                let _ = match done.how {
                    How::Rename => fs::rename(&done.to, &done.from),
                    How::Copy => fs::remove_file(&done.to),
                };
            }
            return Err(TakeError::Io { from: step.from.clone(), to: step.to.clone(), source });
        }
    }
    Ok(())
}

fn one(step: &Move) -> io::Result<()> {
    if let Some(folder) = step.to.parent() {
        fs::create_dir_all(folder)?;
    }
    match step.how {
        How::Rename => fs::rename(&step.from, &step.to),
        How::Copy => fs::copy(&step.from, &step.to).map(|_| ()),
    }
}
