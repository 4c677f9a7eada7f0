//! The files of a newsletter, read and judged: items, articles, introductions, topics, blocks.
//!
//! Never knows: HTML, templates, issues, the network.

mod alias;
mod allowance;
mod entry;
mod front_matter;
mod introduction;
mod item;
mod kind;
mod names;
mod parse;
mod source;
mod standing;
mod topics;
mod written;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::config::{BlockRule, Project};
use crate::model::{Diagnostic, LanguageTag, Source};

pub use alias::{Alias, Former};
pub use allowance::Allowance;
pub use introduction::{Block, Introduction, Topic};
pub use item::{Article, Correction, Credit, Entry, Image, Item, Kind, TextSetting, TopicName};
pub use source::{Found, Listing, folder_of, list, shown};
pub use standing::Standing;
pub use topics::Topics;
pub use written::{one_line, quoted, scalar};

use front_matter::{RawBlockText, Split, split};
use parse::Parser;
use source::Purpose;

/// Everything under `content/` but the settings.
#[derive(Debug, Default)]
pub struct Content {
    /// The items of dated folders, by path.
    pub items: Vec<Box<Item>>,
    /// The items that wait, by path.
    pub queue: Vec<Item>,
    /// The long articles, by path.
    pub articles: Vec<Article>,
    /// The introductions of issues.
    pub introductions: Vec<Introduction>,
    /// The topics and their aliases.
    pub topics: Topics,
    /// The blocks, in the order of the settings.
    pub blocks: Vec<Block>,
}

/// Reads and judges every file; both cores work. What is wrong goes to `findings`.
pub fn load(project: &Project, findings: &mut Vec<Diagnostic>) -> Content {
    let Listing { found, .. } = list(&project.root, &block_files(project), findings);
    let read = found.par_iter().map(|found| {
        let mut findings = Vec::new();
        let file = found.file(&project.root);
        let bytes = bytes(&file, &found.shown, &mut findings);
        let card = bytes.and_then(|bytes| parse(project, found, &file, bytes, &mut findings));
        (card, findings)
    });
    let read: Vec<(Option<Card>, Vec<Diagnostic>)> = read.collect();
    let cards = read.into_iter().filter_map(|(card, mut faults)| {
        findings.append(&mut faults);
        card
    });
    let mut cards: Vec<Card> = cards.collect();
    cards.iter_mut().enumerate().for_each(|(at, card)| card.number(at));
    gather(project, cards, findings)
}

/// The files of blocks that the settings name, relative to `content/`.
pub fn block_files(project: &Project) -> Vec<PathBuf> {
    project.config.blocks.iter().map(|rule| rule.file.clone()).collect()
}

impl Content {
    /// What all items, those of the queue too, have in common with articles.
    pub fn item_entries(&self) -> impl Iterator<Item = &Entry> {
        self.items.iter().map(Box::as_ref).chain(&self.queue).map(|item| &item.entry)
    }

    /// What all items, those of the queue too, and all articles have in common.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.item_entries().chain(self.articles.iter().map(|article| &article.entry))
    }
}

/// What one Markdown file holds, its text apart.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Card {
    /// An item of a dated folder.
    Item(Box<Item>),
    /// An item that waits.
    Queued(Box<Item>),
    /// A long article.
    Article(Box<Article>),
    /// The introduction of an issue.
    Introduction(Box<Introduction>),
    /// A topic.
    Topic(Box<Topic>),
}

impl Card {
    /// Gives a card that was kept without its text the file that it is of, which lies in `folder`.
    pub fn attach(&mut self, folder: &Arc<Path>, text: Source) {
        *self.source() = text;
        let entry = match self {
            Self::Item(item) | Self::Queued(item) => &mut item.entry,
            Self::Article(article) => &mut article.entry,
            Self::Introduction(_) | Self::Topic(_) => return,
        };
        entry.folder = Arc::clone(folder);
    }

    fn source(&mut self) -> &mut Source {
        match self {
            Self::Item(item) | Self::Queued(item) => &mut item.entry.source,
            Self::Article(article) => &mut article.entry.source,
            Self::Introduction(introduction) => &mut introduction.source,
            Self::Topic(topic) => &mut topic.source,
        }
    }

    /// Gives it its place among the files that are read together, counted from 0.
    pub fn number(&mut self, at: usize) {
        self.source().count(at);
    }

