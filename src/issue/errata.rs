//! Corrections: where each appeared, and which issue tells the readers of it.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::content::{Article, Correction};
use crate::model::IssueDate;

use super::{Issue, Part, Published};

/// A correction and what it mends.
#[derive(Debug, Clone, Copy)]
pub struct Erratum<'a> {
    /// The item or article.
    pub published: Published<'a>,
    /// The day that appeared.
    pub date: IssueDate,
    /// What was wrong.
    pub correction: &'a Correction,
    /// The day of the issue that tells it; none before there is one.
    pub told: Option<IssueDate>,
}

/// An issue that is approved or sent: what it tells is settled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closed {
    /// Its day.
    pub date: IssueDate,
    /// The corrections that it tells; `None` where nobody has written that down.
    pub told: Option<Vec<Told>>,
}

/// A correction as an issue told it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// What it mends: kind, day and name, those it had first.
    pub entry: String,
    /// The day of the correction.
    pub date: IssueDate,
    /// What was wrong.
    pub text: String,
}

impl From<&Erratum<'_>> for Told {
    fn from(erratum: &Erratum<'_>) -> Self {
        let Erratum { published, date, correction, .. } = erratum;
        let kind = if let Published::Item(_) = published { "item" } else { "article" };
        let (first, slug) = published.entry().origin(*date);
        let Correction { date, text } = correction;
        Self { entry: format!("{kind} {first}/{slug}"), date: *date, text: text.clone() }
    }
}

/// All corrections, the oldest first; those of one day in the order in which their items appeared.
pub(super) fn collect<'a>(issues: &[Issue<'a>], articles: &[&'a Article]) -> Vec<Erratum<'a>> {
    let of = |date, published: Published<'a>| {
        let corrections = published.entry().corrections.iter();
        corrections.map(move |correction| Erratum { published, date, correction, told: None })
    };
    let items = |issue: &Issue<'a>| {
        issue.items().flat_map(|item| of(issue.date, Published::Item(item))).collect::<Vec<_>>()
    };
    let mut errata: Vec<Erratum<'a>> = issues.par_iter().flat_map_iter(items).collect();
    errata.extend(articles.iter().flat_map(|article| of(article.date, Published::Article(article))));
    errata.sort_by_key(|erratum| (erratum.correction.date, erratum.date));
    errata
}

/// Puts each correction into the first issue after it that may still change: that of its own day may have gone out
/// already, and one that is closed tells what it told, no more and no less.
pub(super) fn place<'a>(errata: &mut [Erratum<'a>], issues: &mut [Issue<'a>], closed: &[Closed]) {
    let settled = settled(errata, closed);
    let full = |date: IssueDate| closed.iter().any(|closed| closed.date == date && closed.told.is_some());
    for (erratum, settled) in errata.iter_mut().zip(settled) {
        let after = erratum.correction.date.max(erratum.date);
        let issue = match settled {
            Some(date) => issues.iter_mut().find(|issue| issue.date == date),
            None => {
                let next = issues.partition_point(|issue| issue.date <= after);
                issues[next..].iter_mut().find(|issue| !full(issue.date))
            }
        };
        erratum.told = issue.as_ref().map(|issue| issue.date);
        if let Some(issue) = issue {
            tell(issue, *erratum);
        }
    }
}

fn tell<'a>(issue: &mut Issue<'a>, erratum: Erratum<'a>) {
    let last = issue.parts.iter().rposition(|part| matches!(part, Part::Section { .. }));
    let place = last.map_or(0, |last| last + 1);
    match issue.parts.get_mut(place) {
        Some(Part::Errata(errata)) => errata.push(erratum),
        _ => issue.parts.insert(place, Part::Errata(vec![erratum])),
    }
}

/// For each correction the closed issue that told it. One that was worded anew since is known by its day.
fn settled(errata: &[Erratum<'_>], closed: &[Closed]) -> Vec<Option<IssueDate>> {
    let mut settled = vec![None; errata.len()];
    let told = closed.iter().flat_map(|closed| closed.told.iter().flatten().map(|told| (closed.date, told)));
    let mut left: Vec<(IssueDate, &Told)> = told.collect();
    if left.is_empty() {
        return settled;
    }
    let now: Vec<Told> = errata.iter().map(Told::from).collect();
    let same: [fn(&Told, &Told) -> bool; 2] =
        [|one, other| one.text == other.text, |one, other| one.date == other.date];
    for same in same {
        left.retain(|(date, told)| {
            let known = |(at, now): (usize, &Told)| {
                settled[at].is_none() && now.entry == told.entry && same(now, told)
            };
            let at = now.iter().enumerate().position(known);
            if let Some(at) = at {
                settled[at] = Some(*date);
            }
            at.is_none()
        });
    }
    settled
}
