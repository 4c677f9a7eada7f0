//! A list from elsewhere: every line is judged, none is dropped in silence, and who has left stays away.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use ::csv::{Reader, StringRecord};
use thiserror::Error;

use crate::model::{EmailAddress, IssueDate, Language, Rhythm, Slug};
use crate::store::{Filling, Store, StoreError};

use super::cells::{address, moment};
use super::csv::{Sniffed, first_row, line, rows, sniff};
use super::headers::{Column, Headings, Service, Standing, Unclear};

/// A file that is about to be imported.
pub struct Import {
    path: PathBuf,
    sniffed: Sniffed,
    headings: Headings,
    /// A first line that is no heading, and its number.
    first: Option<(StringRecord, u64)>,
    rows: Reader<Box<dyn Read>>,
    into: Destination,
    language: Language,
}

/// Which list the readers of a file come into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// All of them into this one, whatever the file says.
    Only(Slug),
    /// Each into the one that its line names, if it is one of these; into the first where it names none.
    Named(Vec<Slug>),
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
    /// It has several columns, and nothing tells what they are.
    #[error("{} has {columns} columns and no headings: nobody can tell who has left; give it a first line such as `email,status`", path.display())]
    NoHeadings {
        /// The file.
        path: PathBuf,
        /// How many.
        columns: usize,
    },
}

/// Longer than this, a row is an open quote that was never closed.
const LONGEST_ROW: u64 = 20;

impl Import {
    /// Finds out how a file is written.
    pub fn open(path: &Path, into: Destination, language: Language) -> Result<Self, ImportError> {
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
                let headings = Headings::only(address);
                if headings.unexplained(&first).is_some() {
                    return Err(ImportError::NoHeadings { path: path.to_owned(), columns: first.len() });
                }
                let number = line(&rows, &first, &sniffed);
                (headings, Some((first, number)))
            }
        };
        Ok(Self { path: path.to_owned(), sniffed, headings, first, rows, into, language })
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
        if let Some(cell) = self.headings.unexplained(row) {
            return Err(refused(format!("there is no heading that explains `{}`", short(cell))));
        }
        let standing = self.headings.standing(row).map_err(|unclear| {
            refused(match unclear {
                Unclear::Empty => "the state of this reader is not filled in".to_owned(),
                Unclear::Word(word) => format!("`{}` is no state we know", short(&word)),
            })
        })?;
        let list = self.list(cell(Column::List)).map_err(refused)?;
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

impl Import {
    /// The list of a line. Other services mean something else by it.
    fn list(&self, name: &str) -> Result<Slug, String> {
        let ours = matches!(self.headings.service, Service::Rotative | Service::Other);
        let lists = match &self.into {
            Destination::Only(list) => return Ok(list.clone()),
            Destination::Named(lists) => lists,
        };
        let found = match name {
            name if ours && !name.is_empty() => lists.iter().find(|list| list.as_str() == name),
            _ => lists.first(),
        };
        found.cloned().ok_or_else(|| {
            format!("there is no list `{}` in the settings; `--list` names one for all lines", short(name))
        })
    }
}

impl Iterator for Import {
    type Item = Result<Line, Refused>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some((first, number)) = self.first.take() {
            return Some(self.line(&first, number));
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

/// As much of a text as fits a message.
fn short(text: &str) -> String {
    let visible = text.chars().map(|letter| if letter.is_control() { '�' } else { letter });
    let short: String = visible.take(60).collect();
    if text.chars().count() > 60 { format!("{short}…") } else { short }
}

/// Fills an empty store from a dump, and says how many rows there were.
pub fn restore(store: &Store, path: &Path) -> Result<u64, StoreError> {
    let path = path.to_owned();
    let place = path.display().to_string();
    let unreachable = move |error: io::Error| StoreError::Unreachable(format!("{place}: {error}"));
    store.write(move |transaction| {
        // The file is opened here: when this is done again, it is read from its beginning.
        let lines = BufReader::new(File::open(&path).map_err(&unreachable)?).lines();
        let mut filling = Filling::begin(transaction)?;
        for line in lines {
            filling.line(transaction, &line.map_err(&unreachable)?)?;
        }
        filling.end()
    })
}
