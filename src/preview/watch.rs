//! The watch over `content/` and `templates/`: by the system's events, or, where it grants none, by looking again and again.

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::Sender;
use std::thread;
use std::time::Duration;

use notify::event::{AccessKind, AccessMode};
use notify::{ErrorKind, Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};

use super::burst::Change;

/// How changes are noticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Watching {
    /// The system tells of them.
    Told,
    /// The files are looked through again and again.
    Looking,
}

/// What is watched, in the newsletter's folder.
const FOLDERS: [&str; 2] = ["content", "templates"];
/// How often the files are looked through where nobody tells.
const LOOK: Duration = Duration::from_millis(400);

/// A watch that goes on until it is dropped.
pub(super) struct Watch {
    root: PathBuf,
    changes: Sender<Change>,
    events: Option<RecommendedWatcher>,
    /// Why the files are looked through, if they are.
    looking: Option<String>,
}

impl Watch {
    /// Begins to watch.
    pub(super) fn start(root: &Path, how: Watching, changes: Sender<Change>) -> Self {
        // Events name real paths.
        let root = fs::canonicalize(root).unwrap_or_else(|_| root.to_owned());
        let mut watch = Self { root, changes, events: None, looking: None };
        match how {
            Watching::Told => watch.listen(),
            Watching::Looking => watch.look("as asked"),
        }
        watch
    }

    /// Why the files are looked through, if they are.
    pub(super) fn looking(&self) -> Option<&str> {
        self.looking.as_deref()
    }

    /// Begins anew: a watched folder was put in the place of another, or appeared.
    pub(super) fn again(&mut self) {
        if self.looking.is_none() {
            self.events = None;
            self.listen();
        }
    }

    /// Looks through the files from now on.
    pub(super) fn look(&mut self, why: &str) {
        if self.looking.is_some() {
            return;
        }
        self.events = None;
        self.looking = Some(why.to_owned());
        let (root, changes) = (self.root.clone(), self.changes.clone());
        let before = state(&root);
        let looker = thread::Builder::new().name("watch".to_owned());
        let _ = looker.spawn(move || look(&root, before, &changes));
    }

    fn listen(&mut self) {
        match self.watcher() {
            Ok(watcher) => self.events = Some(watcher),
            Err(error) => self.look(&reason(&error)),
        }
    }

    fn watcher(&self) -> notify::Result<RecommendedWatcher> {
        let (root, changes) = (self.root.clone(), self.changes.clone());
        let mut watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            for change in heard(event, &root) {
                let _ = changes.send(change);
            }
        })?;
        watcher.watch(&self.root, RecursiveMode::NonRecursive)?;
        for folder in FOLDERS.map(|folder| self.root.join(folder)) {
            if folder.is_dir() {
                watcher.watch(&folder, RecursiveMode::Recursive)?;
            }
        }
        Ok(watcher)
    }
}

/// What an event means to us.
fn heard(event: notify::Result<Event>, root: &Path) -> Vec<Change> {
    let event = match event {
        Ok(event) => event,
        Err(error) => return vec![Change::Lost(reason(&error))],
    };
    if event.need_rescan() {
        return vec![Change::Touched];
    }
    let closed = event.kind == EventKind::Access(AccessKind::Close(AccessMode::Write));
    if matches!(event.kind, EventKind::Access(_)) && !closed {
        return Vec::new();
    }
    let written = matches!(event.kind, EventKind::Modify(notify::event::ModifyKind::Data(_)));
    let paths = event.paths.iter().filter_map(|path| path.strip_prefix(root).ok());
    paths
        .filter(|path| concerns(path))
        .map(|path| match path.to_str() {
            Some(path) if FOLDERS.contains(&path) && !closed => Change::Folder,
            _ if written => Change::Written(path.to_owned()),
            _ if closed => Change::Closed(path.to_owned()),
            _ => Change::Touched,
        })
        .collect()
}

/// Whether a path, relative to the root, may be part of a newsletter. Editors lay files of their own beside those they write.
fn concerns(path: &Path) -> bool {
    let mut parts = path.iter().map(|part| part.to_string_lossy());
    let inside = parts.next().is_some_and(|first| FOLDERS.contains(&&*first));
    let hidden = path.iter().any(|part| part.to_string_lossy().starts_with(['.', '#']));
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let passing =
        name == "4913" || ["~", ".swp", ".swx", ".tmp", ".bak"].iter().any(|end| name.ends_with(end));
    inside && !hidden && !passing
}

fn reason(error: &notify::Error) -> String {
    match &error.kind {
        ErrorKind::MaxFilesWatch => {
            "the system watches no more folders; see `fs.inotify.max_user_watches`".to_owned()
        }
        ErrorKind::Io(error) if error.raw_os_error() == Some(MANY) => {
            "the system grants no more watches; see `fs.inotify.max_user_instances`".to_owned()
        }
        ErrorKind::Io(error) => format!("the system does not watch: {error}"),
        other => format!("the system does not watch: {other:?}"),
    }
}

/// `EMFILE`: "too many open files", which for inotify is its own limit (inotify_init(2)).
const MANY: i32 = 24;

/// Looks until nobody wants to know any more.
fn look(root: &Path, mut before: u64, changes: &Sender<Change>) {
    loop {
        thread::sleep(LOOK);
        let now = state(root);
        if now != before {
            before = now;
            if changes.send(Change::Touched).is_err() {
                return;
            }
        }
    }
}

/// Everything that metadata say of the files, in one number.
fn state(root: &Path) -> u64 {
    let mut hasher = DefaultHasher::new();
    let mut open: Vec<PathBuf> = FOLDERS.iter().map(|folder| root.join(folder)).collect();
    while let Some(folder) = open.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        paths.sort();
        for path in paths.into_iter().filter(|path| concerns(path.strip_prefix(root).unwrap_or(path))) {
            let Ok(known) = fs::symlink_metadata(&path) else { continue };
            let known = if known.is_symlink() { fs::metadata(&path).unwrap_or(known) } else { known };
            (&path, known.len(), known.mtime(), known.mtime_nsec(), known.ino(), known.ctime_nsec())
                .hash(&mut hasher);
            if known.is_dir() {
                open.push(path);
            }
        }
    }
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_editors_lay_beside_a_file_wakes_nobody() {
        let wakes = |path: &str| concerns(Path::new(path));
        assert!(
            wakes("content/2018-06-08/google.md") && wakes("templates/site/base.html") && wakes("content")
        );
        let passing = [
            "content/2018-06-08/.google.md.swp",
            "content/2018-06-08/4913",
            "content/2018-06-08/google.md~",
            "content/2018-06-08/.#google.md",
            "content/2018-06-08/#google.md#",
            "content/.git/index",
            "out/site/index.html",
            ".out.preview",
            "README.md",
        ];
        assert_eq!(passing.into_iter().filter(|path| wakes(path)).collect::<Vec<_>>(), [""; 0]);
    }

    #[test]
    fn reading_a_file_is_no_change() {
        let event = |kind| Event::new(kind).add_path("/n/content/a.md".into());
        let root = Path::new("/n");
        assert!(heard(Ok(event(EventKind::Access(AccessKind::Open(AccessMode::Any)))), root).is_empty());
        let closed = EventKind::Access(AccessKind::Close(AccessMode::Write));
        assert_eq!(heard(Ok(event(closed)), root), [Change::Closed("content/a.md".into())]);
        let gone =
            Event::new(EventKind::Remove(notify::event::RemoveKind::Folder)).add_path("/n/content".into());
        assert_eq!(heard(Ok(gone), root), [Change::Folder]);
    }
}
