//! The files of a newsletter, read as far as they have changed; what is known of the others comes from the state.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use crate::config::{Logo, Project};
use crate::content::{self, Card, Content};
use crate::model::{Diagnostic, Fetch, Report, Source, Stamp, sha256_bytes};
use crate::render;

use super::folds::fold;
use super::made::Made;
use super::pictures::Wanted;
use super::reader::{Reader, apart};
use super::seen::{Room, Seen};
use super::stamps::{Files, Of, same_others};
use super::state::{Left, State};

/// Everything that was written by hand.
pub(super) struct Sources {
    pub(super) project: Project,
    pub(super) content: Content,
    pub(super) findings: Vec<Diagnostic>,
    pub(super) wanted: Vec<Wanted>,
    pub(super) shelf: Arc<Shelf>,
}

/// What is to be remembered of it.
pub(super) struct Traces {
    /// The Markdown files as they were seen.
    pub(super) seen: Vec<Seen>,
    /// The folders that they were found in.
    pub(super) rooms: Vec<Room>,
    /// What was made of them, folded up in bundles.
    pub(super) bundles: Vec<Bundle>,
    /// Whether anything but texts has changed.
    pub(super) cards: Cards,
    /// For each file of the state, whether its bytes are the same.
    pub(super) same: Vec<bool>,
}

/// Whether the cards are those of the build before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Cards {
    Changed,
    /// But for the words of some.
    Reworded,
    Same,
}

impl Cards {
    pub(super) fn judge(old: &Card, new: &Card) -> Self {
        let same = |old: &Card, new: &Card| fold(old) == fold(new);
        match same(old, new) {
            true => Self::Same,
            false if same(&old.wordless(), &new.wordless()) => Self::Reworded,
            false => Self::Changed,
        }
    }
}

/// A bundle of cards.
pub(super) enum Bundle {
    /// It lies there, and has this sum.
    Old(u64),
    /// It is to be written.
    New(Vec<u8>),
}

/// Writes the bundles that do not lie there. Returns the sums of all.
pub(super) fn keep_bundles(state: &State, bundles: &[Bundle]) -> io::Result<Vec<u64>> {
    let keep = |(at, bundle): (usize, &Bundle)| match bundle {
        Bundle::Old(sum) => Ok(*sum),
        Bundle::New(folded) => state.keep_bundle(at, folded),
    };
    bundles.par_iter().with_max_len(1).enumerate().map(keep).collect()
}

/// What is known from a build before, of the same settings.
pub(super) struct Past {
    pub(super) left: Arc<Left>,
    pub(super) made: Made,
}

impl Past {
    /// What was left, where the settings are still the same.
    pub(super) fn of(left: &Arc<Left>, others: &[Seen], state: &State) -> Option<Self> {
        let same = same_others(&left.others, others, Of::Settings);
        same.then(|| Self { left: Arc::clone(left), made: state.made(left) })
    }
}

impl Sources {
    /// Reads everything.
    pub(super) fn read(root: &Path) -> Result<Self, Report> {
        let mut findings = Vec::new();
        let Some(project) = Project::open(root, &mut findings) else { return Err(Report::new(findings)) };
        let content = content::load(&project, &mut findings);
        let pictures = |entry| Wanted::of(entry, render::pictures(entry.markdown()));
        let wanted = content.entries().flat_map(pictures).collect();
        let shelf = Shelf::new(root);
        Ok(Self { project, content, findings, wanted, shelf })
    }

    /// Reads what has changed; `None` when the state does not hold what it should. Where nothing was known before, a
    /// `state` is given: what is made of the files goes there at once, and is not held.
    pub(super) fn follow(
        project: Project,
        files: Files,
        before: Option<&Past>,
        now: &Stamp,
        state: Option<&State>,
        mut findings: Vec<Diagnostic>,
    ) -> Option<(Self, Traces)> {
        let shelf = Shelf::new(&project.root);
        let reader = Reader { project: &project, now, shelf: &shelf };
        let (kept, traces) = match files {
            Files::Known(stamps) => reader.known(before?, &stamps, &mut findings)?,
            Files::Listed(found, rooms) => reader.listed(&found, rooms, before, state, &mut findings)?,
        };
        let (cards, said, wanted) = apart(kept);
        findings.extend(said.into_iter().map(Diagnostic::from));
        let content = content::gather(&project, cards, &mut findings);
        Some((Self { project, content, findings, wanted, shelf }, traces))
    }

    pub(super) fn logo(&self) -> Option<&Logo> {
        self.project.config.theme.logo.as_ref()
    }
}

/// Where texts lie that are not held in memory. Whoever fetches one holds it to what was known of it.
pub(super) struct Shelf {
    root: PathBuf,
    changed: AtomicBool,
}

impl Shelf {
    fn new(root: &Path) -> Arc<Self> {
        Arc::new(Self { root: root.to_owned(), changed: AtomicBool::new(false) })
    }

    /// Whether a file was not what it was known to be: what was made of it must not be used.
    pub(super) fn changed(&self) -> bool {
        self.changed.load(Ordering::Relaxed)
    }

    /// A text that is fetched when it is asked for.
    pub(super) fn source(self: &Arc<Self>, seen: &Seen) -> Source {
        Source::later(Arc::clone(&seen.path), seen.digest, Arc::clone(self) as Arc<dyn Fetch>)
    }
}

impl Fetch for Shelf {
    fn fetch(&self, path: &str, digest: &[u8; 32]) -> String {
        text(&self.root, path, digest).unwrap_or_else(|| {
            self.changed.store(true, Ordering::Relaxed);
            String::new()
        })
    }
}

/// The text of a file that is what it was.
fn text(root: &Path, path: &str, digest: &[u8; 32]) -> Option<String> {
    let bytes = fs::read(root.join(path)).ok()?;
    if sha256_bytes(&bytes) != *digest {
        return None;
    }
    Source::again(path, bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_was_put_back_is_held_to_what_it_was() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("a.md");
        fs::write(&file, "As it was\r\n").expect("a file");
        let shelf = Shelf::new(folder.path());
        let now = Stamp::default();
        let source = shelf.source(&Seen::new("a.md", now, &now, b"As it was\r\n"));
        assert_eq!(source.lend(0), "As it was\n");
        assert!(!shelf.changed());
        fs::write(&file, "As it is").expect("a file");
        assert_eq!(source.lend(0), "");
        assert!(shelf.changed(), "what was made of it must not be used");
    }
}
