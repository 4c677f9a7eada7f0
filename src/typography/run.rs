//! A run of text: characters in cells that remember the node they came from and what must not be done to them.

use super::seen::{Seen, quiet, quiet_letter};
use super::{NBSP, NNBSP};

/// Never touched: an address, a file name, a time.
pub(super) const PROTECTED: u8 = 1;
/// Kept as typed by its author: an escape or an entity.
pub(super) const LITERAL: u8 = 2;
/// A soft line break, which counts as a space.
pub(super) const SOFT: u8 = 4;
/// Something that is no text: inline code, a picture, a passage in another language.
pub(super) const OPAQUE: u8 = 8;
/// A hard line break: no rule looks across.
pub(super) const WALL: u8 = 16;
/// To be raised in HTML.
pub(super) const RAISED: u8 = 32;
/// Inside a raised passage already.
pub(super) const IN_SUP: u8 = 64;
/// Put there by a rule.
pub(super) const RULE: u8 = 128;

/// One character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cell {
    pub(super) ch: char,
    pub(super) flags: u8,
    pub(super) node: u32,
}

impl Cell {
    pub(super) fn is(self, flag: u8) -> bool {
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
    nodes: Vec<u32>,
    pub(super) touched: bool,
    /// The character added last.
    last: char,
    /// Whether a digit stands before it, spaces apart.
    ended_in_digit: bool,
    /// Which characters occur that a rule might want, in bits.
    pub(super) seen: Seen,
}

impl Run {
    /// An empty run.
    pub fn new(kind: RunKind) -> Self {
        Self {
            cells: Vec::new(),
            kind,
            nodes: Vec::new(),
            touched: false,
            last: ' ',
            ended_in_digit: false,
            seen: Seen::default(),
        }
    }

    /// An empty run that fills the room of this one.
    #[must_use]
    pub fn emptied(mut self, kind: RunKind) -> Self {
        self.cells.clear();
        self.nodes.clear();
        Self { cells: self.cells, nodes: self.nodes, ..Self::new(kind) }
    }

    /// Adds a node. Nodes are numbered in order.
    pub fn push(&mut self, piece: Piece<'_>, node: u32) {
        if !matches!(piece, Piece::Opaque | Piece::Wall) && self.nodes.last() != Some(&node) {
            self.nodes.push(node);
        }
        match piece {
            Piece::Text(text) => self.extend(text, 0, node),
            Piece::Raised(text) => self.extend(text, IN_SUP, node),
            Piece::Literal(text) => self.extend(text, LITERAL, node),
            Piece::Protected(text) => self.extend(text, PROTECTED, node),
            Piece::Opaque => {
                self.last = '\u{fffc}';
                self.cells.push(Cell { ch: '\u{fffc}', flags: OPAQUE, node });
            }
            Piece::Soft => {
                (self.seen.space, self.last) = (true, ' ');
                self.cells.push(Cell { ch: ' ', flags: SOFT, node });
            }
            Piece::Wall => self.cells.push(Cell { ch: '\n', flags: WALL, node }),
        }
    }

    fn extend(&mut self, text: &str, flags: u8, node: u32) {
        self.cells.reserve(text.len());
        let mut rest = text;
        loop {
            if quiet(self.last) {
                let length = rest.bytes().take_while(|byte| quiet_letter(*byte)).count();
                let (stretch, loud) = rest.split_at(length);
                self.extend_quietly(stretch.as_bytes(), flags, node);
                rest = loud;
            }
            let mut chars = rest.chars();
            let Some(ch) = chars.next() else { return };
            rest = chars.as_str();
            self.seen.look(self.last, ch);
            let space = matches!(self.last, ' ' | NBSP | NNBSP | '\u{2009}');
            self.seen.grouped |= ch.is_ascii_digit() && space && self.ended_in_digit;
            self.ended_in_digit =
                ch.is_ascii_digit() || self.ended_in_digit && matches!(ch, ' ' | NBSP | NNBSP | '\u{2009}');
            self.cells.push(Cell { ch, flags, node });
            self.last = ch;
        }
    }

    /// Adds letters of which each and the one before it are quiet: most of any text.
    fn extend_quietly(&mut self, letters: &[u8], flags: u8, node: u32) {
        let Some((last, _)) = letters.split_last() else { return };
        self.seen.oe |= self.last == 'o' && letters[0] == b'e';
        self.seen.oe |= letters.windows(2).fold(false, |oe, pair| oe | (pair == b"oe"));
        self.seen.space |= letters.iter().fold(false, |space, letter| space | (*letter == b' '));
        self.ended_in_digit &= letters.iter().all(|letter| *letter == b' ');
        self.last = char::from(*last);
        self.cells.extend(letters.iter().map(|letter| Cell { ch: char::from(*letter), flags, node }));
    }

    /// Whether no rule could find anything to do.
    pub(super) fn is_plain(&self) -> bool {
        let seen = self.seen;
        let marks = seen.dots
            || seen.straight
            || seen.apostrophe
            || seen.guillemet
            || seen.high
            || seen.colon
            || seen.dash;
        !(seen.digit || marks || seen.no_break || seen.oe || seen.space && seen.capital)
    }

