//! What the search index takes of the archive: each item, article and introduction of a year, as text and as card.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, OnceLock};

use rayon::prelude::*;
use rustc_hash::FxHasher;

use crate::config::{Config, Search};
use crate::content::{Article, Entry, Introduction, Item, Kind};
use crate::issue::{self, Archive, Issue, Published};
use crate::links::Place;
use crate::model::{IssueDate, Language, LanguageTag, Slug, Source, spoken};
use crate::render::context::SearchPage;
use crate::render::{Edition, Renderer};
use crate::search::{Card, KeptYear, Key, Text, Wanted, Year, opening, stop_words};

/// The years that have something to be found, newest first; none on a site without a search.
pub fn years(archive: &Archive<'_>, config: &Config) -> Vec<i32> {
    if config.theme.search == Search::Off {
        return Vec::new();
    }
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
pub fn year<'b>(
    renderer: &Renderer<'_>,
    year: i32,
    old: impl FnOnce() -> KeptYear<'b> + Send,
    key: impl Fn(&Source) -> Key + Sync,
) -> Year<'b> {
    let filed = || {
        let filed = filed(renderer, year);
        for filed in &filed {
            renderer.shows(filed.source());
            filed.entry().into_iter().for_each(|entry| renderer.says(&entry.source));
        }
        let keys = filed.par_iter().map(|filed| filed.key(&filed.topics(renderer), &key)).collect();
        (filed, keys)
    };
    let (old, (filed, keys)): (_, (Vec<Filed<'_>>, Vec<Key>)) = rayon::join(old, filed);
    let titles = Titles::new(renderer);
    let days: Vec<(IssueDate, Arc<str>)> = filed
        .chunk_by(|one, next| one.date() == next.date())
        .flat_map(|day| {
            let date = day[0].date();
            let said: Arc<str> = spoken::short(date, renderer.config.language).into();
            day.iter().map(move |_| (date, Arc::clone(&said)))
        })
        .collect();
    let wanted = keys.into_iter().zip(&days).map(|(key, (date, day))| Wanted {
        key,
        date: *date,
        day: Arc::clone(day),
    });
    old.renew(wanted.collect(), |at| {
        let (text, opening) = filed[at].read(renderer);
        let card = filed[at].card(&titles, &filed[at].topics(renderer), Arc::clone(&days[at].1));
        (Card { opening: opening.into(), ..card }, text)
    })
}

/// What the page that searches shows.
pub(super) fn page(renderer: &Renderer<'_>, edition: &Edition) -> SearchPage {
    let languages: BTreeSet<_> = languages(renderer.archive, renderer.config.tag.language()).collect();
    let stops: Vec<&str> = languages.into_iter().map(|language| stop_words(Some(language))).collect();
    SearchPage {
        topics: renderer.topics(edition),
        years: years(renderer.archive, renderer.config),
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
    let titles = Titles::new(renderer);
    for filed in filed(renderer, year) {
        let topics = filed.topics(renderer);
        let day = spoken::short(filed.date(), renderer.config.language).into();
        let card = filed.card(&titles, &topics, day);
        let said = (card.date.to_string(), &*card.day, card.rest, card.name, card.about, card.lang);
        renderer.make(&(said, names(&topics).collect::<Vec<_>>()), || ());
    }
}

/// The titles of the sections, each set once.
struct Titles<'r, 'a> {
    renderer: &'r Renderer<'a>,
    set: Vec<OnceLock<String>>,
}

impl<'r, 'a> Titles<'r, 'a> {
    fn new(renderer: &'r Renderer<'a>) -> Self {
        Self { renderer, set: renderer.config.sections.iter().map(|_| OnceLock::new()).collect() }
    }

    /// The title of a section, if it has one.
    fn of(&self, section: &str) -> Option<&str> {
        let mut sections = self.renderer.config.sections.iter().zip(&self.set);
        let (rule, title) = sections.find(|(rule, _)| rule.name.as_str() == section)?;
        Some(title.get_or_init(|| self.renderer.set(&rule.title)).as_str()).filter(|title| !title.is_empty())
    }
}

/// What is to be found, and where it stands.
#[derive(Clone, Copy)]
enum Filed<'a> {
    Introduction(&'a issue::Issue<'a>, &'a Introduction),
    Item(IssueDate, &'a Item),
    Article(&'a Article),
}

/// A topic of an entry.
struct Topic<'a> {
    /// The key and the name of its thread.
    thread: Option<(&'a Slug, &'a str)>,
    /// What the entry calls it.
    name: &'a str,
}

/// The names of topics: as the thread is called, and as the entry calls it.
fn names<'a>(topics: &[Topic<'a>]) -> impl Iterator<Item = &'a str> {
    topics.iter().flat_map(|topic| topic.thread.map(|(_, name)| name).into_iter().chain([topic.name]))
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
    filed.extend(articles.map(|article| Filed::Article(article)));
    filed.sort_by_key(Filed::date);
    filed
}

