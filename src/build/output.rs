//! The one writer of `out/`: everything new is laid beside it first, then takes its place, or not at all.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rayon::prelude::*;
use rustix::fs::{CWD, RenameFlags, renameat_with};
use thiserror::Error;

use crate::model::{OutFile, Stamp, descends};

use super::patch::patch;
use super::standing::{List, MANIFEST, Manifest, Standing, find};

/// Why `out/` could not be replaced; it is as it was.
#[derive(Debug, Error)]
pub enum OutputError {
    /// A file or folder could not be written or read.
    #[error("cannot {doing} {path}: {source}", path = path.display())]
    Io {
        /// What was tried.
        doing: &'static str,
        /// On which file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The folder holds files of somebody else.
    #[error("{} is not empty and was not made by rotative", .0.display())]
    Foreign(PathBuf),
    /// Another build is at work.
    #[error("another build is writing {}", .0.display())]
    Busy(PathBuf),
}

/// A new `out/` in the making. Dropped before `commit`, it leaves nothing behind.
#[derive(Debug)]
pub struct Output {
    target: PathBuf,
    staging: PathBuf,
    /// The files that it lists now, by path.
    old: Vec<Standing>,
    /// The SHA-256 of the list, where it is certain.
    list: Option<[u8; 32]>,
    /// Whether there is nothing else in it.
    whole: bool,
    now: Stamp,
    work: Mutex<Work>,
    locks: Vec<File>,
    committed: bool,
}

/// What is known of the present `out/` without reading it.
#[derive(Debug, Default)]
pub(super) struct Intact {
    /// The files that the build before left, by path; the list of them is one.
    pub(super) files: Vec<Standing>,
    /// Whether there is nothing in it that the build before did not put there.
    pub(super) whole: bool,
}

/// What the new `out/` will hold.
#[derive(Debug, Default)]
struct Work {
    /// The files that were made, with their SHA-256.
    made: BTreeMap<String, [u8; 32]>,
    /// For each file of the present one, whether it stays.
    kept: Vec<bool>,
    /// Those that lie ready.
    staged: BTreeSet<String>,
    folders: HashSet<PathBuf>,
}

/// A finished `out/`.
#[derive(Debug)]
pub(super) struct Committed {
    /// Every file, by path, the list of them too.
    pub(super) files: Vec<Standing>,
    /// The folders that may have gained or lost a name, and those they lie in; `None` where any may.
    pub(super) touched: Option<HashSet<String>>,
    /// Nobody else may write it before it is known how it was left.
    _locks: Vec<File>,
}

/// The right to write an `out/`.
#[derive(Debug)]
pub(super) struct Turn {
    target: PathBuf,
    locks: Vec<File>,
}

impl Turn {
    /// Takes the right, or says who has it. Nothing is written.
    pub(super) fn take(target: &Path) -> Result<Self, OutputError> {
        let mut locks = Vec::new();
        if let Ok(before) = fs::metadata(target) {
            locks.push(lock(target, target)?);
            let same = fs::metadata(target).is_ok_and(|now| Stamp::of(&now).same_file(&Stamp::of(&before)));
            if !same {
                return Err(OutputError::Busy(target.to_owned()));
            }
        }
        Ok(Self { target: target.to_owned(), locks })
    }
}

impl Output {
    /// Begins a new `out/` beside the present one.
    pub(super) fn open(turn: Turn, intact: Intact) -> Result<Self, OutputError> {
        let Turn { target, mut locks } = turn;
        let Intact { mut files, whole } = intact;
        // The list says what the files are: where it was changed, nothing is kept unread.
        let list = find(&files, MANIFEST).filter(|at| files[*at].intact).map(|at| files.remove(at).digest);
        let (old, whole) = if list.is_some() { (files, whole) } else { (present(&target)?, false) };
        let staging = beside(&target, "new");
        if let Some(parent) = target.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            fs::create_dir_all(parent).map_err(fault("create", parent))?;
        }
        match fs::create_dir(&staging) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                return Err(fault("create", &staging)(error));
            }
            _ => {}
        }
        locks.push(lock(&staging, &target)?);
        empty(&staging)?;
        let now = moment(&staging).map_err(fault("write", &staging))?;
        let work = Mutex::new(Work { kept: vec![false; old.len()], ..Work::default() });
        Ok(Self { target, staging, old, list, whole, now, work, locks, committed: false })
    }

    /// A moment before anything is read.
    pub(super) fn now(&self) -> &Stamp {
        &self.now
    }

    /// Writes a file. One that has not changed is left alone: it keeps its time.
    pub(super) fn write(&self, file: &OutFile) -> Result<(), OutputError> {
        let digest = *file.digest();
        let same = match self.find(&file.path).filter(|old| old.intact) {
            Some(old) => old.digest == digest,
            None => self.reads(&file.path, file.bytes()),
        };
        if !same {
            self.stage(file)?;
        }
        self.work().made.insert(file.path.clone(), digest);
        Ok(())
    }

    /// Takes over files of the present `out/`, where all are known to be intact. Returns whether they were.
    pub(super) fn keep<S: AsRef<str>>(&self, names: &[S]) -> bool {
        let intact = |name: &S| find(&self.old, name.as_ref()).filter(|at| self.old[*at].intact);
        let Some(kept) = names.iter().map(intact).collect::<Option<Vec<usize>>>() else { return false };
        let mut work = self.work();
        kept.into_iter().for_each(|at| work.kept[at] = true);
        true
    }

    /// Whether a file of the present `out/` is known to be intact.
    pub(super) fn stands(&self, name: &str) -> bool {
        self.find(name).is_some_and(|old| old.intact)
    }

    /// How many files there will be, the manifest not counted.
    pub(super) fn count(&self) -> usize {
        let work = self.work();
        work.made.len() + self.kept(&work).count()
    }

    fn find(&self, name: &str) -> Option<&Standing> {
        find(&self.old, name).map(|at| &self.old[at])
    }

    /// The files that stay as they are.
    fn kept<'w>(&'w self, work: &'w Work) -> impl Iterator<Item = &'w Standing> {
        let kept = self
            .old
            .iter()
            .zip(&work.kept)
            .filter(|(old, kept)| **kept && !work.made.contains_key(&*old.path));
        kept.map(|(old, _)| old)
    }

    /// Every file, by path.
    fn files(&self, work: &Work) -> Vec<Standing> {
        let made = work.made.iter().map(|(path, digest)| Standing {
            path: path.as_str().into(),
            digest: *digest,
            intact: !work.staged.contains(path) && self.stands(path),
        });
        let mut files: Vec<Standing> = self.kept(work).cloned().chain(made).collect();
        files.sort_by(|one, other| one.path.cmp(&other.path));
        files
    }

    /// Puts the new `out/` in the place of the old one: few changes one by one, each in one step; many, or
    /// what cannot be trusted, all in one step.
    pub(super) fn commit(mut self) -> Result<Committed, OutputError> {
        let mut files = self.files(&self.work());
        let mut text = serde_json::to_string_pretty(&List(&files)).unwrap_or_default();
        text.push('\n');
        let list = OutFile::new(MANIFEST, text);
        let digest = *list.digest();
        if self.list.map_or_else(|| !self.reads(MANIFEST, list.bytes()), |old| old != digest) {
            self.stage(&list)?;
        }
        // Both lists are sorted by path.
        let mut rest = files.iter().map(|file| &file.path).peekable();
        let gone = self.old.iter().map(|old| &old.path).filter(|old| {
            while rest.next_if(|path| path < old).is_some() {}
            rest.peek() != Some(old)
        });
        let gone: Vec<String> = gone.map(ToString::to_string).collect();
        let staged: Vec<String> = self.work().staged.iter().cloned().collect();
        let changes = staged.len() + gone.len();
        let few = self.whole && changes <= (files.len() / 4).max(16);
        let patched = few && patch(&self.target, &self.staging, &staged, &gone)?;
        if !patched {
            self.exchange(&files)?;
        }
        self.committed = true;
        let _ = fs::remove_dir_all(&self.staging);
        let place = files.partition_point(|file| &*file.path < MANIFEST);
        let intact = self.list.is_some() && !self.work().staged.contains(MANIFEST);
        files.insert(place, Standing { path: MANIFEST.into(), digest, intact });
        let changed = staged.iter().chain(&gone);
        let touched = patched.then(|| changed.flat_map(|path| above(path)).map(str::to_owned).collect());
        if !patched {
            files.iter_mut().for_each(|file| file.intact = false);
        }
        Ok(Committed { files, touched, _locks: std::mem::take(&mut self.locks) })
    }

    /// Lays everything that has not changed beside what has, and puts the whole in the place of the old.
    fn exchange(&self, files: &[Standing]) -> Result<(), OutputError> {
        let names: Vec<&str> = {
            let work = self.work();
            let names = files.iter().map(|file| &*file.path).chain([MANIFEST]);
            names.filter(|name| !work.staged.contains(*name)).collect()
        };
        names.par_iter().try_for_each(|name| {
            let (old, path) = (self.target.join(name), self.place(name)?);
            if fs::hard_link(&old, &path).is_err() {
                fs::copy(&old, &path).map_err(fault("copy", &old))?;
            }
            Ok::<(), OutputError>(())
        })?;
        if !self.target.exists() {
            fs::rename(&self.staging, &self.target).map_err(fault("create", &self.target))?;
        } else if renameat_with(CWD, &self.staging, CWD, &self.target, RenameFlags::EXCHANGE).is_err() {
            self.replace_in_two_steps()?;
        }
        Ok(())
    }

    /// For file systems that cannot exchange two folders.
    fn replace_in_two_steps(&self) -> Result<(), OutputError> {
        let aside = self.staging.with_extension("old");
        fs::rename(&self.target, &aside).map_err(fault("replace", &self.target))?;
        if let Err(error) = fs::rename(&self.staging, &self.target) {
            let _ = fs::rename(&aside, &self.target);
            return Err(fault("replace", &self.target)(error));
        }
        let _ = fs::remove_dir_all(&aside);
        Ok(())
    }

    fn stage(&self, file: &OutFile) -> Result<(), OutputError> {
        let path = self.place(&file.path)?;
        fs::write(&path, file.bytes()).map_err(fault("write", &path))?;
        self.work().staged.insert(file.path.clone());
        Ok(())
    }

    fn place(&self, name: &str) -> Result<PathBuf, OutputError> {
        let path = self.staging.join(name);
        if let Some(folder) = path.parent()
            && !self.work().folders.contains(folder)
        {
            fs::create_dir_all(folder).map_err(fault("create", folder))?;
            self.work().folders.insert(folder.to_owned());
        }
        Ok(path)
    }

    /// Whether a file of the present `out/` holds these bytes.
    fn reads(&self, name: &str, bytes: &[u8]) -> bool {
        if name != MANIFEST && self.find(name).is_none() {
            return false;
        }
        let path = self.target.join(name);
        let whole = fs::symlink_metadata(&path)
            .is_ok_and(|found| found.is_file() && usize::try_from(found.len()) == Ok(bytes.len()));
        whole && fs::read(&path).is_ok_and(|found| found == bytes)
    }

    fn work(&self) -> MutexGuard<'_, Work> {
        self.work.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        if !self.committed {
            let _ = fs::remove_dir_all(&self.staging);
        }
    }
}

