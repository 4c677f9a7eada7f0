//! A year as files: terms in blocks, the cards of entries in others, and a directory of the blocks.

use rayon::prelude::*;
use serde::Serialize;

use crate::model::{Fingerprint, OutFile};

use super::year::{Card, Entry, Field, Year};

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

impl Year {
    /// The files of the year, as `out/` holds them.
    pub fn files(&self, year: i32) -> Vec<OutFile> {
        let cards = || -> Vec<String> {
            let script = |entries: &[Entry]| script(&days(entries.iter().map(|entry| &entry.card)));
            self.entries.par_chunks(CARDS).map(script).collect()
        };
        let ((firsts, blocks), cards) = rayon::join(|| self.blocks(), cards);
        // Letters, digits and marks between commas: nothing in them needs an escape.
        let blocks = blocks.iter().map(|block| format!("\"{block}\""));
        let named = (0..).zip(blocks).map(|(at, text)| (format!("t{at}"), text));
        let named = named.chain((0..).zip(cards).map(|(at, text)| (format!("c{at}"), text)));
        let file = |name: &str, data: &str| {
            OutFile::new(
                format!("site/search/{year}/{name}.js"),
                format!("rotativeSearch(\"{year}/{name}\",{data})\n"),
            )
        };
        let mut fingerprint = Fingerprint::default();
        let mut files: Vec<OutFile> = named
            .map(|(name, data)| {
                fingerprint.add(data.as_bytes());
                file(&name, &data)
            })
            .collect();
        let version = &fingerprint.finish()[..8];
        let directory = Directory { version, entries: self.entries.len(), cards: CARDS, blocks: firsts };
        files.push(file("index", &script(&directory)));
        files
    }

    /// The first terms of the blocks, and the blocks.
    fn blocks(&self) -> (Vec<&str>, Vec<String>) {
        let postings = Postings::of(self);
        let (mut firsts, mut blocks) = (Vec::new(), Vec::new());
        let mut block = String::new();
        let mut before = "";
        for number in self.terms.sorted() {
            let found = postings.of_term(number);
            if found.is_empty() {
                continue;
            }
            if block.len() >= BLOCK {
                blocks.push(std::mem::take(&mut block));
            }
            let term = self.terms.get(number);
            if block.is_empty() {
                firsts.push(term);
                before = "";
            } else {
                block.push(';');
            }
            // Only plain letters are shared: there bytes, characters and UTF-16 are the same.
            let shared =
                term.bytes().zip(before.bytes()).take(31).take_while(|(a, b)| a == b && a.is_ascii()).count();
            digits(shared, &mut block);
            block.push_str(&term[shared..]);
            places(found, &mut block);
            before = term;
        }
        if !block.is_empty() {
            blocks.push(block);
        }
        (firsts, blocks)
    }
}

/// Who has which term: entries and fields, by term.
struct Postings {
    starts: Vec<usize>,
    found: Vec<(u32, Field)>,
}

impl Postings {
    fn of(year: &Year) -> Self {
        let mut starts = vec![0; year.terms.len() + 1];
        for (term, _) in year.entries.iter().flat_map(|entry| &entry.found) {
            starts[*term as usize + 1] += 1;
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let mut next = starts.clone();
        let mut found = vec![(0, Field::Body); starts.last().copied().unwrap_or(0)];
        for (number, entry) in (0..).zip(&year.entries) {
            for (term, field) in &entry.found {
                let at = &mut next[*term as usize];
                found[*at] = (number, *field);
                *at += 1;
            }
        }
        Self { starts, found }
    }

    fn of_term(&self, term: u32) -> &[(u32, Field)] {
        &self.found[self.starts[term as usize]..self.starts[term as usize + 1]]
    }
}

/// The entries that have a term: a list a field, each number as its distance from the one before.
fn places(found: &[(u32, Field)], block: &mut String) {
    let last =
        Field::ALL.iter().rposition(|field| found.iter().any(|(_, other)| other == field)).unwrap_or(0);
    for field in &Field::ALL[..=last] {
        block.push(',');
        let mut expected = 0;
        for (number, _) in found.iter().filter(|(_, other)| other == field) {
            digits((number - expected) as usize, block);
            expected = number + 1;
        }
    }
}

fn digits(mut number: usize, block: &mut String) {
    while number >= 32 {
        block.push(char::from(DIGITS[number % 32 + 32]));
        number /= 32;
    }
    block.push(char::from(DIGITS[number]));
}

fn days<'a>(cards: impl Iterator<Item = &'a Card>) -> Vec<Day<'a>> {
    let mut days: Vec<Day<'a>> = Vec::new();
    for card in cards {
        let date = card.date.to_string();
        let row = [&card.rest, &card.name, &card.about, &card.opening, &card.lang].map(String::as_str);
        match days.last_mut() {
            Some((last, _, rows)) if *last == date => rows.push(row),
            _ => days.push((date, &card.day, vec![row])),
        }
    }
    days
}

