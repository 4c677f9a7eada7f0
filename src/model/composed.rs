//! Places in a text whose characters are composed (NFC), found again in the text as it was typed.

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// A text with its characters composed.
pub fn composed(text: &str) -> String {
    text.nfc().collect()
}

/// How many bytes a text has once it is composed.
pub fn length(text: &str) -> usize {
    match is_nfc_quick(text.chars()) {
        IsNormalized::Yes => text.len(),
        _ => text.nfc().map(char::len_utf8).sum(),
    }
}

/// Where a place of the composed text is in the typed one; `None` within a character.
pub fn typed_place(typed: &str, wanted: usize) -> Option<usize> {
    if is_nfc_quick(typed.chars()) == IsNormalized::Yes {
        return typed.is_char_boundary(wanted).then_some(wanted);
    }
    let whole = composed(typed);
    let (before, after) = whole.split_at_checked(wanted)?;
    let mut places = typed.char_indices().map(|(at, _)| at).chain([typed.len()]);
    places.find(|at| composed(&typed[..*at]) == before && composed(&typed[*at..]) == after)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_behind_an_accent_of_its_own_is_found() {
        let typed = "e\u{301}te\u{301} x";
        assert_eq!(composed(typed), "été x");
        assert_eq!(typed_place(typed, 0), Some(0));
        assert_eq!(typed_place(typed, 2), Some(3));
        assert_eq!(typed_place(typed, 6), Some(8));
        assert_eq!(typed_place(typed, 1), None);
        assert_eq!((length(typed), typed_place("été", 2)), (7, Some(2)));
    }
}