/// The folders that a path lies in, from the innermost out; the outermost is empty.
pub(super) fn above(path: &str) -> impl Iterator<Item = &str> {
    path.rmatch_indices('/').map(|(end, _)| &path[..end]).chain([""])
}

/// The hidden folder beside an `out/` that has a part in making it.
pub(super) fn beside(target: &Path, part: &str) -> PathBuf {
    let name = target.file_name().map_or_else(|| "out".into(), |name| name.to_string_lossy().into_owned());
    target.with_file_name(format!(".{name}.{part}"))
}

/// What the file system's clock shows, read off a file just written.
pub(super) fn moment(folder: &Path) -> io::Result<Stamp> {
    let path = folder.join(".clock");
    fs::write(&path, b"")?;
    let now = fs::metadata(&path)?;
    fs::remove_file(&path)?;
    Ok(Stamp::of(&now))
}

/// What stands in the target now. Somebody else's folder is never replaced.
fn present(target: &Path) -> Result<Vec<Standing>, OutputError> {
    match fs::read_dir(target) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(fault("read", target)(error)),
        Ok(mut entries) => {
            if entries.next().is_none() {
                return Ok(Vec::new());
            }
        }
    }
    let path = target.join(MANIFEST);
    let foreign = || OutputError::Foreign(target.to_owned());
    let text = fs::read(&path).map_err(|_| foreign())?;
    let manifest: Manifest = serde_json::from_slice(&text).map_err(|_| foreign())?;
    // What it names may be taken away: no name may lead out of the folder.
    let inside = |name: &String| !name.is_empty() && descends(Path::new(name));
    if !manifest.keys().all(inside) {
        return Err(foreign());
    }
    // None of them is certain to be what the list says: the digests are not used.
    let standing = |path: String| Standing { path: path.into(), digest: [0; 32], intact: false };
    Ok(manifest.into_keys().map(standing).collect())
}

