//! The copy editor: what is to be said of an issue that could be printed as it is.
//!
//! Never knows: the network, the disk.

mod colour;
mod letter;
mod markup;
mod parity;
mod structure;
mod style;

use crate::config::{CheckSettings, Config};
use crate::issue::{Archive, Issue};
use crate::model::{Diagnostic, Severity};

pub use letter::{Footer, Letter, letter};

/// What is to be said of some issues of an archive.
pub fn check(archive: &Archive<'_>, config: &Config, which: impl Fn(&Issue<'_>) -> bool) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for issue in archive.issues.iter().filter(|issue| which(issue)) {
        section_limits(issue, config, &mut findings);
        missing_alt(issue, &mut findings);
    }
    findings
}

/// Leaves out the rules that the settings allow to be broken and weighs the others as they say.
/// What stops a build stops it whatever the settings say.
pub fn weigh(findings: Vec<Diagnostic>, settings: &CheckSettings) -> Vec<Diagnostic> {
    let soft = |finding: &Diagnostic| finding.severity == Severity::Warning;
    let kept = findings.into_iter().filter(|f| !soft(f) || !settings.allow.iter().any(|rule| rule == f.rule));
    kept.map(|finding| match settings.severity.get(finding.rule) {
        Some(severity) if soft(&finding) => Diagnostic { severity: *severity, ..finding },
        _ => finding,
    })
    .collect()
}

fn section_limits(issue: &Issue<'_>, config: &Config, findings: &mut Vec<Diagnostic>) {
    for section in &config.sections {
        let count = issue.items().filter(|item| item.section == section.name).count();
        let message = match section.max {
            Some(max) if count > max => {
                format!("the section `{}` has {count} items, {max} at most", section.name)
            }
            _ if count < section.min => {
                format!("the section `{}` has {count} items, {} at least", section.name, section.min)
            }
            _ => continue,
        };
        let folder = issue.items().next().and_then(|item| item.entry.source.path().rsplit_once('/'));
        let path = folder.map_or_else(|| issue.date.to_string(), |(folder, _)| folder.to_owned());
        let finding = Diagnostic::warning("section-limits", message).in_file(path);
        findings.push(finding.hint("`min` and `max` of a section stand in content/newsletter.yaml"));
    }
}

fn missing_alt(issue: &Issue<'_>, findings: &mut Vec<Diagnostic>) {
    for item in issue.items() {
        let Some(image) = item.entry.image.as_ref().filter(|image| image.alt.is_empty()) else { continue };
        let place = item.entry.source.spot(image.spot);
        let finding = Diagnostic::warning("missing-alt", "the picture has no `alt`").at(place);
        findings.push(finding.hint("say what it shows, for those who do not see it"));
    }
}
