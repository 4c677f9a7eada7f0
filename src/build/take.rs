//! Items that leave the queue for good: their files move into the folder of an issue, and their pictures with them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{fs, io};

use thiserror::Error;

use crate::content::{Content, Item, folder_of, shown};
use crate::model::{IssueDate, Report, descends, follow, suggest};
use crate::render;

use super::mend;
use super::pictures::Wanted;
use super::relink::{Moves, Relinked, Stuck, relink};
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
    /// Several items have that name.
    #[error("`{name}` names {}", .files.join(" and "))]
    Several {
        /// What was asked for.
        name: String,
        /// Their files.
        files: Vec<String>,
    },
    /// A link would lead nowhere, and is written in a way that cannot be written anew.
    #[error("the link `{target}` in {file}, line {line}, cannot be carried along")]
    Link {
        /// Where it leads.
        target: String,
        /// The file.
        file: String,
        /// From 1.
        line: usize,
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
    /// The links of a file could not be written anew; every file lies where it was.
    #[error("cannot write the links of {} anew", file.display())]
    Relink {
        /// The file.
        file: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// What was done; files are named as in messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// The files that were moved: where each lay, and where it lies now.
    pub moved: Vec<(String, String)>,
    /// The files in which links were written anew.
    pub relinked: Vec<String>,
}

/// Moves items of the queue into the folder of an issue, and lets links follow. `names` are slugs, or paths from the
/// newsletter's folder. All are moved, or none.
pub fn take(root: &Path, names: &[String], date: IssueDate) -> Result<Taken, TakeError> {
    let sources = Sources::read(root).map_err(TakeError::Findings)?;
    let mut items = Vec::new();
    for name in names {
        let item = find(&sources.content, name)?;
        may_appear(item, date)?;
        items.push(item);
    }
    items.sort_by_key(|item| item.entry.source.path());
    items.dedup_by_key(|item| item.entry.source.path());
    let folder = folder_of(&root.join("content"), date);
    let moves = moves(&sources.content, &items, &folder)?;
    let relinked = relink(&sources.content, &named(root, &moves))
        .map_err(|Stuck { target, place }| TakeError::Link { target, file: place.path, line: place.line })?;
    carry_out(root, &moves, &relinked)?;
    let moved = moves.iter().map(|step| (shown(root, &step.from), shown(root, &step.to))).collect();
    Ok(Taken { moved, relinked: relinked.into_iter().map(|text| text.path).collect() })
}

/// The item of a slug or of a path; one without folders is a file's name.
fn find<'a>(content: &'a Content, name: &str) -> Result<&'a Item, TakeError> {
    let stem = name.strip_suffix(".md").unwrap_or(name);
    let wanted: Vec<&Item> = if stem.contains('/') {
        let path = follow("", &format!("{stem}.md"));
        let under = |top: &str| path.as_ref().map(|path| format!("{top}{path}"));
        let paths = [under(""), under("content/"), under("content/queue/")];
        let is = |item: &&Item| paths.iter().flatten().any(|path| path == item.entry.source.path());
        content.queue.iter().filter(is).collect()
    } else {
        content.queue.iter().filter(|item| item.entry.slug.as_str() == stem).collect()
    };
    match wanted[..] {
        [item] => Ok(item),
        [] => Err(TakeError::Unknown { name: name.to_owned(), near: near(content, stem) }),
        _ => {
            let files = wanted.iter().map(|item| item.entry.source.path().to_owned()).collect();
            Err(TakeError::Several { name: name.to_owned(), files })
        }
    }
}

/// What may have been meant: an item of that name in another folder, or one of a similar name.
fn near(content: &Content, stem: &str) -> Option<String> {
    let (folder, last) = stem.rsplit_once('/').map_or((None, stem), |(folder, last)| (Some(folder), last));
    let elsewhere = content.queue.iter().find(|item| folder.is_some() && item.entry.slug.as_str() == last);
    let known = content.queue.iter().map(|item| item.entry.slug.as_str());
    let path = elsewhere.map(|item| item.entry.source.path());
    path.or_else(|| suggest::nearest(last, known)).map(str::to_owned)
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
    let path = |item: &Item| item.entry.source.path().to_owned();
    let stays = |item: &&Item| !items.iter().any(|taken| path(taken) == path(item));
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
            if to.exists() || moves.iter().any(|known| known.to == to) {
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
        way.is_ok_and(descends)
    };
    named.map(Wanted::into_file).filter(beside).collect()
}

/// The same by names.
fn named(root: &Path, steps: &[Move]) -> Moves {
    let mut moves = Moves::default();
    for Move { from, to, how } in steps {
        let list = if *how == How::Copy { &mut moves.copied } else { &mut moves.gone };
        list.insert(shown(root, from), shown(root, to));
    }
    moves
}

/// Does what was planned; where a step fails, those before it are undone.
fn carry_out(root: &Path, moves: &[Move], relinked: &[Relinked]) -> Result<(), TakeError> {
    let undo = |moved: &[Move], mended: &[(PathBuf, Vec<u8>)]| {
        for (file, bytes) in mended {
            let _ = fs::write(file, bytes);
        }
        for done in moved.iter().rev() {
            let _ = match done.how {
                How::Rename => fs::rename(&done.to, &done.from),
                How::Copy => fs::remove_file(&done.to),
            };
        }
    };
    for (at, step) in moves.iter().enumerate() {
        if let Err(source) = one(step) {
            undo(&moves[..at], &[]);
            return Err(TakeError::Io { from: step.from.clone(), to: step.to.clone(), source });
        }
    }
    let mut mended = Vec::new();
    for text in relinked {
        let file = root.join(&text.path);
        match relink_file(&file, text) {
            Ok(bytes) => mended.push((file, bytes)),
            Err(source) => {
                undo(moves, &mended);
                return Err(TakeError::Relink { file, source });
            }
        }
    }
    Ok(())
}

/// Writes the links of a file anew. Returns what it was.
fn relink_file(file: &Path, text: &Relinked) -> io::Result<Vec<u8>> {
    let was = fs::read(file)?;
    let fixes: Vec<_> = text.fixes.iter().collect();
    if mend::one(file, &fixes)? == fixes.len() {
        return Ok(was);
    }
    fs::write(file, &was)?;
    Err(io::Error::other("it has changed meanwhile"))
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
