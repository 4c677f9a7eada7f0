//! A rule of the copy editor: its name, what it is for, and what is said where it is broken.

use serde::Serialize;

use crate::model::{Diagnostic, Severity};

/// What is known of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Rule {
    /// The name, stable from version to version.
    pub name: &'static str,
    /// What it belongs to.
    pub family: Family,
    /// How much a finding usually matters.
    pub severity: Severity,
    /// Whether `--fix` mends it.
    pub mended: Mended,
    /// When it is applied.
    pub applied: Applied,
    /// Whether a text or the settings may allow it to be broken.
    pub allowed: Allowed,
    /// Why there is such a rule.
    pub explanation: &'static str,
    /// What to do about a finding.
    pub hint: &'static str,
}

/// What rules belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Family {
    /// What is told, and whether it was told before.
    Story,
    /// Words and sentences.
    Language,
    /// Where links lead.
    Links,
    /// Pictures.
    Images,
    /// The mail that is made of an issue.
    Mail,
    /// Exceptions from rules.
    Exceptions,
    /// Files and their front matter.
    Files,
    /// The settings.
    Settings,
}

/// Whether `--fix` mends what a rule finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mended {
    /// No: somebody has to decide.
    ByHand,
    /// Yes, where it is safe.
    ByFix,
}

/// When a rule is applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Applied {
    /// Each time.
    Always,
    /// With `--links`.
    WithLinks,
    /// Where there is a dictionary of the language.
    WithDictionary,
}

/// Whether a rule may be allowed to be broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Allowed {
    /// It may.
    Always,
    /// It may where its findings warn; where they stop a build, it may not.
    WhereItWarns,
    /// It may not: its findings stop a build.
    Never,
}

impl Rule {
    /// A rule whose findings warn and are mended by hand.
    pub(super) const fn new(
        name: &'static str,
        family: Family,
        explanation: &'static str,
        hint: &'static str,
    ) -> Self {
        Self {
            name,
            family,
            severity: Severity::Warning,
            mended: Mended::ByHand,
            applied: Applied::Always,
            allowed: Allowed::Always,
            explanation,
            hint,
        }
    }

    /// A rule whose findings stop a build.
    pub(super) const fn strict(
        name: &'static str,
        family: Family,
        explanation: &'static str,
        hint: &'static str,
    ) -> Self {
        let rule = Self::new(name, family, explanation, hint);
        Self { severity: Severity::Error, allowed: Allowed::Never, ..rule }
    }

    /// A rule that is strict in some places only.
    pub(super) const fn lenient(self) -> Self {
        Self { allowed: Allowed::WhereItWarns, ..self }
    }

    pub(super) const fn mended(self) -> Self {
        Self { mended: Mended::ByFix, ..self }
    }

    pub(super) const fn applied(self, applied: Applied) -> Self {
        Self { applied, ..self }
    }

    /// A finding, with the rule's own hint.
    pub(super) fn say(&self, message: impl Into<String>) -> Diagnostic {
        Diagnostic { severity: self.severity, ..Diagnostic::warning(self.name, message).hint(self.hint) }
    }
}
