//! Safe corrections, written into the source files: everything else of a file stays to the byte.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::model::{Fix, Report, composed};

/// Why a file could not be corrected; it is as it was.
#[derive(Debug, Error)]
#[error("cannot correct {}", path.display())]
pub struct MendError {
    path: PathBuf,
    source: std::io::Error,
}

/// Carries out the corrections that a report offers. Returns how many were made.
pub fn mend(root: &Path, report: &Report) -> Result<usize, MendError> {
    let mut files: BTreeMap<&str, Vec<&Fix>> = BTreeMap::new();
    for finding in report.findings() {
        if let (Some(place), Some(fix)) = (&finding.location, &finding.fix) {
            files.entry(&place.path).or_default().push(fix);
        }
    }
    let mut made = 0;
    for (name, mut fixes) in files {
        let path = root.join(name);
        fixes.sort_by_key(|fix| fix.start);
        made += one(&path, &fixes).map_err(|source| MendError { path, source })?;
    }
    Ok(made)
}

/// Corrects one file, from its start to its end. Returns how many corrections were made.
pub(super) fn one(path: &Path, fixes: &[&Fix]) -> std::io::Result<usize> {
    let bytes = fs::read(path)?;
    let mut mended = Vec::with_capacity(bytes.len());
    let mut done = 0;
    let mut made = 0;
    for fix in fixes {
        let (Some(start), Some(end)) = (raw(&bytes, fix.start), raw(&bytes, fix.end)) else { continue };
        // Another correction has been there, or the file is not as it was read.
        if start < done || end < start || !stands(&bytes[start..end], &fix.was) {
            continue;
        }
        mended.extend_from_slice(&bytes[done..start]);
        mended.extend_from_slice(fix.text.as_bytes());
        done = end;
        made += 1;
    }
    if made == 0 {
        return Ok(0);
    }
    mended.extend_from_slice(&bytes[done..]);
    let beside = path.with_extension("md.new");
    let mut file = fs::File::create(&beside)?;
    file.write_all(&mended)?;
    file.set_permissions(fs::metadata(path)?.permissions())?;
    file.sync_all()?;
    fs::rename(&beside, path)?;
    Ok(made)
}

/// Whether a stretch of the file is what was read there.
fn stands(bytes: &[u8], was: &str) -> bool {
    let text = std::str::from_utf8(bytes).unwrap_or_default().replace("\r\n", "\n");
    composed::composed(&text) == was
}

/// The place in the file of a place in its tidied text: without byte-order mark, with `\n` alone at line ends, with
/// characters composed.
fn raw(bytes: &[u8], wanted: usize) -> Option<usize> {
    let mut at = if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let text = std::str::from_utf8(&bytes[at..]).ok()?;
    let mut tidied = 0;
    for line in text.split_inclusive('\n') {
        let typed = line.strip_suffix("\r\n").or_else(|| line.strip_suffix('\n')).unwrap_or(line);
        let length = composed::length(typed);
        if wanted <= tidied + length {
            return composed::typed_place(typed, wanted - tidied).map(|place| at + place);
        }
        tidied += length + 1;
        at += line.len();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_line_ends_and_a_mark_shift_places() {
        let bytes = "\u{feff}a\r\nb\r\nc".as_bytes();
        assert_eq!(raw(bytes, 0), Some(3));
        assert_eq!(raw(bytes, 2).map(|at| bytes[at]), Some(b'b'));
        assert_eq!(raw(bytes, 4).map(|at| bytes[at]), Some(b'c'));
        assert_eq!(raw(bytes, 99), None);
    }
}
