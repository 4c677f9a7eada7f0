//! A built mail, read back: what was proofread is what is sent, to the byte.

use std::fs;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::mail::{Facts, Mail, digest};
use crate::model::{Slot, sha256};

use super::standing::{MANIFEST, Manifest};

/// Why a built mail cannot be used.
#[derive(Debug, Error)]
pub enum ReadError {
    /// A file is missing or cannot be read.
    #[error("cannot read {}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// `issue.json` is not what a build writes.
    #[error("{} is not what a build writes", path.display())]
    Facts {
        /// The file.
        path: PathBuf,
        /// Why.
        source: serde_json::Error,
    },
    /// The files were changed after they were built.
    #[error("the mail in {} is not the one that was built", .0.display())]
    Changed(PathBuf),
}

/// Reads the mail of an issue from `out/`, and refuses one that was changed since, or that a build has not finished.
pub fn read_mail(out: &Path, slot: Slot) -> Result<Mail, ReadError> {
    let folder = out.join("mail").join(slot.to_string());
    let read = |name: &str| {
        let path = folder.join(name);
        fs::read_to_string(&path).map_err(|source| ReadError::Io { path, source })
    };
    let (json, html, text) = (read("issue.json")?, read("mail.html")?, read("mail.txt")?);
    let manifest = fs::read(out.join(MANIFEST)).ok();
    let manifest: Manifest = manifest.and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default();
    let listed = |name: &str, text: &str| {
        manifest.get(&format!("mail/{slot}/{name}")) == Some(&sha256(text.as_bytes()))
    };
    if !(listed("issue.json", &json) && listed("mail.html", &html) && listed("mail.txt", &text)) {
        return Err(ReadError::Changed(folder));
    }
    let facts: Facts = serde_json::from_str(&json)
        .map_err(|source| ReadError::Facts { path: folder.join("issue.json"), source })?;
    if digest(&facts.subject, &facts.preheader, &html, &text) != facts.digest {
        return Err(ReadError::Changed(folder));
    }
    Ok(Mail { slot, facts, html, text, items: Vec::new() })
}
