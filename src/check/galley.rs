//! A galley: one text on the copy editor's desk, taken apart, with the place of everything in it.

use std::ops::Range;

use crate::config::Config;
use crate::content::{Allowance, Article, Entry, Introduction, Item, Kind};
use crate::model::{Fix, IssueDate, Language, LanguageTag, Location, Source};
use crate::render::reading::{self, Block, Reading, Voice};

/// A text and where it will appear.
#[derive(Debug)]
pub(super) struct Galley<'a> {
    pub(super) source: &'a Source,
    pub(super) body: usize,
    pub(super) text: Text<'a>,
    /// The day of its issue; none in the queue.
    pub(super) date: Option<IssueDate>,
    pub(super) tag: &'a LanguageTag,
    pub(super) language: Option<Language>,
    pub(super) reading: Reading,
    /// Everything in it that is prose.
    pub(super) passages: Vec<Passage>,
}

/// What kind of text it is.
#[derive(Debug, Clone, Copy)]
pub(super) enum Text<'a> {
    Item(&'a Item),
    Article(&'a Article),
    Introduction(&'a Introduction),
}

/// A stretch of prose: a block of the body, or a value of the front matter.
#[derive(Debug, Clone)]
pub(super) struct Passage {
    pub(super) text: String,
    pub(super) part: Part,
    place: Place,
}

/// What a passage is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Body,
    Headline,
    /// Captions, quotations, credits: whatever else is read.
    Aside,
}

#[derive(Debug, Clone)]
enum Place {
    Block(Block),
    /// Where the value starts in the source, if it stands there as it is meant.
    Head(Option<usize>),
}

impl<'a> Galley<'a> {
    pub(super) fn new(text: Text<'a>, config: &'a Config) -> Self {
        let date = match text {
            Text::Item(item) => item.entry.date,
            Text::Article(article) => Some(article.date),
            Text::Introduction(introduction) => Some(introduction.date),
        };
        let source = text.source();
        let body = match text {
            Text::Introduction(introduction) => introduction.body,
            text => text.entry().map_or(0, |entry| entry.body),
        };
        let tag = text.entry().and_then(|entry| entry.lang.as_ref()).unwrap_or(&config.tag);
        let reading = reading::read(source.after(body));
        let mut galley =
            Self { source, body, text, date, tag, language: tag.language(), reading, passages: Vec::new() };
        galley.passages = galley.head();
        let blocks = galley.reading.blocks.iter().map(|block| Passage {
            text: block.text.clone(),
            part: Part::Body,
            place: Place::Block(block.clone()),
        });
        galley.passages.extend(blocks);
        galley
    }

    pub(super) fn entry(&self) -> Option<&'a Entry> {
        self.text.entry()
    }

    pub(super) fn allowances(&self) -> &'a [Allowance] {
        match self.text {
            Text::Introduction(introduction) => &introduction.allow,
            text => text.entry().map_or(&[], |entry| &entry.allow),
        }
    }

    /// The place of a stretch of a passage.
    pub(super) fn at(&self, passage: &Passage, range: Range<usize>) -> Location {
        match &passage.place {
            Place::Block(block) => self.in_body(block.place(range)),
            Place::Head(Some(start)) => self.source.at_bytes(start + range.start..start + range.end),
            Place::Head(None) => self.source.at(1, 1, 1),
        }
    }

    /// The place of a stretch of the Markdown.
    pub(super) fn in_body(&self, range: Range<usize>) -> Location {
        self.source.at_bytes(self.body + range.start..self.body + range.end)
    }

    /// The place of a text in the front matter, or the start of it.
    pub(super) fn in_head(&self, text: &str) -> Location {
        match self.find(text) {
            Some(at) => self.source.at_bytes(at..at + text.len()),
            None => self.source.at(2, 1, 1),
        }
    }

    /// The place of a text that stands behind a key of the front matter.
    pub(super) fn in_head_after(&self, key: &str, text: &str) -> Location {
        let head = self.source.before(self.body);
        let from = head.find(&format!("\n{key}:")).unwrap_or(0);
        match head[from..].find(text) {
            Some(at) => self.source.at_bytes(from + at..from + at + text.len()),
            None => self.source.at(2, 1, 1),
        }
    }

    /// Another text for a stretch of the source.
    pub(super) fn fix(&self, range: Range<usize>, text: String) -> Option<Fix> {
        let was = self.source.text().get(range.clone())?.to_owned();
        Some(Fix { start: range.start, end: range.end, was, text })
    }

    fn find(&self, text: &str) -> Option<usize> {
        if text.is_empty() { None } else { self.source.before(self.body).find(text) }
    }

    /// The prose of the front matter.
    fn head(&self) -> Vec<Passage> {
        let mut texts: Vec<(&str, Part)> = Vec::new();
        let mut aside =
            |text: Option<&'a String>| texts.extend(text.map(|text| (text.as_str(), Part::Aside)));
        if let Text::Introduction(introduction) = self.text {
            aside(introduction.preheader.as_ref());
        }
        if let Text::Item(item) = self.text {
            match &item.kind {
                Kind::Brief => [(); 3],
                Kind::Quote { text, role, .. } => [Some(text), role.as_ref(), None].map(&mut aside),
                Kind::Figure { value, of, study } => [Some(value), Some(of), study.as_ref()].map(&mut aside),
                Kind::Appointment { role, before, .. } => [Some(role), before.as_ref(), None].map(&mut aside),
            };
        }
        if let Some(entry) = self.entry() {
            if let Some(image) = &entry.image {
                aside(Some(&image.alt));
                aside(image.caption.as_ref());
            }
            entry.corrections.iter().for_each(|correction| aside(Some(&correction.text)));
            let names = [entry.title.as_deref(), entry.label.as_deref()];
            texts.extend(names.into_iter().flatten().map(|text| (text, Part::Headline)));
        }
        let passage = |(text, part): (&str, Part)| Passage {
            text: text.to_owned(),
            part,
            place: Place::Head(self.find(text)),
        };
        texts.into_iter().filter(|(text, _)| !text.is_empty()).map(passage).collect()
    }
}

impl<'a> Text<'a> {
    pub(super) fn source(self) -> &'a Source {
        match self {
            Self::Item(item) => &item.entry.source,
            Self::Article(article) => &article.entry.source,
            Self::Introduction(introduction) => &introduction.source,
        }
    }

    pub(super) fn entry(self) -> Option<&'a Entry> {
        match self {
            Self::Item(item) => Some(&item.entry),
            Self::Article(article) => Some(&article.entry),
            Self::Introduction(_) => None,
        }
    }
}

impl Passage {
    /// In whose voice a place is.
    pub(super) fn voice(&self, at: usize) -> Voice {
        match &self.place {
            Place::Block(block) => block.voice(at),
            Place::Head(_) => Voice::Plain,
        }
    }
}
