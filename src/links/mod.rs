//! Every public address of the web edition, made in one place.
//!
//! Never knows: what stands at an address.

mod token;

use crate::model::{IssueDate, Slug, WebUrl};

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
        Self(format!("{}/", date.path()))
    }

    /// The page of a week's digest, by the day that ends the week.
    pub fn digest(date: IssueDate) -> Self {
        Self(format!("weekly/{}/", date.path()))
    }

    /// An item, on the page of its issue.
    pub fn item(date: IssueDate, slug: &Slug) -> Self {
        Self(format!("{}/#{slug}", date.path()))
    }

    /// The page of an article.
    pub fn article(date: IssueDate, slug: &Slug) -> Self {
        Self(format!("{}/{slug}/", date.path()))
    }

    /// The list of topics.
    pub fn topics() -> Self {
        Self("topics/".to_owned())
    }

    /// The page of a topic.
    pub fn topic(key: &Slug) -> Self {
        Self(format!("topics/{key}/"))
    }

    /// Any path under the first page, as an editor wrote it.
    pub fn path(path: &str) -> Self {
        Self(path.to_owned())
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
        match self.file().matches('/').count() {
            0 => "./".to_owned(),
            depth => "../".repeat(depth),
        }
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
    }
}
