//! What a cell of a list holds: an address, a moment, a yes or a no, in whatever way services write them.

use chrono::{DateTime, NaiveDate, NaiveDateTime};

use crate::model::EmailAddress;

use super::headers::plain;

/// What a cell answers to a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    /// It is empty, or says that there is nothing.
    Nothing,
    /// Yes.
    Yes,
    /// No.
    No,
    /// Since a day, so: yes.
    Date,
    /// Something else.
    Other,
}

impl Word {
    pub(super) fn read(cell: &str) -> Self {
        match cell.trim() {
            "" | "-" | "–" | "—" | "\\N" => return Self::Nothing,
            "✓" | "✔" | "☑" | "✅" => return Self::Yes,
            "✗" | "✘" | "☐" | "❌" => return Self::No,
            day if day.starts_with("0000-00-00") => return Self::Nothing,
            _ => {}
        }
        match plain(cell).as_str() {
            "null" | "none" | "nil" | "nan" | "na" => Self::Nothing,
            "true" | "yes" | "y" | "t" | "1" | "on" | "x" | "oui" | "o" | "vrai" | "ja" | "j" | "wahr"
            | "si" | "sim" | "verdadero" | "verdadeiro" | "vero" => Self::Yes,
            "false" | "no" | "n" | "f" | "0" | "off" | "non" | "faux" | "nein" | "falsch" | "nee" | "nao"
            | "falso" => Self::No,
            _ if is_date(cell) => Self::Date,
            _ => Self::Other,
        }
    }
}

/// Whether a text tells a day, even one that cannot be read with certainty: `08/06/2018`, `Jun 8, 2018`.
fn is_date(text: &str) -> bool {
    let numbers = || text.split(|letter: char| !letter.is_ascii_digit());
    let year = numbers().any(|number| number.len() == 4 && ["19", "20"].contains(&&number[..2]));
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let all = !text.is_empty() && digits == text.len();
    let many = numbers().filter(|number| !number.is_empty()).count() > 1;
    moment(text).is_some() || (year && many) || (all && (8..=13).contains(&digits))
}

/// An address as lists hold it: bare, in angle brackets, behind `mailto:` or an apostrophe that hides a formula.
pub(super) fn address(cell: &str) -> Result<EmailAddress, ()> {
    let cell = cell.trim();
    let hidden = cell.strip_prefix('\'').filter(|rest| rest.starts_with(['=', '+', '-', '@', '\t', '\r']));
    let cell = hidden.unwrap_or(cell);
    let cell = cell.strip_prefix("mailto:").unwrap_or(cell);
    let inner = cell.rsplit_once('<').and_then(|(_, rest)| rest.strip_suffix('>'));
    EmailAddress::parse_international(inner.unwrap_or(cell)).map_err(drop)
}

/// A moment as services write it, in seconds since 1970; nothing where days and months could be confused.
pub(super) fn moment(text: &str) -> Option<i64> {
    if text.len() < 10 {
        return None;
    }
    if let Ok(moment) = DateTime::parse_from_rfc3339(text) {
        return Some(moment.timestamp());
    }
    for form in ["%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M"] {
        let zoneless = text.trim_end_matches(" UTC").trim_end_matches('Z');
        if let Ok(moment) = NaiveDateTime::parse_from_str(zoneless, form) {
            return Some(moment.and_utc().timestamp());
        }
    }
    let day = NaiveDate::parse_from_str(text.get(..10)?, "%Y-%m-%d").ok()?;
    Some(day.and_time(Default::default()).and_utc().timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_found_in_what_surrounds_them() {
        for text in ["ann@a.example", " Ann <ann@a.example> ", "mailto:ann@a.example"] {
            assert_eq!(address(text).map(|address| address.to_string()), Ok("ann@a.example".to_owned()));
        }
        let shown = |text| address(text).map(|address| address.to_string());
        assert_eq!(shown("'=ann@a.example"), Ok("=ann@a.example".to_owned()));
        assert_eq!(shown("'ann@a.example"), Ok("'ann@a.example".to_owned()));
        assert_eq!(shown("''=ann@a.example"), Ok("''=ann@a.example".to_owned()));
        assert!(address("ann@a.example, bob@a.example").is_err());
    }

    #[test]
    fn moments_are_read_as_services_write_them() {
        for text in ["2018-06-08T00:00:00Z", "2018-06-08 00:00:00", "2018-06-08", "2018-06-08 02:00:00+02:00"]
        {
            assert!(moment(text).is_some(), "{text}");
        }
        assert_eq!(moment("08/06/2018 10:00"), None);
    }

    #[test]
    fn a_word_is_a_yes_a_no_a_day_or_none_of_them() {
        for (word, texts) in [
            (Word::Yes, &["TRUE", "vrai", "wahr", "x", "sí", "1", "✓"][..]),
            (Word::No, &["false", "faux", "Falsch", "0", "não"]),
            (Word::Nothing, &["", " ", "-", "NULL", "\\N", "0000-00-00 00:00:00"]),
            (Word::Date, &["2018-06-08", "08/06/2018 10:00", "8 Jun 2018", "1528444800"]),
            (Word::Other, &["unsubscribed", "maybe", "2", "Paris", "?"]),
        ] {
            for text in texts {
                assert_eq!(Word::read(text), word, "{text}");
            }
        }
    }
}
