//! What lists see: links to issues, items, articles and topics; threads by year; the archive by month.

use std::path::Path;

use crate::content::{Article, Entry, TextSetting};
use crate::issue::{self, Earlier, Issue, Month, Published, Thread};
use crate::links::Place;
use crate::model::{Diagnostic, IssueDate, Slug, spoken};

use super::Renderer;
use super::context::*;
use super::letter::capital;
use super::resolve::Edition;
use super::views::Text;

/// The most entries of a topic on one page; a longer thread has a page for each year.
const LONG_THREAD: usize = 200;
/// How many of them its first page shows then.
const NEWEST: usize = 50;

/// What of a thread a page shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stretch {
    /// All of it, or the newest of a long one.
    Whole,
    /// One year of it.
    Year(i32),
}

/// Whether a thread is so long that its years have pages of their own.
pub fn is_long(thread: &Thread<'_>) -> bool {
    thread.entries.len() > LONG_THREAD
}

impl Renderer<'_> {
    /// The page of a topic.
    pub fn topic(
        &self,
        key: &Slug,
        thread: &Thread<'_>,
        stretch: Stretch,
        edition: &Edition,
        findings: &mut Vec<Diagnostic>,
    ) -> TopicPage {
        let html = thread.topic.filter(|_| stretch == Stretch::Whole).map(|topic| {
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
        let long = is_long(thread);
        let entries = match stretch {
            Stretch::Whole => thread.entries.as_slice(),
            Stretch::Year(year) => thread.in_year(year),
        };
        let newest = if long && stretch == Stretch::Whole { NEWEST } else { usize::MAX };
        let mut years: Vec<YearView> = Vec::new();
        for earlier in entries.iter().rev().take(newest) {
            let year = earlier.date.year();
            if years.last().is_none_or(|last| last.year != year) {
                years.push(YearView { year, entries: Vec::new() });
            }
            if let Some(last) = years.last_mut() {
                last.entries.push(self.entry_link(earlier, edition));
            }
        }
        TopicPage {
            name: self.topic_name(key.as_str()),
            html: html.unwrap_or_default(),
            related: related.iter().filter_map(|key| self.topic_link(key, edition)).collect(),
            years,
            count: entries.len(),
            feed_url: edition.url(&Place::topic_feed(key), &self.links),
            topic_url: edition.url(&Place::topic(key), &self.links),
            year: if let Stretch::Year(year) = stretch { year } else { 0 },
            all_years: if long { self.thread_years(key, thread, edition) } else { Vec::new() },
        }
    }

    fn thread_years(&self, key: &Slug, thread: &Thread<'_>, edition: &Edition) -> Vec<YearLink> {
        let of = |year: i32| {
            let url = edition.url(&Place::topic_year(key, year), &self.links);
            YearLink { year, url, count: thread.in_year(year).len(), months: Vec::new() }
        };
        thread.years().into_iter().rev().map(of).collect()
    }

    /// All topics, by name.
    pub fn topics(&self, edition: &Edition) -> Vec<TopicLink> {
        let used = self.archive.threads.iter().filter(|(_, thread)| !thread.entries.is_empty());
        used.filter_map(|(key, _)| self.topic_link(key, edition)).collect()
    }

    /// The topics that come up most, by name.
    pub fn main_topics(&self, most: usize, edition: &Edition) -> Vec<TopicLink> {
        let mut topics = self.topics(edition);
        topics.sort_by_key(|topic| std::cmp::Reverse(topic.count));
        topics.truncate(most);
        topics.sort_by(|a, b| a.url.cmp(&b.url));
        topics
    }

    pub(super) fn topic_link(&self, key: &Slug, edition: &Edition) -> Option<TopicLink> {
        let (key, thread) = self.archive.thread(key)?;
        Some(TopicLink {
            name: self.topic_name(key.as_str()),
            url: edition.url(&Place::topic(key), &self.links),
            count: thread.entries.len(),
            description: self.topic_description(key.as_str()),
        })
    }

    /// A link to an issue, with the names of its items.
    pub fn issue_link(&self, issue: &Issue<'_>, edition: &Edition) -> IssueLink {
        let items = issue.items().map(|item| self.headline(item)).collect();
        IssueLink { items, ..self.issue_line(issue, edition) }
    }

    /// The same without them.
    pub fn issue_line(&self, issue: &Issue<'_>, edition: &Edition) -> IssueLink {
        IssueLink {
            date: issue.date.to_string(),
            long_date: self.set(&issue::name(issue, self.config)),
            number: issue.number,
            name: issue.lead.map(|lead| self.headline(lead)).unwrap_or_default(),
            url: edition.url(&issue.place(), &self.links),
            items: Vec::new(),
        }
    }

    /// A link to an item or an article.
    pub fn entry_link(&self, earlier: &Earlier<'_>, edition: &Edition) -> EntryLink {
        self.published_link(earlier.published, earlier.date, edition)
    }

    /// A link to an item or an article by its day.
    pub(super) fn published_link(
        &self,
        published: Published<'_>,
        date: IssueDate,
        edition: &Edition,
    ) -> EntryLink {
        match published {
            Published::Item(item) => {
                let place = Place::item(date, &item.entry.slug);
                self.link(self.headline(item), &place, "item", &item.entry, date, edition)
            }
            Published::Article(article) => self.article_link(article, edition),
        }
    }

    /// A link to an article.
    pub fn article_link(&self, article: &Article, edition: &Edition) -> EntryLink {
        let name = self.name_of(Published::Article(article));
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

    /// The list of years.
    pub fn archive_page(&self, edition: &Edition) -> ArchivePage {
        let years = self.archive.years().into_iter().rev();
        let years = years.map(|year| self.year_link(year, edition)).collect();
        ArchivePage { years, count: self.archive.issues.len() }
    }

    /// All that appeared in a year.
    pub fn year_page(&self, year: i32, edition: &Edition) -> YearPage {
        let years = self.archive.years();
        let at = years.partition_point(|other| *other < year);
        let link = |year: &i32| self.year_link(*year, edition);
        YearPage {
            year,
            months: self.months_of(year).map(|month| self.month(month, edition, Detail::Issues)).collect(),
            previous: at.checked_sub(1).and_then(|at| years.get(at)).map(link),
            next: years.get(at + 1).map(link),
        }
    }

    /// All that appeared in a month.
    pub fn month_page(&self, month: Month, edition: &Edition) -> MonthPage {
        let (previous, next) = self.archive.months_beside(month);
        let link = |month: Month| self.month_link(month, edition);
        MonthPage {
            month: self.month(month, edition, Detail::Items),
            previous: previous.map(link),
            next: next.map(link),
        }
    }

    fn months_of(&self, year: i32) -> impl Iterator<Item = Month> {
        self.archive.months.iter().copied().filter(move |month| month.year == year)
    }

    fn year_link(&self, year: i32, edition: &Edition) -> YearLink {
        let months: Vec<MonthLink> =
            self.months_of(year).map(|month| self.month_link(month, edition)).collect();
        YearLink {
            year,
            url: edition.url(&Place::year(year), &self.links),
            count: months.iter().map(|month| month.count).sum(),
            months,
        }
    }

    fn month_link(&self, month: Month, edition: &Edition) -> MonthLink {
        let name = spoken::month_name(month.number, self.config.language);
        MonthLink {
            name,
            year: month.year,
            heading: format!("{} {}", capital(name), month.year),
            url: edition.url(&Place::month(month.year, month.number), &self.links),
            count: self.archive.appeared(month).count(),
        }
    }

    fn month(&self, month: Month, edition: &Edition, detail: Detail) -> MonthView {
        let appeared = self.archive.appeared(month);
        let issue = |issue: &Issue<'_>| match detail {
            Detail::Items => self.issue_link(issue, edition),
            Detail::Issues => self.issue_line(issue, edition),
        };
        MonthView {
            link: self.month_link(month, edition),
            issues: appeared.issues.iter().map(issue).collect(),
            digests: appeared.digests.iter().map(|issue| self.issue_line(issue, edition)).collect(),
            articles: appeared.articles.iter().map(|article| self.article_link(article, edition)).collect(),
        }
    }
}

/// How much is said of each issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Detail {
    /// Its date and its lead.
    Issues,
    /// The names of its items too.
    Items,
}