/// A value as JavaScript: JSON whose texts cannot end a script or a line.
fn script(value: &(impl Serialize + ?Sized)) -> String {
    let json = serde_json::to_string(value).unwrap_or_default();
    if !json.contains(['<', '\u{2028}', '\u{2029}']) {
        return json;
    }
    json.replace('<', "\\u003c").replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{IssueDate, Language};
    use crate::search::Text;

    fn card(name: &str, opening: &str) -> Card {
        let [day, rest, about, lang] = ["8 June", "#a", "", ""].map(str::to_owned);
        let date = IssueDate::parse("2018-06-08").expect("a date");
        Card { date, day, rest, name: name.to_owned(), about, lang, opening: opening.to_owned() }
    }

    fn texts() -> Vec<(String, String)> {
        (0..200)
            .map(|at| (format!("Name {at}"), format!("Common and word{} again, 漢字 été </script>", at % 7)))
            .collect()
    }

    fn year(texts: &[(String, String)]) -> Year {
        let mut year = Year::new();
        for (at, (name, markdown)) in texts.iter().enumerate() {
            let text = Text {
                language: Some(Language::English),
                names: vec![name],
                markdown: markdown.into(),
                ..Text::default()
            };
            year.add([u8::try_from(at).expect("few"); 16], card(name, markdown), &text);
        }
        year
    }

    #[test]
    fn texts_of_cards_cannot_end_the_script() {
        let mut year = Year::new();
        year.add([0; 16], card("</script><b>", "\u{2028}\"\\\n"), &Text::default());
        let files = year.files(2018);
        let text = String::from_utf8(files[0].bytes.clone()).expect("text");
        assert_eq!(files[0].path, "site/search/2018/c0.js");
        assert!(!text.contains('<') && !text.contains('\u{2028}') && text.lines().count() == 1, "{text}");
    }

    #[test]
    fn numbers_are_distances() {
        let mut block = String::new();
        places(&[(0, Field::Name), (3, Field::Body), (4, Field::Body), (40, Field::Name)], &mut block);
        assert_eq!(block, ",DA,AnB");
    }

    #[test]
    fn a_year_kept_and_renewed_is_a_year_made_afresh() {
        let mut texts = texts();
        let kept = Year::decode(&year(&texts).encode()).expect("a year");
        assert_eq!(kept.files(2018), year(&texts).files(2018));
        texts[7].1 = "Something else altogether".to_owned();
        texts.truncate(150);
        let wanted = texts.iter().enumerate().map(|(at, (name, _))| {
            let key = [if at == 7 { 255 } else { u8::try_from(at).expect("few") }; 16];
            (key, card(name, ""))
        });
        let renewed = kept.renew(wanted.collect(), |at| {
            assert_eq!(at, 7, "only what has changed is read");
            let (name, markdown) = &texts[at];
            let text = Text {
                language: Some(Language::English),
                names: vec![name],
                markdown: markdown.into(),
                ..Text::default()
            };
            (text, markdown.clone())
        });
        assert_eq!(renewed.files(2018), year(&texts).files(2018));
    }

    #[test]
    fn what_was_cut_off_or_changed_is_not_a_year() {
        let whole = year(&texts()[..3]).encode();
        for length in 0..whole.len() {
            assert!(Year::decode(&whole[..length]).is_err(), "{length}");
        }
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 0x55;
            let _ = Year::decode(&bytes).map(|year| year.files(2018));
        }
    }
}
