//! The files of an import are written: whole or not at all, and never over what an editor has changed.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::change;
use super::plan::{Plan, Planned};
use super::report::Account;

/// What becomes of a file that exists with another text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// It stays.
    Kept,
    /// The imported one takes its place.
    Replaced,
}

/// A file that could not be written.
#[derive(Debug, Error)]
#[error("cannot write {}", .file.display())]
pub struct WriteError {
    file: PathBuf,
    source: io::Error,
}

/// Writes what was planned. Run again, it goes on where it ended.
pub fn write(
    plan: &Plan,
    root: &Path,
    existing: Existing,
    progress: &dyn Fn(usize, usize),
) -> Result<Account, WriteError> {
    let mut account = plan.account.clone();
    for (done, planned) in plan.files.iter().enumerate() {
        let file = root.join(&planned.file);
        let there = fs::symlink_metadata(&file).is_ok();
        let same = there && fs::read(&file).is_ok_and(|bytes| bytes == planned.text.as_bytes());
        if there && !same && existing == Existing::Kept {
            account.counts.kept += 1;
            let what = format!("{} exists with another text, which was kept", planned.file);
            account.notes.push(change(&planned.from, 0, what, "`--replace` takes the imported one"));
        } else {
            account.counts.pictures += pictures(planned, root, existing)?;
            if same {
                account.counts.already += 1;
            } else {
                place(&file, |part| fs::write(part, &planned.text))?;
                account.counts.carried += 1;
            }
        }
        progress(done + 1, plan.files.len());
    }
    Ok(account.settle())
}

/// Copies the pictures of a post before its text is there. Returns how many were missing.
fn pictures(planned: &Planned, root: &Path, existing: Existing) -> Result<usize, WriteError> {
    let mut copied = 0;
    for (name, from) in &planned.pictures {
        let file = root.join(name);
        if fs::symlink_metadata(&file).is_ok() && (existing == Existing::Kept || same_bytes(&file, from)) {
            continue;
        }
        place(&file, |part| fs::copy(from, part).map(|_| ()))?;
        copied += 1;
    }
    Ok(copied)
}

fn same_bytes(a: &Path, b: &Path) -> bool {
    matches!((fs::read(a), fs::read(b)), (Ok(a), Ok(b)) if a == b)
}

/// A file appears once it is whole.
fn place(file: &Path, make: impl Fn(&Path) -> io::Result<()>) -> Result<(), WriteError> {
    let failed = |source| WriteError { file: file.to_owned(), source };
    let folder = file.parent().unwrap_or(file);
    fs::create_dir_all(folder).map_err(failed)?;
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let part = folder.join(format!(".{name}.part"));
    match fs::remove_file(&part) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
        _ => {}
    }
    make(&part).and_then(|()| fs::rename(&part, file)).map_err(failed)
}
