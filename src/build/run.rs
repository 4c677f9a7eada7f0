//! One run: what is looked at, read, printed, written and remembered, in this order.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;

use rayon::prelude::*;

use crate::check::{self, Waits};
use crate::config::Project;
use crate::content;
use crate::issue;
use crate::model::{Diagnostic, OutFile, Report, Stamp};
use crate::render::{Renderer, Templates};

use super::made::Sums;
use super::order::{Order, Trust, choose};
use super::output::{Committed, Intact, Output, OutputError, Turn, above};
use super::pictures::{self, Known, Pictures};
use super::press::{Done, Moved, Places, Press, Printed, Unchanged, sheets};
use super::seen::Seen;
use super::sources::{Cards, Past, Sources, Traces, keep_bundles};
use super::stamps::{Files, Of, Same, doubt, file_stamp, others, same_others, survey};
use super::standing::Standing;
use super::state::{Left, Ordered, PictureLeft, SheetLeft, State, Told};
use super::years::{Kept, Years};
use super::{BuildError, BuildReport, Filled, Progress};

/// One run of the press.
pub(super) struct Run<'a> {
    pub(super) root: &'a Path,
    pub(super) order: &'a Order,
    pub(super) out: &'a Path,
    pub(super) progress: Progress<'a>,
    pub(super) trust: Trust,
}

/// What is known before anything is read.
#[derive(Default)]
struct Start {
    left: Option<Arc<Left>>,
    files: Option<(Files, Vec<Diagnostic>)>,
}

/// Everything that was written by hand, and what is known of the build before.
struct Read {
    sources: Sources,
    traces: Traces,
    templates: Option<Templates>,
    others: Vec<Seen>,
    past: Option<Past>,
    /// What else the build before left, even where its settings were others.
    left: Option<Arc<Left>>,
}

/// What has been printed.
struct Print {
    report: BuildReport,
    pictures: Pictures,
    printed: Option<Printed>,
    done: Vec<Done>,
}

