//! What the search index takes of the archive: each item, article and introduction of a year, as text and as card.

use std::collections::BTreeSet;

use rayon::prelude::*;

use crate::content::{Entry, Introduction, Item, Kind};
use crate::issue::{self, Archive, Issue};
use crate::links::Place;
use crate::model::{IssueDate, Language, LanguageTag, Source, spoken};
use crate::render::context::SearchPage;
use crate::render::{Edition, Renderer};
use crate::search::{Card, KeptYear, Key, Text, Year, opening, stop_words};

/// The years that have something to be found, newest first.
pub fn years(archive: &Archive<'_>) -> Vec<i32> {
    let issues = archive.issues.iter().map(|issue| issue.date.year());
    let mut years: Vec<i32> =
        issues.chain(archive.articles.iter().map(|article| article.date.year())).collect();
    years.sort_unstable();
    years.dedup();
    years.reverse();
    years
}

/// A year of the index. What `old` has under the same key is not read again: `key` is to tell of any change in
/// the file, in the settings of language and typography, and in the program.
pub fn year(renderer: &Renderer<'_>, year: i32, old: KeptYear, key: impl Fn(&Source) -> Key + Sync) -> Year {
    let filed = filed(renderer, year);
    for filed in &filed {
        renderer.shows(filed.source());
    }
    let wanted = filed.par_iter().map(|filed| (filed.key(renderer, &key), filed.card(renderer))).collect();
    old.renew(wanted, |at| filed[at].read(renderer))
}

/// What the page that searches shows.
pub(super) fn page(renderer: &Renderer<'_>, edition: &Edition) -> SearchPage {
    let languages: BTreeSet<_> = languages(renderer.archive, renderer.config.tag.language()).collect();
    let stops: Vec<&str> = languages.into_iter().map(|language| stop_words(Some(language))).collect();
    SearchPage {
        topics: renderer.topics(edition),
        years: years(renderer.archive),
        stops: stops.join(" ").trim().to_owned(),
    }
}

/// The languages that the entries of an archive are written in.
fn languages(archive: &Archive<'_>, usual: Option<Language>) -> impl Iterator<Item = Language> {
    let items = archive.issues.iter().flat_map(Issue::items).map(|item| &item.entry);
    let entries = items.chain(archive.articles.iter().map(|article| &article.entry));
    entries.filter_map(|entry| entry.lang.as_ref()?.language()).chain(usual)
}

/// Tells what a year of the index would be made of, texts apart.
pub fn sketch(renderer: &Renderer<'_>, year: i32) {
    for filed in filed(renderer, year) {
        let card = filed.card(renderer);
        let said = (card.date.to_string(), card.day, card.rest, card.name, card.about, card.lang);
        let topics = filed.topics(renderer);
        renderer.make(&(said, topics), || ());
    }
}

/// What is to be found, and where it stands.
#[derive(Clone, Copy)]
enum Filed<'a> {
    Introduction(&'a issue::Issue<'a>, &'a Introduction),
    Item(IssueDate, &'a Item),
    Article(IssueDate, &'a Entry),
}

/// All of a year, oldest first.
fn filed<'a>(renderer: &Renderer<'a>, year: i32) -> Vec<Filed<'a>> {
    let archive = renderer.archive;
    let mut filed = Vec::new();
    for issue in archive.issues.iter().filter(|issue| issue.date.year() == year) {
        let introduction = issue.introduction.filter(|introduction| !introduction.blank);
        filed.extend(introduction.map(|introduction| Filed::Introduction(issue, introduction)));
        filed.extend(issue.items().map(|item| Filed::Item(issue.date, item)));
    }
    let articles = archive.articles.iter().filter(|article| article.date.year() == year);
    filed.extend(articles.map(|article| Filed::Article(article.date, &article.entry)));
    filed.sort_by_key(Filed::date);
    filed
}

impl<'a> Filed<'a> {
    fn date(&self) -> IssueDate {
        match self {
            Self::Introduction(issue, _) => issue.date,
            Self::Item(date, _) | Self::Article(date, _) => *date,
        }
    }

