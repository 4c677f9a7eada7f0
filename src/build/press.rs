//! The press: every sheet that may have changed is printed, the others are left as they are.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use rayon::prelude::*;

use crate::config::Config;
use crate::issue::Archive;
use crate::model::{Diagnostic, OutFile, Slot};
use crate::render::{Noted, Notes, Renderer, Work, unsubscribe_url};
use crate::{check, mail, site};

use super::Progress;
use super::output::{Output, OutputError};
use super::seen::Seen;
use super::state::{Said, SheetLeft};
use super::years::Years;

/// The sketch of a sheet that was printed because nothing was known of the build before: a first build has
/// no use for sketches, and the next one that needs them makes them.
const UNKNOWN: u64 = 0;

/// How many sheets a processor takes at once, so that none is left alone with many at the end.
pub(super) const AT_ONCE: usize = 8;

/// One piece of work for the press.
#[derive(Debug, Clone, Copy)]
pub(super) enum Sheet<'a> {
    Page(site::Page<'a>),
    Mail(Slot),
    /// A year of the search index.
    Index(i32),
}

impl Sheet<'_> {
    /// What it is called from build to build.
    fn key(&self) -> String {
        match self {
            Self::Page(page) => page.key(),
            Self::Mail(slot) => format!("mail {slot}"),
            Self::Index(year) => format!("index {year}"),
        }
    }
}

/// All the work that an archive makes.
pub(super) fn sheets<'a>(archive: &'a Archive<'a>, config: &Config, mails: &[Slot]) -> Vec<Sheet<'a>> {
    // The longest first.
    let years = site::search_years(archive, config).into_iter().map(Sheet::Index);
    let mails = mails.iter().copied().map(Sheet::Mail);
    years.chain(mails).chain(site::pages(archive, config).into_iter().map(Sheet::Page)).collect()
}

/// What is known of the sheets of the build before.
#[derive(Debug)]
pub(super) struct Printed {
    pub(super) sheets: Vec<Arc<SheetLeft>>,
    /// Where each is, by key: only asked when one is not where it was.
    places: OnceLock<HashMap<String, usize>>,
    /// For each text of the state, whether it is the same.
    texts: Vec<bool>,
    /// Whether the archive, the pictures and what becomes of drafts are the same: texts apart, every page
    /// would be told what it was told before; with other words, every page that says nothing of their items.
    archive: Unchanged,
}

/// Whether the archive is as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unchanged {
    Yes,
    /// But for the words of some items and articles.
    Frame,
    No,
}

/// Where the texts of the build before are now.
#[derive(Debug)]
pub(super) enum Moved {
    /// Where they were.
    Nothing,
    /// For each its place, if it has one.
    To(Vec<Option<u32>>),
}

impl Moved {
    /// Between the sources and the other files of the build before and those of this one.
    pub(super) fn between(before: [&[Seen]; 2], now: [&[Seen]; 2]) -> Self {
        let same = |(before, now): (&[Seen], &[Seen])| {
            before.len() == now.len() && before.iter().zip(now).all(|(before, now)| before.path == now.path)
        };
        if before.into_iter().zip(now).all(same) {
            return Self::Nothing;
        }
        let places: HashMap<&str, u32> =
            (0..).zip(now.into_iter().flatten()).map(|(at, seen)| (&*seen.path, at)).collect();
        let all = before.into_iter().flatten();
        Self::To(all.map(|seen| places.get(&*seen.path).copied()).collect())
    }
}

/// A sheet that is done.
#[derive(Debug)]
pub(super) enum Done {
    /// It stands where it stood.
    Kept(Arc<SheetLeft>),
    /// It was printed.
    New(NewSheet),
}

/// A sheet that was printed.
#[derive(Debug)]
pub(super) struct NewSheet {
    /// What is to be remembered of it; nothing where it shows a file that is none of the sources.
    left: Option<Arc<SheetLeft>>,
    pub(super) findings: Vec<Diagnostic>,
}

impl Printed {
    pub(super) fn new(sheets: Vec<Arc<SheetLeft>>, texts: Vec<bool>, archive: Unchanged) -> Self {
        Self { sheets, places: OnceLock::new(), texts, archive }
    }

    /// The sheet of a key, which is probably where it was.
    fn sheet(&self, at: usize, key: &str) -> Option<&Arc<SheetLeft>> {
        let all = || self.sheets.iter().zip(0..).map(|(sheet, at)| (sheet.key.clone(), at)).collect();
        let found = self.sheets.get(at).filter(|sheet| sheet.key == key);
        found.or_else(|| self.sheets.get(*self.places.get_or_init(all).get(key)?))
    }

