//! Where a page is linked already: asked of an address before anybody has written about it.

use rayon::prelude::*;

use crate::config::Config;
use crate::content::{Content, Entry};
use crate::model::{IssueDate, WebUrl};

use super::canonical::{addresses, canonical};

/// A text that links a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Linked {
    /// Where it stands.
    pub place: Where,
    /// Its file, relative to the newsletter's folder.
    pub path: String,
}

/// Where a text stands; later is nearer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Where {
    /// It waits for an issue.
    Queue,
    /// It is the article of a day.
    Article(IssueDate),
    /// It stands in the issue of a day.
    Issue(IssueDate),
}

impl Where {
    fn day(self) -> Option<IssueDate> {
        match self {
            Self::Queue => None,
            Self::Article(date) | Self::Issue(date) => Some(date),
        }
    }
}

/// The newest text, drafts included, that links the page of one of these addresses, whatever the way it is written;
/// where there is none, one that waits. Front pages and the newsletter's own pages are no stories.
pub fn linked(content: &Content, config: &Config, urls: &[&WebUrl]) -> Option<Linked> {
    let own = config.base_url.bare_host();
    let pages: Vec<String> =
        urls.iter().filter(|url| url.bare_host() != own).filter_map(|url| canonical(url)).collect();
    if pages.is_empty() {
        return None;
    }
    let place = |entry: &Entry| entry.date.map_or(Where::Queue, Where::Issue);
    let items = content
        .items
        .par_iter()
        .map(Box::as_ref)
        .chain(&content.queue)
        .map(|item| (place(&item.entry), &item.entry));
    let articles = content.articles.par_iter().map(|article| (Where::Article(article.date), &article.entry));
    let found = items.chain(articles).filter(|(_, entry)| links(entry.source.text(), &pages));
    let newest = found.max_by_key(|(place, entry)| (place.day(), *place, entry.source.path().to_owned()));
    newest.map(|(place, entry)| Linked { place, path: entry.source.path().to_owned() })
}

fn links(text: &str, pages: &[String]) -> bool {
    let urls = addresses(text).into_iter().filter_map(|range| WebUrl::parse(&text[range]).ok());
    urls.filter_map(|url| canonical(&url)).any(|page| pages.contains(&page))
}
