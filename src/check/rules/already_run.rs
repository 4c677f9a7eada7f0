//! What ran before: addresses, headlines, puns.

use std::collections::HashSet;

use crate::check::galley::Galley;
use crate::check::memory::Run;
use crate::check::room::Room;
use crate::check::rule::{Family, Rule};
use crate::model::{Diagnostic, WebUrl};

use super::link_form::targets;

pub(super) const LINK: Rule = Rule::new(
    "link-already-run",
    Family::Story,
    "An earlier issue or article linked the same page: same host and path, whatever the scheme, www, mobile and AMP addresses, tracking parameters, the order of parameters and the place on the page. Front pages are not counted, nor is the newsletter itself.",
    "is the story new? allow the rule with the reason if it is",
);
pub(super) const HEADLINE: Rule = Rule::new(
    "headline-already-run",
    Family::Story,
    "A headline (the `label`, else the `title`) shares three quarters of its triples of letters with an earlier one: probably the story has run.",
    "is the story new? say so in the headline",
);
pub(super) const PUN: Rule = Rule::new(
    "pun-already-used",
    Family::Story,
    "The same title stood above another story. Titles that came more than five times are headings by habit and not counted.",
    "find another one",
);

pub(super) fn check(galley: &Galley<'_>, room: &Room<'_>, findings: &mut Vec<Diagnostic>) {
    let Some(entry) = galley.entry() else { return };
    let memory = &room.memory;
    let mut seen = HashSet::new();
    for (target, place) in targets(galley) {
        let Ok(url) = WebUrl::parse(&target) else { continue };
        if let Some(run) = memory.link(&url, galley.date).filter(|_| seen.insert(target)) {
            findings.push(LINK.say(format!("the page was linked before, {}", when(run))).at(place()));
        }
    }
    let alike = entry.name().and_then(|name| memory.headline(name, galley.date));
    if let (Some(run), Some(name)) = (alike, entry.name()) {
        let message =
            format!("almost this headline ran before, {}: `{}`", when(run), run.entry.name().unwrap_or(""));
        findings.push(HEADLINE.say(message).at(galley.in_head(name)));
        return;
    }
    if let Some(title) = &entry.title
        && let Some(run) = memory.title(title, galley.date)
    {
        findings
            .push(PUN.say(format!("this title was used before, {}", when(run))).at(galley.in_head(title)));
    }
}

fn when(run: &Run<'_>) -> String {
    let path = run.entry.source.path();
    match run.entry.date {
        Some(date) => format!("in the issue of {date} ({path})"),
        None => format!("in the article of {} ({path})", run.date),
    }
}
