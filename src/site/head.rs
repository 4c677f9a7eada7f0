//! What the head of a page tells programs: neighbours, the picture of networks, and what the page is, as JSON-LD.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use memchr::{memchr3, memmem};
use serde::Serialize;
use serde_json::{Value, json};

use crate::config::Cards;
use crate::content::Article;
use crate::issue::{Erratum, Issue, Published};
use crate::links::Place;
use crate::model::{IssueKind, LanguageTag, sha256_bytes};
use crate::render::Renderer;
use crate::render::context::{ArticlePage, EntryView, HeadView, ImageView, IssueView, PartView};

use super::card::{Card, SIZE};
use super::change::{Change, moment, moment_of};

/// The card of an issue.
pub(super) fn card(renderer: &Renderer<'_>, issue: &Issue<'_>) -> Option<Card> {
    let theme = &renderer.config.theme;
    if theme.cards == Cards::Off {
        return None;
    }
    let title = renderer.title();
    let date = renderer.heading(issue);
    let lead = issue.lead.map(|lead| renderer.headline(lead)).unwrap_or_default();
    Card::new(title, &date, &lead, theme.ink, theme.accent)
}

/// The card of an issue as the head of a page names it.
pub(super) fn card_view(renderer: &Renderer<'_>, issue: &Issue<'_>) -> Option<ImageView> {
    let card = card(renderer, issue)?;
    let place = Place::card(&card.name(&issue.slot().to_string()));
    Some(ImageView {
        url: renderer.links.absolute(&place),
        width: SIZE.0,
        height: SIZE.1,
        alt: renderer.heading(issue),
        caption: String::new(),
        credit: String::new(),
    })
}

/// Completes the head of an issue's page.
pub(super) fn issue(head: &mut HeadView, renderer: &Renderer<'_>, issue: &Issue<'_>, view: &IssueView) {
    head.kind = "article";
    head.published = moment(renderer.config, issue.date);
    head.card = card_view(renderer, issue);
    head.previous = view.previous.as_ref().map(|link| link.url.clone()).unwrap_or_default();
    head.next = view.next.as_ref().map(|link| link.url.clone()).unwrap_or_default();
    let url = renderer.links.absolute(&issue.place());
    let items = view.parts.iter().flat_map(|part| match part {
        PartView::Section { items, .. } => items.as_slice(),
        PartView::Block(_) => &[],
    });
    let data = IssueData {
        context: "https://schema.org",
        id: &url,
        of: "PublicationIssue",
        published: &head.published,
        description: &view.preheader,
        parts: items.map(|item| PartData::of(item, renderer)).collect(),
        image: head.card.as_ref().map(|card| card.url.as_str()),
        language: renderer.config.tag.as_str(),
        periodical: periodical(renderer),
        number: match issue.kind {
            IssueKind::Weekly => json!(issue.slot().to_string()),
            IssueKind::Daily => json!(issue.number),
        },
        name: &view.heading,
        publisher: publisher(renderer),
        url: &url,
    };
    let data = written(&data);
    tell(head, data);
}

/// An issue as it is told. There are many of them: what is told once is put together with less ado.
#[derive(Serialize)]
struct IssueData<'d> {
    #[serde(rename = "@context")]
    context: &'static str,
    #[serde(rename = "@id")]
    id: &'d str,
    #[serde(rename = "@type")]
    of: &'static str,
    #[serde(rename = "datePublished")]
    published: &'d str,
    description: &'d str,
    #[serde(rename = "hasPart")]
    parts: Vec<PartData<'d>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<&'d str>,
    #[serde(rename = "inLanguage")]
    language: &'d str,
    #[serde(rename = "isPartOf")]
    periodical: Value,
    #[serde(rename = "issueNumber")]
    number: Value,
    name: &'d str,
    publisher: Value,
    url: &'d str,
}

/// An item as a part of its issue.
#[derive(Serialize)]
struct PartData<'d> {
    #[serde(rename = "@type")]
    of: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    author: Option<Value>,
    #[serde(rename = "datePublished")]
    published: &'d str,
    headline: &'d str,
    url: String,
}

impl<'d> PartData<'d> {
    fn of(item: &'d EntryView, renderer: &Renderer<'_>) -> Self {
        let author = (!item.author.is_empty()).then(|| json!({"@type": "Person", "name": item.author}));
        let url = match item.url.rsplit_once('#') {
            // An item's address on its own page is relative; here it has to stand by itself.
            Some((_, slug)) => [renderer.links.base(), &item.date.replace('-', "/"), "/#", slug].concat(),
            None => item.url.clone(),
        };
        Self { of: "NewsArticle", author, published: &item.date, headline: &item.name, url }
    }
}

