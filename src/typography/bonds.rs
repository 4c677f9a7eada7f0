//! Words that must not be parted from their number, their title, their name: one look at every space.

use crate::config::TypographyOptions;

use super::NBSP;
use super::edits::Edits;
use super::numbers::{self, any_roman, digit, letters_at, roman, small_roman, word_at};
use super::run::Run;
use super::words::*;

/// Binds what French keeps together.
pub(super) fn french(run: &mut Run, options: &TypographyOptions) {
    at_spaces(run, |run, at, end, (before, after), edits| {
        let bound = match before {
            '0'..='9' => {
                unit(run, at, end, &[&UNITS, &NUMBER_WORDS], &options.units, edits)
                    || french_month(run, at, end)
            }
            'r' => french_month(run, at, end),
            'h' => minutes(run, at, end),
            _ => false,
        };
        bound
            || after.is_uppercase() && (named(run, at, &TITLES) || numeral(run, at, end))
            || (after.is_ascii_digit() || any_roman(after)) && reference(run, at, end, &REFERENCES)
            || matches!(before, 'e' | 'r') && matches!(after, 's' | 'm' | 'R') && age(run, at, end)
    });
}

/// Binds what English keeps together.
pub(super) fn english(run: &mut Run, options: &TypographyOptions) {
    let lists: [&[&str]; 2] = [&UNITS, &ENGLISH_UNITS];
    at_spaces(run, |run, at, end, (before, after), edits| {
        let number = before.is_ascii_digit();
        number && (unit(run, at, end, &lists, &options.units, edits) || clock(run, end))
            || after.is_uppercase() && (named(run, at, &ENGLISH_TITLES) || day_month(run, at, end))
            || after.is_ascii_digit() && month_day(run, at, end)
            || (after.is_ascii_digit() || any_roman(after)) && reference(run, at, end, &ENGLISH_REFERENCES)
    });
}

/// Binds the spaces that are to be bound: told where they begin and end, and which characters stand on both sides.
fn at_spaces(run: &mut Run, bound: impl Fn(&mut Run, usize, usize, (char, char), &mut Edits) -> bool) {
    let mut edits = Edits::new();
    let mut done = 0;
    for mark in 0..run.marks.len() {
        for at in beside(run, run.marks[mark]).into_iter().flatten() {
            if at < done {
                continue;
            }
            let end = run.space_end(at);
            done = end;
            let (Some(before), Some(after)) = (run.before(at), run.at(end)) else { continue };
            if bound(run, at, end, (before.ch, after.ch), &mut edits) {
                run.bind(at, end, NBSP, &mut edits);
            }
        }
    }
    run.apply(edits);
}

/// Where spaces begin that a digit or a capital stands beside, or an ending such as `er` away: no other is bound.
fn beside(run: &Run, mark: usize) -> [Option<usize>; 2] {
    let ch = run.cells[mark].ch;
    let number = ch.is_ascii_digit();
    if !(number || ch.is_uppercase()) {
        return [None; 2];
    }
    let start = run.space_start(mark);
    let ends = number || small_roman(ch);
    let next = (mark + 1..mark + 4).find(|at| run.cells.get(*at).is_some_and(|cell| cell.space()));
    [Some(start).filter(|start| *start < mark), next.filter(|_| ends)]
}

/// A unit, or a word that counts: `5 km`, `14 milliards`. After a large one a sign of money is bound too.
fn unit(run: &mut Run, at: usize, end: usize, lists: &[&[&str]], more: &[String], edits: &mut Edits) -> bool {
    if !run.cells[at - 1].free() {
        return false;
    }
    let full = word_at(run, end);
    let bare: String = full.chars().take_while(|ch| ch.is_alphabetic()).collect();
    let known =
        |word: &str| lists.iter().any(|list| list.contains(&word)) || more.iter().any(|unit| unit == word);
    let whole = |word: &str| {
        let after = end + word.chars().count();
        run.at(after).is_none_or(|next| !next.ch.is_alphanumeric() && !matches!(next.ch, '²' | '³'))
    };
    let words = [full.as_str(), bare.as_str()];
    let Some(word) = words.into_iter().find(|word| !word.is_empty() && known(word) && whole(word)) else {
        return false;
    };
    if LARGE.contains(&word) {
        let after = end + word.chars().count();
        let sign = run.space_end(after);
        if sign > after && matches!(run.free(sign), Some('€' | '$' | '£')) {
            run.bind(after, sign, NBSP, edits);
        }
    }
    true
}

