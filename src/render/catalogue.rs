//! What the templates of lists may see: the first page, the archive, topics.

use serde::Serialize;

use super::context::IssueView;

/// The first page.
#[derive(Debug, Serialize)]
pub struct HomePage {
    /// The newest issue in full.
    pub latest: Option<IssueView>,
    /// The newest issues, newest first.
    pub issues: Vec<IssueLink>,
    /// The newest digests of the weeks, newest first.
    pub digests: Vec<IssueLink>,
    /// The newest articles, newest first.
    pub articles: Vec<EntryLink>,
    /// The topics that come up most, by name.
    pub topics: Vec<TopicLink>,
}

/// The list of years.
#[derive(Debug, Serialize)]
pub struct ArchivePage {
    /// The years, newest first.
    pub years: Vec<YearLink>,
    /// How many issues there are.
    pub count: usize,
}

/// What had to be corrected.
#[derive(Debug, Serialize)]
pub struct CorrectionsPage {
    /// The years of the corrections, newest first.
    pub years: Vec<CorrectedYear>,
}

/// A year with the corrections made in it.
#[derive(Debug, Serialize)]
pub struct CorrectedYear {
    /// The year.
    pub year: i32,
    /// The corrections, newest first.
    pub corrections: Vec<CorrectedEntry>,
}

/// A correction with what it corrects.
#[derive(Debug, Serialize)]
pub struct CorrectedEntry {
    /// The day of the correction: `2018-06-12`.
    pub date: String,
    /// `12 juin`.
    pub day: String,
    /// What was wrong.
    pub text: String,
    /// The item or article.
    pub entry: EntryLink,
    /// The page of the item's issue; empty for an article.
    pub issue_url: String,
}

/// All that appeared in a year.
#[derive(Debug, Serialize)]
pub struct YearPage {
    /// The year.
    pub year: i32,
    /// Its months, oldest first.
    pub months: Vec<MonthView>,
    /// The year before, in which something appeared.
    pub previous: Option<YearLink>,
    /// The year after.
    pub next: Option<YearLink>,
}

/// All that appeared in a month.
#[derive(Debug, Serialize)]
pub struct MonthPage {
    /// The month with all that appeared in it.
    pub month: MonthView,
    /// The month before, in which something appeared.
    pub previous: Option<MonthLink>,
    /// The month after.
    pub next: Option<MonthLink>,
}

/// A month with all that appeared in it.
#[derive(Debug, Serialize)]
pub struct MonthView {
    /// Its name and its page.
    pub link: MonthLink,
    /// Its issues, oldest first; the names of their items stand on the page of the month only.
    pub issues: Vec<IssueLink>,
    /// Its digests, oldest first.
    pub digests: Vec<IssueLink>,
    /// Its articles, oldest first.
    pub articles: Vec<EntryLink>,
}

/// A link to a year.
#[derive(Debug, Serialize)]
pub struct YearLink {
    /// The year.
    pub year: i32,
    /// Its page.
    pub url: String,
    /// How much appeared in it.
    pub count: usize,
    /// Its months, oldest first; none where only the year is meant.
    pub months: Vec<MonthLink>,
}

/// A link to a month.
#[derive(Debug, Serialize)]
pub struct MonthLink {
    /// `juin`.
    pub name: &'static str,
    /// The year.
    pub year: i32,
    /// `Juin 2018`.
    pub heading: String,
    /// Its page.
    pub url: String,
    /// How much appeared in it.
    pub count: usize,
}

/// The list of topics.
#[derive(Debug, Serialize)]
pub struct TopicsPage {
    /// All topics, by name.
    pub topics: Vec<TopicLink>,
}

/// The page of a topic.
#[derive(Debug, Serialize)]
pub struct TopicPage {
    /// Its name.
    pub name: String,
    /// Its text.
    pub html: String,
    /// The topics beside it.
    pub related: Vec<TopicLink>,
    /// What appeared, by year, newest first; of a long thread the newest only, or those of one year.
    pub years: Vec<YearView>,
    /// How many items and articles there are, of the year where the page is of one.
    pub count: usize,
    /// Its feed.
    pub feed_url: String,
    /// The page of the topic itself.
    pub topic_url: String,
    /// The year this page is of, 0 for the page of the whole topic.
    pub year: i32,
    /// The pages of its years, newest first; none where the thread is short.
    pub all_years: Vec<YearLink>,
}

/// A year of a topic.
#[derive(Debug, Serialize)]
pub struct YearView {
    /// The year.
    pub year: i32,
    /// What appeared, newest first.
    pub entries: Vec<EntryLink>,
}

/// A link to an issue.
#[derive(Debug, Serialize)]
pub struct IssueLink {
    /// `2018-06-08`.
    pub date: String,
    /// `vendredi 8 juin 2018`.
    pub long_date: String,
    /// From 1.
    pub number: u32,
    /// The name of its lead.
    pub name: String,
    /// Its page.
    pub url: String,
    /// What is in it: the names of its items; empty where only the issue is named.
    pub items: Vec<String>,
}

/// A link to an item or an article.
#[derive(Debug, Serialize)]
pub struct EntryLink {
    /// What archives call it.
    pub name: String,
    /// Its address.
    pub url: String,
    /// `2018-06-08`.
    pub date: String,
    /// `8 juin 2018`.
    pub short_date: String,
    /// `8 juin`.
    pub day: String,
    /// `item` or `article`.
    pub kind: &'static str,
    /// Its language, empty where it is the newsletter's.
    pub lang: String,
}

/// A link to a topic.
#[derive(Debug, Clone, Serialize)]
pub struct TopicLink {
    /// Its name.
    pub name: String,
    /// Its page.
    pub url: String,
    /// How many items and articles it has.
    pub count: usize,
    /// What it is about, empty if not said.
    pub description: String,
}
