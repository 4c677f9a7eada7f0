//! On which days something appears: days of the week, public holidays, days that are left out.

use chrono::{Datelike, Days, NaiveDate};

use crate::model::IssueDate;

use super::settings::{Calendar, Holiday};

impl Calendar {
    /// Whether something appears on a day.
    pub fn publishes(&self, date: IssueDate) -> bool {
        let left_out = self.except.iter().any(|(first, last)| (*first..=*last).contains(&date));
        let holiday = self.holidays.iter().any(|holiday| holiday.covers(date.day()));
        self.days.contains(&date.weekday()) && !left_out && !holiday
    }

    /// The first day of publication on or after a day; `None` when none comes within two years.
    pub fn next(&self, from: IssueDate) -> Option<IssueDate> {
        const FARTHEST: u64 = 731;
        let ahead = |days| from.day().checked_add_days(Days::new(days)).map(IssueDate::from);
        (0..=FARTHEST).filter_map(ahead).find(|date| self.publishes(*date))
    }

    /// The first day of publication after a day.
    pub fn after(&self, day: IssueDate) -> Option<IssueDate> {
        self.next(day.day().succ_opt().map(IssueDate::from)?)
    }
}

impl Holiday {
    fn covers(self, day: NaiveDate) -> bool {
        match self {
            Self::France => is_french_holiday(day),
            Self::AlsaceMoselle => {
                let good_friday = easter(day.year()).and_then(|easter| easter.checked_sub_days(Days::new(2)));
                is_french_holiday(day) || good_friday == Some(day) || (day.month(), day.day()) == (12, 26)
            }
            Self::Yearly(month, of_month) => (day.month(), day.day()) == (month, of_month),
            Self::Day(date) => date.day() == day,
        }
    }
}

/// The eleven days of the French code of labour (L3133-1).
fn is_french_holiday(day: NaiveDate) -> bool {
    let fixed = [(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)];
    let moving = [1, 39, 50];
    let easter = easter(day.year());
    fixed.contains(&(day.month(), day.day()))
        || moving
            .iter()
            .any(|days| easter.and_then(|easter| easter.checked_add_days(Days::new(*days))) == Some(day))
}

/// Easter Sunday of the Gregorian calendar (Meeus, Jones and Butcher).
fn easter(year: i32) -> Option<NaiveDate> {
    let (a, b, c) = (year % 19, year / 100, year % 100);
    let (d, e) = (b / 4, b % 4);
    let g = (8 * b + 13) / 25;
    let h = (19 * a + b - d - g + 15) % 30;
    let (i, k) = (c / 4, c % 4);
    let l = (32 + 2 * e + 2 * i - h - k) % 7;
    let m = (a + 11 * h + 19 * l) / 433;
    let month = (h + l - 7 * m + 90) / 25;
    let day = (h + l - 7 * m + 33 * month + 19) % 32;
    NaiveDate::from_ymd_opt(year, u32::try_from(month).ok()?, u32::try_from(day).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::Weekday;

    fn date(text: &str) -> IssueDate {
        IssueDate::parse(text).expect("a date")
    }

    #[test]
    fn easter_falls_where_the_almanacs_say() {
        for day in
            ["1818-03-22", "1943-04-25", "2000-04-23", "2018-04-01", "2024-03-31", "2026-04-05", "2038-04-25"]
        {
            let day = date(day).day();
            assert_eq!(easter(day.year()), Some(day));
        }
    }

    #[test]
    fn nothing_appears_on_holidays_and_on_days_left_out() {
        let calendar = Calendar {
            days: vec![Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri],
            holidays: vec![Holiday::France],
            except: vec![(date("2026-08-03"), date("2026-08-21"))],
        };
        // Easter Monday, Ascension Day, Whit Monday, Bastille Day, a holiday at the office, a Sunday.
        for day in
            ["2026-04-06", "2026-05-14", "2026-05-25", "2026-07-14", "2026-08-03", "2026-08-21", "2026-08-23"]
        {
            assert!(!calendar.publishes(date(day)), "{day}");
        }
        for day in ["2026-04-03", "2026-05-15", "2026-08-24"] {
            assert!(calendar.publishes(date(day)), "{day}");
        }
        let without = Calendar { holidays: Vec::new(), ..calendar.clone() };
        assert!(without.publishes(date("2026-07-14")));
        let own = vec![Holiday::AlsaceMoselle, Holiday::Yearly(12, 24), Holiday::Day(date("2026-12-31"))];
        let own = Calendar { holidays: own, ..calendar };
        for (day, appears) in [
            ("2026-04-03", false),
            ("2025-12-26", false),
            ("2026-07-14", false),
            ("2026-12-24", false),
            ("2025-12-24", false),
            ("2026-12-31", false),
            ("2025-12-31", true),
        ] {
            assert_eq!(own.publishes(date(day)), appears, "{day}");
        }
    }

    #[test]
    fn the_next_day_of_publication_lies_beyond_weekend_holidays_and_summer() {
        let calendar = Calendar {
            days: vec![Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri],
            holidays: vec![Holiday::France],
            except: vec![(date("2026-08-03"), date("2026-08-21"))],
        };
        for (from, next) in [
            ("2026-04-03", "2026-04-03"),
            ("2026-04-04", "2026-04-07"),
            ("2026-08-01", "2026-08-24"),
            ("2026-12-25", "2026-12-28"),
        ] {
            assert_eq!(calendar.next(date(from)), Some(date(next)), "{from}");
        }
        assert_eq!(Calendar { days: Vec::new(), ..calendar }.next(date("2026-01-01")), None);
    }
}
