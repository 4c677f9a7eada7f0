//! A run of text: characters in cells that remember the node they came from and what must not be done to them.

use super::seen::Seen;
use super::{NBSP, NNBSP};

/// Never touched: an address, a file name, a time.
pub(super) const PROTECTED: u32 = 1;
/// Kept as typed by its author: an escape or an entity.
pub(super) const LITERAL: u32 = 2;
/// A soft line break, which counts as a space.
pub(super) const SOFT: u32 = 4;
/// Something that is no text: inline code, a picture, a passage in another language.
pub(super) const OPAQUE: u32 = 8;
/// A hard line break: no rule looks across.
pub(super) const WALL: u32 = 16;
/// To be raised in HTML.
pub(super) const RAISED: u32 = 32;
/// Inside a raised passage already.
pub(super) const IN_SUP: u32 = 64;
/// Put there by a rule.
pub(super) const RULE: u32 = 128;

/// What stands for something that is no text.
const OBJECT: char = '\u{fffc}';

/// One character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cell {
    pub(super) ch: char,
    // As wide as the character, so that a cell is one word of the machine.
    pub(super) flags: u32,
}

impl Cell {
    pub(super) fn is(self, flag: u32) -> bool {
        self.flags & flag != 0
    }

    /// Whether rules may act on it.
    pub(super) fn free(self) -> bool {
        self.flags & (PROTECTED | LITERAL | WALL | OPAQUE) == 0
    }

    /// Whether it is a space that rules may swallow.
    pub(super) fn space(self) -> bool {
        // Nearly every character lies between the two: the common answer comes first.
        let letter = self.ch > ' ' && self.ch < NBSP;
        !letter && matches!(self.ch, ' ' | NBSP | NNBSP | '\u{2009}') && self.free()
    }
}

/// What a node of a run holds before it is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Text to be set.
    Text(&'a str),
    /// Text to be set that stands in a raised passage.
    Raised(&'a str),
    /// An escaped character, or an entity that asks to be left alone.
    Literal(&'a str),
    /// Text that is never touched, though it is seen.
    Protected(&'a str),
    /// Inline code, a picture, a passage in another language: one word.
    Opaque,
    /// A soft line break.
    Soft,
    /// A hard line break.
    Wall,
}

/// What became of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Another text.
    Text(String),
    /// Texts, each with whether it is to be raised; none if the node is gone.
    Parts(Vec<(String, bool)>),
}

/// What kind of block a run belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunKind {
    /// Running text.
    Text,
    /// A heading.
    Heading,
}

/// The inline content of one block.
#[derive(Debug, Clone)]
pub struct Run {
    pub(super) cells: Vec<Cell>,
    pub(super) kind: RunKind,
    pub(super) nodes: Vec<Node>,
    /// Where marks stand: most rules go from one to the next.
    pub(super) marks: Vec<usize>,
    /// Which characters occur that a rule might want, in bits.
    pub(super) seen: Seen,
    /// Room for the cells when edits are carried out.
    pub(super) spare: Vec<Cell>,
}

/// A node whose characters are in a run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Node {
    number: u32,
    /// Where its cells end.
    pub(super) end: usize,
    /// Whether it holds text.
    text: bool,
    /// Whether a rule has laid hands on it.
    touched: bool,
}

impl Run {
    /// An empty run.
    pub fn new(kind: RunKind) -> Self {
        Self {
            cells: Vec::new(),
            kind,
            nodes: Vec::new(),
            marks: Vec::new(),
            seen: Seen::default(),
            spare: Vec::new(),
        }
    }

    /// Makes the run an empty one, which keeps its room.
    pub fn clear(&mut self, kind: RunKind) {
        self.cells.clear();
        self.nodes.clear();
        self.marks.clear();
        (self.kind, self.seen) = (kind, Seen::default());
    }

    /// Whether nothing was added.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// Adds a node. Nodes are numbered in order.
    pub fn push(&mut self, piece: Piece<'_>, node: u32) {
        match piece {
            Piece::Text(text) => self.extend(text, 0),
            Piece::Raised(text) => self.extend(text, IN_SUP),
            Piece::Literal(text) => self.extend(text, LITERAL),
            Piece::Protected(text) => self.extend(text, PROTECTED),
            Piece::Opaque => {
                self.seen.interrupt();
                self.cells.push(Cell { ch: OBJECT, flags: OPAQUE });
            }
            Piece::Soft => {
                self.seen.look(' ');
                self.cells.push(Cell { ch: ' ', flags: SOFT });
            }
            Piece::Wall => self.cells.push(Cell { ch: '\n', flags: WALL }),
        }
        let text = !matches!(piece, Piece::Opaque | Piece::Wall);
        let end = self.cells.len();
        match self.nodes.last_mut() {
            Some(last) if last.number == node && last.text == text => last.end = end,
            _ => self.nodes.push(Node { number: node, end, text, touched: false }),
        }
    }