impl<'a> Filed<'a> {
    fn date(&self) -> IssueDate {
        match self {
            Self::Introduction(issue, _) => issue.date,
            Self::Item(date, _) => *date,
            Self::Article(article) => article.date,
        }
    }

    fn source(&self) -> &'a Source {
        match self {
            Self::Introduction(_, introduction) => &introduction.source,
            Self::Item(_, item) => &item.entry.source,
            Self::Article(article) => &article.entry.source,
        }
    }

    fn entry(&self) -> Option<&'a Entry> {
        match self {
            Self::Introduction(..) => None,
            Self::Item(_, item) => Some(&item.entry),
            Self::Article(article) => Some(&article.entry),
        }
    }

    /// Its file does not say where it stands, and topics may get another name in a file of their own.
    fn key(&self, topics: &[Topic<'_>], key: impl Fn(&Source) -> Key) -> Key {
        let (kind, slug) = match self {
            Self::Introduction(..) => ("", ""),
            Self::Item(_, item) => ("#", item.entry.slug.as_str()),
            Self::Article(article) => ("/", article.entry.slug.as_str()),
        };
        let mut place = FxHasher::default();
        self.date().hash(&mut place);
        [kind, slug].into_iter().chain(names(topics)).for_each(|name| name.hash(&mut place));
        let mut key = key(self.source());
        let place = place.finish().to_le_bytes();
        key.iter_mut().zip(place.iter().cycle()).for_each(|(byte, place)| *byte ^= place);
        key
    }

    fn topics(&self, renderer: &Renderer<'a>) -> Vec<Topic<'a>> {
        let topics = self.entry().map_or(&[][..], |entry| &entry.topics);
        let thread = |key| renderer.archive.thread(key).map(|(key, thread)| (key, thread.name));
        topics.iter().map(|topic| Topic { thread: thread(&topic.key), name: &topic.name }).collect()
    }

    /// Its card, but for its opening.
    fn card(&self, titles: &Titles<'_, '_>, topics: &[Topic<'_>], day: Arc<str>) -> Card<'static> {
        let renderer = titles.renderer;
        let config = renderer.config;
        let date = self.date();
        let (place, name) = match self {
            Self::Introduction(issue, _) => {
                (issue.place(), capital(&renderer.set(&issue::name(issue, config))))
            }
            Self::Item(_, item) => (Place::item(date, &item.entry.slug), renderer.headline(item)),
            Self::Article(article) => {
                (Place::article(date, &article.entry.slug), renderer.name_of(Published::Article(article)))
            }
        };
        let foreign = |lang: &&LanguageTag| **lang != config.tag;
        let lang = self.entry().and_then(|entry| entry.lang.as_ref()).filter(foreign);
        let issue = Place::issue(date);
        Card {
            date,
            day,
            rest: place.as_str().strip_prefix(issue.as_str()).unwrap_or(place.as_str()).to_owned().into(),
            name: name.into(),
            about: self.about(titles, topics).into(),
            lang: lang.map(ToString::to_string).unwrap_or_default().into(),
            opening: Cow::default(),
        }
    }

    fn about(&self, titles: &Titles<'_, '_>, topics: &[Topic<'_>]) -> String {
        let title = match self {
            Self::Item(_, item) => titles.of(item.section.as_str()),
            _ => None,
        };
        let threads = topics.iter().filter_map(|topic| topic.thread);
        let threads = threads.map(|(key, _)| Cow::Owned(titles.renderer.topic_name(key.as_str())));
        title.map(Cow::Borrowed).into_iter().chain(threads).collect::<Vec<_>>().join(" · ")
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
        text.topics = names(&self.topics(renderer)).collect();
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
