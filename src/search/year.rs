//! The entries of a year, with the terms that each is found by.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::ControlFlow;

use crate::model::{IssueDate, Language};

use super::markdown::readable;
use super::stem::stem;
use super::stops::is_stop_word;
use super::terms::Terms;
use super::words::words;

/// What tells whether an entry is still the same: any sixteen bytes, a digest's first for example.
pub type Key = [u8; 16];

/// What a reader is shown of an entry that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// The day it appeared.
    pub date: IssueDate,
    /// That day as it is said.
    pub day: String,
    /// Its address after that of its day: `#slug`, `slug/` or nothing.
    pub rest: String,
    /// Its name.
    pub name: String,
    /// Its section and topics.
    pub about: String,
    /// Its language, empty where it is the newsletter's.
    pub lang: String,
    /// Its first words.
    pub opening: String,
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

#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) key: Key,
    pub(super) card: Card,
    /// The numbers of its terms, each once.
    pub(super) found: Vec<(u32, Field)>,
}

/// The entries of a year, oldest first.
#[derive(Debug, Default)]
pub struct Year {
    pub(super) terms: Terms,
    pub(super) entries: Vec<Entry>,
    forms: Forms,
}

impl Year {
    /// A year without entries.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an entry after the others.
    pub fn add(&mut self, key: Key, card: Card, text: &Text<'_>) {
        let turn = u32::try_from(self.entries.len() + 1).unwrap_or(u32::MAX);
        let mut found = Vec::with_capacity(128);
        let (terms, forms) = (&mut self.terms, &mut self.forms);
        let mut take = |word: &str, field| {
            let Some(term) = forms.term(word, text.language, terms) else { return };
            if forms.seen.len() <= term as usize {
                forms.seen.resize(term as usize + 1, 0);
            }
            if std::mem::replace(&mut forms.seen[term as usize], turn) != turn {
                found.push((term, field));
            }
        };
        text.names.iter().for_each(|name| words(name, |word| take(word, Field::Name)));
        text.topics.iter().for_each(|topic| words(topic, |word| take(word, Field::Topic)));
        text.others.iter().for_each(|other| words(other, |word| take(word, Field::Body)));
        let _ = readable(&text.markdown, |part| {
            words(part, |word| take(word, Field::Body));
            ControlFlow::Continue(())
        });
        found.shrink_to_fit();
        self.entries.push(Entry { key, card, found });
    }

    /// The year as it is now: what has the same key as before keeps its terms and its opening, the rest is read.
    /// `read` gives the text of an entry, by its place in `wanted`, and its opening.
    pub fn renew<'t>(self, wanted: Vec<(Key, Card)>, read: impl Fn(usize) -> (Text<'t>, String)) -> Self {
        let Self { terms, entries, .. } = self;
        let mut old: HashMap<Key, Entry> = entries.into_iter().map(|entry| (entry.key, entry)).collect();
        let mut year = Self { terms, ..Self::default() };
        for (at, (key, mut card)) in wanted.into_iter().enumerate() {
            match old.remove(&key) {
                Some(Entry { card: Card { opening, .. }, found, .. }) => {
                    year.entries.push(Entry { key, card: Card { opening, ..card }, found });
                }
                None => {
                    let (text, opening) = read(at);
                    card.opening = opening;
                    year.add(key, card, &text);
                }
            }
        }
        year
    }
}

/// The words met so far and the terms they become: most words of a text have been met before.
#[derive(Debug, Default)]
struct Forms {
    words: Terms,
    /// By word and language: 0 unknown, 1 a stop word, else the term plus 2.
    codes: Vec<[u32; 3]>,
    /// By term: the last entry that has it.
    seen: Vec<u32>,
    stem: String,
}

impl Forms {
    fn term(&mut self, word: &str, language: Option<Language>, terms: &mut Terms) -> Option<u32> {
        let form = self.words.number(word) as usize;
        if form == self.codes.len() {
            self.codes.push([0; 3]);
        }
        let column = match language {
            Some(Language::French) => 0,
            Some(Language::English) => 1,
            _ => 2,
        };
        let code = &mut self.codes[form][column];
        if *code == 0 {
            *code = if is_stop_word(word, language) {
                1
            } else {
                stem(word, language, &mut self.stem);
                terms.number(&self.stem) + 2
            };
        }
        code.checked_sub(2)
    }
}
