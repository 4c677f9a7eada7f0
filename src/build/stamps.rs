//! How everything lies now, beside how the build before left it. Where all is the same there is nothing to do.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::config::{Project, SETTINGS};
use crate::content::{self, Found, shown};
use crate::model::{Diagnostic, Stamp, sha256_bytes};

use super::output::Intact;
use super::state::{Left, Seen, State};

/// What was found.
#[derive(Debug)]
pub(super) struct Survey {
    /// The Markdown files, where the settings name the same blocks as before.
    pub(super) found: Vec<Found>,
    pub(super) findings: Vec<Diagnostic>,
    /// What is known of `out/`.
    pub(super) intact: Intact,
    /// Whether anything has changed since.
    pub(super) same: Same,
}

/// Whether anything has changed.
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
pub(super) fn survey(root: &Path, out: &Path, state: &State) -> Option<(Left, Survey)> {
    let folded = state.folded(root)?;
    let mut findings = Vec::new();
    let lie = || {
        let left = folded.unfold()?;
        let (outputs, whole) = (outputs(out, &left.outputs), folders(out, &left.folders));
        Some((left, outputs, whole))
    };
    let (found, lie) = rayon::join(|| content::list(root, &folded.blocks, &mut findings), lie);
    let (mut left, outputs, whole) = lie?;
    let unsettled = |list: &[Seen]| list.iter().any(|seen| !seen.settled);
    let doubt = unsettled(&left.sources) || unsettled(&left.others) || unsettled(&left.outputs);
    // The moment must be older than what is read for its sake.
    let now = doubt.then(|| state.moment()).flatten();
    let judge = Judge { now };
    let listed = found.len() == left.sources.len()
        && found.iter().zip(&left.sources).all(|(found, seen)| found.shown == seen.path);
    let sources = if listed {
        found
            .par_iter()
            .zip(&mut left.sources)
            .map(|(found, seen)| judge.same(seen, Some(found.stamp), root))
            .min()
    } else {
        Some(Verdict::Other)
    };
    let templates: HashSet<String> = templates(root).into_iter().collect();
    let template = |seen: &&Seen| seen.path.starts_with(TEMPLATES);
    let known = left.others.iter().filter(template).count() == templates.len()
        && left.others.iter().filter(template).all(|seen| templates.contains(&seen.path));
    let others = left.others.iter_mut().map(|seen| {
        let file = root.join(&seen.path);
        judge.same(seen, stamp(&file), root)
    });
    let others = others.min();
    let pictures = left.pictures.iter().map(|picture| {
        let same = file_stamp(Path::new(&picture.original.path))
            .is_some_and(|stamp| picture.original.trusts(&stamp));
        if same { Verdict::Stamp } else { Verdict::Other }
    });
    let pictures = pictures.min();
    let verdicts: Vec<Verdict> = outputs
        .par_iter()
        .zip(&mut left.outputs)
        .map(|(stamp, seen)| judge.same(seen, *stamp, out))
        .collect();
    let worst = [sources, others, pictures, verdicts.iter().min().copied()];
    let worst = worst.into_iter().flatten().min().unwrap_or(Verdict::Other);
    let same = match worst {
        _ if !(known && whole && findings.is_empty()) => Same::No,
        Verdict::Other => Same::No,
        Verdict::Bytes => Same::Bytes,
        Verdict::Stamp => Same::Stamps,
    };
    let intact = left.outputs.iter().zip(&verdicts).filter(|(_, verdict)| **verdict != Verdict::Other);
    // Where all is the same, nobody asks.
    let intact = intact.filter(|_| same == Same::No).map(|(seen, _)| seen.path.clone()).collect();
    Some((left, Survey { found, findings, intact: Intact { files: intact, whole }, same }))
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
        if !fs::read(folder.join(&seen.path)).is_ok_and(|bytes| sha256_bytes(&bytes) == seen.digest) {
            return Verdict::Other;
        }
        seen.settled = self.now.is_some_and(|now| stamp.settled(&now));
        Verdict::Bytes
    }
}

fn outputs(out: &Path, outputs: &[Seen]) -> Vec<Option<Stamp>> {
    outputs.par_iter().map(|seen| file_stamp(&out.join(&seen.path))).collect()
}

/// Whether no folder has gained or lost a name.
fn folders(out: &Path, folders: &[(String, Stamp)]) -> bool {
    folders.par_iter().all(|(path, stamp)| file_or_folder(&out.join(path)) == Some(*stamp))
}

fn file_or_folder(path: &Path) -> Option<Stamp> {
    fs::symlink_metadata(path).ok().map(|found| Stamp::of(&found))
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
            match before.iter().find(|seen| seen.path == name) {
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
        if stamp(&root.join(&seen.path)) != Some(seen.stamp) {
            (seen.settled, seen.digest) = (false, [0; 32]);
        }
    }
}

/// Whether settings and templates are the same in two lists.
pub(super) fn same_others(before: &[Seen], after: &[Seen], of: Of) -> bool {
    let wanted = |seen: &&Seen| match of {
        Of::Settings => seen.path == SETTINGS,
        Of::Templates => seen.path.starts_with(TEMPLATES),
    };
    let plain = |list: &[Seen]| -> Vec<(String, [u8; 32])> {
        list.iter().filter(wanted).map(|seen| (seen.path.clone(), seen.digest)).collect()
    };
    plain(before) == plain(after)
}

/// Which of the other files are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    Settings,
    Templates,
}
