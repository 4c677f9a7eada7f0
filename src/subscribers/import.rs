//! A list from elsewhere: every line is judged, none is dropped in silence, and who has left stays away.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use ::csv::{Reader, StringRecord};
use chrono::{DateTime, NaiveDate, NaiveDateTime};
use thiserror::Error;

use crate::model::{EmailAddress, IssueDate, Language, Rhythm, Slug};
use crate::store::{Store, StoreError};

use super::csv::{Sniffed, first_row, line, rows, sniff};
use super::headers::{Column, Headings, Service, Standing};

/// A file that is about to be imported.
pub struct Import {
    path: PathBuf,
    sniffed: Sniffed,
    headings: Headings,
    /// A first line that is no heading.
    first: Option<StringRecord>,
    rows: Reader<Box<dyn Read>>,
    usual: Slug,
    language: Language,
}

/// One line of a list, understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its number in the file, from 1.
    pub number: u64,
    /// The address.
    pub address: EmailAddress,
    /// The list.
    pub list: Slug,
    /// What the file says of the reader.
    pub standing: Standing,
    /// Since when, in seconds since 1970.
    pub since: Option<i64>,
    /// When the reader left, in seconds since 1970.
    pub left: Option<i64>,
    /// The language of pages and mails.
    pub language: Language,
    /// How often.
    pub rhythm: Rhythm,
    /// Which topics.
    pub topics: Vec<Slug>,
    /// The day on which a pause ends.
    pub paused_until: Option<IssueDate>,
}

/// A line that is not imported, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Its number in the file, from 1.
    pub line: u64,
    /// Why.
    pub reason: String,
}

/// Why a file cannot be imported at all.
#[derive(Debug, Error)]
pub enum ImportError {
    /// It cannot be read.
    #[error("cannot read {}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It holds nothing.
    #[error("{} is empty", .0.display())]
    Empty(PathBuf),
    /// No column of it holds addresses.
    #[error("no column of {} is called `email`, and its first line holds no address", .0.display())]
    NoAddresses(PathBuf),
}

/// Longer than this, a row is an open quote that was never closed.
const LONGEST_ROW: u64 = 20;

impl Import {
    /// Finds out how a file is written. Who is in no list of the file comes into the list `usual`.
    pub fn open(path: &Path, usual: &Slug, language: Language) -> Result<Self, ImportError> {
        let unreadable = |source| ImportError::Unreadable { path: path.to_owned(), source };
        let sniffed = sniff(path).map_err(unreadable)?;
        let mut rows = rows(path, &sniffed).map_err(unreadable)?;
        let first = first_row(&mut rows).map_err(|error| unreadable(io::Error::other(error)))?;
        let first = first.ok_or_else(|| ImportError::Empty(path.to_owned()))?;
        let (headings, first) = match Headings::read(first.iter()) {
            Some(headings) => (headings, None),
            None => {
                let address = first.iter().position(|cell| address(cell).is_ok());
                let address = address.ok_or_else(|| ImportError::NoAddresses(path.to_owned()))?;
                (Headings::only(address), Some(first))
            }
        };
        Ok(Self { path: path.to_owned(), sniffed, headings, first, rows, usual: usual.clone(), language })
    }

    /// Whose export it is.
    pub fn service(&self) -> Service {
        self.headings.service
    }

    /// How its letters are written: `UTF-8`, `windows-1252`.
    pub fn encoding(&self) -> &'static str {
        self.sniffed.encoding.name()
    }

    /// How many lines it has, more or less.
    pub fn lines(&self) -> u64 {
        self.sniffed.lines
    }

    /// The SHA-256 of the file.
    pub fn digest(&self) -> &str {
        &self.sniffed.digest
    }

    fn line(&self, row: &StringRecord, number: u64) -> Result<Line, Refused> {
        let refused = |reason: String| Refused { line: number, reason };
        let cell = |column| self.headings.cell(column, row);
        let email = cell(Column::Email);
        if email.is_empty() {
            return Err(refused("there is no address".to_owned()));
        }
        let address =
            address(email).map_err(|_| refused(format!("`{}` is not an e-mail address", short(email))))?;
        let standing = self.headings.standing(row);
        let standing = standing.map_err(|word| refused(format!("`{}` is no state we know", short(&word))))?;
        let list = match cell(Column::List) {
            "" => self.usual.clone(),
            _ if self.headings.service != Service::Rotative => self.usual.clone(),
            name => Slug::parse(name).map_err(|_| refused(format!("`{}` is not a list", short(name))))?,
        };
        let topics = cell(Column::Topics).split(' ').filter_map(|key| Slug::parse(key).ok());
        Ok(Line {
            number,
            address,
            list,
            standing,
            since: moment(cell(Column::Since)),
            left: moment(cell(Column::LeftAt)).or_else(|| moment(cell(Column::BouncedAt))),
            language: Language::parse(cell(Column::Language)).unwrap_or(self.language),
            rhythm: Rhythm::parse(cell(Column::Rhythm)).unwrap_or_default(),
            topics: topics.collect(),
            paused_until: IssueDate::parse(cell(Column::PausedUntil)).ok(),
        })
    }
}

