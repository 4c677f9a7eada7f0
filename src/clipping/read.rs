//! From the bytes of a page to a clipping: a pure step.

use chrono_tz::Tz;

use crate::check::{is_front_page, without_tracking};
use crate::content::one_line;
use crate::model::{IssueDate, LanguageTag, WebUrl};

use super::Clipping;
use super::charset::decode;
use super::day::day;
use super::facts::{Facts, plain, twice_escaped};
use super::linked_data::Article;
use super::title::{names_of, without_site};

/// A page as a server gave it.
#[derive(Debug, Clone, Copy)]
pub struct Answer<'a> {
    /// What it holds.
    pub bytes: &'a [u8],
    /// What the server says it is, and in which encoding.
    pub kind: Option<&'a str>,
    /// In which language, as the server says.
    pub language: Option<&'a str>,
    /// Where it was found in the end.
    pub url: &'a WebUrl,
    /// Where a moment in UTC has its day.
    pub zone: Tz,
    /// The day on which it was read: nothing that was published is of a later one, a time zone apart.
    pub today: IssueDate,
}

/// The longest headline, in characters. A longer one is no headline, and is cut between two words.
const LONGEST_TITLE: usize = 200;
/// The longest name of a site.
const LONGEST_NAME: usize = 80;

/// Reads what a page says of itself. No page is too broken; nothing of it is longer than a line.
pub fn read(answer: &Answer<'_>) -> Clipping {
    let facts = Facts::of(&decode(answer.bytes, answer.kind));
    let article = Article::of(&facts.scripts);
    let host = answer.url.host();
    let name = ["og:site_name", "application-name"].map(|name| facts.meta(name).and_then(line));
    let publisher = article.publisher.as_deref().map(plain).as_deref().and_then(line);
    let names = name.iter().flatten().chain(&publisher).map(String::as_str);
    let names: Vec<&str> = names.chain(names_of(host)).collect();
    let title = title(&facts, &article).map(|title| shortened(&without_site(&title, &names), LONGEST_TITLE));
    let [site, application] = &name;
    let site = site.as_ref().or(publisher.as_ref()).or(application.as_ref()).filter(|name| is_name(name));
    Clipping {
        title,
        site: site.map_or_else(|| host_name(host).to_owned(), |name| shortened(name, LONGEST_NAME)),
        url: address(&facts, answer.url),
        language: language(&facts, &article, answer.language),
        published: published(&facts, &article, answer),
    }
}

impl Clipping {
    /// What an address says by itself, where nobody can or will ask for the page.
    pub fn of_address(url: &WebUrl) -> Self {
        let site = host_name(url.host()).to_owned();
        Self { title: None, site, url: clean(url), language: None, published: None }
    }
}

/// A host, or a host and its port, as readers know it: whatever the edition for telephones.
fn host_name(host: &str) -> &str {
    let first = ["www.", "m.", "mobile.", "amp."].iter().find_map(|first| host.strip_prefix(first));
    first.filter(|rest| rest.contains('.')).unwrap_or(host)
}

/// An address is no name.
fn is_name(text: &str) -> bool {
    !text.contains("://") && text.chars().any(char::is_alphanumeric)
}

/// A line with a letter or a digit at least. Some programs write entities of entities: `&amp;#39;`.
fn line(text: &str) -> Option<String> {
    let line = one_line(&twice_escaped(text));
    line.chars().any(char::is_alphanumeric).then_some(line)
}

fn title(facts: &Facts, article: &Article) -> Option<String> {
    let metas = ["og:title", "twitter:title"].into_iter().filter_map(|name| facts.meta(name).and_then(line));
    let headline = article.headline.as_deref().map(plain);
    let mut all = metas
        .chain(line(&facts.title))
        .chain(headline.as_deref().and_then(line))
        .chain(facts.meta("citation_title").and_then(line))
        .chain(line(&facts.heading));
    all.next()
}

