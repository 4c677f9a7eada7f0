//! What was meant for the editor and not for the reader: TODO, lorem ipsum, `[à vérifier]`, marks of a merge.

use std::ops::Range;

use crate::check::galley::Galley;
use crate::check::room::Room;
use crate::check::rule::{Family, Rule};
use crate::check::words::words;
use crate::model::Diagnostic;

pub(super) const LEFT_OVER: Rule = Rule::new(
    "left-over",
    Family::Language,
    "Notes to oneself (TODO, FIXME, XXX, TBD, ???, [à vérifier]), filling text (lorem ipsum) and the marks that git leaves of a merge are printed like any other text.",
    "finish the sentence, or write the note as a comment: <!-- … -->",
);
pub(super) const VARIABLE: Rule = Rule::new(
    "template-variable",
    Family::Language,
    "Texts are no templates: `{{ name }}`, `%NAME%` or `*|NAME|*` would be printed as they are.",
    "write what is meant; `like code` if it is meant so",
);

const NOTES: [&str; 4] = ["TODO", "FIXME", "XXX", "TBD"];
const PHRASES: [&str; 2] = ["lorem ipsum", "???"];
const BRACKETED: [&str; 9] = [
    "à vérifier",
    "a vérifier",
    "à compléter",
    "à confirmer",
    "source ?",
    "check",
    "to check",
    "to do",
    "citation needed",
];

pub(super) fn left_over(galley: &Galley<'_>, _: &Room<'_>, findings: &mut Vec<Diagnostic>) {
    for passage in &galley.passages {
        for range in left_overs(&passage.text) {
            let message = format!("`{}` is left over", &passage.text[range.clone()]);
            findings.push(LEFT_OVER.say(message).at(galley.at(passage, range)));
        }
    }
    let body = galley.source.after(galley.body);
    let mut at = 0;
    for line in body.split_inclusive('\n') {
        if line.starts_with("<<<<<<< ") || line.starts_with(">>>>>>> ") {
            let finding = LEFT_OVER.say("git left a mark of a merge here");
            findings.push(
                finding.at(galley.in_body(at..at + 7)).hint("decide between the two, and delete the marks"),
            );
        }
        at += line.len();
    }
}

fn left_overs(text: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> =
        words(text).filter(|range| NOTES.contains(&&text[range.clone()])).collect();
    let small = text.to_lowercase();
    // A letter may change its length with its case; then places would be wrong.
    if small.len() == text.len() {
        for phrase in PHRASES {
            found.extend(small.find(phrase).map(|at| at..at + phrase.len()));
        }
        for (at, _) in small.match_indices('[') {
            let rest = &small[at + 1..];
            let Some(end) = rest.find(']') else { continue };
            if BRACKETED.contains(&rest[..end].trim().trim_end_matches([' ', '.', '!', '…'])) {
                found.push(at..at + end + 2);
            }
        }
    }
    found
}

pub(super) fn variable(galley: &Galley<'_>, _: &Room<'_>, findings: &mut Vec<Diagnostic>) {
    for passage in &galley.passages {
        for range in variables(&passage.text) {
            let message = format!(
                "`{}` looks like a template variable and would be printed as it is",
                &passage.text[range.clone()]
            );
            findings.push(VARIABLE.say(message).at(galley.at(passage, range)));
        }
    }
}

fn variables(text: &str) -> Vec<Range<usize>> {
    const PAIRS: [(&str, &str); 5] = [("{{", "}}"), ("{%", "%}"), ("${", "}"), ("<%", "%>"), ("*|", "|*")];
    let mut found = Vec::new();
    for (open, close) in PAIRS {
        let mut from = 0;
        while let Some(at) = text[from..].find(open).map(|at| from + at) {
            let Some(end) = text[at + open.len()..].find(close) else { break };
            from = at + open.len() + end + close.len();
            found.push(at..from);
        }
    }
    for mark in ['%', '|'] {
        let places: Vec<usize> = text.match_indices(mark).map(|(at, _)| at).collect();
        for pair in places.windows(2) {
            let [start, end] = *pair else { continue };
            let name = &text[start + 1..end];
            let capitals = name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_' || byte == b':');
            if name.len() >= 3 && capitals && !found.iter().any(|known| known.contains(&start)) {
                found.push(start..end + 1);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_are_found_and_words_are_not() {
        let shown =
            |text: &str| left_overs(text).into_iter().map(|range| text[range].to_owned()).collect::<Vec<_>>();
        assert_eq!(shown("TODO: dire [à vérifier] combien ???"), ["TODO", "???", "[à vérifier]"]);
        assert!(shown("Todo est une application ; XXXL ; [sic] ; quoi ?").is_empty());
    }

    #[test]
    fn variables_are_found_and_prices_are_not() {
        let shown =
            |text: &str| variables(text).into_iter().map(|range| text[range].to_owned()).collect::<Vec<_>>();
        assert_eq!(
            shown("Cher {{ name }}, %FIRST_NAME% et *|FNAME|*"),
            ["{{ name }}", "*|FNAME|*", "%FIRST_NAME%"]
        );
        assert!(shown("30 % des A et 20 % des B ; {a} ; 100%|50%").is_empty());
    }
}
