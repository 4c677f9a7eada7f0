//! What one build remembers for the next: how everything lay when it was done, and what it had made of it.
//!
//! It lies in a hidden folder beside `out/`, may be deleted at any time, and is believed only by the very
//! program that wrote it, on a machine that has not been started since: after a power cut the bytes of a file
//! may not be what its times promise.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::config::SETTINGS;
use crate::content::Card;
use crate::issue::Drafts;
use crate::model::{Diagnostic, Fix, Location, Report, Severity, Slot, Stamp, sha256_bytes};
use crate::render::Named;

use super::folds::{Part, fold, fold_into, sum_of, unfold};
use super::made::{CARDS, Made, SHEETS, Sums, numbered, whole};
use super::order::{Filling, Order, Which};
use super::output::{beside, moment};
use super::seen::{Room, Seen};
use super::{BuildReport, Filled};

/// Raised when what follows is written in another way.
const FORMAT: u32 = 4;
/// How everything was left: read by every build.
const LEFT: &str = "left";
/// The stretches of sources and of files of `out/`, each with its number.
const STRETCHES: [&str; 2] = ["sources", "outputs"];
/// How many files are kept together: one core reads them while another reads others, and those that have not changed
/// are not written anew.
const STRETCH: usize = 1024;

/// The folder of a state.
#[derive(Debug)]
pub(super) struct State {
    folder: PathBuf,
}

/// How everything lay after a build.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Left {
    pub(super) key: Key,
    /// The blocks that the settings name, relative to `content/`.
    pub(super) blocks: Vec<PathBuf>,
    pub(super) order: Ordered,
    /// The Markdown files of `content/`, by path; kept in stretches.
    #[serde(skip)]
    pub(super) sources: Vec<Seen>,
    /// The folders that they were found in; none where they cannot tell of a change.
    pub(super) rooms: Vec<Room>,
    /// Settings, blocks and templates, by path from the root.
    pub(super) others: Vec<Seen>,
    /// The originals of pictures.
    pub(super) pictures: Vec<PictureLeft>,
    /// The files of `out/`, by path in it; kept in stretches.
    #[serde(skip)]
    pub(super) outputs: Vec<Seen>,
    /// Its folders.
    pub(super) folders: Vec<(String, Stamp)>,
    pub(super) told: Told,
    pub(super) made: Sums,
    /// The sums of the stretches: of the sources, and of the files of `out/`.
    pub(super) stretches: [Vec<u64>; 2],
}

/// What makes a state worthless when it is another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Key {
    format: u32,
    version: String,
    program: Option<Stamp>,
    started: String,
    root: String,
}

/// What was ordered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Ordered {
    which: Which,
    drafts: bool,
    filling: Filling,
}

impl Ordered {
    /// Whether drafts and the queue are treated the same.
    pub(super) fn same_plan(&self, other: &Self) -> bool {
        // Whose mails are made may say which issue is open.
        let one_queue = self.filling.from.is_none() || self.which == other.which;
        self.drafts == other.drafts && self.filling == other.filling && one_queue
    }
}

impl From<&Order> for Ordered {
    fn from(order: &Order) -> Self {
        Self {
            which: order.which.clone(),
            drafts: order.drafts == Drafts::Included,
            filling: order.filling.clone(),
        }
    }
}

/// What was reported.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Told {
    pub(super) mails: Vec<Slot>,
    pub(super) issues: usize,
    pub(super) articles: usize,
    pub(super) files: usize,
    pub(super) warnings: Vec<Said>,
    pub(super) filled: Option<Filled>,
}

impl From<&BuildReport> for Told {
    fn from(report: &BuildReport) -> Self {
        let BuildReport { mails, issues, articles, files, warnings, filled } = report;
        let warnings = warnings.findings().iter().map(Said::from).collect();
        Self {
            mails: mails.clone(),
            issues: *issues,
            articles: *articles,
            files: *files,
            warnings,
            filled: filled.clone(),
        }
    }
}

impl From<Told> for BuildReport {
    fn from(told: Told) -> Self {
        let Told { mails, issues, articles, files, warnings, filled } = told;
        let warnings = Report::new(warnings.into_iter().map(Diagnostic::from).collect());
        Self { mails, issues, articles, files, warnings, filled }
    }
}

/// A picture and its copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PictureLeft {
    pub(super) original: Seen,
    pub(super) name: String,
    pub(super) width: u32,
    pub(super) height: u32,
}

