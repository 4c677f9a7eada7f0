//! From issue, article and topic to what their templates see.

use std::path::Path;

use crate::content::{Article, Block, Correction, Entry, Image, Item, Kind, TextSetting};
use crate::issue::{self, Earlier, Heading, Issue, Part, Published, Thread};
use crate::links::Place;
use crate::model::{Diagnostic, IssueDate, LanguageTag, Slug, Source, spoken};
use crate::typography::without_narrow;

use super::context::*;
use super::html::{Surroundings, to_html};
use super::letter::capital;
use super::markdown::{Document, Written};
use super::resolve::{Edition, Resolver};
use super::setting::Setting;
use super::{Renderer, direction, words};

impl<'a> Renderer<'a> {
    /// An issue.
    pub fn issue(&self, issue: &Issue<'_>, edition: &Edition, findings: &mut Vec<Diagnostic>) -> IssueView {
        let name = self.set(&issue::name(issue, self.config));
        let (previous, next) = self.archive.neighbours(issue);
        let introduction = issue.introduction.map(|introduction| {
            let place = Text {
                source: &introduction.source,
                body: introduction.body,
                folder: Path::new(""),
                id: "introduction",
                setting: self.setting(None, TextSetting::Set),
            };
            self.html(place, edition, 2, "", findings)
        });
        IssueView {
            date: issue.date.to_string(),
            long_date: name.clone(),
            heading: capital(&name),
            number: issue.number,
            subject: without_narrow(&self.set(&issue.subject)),
            preheader: self.preheader(issue),
            url: edition.url(&issue.place(), &self.links),
            introduction: introduction.unwrap_or_default(),
            parts: issue.parts.iter().map(|part| self.part(part, issue, edition, findings)).collect(),
            previous: previous.map(|issue| self.issue_link(issue, edition)),
            next: next.map(|issue| self.issue_link(issue, edition)),
        }
    }

    /// A link to an issue.
    pub fn issue_link(&self, issue: &Issue<'_>, edition: &Edition) -> IssueLink {
        IssueLink {
            date: issue.date.to_string(),
            long_date: self.set(&issue::name(issue, self.config)),
            number: issue.number,
            name: issue.lead.map(|lead| self.headline(lead)).unwrap_or_default(),
            url: edition.url(&issue.place(), &self.links),
            items: issue.items().map(|item| self.headline(item)).collect(),
        }
    }

    /// An article with its blocks.
    pub fn article(
        &self,
        article: &Article,
        edition: &Edition,
        findings: &mut Vec<Diagnostic>,
    ) -> ArticlePage {
        let place = Place::article(article.date, &article.entry.slug);
        let blocks =
            self.archive.article_blocks.iter().map(|block| self.block(block, edition, findings)).collect();
        let mut view = self.entry(&article.entry, article.date, &place, 1, edition, findings);
        view.name = self.name(article.entry.source.path());
        ArticlePage { article: view, blocks }
    }

    /// The page of a topic.
    pub fn topic(
        &self,
        key: &Slug,
        thread: &Thread<'_>,
        edition: &Edition,
        findings: &mut Vec<Diagnostic>,
    ) -> TopicPage {
        let html = thread.topic.map(|topic| {
            let text = Text {
                source: &topic.source,
                body: topic.body,
                folder: Path::new(""),
                id: key.as_str(),
                setting: self.setting(None, TextSetting::Set),
            };
            self.html(text, edition, 2, "", findings)
        });
        let related = thread.topic.map_or(&[][..], |topic| &topic.related);
        let mut years: Vec<YearView> = Vec::new();
        for earlier in thread.entries.iter().rev() {
            let year = earlier.date.year();
            if years.last().is_none_or(|last| last.year != year) {
                years.push(YearView { year, entries: Vec::new() });
            }
            if let Some(last) = years.last_mut() {
                last.entries.push(self.entry_link(earlier, edition));
            }
        }
        TopicPage {
            name: self.name(key.as_str()),
            html: html.unwrap_or_default(),
            related: related.iter().filter_map(|key| self.topic_link(key, edition)).collect(),
            years,
        }
    }

