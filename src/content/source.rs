//! The files of a newsletter as they lie on disk: which there are, what each is for, and their bytes.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::model::{Diagnostic, IssueDate};

/// What a Markdown file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// `issue.md` of a dated folder.
    Introduction(IssueDate),
    /// An item of a dated folder.
    Item(IssueDate),
    /// An item that waits.
    Queued,
    /// A long article.
    Article,
    /// A topic.
    Topic,
}

/// A Markdown file and its purpose.
#[derive(Debug, Clone)]
pub(super) struct Found {
    /// The file on disk.
    pub(super) file: PathBuf,
    /// The file as messages name it.
    pub(super) shown: String,
    /// What it is for.
    pub(super) purpose: Purpose,
}

/// The most folders within folders.
const DEEPEST: usize = 16;

/// Lists the Markdown files under `content/`, by path. `blocks` are the files that the settings name.
pub(super) fn list(root: &Path, blocks: &[PathBuf], findings: &mut Vec<Diagnostic>) -> Vec<Found> {
    let content = root.join("content");
    let real = fs::canonicalize(&content).unwrap_or_else(|_| content.clone());
    let blocks = blocks.iter().map(|block| content.join(block)).collect();
    let mut walk = Walk { root, real, blocks, dates: Vec::new(), found: Vec::new(), findings };
    walk.folder(&content, Place::Top, 0);
    walk.found.sort_by(|a, b| a.shown.cmp(&b.shown));
    walk.found
}

/// A path as messages name it: relative to the root, with `/`.
pub fn shown(root: &Path, file: &Path) -> String {
    let relative = file.strip_prefix(root).unwrap_or(file);
    let parts: Vec<_> = relative.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    parts.join("/")
}

/// Which kind of folder the walk is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Top,
    Dated(IssueDate),
    InsideDated,
    Queue,
    Articles,
    Topics,
}

struct Walk<'a> {
    root: &'a Path,
    real: PathBuf,
    blocks: Vec<PathBuf>,
    dates: Vec<(IssueDate, String)>,
    found: Vec<Found>,
    findings: &'a mut Vec<Diagnostic>,
}

impl Walk<'_> {
    fn folder(&mut self, folder: &Path, place: Place, depth: usize) {
        if depth > DEEPEST {
            let message = format!("folders lie more than {DEEPEST} deep here");
            return self.fault("too-deep", message, folder, "move the files up");
        }
        let entries: Result<Vec<_>, io::Error> = fs::read_dir(folder).and_then(Iterator::collect);
        let mut entries = match entries {
            Ok(entries) => entries,
            Err(error) => return self.unreadable(folder, &error),
        };
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let path = entry.path();
            let name = entry.file_name();
            let Some(name) = name.to_str() else {
                self.fault("file-name", "the name of a file is not UTF-8".to_owned(), &path, "rename it");
                continue;
            };
            if name.starts_with('.') {
                continue;
            }
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => self.enter(&path, name, place, depth),
                Ok(kind) if kind.is_symlink() => self.link(&path, name, place),
                Ok(_) => self.file(path, name, place),
                Err(error) => self.unreadable(&path, &error),
            }
        }
    }

    fn enter(&mut self, path: &Path, name: &str, place: Place, depth: usize) {
        let inner = match place {
            Place::Top if IssueDate::looks_like(name) => match IssueDate::parse(name) {
                Ok(date) => self.dated(date, path),
                Err(error) => {
                    return self.fault(
                        "impossible-date",
                        error.to_string(),
                        path,
                        "rename the folder to a real day",
                    );
                }
            },
            Place::Top if depth == 0 && name == "queue" => Place::Queue,
            Place::Top if depth == 0 && name == "articles" => Place::Articles,
            Place::Top if depth == 0 && name == "topics" => Place::Topics,
            Place::Dated(_) => Place::InsideDated,
            other => other,
        };
        self.folder(path, inner, depth + 1);
    }

    fn dated(&mut self, date: IssueDate, path: &Path) -> Place {
        let here = shown(self.root, path);
        if let Some((_, other)) = self.dates.iter().find(|(known, _)| *known == date) {
            let message = format!("the issue of {date} has a second folder; the first is {other}");
            self.fault("duplicate-date", message, path, "move the items of both into one folder");
        }
        self.dates.push((date, here));
        Place::Dated(date)
    }

    fn link(&mut self, path: &Path, name: &str, place: Place) {
        let target = match fs::canonicalize(path) {
            Ok(target) => target,
            Err(error) => return self.unreadable(path, &error),
        };
        if !target.starts_with(&self.real) {
            let message = "a symbolic link leaves content/".to_owned();
            return self.fault("link-outside", message, path, "copy the file into content/ instead");
        }
        if target.is_dir() {
            let message = "a symbolic link leads to a folder".to_owned();
            return self.fault("link-to-folder", message, path, "copy the folder instead");
        }
        self.file(path.to_owned(), name, place);
    }

    fn file(&mut self, path: PathBuf, name: &str, place: Place) {
        let Some(stem) = name.strip_suffix(".md") else { return };
        if stem.eq_ignore_ascii_case("readme") || self.blocks.contains(&path) {
            return;
        }
        let purpose = match place {
            Place::Dated(date) if stem == "issue" => Purpose::Introduction(date),
            Place::Dated(date) => Purpose::Item(date),
            Place::Queue => Purpose::Queued,
            Place::Articles => Purpose::Article,
            Place::Topics => Purpose::Topic,
            Place::Top | Place::InsideDated => {
                let message = "this file belongs to no issue".to_owned();
                let hint = "move it into a dated folder (content/2018-06-08/), queue/, articles/ or topics/, or name it in `blocks`";
                return self.fault("stray-file", message, &path, hint);
            }
        };
        let shown = shown(self.root, &path);
        self.found.push(Found { file: path, shown, purpose });
    }

    fn unreadable(&mut self, path: &Path, error: &io::Error) {
        self.fault(
            "unreadable",
            format!("cannot be read: {error}"),
            path,
            "check that it exists, and its rights",
        );
    }

    fn fault(&mut self, rule: &'static str, message: String, path: &Path, hint: &str) {
        self.findings.push(Diagnostic::error(rule, message).in_file(shown(self.root, path)).hint(hint));
    }
}
