//! Dashes: asides kept together in French, ranges and asides in English.

use crate::config::Dash;

use super::NBSP;
use super::edits::{Edits, deletion};
use super::run::{Run, closing, dash};

/// French asides: the dash that opens keeps what follows, the one that closes keeps what precedes.
pub(super) fn french(run: &mut Run, usual: Dash) {
    let mut edits = Edits::new();
    let mut counts: Vec<usize> = vec![0];
    let mut from = 0;
    let wanted = |ch| matches!(ch, '(' | '«' | ')' | '»' | '.' | '!' | '?' | '…') || dash(ch);
    let mut mark = 0;
    while let Some(at) = run.find_mark(&mut mark, from, wanted) {
        from = at + 1;
        let Some(ch) = run.free(at) else { continue };
        match ch {
            '(' | '«' => counts.push(0),
            ')' | '»' if counts.len() > 1 => {
                counts.pop();
            }
            '.' | '!' | '?' | '…' if ends_sentence(run, at) => {
                if let Some(count) = counts.last_mut() {
                    *count = 0;
                }
            }
            _ if dash(ch) => {
                let mut end = at;
                while run.free(end) == Some(ch) {
                    end += 1;
                }
                if let Some(set) = aside(run, at, end, usual) {
                    one(run, at, end, set, &mut counts, &mut edits);
                }
                from = end;
            }
            _ => {}
        }
    }
    run.apply(edits);
}

/// The dash that a typed one becomes, if it sets off an aside.
fn aside(run: &Run, start: usize, end: usize, usual: Dash) -> Option<char> {
    let set = match (run.free(start)?, end - start) {
        ('-', 1 | 2) => match usual {
            Dash::En => '–',
            Dash::Em => '—',
        },
        ('-', 3) => '—',
        (typed @ ('–' | '—'), 1) => typed,
        _ => return None,
    };
    let (left, right) = (run.space_start(start), run.space_end(end));
    let digits = run.before(left).is_some_and(|cell| cell.ch.is_ascii_digit())
        && run.at(right).is_some_and(|cell| cell.ch.is_ascii_digit());
    let opens = run.before(left).is_none_or(|cell| cell.ch == '«');
    let spaced = left < start || opens;
    let followed = right > end || run.at(end).is_some_and(|cell| closing(cell.ch));
    (!digits && spaced && followed && run.at(right).is_some()).then_some(set)
}

fn one(run: &mut Run, start: usize, end: usize, set: char, counts: &mut [usize], edits: &mut Edits) {
    run.put(start, set);
    if end > start + 1 {
        edits.push(deletion(start + 1, end));
    }
    let (left, right) = (run.space_start(start), run.space_end(end));
    if run.before(left).is_none_or(|cell| cell.ch == '«') {
        run.bind(end, right, NBSP, edits);
        return;
    }
    let Some(count) = counts.last_mut() else { return };
    *count += 1;
    if *count % 2 == 1 {
        run.bind(end, right, NBSP, edits);
    } else {
        run.bind(left, start, NBSP, edits);
    }
}

/// Whether a full stop and its like ends a sentence: a capital follows.
fn ends_sentence(run: &Run, at: usize) -> bool {
    let mut end = at + 1;
    while run.at(end).is_some_and(|cell| {
        closing(cell.ch) || cell.space() && run.at(end + 1).is_some_and(|next| next.ch == '»')
    }) {
        end += 1;
    }
    let next = run.space_end(end);
    next > end && run.at(next).is_some_and(|cell| cell.ch.is_uppercase())
}

/// English dashes: spaced ones, doubled and tripled ones, ranges.
pub(super) fn english(run: &mut Run) {
    let mut edits = Edits::new();
    let mut at = 0;
    let mut mark = 0;
    while let Some(next) = run.find_mark(&mut mark, at, |ch| ch == '-') {
        at = next;
        if run.free(at).is_none() {
            at += 1;
            continue;
        }
        let mut end = at;
        while run.free(end) == Some('-') {
            end += 1;
        }
        if let Some(set) = english_dash(run, at, end) {
            run.put(at, set);
            edits.push(deletion(at + 1, end));
        }
        at = end;
    }
    run.apply(edits);
}

fn english_dash(run: &Run, start: usize, end: usize) -> Option<char> {
    let (left, right) = (run.space_start(start), run.space_end(end));
    let digit = |cell: Option<super::run::Cell>| cell.is_some_and(|cell| cell.ch.is_ascii_digit());
    let digits = digit(run.before(left)) && digit(run.at(right));
    let spaced = left < start && right > end;
    match end - start {
        1 | 2 if spaced => (!digits && run.before(left).is_some() && run.at(right).is_some()).then_some('–'),
        2 if left == start && right == end && digits => Some('–'),
        2 if left == start && right == end => {
            (run.before(start).is_some() && run.at(end).is_some()).then_some('—')
        }
        3 => (run.before(left).is_some() || run.at(right).is_some()).then_some('—'),
        1 if digits && left == start && right == end => range(run, start).then_some('–'),
        _ => None,
    }
}

/// `1914-1918`, `2017-18`, `pp. 12-15`.
fn range(run: &Run, at: usize) -> bool {
    let mut start = at;
    while start > 0 && run.cells[start - 1].ch.is_ascii_digit() {
        start -= 1;
    }
    let mut end = at + 1;
    while run.at(end).is_some_and(|cell| cell.ch.is_ascii_digit()) {
        end += 1;
    }
    let apart =
        |cell: Option<super::run::Cell>| cell.is_none_or(|cell| !cell.ch.is_alphanumeric() && !dash(cell.ch));
    if !apart(run.before(start)) || !apart(run.at(end)) {
        return false;
    }
    let number = |from: usize, to: usize| {
        run.cells[from..to]
            .iter()
            .filter_map(|cell| cell.ch.to_digit(10))
            .fold(0_u32, |sum, digit| sum.saturating_mul(10).saturating_add(digit))
    };
    let (first, last) = (number(start, at), number(at + 1, end));
    let year = at - start == 4 && (1000..2100).contains(&first);
    let years =
        year && (end - at == 5 && (1000..2100).contains(&last) || end - at == 3 && last > first % 100);
    years || pages(run, start)
}

/// Whether `pp.` or `pages` stands before.
fn pages(run: &Run, at: usize) -> bool {
    let left = run.space_start(at);
    ["pp.", "pages", "Pages"].iter().any(|word| {
        let length = word.len();
        left >= length
            && left < at
            && word.chars().zip(&run.cells[left - length..left]).all(|(ch, cell)| cell.ch == ch)
    })
}
