//! Who sets what: every text that a reader sees goes through here, by its own language.

use std::sync::OnceLock;

use rustc_hash::FxHashMap;

use crate::config::{Config, Typography, TypographyOptions};
use crate::content::{Credit, Entry, TextSetting};
use crate::issue::{Archive, Issue, Published, Thread, headline};
use crate::model::{Diagnostic, Fix, Language, LanguageTag, Slug, Source};
use crate::{content::Item, typography};

use super::html::escape;
use super::letter::capital;
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
        self.put(text, self.setting(None, TextSetting::Set))
    }

    fn put(&self, text: &str, setting: Setting<'_>) -> String {
        match self.sketch() {
            Some(notes) => {
                notes.told((text, setting.map(|(language, _)| language)));
                text.to_owned()
            }
            None => set(text, setting),
        }
    }

    /// A text of an item or an article, set in its language.
    pub fn set_of(&self, entry: &Entry, text: &str) -> String {
        self.put(text, self.setting_of(entry))
    }

    /// An optional text of an item or an article; empty for none.
    pub(super) fn set_maybe(&self, entry: &Entry, text: Option<&String>) -> String {
        text.map(|text| self.set_of(entry, text)).unwrap_or_default()
    }

    pub(super) fn setting_of(&self, entry: &Entry) -> Setting<'a> {
        self.says(&entry.source);
        self.setting(entry.lang.as_ref(), entry.setting)
    }

    /// What an item is called where its text does not stand beside it, set.
    pub fn headline(&self, item: &Item) -> String {
        self.name_of(Published::Item(item))
    }

    /// What archives call an item or an article, set.
    pub fn name_of(&self, published: Published<'_>) -> String {
        let entry = published.entry();
        self.says(&entry.source);
        let first_set = || match published {
            Published::Item(item) => self.set_of(entry, &headline(item, self.config)),
            Published::Article(_) => self.set_of(entry, entry.name().unwrap_or_default()),
        };
        let known = entry.source.number().and_then(|number| self.names.entries.get(number as usize));
        match known.filter(|_| self.prints()) {
            Some(known) => known.get_or_init(first_set).clone(),
            None => first_set(),
        }
    }

    /// The name of a topic, by its key, set.
    pub fn topic_name(&self, key: &str) -> String {
        self.names.topics.get(key).map(|topic| self.known(&topic.name)).unwrap_or_default()
    }

    /// What a topic is about, by its key, set; empty if not said.
    pub(super) fn topic_description(&self, key: &str) -> String {
        self.names.topics.get(key).map(|topic| self.known(&topic.description)).unwrap_or_default()
    }

    fn known(&self, line: &Line<'_>) -> String {
        let first_set = || self.set(line.written);
        if self.prints() { line.set.get_or_init(first_set).clone() } else { first_set() }
    }

    /// What an issue is called above its text: its day, and of a digest its title.
    pub fn heading(&self, issue: &Issue<'_>) -> String {
        capital(&self.set(&crate::issue::name(issue, self.config)))
    }

    /// Notes that something is said of an item or an article.
    pub fn says(&self, source: &Source) {
        if let Some(notes) = &self.notes {
            notes.card(source);
        }
    }
}

/// What archives call everything, set when it is first asked for.
#[derive(Debug)]
pub(super) struct Names<'a> {
    /// Items and articles, by the numbers of their files.
    entries: Vec<OnceLock<String>>,
    /// Topics, by key.
    topics: FxHashMap<&'a str, TopicLines<'a>>,
}

/// The name of a topic, and what it is about.
#[derive(Debug)]
struct TopicLines<'a> {
    name: Line<'a>,
    description: Line<'a>,
}

/// A line in the newsletter's language: as written, and set.
#[derive(Debug)]
struct Line<'a> {
    written: &'a str,
    set: OnceLock<String>,
}

impl<'a> Names<'a> {
    /// The names of an archive.
    pub(super) fn new(archive: &Archive<'a>) -> Self {
        let mut entries = Vec::new();
        entries.resize_with(archive.files(), OnceLock::new);
        let line = |written| Line { written, set: OnceLock::new() };
        let topic = |(key, thread): (&'a Slug, &Thread<'a>)| {
            let description = thread.topic.and_then(|topic| topic.description.as_deref()).unwrap_or_default();
            (key.as_str(), TopicLines { name: line(thread.name), description: line(description) })
        };
        let topics = archive.threads.iter().map(topic).collect();
        Self { entries, topics }
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
        _ if text.is_empty() => String::new(),
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
        proofread(issue, self.config)
    }
}

/// What a typesetter would point out in an issue.
pub fn proofread(issue: &Issue<'_>, config: &Config) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    if let Some(introduction) = issue.introduction {
        let language = config.tag.language();
        point_out(&introduction.source, introduction.body, language, &mut findings);
    }
    for item in issue.items().filter(|item| item.entry.setting == TextSetting::Set) {
        let language = item.entry.lang.as_ref().unwrap_or(&config.tag).language();
        point_out(&item.entry.source, item.entry.body, language, &mut findings);
    }
    findings
}

fn point_out(source: &Source, body: usize, language: Option<Language>, findings: &mut Vec<Diagnostic>) {
    let Some(language) = language else { return };
    for proof in proof::read(source.after(body), language) {
        let (start, end) = (body + proof.range.start, body + proof.range.end);
        let finding = proof.finding;
        let was = source.text().get(start..end).unwrap_or_default().to_owned();
        let fix = finding.fix.map(|text| Fix { start, end, was, text });
        let said = Diagnostic::warning(finding.rule, finding.message).at(source.at_bytes(start..end));
        findings.push(said.hint(finding.hint).fix(fix));
    }
}
