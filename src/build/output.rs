//! The one writer of `out/`: everything is laid beside it first, then takes its place in one step, or not at all.

use std::collections::{BTreeMap, HashSet};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::SystemTime;

use rustix::fs::{CWD, RenameFlags, renameat_with};
use thiserror::Error;

use crate::model::{OutFile, sha256};

/// Path → SHA-256 of every file.
pub type Manifest = BTreeMap<String, String>;

/// The list of all files, itself excepted.
pub const MANIFEST: &str = "manifest.json";

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
    old: Manifest,
    written_at: Option<SystemTime>,
    files: Mutex<Manifest>,
    folders: Mutex<HashSet<PathBuf>>,
    locks: Vec<File>,
    committed: bool,
}

impl Output {
    /// Begins a new `out/` beside the present one.
    pub fn open(target: &Path) -> Result<Self, OutputError> {
        let (old, written_at) = present(target)?;
        let name =
            target.file_name().map_or_else(|| "out".into(), |name| name.to_string_lossy().into_owned());
        let staging = target.with_file_name(format!(".{name}.new"));
        if let Some(parent) = target.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            fs::create_dir_all(parent).map_err(fault("create", parent))?;
        }
        match fs::create_dir(&staging) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                return Err(fault("create", &staging)(error));
            }
            _ => {}
        }
        let mut locks = vec![lock(&staging, target)?];
        if target.exists() {
            locks.push(lock(target, target)?);
        }
        empty(&staging)?;
        let (files, folders) = (Mutex::default(), Mutex::default());
        Ok(Self {
            target: target.to_owned(),
            staging,
            old,
            written_at,
            files,
            folders,
            locks,
            committed: false,
        })
    }

    /// The files of the present `out/`, by path.
    pub fn old(&self) -> &Manifest {
        &self.old
    }

    /// Writes a file. One that has not changed is linked, not written: it keeps its time.
    pub fn write(&self, file: &OutFile) -> Result<(), OutputError> {
        let digest = sha256(&file.bytes);
        let path = self.place(&file.path)?;
        let same = self.old.get(&file.path) == Some(&digest) && self.untouched(&file.path, file.bytes.len());
        if !same || fs::hard_link(self.target.join(&file.path), &path).is_err() {
            fs::write(&path, &file.bytes).map_err(fault("write", &path))?;
        }
        self.note(&file.path, digest);
        Ok(())
    }

    /// Takes over a file of the present `out/`.
    pub fn keep(&self, name: &str) -> Result<(), OutputError> {
        let path = self.place(name)?;
        let old = self.target.join(name);
        if fs::hard_link(&old, &path).is_err() {
            fs::copy(&old, &path).map_err(fault("copy", &old))?;
        }
        self.note(name, self.old.get(name).cloned().unwrap_or_default());
        Ok(())
    }

    /// How many files have been written.
    pub fn count(&self) -> usize {
        self.files.lock().map_or(0, |files| files.len())
    }

    /// Puts the new `out/` in the place of the old one, in one step.
    pub fn commit(mut self) -> Result<(), OutputError> {
        let path = self.staging.join(MANIFEST);
        let files = self.files.lock().map(|files| files.clone()).unwrap_or_default();
        let mut text = serde_json::to_string_pretty(&files).unwrap_or_default();
        text.push('\n');
        fs::write(&path, text).map_err(fault("write", &path))?;
        if !self.target.exists() {
            fs::rename(&self.staging, &self.target).map_err(fault("create", &self.target))?;
        } else if renameat_with(CWD, &self.staging, CWD, &self.target, RenameFlags::EXCHANGE).is_err() {
            self.replace_in_two_steps()?;
        }
        self.committed = true;
        let _ = fs::remove_dir_all(&self.staging);
        self.locks.clear();
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

    fn place(&self, name: &str) -> Result<PathBuf, OutputError> {
        let path = self.staging.join(name);
        if let (Some(folder), Ok(mut known)) = (path.parent(), self.folders.lock())
            && !known.contains(folder)
        {
            fs::create_dir_all(folder).map_err(fault("create", folder))?;
            known.insert(folder.to_owned());
        }
        Ok(path)
    }

    /// Whether a file is still as the build before left it.
    fn untouched(&self, name: &str, length: usize) -> bool {
        let metadata = fs::symlink_metadata(self.target.join(name));
        let modified = metadata.as_ref().ok().and_then(|metadata| metadata.modified().ok());
        metadata.is_ok_and(|metadata| metadata.is_file() && usize::try_from(metadata.len()) == Ok(length))
            && modified.zip(self.written_at).is_some_and(|(modified, written)| modified <= written)
    }

    fn note(&self, name: &str, digest: String) {
        if let Ok(mut files) = self.files.lock() {
            files.insert(name.to_owned(), digest);
        }
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        if !self.committed {
            let _ = fs::remove_dir_all(&self.staging);
        }
    }
}

/// What stands in the target now. Somebody else's folder is never replaced.
fn present(target: &Path) -> Result<(Manifest, Option<SystemTime>), OutputError> {
    match fs::read_dir(target) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok((Manifest::new(), None)),
        Err(error) => return Err(fault("read", target)(error)),
        Ok(mut entries) => {
            if entries.next().is_none() {
                return Ok((Manifest::new(), None));
            }
        }
    }
    let path = target.join(MANIFEST);
    let text = fs::read(&path).map_err(|_| OutputError::Foreign(target.to_owned()))?;
    let written = fs::metadata(&path).and_then(|metadata| metadata.modified()).ok();
    let manifest = serde_json::from_slice(&text).map_err(|_| OutputError::Foreign(target.to_owned()))?;
    Ok((manifest, written))
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

fn fault(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> OutputError {
    let path = path.to_owned();
    move |source| OutputError::Io { doing, path, source }
}