impl Run<'_> {
    /// Builds; `None` when a source changed under the builder's hands.
    pub(super) fn run(&self) -> Result<Option<BuildReport>, BuildError> {
        let state = State::of(self.out);
        let turn = Turn::take(self.out)?;
        let believed = self.trust == Trust::Metadata;
        let surveyed =
            believed.then(|| survey(self.root, self.out, &state, &Ordered::from(self.order))).flatten();
        let (mut start, mut intact) = (Start::default(), Intact::default());
        if let Some((mut left, survey)) = surveyed {
            if survey.same != Same::No {
                if survey.same == Same::Bytes {
                    let before = left.stretches.clone();
                    let _ = state.keep(&mut left, Some(&before));
                }
                let told = left.told.clone();
                let_go((left, survey));
                return Ok(Some(told.into()));
            }
            (start.left, start.files) = (Some(Arc::new(left)), Some((survey.files, survey.findings)));
            intact = survey.intact;
        }
        let output = Output::open(turn, intact)?;
        let Some(read) = self.read(&state, *output.now(), start)? else { return Ok(None) };
        let Some(print) = self.print(&state, &read, &output)? else { return Ok(None) };
        state.forget();
        let (committed, made) = rayon::join(|| output.commit(), || keep_made(&state, &read, &print));
        let (committed, report) = (committed?, print.report.clone());
        // What cannot be remembered is found out again.
        let _ = made.and_then(|made| self.remember(&state, read, print, &committed, made));
        Ok(Some(report))
    }

    fn read(&self, state: &State, now: Stamp, start: Start) -> Result<Option<Read>, BuildError> {
        let mut findings = Vec::new();
        let Some(project) = Project::open(self.root, &mut findings) else {
            return Err(BuildError::Findings(Report::new(findings)));
        };
        let Start { left, files } = start;
        let others = others(self.root, &project, left.as_deref(), &now);
        let past = left.as_ref().and_then(|left| Past::of(left, &others, state));
        let files = match files.filter(|_| past.is_some()) {
            Some((files, mut faults)) => {
                findings.append(&mut faults);
                files
            }
            None => Files::list(self.root, &content::block_files(&project), Some(&now), &mut findings),
        };
        // What lies there is worth nothing where it is not believed.
        let at_once = left.is_none().then_some(state);
        let mut faults = Vec::new();
        let (followed, templates) = rayon::join(
            || Sources::follow(project, files, past.as_ref(), &now, at_once, findings),
            || Templates::load(self.root, &mut faults),
        );
        Ok(followed.map(|(mut sources, traces)| {
            sources.findings.append(&mut faults);
            Read { sources, traces, templates, others, past, left }
        }))
    }

    fn print(&self, state: &State, read: &Read, output: &Output) -> Result<Option<Print>, BuildError> {
        let (sources, config) = (&read.sources, &read.sources.project.config);
        let mut findings = sources.findings.clone();
        let plan = self.order.plan(&sources.content);
        let (archive, before) = rayon::join(
            || issue::assemble(&sources.content, config, plan, &mut findings),
            || read.past.as_ref().and_then(|past| past.made.sheets()),
        );
        let mails = choose(&archive, &self.order.which, &mut findings);
        let stands = |name: &str| output.stands(&format!("{PICTURES}{name}"));
        let left = read.left.as_ref().map_or(&[][..], |left| &left.pictures);
        let known = Known { left, stands: &stands, now: output.now() };
        let pictures =
            pictures::prepare(self.root, &sources.wanted, sources.logo(), Some(&known), &mut findings);
        let report = Report::new(findings);
        // Whatever was made of a text that is another by now must not be used, nor what is said of it.
        if sources.shelf.changed() {
            return Ok(None);
        }
        let templates = read.templates.as_ref().filter(|_| !report.has_errors());
        let templates = templates.ok_or_else(|| BuildError::Findings(report.clone()))?;
        let content = self.root.join("content");
        let renderer = Renderer::new(config, &archive, &pictures.gallery, templates, &content);
        let places = Places::new(&read.traces.seen, &read.others);
        let kept = if read.past.is_some() { Kept::Believed } else { Kept::Made };
        let salt = State::salt(self.root, &read.others);
        let years = Years::new(Some((state, kept, salt)), &read.traces.seen);
        let press = Press {
            renderer: &renderer,
            sheets: sheets(&archive, config, &mails),
            years: &years,
            places: &places,
            progress: self.progress,
        };
        let printed = self.printed(read, before, &pictures);
        let done = press.run(printed.as_ref(), output)?;
        let report = report.with(done.iter().flat_map(Done::findings));
        let next = self.order.filling.next(&config.calendar);
        let waits = Waits { queue: &sources.content.queue, fill: archive.fill.as_ref(), next };
        let checked = check::check(&archive, config, waits, |issue| mails.contains(&issue.slot()));
        if sources.shelf.changed() {
            return Ok(None);
        }
        if report.has_errors() {
            return Err(BuildError::Findings(report));
        }
        let warnings = Report::new(check::weigh(report.with(checked).findings().to_vec(), &config.check));
        if warnings.has_errors() {
            return Err(BuildError::Findings(warnings));
        }
        write_pictures(output, &pictures)?;
        let (issues, articles) = (archive.issues.len(), archive.articles.len());
        let filled = Filled::of(&archive);
        let report = BuildReport { mails, issues, articles, files: output.count(), warnings, filled };
        Ok(Some(Print { report, pictures, printed, done }))
    }

    /// What is known of the sheets of the build before, where the templates are the same.
    fn printed(
        &self,
        read: &Read,
        sheets: Option<Vec<Arc<SheetLeft>>>,
        pictures: &Pictures,
    ) -> Option<Printed> {
        let (past, others) = (read.past.as_ref()?, &read.others);
        let left = &past.left;
        if !same_others(&left.others, others, Of::Templates) {
            return None;
        }
        let same =
            |seen: &Seen| others.iter().any(|other| other.path == seen.path && other.digest == seen.digest);
        let same: Vec<bool> = left.others.iter().map(same).collect();
        let blocks = same.iter().all(|same| *same) && others.len() == left.others.len();
        let copies = |list: &[PictureLeft]| -> BTreeSet<(String, String)> {
            list.iter().map(|left| (left.original.path.to_string(), left.name.clone())).collect()
        };
        let gallery = copies(&left.pictures) == copies(&pictures.left);
        let plan = left.order.same_plan(&Ordered::from(self.order));
        let archive = match read.traces.cards {
            Cards::Same if blocks && gallery && plan => Unchanged::Yes,
            Cards::Reworded if blocks && gallery && plan => Unchanged::Frame,
            _ => Unchanged::No,
        };
        let texts = read.traces.same.iter().copied().chain(same).collect();
        Some(Printed::new(sheets?, texts, archive))
    }

    fn remember(
        &self,
        state: &State,
        read: Read,
        print: Print,
        committed: &Committed,
        made: Sums,
    ) -> std::io::Result<()> {
        let Read { sources, traces: Traces { seen, rooms, .. }, templates, mut others, past, left: before } =
            read;
        doubt(self.root, &mut others);
        let Print { report, pictures, printed, done } = print;
        let now = state.moment();
        let (outputs, folders) = rayon::join(
            || outputs(self.out, committed, before.as_deref(), now),
            || folders(self.out, committed, before.as_deref()),
        );
        let mut left = Left {
            key: State::key(self.root),
            order: Ordered::from(self.order),
            sources: seen,
            rooms,
            others,
            blocks: content::block_files(&sources.project),
            pictures: pictures.left,
            outputs,
            folders,
            told: Told::from(&report),
            made,
            stretches: Default::default(),
        };
        let kept = state.keep(&mut left, before.as_deref().map(|before| &before.stretches));
        let_go((sources, templates, past, before, left, printed, done));
        kept
    }
}