/// `14 h 30`: what stands behind the hour.
fn minutes(run: &Run, at: usize, end: usize) -> bool {
    let start = run.space_start(at - 1);
    let hour = start < at - 1 && digit(run.before(start));
    let digits = run.cells[end..].iter().take(3).take_while(|cell| cell.ch.is_ascii_digit()).count();
    hour && digits == 2 && run.word_ends(end + 2)
}

/// `8 juin`, `1er juin`, `3 janv.`.
fn french_month(run: &Run, at: usize, end: usize) -> bool {
    let first = at >= 3 && run.cells[at - 1].ch == 'r';
    let day = if first {
        run.reads(at - 3, "1er") && run.word_starts(at - 3)
    } else {
        numbers::day_before(run, at, &[])
    };
    if !day {
        return false;
    }
    let word = letters_at(run, end).to_lowercase();
    let after = end + word.chars().count();
    let short = SHORT_MONTHS.contains(&word.as_str()) && run.free(after) == Some('.');
    let month = MONTHS.contains(&word.as_str()) || short;
    month && run.word_ends(after)
}

/// `8 June`, `2nd April`.
fn day_month(run: &Run, at: usize, end: usize) -> bool {
    let word = letters_at(run, end);
    let after = end + word.chars().count();
    ENGLISH_MONTHS.contains(&word.as_str()) && run.word_ends(after) && numbers::day_before(run, at, &ORDINALS)
}

/// `June 8`, `April 2nd`.
fn month_day(run: &Run, at: usize, end: usize) -> bool {
    let digits = run.cells[end..].iter().take(3).take_while(|cell| cell.ch.is_ascii_digit()).count();
    let mut tail = end + digits;
    if ORDINALS.iter().any(|suffix| run.reads(tail, suffix)) {
        tail += 2;
    }
    let day = run.word_ends(tail) && numbers::day_before(run, end + digits, &[]);
    day && ENGLISH_MONTHS.iter().any(|month| ends_with(run, at, month))
}

/// `5 p.m.`, `10:30 AM`.
fn clock(run: &Run, end: usize) -> bool {
    let half = ["a.m.", "p.m.", "am", "pm", "AM", "PM"];
    half.iter().any(|word| run.reads(end, word) && run.word_ends(end + word.len()))
}

/// A title before a name: `M. Dubreil`.
fn named(run: &Run, at: usize, titles: &[&str]) -> bool {
    titles.iter().any(|title| ends_with(run, at, title))
}

/// `p. 42`, `§ 3`, `t. IV`.
fn reference(run: &Run, at: usize, end: usize, references: &[&str]) -> bool {
    let number = digit(run.at(end)) || roman(run, end, any_roman).is_some_and(|after| run.word_ends(after));
    number && references.iter().any(|reference| ends_with(run, at, reference))
}

/// `Louis XIV`.
fn numeral(run: &Run, at: usize, end: usize) -> bool {
    let long = roman(run, end, small_roman).is_some_and(|after| after - end >= 2 && run.word_ends(after));
    long && numbers::capitalised_before(run, at)
}

/// `XXIe siècle`.
fn age(run: &Run, at: usize, end: usize) -> bool {
    numbers::roman_ordinal_before(run, at) && AGES.contains(&letters_at(run, end).as_str())
}

/// Whether a whole word ends at a place.
fn ends_with(run: &Run, at: usize, word: &str) -> bool {
    let mut here = at;
    for ch in word.chars().rev() {
        match here.checked_sub(1) {
            Some(before) if run.cells[before].ch == ch && run.cells[before].free() => here = before,
            _ => return false,
        }
    }
    run.word_starts(here)
}
