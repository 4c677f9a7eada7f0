//! What appeared when: the months of an archive and all that is of one.

use crate::content::Article;
use crate::model::IssueDate;

use super::{Archive, Issue};

/// A month of a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    /// The year.
    pub year: i32,
    /// 1 to 12.
    pub number: u32,
}

/// All that appeared in a month, oldest first.
#[derive(Debug, Clone, Copy)]
pub struct Appeared<'a, 'c> {
    /// The issues.
    pub issues: &'a [Issue<'c>],
    /// The digests.
    pub digests: &'a [Issue<'c>],
    /// The articles.
    pub articles: &'a [&'c Article],
}

impl Appeared<'_, '_> {
    /// How much that is.
    pub fn count(&self) -> usize {
        self.issues.len() + self.digests.len() + self.articles.len()
    }
}

impl From<IssueDate> for Month {
    fn from(date: IssueDate) -> Self {
        Self { year: date.year(), number: date.month() }
    }
}

impl<'c> Archive<'c> {
    /// All that appeared in a month.
    pub fn appeared(&self, month: Month) -> Appeared<'_, 'c> {
        Appeared {
            issues: within(&self.issues, month, |issue| issue.date),
            digests: within(&self.digests, month, |issue| issue.date),
            articles: within(&self.articles, month, |article| article.date),
        }
    }

    /// The months in which something appeared before and after one.
    pub fn months_beside(&self, month: Month) -> (Option<Month>, Option<Month>) {
        let at = self.months.partition_point(|other| *other < month);
        (at.checked_sub(1).and_then(|at| self.months.get(at)).copied(), self.months.get(at + 1).copied())
    }

    /// The years in which something appeared, oldest first.
    pub fn years(&self) -> Vec<i32> {
        let mut years: Vec<i32> = self.months.iter().map(|month| month.year).collect();
        years.dedup();
        years
    }
}

/// The months in which something appeared, oldest first.
pub(super) fn months(issues: &[Issue<'_>], digests: &[Issue<'_>], articles: &[&Article]) -> Vec<Month> {
    let dates = issues.iter().chain(digests).map(|issue| issue.date);
    let mut months: Vec<Month> =
        dates.chain(articles.iter().map(|article| article.date)).map(Month::from).collect();
    months.sort_unstable();
    months.dedup();
    months
}

fn within<T>(list: &[T], month: Month, date: impl Fn(&T) -> IssueDate) -> &[T] {
    let start = list.partition_point(|entry| Month::from(date(entry)) < month);
    let end = list.partition_point(|entry| Month::from(date(entry)) <= month);
    &list[start..end]
}
