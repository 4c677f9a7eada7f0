//! A run of text: characters in cells that remember the node they came from and what must not be done to them.

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

/// Whether characters occur that rules look for.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Seen {
    pub(super) digit: bool,
    pub(super) dots: bool,
    pub(super) straight: bool,
    pub(super) apostrophe: bool,
    pub(super) guillemet: bool,
    pub(super) high: bool,
    pub(super) colon: bool,
    pub(super) dash: bool,
    pub(super) oe: bool,
    pub(super) no_break: bool,
    pub(super) space: bool,
    pub(super) capital: bool,
    pub(super) times: bool,
    pub(super) ordinal: bool,
    pub(super) sign: bool,
    /// A digit, spaces, a digit.
    pub(super) grouped: bool,
    /// Something that may have to be protected.
    pub(super) odd: bool,
}

impl Seen {
    /// Takes notice of a character and of the one before it.
    fn look(&mut self, last: char, ch: char) {
        match ch {
            ' ' => self.space = true,
            'e' => {
                self.oe |= matches!(last, 'o' | 'O');
                self.ordinal |= last.is_ascii_digit() || matches!(last, 'I' | 'V' | 'X');
            }
            'r' | 'n' => self.ordinal |= last.is_ascii_digit(),
            'E' => (self.capital, self.oe) = (true, self.oe | matches!(last, 'o' | 'O')),
            'x' | '×' => self.times |= last.is_ascii_digit() || last == ' ' || ch == '×',
            '0'..='9' => self.digit = true,
            '.' => self.dots |= last == '.',
            '…' => self.dots = true,
            '"' => self.straight = true,
            '\'' | '´' | '‘' | 'ʼ' => self.apostrophe = true,
            '«' | '»' => self.guillemet = true,
            ';' | '!' | '?' => self.high = true,
            ':' => self.colon = true,
            '-' => {
                self.dash = true;
                self.odd |= last == '-' || last.is_ascii_digit();
            }
            '–' | '—' => self.dash = true,
            '/' | '@' | '#' | '\\' | '<' | '=' | '^' | '_' => self.odd = true,
            '%' | '‰' | '€' | '£' | '$' | '¥' | '°' => self.sign = true,
            NBSP | NNBSP | '\u{2009}' => (self.no_break, self.space) = (true, true),
            _ => self.capital |= ch.is_uppercase(),
        }
        // A full stop or a colon inside a word, a smile, a digit that waits for its bracket.
        self.odd |= match last {
            '.' => ch.is_alphanumeric() || ch == '/',
            ':' | ';' => ch != ' ',
            '8' => ch == ')' || ch == '-',
            'x' | 'X' => ch == 'D',
            _ => false,
        };
    }
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
        let mut last = self.last;
        for ch in text.chars() {
            if !ch.is_ascii_lowercase()
                || !(last.is_ascii_lowercase() || last == ' ')
                || matches!(ch, 'e' | 'x')
            {
                self.seen.look(last, ch);
                let space = matches!(last, ' ' | NBSP | NNBSP | '\u{2009}');
                self.seen.grouped |= ch.is_ascii_digit() && space && self.ended_in_digit;
                self.ended_in_digit = ch.is_ascii_digit()
                    || self.ended_in_digit && matches!(ch, ' ' | NBSP | NNBSP | '\u{2009}');
            } else {
                self.ended_in_digit = false;
            }
            self.cells.push(Cell { ch, flags, node });
            last = ch;
        }
        self.last = last;
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
            if cells.iter().any(|cell| cell.flags & (OPAQUE | WALL | SOFT) != 0) {
                continue;
            }
            let same = original(node).is_some_and(|text| text.chars().eq(cells.iter().map(|cell| cell.ch)));
            if same && !cells.iter().any(|cell| cell.is(RAISED)) {
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