/// Keeps what has been made of the sheets and of the sources. Returns the sums.
fn keep_made(state: &State, read: &Read, print: &Print) -> std::io::Result<Sums> {
    let Read { traces, past, others, .. } = read;
    let moved = past.as_ref().map_or(Moved::Nothing, |Past { left, .. }| {
        Moved::between([&left.sources, &left.others], [&traces.seen, others])
    });
    let sheets: Vec<Arc<SheetLeft>> = print.done.par_iter().filter_map(|done| done.left(&moved)).collect();
    let before = print.printed.as_ref().map_or(&[][..], |printed| &printed.sheets);
    let sums = past.as_ref().map_or(&[][..], |past| past.made.sheet_sums());
    let sheets = state.keep_sheets(&sheets, before, sums)?;
    Ok(Sums { sheets, cards: keep_bundles(state, &traces.bundles)? })
}

/// Frees what a large archive took: that lasts a while, and nobody needs to wait for it.
fn let_go(what: impl Send + 'static) {
    rayon::spawn(move || drop(what));
}

const PICTURES: &str = "site/assets/img/";

fn write_pictures(output: &Output, pictures: &Pictures) -> Result<(), OutputError> {
    pictures.files.par_iter().try_for_each(|picture| {
        let path = format!("{PICTURES}{}", picture.name);
        match &picture.bytes {
            Some(bytes) => output.write(&OutFile::new(path, bytes.clone())),
            None => {
                output.keep(&[path]);
                Ok(())
            }
        }
    })
}

/// The files of `out/` as they stand now.
fn outputs(out: &Path, committed: &Committed, before: Option<&Left>, now: Option<Stamp>) -> Vec<Seen> {
    let before = before.map_or(&[][..], |left| &left.outputs);
    let files = committed.files.par_iter().filter_map(|Standing { path, digest, intact }| {
        if let Some(seen) = Seen::find(before, path).filter(|_| *intact) {
            return Some(seen.clone());
        }
        let stamp = file_stamp(&out.join(&**path))?;
        let settled = now.is_some_and(|now| stamp.settled(&now));
        Some(Seen { path: Arc::clone(path), stamp, settled, digest: *digest })
    });
    files.collect()
}

/// The folders of `out/`, itself first. Those in which nothing has been put or taken away are as they were.
fn folders(out: &Path, committed: &Committed, before: Option<&Left>) -> Vec<(String, Stamp)> {
    let mut folders = BTreeSet::new();
    for Standing { path, .. } in &committed.files {
        // Where a folder is known, so are those that it lies in.
        let _ = above(path).all(|folder| folders.insert(folder));
    }
    let before = before.filter(|_| committed.touched.is_some()).map_or(&[][..], |left| &left.folders);
    let before: HashMap<&str, Stamp> =
        before.iter().map(|(folder, stamp)| (folder.as_str(), *stamp)).collect();
    let touched = committed.touched.as_ref();
    let stamp = |folder: &&str| {
        let old = before.get(folder).filter(|_| touched.is_some_and(|touched| !touched.contains(*folder)));
        let stamp = || std::fs::symlink_metadata(out.join(folder)).ok().map(|found| Stamp::of(&found));
        Some(((*folder).to_owned(), old.copied().or_else(stamp)?))
    };
    folders.into_par_iter().filter_map(|folder| stamp(&folder)).collect()
}
