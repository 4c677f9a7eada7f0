//! A run of the press: from the files of a newsletter to `out/`.
//!
//! Never knows: the terminal, the clock, who the readers are.

mod mend;
mod output;
mod pictures;
mod read;

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;
use thiserror::Error;

use crate::config::{Config, Logo, Project};
use crate::content::{self, Content};
use crate::issue::{self, Archive, Drafts, Issue};
use crate::model::{Diagnostic, OutFile, Report, Slot, Slug, suggest};
use crate::render::{Renderer, Templates, unsubscribe_url};
use crate::{check, mail, site};

pub use mend::{MendError, mend};
pub use output::{MANIFEST, Manifest, Output, OutputError};

pub use read::{ReadError, read_mail};

use pictures::Pictures;

/// What is to be built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Whose mail is made beside the web edition.
    pub which: Which,
    /// What becomes of drafts.
    pub drafts: Drafts,
}

/// Whose mail is made beside the web edition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// The newest issue's.
    Newest,
    /// That of these issues or digests.
    These(Vec<Slot>),
    /// Every issue's.
    All,
}

impl From<Which> for Order {
    fn from(which: Which) -> Self {
        Self { which, drafts: Drafts::LeftOut }
    }
}

/// What a build has made.
#[derive(Debug, Clone)]
pub struct BuildReport {
    /// The issues whose mail was made.
    pub mails: Vec<Slot>,
    /// How many issues the web edition has.
    pub issues: usize,
    /// How many articles it has.
    pub articles: usize,
    /// How many files stand in `out/`, the manifest not counted.
    pub files: usize,
    /// What is to be said all the same.
    pub warnings: Report,
}

/// Why nothing was built; `out/` is as it was.
#[derive(Debug, Error)]
pub enum BuildError {
    /// The sources hold errors.
    #[error("nothing was built")]
    Findings(Report),
    /// The files could not be written.
    #[error(transparent)]
    Output(#[from] OutputError),
}

/// Hears how many of how many pages are done.
pub type Progress<'a> = &'a (dyn Fn(usize, usize) + Sync);

/// Builds a newsletter into `out`.
pub fn build(
    root: &Path,
    order: &Order,
    out: &Path,
    progress: Progress<'_>,
) -> Result<BuildReport, BuildError> {
    let sources = Sources::read(root).map_err(BuildError::Findings)?;
    let content = root.join("content");
    let output = Output::open(out)?;
    let known = copies(output.old());
    let mut findings = sources.findings.clone();
    let archive = issue::assemble(&sources.content, &sources.project.config, order.drafts, &mut findings);
    let mails = choose(&archive, &order.which, &mut findings);
    let pictures = pictures::prepare(root, &sources.content, logo(&sources), &known, &mut findings);
    let templates = Templates::load(root, &mut findings);
    let report = Report::new(std::mem::take(&mut findings));
    let templates =
        templates.filter(|_| !report.has_errors()).ok_or_else(|| BuildError::Findings(report.clone()))?;
    let renderer = Renderer::new(&sources.project.config, &archive, &pictures.gallery, &templates, &content);
    let press = Press { renderer: &renderer, sheets: sheets(&archive, &mails), progress };
    let faults = press.run(|file| output.write(file))?;
    let report = report.with(faults);
    if report.has_errors() {
        return Err(BuildError::Findings(report));
    }
    let checked = check::check(&archive, &sources.project.config, |issue| mails.contains(&issue.slot()));
    let warnings =
        Report::new(check::weigh(report.with(checked).findings().to_vec(), &sources.project.config.check));
    if warnings.has_errors() {
        return Err(BuildError::Findings(warnings));
    }
    write_pictures(&output, &pictures)?;
    let report = BuildReport {
        mails,
        issues: archive.issues.len(),
        articles: archive.articles.len(),
        files: output.count(),
        warnings,
    };
    output.commit()?;
    Ok(report)
}

/// Says everything that a build would complain of, and what the copy editor adds; writes nothing.
pub fn check(root: &Path, which: &Which) -> Report {
    let sources = match Sources::read(root) {
        Ok(sources) => sources,
        Err(report) => return report,
    };
    let content = root.join("content");
    let mut findings = sources.findings.clone();
    let config = &sources.project.config;
    let archive = issue::assemble(&sources.content, config, Drafts::LeftOut, &mut findings);
    let days = choose(&archive, which, &mut findings);
    let pictures = pictures::prepare(root, &sources.content, logo(&sources), &[], &mut findings);
    if let Some(templates) = Templates::load(root, &mut findings) {
        let renderer = Renderer::new(config, &archive, &pictures.gallery, &templates, &content);
        let press = Press { renderer: &renderer, sheets: sheets(&archive, &days), progress: &|_, _| {} };
        findings.extend(press.run(|_| Ok(())).unwrap_or_default());
        for issue in archive.issues.iter().filter(|issue| days.contains(&issue.slot())) {
            findings.extend(renderer.proofread(issue));
        }
    }
    findings.extend(check::check(&archive, config, |issue| days.contains(&issue.slot())));
    Report::new(check::weigh(findings, &config.check))
}

/// The topics that readers may choose, with their names: those that come up most, in the order of the alphabet.
pub fn topics(root: &Path) -> Vec<(Slug, String)> {
    const MOST: usize = 40;
    let Ok(sources) = Sources::read(root) else { return Vec::new() };
    let archive =
        issue::assemble(&sources.content, &sources.project.config, Drafts::LeftOut, &mut Vec::new());
    let threads = archive.threads.iter().filter(|(_, thread)| !thread.entries.is_empty());
    let mut topics: Vec<_> =
        threads.map(|(key, thread)| (thread.entries.len(), (*key).clone(), thread.name.to_owned())).collect();
    topics.sort_by_key(|(count, ..)| std::cmp::Reverse(*count));
    topics.truncate(MOST);
    topics.sort_by_key(|(_, _, name)| name.to_lowercase());
    topics.into_iter().map(|(_, key, name)| (key, name)).collect()
}

/// Everything that was written by hand.
struct Sources {
    project: Project,
    content: Content,
    findings: Vec<Diagnostic>,
}

impl Sources {
    fn read(root: &Path) -> Result<Self, Report> {
        let mut findings = Vec::new();
        let Some(project) = Project::open(root, &mut findings) else { return Err(Report::new(findings)) };
        let content = content::load(&project, &mut findings);
        Ok(Self { project, content, findings })
    }
}

/// The names of the pictures that stand in `out/` already.
fn copies(manifest: &Manifest) -> Vec<&str> {
    manifest.keys().filter_map(|path| path.strip_prefix(PICTURES)).collect()
}

const PICTURES: &str = "site/assets/img/";

fn write_pictures(output: &Output, pictures: &Pictures) -> Result<(), OutputError> {
    for picture in &pictures.files {
        let path = format!("{PICTURES}{}", picture.name);
        match &picture.bytes {
            Some(bytes) => output.write(&OutFile::new(path, bytes.clone()))?,
            None => output.keep(&path)?,
        }
    }
    Ok(())
}

fn choose(archive: &Archive<'_>, which: &Which, findings: &mut Vec<Diagnostic>) -> Vec<Slot> {
    let slots = |issues: &[Issue<'_>]| issues.iter().map(Issue::slot).collect::<Vec<Slot>>();
    let days = slots(&archive.issues);
    let digests = slots(&archive.digests);
    let Some(newest) = days.last().copied() else {
        let broken = findings.iter().any(|finding| finding.severity == crate::model::Severity::Error);
        if !broken {
            let finding = Diagnostic::error("empty-newsletter", "there is no issue yet").in_file("content");
            findings.push(finding.hint(
                "`rotative new \"Title\"` starts the next; an item lies in content/2018-06-08/, for example",
            ));
        }
        return Vec::new();
    };
    match which {
        Which::Newest => {
            let digest = digests.last().filter(|digest| digest.date >= newest.date);
            std::iter::once(newest).chain(digest.copied()).collect()
        }
        Which::All => [days, digests].concat(),
        Which::These(wanted) => {
            let (there, gone): (Vec<Slot>, Vec<Slot>) =
                wanted.iter().partition(|slot| days.contains(slot) || digests.contains(slot));
            let Some(day) = gone.first() else { return there };
            let known: Vec<String> = days.iter().chain(&digests).map(ToString::to_string).collect();
            let near =
                suggest::nearest(&day.to_string(), known.iter().map(String::as_str)).map(str::to_owned);
            let near = near.unwrap_or_else(|| newest.to_string());
            let finding =
                Diagnostic::error("no-issue", format!("there is no issue of {day}")).in_file("content");
            findings.push(finding.hint(format!("there is one of {near}")));
            Vec::new()
        }
    }
}

/// One piece of work for the press.
#[derive(Debug, Clone, Copy)]
enum Sheet<'a> {
    Page(site::Page<'a>),
    Mail(Slot),
}

fn sheets<'a>(archive: &Archive<'a>, mails: &[Slot]) -> Vec<Sheet<'a>> {
    let mails = mails.iter().copied().map(Sheet::Mail);
    mails.chain(site::pages(archive).into_iter().map(Sheet::Page)).collect()
}