    fn source(&self) -> &'a Source {
        match self {
            Self::Introduction(_, introduction) => &introduction.source,
            Self::Item(_, item) => &item.entry.source,
            Self::Article(_, entry) => &entry.source,
        }
    }

    fn entry(&self) -> Option<&'a Entry> {
        match self {
            Self::Introduction(..) => None,
            Self::Item(_, item) => Some(&item.entry),
            Self::Article(_, entry) => Some(entry),
        }
    }

    /// Topics may get another name in a file of their own.
    fn key(&self, renderer: &Renderer<'a>, key: impl Fn(&Source) -> Key) -> Key {
        let mut key = key(self.source());
        for (at, byte) in self.topics(renderer).iter().flat_map(|name| name.bytes().chain([0])).enumerate() {
            let mixed = &mut key[at % 16];
            *mixed = mixed.rotate_left(3) ^ byte;
        }
        key
    }

    /// The names of its topics: as the thread is called, and as the entry calls it.
    fn topics(&self, renderer: &Renderer<'a>) -> Vec<&'a str> {
        let topics = self.entry().map_or(&[][..], |entry| &entry.topics);
        let thread = |key| renderer.archive.thread(key).map(|(_, thread)| thread.name);
        topics.iter().flat_map(|topic| thread(&topic.key).into_iter().chain([topic.name.as_str()])).collect()
    }

    /// Its card, but for its opening.
    fn card(&self, renderer: &Renderer<'_>) -> Card {
        let config = renderer.config;
        let date = self.date();
        let (place, name) = match self {
            Self::Introduction(issue, _) => {
                (issue.place(), capital(&renderer.set(&issue::name(issue, config))))
            }
            Self::Item(_, item) => (Place::item(date, &item.entry.slug), renderer.headline(item)),
            Self::Article(_, entry) => (Place::article(date, &entry.slug), renderer.name_of(entry)),
        };
        let foreign = |lang: &&LanguageTag| **lang != config.tag;
        let lang = self.entry().and_then(|entry| entry.lang.as_ref()).filter(foreign);
        Card {
            date,
            day: spoken::short(date, config.language),
            rest: place.as_str().trim_start_matches(Place::issue(date).as_str()).to_owned(),
            name,
            about: self.about(renderer),
            lang: lang.map(ToString::to_string).unwrap_or_default(),
            opening: String::new(),
        }
    }

    fn about(&self, renderer: &Renderer<'_>) -> String {
        let mut parts = Vec::new();
        if let Self::Item(_, item) = self {
            let section = renderer.config.section(item.section.as_str());
            parts.extend(section.map(|rule| renderer.set(&rule.title)).filter(|title| !title.is_empty()));
        }
        for topic in self.entry().map_or(&[][..], |entry| &entry.topics) {
            parts.extend(
                renderer.archive.thread(&topic.key).map(|(key, _)| renderer.topic_name(key.as_str())),
            );
        }
        parts.join(" · ")
    }

    fn read(&self, renderer: &Renderer<'a>) -> (Text<'a>, String) {
        let tag = self.entry().and_then(|entry| entry.lang.as_ref()).unwrap_or(&renderer.config.tag);
        let mut text = Text { language: tag.language(), ..Text::default() };
        let Some(entry) = self.entry() else {
            let Self::Introduction(_, introduction) = self else { return (text, String::new()) };
            text.markdown = introduction.source.lend(introduction.body);
            let first = opening(&text.markdown);
            return (text, renderer.set(&first));
        };
        text.names.extend([&entry.title, &entry.label].into_iter().flatten().map(String::as_str));
        text.topics = self.topics(renderer);
        text.others.extend(entry.author.as_deref());
        text.others.extend(
            entry.sources.iter().flat_map(|source| [Some(&*source.name), source.note.as_deref()]).flatten(),
        );
        if let Some(image) = &entry.image {
            text.others.extend(
                [Some(&*image.alt), image.caption.as_deref(), image.credit.as_deref()].into_iter().flatten(),
            );
        }
        text.others.extend(entry.corrections.iter().map(|correction| correction.text.as_str()));
        text.markdown = entry.source.lend(entry.body);
        let said = match self {
            Self::Item(_, item) => kind(&item.kind, &mut text),
            _ => "",
        };
        let first = if said.is_empty() { opening(&text.markdown) } else { opening(said) };
        (text, renderer.set_of(entry, &first))
    }
}

/// What is special about the section goes to the text. Returns what opens it.
fn kind<'t>(kind: &'t Kind, text: &mut Text<'t>) -> &'t str {
    match kind {
        Kind::Brief => "",
        Kind::Quote { text: said, by, role } => {
            text.names.push(by);
            text.others.extend([Some(said.as_str()), role.as_deref()].into_iter().flatten());
            said
        }
        Kind::Figure { value, of, study } => {
            text.names.extend([value.as_str(), of.as_str()]);
            text.others.extend(study.as_deref());
            ""
        }
        Kind::Appointment { name, role, organisation, before } => {
            text.names.extend([name.as_str(), role.as_str()]);
            text.others.extend([organisation, before].into_iter().flatten().map(String::as_str));
            ""
        }
    }
}

fn capital(name: &str) -> String {
    let mut rest = name.chars();
    rest.next().into_iter().flat_map(char::to_uppercase).chain(rest).collect()
}