    /// All topics, by name.
    pub fn topics(&self, edition: &Edition) -> Vec<TopicLink> {
        let used = self.archive.threads.iter().filter(|(_, thread)| !thread.entries.is_empty());
        let mut topics: Vec<(&Slug, TopicLink)> =
            used.filter_map(|(key, _)| Some((*key, self.topic_link(key, edition)?))).collect();
        topics.sort_by(|a, b| a.0.cmp(b.0));
        topics.into_iter().map(|(_, topic)| topic).collect()
    }

    /// A link to an item or an article.
    pub fn entry_link(&self, earlier: &Earlier<'_>, edition: &Edition) -> EntryLink {
        match earlier.published {
            Published::Item(item) => {
                let place = Place::item(earlier.date, &item.entry.slug);
                self.link(self.headline(item), &place, "item", &item.entry, earlier.date, edition)
            }
            Published::Article(article) => self.article_link(article, edition),
        }
    }

    /// A link to an article.
    pub fn article_link(&self, article: &Article, edition: &Edition) -> EntryLink {
        let name = self.name(article.entry.source.path());
        let place = Place::article(article.date, &article.entry.slug);
        self.link(name, &place, "article", &article.entry, article.date, edition)
    }

    fn link(
        &self,
        name: String,
        place: &Place,
        kind: &'static str,
        entry: &Entry,
        date: IssueDate,
        edition: &Edition,
    ) -> EntryLink {
        EntryLink {
            name,
            url: edition.url(place, &self.links),
            date: date.to_string(),
            short_date: spoken::short(date, self.config.language),
            day: spoken::day_and_month(date, self.config.language),
            kind,
            lang: self.foreign(entry.lang.as_ref()),
        }
    }

    fn topic_link(&self, key: &Slug, edition: &Edition) -> Option<TopicLink> {
        let (key, thread) = self.archive.thread(key)?;
        Some(TopicLink {
            name: self.name(key.as_str()),
            url: edition.url(&Place::topic(key), &self.links),
            count: thread.entries.len(),
            description: self
                .set(thread.topic.and_then(|topic| topic.description.as_deref()).unwrap_or_default()),
        })
    }

    fn part(
        &self,
        part: &Part<'_>,
        issue: &Issue<'_>,
        edition: &Edition,
        findings: &mut Vec<Diagnostic>,
    ) -> PartView {
        match part {
            Part::Block(block) => PartView::Block(self.block(block, edition, findings)),
            Part::Section { rule, heading, items } => {
                let level = if rule.title.is_empty() { 2 } else { 3 };
                PartView::Section {
                    name: rule.name.to_string(),
                    kind: rule.kind.as_str(),
                    heading: if *heading == Heading::Shown { self.set(&rule.title) } else { String::new() },
                    items: items
                        .iter()
                        .map(|item| self.item(item, issue, level, edition, findings))
                        .collect(),
                }
            }
        }
    }

    fn item(
        &self,
        item: &Item,
        issue: &Issue<'_>,
        level: usize,
        edition: &Edition,
        findings: &mut Vec<Diagnostic>,
    ) -> EntryView {
        // In a digest, an item keeps the day and the place where it appeared.
        let date = item.entry.date.unwrap_or(issue.date);
        let place = Place::item(date, &item.entry.slug);
        let mut view = self.entry(&item.entry, date, &place, level, edition, findings);
        let set = |text: &String| self.set_of(&item.entry, text);
        let text = |text: &Option<String>| self.set_maybe(&item.entry, text.as_ref());
        view.name = self.headline(item);
        view.lead = issue.lead.is_some_and(|lead| lead.entry.slug == item.entry.slug);
        match &item.kind {
            Kind::Brief => {}
            Kind::Quote { text: said, by, role } => {
                view.quote = Some(QuoteView { text: set(said), by: set(by), role: text(role) });
            }
            Kind::Figure { value, of, study } => {
                view.figure = Some(FigureView { value: set(value), of: set(of), study: text(study) });
            }
            Kind::Appointment { name, role, organisation, before } => {
                let (name, role) = (set(name), set(role));
                view.person =
                    Some(PersonView { name, role, organisation: text(organisation), before: text(before) });
            }
        }
        view
    }

