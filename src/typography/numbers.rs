//! What belongs to a number: groups of thousands, units, months, references. A no-break space keeps them together.

use super::NBSP;
use super::edits::{Edits, Owner, insertion};
use super::run::{Cell, PROTECTED, Run};

pub(super) fn digit(cell: Option<Cell>) -> bool {
    cell.is_some_and(|cell| cell.ch.is_ascii_digit())
}

/// The word at a place: letters and what units are made of.
pub(super) fn word_at(run: &Run, at: usize) -> String {
    let unit = |cell: &&Cell| cell.ch.is_alphabetic() || matches!(cell.ch, '/' | '²' | '³' | '€' | '°');
    run.cells[at.min(run.cells.len())..].iter().take(16).take_while(unit).map(|cell| cell.ch).collect()
}

/// Letters alone.
pub(super) fn letters_at(run: &Run, at: usize) -> String {
    run.cells[at.min(run.cells.len())..]
        .iter()
        .take(16)
        .take_while(|cell| cell.ch.is_alphabetic())
        .map(|cell| cell.ch)
        .collect()
}

/// `3 x 4` and `1920x1080`.
pub(super) fn times(run: &mut Run) {
    let mut edits = Edits::new();
    let mut from = 1;
    while let Some(at) = run.find(from, |ch| matches!(ch, 'x' | '×')) {
        from = at + 1;
        if run.free(at).is_none() {
            continue;
        }
        let (left, right) = (run.space_start(at), run.space_end(at + 1));
        if !digit(run.before(left)) || !digit(run.at(right)) {
            continue;
        }
        if left < at && right > at + 1 {
            run.put(at, '×');
            run.bind(left, at, NBSP, &mut edits);
            run.bind(at + 1, right, NBSP, &mut edits);
        } else if left == at && right == at + 1 && long_factors(run, at) {
            run.put(at, '×');
        }
    }
    run.apply(edits);
}

/// Whether two digits or more stand on both sides, and nothing else of a word.
fn long_factors(run: &Run, at: usize) -> bool {
    let mut start = at;
    while start > 0 && digit(run.before(start)) {
        start -= 1;
    }
    let mut end = at + 1;
    while digit(run.at(end)) {
        end += 1;
    }
    at - start >= 2 && end - at > 2 && run.word_starts(start) && run.word_ends(end)
}

/// `01 23 45 67 89` and `+33 1 23 45 67 89`.
pub(super) fn phones(run: &mut Run) {
    let mut at = 0;
    let mut mark = 0;
    while let Some(next) = run.find_mark(&mut mark, at, |ch| matches!(ch, '0' | '+')) {
        at = next;
        match phone(run, at) {
            Some(spaces) => {
                for space in &spaces {
                    run.join(*space, NBSP);
                    run.cells[*space].flags |= PROTECTED;
                }
                at = spaces.last().copied().unwrap_or(at) + 3;
            }
            None => at += 1,
        }
    }
}

/// The spaces of a telephone number that starts here.
fn phone(run: &Run, at: usize) -> Option<Vec<usize>> {
    let first = run.free(at).filter(|first| matches!(first, '0' | '+'))?;
    let apart = run
        .before(at)
        .is_none_or(|before| !before.ch.is_alphanumeric() && !matches!(before.ch, '+' | ',' | '.'));
    if !apart || !matches!(first, '0' | '+') || digit(run.before(run.space_start(at))) {
        return None;
    }
    let one = |at: usize| run.cells.get(at).is_some_and(|cell| cell.space());
    let pair = |at: usize| digit(run.at(at)) && digit(run.at(at + 1)) && !digit(run.at(at + 2));
    let mut spaces = Vec::new();
    let mut here = if first == '0' {
        if !pair(at) {
            return None;
        }
        at + 2
    } else {
        let mut end = at + 1;
        while digit(run.at(end)) && end < at + 4 {
            end += 1;
        }
        if end == at + 1 || !one(end) || !digit(run.at(end + 1)) || digit(run.at(end + 2)) {
            return None;
        }
        spaces.push(end);
        end + 2
    };
    for _ in 0..4 {
        if !one(here) || !pair(here + 1) {
            return None;
        }
        spaces.push(here);
        here += 3;
    }
    let further = one(here) && digit(run.at(here + 1));
    (run.word_ends(here) && !further).then_some(spaces)
}

/// `250 000`.
pub(super) fn thousands(run: &mut Run, space: char) {
    let mut at = 0;
    let mut mark = 0;
    while let Some(start) = run.find_mark(&mut mark, at, |ch| ch.is_ascii_digit()) {
        at = start;
        let first = run.free(at).is_some_and(|ch| ch != '0');
        let barred = barred(run, at);
        let mut end = at;
        while digit(run.at(end)) {
            end += 1;
        }
        at = end.max(at + 1);
        if !first || barred || end - start > 3 {
            continue;
        }
        while run.cells.get(end).is_some_and(|cell| cell.space())
            && (1..=3).all(|step| digit(run.at(end + step)) && run.cells[end + step].free())
            && !digit(run.at(end + 4))
        {
            run.join(end, space);
            end += 4;
        }
        at = at.max(end);
    }
}

/// Whether a number that starts here is part of another one, or of a word.
fn barred(run: &Run, at: usize) -> bool {
    let Some(before) = run.before(at) else { return false };
    let phone = before.is(PROTECTED) && before.ch == NBSP;
    phone
        || before.ch.is_alphanumeric()
        || matches!(before.ch, ',' | '.')
        || before.space() && digit(run.before(run.space_start(at)))
}

