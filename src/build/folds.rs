//! What is remembered, as bytes: folded up, and held to a sum when it is read.

use std::hash::Hasher;

use rustc_hash::FxHasher;
use serde::Serialize;
use serde::de::DeserializeOwned;

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

/// The same, where it is known how many bytes that takes, or nearly: a buffer that grows is copied again and again.
pub(super) fn fold_into(room: usize, value: &impl Serialize) -> Vec<u8> {
    postcard::to_extend(value, Vec::with_capacity(room)).unwrap_or_default()
}

/// Unfolds a value.
pub(super) fn unfold<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    postcard::from_bytes(bytes).ok()
}

/// A sum that tells bytes that were damaged; no seal.
pub(super) fn sum_of(bytes: &[u8]) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write(bytes);
    hasher.write_usize(bytes.len());
    hasher.finish()
}
