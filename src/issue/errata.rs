//! Corrections: where each appeared, and which issue tells the readers of it.

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
}

/// All corrections, the oldest first; those of one day in the order in which their items appeared.
pub(super) fn collect<'a>(issues: &[Issue<'a>], articles: &[&'a Article]) -> Vec<Erratum<'a>> {
    let items = issues.iter().flat_map(|issue| issue.items().map(|item| (issue.date, Published::Item(item))));
    let articles = articles.iter().map(|article| (article.date, Published::Article(article)));
    let mut errata: Vec<Erratum<'a>> = Vec::new();
    for (date, published) in items.chain(articles) {
        let corrections = &published.entry().corrections;
        errata.extend(corrections.iter().map(|correction| Erratum { published, date, correction }));
    }
    errata.sort_by_key(|erratum| (erratum.correction.date, erratum.date));
    errata
}

/// Puts each correction into the first issue after it: that of its own day may have gone out already.
pub(super) fn place<'a>(errata: &[Erratum<'a>], issues: &mut [Issue<'a>]) {
    for erratum in errata {
        let after = erratum.correction.date.max(erratum.date);
        let next = issues.partition_point(|issue| issue.date <= after);
        let Some(issue) = issues.get_mut(next) else { continue };
        let last = issue.parts.iter().rposition(|part| matches!(part, Part::Section { .. }));
        let place = last.map_or(0, |last| last + 1);
        match issue.parts.get_mut(place) {
            Some(Part::Errata(errata)) => errata.push(*erratum),
            _ => issue.parts.insert(place, Part::Errata(vec![*erratum])),
        }
    }
}
