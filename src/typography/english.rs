//! English: curled quotes and dashes; no space is added before punctuation and none removed.

use crate::config::TypographyOptions;

use super::run::{Cell, Run, dash, opening_bracket, opening_quote};
use super::words::CONTRACTIONS;
use super::{bonds, dashes, numbers, quotes};

/// Sets a run.
pub(super) fn set(run: &mut Run, options: &TypographyOptions) {
    let seen = run.seen;
    if seen.dots() {
        quotes::ellipses(run, true);
    }
    if seen.digit() {
        if seen.apostrophe() {
            quotes::primes(run);
        }
        if seen.times() {
            numbers::times(run);
        }
    }
    if seen.dash() {
        dashes::english(run);
    }
    if seen.straight() || seen.apostrophe() {
        curl(run);
    }
    if seen.bonds() {
        bonds::english(run, options);
    }
}

/// Whether a quote at a place may open.
fn opens(run: &Run, at: usize) -> bool {
    run.before(at).is_none_or(|cell| {
        cell.space()
            || opening_bracket(cell.ch)
            || opening_quote(cell.ch)
            || dash(cell.ch)
            || matches!(cell.ch, '/' | '"' | '\'')
    })
}

fn spaced(run: &Run, at: usize) -> bool {
    let space = |cell: Option<Cell>| cell.is_some_and(Cell::space);
    space(run.before(at)) && space(run.at(at + 1))
}

/// Curls straight quotes, single and double, left to right.
fn curl(run: &mut Run) {
    let last_closing = last_closing(run);
    let (mut double, mut single) = (0_usize, 0_usize);
    let mut from = 0;
    let mut mark = 0;
    while let Some(at) = run.find_mark(&mut mark, from, |ch| matches!(ch, '"' | '\'')) {
        from = at + 1;
        match run.free(at) {
            Some('"') if spaced(run, at) => {}
            Some('"') => {
                let digit = run.before(at).is_some_and(|cell| cell.ch.is_ascii_digit());
                let empty = run.before(at).is_some_and(|cell| cell.ch == '“');
                let set = if opens(run, at) && !empty {
                    double += 1;
                    '“'
                } else if digit && double == 0 {
                    '″'
                } else {
                    double = double.saturating_sub(1);
                    '”'
                };
                run.put(at, set);
            }
            Some('\'') if spaced(run, at) => {}
            Some('\'') => {
                let set = single_quote(run, at, last_closing, &mut single);
                run.put(at, set);
            }
            _ => {}
        }
    }
}

fn single_quote(run: &Run, at: usize, last_closing: Option<usize>, open: &mut usize) -> char {
    if contraction(run, at) {
        return '’';
    }
    if opens(run, at) && run.at(at + 1).is_some_and(|next| !next.space()) {
        if last_closing.is_some_and(|last| last > at) {
            *open += 1;
            return '‘';
        }
        return '’';
    }
    let digit = run.before(at).is_some_and(|cell| cell.ch.is_ascii_digit());
    if digit && *open == 0 && run.word_ends(at + 1) {
        return '′';
    }
    if run.word_ends(at + 1) {
        *open = open.saturating_sub(1);
    }
    '’'
}

/// The last single quote that could close one.
fn last_closing(run: &Run) -> Option<usize> {
    (0..run.cells.len()).rev().find(|at| {
        run.free(*at) == Some('\'')
            && run
                .before(*at)
                .is_some_and(|cell| !cell.space() && !opening_bracket(cell.ch) && !dash(cell.ch))
            && run.word_ends(*at + 1)
            && !contraction(run, *at)
    })
}

/// `'90s`, `'tis`, `rock 'n' roll`.
fn contraction(run: &Run, at: usize) -> bool {
    let digit = |at: usize| run.at(at).is_some_and(|cell| cell.ch.is_ascii_digit());
    if digit(at + 1) && digit(at + 2) && run.word_starts(at) {
        let end = if run.free(at + 3) == Some('s') { at + 4 } else { at + 3 };
        return run.word_ends(end) && run.free(end) != Some('\'');
    }
    let after_n = at >= 2
        && run.cells[at - 1].ch == 'n'
        && matches!(run.cells[at - 2].ch, '’' | '\'')
        && (at == 2 || run.word_starts(at - 2));
    if after_n {
        return true;
    }
    let word: String = run.cells[at + 1..]
        .iter()
        .take(6)
        .take_while(|cell| cell.ch.is_alphabetic())
        .flat_map(|cell| cell.ch.to_lowercase())
        .collect();
    let quoted = run.free(at + 1 + word.len()) == Some('\'') && word != "n";
    run.word_starts(at)
        && CONTRACTIONS.contains(&word.as_str())
        && run.word_ends(at + 1 + word.len())
        && !quoted
}
