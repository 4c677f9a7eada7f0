//! How everything lies now, beside how the build before left it. Where all is the same there is nothing to do.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use crate::config::{Project, SETTINGS};
use crate::content::{self, Found, Listing, shown};
use crate::model::{Diagnostic, Stamp, sha256_bytes};

use super::look::{look, stamp_of, stamp_of_file};
use super::output::Intact;
use super::seen::{Room, Seen};
use super::standing::Standing;
use super::state::{Left, Ordered, State};

/// What was found.
#[derive(Debug)]
pub(super) struct Survey {
    pub(super) files: Files,
    /// What is wrong with the names of files.
    pub(super) findings: Vec<Diagnostic>,
    /// What is known of `out/`.
    pub(super) intact: Intact,
    /// Whether anything has changed since.
    pub(super) same: Same,
}

/// The Markdown files as they lie now.
#[derive(Debug)]
pub(super) enum Files {
    /// Those of the build before, under the same names.
    Known(Vec<Stamp>),
    /// All that were found, and the folders that were looked through.
    Listed(Vec<Found>, Vec<Room>),
}

impl Files {
    /// Looks for all of them anew. `now` is a moment before that.
    pub(super) fn list(
        root: &Path,
        blocks: &[PathBuf],
        now: Option<&Stamp>,
        findings: &mut Vec<Diagnostic>,
    ) -> Self {
        let Listing { found, folders } = content::list(root, blocks, findings);
        Self::Listed(found, Room::all(folders, now))
    }
}

/// Whether anything has changed, what is ordered too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Same {
    /// No: every stamp is what it was.
    Stamps,
    /// No, but some files had to be read to know it.
    Bytes,
    /// Yes.
    No,
}

/// Looks at every file, and reads only those that were written a moment before they were last seen. `None` where it is
/// not known how the build before left them.
pub(super) fn survey(root: &Path, out: &Path, state: &State, order: &Ordered) -> Option<(Left, Survey)> {
    let mut left = state.left(root)?;
    let ((known, outputs), whole) = {
        let stamps = || look(out, &left.outputs, |seen| &seen.path, stamp_of_file);
        rayon::join(|| rayon::join(|| known(root, &left), stamps), || folders(out, &left.folders))
    };
    let unsettled = |list: &[Seen]| list.iter().any(|seen| !seen.settled);
    let doubt = unsettled(&left.sources) || unsettled(&left.others) || unsettled(&left.outputs);
    // The moment must be older than what is listed and read for its sake.
    let now = (doubt || known.is_none()).then(|| state.moment()).flatten();
    let judge = Judge { now };
    let mut findings = Vec::new();
    let files = match known {
        Some(stamps) => Files::Known(stamps),
        None => Files::list(root, &left.blocks, now.as_ref(), &mut findings),
    };
    let sources = judge.sources(&files, &mut left, root);
    let templates: HashSet<String> = templates(root).into_iter().collect();
    let template = |seen: &&Seen| seen.path.starts_with(TEMPLATES);
    let known = left.others.iter().filter(template).count() == templates.len()
        && left.others.iter().filter(template).all(|seen| templates.contains(&*seen.path));
    let others = left.others.iter_mut().map(|seen| {
        let file = root.join(&*seen.path);
        judge.same(seen, stamp(&file), root)
    });
    let others = others.min();
    let pictures = left.pictures.iter().map(|picture| {
        let same = file_stamp(Path::new(&*picture.original.path))
            .is_some_and(|stamp| picture.original.trusts(&stamp));
        if same { Verdict::Stamp } else { Verdict::Other }
    });
    let pictures = pictures.min();
    let verdicts: Vec<Verdict> = outputs
        .par_iter()
        .zip(&mut left.outputs)
        .map(|(stamp, seen)| judge.same(seen, stamp.flatten(), out))
        .collect();
    let worst = [sources, others, pictures, verdicts.iter().min().copied()];
    let same = match worst.into_iter().flatten().min().unwrap_or(Verdict::Other) {
        _ if !(known && whole && findings.is_empty() && left.order == *order) => Same::No,
        Verdict::Other => Same::No,
        Verdict::Bytes => Same::Bytes,
        Verdict::Stamp => Same::Stamps,
    };
    let standing = |(seen, verdict): (&Seen, &Verdict)| Standing {
        path: Arc::clone(&seen.path),
        digest: seen.digest,
        intact: *verdict != Verdict::Other,
    };
    // Where there is nothing to do, nobody asks.
    let asked = left.outputs.iter().zip(&verdicts).filter(|_| same == Same::No);
    let intact = asked.map(standing).collect();
    Some((left, Survey { files, findings, intact: Intact { files: intact, whole }, same }))
}

/// The sources as they lie now, where the folders say that their names are the same.
fn known(root: &Path, left: &Left) -> Option<Vec<Stamp>> {
    let rooms = look(root, &left.rooms, |room| &room.path, stamp_of);
    let same = |(room, stamp): (&Room, Option<Stamp>)| room.settled && stamp == Some(room.stamp);
    let same = !left.rooms.is_empty() && left.rooms.iter().zip(rooms).all(same);
    same.then(|| look(root, &left.sources, |seen| &seen.path, stamp_of).into_iter().collect()).flatten()
}

