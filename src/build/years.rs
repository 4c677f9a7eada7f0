//! The years of the search index: what a year was made of is remembered, so that of a year only the texts that have
//! changed are read.

use std::sync::{Mutex, PoisonError};

use crate::model::{OutFile, Source, sha256_bytes};
use crate::render::Renderer;
use crate::search::{Key, Year};
use crate::site;

use super::state::{Seen, State};

/// The years as they were, and as they are made.
pub(super) struct Years<'a> {
    /// The state of the build before, where it is believed.
    before: Option<&'a State>,
    /// The Markdown files as they were seen, by path.
    seen: &'a [Seen],
    made: Mutex<Vec<(i32, Vec<u8>)>>,
}

impl<'a> Years<'a> {
    pub(super) fn new(before: Option<&'a State>, seen: &'a [Seen]) -> Self {
        Self { before, seen, made: Mutex::default() }
    }

    /// The files of a year.
    pub(super) fn print(&self, renderer: &Renderer<'_>, year: i32) -> Vec<OutFile> {
        let bytes = self.before.and_then(|state| state.part(&name(year)));
        let old = bytes.and_then(|bytes| Year::decode(&bytes).ok()).unwrap_or_default();
        let made = site::search_year(renderer, year, old, |source| self.key(source));
        let (files, bytes) = rayon::join(|| made.files(year), || made.encode());
        self.made.lock().unwrap_or_else(PoisonError::into_inner).push((year, bytes));
        files
    }

    /// What is to be remembered.
    pub(super) fn into_parts(self) -> Vec<(String, Vec<u8>)> {
        let made = self.made.into_inner().unwrap_or_else(PoisonError::into_inner);
        made.into_iter().map(|(year, bytes)| (name(year), bytes)).collect()
    }

    /// Settings and program are those of the state: the bytes of a file say the rest.
    fn key(&self, source: &Source) -> Key {
        let at = self.seen.binary_search_by(|seen| seen.path.as_str().cmp(source.path()));
        let digest = at.map_or_else(|_| sha256_bytes(source.text().as_bytes()), |at| self.seen[at].digest);
        let mut key = [0; 16];
        key.copy_from_slice(&digest[..16]);
        key
    }
}

fn name(year: i32) -> String {
    format!("year-{year}")
}
