//! Items longer than their section wants them.

use crate::check::galley::{Galley, Part, Text};
use crate::check::room::Room;
use crate::check::rule::{Family, Rule};
use crate::check::words::words;
use crate::model::Diagnostic;

pub(super) const RULE: Rule = Rule::new(
    "item-too-long",
    Family::Story,
    "A brief is read standing. Each section has a length, `longest` in content/newsletter.yaml, 150 words unless it says otherwise.",
    "shorten it, make an article of it, or raise `longest` of the section",
);

pub(super) fn check(galley: &Galley<'_>, room: &Room<'_>, findings: &mut Vec<Diagnostic>) {
    let Text::Item(item) = galley.text else { return };
    let Some(section) = room.desk.config.section(item.section.as_str()) else { return };
    let body = galley.passages.iter().filter(|passage| passage.part == Part::Body);
    let count: usize = body.clone().map(|passage| words(&passage.text).count()).sum();
    if let (true, Some(first)) = (count > section.longest, body.into_iter().next()) {
        let longest = section.longest;
        let message =
            format!("the item has {count} words, {longest} at most in the section `{}`", section.name);
        let end = words(&first.text).next().map_or(0, |word| word.end);
        findings.push(RULE.say(message).at(galley.at(first, 0..end)));
    }
}
