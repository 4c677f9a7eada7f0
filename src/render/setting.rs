//! Who sets what: every text that a reader sees goes through here, by its own language.

use std::collections::HashMap;

use rayon::prelude::*;

use crate::config::{Config, Typography, TypographyOptions};
use crate::content::{Credit, Entry, TextSetting};
use crate::issue::{Issue, headline};
use crate::model::{Diagnostic, Fix, Language, LanguageTag, Source};
use crate::{content::Item, typography};

use super::html::escape;
use super::text::LinkList;
use super::{Renderer, proof, words};

/// How a text is set: by the rules of a language, or not at all.
pub(super) type Setting<'a> = Option<(Language, &'a TypographyOptions)>;

impl<'a> Renderer<'a> {
    /// How a text is set that may have a language of its own.
    pub(super) fn setting(&self, lang: Option<&LanguageTag>, wish: TextSetting) -> Setting<'a> {
        setting(self.config, lang, wish)
    }

    /// A text in the newsletter's language, set.
    pub fn set(&self, text: &str) -> String {
        set(text, self.setting(None, TextSetting::Set))
    }

    /// A text of an item or an article, set in its language.
    pub(super) fn set_of(&self, entry: &Entry, text: &str) -> String {
        set(text, self.setting_of(entry))
    }

    /// An optional text of an item or an article; empty for none.
    pub(super) fn set_maybe(&self, entry: &Entry, text: Option<&String>) -> String {
        text.map(|text| self.set_of(entry, text)).unwrap_or_default()
    }

    pub(super) fn setting_of(&self, entry: &Entry) -> Setting<'a> {
        self.setting(entry.lang.as_ref(), entry.setting)
    }

    /// What an item is called where its text does not stand beside it, set.
    pub(super) fn headline(&self, item: &Item) -> String {
        self.name(item.entry.source.path())
    }

    /// The set name of an item or an article, by its file, or of a topic, by its key.
    pub(super) fn name(&self, key: &str) -> String {
        self.names.get(key).cloned().unwrap_or_default()
    }

    pub(super) fn all_names(&self) -> HashMap<&'a str, String> {
        let items = self.archive.issues.iter().flat_map(|issue| issue.items());
        let items = items.map(|item| (&item.entry, headline(item, self.config)));
        let articles = self.archive.articles.iter().map(|article| &article.entry);
        let articles = articles.map(|entry| (entry, entry.name().unwrap_or_default().to_owned()));
        let entries: Vec<(&Entry, String)> = items.chain(articles).collect();
        let set =
            entries.into_par_iter().map(|(entry, name)| (entry.source.path(), self.set_of(entry, &name)));
        let mut names: HashMap<&str, String> = set.collect();
        names.extend(self.archive.threads.iter().map(|(key, thread)| (key.as_str(), self.set(thread.name))));
        names
    }
}

/// A text in a newsletter's language, set.
pub(super) fn set_for(config: &Config, text: &str) -> String {
    set(text, setting(config, None, TextSetting::Set))
}

fn setting<'a>(config: &'a Config, lang: Option<&LanguageTag>, wish: TextSetting) -> Setting<'a> {
    let language = lang.unwrap_or(&config.tag).language()?;
    match (&config.typography, wish) {
        (Typography::On(options), TextSetting::Set) => Some((language, options)),
        _ => None,
    }
}

fn set(text: &str, setting: Setting<'_>) -> String {
    match setting {
        Some((language, options)) => typography::set_text(text, language, options),
        None => text.to_owned(),
    }
}

impl Renderer<'_> {
    /// The sources of an entry as HTML, a closing credit in parentheses.
    pub(super) fn credits(&self, entry: &Entry) -> String {
        let credit = |source: &Credit| {
            let name = escape(&self.set_of(entry, &source.name));
            let name = match &source.url {
                Some(url) => format!("<a href=\"{}\">{name}</a>", escape(url.as_str())),
                None => name,
            };
            match &source.note {
                Some(note) => format!("{name}, {}", escape(&self.set_of(entry, note))),
                None => name,
            }
        };
        let credits: Vec<String> = entry.sources.iter().map(credit).collect();
        if credits.is_empty() {
            return String::new();
        }
        format!(" <span class=\"source\">({})</span>", credits.join(words(self.config.language).semicolon))
    }

    /// The same as plain text, its addresses in the list.
    pub(super) fn plain_credits(&self, entry: &Entry, links: &mut LinkList) -> Option<String> {
        let credit = |source: &Credit, links: &mut LinkList| {
            let mark = source.url.as_ref().map(|url| links.mark(url.as_str())).unwrap_or_default();
            let note = source
                .note
                .as_ref()
                .map(|note| format!(", {}", self.set_of(entry, note)))
                .unwrap_or_default();
            format!("{}{mark}{note}", self.set_of(entry, &source.name))
        };
        let credits: Vec<String> = entry.sources.iter().map(|source| credit(source, links)).collect();
        (!credits.is_empty()).then(|| format!("({})", credits.join(words(self.config.language).semicolon)))
    }
}

impl Renderer<'_> {
    /// What a typesetter would point out in an issue: nothing of it is changed without being asked.
    pub fn proofread(&self, issue: &Issue<'_>) -> Vec<Diagnostic> {
        let mut findings = Vec::new();
        if let Some(introduction) = issue.introduction {
            let language = self.config.tag.language();
            point_out(&introduction.source, introduction.body, language, &mut findings);
        }
        for item in issue.items().filter(|item| item.entry.setting == TextSetting::Set) {
            let language = item.entry.lang.as_ref().unwrap_or(&self.config.tag).language();
            point_out(&item.entry.source, item.entry.body, language, &mut findings);
        }
        findings
    }
}

fn point_out(source: &Source, body: usize, language: Option<Language>, findings: &mut Vec<Diagnostic>) {
    let Some(language) = language else { return };
    for proof in proof::read(&source.text()[body..], language) {
        let (start, end) = (body + proof.range.start, body + proof.range.end);
        let finding = proof.finding;
        let was = source.text()[start..end].to_owned();
        let fix = finding.fix.map(|text| Fix { start, end, was, text });
        let said = Diagnostic::warning(finding.rule, finding.message).at(source.at_bytes(start..end));
        findings.push(said.hint(finding.hint).fix(fix));
    }
}