struct Press<'a> {
    renderer: &'a Renderer<'a>,
    sheets: Vec<Sheet<'a>>,
    progress: Progress<'a>,
}

impl Press<'_> {
    /// Prints every sheet; each goes to `take` as soon as it is done and is forgotten.
    fn run(
        &self,
        take: impl Fn(&OutFile) -> Result<(), OutputError> + Sync,
    ) -> Result<Vec<Diagnostic>, OutputError> {
        let findings = Mutex::new(Vec::new());
        let done = AtomicUsize::new(0);
        self.sheets.par_iter().try_for_each(|sheet| {
            let mut own = Vec::new();
            let files = self.print(*sheet, &mut own);
            match files {
                Ok(files) => files.iter().try_for_each(&take)?,
                Err(fault) => own.push(fault),
            }
            if !own.is_empty()
                && let Ok(mut all) = findings.lock()
            {
                all.append(&mut own);
            }
            (self.progress)(done.fetch_add(1, Ordering::Relaxed) + 1, self.sheets.len());
            Ok::<(), OutputError>(())
        })?;
        Ok(findings.into_inner().unwrap_or_default())
    }

    fn print(&self, sheet: Sheet<'_>, findings: &mut Vec<Diagnostic>) -> Result<Vec<OutFile>, Diagnostic> {
        match sheet {
            Sheet::Page(page) => site::render(page, self.renderer, findings).map(|file| vec![file]),
            Sheet::Mail(slot) => {
                let Some(issue) = self.renderer.archive.issue(slot) else { return Ok(Vec::new()) };
                let mail = mail::render(self.renderer, issue, findings)?;
                // A fault in the sources is said once, not again as what it does to the mail.
                if findings.is_empty() {
                    findings.extend(check::letter(&letter(&mail, self.renderer.config)));
                }
                mail.files(self.renderer.config)
            }
        }
    }
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

fn logo(sources: &Sources) -> Option<&Logo> {
    sources.project.config.theme.logo.as_ref()
}

/// Where a newsletter's `out/` stands unless somebody says otherwise.
pub fn usual_out(root: &Path) -> PathBuf {
    root.join("out")
}
