//! Ordinals whose ending is raised: `1er`, `3e`, `2nde`, `XXIe siècle`. The text itself does not change.

use super::run::{IN_SUP, Run};
use super::words::AGES;

/// Marks the endings of ordinals.
pub(super) fn raise(run: &mut Run) {
    let mut at = 0;
    let mut mark = 0;
    while let Some(next) = run.find_mark(&mut mark, at, |ch| matches!(ch, '0'..='9' | 'I' | 'V' | 'X')) {
        at = next;
        let digit = run.free(at).is_some_and(|ch| ch.is_ascii_digit());
        let numeral = matches!(run.free(at), Some('I' | 'V' | 'X'));
        let apart = run
            .before(at)
            .is_none_or(|cell| !cell.ch.is_alphanumeric() && !matches!(cell.ch, ',' | '.' | '/'));
        if !(digit || numeral) {
            at += 1;
            continue;
        }
        let mut end = at;
        while run
            .free(end)
            .is_some_and(|ch| if digit { ch.is_ascii_digit() } else { matches!(ch, 'I' | 'V' | 'X') })
        {
            end += 1;
        }
        if apart && let Some(length) = ending(run, at, end, digit) {
            run.raise(end, end + length);
        }
        at = end;
    }
}

/// The length of the ending that stands behind a number, if it is one to raise.
fn ending(run: &Run, start: usize, end: usize, digit: bool) -> Option<usize> {
    let number: String = run.cells[start..end].iter().map(|cell| cell.ch).collect();
    let known: &[&str] = match number.as_str() {
        "1" => &["ers", "er", "res", "re"],
        "2" => &["ndes", "nds", "nde", "nd", "es", "e"],
        _ if digit => &["es", "e"],
        _ => &["er", "re", "e"],
    };
    let length =
        known.iter().find(|ending| run.reads(end, ending) && run.word_ends(end + ending.len()))?.len();
    let raised = run.cells[start..end + length].iter().any(|cell| cell.flags & IN_SUP != 0);
    (!raised && (digit || of_an_age(run, end + length))).then_some(length)
}

/// Whether a century, a millennium or a republic follows.
fn of_an_age(run: &Run, at: usize) -> bool {
    let next =
        run.cells[at.min(run.cells.len())..].iter().position(|cell| !matches!(cell.ch, ' ' | '\u{a0}'));
    let start = at + next.unwrap_or(0);
    let word: String = run.cells[start.min(run.cells.len())..]
        .iter()
        .take_while(|cell| cell.ch.is_alphabetic())
        .map(|cell| cell.ch)
        .collect();
    start > at && AGES.contains(&word.as_str())
}
