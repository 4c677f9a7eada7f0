//! The copy editor's desk: what lies on it, in which order it is read, and what is said in the end.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::config::Config;
use crate::content::Content;
use crate::issue::{Archive, Issue};
use crate::model::{Diagnostic, IssueDate, Location, Slot, WebUrl};

use super::galley::{Galley, Text};
use super::room::Room;
use super::rule::Applied;
use super::rules::Waits;
use super::spelling::Spelling;
use super::trace::Traces;
use super::{allow, rules};

/// What the copy editor leans on.
#[derive(Debug, Clone, Copy)]
pub struct Desk<'a> {
    /// Everything that is published.
    pub archive: &'a Archive<'a>,
    /// Everything that was written.
    pub content: &'a Content,
    /// What everything that is published is recognised by.
    pub traces: &'a Traces,
    /// The settings.
    pub config: &'a Config,
    /// What is known of the pictures as they were taken, by file.
    pub pictures: &'a HashMap<PathBuf, PictureFacts>,
    /// The dictionaries.
    pub spelling: &'a Spelling,
    /// The next day on which something can appear, where that is known.
    pub next: Option<IssueDate>,
    /// The day on which it is read, where that is known.
    pub today: Option<IssueDate>,
}

/// What is known of a picture as it was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PictureFacts {
    /// Its weight in bytes.
    pub bytes: u64,
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
}

/// What is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// The issues and digests.
    pub days: Vec<Slot>,
    /// Whether the queue is read too.
    pub queue: Queue,
    /// Whether the articles are.
    pub articles: Articles,
}

/// Whether the queue is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Queue {
    /// It is.
    Read,
    /// It is not.
    LeftAlone,
}

/// Whether the articles are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Articles {
    /// They are.
    Read,
    /// They are not.
    LeftAlone,
}

/// What was tried beyond the texts themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tried {
    /// Nothing.
    Texts,
    /// The links too.
    Links,
}

/// The texts of a desk, ready to be read.
#[derive(Debug)]
pub struct CopyEditor<'a> {
    room: Room<'a>,
    days: Vec<Slot>,
    queue: Queue,
    galleys: Vec<Galley<'a>>,
}

impl<'a> CopyEditor<'a> {
    /// Takes the texts of a scope apart; all cores work.
    /// Those of `broken` files are left alone: what is missing there is missing because it could not be read.
    pub fn new(desk: Desk<'a>, scope: &Scope, broken: &HashSet<String>) -> Self {
        let issues: Vec<&Issue<'a>> =
            scope.days.iter().filter_map(|slot| desk.archive.issue(*slot)).collect();
        let items = issues.iter().flat_map(|issue| issue.items()).map(Text::Item);
        let introductions = issues.iter().filter_map(|issue| issue.introduction).map(Text::Introduction);
        let queue = if scope.queue == Queue::Read { desk.content.queue.as_slice() } else { &[] };
        let articles = if scope.articles == Articles::Read { desk.archive.articles.as_slice() } else { &[] };
        let waiting = queue.iter().filter(|item| !item.entry.draft).map(Text::Item);
        let articles = articles.iter().copied().map(Text::Article);
        let mut seen = HashSet::new();
        // A digest has its items from the issues of its week.
        let texts: Vec<Text<'a>> = items
            .chain(introductions)
            .chain(waiting)
            .chain(articles)
            .filter(|text| !broken.contains(text.source().path()) && seen.insert(text.source().path()))
            .collect();
        let galleys: Vec<_> = texts.into_par_iter().map(|text| Galley::new(text, desk.config)).collect();
        Self { room: Room::new(desk, galleys.len()), days: scope.days.clone(), queue: scope.queue, galleys }
    }

    /// Everything that is to be said, rule by rule.
    pub fn read(&self) -> Vec<Diagnostic> {
        let each = self.galleys.par_iter().map(|galley| {
            let mut findings = Vec::new();
            for rule in rules::OF_TEXTS {
                rule(galley, &self.room, &mut findings);
            }
            findings
        });
        let mut findings: Vec<Diagnostic> = each.collect::<Vec<_>>().concat();
        if let Some(today) = self.room.desk.today {
            self.galleys.iter().for_each(|galley| rules::ahead(galley, today, &mut findings));
        }
        let by_path: HashMap<&str, &Galley<'_>> =
            self.galleys.iter().map(|galley| (galley.source.path(), galley)).collect();
        for issue in self.days.iter().filter_map(|slot| self.room.desk.archive.issue(*slot)) {
            let galleys = issue.items().filter_map(|item| by_path.get(item.entry.source.path()).copied());
            let galleys: Vec<&Galley<'_>> = galleys.collect();
            for rule in rules::OF_ISSUES {
                rule(issue, &galleys, &self.room, &mut findings);
            }
        }
        let Desk { archive, content, next, .. } = self.room.desk;
        if self.queue == Queue::Read || archive.fill.is_some() {
            let waits = Waits { queue: &content.queue, fill: archive.fill.as_ref(), next };
            rules::queue(waits, &mut findings);
        }
        findings
    }

    /// The addresses on the web that the texts lead to, each with its places.
    pub fn links(&self) -> Vec<(WebUrl, Location)> {
        self.galleys.iter().flat_map(rules::links_of).collect()
    }

    /// Leaves out what texts and settings allow, says which exceptions are of no use, and weighs the rest.
    pub fn settle(&self, findings: Vec<Diagnostic>, tried: Tried) -> Vec<Diagnostic> {
        let applied = |when: Applied| match when {
            Applied::Always => true,
            Applied::WithLinks => tried == Tried::Links,
            Applied::WithDictionary => !self.room.desk.spelling.is_empty(),
        };
        let mut findings = allow::exempt(&self.galleys, findings, applied);
        let settings = &self.room.desk.config.check;
        findings.extend(allow::in_vain(settings, &findings));
        super::weigh(findings, settings)
    }
}

impl Desk<'_> {
    /// What is known of a picture.
    pub(super) fn picture(&self, file: &Path) -> Option<&PictureFacts> {
        self.pictures.get(file)
    }
}
