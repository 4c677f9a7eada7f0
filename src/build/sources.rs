//! The files of a newsletter, read as far as they have changed; what is known of the others comes from the state.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use crate::config::{Logo, Project};
use crate::content::{self, Card, Content, Found};
use crate::model::{Diagnostic, Fetch, Report, Source, Stamp, sha256_bytes};
use crate::render;

use super::folds::{BUNDLE, Made, fold, unfold};
use super::pictures::Wanted;
use super::stamps::{Of, same_others};
use super::state::{Kept, Left, Said, Seen};

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
    fn judge(old: &Card, new: &Card) -> Self {
        let same = |old: &Card, new: &Card| fold(old) == fold(new);
        match same(old, new) {
            true => Self::Same,
            false if same(&old.wordless(), &new.wordless()) => Self::Reworded,
            false => Self::Changed,
        }
    }
}

/// A bundle of cards, folded up.
pub(super) enum Bundle {
    /// As it was.
    Old(usize),
    New(Vec<u8>),
}

impl Bundle {
    /// Its bytes, whether they are new or those of the build before.
    pub(super) fn bytes<'a>(&'a self, past: Option<&'a Past>) -> Option<&'a [u8]> {
        match self {
            Self::New(bytes) => Some(bytes),
            Self::Old(at) => past?.made.bundle(*at),
        }
    }
}

/// What is known from a build before, of the same settings.
pub(super) struct Past {
    pub(super) left: Arc<Left>,
    pub(super) made: Made,
}

