//! Exceptions: what a text may break, whether somebody said why, and whether it breaks it at all.

use std::collections::HashMap;

use crate::config::CheckSettings;
use crate::model::{Diagnostic, Location, Severity};

use super::galley::{Galley, Text};
use super::rule::{Allowed, Applied, Family, Rule};
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
    "An exception that nothing needs hides the next fault of that kind.",
    "delete the exception",
);
pub(super) const OF_ERROR: Rule = Rule::new(
    "allow-of-error",
    Family::Exceptions,
    "What stops a build cannot be allowed, and weighs no less: a page or a mail would be wrong, or could not be made at all. Such an exception, in a text or in the settings, does nothing.",
    "mend what the rule finds, and delete the exception",
);

/// An exception of a text, and what it was good for.
struct Exception {
    rule: &'static Rule,
    place: Location,
    needed: bool,
    /// Whether what it allows stops a build all the same.
    stops: bool,
}

/// Leaves out what texts allow; says what is wrong with the exceptions themselves.
pub(super) fn exempt(
    galleys: &[Galley<'_>],
    findings: Vec<Diagnostic>,
    applied: impl Fn(Applied) -> bool,
) -> Vec<Diagnostic> {
    let mut said = Vec::new();
    let mut known: HashMap<(String, &str), usize> = HashMap::new();
    let mut exceptions: Vec<Exception> = Vec::new();
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
            known.extend(scopes(galley).into_iter().map(|scope| ((scope, rule.name), exceptions.len())));
            exceptions.push(Exception { rule, place, needed: false, stops: false });
        }
    }
    if exceptions.is_empty() && said.is_empty() {
        return findings;
    }
    let mut kept = Vec::with_capacity(findings.len());
    for finding in findings {
        let exception = scope_of(&finding).and_then(|scope| known.get(&(scope, finding.rule)));
        match exception.and_then(|at| exceptions.get_mut(*at)) {
            Some(exception) if finding.severity == Severity::Warning => exception.needed = true,
            Some(exception) => {
                exception.stops = true;
                kept.push(finding);
            }
            None => kept.push(finding),
        }
    }
    kept.extend(said);
    kept.extend(exceptions.into_iter().filter_map(|exception| exception.said(&applied)));
    kept
}

impl Exception {
    fn said(self, applied: impl Fn(Applied) -> bool) -> Option<Diagnostic> {
        let Self { rule, place, needed, stops } = self;
        if stops || rule.allowed == Allowed::Never {
            return Some(OF_ERROR.say(vain(rule)).at(place));
        }
        let message = format!("`{}` is allowed, and nothing breaks it", rule.name);
        (!needed && applied(rule.applied)).then(|| UNUSED.say(message).at(place))
    }
}

fn vain(rule: &Rule) -> String {
    match rule.allowed {
        Allowed::Never => format!("`{}` stops a build, and cannot be allowed", rule.name),
        _ => format!("`{}` stops a build here, and cannot be allowed", rule.name),
    }
}

/// The exceptions of the settings that allow, or make lighter, what stops a build.
pub(super) fn in_vain(settings: &CheckSettings, findings: &[Diagnostic]) -> Vec<Diagnostic> {
    let lighter = settings.severity.iter().filter(|(_, severity)| *severity == Severity::Warning);
    let named = settings.allow.iter().chain(lighter.map(|(rule, _)| rule));
    let stops = |rule: &Rule| match rule.allowed {
        Allowed::Always => false,
        Allowed::WhereItWarns => {
            findings.iter().any(|found| found.rule == rule.name && found.severity == Severity::Error)
        }
        Allowed::Never => true,
    };
    let vain_ones =
        named.filter_map(|named| Some((rules::find(&named.name).filter(|rule| stops(rule))?, named)));
    vain_ones.map(|(rule, named)| OF_ERROR.say(vain(rule)).at(named.place.clone())).collect()
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
    let place = finding.location.as_ref()?;
    let mail = place.path.starts_with("out/mail/").then(|| place.path.rsplit_once('/')).flatten();
    Some(mail.map_or(place.path.as_str(), |(folder, _)| folder).to_owned())
}