/// How a file was found to be the same, worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Verdict {
    Other,
    Bytes,
    Stamp,
}

struct Judge {
    now: Option<Stamp>,
}

impl Judge {
    /// Whether a file in a folder is as it was seen. One that is now settled is marked so.
    fn same(&self, seen: &mut Seen, stamp: Option<Stamp>, folder: &Path) -> Verdict {
        let Some(stamp) = stamp.filter(|stamp| *stamp == seen.stamp) else { return Verdict::Other };
        if seen.settled {
            return Verdict::Stamp;
        }
        if !fs::read(folder.join(&*seen.path)).is_ok_and(|bytes| sha256_bytes(&bytes) == seen.digest) {
            return Verdict::Other;
        }
        seen.settled = self.now.is_some_and(|now| stamp.settled(&now));
        Verdict::Bytes
    }

    /// Whether the sources are as they were seen. The folders in which they were looked for are remembered anew.
    fn sources(&self, files: &Files, left: &mut Left, root: &Path) -> Option<Verdict> {
        match files {
            Files::Known(stamps) => {
                let pairs = stamps.par_iter().zip(&mut left.sources);
                pairs.map(|(stamp, seen)| self.same(seen, Some(*stamp), root)).min()
            }
            Files::Listed(found, rooms) => {
                let listed = found.len() == left.sources.len()
                    && found.iter().zip(&left.sources).all(|(found, seen)| found.shown == seen.path);
                if !listed {
                    return Some(Verdict::Other);
                }
                let pairs = found.par_iter().zip(&mut left.sources);
                let worst = pairs.map(|(found, seen)| self.same(seen, Some(found.stamp), root)).min();
                let anew = (left.rooms != *rooms).then_some(Verdict::Bytes);
                left.rooms.clone_from(rooms);
                worst.into_iter().chain(anew).min()
            }
        }
    }
}

/// Whether no folder has gained or lost a name.
fn folders(out: &Path, folders: &[(String, Stamp)]) -> bool {
    let stamps = look(out, folders, |(path, _)| path, stamp_of);
    stamps.into_iter().zip(folders).all(|(now, (_, stamp))| now == Some(*stamp))
}

/// The stamp of a file of `out/`, which is no link.
pub(super) fn file_stamp(path: &Path) -> Option<Stamp> {
    fs::symlink_metadata(path).ok().filter(fs::Metadata::is_file).map(|found| Stamp::of(&found))
}

/// The stamp of what a path leads to.
pub(super) fn stamp(path: &Path) -> Option<Stamp> {
    fs::metadata(path).ok().map(|found| Stamp::of(&found))
}

const TEMPLATES: &str = "templates/";

/// The newsletter's own templates, by path from the root.
fn templates(root: &Path) -> Vec<String> {
    let mut names = Vec::new();
    let mut open = vec![(root.join("templates"), 0)];
    while let Some((folder, depth)) = open.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let hidden = entry.file_name().to_string_lossy().starts_with('.');
            match entry.file_type() {
                _ if hidden => {}
                Ok(kind) if kind.is_dir() && depth < 16 => open.push((entry.path(), depth + 1)),
                _ => names.push(shown(root, &entry.path())),
            }
        }
    }
    names.sort();
    names
}

/// The settings, the blocks and the templates as they are now; those that can be trusted are not read.
pub(super) fn others(root: &Path, project: &Project, before: Option<&Left>, now: &Stamp) -> Vec<Seen> {
    let blocks = content::block_files(project).into_iter().map(|file| shown(root, &blocks_file(root, &file)));
    let names: Vec<String> =
        std::iter::once(SETTINGS.to_owned()).chain(blocks).chain(templates(root)).collect();
    let before = before.map_or(&[][..], |left| &left.others);
    names
        .into_iter()
        .filter_map(|name| {
            let file = root.join(&name);
            let stamp = stamp(&file)?;
            match before.iter().find(|seen| *seen.path == *name) {
                Some(seen) if seen.trusts(&stamp) => Some(seen.clone()),
                _ => Some(Seen::new(name, stamp, now, &fs::read(&file).ok()?)),
            }
        })
        .collect()
}

fn blocks_file(root: &Path, file: &Path) -> PathBuf {
    root.join("content").join(file)
}

/// Leaves doubt about what has changed between its stamp and its use.
pub(super) fn doubt(root: &Path, others: &mut [Seen]) {
    for seen in others {
        if stamp(&root.join(&*seen.path)) != Some(seen.stamp) {
            (seen.settled, seen.digest) = (false, [0; 32]);
        }
    }
}

/// Whether settings and templates are the same in two lists.
pub(super) fn same_others(before: &[Seen], after: &[Seen], of: Of) -> bool {
    let wanted = |seen: &&Seen| match of {
        Of::Settings => *seen.path == *SETTINGS,
        Of::Templates => seen.path.starts_with(TEMPLATES),
    };
    let plain = |list: &[Seen]| -> Vec<(Arc<str>, [u8; 32])> {
        list.iter().filter(wanted).map(|seen| (Arc::clone(&seen.path), seen.digest)).collect()
    };
    plain(before) == plain(after)
}

/// Which of the other files are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    Settings,
    Templates,
}
