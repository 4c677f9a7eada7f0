//! Which addresses of the web edition are taken, and by which file.

use std::collections::BTreeMap;

use crate::config::Project;
use crate::content::{self, Entry, Former};
use crate::model::{IssueDate, SitePath};

/// The addresses of a newsletter, each with the file whose it is.
#[derive(Debug, Clone, Default)]
pub struct Occupied(BTreeMap<String, String>);

/// First parts of addresses under which the design has its own pages.
const RESERVED: [&str; 10] = [
    "archive",
    "assets",
    "latest",
    "search",
    "topics",
    "weekly",
    "404.html",
    "feed.json",
    "feed.xml",
    "robots.txt",
];

impl Occupied {
    /// The addresses of what stands in a newsletter already.
    pub fn of(project: &Project) -> Self {
        let content = content::load(project, &mut Vec::new());
        let mut occupied = Self::default();
        for article in &content.articles {
            let file = article.entry.source.path();
            occupied.0.insert(place(article.date, article.entry.slug.as_str()), file.to_owned());
            occupied.former(&article.entry, file);
        }
        for item in &content.items {
            occupied.former(&item.entry, item.entry.source.path());
        }
        occupied
    }

    fn former(&mut self, entry: &Entry, file: &str) {
        for alias in &entry.aliases {
            let path = match (&alias.former, entry.date) {
                (Former::Path(path), _) => path.as_str().to_owned(),
                (Former::Slug(slug), Some(date)) => place(date, slug.as_str()),
                (Former::Slug(_), None) => continue,
            };
            self.0.entry(path).or_insert_with(|| file.to_owned());
        }
    }

    /// Whether an address is free for a file.
    pub(super) fn is_free(&self, path: &str, file: &str) -> bool {
        self.0.get(path).is_none_or(|owner| owner == file)
    }

    /// Takes an address for a file; says why it cannot have it.
    pub(super) fn take(&mut self, path: &SitePath, file: &str) -> Result<(), &'static str> {
        let path = path.as_str();
        let top = path.split('/').next().unwrap_or("");
        let day = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        let calendar = path.ends_with('/')
            && path.matches('/').count() <= 3
            && path.trim_end_matches('/').split('/').all(day);
        if RESERVED.contains(&top) || top.starts_with("sitemap") || calendar && top.len() == 4 {
            return Err("the newsletter has a page of its own there");
        }
        if !self.is_free(path, file) {
            return Err("it belongs to another post as well, which keeps it");
        }
        let below = format!("{path}/");
        let folder = !path.ends_with('/')
            && self.0.range(below.clone()..).next().is_some_and(|(next, _)| next.starts_with(&below));
        let inside =
            path.match_indices('/').any(|(at, _)| at + 1 < path.len() && self.0.contains_key(&path[..at]));
        if folder || inside {
            return Err("it would be a file and a folder at once");
        }
        self.0.insert(path.to_owned(), file.to_owned());
        Ok(())
    }

    /// A page stands there from now on.
    pub(super) fn stand(&mut self, path: &str, file: &str) {
        self.0.insert(path.to_owned(), file.to_owned());
    }
}

fn place(date: IssueDate, slug: &str) -> String {
    format!("{}/{slug}/", date.path())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_one_owner_and_the_design_keeps_its_own() {
        let mut occupied = Occupied::default();
        let mut take =
            |path: &str, file: &str| occupied.take(&SitePath::parse(path).expect("a path"), file).is_ok();
        assert!(take("/a/b.html", "a.md") && take("/a/b.html", "a.md"));
        for path in
            ["/a/b.html", "/a/b.html/c/", "/topics/x/", "/2018/06/", "/2018/06/08/", "/feed.xml/", "/search/"]
        {
            assert!(!take(path, "b.md"), "{path}");
        }
        assert!(take("/2018/06/08/x/", "b.md") && take("/blog/2018/", "b.md") && take("/12/", "b.md"));
    }
}
