//! The queue: which of the items that wait fill an open issue, and why the others go on waiting.

use std::collections::{BTreeMap, BTreeSet};

use crate::config::Config;
use crate::content::{Content, Item};
use crate::model::{IssueDate, Slug};

/// What an open issue takes from the queue.
#[derive(Debug, Clone)]
pub struct Fill<'a> {
    /// The issue's day.
    pub date: IssueDate,
    /// What it takes, in the order of the choice.
    pub taken: Vec<&'a Item>,
    /// What goes on waiting, in the order of the queue.
    pub waiting: Vec<Waiting<'a>>,
}

/// An item that goes on waiting.
#[derive(Debug, Clone, Copy)]
pub struct Waiting<'a> {
    /// The item.
    pub item: &'a Item,
    /// Why it waits.
    pub why: Wait,
}

/// Why an item of the queue does not stand in an issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// Its section is full.
    NoRoom,
    /// It must not appear before a day.
    Embargo(IssueDate),
    /// Its time is over: no issue takes it any more.
    Expired(IssueDate),
    /// It is only taken by name.
    Kept,
    /// It is not finished.
    Draft,
    /// The issue has an item of that name.
    NameTaken,
}

/// Fills an issue that has `present` items: each section up to its `max`, by priority, then by age, then by name.
pub(super) fn fill<'a>(
    content: &'a Content,
    date: IssueDate,
    present: &[&Item],
    config: &Config,
) -> Fill<'a> {
    let mut queue: Vec<&Item> = content.queue.iter().collect();
    // Whoever wrote no day down comes after those who did: nobody can say how long it has waited.
    queue.sort_by_key(|item| (item.priority, item.queued.is_none(), item.queued, item.entry.slug.clone()));
    let mut room: BTreeMap<&Slug, usize> = BTreeMap::new();
    for section in &config.sections {
        // A draft takes nobody's room: a build without drafts must choose as a proof with them.
        let there = present.iter().filter(|item| item.section == section.name && !item.entry.draft).count();
        room.insert(&section.name, section.max.map_or(usize::MAX, |max| max.saturating_sub(there)));
    }
    let there = content.items.iter().filter(|item| item.entry.date == Some(date));
    let names: BTreeSet<&Slug> = there.map(|item| &item.entry.slug).collect();
    let mut fill = Fill { date, taken: Vec::new(), waiting: Vec::new() };
    for item in queue {
        let name_taken = names.contains(&item.entry.slug)
            || fill.taken.iter().any(|other| other.entry.slug == item.entry.slug);
        let why = obstacle(item, date).or(name_taken.then_some(Wait::NameTaken));
        let room = room.get_mut(&item.section).filter(|room| **room > 0);
        match (why, room) {
            (None, Some(room)) => {
                *room -= 1;
                fill.taken.push(item);
            }
            (why, _) => fill.waiting.push(Waiting { item, why: why.unwrap_or(Wait::NoRoom) }),
        }
    }
    fill
}

/// What keeps an item out of the issue of a day, whatever room there is.
fn obstacle(item: &Item, date: IssueDate) -> Option<Wait> {
    if item.entry.draft {
        return Some(Wait::Draft);
    }
    if let Some(last) = item.expires.filter(|last| *last < date) {
        return Some(Wait::Expired(last));
    }
    if let Some(first) = item.not_before.filter(|first| *first > date) {
        return Some(Wait::Embargo(first));
    }
    item.kept.then_some(Wait::Kept)
}
