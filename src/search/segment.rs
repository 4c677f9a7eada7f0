//! A year as files: terms in blocks, the cards of entries in others, and a directory of the blocks.

use std::io;

use rayon::prelude::*;
use serde::Serialize;
use serde_json::ser::Formatter;

use crate::model::{OutFile, sha256};

use super::postings::Index;
use super::year::{Card, Field, Hit, Key};

/// About how long a block of terms may become, in bytes.
const BLOCK: usize = 24 * 1024;

/// How many cards stand in a file.
const CARDS: usize = 64;

/// The digits of numbers: five bits each, the sixth says that more follow.
const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// What the script reads first of a year.
#[derive(Serialize)]
struct Directory<'a> {
    /// Changes with any other file of the year: their addresses carry it past every cache.
    version: &'a str,
    entries: usize,
    cards: usize,
    /// The first term of each block.
    blocks: Vec<&'a str>,
}

/// The entries of a day: its date, how it is said, and of each entry address, name, matter, opening and language.
type Day<'a> = (String, &'a str, Vec<[&'a str; 5]>);

impl Index<'_> {
    /// The files of the year, as `out/` holds them.
    pub fn files(&self, year: i32) -> Vec<OutFile> {
        let entries = &self.year.entries;
        let cards = || -> Vec<File> {
            let numbered = entries.par_chunks(CARDS).enumerate();
            numbered.map(|(at, entries)| cards(year, at, entries)).collect()
        };
        let ((firsts, blocks), cards) = rayon::join(|| self.blocks(year), cards);
        let mut files: Vec<OutFile> = blocks.into_iter().chain(cards).map(File::end).collect();
        let digests: Vec<u8> = files.par_iter().flat_map_iter(|file| *file.digest()).collect();
        let version = &sha256(&digests)[..8];
        let directory = Directory { version, entries: entries.len(), cards: CARDS, blocks: firsts };
        let mut index = File::new(year, "index", 1024);
        script(&directory, &mut index.bytes);
        files.push(index.end());
        files
    }

    /// The first terms of the blocks, and the blocks.
    fn blocks(&self, year: i32) -> (Vec<&str>, Vec<File>) {
        let (mut firsts, mut blocks) = (Vec::new(), Vec::<File>::new());
        let mut before: &[u8] = &[];
        for (term, hits) in self.terms() {
            // Letters, digits and marks between commas: nothing in them needs an escape.
            match blocks.last_mut().filter(|block| block.data().len() <= BLOCK) {
                Some(block) => block.bytes.push(b';'),
                None => {
                    blocks.last_mut().into_iter().for_each(|block| block.bytes.push(b'"'));
                    let mut block = File::new(year, &format!("t{}", blocks.len()), BLOCK + BLOCK / 8);
                    block.bytes.push(b'"');
                    blocks.push(block);
                    firsts.push(std::str::from_utf8(term).unwrap_or_default());
                    before = &[];
                }
            }
            let Some(File { bytes: block, .. }) = blocks.last_mut() else { continue };
            // Only plain letters are shared: there bytes, characters and UTF-16 are the same.
            let shared = term.iter().zip(before).take(31).take_while(|(a, b)| a == b && a.is_ascii()).count();
            digits(u32::try_from(shared).unwrap_or(0), block);
            block.extend_from_slice(&term[shared..]);
            places(hits, block);
            before = term;
        }
        blocks.last_mut().into_iter().for_each(|block| block.bytes.push(b'"'));
        (firsts, blocks)
    }
}

/// A file in the making: a call of the script with the file's name and some data.
struct File {
    path: String,
    bytes: Vec<u8>,
    /// Where the data begin.
    start: usize,
}

impl File {
    fn new(year: i32, name: &str, room: usize) -> Self {
        let mut bytes = Vec::with_capacity(room + 64);
        bytes.extend_from_slice(format!("rotativeSearch(\"{year}/{name}\",").as_bytes());
        Self { path: format!("site/search/{year}/{name}.js"), start: bytes.len(), bytes }
    }