impl Past {
    /// What was left, where the settings are still the same and what had been made is whole.
    pub(super) fn of(left: &Arc<Left>, others: &[Seen], made: impl FnOnce() -> Option<Made>) -> Option<Self> {
        let same = same_others(&left.others, others, Of::Settings);
        let made = same.then(made).flatten()?;
        Some(Self { left: Arc::clone(left), made })
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

    /// Reads what has changed; `None` when the state does not hold what it should.
    pub(super) fn follow(
        project: Project,
        found: Vec<Found>,
        before: Option<&Past>,
        now: &Stamp,
        mut findings: Vec<Diagnostic>,
    ) -> Option<(Self, Traces)> {
        let shelf = Shelf::new(&project.root);
        let origins = origins(&project, &found, before, now, &shelf);
        drop(found);
        let length = before.map_or(0, |before| before.left.sources.len());
        let mut same = vec![false; length];
        for origin in &origins {
            if let Origin::Old { at, .. } = origin {
                same[*at] = true;
            }
        }
        let mut old = before.map(|before| recall(&project, before, &shelf)).unwrap_or_default();
        let judged = |(at, origin): (usize, &Origin)| match origin {
            Origin::Old { at: place, .. } if *place == at => Cards::Same,
            Origin::New(kept, now) => {
                let seen = before.and_then(|before| before.left.sources.get(at));
                let old =
                    old.get(at).and_then(Option::as_ref).zip(seen).filter(|(_, seen)| seen.path == now.path);
                old.map_or(Cards::Changed, |(old, _)| Cards::judge(&old.card, &kept.card))
            }
            Origin::Old { .. } | Origin::Broken(_) => Cards::Changed,
        };
        let whole = before.is_some() && length == origins.len();
        let worst = whole.then(|| origins.iter().enumerate().map(judged).min().unwrap_or(Cards::Same));
        let cards = worst.unwrap_or(Cards::Changed);
        let mut seen = Vec::with_capacity(origins.len());
        let mut kept = Vec::with_capacity(origins.len());
        let mut old_places = Vec::with_capacity(origins.len());
        for origin in origins {
            match origin {
                Origin::Old { at, seen: now } => {
                    seen.push(now);
                    kept.push(old.get_mut(at).and_then(Option::take)?);
                    old_places.push(Some(at));
                }
                Origin::New(new, now) => {
                    seen.push(now);
                    kept.push(*new);
                    old_places.push(None);
                }
                Origin::Broken(mut faults) => findings.append(&mut faults),
            }
        }
        let bundles = bundles(&kept, &old_places, length);
        let mut wanted = Vec::new();
        let mut cards_read = Vec::with_capacity(kept.len());
        for Kept { card, findings: said, pictures } in kept {
            findings.extend(said.into_iter().map(Diagnostic::from));
            if let Some(entry) = card.entry() {
                let pictures = pictures.into_iter().map(|(file, start, end)| (file, start..end));
                wanted.extend(Wanted::of(entry, pictures));
            }
            cards_read.push(card);
        }
        let content = content::gather(&project, cards_read, &mut findings);
        Some((Self { project, content, findings, wanted, shelf }, Traces { seen, bundles, cards, same }))
    }

    pub(super) fn logo(&self) -> Option<&Logo> {
        self.project.config.theme.logo.as_ref()
    }
}

/// Where what is known of a file comes from.
enum Origin {
    /// From the state, at that place.
    Old { at: usize, seen: Seen },
    /// From the file.
    New(Box<Kept>, Seen),
    /// Nothing could be made of it.
    Broken(Vec<Diagnostic>),
}

fn origins(
    project: &Project,
    found: &[Found],
    before: Option<&Past>,
    now: &Stamp,
    shelf: &Arc<Shelf>,
) -> Vec<Origin> {
    let sources = before.map_or(&[][..], |before| &before.left.sources);
    // Both lists are sorted by path.
    let mut next = 0;
    let pairs = found.iter().map(|found| {
        while sources.get(next).is_some_and(|seen| seen.path < found.shown) {
            next += 1;
        }
        let seen = sources.get(next).filter(|seen| seen.path == found.shown);
        (found, seen.map(|seen| (next, seen)))
    });
    let pairs: Vec<_> = pairs.collect();
    let held = held(found);
    let pairs = pairs.into_par_iter().enumerate();
    pairs
        .map(|(at, (found, before))| origin(project, found, before, now, (at < held).then_some(shelf)))
        .collect()
}

fn origin(
    project: &Project,
    found: &Found,
    before: Option<(usize, &Seen)>,
    now: &Stamp,
    shelf: Option<&Arc<Shelf>>,
) -> Origin {
    if let Some((at, seen)) = before.filter(|(_, seen)| seen.trusts(&found.stamp)) {
        return Origin::Old { at, seen: seen.clone() };
    }
    let mut findings = Vec::new();
    let file = found.file(&project.root);
    let Some(bytes) = content::bytes(&file, &found.shown, &mut findings) else {
        return Origin::Broken(findings);
    };
    let seen = Seen::new(&*found.shown, found.stamp, now, &bytes);
    if let Some((at, _)) = before.filter(|(_, before)| before.digest == seen.digest) {
        return Origin::Old { at, seen };
    }
    match content::parse(project, found, &file, bytes, &mut findings) {
        Some(mut card) => {
            let pictures = card.entry().map(|entry| render::pictures(entry.markdown())).unwrap_or_default();
            let pictures = pictures.into_iter().map(|(file, range)| (file, range.start, range.end)).collect();
            let findings = findings.iter().map(Said::from).collect();
            if let Some(shelf) = shelf {
                card.attach(&file, shelf.source(&seen));
            }
            Origin::New(Box::new(Kept { card, findings, pictures }), seen)
        }
        None => Origin::Broken(findings),
    }
}

/// Unfolds the cards of the build before.
fn recall(project: &Project, before: &Past, shelf: &Arc<Shelf>) -> Vec<Option<Kept>> {
    let bundles: Vec<Vec<Option<Kept>>> = (0..before.made.bundles())
        .into_par_iter()
        .map(|at| {
            let kept: Vec<Kept> = before.made.bundle(at).and_then(unfold).unwrap_or_default();
            let sources = before.left.sources.iter().skip(at * BUNDLE);
            kept.into_iter()
                .zip(sources)
                .map(|(mut kept, seen)| {
                    kept.card.attach(&project.root.join(&seen.path), shelf.source(seen));
                    Some(kept)
                })
                .collect()
        })
        .collect();
    bundles.into_iter().flatten().collect()
}

fn bundles(kept: &[Kept], places: &[Option<usize>], before: usize) -> Vec<Bundle> {
    let chunks: Vec<(usize, &[Kept])> = kept.chunks(BUNDLE).enumerate().collect();
    chunks
        .into_par_iter()
        .map(|(at, chunk)| {
            let start = at * BUNDLE;
            let whole = before.saturating_sub(start).min(BUNDLE) == chunk.len();
            let unmoved = (start..start + chunk.len()).all(|place| places.get(place) == Some(&Some(place)));
            if whole && unmoved { Bundle::Old(at) } else { Bundle::New(tight(fold(&chunk))) }
        })
        .collect()
}

/// The bytes without the room in which they grew: they are held until the pages are done.
fn tight(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.shrink_to_fit();
    bytes
}

/// So many bytes of texts are held in memory, the newest; the others are read again whenever they are needed.
const HELD: u64 = 104 << 20;

/// The place from which on texts are held.
fn held(found: &[Found]) -> usize {
    let mut room = HELD;
    let fits = found.iter().rev().take_while(|found| match room.checked_sub(found.stamp.size()) {
        Some(rest) => {
            room = rest;
            true
        }
        None => false,
    });
    found.len() - fits.count()
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
    fn source(self: &Arc<Self>, seen: &Seen) -> Source {
        Source::later(&*seen.path, Arc::new(Slip { shelf: Arc::clone(self), digest: seen.digest }))
    }
}

/// What stands on the shelf in the place of a text: what it was.
struct Slip {
    shelf: Arc<Shelf>,
    digest: [u8; 32],
}

impl Fetch for Slip {
    fn fetch(&self, path: &str) -> String {
        text(&self.shelf.root, path, &self.digest).unwrap_or_else(|| {
            self.shelf.changed.store(true, Ordering::Relaxed);
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