    /// Whether the run spells a text, letter by letter.
    pub(super) fn spells(&self, text: &str) -> bool {
        spell(&self.cells, text)
    }

    /// The text of the run, opaque words as U+FFFC.
    pub fn text(&self) -> String {
        let mut text = String::with_capacity(self.cells.len() + self.cells.len() / 8);
        text.extend(self.cells.iter().map(|cell| cell.ch));
        text
    }

    /// Whether setting has changed anything.
    pub fn changed(&self) -> bool {
        self.touched
    }

    /// The stretches of each node, in order: `(node, cells)`.
    fn stretches(&self) -> impl Iterator<Item = (u32, &[Cell])> {
        self.cells.chunk_by(|a, b| a.node == b.node).map(|cells| (cells[0].node, cells))
    }

    /// What became of the nodes whose text is no longer `original`: `(node, pieces)`, a piece being a text and whether
    /// it is to be raised. A soft break that still is one is left out; one that a space replaced is a text.
    pub fn changes<'o>(&self, original: impl Fn(u32) -> Option<&'o str>) -> Vec<(u32, Vec<(String, bool)>)> {
        let mut seen = self.nodes.iter().copied().peekable();
        let mut changes = Vec::new();
        for (node, cells) in self.stretches() {
            // A node all of whose characters went.
            while let Some(gone) = seen.next_if(|known| *known < node) {
                changes.push((gone, Vec::new()));
            }
            seen.next_if_eq(&node);
            let flags = cells.iter().fold(0, |flags, cell| flags | cell.flags);
            if flags & (OPAQUE | WALL | SOFT) != 0 {
                continue;
            }
            if flags & RAISED == 0 && original(node).is_some_and(|text| spell(cells, text)) {
                continue;
            }
            let pieces = cells.chunk_by(|a, b| a.is(RAISED) == b.is(RAISED));
            let pieces =
                pieces.map(|cells| (cells.iter().map(|cell| cell.ch).collect(), cells[0].is(RAISED)));
            changes.push((node, pieces.collect()));
        }
        changes.extend(seen.map(|gone| (gone, Vec::new())));
        changes
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

    /// Makes the spaces of a range one character. A range of one is changed in place.
    pub(super) fn bind(&mut self, start: usize, end: usize, ch: char, edits: &mut Edits) {
        if let Some(cell) = self.cells.get_mut(start).filter(|_| start < end) {
            cell.ch = ch;
            cell.flags = cell.flags & !SOFT | RULE;
            if end > start + 1 {
                edits.push(Edit { start: start + 1, end, insert: None });
            }
        }
    }

    /// Carries out deletions and insertions, in one pass.
    pub(super) fn apply(&mut self, mut edits: Edits) {
        if edits.is_empty() {
            return;
        }
        edits.sort_by_key(|edit| (edit.start, edit.end));
        let mut cells = Vec::with_capacity(self.cells.len() + edits.len());
        let mut done = 0;
        for Edit { start, end, insert } in edits {
            if start >= done {
                cells.extend_from_slice(&self.cells[done..start]);
                done = end;
            }
            cells.extend(insert.map(|(ch, node)| Cell { ch, flags: RULE, node }));
        }
        cells.extend_from_slice(&self.cells[done..]);
        self.cells = cells;
    }
}

/// Whether cells spell a text.
fn spell(cells: &[Cell], text: &str) -> bool {
    // Counting first would cost as much as comparing: the letters run out together or the two differ.
    let mut letters = text.chars();
    cells.iter().all(|cell| letters.next() == Some(cell.ch)) && letters.next().is_none()
}

/// A range that goes, and what comes in its place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Edit {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) insert: Option<(char, u32)>,
}

pub(super) type Edits = Vec<Edit>;

/// An insertion before a place, in the node that asked for it.
pub(super) fn insertion(at: usize, ch: char, node: u32) -> Edit {
    Edit { start: at, end: at, insert: Some((ch, node)) }
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

    /// What a run takes notice of when it looks at every character.
    fn seen_one_by_one(text: &str) -> (Seen, bool) {
        let (mut seen, mut last, mut ended_in_digit) = (Seen::default(), ' ', false);
        for ch in text.chars() {
            seen.look(last, ch);
            let space = |ch| matches!(ch, ' ' | NBSP | NNBSP | '\u{2009}');
            seen.grouped |= ch.is_ascii_digit() && space(last) && ended_in_digit;
            ended_in_digit = ch.is_ascii_digit() || ended_in_digit && space(ch);
            last = ch;
        }
        (seen, ended_in_digit)
    }

    proptest! {
        #[test]
        fn quiet_stretches_hide_nothing(text in "[a-zA-Z éà÷ÿ×œ,.;:0-9'’«»\u{a0}\u{202f}/x-]{0,40}") {
            let mut run = Run::new(RunKind::Text);
            run.push(Piece::Text(&text), 0);
            let (seen, ended) = seen_one_by_one(&text);
            prop_assert_eq!(format!("{seen:?}"), format!("{:?}", run.seen));
            prop_assert_eq!(ended, run.ended_in_digit);
            let longer = format!("{text}a");
            prop_assert!(run.spells(&text) && !run.spells(&longer));
            prop_assert_eq!(run.text(), text);
        }
    }
}
