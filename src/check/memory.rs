//! What ran before: every address, headline and title of the archive, found again in one look each.

use std::collections::{BTreeSet, HashSet};
use std::sync::OnceLock;

use crate::config::Config;
use crate::content::Entry;
use crate::issue::Archive;
use crate::model::{IssueDate, WebUrl};

use super::canonical::canonical;
use super::trace::{Mark, Trace, Traces, letters, sums, title};
use super::words::likeness;

/// The archive as it is remembered.
#[derive(Debug, Default)]
pub(super) struct Memory<'a> {
    /// Oldest first.
    runs: Vec<Run<'a>>,
    links: Index<Mark>,
    titles: Index<Mark>,
    /// Headlines that may be alike, by what they have in common.
    bands: Index<u64>,
    encrypted: HashSet<Mark>,
    own_host: String,
}

/// An item or an article that ran.
#[derive(Debug)]
pub(super) struct Run<'a> {
    pub(super) date: IssueDate,
    pub(super) entry: &'a Entry,
    letters: OnceLock<Option<Vec<u32>>>,
}

/// How alike two headlines are that say the same.
const ALIKE: f64 = 0.75;
/// What ran more often under one title is a heading by habit.
const HABIT: usize = 5;
/// How many headlines of a kind are compared: the newest.
const COMPARED: usize = 16;

impl<'a> Memory<'a> {
    /// Remembers an archive by its traces. What has none cannot be recognised.
    pub(super) fn of(archive: &Archive<'a>, traces: &Traces, config: &Config) -> Self {
        let items =
            archive.issues.iter().flat_map(|issue| issue.items().map(|item| (issue.date, &item.entry)));
        // What only fills an issue for now has not run.
        let items = items.filter(|(_, entry)| entry.date.is_some());
        let articles = archive.articles.iter().map(|article| (article.date, &article.entry));
        let mut entries: Vec<(IssueDate, &'a Entry)> = items.chain(articles).collect();
        entries.sort_by_key(|(date, _)| *date);
        let mut memory = Self { own_host: config.base_url.bare_host().to_owned(), ..Self::default() };
        for (at, (date, entry)) in entries.into_iter().enumerate() {
            memory.runs.push(Run { date, entry, letters: OnceLock::new() });
            let Some(Trace { links, encrypted, title, bands }) = traces.get(entry.source.path()) else {
                continue;
            };
            links.iter().for_each(|link| memory.links.add(*link, at));
            bands.iter().for_each(|sum| memory.bands.add(*sum, at));
            title.iter().for_each(|title| memory.titles.add(*title, at));
            memory.encrypted.extend(encrypted);
        }
        memory.links.sort();
        memory.titles.sort();
        memory.bands.sort();
        memory
    }

    /// Whether the archive links a host with https.
    pub(super) fn encrypts(&self, host: &str) -> bool {
        self.encrypted.contains(&Mark::of(host))
    }

    /// The last time before a day that an address ran. Front pages and the newsletter's own are no stories.
    pub(super) fn link(&self, url: &WebUrl, before: Option<IssueDate>) -> Option<&Run<'a>> {
        if url.bare_host() == self.own_host {
            return None;
        }
        self.last(self.earlier(self.links.get(Mark::of(&canonical(url)?)), before))
    }

    /// The last time before a day that a title stood above a story.
    pub(super) fn title(&self, text: &str, before: Option<IssueDate>) -> Option<&Run<'a>> {
        let known = self.earlier(self.titles.get(title(text)?), before);
        if known.len() > HABIT { None } else { self.last(known) }
    }

    /// The headline before a day that is most like another, if one is like it.
    pub(super) fn headline(&self, name: &str, before: Option<IssueDate>) -> Option<&Run<'a>> {
        let letters = letters(name)?;
        let mut near: BTreeSet<usize> = BTreeSet::new();
        for sum in sums(&letters) {
            let known = self.earlier(self.bands.get(sum), before);
            near.extend(known[known.len().saturating_sub(COMPARED)..].iter().map(|(_, at)| *at));
        }
        let weighed = near.into_iter().map(|at| (self.runs[at].likeness(&letters), at));
        let best = weighed.filter(|(alike, _)| *alike >= ALIKE).max_by(|a, b| a.0.total_cmp(&b.0));
        best.map(|(_, at)| &self.runs[at])
    }

    /// What ran before a day.
    fn earlier<'s, K>(&self, known: &'s [(K, usize)], before: Option<IssueDate>) -> &'s [(K, usize)] {
        let Some(day) = before else { return known };
        &known[..known.partition_point(|(_, at)| self.runs[*at].date < day)]
    }

    fn last<K>(&self, known: &[(K, usize)]) -> Option<&Run<'a>> {
        known.last().map(|(_, at)| &self.runs[*at])
    }
}

impl Run<'_> {
    fn likeness(&self, others: &[u32]) -> f64 {
        let own = self.letters.get_or_init(|| self.entry.name().and_then(letters));
        own.as_ref().map_or(0.0, |own| likeness(others, own))
    }
}

/// Places by what stands there.
#[derive(Debug)]
struct Index<K>(Vec<(K, usize)>);

impl<K: Ord + Copy> Index<K> {
    fn add(&mut self, key: K, at: usize) {
        self.0.push((key, at));
    }

    fn sort(&mut self) {
        self.0.sort_unstable();
    }

    /// The places of a key, in order.
    fn get(&self, key: K) -> &[(K, usize)] {
        let start = self.0.partition_point(|(known, _)| *known < key);
        let length = self.0[start..].partition_point(|(known, _)| *known == key);
        &self.0[start..start + length]
    }
}

impl<K> Default for Index<K> {
    fn default() -> Self {
        Self(Vec::new())
    }
}
