//! Exceptions: what a text may break, whether somebody said why, and whether it breaks it at all.

use std::collections::HashMap;

use crate::model::{Diagnostic, Severity};

use super::galley::{Galley, Text};
use super::rule::{Applied, Family, Rule};
use super::rules;

pub(super) const WITHOUT_REASON: Rule = Rule::new(
    "allow-without-reason",
    Family::Exceptions,
    "Whoever reads an exception next year wants to know why it was made.",
    "write {rule: NAME, why: …}",
);
pub(super) const UNUSED: Rule = Rule::new(
    "unused-allow",
    Family::Exceptions,
    "An exception that nothing needs hides the next fault of that kind. What stops a build cannot be allowed.",
    "delete the exception",
);

/// Leaves out what texts allow; says what is wrong with the exceptions themselves.
pub(super) fn exempt(
    galleys: &[Galley<'_>],
    findings: Vec<Diagnostic>,
    applied: impl Fn(Applied) -> bool,
) -> Vec<Diagnostic> {
    let mut said = Vec::new();
    let mut exceptions: HashMap<(String, &str), usize> = HashMap::new();
    let mut unused: Vec<Option<Diagnostic>> = Vec::new();
    for galley in galleys {
        for allowance in galley.allowances() {
            let place = galley.source.spot(allowance.spot);
            let Some(rule) = rules::find(&allowance.rule) else {
                said.push(rules::unknown(&allowance.rule).at(place));
                continue;
            };
            if allowance.why.is_none() {
                let message = format!("`{}` is allowed without a reason", rule.name);
                said.push(WITHOUT_REASON.say(message).at(place.clone()));
            }
            for scope in scopes(galley) {
                exceptions.insert((scope, rule.name), unused.len());
            }
            let message = format!("`{}` is allowed, and nothing breaks it", rule.name);
            unused.push(applied(rule.applied).then(|| UNUSED.say(message).at(place)));
        }
    }
    if unused.is_empty() && said.is_empty() {
        return findings;
    }
    let mut kept = Vec::with_capacity(findings.len());
    for finding in findings {
        let known = scope_of(&finding).and_then(|scope| exceptions.get(&(scope, finding.rule)));
        match known {
            Some(at) => unused[*at] = None,
            None => kept.push(finding),
        }
    }
    kept.extend(said);
    kept.extend(unused.into_iter().flatten());
    kept
}

/// The files whose findings a text may allow: itself; an introduction speaks for its whole issue and its mail.
fn scopes(galley: &Galley<'_>) -> Vec<String> {
    let path = galley.source.path().to_owned();
    match galley.text {
        Text::Introduction(introduction) => {
            let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
            vec![path, folder, format!("out/mail/{}", introduction.date)]
        }
        _ => vec![path],
    }
}

fn scope_of(finding: &Diagnostic) -> Option<String> {
    let place = finding.location.as_ref().filter(|_| finding.severity == Severity::Warning)?;
    let mail = place.path.starts_with("out/mail/").then(|| place.path.rsplit_once('/')).flatten();
    Some(mail.map_or(place.path.as_str(), |(folder, _)| folder).to_owned())
}