/// `30 %`, `12 €`, `20 °C`, with or without a space typed.
pub(super) fn signs(run: &mut Run) {
    let mut edits = Edits::new();
    let mut from = 1;
    let mut mark = 0;
    while let Some(at) =
        run.find_mark(&mut mark, from, |ch| matches!(ch, '%' | '‰' | '€' | '£' | '$' | '¥' | '°'))
    {
        from = at + 1;
        let Some(sign) = run.free(at) else { continue };
        let end = match (sign, run.free(at + 1)) {
            ('°', Some('C' | 'F')) => at + 2,
            ('°', _) => continue,
            _ => at + 1,
        };
        if run.at(end).is_some_and(|next| next.ch.is_alphanumeric() || next.ch == '%') {
            continue;
        }
        let start = run.space_start(at);
        if !digit(run.before(start)) || run.cells[start - 1].is(PROTECTED) {
            continue;
        }
        if start < at {
            run.bind(start, at, NBSP, &mut edits);
        } else {
            edits.push(insertion(at, NBSP, Owner::After));
        }
    }
    run.apply(edits);
}

/// `14h30` as `14 h 30`, for those who want it.
pub(super) fn spaced_hours(run: &mut Run) {
    let mut edits = Edits::new();
    for at in 1..run.cells.len() {
        if run.free(at) != Some('h') || !digit(run.before(at)) {
            continue;
        }
        let mut start = at;
        while digit(run.before(start)) {
            start -= 1;
        }
        let digits = run.cells[at + 1..].iter().take_while(|cell| cell.ch.is_ascii_digit()).count();
        let hour: u32 = run.cells[start..at]
            .iter()
            .filter_map(|cell| cell.ch.to_digit(10))
            .fold(0, |sum: u32, digit| sum.saturating_mul(10).saturating_add(digit));
        if at - start > 2
            || hour > 24
            || !run.word_starts(start)
            || !matches!(digits, 0 | 2)
            || !run.word_ends(at + 1 + digits)
        {
            continue;
        }
        edits.push(insertion(at, NBSP, Owner::After));
        if digits == 2 {
            edits.push(insertion(at + 1, NBSP, Owner::Before));
        }
    }
    run.apply(edits);
}

/// The number before a place, if it is a day: 1 to 31, or `1er`.
pub(super) fn day_before(run: &Run, at: usize, suffixes: &[&str]) -> bool {
    let mut end = at;
    for suffix in suffixes {
        let length = suffix.chars().count();
        if end >= length && suffix.chars().zip(&run.cells[end - length..end]).all(|(ch, cell)| cell.ch == ch)
        {
            end -= length;
            break;
        }
    }
    let mut start = end;
    while digit(run.before(start)) && end - start < 3 {
        start -= 1;
    }
    let value = run.cells[start..end]
        .iter()
        .filter_map(|cell| cell.ch.to_digit(10))
        .fold(0, |sum: u32, digit| sum.saturating_mul(10).saturating_add(digit));
    (1..=31).contains(&value) && end - start <= 2 && run.word_starts(start) && !run.cells[start].is(PROTECTED)
}

/// `52 av. J.-C.`.
pub(super) fn eras(run: &mut Run) {
    let mut edits = Edits::new();
    let mut from = 1;
    while let Some(at) = run.find(from, |ch| ch == 'a') {
        from = at + 1;
        if !(run.reads(at, "av.") || run.reads(at, "ap.")) {
            continue;
        }
        let (start, end) = (run.space_start(at), run.space_end(at + 3));
        if start < at && end > at + 3 && digit(run.before(start)) && run.reads(end, "J.-C.") {
            run.bind(start, at, NBSP, &mut edits);
            run.bind(at + 3, end, NBSP, &mut edits);
        }
    }
    run.apply(edits);
}

/// Where a Roman numeral ends that starts here.
pub(super) fn roman(run: &Run, at: usize, digit: impl Fn(char) -> bool) -> Option<usize> {
    let mut end = at;
    while run.free(end).is_some_and(&digit) {
        end += 1;
    }
    (end > at).then_some(end)
}

/// The Roman digits of a king or a century.
pub(super) fn small_roman(ch: char) -> bool {
    matches!(ch, 'I' | 'V' | 'X')
}

/// Every Roman digit.
pub(super) fn any_roman(ch: char) -> bool {
    matches!(ch, 'I' | 'V' | 'X' | 'L' | 'C' | 'D' | 'M')
}

pub(super) fn capitalised_before(run: &Run, at: usize) -> bool {
    let mut start = at;
    while run.before(start).is_some_and(|cell| cell.ch.is_alphabetic() && cell.free()) {
        start -= 1;
    }
    start < at
        && run.cells[start].ch.is_uppercase()
        && at - start > 1
        && !run.cells[start..at].iter().all(|cell| small_roman(cell.ch))
}

pub(super) fn roman_ordinal_before(run: &Run, at: usize) -> bool {
    ["e", "er", "re"].iter().any(|suffix| {
        let length = suffix.len();
        let Some(end) = at.checked_sub(length) else { return false };
        let same = suffix.chars().zip(&run.cells[end..at]).all(|(ch, cell)| cell.ch == ch);
        let mut start = end;
        while start > 0 && small_roman(run.cells[start - 1].ch) {
            start -= 1;
        }
        same && start < end && run.word_starts(start)
    })
}
