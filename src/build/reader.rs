//! Reads the sources as far as they have changed; what is known of the others was kept by the build before.

use std::path::Path;
use std::sync::Arc;

use rayon::prelude::*;

use crate::config::Project;
use crate::content::{self, Card, Found};
use crate::model::{Diagnostic, Stamp};
use crate::render;

use super::folds::fold;
use super::output::above;
use super::pictures::Wanted;
use super::seen::{Room, Seen};
use super::sources::{Bundle, Cards, Past, Shelf, Traces};
use super::state::{Kept, Said, State};

/// How many files a processor takes at once, so that none is left alone with many at the end.
const AT_ONCE: usize = 128;

/// How many cards are kept together: those that have not changed are not written anew.
const BUNDLE: usize = 512;

pub(super) struct Reader<'a> {
    pub(super) project: &'a Project,
    /// A moment before anything is read.
    pub(super) now: &'a Stamp,
    pub(super) shelf: &'a Arc<Shelf>,
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

impl Reader<'_> {
    /// Reads files that lie where they lay. `None` where the state does not hold what it should.
    pub(super) fn known(
        &self,
        before: &Past,
        stamps: &[Stamp],
        findings: &mut Vec<Diagnostic>,
    ) -> Option<(Vec<Vec<Kept>>, Traces)> {
        let sources = &before.left.sources;
        let mut kept = self.recall(before)?;
        let held = held(stamps.iter());
        let changed = sources.iter().zip(stamps).enumerate().filter(|(_, (seen, stamp))| !seen.trusts(stamp));
        let changed: Vec<(usize, (&Seen, &Stamp))> = changed.collect();
        let origin = |folders: &mut Folders, (at, (seen, stamp)): (usize, (&Seen, &Stamp))| {
            let found = Found::again(&seen.path, *stamp)?;
            Some((at, self.origin(&found, Some((at, seen)), at < held, folders)))
        };
        let origins: Option<Vec<_>> = changed.into_par_iter().map_with(Folders::default(), origin).collect();
        let (mut seen, mut same, mut cards) = (sources.clone(), vec![true; sources.len()], Cards::Same);
        let mut broken = Vec::new();
        for (at, origin) in origins? {
            match origin {
                Origin::Old { seen: now, .. } => seen[at] = now,
                Origin::New(mut new, now) => {
                    new.card.number(at);
                    let old = kept.get_mut(at / BUNDLE)?.get_mut(at % BUNDLE)?;
                    cards = cards.min(Cards::judge(&old.card, &new.card));
                    (*old, seen[at], same[at]) = (*new, now, false);
                }
                Origin::Broken(mut faults) => {
                    findings.append(&mut faults);
                    (same[at], cards) = (false, Cards::Changed);
                    broken.push(at);
                }
            }
        }
        let bundle = |((kept, same), sum): ((&Vec<Kept>, &[bool]), &u64)| {
            if same.iter().all(|same| *same) { Bundle::Old(*sum) } else { Bundle::New(fold(kept)) }
        };
        let bundles =
            kept.par_iter().zip(same.par_chunks(BUNDLE)).zip(before.made.bundles()).map(bundle).collect();
        // Nothing is built, nor kept, of sources that hold errors.
        for at in broken.into_iter().rev() {
            kept.get_mut(at / BUNDLE)?.remove(at % BUNDLE);
            seen.remove(at);
        }
        if seen.len() < sources.len() {
            kept.iter_mut().flatten().enumerate().for_each(|(at, kept)| kept.card.number(at));
        }
        Some((kept, Traces { seen, rooms: before.left.rooms.clone(), bundles, cards, same }))
    }

    /// Reads files that were looked for. Where a `state` is given, what is made of them goes there at once, and is
    /// not held.
    pub(super) fn listed(
        &self,
        found: &[Found],
        rooms: Vec<Room>,
        before: Option<&Past>,
        state: Option<&State>,
        findings: &mut Vec<Diagnostic>,
    ) -> Option<(Vec<Vec<Kept>>, Traces)> {
        let origins = self.origins(found, before);
        let length = before.map_or(0, |before| before.left.sources.len());
        let mut same = vec![false; length];
        for origin in &origins {
            if let Origin::Old { at, .. } = origin {
                same[*at] = true;
            }
        }
        let mut old: Vec<Option<Kept>> = match before {
            Some(before) => self.recall(before)?.into_iter().flatten().map(Some).collect(),
            None => Vec::new(),
        };
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
        let mut kept: Vec<Vec<Kept>> = Vec::new();
        let mut places = Vec::with_capacity(origins.len());
        for origin in origins {
            let (mut new, now, place) = match origin {
                Origin::Old { at, seen } => (old.get_mut(at).and_then(Option::take)?, seen, Some(at)),
                Origin::New(new, seen) => (*new, seen, None),
                Origin::Broken(mut faults) => {
                    findings.append(&mut faults);
                    continue;
                }
            };
            new.card.number(seen.len());
            if seen.len() % BUNDLE == 0 {
                kept.push(Vec::with_capacity(BUNDLE));
            }
            seen.push(now);
            kept.last_mut()?.push(new);
            places.push(place);
        }
        let bundle = |(at, chunk): (usize, &Vec<Kept>)| {
            let start = at * BUNDLE;
            let whole = length.saturating_sub(start).min(BUNDLE) == chunk.len();
            let unmoved = (start..start + chunk.len()).all(|place| places.get(place) == Some(&Some(place)));
            let sum = before.and_then(|before| before.made.bundles().get(at)).filter(|_| whole && unmoved);
            if let Some(sum) = sum {
                return Bundle::Old(*sum);
            }
            let folded = fold(chunk);
            let there = state.map(|state| state.keep_bundle(at, &folded));
            // What cannot be kept now will not be kept later, and is found out again.
            there.and_then(Result::ok).map_or(Bundle::New(folded), Bundle::Old)
        };
        let bundles = kept.par_iter().with_max_len(1).enumerate().map(bundle).collect();
        Some((kept, Traces { seen, rooms, bundles, cards, same }))
    }

    fn origins(&self, found: &[Found], before: Option<&Past>) -> Vec<Origin> {
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
        let held = held(found.iter().map(|found| &found.stamp));
        let origin =
            |folders: &mut Folders, (at, (found, before))| self.origin(found, before, at < held, folders);
        pairs.into_par_iter().with_max_len(AT_ONCE).enumerate().map_with(Folders::default(), origin).collect()
    }

    /// What is known of a file, or what it says. Its text is fetched `later`, or held from now on.
    fn origin(
        &self,
        found: &Found,
        before: Option<(usize, &Seen)>,
        later: bool,
        folders: &mut Folders,
    ) -> Origin {
        let Self { project, now, shelf } = self;
        if let Some((at, seen)) = before.filter(|(_, seen)| seen.trusts(&found.stamp)) {
            return Origin::Old { at, seen: seen.clone() };
        }
        let mut findings = Vec::new();
        let file = found.file(&project.root);
        let Some(bytes) = content::bytes(&file, &found.shown, &mut findings) else {
            return Origin::Broken(findings);
        };
        let seen = Seen::new(Arc::clone(&found.shown), found.stamp, now, &bytes);
        if let Some((at, _)) = before.filter(|(_, before)| before.digest == seen.digest) {
            return Origin::Old { at, seen };
        }
        match content::parse(project, found, &file, bytes, &mut findings) {
            Some(mut card) => {
                let pictures =
                    card.entry().map(|entry| render::pictures(entry.markdown())).unwrap_or_default();
                let pictures =
                    pictures.into_iter().map(|(file, range)| (file, range.start, range.end)).collect();
                let findings = findings.iter().map(Said::from).collect();
                if later {
                    card.attach(folders.of(&project.root, &seen.path), shelf.source(&seen));
                }
                Origin::New(Box::new(Kept { card, findings, pictures }), seen)
            }
            None => Origin::Broken(findings),
        }
    }

    /// Unfolds the cards of the build before; nothing where they are not all there.
    fn recall(&self, before: &Past) -> Option<Vec<Vec<Kept>>> {
        let sources = &before.left.sources;
        let bundle = |at: usize| {
            let mut kept = before.made.bundle(at)?;
            let mut folders = Folders::default();
            let start = at * BUNDLE;
            for ((at, seen), kept) in (start..).zip(sources.get(start..)?).zip(&mut kept) {
                kept.card.attach(folders.of(&self.project.root, &seen.path), self.shelf.source(seen));
                kept.card.number(at);
            }
            Some(kept)
        };
        let count = before.made.bundles().len();
        let bundles: Option<Vec<Vec<Kept>>> =
            (0..count).into_par_iter().with_max_len(1).map(bundle).collect();
        let whole = |bundles: &Vec<Vec<Kept>>| {
            bundles.iter().map(Vec::len).eq(sources.chunks(BUNDLE).map(<[Seen]>::len))
        };
        bundles.filter(whole)
    }
}

