//! Paths of the web edition as an editor writes them: addresses at which something stood before.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, de};
use thiserror::Error;

use super::{IssueDate, Slug};

/// A path under the first page: never empty, without a leading slash, out of which no part leads. It names a page
/// as a file (`old.html`) or as a folder, and then ends in `/`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct SitePath(String);

/// Why a text is no such path.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SitePathError {
    /// It is an address of its own, not a path of this site.
    #[error("`{0}` is not a path of this site")]
    Elsewhere(String),
    /// A part of it is empty, `.` or `..`, or longer than a file's name may be.
    #[error("`{0}` leaves the site")]
    Leaves(String),
    /// It holds `?`, `#`, a backslash or a character that is no text.
    #[error("`{text}` holds {character:?}, which no file of a site may be called by")]
    Character {
        /// What was written.
        text: String,
        /// What it holds.
        character: char,
    },
    /// Its escapes spell no text.
    #[error("the escapes of `{0}` are not UTF-8")]
    Escapes(String),
    /// It is the first page.
    #[error("`{0}` is the first page itself")]
    Home(String),
}

/// The endings of files that are pages; whatever else a path ends in is the name of a folder.
const PAGES: [&str; 9] = ["html", "htm", "xhtml", "shtml", "php", "asp", "aspx", "jsp", "cfm"];
/// The most bytes a part of a path may have.
const LONGEST: usize = 240;

impl SitePath {
    /// Reads a path that starts with `/`. Escapes are read too: servers look for the file of the plain name.
    pub fn parse(text: &str) -> Result<Self, SitePathError> {
        let Some(path) = text.strip_prefix('/').filter(|path| !path.starts_with('/')) else {
            return Err(SitePathError::Elsewhere(text.to_owned()));
        };
        let path = unescape(path).ok_or_else(|| SitePathError::Escapes(text.to_owned()))?;
        let illegal = |character: &char| matches!(character, '?' | '#' | '\\') || character.is_control();
        if let Some(character) = path.chars().find(illegal) {
            return Err(SitePathError::Character { text: text.to_owned(), character });
        }
        let path = path
            .strip_suffix("index.html")
            .filter(|rest| rest.is_empty() || rest.ends_with('/'))
            .unwrap_or(&path);
        let inner = path.strip_suffix('/').unwrap_or(path);
        if inner.is_empty() {
            return Err(SitePathError::Home(text.to_owned()));
        }
        let leaves = |part: &str| matches!(part, "" | "." | "..") || part.len() > LONGEST;
        if inner.split('/').any(leaves) {
            return Err(SitePathError::Leaves(text.to_owned()));
        }
        let ending =
            inner.rsplit('/').next().and_then(|name| name.rsplit_once('.')).map(|(_, ending)| ending);
        let page = ending.is_some_and(|ending| PAGES.iter().any(|known| known.eq_ignore_ascii_case(ending)));
        Ok(Self(if page && inner == path { path.to_owned() } else { format!("{inner}/") }))
    }

    /// The day and the name of what stands at a path like `2014/05/12/old-title/`.
    pub fn dated(&self) -> Option<(IssueDate, Slug)> {
        let (day, name) = self.0.strip_suffix('/')?.rsplit_once('/')?;
        let date = IssueDate::parse(&day.replace('/', "-")).ok().filter(|date| date.path() == day)?;
        Some((date, Slug::parse(name).ok()?))
    }

    /// The path, without a leading slash.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SitePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "/{}", self.0)
    }
}

impl<'de> Deserialize<'de> for SitePath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let path = <&str>::deserialize(deserializer)?;
        // A percent sign that was left stands for itself, and is written as what it would be read from.
        Self::parse(&format!("/{}", path.replace('%', "%25"))).map_err(de::Error::custom)
    }
}

/// A text with its `%C3%A9` read. A percent sign that begins no escape stands for itself.
fn unescape(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let escape = match after {
            [high, low, ..] if *first == b'%' => digit(high).zip(digit(low)),
            _ => None,
        };
        bytes.push(escape.map_or(*first, |(high, low)| high << 4 | low));
        rest = if escape.is_some() { &after[2..] } else { after };
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> String {
        SitePath::parse(text).map_or_else(|error| format!("error: {error}"), |path| path.as_str().to_owned())
    }

    #[test]
    fn a_path_is_a_page_or_a_folder() {
        assert_eq!(read("/2014/05/old.html"), "2014/05/old.html");
        assert_eq!(read("/2014/05/old/"), "2014/05/old/");
        assert_eq!(read("/2014/05/old"), "2014/05/old/");
        assert_eq!(read("/2014/05/old/index.html"), "2014/05/old/");
        assert_eq!(read("/version-1.2"), "version-1.2/");
        assert_eq!(read("/old.html/"), "old.html/");
    }

    #[test]
    fn a_dated_path_knows_its_day_and_its_name() {
        let dated = |text: &str| {
            let path = SitePath::parse(text).expect("a path");
            path.dated().map(|(date, slug)| format!("{date} {slug}"))
        };
        assert_eq!(dated("/2014/05/12/old-title/").as_deref(), Some("2014-05-12 old-title"));
        for text in
            ["/2014/05/old-title/", "/2014/05/12/old.html", "/2014-05-12/old-title/", "/blog/2014/05/12/a/"]
        {
            assert_eq!(dated(text), None, "{text}");
        }
    }

    #[test]
    fn escapes_are_read_and_a_lone_percent_sign_stays() {
        assert_eq!(read("/%C3%A9t%c3%a9/"), "été/");
        assert_eq!(read("/100%/"), "100%/");
        assert_eq!(read("/%E9t%E9/"), "error: the escapes of `/%E9t%E9/` are not UTF-8");
    }

    #[test]
    fn no_path_leaves_the_site() {
        for text in [
            "/..",
            "/a/../b",
            "/%2e%2e/a",
            "/a//b",
            "//a.example/",
            "/./",
            "https://a.example/",
            "a",
            "",
            "/",
            "/a?b",
            "/a%00b",
            "/a\\b",
            "/index.html",
        ] {
            assert!(read(text).starts_with("error: "), "{text}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_read_stays_inside(text in "/?[a.%/0-9E?#\\\\ é]{0,12}") {
            if let Ok(path) = SitePath::parse(&text) {
                let inner = path.as_str().trim_end_matches('/');
                prop_assert!(inner.split('/').all(|part| !matches!(part, "" | "." | "..")));
                prop_assert_eq!(SitePath::parse(&format!("/{inner}/")).is_ok(), true);
            }
        }
    }
}
