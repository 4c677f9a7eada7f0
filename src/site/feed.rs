//! Feeds: Atom and JSON of the newest items and articles, Atom of each topic, all with their full text.

use std::fmt::Write;
use std::sync::Arc;

use serde::Serialize;

use crate::issue::{Published, Thread};
use crate::links::Place;
use crate::model::{Diagnostic, IssueDate, LanguageTag, Slug};
use crate::render::{Renderer, escape};

use super::change::{Change, moment, moment_of};

/// The most entries of the newsletter's feeds: some ten issues.
const NEWEST: usize = 100;
/// The most entries of a topic's feed.
const NEWEST_OF_TOPIC: usize = 10;

/// A feed before it is written.
struct Feed {
    title: String,
    subtitle: String,
    /// The page it is of, its own address, and what it is known by.
    page: String,
    own: String,
    entries: Vec<Entry>,
    /// When it changed last.
    updated: String,
}

/// An item or an article in a feed.
struct Entry {
    id: String,
    url: String,
    title: String,
    published: String,
    updated: String,
    author: String,
    lang: String,
    topics: Vec<(String, String)>,
    html: Arc<str>,
}

/// The Atom feed of the newsletter (RFC 4287).
pub(super) fn atom(renderer: &Renderer<'_>) -> Result<String, Diagnostic> {
    newest(renderer, "feed.xml").map(|feed| write_atom(renderer, &feed))
}

/// The JSON feed of the newsletter (JSON Feed 1.1).
pub(super) fn json(renderer: &Renderer<'_>) -> Result<String, Diagnostic> {
    newest(renderer, "feed.json").map(|feed| write_json(renderer, &feed))
}

/// The Atom feed of a topic.
pub(super) fn topic(renderer: &Renderer<'_>, key: &Slug, thread: &Thread<'_>) -> Result<String, Diagnostic> {
    let newest = thread.entries.iter().rev().take(NEWEST_OF_TOPIC);
    let newest: Vec<_> = newest.map(|earlier| (earlier.date, earlier.published)).collect();
    let description = thread.topic.and_then(|topic| topic.description.as_deref()).unwrap_or_default();
    let feed = Feed {
        title: format!("{} – {}", renderer.set(thread.name), renderer.title()),
        subtitle: renderer.set(description),
        page: renderer.links.absolute(&Place::topic(key)),
        own: renderer.links.absolute(&Place::topic_feed(key)),
        updated: updated(renderer, &newest),
        entries: entries(renderer, &newest)?,
    };
    Ok(write_atom(renderer, &feed))
}

fn newest(renderer: &Renderer<'_>, name: &str) -> Result<Feed, Diagnostic> {
    let config = renderer.config;
    let newest = renderer.archive.newest(NEWEST);
    Ok(Feed {
        title: renderer.title().to_owned(),
        subtitle: renderer.set(config.tagline.as_deref().unwrap_or_default()),
        page: renderer.links.base().to_owned(),
        own: renderer.links.absolute(&Place::top(name)),
        updated: updated(renderer, &newest),
        entries: entries(renderer, &newest)?,
    })
}

/// The last moment at which something appeared or was corrected; a feed of nothing is as old as the newest issue.
fn updated(renderer: &Renderer<'_>, newest: &[(IssueDate, Published<'_>)]) -> String {
    let last = newest.iter().map(|(date, published)| Change::of(*published, *date)).max();
    let issue = || Some(Change { date: renderer.archive.issues.last()?.date, corrections: 0 });
    last.or_else(issue).map(|change| moment_of(renderer.config, change)).unwrap_or_default()
}

fn entries(renderer: &Renderer<'_>, newest: &[(IssueDate, Published<'_>)]) -> Result<Vec<Entry>, Diagnostic> {
    newest.iter().map(|(date, published)| entry(renderer, *published, *date)).collect()
}

fn entry(renderer: &Renderer<'_>, published: Published<'_>, date: IssueDate) -> Result<Entry, Diagnostic> {
    let (config, own) = (renderer.config, published.entry());
    Ok(Entry {
        id: published.tag(date, &renderer.links),
        url: renderer.links.absolute(&published.place(date)),
        title: renderer.name_of(published),
        published: moment(config, date),
        updated: moment_of(config, Change::of(published, date)),
        author: own.author.as_ref().map(|author| renderer.set(author)).unwrap_or_default(),
        lang: own.lang.as_ref().map_or(config.tag.as_str(), LanguageTag::as_str).to_owned(),
        topics: own
            .topics
            .iter()
            .filter_map(|topic| renderer.archive.thread(&topic.key))
            .map(|(key, thread)| (key.to_string(), renderer.set(thread.name)))
            .collect(),
        html: renderer.feed_entry(published, date)?,
    })
}

