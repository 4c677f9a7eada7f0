//! Archives of other systems made into articles or items: Hugo, Jekyll, Zola, Pelican, WordPress.
//!
//! Each system has a reader, which hands over its posts as they were written; the rest is the same for all: links
//! and pictures are settled, HTML becomes Markdown, and what cannot come along is said with its place.
//!
//! Never knows: the terminal, the clock, the network, how a page looks.

mod autop;
mod bare;
mod brackets;
mod calls;
mod desk;
mod files;
mod head;
mod html;
mod hugo;
mod jekyll;
mod kramdown;
mod lined;
mod liquid;
mod markdown;
mod marks;
mod media;
mod occupied;
mod paths;
mod pattern;
mod pelican;
mod plan;
mod report;
mod rewrite;
mod settings;
mod shelf;
mod shortcodes;
mod table;
mod when;
mod wordpress;
mod write;
mod wxr;
mod zola;

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::model::IssueDate;

pub use occupied::Occupied;
pub use plan::{Form, Newsletter, Plan, plan};
pub use report::{Account, Counts, Effect, Note};
pub use write::{Existing, WriteError, write};

use lined::Lined;
use shelf::Shelf;

/// Where an archive comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A site of Hugo, by its folder.
    Hugo(PathBuf),
    /// A site of Jekyll, by its folder.
    Jekyll(PathBuf),
    /// A site of Zola, by its folder.
    Zola(PathBuf),
    /// A site of Pelican, by its folder.
    Pelican(PathBuf),
    /// An export of WordPress, and the folder of its uploads.
    WordPress {
        /// The export (WXR).
        file: PathBuf,
        /// `wp-content/uploads` or a copy of it.
        uploads: Option<PathBuf>,
    },
}

/// Why nothing was imported.
#[derive(Debug, Error)]
pub enum ImportError {
    /// There is no such folder.
    #[error("{} is no folder", .0.display())]
    NoFolder(PathBuf),
    /// Something cannot be read.
    #[error("{} cannot be read", .0.display())]
    Unreadable(PathBuf, #[source] io::Error),
    /// Nothing there is a post.
    #[error("no post was found in {}: {expected}", .folder.display())]
    NoPosts {
        /// Where it was looked for.
        folder: PathBuf,
        /// What was expected there.
        expected: &'static str,
    },
    /// The settings of the site cannot be read.
    #[error("{file}:{line}: {what}")]
    Broken {
        /// The file.
        file: String,
        /// Its line.
        line: usize,
        /// What is wrong.
        what: String,
    },
}

/// What a reader has found.
#[derive(Debug, Default)]
pub struct Harvest {
    /// What is known of the site.
    pub site: Site,
    posts: Vec<Post>,
    shelf: Shelf,
    notes: Vec<Note>,
}

impl Harvest {
    /// The day of the newest post that is no draft.
    pub fn newest(&self) -> Option<IssueDate> {
        self.posts.iter().filter(|post| post.draft == Draft::No).map(|post| post.day).max()
    }
}

/// What is known of a site as a whole.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Site {
    /// Its name.
    pub title: Option<String>,
    /// Its address, without a slash at the end.
    pub base: Option<String>,
    /// Its language.
    pub language: Option<String>,
    /// Its time zone.
    pub timezone: Option<chrono_tz::Tz>,
}

/// A post as its system wrote it.
#[derive(Debug, Clone)]
struct Post {
    /// The file, as reports name it.
    file: String,
    /// Where it begins there.
    line: usize,
    /// Names under which other posts may link to it, besides its addresses.
    names: Vec<String>,
    title: Option<String>,
    day: IssueDate,
    slug: String,
    /// The path it was at, from the first page of its site.
    address: Option<String>,
    /// The paths that led there.
    aliases: Vec<String>,
    topics: Vec<String>,
    description: Option<String>,
    author: Option<String>,
    draft: Draft,
    lang: Option<String>,
    cover: Option<Cover>,
    markup: Markup,
    body: Lined,
    /// Where its own pictures lie.
    folder: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Draft {
    Yes,
    No,
}

impl Draft {
    fn when(draft: bool) -> Self {
        if draft { Self::Yes } else { Self::No }
    }
}

/// The picture above a post.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Cover {
    src: String,
    alt: String,
    caption: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Markup {
    Markdown,
    /// Markdown in which bare addresses are links.
    Linked,
    /// HTML whose line breaks say nothing.
    Html,
    /// HTML in which an empty line parts paragraphs.
    Paragraphs,
}

/// Reads a whole archive; nothing is written.
pub fn read(origin: &Origin) -> Result<Harvest, ImportError> {
    let harvest = match origin {
        Origin::Hugo(folder) => hugo::read(&there(folder)?),
        Origin::Jekyll(folder) => jekyll::read(&there(folder)?),
        Origin::Zola(folder) => zola::read(&there(folder)?),
        Origin::Pelican(folder) => pelican::read(&there(folder)?),
        Origin::WordPress { file, uploads } => {
            let uploads = uploads.as_deref().map(there).transpose()?;
            wordpress::read(file, uploads)
        }
    }?;
    let (folder, expected) = match origin {
        Origin::Hugo(folder) => (folder, "Hugo's posts lie under content/, each with a date in its head"),
        Origin::Jekyll(folder) => (folder, "Jekyll's posts lie in folders called _posts"),
        Origin::Zola(folder) => (folder, "Zola's posts lie under content/, each with a date in its head"),
        Origin::Pelican(folder) => {
            (folder, "Pelican's posts lie under content/ and begin with `Title:` and `Date:`")
        }
        Origin::WordPress { file, .. } => (file, "an export of WordPress holds items of the type `post`"),
    };
    if harvest.posts.is_empty() && harvest.notes.is_empty() {
        return Err(ImportError::NoPosts { folder: folder.clone(), expected });
    }
    Ok(harvest)
}

fn there(folder: &Path) -> Result<PathBuf, ImportError> {
    if folder.is_dir() { Ok(folder.to_owned()) } else { Err(ImportError::NoFolder(folder.to_owned())) }
}

fn note(file: &str, line: usize, effect: Effect, what: impl Into<String>, next: impl Into<String>) -> Note {
    Note { file: file.to_owned(), line, effect, what: what.into(), next: next.into() }
}

fn leave_out_post(file: &str, line: usize, what: impl Into<String>, next: impl Into<String>) -> Note {
    note(file, line, Effect::PostLeftOut, what, next)
}

fn leave_out(file: &str, line: usize, what: impl Into<String>, next: impl Into<String>) -> Note {
    note(file, line, Effect::LeftOut, what, next)
}

fn change(file: &str, line: usize, what: impl Into<String>, next: impl Into<String>) -> Note {
    note(file, line, Effect::Changed, what, next)
}
