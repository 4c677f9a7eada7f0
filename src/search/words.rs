//! Text to words: folded, figures whole, compounds both in parts and as one, dense scripts in pairs.

use super::fold::{Sign, fold, is_space};

/// The longest word, in characters; what is longer is cut.
const LONGEST: usize = 32;

/// Gives the folded words of a text to `take`, one after the other, not yet stemmed.
pub fn words(text: &str, take: impl FnMut(&str)) {
    let mut splitter = Splitter {
        take,
        word: String::with_capacity(64),
        compound: String::new(),
        parts: 0,
        dense: None,
        figure: Figure::No,
    };
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let byte = *byte;
        if byte.is_ascii_alphanumeric() {
            let run = bytes[at..].iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
            splitter.letters(&text[at..at + run]);
            at += run;
        } else if let Some(letter) = accented(byte, bytes.get(at + 1)) {
            splitter.letter(letter);
            at += 2;
        } else if byte.is_ascii() {
            at += 1;
            splitter.ascii(byte, &bytes[at..]);
        } else {
            let Some(character) = text[at..].chars().next() else { break };
            at += character.len_utf8();
            splitter.character(character, &bytes[at..]);
        }
    }
    splitter.end_compound();
}

/// The letter under an accent of Western Europe: they are too many for the long way.
fn accented(first: u8, second: Option<&u8>) -> Option<char> {
    const FOLDED: &[u8; 64] = b"aaaaaa.ceeeeiiii.nooooo..uuuuy..aaaaaa.ceeeeiiii.nooooo..uuuuy.y";
    if first != 0xc3 {
        return None;
    }
    let letter = *FOLDED.get(usize::from(second?.checked_sub(0x80)?))?;
    (letter != b'.').then(|| char::from(letter))
}

/// Whether the word is a figure whose thousands may follow.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Figure {
    No,
    Digits,
    Grouped,
}

struct Splitter<F> {
    take: F,
    word: String,
    /// The parts of the compound so far, without their hyphens.
    compound: String,
    parts: usize,
    /// The last character of a dense script, and whether it stands alone so far.
    dense: Option<(char, bool)>,
    figure: Figure,
}

impl<F: FnMut(&str)> Splitter<F> {
    /// Plain letters and digits: most of what there is.
    fn letters(&mut self, run: &str) {
        if self.dense.is_some() {
            self.end_dense();
        }
        let start = self.word.len();
        if start == 0 {
            self.figure = Figure::Digits;
        }
        if !run.bytes().all(|byte| byte.is_ascii_digit()) {
            self.figure = Figure::No;
        }
        self.word.push_str(run);
        self.word[start..].make_ascii_lowercase();
    }

    fn letter(&mut self, letter: char) {
        if self.dense.is_some() {
            self.end_dense();
        }
        if self.word.is_empty() {
            self.figure = if letter.is_ascii_digit() { Figure::Digits } else { Figure::No };
        } else if !letter.is_ascii_digit() {
            self.figure = Figure::No;
        }
        self.word.push(letter);
    }

    fn ascii(&mut self, byte: u8, rest: &[u8]) {
        let digits = rest.iter().take(4).take_while(|byte| byte.is_ascii_digit()).count();
        match byte {
            b'-' => self.hyphen(),
            b'.' | b',' if digits > 0 && self.word.ends_with(|last: char| last.is_ascii_digit()) => {}
            b' ' => self.space(digits),
            _ => self.end_compound(),
        }
    }

    fn character(&mut self, character: char, rest: &[u8]) {
        if is_space(character) {
            let digits = rest.iter().take(4).take_while(|byte| byte.is_ascii_digit()).count();
            return self.space(digits);
        }
        // The marks of every day need no tables.
        if matches!(character, '\u{2012}'..='\u{2027}' | '«' | '»') {
            return self.end_compound();
        }
        fold(character, |sign| match sign {
            Sign::Letter(letter) => self.letter(letter),
            Sign::Dense(letter) => self.dense(letter),
            Sign::Hyphen => self.hyphen(),
            Sign::Break => self.end_compound(),
        });
    }

    /// A space ends a word, but not a figure of which three digits follow.
    fn space(&mut self, digits: usize) {
        let open = match self.figure {
            Figure::No => false,
            Figure::Digits => self.word.len() <= 3,
            Figure::Grouped => true,
        };
        if open && digits == 3 && !self.word.is_empty() && self.dense.is_none() && self.parts == 0 {
            self.figure = Figure::Grouped;
        } else {
            self.end_compound();
        }
    }

    fn hyphen(&mut self) {
        if self.dense.is_some() || self.word.is_empty() {
            return self.end_compound();
        }
        self.end_word();
    }

    fn dense(&mut self, letter: char) {
        if !self.word.is_empty() || self.parts > 0 {
            self.end_compound();
        }
        if let Some((last, _)) = self.dense {
            let mut pair = [0; 8];
            let first = last.encode_utf8(&mut pair).len();
            let length = first + letter.encode_utf8(&mut pair[first..]).len();
            if let Ok(pair) = std::str::from_utf8(&pair[..length]) {
                (self.take)(pair);
            }
        }
        self.dense = Some((letter, self.dense.is_none()));
    }

    fn end_dense(&mut self) {
        if let Some((letter, true)) = self.dense.take() {
            (self.take)(letter.encode_utf8(&mut [0; 4]));
        }
    }

    /// Ends a part of a compound, or a word that is none.
    fn end_word(&mut self) {
        if self.word.is_empty() {
            return;
        }
        cut(&mut self.word);
        self.parts += 1;
        if self.parts <= 2 {
            self.compound.push_str(&self.word);
        }
        if self.word.len() > 1 || !self.word.as_bytes()[0].is_ascii_lowercase() {
            (self.take)(&self.word);
        }
        self.word.clear();
        self.figure = Figure::No;
    }

    fn end_compound(&mut self) {
        self.end_dense();
        self.end_word();
        if self.parts == 2 && self.compound.chars().count() <= LONGEST {
            (self.take)(&self.compound);
        }
        self.parts = 0;
        self.compound.clear();
    }
}

fn cut(word: &mut String) {
    if word.len() > LONGEST
        && let Some((end, _)) = word.char_indices().nth(LONGEST)
    {
        word.truncate(end);
    }
}

#[cfg(test)]
mod tests {
    use super::super::stem::stem;
    use super::*;
    use crate::model::Language;

    /// The same table is put to the script of the page.
    #[test]
    fn every_row_of_the_table_gives_its_terms() {
        let table = include_str!("../../tests/search/stems.tsv");
        for row in table.lines() {
            let cells: Vec<&str> = row.split('\t').collect();
            let [language, text, expected] = cells[..] else { panic!("{row}") };
            let (mut found, mut stemmed) = (Vec::new(), String::new());
            words(text, |word| {
                stem(word, Language::parse(language), &mut stemmed);
                found.push(stemmed.clone());
            });
            assert_eq!(found.join(" "), expected, "{row}");
        }
    }

    #[test]
    fn no_text_is_too_strange() {
        proptest::proptest!(|(text in "\\PC{0,80}")| words(&text, |word| {
            assert!(!word.is_empty() && word.chars().count() <= LONGEST && !word.contains([' ', ',', ';', '<', '"']));
        }));
    }
}
