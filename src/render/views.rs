//! From issue, article and topic to what their templates see.

use std::path::Path;

use crate::content::{Alias, Article, Block, Correction, Entry, Former, Image, Item, Kind, TextSetting};
use crate::issue::{self, Heading, Issue, Part, Published};
use crate::links::Place;
use crate::model::{Diagnostic, IssueDate, IssueKind, LanguageTag, Source, spoken};
use crate::typography::without_narrow;

use super::context::*;
use super::html::{Surroundings, to_html};
use super::letter::capital;
use super::markdown::{Document, Written};
use super::resolve::{Edition, Resolver};
use super::setting::Setting;
use super::summary::summary;
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
            previous: previous.map(|issue| self.issue_line(issue, edition)),
            next: next.map(|issue| self.issue_line(issue, edition)),
        }
    }

    /// An article with its blocks.
    pub fn article(
        &self,
        article: &Article,
        edition: &Edition,
        findings: &mut Vec<Diagnostic>,
    ) -> ArticlePage {
        let blocks =
            self.archive.article_blocks.iter().map(|block| self.block(block, edition, findings)).collect();
        let article = self.published(Published::Article(article), article.date, edition, findings);
        ArticlePage { article, blocks }
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
            Part::Errata(errata) => PartView::Block(self.errata(errata, edition)),
            Part::Section { rule, heading, items } => {
                let level = if rule.title.is_empty() { 2 } else { 3 };
                PartView::Section {
                    name: rule.name.to_string(),
                    kind: rule.kind.as_str(),
                    heading: if *heading == Heading::Shown { self.set(&rule.title) } else { String::new() },
                    items: items
                        .iter()
                        .map(|item| self.item_of(item, issue, level, edition, findings))
                        .collect(),
                }
            }
        }
    }

    fn item_of(
        &self,
        item: &Item,
        issue: &Issue<'_>,
        level: usize,
        edition: &Edition,
        findings: &mut Vec<Diagnostic>,
    ) -> EntryView {
        // In a digest, an item keeps the day and the place where it appeared; only together are they unique there.
        let date = item.entry.date.unwrap_or(issue.date);
        let digest = issue.kind == IssueKind::Weekly;
        let id = if digest { format!("{}-{date}", item.entry.slug) } else { item.entry.slug.to_string() };
        let mut view = self.item(item, At { date, level, id: &id }, edition, findings);
        view.lead = issue.lead.is_some_and(|lead| lead.entry.source.path() == item.entry.source.path());
        if digest {
            view.anchors.clear();
        }
        view
    }

    /// An item or an article by itself.
    pub(super) fn published(
        &self,
        published: Published<'_>,
        date: IssueDate,
        edition: &Edition,
        findings: &mut Vec<Diagnostic>,
    ) -> EntryView {
        match published {
            Published::Item(item) => {
                let id = item.entry.slug.as_str();
                self.item(item, At { date, level: 2, id }, edition, findings)
            }
            Published::Article(article) => {
                let place = Place::article(article.date, &article.entry.slug);
                let at = At { date: article.date, level: 1, id: article.entry.slug.as_str() };
                let mut view = self.entry(&article.entry, &place, at, edition, findings);
                view.name = self.name_of(Published::Article(article));
                view
            }
        }
    }

    fn item(&self, item: &Item, at: At<'_>, edition: &Edition, findings: &mut Vec<Diagnostic>) -> EntryView {
        let place = Place::item(at.date, &item.entry.slug);
        let mut view = self.entry(&item.entry, &place, at, edition, findings);
        let set = |text: &String| self.set_of(&item.entry, text);
        let text = |text: &Option<String>| self.set_maybe(&item.entry, text.as_ref());
        view.name = self.headline(item);
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
        place: &Place,
        at: At<'_>,
        edition: &Edition,
        findings: &mut Vec<Diagnostic>,
    ) -> EntryView {
        let At { date, level, id } = at;
        let closing = self.credits(entry);
        let text = Text::of(entry, id, self.setting_of(entry));
        let inner = level + usize::from(entry.title.is_some());
        let recalled = self.archive.recall(entry, date);
        let html = self.html(text, edition, inner.max(2), &closing, findings);
        EntryView {
            slug: id.to_owned(),
            anchors: entry.aliases.iter().filter_map(anchor).collect(),
            url: edition.url(place, &self.links),
            title: self.set_maybe(entry, entry.title.as_ref()),
            level,
            name: String::new(),
            summary: match &entry.description {
                Some(_) => self.set_maybe(entry, entry.description.as_ref()),
                None => summary(&html),
            },
            html,
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

    /// The picture of an entry at its full address.
    pub fn picture(&self, entry: &Entry) -> Option<ImageView> {
        self.image(entry, entry.image.as_ref()?, &Edition::Feed)
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

    pub(super) fn html(
        &self,
        text: Text<'_>,
        edition: &Edition,
        top_heading: usize,
        closing: &str,
        findings: &mut Vec<Diagnostic>,
    ) -> String {
        let surroundings = Surroundings { id: text.id, closing, loading: edition.loading() };
        self.document(&text, edition, top_heading, findings, |document| to_html(document, &surroundings))
    }

    /// Reads a text and makes something of it; its bytes are there for so long, and perhaps no longer.
    pub(super) fn document<R>(
        &self,
        text: &Text<'_>,
        edition: &Edition,
        top_heading: usize,
        findings: &mut Vec<Diagnostic>,
        make: impl FnOnce(&Document<'_>) -> R,
    ) -> R {
        if let Some(notes) = &self.notes {
            notes.text(text.source);
        }
        if let Some(notes) = self.sketch() {
            let language = text.setting.map(|(language, _)| language);
            notes.told((text.source.path(), text.id, edition, top_heading, language));
            return make(&Document::default());
        }
        let resolver = Resolver {
            links: &self.links,
            gallery: self.gallery,
            addresses: &self.addresses,
            archive: self.archive,
            notes: self.notes.as_deref(),
            edition,
            path: text.source.path(),
            folder: text.folder,
        };
        let Text { source, body, setting, .. } = *text;
        let markdown = &source.lend(body);
        make(&Document::read(&Written { source, body, markdown, top_heading, setting }, &resolver, findings))
    }

    /// A language that must be named because it is not the newsletter's.
    pub(super) fn foreign(&self, lang: Option<&LanguageTag>) -> String {
        lang.filter(|lang| **lang != self.config.tag).map(ToString::to_string).unwrap_or_default()
    }

    /// What the plain text of a picture says: its words come from here, as all others do.
    pub(super) fn picture_word(&self) -> &'static str {
        words(self.config.language).picture
    }
}

/// The name that an item had before, which still leads to it on the page of its issue.
fn anchor(alias: &Alias) -> Option<String> {
    match &alias.former {
        Former::Slug(slug) => Some(slug.to_string()),
        Former::Path(_) => None,
    }
}

/// When an entry appeared, the level of its headline, and the name it has on its page.
#[derive(Debug, Clone, Copy)]
struct At<'t> {
    date: IssueDate,
    level: usize,
    id: &'t str,
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
