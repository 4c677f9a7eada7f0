//! A galley: one text on the copy editor's desk, taken apart, with the place of everything in it.

use std::ops::Range;

use crate::config::Config;
use crate::content::{Allowance, Article, Entry, Introduction, Item, Kind, Standing};
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
    /// Where the value stands in the source, if it was found there.
    Head(Option<Standing>),
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
            Place::Head(Some(standing)) => self.source.at_bytes(standing.place(range)),
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

    /// Another text for a stretch of a value, where it stands plainly in the file.
    pub(super) fn fix_in_head(&self, passage: &Passage, range: Range<usize>, text: String) -> Option<Fix> {
        match &passage.place {
            Place::Head(Some(standing)) if standing.takes(range.clone(), &text) => {
                self.fix(standing.place(range), text)
            }
            _ => None,
        }
    }

    fn find(&self, text: &str) -> Option<usize> {
        if text.is_empty() { None } else { self.source.before(self.body).find(text) }
    }

    /// The prose of the front matter.
    fn head(&self) -> Vec<Passage> {
        let mut texts: Vec<(&str, Option<&'a String>, Part)> = Vec::new();
        let mut aside = |key, text: Option<&'a String>| texts.push((key, text, Part::Aside));
        match self.text {
            Text::Introduction(introduction) => aside("preheader", introduction.preheader.as_ref()),
            Text::Item(Item { kind: Kind::Quote { text, role, .. }, .. }) => {
                aside("text", Some(text));
                aside("role", role.as_ref());
            }
            Text::Item(Item { kind: Kind::Figure { value, of, study }, .. }) => {
                aside("value", Some(value));
                aside("of", Some(of));
                aside("study", study.as_ref());
            }
            Text::Item(Item { kind: Kind::Appointment { role, before, .. }, .. }) => {
                aside("role", Some(role));
                aside("before", before.as_ref());
            }
            _ => {}
        }
        if let Some(entry) = self.entry() {
            if let Some(image) = &entry.image {
                aside("alt", Some(&image.alt));
                aside("caption", image.caption.as_ref());
            }
            entry.corrections.iter().for_each(|correction| aside("text", Some(&correction.text)));
            texts.push(("title", entry.title.as_ref(), Part::Headline));
            texts.push(("label", entry.label.as_ref(), Part::Headline));
        }
        texts.into_iter().filter_map(|(key, text, part)| self.value(key, text, part)).collect()
    }

    /// What else readers see of the front matter: names and credits, which are no prose.
    pub(super) fn credits(&self) -> Vec<Passage> {
        let mut texts: Vec<(&str, Option<&'a String>)> = Vec::new();
        match self.text {
            Text::Introduction(introduction) => texts.push(("subject", introduction.subject.as_ref())),
            Text::Item(Item { kind: Kind::Quote { by, .. }, .. }) => texts.push(("by", Some(by))),
            Text::Item(Item { kind: Kind::Appointment { name, organisation, .. }, .. }) => {
                texts.extend([("name", Some(name)), ("organisation", organisation.as_ref())]);
            }
            _ => {}
        }
        if let Some(entry) = self.entry() {
            for source in &entry.sources {
                texts.extend([("name", Some(&source.name)), ("note", source.note.as_ref())]);
            }
            texts.push(("credit", entry.image.as_ref().and_then(|image| image.credit.as_ref())));
            texts.push(("description", entry.description.as_ref()));
        }
        texts.into_iter().filter_map(|(key, text)| self.value(key, text, Part::Aside)).collect()
    }

    fn value(&self, key: &str, text: Option<&String>, part: Part) -> Option<Passage> {
        let text = text.filter(|text| !text.is_empty())?.clone();
        let head = self.source.before(self.body);
        let place = Place::Head(Standing::find(head, key, &text));
        Some(Passage { text, part, place })
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
    /// Whether it stands in the front matter.
    pub(super) fn is_head(&self) -> bool {
        matches!(self.place, Place::Head(_))
    }

    /// In whose voice a place is.
    pub(super) fn voice(&self, at: usize) -> Voice {
        match &self.place {
            Place::Block(block) => block.voice(at),
            Place::Head(_) => Voice::Plain,
        }
    }
}
