//! The files of a newsletter as they lie on disk: which there are, what each is for, and their bytes.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use crate::model::{Diagnostic, IssueDate, Stamp};

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
pub struct Found {
    /// The file as messages name it: relative to the root, with `/`.
    pub shown: Arc<str>,
    /// How it lay there when it was found; a link has the stamp of what it leads to.
    pub stamp: Stamp,
    /// What it is for.
    pub(super) purpose: Purpose,
}

/// What was found under `content/`.
#[derive(Debug, Default)]
pub struct Listing {
    /// The Markdown files, by path.
    pub found: Vec<Found>,
    /// The folders, as each lay before its names were read: as long as none has changed, the files are the same.
    /// There are none where a link is among the names, which may lead elsewhere without a change here.
    pub folders: Vec<(String, Stamp)>,
}

impl Found {
    /// A file that was found there before, as it lies now; `None` where nothing is to be found at such a path.
    pub fn again(shown: &Arc<str>, stamp: Stamp) -> Option<Self> {
        let mut place = Place::Top;
        let mut names = shown.split('/').skip(1).peekable();
        let mut depth = 0;
        while let Some(name) = names.next() {
            if names.peek().is_none() {
                let purpose = place.purpose(name.strip_suffix(".md")?)?;
                return Some(Self { shown: Arc::clone(shown), stamp, purpose });
            }
            place = place.inner(name, depth).ok()?;
            depth += 1;
        }
        None
    }

    /// The file on disk.
    pub fn file(&self, root: &Path) -> PathBuf {
        root.join(&*self.shown)
    }
}

/// The most folders within folders.
const DEEPEST: usize = 16;

/// Lists the Markdown files under `content/`, by path; none is opened. `blocks` are the files that the settings name.
pub fn list(root: &Path, blocks: &[PathBuf], findings: &mut Vec<Diagnostic>) -> Listing {
    let content = root.join("content");
    let real = fs::canonicalize(&content).unwrap_or_else(|_| content.clone());
    let blocks = blocks.iter().map(|block| content.join(block)).collect();
    let mut seen = Walk { root, real, blocks }.folder(&content, Place::Top, 0);
    findings.append(&mut seen.findings);
    let mut folders: HashMap<IssueDate, &str> = HashMap::new();
    for (date, folder) in &seen.dates {
        if let Some(other) = folders.get(date) {
            let message = format!("the issue of {date} has a second folder; the first is {other}");
            let finding = Diagnostic::error("duplicate-date", message).in_file(folder);
            findings.push(finding.hint("move the items of both into one folder"));
        }
        folders.entry(*date).or_insert(folder);
    }
    seen.found.sort_by(|a, b| a.shown.cmp(&b.shown));
    if seen.untold {
        seen.folders.clear();
    }
    Listing { found: seen.found, folders: seen.folders }
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

impl Place {
    /// The kind of a folder that lies in one of this kind, so many folders below `content/`.
    fn inner(self, name: &str, depth: usize) -> Result<Self, String> {
        Ok(match self {
            Self::Top if IssueDate::looks_like(name) => {
                Self::Dated(IssueDate::parse(name).map_err(|error| error.to_string())?)
            }
            Self::Top if depth == 0 && name == "queue" => Self::Queue,
            Self::Top if depth == 0 && name == "articles" => Self::Articles,
            Self::Top if depth == 0 && name == "topics" => Self::Topics,
            Self::Dated(_) => Self::InsideDated,
            other => other,
        })
    }

    /// What a Markdown file is for that lies in such a folder.
    fn purpose(self, stem: &str) -> Option<Purpose> {
        match self {
            Self::Dated(date) if stem == "issue" => Some(Purpose::Introduction(date)),
            Self::Dated(date) => Some(Purpose::Item(date)),
            Self::Queue => Some(Purpose::Queued),
            Self::Articles => Some(Purpose::Article),
            Self::Topics => Some(Purpose::Topic),
            Self::Top | Self::InsideDated => None,
        }
    }
}

struct Walk<'a> {
    root: &'a Path,
    real: PathBuf,
    blocks: HashSet<PathBuf>,
}

/// What was seen under one folder, in order.
#[derive(Default)]
struct Seen {
    /// The folder as messages name it.
    folder: String,
    found: Vec<Found>,
    dates: Vec<(IssueDate, String)>,
    folders: Vec<(String, Stamp)>,
    /// Whether the folders do not tell of every change.
    untold: bool,
    findings: Vec<Diagnostic>,
}

