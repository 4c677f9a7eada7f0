//! The day an article appeared, as pages write it.

use chrono::{DateTime, Datelike, FixedOffset};
use chrono_tz::Tz;

use crate::model::IssueDate;

/// Reads a moment or a day. Many sites write all moments in UTC: such a one counts as the day it was in `zone`. One with
/// another offset counts as the day its author wrote.
pub(super) fn day(text: &str, zone: Tz) -> Option<IssueDate> {
    let text = text.trim();
    let day = match moment(text) {
        Some(moment) if moment.offset().local_minus_utc() == 0 => {
            IssueDate::from(moment.with_timezone(&zone).date_naive())
        }
        Some(moment) => IssueDate::from(moment.date_naive()),
        None => IssueDate::parse(text.get(..10)?).ok()?,
    };
    // The first day that computers know is what they write when they know none.
    (day.year() > 1970).then_some(day)
}

fn moment(text: &str) -> Option<DateTime<FixedOffset>> {
    let moment = DateTime::parse_from_rfc3339(text)
        .or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%z"))
        .or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M%z"))
        .or_else(|_| DateTime::parse_from_rfc2822(text));
    // At the ends of the calendar, another zone has no day to show.
    moment.ok().filter(|moment| (1000..9999).contains(&moment.year()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_the_author_s_and_utc_is_nobody_s() {
        let read = |text: &str| day(text, chrono_tz::Europe::Paris).map(|day| day.to_string());
        for (text, found) in [
            ("2026-08-20", "2026-08-20"),
            ("2026-08-20T23:30:00+02:00", "2026-08-20"),
            ("2026-08-20T22:30:00Z", "2026-08-21"),
            ("2026-08-20T22:30:00.123+00:00", "2026-08-21"),
            ("2026-08-20T23:30:00-0400", "2026-08-20"),
            ("2026-08-20T23:30", "2026-08-20"),
            ("2026-08-20 23:30:00", "2026-08-20"),
            ("Thu, 20 Aug 2026 10:00:00 GMT", "2026-08-20"),
        ] {
            assert_eq!(read(text).as_deref(), Some(found), "{text}");
        }
        for text in
            ["", "yesterday", "1970-01-01T00:00:00Z", "2026-02-31", "20 août 2026", "+262142-12-31T23:59:59Z"]
        {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
