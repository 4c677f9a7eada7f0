//! The lead of an issue, and the lines an inbox shows of it: subject and preheader.

use std::borrow::Cow;

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
    called(item, config).into_owned()
}

fn called<'a>(item: &'a Item, config: &'a Config) -> Cow<'a, str> {
    if let Some(name) = item.entry.name() {
        return name.into();
    }
    match &item.kind {
        Kind::Brief => match config.section(item.section.as_str()).map(|section| section.title.as_str()) {
            None | Some("") => item.entry.slug.as_str().replace('-', " ").into(),
            Some(section) => section.into(),
        },
        Kind::Quote { by, .. } => by.into(),
        Kind::Figure { value, of, .. } => format!("{value} {of}").into(),
        Kind::Appointment { name, role, .. } => format!("{name}, {role}").into(),
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
    let (mut line, mut length) = (String::new(), 0);
    for name in others.chain(lead.iter()).map(|item| called(item, config)) {
        let stop = if name.ends_with(['.', '!', '?', '…']) { "" } else { "." };
        let space = if line.is_empty() { "" } else { " " };
        let own = name.chars().count();
        if length + own + 2 <= LONGEST {
            length += space.len() + own + stop.len();
            line.extend([space, &*name, stop]);
        }
    }
    line
}
