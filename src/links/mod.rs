//! Every public address of the web edition, made in one place.
//!
//! Never knows: what stands at an address.

mod token;

use crate::model::{IssueDate, SitePath, Slug, WebUrl};

pub use token::{
    Claim, MESSAGE_ID_LENGTH, PREFERENCES_SLOT, Purpose, ReaderId, ReaderToken, SHORT_LIVED, SecretTooShort,
    TOKEN_LENGTH, TokenKey, UNSUBSCRIBE_SLOT,
};

/// The addresses of one newsletter.
#[derive(Debug, Clone)]
pub struct Links {
    base: WebUrl,
}

/// A place in the web edition: a path without a leading slash; folders end in `/`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place(String);

impl Place {
    /// The first page.
    pub fn home() -> Self {
        Self(String::new())
    }

    /// The newest issue, whichever it is.
    pub fn latest() -> Self {
        Self("latest/".to_owned())
    }

    /// The page of an issue.
    pub fn issue(date: IssueDate) -> Self {
        Self(date.path_and(&["/"]))
    }

    /// The page of a week's digest, by the day that ends the week.
    pub fn digest(date: IssueDate) -> Self {
        Self(format!("weekly/{}/", date.path()))
    }

    /// An item, on the page of its issue.
    pub fn item(date: IssueDate, slug: &Slug) -> Self {
        Self(date.path_and(&["/#", slug.as_str()]))
    }

    /// The page of an article.
    pub fn article(date: IssueDate, slug: &Slug) -> Self {
        Self(date.path_and(&["/", slug.as_str(), "/"]))
    }

    /// The list of topics.
    pub fn topics() -> Self {
        Self("topics/".to_owned())
    }

    /// The page of a topic.
    pub fn topic(key: &Slug) -> Self {
        Self(["topics/", key.as_str(), "/"].concat())
    }

    /// The part of a topic's thread that is of one year.
    pub fn topic_year(key: &Slug, year: i32) -> Self {
        Self(format!("topics/{key}/{year:04}/"))
    }

    /// The feed of a topic.
    pub fn topic_feed(key: &Slug) -> Self {
        Self(format!("topics/{key}/feed.xml"))
    }

    /// The list of years.
    pub fn archive() -> Self {
        Self("archive/".to_owned())
    }

    /// What had to be corrected.
    pub fn corrections() -> Self {
        Self("corrections/".to_owned())
    }

    /// All that appeared in a year.
    pub fn year(year: i32) -> Self {
        Self(format!("{year:04}/"))
    }

    /// All that appeared in a month, 1 to 12.
    pub fn month(year: i32, month: u32) -> Self {
        Self(format!("{year:04}/{month:02}/"))
    }

    /// A file beside the first page: a feed, the sitemap.
    pub fn top(name: &str) -> Self {
        Self(name.to_owned())
    }

    /// A social card.
    pub fn card(name: &str) -> Self {
        Self(format!("assets/cards/{name}"))
    }

    /// Where something stood before.
    pub fn former(path: &SitePath) -> Self {
        Self(path.as_str().to_owned())
    }

    /// Whether a page or a folder of the design stands there, whatever the newsletter holds.
    pub fn is_reserved(&self) -> bool {
        const FOLDERS: [&str; 3] = ["assets/", "search/", "weekly/"];
        const PAGES: [&str; 4] = ["archive/", "corrections/", "latest/", "topics/"];
        const FILES: [&str; 4] = ["404.html", "feed.json", "feed.xml", "robots.txt"];
        let (path, top) = (self.0.as_str(), self.0.split('/').next().unwrap_or(""));
        FOLDERS.iter().any(|folder| path.starts_with(folder))
            || PAGES.contains(&path)
            || FILES.contains(&top)
            || top.starts_with("sitemap") && top.ends_with(".xml")
    }

    /// Any path under the first page, as an editor wrote it.
    pub fn path(path: &str) -> Self {
        Self(path.to_owned())
    }

    /// The page that searches the archive.
    pub fn search() -> Self {
        Self("search/".to_owned())
    }

    /// A picture.
    pub fn picture(name: &str) -> Self {
        Self(format!("assets/img/{name}"))
    }

    /// A stylesheet or another file of the design.
    pub fn asset(name: &str) -> Self {
        Self(format!("assets/{name}"))
    }

    /// The path, without a leading slash.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The file that holds the page, relative to the site's folder.
    pub fn file(&self) -> String {
        let path = self.0.split('#').next().unwrap_or("");
        if path.is_empty() || path.ends_with('/') { format!("{path}index.html") } else { path.to_owned() }
    }

    /// The way from this page back to the first one: `../../../`, or `./`.
    pub fn root(&self) -> String {
        match self.depth() {
            0 => "./".to_owned(),
            depth => "../".repeat(depth),
        }
    }

    /// The way from this page to another place.
    pub fn to(&self, place: &Self) -> String {
        const UP: &str = "../../../../../../";
        let depth = self.depth();
        let root = UP.get(..depth * 3).filter(|_| depth > 0);
        match root {
            Some(up) => [up, &place.0].concat(),
            None => format!("{}{}", self.root(), place.0),
        }
    }

    /// How many folders the page lies in.
    fn depth(&self) -> usize {
        self.0.bytes().take_while(|byte| *byte != b'#').filter(|byte| *byte == b'/').count()
    }
}

impl Links {
    /// The addresses under the base of the settings, which ends in `/`.
    pub fn new(base: WebUrl) -> Self {
        Self { base }
    }

    /// The full address of a place.
    pub fn absolute(&self, place: &Place) -> String {
        format!("{}{}", self.base.as_str(), place.0)
    }

    /// The full address of the first page.
    pub fn base(&self) -> &str {
        self.base.as_str()
    }

    /// The address of the first page without its host, `/` at least.
    pub fn path(&self) -> &str {
        self.base.path()
    }

    /// What feeds know something by, for ever (RFC 4151): its kind, and the day and the name it first had.
    pub fn tag(&self, kind: &str, date: IssueDate, slug: &Slug) -> String {
        format!("tag:{},{date}:{}{kind}/{slug}", self.base.host(), self.base.path().trim_start_matches('/'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_knows_its_file_and_the_way_back() {
        let date = IssueDate::parse("2018-06-08").expect("a date");
        assert_eq!(Place::home().file(), "index.html");
        assert_eq!(Place::home().root(), "./");
        assert_eq!(Place::issue(date).file(), "2018/06/08/index.html");
        assert_eq!(Place::issue(date).root(), "../../../");
        let slug = Slug::parse("google").expect("a slug");
        assert_eq!(Place::item(date, &slug).file(), "2018/06/08/index.html");
        assert_eq!(Place::issue(date).to(&Place::topics()), "../../../topics/");
        assert_eq!(Place::home().to(&Place::latest()), "./latest/");
        assert_eq!(Place::path("a/b/c/d/e/f/g/").to(&Place::home()), "../../../../../../../");
    }
}