fn write_atom(renderer: &Renderer<'_>, feed: &Feed) -> String {
    let config = renderer.config;
    let house = renderer.set(config.publisher.name.as_ref().unwrap_or(&config.title));
    let mut xml = String::with_capacity(feed.entries.len() * 2048 + 1024);
    let _ = write!(
        xml,
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"{}\">\n",
        config.tag
    );
    // A feed is known by the page it is of: the address stays when the file moves.
    element(&mut xml, "id", &feed.page);
    element(&mut xml, "title", &feed.title);
    if !feed.subtitle.is_empty() {
        element(&mut xml, "subtitle", &feed.subtitle);
    }
    element(&mut xml, "updated", &feed.updated);
    link(&mut xml, "self", "application/atom+xml", &feed.own);
    link(&mut xml, "alternate", "text/html", &feed.page);
    element(&mut xml, "icon", &renderer.links.absolute(&Place::asset("icon.svg")));
    let _ = writeln!(xml, "<author><name>{}</name></author>", xml_text(&house));
    element(&mut xml, "generator", "Rotative");
    for entry in &feed.entries {
        write_entry(&mut xml, entry);
    }
    xml.push_str("</feed>\n");
    xml
}

fn write_entry(xml: &mut String, entry: &Entry) {
    let Entry { id, url, title, published, updated, author, lang, topics, html } = entry;
    let _ = writeln!(xml, "<entry xml:lang=\"{}\">", xml_text(lang));
    element(xml, "id", id);
    element(xml, "title", title);
    link(xml, "alternate", "text/html", url);
    element(xml, "published", published);
    element(xml, "updated", updated);
    if !author.is_empty() {
        let _ = writeln!(xml, "<author><name>{}</name></author>", xml_text(author));
    }
    for (key, name) in topics {
        let _ = writeln!(xml, "<category term=\"{key}\" label=\"{}\"/>", xml_text(name));
    }
    let _ = writeln!(xml, "<content type=\"html\">{}</content>", xml_text(html));
    xml.push_str("</entry>\n");
}

fn element(xml: &mut String, name: &str, text: &str) {
    let _ = writeln!(xml, "<{name}>{}</{name}>", xml_text(text));
}

fn link(xml: &mut String, rel: &str, kind: &str, url: &str) {
    let _ = writeln!(xml, "<link rel=\"{rel}\" type=\"{kind}\" href=\"{}\"/>", xml_text(url));
}

/// Text made safe for XML, which knows two characters fewer than Unicode.
fn xml_text(text: &str) -> String {
    escape(text).replace(['\u{fffe}', '\u{ffff}'], "")
}

#[derive(Serialize)]
struct JsonFeed<'a> {
    version: &'static str,
    title: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    description: &'a str,
    home_page_url: &'a str,
    feed_url: &'a str,
    icon: String,
    language: &'a str,
    authors: [JsonAuthor<'a>; 1],
    items: Vec<JsonItem<'a>>,
}

#[derive(Serialize)]
struct JsonAuthor<'a> {
    name: &'a str,
}

#[derive(Serialize)]
struct JsonItem<'a> {
    id: &'a str,
    url: &'a str,
    title: &'a str,
    content_html: &'a str,
    date_published: &'a str,
    date_modified: &'a str,
    language: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    authors: Vec<JsonAuthor<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<&'a str>,
}

fn write_json(renderer: &Renderer<'_>, feed: &Feed) -> String {
    let config = renderer.config;
    let house = renderer.set(config.publisher.name.as_ref().unwrap_or(&config.title));
    let items = feed.entries.iter().map(|entry| JsonItem {
        id: &entry.id,
        url: &entry.url,
        title: &entry.title,
        content_html: &entry.html,
        date_published: &entry.published,
        date_modified: &entry.updated,
        language: &entry.lang,
        authors: Some(entry.author.as_str())
            .filter(|name| !name.is_empty())
            .map(|name| JsonAuthor { name })
            .into_iter()
            .collect(),
        tags: entry.topics.iter().map(|(_, name)| name.as_str()).collect(),
    });
    let written = JsonFeed {
        version: "https://jsonfeed.org/version/1.1",
        title: &feed.title,
        description: &feed.subtitle,
        home_page_url: &feed.page,
        feed_url: &feed.own,
        icon: renderer.links.absolute(&Place::asset("icon.svg")),
        language: config.tag.as_str(),
        authors: [JsonAuthor { name: &house }],
        items: items.collect(),
    };
    let mut text = serde_json::to_string_pretty(&written).unwrap_or_default();
    text.push('\n');
    text
}
