//! Quotation marks and brackets without their other half.

use std::ops::Range;

use crate::check::galley::{Galley, Part};
use crate::check::room::Room;
use crate::check::rule::{Family, Rule};
use crate::model::{Diagnostic, Language};

pub(super) const RULE: Rule = Rule::new(
    "unbalanced",
    Family::Language,
    "A bracket or a quotation mark that is opened is closed in the same paragraph, and the other way round. Enumerations such as `a)` and faces such as `:)` are none. French guillemets have a rule of their own.",
    "write both, or neither",
);

pub(super) fn check(galley: &Galley<'_>, _: &Room<'_>, findings: &mut Vec<Diagnostic>) {
    let guillemets = galley.language != Some(Language::French);
    for (at, passage) in galley.passages.iter().enumerate() {
        // A quotation of several paragraphs opens each of them.
        let goes_on = passage.part == Part::Body
            && galley.passages.get(at + 1).is_some_and(|next| next.text.starts_with('“'));
        for range in unbalanced(&passage.text, guillemets) {
            let mark = &passage.text[range.clone()];
            if !(mark == "“" && goes_on) {
                let message = format!("`{mark}` has no other half in this paragraph");
                findings.push(RULE.say(message).at(galley.at(passage, range)));
            }
        }
    }
}

fn unbalanced(text: &str, guillemets: bool) -> Vec<Range<usize>> {
    let mut open: Vec<(char, usize)> = Vec::new();
    let mut lonely = Vec::new();
    let mut straight: Option<usize> = None;
    for (at, ch) in text.char_indices() {
        let before = text[..at].chars().next_back();
        match ch {
            '(' | '[' | '“' => open.push((ch, at)),
            '«' if guillemets => open.push((ch, at)),
            ')' if has_nose(text, at) => {}
            ')' if lone(&open) && (is_face(text, at) || is_number(text, at)) => {}
            ')' | ']' | '”' => close(ch, at, &mut open, &mut lonely),
            '»' if guillemets => close(ch, at, &mut open, &mut lonely),
            // After a digit it may be inches or seconds.
            '"' if straight.is_some() || !before.is_some_and(|ch| ch.is_ascii_digit()) => {
                straight = if straight.is_some() { None } else { Some(at) };
            }
            _ => {}
        }
    }
    lonely.extend(open.into_iter().filter(|(ch, at)| !(*ch == '(' && is_face(text, *at))).map(|(_, at)| at));
    lonely.extend(straight);
    lonely.sort_unstable();
    lonely.into_iter().map(|at| at..at + text[at..].chars().next().map_or(1, char::len_utf8)).collect()
}

fn close(ch: char, at: usize, open: &mut Vec<(char, usize)>, lonely: &mut Vec<usize>) {
    let half = match ch {
        ')' => '(',
        ']' => '[',
        '”' => '“',
        _ => '«',
    };
    match open.iter().rposition(|(other, _)| *other == half) {
        Some(position) => lonely.extend(open.drain(position..).skip(1).map(|(_, at)| at)),
        None => lonely.push(at),
    }
}

/// Whether no bracket waits for its other half.
fn lone(open: &[(char, usize)]) -> bool {
    open.iter().all(|(ch, _)| *ch != '(')
}

/// `:-)`, which is a face even in brackets.
fn has_nose(text: &str, at: usize) -> bool {
    text[..at].ends_with(":-") || text[..at].ends_with(";-")
}

/// `:)`, `;-(`.
fn is_face(text: &str, at: usize) -> bool {
    let before = text[..at].trim_end_matches('-');
    before.ends_with([':', ';', '='])
}

/// `a)`, `12)` at the start, or after a space.
fn is_number(text: &str, at: usize) -> bool {
    let start = text[..at].rfind(char::is_whitespace).map_or(0, |space| space + 1);
    let word = text[start..at].trim_start();
    (1..=2).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_are_found() {
        let shown =
            |text: &str| unbalanced(text, true).into_iter().map(|range| range.start).collect::<Vec<_>>();
        assert_eq!(shown("a (b"), [2]);
        assert_eq!(shown("ab) c"), Vec::<usize>::new());
        assert_eq!(shown("abc) c"), [3]);
        assert_eq!(shown("« a"), [0]);
        assert_eq!(shown("say \"a"), [4]);
        assert_eq!(shown("(a [b) c]"), [3, 8]);
        for whole in
            ["(a [b] c)", "(see a)", "a :) b ;-)", "a) b", "6'2\" tall", "“a”, \"b\", «c»", "12\" \"a\""]
        {
            assert_eq!(shown(whole), Vec::<usize>::new(), "{whole}");
        }
    }
}
