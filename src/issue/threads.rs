//! The threads of topics: all that appeared under each, by date.

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use crate::content::{Article, Topic, TopicName, Topics};
use crate::model::{IssueDate, Slug};

use super::{Issue, Published};

/// All items and articles of one topic.
#[derive(Debug)]
pub struct Thread<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its file, if it has one.
    pub topic: Option<&'a Topic>,
    /// What appeared, oldest first.
    pub entries: Vec<Earlier<'a>>,
    /// The days of the entries alone: every item looks for its own among them, and they are small enough to stay near.
    days: Vec<IssueDate>,
}

impl<'a> Thread<'a> {
    fn new(name: &'a str) -> Self {
        Self { name, topic: None, entries: Vec::new(), days: Vec::new() }
    }

    /// The years in which something appeared, oldest first.
    pub fn years(&self) -> Vec<i32> {
        let mut years: Vec<i32> = self.days.iter().map(|day| day.year()).collect();
        years.dedup();
        years
    }

    /// What appeared in a year, oldest first.
    pub fn in_year(&self, year: i32) -> &[Earlier<'a>] {
        let start = self.days.partition_point(|day| day.year() < year);
        let end = self.days.partition_point(|day| day.year() <= year);
        &self.entries[start..end]
    }

    /// What appeared before a day, oldest first.
    pub fn before(&self, date: IssueDate) -> &[Earlier<'a>] {
        &self.entries[..self.days.partition_point(|day| *day < date)]
    }
}

/// An item or an article at its place in time.
#[derive(Debug, Clone, Copy)]
pub struct Earlier<'a> {
    /// The day it appeared.
    pub date: IssueDate,
    /// Its place in the whole archive.
    pub(super) order: usize,
    /// What it is.
    pub published: Published<'a>,
}

/// So many entries are sorted into threads by one core.
const STRETCH: usize = 1024;

/// All threads, by key.
#[derive(Debug, Default)]
pub struct Threads<'a> {
    list: Vec<(&'a Slug, Thread<'a>)>,
    places: FxHashMap<&'a Slug, usize>,
}

impl<'a> Threads<'a> {
    pub(super) fn new(topics: &'a Topics, issues: &[Issue<'a>], articles: &[&'a Article]) -> Self {
        let mut all: Vec<(IssueDate, Published<'a>)> = Vec::new();
        all.extend(articles.iter().map(|article| (article.date, Published::Article(article))));
        for issue in issues {
            all.extend(issue.items().map(|item| (issue.date, Published::Item(item))));
        }
        all.sort_by_key(|(date, _)| *date);
        let mut threads = Self::default();
        for topic in topics.iter() {
            threads.thread(&topic.key, &topic.name).topic = Some(topic);
        }
        let stretches = all.par_chunks(STRETCH).with_max_len(1).enumerate();
        let stretches = stretches.map(|(at, all)| Self::of_stretch(topics, at * STRETCH, all));
        for (key, Thread { name, entries, .. }) in stretches.collect::<Vec<_>>().into_iter().flatten() {
            threads.thread(key, name).entries.extend(entries);
        }
        threads.list.par_iter_mut().for_each(|(_, thread)| {
            thread.days = thread.entries.iter().map(|entry| entry.date).collect();
        });
        threads.list.sort_by_key(|(key, _)| *key);
        threads.places = threads.list.iter().enumerate().map(|(at, (key, _))| (*key, at)).collect();
        threads
    }

    /// The threads of some entries that follow one another, in the order in which they begin.
    fn of_stretch(
        topics: &'a Topics,
        first: usize,
        all: &[(IssueDate, Published<'a>)],
    ) -> Vec<(&'a Slug, Thread<'a>)> {
        let mut threads = Self::default();
        for (order, (date, published)) in (first..).zip(all) {
            for topic in &published.entry().topics {
                let thread = threads.named(topics, topic);
                if thread.entries.last().is_none_or(|last| last.order != order) {
                    thread.entries.push(Earlier { date: *date, order, published: *published });
                }
            }
        }
        threads.list
    }

    /// The thread that a topic's name leads to; a new one where there is none.
    fn named(&mut self, topics: &'a Topics, topic: &'a TopicName) -> &mut Thread<'a> {
        let at = match self.places.get(&topic.key) {
            Some(at) => *at,
            None => {
                let key = topics.resolve(&topic.key);
                self.thread(key, &topic.name);
                let at = self.places[key];
                self.places.insert(&topic.key, at);
                at
            }
        };
        &mut self.list[at].1
    }

    /// The thread of a key; a new one where there is none.
    fn thread(&mut self, key: &'a Slug, name: &'a str) -> &mut Thread<'a> {
        let at = *self.places.entry(key).or_insert(self.list.len());
        if at == self.list.len() {
            self.list.push((key, Thread::new(name)));
        }
        &mut self.list[at].1
    }

    /// The thread of a key.
    pub fn get(&self, key: &Slug) -> Option<(&'a Slug, &Thread<'a>)> {
        let (key, thread) = &self.list[*self.places.get(key)?];
        Some((key, thread))
    }

    /// All of them, in the order of their keys.
    pub fn iter(&self) -> impl Iterator<Item = (&'a Slug, &Thread<'a>)> {
        self.list.iter().map(|(key, thread)| (*key, thread))
    }
}
