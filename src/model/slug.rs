//! Slugs: the names that stand in addresses and on disk, so made that neither can be left by one.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use thiserror::Error;
use unicode_normalization::UnicodeNormalization;

/// One to eighty characters among `a`–`z`, `0`–`9` and `-`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slug(String);

/// A text that is no slug.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{text}` is not a slug")]
pub struct SlugError {
    /// What was written.
    pub text: String,
    /// The slug that could be made of it, where one can.
    pub suggestion: Option<Slug>,
}

/// The most characters a slug may have.
pub const LONGEST: usize = 80;

impl Slug {
    /// Takes a text that is a slug already.
    pub fn parse(text: &str) -> Result<Self, SlugError> {
        // Nothing stops early, so that many bytes are looked at in one step.
        let legal = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if !text.is_empty() && text.len() <= LONGEST && text.bytes().fold(true, |all, byte| all & legal(byte))
        {
            return Ok(Self(text.to_owned()));
        }
        Err(SlugError { text: text.to_owned(), suggestion: Self::from_text(text) })
    }

    /// Makes a slug of any text: accents fall, everything else that is no letter or digit becomes a hyphen.
    /// `None` when nothing remains.
    pub fn from_text(text: &str) -> Option<Self> {
        let mut slug = String::with_capacity(text.len());
        for character in text.nfkd().flat_map(char::to_lowercase) {
            let spelled = match character {
                'œ' => "oe",
                'æ' => "ae",
                'ß' => "ss",
                'ø' => "o",
                'ł' => "l",
                '\u{300}'..='\u{36f}' => continue,
                plain if plain.is_ascii_alphanumeric() => {
                    slug.push(plain);
                    continue;
                }
                _ if slug.ends_with('-') || slug.is_empty() => continue,
                _ => "-",
            };
            slug.push_str(spelled);
        }
        slug.truncate(LONGEST);
        let slug = slug.trim_end_matches('-');
        (!slug.is_empty()).then(|| Self(slug.to_owned()))
    }

    /// The slug as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Slug {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Slug {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <&str>::deserialize(deserializer)?;
        Self::parse(text).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_slug_cannot_leave_its_folder() {
        for text in ["..", ".", "a/b", "", "a.b", "Été", "a b", "a\\b", &"a".repeat(81)] {
            assert!(Slug::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_title_becomes_a_slug() {
        for (text, slug) in [
            ("Google descend dans la rue", "google-descend-dans-la-rue"),
            ("  L'œil — était-il dans la tombe ? ", "l-oeil-etait-il-dans-la-tombe"),
            ("Données personnelles", "donnees-personnelles"),
            ("¡¿…", ""),
        ] {
            assert_eq!(Slug::from_text(text).as_ref().map_or("", Slug::as_str), slug);
        }
    }

    proptest! {
        #[test]
        fn what_is_made_from_any_text_is_a_slug(text in ".{0,200}") {
            if let Some(slug) = Slug::from_text(&text) {
                prop_assert_eq!(Slug::parse(slug.as_str()), Ok(slug.clone()));
                prop_assert_eq!(Slug::from_text(slug.as_str()).map(|again| again.0.len()), Some(slug.0.trim_matches('-').len()));
            }
        }
    }
}
