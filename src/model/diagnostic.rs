//! What is said about a newsletter's files: where, what, and what to do next.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Nothing is built until it is mended.
    Error,
    /// The issue is built; somebody should look.
    Warning,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error => "error",
            Self::Warning => "warning",
        })
    }
}

/// A place in a source file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Location {
    /// The file, relative to the newsletter's root.
    pub path: String,
    /// Counted from 1; 0 means the file as a whole.
    pub line: usize,
    /// Counted from 1, in characters.
    pub column: usize,
    /// How many characters are meant.
    pub width: usize,
    /// The line itself.
    pub excerpt: String,
}

impl Location {
    /// A file as a whole.
    pub fn file(path: impl Into<String>) -> Self {
        Self { path: path.into(), line: 0, column: 0, width: 0, excerpt: String::new() }
    }
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// How much it matters.
    pub severity: Severity,
    /// The rule's name, stable from version to version.
    pub rule: &'static str,
    /// What is wrong.
    pub message: String,
    /// Where, if it is anywhere in particular.
    #[serde(flatten)]
    pub location: Option<Location>,
    /// What to do next.
    pub hint: Option<String>,
    /// What may be put in its place without a second thought.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<Box<Fix>>,
}

/// A correction of a source file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fix {
    /// Where it starts, in bytes of the tidied text.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// What stands there.
    pub was: String,
    /// What should.
    pub text: String,
}

impl Diagnostic {
    /// A finding that stops the build.
    pub fn error(rule: &'static str, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            rule,
            message: message.into(),
            location: None,
            hint: None,
            fix: None,
        }
    }

    /// A finding that does not.
    pub fn warning(rule: &'static str, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(rule, message) }
    }

    /// Says where.
    #[must_use]
    pub fn at(self, location: Location) -> Self {
        Self { location: Some(location), ..self }
    }

    /// Says which file.
    #[must_use]
    pub fn in_file(self, path: impl Into<String>) -> Self {
        self.at(Location::file(path))
    }

    /// Offers a correction.
    #[must_use]
    pub fn fix(self, fix: Option<Fix>) -> Self {
        Self { fix: fix.map(Box::new), ..self }
    }

    /// Says what to do next.
    #[must_use]
    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }
}

/// All findings of a run, sorted by place, each once.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Report {
    findings: Vec<Diagnostic>,
}

impl Report {
    /// Sorts findings by file, line, column, severity and rule.
    pub fn new(mut findings: Vec<Diagnostic>) -> Self {
        findings.sort_by(|a, b| {
            (&a.location, a.severity, a.rule, &a.message).cmp(&(&b.location, b.severity, b.rule, &b.message))
        });
        findings.dedup();
        Self { findings }
    }

    /// Adds findings, keeping the order.
    #[must_use]
    pub fn with(mut self, more: impl IntoIterator<Item = Diagnostic>) -> Self {
        self.findings.extend(more);
        Self::new(self.findings)
    }

    /// The findings in order.
    pub fn findings(&self) -> &[Diagnostic] {
        &self.findings
    }

    /// How many findings have this severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity == severity).count()
    }

    /// Whether anything stops the build.
    pub fn has_errors(&self) -> bool {
        self.count(Severity::Error) > 0
    }
}
