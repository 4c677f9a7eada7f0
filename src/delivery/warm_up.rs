//! How a new sender begins: so many letters the first day, over all relays together, and more each day.

use chrono::Days;
use chrono_tz::Tz;

use crate::config::WarmUp;
use crate::model::IssueDate;

use super::rate::RateRow;
use super::stamp::Stamp;
use super::timing::midnight;

/// What may still be sent today.
#[derive(Debug, Clone)]
pub struct Allowance {
    plan: WarmUp,
    zone: Tz,
    audience: u64,
    begins: Stamp,
    ends: Stamp,
    /// None once the plan allows the whole list.
    most: Option<u64>,
    taken: u64,
    fresh: bool,
}

const KEY: &str = "warm-up";

/// The letters of a day, or nothing once the plan allows more than the list has readers. The days before the first
/// are as the first: a new sender is not to be hurried.
pub fn letters(plan: &WarmUp, day: IssueDate, audience: u64) -> Option<u64> {
    let days = day.day().signed_duration_since(plan.start.day()).num_days().clamp(0, 10_000);
    let days = i32::try_from(days).unwrap_or(0);
    // The cast saturates, beyond any list.
    let most = (f64::from(plan.first) * plan.growth.powi(days)).floor() as u64;
    (most < audience).then_some(most)
}

impl Allowance {
    /// What a plan allows to a list of so many readers, in the newsletter's time zone, less what the ledger says
    /// has gone today.
    pub fn new(plan: WarmUp, zone: Tz, audience: u64, now: Stamp, rows: &[RateRow]) -> Self {
        let mut allowance = Self {
            plan,
            zone,
            audience,
            begins: Stamp::default(),
            ends: Stamp::default(),
            most: None,
            taken: 0,
            fresh: false,
        };
        allowance.turn(now);
        let today = rows.iter().find(|row| row.key == KEY && row.tat == allowance.begins.micros());
        allowance.taken = today.and_then(|row| u64::try_from(row.burst).ok()).unwrap_or(0);
        allowance
    }

    /// From when one more letter may go: now, or when the next day begins.
    pub fn frees(&mut self, now: Stamp) -> Stamp {
        self.turn(now);
        match self.most {
            Some(most) if self.taken >= most => self.ends,
            _ => now,
        }
    }

    /// Counts one letter.
    pub fn take(&mut self, now: Stamp) {
        self.turn(now);
        self.taken += 1;
        self.fresh = true;
    }

    /// What the ledger has to write down.
    pub fn row(&mut self) -> Option<RateRow> {
        std::mem::take(&mut self.fresh).then(|| RateRow {
            key: KEY.to_owned(),
            tat: self.begins.micros(),
            interval_us: self.ends.micros() - self.begins.micros(),
            burst: i64::try_from(self.taken).unwrap_or(i64::MAX),
        })
    }

    /// Begins a new day when the old one is over. A clock that goes back stays in the day it has been in.
    fn turn(&mut self, now: Stamp) {
        if now < self.ends {
            return;
        }
        let moment = chrono::DateTime::from_timestamp_micros(now.micros()).unwrap_or_default();
        let day = moment.with_timezone(&self.zone).date_naive();
        let tomorrow = day.checked_add_days(Days::new(1)).unwrap_or(day);
        self.begins = midnight(self.zone, day).into();
        self.ends = midnight(self.zone, tomorrow).into();
        self.most = letters(&self.plan, IssueDate::from(day), self.audience);
        (self.taken, self.fresh) = (0, false);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn date(text: &str) -> IssueDate {
        IssueDate::parse(text).expect("a date")
    }

    fn plan() -> WarmUp {
        WarmUp { start: date("2026-11-01"), first: 500, growth: 1.5 }
    }

    #[test]
    fn a_plan_grows_until_the_whole_list_fits() {
        let letters = |day| letters(&plan(), date(day), 5000);
        assert_eq!(letters("2026-10-25"), Some(500));
        assert_eq!(letters("2026-11-01"), Some(500));
        assert_eq!(letters("2026-11-02"), Some(750));
        assert_eq!(letters("2026-11-06"), Some(3796));
        assert_eq!(letters("2026-11-07"), None);
        assert_eq!(letters("2999-01-01"), None);
    }

    #[test]
    fn a_day_has_its_letters_whoever_takes_them_and_however_often_we_start() {
        let small = WarmUp { first: 3, ..plan() };
        let morning: chrono::DateTime<chrono::Utc> = "2026-11-01T05:00:00Z".parse().expect("a moment");
        let now = Stamp::from(morning);
        let mut allowance = Allowance::new(small, Tz::Europe__Paris, 100, now, &[]);
        allowance.take(now);
        allowance.take(now);
        assert_eq!(allowance.frees(now), now);
        let rows: Vec<RateRow> = allowance.row().into_iter().collect();
        let mut again = Allowance::new(small, Tz::Europe__Paris, 100, now, &rows);
        again.take(now);
        let midnight = now.after(Duration::from_secs(18 * 3600));
        assert_eq!(again.frees(now), midnight);
        assert_eq!(again.frees(midnight), midnight);
        let tomorrow = Allowance::new(small, Tz::Europe__Paris, 100, midnight, &rows).frees(midnight);
        assert_eq!(tomorrow, midnight);
    }
}
