//! Addresses that say how the reader came.

use crate::check::canonical::{addresses, without_tracking};
use crate::check::galley::Galley;
use crate::check::room::Room;
use crate::check::rule::{Family, Rule};
use crate::model::Diagnostic;

pub(super) const RULE: Rule = Rule::new(
    "tracking-parameters",
    Family::Story,
    "Parameters such as utm_source, fbclid or xtor tell the other site where a reader comes from, and make one page look like two. This newsletter tracks nobody.",
    "`--fix` takes them out",
)
.mended();

pub(super) fn check(galley: &Galley<'_>, _: &Room<'_>, findings: &mut Vec<Diagnostic>) {
    let text = galley.source.text();
    let head = addresses(galley.source.before(galley.body));
    let targets = galley.reading.links.iter().filter_map(|link| link.target_range.clone());
    let body = targets.map(|range| galley.body + range.start..galley.body + range.end);
    for range in head.into_iter().chain(body) {
        let Some(clean) = without_tracking(&text[range.clone()]) else { continue };
        let finding = RULE.say("the address carries parameters that only track");
        findings.push(finding.at(galley.source.at_bytes(range.clone())).fix(galley.fix(range, clean)));
    }
}
