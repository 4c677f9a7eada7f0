//! The languages the product itself speaks, and the tags by which texts name any language.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use thiserror::Error;

/// A language that the words of pages and mails exist in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    /// French.
    French,
    /// English.
    English,
    /// Arabic.
    Arabic,
}

impl Language {
    /// The languages there are, as they are written in settings.
    pub const ALL: [(&'static str, Self); 3] =
        [("fr", Self::French), ("en", Self::English), ("ar", Self::Arabic)];

    /// The tag, `fr` or `en`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::French => "fr",
            Self::English => "en",
            Self::Arabic => "ar",
        }
    }

    /// Reads `fr` or `en`, with or without a region: `fr-CA` is French.
    pub fn parse(text: &str) -> Option<Self> {
        let primary = text.split('-').next().unwrap_or("").to_ascii_lowercase();
        Self::ALL.iter().find(|(tag, _)| *tag == primary).map(|(_, language)| *language)
    }
}

/// A language tag such as `fr`, `en-GB` or `zh-Hant` (the usual subset of RFC 5646).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct LanguageTag(String);

/// A text that is no language tag.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{0}` is not a language tag")]
pub struct LanguageTagError(pub String);

impl LanguageTag {
    /// Reads a primary tag of two or three letters and any subtags of one to eight letters and digits.
    pub fn parse(text: &str) -> Result<Self, LanguageTagError> {
        let mut parts = text.split('-');
        let primary = parts.next().unwrap_or("");
        let first =
            (2..=3).contains(&primary.len()) && primary.bytes().all(|byte| byte.is_ascii_alphabetic());
        let rest = parts
            .all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric()));
        if first && rest { Ok(Self(text.to_owned())) } else { Err(LanguageTagError(text.to_owned())) }
    }

    /// The tag as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its first part, in small letters: `fr` of `fr-CA`.
    pub fn primary(&self) -> String {
        self.0.split('-').next().unwrap_or("").to_ascii_lowercase()
    }

    /// The language of the product that it names, if it names one.
    pub fn language(&self) -> Option<Language> {
        Language::parse(&self.0)
    }
}

impl fmt::Display for LanguageTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for LanguageTag {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for LanguageTag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <&str>::deserialize(deserializer)?;
        Self::parse(text).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_letters_and_hyphens() {
        assert_eq!(LanguageTag::parse("fr-CA").map(|tag| tag.language()), Ok(Some(Language::French)));
        assert_eq!(LanguageTag::parse("de").map(|tag| tag.language()), Ok(None));
        for text in ["", "français", "f", "fr_FR", "fr-", "en\" onload="] {
            assert!(LanguageTag::parse(text).is_err(), "{text}");
        }
    }
}
