//! The cuttings: what one check keeps of every text for the next, so that only what has changed since is read.
//!
//! They lie in a hidden folder beside `out/` and are believed as little as the state of a build: they may be deleted
//! at any time, and where they cannot be written a check takes longer, and that is all.

use std::collections::HashMap;
use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::check::{Trace, Traces};
use crate::config::{Project, SETTINGS};
use crate::content::{self, Content, Entry};
use crate::images::Gallery;
use crate::model::{Diagnostic, Report, Stamp, sha256_bytes};

use super::folds::{fold, unfold};
use super::made::Sums;
use super::order::{Order, Trust, Which};
use super::pictures::{self, Pictures};
use super::seen::Seen;
use super::sources::{Bundle, Past, Sources, keep_bundles};
use super::stamps::{Files, doubt, others, stamp};
use super::state::{Left, Ordered, PictureLeft, State, Told};
use super::usual_out;

/// The part of the state that holds the traces.
const TRACES: &str = "traces";

/// Everything that was written by hand, the pictures beside it, and what its entries are recognised by.
pub(super) struct Cuttings {
    pub(super) sources: Sources,
    pub(super) gallery: Gallery,
    /// What is wrong with pictures.
    pub(super) faults: Vec<Diagnostic>,
    pub(super) traces: Traces,
}

/// The trace of a file that held those bytes.
#[derive(Debug, Serialize, Deserialize)]
struct Cutting {
    path: String,
    digest: [u8; 32],
    trace: Trace,
}

type Known = HashMap<String, ([u8; 32], Trace)>;

/// The folder of the cuttings, while it is nobody else's.
struct Turn {
    _lock: File,
    now: Stamp,
}

impl Cuttings {
    /// Reads a newsletter as far as it has changed, keeps what is new, and makes something of it all.
    pub(super) fn read<T>(root: &Path, trust: Trust, make: impl Fn(&Self) -> T) -> Result<T, Report> {
        let cuttings = Self::gather(root, trust)?;
        let made = make(&cuttings);
        if !cuttings.restless() {
            return Ok(made);
        }
        // A file changed while it was used: once more, and nothing is believed.
        Self::gather(root, Trust::Nothing).map(|cuttings| make(&cuttings))
    }

    fn gather(root: &Path, trust: Trust) -> Result<Self, Report> {
        let mut findings = Vec::new();
        let settings = settings(root);
        let Some(project) = Project::open(root, &mut findings) else { return Err(Report::new(findings)) };
        let state = State::of_checks(&usual_out(root));
        let turn = Turn::take(&state);
        let blocks = content::block_files(&project);
        let (files, left) = rayon::join(
            || Files::list(root, &blocks, None, &mut findings),
            || (trust == Trust::Metadata).then(|| state.left(root)).flatten().map(Arc::new),
        );
        // Where nothing can be kept, a time that is past says of less that it is settled.
        let now = turn.as_ref().map(|turn| turn.now).or_else(|| stamp(root)).unwrap_or_default();
        let mut others = others(root, &project, left.as_deref(), &now);
        let past = left.as_ref().and_then(|left| Past::of(left, &others, &state));
        let (followed, known) = rayon::join(
            || {
                Sources::follow(
                    project,
                    files,
                    past.as_ref(),
                    &now,
                    turn.as_ref().filter(|_| left.is_none()).map(|_| &state),
                    findings,
                )
            },
            || past.as_ref().map(|_| known(&state)).unwrap_or_default(),
        );
        let Some((sources, read)) = followed else {
            drop(turn);
            return Self::gather(root, Trust::Nothing);
        };
        let mut faults = Vec::new();
        let pictures = pictures(root, &sources, left.as_deref(), &now, &mut faults);
        let (traces, strangers) = traces(&sources.content, &read.seen, known);
        let fresh = past.as_ref().is_some_and(|Past { left, .. }| {
            left.sources == read.seen && left.others == others && left.pictures == pictures.left
        });
        let same_settings =
            others.iter().any(|seen| *seen.path == *SETTINGS && Some(seen.digest) == settings);
        let cuttings = Self { sources, gallery: pictures.gallery, faults, traces };
        let new = !fresh || strangers == Strangers::Some;
        if turn.is_some() && new && same_settings && !cuttings.restless() {
            doubt(root, &mut others);
            // What cannot be kept is found out again.
            let left = left_of(root, read.seen, others, pictures.left);
            let before = past.as_ref().map(|past| &past.left.stretches);
            let _ = keep(&state, left, before, &read.bundles, &cuttings.traces);
        }
        Ok(cuttings)
    }

