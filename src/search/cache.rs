//! A year between two builds: kept as bytes, so that what has not changed need not be read again.

use thiserror::Error;

use crate::model::IssueDate;

use super::year::{Card, Entry, Field, Key, Year};

/// Says which form the bytes have: another one is read anew.
const FORM: &[u8] = b"rotative search 1\n";

/// The bytes are not those of a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("what was kept of the search index cannot be read")]
pub struct CacheError;

impl Year {
    /// The year as bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = FORM.to_vec();
        let (names, kept) = self.in_use();
        number(kept.len(), &mut bytes);
        kept.iter().for_each(|term| text(self.terms.get(*term), &mut bytes));
        number(self.entries.len(), &mut bytes);
        for entry in &self.entries {
            bytes.extend(entry.key);
            let Card { date, day, rest, name, about, lang, opening } = &entry.card;
            text(&date.to_string(), &mut bytes);
            [day, rest, name, about, lang, opening].into_iter().for_each(|part| text(part, &mut bytes));
            number(entry.found.len(), &mut bytes);
            for (term, field) in &entry.found {
                number(names[*term as usize] * 4 + *field as usize, &mut bytes);
            }
        }
        bytes
    }

    /// The terms that some entry has, and by each term's number its place among them.
    fn in_use(&self) -> (Vec<usize>, Vec<u32>) {
        let mut names = vec![usize::MAX; self.terms.len()];
        let mut kept = Vec::with_capacity(self.terms.len());
        for (term, _) in self.entries.iter().flat_map(|entry| &entry.found) {
            let name = &mut names[*term as usize];
            if *name == usize::MAX {
                *name = kept.len();
                kept.push(*term);
            }
        }
        (names, kept)
    }

    /// Reads those bytes.
    pub fn decode(bytes: &[u8]) -> Result<Self, CacheError> {
        let mut reader = Reader(bytes.strip_prefix(FORM).ok_or(CacheError)?);
        let mut year = Self::new();
        for at in 0..reader.number()? {
            if year.terms.number(reader.text()?) as usize != at {
                return Err(CacheError);
            }
        }
        for _ in 0..reader.number()? {
            let key = Key::try_from(reader.take(16)?).map_err(|_| CacheError)?;
            let card = reader.card()?;
            let found =
                (0..reader.number()?).map(|_| reader.place(year.terms.len())).collect::<Result<_, _>>()?;
            year.entries.push(Entry { key, card, found });
        }
        if reader.0.is_empty() { Ok(year) } else { Err(CacheError) }
    }
}

fn number(mut value: usize, bytes: &mut Vec<u8>) {
    while value >= 128 {
        bytes.push((value % 128) as u8 | 128);
        value /= 128;
    }
    bytes.push(value as u8);
}

fn text(value: &str, bytes: &mut Vec<u8>) {
    number(value.len(), bytes);
    bytes.extend(value.as_bytes());
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

    fn text(&mut self) -> Result<&'b str, CacheError> {
        let length = self.number()?;
        std::str::from_utf8(self.take(length)?).map_err(|_| CacheError)
    }

    fn card(&mut self) -> Result<Card, CacheError> {
        let date = IssueDate::parse(self.text()?).map_err(|_| CacheError)?;
        let mut next = || self.text().map(str::to_owned);
        Ok(Card {
            date,
            day: next()?,
            rest: next()?,
            name: next()?,
            about: next()?,
            lang: next()?,
            opening: next()?,
        })
    }

    fn place(&mut self, terms: usize) -> Result<(u32, Field), CacheError> {
        let value = self.number()?;
        let field = Field::ALL.get(value % 4).ok_or(CacheError)?;
        let term = Some(value / 4).filter(|term| *term < terms).ok_or(CacheError)?;
        Ok((u32::try_from(term).map_err(|_| CacheError)?, *field))
    }
}
