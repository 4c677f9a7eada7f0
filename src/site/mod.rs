//! The web edition: which pages there are, and each of them as a file.
//!
//! Never knows: where files are written, mail.

pub mod card;
mod change;
mod feed;
mod head;
mod icon;
mod search;
mod sitemap;

use crate::config::{Config, Search};
use crate::content::Article;
use crate::issue::{Archive, Issue, Month, Redirect};
use crate::links::Place;
use crate::model::{Diagnostic, OutFile, Slot, Slug};
use crate::render::context::{FeedLink, HomePage, IssuePage, MovedPage, PageView, TopicsPage};
use crate::render::{Edition, Renderer, Stretch, is_long, words};

pub use search::{sketch as search_sketch, year as search_year, years as search_years};

/// A page of the web edition, or a file beside its pages, not yet rendered.
#[derive(Debug, Clone, Copy)]
pub enum Page<'a> {
    /// The first page.
    Home,
    /// The newest issue, at an address that stays.
    Latest(Slot),
    /// An issue or a digest.
    Issue(Slot),
    /// Its social card.
    Card(Slot),
    /// An article.
    Article(&'a Article),
    /// The list of topics.
    Topics,
    /// A topic.
    Topic(&'a Slug),
    /// One year of a topic that has long been followed.
    TopicYear(&'a Slug, i32),
    /// The Atom feed of a topic.
    TopicFeed(&'a Slug),
    /// The list of years.
    Archive,
    /// What had to be corrected.
    Corrections,
    /// All that appeared in a year.
    Year(i32),
    /// All that appeared in a month.
    Month(Month),
    /// What stands where something stood before.
    Moved(&'a Redirect),
    /// What is shown where nothing stands.
    Missing,
    /// The Atom feed.
    Atom,
    /// The JSON feed.
    JsonFeed,
    /// The addresses of all pages.
    Sitemap,
    /// A part of them, counted from 0, where they are very many.
    SitemapPart(usize),
    /// What robots may read.
    Robots,
    /// The small picture of a browser's tab.
    Icon,
    /// The search of the archive.
    Search,
    /// Its script.
    SearchScript,
    /// The stylesheet.
    Style,
}

/// How many issues the first page lists.
const RECENT: usize = 30;
/// How many digests and articles it lists.
const RECENT_OTHERS: usize = 8;
/// How many topics it names.
const MAIN_TOPICS: usize = 24;

impl Page<'_> {
    /// What the page is called from build to build.
    pub fn key(&self) -> String {
        match self {
            Self::Article(article) => format!("article {}", article.entry.source.path()),
            Self::Moved(redirect) => format!("moved {}", redirect.from.as_str()),
            other => format!("{other:?}"),
        }
    }
}

/// All pages of an archive.
pub fn pages<'a>(archive: &'a Archive<'a>, config: &Config) -> Vec<Page<'a>> {
    let mut pages = vec![
        Page::Home,
        Page::Style,
        Page::Icon,
        Page::Topics,
        Page::Archive,
        Page::Missing,
        Page::Atom,
        Page::JsonFeed,
        Page::Sitemap,
        Page::Robots,
    ];
    if config.theme.search == Search::Offered {
        pages.extend([Page::Search, Page::SearchScript]);
    }
    pages.extend(archive.issues.last().map(|issue| Page::Latest(issue.slot())));
    for issue in archive.issues.iter().chain(&archive.digests) {
        pages.extend([Page::Issue(issue.slot()), Page::Card(issue.slot())]);
    }
    pages.extend(archive.articles.iter().map(|article| Page::Article(article)));
    for (key, thread) in archive.threads.iter().filter(|(_, thread)| !thread.entries.is_empty()) {
        pages.extend([Page::Topic(key), Page::TopicFeed(key)]);
        if is_long(thread) {
            pages.extend(thread.years().into_iter().map(|year| Page::TopicYear(key, year)));
        }
    }
    pages.extend((!archive.errata.is_empty()).then_some(Page::Corrections));
    pages.extend(archive.years().into_iter().map(Page::Year));
    pages.extend(archive.months.iter().map(|month| Page::Month(*month)));
    pages.extend(archive.redirects.iter().map(Page::Moved));
    let parts = sitemap::parts(archive);
    pages.extend((0..parts).filter(|_| parts > 1).map(Page::SitemapPart));
    pages
}

/// A page as a file of `out/`; none where an issue has no card.
pub fn render(
    page: Page<'_>,
    renderer: &Renderer<'_>,
    findings: &mut Vec<Diagnostic>,
) -> Result<Option<OutFile>, Diagnostic> {
    let (archive, links) = (renderer.archive, &renderer.links);
    if let Page::Card(slot) = page {
        return Ok(card_file(renderer, slot));
    }
    let place = place(page, renderer);
    let sheet = Sheet { renderer, edition: Edition::Web(place.clone()), place: &place };
    let text = match page {
        Page::Home => sheet.home(),
        Page::Latest(slot) => sheet.issue(slot, Page::Latest(slot), findings),
        Page::Issue(slot) | Page::Card(slot) => sheet.issue(slot, Page::Issue(slot), findings),
        Page::Article(article) => sheet.article(article, findings),
        Page::Topics => sheet.topics(),
        Page::Topic(key) => sheet.topic(key, Stretch::Whole, findings),
        Page::TopicYear(key, year) => sheet.topic(key, Stretch::Year(year), findings),
        Page::TopicFeed(key) => match archive.thread(key) {
            Some((key, thread)) => feed::topic(renderer, key, thread).map(String::into_bytes),
            None => Err(gone(key)),
        },
        Page::Archive => {
            let title = words(renderer.config.language).archive.to_owned();
            sheet.fill("site/archive.html", title, renderer.archive_page(&sheet.edition))
        }
        Page::Corrections => sheet.corrections(),
        Page::Year(year) => {
            let view = renderer.year_page(year, &sheet.edition);
            let beside = |year: &Option<crate::render::context::YearLink>| {
                year.as_ref().map(|year| year.url.clone()).unwrap_or_default()
            };
            let (previous, next) = (beside(&view.previous), beside(&view.next));
            let mut page = sheet.page(year.to_string(), String::new(), view);
            (page.head.previous, page.head.next) = (previous, next);
            renderer.print("site/year.html", &page)
        }
        Page::Month(month) => sheet.month(month),
        Page::Moved(redirect) => {
            let target = sheet.edition.url(&redirect.to, links);
            let mut page = sheet.page(String::new(), String::new(), MovedPage { target });
            page.url = links.absolute(&redirect.to);
            renderer.print("site/moved.html", &page)
        }
        Page::Missing => sheet.missing(),
        Page::Atom => feed::atom(renderer).map(String::into_bytes),
        Page::JsonFeed => feed::json(renderer).map(String::into_bytes),
        Page::Sitemap => Ok(sitemap::whole(archive, links).into_bytes()),
        Page::SitemapPart(at) => Ok(sitemap::part(archive, links, at).into_bytes()),
        Page::Robots => Ok(sitemap::robots(links).into_bytes()),
        Page::Search => {
            let title = words(renderer.config.language).search.to_owned();
            sheet.fill("site/search.html", title, search::page(renderer, &sheet.edition))
        }
        Page::SearchScript => Ok(renderer.templates.text("site/search.js").to_owned().into_bytes()),
        Page::Icon => Ok(icon::svg(&renderer.config.title, &renderer.config.theme).into_bytes()),
        Page::Style => {
            let page = renderer.page(&place, &sheet.edition, sheet.newsletter(), String::new(), ());
            renderer.print("site/style.css", &page)
        }
    }?;
    Ok(Some(OutFile::new(format!("site/{}", place.file()), text)))
}

fn place(page: Page<'_>, renderer: &Renderer<'_>) -> Place {
    match page {
        Page::Home => Place::home(),
        Page::Latest(_) => Place::latest(),
        Page::Issue(slot) | Page::Card(slot) => {
            renderer.archive.issue(slot).map_or_else(Place::home, Issue::place)
        }
        Page::Article(article) => Place::article(article.date, &article.entry.slug),
        Page::Topics => Place::topics(),
        Page::Topic(key) => Place::topic(key),
        Page::TopicYear(key, year) => Place::topic_year(key, year),
        Page::TopicFeed(key) => Place::topic_feed(key),
        Page::Archive => Place::archive(),
        Page::Corrections => Place::corrections(),
        Page::Year(year) => Place::year(year),
        Page::Month(month) => Place::month(month.year, month.number),
        Page::Moved(redirect) => redirect.from.clone(),
        Page::Missing => Place::top("404.html"),
        Page::Atom => Place::top("feed.xml"),
        Page::JsonFeed => Place::top("feed.json"),
        Page::Sitemap => Place::top("sitemap.xml"),
        Page::SitemapPart(at) => Place::top(&sitemap::name(at)),
        Page::Robots => Place::top("robots.txt"),
        Page::Icon => Place::asset("icon.svg"),
        Page::Search => Place::search(),
        Page::SearchScript => Place::asset("search.js"),
        Page::Style => Place::asset("style.css"),
    }
}

fn card_file(renderer: &Renderer<'_>, slot: Slot) -> Option<OutFile> {
    let card = head::card(renderer, renderer.archive.issue(slot)?)?;
    let place = Place::card(&card.name(&slot.to_string()));
    // Its name holds a digest of what is drawn.
    let drawn = if renderer.prints() { card.draw()? } else { Vec::new() };
    Some(OutFile::new(format!("site/{}", place.as_str()), drawn))
}

fn gone(key: &Slug) -> Diagnostic {
    Diagnostic::error("topic", format!("the topic `{key}` is gone"))
}

/// One page being made.
struct Sheet<'s, 'a> {
    renderer: &'s Renderer<'a>,
    place: &'s Place,
    edition: Edition,
}

impl<'a> Sheet<'_, 'a> {
    fn newsletter(&self) -> String {
        self.renderer.title().to_owned()
    }

    fn page<T: serde::Serialize>(&self, title: String, description: String, own: T) -> PageView<T> {
        let newsletter = self.newsletter();
        let title = if title.is_empty() { newsletter } else { format!("{title} – {newsletter}") };
        self.renderer.page(self.place, &self.edition, title, description, own)
    }

    fn fill<T: serde::Serialize>(
        &self,
        template: &str,
        title: String,
        own: T,
    ) -> Result<Vec<u8>, Diagnostic> {
        self.renderer.print(template, &self.page(title, String::new(), own))
    }

    fn home(&self) -> Result<Vec<u8>, Diagnostic> {
        let (renderer, archive) = (self.renderer, self.renderer.archive);
        let issue = |issue: &Issue<'_>| renderer.issue_link(issue, &self.edition);
        let articles = archive.articles.iter().rev().take(RECENT_OTHERS);
        // What is to be said of an issue is said at its own address.
        let latest = archive.issues.last().map(|issue| renderer.issue(issue, &self.edition, &mut Vec::new()));
        let view = HomePage {
            latest,
            issues: archive.issues.iter().rev().take(RECENT + 1).map(issue).collect(),
            digests: archive.digests.iter().rev().take(RECENT_OTHERS).map(issue).collect(),
            articles: articles.map(|article| renderer.article_link(article, &self.edition)).collect(),
            topics: renderer.main_topics(MAIN_TOPICS, &self.edition),
        };
        let tagline = renderer.set(renderer.config.tagline.as_deref().unwrap_or_default());
        let mut page = self.page(String::new(), tagline, view);
        head::home(&mut page.head, renderer);
        renderer.print("site/index.html", &page)
    }

    fn issue(
        &self,
        slot: Slot,
        page: Page<'_>,
        findings: &mut Vec<Diagnostic>,
    ) -> Result<Vec<u8>, Diagnostic> {
        let renderer = self.renderer;
        let Some(found) = renderer.archive.issue(slot) else {
            return Err(Diagnostic::error("no-issue", format!("the issue of {slot} is gone")));
        };
        // What is to be said of an issue is said at its own address.
        let mut said = Vec::new();
        let latest = matches!(page, Page::Latest(_));
        let issue = renderer.issue(found, &self.edition, if latest { &mut said } else { findings });
        let (title, description) = (issue.long_date.clone(), issue.preheader.clone());
        let mut view = self.page(title, description, IssuePage { issue });
        view.url = renderer.links.absolute(&found.place());
        head::issue(&mut view.head, renderer, found, &view.own.issue);
        renderer.print("site/issue.html", &view)
    }

    fn article(&self, article: &Article, findings: &mut Vec<Diagnostic>) -> Result<Vec<u8>, Diagnostic> {
        let renderer = self.renderer;
        let own = renderer.article(article, &self.edition, findings);
        let (title, summary) = (own.article.title.clone(), own.article.summary.clone());
        let mut view = self.page(title, summary, own);
        head::article(&mut view.head, renderer, article, &view.own);
        renderer.print("site/article.html", &view)
    }

    fn topics(&self) -> Result<Vec<u8>, Diagnostic> {
        let view = TopicsPage { topics: self.renderer.topics(&self.edition) };
        let title = words(self.renderer.config.language).topics.to_owned();
        self.fill("site/topics.html", title, view)
    }

    fn topic(
        &self,
        key: &Slug,
        stretch: Stretch,
        findings: &mut Vec<Diagnostic>,
    ) -> Result<Vec<u8>, Diagnostic> {
        let renderer = self.renderer;
        let (key, thread) = renderer.archive.thread(key).ok_or_else(|| gone(key))?;
        let view = renderer.topic(key, thread, stretch, &self.edition, findings);
        let description = thread.topic.and_then(|topic| topic.description.as_deref()).unwrap_or_default();
        let (description, mut title) = (renderer.set(description), renderer.set(thread.name));
        if let Stretch::Year(year) = stretch {
            title = format!("{title}, {year}");
        }
        let feed = FeedLink { title: title.clone(), url: view.feed_url.clone() };
        let mut page = self.page(title, description, view);
        page.head.feed = Some(feed);
        renderer.print("site/topic.html", &page)
    }

    fn corrections(&self) -> Result<Vec<u8>, Diagnostic> {
        let words = words(self.renderer.config.language);
        let own = self.renderer.corrections_page(&self.edition);
        let mut page = self.page(words.corrections.to_owned(), words.corrections_more.to_owned(), own);
        head::corrections(&mut page.head, self.renderer, words.corrections);
        self.renderer.print("site/corrections.html", &page)
    }

    fn month(&self, month: Month) -> Result<Vec<u8>, Diagnostic> {
        let view = self.renderer.month_page(month, &self.edition);
        let beside = |link: &Option<crate::render::context::MonthLink>| {
            link.as_ref().map(|link| link.url.clone()).unwrap_or_default()
        };
        let (previous, next) = (beside(&view.previous), beside(&view.next));
        let mut page = self.page(view.month.link.heading.clone(), String::new(), view);
        (page.head.previous, page.head.next) = (previous, next);
        self.renderer.print("site/month.html", &page)
    }

    /// A server shows this page at any depth: its links start at the host.
    fn missing(&self) -> Result<Vec<u8>, Diagnostic> {
        let anywhere = Sheet { renderer: self.renderer, place: self.place, edition: Edition::Anywhere };
        let title = words(self.renderer.config.language).missing.to_owned();
        anywhere.fill("site/missing.html", title, ())
    }
}
