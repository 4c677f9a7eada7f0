//! Terms under numbers: each is kept once.

use std::cmp::Ordering;

/// A growing set of short texts, numbered in the order of their arrival.
#[derive(Debug, Clone, Default)]
pub(super) struct Terms {
    letters: String,
    /// Where each text ends.
    ends: Vec<u32>,
    /// Numbers plus one, by hash; 0 is free.
    slots: Vec<u32>,
}

impl Terms {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The text of a number.
    pub(super) fn get(&self, number: u32) -> &str {
        let number = number as usize;
        let start = number.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        let end = self.ends.get(number).copied().unwrap_or(start);
        &self.letters[start as usize..end as usize]
    }

    /// The number of a text, a new one if it is new.
    pub(super) fn number(&mut self, text: &str) -> u32 {
        if (self.len() + 1) * 2 > self.slots.len() {
            self.grow();
        }
        let mut at = self.slot(text);
        while let Some(known) = self.slots[at].checked_sub(1) {
            if self.get(known) == text {
                return known;
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
        self.letters.push_str(text);
        self.ends.push(u32::try_from(self.letters.len()).unwrap_or(u32::MAX));
        let number = u32::try_from(self.len()).unwrap_or(u32::MAX);
        self.slots[at] = number;
        number - 1
    }

    /// All numbers, by the order that texts have in the script: that of their UTF-16.
    pub(super) fn sorted(&self) -> Vec<u32> {
        let mut numbers: Vec<u32> = (0..).take(self.len()).collect();
        numbers.sort_unstable_by(|a, b| order(self.get(*a), self.get(*b)));
        numbers
    }

    fn slot(&self, text: &str) -> usize {
        const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
        let mut hash = 0_u64;
        for byte in text.bytes() {
            hash = (hash ^ u64::from(byte)).wrapping_mul(FACTOR).rotate_left(5);
        }
        (hash >> 32) as usize & (self.slots.len() - 1)
    }

    fn grow(&mut self) {
        let size = (self.slots.len() * 2).max(1024);
        self.slots = vec![0; size];
        for number in (0..).take(self.len()) {
            let mut at = self.slot(self.get(number));
            while self.slots[at] != 0 {
                at = (at + 1) & (size - 1);
            }
            self.slots[at] = number + 1;
        }
    }
}

fn order(a: &str, b: &str) -> Ordering {
    if a.is_ascii() && b.is_ascii() { a.cmp(b) } else { a.encode_utf16().cmp(b.encode_utf16()) }
}
