//! Former addresses: which pages lead on to which, and what two things claim.

use std::collections::{BTreeMap, HashSet};

use rayon::prelude::*;
use rustc_hash::FxHashSet;

use crate::content::{Alias, Entry, Former};
use crate::links::Place;
use crate::model::{Diagnostic, Slug, Source, Spot};

use super::{Archive, Issue};

/// A page that leads on to where something stands now.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Redirect {
    /// Where it stood.
    pub from: Place,
    /// Where it stands.
    pub to: Place,
}

/// A former address, and where it was written; a topic's other names are addresses by themselves.
struct Claim<'a> {
    redirect: Redirect,
    source: &'a Source,
    spot: Spot,
}

/// The former addresses of all that is published, in order. Claims that cannot both be kept go to `findings`.
pub(super) fn redirects(archive: &Archive<'_>, findings: &mut Vec<Diagnostic>) -> Vec<Redirect> {
    let claims = claims(archive);
    anchors(archive, findings);
    if claims.is_empty() {
        return Vec::new();
    }
    let pages = pages(archive);
    let mut kept: BTreeMap<Place, Claim<'_>> = BTreeMap::new();
    for claim in claims {
        let from = &claim.redirect.from;
        if from.is_reserved() || pages.contains(from) {
            findings.push(taken(&claim, "there is a page of the newsletter at this address"));
        } else if let Some(other) = kept.get(from) {
            findings.push(taken(&claim, &format!("{} claims this address already", other.source.path())));
        } else {
            kept.insert(from.clone(), claim);
        }
    }
    let files: HashSet<String> = kept.keys().map(Place::file).collect();
    for claim in kept.values() {
        let folders = claim.redirect.from.file();
        let inside =
            folders.match_indices('/').map(|(at, _)| &folders[..at]).find(|folder| files.contains(*folder));
        if let Some(file) = inside {
            findings.push(taken(claim, &format!("`/{file}` is a file already, and cannot be a folder too")));
        }
    }
    kept.into_values().map(|claim| claim.redirect).collect()
}

fn taken(claim: &Claim<'_>, why: &str) -> Diagnostic {
    let message = format!("the alias `/{}` cannot be kept: {why}", claim.redirect.from.as_str());
    Diagnostic::error("alias-taken", message).at(claim.source.spot(claim.spot)).hint("delete one of the two")
}

fn claims<'a>(archive: &Archive<'a>) -> Vec<Claim<'a>> {
    let of_issue = |issue: &Issue<'a>| {
        let mut claims = Vec::new();
        if let Some(introduction) = issue.introduction {
            claims.extend(paths(&introduction.aliases, &Place::issue(issue.date), &introduction.source));
        }
        for item in issue.items().filter(|item| !item.entry.aliases.is_empty()) {
            let entry = &item.entry;
            let to = Place::item(issue.date, &entry.slug);
            claims.extend(paths(&entry.aliases, &to, &entry.source));
        }
        claims
    };
    let mut claims: Vec<Claim<'a>> = archive.issues.par_iter().flat_map_iter(of_issue).collect();
    for article in &archive.articles {
        let entry = &article.entry;
        let to = Place::article(article.date, &entry.slug);
        claims.extend(entry.aliases.iter().map(|alias| {
            let from = match &alias.former {
                Former::Slug(slug) => Place::article(article.date, slug),
                Former::Path(path) => Place::former(path),
            };
            Claim { redirect: Redirect { from, to: to.clone() }, source: &entry.source, spot: alias.spot }
        }));
    }
    for (key, thread) in archive.threads.iter() {
        let Some(topic) = thread.topic else { continue };
        let to = if thread.entries.is_empty() { Place::topics() } else { Place::topic(key) };
        claims.extend(paths(&topic.former, &to, &topic.source));
        // A name that two topics claim has been found fault with where topics are read.
        let own = |alias: &&(Slug, Spot)| archive.thread(&alias.0).is_some_and(|(found, _)| found == key);
        claims.extend(topic.aliases.iter().filter(own).map(|(alias, spot)| Claim {
            redirect: Redirect { from: Place::topic(alias), to: to.clone() },
            source: &topic.source,
            spot: *spot,
        }));
    }
    claims
}

fn paths<'a>(aliases: &[Alias], to: &Place, source: &'a Source) -> Vec<Claim<'a>> {
    let claim = |alias: &Alias| match &alias.former {
        Former::Slug(_) => None,
        Former::Path(path) => {
            let redirect = Redirect { from: Place::former(path), to: to.clone() };
            Some(Claim { redirect, source, spot: alias.spot })
        }
    };
    aliases.iter().filter_map(claim).collect()
}

/// The former names of items are anchors on the page of their issue: none may be another's.
fn anchors(archive: &Archive<'_>, findings: &mut Vec<Diagnostic>) {
    let renamed = |issue: &&Issue<'_>| issue.items().any(|item| !item.entry.aliases.is_empty());
    for issue in archive.issues.par_iter().filter(renamed).collect::<Vec<_>>() {
        let mut names: BTreeMap<&str, &Entry> =
            issue.items().map(|item| (item.entry.slug.as_str(), &item.entry)).collect();
        for item in issue.items() {
            for alias in &item.entry.aliases {
                let Former::Slug(slug) = &alias.former else { continue };
                if let Some(other) = names.insert(slug.as_str(), &item.entry) {
                    let message = format!("`{slug}` is a name of {} already", other.source.path());
                    let place = item.entry.source.spot(alias.spot);
                    findings.push(
                        Diagnostic::error("alias-taken", message).at(place).hint("delete one of the two"),
                    );
                }
            }
        }
    }
}

/// All places that have a page of their own.
fn pages(archive: &Archive<'_>) -> FxHashSet<Place> {
    let mut pages: FxHashSet<Place> = FxHashSet::default();
    pages.extend(archive.years().into_iter().map(Place::year));
    pages.extend(archive.months.iter().map(|month| Place::month(month.year, month.number)));
    pages.extend(archive.issues.iter().map(Issue::place));
    pages.extend(archive.articles.iter().map(|article| Place::article(article.date, &article.entry.slug)));
    for (key, thread) in archive.threads.iter().filter(|(_, thread)| !thread.entries.is_empty()) {
        pages.extend([Place::topic(key), Place::topic_feed(key)]);
        pages.extend(thread.years().into_iter().map(|year| Place::topic_year(key, year)));
    }
    pages
}
