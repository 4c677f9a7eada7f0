//! What machines are told: which addresses there are and when each changed, and that all may be read.

use std::fmt::Write;

use crate::issue::{Archive, Month, Published};
use crate::links::{Links, Place};
use crate::model::IssueDate;
use crate::render::escape;

use super::change::Change;

/// The most addresses a sitemap may have (sitemaps.org).
const MOST: usize = 50_000;

/// How many sitemaps an archive needs.
pub(super) fn parts(archive: &Archive<'_>) -> usize {
    addresses(archive).len().div_ceil(MOST)
}

/// The sitemap, or the list of its parts where there are several.
pub(super) fn whole(archive: &Archive<'_>, links: &Links) -> String {
    index(&addresses(archive), links, MOST)
}

fn index(addresses: &[Address], links: &Links, most: usize) -> String {
    if addresses.len() <= most {
        return urls(addresses, links);
    }
    let parts = addresses.chunks(most).enumerate().map(|(at, part)| {
        let newest = part.iter().filter_map(|(_, date)| *date).max();
        (Place::top(&name(at)), newest)
    });
    listed("sitemapindex", "sitemap", &parts.collect::<Vec<_>>(), links)
}

/// A part of the sitemap, counted from 0.
pub(super) fn part(archive: &Archive<'_>, links: &Links, at: usize) -> String {
    urls(addresses(archive).chunks(MOST).nth(at).unwrap_or_default(), links)
}

/// The file of a part.
pub(super) fn name(at: usize) -> String {
    format!("sitemap-{}.xml", at + 1)
}

/// What robots may read: everything.
pub(super) fn robots(links: &Links) -> String {
    format!("User-agent: *\nDisallow:\n\nSitemap: {}\n", links.absolute(&Place::top("sitemap.xml")))
}

type Address = (Place, Option<IssueDate>);

fn urls(addresses: &[Address], links: &Links) -> String {
    listed("urlset", "url", addresses, links)
}

fn listed(list: &str, entry: &str, addresses: &[Address], links: &Links) -> String {
    let mut xml = String::with_capacity(addresses.len() * 110 + 200);
    let _ = write!(
        xml,
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<{list} xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n"
    );
    for (place, date) in addresses {
        let _ = write!(xml, "<{entry}><loc>{}</loc>", escape(&links.absolute(place)));
        if let Some(date) = date {
            let _ = write!(xml, "<lastmod>{date}</lastmod>");
        }
        let _ = writeln!(xml, "</{entry}>");
    }
    let _ = writeln!(xml, "</{list}>");
    xml
}

/// Every page that a search engine should know, and the day on which what it tells changed last.
fn addresses(archive: &Archive<'_>) -> Vec<Address> {
    let issue_day = |issue: &crate::issue::Issue<'_>| {
        issue
            .items()
            .map(|item| Change::of(Published::Item(item), issue.date).date)
            .fold(issue.date, IssueDate::max)
    };
    let newest = archive.issues.last().map(|issue| issue.date);
    let mut addresses: Vec<Address> =
        vec![(Place::home(), newest), (Place::archive(), newest), (Place::topics(), newest)];
    let corrected = archive.errata.last().map(|erratum| erratum.correction.date);
    addresses.extend(corrected.map(|date| (Place::corrections(), Some(date))));
    for issue in archive.issues.iter().chain(&archive.digests) {
        addresses.push((issue.place(), Some(issue_day(issue))));
    }
    for article in &archive.articles {
        let day = Change::of(Published::Article(article), article.date).date;
        addresses.push((Place::article(article.date, &article.entry.slug), Some(day)));
    }
    for (key, thread) in archive.threads.iter() {
        if let Some(last) = thread.entries.last() {
            addresses.push((Place::topic(key), Some(last.date)));
        }
    }
    addresses.extend(archive.years().into_iter().map(|year| (Place::year(year), None)));
    let month = |month: &Month| (Place::month(month.year, month.number), None);
    addresses.extend(archive.months.iter().map(month));
    addresses
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::WebUrl;

    #[test]
    fn too_many_addresses_for_one_map_are_listed_in_parts() {
        let links = Links::new(WebUrl::parse("https://daily.example/a&b/").expect("an address"));
        let day = |text: &str| Some(IssueDate::parse(text).expect("a date"));
        let addresses: Vec<Address> = vec![
            (Place::home(), day("2026-08-21")),
            (Place::archive(), day("2026-08-22")),
            (Place::topics(), None),
        ];
        let whole = index(&addresses, &links, 3);
        assert!(
            whole.contains("<loc>https://daily.example/a&amp;b/archive/</loc><lastmod>2026-08-22</lastmod>")
        );
        let parts = index(&addresses, &links, 2);
        assert!(parts.contains("<sitemap><loc>https://daily.example/a&amp;b/sitemap-1.xml</loc><lastmod>2026-08-22</lastmod></sitemap>"));
        assert!(parts.contains("<sitemap><loc>https://daily.example/a&amp;b/sitemap-2.xml</loc></sitemap>"));
    }
}