impl Iterator for Import {
    type Item = Result<Line, Refused>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(first) = self.first.take() {
            return Some(self.line(&first, 1));
        }
        let mut row = StringRecord::new();
        loop {
            match self.rows.read_record(&mut row) {
                Ok(false) => return None,
                Ok(true) => {
                    if row.iter().all(|cell| cell.trim().is_empty()) {
                        continue;
                    }
                    let number = line(&self.rows, &row, &self.sniffed);
                    let last = self.rows.position().line() - 1;
                    if last.saturating_sub(number) > LONGEST_ROW {
                        let reason = format!(
                            "a quote opens and is not closed before line {last}: lines {number} to {last} are not read"
                        );
                        return Some(Err(Refused { line: number, reason }));
                    }
                    return Some(self.line(&row, number));
                }
                Err(error) => {
                    let reason = match error.kind() {
                        ::csv::ErrorKind::Utf8 { .. } => {
                            "the letters are not those of one encoding".to_owned()
                        }
                        _ => format!("cannot be read in {}: {error}", self.path.display()),
                    };
                    if error.is_io_error() {
                        self.rows = ::csv::ReaderBuilder::new().from_reader(Box::new(io::empty()));
                    }
                    return Some(Err(Refused { line: self.rows.position().line(), reason }));
                }
            }
        }
    }
}

/// An address as lists hold it: bare, in angle brackets, behind `mailto:` or an apostrophe that hides a formula.
fn address(cell: &str) -> Result<EmailAddress, ()> {
    let cell = cell.trim().trim_start_matches('\'');
    let cell = cell.strip_prefix("mailto:").unwrap_or(cell);
    let inner = cell.rsplit_once('<').and_then(|(_, rest)| rest.strip_suffix('>'));
    EmailAddress::parse_international(inner.unwrap_or(cell)).map_err(drop)
}

/// A moment as services write it, in seconds since 1970; nothing where days and months could be confused.
fn moment(text: &str) -> Option<i64> {
    if text.len() < 10 {
        return None;
    }
    if let Ok(moment) = DateTime::parse_from_rfc3339(text) {
        return Some(moment.timestamp());
    }
    for form in ["%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M"] {
        let zoneless = text.trim_end_matches(" UTC").trim_end_matches('Z');
        if let Ok(moment) = NaiveDateTime::parse_from_str(zoneless, form) {
            return Some(moment.and_utc().timestamp());
        }
    }
    let day = NaiveDate::parse_from_str(text.get(..10)?, "%Y-%m-%d").ok()?;
    Some(day.and_time(Default::default()).and_utc().timestamp())
}

/// As much of a text as fits a message.
fn short(text: &str) -> String {
    let visible = text.chars().map(|letter| if letter.is_control() { '�' } else { letter });
    let short: String = visible.take(60).collect();
    if text.chars().count() > 60 { format!("{short}…") } else { short }
}

/// Fills an empty store from a dump, and says how many rows there were.
pub fn restore(store: &Store, path: &Path) -> Result<u64, StoreError> {
    let unreachable = |error: io::Error| StoreError::Unreachable(format!("{}: {error}", path.display()));
    let refused = |why: &str| StoreError::Refused(why.to_owned());
    let mut lines = BufReader::new(File::open(path).map_err(unreachable)?).lines();
    let head = lines.next().transpose().map_err(unreachable)?.unwrap_or_default();
    if !crate::store::is_head(&head) {
        return Err(refused("the file is no dump of a store, or one of another version"));
    }
    if store.read(|transaction| transaction.rows())? > 0 {
        return Err(refused("the store is not empty: nothing is mixed"));
    }
    // One transaction: half a store is worse than none.
    let lines = std::sync::Mutex::new(lines);
    let path = path.to_owned();
    store.write(move |transaction| {
        let mut rows = 0;
        let mut lines = lines.lock().map_err(|_| StoreError::Closed)?;
        for line in lines.by_ref() {
            let line =
                line.map_err(|error| StoreError::Unreachable(format!("{}: {error}", path.display())))?;
            transaction.restore(&line)?;
            rows += 1;
        }
        Ok(rows)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_found_in_what_surrounds_them() {
        for text in ["ann@a.example", " Ann <ann@a.example> ", "mailto:ann@a.example", "'ann@a.example"] {
            assert_eq!(address(text).map(|address| address.to_string()), Ok("ann@a.example".to_owned()));
        }
        assert!(address("ann@a.example, bob@a.example").is_err());
    }

    #[test]
    fn moments_are_read_as_services_write_them() {
        for text in ["2018-06-08T00:00:00Z", "2018-06-08 00:00:00", "2018-06-08", "2018-06-08 02:00:00+02:00"]
        {
            assert!(moment(text).is_some(), "{text}");
        }
        assert_eq!(moment("08/06/2018 10:00"), None);
    }
}
