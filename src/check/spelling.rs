//! Dictionaries of Hunspell, and the newsletter's own words.

use std::collections::HashSet;
use std::fmt;

use spellbook::Dictionary;

use crate::model::LanguageTag;

/// All dictionaries there are. Without one nothing is misspelt.
#[derive(Default)]
pub struct Spelling {
    dictionaries: Vec<(String, Dictionary)>,
    own: HashSet<String>,
}

impl fmt::Debug for Spelling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tags: Vec<&str> = self.dictionaries.iter().map(|(tag, _)| tag.as_str()).collect();
        f.debug_struct("Spelling").field("dictionaries", &tags).field("own", &self.own.len()).finish()
    }
}

impl Spelling {
    /// Adds the dictionary of a language: the texts of its `.aff` and its `.dic` file. The error says what is wrong
    /// with them.
    pub fn add(&mut self, tag: &str, aff: &str, dic: &str) -> Result<(), String> {
        let dictionary = Dictionary::new(aff, dic).map_err(|error| error.to_string())?;
        self.dictionaries.push((tag.to_ascii_lowercase(), dictionary));
        Ok(())
    }

    /// Adds the newsletter's own words, one a line; what follows `#` is a comment.
    pub fn own_words(&mut self, list: &str) {
        let words = list.lines().filter_map(|line| line.split('#').next()).map(str::trim);
        self.own.extend(words.filter(|word| !word.is_empty()).map(|word| word.replace('’', "'")));
    }

    /// Whether there is no dictionary at all.
    pub fn is_empty(&self) -> bool {
        self.dictionaries.is_empty()
    }

    /// The dictionary of a language: that of its region, else any of its name.
    pub(super) fn dictionary(&self, tag: &LanguageTag) -> Option<&Dictionary> {
        let tag = tag.as_str().to_ascii_lowercase();
        let primary = tag.split('-').next().unwrap_or("");
        let own = self.dictionaries.iter().find(|(known, _)| *known == tag);
        let kin = || self.dictionaries.iter().find(|(known, _)| known.split('-').next() == Some(primary));
        own.or_else(kin).map(|(_, dictionary)| dictionary)
    }

    /// Whether a word is one of the newsletter's own.
    pub(super) fn is_own(&self, word: &str) -> bool {
        self.own.contains(word) || self.own.contains(&word.to_lowercase())
    }
}
