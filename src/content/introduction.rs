//! What surrounds the items: the introduction of an issue, topics, blocks.

use serde::{Deserialize, Serialize};

use crate::config::Placement;
use crate::model::{IssueDate, LanguageTag, Slug, Source, Spot};

use super::alias::Alias;
use super::allowance::Allowance;
use super::item::TextSetting;

/// `issue.md`: the introduction of an issue, and what overrides its defaults.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Introduction {
    /// The day of the issue.
    pub date: IssueDate,
    /// The file itself.
    #[serde(skip)]
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
    /// Whether there is nothing but front matter.
    pub blank: bool,
    /// The addresses at which it stood before.
    pub aliases: Vec<Alias>,
    /// Rules of the copy editor that the issue may break.
    pub allow: Vec<Allowance>,
}

impl Introduction {
    /// The Markdown of its body.
    pub fn markdown(&self) -> &str {
        self.source.after(self.body)
    }
}

/// A topic that has a file of its own.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Topic {
    /// The file's name.
    pub key: Slug,
    /// Its name.
    pub name: String,
    /// The file itself.
    #[serde(skip)]
    pub source: Source,
    /// Where its Markdown starts in the source, in bytes.
    pub body: usize,
    /// What it is about, in a sentence.
    pub description: Option<String>,
    /// Other names for it, and where they are written.
    pub aliases: Vec<(Slug, Spot)>,
    /// The addresses at which it stood before.
    pub former: Vec<Alias>,
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
        self.source.after(self.body)
    }
}
