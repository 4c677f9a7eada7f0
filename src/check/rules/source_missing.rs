//! News without a source.

use crate::check::galley::{Galley, Text};
use crate::check::room::Room;
use crate::check::rule::{Family, Rule};
use crate::content::Kind;
use crate::model::Diagnostic;

pub(super) const RULE: Rule = Rule::new(
    "source-missing",
    Family::Story,
    "A brief, a figure or an appointment says where it comes from: in `sources`, in a link of its text, or in the figure's `study`. A quotation has its speaker.",
    "add `sources: [{name: …, url: https://…}]`",
);

pub(super) fn check(galley: &Galley<'_>, _: &Room<'_>, findings: &mut Vec<Diagnostic>) {
    let Text::Item(item) = galley.text else { return };
    let named = match &item.kind {
        Kind::Quote { .. } => true,
        Kind::Figure { study, .. } => study.is_some(),
        Kind::Brief | Kind::Appointment { .. } => false,
    };
    let linked = galley.reading.links.iter().any(|link| link.target.starts_with("http"));
    if !named && !linked && item.entry.sources.is_empty() {
        let name = item.entry.name().unwrap_or(item.entry.slug.as_str());
        findings.push(RULE.say("the item does not say where its news comes from").at(galley.in_head(name)));
    }
}
