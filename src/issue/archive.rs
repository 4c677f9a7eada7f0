//! All issues and articles together: numbers, neighbours, threads of topics, what has run before.

use std::collections::{BTreeMap, HashMap};

use rayon::prelude::*;

use crate::config::Config;
use crate::content::{Article, Block, Content, Entry, Introduction, Item};
use crate::model::{Diagnostic, IssueDate, IssueKind, Slot, Slug};

use super::errata::{self, Closed, Erratum};
use super::queue::{self, Fill};
use super::threads::{Earlier, Thread, Threads};
use super::{Issue, Month, Published, Redirect, calendar, former, lead, order, weekly};

/// Everything that is published, by date.
#[derive(Debug)]
pub struct Archive<'a> {
    /// The issues, oldest first.
    pub issues: Vec<Issue<'a>>,
    /// The digests of the weeks, oldest first.
    pub digests: Vec<Issue<'a>>,
    /// The articles, oldest first.
    pub articles: Vec<&'a Article>,
    /// The corrections, the oldest first.
    pub errata: Vec<Erratum<'a>>,
    /// The threads of topics, by key.
    pub threads: Threads<'a>,
    /// What the open issue takes from the queue, and what waits; none when no issue is open.
    pub fill: Option<Fill<'a>>,
    /// The blocks of articles.
    pub article_blocks: Vec<&'a Block>,
    /// The former addresses of all this.
    pub redirects: Vec<Redirect>,
    /// The months in which something appeared, oldest first.
    pub months: Vec<Month>,
    content: &'a Content,
}

/// The most entries that are recalled under an item.
const RECALLED: usize = 3;

/// How many issues a processor takes at once, so that none is left alone with many at the end.
const AT_ONCE: usize = 32;

/// What becomes of drafts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drafts {
    /// They appear nowhere.
    LeftOut,
    /// They stand where they will: for a proof.
    Included,
}

impl Drafts {
    fn admit(self, draft: bool) -> bool {
        !draft || self == Self::Included
    }
}

/// What is assembled besides the files of dated folders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan<'a> {
    /// What becomes of drafts.
    pub drafts: Drafts,
    /// The issue that the queue fills, if one is open.
    pub filled: Option<IssueDate>,
    /// The issues that cannot change any more.
    pub closed: &'a [Closed],
}

impl Plan<'_> {
    /// What readers get: no drafts, nothing of the queue.
    pub const PRINTED: Self = Self { drafts: Drafts::LeftOut, filled: None, closed: &[] };
}

/// Assembles all issues; what is wrong goes to `findings`.
pub fn assemble<'a>(
    content: &'a Content,
    config: &'a Config,
    plan: Plan<'_>,
    findings: &mut Vec<Diagnostic>,
) -> Archive<'a> {
    let drafts = plan.drafts;
    let introductions: HashMap<IssueDate, &Introduction> =
        content.introductions.iter().map(|introduction| (introduction.date, introduction)).collect();
    let mut by_date: BTreeMap<IssueDate, Vec<&Item>> = BTreeMap::new();
    for introduction in &content.introductions {
        by_date.entry(introduction.date).or_default();
    }
    for item in content.items.iter().filter(|item| drafts.admit(item.entry.draft)) {
        if let Some(date) = item.entry.date {
            embargo(item, date, findings);
            by_date.entry(date).or_default().push(item);
        }
    }
    let open = |date: &IssueDate| introductions.get(date).is_none_or(|found| drafts.admit(found.draft));
    by_date.retain(|date, _| open(date));
    let fill = plan.filled.filter(open).map(|date| {
        let present = by_date.get(&date).map_or(&[][..], Vec::as_slice);
        queue::fill(content, date, present, config)
    });
    if let Some(fill) = fill.as_ref().filter(|fill| !fill.taken.is_empty()) {
        by_date.entry(fill.date).or_default().extend(&fill.taken);
    }
    let mut number = 0;
    let numbered = by_date.into_iter().map(|(date, items)| {
        let introduction = introductions.get(&date).copied();
        number = introduction.and_then(|introduction| introduction.number).unwrap_or(number + 1);
        (date, number, introduction, items)
    });
    let numbered: Vec<_> = numbered.collect();
    let made =
        numbered.into_par_iter().with_max_len(AT_ONCE).map(|(date, number, introduction, mut items)| {
            let mut findings = Vec::new();
            order::sort(&mut items, config);
            let lead = lead::choose(&items, &mut findings);
            let own = |text: Option<&String>| text.cloned();
            let issue = Issue {
                date,
                kind: IssueKind::Daily,
                number,
                subject: own(introduction.and_then(|introduction| introduction.subject.as_ref()))
                    .unwrap_or_else(|| lead::subject(lead, date, number, config)),
                preheader: own(introduction.and_then(|introduction| introduction.preheader.as_ref()))
                    .unwrap_or_else(|| lead::preheader(&items, lead, config)),
                introduction,
                parts: order::parts(&items, &content.blocks, config),
                lead,
            };
            (issue, findings)
        });
    let (mut issues, said): (Vec<Issue<'a>>, Vec<Vec<Diagnostic>>) = made.unzip();
    findings.extend(said.into_iter().flatten());
    let articles = articles(content, drafts, findings);
    let (digests, mut errata) = rayon::join(
        || weekly::digests(&issues, &content.blocks, config),
        || errata::collect(&issues, &articles),
    );
    errata::place(&mut errata, &mut issues, plan.closed);
    let threads = Threads::new(&content.topics, &issues, &articles);
    let months = calendar::months(&issues, &digests, &articles);
    let every_article = |block: &&Block| block.placement == crate::config::Placement::EveryArticle;
    let mut archive = Archive {
        issues,
        digests,
        articles,
        errata,
        threads,
        fill,
        article_blocks: content.blocks.iter().filter(every_article).collect(),
        redirects: Vec::new(),
        months,
        content,
    };
    archive.redirects = former::redirects(&archive, findings);
    archive
}