/// What was made of one source file.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Kept {
    pub(super) card: Card,
    pub(super) findings: Vec<Said>,
    /// The pictures that its text names, with their places in it, in bytes.
    pub(super) pictures: Vec<(String, usize, usize)>,
}

/// What was made of one sheet.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct SheetLeft {
    pub(super) key: String,
    pub(super) sketch: u64,
    /// The texts it shows: places in `sources`, and after them in `others`.
    pub(super) texts: Vec<u32>,
    /// The items and articles of which it shows anything at all, likewise.
    pub(super) cards: Vec<u32>,
    pub(super) named: Vec<(Named, u64)>,
    /// Its files, by path in `out/`.
    pub(super) files: Vec<String>,
    pub(super) findings: Vec<Said>,
}

/// A finding that can be kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Said {
    severity: Severity,
    rule: String,
    message: String,
    location: Option<Location>,
    hint: Option<String>,
    fix: Option<Box<Fix>>,
}

impl From<&Diagnostic> for Said {
    fn from(finding: &Diagnostic) -> Self {
        let Diagnostic { severity, rule, message, location, hint, fix } = finding.clone();
        Self { severity, rule: rule.to_owned(), message, location, hint, fix }
    }
}

impl From<Said> for Diagnostic {
    fn from(said: Said) -> Self {
        let Said { severity, rule, message, location, hint, fix } = said;
        Self { severity, rule: known(&rule), message, location, hint, fix }
    }
}

/// The one copy of a rule's name: there are few, and they live as long as the program.
fn known(rule: &str) -> &'static str {
    static RULES: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let mut rules = RULES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = rules.get(rule) {
        return known;
    }
    let name: &'static str = Box::leak(rule.to_owned().into_boxed_str());
    rules.insert(name);
    name
}

impl State {
    /// The state of an `out/`.
    pub(super) fn of(out: &Path) -> Self {
        Self { folder: beside(out, "state") }
    }

    /// What checks keep beside an `out/`.
    pub(super) fn of_checks(out: &Path) -> Self {
        Self { folder: beside(out, "check") }
    }

    /// Holds the folder as long as the file lives; none where another process does, or nothing can be written.
    pub(super) fn lock(&self) -> Option<File> {
        fs::create_dir_all(&self.folder).ok()?;
        let handle = File::open(&self.folder).ok()?;
        // Some network file systems lock no folders.
        let free = !matches!(handle.try_lock(), Err(fs::TryLockError::WouldBlock));
        free.then_some(handle)
    }

    /// What makes a state of this newsletter good for this program.
    pub(super) fn key(root: &Path) -> Key {
        let program = std::env::current_exe().and_then(fs::metadata);
        Key {
            format: FORMAT,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            program: program.ok().map(|found| Stamp::of(&found)),
            started: fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default(),
            root: fs::canonicalize(root).map(|root| root.to_string_lossy().into_owned()).unwrap_or_default(),
        }
    }

    /// Sixteen bytes that hang on the program, the machine and the settings.
    pub(super) fn salt(root: &Path, others: &[Seen]) -> [u8; 16] {
        let settings = others.iter().find(|seen| *seen.path == *SETTINGS).map(|seen| seen.digest);
        let digest = sha256_bytes(&fold(&(Self::key(root), settings)));
        let mut salt = [0; 16];
        salt.copy_from_slice(&digest[..16]);
        salt
    }

    /// Reads how everything was left; nothing when it cannot be believed.
    pub(super) fn left(&self, root: &Path) -> Option<Left> {
        let mut left: Left = unfold(self.part(LEFT)?.as_ref())?;
        if left.key != Self::key(root) {
            return None;
        }
        let [sources, outputs] = &left.stretches;
        (left.sources, left.outputs) =
            match rayon::join(|| self.files(STRETCHES[0], sources), || self.files(STRETCHES[1], outputs)) {
                (Some(sources), Some(outputs)) => (sources, outputs),
                _ => return None,
            };
        Some(left)
    }

    fn files(&self, name: &str, sums: &[u64]) -> Option<Vec<Seen>> {
        let stretch = |(at, sum): (usize, &u64)| unfold(&whole(&self.folder.join(numbered(name, at)), *sum)?);
        let stretches: Option<Vec<Vec<Seen>>> =
            sums.par_iter().with_max_len(1).enumerate().map(stretch).collect();
        let stretches = stretches?;
        let mut all = Vec::with_capacity(stretches.iter().map(Vec::len).sum());
        stretches.into_iter().for_each(|stretch| all.extend(stretch));
        Some(all)
    }

