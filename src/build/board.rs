//! The board: an issue filling up, section by section, and what waits for room.

use std::path::Path;

use serde::Serialize;

use crate::content::Item;
use crate::issue::{self, Archive, Fill, Issue, Plan, Wait, headline};
use crate::model::{Diagnostic, IssueDate, Report, Severity, Slot, spoken};
use crate::render::{Renderer, Templates};
use crate::{config::Config, mail};

use super::cuttings::Cuttings;
use super::order::{Order, Which};
use super::proofs::proof;

/// An issue as far as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Board {
    /// Its day.
    pub date: String,
    /// The same in words.
    pub day: String,
    /// Its number, where it has one.
    pub number: Option<u32>,
    /// The line of the inbox.
    pub subject: String,
    /// The line after it.
    pub preheader: String,
    /// Its sections, in order, the empty ones too.
    pub sections: Vec<BoardSection>,
    /// How many words it has.
    pub words: usize,
    /// How long it takes to read, in minutes.
    pub minutes: usize,
    /// The size of the mail's HTML, in bytes; none while it cannot be made.
    pub html_bytes: Option<usize>,
    /// The size of its text, in bytes.
    pub text_bytes: Option<usize>,
    /// How many errors stand in the way.
    pub errors: usize,
    /// How many warnings there are.
    pub warnings: usize,
    /// What is said of it, errors and warnings.
    pub findings: Vec<Diagnostic>,
    /// What lies in the queue, in its order.
    pub queue: Vec<BoardWaiting>,
}

/// A section of the issue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BoardSection {
    /// Its name.
    pub name: String,
    /// Its heading, empty for none.
    pub title: String,
    /// The fewest items it wants.
    pub min: usize,
    /// The most it takes.
    pub max: Option<usize>,
    /// How many items it lacks to its minimum.
    pub lacking: usize,
    /// What stands in it.
    pub items: Vec<BoardItem>,
}

/// An item of the issue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BoardItem {
    /// Its slug.
    pub slug: String,
    /// What it is called.
    pub name: String,
    /// Its file.
    pub path: String,
    /// How many words it has.
    pub words: usize,
    /// Whether it opens the subject.
    pub lead: bool,
    /// Whether it is a draft, which readers will not get.
    pub draft: bool,
    /// Whether it still lies in the queue.
    pub queued: bool,
}

/// An item of the queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BoardWaiting {
    /// Its slug.
    pub slug: String,
    /// What it is called.
    pub name: String,
    /// Its file.
    pub path: String,
    /// Its section.
    pub section: String,
    /// From 1 to 9.
    pub priority: u8,
    /// The day it was put there.
    pub queued: Option<String>,
    /// The day before which it does not appear.
    pub not_before: Option<String>,
    /// Its last day.
    pub expires: Option<String>,
    /// `taken`, `no-room`, `not-before`, `expired`, `kept`, `draft` or `name-taken`.
    pub state: &'static str,
}

/// The words that are read in a minute.
const PACE: usize = 220;

/// The issue of a day as it is now, drafts included. `order` says what it may take from the queue.
pub fn board(root: &Path, date: Option<IssueDate>, order: &Order) -> Result<Board, Report> {
    Cuttings::read(root, order.trust, |cuttings| fill(root, cuttings, date, order))?
}