    fn extend(&mut self, text: &str, flags: u32) {
        let mut seen = self.seen;
        let start = self.cells.len();
        self.cells.resize(start + text.len(), Cell { ch: ' ', flags });
        let mut end = start;
        for (cell, ch) in self.cells[start..].iter_mut().zip(text.chars()) {
            cell.ch = ch;
            if seen.look(ch) {
                self.marks.push(end);
            }
            end += 1;
        }
        self.cells.truncate(end);
        self.seen = seen;
    }

    /// The text of the run, opaque words as U+FFFC.
    pub fn text(&self) -> String {
        written(&self.cells)
    }

    /// Whether setting has changed anything.
    pub fn changed(&self) -> bool {
        self.nodes.iter().any(|node| node.touched)
    }

    /// What became of the nodes that setting has changed. A soft break that still is one is left out; one that a space
    /// replaced is a text.
    pub fn changes(&self) -> impl Iterator<Item = (u32, Change)> {
        let starts = std::iter::once(0).chain(self.nodes.iter().map(|node| node.end));
        let touched = self.nodes.iter().zip(starts).filter(|(node, _)| node.touched);
        let texts = touched.map(|(node, start)| (node.number, &self.cells[start..node.end]));
        texts.filter(|(_, cells)| !cells.iter().any(|cell| cell.is(SOFT))).map(|(node, cells)| {
            let raised = |cell: &Cell| cell.is(RAISED);
            if !cells.is_empty() && !cells.iter().any(raised) {
                return (node, Change::Text(written(cells)));
            }
            let parts = cells.chunk_by(|a, b| raised(a) == raised(b));
            (node, Change::Parts(parts.map(|cells| (written(cells), raised(&cells[0]))).collect()))
        })
    }

    /// Remembers that the character at a place is no longer what it was.
    pub(super) fn touch(&mut self, at: usize) {
        let node = self.nodes.partition_point(|node| node.end <= at);
        if let Some(node) = self.nodes.get_mut(node) {
            node.touched = true;
        }
    }

    /// A node without text goes.
    pub(super) fn touch_empty(&mut self) {
        let mut start = 0;
        for node in &mut self.nodes {
            node.touched |= node.text && node.end == start;
            start = node.end;
        }
    }

    /// Puts another character in a place.
    pub(super) fn put(&mut self, at: usize, ch: char) {
        if self.cells[at].ch != ch {
            self.cells[at].ch = ch;
            self.touch(at);
        }
    }

    /// Makes a space a no-break space of a rule's.
    pub(super) fn join(&mut self, at: usize, ch: char) {
        let cell = &mut self.cells[at];
        let changed = cell.ch != ch || cell.is(SOFT);
        (cell.ch, cell.flags) = (ch, cell.flags & !SOFT | RULE);
        if changed {
            self.touch(at);
        }
    }

    /// Marks characters to be raised.
    pub(super) fn raise(&mut self, start: usize, end: usize) {
        for at in start..end {
            self.cells[at].flags |= RAISED;
            self.touch(at);
        }
    }

    /// The character before a place; none at the start or after a wall.
    pub(super) fn before(&self, at: usize) -> Option<Cell> {
        at.checked_sub(1).and_then(|at| self.cells.get(at)).copied().filter(|cell| !cell.is(WALL))
    }

    /// The character at a place; none at the end or at a wall.
    pub(super) fn at(&self, at: usize) -> Option<Cell> {
        self.cells.get(at).copied().filter(|cell| !cell.is(WALL))
    }

    /// The next place, from one on, whose character is wanted.
    pub(super) fn find(&self, from: usize, wanted: impl Fn(char) -> bool) -> Option<usize> {
        let found = self.cells.get(from..)?.iter().position(|cell| wanted(cell.ch));
        found.map(|found| from + found)
    }

