//! `Samedi 8 juin 2018` was a Friday.

use std::ops::Range;

use chrono::{Datelike, NaiveDate, Weekday};

use crate::check::galley::Galley;
use crate::check::room::Room;
use crate::check::rule::{Family, Rule};
use crate::check::words::{folded, words};
use crate::model::{Diagnostic, IssueDate, Language, spoken};

pub(super) const RULE: Rule = Rule::new(
    "wrong-weekday",
    Family::Language,
    "A date with a day of the week is held against the calendar, in French and in English, in words or in figures (08/06/2018). A date without a year is the one nearest to the issue.",
    "look it up: either the day or the date is wrong",
);

const DAYS: [(&str, &str, Weekday); 14] = [
    ("lundi", "lun", Weekday::Mon),
    ("mardi", "mar", Weekday::Tue),
    ("mercredi", "mer", Weekday::Wed),
    ("jeudi", "jeu", Weekday::Thu),
    ("vendredi", "ven", Weekday::Fri),
    ("samedi", "sam", Weekday::Sat),
    ("dimanche", "dim", Weekday::Sun),
    ("monday", "mon", Weekday::Mon),
    ("tuesday", "tue", Weekday::Tue),
    ("wednesday", "wed", Weekday::Wed),
    ("thursday", "thu", Weekday::Thu),
    ("friday", "fri", Weekday::Fri),
    ("saturday", "sat", Weekday::Sat),
    ("sunday", "sun", Weekday::Sun),
];
const MONTHS: [&[&str]; 12] = [
    &["janvier", "janv", "january", "jan"],
    &["fevrier", "fevr", "fev", "february", "feb"],
    &["mars", "march", "mar"],
    &["avril", "avr", "april", "apr"],
    &["mai", "may"],
    &["juin", "june", "jun"],
    &["juillet", "juil", "july", "jul"],
    &["aout", "august", "aug"],
    &["septembre", "sept", "september", "sep"],
    &["octobre", "oct", "october"],
    &["novembre", "nov", "november"],
    &["decembre", "dec", "december"],
];

pub(super) fn check(galley: &Galley<'_>, _: &Room<'_>, findings: &mut Vec<Diagnostic>) {
    let Some(language @ (Language::French | Language::English)) = galley.language else { return };
    let with_number = |text: &str| text.bytes().any(|byte| byte.is_ascii_digit());
    for passage in galley.passages.iter().filter(|passage| with_number(&passage.text)) {
        let ranges: Vec<Range<usize>> = words(&passage.text).collect();
        let fold = |range: &Range<usize>| folded(&passage.text[range.clone()]);
        for at in 0..ranges.len() {
            let word = fold(&ranges[at]);
            let Some(day) = weekday(&word, language) else { continue };
            let figures = Date::figures(&passage.text, &ranges[at + 1..]);
            // In English, day and month may stand the other way round.
            let turned = figures.as_ref().filter(|_| language == Language::English).map(Date::turned);
            if turned.and_then(|date| date.nearest(None)).is_some_and(|date| date.weekday() == day) {
                continue;
            }
            let next: Vec<String> = ranges[at + 1..].iter().take(LONGEST_DATE).map(fold).collect();
            let Some(date) = figures.or_else(|| Date::read(&next)) else { continue };
            let range = ranges[at].start..ranges[at + date.words].end;
            let gap = &passage.text[ranges[at].end..ranges[at + 1].start];
            // Words of two sentences make no date; `sam.` is none.
            let apart = gap.contains('.') && word.len() > LONGEST_SHORT;
            if apart || passage.text[range.clone()].contains([';', ':', '!', '?', '(']) {
                continue;
            }
            if let Some(message) = date.judge(day, galley.date, language, &passage.text[range.clone()]) {
                findings.push(RULE.say(message).at(galley.at(passage, range)));
            }
        }
    }
}

/// The most words of a date: `the 8th of June 2018`.
const LONGEST_DATE: usize = 5;
/// The longest abbreviation of a day.
const LONGEST_SHORT: usize = 3;

fn weekday(word: &str, language: Language) -> Option<Weekday> {
    let (french, english) = DAYS.split_at(7);
    let days = if language == Language::French { french } else { english };
    days.iter().find(|(full, short, _)| *full == word || *short == word).map(|(.., day)| *day)
}

/// A date as it is written, and how many words it has.
struct Date {
    day: u32,
    month: u32,
    year: Option<i32>,
    words: usize,
}

impl Date {
    /// `8 juin 2018`, `1er juin`, `June 8, 2018`, `the 8th of June`.
    fn read(folds: &[String]) -> Option<Self> {
        let skipped = folds.iter().take(1).filter(|word| matches!(word.as_str(), "le" | "the")).count();
        let folds = &folds[skipped..];
        let month = |at: usize| {
            let word = folds.get(at)?;
            MONTHS
                .iter()
                .position(|names| names.contains(&word.as_str()))
                .and_then(|at| u32::try_from(at + 1).ok())
        };
        let of = usize::from(folds.get(1).is_some_and(|word| word == "of"));
        let (day, month, length) = match (day(folds.first()?), month(0)) {
            (Some(day), _) => (day, month(1 + of)?, 2 + of),
            (None, Some(month)) => (day(folds.get(1)?)?, month, 2),
            (None, None) => return None,
        };
        let year = folds.get(length).filter(|word| word.len() == 4).and_then(|word| word.parse().ok());
        let year = year.filter(|year| (1500..2200).contains(year));
        Some(Self { day, month, year, words: skipped + length + usize::from(year.is_some()) })
    }

