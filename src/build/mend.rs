//! Safe corrections, written into the source files: everything else of a file stays to the byte.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::model::{Fix, Report};

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

fn one(path: &Path, fixes: &[&Fix]) -> std::io::Result<usize> {
    let bytes = fs::read(path)?;
    let mut mended = Vec::with_capacity(bytes.len());
    let mut done = 0;
    let mut made = 0;
    for fix in fixes {
        let (Some(start), Some(end)) = (raw(&bytes, fix.start), raw(&bytes, fix.end)) else { continue };
        // Another correction has been there, or the file is not as it was read.
        if start < done || bytes.get(start..end) != Some(fix.was.as_bytes()) {
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

/// The place in the file of a place in its tidied text: without byte-order mark, with `\n` alone at line ends.
fn raw(bytes: &[u8], wanted: usize) -> Option<usize> {
    let mut at = if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    for _ in 0..wanted {
        at += if bytes[at..].starts_with(b"\r\n") { 2 } else { 1 };
        if at > bytes.len() {
            return None;
        }
    }
    Some(at)
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
