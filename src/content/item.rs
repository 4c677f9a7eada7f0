//! Items and articles: what an editor writes, judged and complete.

use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::config::SectionKind;
use crate::model::{IssueDate, LanguageTag, Slug, Source, Spot, WebUrl};

use super::alias::{Alias, Former};
use super::allowance::Allowance;

/// A news item of one issue, or one that waits in the queue.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Item {
    /// What it shares with articles.
    pub entry: Entry,
    /// The section it belongs to.
    pub section: Slug,
    /// What is special about its section.
    pub kind: Kind,
    /// Where it was made the lead, if it was.
    pub lead: Option<Spot>,
    /// Its place in the issue, before all that have none.
    pub position: Option<i64>,
    /// The day before which it must not appear.
    pub not_before: Option<IssueDate>,
    /// The last day on which an issue takes it from the queue.
    pub expires: Option<IssueDate>,
    /// Its place in the queue, 1 (first) to 9.
    pub priority: u8,
    /// The day it was put into the queue, where somebody wrote it down.
    pub queued: Option<IssueDate>,
    /// Whether it stays in the queue until it is taken by name.
    pub kept: bool,
}

impl Item {
    /// Forgets its words.
    pub(super) fn hush(&mut self) {
        self.entry.hush();
        self.kind.hush();
        // Where it was said does not matter, only that it was.
        self.lead = self.lead.as_ref().map(|_| Spot::START);
    }
}

/// A long article with a page of its own.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Article {
    /// What it shares with items.
    pub entry: Entry,
    /// The day it appeared.
    pub date: IssueDate,
}

/// What items and articles have in common.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Entry {
    /// The file's name.
    pub slug: Slug,
    /// The file itself.
    #[serde(skip)]
    pub source: Source,
    /// Where its Markdown starts in the source, in bytes.
    pub body: usize,
    /// The folder it lies in.
    #[serde(skip, default = "nowhere")]
    pub folder: Arc<Path>,
    /// The day of its issue; none in the queue.
    pub date: Option<IssueDate>,
    /// The headline.
    pub title: Option<String>,
    /// The plain headline of archives and feeds.
    pub label: Option<String>,
    /// The topics, each once.
    #[serde(with = "super::names")]
    pub topics: Vec<Arc<TopicName>>,
    /// Where the news comes from.
    pub sources: Vec<Credit>,
    /// What lists and feeds say of it, where that is not its first sentence.
    pub description: Option<String>,
    /// The picture above it.
    pub image: Option<Box<Image>>,
    /// Whether it is kept out of every edition.
    pub draft: bool,
    /// Its language, where it is not the newsletter's.
    pub lang: Option<LanguageTag>,
    /// Who wrote it.
    pub author: Option<String>,
    /// Whether its text is set, or left as typed.
    pub setting: TextSetting,
    /// What had to be corrected.
    pub corrections: Vec<Correction>,
    /// The addresses at which it stood before, oldest first.
    pub aliases: Vec<Alias>,
    /// Rules of the copy editor that it may break.
    pub allow: Vec<Allowance>,
}

fn nowhere() -> Arc<Path> {
    Path::new("").into()
}

impl Entry {
    /// The Markdown of its body.
    pub fn markdown(&self) -> &str {
        self.source.after(self.body)
    }

    /// Forgets its words.
    pub(super) fn hush(&mut self) {
        self.body = 0;
        for words in [&mut self.title, &mut self.label].into_iter().flatten() {
            words.clear();
        }
        (self.description, self.author) = (None, None);
        self.sources.clear();
        if let Some(image) = &mut self.image {
            (image.spot, image.caption, image.credit) = (Spot::START, None, None);
            image.alt.clear();
        }
    }

    /// The day and the name it had first: what feeds know it by, whatever becomes of it later.
    pub fn origin(&self, date: IssueDate) -> (IssueDate, Slug) {
        let first = self.aliases.iter().find_map(|alias| match &alias.former {
            Former::Slug(slug) => Some((date, slug.clone())),
            Former::Path(path) => path.dated(),
        });
        first.unwrap_or_else(|| (date, self.slug.clone()))
    }

    /// What archives call it: the label, else the title, else what its section makes of it.
    pub fn name(&self) -> Option<&str> {
        self.label.as_deref().or(self.title.as_deref())
    }
}

/// What is special about the section of an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// A short text.
    Brief,
    /// A quotation.
    Quote {
        /// What was said.
        text: String,
        /// By whom.
        by: String,
        /// In what office.
        role: Option<String>,
    },
    /// A figure.
    Figure {
        /// The figure with its unit.
        value: String,
        /// What it counts.
        of: String,
        /// Where it was found.
        study: Option<String>,
    },
    /// An appointment.
    Appointment {
        /// Who.
        name: String,
        /// The new office.
        role: String,
        /// Where.
        organisation: Option<String>,
        /// The office before.
        before: Option<String>,
    },
}

impl Kind {
    fn hush(&mut self) {
        let (words, more) = match self {
            Self::Brief => return,
            Self::Quote { text, by, role } => ([text, by], [Some(role), None]),
            Self::Figure { value, of, study } => ([value, of], [Some(study), None]),
            Self::Appointment { name, role, organisation, before } => {
                ([name, role], [Some(organisation), Some(before)])
            }
        };
        words.into_iter().for_each(String::clear);
        more.into_iter().flatten().for_each(|words| *words = None);
    }

    /// The kind of section that such an item belongs to.
    pub fn section(&self) -> SectionKind {
        match self {
            Self::Brief => SectionKind::Brief,
            Self::Quote { .. } => SectionKind::Quote,
            Self::Figure { .. } => SectionKind::Figure,
            Self::Appointment { .. } => SectionKind::Appointment,
        }
    }
}

/// A topic as an item names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicName {
    /// The name made a slug; an alias, perhaps.
    pub key: Slug,
    /// The name as written.
    pub name: String,
}

/// Where news comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credit {
    /// The name.
    pub name: String,
    /// Where to read it.
    pub url: Option<WebUrl>,
    /// What else is to be said.
    pub note: Option<String>,
}

/// A picture beside an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Image {
    /// The file, relative to the item's folder.
    pub file: String,
    /// Where the item names it.
    pub spot: Spot,
    /// What it shows, for those who do not see it.
    pub alt: String,
    /// The line under it.
    pub caption: Option<String>,
    /// Who made it.
    pub credit: Option<String>,
}

/// What had to be corrected, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction {
    /// The day.
    pub date: IssueDate,
    /// What was wrong.
    pub text: String,
}

/// Whether a text is set by the typesetter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum TextSetting {
    /// By the rules of its language.
    Set,
    /// As it was typed.
    AsTyped,
}
