//! Whether anything appears on the day of an issue.

use crate::check::galley::Galley;
use crate::check::room::Room;
use crate::check::rule::{Family, Rule};
use crate::issue::Issue;
use crate::model::{Diagnostic, IssueKind, Language, spoken};

use super::sections::folder;

pub(super) const RULE: Rule = Rule::new(
    "issue-day",
    Family::Story,
    "An issue stands on a day on which the calendar of the settings has none: a day of the week without one, a holiday, a break. A timer passes over such a day, and nobody gets the issue.",
    "rename its folder to a day of publication, or mend `calendar` in content/newsletter.yaml",
);

pub(super) fn check(issue: &Issue<'_>, _: &[&Galley<'_>], room: &Room<'_>, findings: &mut Vec<Diagnostic>) {
    let calendar = &room.desk.config.calendar;
    // Whoever has no fixed day has no wrong one.
    if issue.kind == IssueKind::Weekly || calendar.days.is_empty() || calendar.publishes(issue.date) {
        return;
    }
    let said = spoken::long(issue.date, Language::English).replace('\u{a0}', " ");
    let finding = RULE.say(format!("nothing appears on {said}, says the calendar")).in_file(folder(issue));
    let next = calendar.after(issue.date);
    let next = next.map(|next| format!("the next day of publication is {next}; {}", RULE.hint));
    findings.push(match next {
        Some(hint) => finding.hint(hint),
        None => finding,
    });
}
