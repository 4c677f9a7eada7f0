//! What surrounds the items: the introduction of an issue, topics, blocks.

use crate::config::Placement;
use crate::model::{IssueDate, LanguageTag, Slug, Source, Spot};

use super::item::TextSetting;

/// `issue.md`: the introduction of an issue, and what overrides its defaults.
#[derive(Debug, Clone)]
pub struct Introduction {
    /// The day of the issue.
    pub date: IssueDate,
    /// The file itself.
    pub source: Source,
    /// Where its Markdown starts in the source, in bytes.
    pub body: usize,
    /// The subject, instead of the one made by pattern.
    pub subject: Option<String>,
    /// The preheader, instead of the one made from the items.
    pub preheader: Option<String>,
    /// The number, from which the following ones count on.
    pub number: Option<u32>,
    /// Whether the whole issue is kept back.
    pub draft: bool,
}

impl Introduction {
    /// The Markdown of its body.
    pub fn markdown(&self) -> &str {
        &self.source.text()[self.body..]
    }
}

/// A topic that has a file of its own.
#[derive(Debug, Clone)]
pub struct Topic {
    /// The file's name.
    pub key: Slug,
    /// Its name.
    pub name: String,
    /// The file itself.
    pub source: Source,
    /// Where its Markdown starts in the source, in bytes.
    pub body: usize,
    /// What it is about, in a sentence.
    pub description: Option<String>,
    /// Other names for it, and where they are written.
    pub aliases: Vec<(Slug, Spot)>,
    /// The topics beside it.
    pub related: Vec<Slug>,
}

/// A text that is placed by rule.
#[derive(Debug, Clone)]
pub struct Block {
    /// Its name.
    pub name: Slug,
    /// Where it goes.
    pub placement: Placement,
    /// The file itself.
    pub source: Source,
    /// Where its Markdown starts in the source, in bytes.
    pub body: usize,
    /// Its language, where it is not the newsletter's.
    pub lang: Option<LanguageTag>,
    /// Whether its text is set, or left as typed.
    pub setting: TextSetting,
}

impl Block {
    /// The Markdown of its body.
    pub fn markdown(&self) -> &str {
        &self.source.text()[self.body..]
    }
}
