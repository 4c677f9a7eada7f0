//! The spaces of French punctuation: guillemets, the high marks, the colon.

use crate::config::{Spaces, TypographyOptions};

use super::edits::{Edits, Owner, insertion};
use super::run::{Cell, OPAQUE, PROTECTED, RULE, Run, SOFT};
use super::words::KEEP;
use super::{NBSP, NNBSP};

/// Which space stands where, by convention.
#[derive(Debug, Clone, Copy)]
pub(super) struct Convention {
    pub(super) high: char,
    pub(super) colon: char,
    pub(super) guillemet: char,
    pub(super) thousands: char,
}

impl Convention {
    pub(super) fn of(options: &TypographyOptions) -> Self {
        match options.spaces {
            Spaces::Imprimerie => Self { high: NNBSP, colon: NBSP, guillemet: NBSP, thousands: NNBSP },
            Spaces::Nbsp => Self { high: NBSP, colon: NBSP, guillemet: NBSP, thousands: NBSP },
            Spaces::Narrow => Self { high: NNBSP, colon: NNBSP, guillemet: NNBSP, thousands: NNBSP },
        }
    }
}

/// `«~mot~»`, whatever was typed.
pub(super) fn guillemets(run: &mut Run, space: char) {
    let mut edits = Edits::new();
    let mut from = 0;
    let mut mark = 0;
    while let Some(at) = run.find_mark(&mut mark, from, |ch| matches!(ch, '«' | '»')) {
        let cell = run.cells[at];
        from = at + 1;
        if cell.ch == '«' && cell.free() {
            let end = run.space_end(at + 1);
            let empty = run.free(end) == Some('»');
            if end > at + 1 {
                run.bind(at + 1, end, space, &mut edits);
            } else if run.at(end).is_some_and(|next| !no_break(next)) {
                edits.push(insertion(end, space, Owner::Before));
            }
            from = if empty { end + 1 } else { end.max(at + 1) };
            continue;
        }
        if cell.ch == '»' && cell.free() {
            let start = run.space_start(at);
            if start < at && start > 0 {
                run.bind(start, at, space, &mut edits);
            } else if start > 0 && run.before(at).is_some_and(|before| !no_break(before)) {
                edits.push(insertion(at, space, Owner::After));
            }
        }
    }
    run.apply(edits);
}

/// A no-break space that its author wrote as an entity.
fn no_break(cell: Cell) -> bool {
    matches!(cell.ch, NBSP | NNBSP)
}

/// A thin space before runs of `; ! ?`.
pub(super) fn high_punctuation(run: &mut Run, options: &TypographyOptions, space: char) {
    let mut edits = Edits::new();
    let mut from = 0;
    let mut mark = 0;
    while let Some(at) = run.find_mark(&mut mark, from, |ch| matches!(ch, ';' | '!' | '?')) {
        from = at + 1;
        if run.free(at).is_none() {
            continue;
        }
        let mut end = at;
        while matches!(run.free(end), Some(';' | '!' | '?')) {
            end += 1;
        }
        let follows = run.at(end).is_none_or(|next| {
            next.space()
                || matches!(next.ch, ')' | ']' | '}' | '»' | '”' | '’' | '"' | ',' | '.' | '…' | NBSP | NNBSP)
        });
        let start = run.space_start(at);
        let left = run.before(start);
        let barred = left.is_none_or(|cell| matches!(cell.ch, '(' | '[' | '{' | '«' | '“' | '‘'));
        if follows && !barred {
            if start < at {
                run.bind(start, at, space, &mut edits);
            } else if options.insert.0 && takes_space(left, "…’°") && !kept(run, at, &options.keep) {
                edits.push(insertion(at, space, Owner::After));
            }
        }
        from = end;
    }
    run.apply(edits);
}

/// A space before the colon.
pub(super) fn colon(run: &mut Run, options: &TypographyOptions, space: char) {
    let mut edits = Edits::new();
    let mut from = 0;
    let mut mark = 0;
    while let Some(at) = run.find_mark(&mut mark, from, |ch| ch == ':') {
        from = at + 1;
        if run.free(at).is_none() {
            continue;
        }
        let follows = run
            .at(at + 1)
            .is_none_or(|next| next.space() || matches!(next.ch, '"' | '«' | '“' | NBSP | NNBSP));
        let start = run.space_start(at);
        let left = run.before(start);
        if !follows || left.is_none() {
            continue;
        }
        if start < at {
            run.bind(start, at, space, &mut edits);
        } else if options.insert.0 && takes_space(left, "") && !lone_capital(run, at) {
            edits.push(insertion(at, space, Owner::After));
        }
    }
    run.apply(edits);
}

/// Whether a space may be put after this, where none was typed.
fn takes_space(left: Option<Cell>, more: &str) -> bool {
    left.is_some_and(|cell| {
        let text = cell.ch.is_alphanumeric()
            || matches!(cell.ch, ')' | ']' | '}' | '»' | '”' | '%' | '€')
            || more.contains(cell.ch);
        cell.is(OPAQUE) || text && !cell.is(PROTECTED)
    })
}

/// `C:`, the drive.
fn lone_capital(run: &Run, at: usize) -> bool {
    at > 0 && run.cells[at - 1].ch.is_uppercase() && run.word_starts(at - 1)
}

/// Names that end in a mark of their own.
fn kept(run: &Run, at: usize, more: &[String]) -> bool {
    let known = KEEP.iter().copied().chain(more.iter().map(String::as_str));
    for name in known {
        let length = name.chars().count();
        let Some(start) = (at + 1).checked_sub(length) else { continue };
        let same = name
            .chars()
            .zip(&run.cells[start..=at])
            .all(|(ch, cell)| cell.ch == ch || ch == ' ' && cell.space());
        if same && run.word_starts(start) {
            return true;
        }
    }
    false
}

/// A short last word of a heading keeps company.
pub(super) fn widow(run: &mut Run) {
    const SHORT: usize = 4;
    let end = run.space_start(run.cells.len());
    let Some(space) = run.cells[..end].iter().rposition(|cell| cell.space()) else { return };
    let words = run.cells[..end].iter().filter(|cell| cell.space()).count();
    if end - space - 1 <= SHORT && words >= 2 && run.cells[space].ch == ' ' {
        let mut edits = Edits::new();
        let start = run.space_start(space + 1);
        run.bind(start, space + 1, NBSP, &mut edits);
        run.apply(edits);
    }
}

/// No-break spaces that were pasted, where no rule wants one.
pub(super) fn clean(run: &mut Run) {
    let mut from = 0;
    while let Some(at) = run.find(from, |ch| matches!(ch, NBSP | NNBSP)) {
        from = at + 1;
        let cell = run.cells[at];
        if cell.free() && cell.flags & (RULE | SOFT) == 0 {
            run.put(at, ' ');
        }
    }
}