impl<'a> Archive<'a> {
    /// How many files it was read from: each has a number below.
    pub fn files(&self) -> usize {
        let Content { items, queue, articles, introductions, topics, .. } = self.content;
        items.len() + queue.len() + articles.len() + introductions.len() + topics.files()
    }

    /// The issue or the digest of a slot.
    pub fn issue(&self, slot: Slot) -> Option<&Issue<'a>> {
        let issues = match slot.kind {
            IssueKind::Daily => &self.issues,
            IssueKind::Weekly => &self.digests,
        };
        issues.binary_search_by_key(&slot.date, |issue| issue.date).ok().map(|at| &issues[at])
    }

    /// The issues before and after one, of its kind.
    pub fn neighbours(&self, issue: &Issue<'_>) -> (Option<&Issue<'a>>, Option<&Issue<'a>>) {
        let issues = match issue.kind {
            IssueKind::Daily => &self.issues,
            IssueKind::Weekly => &self.digests,
        };
        let at = issues.partition_point(|other| other.date < issue.date);
        (at.checked_sub(1).and_then(|at| issues.get(at)), issues.get(at + 1))
    }

    /// The thread that a topic's name leads to.
    pub fn thread(&self, key: &Slug) -> Option<(&'a Slug, &Thread<'a>)> {
        self.threads.get(self.content.topics.resolve(key))
    }

    /// The newest items and articles with their day, newest first; those of one issue in its order.
    pub fn newest(&self, most: usize) -> Vec<(IssueDate, Published<'a>)> {
        let mut newest = Vec::with_capacity(most);
        let mut articles = self.articles.iter().rev().peekable();
        for issue in self.issues.iter().rev() {
            while let Some(article) = articles.next_if(|article| article.date > issue.date) {
                newest.push((article.date, Published::Article(article)));
            }
            newest.extend(issue.items().map(|item| (issue.date, Published::Item(item))));
            if newest.len() >= most {
                break;
            }
        }
        newest.extend(articles.take(most).map(|article| (article.date, Published::Article(article))));
        newest.truncate(most);
        newest
    }

    /// What has run before under the topics of an entry: newest first, three at most.
    pub fn recall(&self, entry: &Entry, date: IssueDate) -> Vec<Earlier<'a>> {
        let mut found: Vec<Earlier<'a>> = Vec::new();
        for topic in &entry.topics {
            let Some((_, thread)) = self.thread(&topic.key) else { continue };
            let before = thread.before(date);
            found.extend(&before[before.len().saturating_sub(RECALLED)..]);
        }
        found.sort_by_key(|earlier| std::cmp::Reverse((earlier.date, earlier.order)));
        found.dedup_by_key(|earlier| earlier.order);
        found.truncate(RECALLED);
        found
    }
}

fn embargo(item: &Item, date: IssueDate, findings: &mut Vec<Diagnostic>) {
    let Some(first) = item.not_before.filter(|first| *first > date) else { return };
    let message = format!("the item must not appear before {first}, and stands in the issue of {date}");
    let finding = Diagnostic::error("embargo", message).in_file(item.entry.source.path());
    findings.push(finding.hint("move it to a later issue or to content/queue/"));
}

fn articles<'a>(content: &'a Content, drafts: Drafts, findings: &mut Vec<Diagnostic>) -> Vec<&'a Article> {
    let mut articles: Vec<&Article> =
        content.articles.iter().filter(|article| drafts.admit(article.entry.draft)).collect();
    articles.sort_by(|a, b| (a.date, &a.entry.slug).cmp(&(b.date, &b.entry.slug)));
    for pair in articles.windows(2) {
        if let [first, second] = pair
            && (first.date, &first.entry.slug) == (second.date, &second.entry.slug)
        {
            let message = format!(
                "two articles would stand at the same address, this one and {}",
                first.entry.source.path()
            );
            let finding = Diagnostic::error("duplicate-slug", message).in_file(second.entry.source.path());
            findings.push(finding.hint("rename one of the two files"));
        }
    }
    articles
}
