//! The files of a newsletter, read and judged: items, articles, introductions, topics, blocks.
//!
//! Never knows: HTML, templates, issues, the network.

mod entry;
mod front_matter;
mod introduction;
mod item;
mod kind;
mod parse;
mod source;
mod topics;

use std::fs;
use std::path::Path;

use rayon::prelude::*;

use crate::config::{BlockRule, Project};
use crate::model::{Diagnostic, LanguageTag, Source};

pub use introduction::{Block, Introduction, Topic};
pub use item::{Article, Correction, Credit, Entry, Image, Item, Kind, TextSetting, TopicName};
pub use source::shown;
pub use topics::Topics;

use front_matter::{RawBlockText, Split, split};
use parse::Parser;
use source::{Found, Purpose};

/// Everything under `content/` but the settings.
#[derive(Debug, Default)]
pub struct Content {
    /// The items of dated folders, by path.
    pub items: Vec<Item>,
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
    let rules = &project.config.blocks;
    let files: Vec<_> = rules.iter().map(|rule| rule.file.clone()).collect();
    let found = source::list(&project.root, &files, findings);
    let parsed: Vec<(Option<Parsed>, Vec<Diagnostic>)> =
        found.par_iter().map(|found| parse(project, found)).collect();
    let mut content = Content::default();
    let mut topics = Vec::new();
    for (parsed, mut faults) in parsed {
        findings.append(&mut faults);
        match parsed {
            Some(Parsed::Item(item)) => content.items.push(*item),
            Some(Parsed::Queued(item)) => content.queue.push(*item),
            Some(Parsed::Article(article)) => content.articles.push(*article),
            Some(Parsed::Introduction(introduction)) => content.introductions.push(introduction),
            Some(Parsed::Topic(topic)) => topics.push(topic),
            None => {}
        }
    }
    content.topics = Topics::new(topics, findings);
    content.blocks = rules.iter().filter_map(|rule| block(project, rule, findings)).collect();
    content
}

enum Parsed {
    Item(Box<Item>),
    Queued(Box<Item>),
    Article(Box<Article>),
    Introduction(Introduction),
    Topic(Topic),
}

fn parse(project: &Project, found: &Found) -> (Option<Parsed>, Vec<Diagnostic>) {
    let mut findings = Vec::new();
    let Some(source) = read(&found.file, &found.shown, &mut findings) else { return (None, findings) };
    let mut parser = Parser::new(&project.config, &source, &found.file);
    let parsed = match found.purpose {
        Purpose::Introduction(date) => parser.introduction(date).map(Parsed::Introduction),
        Purpose::Item(date) => parser.item(Some(date)).map(|item| Parsed::Item(Box::new(item))),
        Purpose::Queued => parser.item(None).map(|item| Parsed::Queued(Box::new(item))),
        Purpose::Article => parser.article().map(|article| Parsed::Article(Box::new(article))),
        Purpose::Topic => parser.topic().map(Parsed::Topic),
    };
    findings.append(&mut parser.findings);
    (parsed, findings)
}

fn read(file: &Path, shown: &str, findings: &mut Vec<Diagnostic>) -> Option<Source> {
    match fs::read(file) {
        Ok(bytes) => Source::decode(shown, bytes, findings),
        Err(error) => {
            let finding = Diagnostic::error("unreadable", format!("cannot be read: {error}"));
            findings.push(finding.in_file(shown).hint("check that it exists, and its rights"));
            None
        }
    }
}

fn block(project: &Project, rule: &BlockRule, findings: &mut Vec<Diagnostic>) -> Option<Block> {
    let file = project.root.join("content").join(&rule.file);
    let source = read(&file, &shown(&project.root, &file), findings)?;
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
