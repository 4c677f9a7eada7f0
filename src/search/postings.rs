//! A year turned round: by term, in the order that the script knows, the entries that have it.

use super::terms::Terms;
use super::year::{Hit, Year};

/// A year whose entries can be found.
#[derive(Debug)]
pub struct Index<'y> {
    pub(super) year: &'y Year<'y>,
    /// The terms that some entry has, in their order.
    order: Vec<u32>,
    postings: Postings,
}

impl Year<'_> {
    /// Who has which term.
    pub fn index(&self) -> Index<'_> {
        let postings = || {
            let read = Postings::of(&self.terms, &self.read, &self.hits);
            if self.kept.hits.is_empty() { read } else { self.kept.renamed(&self.names, &read) }
        };
        let (postings, mut order) = rayon::join(postings, || self.terms.sorted());
        order.retain(|term| !postings.of_term(*term).is_empty());
        Index { year: self, order, postings }
    }
}

impl Index<'_> {
    /// About how many bytes the terms take, and the entries that have them.
    pub(super) fn room(&self) -> usize {
        12 * self.order.len() + 2 * self.postings.hits.len()
    }

    /// The terms in their order, each with the entries that have it, oldest first.
    pub(super) fn terms(&self) -> impl Iterator<Item = (&[u8], &[Hit])> + Clone {
        self.order.iter().map(|term| (self.year.terms.get(*term), self.postings.of_term(*term)))
    }
}

/// The entries that have a term, by the numbers of the terms.
#[derive(Debug, Default)]
pub(super) struct Postings {
    /// Where the entries of each term begin, and where all end.
    starts: Vec<u32>,
    hits: Vec<Hit>,
}

impl Postings {
    pub(super) fn with_capacity(terms: usize, hits: usize) -> Self {
        let mut starts = Vec::with_capacity(terms + 1);
        starts.push(0);
        Self { starts, hits: Vec::with_capacity(hits) }
    }

    /// Adds to the entries of the term after the last.
    pub(super) fn push(&mut self, hit: Hit) {
        self.hits.push(hit);
    }

    /// Ends the term after the last. Returns its entries.
    pub(super) fn end_term(&mut self) -> &mut [Hit] {
        let start = self.starts.last().copied().unwrap_or(0);
        self.starts.push(u32::try_from(self.hits.len()).unwrap_or(u32::MAX));
        &mut self.hits[start as usize..]
    }

    fn of(terms: &Terms, read: &[(u32, usize)], all: &[Hit]) -> Self {
        // A term counts two places on: while its entries are put down, its start stands one place on.
        let mut starts = vec![0; terms.len() + 2];
        for hit in all {
            starts[hit.number() as usize + 2] += 1;
        }
        for at in 2..starts.len() {
            starts[at] += starts[at - 1];
        }
        let mut hits = all.to_vec();
        let mut start = 0;
        for (entry, end) in read {
            for hit in &all[start..*end] {
                let at = &mut starts[hit.number() as usize + 1];
                hits[*at as usize] = hit.of(*entry);
                *at += 1;
            }
            start = *end;
        }
        starts.pop();
        Self { starts, hits }
    }

    /// The same with the names that the entries have now, and `others` beside them.
    fn renamed(&self, names: &[Option<u32>], others: &Self) -> Self {
        let in_order = names.iter().flatten().is_sorted();
        let terms = others.starts.len().max(self.starts.len()) - 1;
        let mut both = Self::with_capacity(terms, self.hits.len() + others.hits.len());
        for term in (0..).take(terms) {
            let named = |hit: &Hit| Some(hit.of(names[hit.number() as usize]?));
            both.hits.extend(self.of_term(term).iter().filter_map(named));
            let others = others.of_term(term);
            both.hits.extend_from_slice(others);
            let all = both.end_term();
            if !(in_order && others.is_empty()) {
                // Two runs, mostly: a sort that is stable finds them.
                all.sort();
            }
        }
        both
    }

    fn of_term(&self, term: u32) -> &[Hit] {
        let term = term as usize;
        match self.starts.get(term..).and_then(|starts| starts.first_chunk()) {
            Some([start, end]) => &self.hits[*start as usize..*end as usize],
            None => &[],
        }
    }
}