    /// Whether a sheet would be told what it was told before, as far as that is known without a sketch.
    fn tells_the_same(&self, sheet: &SheetLeft) -> bool {
        match self.archive {
            Unchanged::Yes => true,
            Unchanged::Frame => self.same(&sheet.cards),
            Unchanged::No => false,
        }
    }

    /// Whether all of these texts are the same.
    fn same(&self, texts: &[u32]) -> bool {
        let same = |text: &u32| self.texts.get(usize::try_from(*text).ok()?).copied();
        texts.iter().all(|text| same(text).unwrap_or(false))
    }
}

/// The places of what is no item, article, introduction or topic, by path: the state keeps them after these.
#[derive(Debug)]
pub(super) struct Places<'a>(HashMap<&'a str, u32>);

impl<'a> Places<'a> {
    pub(super) fn new(sources: &[Seen], others: &'a [Seen]) -> Self {
        let places = (0_u32..).skip(sources.len());
        Self(places.zip(others).map(|(at, seen)| (&*seen.path, at)).collect())
    }

    /// Where all that a sheet shows has its place: a file's number is its place among the sources.
    fn all(&self, mut numbers: Vec<u32>, others: &BTreeSet<String>) -> Option<Vec<u32>> {
        for path in others {
            numbers.push(*self.0.get(path.as_str())?);
        }
        Some(numbers)
    }
}

pub(super) struct Press<'a> {
    pub(super) renderer: &'a Renderer<'a>,
    pub(super) sheets: Vec<Sheet<'a>>,
    pub(super) years: &'a Years<'a>,
    pub(super) places: &'a Places<'a>,
    pub(super) progress: Progress<'a>,
}

impl Press<'_> {
    /// Prints what has changed; each file goes to `output` as soon as it is done and is forgotten.
    pub(super) fn run(&self, before: Option<&Printed>, output: &Output) -> Result<Vec<Done>, OutputError> {
        let count = AtomicUsize::new(0);
        let done = self.sheets.par_iter().with_max_len(AT_ONCE).enumerate().map(|(at, sheet)| {
            let done = self.sheet(at, *sheet, before, output);
            (self.progress)(count.fetch_add(1, Ordering::Relaxed) + 1, self.sheets.len());
            done
        });
        done.collect()
    }

    fn sheet(
        &self,
        at: usize,
        sheet: Sheet<'_>,
        before: Option<&Printed>,
        output: &Output,
    ) -> Result<Done, OutputError> {
        let key = sheet.key();
        let old = before.and_then(|before| Some((before, before.sheet(at, &key)?)));
        let told_the_same = old.is_some_and(|(before, old)| before.tells_the_same(old));
        let sketch = match (before, old) {
            (_, Some((_, old))) if told_the_same => old.sketch,
            (Some(_), _) => self.sketch(sheet),
            (None, _) => UNKNOWN,
        };
        if let Some((before, old)) = old
            && (told_the_same || sketch != UNKNOWN && old.sketch == sketch)
            && self.current(before, old)
            && output.keep(&old.files)
        {
            return Ok(Done::Kept(Arc::clone(old)));
        }
        let notes = Arc::new(Notes::new(Work::Print));
        let renderer = self.renderer.noting(self.renderer.templates, &notes);
        let mut findings = Vec::new();
        let mut files = Vec::new();
        match self.print(&renderer, sheet, &mut findings) {
            Ok(printed) => {
                // A year of the index has many.
                printed.par_iter().with_min_len(4).try_for_each(|file| output.write(file))?;
                files.extend(printed.into_iter().map(|file| file.path));
            }
            Err(fault) => findings.push(fault),
        }
        let Noted { texts, cards, others, named, .. } = notes.finish();
        let left = self.places.all(texts, &others).map(|texts| SheetLeft {
            key,
            sketch,
            texts,
            cards,
            named: named.into_iter().collect(),
            files,
            findings: findings.iter().map(Said::from).collect(),
        });
        let left = left.map(Arc::new);
        Ok(Done::New(NewSheet { left, findings }))
    }

    /// Whether the texts of a sheet are the same and lead where they led.
    fn current(&self, before: &Printed, old: &SheetLeft) -> bool {
        let leads = || old.named.iter().all(|(named, leads)| self.renderer.leads(named) == *leads);
        before.same(&old.texts) && (before.archive != Unchanged::No || leads())
    }

    /// Makes the files of a sheet, or tells what they would be made of.
    fn print(
        &self,
        renderer: &Renderer<'_>,
        sheet: Sheet<'_>,
        findings: &mut Vec<Diagnostic>,
    ) -> Result<Vec<OutFile>, Diagnostic> {
        match sheet {
            Sheet::Page(page) => Ok(site::render(page, renderer, findings)?.into_iter().collect()),
            Sheet::Index(year) if renderer.prints() => Ok(self.years.print(renderer, year)),
            Sheet::Index(year) => {
                site::search_sketch(renderer, year);
                Ok(Vec::new())
            }
            Sheet::Mail(slot) => match mail(renderer, slot, findings)? {
                Some(mail) => mail.files(renderer.config),
                None => Ok(Vec::new()),
            },
        }
    }

    /// Says what is wrong with a sheet, and makes no file of it.
    pub(super) fn proof(&self, sheet: Sheet<'_>) -> Vec<Diagnostic> {
        let (renderer, mut findings) = (self.renderer, Vec::new());
        let fault = match sheet {
            // What is drawn has no faults, and costs the most.
            Sheet::Page(site::Page::Card(_)) => None,
            Sheet::Mail(slot) => match mail(renderer, slot, &mut findings) {
                Ok(mail) => mail.and_then(|mail| mail.fits(renderer.config).err()),
                Err(fault) => Some(fault),
            },
            sheet => self.print(renderer, sheet, &mut findings).err(),
        };
        findings.extend(fault);
        findings
    }

    /// A digest of all that a sheet would be told; none that cannot be sketched is like another.
    fn sketch(&self, sheet: Sheet<'_>) -> u64 {
        let notes = Arc::new(Notes::new(Work::Sketch));
        let templates = self.renderer.templates.sketching(&notes);
        let renderer = self.renderer.noting(&templates, &notes);
        match self.print(&renderer, sheet, &mut Vec::new()) {
            Ok(files) => {
                for file in files {
                    notes.told((&file.path, file.bytes()));
                }
                notes.finish().sketch()
            }
            Err(_) => UNKNOWN,
        }
    }
}