impl Walk<'_> {
    fn folder(&self, folder: &Path, place: Place, depth: usize) -> Seen {
        let mut seen = Seen { folder: shown(self.root, folder), ..Seen::default() };
        if let Place::Dated(date) = place {
            seen.dates.push((date, seen.folder.clone()));
        }
        if depth > DEEPEST {
            let message = format!("folders lie more than {DEEPEST} deep here");
            self.fault(&mut seen, "too-deep", message, folder, "move the files up");
            return seen;
        }
        match fs::metadata(folder) {
            Ok(metadata) => seen.folders.push((seen.folder.clone(), Stamp::of(&metadata))),
            Err(_) => seen.untold = true,
        }
        let entries: Result<Vec<_>, io::Error> = fs::read_dir(folder).and_then(Iterator::collect);
        let mut entries = match entries {
            Ok(entries) => entries,
            Err(error) => {
                self.unreadable(&mut seen, folder, &error);
                return seen;
            }
        };
        entries.sort_by_cached_key(fs::DirEntry::file_name);
        let mut folders = Vec::new();
        for entry in entries {
            let name = entry.file_name();
            let Some(name) = name.to_str() else {
                let message = "the name of a file is not UTF-8".to_owned();
                self.fault(&mut seen, "file-name", message, &entry.path(), "rename it");
                continue;
            };
            if name.starts_with('.') {
                continue;
            }
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => {
                    folders.extend(self.enter(&mut seen, entry.path(), name, place, depth))
                }
                Ok(kind) if kind.is_symlink() => self.link(&mut seen, &entry.path(), name, place),
                Ok(_) => self.file(&mut seen, &|| entry.path(), name, place, || entry.metadata()),
                Err(error) => self.unreadable(&mut seen, &entry.path(), &error),
            }
        }
        let inner: Vec<Seen> =
            folders.par_iter().map(|(path, place)| self.folder(path, *place, depth + 1)).collect();
        inner.into_iter().for_each(|inner| seen.add(inner));
        seen
    }

    fn enter(
        &self,
        seen: &mut Seen,
        path: PathBuf,
        name: &str,
        place: Place,
        depth: usize,
    ) -> Option<(PathBuf, Place)> {
        match place.inner(name, depth) {
            Ok(inner) => Some((path, inner)),
            Err(error) => {
                let hint = "rename the folder to a real day";
                self.fault(seen, "impossible-date", error, &path, hint);
                None
            }
        }
    }

    fn link(&self, seen: &mut Seen, path: &Path, name: &str, place: Place) {
        seen.untold = true;
        let target = match fs::canonicalize(path) {
            Ok(target) => target,
            Err(error) => return self.unreadable(seen, path, &error),
        };
        if !target.starts_with(&self.real) {
            let message = "a symbolic link leaves content/".to_owned();
            return self.fault(seen, "link-outside", message, path, "copy the file into content/ instead");
        }
        if target.is_dir() {
            let message = "a symbolic link leads to a folder".to_owned();
            return self.fault(seen, "link-to-folder", message, path, "copy the folder instead");
        }
        self.file(seen, &|| path.to_owned(), name, place, || fs::metadata(path));
    }

    fn file(
        &self,
        seen: &mut Seen,
        path: &dyn Fn() -> PathBuf,
        name: &str,
        place: Place,
        metadata: impl FnOnce() -> io::Result<fs::Metadata>,
    ) {
        let Some(stem) = name.strip_suffix(".md") else { return };
        let block = || !self.blocks.is_empty() && self.blocks.contains(&path());
        if stem.eq_ignore_ascii_case("readme") || block() {
            return;
        }
        let Some(purpose) = place.purpose(stem) else {
            let message = "this file belongs to no issue".to_owned();
            let hint = "move it into a dated folder (content/2018-06-08/), queue/, articles/ or topics/, or name it in `blocks`";
            return self.fault(seen, "stray-file", message, &path(), hint);
        };
        match metadata() {
            Ok(metadata) => {
                let shown = [&seen.folder, "/", name].concat().into();
                seen.found.push(Found { shown, stamp: Stamp::of(&metadata), purpose });
            }
            Err(error) => self.unreadable(seen, &path(), &error),
        }
    }

    fn unreadable(&self, seen: &mut Seen, path: &Path, error: &io::Error) {
        let hint = "check that it exists, and its rights";
        self.fault(seen, "unreadable", format!("cannot be read: {error}"), path, hint);
    }

    fn fault(&self, seen: &mut Seen, rule: &'static str, message: String, path: &Path, hint: &str) {
        seen.findings.push(Diagnostic::error(rule, message).in_file(shown(self.root, path)).hint(hint));
    }
}

impl Seen {
    fn add(&mut self, mut other: Self) {
        self.found.append(&mut other.found);
        self.dates.append(&mut other.dates);
        self.folders.append(&mut other.folders);
        self.untold |= other.untold;
        self.findings.append(&mut other.findings);
    }
}

/// The folder of a day, wherever under `content/` it lies already.
pub fn folder_of(content: &Path, date: IssueDate) -> PathBuf {
    let name = date.to_string();
    let mut open = vec![content.to_owned()];
    while let Some(folder) = open.pop() {
        let candidate = folder.join(&name);
        if candidate.is_dir() {
            return candidate;
        }
        let entries = fs::read_dir(&folder).into_iter().flatten().flatten();
        let deeper = entries.filter(|entry| {
            let year_or_month =
                entry.file_name().to_string_lossy().bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
            year_or_month && entry.file_type().is_ok_and(|kind| kind.is_dir())
        });
        open.extend(deeper.map(|entry| entry.path()));
    }
    content.join(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_says_what_its_file_is_for() {
        let root = tempfile::tempdir().expect("a folder");
        let paths = [
            "content/2018-06-08/issue.md",
            "content/2018-06-08/one.md",
            "content/2018/06/2018-06-09/two.md",
            "content/2018/queue/2018-06-10/three.md",
            "content/queue/four.md",
            "content/queue/later/2018-06-11/five.md",
            "content/articles/2018/six.md",
            "content/topics/seven.md",
        ];
        for path in paths {
            let file = root.path().join(path);
            fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
            fs::write(file, "").expect("a file");
        }
        let Listing { found, folders } = list(root.path(), &[], &mut Vec::new());
        assert_eq!((found.len(), folders.len()), (paths.len(), 13));
        for found in found {
            let again = Found::again(&found.shown, found.stamp).expect("a file");
            assert_eq!((again.shown, again.purpose), (found.shown, found.purpose));
        }
        assert!(Found::again(&"content/stray.md".into(), Stamp::default()).is_none());
    }
}
