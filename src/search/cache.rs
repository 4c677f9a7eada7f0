//! A year between two builds: kept as bytes, so that what has not changed need not be read again.

use std::cell::OnceCell;

use rustc_hash::FxHashMap;
use thiserror::Error;

use super::postings::{Index, Postings};
use super::terms::Terms;
use super::year::{Card, Hit, Key, Text, Wanted, Year};

/// Says which form the bytes have: another one is read anew.
const FORM: &[u8] = b"rotative search 4\n";

/// The bytes are not those of a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("what was kept of the search index cannot be read")]
pub struct CacheError;

impl Index<'_> {
    /// What is worth keeping of the year, as bytes.
    pub fn encode(&self) -> Vec<u8> {
        let entries = &self.year.entries;
        let words = |at: usize| entries.iter().map(move |(_, card)| kept(card)[at].as_bytes());
        let room = |(_, card): &(Key, Card<'_>)| kept(card).map(str::len).iter().sum::<usize>() + 64;
        let mut bytes = Vec::with_capacity(entries.iter().map(room).sum::<usize>() + self.room());
        bytes.extend_from_slice(FORM);
        // How long the texts are is known behind them, and said before them.
        bytes.extend_from_slice(&[0; 8]);
        texts(self.terms().map(|(term, _)| term), &mut bytes);
        (0..COLUMNS).for_each(|at| texts(words(at), &mut bytes));
        entries.iter().for_each(|(key, _)| bytes.extend_from_slice(key));
        let length = (bytes.len() - FORM.len() - 8) as u64;
        bytes[FORM.len()..][..8].copy_from_slice(&length.to_le_bytes());
        number(entries.len(), &mut bytes);
        number(self.terms().count(), &mut bytes);
        for (_, hits) in self.terms() {
            number(hits.len(), &mut bytes);
            let mut expected = 0;
            for hit in hits {
                number(hit.of(hit.number() - expected).packed() as usize, &mut bytes);
                expected = hit.number() + 1;
            }
        }
        bytes
    }
}

/// How many texts of a card are kept.
const COLUMNS: usize = 5;

/// The texts of a card that are kept.
fn kept<'c>(card: &'c Card<'_>) -> [&'c str; COLUMNS] {
    [&card.rest, &card.name, &card.about, &card.lang, &card.opening]
}

/// What was kept of a year.
#[derive(Debug, Default)]
pub struct KeptYear<'b> {
    terms: Terms,
    postings: Postings,
    keys: Vec<Key>,
    words: [Column<'b>; COLUMNS],
}

/// One text of each card: all behind one another, and where each ends.
#[derive(Debug, Default)]
struct Column<'b> {
    all: &'b str,
    ends: Vec<u32>,
}

impl<'b> Column<'b> {
    fn get(&self, at: usize) -> &'b str {
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before] as usize);
        &self.all[start..self.ends[at] as usize]
    }
}

impl<'b> KeptYear<'b> {
    /// Reads what was kept.
    pub fn decode(bytes: &'b [u8]) -> Result<Self, CacheError> {
        let (length, rest) =
            bytes.strip_prefix(FORM).and_then(<[u8]>::split_first_chunk).ok_or(CacheError)?;
        let length = usize::try_from(u64::from_le_bytes(*length)).map_err(|_| CacheError)?;
        let (texts, hits) = rest.split_at_checked(length).ok_or(CacheError)?;
        let (texts, hits) = rayon::join(|| Reader(texts).cards(), || Reader(hits).postings());
        let ((terms, words, keys), (postings, entries, count)) = (texts?, hits?);
        let whole = keys.len() == entries && terms.len() == count;
        whole.then_some(Self { terms, postings, keys, words }).ok_or(CacheError)
    }

    /// The year as it is now: what has the same key as before keeps its terms and its card, the rest is read.
    /// `read` gives the card of an entry, by its place in `wanted`, and its text.
    pub fn renew<'t>(self, wanted: Vec<Wanted>, read: impl Fn(usize) -> (Card<'b>, Text<'t>)) -> Year<'b> {
        let Self { terms, postings, keys, words } = self;
        let mut year = Year::with(terms);
        year.entries.reserve_exact(wanted.len());
        let mut found = Finder { keys: &keys, next: 0, all: OnceCell::new(), names: vec![None; keys.len()] };
        for (at, Wanted { key, date, day }) in wanted.into_iter().enumerate() {
            match found.take(&key, at) {
                Some(old) => {
                    let [rest, name, about, lang, opening] =
                        words.each_ref().map(|column| column.get(old).into());
                    year.entries.push((key, Card { date, day, rest, name, about, lang, opening }));
                }
                None => {
                    let (card, text) = read(at);
                    year.add(key, card, &text);
                }
            }
        }
        (year.kept, year.names) = (postings, found.names);
        year
    }
}

