//! What an issue holds of each section.

use crate::check::galley::Galley;
use crate::check::room::Room;
use crate::check::rule::{Family, Rule};
use crate::config::Config;
use crate::issue::Issue;
use crate::model::{Diagnostic, IssueKind, Slug};

pub(super) const LIMITS: Rule = Rule::new(
    "section-limits",
    Family::Story,
    "A section has at least `min` items in each issue and at most `max`.",
    "`min` and `max` of a section stand in content/newsletter.yaml",
);
pub(super) const MISSING: Rule = Rule::new(
    "section-missing",
    Family::Story,
    "A section that stood in eight of the last ten issues is expected by its readers. One with `min` is held to that instead.",
    "write an item for it, or allow the rule in issue.md",
);

pub(super) fn limits(issue: &Issue<'_>, config: &Config, findings: &mut Vec<Diagnostic>) {
    for section in &config.sections {
        let count = count(issue, &section.name);
        let message = match section.max {
            Some(max) if count > max => {
                format!("the section `{}` has {}; it takes at most {max}", section.name, items(count))
            }
            _ if count < section.min => {
                format!(
                    "the section `{}` has {}; it needs at least {}",
                    section.name,
                    items(count),
                    section.min
                )
            }
            _ => continue,
        };
        findings.push(LIMITS.say(message).in_file(folder(issue)));
    }
}

pub(super) fn check(issue: &Issue<'_>, _: &[&Galley<'_>], room: &Room<'_>, findings: &mut Vec<Diagnostic>) {
    const LOOKED_AT: usize = 10;
    const FEWEST: usize = 5;
    if issue.kind == IssueKind::Weekly {
        return;
    }
    limits(issue, room.desk.config, findings);
    let issues = &room.desk.archive.issues;
    let end = issues.partition_point(|other| other.date < issue.date);
    let last = &issues[end.saturating_sub(LOOKED_AT)..end];
    if last.len() < FEWEST {
        return;
    }
    for section in room.desk.config.sections.iter().filter(|section| section.min == 0) {
        let had = last.iter().filter(|issue| count(issue, &section.name) > 0).count();
        if had * 10 >= last.len() * 8 && count(issue, &section.name) == 0 {
            let message = format!(
                "the section `{}` is missing; {had} of the last {} issues had it",
                section.name,
                last.len()
            );
            findings.push(MISSING.say(message).in_file(folder(issue)));
        }
    }
}

fn items(count: usize) -> String {
    format!("{count} item{}", if count == 1 { "" } else { "s" })
}

/// How many items readers get: a proof holds drafts too.
fn count(issue: &Issue<'_>, section: &Slug) -> usize {
    issue.items().filter(|item| item.section == *section && !item.entry.draft).count()
}

/// The folder of an issue: the place of what concerns it as a whole.
pub(super) fn folder(issue: &Issue<'_>) -> String {
    let introduction = issue.introduction.map(|introduction| introduction.source.path());
    // What only fills it for now lies elsewhere.
    let item = issue.items().find(|item| item.entry.date.is_some());
    let file = introduction.or_else(|| item.map(|item| item.entry.source.path()));
    let folder = file.and_then(|file| file.rsplit_once('/'));
    folder.map_or_else(|| format!("content/{}", issue.date), |(folder, _)| folder.to_owned())
}