    /// `08/06/2018`, `8.6.2018`, `08-06-18`, and `le` before it.
    fn figures(text: &str, ranges: &[Range<usize>]) -> Option<Self> {
        let first = ranges.first()?;
        let skipped = usize::from(matches!(&text[first.clone()], "le" | "the"));
        let ranges = &ranges[skipped..];
        let start = ranges.first()?.start;
        let length = text[start..].bytes().take_while(|byte| byte.is_ascii_digit() || b"/.-".contains(byte));
        let written = text[start..start + length.count()].trim_end_matches('.');
        let mark = written.chars().find(|ch| !ch.is_ascii_digit())?;
        let parts: Vec<&str> = written.split(mark).collect();
        let [day, month, year] = parts[..] else { return None };
        let number = |text: &str| text.parse::<u32>().ok().filter(|_| (1..=2).contains(&text.len()));
        let (day, month) = (number(day)?, number(month)?);
        let year = match year.len() {
            2 => 2000 + year.parse::<i32>().ok()?,
            4 => year.parse().ok().filter(|year| (1500..2200).contains(year))?,
            _ => return None,
        };
        let end = start + written.len();
        let words = skipped + ranges.iter().take_while(|range| range.end <= end).count();
        Some(Self { day, month, year: Some(year), words })
    }

    /// The same, month first.
    fn turned(&self) -> Self {
        Self { day: self.month, month: self.day, ..*self }
    }

    fn judge(
        &self,
        day: Weekday,
        issue: Option<IssueDate>,
        language: Language,
        text: &str,
    ) -> Option<String> {
        let Some(date) = self.nearest(issue) else {
            let known = self.year.is_some() || issue.is_some();
            return known.then(|| format!("`{text}` is a day that no calendar has"));
        };
        let said = spoken::long(IssueDate::from(date), language).replace('\u{a0}', " ");
        (date.weekday() != day).then(|| format!("`{text}` is wrong: it is {said}"))
    }

    /// The day that is meant: of the year that is written, else the one nearest to the issue.
    fn nearest(&self, issue: Option<IssueDate>) -> Option<NaiveDate> {
        if let Some(year) = self.year {
            return NaiveDate::from_ymd_opt(year, self.month, self.day);
        }
        let issue = issue?.day();
        let years = [issue.year() - 1, issue.year(), issue.year() + 1];
        let days = years.into_iter().filter_map(|year| NaiveDate::from_ymd_opt(year, self.month, self.day));
        days.min_by_key(|day| (*day - issue).num_days().abs())
    }
}

fn day(word: &str) -> Option<u32> {
    let digits = word.trim_end_matches(|ch: char| ch.is_ascii_alphabetic());
    let ending = &word[digits.len()..];
    let right = matches!(ending, "" | "er" | "st" | "nd" | "rd" | "th");
    digits.parse().ok().filter(|day| right && (1..=31).contains(day))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(words: &str) -> Option<String> {
        let folds: Vec<String> = words.split(' ').map(str::to_owned).collect();
        let issue = IssueDate::parse("2018-06-08").ok();
        let day = weekday(&folds[0], Language::French).or_else(|| weekday(&folds[0], Language::English))?;
        Date::read(&folds[1..])?.judge(day, issue, Language::English, words)
    }

    #[test]
    fn days_and_dates_agree_or_not() {
        for right in ["vendredi 8 juin 2018", "fri june 8", "saturday the 9th of june", "dim 1er juillet"] {
            assert_eq!(said(right), None, "{right}");
        }
        for wrong in ["samedi 8 juin 2018", "monday june 8 2018", "mar 31 juin", "jeudi 3 janv"] {
            assert!(said(wrong).is_some(), "{wrong}");
        }
        assert!(Date::read(&["mars".to_owned(), "avance".to_owned()]).is_none());
    }

    #[test]
    fn figures_are_a_date_where_there_are_three() {
        let read = |text: &str| {
            let ranges: Vec<_> = words(text).collect();
            Date::figures(text, &ranges).map(|date| (date.day, date.month, date.year, date.words))
        };
        assert_eq!(read("08/06/2018, dit-on"), Some((8, 6, Some(2018), 3)));
        assert_eq!(read("le 8.6.18."), Some((8, 6, Some(2018), 4)));
        assert_eq!(read("08-06-2018"), Some((8, 6, Some(2018), 1)));
        for text in ["3/4 des voix", "08/06", "2018/06/08", "1.234.567", "8/6-18", "8 juin 2018"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
