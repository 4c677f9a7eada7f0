//! Proofs: everything that a build would complain of, and what the copy editor adds. Nothing is written.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::mem::{Discriminant, discriminant};
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::check::{self, Articles, CopyEditor, Desk, PictureFacts, Probe, Queue, Scope, Tried};
use crate::config::Config;
use crate::content::{Content, Entry};
use crate::issue::{self, Archive};
use crate::model::{Diagnostic, Report, Severity, Slot};
use crate::render::{self, Renderer, Templates};
use crate::{images, site};

use super::cuttings::Cuttings;
use super::dictionaries::{self, Missing};
use super::order::{Order, Which, choose};
use super::pictures::Wanted;
use super::press::{AT_ONCE, Places, Press, Sheet};
use super::sources::Sources;
use super::years::Years;

/// Reads what is to be checked. With a probe, links are asked for over the network.
pub fn check(root: &Path, order: &Order, probe: Option<&dyn Probe>) -> Report {
    let proofs = Cuttings::read(root, order.trust, |cuttings| proof(root, cuttings, order, probe));
    proofs.unwrap_or_else(|report| report)
}

/// The same of what has been read.
pub(super) fn proof(root: &Path, cuttings: &Cuttings, order: &Order, probe: Option<&dyn Probe>) -> Report {
    let Cuttings { sources, gallery, faults, traces, .. } = cuttings;
    let which = &order.which;
    let content = root.join("content");
    let mut findings = sources.findings.clone();
    let config = &sources.project.config;
    findings.extend(check::rules::of_settings(&config.check));
    let archive = issue::assemble(&sources.content, config, order.plan(&sources.content), &mut findings);
    let days = choose(&archive, which, &mut findings);
    let scope = Scope {
        queue: if *which == Which::All || *which == Which::Newest { Queue::Read } else { Queue::LeftAlone },
        articles: if *which == Which::All { Articles::Read } else { Articles::LeftAlone },
        days,
    };
    findings.extend_from_slice(faults);
    if let Some(templates) = Templates::load(root, &mut findings) {
        let renderer = Renderer::new(config, &archive, gallery, &templates, &content);
        let sheets = sheets(&archive, config, &scope.days, which);
        let years = Years::new(None, &[]);
        let places = Places::new(&[], &[]);
        let press =
            Press { renderer: &renderer, sheets, years: &years, places: &places, progress: &|_, _| {} };
        let proofs = press.sheets.par_iter().with_max_len(AT_ONCE).flat_map_iter(|sheet| press.proof(*sheet));
        findings.par_extend(proofs);
        let issues = scope.days.par_iter().filter_map(|slot| archive.issue(*slot));
        findings.par_extend(issues.flat_map_iter(|issue| renderer.proofread(issue)));
    }
    let entries = entries(&sources.content, &scope, &archive);
    let languages = languages(entries.iter().copied(), config);
    let spelling = dictionaries::open(root, config, &languages, &mut findings);
    let facts = facts(&entries);
    let (archive, content) = (&archive, &sources.content);
    let (pictures, spelling, today) = (&facts, &spelling, order.today);
    let next = order.filling.next(&config.calendar);
    let desk = Desk { archive, content, traces, config, pictures, spelling, today, next };
    let editor = CopyEditor::new(desk, &scope, &broken(&sources.findings));
    findings.extend(editor.read());
    if let Some(probe) = probe.filter(|_| !cuttings.restless()) {
        findings.extend(check::probe(&editor.links(), probe));
    }
    said_once(&mut findings);
    let tried = if probe.is_some() { Tried::Links } else { Tried::Texts };
    Report::new(editor.settle(findings, tried))
}

/// The languages for which there is no dictionary.
pub fn without_dictionary(root: &Path) -> Vec<String> {
    let Ok(sources) = Sources::read(root) else { return Vec::new() };
    let config = &sources.project.config;
    let languages = languages(sources.content.item_entries(), config);
    let missing =
        languages.iter().filter(|tag| matches!(dictionaries::find(root, config, tag), Err(Missing::Nowhere)));
    missing.cloned().collect()
}

/// What is printed: the mails and pages of the days, and of every other kind of page one, for its template.
fn sheets<'a>(archive: &'a Archive<'a>, config: &Config, days: &[Slot], which: &Which) -> Vec<Sheet<'a>> {
    let mails = days.iter().copied().map(Sheet::Mail);
    let mut kinds: HashSet<Discriminant<site::Page<'a>>> = HashSet::new();
    let wanted = |page: &site::Page<'a>| {
        let of_days = matches!(page, site::Page::Issue(slot) if days.contains(slot));
        *which == Which::All || of_days || kinds.insert(discriminant(page))
    };
    mails.chain(site::pages(archive, config).into_iter().filter(wanted).map(Sheet::Page)).collect()
}

/// The files that hold errors.
fn broken(findings: &[Diagnostic]) -> HashSet<String> {
    let errors = findings.iter().filter(|finding| finding.severity == Severity::Error);
    errors.filter_map(|finding| finding.location.as_ref()).map(|place| place.path.clone()).collect()
}

/// A link text that says nothing is shown in its source, not again in the mail that is made of it.
fn said_once(findings: &mut Vec<Diagnostic>) {
    const RULE: &str = "link-text";
    let in_mail = |finding: &Diagnostic| {
        finding.rule == RULE && finding.location.as_ref().is_some_and(|place| place.path.starts_with("out/"))
    };
    let texts = findings.iter().filter(|finding| finding.rule == RULE && !in_mail(finding));
    let said: HashSet<String> = texts.map(|finding| finding.message.clone()).collect();
    findings.retain(|finding| !(in_mail(finding) && said.contains(&finding.message)));
}

/// The entries that are read.
fn entries<'a>(content: &'a Content, scope: &Scope, archive: &Archive<'a>) -> Vec<&'a Entry> {
    let issues = scope.days.iter().filter_map(|slot| archive.issue(*slot));
    let mut entries: Vec<&Entry> = issues.flat_map(|issue| issue.items()).map(|item| &item.entry).collect();
    if scope.queue == Queue::Read {
        entries.extend(content.queue.iter().map(|item| &item.entry));
    }
    if scope.articles == Articles::Read {
        entries.extend(archive.articles.iter().map(|article| &article.entry));
    }
    entries
}

/// The languages of texts, the newsletter's own among them.
fn languages<'a>(entries: impl IntoIterator<Item = &'a Entry>, config: &Config) -> Vec<String> {
    let own = entries.into_iter().filter_map(|entry| entry.lang.as_ref()).map(ToString::to_string);
    let mut languages: Vec<String> = own.chain([config.tag.to_string()]).collect();
    languages.sort_unstable();
    languages.dedup();
    languages
}

/// Weight and size of the pictures of texts.
fn facts(entries: &[&Entry]) -> HashMap<PathBuf, PictureFacts> {
    let files: HashSet<PathBuf> = entries
        .iter()
        .flat_map(|entry| Wanted::of(entry, render::pictures(entry.markdown())))
        .map(Wanted::into_file)
        .collect();
    files.into_par_iter().filter_map(|file| Some((file.clone(), measure(&file)?))).collect()
}

fn measure(file: &Path) -> Option<PictureFacts> {
    let bytes = fs::read(file).ok()?;
    let (width, height) = images::measure(&bytes)?;
    Some(PictureFacts { bytes: u64::try_from(bytes.len()).unwrap_or(u64::MAX), width, height })
}
