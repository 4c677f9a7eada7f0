//! The files of a source: listed in order, read with limits, never outside the folder that was named.

use std::fs;
use std::path::{Component, Path, PathBuf};

use super::{ImportError, Note, leave_out_post};

/// The heaviest text that is read, in bytes.
const HEAVIEST: u64 = 8_000_000;
/// The most folders within folders.
const DEEPEST: usize = 32;

/// Every file under a folder, by path; hidden ones and symbolic links to folders are passed over.
pub(super) fn list(folder: &Path) -> Result<Vec<PathBuf>, ImportError> {
    let mut found = Vec::new();
    let mut open = vec![(folder.to_owned(), 0)];
    while let Some((folder, depth)) = open.pop() {
        let unreadable = |error| ImportError::Unreadable(folder.clone(), error);
        for entry in fs::read_dir(&folder).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let kind = entry.file_type().map_err(unreadable)?;
            if entry.file_name().to_string_lossy().starts_with('.') {
                continue;
            }
            if kind.is_dir() && depth < DEEPEST {
                open.push((entry.path(), depth + 1));
            } else if kind.is_file() || kind.is_symlink() && entry.path().is_file() {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    Ok(found)
}

/// A path as reports name it: relative to the source, with `/`.
pub(super) fn shown(root: &Path, file: &Path) -> String {
    let relative = file.strip_prefix(root).unwrap_or(file);
    let parts: Vec<_> = relative.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    parts.join("/").chars().map(|c| if c.is_control() { '�' } else { c }).collect()
}

/// The text of a file: UTF-8 with plain line ends. What is none is said in `notes`.
pub(super) fn text(root: &Path, file: &Path, notes: &mut Vec<Note>) -> Option<String> {
    let name = shown(root, file);
    let mut refuse = |line: usize, what: String, next: &str| {
        notes.push(leave_out_post(&name, line, what, next));
        None
    };
    match fs::metadata(file) {
        Ok(facts) if facts.len() > HEAVIEST => {
            let what = format!("the file has {} bytes; {HEAVIEST} are the most", facts.len());
            return refuse(0, what, "split it");
        }
        Ok(_) => {}
        Err(error) => return refuse(0, format!("cannot be read: {error}"), "check its rights"),
    }
    let bytes = match fs::read(file) {
        Ok(bytes) => bytes,
        Err(error) => return refuse(0, format!("cannot be read: {error}"), "check its rights"),
    };
    let line = |at: usize| bytes[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
    if let Some(at) = bytes.iter().position(|byte| *byte == 0) {
        return refuse(line(at), "holds a NUL: this is no text in UTF-8".to_owned(), "save it as UTF-8");
    }
    match str::from_utf8(&bytes) {
        Ok(text) => Some(plain_lines(text.trim_start_matches('\u{feff}'))),
        Err(error) => {
            let at = error.valid_up_to();
            let what = format!("the byte 0x{:02X} is not UTF-8", bytes[at]);
            refuse(line(at), what, "save the file as UTF-8 (it looks like Latin-1 or Windows-1252)")
        }
    }
}

/// A text with `\n` alone at line ends.
pub(super) fn plain_lines(text: &str) -> String {
    if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n") } else { text.to_owned() }
}

/// A file under a folder by a path that an address named; nothing where the path leaves the folder.
pub(super) fn under(folder: &Path, path: &str) -> Option<PathBuf> {
    let mut file = folder.to_owned();
    for part in Path::new(path).components() {
        match part {
            Component::Normal(name) => file.push(name),
            Component::CurDir => {}
            _ => return None,
        }
    }
    let inside = || Some(fs::canonicalize(&file).ok()?.starts_with(fs::canonicalize(folder).ok()?));
    (file != folder && file.is_file() && inside()?).then_some(file)
}
