//! What all rules look up, made once before anything is read.

use super::desk::Desk;
use super::memory::Memory;
use super::rules::Names;

/// The desk, and what can be known of the whole archive beforehand.
#[derive(Debug)]
pub(super) struct Room<'a> {
    pub(super) desk: Desk<'a>,
    /// The names of topics.
    pub(super) topics: Names<'a>,
    /// Whether every topic in use has a file, but for those used once.
    pub(super) every_topic_has_a_file: bool,
    /// What ran, and when.
    pub(super) memory: Memory<'a>,
    /// Whether there is time to look for the right spelling of each wrong word.
    pub(super) suggestions: Suggestions,
}

/// Whether there is time to look for the right spelling of each wrong word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Suggestions {
    Given,
    LeftOut,
}

/// Up to so many texts, suggestions are given.
const FEW: usize = 60;

impl<'a> Room<'a> {
    pub(super) fn new(desk: Desk<'a>, texts: usize) -> Self {
        let threads = desk.archive.threads.iter().map(|(_, thread)| thread);
        let mut used = threads.filter(|thread| thread.entries.len() > 1).peekable();
        let every_topic_has_a_file = used.peek().is_some() && used.all(|thread| thread.topic.is_some());
        let suggestions = if texts <= FEW { Suggestions::Given } else { Suggestions::LeftOut };
        let memory = Memory::of(desk.archive, desk.traces, desk.config);
        Self { desk, topics: Names::of(desk.content), every_topic_has_a_file, memory, suggestions }
    }
}