/// Completes the head of an article's page.
pub(super) fn article(head: &mut HeadView, renderer: &Renderer<'_>, article: &Article, view: &ArticlePage) {
    let (config, entry) = (renderer.config, &view.article);
    head.kind = "article";
    head.published = moment(config, article.date);
    if !article.entry.corrections.is_empty() {
        head.modified = moment_of(config, Change::of(Published::Article(article), article.date));
    }
    let url = renderer.links.absolute(&Place::article(article.date, &article.entry.slug));
    head.card = renderer.picture(&article.entry).map(|picture| ImageView {
        alt: entry.image.as_ref().map(|image| image.alt.clone()).unwrap_or_default(),
        ..picture
    });
    let lang = article.entry.lang.as_ref().map_or(config.tag.as_str(), LanguageTag::as_str);
    let author = if entry.author.is_empty() {
        publisher(renderer)
    } else {
        json!({"@type": "Person", "name": entry.author})
    };
    let mut data = json!({
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "@id": url,
        "mainEntityOfPage": url,
        "headline": entry.name,
        "description": entry.summary,
        "datePublished": head.published,
        "dateModified": if head.modified.is_empty() { &head.published } else { &head.modified },
        "inLanguage": lang,
        "author": author,
        "publisher": publisher(renderer),
        "isPartOf": periodical(renderer),
        "keywords": entry.topics.iter().map(|topic| topic.name.as_str()).collect::<Vec<_>>(),
    });
    if let Some(card) = &head.card {
        data["image"] = json!(card.url);
    }
    tell(head, written(&data));
}

/// Completes the head of the page that lists what had to be corrected.
pub(super) fn corrections(head: &mut HeadView, renderer: &Renderer<'_>, name: &str) {
    let url = renderer.links.absolute(&Place::corrections());
    let parts: Vec<Value> =
        renderer.archive.errata.iter().rev().map(|erratum| corrected(renderer, erratum)).collect();
    let data = json!({
        "@context": "https://schema.org",
        "@type": "CollectionPage",
        "@id": url,
        "url": url,
        "name": name,
        "inLanguage": renderer.config.tag.as_str(),
        "isPartOf": periodical(renderer),
        "publisher": publisher(renderer),
        "hasPart": parts,
    });
    tell(head, written(&data));
}

/// An item or an article with one of its corrections.
fn corrected(renderer: &Renderer<'_>, erratum: &Erratum<'_>) -> Value {
    let (entry, date) = (erratum.published.entry(), erratum.date);
    json!({
        "@type": "NewsArticle",
        "headline": renderer.name_of(erratum.published),
        "url": renderer.links.absolute(&erratum.published.place(date)),
        "datePublished": date.to_string(),
        "correction": {
            "@type": "CorrectionComment",
            "datePublished": erratum.correction.date.to_string(),
            "text": renderer.set_of(entry, &erratum.correction.text),
        },
    })
}

/// The newsletter itself.
pub(super) fn home(head: &mut HeadView, renderer: &Renderer<'_>) {
    let mut data = periodical(renderer);
    data["@context"] = json!("https://schema.org");
    data["inLanguage"] = json!(renderer.config.tag.as_str());
    data["publisher"] = publisher(renderer);
    if let Some(tagline) = &renderer.config.tagline {
        data["description"] = json!(renderer.set(tagline));
    }
    head.card = renderer.archive.issues.last().and_then(|issue| card_view(renderer, issue));
    tell(head, written(&data));
}

fn periodical(renderer: &Renderer<'_>) -> Value {
    let base = renderer.links.base();
    json!({"@type": "Periodical", "@id": base, "name": renderer.title(), "url": base})
}

fn publisher(renderer: &Renderer<'_>) -> Value {
    let config = renderer.config;
    let name = config.publisher.name.as_ref().unwrap_or(&config.title);
    json!({"@type": "Organization", "name": renderer.set(name), "url": renderer.links.base()})
}

/// Puts data into the head, and their fingerprint into the policy. No browser asks the policy about a data block (HTML,
/// section 4.12.1.1), but checkers of pages do.
fn tell(head: &mut HeadView, json: String) {
    head.data = script_safe(json);
    let digest = STANDARD.encode(sha256_bytes(head.data.as_bytes()));
    head.policy = head.policy.replace("script-src 'self'", &format!("script-src 'self' 'sha256-{digest}'"));
}

fn written(data: &impl Serialize) -> String {
    // Nothing that is told fails to be written.
    serde_json::to_string(data).unwrap_or_default()
}

/// JSON that no script element is ended by, whatever texts it holds.
fn script_safe(json: String) -> String {
    let parts = |part: &str| memmem::find(json.as_bytes(), part.as_bytes()).is_some();
    if memchr3(b'<', b'>', b'&', json.as_bytes()).is_none() && !parts("\u{2028}") && !parts("\u{2029}") {
        return json;
    }
    let mut safe = String::with_capacity(json.len() + json.len() / 16);
    let mut start = 0;
    for (at, found) in json.match_indices(['<', '>', '&', '\u{2028}', '\u{2029}']) {
        safe.push_str(&json[start..at]);
        safe.push_str(match found {
            "<" => "\\u003c",
            ">" => "\\u003e",
            "&" => "\\u0026",
            "\u{2028}" => "\\u2028",
            _ => "\\u2029",
        });
        start = at + found.len();
    }
    safe.push_str(&json[start..]);
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_ends_the_script_it_stands_in() {
        let data = json!({"name": "</script><!--<script>\u{2028}&"});
        let safe = script_safe(written(&data));
        assert!(!safe.contains(['<', '>', '&', '\u{2028}']), "{safe}");
        assert_eq!(serde_json::from_str::<Value>(&safe).expect("JSON"), data);
    }
}
