//! What is remembered, as bytes: folded up, and held to a sum when it is read.

use std::hash::{DefaultHasher, Hasher};

use rayon::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// How many cards are kept together: what has not changed is copied, not written anew.
pub(super) const BUNDLE: usize = 512;

/// What had been made, still folded up.
#[derive(Debug)]
pub(super) struct Made {
    bytes: Vec<u8>,
    parts: Vec<std::ops::Range<usize>>,
}

impl Made {
    /// Finds the parts, where they are whole and have this sum.
    pub(super) fn read(bytes: Vec<u8>, whole: u64) -> Option<Self> {
        let mut parts = Vec::new();
        let mut sums = Vec::new();
        let mut at = 0;
        while at < bytes.len() {
            let word = |at: usize| Some(u64::from_le_bytes(*bytes.get(at..)?.first_chunk::<8>()?));
            let (length, sum) = (usize::try_from(word(at)?).ok()?, word(at + 8)?);
            let end = (at + 16).checked_add(length)?;
            bytes.get(at + 16..end)?;
            parts.push(at + 16..end);
            sums.push(sum);
            at = end;
        }
        let same = || parts.par_iter().zip(&sums).all(|(part, sum)| sum_of(&bytes[part.clone()]) == *sum);
        (sum_of_sums(&sums) == whole && same()).then_some(Self { bytes, parts })
    }

    /// Unfolds what was made of the sheets.
    pub(super) fn sheets<T: DeserializeOwned>(&self) -> Option<T> {
        unfold(self.part(0)?)
    }

    /// How many bundles of cards there are.
    pub(super) fn bundles(&self) -> usize {
        self.parts.len().saturating_sub(1)
    }

    /// A bundle of cards as it was written.
    pub(super) fn bundle(&self, at: usize) -> Option<&[u8]> {
        self.part(at + 1)
    }

    fn part(&self, at: usize) -> Option<&[u8]> {
        self.bytes.get(self.parts.get(at)?.clone())
    }
}

/// A part that was read, behind the sum that it is held to.
pub(super) struct Part(pub(super) Vec<u8>);

impl Part {
    /// Whether it has its sum.
    pub(super) fn is_whole(&self) -> bool {
        let sum = self.0.first_chunk::<8>().map(|sum| u64::from_le_bytes(*sum));
        sum == Some(sum_of(self.as_ref()))
    }
}

impl AsRef<[u8]> for Part {
    fn as_ref(&self) -> &[u8] {
        self.0.get(8..).unwrap_or_default()
    }
}

/// Folds a value up. What cannot be folded is written as nothing, and not believed when it is read.
pub(super) fn fold(value: &impl Serialize) -> Vec<u8> {
    postcard::to_stdvec(value).unwrap_or_default()
}

/// Unfolds a value.
pub(super) fn unfold<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    postcard::from_bytes(bytes).ok()
}

/// A sum that tells bytes that were damaged; no seal.
pub(super) fn sum_of(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(bytes);
    hasher.finish()
}

/// A sum of sums.
pub(super) fn sum_of_sums(sums: &[u64]) -> u64 {
    let mut hasher = DefaultHasher::new();
    sums.iter().for_each(|sum| hasher.write_u64(*sum));
    hasher.finish()
}
