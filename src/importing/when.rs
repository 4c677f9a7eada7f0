//! Days as other systems write them.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime};
use chrono_tz::Tz;

use crate::model::IssueDate;

/// A moment as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct When {
    written: NaiveDateTime,
    offset: Option<FixedOffset>,
}

impl When {
    /// Reads the usual ways of writing a date, with or without time and offset.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Ok(moment) = DateTime::parse_from_rfc2822(text) {
            return Some(Self { written: moment.naive_local(), offset: Some(*moment.offset()) });
        }
        let (day, rest) = numbers(text).or_else(|| words(text))?;
        let rest = rest.trim_start_matches(['T', 't', ' ', ',']);
        let length =
            rest.find(|c: char| !(c.is_ascii_digit() || matches!(c, ':' | '.'))).unwrap_or(rest.len());
        let (time, zone) = rest.split_at(length);
        let time = time_of_day(time).unwrap_or_default();
        Some(Self { written: day.and_time(time), offset: offset(zone.trim()) })
    }

    /// The day that its author wrote.
    pub(super) fn day(self) -> IssueDate {
        IssueDate::from(self.written.date())
    }

    /// The moment as a time zone shows it, where it names an instant at all.
    pub(super) fn in_zone(self, zone: Option<Tz>) -> Self {
        let instant = self.offset.and_then(|offset| self.written.and_local_timezone(offset).single());
        match (instant, zone) {
            (Some(instant), Some(zone)) => {
                Self { written: instant.with_timezone(&zone).naive_local(), offset: None }
            }
            _ => self,
        }
    }

    /// Day and time, for addresses that hold them.
    pub(super) fn written(self) -> NaiveDateTime {
        self.written
    }
}

/// `2018-06-08`, `2018/6/8`, `20180608` at the start of a text, and what follows.
fn numbers(text: &str) -> Option<(NaiveDate, &str)> {
    let part = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let year = part(text);
    if year == 8 {
        return Some((NaiveDate::parse_from_str(&text[..8], "%Y%m%d").ok()?, &text[8..]));
    }
    let mark = text[year..].chars().next().filter(|mark| year == 4 && matches!(mark, '-' | '/' | '.'))?;
    let rest = &text[year + 1..];
    let month = part(rest);
    let last = rest[month..].strip_prefix(mark)?;
    let day = part(last);
    let date = NaiveDate::from_ymd_opt(
        text[..year].parse().ok()?,
        rest[..month].parse().ok()?,
        last[..day].parse().ok()?,
    )?;
    (date.format("%Y").to_string().as_str() >= "1000").then_some((date, &last[day..]))
}

/// `June 8, 2018` or `8 June 2018`.
fn words(text: &str) -> Option<(NaiveDate, &str)> {
    let formats = ["%B %d, %Y", "%d %B %Y", "%B %d %Y", "%A, %B %d, %Y"];
    formats.iter().find_map(|format| NaiveDate::parse_and_remainder(text, format).ok())
}

fn time_of_day(text: &str) -> Option<NaiveTime> {
    let mut parts = text.split(':').map(|part| part.split('.').next().unwrap_or("").parse::<u32>().ok());
    let (hour, minute) = (parts.next()??, parts.next().flatten().unwrap_or(0));
    NaiveTime::from_hms_opt(hour, minute, parts.next().flatten().unwrap_or(0))
}

/// `Z`, `UTC`, `+02:00`, `-0500`.
fn offset(text: &str) -> Option<FixedOffset> {
    if matches!(text, "Z" | "z" | "UTC" | "GMT") {
        return FixedOffset::east_opt(0);
    }
    let (sign, rest) = match text.strip_prefix('+') {
        Some(rest) => (1, rest),
        None => (-1, text.strip_prefix('-')?),
    };
    let digits: String = rest.chars().filter(char::is_ascii_digit).take(4).collect();
    let number = |range: std::ops::Range<usize>| digits.get(range).and_then(|part| part.parse::<i32>().ok());
    FixedOffset::east_opt(sign * (number(0..2)? * 3600 + number(2..4).unwrap_or(0) * 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Option<String> {
        When::parse(text).map(|when| when.day().to_string())
    }

    #[test]
    fn the_usual_ways_of_writing_a_day_are_read() {
        for text in [
            "2018-06-08",
            "2018-6-8",
            "2018/06/08 10:00",
            "20180608",
            "2018-06-08T23:59:59+02:00",
            "2018-06-08 23:59:59.000000000 +00:00",
            "2018-06-08 23:59 -0500",
            "June 8, 2018",
            "8 June 2018",
            "Fri, 08 Jun 2018 10:00:00 +0000",
        ] {
            assert_eq!(day(text).as_deref(), Some("2018-06-08"), "{text}");
        }
        for text in
            ["", "2018-06", "0001-01-01T00:00:00Z", "2018-02-31", "yesterday", "0000-00-00 00:00:00", "é"]
        {
            assert_eq!(day(text), None, "{text}");
        }
    }

    #[test]
    fn an_instant_has_its_day_by_the_zone() {
        let when = When::parse("2018-06-08T23:30:00Z").expect("a moment");
        assert_eq!(when.in_zone(Some(Tz::Europe__Paris)).day().to_string(), "2018-06-09");
        let local = When::parse("2018-06-08 23:30").expect("a moment");
        assert_eq!(local.in_zone(Some(Tz::Europe__Paris)).day().to_string(), "2018-06-08");
    }
}