    fn data(&self) -> &[u8] {
        &self.bytes[self.start..]
    }

    fn end(mut self) -> OutFile {
        self.bytes.extend_from_slice(b")\n");
        OutFile::new(self.path, self.bytes)
    }
}

/// The entries that have a term: a list a field, each number as its distance from the one before.
fn places(hits: &[Hit], block: &mut Vec<u8>) {
    for field in &Field::ALL[..=Hit::last_field(hits) as usize] {
        block.push(b',');
        let mut expected = 0;
        for hit in hits.iter().filter(|hit| hit.is_in(*field)) {
            digits(hit.number() - expected, block);
            expected = hit.number() + 1;
        }
    }
}

fn digits(mut number: u32, block: &mut Vec<u8>) {
    while number >= 32 {
        block.push(DIGITS[number as usize % 32 + 32]);
        number /= 32;
    }
    block.push(DIGITS[number as usize]);
}

/// The file of some cards.
fn cards(year: i32, at: usize, entries: &[(Key, Card<'_>)]) -> File {
    let cards = || entries.iter().map(|(_, card)| card);
    let length = |card: &Card<'_>| {
        let Card { rest, name, about, opening, lang, .. } = card;
        32 + [rest, name, about, opening, lang].into_iter().map(|text| text.len()).sum::<usize>()
    };
    let mut file = File::new(year, &format!("c{at}"), cards().map(length).sum());
    script(&days(cards()), &mut file.bytes);
    file
}

fn days<'a>(cards: impl Iterator<Item = &'a Card<'a>>) -> Vec<Day<'a>> {
    let mut days: Vec<Day<'a>> = Vec::new();
    let mut date = None;
    for card in cards {
        let row = [&card.rest, &card.name, &card.about, &card.opening, &card.lang].map(|text| &**text);
        match days.last_mut() {
            Some((_, _, rows)) if date == Some(card.date) => rows.push(row),
            _ => days.push((card.date.to_string(), &card.day, vec![row])),
        }
        date = Some(card.date);
    }
    days
}

/// A value as JavaScript: JSON whose texts cannot end a script or a line.
fn script(value: &impl Serialize, bytes: &mut Vec<u8>) {
    let _ = value.serialize(&mut serde_json::Serializer::with_formatter(bytes, Script));
}

/// JSON that escapes what JavaScript in HTML needs beyond JSON's own.
struct Script;

impl Formatter for Script {
    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, to: &mut W, text: &str) -> io::Result<()> {
        let bytes = text.as_bytes();
        let mut start = 0;
        for at in memchr::memchr2_iter(b'<', 0xe2, bytes) {
            let (escape, length): (&[u8], _) = match bytes[at..] {
                [b'<', ..] => (b"\\u003c", 1),
                [_, 0x80, 0xa8, ..] => (b"\\u2028", 3),
                [_, 0x80, 0xa9, ..] => (b"\\u2029", 3),
                _ => continue,
            };
            to.write_all(&bytes[start..at])?;
            to.write_all(escape)?;
            start = at + length;
        }
        to.write_all(&bytes[start..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{IssueDate, Language};
    use crate::search::{KeptYear, Text, Wanted, Year};

    fn card<'t>(name: &'t str, opening: &'t str) -> Card<'t> {
        let [rest, name, about, lang, opening] = ["#a", name, "", "", opening].map(Into::into);
        let Wanted { date, day, .. } = wanted([0; 16]);
        Card { date, day, rest, name, about, lang, opening }
    }

    fn wanted(key: Key) -> Wanted {
        Wanted { key, date: IssueDate::parse("2018-06-08").expect("a date"), day: "8 June".into() }
    }

    fn texts() -> Vec<(String, String)> {
        (0..200)
            .map(|at| (format!("Name {at}"), format!("Common and word{} again, 漢字 été </script>", at % 7)))
            .collect()
    }

    fn text<'t>(name: &'t str, markdown: &'t str) -> Text<'t> {
        let (language, names) = (Some(Language::English), vec![name]);
        Text { language, names, markdown: markdown.into(), ..Text::default() }
    }

    fn year(texts: &[(String, String)]) -> Year<'_> {
        let mut year = Year::new();
        for (at, (name, markdown)) in texts.iter().enumerate() {
            year.add([u8::try_from(at).expect("few"); 16], card(name, markdown), &text(name, markdown));
        }
        year
    }

    #[test]
    fn texts_of_cards_cannot_end_the_script() {
        let mut year = Year::new();
        year.add([0; 16], card("</script><b>", "\u{2028}\"\\\n"), &Text::default());
        let files = year.index().files(2018);
        let text = String::from_utf8(files[0].bytes().to_vec()).expect("text");
        assert_eq!(files[0].path, "site/search/2018/c0.js");
        assert!(!text.contains('<') && !text.contains('\u{2028}') && text.lines().count() == 1, "{text}");
    }

    #[test]
    fn numbers_are_distances() {
        let mut block = Vec::new();
        let hits = [(0, Field::Name), (3, Field::Body), (4, Field::Body), (40, Field::Name)];
        places(&hits.map(|(number, field)| Hit::new(number, field)), &mut block);
        assert_eq!(block, b",DA,AnB");
    }

    #[test]
    fn a_year_kept_and_renewed_is_a_year_made_afresh() {
        let mut texts = texts();
        let kept = year(&texts).index().encode();
        let kept = KeptYear::decode(&kept).expect("a year");
        texts[7].1 = "Something else altogether".to_owned();
        texts.truncate(150);
        let key = |at: usize| [if at == 7 { 255 } else { u8::try_from(at).expect("few") }; 16];
        let wanted = (0..texts.len()).map(|at| wanted(key(at)));
        let renewed = kept.renew(wanted.collect(), |at| {
            assert_eq!(at, 7, "only what has changed is read");
            let (name, markdown) = &texts[at];
            (card(name, markdown), text(name, markdown))
        });
        assert_eq!(renewed.index().files(2018), year(&texts).index().files(2018));
    }

    #[test]
    fn entries_may_change_places_go_and_come_twice() {
        let texts = texts();
        let order = [9, 3, 3, 8, 0, 199, 4];
        let moved: Vec<_> = order.map(|at| texts[at].clone()).into_iter().collect();
        let kept = year(&texts[..150]).index().encode();
        let kept = KeptYear::decode(&kept).expect("a year");
        let wanted = order.map(|at| wanted([u8::try_from(at).expect("few"); 16]));
        let renewed = kept.renew(wanted.into(), |at| {
            assert!([2, 5].contains(&at), "only the double and the new one are read");
            let (name, markdown) = &moved[at];
            (card(name, markdown), text(name, markdown))
        });
        assert_eq!(renewed.index().files(2018), year(&moved).index().files(2018));
    }

    #[test]
    fn what_was_cut_off_or_changed_is_not_a_year() {
        let whole = year(&texts()[..3]).index().encode();
        for length in 0..whole.len() {
            assert!(KeptYear::decode(&whole[..length]).is_err(), "{length}");
        }
        // Many hits, each as far from the one before as can be said.
        let far = [
            b"rotative search 4\n\x06\0\0\0\0\0\0\0\0\0\0\0\0\0",
            &[255; 4][..],
            b"\x7f\x01\x05",
            &b"\xfc\xff\xff\xff\x0f".repeat(5),
        ];
        assert!(KeptYear::decode(&far.concat()).is_err());
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 0x55;
            let read = |_| (card("a", "b"), Text::default());
            let _ = KeptYear::decode(&bytes)
                .map(|kept| kept.renew(vec![wanted([1; 16])], read).index().files(2018));
        }
    }
}