/// Finds entries by their keys: mostly the next one is it.
struct Finder<'k> {
    keys: &'k [Key],
    next: usize,
    all: OnceCell<FxHashMap<Key, usize>>,
    /// The new numbers of those that were taken.
    names: Vec<Option<u32>>,
}

impl Finder<'_> {
    /// The old number of an entry, which is taken once.
    fn take(&mut self, key: &Key, name: usize) -> Option<usize> {
        let at = if self.keys.get(self.next) == Some(key) {
            self.next
        } else {
            let all = || self.keys.iter().copied().zip(0..).collect();
            *self.all.get_or_init(all).get(key)?
        };
        self.next = at + 1;
        let free = self.names[at].is_none();
        free.then(|| {
            self.names[at] = u32::try_from(name).ok();
            at
        })
    }
}

/// The lengths of some texts, then the texts.
fn texts<'t>(texts: impl Iterator<Item = &'t [u8]> + Clone, bytes: &mut Vec<u8>) {
    number(texts.clone().count(), bytes);
    texts.clone().for_each(|text| number(text.len(), bytes));
    texts.for_each(|text| bytes.extend_from_slice(text));
}

fn number(mut value: usize, bytes: &mut Vec<u8>) {
    while value >= 128 {
        bytes.push((value % 128) as u8 | 128);
        value /= 128;
    }
    bytes.push(value as u8);
}

struct Reader<'b>(&'b [u8]);

impl<'b> Reader<'b> {
    fn take(&mut self, length: usize) -> Result<&'b [u8], CacheError> {
        let (part, rest) = self.0.split_at_checked(length).ok_or(CacheError)?;
        self.0 = rest;
        Ok(part)
    }

    fn number(&mut self) -> Result<usize, CacheError> {
        let mut value = 0_usize;
        for shift in (0..35).step_by(7) {
            let byte = self.take(1)?[0];
            value |= usize::from(byte & 127) << shift;
            if byte < 128 {
                return Ok(value);
            }
        }
        Err(CacheError)
    }

    fn key(&mut self) -> Result<Key, CacheError> {
        Key::try_from(self.take(16)?).map_err(|_| CacheError)
    }

    /// Some texts as one, and where each ends.
    fn texts(&mut self) -> Result<(&'b str, Vec<u32>), CacheError> {
        let mut end = 0;
        let mut ends = Vec::new();
        for _ in 0..self.number()? {
            end += self.number()?;
            ends.push(u32::try_from(end).map_err(|_| CacheError)?);
        }
        let all = simdutf8::basic::from_utf8(self.take(end)?).map_err(|_| CacheError)?;
        let apart = ends.iter().all(|end| all.is_char_boundary(*end as usize));
        apart.then_some((all, ends)).ok_or(CacheError)
    }

    /// The terms, the texts of the cards by column, and the keys.
    fn cards(mut self) -> Result<(Terms, [Column<'b>; COLUMNS], Vec<Key>), CacheError> {
        let (letters, ends) = self.texts()?;
        let terms = Terms::of_sorted(letters.as_bytes(), ends).ok_or(CacheError)?;
        let mut words: [Column<'b>; COLUMNS] = Default::default();
        for column in &mut words {
            let (all, ends) = self.texts()?;
            *column = Column { all, ends };
        }
        let count = words[0].ends.len();
        if words.iter().any(|column| column.ends.len() != count) {
            return Err(CacheError);
        }
        let keys = (0..count).map(|_| self.key()).collect::<Result<_, _>>()?;
        self.0.is_empty().then_some((terms, words, keys)).ok_or(CacheError)
    }

    /// The postings, and of how many entries and terms they are.
    fn postings(mut self) -> Result<(Postings, usize, usize), CacheError> {
        let (entries, terms) = (self.number()?, self.number()?);
        // A hit leaves so many bits to its number; the count of each term takes a byte at least.
        if entries > 1 << 30 || terms > self.0.len() {
            return Err(CacheError);
        }
        let mut postings = Postings::with_capacity(terms, self.0.len());
        for _ in 0..terms {
            let mut expected = 0;
            for _ in 0..self.number()? {
                let distance =
                    u32::try_from(self.number()?).ok().and_then(Hit::unpacked).ok_or(CacheError)?;
                let number = distance.number().checked_add(expected).ok_or(CacheError)?;
                if number as usize >= entries {
                    return Err(CacheError);
                }
                postings.push(distance.of(number));
                expected = number + 1;
            }
            postings.end_term();
        }
        self.0.is_empty().then_some((postings, entries, terms)).ok_or(CacheError)
    }
}
