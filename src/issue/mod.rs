//! The assembly: items and blocks become dated issues, each in its place among the others.
//!
//! Never knows: the disk, HTML, Tera.

mod archive;
mod lead;
mod order;
mod weekly;

use crate::config::SectionRule;
use crate::content::{Article, Block, Introduction, Item};
use crate::links::Place;
use crate::model::{IssueDate, IssueKind, Slot};

pub use archive::{Archive, Drafts, Earlier, Thread, assemble};
pub use lead::headline;
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
                Part::Block(_) => &[],
            })
            .copied()
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
