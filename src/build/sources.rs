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

use super::pictures::Wanted;
use super::state::{BUNDLE, Kept, Left, Made, Said, Seen, fold, unfold};

/// Everything that was written by hand.
pub(super) struct Sources {
    pub(super) project: Project,
    pub(super) content: Content,
    pub(super) findings: Vec<Diagnostic>,
    pub(super) wanted: Vec<Wanted>,
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
    /// Whether a text that was fetched once more had changed: what was made of it must not be used.
    pub(super) restless: Arc<AtomicBool>,
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

/// What is known from the build before.
#[derive(Clone, Copy)]
pub(super) struct Before<'a> {
    pub(super) left: &'a Arc<Left>,
    pub(super) made: &'a Made,
    pub(super) shelf: &'a Arc<Shelf>,
}

impl Sources {
    /// Reads everything.
    pub(super) fn read(root: &Path) -> Result<Self, Report> {
        let mut findings = Vec::new();
        let Some(project) = Project::open(root, &mut findings) else { return Err(Report::new(findings)) };
        let content = content::load(&project, &mut findings);
        let items = content.items.iter().chain(&content.queue).map(|item| &item.entry);
        let entries = items.chain(content.articles.iter().map(|article| &article.entry));
        let wanted =
            entries.flat_map(|entry| Wanted::of(entry, render::pictures(entry.markdown()))).collect();
        Ok(Self { project, content, findings, wanted })
    }

    /// Reads what has changed; `None` when the state does not hold what it should.
    pub(super) fn follow(
        project: Project,
        found: Vec<Found>,
        before: Option<Before<'_>>,
        now: &Stamp,
        mut findings: Vec<Diagnostic>,
    ) -> Option<(Self, Traces)> {
        let restless = Arc::default();
        let heavy = found.iter().map(|found| found.stamp.size()).sum::<u64>() > HEAVY;
        let slips = heavy.then(|| Slips { root: project.root.clone(), restless: Arc::clone(&restless) });
        let origins = origins(&project, &found, before, now, slips.map(Arc::new).as_ref());
        drop(found);
        let length = before.map_or(0, |before| before.left.sources.len());
        let mut same = vec![false; length];
        for origin in &origins {
            if let Origin::Old { at, .. } = origin {
                same[*at] = true;
            }
        }
        let mut old = before.map(|before| recall(&project, before)).unwrap_or_default();
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
        Some((Self { project, content, findings, wanted }, Traces { seen, bundles, cards, same, restless }))
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
    before: Option<Before<'_>>,
    now: &Stamp,
    slips: Option<&Arc<Slips>>,
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
    pairs.into_par_iter().map(|(found, before)| origin(project, found, before, now, slips)).collect()
}

fn origin(
    project: &Project,
    found: &Found,
    before: Option<(usize, &Seen)>,
    now: &Stamp,
    slips: Option<&Arc<Slips>>,
) -> Origin {
    if let Some((at, seen)) = before.filter(|(_, seen)| seen.trusts(&found.stamp)) {
        return Origin::Old { at, seen: seen.clone() };
    }
    let mut findings = Vec::new();
    let Some(bytes) = content::bytes(&found.file, &found.shown, &mut findings) else {
        return Origin::Broken(findings);
    };
    let seen = Seen::new(&*found.shown, found.stamp, now, &bytes);
    if let Some((at, _)) = before.filter(|(_, before)| before.digest == seen.digest) {
        return Origin::Old { at, seen };
    }
    match content::parse(project, found, bytes, &mut findings) {
        Some(mut card) => {
            let pictures = card.entry().map(|entry| render::pictures(entry.markdown())).unwrap_or_default();
            let pictures = pictures.into_iter().map(|(file, range)| (file, range.start, range.end)).collect();
            let findings = findings.iter().map(Said::from).collect();
            if let Some(slips) = slips {
                let slip = Arc::new(Slip { slips: Arc::clone(slips), digest: seen.digest });
                card.attach(&found.file, Source::later(&*found.shown, slip));
            }
            Origin::New(Box::new(Kept { card, findings, pictures }), seen)
        }
        None => Origin::Broken(findings),
    }
}

/// Unfolds the cards of the build before.
fn recall(project: &Project, before: Before<'_>) -> Vec<Option<Kept>> {
    let bundles: Vec<Vec<Option<Kept>>> = (0..before.made.bundles())
        .into_par_iter()
        .map(|at| {
            let kept: Vec<Kept> = before.made.bundle(at).and_then(unfold).unwrap_or_default();
            let sources = before.left.sources.iter().skip(at * BUNDLE);
            kept.into_iter()
                .zip(sources)
                .map(|(mut kept, seen)| {
                    let shelf: Arc<Shelf> = Arc::clone(before.shelf);
                    let file = project.root.join(&seen.path);
                    kept.card.attach(&file, Source::later(&*seen.path, shelf));
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
            if whole && unmoved { Bundle::Old(at) } else { Bundle::New(fold(&chunk)) }
        })
        .collect()
}

/// Where texts that were not read are fetched from, and held to what was known of them.
pub(super) struct Shelf {
    root: PathBuf,
    left: Arc<Left>,
    changed: AtomicBool,
}

impl Shelf {
    pub(super) fn new(root: &Path, left: &Arc<Left>) -> Self {
        Self { root: root.to_owned(), left: Arc::clone(left), changed: AtomicBool::new(false) }
    }

    /// Whether a file was not what it was known to be: what was made of it must not be used.
    pub(super) fn changed(&self) -> bool {
        self.changed.load(Ordering::Relaxed)
    }

    fn text(&self, path: &str) -> Option<String> {
        let sources = &self.left.sources;
        let at = sources.binary_search_by(|seen| seen.path.as_str().cmp(path)).ok()?;
        text(&self.root, path, &sources[at].digest)
    }
}

impl Fetch for Shelf {
    fn fetch(&self, path: &str) -> String {
        self.text(path).unwrap_or_else(|| {
            self.changed.store(true, Ordering::Relaxed);
            String::new()
        })
    }
}

/// From so many bytes of texts on they are not held in memory, but read again whenever they are needed.
const HEAVY: u64 = 64 << 20;

/// What all texts have in common that were read, judged and put back.
struct Slips {
    root: PathBuf,
    restless: Arc<AtomicBool>,
}

/// Where a text lies that was put back, and what it was.
struct Slip {
    slips: Arc<Slips>,
    digest: [u8; 32],
}

impl Fetch for Slip {
    fn fetch(&self, path: &str) -> String {
        text(&self.slips.root, path, &self.digest).unwrap_or_else(|| {
            self.slips.restless.store(true, Ordering::Relaxed);
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
    Source::decode(path, bytes, &mut Vec::new()).map(Source::into_text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_was_put_back_is_held_to_what_it_was() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("a.md");
        fs::write(&file, "As it was\r\n").expect("a file");
        let restless = Arc::new(AtomicBool::new(false));
        let slips = Arc::new(Slips { root: folder.path().to_owned(), restless: Arc::clone(&restless) });
        let slip = Arc::new(Slip { slips, digest: sha256_bytes(b"As it was\r\n") });
        let source = Source::later("a.md", slip);
        assert_eq!(source.lend(0), "As it was\n");
        assert!(!restless.load(Ordering::Relaxed));
        fs::write(&file, "As it is").expect("a file");
        assert_eq!(source.lend(0), "");
        assert!(restless.load(Ordering::Relaxed), "what was made of it must not be used");
    }
}
