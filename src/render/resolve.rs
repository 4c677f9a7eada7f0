//! Where links and pictures lead, on a page or in a mail.

use std::collections::HashMap;
use std::path::Path;
use std::sync::OnceLock;

use crate::images::{Copy, Gallery};
use crate::issue::Archive;
use crate::links::{Links, Place};
use crate::model::{Diagnostic, WebUrl, follow};

use super::markdown::{PictureLink, Resolve};
use super::notes::{self, Named, Notes};

/// For what a text is rendered.
#[derive(Debug, Clone, Hash)]
pub enum Edition {
    /// A page of the web edition: its links are relative, so that it can be read from disk.
    Web(Place),
    /// A page that is shown in the place of any other: its links start at the host.
    Anywhere,
    /// A feed: its links are absolute.
    Feed,
    /// A mail: its links are absolute.
    Mail,
}

/// The places of all items, articles and introductions, by file.
#[derive(Debug, Default)]
pub struct Addresses(HashMap<String, Place>);

impl Addresses {
    /// The places of an archive.
    pub fn new(archive: &Archive<'_>) -> Self {
        let mut places = HashMap::new();
        for issue in &archive.issues {
            for item in issue.items() {
                places.insert(item.entry.source.path().to_owned(), Place::item(issue.date, &item.entry.slug));
            }
            if let Some(introduction) = issue.introduction {
                places.insert(introduction.source.path().to_owned(), Place::issue(issue.date));
            }
        }
        for article in &archive.articles {
            let place = Place::article(article.date, &article.entry.slug);
            places.insert(article.entry.source.path().to_owned(), place);
        }
        for (key, thread) in archive.threads.iter() {
            if let Some(topic) = thread.topic {
                places.insert(topic.source.path().to_owned(), Place::topic(key));
            }
        }
        Self(places)
    }

    /// The place of what a file holds.
    pub(super) fn place(&self, file: &str) -> Option<&Place> {
        self.0.get(file)
    }
}

/// A digest of where something leads.
pub(super) fn leads(place: Option<impl std::hash::Hash>) -> u64 {
    notes::digest(place)
}

/// Resolves what one text names.
#[derive(Debug, Clone, Copy)]
pub(super) struct Resolver<'a> {
    pub(super) links: &'a Links,
    pub(super) gallery: &'a Gallery,
    pub(super) addresses: &'a OnceLock<Addresses>,
    pub(super) archive: &'a Archive<'a>,
    pub(super) notes: Option<&'a Notes>,
    pub(super) edition: &'a Edition,
    /// The file of the text, as messages name it.
    pub(super) path: &'a str,
    /// Its folder on disk.
    pub(super) folder: &'a Path,
}

/// How pictures of a text are fetched.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Loading {
    /// With the text.
    #[default]
    Eager,
    /// When the reader comes near.
    Lazy,
}

/// The width of a mail's text, in pixels.
const MAIL_COLUMN: u32 = 552;

impl Edition {
    /// The size at which a picture is shown, in pixels.
    pub(super) fn fit(&self, copy: &Copy) -> (u32, u32) {
        match self {
            Self::Mail if copy.width > MAIL_COLUMN => {
                (MAIL_COLUMN, (copy.height * MAIL_COLUMN + copy.width / 2) / copy.width)
            }
            _ => (copy.width, copy.height),
        }
    }

    pub(super) fn loading(&self) -> Loading {
        match self {
            Self::Mail => Loading::Eager,
            Self::Web(_) | Self::Anywhere | Self::Feed => Loading::Lazy,
        }
    }

    /// The address of a place, as this edition writes it.
    pub fn url(&self, place: &Place, links: &Links) -> String {
        match self {
            Self::Web(page) => page.to(place),
            Self::Anywhere => format!("{}{}", links.path(), place.as_str()),
            Self::Mail | Self::Feed => links.absolute(place),
        }
    }
}

impl Resolve for Resolver<'_> {
    fn link(&self, target: &str) -> Result<String, Diagnostic> {
        if let Some(path) = target.strip_prefix('/').filter(|path| !path.starts_with('/')) {
            return Ok(self.edition.url(&Place::path(path), self.links));
        }
        if target.starts_with("mailto:") || WebUrl::parse(target).is_ok() {
            return Ok(without_spaces(target));
        }
        if target.contains("://")
            || target.split(['/', '?', '#']).next().is_some_and(|head| head.contains(':'))
        {
            return Err(Diagnostic::error("link-scheme", format!("a link may not lead to `{target}`"))
                .hint("links start with https://, http:// or mailto:"));
        }
        let (file, _) = target.split_once('#').unwrap_or((target, ""));
        let addresses = self.addresses.get_or_init(|| Addresses::new(self.archive));
        let path = join(self.path, file);
        let place = path.as_ref().and_then(|path| addresses.place(path));
        if let (Some(notes), Some(path)) = (self.notes, path) {
            notes.named(Named::File(path), leads(place));
        }
        match place {
            Some(place) => Ok(self.edition.url(place, self.links)),
            None => Err(Diagnostic::error("link-nowhere", format!("the link `{target}` leads nowhere"))
                .hint("write https://… for the web, or the path of an item's file, ending in .md")),
        }
    }

    fn picture(&self, file: &str) -> Result<PictureLink, Diagnostic> {
        if file.contains("://") || file.starts_with("//") || file.starts_with("data:") {
            return Err(Diagnostic::error("remote-image", "a picture may not be fetched from elsewhere")
                .hint("save it beside the item and write its file name"));
        }
        // A picture that is missing has been reported where it was looked for.
        let missing = PictureLink { url: String::new(), width: 0, height: 0 };
        let original = self.folder.join(file);
        let copy = self.gallery.copy(&original);
        if let Some(notes) = self.notes {
            notes.named(Named::Picture(original.to_string_lossy().into_owned()), leads(copy));
        }
        Ok(copy.map_or(missing, |copy| PictureLink {
            url: self.edition.url(&Place::picture(&copy.name), self.links),
            width: self.edition.fit(copy).0,
            height: self.edition.fit(copy).1,
        }))
    }
}

/// An address that no program ends at a space, least of all one that reads plain text.
fn without_spaces(target: &str) -> String {
    if !target.contains(char::is_whitespace) {
        return target.to_owned();
    }
    let mut encoded = String::with_capacity(target.len() + 8);
    for letter in target.chars() {
        if letter.is_whitespace() {
            let mut bytes = [0; 4];
            let bytes = letter.encode_utf8(&mut bytes).bytes();
            encoded.extend(bytes.map(|byte| format!("%{byte:02X}")));
        } else {
            encoded.push(letter);
        }
    }
    encoded
}

/// The path of a file that another one names, both relative to the newsletter's root.
fn join(from: &str, target: &str) -> Option<String> {
    follow(from.rsplit_once('/').map_or("", |(folder, _)| folder), target)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_followed_from_the_file_that_names_it() {
        let from = "content/2018-06-08/a.md";
        assert_eq!(join(from, "../articles/b.md").as_deref(), Some("content/articles/b.md"));
        assert_eq!(join(from, "c.md").as_deref(), Some("content/2018-06-08/c.md"));
        assert_eq!(join(from, "../../../../x"), None);
    }
}
