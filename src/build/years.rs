//! The years of the search index: what a year was made of is remembered, so that of a year only the texts that have
//! changed are read.

use std::sync::OnceLock;

use crate::model::{OutFile, Source, sha256_bytes};
use crate::render::Renderer;
use crate::search::{KeptYear, Key};
use crate::site;

use super::seen::Seen;
use super::state::State;

/// The years as they were, and as they are made.
pub(super) struct Years<'a> {
    /// Where they are kept, whether what lies there is believed, and what is mixed into every key.
    kept: Option<(&'a State, Kept, Key)>,
    /// The Markdown files as they were seen, by number.
    seen: &'a [Seen],
}

/// What is known of the years that were kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kept {
    /// They are those of the build before.
    Believed,
    /// They are to be made anew.
    Made,
}

impl<'a> Years<'a> {
    pub(super) fn new(kept: Option<(&'a State, Kept, Key)>, seen: &'a [Seen]) -> Self {
        Self { kept, seen }
    }

    /// The files of a year. It is kept at once, and not in memory: its keys tell whoever reads it of what it was made.
    pub(super) fn print(&self, renderer: &Renderer<'_>, year: i32) -> Vec<OutFile> {
        let believed = self.kept.filter(|(_, kept, _)| *kept == Kept::Believed);
        let lying = OnceLock::new();
        let old = || {
            let bytes = lying.get_or_init(|| believed.and_then(|(state, ..)| state.part(&name(year))));
            bytes.as_ref().and_then(|bytes| KeptYear::decode(bytes.as_ref()).ok()).unwrap_or_default()
        };
        let made = site::search_year(renderer, year, old, |source| self.key(source));
        let index = made.index();
        let keep = || self.kept.map(|(state, ..)| state.keep_part(&name(year), &index.encode()));
        // What cannot be kept is made again.
        let (files, _) = rayon::join(|| index.files(year), keep);
        files
    }

    /// What it was made of: the bytes of the file, by these settings and this program.
    fn key(&self, source: &Source) -> Key {
        let seen = source.number().and_then(|number| self.seen.get(number as usize));
        let seen = seen.filter(|seen| *seen.path == *source.path());
        let digest = seen.map_or_else(|| sha256_bytes(source.text().as_bytes()), |seen| seen.digest);
        let mut key = [0; 16];
        key.copy_from_slice(&digest[..16]);
        if let Some((_, _, salt)) = &self.kept {
            key.iter_mut().zip(salt).for_each(|(byte, salt)| *byte ^= salt);
        }
        key
    }
}

fn name(year: i32) -> String {
    format!("year-{year}")
}
