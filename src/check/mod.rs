//! The copy editor: what is to be said of an issue that could be printed as it is.
//!
//! Never knows: the network, except through [`Probe`]; the disk.

mod allow;
mod canonical;
mod colour;
mod desk;
mod galley;
mod letter;
mod linked;
mod markup;
mod memory;
mod parity;
mod probe;
mod room;
pub mod rule;
pub mod rules;
mod spelling;
mod structure;
mod style;
mod trace;
mod words;

use crate::config::{CheckSettings, Config};
use crate::issue::{Archive, Issue};
use crate::model::{Diagnostic, Severity};

pub use canonical::{is_front_page, without_tracking};
pub use desk::{Articles, CopyEditor, Desk, PictureFacts, Queue, Scope, Tried};
pub use letter::{Footer, Letter, letter};
pub use linked::{Linked, Where, linked};
pub use probe::{Probe, Verdict, probe};
pub use spelling::Spelling;
pub use trace::{Trace, Traces};

/// What a build says of some issues of an archive; everything else is the [`CopyEditor`]'s.
pub fn check(archive: &Archive<'_>, config: &Config, which: impl Fn(&Issue<'_>) -> bool) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for issue in archive.issues.iter().filter(|issue| which(issue)) {
        rules::section_limits(issue, config, &mut findings);
        rules::missing_alt(issue, &mut findings);
    }
    if let Some(fill) = &archive.fill {
        rules::queue(fill, &mut findings);
    }
    findings
}

/// Leaves out the rules that the settings allow to be broken and weighs the others as they say.
/// What stops a build stops it whatever the settings say.
pub fn weigh(findings: Vec<Diagnostic>, settings: &CheckSettings) -> Vec<Diagnostic> {
    let soft = |finding: &Diagnostic| finding.severity == Severity::Warning;
    let kept =
        findings.into_iter().filter(|f| !soft(f) || !settings.allow.iter().any(|rule| rule.name == f.rule));
    let weight = |rule: &str| settings.severity.iter().find(|(named, _)| named.name == rule);
    kept.map(|finding| match weight(finding.rule) {
        Some((_, severity)) if soft(&finding) => Diagnostic { severity: *severity, ..finding },
        _ => finding,
    })
    .collect()
}