    /// Whether a text was another one by the time it was fetched: what was made of it must not be used.
    pub(super) fn restless(&self) -> bool {
        self.sources.shelf.changed()
    }
}

impl Turn {
    /// Takes the folder; nobody waits for it.
    fn take(state: &State) -> Option<Self> {
        let lock = state.lock()?;
        Some(Self { _lock: lock, now: state.moment()? })
    }
}

/// The pictures that texts name. Their copies are nobody's here: what is known of one is as good as it.
fn pictures(
    root: &Path,
    sources: &Sources,
    left: Option<&Left>,
    now: &Stamp,
    faults: &mut Vec<Diagnostic>,
) -> Pictures {
    let left = left.map_or(&[][..], |left| &left.pictures);
    let known = pictures::Known { left, stands: &|_| true, now };
    pictures::prepare(root, &sources.wanted, sources.logo(), Some(&known), faults)
}

/// The traces that a check before has kept.
fn known(state: &State) -> Known {
    let kept: Option<Vec<Cutting>> = state.part(TRACES).and_then(|part| unfold(part.as_ref()));
    let kept = kept.unwrap_or_default().into_iter();
    kept.map(|cutting| (cutting.path, (cutting.digest, cutting.trace))).collect()
}

/// Whether there are entries that no check before has kept a trace of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Strangers {
    None,
    Some,
}

/// The trace of every entry: as it is known, or read from the text.
fn traces(content: &Content, seen: &[Seen], mut known: Known) -> (Traces, Strangers) {
    let mut traces = Traces::with_capacity(known.len());
    let mut new: Vec<&Entry> = Vec::new();
    for entry in content.entries() {
        let path = entry.source.path();
        match known.remove_entry(path) {
            Some((path, (digest, trace)))
                if Seen::find(seen, &path).is_some_and(|seen| seen.digest == digest) =>
            {
                traces.insert(path, trace);
            }
            _ => new.push(entry),
        }
    }
    let strangers = if new.is_empty() { Strangers::None } else { Strangers::Some };
    let new = new.into_par_iter().map(|entry| (entry.source.path().to_owned(), Trace::of(entry)));
    traces.extend(new.collect::<Vec<_>>());
    (traces, strangers)
}

fn keep(
    state: &State,
    mut left: Left,
    before: Option<&[Vec<u64>; 2]>,
    bundles: &[Bundle],
    traces: &Traces,
) -> std::io::Result<()> {
    let cutting = |seen: &Seen| {
        let trace = traces.get(&*seen.path)?.clone();
        Some(Cutting { path: seen.path.to_string(), digest: seen.digest, trace })
    };
    let cuttings: Vec<Cutting> = left.sources.iter().filter_map(cutting).collect();
    state.keep_part(TRACES, &fold(&cuttings))?;
    // Where a build keeps its sheets a check has nothing.
    left.made = Sums { sheets: Vec::new(), cards: keep_bundles(state, bundles)? };
    state.keep(&mut left, before)
}

/// How a newsletter lay when it was checked: nothing was built.
fn left_of(root: &Path, sources: Vec<Seen>, others: Vec<Seen>, pictures: Vec<PictureLeft>) -> Left {
    let told =
        Told { mails: Vec::new(), issues: 0, articles: 0, files: 0, warnings: Vec::new(), filled: None };
    Left {
        key: State::key(root),
        order: Ordered::from(&Order::from(Which::Newest)),
        sources,
        rooms: Vec::new(),
        others,
        blocks: Vec::new(),
        pictures,
        outputs: Vec::new(),
        folders: Vec::new(),
        told,
        made: Sums::default(),
        stretches: Default::default(),
    }
}

/// A digest of the settings.
fn settings(root: &Path) -> Option<[u8; 32]> {
    fs::read(root.join(SETTINGS)).ok().map(|bytes| sha256_bytes(&bytes))
}
