//! Corrections of days to come.

use crate::check::galley::Galley;
use crate::check::rule::{Family, Rule};
use crate::model::{Diagnostic, IssueDate};

pub(super) const AHEAD: Rule = Rule::new(
    "correction-ahead",
    Family::Story,
    "A correction is of the day it is published. One of a day to come puts the feed, the sitemap and the list of corrections ahead of the clock, and the entry stays the newest for whoever sorts by date.",
    "look up the day",
);

/// Says which corrections are of a day after this one.
pub(super) fn ahead(galley: &Galley<'_>, today: IssueDate, findings: &mut Vec<Diagnostic>) {
    let corrections = galley.entry().map_or(&[][..], |entry| &entry.corrections);
    for correction in corrections.iter().filter(|correction| correction.date > today) {
        let place = galley.in_head_after("corrections", &correction.date.to_string());
        let message = format!("the correction is of {}, a day to come", correction.date);
        findings.push(AHEAD.say(message).at(place));
    }
}