    /// What had been made by the build that left it so.
    pub(super) fn made(&self, left: &Left) -> Made {
        Made { folder: self.folder.clone(), sums: left.made.clone() }
    }

    /// Forgets: from here on, until the next `save`, a build trusts nothing.
    pub(super) fn forget(&self) {
        let _ = fs::remove_file(self.folder.join(LEFT));
    }

    /// A moment, for files that are about to be read.
    pub(super) fn moment(&self) -> Option<Stamp> {
        fs::create_dir_all(&self.folder).and_then(|()| moment(&self.folder)).ok()
    }

    /// Writes what has been made of the sheets, where it is not what lies there. Returns the sums.
    pub(super) fn keep_sheets(
        &self,
        sheets: &[Arc<SheetLeft>],
        before: &[Arc<SheetLeft>],
        sums: &[u64],
    ) -> io::Result<Vec<u64>> {
        let keep = |(at, sheets): (usize, &[Arc<SheetLeft>])| {
            let before = before.get(at * STRETCH..).map_or(&[][..], |rest| &rest[..rest.len().min(STRETCH)]);
            let same = sheets.len() == before.len()
                && sheets.iter().zip(before).all(|(now, before)| Arc::ptr_eq(now, before));
            if let Some(sum) = sums.get(at).filter(|_| same) {
                return Ok(*sum);
            }
            let folded = fold(&sheets.iter().map(Arc::as_ref).collect::<Vec<&SheetLeft>>());
            self.write(&numbered(SHEETS, at), [folded.as_slice()])?;
            Ok(sum_of(&folded))
        };
        sheets.par_chunks(STRETCH).with_max_len(1).enumerate().map(keep).collect()
    }

    /// Writes a bundle of cards. Returns its sum.
    pub(super) fn keep_bundle(&self, at: usize, folded: &[u8]) -> io::Result<u64> {
        self.write(&numbered(CARDS, at), [folded])?;
        Ok(sum_of(folded))
    }

    /// Writes how everything was left. What had been made must lie ready: what is believed first is written last.
    /// `before` are the sums of the stretches that lie there.
    pub(super) fn keep(&self, left: &mut Left, before: Option<&[Vec<u64>; 2]>) -> io::Result<()> {
        let before = |at: usize| before.map_or(&[][..], |before| &before[at]);
        let stretches =
            [self.keep_files(0, &left.sources, before(0))?, self.keep_files(1, &left.outputs, before(1))?];
        left.stretches = stretches;
        let [sources, outputs] = &left.stretches;
        let rest = [
            (STRETCHES[0], sources),
            (STRETCHES[1], outputs),
            (SHEETS, &left.made.sheets),
            (CARDS, &left.made.cards),
        ];
        for (name, sums) in rest {
            // Whatever lies behind the last one is of a build before.
            let _ = (sums.len()..).try_for_each(|at| fs::remove_file(self.folder.join(numbered(name, at))));
        }
        self.keep_part(LEFT, &fold(left))
    }

    fn keep_files(&self, which: usize, files: &[Seen], before: &[u64]) -> io::Result<Vec<u64>> {
        let keep = |(at, files): (usize, &[Seen])| {
            let folded = fold_into(144 * files.len(), &files);
            let sum = sum_of(&folded);
            if before.get(at) != Some(&sum) {
                self.write(&numbered(STRETCHES[which], at), [folded.as_slice()])?;
            }
            Ok(sum)
        };
        files.par_chunks(STRETCH).with_max_len(1).enumerate().map(keep).collect()
    }

    /// Reads a part by itself, if it is whole as it was written.
    pub(super) fn part(&self, name: &str) -> Option<Part> {
        Some(Part(fs::read(self.folder.join(name)).ok()?)).filter(Part::is_whole)
    }

    /// Keeps a part by itself.
    pub(super) fn keep_part(&self, name: &str, part: &[u8]) -> io::Result<()> {
        self.write(name, [&sum_of(part).to_le_bytes(), part])
    }

    fn write<'b>(&self, name: &str, pieces: impl IntoIterator<Item = &'b [u8]>) -> io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        let beside = self.folder.join(format!("{name}.new"));
        let mut file = File::create(&beside)?;
        pieces.into_iter().try_for_each(|piece| file.write_all(piece))?;
        drop(file);
        let path = self.folder.join(name);
        // A file that takes another's place is on the disk first, and its writer waits for that. Nothing here is worth
        // waiting for: what is missing after a crash is made again.
        let _ = fs::remove_file(&path);
        fs::rename(&beside, path)
    }
}
