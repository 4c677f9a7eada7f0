//! The date an issue carries. It is a calendar day, never a moment: the newsletter's time zone is somebody else's.

use std::fmt;

use chrono::{Datelike, NaiveDate, Weekday};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use thiserror::Error;

/// A calendar day between the years 1000 and 9999, written `2018-06-08`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IssueDate(NaiveDate);

/// Why a text is not a date.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DateError {
    /// The text is not four digits, a hyphen, two digits, a hyphen, two digits.
    #[error("`{0}` is not a date")]
    Shape(String),
    /// The shape is right, but no calendar has this day.
    #[error("`{0}` is a day that no calendar has")]
    Impossible(String),
    /// There was such a day, and nothing of it is told here.
    #[error("`{0}` is out of range: the years are 1000 to 9999")]
    OutOfRange(String),
}

impl IssueDate {
    /// Reads `YYYY-MM-DD` and nothing else.
    pub fn parse(text: &str) -> Result<Self, DateError> {
        if !Self::looks_like(text) {
            return Err(DateError::Shape(text.to_owned()));
        }
        let number = |range: std::ops::Range<usize>| text[range].parse::<u32>().unwrap_or(0);
        let year = i32::try_from(number(0..4)).unwrap_or(0);
        match NaiveDate::from_ymd_opt(year, number(5..7), number(8..10)) {
            Some(day) if year >= 1000 => Ok(Self(day)),
            Some(_) => Err(DateError::OutOfRange(text.to_owned())),
            None => Err(DateError::Impossible(text.to_owned())),
        }
    }

    /// Whether a text has the shape of a date, be it a possible one or not.
    pub fn looks_like(text: &str) -> bool {
        let bytes = text.as_bytes();
        bytes.len() == 10
            && bytes.iter().enumerate().all(|(at, byte)| match at {
                4 | 7 => *byte == b'-',
                _ => byte.is_ascii_digit(),
            })
    }

    /// The day as chrono knows it.
    pub fn day(self) -> NaiveDate {
        self.0
    }

    /// The year, four digits.
    pub fn year(self) -> i32 {
        self.0.year()
    }

    /// The month, 1 to 12.
    pub fn month(self) -> u32 {
        self.0.month()
    }

    /// The day of the month, 1 to 31.
    pub fn day_of_month(self) -> u32 {
        self.0.day()
    }

    /// The day of the week.
    pub fn weekday(self) -> Weekday {
        self.0.weekday()
    }

    /// The folder of the web edition, `2018/06/08`.
    pub fn path(self) -> String {
        self.path_and(&[])
    }

    /// The same with what follows it.
    pub fn path_and(self, rest: &[&str]) -> String {
        let length = 10 + rest.iter().map(|part| part.len()).sum::<usize>();
        let mut path = String::with_capacity(length);
        self.write('/', &mut path);
        rest.iter().for_each(|part| path.push_str(part));
        path
    }

    /// Year, month and day with a mark between them. An archive asks for every link: digit by digit is quick.
    fn write(self, mark: char, text: &mut String) {
        let (year, month, day) = (self.year(), self.month(), self.day_of_month());
        let Some(year) = u32::try_from(year).ok().filter(|year| (1000..=9999).contains(year)) else {
            return text.push_str(&format!("{year:04}{mark}{month:02}{mark}{day:02}"));
        };
        text.push_str(two(year / 100));
        text.push_str(two(year % 100));
        text.push(mark);
        text.push_str(two(month));
        text.push(mark);
        text.push_str(two(day));
    }
}

impl From<NaiveDate> for IssueDate {
    fn from(day: NaiveDate) -> Self {
        Self(day)
    }
}

/// A number below 100 in two digits.
fn two(number: u32) -> &'static str {
    const ALL: &str = "\
        0001020304050607080910111213141516171819\
        2021222324252627282930313233343536373839\
        4041424344454647484950515253545556575859\
        6061626364656667686970717273747576777879\
        8081828384858687888990919293949596979899";
    let at = usize::try_from(number % 100).unwrap_or(0) * 2;
    &ALL[at..at + 2]
}

impl fmt::Display for IssueDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::with_capacity(10);
        self.write('-', &mut text);
        f.write_str(&text)
    }
}

impl Serialize for IssueDate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for IssueDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <&str>::deserialize(deserializer)?;
        Self::parse(text).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_that_no_calendar_has_is_refused() {
        assert_eq!(IssueDate::parse("2018-02-31"), Err(DateError::Impossible("2018-02-31".into())));
        assert!(IssueDate::parse("2016-02-29").is_ok());
    }

    #[test]
    fn only_the_full_shape_is_a_date() {
        for text in ["2018-6-8", "08/06/2018", "2018-06-08T00:00", "", "２０１８-06-08", "2018-06-0é"] {
            assert_eq!(IssueDate::parse(text), Err(DateError::Shape(text.into())), "{text}");
        }
        assert!(matches!(IssueDate::parse("0018-06-08"), Err(DateError::OutOfRange(_))));
    }

    #[test]
    fn a_date_knows_its_folder() {
        assert_eq!(IssueDate::parse("2018-06-08").expect("a date").path(), "2018/06/08");
    }
}
