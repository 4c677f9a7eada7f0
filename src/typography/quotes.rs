//! Apostrophes, quotation marks, dots and primes, before any space is set.

use super::edits::{Edits, deletion};
use super::run::{RULE, Run, closing, dash, opening_bracket, opening_quote};
use super::words::OE;

/// Three dots or more become one character; in English the fourth stays as full stop.
pub(super) fn ellipses(run: &mut Run, keep_fourth: bool) {
    let mut edits = Edits::new();
    let mut from = 0;
    let mut mark = 0;
    while let Some(at) = run.find_mark(&mut mark, from, |ch| ch == '.') {
        from = at + 1;
        if run.free(at).is_none() {
            continue;
        }
        let mut end = at;
        while run.free(end) == Some('.') {
            end += 1;
        }
        let side = |cell: Option<super::run::Cell>| cell.map(|cell| cell.ch);
        let (left, right) = (side(run.before(at)), side(run.at(end)));
        let digit = |ch: Option<char>| ch.is_some_and(|ch| ch.is_ascii_digit());
        let slash = |ch: Option<char>| matches!(ch, Some('/' | '\\'));
        let barred = slash(left) || slash(right) || digit(left) && digit(right);
        if end - at >= 3 && !barred {
            run.put(at, '…');
            let first = if keep_fourth && end - at == 4 { at + 3 } else { at + 1 };
            edits.push(deletion(at + 1, if first == at + 3 { at + 3 } else { end }));
        }
        from = end;
    }
    run.apply(edits);
}

/// `etc...` and `etc…` are `etc.`.
pub(super) fn etcetera(run: &mut Run) {
    let mut edits = Edits::new();
    let mut at = 0;
    while at + 3 < run.cells.len() {
        if matches!(run.cells[at].ch, 'e' | 'E')
            && (run.reads(at, "etc") || run.reads(at, "Etc"))
            && run.word_starts(at)
        {
            let mut end = at + 3;
            while matches!(run.free(end), Some('.' | '…')) {
                end += 1;
            }
            if end > at + 4 || run.free(at + 3) == Some('…') {
                run.put(at + 3, '.');
                edits.push(deletion(at + 4, end));
            }
            at += 3;
        } else {
            at += 1;
        }
    }
    run.apply(edits);
}

/// `2'33"`: minutes and seconds, feet and inches.
pub(super) fn primes(run: &mut Run) {
    let mut from = 1;
    let mut mark = 0;
    while let Some(at) = run.find_mark(&mut mark, from, |ch| ch == '\'') {
        from = at + 1;
        if run.free(at) != Some('\'') || !run.cells[at - 1].ch.is_ascii_digit() {
            continue;
        }
        let mut end = at + 1;
        while run.free(end).is_some_and(|ch| ch.is_ascii_digit()) {
            end += 1;
        }
        if end > at + 1 && run.free(end) == Some('"') {
            run.put(at, '′');
            run.put(end, '″');
        }
    }
}

/// An apostrophe after a letter, and what is typed for one between letters.
pub(super) fn apostrophes(run: &mut Run) {
    let mut from = 1;
    let mut mark = 0;
    while let Some(at) = run.find_mark(&mut mark, from, |ch| matches!(ch, '\'' | '´' | '‘' | 'ʼ')) {
        from = at + 1;
        let cell = run.cells[at];
        if !cell.free() {
            continue;
        }
        let after_letter = run.before(at).is_some_and(|cell| cell.ch.is_alphabetic());
        let before_letter = run.at(at + 1).is_some_and(|cell| cell.ch.is_alphabetic());
        if after_letter && (cell.ch == '\'' || before_letter) {
            run.put(at, '’');
        }
    }
}

/// œ in the words that want it.
pub(super) fn ligatures(run: &mut Run) {
    let mut edits = Edits::new();
    let mut from = 0;
    while let Some(at) = run.find(from, |ch| matches!(ch, 'o' | 'O')) {
        from = at + 1;
        let pair = (run.free(at), run.free(at + 1));
        if !matches!(pair, (Some('o' | 'O'), Some('e' | 'E'))) {
            continue;
        }
        let mut start = at;
        while start > 0 && run.before(start).is_some_and(|cell| cell.ch.is_alphabetic()) && at - start < 16 {
            start -= 1;
        }
        let mut end = at;
        while run.at(end).is_some_and(|cell| cell.ch.is_alphabetic()) && end - at < 16 {
            end += 1;
        }
        let word: String = run.cells[start..end].iter().flat_map(|cell| cell.ch.to_lowercase()).collect();
        let free = run.cells[start..end].iter().all(|cell| cell.free());
        if free && OE.contains(&word.as_str()) {
            run.put(at, if pair.0 == Some('O') { 'Œ' } else { 'œ' });
            edits.push(deletion(at + 1, at + 2));
        }
    }
    run.apply(edits);
}