    fn entry(
        &self,
        entry: &Entry,
        date: IssueDate,
        place: &Place,
        level: usize,
        edition: &Edition,
        findings: &mut Vec<Diagnostic>,
    ) -> EntryView {
        let closing = self.credits(entry);
        let text = Text::of(entry, entry.slug.as_str(), self.setting_of(entry));
        let inner = level + usize::from(entry.title.is_some());
        let recalled = self.archive.recall(entry, date);
        EntryView {
            slug: entry.slug.to_string(),
            url: edition.url(place, &self.links),
            title: self.set_maybe(entry, entry.title.as_ref()),
            level,
            name: String::new(),
            html: self.html(text, edition, inner.max(2), &closing, findings),
            image: entry.image.as_ref().and_then(|image| self.image(entry, image, edition)),
            lang: self.foreign(entry.lang.as_ref()),
            dir: direction(entry.lang.as_ref().unwrap_or(&self.config.tag)),
            author: self.set_maybe(entry, entry.author.as_ref()),
            date: date.to_string(),
            long_date: spoken::long(date, self.config.language),
            lead: false,
            topics: entry.topics.iter().filter_map(|topic| self.topic_link(&topic.key, edition)).collect(),
            quote: None,
            figure: None,
            person: None,
            corrections: entry
                .corrections
                .iter()
                .map(|correction| self.correction(entry, correction))
                .collect(),
            related: recalled.iter().map(|earlier| self.entry_link(earlier, edition)).collect(),
        }
    }

    fn image(&self, entry: &Entry, image: &Image, edition: &Edition) -> Option<ImageView> {
        let copy = self.gallery.copy(&entry.folder.join(&image.file))?;
        Some(ImageView {
            url: edition.url(&Place::picture(&copy.name), &self.links),
            width: edition.fit(copy).0,
            height: edition.fit(copy).1,
            alt: self.set_of(entry, &image.alt),
            caption: self.set_maybe(entry, image.caption.as_ref()),
            credit: self.set_maybe(entry, image.credit.as_ref()),
        })
    }

    fn correction(&self, entry: &Entry, correction: &Correction) -> CorrectionView {
        CorrectionView {
            date: spoken::short(correction.date, self.config.language),
            text: self.set_of(entry, &correction.text),
        }
    }

    /// A block as HTML.
    fn block(&self, block: &Block, edition: &Edition, findings: &mut Vec<Diagnostic>) -> BlockView {
        let text = Text::block(block, block.name.as_str(), self.setting(block.lang.as_ref(), block.setting));
        BlockView {
            name: block.name.to_string(),
            html: self.html(text, edition, 2, "", findings),
            lang: self.foreign(block.lang.as_ref()),
        }
    }

    fn html(
        &self,
        text: Text<'_>,
        edition: &Edition,
        top_heading: usize,
        closing: &str,
        findings: &mut Vec<Diagnostic>,
    ) -> String {
        let document = self.document(&text, edition, top_heading, findings);
        to_html(&document, &Surroundings { id: text.id, closing, loading: edition.loading() })
    }

    pub(super) fn document<'t>(
        &self,
        text: &Text<'t>,
        edition: &Edition,
        top_heading: usize,
        findings: &mut Vec<Diagnostic>,
    ) -> Document<'t> {
        let resolver = Resolver {
            links: &self.links,
            gallery: self.gallery,
            addresses: &self.addresses,
            edition,
            path: text.source.path(),
            folder: text.folder,
        };
        let written = Written { source: text.source, body: text.body, top_heading, setting: text.setting };
        Document::read(&written, &resolver, findings)
    }

    /// A language that must be named because it is not the newsletter's.
    fn foreign(&self, lang: Option<&LanguageTag>) -> String {
        lang.filter(|lang| **lang != self.config.tag).map(ToString::to_string).unwrap_or_default()
    }

    /// What the plain text of a picture says: its words come from here, as all others do.
    pub(super) fn picture_word(&self) -> &'static str {
        words(self.config.language).picture
    }
}

/// A Markdown text in its file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Text<'t> {
    pub(super) source: &'t Source,
    pub(super) body: usize,
    pub(super) folder: &'t Path,
    pub(super) id: &'t str,
    pub(super) setting: Setting<'t>,
}

impl<'t> Text<'t> {
    /// The body of an item or an article.
    pub(super) fn of(entry: &'t Entry, id: &'t str, setting: Setting<'t>) -> Self {
        Self { source: &entry.source, body: entry.body, folder: &entry.folder, id, setting }
    }

    /// A text placed by rule.
    pub(super) fn block(block: &'t Block, id: &'t str, setting: Setting<'t>) -> Self {
        Self { source: &block.source, body: block.body, folder: Path::new(""), id, setting }
    }
}
