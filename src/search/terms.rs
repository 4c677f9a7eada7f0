//! Terms under numbers: each is kept once.

use std::cmp::Ordering;

/// A growing set of short texts, numbered in the order of their arrival.
#[derive(Debug, Clone, Default)]
pub(super) struct Terms {
    letters: Vec<u8>,
    /// Where each text ends.
    ends: Vec<u32>,
    slots: Vec<Slot>,
}

/// A place in the table: the hash is kept so that few texts are looked at in vain, and none when the table grows.
#[derive(Debug, Clone, Copy, Default)]
struct Slot {
    hash: u32,
    /// The number plus one; 0 is free.
    number: u32,
}

impl Terms {
    /// Terms that were sorted, by where each ends; none if they are not.
    pub(super) fn of_sorted(letters: &[u8], ends: Vec<u32>) -> Option<Self> {
        let terms = Self { letters: letters.to_vec(), ends, slots: Vec::new() };
        let sorted = (0..).take(terms.len()).is_sorted_by(|a, b| order(terms.get(*a), terms.get(*b)).is_lt());
        sorted.then_some(terms)
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The text of a number, as UTF-8.
    pub(super) fn get(&self, number: u32) -> &[u8] {
        let number = number as usize;
        let start = number.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        let end = self.ends.get(number).copied().unwrap_or(start);
        &self.letters[start as usize..end as usize]
    }

    /// The number of a text, a new one if it is new.
    pub(super) fn number(&mut self, text: &[u8]) -> u32 {
        if self.len() * 4 >= self.slots.len() * 3 {
            self.grow();
        }
        let hash = hash(text);
        let mut at = hash as usize & (self.slots.len() - 1);
        loop {
            let slot = self.slots[at];
            let Some(known) = slot.number.checked_sub(1) else { break };
            if slot.hash == hash && self.get(known) == text {
                return known;
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
        self.letters.extend_from_slice(text);
        self.ends.push(u32::try_from(self.letters.len()).unwrap_or(u32::MAX));
        let number = u32::try_from(self.len()).unwrap_or(u32::MAX);
        self.slots[at] = Slot { hash, number };
        number - 1
    }

    /// All numbers, by the order that texts have in the script: that of their UTF-16.
    pub(super) fn sorted(&self) -> Vec<u32> {
        let mut numbers: Vec<u32> = (0..).take(self.len()).collect();
        // Most of those of a year that was kept are sorted: a sort that is stable finds that.
        numbers.sort_by(|a, b| order(self.get(*a), self.get(*b)));
        numbers
    }

    fn grow(&mut self) {
        let size = (self.len() * 2).next_power_of_two().max(1024);
        let mut slots = vec![Slot::default(); size];
        let mut put = |slot: Slot| {
            let mut at = slot.hash as usize & (size - 1);
            while slots[at].number != 0 {
                at = (at + 1) & (size - 1);
            }
            slots[at] = slot;
        };
        if self.slots.is_empty() {
            let numbered = (0..).zip(1..).take(self.len());
            numbered.for_each(|(at, number)| put(Slot { hash: hash(self.get(at)), number }));
        }
        self.slots.iter().filter(|slot| slot.number > 0).for_each(|slot| put(*slot));
        self.slots = slots;
    }
}

/// Eight bytes at a time; the last eight may be looked at twice.
fn hash(text: &[u8]) -> u32 {
    let mut hash = text.len() as u64;
    let mut rest = text;
    while let Some((first, others)) = rest.split_first_chunk() {
        hash = mix(hash ^ u64::from_le_bytes(*first));
        rest = others;
    }
    let last = match (text.last_chunk(), rest) {
        (Some(last), _) => u64::from_le_bytes(*last),
        (None, rest) => rest.iter().fold(0, |last, byte| last << 8 | u64::from(*byte)),
    };
    mix(hash ^ last) as u32
}

/// Every bit of the value bears on every bit of what comes of it.
pub(super) fn mix(value: u64) -> u64 {
    let wide = u128::from(value) * 0x9e37_79b9_7f4a_7c15;
    wide as u64 ^ (wide >> 64) as u64
}

/// By UTF-16: there surrogates, which stand for four bytes, come before the last characters of three.
fn order(a: &[u8], b: &[u8]) -> Ordering {
    let differ = a.iter().zip(b).find(|(a, b)| a != b);
    let place = |byte: u8| if matches!(byte, 0xee | 0xef) { byte + 0x10 } else { byte };
    differ.map_or_else(|| a.len().cmp(&b.len()), |(a, b)| place(*a).cmp(&place(*b)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_is_that_of_utf_16() {
        proptest::proptest!(|(a in "[a-c\u{e9}\u{d7ff}\u{e000}-\u{ffff}\u{10000}-\u{10ffff}]{0,4}", b in "[a-c\u{e9}\u{d7ff}\u{e000}-\u{ffff}\u{10000}-\u{10ffff}]{0,4}")| {
            assert_eq!(order(a.as_bytes(), b.as_bytes()), a.encode_utf16().cmp(b.encode_utf16()));
        });
    }

    #[test]
    fn terms_that_were_kept_are_known_again() {
        let terms = Terms::of_sorted(b"abcd", vec![1, 3, 4]).map(|mut terms| {
            [
                terms.number(b"bc"),
                terms.number(b"c"),
                terms.number(b"d"),
                terms.number(b"a"),
                terms.number(b"c"),
            ]
        });
        assert_eq!(terms, Some([1, 3, 2, 0, 3]));
        assert!(
            Terms::of_sorted(b"aa", vec![1, 2]).is_none() && Terms::of_sorted(b"ba", vec![1, 2]).is_none()
        );
    }
}