fn lock(folder: &Path, target: &Path) -> Result<File, OutputError> {
    let handle = File::open(folder).map_err(fault("open", folder))?;
    match handle.try_lock() {
        Ok(()) => Ok(handle),
        Err(fs::TryLockError::WouldBlock) => Err(OutputError::Busy(target.to_owned())),
        // Some network file systems lock no folders.
        Err(fs::TryLockError::Error(_)) => Ok(handle),
    }
}

fn empty(folder: &Path) -> Result<(), OutputError> {
    for entry in fs::read_dir(folder).map_err(fault("read", folder))? {
        let path = entry.map_err(fault("read", folder))?.path();
        let removed = if path.is_dir() && !path.is_symlink() {
            fs::remove_dir_all(&path)
        } else {
            fs::remove_file(&path)
        };
        removed.map_err(fault("remove", &path))?;
    }
    Ok(())
}

pub(super) fn fault(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> OutputError {
    let path = path.to_owned();
    move |source| OutputError::Io { doing, path, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_else_writes_before_it_is_known_how_all_was_left() {
        let folder = tempfile::tempdir().expect("a folder");
        let out = folder.path().join("out");
        for text in ["new", "anew"] {
            let turn = Turn::take(&out).expect("nobody writes");
            let output = Output::open(turn, Intact::default()).expect("begun");
            output.write(&OutFile::new("a.html", text)).expect("written");
            let committed = output.commit().expect("in its place");
            assert!(matches!(Turn::take(&out), Err(OutputError::Busy(_))));
            assert_eq!(committed.files.len(), 2);
        }
        assert_eq!(fs::read_to_string(out.join("a.html")).expect("a file"), "anew");
    }
}