    /// The same where only marks are wanted: digits, capitals, punctuation. `mark` is how many of them lie behind.
    pub(super) fn find_mark(
        &self,
        mark: &mut usize,
        from: usize,
        wanted: impl Fn(char) -> bool,
    ) -> Option<usize> {
        let behind = |at: &usize| *at < from || !wanted(self.cells[*at].ch);
        *mark += self.marks.get(*mark..)?.iter().take_while(|at| behind(at)).count();
        self.marks.get(*mark).copied()
    }

    /// The character of a cell that rules may act on.
    pub(super) fn free(&self, at: usize) -> Option<char> {
        self.at(at).filter(|cell| cell.free()).map(|cell| cell.ch)
    }

    /// Where the spaces before a place begin.
    pub(super) fn space_start(&self, at: usize) -> usize {
        let mut start = at;
        while start > 0 && self.cells[start - 1].space() {
            start -= 1;
        }
        start
    }

    /// Where the spaces from a place on end.
    pub(super) fn space_end(&self, at: usize) -> usize {
        let mut end = at;
        while end < self.cells.len() && self.cells[end].space() {
            end += 1;
        }
        end
    }

    /// Whether a place is followed by nothing that belongs to a word.
    pub(super) fn word_ends(&self, at: usize) -> bool {
        self.at(at).is_none_or(|cell| !of_a_word(cell.ch))
    }

    /// Whether a place is preceded by nothing that belongs to a word.
    pub(super) fn word_starts(&self, at: usize) -> bool {
        self.before(at).is_none_or(|cell| !of_a_word(cell.ch))
    }

    /// Whether a text stands at a place, letter by letter, free to be acted on.
    pub(super) fn reads(&self, at: usize, text: &str) -> bool {
        text.chars().zip(at..).all(|(ch, here)| self.free(here) == Some(ch))
    }
}

fn written(cells: &[Cell]) -> String {
    let mut text = String::with_capacity(cells.len() + cells.len() / 8);
    text.extend(cells.iter().map(|cell| cell.ch));
    text
}

/// A letter or a digit; the marks that stand beside words are told from them without a table.
pub(super) fn of_a_word(ch: char) -> bool {
    match ch {
        '\0'..='\x7f' => ch.is_ascii_alphanumeric(),
        NBSP | '«' | '»' | '\u{2000}'..='\u{206f}' => false,
        _ => ch.is_alphanumeric(),
    }
}

pub(super) fn opening_bracket(ch: char) -> bool {
    matches!(ch, '(' | '[' | '{')
}

pub(super) fn opening_quote(ch: char) -> bool {
    matches!(ch, '«' | '“' | '‘')
}

pub(super) fn dash(ch: char) -> bool {
    matches!(ch, '-' | '–' | '—')
}

pub(super) fn closing(ch: char) -> bool {
    matches!(ch, '.' | ',' | ';' | ':' | '!' | '?' | '…' | ')' | ']' | '}' | '»' | '”' | '’' | '"')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::config::TypographyOptions;
    use crate::model::Language;

    fn pieces() -> impl Strategy<Value = Vec<String>> {
        let text = prop::sample::select(vec![
            "le mot ", "M. ", "Élise", "8 ", " juin", "14 h 30", "\"", "«", "»", "...", "etc...", "coeur",
            "œuvre ", " - ", "--", " ;", "?", ":", "5€", "l'", "  ", "\u{a0}", "XXIe ", "", "à ",
        ]);
        prop::collection::vec(prop::collection::vec(text, 0..5).prop_map(|texts| texts.concat()), 1..6)
    }

    proptest! {
        #[test]
        fn marks_and_nodes_keep_their_places_when_text_moves(pieces in pieces(), english in any::<bool>()) {
            let mut run = Run::new(RunKind::Text);
            for (node, piece) in (0..).zip(&pieces) {
                run.push(Piece::Text(piece), node);
            }
            let language = if english { Language::English } else { Language::French };
            super::super::set(&mut run, language, &TypographyOptions::default());
            let mut fresh = Run::new(RunKind::Text);
            fresh.push(Piece::Text(&run.text()), 0);
            prop_assert!(fresh.marks.iter().all(|mark| run.marks.contains(mark)));
            let mut texts = pieces;
            for (node, change) in run.changes() {
                texts[node as usize] = match change {
                    Change::Text(text) => text,
                    Change::Parts(parts) => parts.into_iter().map(|(text, _)| text).collect(),
                };
            }
            prop_assert_eq!(texts.concat(), run.text());
        }
    }
}
