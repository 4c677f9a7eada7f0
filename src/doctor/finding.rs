//! What an examination finds: how well, what, where, and what to do next.

use serde::Serialize;

use crate::model::{Diagnostic, Severity};

/// How well something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Health {
    /// Nothing speaks against tomorrow morning.
    Ok,
    /// Letters would leave; somebody should look.
    Warning,
    /// Something would fail.
    Error,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How well it is.
    pub severity: Health,
    /// What was examined, in a word that is stable from version to version.
    pub check: &'static str,
    /// What was found.
    pub message: String,
    /// Where, if it is anywhere in particular.
    #[serde(rename = "where")]
    pub place: Option<String>,
    /// What to do next.
    pub hint: Option<String>,
}

impl Finding {
    /// All is well.
    pub fn ok(check: &'static str, message: impl Into<String>) -> Self {
        Self { severity: Health::Ok, check, message: message.into(), place: None, hint: None }
    }

    /// Somebody should look.
    pub fn warning(check: &'static str, message: impl Into<String>) -> Self {
        Self { severity: Health::Warning, ..Self::ok(check, message) }
    }

    /// Something would fail.
    pub fn error(check: &'static str, message: impl Into<String>) -> Self {
        Self { severity: Health::Error, ..Self::ok(check, message) }
    }

    /// Says where.
    #[must_use]
    pub fn at(self, place: impl Into<String>) -> Self {
        Self { place: Some(place.into()), ..self }
    }

    /// Says what to do next.
    #[must_use]
    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    /// What was said about a file of the newsletter.
    pub fn of(check: &'static str, diagnostic: &Diagnostic) -> Self {
        let severity = match diagnostic.severity {
            Severity::Error => Health::Error,
            Severity::Warning => Health::Warning,
        };
        let place = diagnostic.location.as_ref().map(|place| match place.line {
            0 => place.path.clone(),
            line => format!("{}:{line}:{}", place.path, place.column),
        });
        let hint = diagnostic.hint.clone();
        Self { severity, check, message: diagnostic.message.clone(), place, hint }
    }
}

/// How many findings are of one kind.
pub fn count(findings: &[Finding], severity: Health) -> usize {
    findings.iter().filter(|finding| finding.severity == severity).count()
}

/// An error with all that caused it, in one line.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(&format!(": {cause}"));
        next = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Location;

    #[test]
    fn a_finding_about_a_file_keeps_its_place() {
        let place = Location { line: 4, column: 2, ..Location::file("content/newsletter.yaml") };
        let finding = Finding::of("settings", &Diagnostic::error("x", "wrong").at(place).hint("mend it"));
        assert_eq!(
            finding,
            Finding::error("settings", "wrong").at("content/newsletter.yaml:4:2").hint("mend it")
        );
        assert_eq!(count(&[finding], Health::Error), 1);
    }
}
