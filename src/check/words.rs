//! Words of a prose: where they stand, and how alike two texts are.

use std::ops::Range;

use crate::model::{Slug, slug};

/// The words of a text, in bytes: letters and digits, with the apostrophes and hyphens inside them.
pub(super) fn words(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut rest = text.char_indices().peekable();
    std::iter::from_fn(move || {
        let (start, first) = rest.find(|(_, ch)| ch.is_alphanumeric())?;
        let mut end = start + first.len_utf8();
        while let Some((at, ch)) = rest.peek().copied() {
            let inside = matches!(ch, '\'' | '’' | '-' | '\u{2011}')
                && text[at + ch.len_utf8()..].starts_with(char::is_alphanumeric);
            if !ch.is_alphanumeric() && !inside {
                break;
            }
            end = at + ch.len_utf8();
            rest.next();
        }
        Some(start..end)
    })
}

/// A text as it is compared: letters and digits of its words without accents, one space between them.
pub(super) fn folded(text: &str) -> String {
    let mut all = String::with_capacity(text.len());
    for range in words(text) {
        let before = all.len();
        if before > 0 {
            all.push(' ');
        }
        let start = all.len();
        fold(&text[range], &mut all);
        if all.len() == start {
            all.truncate(before);
        }
    }
    all
}

/// Adds a word as its slug would have it. Nearly all words are of letters that need no table.
fn fold(word: &str, all: &mut String) {
    let start = all.len();
    for ch in word.chars() {
        match usual(ch).filter(|_| word.len() <= slug::LONGEST) {
            Some(plain) => all.push(plain),
            None => {
                all.truncate(start);
                if let Some(slug) = Slug::from_text(word) {
                    all.extend(slug.as_str().chars().map(|ch| if ch == '-' { ' ' } else { ch }));
                }
                return;
            }
        }
    }
}

/// The letters, digits and joints of French and English without their accents.
fn usual(ch: char) -> Option<char> {
    Some(match ch {
        'a'..='z' | '0'..='9' => ch,
        'A'..='Z' => ch.to_ascii_lowercase(),
        '\'' | '’' | '-' => ' ',
        'à' | 'â' | 'ä' | 'À' | 'Â' | 'Ä' => 'a',
        'é' | 'è' | 'ê' | 'ë' | 'É' | 'È' | 'Ê' | 'Ë' => 'e',
        'î' | 'ï' | 'Î' | 'Ï' => 'i',
        'ô' | 'ö' | 'Ô' | 'Ö' => 'o',
        'ù' | 'û' | 'ü' | 'Ù' | 'Û' | 'Ü' => 'u',
        'ç' | 'Ç' => 'c',
        _ => return None,
    })
}

/// A folded word without the ending of its plural.
pub(super) fn stem(word: &str) -> &str {
    match word.strip_suffix("es").or_else(|| word.strip_suffix(['s', 'x', 'e'])) {
        Some(stem) if stem.len() >= 3 => stem,
        _ => word,
    }
}

/// The triples of letters of a folded text, each once, as numbers in order.
pub(super) fn triples(folded: &str) -> Vec<u32> {
    let bytes = format!("  {folded} ").into_bytes();
    let mut triples: Vec<u32> =
        bytes.windows(3).map(|three| u32::from_be_bytes([0, three[0], three[1], three[2]])).collect();
    triples.sort_unstable();
    triples.dedup();
    triples
}

/// How much two texts share of their triples, 0 to 1.
pub(super) fn likeness(one: &[u32], other: &[u32]) -> f64 {
    let (mut shared, mut left, mut right) = (0, 0, 0);
    while let (Some(a), Some(b)) = (one.get(left), other.get(right)) {
        shared += usize::from(a == b);
        left += usize::from(a <= b);
        right += usize::from(b <= a);
    }
    let all = one.len() + other.len() - shared;
    if all == 0 { 0.0 } else { shared as f64 / all as f64 }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_word_keeps_what_holds_it_together() {
        let text = "L’été, peut-être : « 3e » -- aujourd'hui.";
        let found: Vec<&str> = words(text).map(|range| &text[range]).collect();
        assert_eq!(found, ["L’été", "peut-être", "3e", "aujourd'hui"]);
    }

    proptest! {
        #[test]
        fn the_quick_way_leads_where_the_slow_one_does(text in "([a-zA-Z0-9éÀçœŒñÎßłø中’' -]|\\PC){0,100}") {
            let slug = |range: Range<usize>| Slug::from_text(&text[range]);
            let slow: Vec<String> =
                words(&text).filter_map(slug).map(|slug| slug.as_str().replace('-', " ")).collect();
            prop_assert_eq!(folded(&text), slow.join(" "));
        }
    }

    #[test]
    fn titles_are_compared_without_their_dress() {
        assert_eq!(folded("L'œil — était-il LÀ ?"), "l oeil etait il la");
        let alike = |one: &str, other: &str| likeness(&triples(&folded(one)), &triples(&folded(other)));
        let title = "La CNIL inflige 250 000 euros d'amende à Optical Center";
        assert!(alike(title, "La CNIL inflige une amende de 250 000 euros à Optical Center") > 0.7);
        assert!(alike(title, "La CNIL avertit Cdiscount") < 0.4);
    }
}
