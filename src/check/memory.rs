//! What ran before: every address, headline and title of the archive, found again in one look each.

use std::collections::{BTreeSet, HashMap, HashSet};

use rayon::prelude::*;

use crate::config::Config;
use crate::content::Entry;
use crate::issue::Archive;
use crate::model::{IssueDate, WebUrl};

use super::canonical::{addresses, canonical};
use super::words::{folded, likeness, triples};

/// The archive as it is remembered.
#[derive(Debug, Default)]
pub(super) struct Memory<'a> {
    runs: Vec<Run<'a>>,
    links: HashMap<String, Vec<usize>>,
    titles: HashMap<String, Vec<usize>>,
    /// Headlines that may be alike, by what they have in common.
    bands: HashMap<(usize, u64), Vec<usize>>,
    encrypted: HashSet<String>,
    own_host: String,
}

/// An item or an article that ran.
#[derive(Debug)]
pub(super) struct Run<'a> {
    pub(super) date: IssueDate,
    pub(super) entry: &'a Entry,
    trace: Trace,
}

/// What can be recognised of an entry: a pure function of it.
#[derive(Debug, Default)]
struct Trace {
    links: Vec<String>,
    encrypted: Vec<String>,
    title: String,
    name: Vec<u32>,
    bands: Vec<u64>,
}

/// How alike two headlines are that say the same.
const ALIKE: f64 = 0.75;
/// The shortest headline that is compared, in folded letters.
const SHORTEST_NAME: usize = 12;
/// The shortest title that can be a pun.
const SHORTEST_TITLE: usize = 4;
/// What ran more often under one title is a heading by habit.
const HABIT: usize = 5;
/// How many headlines of a kind are compared: the newest.
const COMPARED: usize = 16;
/// How headlines are summed up: so many bands of so many rows (locality-sensitive hashing by least values).
/// Of headlines that are alike, this misses one in 400.
const BANDS: usize = 8;
const ROWS: usize = 3;

impl<'a> Memory<'a> {
    /// Remembers an archive; all cores work.
    pub(super) fn of(archive: &Archive<'a>, config: &Config) -> Self {
        let items =
            archive.issues.iter().flat_map(|issue| issue.items().map(|item| (issue.date, &item.entry)));
        // What only fills an issue for now has not run.
        let items = items.filter(|(_, entry)| entry.date.is_some());
        let articles = archive.articles.iter().map(|article| (article.date, &article.entry));
        let mut entries: Vec<(IssueDate, &'a Entry)> = items.chain(articles).collect();
        entries.sort_by_key(|(date, _)| *date);
        let own_host = config.base_url.host().trim_start_matches("www.").to_owned();
        let run = |(date, entry): (IssueDate, &'a Entry)| Run { date, entry, trace: Trace::of(entry) };
        let runs: Vec<Run<'a>> = entries.into_par_iter().map(run).collect();
        let mut memory = Self { own_host, ..Self::default() };
        for (at, run) in runs.iter().enumerate() {
            memory.keep(at, &run.trace);
        }
        memory.runs = runs;
        memory
    }

    fn keep(&mut self, at: usize, trace: &Trace) {
        for link in &trace.links {
            self.links.entry(link.clone()).or_default().push(at);
        }
        if trace.title.len() >= SHORTEST_TITLE {
            self.titles.entry(trace.title.clone()).or_default().push(at);
        }
        for (band, sum) in trace.bands.iter().enumerate() {
            self.bands.entry((band, *sum)).or_default().push(at);
        }
        for host in &trace.encrypted {
            if !self.encrypted.contains(host) {
                self.encrypted.insert(host.clone());
            }
        }
    }

    /// Whether the archive links a host with https.
    pub(super) fn encrypts(&self, host: &str) -> bool {
        self.encrypted.contains(host)
    }

    /// The last time before a day that an address ran. Front pages and the newsletter's own are no stories.
    pub(super) fn link(&self, url: &WebUrl, before: Option<IssueDate>) -> Option<&Run<'a>> {
        if url.host().trim_start_matches("www.") == self.own_host {
            return None;
        }
        let known = self.links.get(&canonical(url)?)?;
        self.earlier(known, before).last()
    }

    /// The last time before a day that a title stood above a story.
    pub(super) fn title(&self, title: &str, before: Option<IssueDate>) -> Option<&Run<'a>> {
        let known = self.earlier(self.titles.get(&folded(title))?, before);
        if known.clone().count() > HABIT { None } else { known.last() }
    }

