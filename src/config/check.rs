//! What the copy editor is told: rules to overlook, weights, dictionaries, how patiently links are tried.

use std::path::PathBuf;
use std::time::Duration;

use crate::model::{LanguageTag, Location, Severity};

use super::raw::{RawCheck, RawCheckLinks};
use super::settle::Settler;
use super::values::{inside, weight};
use super::yaml::Spanned;

/// What the copy editor is told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CheckSettings {
    /// Rules that are not applied.
    pub allow: Vec<NamedRule>,
    /// Rules whose findings weigh more or less than usual.
    pub severity: Vec<(NamedRule, Severity)>,
    /// Dictionaries by language: the `.dic` file, its `.aff` beside it. Relative to `content/`.
    pub spelling: Vec<(LanguageTag, PathBuf)>,
    /// The newsletter's own words, one a line, relative to `content/`.
    pub words: Option<PathBuf>,
    /// How links are tried.
    pub links: LinkSettings,
}

/// A rule as the settings name it; nobody has said yet that there is one of that name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedRule {
    /// The name.
    pub name: String,
    /// Where it stands.
    pub place: Location,
}

/// How links are tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkSettings {
    /// How long a host is left alone between two questions.
    pub pause: Duration,
    /// How many hosts are asked at once.
    pub hosts: usize,
    /// How long one answer may take.
    pub timeout: Duration,
    /// How long a good answer is believed.
    pub age: Duration,
    /// The longest wait that a busy host may ask for.
    pub patience: Duration,
}

impl Default for LinkSettings {
    fn default() -> Self {
        Self {
            pause: Duration::from_secs(1),
            hosts: 8,
            timeout: Duration::from_secs(15),
            age: Duration::from_secs(24 * 3600),
            patience: Duration::from_secs(30),
        }
    }
}

impl Settler<'_> {
    pub(super) fn check(&mut self, raw: RawCheck) -> CheckSettings {
        let RawCheck { allow, severity, spelling, words, links } = raw;
        let allow = allow.unwrap_or_default().into_iter().map(|rule| self.named(rule.value.clone(), &rule));
        let allow = allow.collect();
        let weigh = |settler: &mut Self, (rule, word): (String, Spanned<String>)| {
            let rule = settler.named(rule, &word);
            Some((rule, settler.parse(word, "check-severity", weight, "write `error` or `warning`")?))
        };
        let severity = severity.unwrap_or_default().into_iter();
        let severity = severity.filter_map(|entry| weigh(self, entry)).collect();
        let spelling = spelling.unwrap_or_default().into_iter();
        let spelling = spelling.filter_map(|(tag, file)| self.dictionary(&tag, file)).collect();
        let hint = "name a file under content/, one word a line";
        let words = self.optional(words, "word-list", inside, hint);
        CheckSettings {
            allow,
            severity,
            spelling,
            words,
            links: self.link_settings(links.unwrap_or_default()),
        }
    }

    fn named<T>(&self, name: String, at: &Spanned<T>) -> NamedRule {
        NamedRule { name, place: self.yaml.place(at) }
    }

    fn dictionary(&mut self, tag: &str, file: Spanned<String>) -> Option<(LanguageTag, PathBuf)> {
        let path = PathBuf::from(file.value.trim());
        let hint = "write `spelling: {fr: /usr/share/hunspell/fr.dic}`; the .aff file lies beside it";
        let tag = match LanguageTag::parse(tag) {
            Ok(tag) => tag,
            Err(error) => {
                self.fault("language", &error.to_string(), self.yaml.place(&file), hint);
                return None;
            }
        };
        if path.extension().is_none_or(|ending| ending != "dic") {
            let message = format!("`{}` is no dictionary of Hunspell", path.display());
            self.fault("dictionary", &message, self.yaml.place(&file), hint);
            return None;
        }
        Some((tag, path))
    }

    fn link_settings(&mut self, raw: RawCheckLinks) -> LinkSettings {
        let RawCheckLinks { pause, hosts, timeout, age, patience } = raw;
        let usual = LinkSettings::default();
        LinkSettings {
            pause: self.span(pause, "pause", 1, 60).unwrap_or(usual.pause),
            hosts: hosts.map_or(usual.hosts, |hosts| self.hosts(&hosts)),
            timeout: self.span(timeout, "timeout", 1, 120).unwrap_or(usual.timeout),
            age: self.span(age, "age", 0, 90 * 24 * 3600).unwrap_or(usual.age),
            patience: self.span(patience, "patience", 0, 600).unwrap_or(usual.patience),
        }
    }

    fn hosts(&mut self, hosts: &Spanned<usize>) -> usize {
        const MOST: usize = 64;
        if !(1..=MOST).contains(&hosts.value) {
            let message = format!("`hosts` is 1 to {MOST}, and not {}", hosts.value);
            self.fault("out-of-range", &message, self.yaml.place(hosts), "8 is usual");
        }
        hosts.value.clamp(1, MOST)
    }
}
