//! Deletions and insertions in a run: asked for by a rule, carried out together.

use std::ops::Range;

use super::run::{Cell, RULE, Run};

/// A range that goes, and what comes in its place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Edit {
    start: usize,
    end: usize,
    insert: Option<(char, Owner)>,
}

/// Whose an insertion is: the node of the character before the place, or of the one at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    Before,
    After,
}

pub(super) type Edits = Vec<Edit>;

/// An insertion before a place, in the node that asked for it.
pub(super) fn insertion(at: usize, ch: char, owner: Owner) -> Edit {
    Edit { start: at, end: at, insert: Some((ch, owner)) }
}

pub(super) fn deletion(start: usize, end: usize) -> Edit {
    Edit { start, end, insert: None }
}

impl Edit {
    /// The places whose nodes it changes.
    fn touched(self) -> Range<usize> {
        match self.insert {
            Some((_, Owner::Before)) => self.start.saturating_sub(1)..self.start,
            Some((_, Owner::After)) => self.start..self.start + 1,
            None => self.start..self.end,
        }
    }

    /// How far nodes must end before it to stay as they are.
    fn nodes_before(self) -> usize {
        match self.insert {
            Some((_, Owner::Before)) => self.start,
            _ => self.start + 1,
        }
    }
}

/// How far nodes and marks were carried over.
#[derive(Default)]
struct Carried {
    nodes: usize,
    marks: usize,
    /// How many marks are left.
    kept: usize,
}

impl Run {
    /// Makes the spaces of a range one character. A range of one is changed in place.
    pub(super) fn bind(&mut self, start: usize, end: usize, ch: char, edits: &mut Edits) {
        if start < end && start < self.cells.len() {
            self.join(start, ch);
            if end > start + 1 {
                edits.push(deletion(start + 1, end));
            }
        }
    }

    /// Carries out deletions and insertions, in one pass.
    pub(super) fn apply(&mut self, mut edits: Edits) {
        if edits.is_empty() {
            return;
        }
        edits.sort_by_key(|edit| (edit.start, edit.end));
        for edit in &edits {
            edit.touched().for_each(|at| self.touch(at));
        }
        let mut cells = std::mem::take(&mut self.spare);
        cells.clear();
        let mut carried = Carried::default();
        let mut done = 0;
        for edit in edits {
            let Edit { start, end, insert } = edit;
            if start >= done {
                self.carry(&mut carried, edit.nodes_before(), start, |at| cells.len() + at - done);
                cells.extend_from_slice(&self.cells[done..start]);
                self.drop_marks(&mut carried, end);
                self.carry(&mut carried, end, start, |_| cells.len());
                done = end;
            }
            cells.extend(insert.map(|(ch, _)| Cell { ch, flags: RULE }));
        }
        self.carry(&mut carried, usize::MAX, usize::MAX, |at| cells.len() + at - done);
        self.marks.truncate(carried.kept);
        cells.extend_from_slice(&self.cells[done..]);
        self.spare = std::mem::replace(&mut self.cells, cells);
    }

    /// Carries nodes that end before a place and marks before another one to where they now are.
    fn carry(&mut self, carried: &mut Carried, nodes: usize, marks: usize, to: impl Fn(usize) -> usize) {
        while let Some(node) = self.nodes.get_mut(carried.nodes).filter(|node| node.end < nodes) {
            node.end = to(node.end);
            carried.nodes += 1;
        }
        while let Some(mark) = self.marks.get(carried.marks).copied().filter(|mark| *mark < marks) {
            self.marks[carried.kept] = to(mark);
            carried.marks += 1;
            carried.kept += 1;
        }
    }

    /// Leaves behind the marks before a place.
    fn drop_marks(&self, carried: &mut Carried, end: usize) {
        while self.marks.get(carried.marks).is_some_and(|mark| *mark < end) {
            carried.marks += 1;
        }
    }
}