    /// The same without what only its own readers are told: what is left says where it stands, under which
    /// address and topics, and in which order.
    #[must_use]
    pub fn wordless(&self) -> Self {
        let mut card = self.clone();
        match &mut card {
            Self::Item(item) | Self::Queued(item) => item.hush(),
            Self::Article(article) => article.entry.hush(),
            Self::Introduction(_) | Self::Topic(_) => {}
        }
        card
    }

    /// The item or the article that it holds.
    pub fn entry(&self) -> Option<&Entry> {
        match self {
            Self::Item(item) | Self::Queued(item) => Some(&item.entry),
            Self::Article(article) => Some(&article.entry),
            Self::Introduction(_) | Self::Topic(_) => None,
        }
    }
}

/// Judges the bytes of a file that lies at `file`; `None` when nothing can be made of them.
pub fn parse(
    project: &Project,
    found: &Found,
    file: &Path,
    bytes: Vec<u8>,
    findings: &mut Vec<Diagnostic>,
) -> Option<Card> {
    let source = Source::decode(Arc::clone(&found.shown), bytes, findings)?;
    let mut parser = Parser::new(&project.config, &source, file);
    let card = match found.purpose {
        Purpose::Introduction(date) => {
            parser.introduction(date).map(|text| Card::Introduction(Box::new(text)))
        }
        Purpose::Item(date) => parser.item(Some(date)).map(|item| Card::Item(Box::new(item))),
        Purpose::Queued => parser.item(None).map(|item| Card::Queued(Box::new(item))),
        Purpose::Article => parser.article().map(|article| Card::Article(Box::new(article))),
        Purpose::Topic => parser.topic().map(|topic| Card::Topic(Box::new(topic))),
    };
    findings.append(&mut parser.findings);
    card
}

/// Brings the files of a newsletter together, each of which has its number, and reads its blocks.
pub fn gather(
    project: &Project,
    cards: impl IntoIterator<Item = Card>,
    findings: &mut Vec<Diagnostic>,
) -> Content {
    let mut content = Content::default();
    let mut topics = Vec::new();
    let cards = cards.into_iter();
    // A list that grew by doubling would hold a large archive nearly twice for a moment.
    content.items.reserve_exact(cards.size_hint().0);
    for card in cards {
        match card {
            Card::Item(item) => content.items.push(item),
            Card::Queued(item) => content.queue.push(*item),
            Card::Article(article) => content.articles.push(*article),
            Card::Introduction(introduction) => content.introductions.push(*introduction),
            Card::Topic(topic) => topics.push(*topic),
        }
    }
    content.topics = Topics::new(topics, findings);
    content.blocks = project.config.blocks.iter().filter_map(|rule| block(project, rule, findings)).collect();
    content
}

/// The bytes of a source file.
pub fn bytes(file: &Path, shown: &str, findings: &mut Vec<Diagnostic>) -> Option<Vec<u8>> {
    match fs::read(file) {
        Ok(bytes) => Some(bytes),
        Err(error) => {
            let finding = Diagnostic::error("unreadable", format!("cannot be read: {error}"));
            findings.push(finding.in_file(shown).hint("check that it exists, and its rights"));
            None
        }
    }
}

fn block(project: &Project, rule: &BlockRule, findings: &mut Vec<Diagnostic>) -> Option<Block> {
    let file = project.root.join("content").join(&rule.file);
    let shown = shown(&project.root, &file);
    let source = Source::decode(&*shown, bytes(&file, &shown, findings)?, findings)?;
    let Split { yaml, body } = split(&source, findings)?;
    let RawBlockText { lang, typography } = yaml.read::<RawBlockText>(findings).value;
    let lang = lang.and_then(|tag| match LanguageTag::parse(&tag.value) {
        Ok(tag) => Some(tag),
        Err(error) => {
            let finding = Diagnostic::error("language", error.to_string()).at(yaml.place(&tag));
            findings.push(finding.hint("write it as fr or en-GB"));
            None
        }
    });
    let setting = if typography == Some(false) { TextSetting::AsTyped } else { TextSetting::Set };
    let (name, placement) = (rule.name.clone(), rule.placement);
    Some(Block { name, placement, source: source.clone(), body, lang, setting })
}