/// A text of so many characters at most, cut between two words.
fn shortened(text: &str, most: usize) -> String {
    let Some((end, _)) = text.char_indices().nth(most) else { return text.to_owned() };
    let kept = &text[..end];
    // Where a word is as long as all that, it is cut itself.
    let kept =
        kept.rsplit_once(' ').map_or(kept, |(before, _)| if before.len() * 2 > end { before } else { kept });
    format!("{}…", kept.trim_end_matches([' ', ',', ';', ':', '.', '-', '–', '—']))
}

/// The address that the page calls its own, if it is one of the same site. A story whose page calls itself the front
/// page has a template that is wrong.
fn address(facts: &Facts, url: &WebUrl) -> WebUrl {
    let base = facts.base.as_deref().and_then(|base| url.join(base).ok());
    let base = base.as_ref().unwrap_or(url);
    let own = [facts.canonical.as_deref(), facts.meta("og:url")];
    let site = |url: &WebUrl| host_name(url.authority()).to_owned();
    let mut own = own.into_iter().flatten().filter_map(|own| base.join(own.trim()).ok());
    let own = own.find(|own| site(own) == site(url) && (!is_front_page(own) || is_front_page(url)));
    clean(&own.map_or_else(|| url.clone(), |own| encrypted(own, url)))
}

/// A page that came encrypted is not linked without: many templates still write http.
fn encrypted(own: WebUrl, url: &WebUrl) -> WebUrl {
    let rest = own.as_str().strip_prefix("http://").filter(|_| url.as_str().starts_with("https://"));
    rest.and_then(|rest| WebUrl::parse(&format!("https://{rest}")).ok()).unwrap_or(own)
}

/// An address without what tracks.
fn clean(url: &WebUrl) -> WebUrl {
    let clean = without_tracking(url.as_str()).and_then(|clean| WebUrl::parse(&clean).ok());
    clean.unwrap_or_else(|| url.clone())
}

fn language(facts: &Facts, article: &Article, header: Option<&str>) -> Option<LanguageTag> {
    let said = [
        facts.language.as_deref(),
        facts.meta("og:locale"),
        facts.meta("http-equiv:content-language"),
        article.language.as_deref(),
        header,
    ];
    said.into_iter().flatten().find_map(tag)
}

/// A tag as pages write it, `fr_FR` too; the first of several; none that names no language.
fn tag(text: &str) -> Option<LanguageTag> {
    let first = text.split([',', ';', ' ', '.']).find(|part| !part.is_empty())?;
    let tag = LanguageTag::parse(&first.replace('_', "-")).ok()?;
    (!["und", "mul", "zxx", "mis"].contains(&tag.primary().as_str())).then_some(tag)
}

fn published(facts: &Facts, article: &Article, answer: &Answer<'_>) -> Option<IssueDate> {
    const METAS: [&str; 9] = [
        "article:published_time",
        "og:article:published_time",
        "datepublished",
        "citation_publication_date",
        "parsely-pub-date",
        "dc.date.issued",
        "dcterms.issued",
        "dc.date",
        "date",
    ];
    let (first, others) = METAS.split_at(1);
    let meta = |name: &&str| facts.meta(name);
    let tomorrow = answer.today.day().succ_opt().map_or(answer.today, IssueDate::from);
    let said = first.iter().filter_map(meta).chain(article.published.as_deref());
    said.chain(others.iter().filter_map(meta))
        .chain(facts.time.as_deref())
        .find_map(|text| day(text, answer.zone).filter(|day| *day <= tomorrow))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_headline_is_cut_between_two_words() {
        assert_eq!(shortened("Un titre court", 20), "Un titre court");
        assert_eq!(shortened("Un titre, beaucoup trop long", 12), "Un titre…");
        assert_eq!(shortened(&"é".repeat(30), 10), format!("{}…", "é".repeat(10)));
    }

    #[test]
    fn a_language_is_one() {
        let read = |text: &str| tag(text).map(|tag| tag.to_string());
        for (text, found) in [("fr_FR", "fr-FR"), ("en-GB, fr", "en-GB"), ("de.UTF-8", "de"), (" ar ", "ar")]
        {
            assert_eq!(read(text).as_deref(), Some(found));
        }
        for text in ["", "und", "french", "x-default", "en\" onload=\""] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
