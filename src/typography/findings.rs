//! What a typesetter would point out but not change: capitals without accents, `2ème`, a forgotten *de*.

use crate::model::Language;

use super::run::{Piece, Run, RunKind, closing};
use super::{NNBSP, protect};

/// Something to point out in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule's name.
    pub rule: &'static str,
    /// Where, in characters of the text.
    pub start: usize,
    /// Where it ends, in characters.
    pub end: usize,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: String,
    /// What may be put there without a second thought.
    pub fix: Option<String>,
}

/// Words that are often typed without the accent of their capital.
const CAPITALS: [(&str, &str); 20] = [
    ("Etat", "État"),
    ("Etats", "États"),
    ("Ecole", "École"),
    ("Ecoles", "Écoles"),
    ("Eglise", "Église"),
    ("Election", "Élection"),
    ("Elections", "Élections"),
    ("Edition", "Édition"),
    ("Editions", "Éditions"),
    ("Economie", "Économie"),
    ("Etude", "Étude"),
    ("Etudes", "Études"),
    ("Equipe", "Équipe"),
    ("Energie", "Énergie"),
    ("Egalité", "Égalité"),
    ("Emission", "Émission"),
    ("Evénement", "Événement"),
    ("Evidemment", "Évidemment"),
    ("Ecoutez", "Écoutez"),
    ("Etranger", "Étranger"),
];

/// Everything to point out in a text of one block.
pub fn find(text: &str, language: Language) -> Vec<Finding> {
    if language != Language::French {
        return Vec::new();
    }
    let mut run = Run::new(RunKind::Text);
    run.push(Piece::Text(text), 0);
    protect::protect(&mut run);
    let mut findings = Vec::new();
    words(&run, &mut findings);
    double_spaces(&run, &mut findings);
    guillemets(&run, &mut findings);
    conventions(&run, &mut findings);
    findings.sort_by_key(|finding| finding.start);
    findings
}

fn words(run: &Run, findings: &mut Vec<Finding>) {
    let mut at = 0;
    while at < run.cells.len() {
        if !run.cells[at].free() || !run.cells[at].ch.is_alphanumeric() {
            at += 1;
            continue;
        }
        let mut end = at;
        while run.free(end).is_some_and(char::is_alphanumeric) {
            end += 1;
        }
        let word: String = run.cells[at..end].iter().map(|cell| cell.ch).collect();
        let mut say = |rule, message: String, hint: String, fix| {
            findings.push(Finding { rule, start: at, end, message, hint, fix });
        };
        if let Some((_, right)) = CAPITALS.iter().find(|(plain, _)| *plain == word) {
            say(
                "capital-accent",
                format!("`{word}` wants its accent"),
                format!("write `{right}`"),
                Some((*right).to_owned()),
            );
        }
        if word == "A"
            && run.at(end).is_some_and(super::run::Cell::space)
            && starts_sentence(run, at)
            && run.at(run.space_end(end)).is_some_and(|cell| cell.ch.is_alphabetic())
        {
            say(
                "capital-accent",
                "`A` wants its accent if it means `à`".to_owned(),
                "write `À`".to_owned(),
                None,
            );
        }
        let digits: String = word.chars().take_while(char::is_ascii_digit).collect();
        let ending = &word[digits.len()..];
        if !digits.is_empty() && matches!(ending, "ème" | "ième" | "èmes" | "ièmes" | "eme" | "ieme") {
            let plural = if ending.ends_with('s') { "es" } else { "e" };
            let right = format!("{digits}{plural}");
            say("ordinal", format!("`{word}` is written `{right}`"), format!("write `{right}`"), Some(right));
        }
        if matches!(word.as_str(), "million" | "millions" | "milliard" | "milliards") {
            missing_de(run, at, end, &word, findings);
        }
        at = end;
    }
}

fn starts_sentence(run: &Run, at: usize) -> bool {
    run.before(run.space_start(at))
        .is_none_or(|cell| matches!(cell.ch, '.' | '!' | '?' | '…' | '«' | '"' | ':' | '–' | '—'))
}

/// `14 milliards dollars`.
fn missing_de(run: &Run, start: usize, end: usize, word: &str, findings: &mut Vec<Finding>) {
    let next = run.space_end(end);
    let noun: String = run.cells[next.min(run.cells.len())..]
        .iter()
        .take_while(|cell| cell.ch.is_alphabetic())
        .map(|cell| cell.ch)
        .collect();
    let known =
        ["dollar", "dollars", "euro", "euros", "franc", "francs", "yen", "yens", "yuan", "yuans", "livres"];
    if next > end && known.contains(&noun.as_str()) {
        let de = if noun.starts_with(['e', 'a', 'o', 'i', 'u', 'h']) { "d'" } else { "de " };
        findings.push(Finding {
            rule: "missing-de",
            start,
            end: next + noun.chars().count(),
            message: format!("`{word} {noun}` lacks its *de*"),
            hint: format!("write `{word} {de}{noun}`"),
            fix: Some(format!("{word} {de}{noun}")),
        });
    }
}

fn double_spaces(run: &Run, findings: &mut Vec<Finding>) {
    let mut at = 0;
    while at < run.cells.len() {
        let end = run.space_end(at);
        if end > at + 1 && at > 0 && end < run.cells.len() {
            findings.push(Finding {
                rule: "double-space",
                start: at,
                end,
                message: "two spaces stand where one will do".to_owned(),
                hint: "delete one".to_owned(),
                fix: Some(" ".to_owned()),
            });
        }
        at = end.max(at + 1);
    }
}

fn guillemets(run: &Run, findings: &mut Vec<Finding>) {
    let mut open: Vec<usize> = Vec::new();
    let mut say = |at: usize, message: &str| {
        let hint = "write both, or neither".to_owned();
        findings.push(Finding {
            rule: "unbalanced-guillemets",
            start: at,
            end: at + 1,
            message: message.to_owned(),
            hint,
            fix: None,
        });
    };
    for at in 0..run.cells.len() {
        match run.free(at) {
            Some('«') => open.push(at),
            Some('»') if open.pop().is_none() && at + 1 < run.cells.len() && at > 0 => {
                say(at, "a guillemet closes what was never opened")
            }
            _ => {}
        }
    }
    for at in open {
        say(at, "a guillemet is never closed");
    }
}

/// Both kinds of no-break space, or both kinds of apostrophe, typed by hand in one text.
fn conventions(run: &Run, findings: &mut Vec<Finding>) {
    let before_mark = |at: usize| run.at(at + 1).is_some_and(|next| closing(next.ch));
    let typed =
        |wanted: char| (0..run.cells.len()).find(|at| run.free(*at) == Some(wanted) && before_mark(*at));
    if let (Some(_), Some(at)) = (typed('\u{a0}'), typed(NNBSP)) {
        findings.push(Finding {
            rule: "mixed-spaces",
            start: at,
            end: at + 1,
            message: "two kinds of no-break space stand in this text".to_owned(),
            hint: "type plain spaces: the right ones are set".to_owned(),
            fix: Some(" ".to_owned()),
        });
    }
}
