//! What a page asks for while it is made: the texts it shows, the links it follows, and what it is told.
//!
//! A sketch runs the code of a page without reading a text, setting a line or filling a template; what it was
//! told is all that the page may show besides the texts. Two equal sketches are of equal pages, as long as
//! the texts are the same and the links lead where they led. For that to hold, *which* texts and names a page
//! asks for may hang on the archive, but never on how long a set text came out; where it must, a sketch asks
//! for all of them.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;

use crate::model::Source;

/// What one page has asked for so far.
#[derive(Debug)]
pub struct Notes {
    work: Work,
    noted: Mutex<Noted>,
}

/// What is made of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// The page itself.
    Print,
    /// Only what it would be told.
    Sketch,
}

/// What a page has asked for.
#[derive(Debug, Default)]
pub struct Noted {
    told: DefaultHasher,
    /// Where a view is written before it is digested.
    page: Vec<u8>,
    /// The numbers of the files whose texts it shows.
    pub texts: Vec<u32>,
    /// The numbers of the items and articles of which it shows anything at all.
    pub cards: Vec<u32>,
    /// The files without a number of which it shows something, as messages name them.
    pub others: BTreeSet<String>,
    /// What its texts name, with a digest of where that leads.
    pub named: BTreeMap<Named, u64>,
}

/// What a text names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, serde::Deserialize)]
pub enum Named {
    /// The file of an item, an article, an introduction or a topic.
    File(String),
    /// The file of a picture.
    Picture(String),
}

impl Notes {
    /// Begins to note.
    pub fn new(work: Work) -> Self {
        Self { work, noted: Mutex::default() }
    }

    /// What is made of the page.
    pub fn work(&self) -> Work {
        self.work
    }

    /// Everything that was noted, each file once.
    pub fn finish(&self) -> Noted {
        let mut noted = std::mem::take(&mut *self.noted());
        for numbers in [&mut noted.texts, &mut noted.cards] {
            numbers.sort_unstable();
            numbers.dedup();
        }
        noted
    }

    /// Notes what the page is told.
    pub fn told(&self, what: impl Hash) {
        what.hash(&mut self.noted().told);
    }

    /// Notes what a template would see.
    pub(super) fn shown(&self, template: &str, view: &impl Serialize) -> Result<(), serde_json::Error> {
        let mut noted = self.noted();
        let mut page = std::mem::take(&mut noted.page);
        page.clear();
        let read = serde_json::to_writer(&mut page, view);
        template.hash(&mut noted.told);
        page.hash(&mut noted.told);
        noted.page = page;
        read
    }

    /// Notes a text.
    pub(super) fn text(&self, source: &Source) {
        self.noted().add(source, |noted| &mut noted.texts);
    }

    /// Notes that something is said of an item or an article.
    pub(super) fn card(&self, source: &Source) {
        self.noted().add(source, |noted| &mut noted.cards);
    }

    /// Notes everything that was asked for to make a part of the page.
    pub(super) fn join(&self, part: &Noted) {
        let mut noted = self.noted();
        noted.texts.extend(&part.texts);
        noted.cards.extend(&part.cards);
        noted.others.extend(part.others.iter().cloned());
        noted.named.extend(part.named.iter().map(|(named, leads)| (named.clone(), *leads)));
    }

    /// Notes what a text names and where it leads.
    pub(super) fn named(&self, named: Named, leads: u64) {
        self.noted().named.insert(named, leads);
    }

    fn noted(&self) -> MutexGuard<'_, Noted> {
        self.noted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Noted {
    /// A digest of everything that the page was told.
    pub fn sketch(&self) -> u64 {
        self.told.finish()
    }

    fn add(&mut self, source: &Source, list: impl Fn(&mut Self) -> &mut Vec<u32>) {
        match source.number() {
            // The same is asked for several times in a row.
            Some(number) if list(self).last() == Some(&number) => {}
            Some(number) => list(self).push(number),
            None => {
                self.others.insert(source.path().to_owned());
            }
        }
    }
}

/// A digest of a value, the same in every run of one program.
pub(super) fn digest(value: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}
