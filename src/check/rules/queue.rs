//! The queue: what has expired, what can never appear, what bears a name that is taken.

use crate::check::rule::{Family, Rule};
use crate::content::Item;
use crate::issue::{Fill, Wait};
use crate::model::{Diagnostic, IssueDate, Location};

pub(super) const EXPIRED: Rule = Rule::new(
    "queue-expired",
    Family::Story,
    "No issue takes an item of the queue after the day of its `expires`.",
    "delete it, or give it another `expires`",
);
pub(super) const NAME: Rule = Rule::new(
    "queue-name",
    Family::Story,
    "The files of one issue have different names; an item of the queue waits until its name is free.",
    "rename one of the two",
);

pub(super) const NEVER: Rule = Rule::new(
    "queue-never",
    Family::Story,
    "An item of the queue appears from the day of its `not_before` to that of its `expires`: the second is not before the first.",
    "change one of the two days",
);

/// What waits, and for what.
#[derive(Debug, Clone, Copy)]
pub struct Waits<'a> {
    /// The items of the queue.
    pub queue: &'a [Item],
    /// What the open issue takes of them, if one is open.
    pub fill: Option<&'a Fill<'a>>,
    /// The next day on which something can appear, where that is known.
    pub next: Option<IssueDate>,
}

pub(in crate::check) fn check(waits: Waits<'_>, findings: &mut Vec<Diagnostic>) {
    for item in waits.queue.iter().filter(|item| !item.entry.draft) {
        let Some(last) = item.expires else { continue };
        let never = item.not_before.filter(|first| *first > last);
        let finding = match (never, waits.next) {
            (Some(first), _) => NEVER.say(format!(
                "its `expires` ({last}) is before its `not_before` ({first}): it never appears"
            )),
            (None, Some(next)) if last < next => {
                EXPIRED.say(format!("expired on {last}; no issue takes it any more"))
            }
            _ => continue,
        };
        findings.push(finding.at(line(item, "expires:")));
    }
    for waiting in waits.fill.iter().flat_map(|fill| &fill.waiting).filter(|one| one.why == Wait::NameTaken) {
        let date = waits.fill.map(|fill| fill.date.to_string()).unwrap_or_default();
        let finding = NAME.say(format!("the issue of {date} has an item of the same file name"));
        findings.push(finding.in_file(waiting.item.entry.source.path()));
    }
}

/// The line of a key, or the whole file.
fn line(item: &Item, key: &str) -> Location {
    let source = &item.entry.source;
    let head = source.before(item.entry.body).lines().enumerate();
    let mut lines = head.filter(|(_, line)| line.starts_with(key));
    lines.next().map_or_else(
        || Location::file(source.path()),
        |(at, line)| source.at(at + 1, 1, line.trim_end().chars().count()),
    )
}