/// A mail, and what its checker says of it.
fn mail(
    renderer: &Renderer<'_>,
    slot: Slot,
    findings: &mut Vec<Diagnostic>,
) -> Result<Option<mail::Mail>, Diagnostic> {
    let Some(issue) = renderer.archive.issue(slot) else { return Ok(None) };
    let mail = mail::render(renderer, issue, findings)?;
    // A fault in the sources is said once, not again as what it does to the mail.
    if findings.is_empty() && renderer.prints() {
        findings.extend(check::letter(&letter(&mail, renderer.config)));
    }
    Ok(Some(mail))
}

/// A mail as its checker sees it.
fn letter<'a>(mail: &'a mail::Mail, config: &'a Config) -> check::Letter<'a> {
    let publisher = &config.publisher;
    let text = |text: &'a Option<String>| text.as_deref().unwrap_or_default();
    check::Letter {
        date: mail.slot.date,
        html: &mail.html,
        text: &mail.text,
        items: &mail.items,
        url: &mail.facts.url,
        footer: config.mail.as_ref().map(|_| check::Footer {
            unsubscribe: unsubscribe_url(config),
            publisher: text(&publisher.name),
            address: text(&publisher.address),
        }),
    }
}

impl Done {
    /// What is said of the sheet.
    pub(super) fn findings(&self) -> Vec<Diagnostic> {
        match self {
            Self::Kept(sheet) => sheet.findings.iter().cloned().map(Diagnostic::from).collect(),
            Self::New(sheet) => sheet.findings.clone(),
        }
    }

    /// What is to be remembered of it.
    pub(super) fn left(&self, moved: &Moved) -> Option<Arc<SheetLeft>> {
        match (self, moved) {
            (Self::Kept(sheet), Moved::Nothing) => Some(Arc::clone(sheet)),
            (Self::Kept(sheet), Moved::To(places)) => {
                let text = |text: &u32| places.get(usize::try_from(*text).ok()?).copied().flatten();
                let now = |texts: &[u32]| texts.iter().map(text).collect::<Option<Vec<u32>>>();
                let (texts, cards) = (now(&sheet.texts)?, now(&sheet.cards)?);
                Some(Arc::new(SheetLeft { texts, cards, ..SheetLeft::clone(sheet) }))
            }
            (Self::New(NewSheet { left, .. }), _) => left.clone(),
        }
    }
}
