//! The lines of the inbox: how much of the subject is seen, and whether the preheader says anything else.

use crate::check::galley::Galley;
use crate::check::room::Room;
use crate::check::rule::{Family, Rule};
use crate::check::words::{folded, likeness, triples};
use crate::issue::Issue;
use crate::model::{Diagnostic, IssueKind};

use super::sections::folder;

pub(super) const LENGTH: Rule = Rule::new(
    "subject-length",
    Family::Mail,
    "Inboxes cut a subject where their line ends. Counted are five, in average letters of a proportional face: Gmail in a browser 70, Outlook for Windows 55, Yahoo 46, Apple Mail on an iPhone held upright 41, Gmail on an Android telephone 38. The lead's half of the subject, up to its first full stop or colon, should be seen in three of them.",
    "write `subject:` in issue.md, or a shorter headline for the lead",
);
pub(super) const REPEATED: Rule = Rule::new(
    "preheader-repeats-subject",
    Family::Mail,
    "The preheader stands behind the subject in the same line of the inbox: said twice, a thing takes the room of another.",
    "write `preheader:` in issue.md: what else is in the issue",
);

/// Inboxes and how many average letters of a subject each of them shows.
const INBOXES: [(&str, f64); 5] = [
    ("Gmail in a browser", 70.0),
    ("Outlook for Windows", 55.0),
    ("Yahoo", 46.0),
    ("Apple Mail on an iPhone", 41.0),
    ("Gmail on Android", 38.0),
];

pub(super) fn check(issue: &Issue<'_>, _: &[&Galley<'_>], _: &Room<'_>, findings: &mut Vec<Diagnostic>) {
    if issue.kind == IssueKind::Weekly {
        return;
    }
    let place = || match issue.introduction {
        Some(introduction) => introduction.source.path().to_owned(),
        None => folder(issue),
    };
    let lead = opening(&issue.subject);
    let cutting: Vec<&(&str, f64)> = INBOXES.iter().filter(|(_, room)| width(lead) > *room).collect();
    if let [.., last] = cutting[..]
        && cutting.len() >= 3
    {
        let names: Vec<&str> = cutting.iter().map(|(name, _)| *name).collect();
        let message = format!(
            "the subject is cut within its lead by {}; the narrowest shows `{}…`",
            names.join(", "),
            shown(&issue.subject, last.1)
        );
        findings.push(LENGTH.say(message).in_file(place()));
    }
    // The preheader of a single item can say nothing else.
    let chosen = issue.introduction.is_some_and(|introduction| introduction.preheader.is_some());
    if !chosen && issue.items().count() < 2 {
        return;
    }
    let (subject, preheader) = (folded(lead), folded(opening(&issue.preheader)));
    let begins = subject.len() >= 12 && folded(&issue.preheader).starts_with(&subject);
    if begins || subject.len() >= 12 && likeness(&triples(&subject), &triples(&preheader)) > 0.75 {
        findings.push(REPEATED.say("the preheader begins as the subject does").in_file(place()));
    }
}

/// The first sentence.
fn opening(text: &str) -> &str {
    let end = text.match_indices(['.', '!', '?', ':', '…']).find(|(at, mark)| {
        let after = &text[at + mark.len()..];
        after.is_empty() || after.starts_with([' ', '\u{a0}', '\u{202f}'])
    });
    end.map_or(text, |(at, _)| text[..at].trim_end())
}

/// The width of a text in average letters.
fn width(text: &str) -> f64 {
    text.chars().map(letter).sum()
}

fn letter(ch: char) -> f64 {
    match ch {
        'i' | 'j' | 'l' | '\'' | '’' | '.' | ',' | ':' | ';' | '|' | '!' | 'I' => 0.5,
        'f' | 't' | 'r' | '(' | ')' | '-' | ' ' | '\u{a0}' | '\u{202f}' | '"' => 0.65,
        'm' | 'w' | 'M' | 'W' | '@' | '%' | 'œ' | '—' => 1.6,
        ch if ch.is_uppercase() => 1.3,
        ch if ch.is_ascii() || ch.is_lowercase() => 1.0,
        // Scripts of broad signs, and pictures.
        ch if u32::from(ch) >= 0x2e80 => 2.0,
        _ => 1.0,
    }
}

/// What an inbox shows of a text.
fn shown(text: &str, room: f64) -> String {
    let mut used = 0.0;
    let fits = |ch: &char| {
        used += letter(*ch);
        used <= room
    };
    text.chars().take_while(fits).collect::<String>().trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lead_ends_where_its_sentence_does() {
        assert_eq!(opening("Google ouvre 3.0. C'est le journal"), "Google ouvre 3.0");
        assert_eq!(opening("Qui a dit ça ? C'est X"), "Qui a dit ça");
        assert_eq!(opening("sans fin"), "sans fin");
    }

    #[test]
    fn narrow_letters_take_less_room() {
        assert!(width("illili") < width("mmwmmw") / 3.0);
        assert_eq!(shown("abcdef", 3.0), "abc");
    }
}
