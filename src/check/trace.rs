//! What can be recognised of an item or an article when its like comes again: little enough to be kept from one
//! check to the next.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hasher};

use serde::{Deserialize, Serialize};

use crate::content::Entry;
use crate::model::WebUrl;

use super::canonical::{addresses, canonical};
use super::words::{folded, triples};

/// What can be recognised of an entry: a pure function of its file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trace {
    /// The pages it leads to, each once.
    pub(super) links: Vec<Mark>,
    /// The hosts that it links with https, each once.
    pub(super) encrypted: Vec<Mark>,
    /// The title above it, if it may be a pun.
    pub(super) title: Option<Mark>,
    /// The sums of its headline, if that can be compared.
    pub(super) bands: Vec<u64>,
}

/// The traces of items and articles, by file.
pub type Traces = HashMap<String, Trace>;

/// A text that is only ever held against others: two that are equal are of one text, as far as 128 bits can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(super) struct Mark(u128);

/// The shortest headline that is compared, in folded letters.
const SHORTEST_NAME: usize = 12;
/// The shortest title that can be a pun.
const SHORTEST_TITLE: usize = 4;
/// How headlines are summed up: so many bands of so many rows (locality-sensitive hashing by least values).
/// Of headlines that are alike, this misses one in 400.
const BANDS: usize = 8;
const ROWS: usize = 3;

impl Trace {
    /// Reads a text for what it leads to and what it is called.
    pub fn of(entry: &Entry) -> Self {
        let text = entry.source.text();
        let mut trace = Self::default();
        for address in addresses(text) {
            let Ok(url) = WebUrl::parse(&text[address.clone()]) else { continue };
            if text[address].starts_with("https://") {
                trace.encrypted.push(Mark::of(url.bare_host()));
            }
            trace.links.extend(canonical(&url).map(|page| Mark::of(&page)));
        }
        for list in [&mut trace.links, &mut trace.encrypted] {
            list.sort_unstable();
            list.dedup();
        }
        trace.title = entry.title.as_deref().and_then(title);
        trace.bands = entry.name().and_then(letters).map(|letters| sums(&letters)).unwrap_or_default();
        trace
    }
}

impl Mark {
    pub(super) fn of(text: &str) -> Self {
        let half = |seed: u8| {
            let mut hasher = DefaultHasher::new();
            hasher.write_u8(seed);
            hasher.write(text.as_bytes());
            u128::from(hasher.finish())
        };
        Self(half(0) << 64 | half(1))
    }
}

/// A title, if it is long enough to be a pun.
pub(super) fn title(text: &str) -> Option<Mark> {
    let folded = folded(text);
    (folded.len() >= SHORTEST_TITLE).then(|| Mark::of(&folded))
}

/// The triples of letters of a headline, if it is long enough to be compared.
pub(super) fn letters(name: &str) -> Option<Vec<u32>> {
    let folded = folded(name);
    (folded.len() >= SHORTEST_NAME).then(|| triples(&folded))
}

/// One sum a band: equal where the least values of its rows are.
pub(super) fn sums(letters: &[u32]) -> Vec<u64> {
    let row = |number: usize| {
        let salt = u64::try_from(number + 1).unwrap_or(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        letters.iter().map(|triple| mixed(u64::from(*triple) ^ salt)).min().unwrap_or(0)
    };
    let band = |band: usize| {
        let first = u64::try_from(band).unwrap_or(0);
        (0..ROWS).fold(first, |sum, at| mixed(sum ^ row(band * ROWS + at)))
    };
    (0..BANDS).map(band).collect()
}

/// Scatters the bits of a number (the finaliser of MurmurHash3).
fn mixed(number: u64) -> u64 {
    let number = (number ^ (number >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    let number = (number ^ (number >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    number ^ (number >> 33)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alike_headlines_share_a_sum_and_others_do_not() {
        let of = |text: &str| sums(&letters(text).expect("letters"));
        let shared = |one: &str, other: &str| of(one).iter().zip(&of(other)).filter(|(a, b)| a == b).count();
        let title = "La CNIL inflige 250 000 euros d'amende à Optical Center";
        assert!(shared(title, "La Cnil inflige 250.000 euros d'amende à Optical Center !") == BANDS);
        assert!(shared(title, "La CNIL inflige 250 000 euros d'amendes à Optical Center") > 0);
        assert_eq!(shared(title, "Apple coupe les vivres aux traceurs"), 0);
    }

    #[test]
    fn two_texts_have_two_marks() {
        assert_eq!(Mark::of("a.example/b?"), Mark::of("a.example/b?"));
        assert_ne!(Mark::of("a.example/b?"), Mark::of("a.example/c?"));
        assert_ne!(title("Le pont"), title("Les ponts"));
        assert_eq!(title("Où"), None);
    }
}
