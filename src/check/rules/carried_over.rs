//! `Hier`, in a text that was written for another day.

use std::ops::Range;

use crate::check::galley::{Galley, Text};
use crate::check::room::Room;
use crate::check::rule::{Family, Rule};
use crate::check::words::{folded, words};
use crate::content::Item;
use crate::issue::Fill;
use crate::model::{Diagnostic, IssueDate, Language};

pub(super) const RULE: Rule = Rule::new(
    "relative-day",
    Family::Language,
    "`Hier`, `demain`, `ce matin`, `lundi prochain` count from the day of the issue. Nobody knows that day of an item in the queue; and one whose `queued` or `not_before` is earlier than its issue was written on another day. Items that were never carried over are not looked at.",
    "write the date instead",
);

const FRENCH: [&str; 12] = [
    "hier",
    "avant hier",
    "demain",
    "apres demain",
    "aujourd hui",
    "ce matin",
    "ce soir",
    "cette nuit",
    "cet apres midi",
    "cette semaine",
    "la semaine prochaine",
    "la semaine derniere",
];
const ENGLISH: [&str; 12] = [
    "yesterday",
    "today",
    "tomorrow",
    "tonight",
    "last night",
    "this morning",
    "this afternoon",
    "this evening",
    "this week",
    "next week",
    "last week",
    "the day after tomorrow",
];
const FRENCH_DAYS: [&str; 7] = ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"];
const ENGLISH_DAYS: [&str; 7] =
    ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

pub(super) fn check(galley: &Galley<'_>, room: &Room<'_>, findings: &mut Vec<Diagnostic>) {
    let Text::Item(item) = galley.text else { return };
    let Some(why) = why(item, galley.date, room) else { return };
    let phrases = match galley.language {
        Some(Language::French) => FRENCH,
        Some(Language::English) => ENGLISH,
        _ => return,
    };
    for passage in &galley.passages {
        let parts = parts(&passage.text);
        let mut at = 0;
        while at < parts.len() {
            let Some(length) = phrase(&parts, at, &phrases) else {
                at += 1;
                continue;
            };
            let range = parts[at].word.start..parts[at + length - 1].word.end;
            let message = format!("`{}` counts from another day: {why}", &passage.text[range.clone()]);
            findings.push(RULE.say(message).at(galley.at(passage, range)));
            at += length;
        }
    }
}

/// Why nobody knows from which day a text counts, or why it counts from another one than that of its issue.
fn why(item: &Item, date: Option<IssueDate>, room: &Room<'_>) -> Option<String> {
    let Some(date) = date else {
        let path = item.entry.source.path();
        let takes = |fill: &&Fill<'_>| fill.taken.iter().any(|taken| taken.entry.source.path() == path);
        let fill = room.desk.archive.fill.as_ref().filter(takes);
        return Some(fill.map_or_else(
            || "nobody knows yet on which day it is read".to_owned(),
            |fill| format!("the text waits in the queue and stands in the issue of {} for now", fill.date),
        ));
    };
    let queued = item.queued.filter(|day| *day < date).map(|day| format!("was put into the queue on {day}"));
    let ready = item.not_before.filter(|day| *day < date).map(|day| format!("was ready for {day}"));
    queued.or(ready).map(|when| format!("the text {when} and stands in the issue of {date}"))
}

/// How many parts the phrase has that begins here: whole words only.
fn phrase(parts: &[WordPart], at: usize, phrases: &[&str]) -> Option<usize> {
    let rest = &parts[at..];
    let length = phrases.iter().filter_map(|phrase| matches(phrase, rest)).max();
    let joined = |at: usize| rest.get(at).is_some_and(|part| part.joined);
    length.or_else(|| named_day(rest)).filter(|length| !joined(0) && !joined(*length))
}

/// A part of a word, between its hyphens and apostrophes.
struct WordPart {
    folded: String,
    /// The whole word, in bytes.
    word: Range<usize>,
    /// Whether a hyphen joins it to the part before: `exp-hier` is no `hier`.
    joined: bool,
}

fn parts(text: &str) -> Vec<WordPart> {
    let mut parts = Vec::new();
    for word in words(text) {
        let pieces = text[word.clone()].split(['-', '\u{2011}']);
        for (at, piece) in pieces.enumerate() {
            let folded = folded(piece);
            let joined = |within: usize| at > 0 && within == 0;
            parts.extend(folded.split(' ').enumerate().map(|(within, part)| WordPart {
                folded: part.to_owned(),
                word: word.clone(),
                joined: joined(within),
            }));
        }
    }
    parts
}

/// How many parts a phrase has, if the text goes on with it.
fn matches(phrase: &str, parts: &[WordPart]) -> Option<usize> {
    let mut length = 0;
    for word in phrase.split(' ') {
        if parts.get(length).is_none_or(|part| part.folded != word) {
            return None;
        }
        length += 1;
    }
    Some(length)
}

/// `lundi prochain`, `next Monday`.
fn named_day(parts: &[WordPart]) -> Option<usize> {
    let (first, second) = (parts.first()?.folded.as_str(), parts.get(1)?.folded.as_str());
    let french = FRENCH_DAYS.contains(&first) && matches!(second, "prochain" | "dernier");
    let english = matches!(first, "next" | "last") && ENGLISH_DAYS.contains(&second);
    (french || english).then_some(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_that_ends_in_a_phrase_is_another() {
        let found = |text: &str| {
            let parts = parts(text);
            (0..parts.len()).any(|at| phrase(&parts, at, &FRENCH).is_some())
        };
        for text in ["exp-hier", "hier-aujourd", "Port-Demain", "le demain-soir"] {
            assert!(!found(text), "{text}");
        }
        for text in ["avant-hier", "d'hier", "aujourd'hui", "cet après-midi", "hier"] {
            assert!(found(text), "{text}");
        }
    }
}