fn fill(root: &Path, cuttings: &Cuttings, date: Option<IssueDate>, order: &Order) -> Result<Board, Report> {
    let sources = &cuttings.sources;
    let config = &sources.project.config;
    let newest = || sources.content.items.iter().filter_map(|item| item.entry.date).max();
    let Some(date) = date.or_else(newest).or(order.filling.from) else {
        return Err(proof(root, cuttings, order, None));
    };
    let named = Which::These(vec![Slot::daily(date)]);
    let plan = Plan { drafts: order.drafts, filled: order.filling.choose(&sources.content, &named) };
    let mut findings = sources.findings.clone();
    let archive = issue::assemble(&sources.content, config, plan, &mut findings);
    let issue = archive.issue(Slot::daily(date));
    let report = proof(root, cuttings, &Order { which: named, ..order.clone() }, None);
    let sizes = issue.and_then(|issue| sizes(root, cuttings, &archive, issue));
    let items: Vec<&Item> = issue.map(|issue| issue.items().collect()).unwrap_or_default();
    let words = items.iter().map(|item| words(item)).sum();
    // That there is no issue yet is what the board shows.
    let findings: Vec<Diagnostic> =
        report.findings().iter().filter(|finding| finding.rule != "no-issue").cloned().collect();
    let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
    Ok(Board {
        date: date.to_string(),
        day: spoken::long(date, config.language),
        number: issue.map(|issue| issue.number),
        subject: issue.map(|issue| issue.subject.clone()).unwrap_or_default(),
        preheader: issue.map(|issue| issue.preheader.clone()).unwrap_or_default(),
        sections: sections(&items, issue, config),
        words,
        minutes: words.div_ceil(PACE),
        html_bytes: sizes.map(|(html, _)| html),
        text_bytes: sizes.map(|(_, text)| text),
        errors: count(Severity::Error),
        warnings: count(Severity::Warning),
        findings,
        queue: queue(&sources.content.queue, archive.fill.as_ref(), config),
    })
}

/// The sizes of the mail; `None` while it cannot be made.
fn sizes(root: &Path, read: &Cuttings, archive: &Archive<'_>, issue: &Issue<'_>) -> Option<(usize, usize)> {
    let mut findings = Vec::new();
    let templates = Templates::load(root, &mut findings)?;
    let content = root.join("content");
    let renderer = Renderer::new(&read.sources.project.config, archive, &read.gallery, &templates, &content);
    let mail = mail::render(&renderer, issue, &mut findings).ok()?;
    Some((mail.facts.sizes.html, mail.facts.sizes.text))
}

fn sections(items: &[&Item], issue: Option<&Issue<'_>>, config: &Config) -> Vec<BoardSection> {
    let leads = |item: &Item| {
        issue.and_then(|issue| issue.lead).is_some_and(|lead| lead.entry.slug == item.entry.slug)
    };
    let row = |item: &&Item| BoardItem {
        slug: item.entry.slug.to_string(),
        name: headline(item, config),
        path: item.entry.source.path().to_owned(),
        words: words(item),
        lead: leads(item),
        draft: item.entry.draft,
        queued: item.entry.date.is_none(),
    };
    let section = |rule: &crate::config::SectionRule| {
        let items: Vec<BoardItem> = items.iter().filter(|item| item.section == rule.name).map(row).collect();
        BoardSection {
            name: rule.name.to_string(),
            title: rule.title.clone(),
            min: rule.min,
            max: rule.max,
            lacking: rule.min.saturating_sub(items.len()),
            items,
        }
    };
    config.sections.iter().map(section).collect()
}

fn queue(queue: &[Item], fill: Option<&Fill<'_>>, config: &Config) -> Vec<BoardWaiting> {
    let row = |item: &Item, state: &'static str| BoardWaiting {
        slug: item.entry.slug.to_string(),
        name: headline(item, config),
        path: item.entry.source.path().to_owned(),
        section: item.section.to_string(),
        priority: item.priority,
        queued: item.queued.map(|day| day.to_string()),
        not_before: item.not_before.map(|day| day.to_string()),
        expires: item.expires.map(|day| day.to_string()),
        state,
    };
    let Some(fill) = fill else {
        return queue.iter().map(|item| row(item, "waits")).collect();
    };
    let taken = fill.taken.iter().map(|item| row(item, "taken"));
    let waiting = fill.waiting.iter().map(|waiting| row(waiting.item, state(waiting.why)));
    taken.chain(waiting).collect()
}

fn state(why: Wait) -> &'static str {
    match why {
        Wait::NoRoom => "no-room",
        Wait::Embargo(_) => "not-before",
        Wait::Expired(_) => "expired",
        Wait::Kept => "kept",
        Wait::Draft => "draft",
        Wait::NameTaken => "name-taken",
    }
}

/// The words of an item, as a reader would count them: what holds a letter or a digit and is no address.
fn words(item: &Item) -> usize {
    let title = item.entry.title.as_deref().unwrap_or_default();
    let counted = |word: &&str| word.chars().any(char::is_alphanumeric) && !word.contains("://");
    title.split_whitespace().chain(item.entry.markdown().split_whitespace()).filter(counted).count()
}
