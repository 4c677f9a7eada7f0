//! The files that stand in an `out/`, and the list of them that lies beside them.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Serialize, Serializer};

use crate::model::hex;

/// Path → SHA-256 of every file.
pub type Manifest = BTreeMap<String, String>;

/// The list of all files, itself excepted.
pub const MANIFEST: &str = "manifest.json";

/// A file of an `out/`.
#[derive(Debug, Clone)]
pub(super) struct Standing {
    pub(super) path: Arc<str>,
    /// Its SHA-256, as the list has it.
    pub(super) digest: [u8; 32],
    /// Whether it is certain to be the one that the build before left.
    pub(super) intact: bool,
}

/// Where a file is in a list by path.
pub(super) fn find(files: &[Standing], name: &str) -> Option<usize> {
    files.binary_search_by(|file| (*file.path).cmp(name)).ok()
}

/// The list of all files, as it is written.
pub(super) struct List<'a>(pub(super) &'a [Standing]);

impl Serialize for List<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(self.0.iter().map(|file| (&*file.path, hex(&file.digest))))
    }
}