    /// The headline before a day that is most like another, if one is like it.
    pub(super) fn headline(&self, name: &str, before: Option<IssueDate>) -> Option<&Run<'a>> {
        let letters = letters_of(name)?;
        let mut near: BTreeSet<usize> = BTreeSet::new();
        for (band, sum) in sums(&letters).into_iter().enumerate() {
            let Some(known) = self.bands.get(&(band, sum)) else { continue };
            let end = self.end(known, before);
            near.extend(&known[end.saturating_sub(COMPARED)..end]);
        }
        let weighed = near.into_iter().map(|at| (likeness(&letters, &self.runs[at].trace.name), at));
        let best = weighed.filter(|(alike, _)| *alike >= ALIKE).max_by(|a, b| a.0.total_cmp(&b.0));
        best.map(|(_, at)| &self.runs[at])
    }

    fn earlier<'s>(
        &'s self,
        known: &'s [usize],
        before: Option<IssueDate>,
    ) -> impl Iterator<Item = &'s Run<'a>> + Clone {
        known[..self.end(known, before)].iter().map(|at| &self.runs[*at])
    }

    fn end(&self, known: &[usize], before: Option<IssueDate>) -> usize {
        before.map_or(known.len(), |day| known.partition_point(|at| self.runs[*at].date < day))
    }
}

impl Trace {
    fn of(entry: &Entry) -> Self {
        let text = entry.source.text();
        let mut trace = Self::default();
        for address in addresses(text) {
            let Ok(url) = WebUrl::parse(&text[address.clone()]) else { continue };
            if text[address].starts_with("https://") {
                trace.encrypted.push(url.host().trim_start_matches("www.").to_owned());
            }
            trace.links.extend(canonical(&url));
        }
        trace.links.sort_unstable();
        trace.links.dedup();
        trace.title = entry.title.as_deref().map(folded).unwrap_or_default();
        if let Some(letters) = entry.name().and_then(letters_of) {
            trace.bands = sums(&letters);
            trace.name = letters;
        }
        trace
    }
}

fn letters_of(name: &str) -> Option<Vec<u32>> {
    let folded = folded(name);
    (folded.len() >= SHORTEST_NAME).then(|| triples(&folded))
}

/// One sum a band: equal where the least values of its rows are.
fn sums(letters: &[u32]) -> Vec<u64> {
    let row = |number: usize| {
        let salt = u64::try_from(number + 1).unwrap_or(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        letters.iter().map(|triple| mixed(u64::from(*triple) ^ salt)).min().unwrap_or(0)
    };
    let band = |band: usize| (0..ROWS).fold(0_u64, |sum, at| mixed(sum ^ row(band * ROWS + at)));
    (0..BANDS).map(band).collect()
}

/// Scatters the bits of a number (the finaliser of MurmurHash3).
fn mixed(number: u64) -> u64 {
    let number = (number ^ (number >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    let number = (number ^ (number >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    number ^ (number >> 33)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alike_headlines_share_a_sum_and_others_do_not() {
        let of = |text: &str| sums(&letters_of(text).expect("letters"));
        let shared = |one: &str, other: &str| of(one).iter().zip(&of(other)).filter(|(a, b)| a == b).count();
        let title = "La CNIL inflige 250 000 euros d'amende à Optical Center";
        assert!(shared(title, "La Cnil inflige 250.000 euros d'amende à Optical Center !") == BANDS);
        assert!(shared(title, "La CNIL inflige 250 000 euros d'amendes à Optical Center") > 0);
        assert_eq!(shared(title, "Apple coupe les vivres aux traceurs"), 0);
    }
}
