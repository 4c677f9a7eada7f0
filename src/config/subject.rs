//! How a subject is made: a text with places for the lead, the newsletter's title, the date and the number.

use thiserror::Error;

use crate::model::Language;

/// A pattern such as `{lead}. C'est {title} du {date}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubjectPattern(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Lead,
    Title,
    Date,
    Number,
}

/// What a subject is filled with.
#[derive(Debug, Clone, Copy)]
pub struct SubjectWords<'a> {
    /// The lead's headline; empty where the issue has none.
    pub lead: &'a str,
    /// The newsletter's title.
    pub title: &'a str,
    /// The date, without its weekday.
    pub date: &'a str,
    /// The issue's number.
    pub number: u32,
}

/// Why a text is no pattern.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PatternError {
    /// A place of an unknown name.
    #[error("unknown place `{{{0}}}` in the subject")]
    Unknown(String),
    /// A brace that is never closed.
    #[error("a brace in the subject is not closed")]
    Open,
}

impl SubjectPattern {
    /// Reads a pattern.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, behind) = after.split_once('}').ok_or(PatternError::Open)?;
            if !before.is_empty() {
                parts.push(Part::Text(before.to_owned()));
            }
            parts.push(match name.trim() {
                "lead" => Part::Lead,
                "title" => Part::Title,
                "date" => Part::Date,
                "number" => Part::Number,
                other => return Err(PatternError::Unknown(other.to_owned())),
            });
            rest = behind;
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_owned()));
        }
        Ok(Self(parts))
    }

    /// The pattern of a newsletter that has none of its own.
    pub fn usual(language: Language) -> Self {
        let text = |text: &str| Part::Text(text.to_owned());
        match language {
            Language::French => {
                Self(vec![Part::Lead, text(". C'est "), Part::Title, text(" du "), Part::Date])
            }
            Language::Arabic => Self(vec![Part::Lead, text(" – "), Part::Title, text("، "), Part::Date]),
            Language::English => {
                Self(vec![Part::Lead, text(". This is "), Part::Title, text(", "), Part::Date])
            }
        }
    }

    /// Fills the places. A full stop after a place that already ends a sentence is left out, and so is
    /// what only joined a lead that is not there.
    pub fn fill(&self, words: &SubjectWords<'_>) -> String {
        let mut subject = String::new();
        for part in &self.0 {
            match part {
                Part::Text(text) => subject.push_str(join(&subject, text)),
                Part::Lead => subject.push_str(words.lead),
                Part::Title => subject.push_str(words.title),
                Part::Date => subject.push_str(words.date),
                Part::Number => subject.push_str(&words.number.to_string()),
            }
        }
        subject.trim().to_owned()
    }
}

fn join<'a>(before: &str, text: &'a str) -> &'a str {
    let end = before.trim_end_matches(['"', '»', '”', '’', ' ', '\u{a0}', '\u{202f}']);
    if before.is_empty() {
        return text.trim_start_matches(['.', ',', ':', ';', ' ', '–', '—']);
    }
    if end.ends_with(['.', '!', '?', '…']) { text.strip_prefix('.').unwrap_or(text) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject(lead: &str) -> String {
        let words = SubjectWords { lead, title: "Le journal", date: "8 juin 2018", number: 3 };
        SubjectPattern::usual(Language::French).fill(&words)
    }

    #[test]
    fn a_sentence_is_not_ended_twice() {
        assert_eq!(subject("Google descend"), "Google descend. C'est Le journal du 8 juin 2018");
        assert_eq!(subject("Qui a dit ça ?"), "Qui a dit ça ? C'est Le journal du 8 juin 2018");
        assert_eq!(subject("Ma préférence à moi…"), "Ma préférence à moi… C'est Le journal du 8 juin 2018");
        assert_eq!(subject("« Non ! »"), "« Non ! » C'est Le journal du 8 juin 2018");
    }

    #[test]
    fn an_issue_without_a_lead_has_a_subject_all_the_same() {
        assert_eq!(subject(""), "C'est Le journal du 8 juin 2018");
    }

    #[test]
    fn an_unknown_place_is_refused() {
        assert_eq!(SubjectPattern::parse("{led}"), Err(PatternError::Unknown("led".into())));
        assert_eq!(SubjectPattern::parse("{lead"), Err(PatternError::Open));
        assert!(SubjectPattern::parse("N° {number} : {lead}").is_ok());
    }
}
