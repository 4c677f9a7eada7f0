//! The lead of an issue, and the lines an inbox shows of it: subject and preheader.

use crate::config::{Config, SubjectWords};
use crate::content::{Item, Kind};
use crate::model::{Diagnostic, IssueDate, spoken};

/// The longest preheader, in characters.
const LONGEST: usize = 200;

/// The item that opens the subject: the one marked, else the first with a headline.
pub(super) fn choose<'a>(items: &[&'a Item], findings: &mut Vec<Diagnostic>) -> Option<&'a Item> {
    let mut marked = items.iter().filter(|item| item.lead.is_some());
    let first = marked.next();
    for other in marked {
        let (Some(first), Some(spot)) = (first, other.lead) else { continue };
        let message = format!("the issue has a lead already, {}", first.entry.source.path());
        let finding = Diagnostic::error("two-leads", message).at(other.entry.source.spot(spot));
        findings.push(finding.hint("keep `lead: true` in one item"));
    }
    first.or_else(|| items.iter().find(|item| item.entry.name().is_some())).or(items.first()).copied()
}

/// What an item is called where its text does not stand beside it.
pub fn headline(item: &Item, config: &Config) -> String {
    if let Some(name) = item.entry.name() {
        return name.to_owned();
    }
    match &item.kind {
        Kind::Brief => {
            let section = config.section(item.section.as_str()).map_or("", |section| section.title.as_str());
            if section.is_empty() { item.entry.slug.as_str().replace('-', " ") } else { section.to_owned() }
        }
        Kind::Quote { by, .. } => by.clone(),
        Kind::Figure { value, of, .. } => format!("{value} {of}"),
        Kind::Appointment { name, role, .. } => format!("{name}, {role}"),
    }
}

/// The line of the inbox, made by the pattern of the settings.
pub(super) fn subject(lead: Option<&Item>, date: IssueDate, number: u32, config: &Config) -> String {
    subject_of(lead, &config.title, date, number, config)
}

/// The same for what has another title.
pub(super) fn subject_of(
    lead: Option<&Item>,
    title: &str,
    date: IssueDate,
    number: u32,
    config: &Config,
) -> String {
    let lead = lead.map(|lead| opening(lead, config)).unwrap_or_default();
    let date = spoken::short(date, config.language);
    config.subject.fill(&SubjectWords { lead: &lead, title, date: &date, number })
}

/// The lead's half of the subject. The recurring sections open it with their own name.
fn opening(lead: &Item, config: &Config) -> String {
    let section = config.section(lead.section.as_str()).map_or("", |section| section.title.as_str());
    let recurring = matches!(lead.kind, Kind::Quote { .. } | Kind::Figure { .. }) && !section.is_empty();
    match (&lead.entry.title, recurring) {
        (Some(title), _) => title.clone(),
        (None, true) => section.to_owned(),
        (None, false) => headline(lead, config),
    }
}

/// The line after the subject: what else is in the issue.
pub(super) fn preheader(items: &[&Item], lead: Option<&Item>, config: &Config) -> String {
    let others = items.iter().filter(|item| lead.is_none_or(|lead| lead.entry.slug != item.entry.slug));
    let mut line = String::new();
    for name in others.chain(lead.iter()).map(|item| headline(item, config)) {
        let stop = if name.ends_with(['.', '!', '?', '…']) { "" } else { "." };
        let space = if line.is_empty() { "" } else { " " };
        if line.chars().count() + name.chars().count() + 2 > LONGEST {
            continue;
        }
        line.push_str(&format!("{space}{name}{stop}"));
    }
    line
}
