//! Text to words: folded, figures whole, compounds both in parts and as one, dense scripts in pairs.

use super::fold::{Sign, fold, is_space};

/// The longest word, in characters; what is longer is cut.
const LONGEST: usize = 32;

/// Gives the folded words of a text to `take` as UTF-8, one after the other, not yet stemmed.
pub(super) fn words(text: &str, mut take: impl FnMut(&[u8])) {
    let bytes = text.as_bytes();
    let mut plain = Plain::default();
    let mut splitter = Splitter::new(&mut take);
    let mut at = 0;
    while at < bytes.len() {
        if !splitter.is_open() {
            at += gap(&bytes[at..]);
            if let Some((word, length)) = plain.read(&bytes[at..]) {
                if word.len() > 1 {
                    (splitter.take)(word);
                }
                at += length;
                continue;
            }
        }
        at += splitter.step(text, at);
    }
    splitter.end_compound();
}

/// How many bytes at the start end words, whatever stands before and after them.
fn gap(bytes: &[u8]) -> usize {
    let mut at = 0;
    while let length @ 1.. = end(&bytes[at..]) {
        at += length;
    }
    at
}

/// The length of the mark at the start, if it ends a word of letters whatever follows.
fn end(bytes: &[u8]) -> usize {
    match bytes {
        [b'-', ..] => 0,
        [byte, ..] if byte.is_ascii() => usize::from(!byte.is_ascii_alphanumeric()),
        [0xc2, 0xa0 | 0xab | 0xbb, ..] => 2,
        [0xe2, 0x80, 0x89 | 0x92..=0xa7 | 0xaf, ..] => 3,
        _ => 0,
    }
}

/// Words of Latin letters alone: most of what there is.
#[derive(Default)]
struct Plain {
    word: [u8; LONGEST],
}

impl Plain {
    /// The word at the start and its length there, if it is such a one and surely ends where its letters do.
    fn read(&mut self, bytes: &[u8]) -> Option<(&[u8], usize)> {
        let (mut length, mut at) = (0, 0);
        loop {
            let (letters, count) = lower(eight(&bytes[at..]));
            *self.word.get_mut(length..)?.first_chunk_mut()? = letters;
            length += count;
            at += count;
            if count == letters.len() {
                continue;
            }
            let Some(letter) = accented(&bytes[at..]) else { break };
            *self.word.get_mut(length)? = letter;
            length += 1;
            at += 2;
        }
        let end = end(&bytes[at..]);
        (end > 0 || at == bytes.len()).then(|| (&self.word[..length], at + end))
    }
}

/// The first eight bytes, zeros for what is missing.
fn eight(bytes: &[u8]) -> [u8; 8] {
    bytes.first_chunk().copied().unwrap_or_else(|| {
        let mut padded = [0; 8];
        padded.iter_mut().zip(bytes).for_each(|(to, byte)| *to = *byte);
        padded
    })
}

/// The bytes as small letters, and how many of them at the start are letters: all eight are looked at in one.
fn lower(bytes: [u8; 8]) -> ([u8; 8], usize) {
    const EACH: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = EACH * 0x80;
    let small = u64::from_le_bytes(bytes) | (EACH * 0x20);
    let low = small & !HIGH;
    let from_a = low + EACH * (0x80 - 0x61);
    let after_z = low + EACH * (0x80 - 0x7b);
    let others = !(from_a & !after_z & !small) & HIGH;
    (small.to_le_bytes(), others.trailing_zeros() as usize / 8)
}

/// The letter under an accent of Western Europe: they are too many for the long way.
fn accented(bytes: &[u8]) -> Option<u8> {
    const FOLDED: &[u8; 64] = b"aaaaaa.ceeeeiiii.nooooo..uuuuy..aaaaaa.ceeeeiiii.nooooo..uuuuy.y";
    let [0xc3, second, ..] = bytes else { return None };
    let letter = *FOLDED.get(usize::from(second.checked_sub(0x80)?))?;
    (letter != b'.').then_some(letter)
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

impl<F: FnMut(&[u8])> Splitter<F> {
    fn new(take: F) -> Self {
        Self { take, word: String::new(), compound: String::new(), parts: 0, dense: None, figure: Figure::No }
    }

    /// Whether something has begun that what follows may go on with.
    fn is_open(&self) -> bool {
        !self.word.is_empty() || self.parts > 0 || self.dense.is_some()
    }

    /// Reads on from a byte. Returns how many were read.
    fn step(&mut self, text: &str, at: usize) -> usize {
        let rest = &text.as_bytes()[at..];
        let Some(byte) = rest.first() else { return 0 };
        if byte.is_ascii_alphanumeric() {
            let run = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
            self.letters(&text[at..at + run]);
            return run;
        }
        if let Some(letter) = accented(rest) {
            self.letter(char::from(letter));
            return 2;
        }
        if byte.is_ascii() {
            self.ascii(*byte, &rest[1..]);
            return 1;
        }
        let Some(character) = text[at..].chars().next() else { return rest.len() };
        let length = character.len_utf8();
        self.character(character, &rest[length..]);
        length
    }

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
            (self.take)(&pair[..length]);
        }
        self.dense = Some((letter, self.dense.is_none()));
    }

    fn end_dense(&mut self) {
        if let Some((letter, true)) = self.dense.take() {
            (self.take)(letter.encode_utf8(&mut [0; 4]).as_bytes());
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
            (self.take)(self.word.as_bytes());
        }
        self.word.clear();
        self.figure = Figure::No;
    }

    fn end_compound(&mut self) {
        self.end_dense();
        self.end_word();
        if self.parts == 2 && self.compound.chars().count() <= LONGEST {
            (self.take)(self.compound.as_bytes());
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
                let word = std::str::from_utf8(word).expect("UTF-8");
                stem(word, Language::parse(language), &mut stemmed);
                found.push(stemmed.clone());
            });
            assert_eq!(found.join(" "), expected, "{row}");
        }
    }

    #[test]
    fn no_text_is_too_strange() {
        proptest::proptest!(|(text in "\\PC{0,80}")| words(&text, |word| {
            let word = std::str::from_utf8(word).expect("UTF-8");
            assert!(!word.is_empty() && word.chars().count() <= LONGEST && !word.contains([' ', ',', ';', '<', '"']));
        }));
    }
}
