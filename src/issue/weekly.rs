//! The digest of a week: its best items, by priority, once the week can bring no more.

use chrono::{Datelike, Days};

use crate::config::{Config, WeeklyRule};
use crate::content::{Block, Item};
use crate::model::{IssueDate, IssueKind, spoken};

use super::{Issue, lead, order};

/// The digests of all weeks that are over, oldest first.
pub(super) fn digests<'a>(issues: &[Issue<'a>], blocks: &'a [Block], config: &'a Config) -> Vec<Issue<'a>> {
    let (Some(rule), Some(newest)) = (&config.weekly, issues.last()) else { return Vec::new() };
    let mut digests: Vec<Issue<'a>> = Vec::new();
    let mut rest = issues;
    while let Some(first) = rest.first() {
        let Some(end) = week_end(first.date, rule) else { break };
        let count = rest.partition_point(|issue| issue.date <= end);
        let (week, later) = rest.split_at(count);
        rest = later;
        if !later.is_empty() || is_over(newest.date, end, config) {
            let number = u32::try_from(digests.len()).unwrap_or(u32::MAX - 1) + 1;
            digests.push(digest(week, end, number, blocks, rule, config));
        }
    }
    digests
}

/// The day that ends the week of a day.
fn week_end(date: IssueDate, rule: &WeeklyRule) -> Option<IssueDate> {
    let ahead = rule.day.days_since(date.weekday());
    date.day().checked_add_days(Days::new(u64::from(ahead))).map(IssueDate::from)
}

/// Whether no day of publication is left after the newest issue until the end of its week.
fn is_over(newest: IssueDate, end: IssueDate, config: &Config) -> bool {
    let mut day = newest.day().succ_opt();
    while let Some(next) = day.filter(|next| *next <= end.day()) {
        let date = IssueDate::from(next);
        let closed = config.calendar.except.iter().any(|(first, last)| (*first..=*last).contains(&date));
        if config.calendar.days.contains(&next.weekday()) && !closed {
            return false;
        }
        day = next.succ_opt();
    }
    true
}

fn digest<'a>(
    week: &[Issue<'a>],
    date: IssueDate,
    number: u32,
    blocks: &'a [Block],
    rule: &WeeklyRule,
    config: &'a Config,
) -> Issue<'a> {
    let mut items: Vec<(bool, &'a Item)> = Vec::new();
    for issue in week {
        let leads = |item: &Item| issue.lead.is_some_and(|lead| lead.entry.slug == item.entry.slug);
        items.extend(issue.items().map(|item| (leads(item), item)));
    }
    // The most urgent first, leads before others; within that the order of the week.
    items.sort_by_key(|(leads, item)| (item.priority, !leads));
    let best = items.first().map(|(_, item)| *item);
    items.truncate(rule.max);
    let mut items: Vec<&'a Item> = items.into_iter().map(|(_, item)| item).collect();
    order::sort(&mut items, config);
    let subject = lead::subject_of(best, &rule.title, date, number, config);
    Issue {
        date,
        kind: IssueKind::Weekly,
        number,
        subject,
        preheader: lead::preheader(&items, best, config),
        introduction: None,
        parts: order::parts(&items, blocks, config),
        lead: best,
    }
}

/// The name of a digest: what it is called, and its date.
pub fn name(issue: &Issue<'_>, config: &Config) -> String {
    let date = spoken::long(issue.date, config.language);
    match (&config.weekly, issue.kind) {
        (Some(rule), IssueKind::Weekly) => format!("{}, {date}", rule.title),
        _ => date,
    }
}
