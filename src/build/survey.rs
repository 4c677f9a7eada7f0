//! What an editor wants to know of a newsletter beside what is built: its issues with drafts and all, what they lack,
//! what waits in the queue.

use std::collections::BTreeMap;
use std::path::Path;

use crate::config::{Config, SectionRule};
use crate::content::Item;
use crate::issue::{self, Archive, Drafts, Issue, Plan};
use crate::links::Place;
use crate::model::{Diagnostic, IssueDate, IssueKind, Report, Slot};
use crate::{check, render};

use super::order::{Filling, Which};
use super::sources::Sources;

/// A newsletter at a glance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Survey {
    /// The newsletter's title.
    pub title: String,
    /// Its language.
    pub lang: String,
    /// Its public address, which ends in `/`.
    pub base_url: String,
    /// Where its days begin.
    pub timezone: chrono_tz::Tz,
    /// Who its mail comes from.
    pub sender: String,
    /// Its issues and digests, newest first.
    pub issues: Vec<SurveyedIssue>,
    /// What waits for room: the most urgent first.
    pub queue: Vec<SurveyedItem>,
    /// What a typesetter would point out in the issues that were asked for.
    pub proofs: BTreeMap<Slot, Vec<Diagnostic>>,
    /// What is wrong with the sources.
    pub faults: Report,
}

/// An issue at a glance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SurveyedIssue {
    /// Its day and kind.
    pub slot: Slot,
    /// From 1.
    pub number: u32,
    /// What it is called: its day in words.
    pub name: String,
    /// The line of the inbox.
    pub subject: String,
    /// Its page in the web edition.
    pub page: Place,
    /// The file of its introduction.
    pub introduction: Option<String>,
    /// Whether it appears only in a proof: its introduction says so, or every item.
    pub draft: bool,
    /// Its items, in order.
    pub items: Vec<SurveyedItem>,
    /// What it lacks.
    pub lacks: Vec<Lack>,
}

/// An item at a glance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SurveyedItem {
    /// Its file, relative to the newsletter's folder.
    pub path: String,
    /// What archives call it.
    pub name: String,
    /// Its section: the title, or the name of one without.
    pub section: String,
    /// Whether it is a draft.
    pub draft: bool,
    /// The last day on which an issue takes it from the queue.
    pub expires: Option<IssueDate>,
}

/// What an issue lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lack {
    /// Items that are still drafts and will be left out.
    Drafts(usize),
    /// A section has too few items.
    Items {
        /// The section.
        section: String,
        /// How many there are.
        count: usize,
        /// How many are wanted.
        min: usize,
    },
    /// No item is marked as the lead.
    Lead,
    /// The newsletter has no settings of mail: nothing can be sent.
    Mail,
}

/// Surveys a newsletter and proofreads some of its issues. `Err` when its settings cannot be read.
pub fn survey(root: &Path, proofread: &[Slot], filling: &Filling) -> Result<Survey, Report> {
    let sources = Sources::read(root)?;
    let config = &sources.project.config;
    let mut findings = sources.findings.clone();
    let filled = filling.choose(&sources.content, &Which::These(proofread.to_vec()));
    let plan = Plan { drafts: Drafts::Included, filled, closed: &filling.closed };
    let archive = issue::assemble(&sources.content, config, plan, &mut findings);
    let all = archive.issues.iter().chain(&archive.digests);
    let mut issues: Vec<SurveyedIssue> = all.map(|issue| surveyed(issue, config)).collect();
    issues.sort_by_key(|issue| std::cmp::Reverse(issue.slot));
    let mut waiting: Vec<&Item> = sources.content.queue.iter().collect();
    waiting.sort_by_key(|item| item.priority);
    let from = config.mail.as_ref().map(|mail| &mail.from);
    let sender = from.and_then(|from| from.name.clone()).unwrap_or_else(|| config.title.clone());
    Ok(Survey {
        title: config.title.clone(),
        lang: config.tag.to_string(),
        base_url: config.base_url.to_string(),
        timezone: config.timezone,
        sender,
        issues,
        queue: waiting.into_iter().map(|item| glance(item, config)).collect(),
        proofs: proofs(&archive, config, proofread),
        faults: Report::new(findings),
    })
}

fn proofs(archive: &Archive<'_>, config: &Config, proofread: &[Slot]) -> BTreeMap<Slot, Vec<Diagnostic>> {
    let found = proofread.iter().filter_map(|slot| archive.issue(*slot));
    found.map(|issue| (issue.slot(), check::weigh(render::proofread(issue, config), &config.check))).collect()
}

fn surveyed(issue: &Issue<'_>, config: &Config) -> SurveyedIssue {
    let items: Vec<SurveyedItem> = issue.items().map(|item| glance(item, config)).collect();
    let unready = issue.introduction.is_some_and(|introduction| introduction.draft);
    SurveyedIssue {
        slot: issue.slot(),
        number: issue.number,
        name: issue::name(issue, config),
        subject: issue.subject.clone(),
        page: issue.place(),
        introduction: issue.introduction.map(|introduction| introduction.source.path().to_owned()),
        draft: unready || !items.is_empty() && items.iter().all(|item| item.draft),
        lacks: lacks(issue, &items, config),
        items,
    }
}

fn glance(item: &Item, config: &Config) -> SurveyedItem {
    let rule = config.section(item.section.as_str());
    let title = rule.map(|rule| rule.title.clone()).filter(|title| !title.is_empty());
    SurveyedItem {
        path: item.entry.source.path().to_owned(),
        name: issue::headline(item, config),
        section: title.unwrap_or_else(|| item.section.to_string()),
        draft: item.entry.draft,
        expires: item.expires,
    }
}

fn lacks(issue: &Issue<'_>, items: &[SurveyedItem], config: &Config) -> Vec<Lack> {
    let drafts = items.iter().filter(|item| item.draft).count();
    let count = |rule: &SectionRule| {
        issue.items().filter(|item| item.section == rule.name && !item.entry.draft).count()
    };
    let short =
        config.sections.iter().map(|rule| (rule, count(rule))).filter(|(rule, count)| *count < rule.min);
    let short = short.map(|(rule, count)| {
        let section = if rule.title.is_empty() { rule.name.to_string() } else { rule.title.clone() };
        Lack::Items { section, count, min: rule.min }
    });
    // A digest takes what the week has.
    let daily = issue.kind == IssueKind::Daily;
    let led = issue.items().any(|item| item.lead.is_some());
    (drafts > 0)
        .then_some(Lack::Drafts(drafts))
        .into_iter()
        .chain(short.filter(|_| daily))
        .chain((daily && !led).then_some(Lack::Lead))
        .chain(config.mail.is_none().then_some(Lack::Mail))
        .collect()
}
