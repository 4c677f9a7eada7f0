//! Words that no dictionary has.

use std::collections::HashSet;

use spellbook::Dictionary;

use crate::check::galley::{Galley, Part};
use crate::check::room::{Room, Suggestions};
use crate::check::rule::{Applied, Family, Rule};
use crate::check::words::{folded, words};
use crate::model::{Diagnostic, Language};
use crate::render::reading::Voice;

pub(super) const RULE: Rule = Rule::new(
    "spelling",
    Family::Language,
    "Words are looked up in the Hunspell dictionary of the text's language: the one that `check: {spelling: …}` names, else one installed under /usr/share/hunspell; without one the rule rests. Left alone are words with a capital or a digit, words of headlines, what stands in italics or in another language, code and addresses. The newsletter's own words stand in content/words.txt, one a line.",
    "mend it, or add the word to content/words.txt",
)
.applied(Applied::WithDictionary);

/// Articles and pronouns that lose their vowel.
const ELIDED: [&str; 13] =
    ["l", "d", "j", "m", "t", "s", "n", "c", "qu", "jusqu", "lorsqu", "puisqu", "quoiqu"];

pub(super) fn check(galley: &Galley<'_>, room: &Room<'_>, findings: &mut Vec<Diagnostic>) {
    const SUGGESTED: usize = 3;
    let spelling = room.desk.spelling;
    let Some(dictionary) = spelling.dictionary(galley.tag) else { return };
    let titles: HashSet<String> = galley
        .passages
        .iter()
        .filter(|passage| passage.part == Part::Headline)
        .flat_map(|passage| {
            words(&passage.text).map(|range| folded(&passage.text[range])).collect::<Vec<_>>()
        })
        .collect();
    let mut said: HashSet<String> = HashSet::new();
    for passage in galley.passages.iter().filter(|passage| passage.part != Part::Headline) {
        let hidden = addresses_and_names(&passage.text);
        for range in words(&passage.text) {
            let word = passage.text[range.clone()].replace('’', "'");
            let left_alone = passage.voice(range.start) != Voice::Plain
                || word.chars().any(|ch| ch.is_uppercase() || ch.is_numeric())
                || hidden.iter().any(|hidden| hidden.contains(&range.start));
            if left_alone || titles.contains(&folded(&word)) || spelling.is_own(&word) {
                continue;
            }
            let known = |word: &str| dictionary.check(word) || spelling.is_own(word);
            if is_right(&word, galley.language, &known) || !said.insert(word.clone()) {
                continue;
            }
            let finding = RULE.say(format!("`{word}` is in no dictionary")).at(galley.at(passage, range));
            let wanted = room.suggestions == Suggestions::Given && said.len() <= SUGGESTED;
            let near = if wanted { suggestion(dictionary, &word) } else { None };
            findings.push(match near {
                Some(near) => finding.hint(format!(
                    "did you mean `{near}`? the newsletter's own words stand in content/words.txt"
                )),
                None => finding,
            });
        }
    }
}

/// Whether a word is known: as it stands, without what is elided, or part by part.
fn is_right(word: &str, language: Option<Language>, known: &dyn Fn(&str) -> bool) -> bool {
    if word.chars().count() < 2 || known(word) {
        return true;
    }
    if let Some((first, rest)) = word.split_once('\'') {
        let elided = language == Some(Language::French) && ELIDED.contains(&first);
        let genitive =
            language == Some(Language::English) && matches!(rest, "s" | "d" | "ll" | "re" | "ve" | "t");
        if elided {
            return is_right(rest, language, known);
        }
        if genitive {
            return is_right(first, language, known);
        }
        return false;
    }
    word.contains(['-', '\u{2011}'])
        && word.split(['-', '\u{2011}']).all(|part| is_right(part, language, known))
}

fn suggestion(dictionary: &Dictionary, word: &str) -> Option<String> {
    let mut near = Vec::new();
    dictionary.suggest(word, &mut near);
    near.into_iter().next()
}

/// Addresses, mail addresses, handles: no prose.
fn addresses_and_names(text: &str) -> Vec<std::ops::Range<usize>> {
    let mut found = Vec::new();
    let mut start = 0;
    for part in text.split(char::is_whitespace) {
        let bare = part.trim_matches(|ch: char| !ch.is_alphanumeric() && !matches!(ch, '@' | '#' | '/'));
        let dotted = bare.trim_end_matches('.').split('.').count() > 1 && !bare.contains(['…', '\'', '’']);
        if bare.contains("://") || bare.contains(['@', '/', '_']) || bare.starts_with('#') || dotted {
            found.push(start..start + part.len());
        }
        start += part.len() + text[start + part.len()..].chars().next().map_or(0, char::len_utf8);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_right_in_its_parts() {
        let known = |word: &str| ["été", "peut", "être", "chat", "aujourd'hui"].contains(&word);
        for right in ["l'été", "peut-être", "qu'aujourd'hui", "x", "aujourd'hui"] {
            assert!(is_right(right, Some(Language::French), &known), "{right}");
        }
        assert!(is_right("chat's", Some(Language::English), &known));
        for wrong in ["l'étè", "chat's", "peut-étre", "chien"] {
            assert!(!is_right(wrong, Some(Language::French), &known), "{wrong}");
        }
    }

    #[test]
    fn addresses_are_no_prose() {
        let text = "voir exemple.fr ou a@b.example et/ou #motdiese, fin.";
        let found: Vec<&str> = addresses_and_names(text).into_iter().map(|range| &text[range]).collect();
        assert_eq!(found, ["exemple.fr", "a@b.example", "et/ou", "#motdiese,"]);
    }
}
