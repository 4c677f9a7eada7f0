//! The queue while an issue is open: what has expired, what bears a name that is taken.

use crate::check::rule::{Family, Rule};
use crate::issue::{Fill, Wait};
use crate::model::Diagnostic;

pub(super) const EXPIRED: Rule = Rule::new(
    "queue-expired",
    Family::Story,
    "An item of the queue whose `expires` is past is dropped: no issue takes it any more.",
    "delete it, or give it another `expires`",
);
pub(super) const NAME: Rule = Rule::new(
    "queue-name",
    Family::Story,
    "The files of one issue have different names; an item of the queue waits until its name is free.",
    "rename one of the two",
);

pub(in crate::check) fn check(fill: &Fill<'_>, findings: &mut Vec<Diagnostic>) {
    for waiting in &fill.waiting {
        let finding = match waiting.why {
            Wait::Expired(day) => EXPIRED.say(format!("the item has waited too long: it expired on {day}")),
            Wait::NameTaken => {
                NAME.say(format!("the issue of {} has an item of the same file name", fill.date))
            }
            _ => continue,
        };
        findings.push(finding.in_file(waiting.item.entry.source.path()));
    }
}