/// The cards, what was said of them, and the pictures that they want.
pub(super) fn apart(kept: Vec<Vec<Kept>>) -> (Vec<Card>, Vec<Said>, Vec<Wanted>) {
    let part = |kept: Vec<Kept>| {
        let (mut cards, mut said, mut wanted) = (Vec::with_capacity(kept.len()), Vec::new(), Vec::new());
        for Kept { card, findings, pictures } in kept {
            said.extend(findings);
            if let Some(entry) = card.entry() {
                let pictures = pictures.into_iter().map(|(file, start, end)| (file, start..end));
                wanted.extend(Wanted::of(entry, pictures));
            }
            cards.push(card);
        }
        (cards, said, wanted)
    };
    let count = kept.iter().map(Vec::len).sum();
    let parts: Vec<_> = kept.into_par_iter().map(part).collect();
    let mut all = (Vec::with_capacity(count), Vec::new(), Vec::new());
    for (cards, said, wanted) in parts {
        all.0.extend(cards);
        all.1.extend(said);
        all.2.extend(wanted);
    }
    all
}

/// The folder of the file before, for the next that lies in it too.
#[derive(Default, Clone)]
struct Folders(Option<(String, Arc<Path>)>);

impl Folders {
    fn of(&mut self, root: &Path, path: &str) -> &Arc<Path> {
        let name = above(path).next().unwrap_or_default();
        if self.0.as_ref().is_none_or(|(known, _)| known != name) {
            self.0 = None;
        }
        let (_, folder) = self.0.get_or_insert_with(|| (name.to_owned(), root.join(name).into()));
        folder
    }
}

/// So many bytes of texts are held in memory, the newest; the others are read again whenever they are needed.
const HELD: u64 = 168 << 20;

/// The place from which on texts are held.
fn held<'s>(stamps: impl DoubleEndedIterator<Item = &'s Stamp> + ExactSizeIterator) -> usize {
    let mut room = HELD;
    let all = stamps.len();
    let fits = stamps.rev().take_while(|stamp| match room.checked_sub(stamp.size()) {
        Some(rest) => {
            room = rest;
            true
        }
        None => false,
    });
    all - fits.count()
}
