//! The assembly: items and blocks become dated issues, each in its place among the others.
//!
//! Never knows: the disk, HTML, Tera.

mod archive;
mod calendar;
mod errata;
mod former;
mod lead;
mod order;
mod queue;
mod threads;
mod weekly;

use crate::config::SectionRule;
use crate::content::{Article, Block, Entry, Introduction, Item};
use crate::links::{Links, Place};
use crate::model::{IssueDate, IssueKind, Slot};

pub use archive::{Archive, Drafts, Plan, assemble};
pub use calendar::{Appeared, Month};
pub use errata::{Closed, Erratum, Told};
pub use former::Redirect;
pub use lead::headline;
pub use queue::{Fill, Wait, Waiting};
pub use threads::{Earlier, Thread, Threads};
pub use weekly::name;

/// All that appears under one date.
#[derive(Debug, Clone)]
pub struct Issue<'a> {
    /// The day.
    pub date: IssueDate,
    /// Of which kind it is.
    pub kind: IssueKind,
    /// The number, from 1.
    pub number: u32,
    /// The line of the inbox.
    pub subject: String,
    /// The line after it.
    pub preheader: String,
    /// The introduction, where there is one.
    pub introduction: Option<&'a Introduction>,
    /// What follows, in order.
    pub parts: Vec<Part<'a>>,
    /// The item that opens the subject.
    pub lead: Option<&'a Item>,
}

impl<'a> Issue<'a> {
    /// What it is sent as, at most once.
    pub fn slot(&self) -> Slot {
        Slot { date: self.date, kind: self.kind }
    }

    /// Its page.
    pub fn place(&self) -> Place {
        match self.kind {
            IssueKind::Daily => Place::issue(self.date),
            IssueKind::Weekly => Place::digest(self.date),
        }
    }

    /// The items in order.
    pub fn items(&self) -> impl Iterator<Item = &'a Item> {
        self.parts
            .iter()
            .flat_map(|part| match part {
                Part::Section { items, .. } => items.as_slice(),
                Part::Block(_) | Part::Errata(_) => &[],
            })
            .copied()
    }

    /// What it says of mistakes in earlier ones.
    pub fn errata(&self) -> impl Iterator<Item = &Erratum<'a>> {
        self.parts.iter().flat_map(|part| match part {
            Part::Errata(errata) => errata.as_slice(),
            Part::Section { .. } | Part::Block(_) => &[],
        })
    }
}

/// A stretch of an issue.
#[derive(Debug, Clone)]
pub enum Part<'a> {
    /// Items of one section that follow each other.
    Section {
        /// The section.
        rule: &'a SectionRule,
        /// Whether its heading stands above, or stood above an earlier stretch.
        heading: Heading,
        /// The items, one at least.
        items: Vec<&'a Item>,
    },
    /// A text placed by rule.
    Block(&'a Block),
    /// What earlier issues had wrong.
    Errata(Vec<Erratum<'a>>),
}

/// Whether a stretch of items has its section's heading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heading {
    /// The stretch begins the section.
    Shown,
    /// A block interrupted it.
    Continued,
}

/// An item or an article.
#[derive(Debug, Clone, Copy)]
pub enum Published<'a> {
    /// An item of an issue.
    Item(&'a Item),
    /// An article.
    Article(&'a Article),
}

impl<'a> Published<'a> {
    /// What both have in common.
    pub fn entry(self) -> &'a Entry {
        match self {
            Self::Item(item) => &item.entry,
            Self::Article(article) => &article.entry,
        }
    }

    /// Its place.
    pub fn place(self, date: IssueDate) -> Place {
        match self {
            Self::Item(item) => Place::item(date, &item.entry.slug),
            Self::Article(article) => Place::article(article.date, &article.entry.slug),
        }
    }

    /// What feeds know it by.
    pub fn tag(self, date: IssueDate, links: &Links) -> String {
        let (date, slug) = self.entry().origin(date);
        links.tag(if let Self::Item(_) = self { "item" } else { "article" }, date, &slug)
    }
}
