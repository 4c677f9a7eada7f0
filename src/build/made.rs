//! What one build had made, for the next to take over: of the sheets, and of the sources.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::folds::{sum_of, unfold};
use super::state::{Kept, SheetLeft};

/// The files of what was made of the sheets, each with its number: read when something has changed.
pub(super) const SHEETS: &str = "sheets";
/// The files of the bundles of cards, each with its number.
pub(super) const CARDS: &str = "cards";

/// The sums of what had been made.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Sums {
    /// Of the sheets, by stretch.
    pub(super) sheets: Vec<u64>,
    /// Of the cards, by bundle.
    pub(super) cards: Vec<u64>,
}

/// What had been made, where it lies. It is held to its sums as it is read.
#[derive(Debug)]
pub(super) struct Made {
    pub(super) folder: PathBuf,
    pub(super) sums: Sums,
}

impl Made {
    /// What was made of the sheets.
    pub(super) fn sheets(&self) -> Option<Vec<Arc<SheetLeft>>> {
        let stretch = |(at, sum): (usize, &u64)| {
            let sheets: Vec<SheetLeft> = unfold(&self.read(&numbered(SHEETS, at), *sum)?)?;
            Some(sheets.into_iter().map(Arc::new).collect())
        };
        let stretches: Option<Vec<Vec<Arc<SheetLeft>>>> =
            self.sums.sheets.par_iter().with_max_len(1).enumerate().map(stretch).collect();
        Some(stretches?.into_iter().flatten().collect())
    }

    /// The sums of the stretches of sheets.
    pub(super) fn sheet_sums(&self) -> &[u64] {
        &self.sums.sheets
    }

    /// The sums of the bundles of cards.
    pub(super) fn bundles(&self) -> &[u64] {
        &self.sums.cards
    }

    /// A bundle of cards.
    pub(super) fn bundle(&self, at: usize) -> Option<Vec<Kept>> {
        unfold(&self.read(&numbered(CARDS, at), *self.sums.cards.get(at)?)?)
    }

    fn read(&self, name: &str, sum: u64) -> Option<Vec<u8>> {
        whole(&self.folder.join(name), sum)
    }
}

/// The bytes of a file that has this sum.
pub(super) fn whole(file: &Path, sum: u64) -> Option<Vec<u8>> {
    fs::read(file).ok().filter(|bytes| sum_of(bytes) == sum)
}

pub(super) fn numbered(name: &str, at: usize) -> String {
    format!("{name}-{at}")
}
