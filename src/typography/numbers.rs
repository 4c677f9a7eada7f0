//! What belongs to a number: groups of thousands, units, months, references. A no-break space keeps them together.

use super::NBSP;
use super::run::{Cell, Edit, Edits, PROTECTED, Run, insertion};
use super::words::*;

fn digit(cell: Option<Cell>) -> bool {
    cell.is_some_and(|cell| cell.ch.is_ascii_digit())
}

/// The word at a place: letters and what units are made of.
fn word_at(run: &Run, at: usize) -> String {
    let unit = |cell: &&Cell| cell.ch.is_alphabetic() || matches!(cell.ch, '/' | '²' | '³' | '€' | '°');
    run.cells[at.min(run.cells.len())..].iter().take(16).take_while(unit).map(|cell| cell.ch).collect()
}

/// Letters alone.
fn letters_at(run: &Run, at: usize) -> String {
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
    for at in 1..run.cells.len() {
        if !matches!(run.free(at), Some('x' | '×')) {
            continue;
        }
        let (left, right) = (run.space_start(at), run.space_end(at + 1));
        if !digit(run.before(left)) || !digit(run.at(right)) {
            continue;
        }
        if left < at && right > at + 1 {
            run.cells[at].ch = '×';
            run.bind(left, at, NBSP, &mut edits);
            run.bind(at + 1, right, NBSP, &mut edits);
        } else if left == at && right == at + 1 && long_factors(run, at) {
            run.cells[at].ch = '×';
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
    while at < run.cells.len() {
        match phone(run, at) {
            Some(spaces) => {
                for space in &spaces {
                    run.cells[*space].ch = NBSP;
                    run.cells[*space].flags |= super::run::RULE | PROTECTED;
                    run.cells[*space].flags &= !super::run::SOFT;
                }
                at = spaces.last().copied().unwrap_or(at) + 3;
            }
            None => at += 1,
        }
    }
}

/// The spaces of a telephone number that starts here.
fn phone(run: &Run, at: usize) -> Option<Vec<usize>> {
    let first = run.free(at)?;
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
    while at < run.cells.len() {
        let start = at;
        let first = run.free(at).is_some_and(|ch| ('1'..='9').contains(&ch));
        let barred = run
            .before(at)
            .is_some_and(|before| before.ch.is_alphanumeric() || matches!(before.ch, ',' | '.'))
            || (at > 0 && run.cells[at - 1].space() && digit(run.before(run.space_start(at))))
            || (at > 0 && run.cells[at - 1].is(PROTECTED) && run.cells[at - 1].ch == NBSP);
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
            run.cells[end].ch = space;
            run.cells[end].flags = run.cells[end].flags & !super::run::SOFT | super::run::RULE;
            end += 4;
        }
        at = at.max(end);
    }
}

/// `30 %`, `12 €`, `20 °C`, with or without a space typed.
pub(super) fn signs(run: &mut Run) {
    let mut edits = Edits::new();
    for at in 1..run.cells.len() {
        let Some(sign) = run.free(at).filter(|ch| matches!(ch, '%' | '‰' | '€' | '£' | '$' | '¥' | '°'))
        else {
            continue;
        };
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
            edits.push(insertion(at, NBSP, run.cells[at].node));
        }
    }
    run.apply(edits);
}

/// A digit and the unit or the word that counts with it: `5 km`, `14 milliards`.
pub(super) fn units(run: &mut Run, lists: &[&[&str]], more: &[String], large: &[&str]) {
    let mut edits: Vec<Edit> = Edits::new();
    for at in 1..run.cells.len() {
        if !run.cells[at].space() || run.cells[at - 1].space() || !digit(run.before(at)) {
            continue;
        }
        let end = run.space_end(at);
        let full = word_at(run, end);
        let bare = letters_at(run, end);
        let known = |word: &str| {
            lists.iter().any(|list| list.contains(&word)) || more.iter().any(|unit| unit == word)
        };
        let whole = |word: &str| {
            let after = end + word.chars().count();
            run.at(after).is_none_or(|next| !next.ch.is_alphanumeric() && !matches!(next.ch, '²' | '³'))
        };
        let word = [full, bare].into_iter().find(|word| !word.is_empty() && known(word) && whole(word));
        let Some(word) = word else { continue };
        run.bind(at, end, NBSP, &mut edits);
        if large.contains(&word.as_str()) {
            let after = end + word.chars().count();
            let sign = run.space_end(after);
            if sign > after && matches!(run.free(sign), Some('€' | '$' | '£')) {
                run.bind(after, sign, NBSP, &mut edits);
            }
        }
    }
    run.apply(edits);
}

