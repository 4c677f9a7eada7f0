//! What is to be built: whose mails, with or without drafts, and what an earlier build is believed.

use serde::{Deserialize, Serialize};

use crate::config::Calendar;
use crate::content::Content;
use crate::issue::{Archive, Closed, Drafts, Issue, Plan};
use crate::model::{Diagnostic, IssueDate, IssueKind, Severity, Slot, suggest};

/// What is to be built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Whose mail is made beside the web edition.
    pub which: Which,
    /// What becomes of drafts.
    pub drafts: Drafts,
    /// Which issue may take items of the queue.
    pub filling: Filling,
    /// What an earlier build is believed.
    pub trust: Trust,
    /// The day on which texts are checked, where somebody says which: nothing that is built depends on it.
    pub today: Option<IssueDate>,
}

/// What an issue may take of the queue and of corrections. The queue fills the issue whose mail is made, the newest one
/// otherwise, if it is open; corrections go past what is closed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filling {
    /// The first day whose issue is still to be sent; without it no issue is open.
    pub from: Option<IssueDate>,
    /// The issues that are approved or being sent already.
    pub closed: Vec<Closed>,
}

impl Order {
    /// What is assembled under it.
    pub(super) fn plan(&self, content: &Content) -> Plan<'_> {
        let Self { which, drafts, filling, .. } = self;
        Plan { drafts: *drafts, filled: filling.choose(content, which), closed: &filling.closed }
    }
}

impl Filling {
    /// The next day on which something that waits can appear, where that is known.
    pub fn next(&self, calendar: &Calendar) -> Option<IssueDate> {
        let mut date = self.from?;
        while self.is_closed(date) {
            date = calendar.after(date)?;
        }
        Some(date)
    }

    fn is_closed(&self, date: IssueDate) -> bool {
        self.closed.iter().any(|closed| closed.date == date)
    }

    /// The open issue: the one that is named, else the newest one.
    pub(super) fn choose(&self, content: &Content, which: &Which) -> Option<IssueDate> {
        let from = self.from?;
        let is_open = |date: &IssueDate| *date >= from && !self.is_closed(*date);
        let named = match which {
            Which::These(slots) => {
                let days = slots.iter().rev().filter(|slot| slot.kind == IssueKind::Daily);
                days.map(|slot| slot.date).find(is_open)
            }
            Which::Newest | Which::All => None,
        };
        let dated = content.items.iter().filter_map(|item| item.entry.date);
        let newest = dated.chain(content.introductions.iter().map(|introduction| introduction.date)).max();
        named.or(newest.filter(is_open))
    }
}

/// What an earlier build is believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// A file whose size and times are the same is the same.
    Metadata,
    /// Nothing: every file is read.
    Nothing,
}

/// Whose mail is made beside the web edition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Which {
    /// The newest issue's.
    Newest,
    /// That of these issues or digests.
    These(Vec<Slot>),
    /// Every issue's.
    All,
}

impl From<Which> for Order {
    fn from(which: Which) -> Self {
        Self {
            which,
            drafts: Drafts::LeftOut,
            filling: Filling::default(),
            trust: Trust::Metadata,
            today: None,
        }
    }
}

/// The issues whose mails are made.
pub(super) fn choose(archive: &Archive<'_>, which: &Which, findings: &mut Vec<Diagnostic>) -> Vec<Slot> {
    let slots = |issues: &[Issue<'_>]| issues.iter().map(Issue::slot).collect::<Vec<Slot>>();
    let days = slots(&archive.issues);
    let digests = slots(&archive.digests);
    let Some(newest) = days.last().copied() else {
        let broken = findings.iter().any(|finding| finding.severity == Severity::Error);
        if !broken {
            let finding = Diagnostic::error("empty-newsletter", "there is no issue yet").in_file("content");
            findings.push(finding.hint(
                "`rotative new \"Title\"` starts the next; an item lies in content/2018-06-08/, for example",
            ));
        }
        return Vec::new();
    };
    match which {
        Which::Newest => {
            let digest = digests.last().filter(|digest| digest.date >= newest.date);
            std::iter::once(newest).chain(digest.copied()).collect()
        }
        Which::All => [days, digests].concat(),
        Which::These(wanted) => {
            let (there, gone): (Vec<Slot>, Vec<Slot>) =
                wanted.iter().partition(|slot| days.contains(slot) || digests.contains(slot));
            let Some(day) = gone.first() else { return there };
            let known: Vec<String> = days.iter().chain(&digests).map(ToString::to_string).collect();
            let near =
                suggest::nearest(&day.to_string(), known.iter().map(String::as_str)).map(str::to_owned);
            let near = near.unwrap_or_else(|| newest.to_string());
            let finding =
                Diagnostic::error("no-issue", format!("there is no issue of {day}")).in_file("content");
            findings.push(finding.hint(format!("there is one of {near}")));
            Vec::new()
        }
    }
}
