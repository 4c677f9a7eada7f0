//! The entries of a year, with the terms that each is found by.

use std::borrow::Cow;
use std::ops::ControlFlow;
use std::sync::Arc;

use crate::model::{IssueDate, Language};

use super::forms::Forms;
use super::markdown::readable;
use super::postings::Postings;
use super::terms::Terms;
use super::words::words;

/// What tells whether an entry is still the same: any sixteen bytes, a digest's first for example.
pub type Key = [u8; 16];

/// What a reader is shown of an entry that was found. What was kept is lent by the bytes that it was kept in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card<'b> {
    /// The day it appeared.
    pub date: IssueDate,
    /// That day as it is said.
    pub day: Arc<str>,
    /// Its address after that of its day: `#slug`, `slug/` or nothing.
    pub rest: Cow<'b, str>,
    /// Its name.
    pub name: Cow<'b, str>,
    /// Its section and topics.
    pub about: Cow<'b, str>,
    /// Its language, empty where it is the newsletter's.
    pub lang: Cow<'b, str>,
    /// Its first words.
    pub opening: Cow<'b, str>,
}

/// An entry that a year is to have.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Tells of any change in its card and its text, but for the saying of its day.
    pub key: Key,
    /// The day it appeared.
    pub date: IssueDate,
    /// That day as it is said.
    pub day: Arc<str>,
}

/// What an entry is found by.
#[derive(Debug, Clone, Default)]
pub struct Text<'t> {
    /// Its language, if it is one that has stems.
    pub language: Option<Language>,
    /// Its title and its label.
    pub names: Vec<&'t str>,
    /// The names of its topics.
    pub topics: Vec<&'t str>,
    /// What else it says outside its Markdown.
    pub others: Vec<&'t str>,
    /// Its Markdown.
    pub markdown: Cow<'t, str>,
}

/// Where in an entry a term stands; the place that weighs most counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Body,
    Name,
    Topic,
}

impl Field {
    pub(super) const ALL: [Self; 3] = [Self::Body, Self::Name, Self::Topic];
}

/// A term of an entry or an entry of a term, by its number, and the field: there are so many that they are packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Hit(u32);

impl Hit {
    pub(super) fn new(number: u32, field: Field) -> Self {
        Self(number << 2 | field as u32)
    }

    pub(super) fn number(self) -> u32 {
        self.0 >> 2
    }

    pub(super) fn is_in(self, field: Field) -> bool {
        self.0 & 3 == field as u32
    }

    /// The last of the fields that some stand in.
    pub(super) fn last_field(hits: &[Self]) -> Field {
        match hits.iter().fold(0, |all, hit| all | hit.0) & 3 {
            0 => Field::Body,
            1 => Field::Name,
            _ => Field::Topic,
        }
    }

    /// As one number, that of an entry or a term times four.
    pub(super) fn packed(self) -> u32 {
        self.0
    }

    pub(super) fn unpacked(packed: u32) -> Option<Self> {
        (packed & 3 < 3).then_some(Self(packed))
    }

    /// The same field of another number.
    pub(super) fn of(self, number: u32) -> Self {
        Self(number << 2 | self.0 & 3)
    }
}

/// The entries of a year, oldest first.
#[derive(Debug, Default)]
pub struct Year<'b> {
    pub(super) terms: Terms,
    pub(super) entries: Vec<(Key, Card<'b>)>,
    /// The entries that were read: the number of each, and where its terms end among those of all.
    pub(super) read: Vec<(u32, usize)>,
    /// The terms of the entries that were read, each once an entry.
    pub(super) hits: Vec<Hit>,
    /// Who has which term of the entries that were kept, by their old numbers.
    pub(super) kept: Postings,
    /// The numbers that these have now; none of an entry that is gone.
    pub(super) names: Vec<Option<u32>>,
    forms: Vec<Forms>,
    /// By term: the last entry that has it, plus one.
    seen: Vec<u32>,
}

impl<'b> Year<'b> {
    /// A year without entries.
    pub fn new() -> Self {
        Self::default()
    }

    /// A year without entries that has terms for those to come.
    pub(super) fn with(terms: Terms) -> Self {
        Self { terms, ..Self::default() }
    }

    /// Adds an entry after the others.
    pub fn add(&mut self, key: Key, card: Card<'b>, text: &Text<'_>) {
        let number = u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
        self.entries.push((key, card));
        let at = self.forms.iter().position(|forms| forms.are_of(text.language)).unwrap_or(self.forms.len());
        if at == self.forms.len() {
            self.forms.push(Forms::new(text.language));
        }
        let (forms, terms, hits, seen) =
            (&mut self.forms[at], &mut self.terms, &mut self.hits, &mut self.seen);
        let mut take = |word: &[u8], field| {
            let Some(term) = forms.term(word, terms) else { return };
            if seen.len() <= term as usize {
                seen.resize(terms.len(), 0);
            }
            if std::mem::replace(&mut seen[term as usize], number + 1) != number + 1 {
                hits.push(Hit::new(term, field));
            }
        };
        text.names.iter().for_each(|name| words(name, |word| take(word, Field::Name)));
        text.topics.iter().for_each(|topic| words(topic, |word| take(word, Field::Topic)));
        text.others.iter().for_each(|other| words(other, |word| take(word, Field::Body)));
        let _ = readable(&text.markdown, |part| {
            words(part, |word| take(word, Field::Body));
            ControlFlow::Continue(())
        });
        self.read.push((number, self.hits.len()));
    }
}