/// `14 h 30`: what stands behind the hour.
pub(super) fn minutes(run: &mut Run) {
    let mut edits = Edits::new();
    for at in 2..run.cells.len() {
        if run.free(at) != Some('h')
            || !run.cells[at - 1].space() && run.cells[at - 1].ch != NBSP
            || !digit(run.before(at - 1))
        {
            continue;
        }
        let end = run.space_end(at + 1);
        let digits =
            run.cells[end.min(run.cells.len())..].iter().take_while(|cell| cell.ch.is_ascii_digit()).count();
        if end > at + 1 && digits == 2 && run.word_ends(end + 2) {
            run.bind(at + 1, end, NBSP, &mut edits);
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
            .fold(0, |sum, digit| sum * 10 + digit);
        if at - start > 2
            || hour > 24
            || !run.word_starts(start)
            || !matches!(digits, 0 | 2)
            || !run.word_ends(at + 1 + digits)
        {
            continue;
        }
        let node = run.cells[at].node;
        edits.push(insertion(at, NBSP, node));
        if digits == 2 {
            edits.push(insertion(at + 1, NBSP, node));
        }
    }
    run.apply(edits);
}

/// The number before a place, if it is a day: 1 to 31, or `1er`.
fn day_before(run: &Run, at: usize, suffixes: &[&str]) -> bool {
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
        .fold(0, |sum, digit| sum * 10 + digit);
    (1..=31).contains(&value) && end - start <= 2 && run.word_starts(start) && !run.cells[start].is(PROTECTED)
}

/// `8 juin`, `1er juin`, `3 janv.`.
pub(super) fn french_dates(run: &mut Run) {
    let mut edits = Edits::new();
    for at in 1..run.cells.len() {
        if !run.cells[at].space() || run.cells[at - 1].space() {
            continue;
        }
        let end = run.space_end(at);
        let word = letters_at(run, end).to_lowercase();
        let after = end + word.chars().count();
        let month = MONTHS.contains(&word.as_str())
            || SHORT_MONTHS.contains(&word.as_str()) && run.free(after) == Some('.');
        if month && run.word_ends(after) && day_before(run, at, &["er"]) && !end_is_day_of_nothing(run, at) {
            run.bind(at, end, NBSP, &mut edits);
        }
    }
    run.apply(edits);
}

/// `1er` alone carries a suffix; `8er` is no day.
fn end_is_day_of_nothing(run: &Run, at: usize) -> bool {
    let suffix = at >= 3 && run.cells[at - 1].ch == 'r' && run.cells[at - 2].ch == 'e';
    suffix && !(run.cells[at - 3].ch == '1' && (at == 3 || run.word_starts(at - 3)))
}

/// `June 8`, `8 June`, `April 2nd`.
pub(super) fn english_dates(run: &mut Run) {
    const ORDINALS: [&str; 4] = ["st", "nd", "rd", "th"];
    let mut edits = Edits::new();
    for at in 1..run.cells.len() {
        if !run.cells[at].space() || run.cells[at - 1].space() {
            continue;
        }
        let end = run.space_end(at);
        let word = letters_at(run, end);
        let after = end + word.chars().count();
        if ENGLISH_MONTHS.contains(&word.as_str()) && run.word_ends(after) && day_before(run, at, &ORDINALS) {
            run.bind(at, end, NBSP, &mut edits);
            continue;
        }
        let digits =
            run.cells[end.min(run.cells.len())..].iter().take_while(|cell| cell.ch.is_ascii_digit()).count();
        let mut tail = end + digits;
        if ORDINALS.iter().any(|suffix| run.reads(tail, suffix)) {
            tail += 2;
        }
        if digits > 0 && run.word_ends(tail) && day_before(run, end + digits, &[]) && follows_month(run, at) {
            run.bind(at, end, NBSP, &mut edits);
        }
    }
    run.apply(edits);
}

fn follows_month(run: &Run, at: usize) -> bool {
    ENGLISH_MONTHS.iter().any(|month| follows(run, at, month))
}

/// Whether a whole word ends at a place.
fn follows(run: &Run, at: usize, word: &str) -> bool {
    let length = word.chars().count();
    let Some(start) = at.checked_sub(length) else { return false };
    word.chars().zip(&run.cells[start..at]).all(|(ch, cell)| cell.ch == ch && cell.free())
        && run.word_starts(start)
}

/// A title and the name that it belongs to: `M. Dubreil`.
pub(super) fn titles(run: &mut Run, titles: &[&str]) {
    let mut edits = Edits::new();
    for at in 1..run.cells.len() {
        if !run.cells[at].space() || run.cells[at - 1].space() {
            continue;
        }
        let end = run.space_end(at);
        let capital = run.at(end).is_some_and(|cell| cell.ch.is_uppercase());
        if capital && titles.iter().any(|title| follows(run, at, title)) {
            run.bind(at, end, NBSP, &mut edits);
        }
    }
    run.apply(edits);
}

/// A reference and its number: `p. 42`, `§ 3`, `t. IV`.
pub(super) fn references(run: &mut Run, references: &[&str]) {
    let mut edits = Edits::new();
    for at in 1..run.cells.len() {
        if !run.cells[at].space() || run.cells[at - 1].space() {
            continue;
        }
        let end = run.space_end(at);
        let number =
            digit(run.at(end)) || roman(run, end, "IVXLCDM").is_some_and(|after| run.word_ends(after));
        if number && references.iter().any(|reference| follows(run, at, reference)) {
            run.bind(at, end, NBSP, &mut edits);
        }
    }
    run.apply(edits);
}

/// `52 av. J.-C.`.
pub(super) fn eras(run: &mut Run) {
    let mut edits = Edits::new();
    for at in 1..run.cells.len() {
        if !matches!(run.free(at), Some('a')) || !(run.reads(at, "av.") || run.reads(at, "ap.")) {
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
fn roman(run: &Run, at: usize, digits: &str) -> Option<usize> {
    let mut end = at;
    while run.free(end).is_some_and(|ch| digits.contains(ch)) {
        end += 1;
    }
    (end > at).then_some(end)
}

/// `Louis XIV`, `XXIe siècle`.
pub(super) fn romans(run: &mut Run) {
    let mut edits = Edits::new();
    for at in 1..run.cells.len() {
        if !run.cells[at].space() || run.cells[at - 1].space() {
            continue;
        }
        let end = run.space_end(at);
        let numeral = roman(run, end, "IVX").is_some_and(|after| after - end >= 2 && run.word_ends(after));
        if numeral && capitalised_before(run, at) || roman_ordinal_before(run, at) && age(run, end) {
            run.bind(at, end, NBSP, &mut edits);
        }
    }
    run.apply(edits);
}

fn age(run: &Run, at: usize) -> bool {
    let word = letters_at(run, at);
    AGES.contains(&word.as_str())
}

fn capitalised_before(run: &Run, at: usize) -> bool {
    let mut start = at;
    while run.before(start).is_some_and(|cell| cell.ch.is_alphabetic() && cell.free()) {
        start -= 1;
    }
    start < at
        && run.cells[start].ch.is_uppercase()
        && at - start > 1
        && !run.cells[start..at].iter().all(|cell| "IVX".contains(cell.ch))
}

fn roman_ordinal_before(run: &Run, at: usize) -> bool {
    ["e", "er", "re"].iter().any(|suffix| {
        let length = suffix.len();
        let Some(end) = at.checked_sub(length) else { return false };
        let same = suffix.chars().zip(&run.cells[end..at]).all(|(ch, cell)| cell.ch == ch);
        let mut start = end;
        while start > 0 && "IVX".contains(run.cells[start - 1].ch) {
            start -= 1;
        }
        same && start < end && run.word_starts(start)
    })
}
