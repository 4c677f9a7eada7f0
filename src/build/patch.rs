//! Few changes to an `out/`, made in their places: each in one step, all or none.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags, renameat_with};

use super::output::{OutputError, fault};
use super::standing::MANIFEST;

/// Where what is taken out of `out/` lies until everything is done.
const TAKEN: &str = ".taken";

/// Moves staged files into `out/` and takes others out of it; the manifest goes last, so that until then it
/// disowns what has changed. Returns `false`, with everything as it was, where the file system cannot exchange two files.
pub(super) fn patch(
    target: &Path,
    staging: &Path,
    staged: &[String],
    gone: &[String],
) -> Result<bool, OutputError> {
    let mut steps = Steps { target, staging, done: Vec::new(), folders: Vec::new() };
    let (manifest, files): (Vec<&String>, Vec<&String>) = staged.iter().partition(|name| *name == MANIFEST);
    let result = gone
        .iter()
        .try_for_each(|name| steps.take(name))
        .and_then(|()| files.into_iter().chain(manifest).try_for_each(|name| steps.put(name)));
    match result {
        Ok(()) => {
            steps.sweep(gone);
            Ok(true)
        }
        Err((path, error)) => {
            steps.undo();
            match error.kind() {
                io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported => Ok(false),
                _ => Err(fault("replace", &path)(error)),
            }
        }
    }
}

/// What was done, so that it can be undone.
struct Steps<'a> {
    target: &'a Path,
    staging: &'a Path,
    done: Vec<Step>,
    folders: Vec<PathBuf>,
}

enum Step {
    /// The new file stands in `out/`, the old one in its place in the staging folder.
    Exchanged(String),
    /// The new file stands in `out/`, where there was none.
    Put(String),
    /// The file lies aside.
    Taken(String),
}

type Failed = (PathBuf, io::Error);

impl Steps<'_> {
    fn put(&mut self, name: &str) -> Result<(), Failed> {
        let (new, place) = (self.staging.join(name), self.target.join(name));
        let failed = |error: io::Error| (place.clone(), error);
        if fs::symlink_metadata(&place).is_ok() {
            renameat_with(CWD, &new, CWD, &place, RenameFlags::EXCHANGE)
                .map_err(|error| failed(error.into()))?;
            self.done.push(Step::Exchanged(name.to_owned()));
            return Ok(());
        }
        if let Some(folder) = place.parent() {
            self.folder(folder).map_err(&failed)?;
        }
        fs::rename(&new, &place).map_err(failed)?;
        self.done.push(Step::Put(name.to_owned()));
        Ok(())
    }

    fn take(&mut self, name: &str) -> Result<(), Failed> {
        let (place, aside) = (self.target.join(name), self.staging.join(TAKEN).join(name));
        let moved =
            aside.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::rename(&place, &aside));
        match moved {
            // Somebody took it out before.
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err((place, error)),
            Ok(()) => {
                self.done.push(Step::Taken(name.to_owned()));
                Ok(())
            }
        }
    }

    /// Makes a folder and those it lies in.
    fn folder(&mut self, folder: &Path) -> io::Result<()> {
        if folder.is_dir() {
            return Ok(());
        }
        if let Some(outer) = folder.parent() {
            self.folder(outer)?;
        }
        fs::create_dir(folder)?;
        self.folders.push(folder.to_owned());
        Ok(())
    }

    fn undo(&mut self) {
        while let Some(step) = self.done.pop() {
            let _ = match step {
                Step::Exchanged(name) => {
                    let (old, place) = (self.staging.join(&name), self.target.join(&name));
                    renameat_with(CWD, old, CWD, place, RenameFlags::EXCHANGE).map_err(io::Error::from)
                }
                Step::Put(name) => fs::rename(self.target.join(&name), self.staging.join(&name)),
                Step::Taken(name) => {
                    fs::rename(self.staging.join(TAKEN).join(&name), self.target.join(&name))
                }
            };
        }
        for folder in self.folders.iter().rev() {
            let _ = fs::remove_dir(folder);
        }
    }

    /// Removes the folders that have nothing left in them.
    fn sweep(&self, gone: &[String]) {
        for name in gone {
            let folders = Path::new(name).ancestors().skip(1).filter(|folder| !folder.as_os_str().is_empty());
            for folder in folders {
                if fs::remove_dir(self.target.join(folder)).is_err() {
                    break;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(path: &Path, text: &str) {
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }

    fn names(list: &[&str]) -> Vec<String> {
        list.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn files_take_their_places_and_empty_folders_go() {
        let dir = tempfile::tempdir().expect("a folder");
        let (out, new) = (dir.path().join("out"), dir.path().join("new"));
        write(&out.join("a/old.html"), "old");
        write(&out.join("b.html"), "was");
        write(&new.join("b.html"), "is");
        write(&new.join("c/d/e.html"), "new");
        assert!(patch(&out, &new, &names(&["b.html", "c/d/e.html"]), &names(&["a/old.html"])).expect("done"));
        assert_eq!(fs::read_to_string(out.join("b.html")).expect("a file"), "is");
        assert_eq!(fs::read_to_string(out.join("c/d/e.html")).expect("a file"), "new");
        assert!(!out.join("a").exists());
    }

    #[test]
    fn what_fails_half_way_is_undone() {
        let dir = tempfile::tempdir().expect("a folder");
        let (out, new) = (dir.path().join("out"), dir.path().join("new"));
        write(&out.join("a.html"), "a");
        write(&out.join("b.html"), "was");
        write(&new.join("b.html"), "is");
        write(&new.join("c/d.html"), "new");
        let staged = names(&["b.html", "c/d.html", "never-staged.html"]);
        assert!(patch(&out, &new, &staged, &names(&["a.html"])).is_err());
        assert_eq!(fs::read_to_string(out.join("a.html")).expect("a file"), "a");
        assert_eq!(fs::read_to_string(out.join("b.html")).expect("a file"), "was");
        assert!(!out.join("c").exists());
    }
}