#[derive(Clone, Copy)]
enum Open {
    Straight(usize),
    Typed(usize),
}

/// Straight double quotes of French: pairs by a stack shared with typed guillemets.
pub(super) fn french(run: &mut Run) {
    let mut open: Vec<Open> = Vec::new();
    let (mut straight_open, mut typed_open) = (0_usize, 0_usize);
    let mut pairs: Vec<(usize, usize, bool)> = Vec::new();
    let mut from = 0;
    let mut mark = 0;
    while let Some(at) = run.find_mark(&mut mark, from, |ch| matches!(ch, '«' | '»' | '"')) {
        from = at + 1;
        let cell = run.cells[at];
        if !cell.free() {
            continue;
        }
        match cell.ch {
            '«' => {
                open.push(Open::Typed(at));
                typed_open += 1;
            }
            '»' if typed_open > 0 => {
                typed_open -= 1;
                while let Some(top) = open.pop() {
                    match top {
                        Open::Straight(_) => straight_open -= 1,
                        Open::Typed(start) => {
                            pairs.push((start, at, false));
                            break;
                        }
                    }
                }
            }
            '"' => match open.last() {
                Some(Open::Straight(start)) if !nests(run, at) => {
                    pairs.push((*start, at, true));
                    open.pop();
                    straight_open -= 1;
                }
                Some(Open::Straight(_)) => {
                    open.push(Open::Straight(at));
                    straight_open += 1;
                }
                _ if straight_open == 0 && run.before(at).is_some_and(|cell| cell.ch.is_ascii_digit()) => {
                    run.put(at, '″');
                }
                _ if opens(run, at) => {
                    open.push(Open::Straight(at));
                    straight_open += 1;
                }
                _ => {}
            },
            _ => {}
        }
    }
    let unclosed = open
        .iter()
        .filter_map(|open| if let Open::Typed(at) = open { Some((*at, usize::MAX, false)) } else { None });
    pairs.extend(unclosed);
    curl(run, pairs);
}

/// Whether a straight quote may open: after start, space, bracket, quote, apostrophe, dash or slash.
fn opens(run: &Run, at: usize) -> bool {
    run.before(at).is_none_or(|cell| {
        cell.space()
            || opening_bracket(cell.ch)
            || opening_quote(cell.ch)
            || matches!(cell.ch, '\'' | '’' | '/')
            || dash(cell.ch)
    })
}

/// Whether a straight quote inside another opens a nested one.
fn nests(run: &Run, at: usize) -> bool {
    let before = run
        .before(at)
        .is_some_and(|cell| cell.space() || opening_bracket(cell.ch) || matches!(cell.ch, '\'' | '’'));
    let after = run.at(at + 1).is_some_and(|cell| !cell.space() && !closing(cell.ch));
    before && after
}

/// Curls completed pairs by their depth: `«  »`, `“ ”`, `‘ ’`.
fn curl(run: &mut Run, mut pairs: Vec<(usize, usize, bool)>) {
    pairs.sort_unstable();
    let mut edits = Edits::new();
    let mut ends: Vec<usize> = Vec::new();
    for (start, end, straight) in pairs {
        while ends.last().is_some_and(|last| *last < start) {
            ends.pop();
        }
        if straight {
            let (left, right) = match ends.len() {
                0 => ('«', '»'),
                1 => ('“', '”'),
                _ => ('‘', '’'),
            };
            run.put(start, left);
            run.put(end, right);
            run.cells[start].flags |= RULE;
            run.seen.add_guillemet();
            if !ends.is_empty() {
                let (first, last) = (run.space_end(start + 1), run.space_start(end));
                edits.push(deletion(start + 1, first.min(end)));
                edits.push(deletion(last.max(first), end));
            }
        }
        ends.push(end);
    }
    run.apply(edits);
}
