//! The words of a language that were met so far, and the terms they became: most words of a text have been met before.

use crate::model::Language;

use super::stem::stem;
use super::stops::stop_words;
use super::terms::{Terms, mix};

/// The code of a stop word; 0 is that of a word not yet met, any other is a term plus one.
const STOP: u32 = u32::MAX;

/// Words and their codes.
#[derive(Debug)]
pub(super) struct Forms {
    language: Option<Language>,
    short: Short,
    long: Terms,
    /// By number of the long words.
    codes: Vec<u32>,
    stem: String,
}

impl Forms {
    /// Those of a language in which no word was met yet.
    pub(super) fn new(language: Option<Language>) -> Self {
        let mut forms = Self {
            language,
            short: Short { slots: vec![(0, 0); 1024], count: 0 },
            long: Terms::default(),
            codes: Vec::new(),
            stem: String::new(),
        };
        stop_words(language).split_terminator(' ').for_each(|word| *forms.code(word.as_bytes()) = STOP);
        forms
    }

    /// Whether they are those of a language.
    pub(super) fn are_of(&self, language: Option<Language>) -> bool {
        self.language == language
    }

    /// The term of a word, none if it is a stop word.
    pub(super) fn term(&mut self, word: &[u8], terms: &mut Terms) -> Option<u32> {
        match *self.code(word) {
            0 => {
                stem(std::str::from_utf8(word).unwrap_or_default(), self.language, &mut self.stem);
                let term = terms.number(self.stem.as_bytes());
                *self.code(word) = term + 1;
                Some(term)
            }
            STOP => None,
            code => Some(code - 1),
        }
    }

    fn code(&mut self, word: &[u8]) -> &mut u32 {
        if let Some(letters) = short(word) {
            return self.short.code(letters);
        }
        let number = self.long.number(word) as usize;
        if number == self.codes.len() {
            self.codes.push(0);
        }
        &mut self.codes[number]
    }
}

/// The letters of a word of at most eight bytes, as one number.
fn short(word: &[u8]) -> Option<u64> {
    let length = word.len();
    let four = |four: Option<&[u8; 4]>| four.map(|four| u64::from(u32::from_le_bytes(*four)));
    match (four(word.first_chunk()), four(word.last_chunk())) {
        (Some(first), Some(last)) => (length <= 8).then(|| first | last << (8 * (length - 4))),
        _ => {
            let letter = |at: usize| Some(u64::from(*word.get(at)?) << (8 * at));
            Some(letter(0)? | letter(length / 2)? | letter(length - 1)?)
        }
    }
}

/// Short words and their codes, by hash: no word is 0, so that it stands for a free place.
#[derive(Debug)]
struct Short {
    slots: Vec<(u64, u32)>,
    count: usize,
}

impl Short {
    fn code(&mut self, word: u64) -> &mut u32 {
        let mut at = self.place(word);
        if self.slots[at].0 == 0 {
            if self.count * 4 > self.slots.len() * 3 {
                self.grow();
                at = self.place(word);
            }
            self.count += 1;
            self.slots[at].0 = word;
        }
        &mut self.slots[at].1
    }

    /// Where a word stands, or is to stand.
    fn place(&self, word: u64) -> usize {
        let last = self.slots.len() - 1;
        let mut at = mix(word) as usize & last;
        while self.slots[at].0 != word && self.slots[at].0 != 0 {
            at = (at + 1) & last;
        }
        at
    }

    fn grow(&mut self) {
        let old = std::mem::take(&mut self.slots);
        self.slots = vec![(0, 0); old.len() * 2];
        for slot in old.into_iter().filter(|(word, _)| *word != 0) {
            let at = self.place(slot.0);
            self.slots[at] = slot;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_the_same_term_again_and_no_other_word_is() {
        let (mut forms, mut terms) = (Forms::new(Some(Language::French)), Terms::default());
        assert_eq!(forms.term(b"toutes", &mut terms), None);
        let words: Vec<String> = (0..9_999_usize).map(|at| "z".repeat(at % 12) + &at.to_string()).collect();
        for round in 0..2 {
            for (at, word) in (0..).zip(&words) {
                assert_eq!(forms.term(word.as_bytes(), &mut terms), Some(at), "{round} {word}");
            }
        }
    }
}
