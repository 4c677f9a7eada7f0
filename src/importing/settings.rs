//! The settings of a site, in whichever format they are written.

use std::fs;
use std::path::Path;

use super::files::{plain_lines, shown};
use super::head::{self, Head};
use super::{ImportError, Note};

/// The settings in the first of some files that exists; none where none does.
pub(super) fn first(root: &Path, names: &[&str], notes: &mut Vec<Note>) -> Result<Head, ImportError> {
    match names.iter().map(|name| root.join(name)).find(|file| file.is_file()) {
        Some(file) => read(root, &file, notes),
        None => Ok(Head::default()),
    }
}

/// The settings in one file.
pub(super) fn read(root: &Path, file: &Path, notes: &mut Vec<Note>) -> Result<Head, ImportError> {
    let text = fs::read_to_string(file).map_err(|error| ImportError::Unreadable(file.to_owned(), error))?;
    let text = plain_lines(text.trim_start_matches('\u{feff}'));
    let name = shown(root, file);
    let broken = |(line, what)| ImportError::Broken { file: name.clone(), line, what };
    let keys = match file.extension().and_then(|ending| ending.to_str()) {
        Some("toml") => head::toml(&text, 1).map_err(broken)?,
        Some("json") => {
            serde_json::from_str(&text).map_err(|error| broken((error.line(), error.to_string())))?
        }
        _ => head::yaml(&name, text.strip_prefix("---\n").unwrap_or(&text), notes)
            .map_err(|(line, what)| broken((line.saturating_sub(1).max(1), what)))?,
    };
    Ok(Head::new(keys))
}
