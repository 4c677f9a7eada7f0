//! Characters made plain: capitals, accents, ligatures, vowel signs and forms that a reader may or may not type.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// What a character does in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    /// It belongs to a word.
    Letter(char),
    /// It belongs to a script that puts no spaces between words.
    Dense(char),
    /// It joins two words into one.
    Hyphen,
    /// Words end here.
    Break,
}

/// Folds a character: none, one or several signs come of it.
pub(super) fn fold(character: char, mut take: impl FnMut(Sign)) {
    if matches!(character, '\u{2122}' | '\u{2120}') {
        return take(Sign::Break);
    }
    for part in
        std::iter::once(character).nfkd().flat_map(char::to_lowercase).filter(|part| !is_dropped(*part))
    {
        match spelled(part) {
            Some(letters) => letters.chars().for_each(|letter| take(Sign::Letter(letter))),
            None => take(sign(part)),
        }
    }
}

/// Whether a space: within a figure it joins thousands.
pub(super) fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}')
}

fn sign(part: char) -> Sign {
    match part {
        '-' | '\u{2010}' => Sign::Hyphen,
        '\u{2b9}'..='\u{2bc}' => Sign::Break,
        _ if is_dense(part) => Sign::Dense(part),
        _ if part.is_alphanumeric() || is_combining_mark(part) => Sign::Letter(part),
        _ => Sign::Break,
    }
}

fn spelled(part: char) -> Option<&'static str> {
    Some(match part {
        'œ' => "oe",
        'æ' => "ae",
        'ß' => "ss",
        'ø' => "o",
        'ł' => "l",
        'đ' | 'ð' => "d",
        'þ' => "th",
        'ı' => "i",
        'ς' => "σ",
        'ى' => "ي",
        'ة' => "ه",
        _ => return None,
    })
}

/// Accents, vowel signs of Hebrew and Arabic, and what is there for the eye alone.
fn is_dropped(part: char) -> bool {
    matches!(
        part,
        '\u{300}'..='\u{36f}'
            | '\u{591}'..='\u{5bd}'
            | '\u{5bf}'..='\u{5c7}'
            | '\u{640}'
            | '\u{64b}'..='\u{65f}'
            | '\u{670}'
            | '\u{ad}'
            | '\u{200c}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2064}'
            | '\u{2066}'..='\u{2069}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
    )
}

/// Chinese, Japanese, Thai, Lao, Burmese, Khmer.
fn is_dense(part: char) -> bool {
    matches!(
        part,
        '\u{e00}'..='\u{eff}'
            | '\u{1000}'..='\u{109f}'
            | '\u{1780}'..='\u{17ff}'
            | '\u{3005}'
            | '\u{3040}'..='\u{30ff}'
            | '\u{3400}'..='\u{4dbf}'
            | '\u{4e00}'..='\u{9fff}'
            | '\u{f900}'..='\u{faff}'
            | '\u{20000}'..='\u{3ffff}'
    )
}
