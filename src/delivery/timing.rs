//! When an issue is due, from when it is too late, and until when its letters are tried, in the newsletter's own
//! time zone.

use std::time::Duration;

use chrono::{DateTime, Days, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

use crate::config::{Calendar, DeliverySettings};
use crate::model::{IssueDate, IssueKind, Slot};

/// When issues are sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    zone: Tz,
    send_at: NaiveTime,
    not_after: Option<NaiveTime>,
    max_lateness: Duration,
    deadline: Duration,
    cool_down: Duration,
}

/// Whether an issue may begin now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timing {
    /// Its time is still to come.
    Early(DateTime<Utc>),
    /// It may.
    Now,
    /// It is too late by so much: the slot is expired.
    Late(Duration),
}

impl Schedule {
    /// The schedule of the settings.
    pub fn new(zone: Tz, settings: &DeliverySettings) -> Self {
        Self {
            zone,
            send_at: settings.send_at,
            not_after: settings.not_after,
            max_lateness: settings.max_lateness,
            deadline: settings.deadline,
            cool_down: settings.cool_down,
        }
    }

    /// When an issue is due.
    pub fn due(&self, slot: Slot) -> DateTime<Utc> {
        moment(self.zone, slot.date, self.send_at)
    }

    /// The first day of publication whose issue is due after `now`; `None` when none comes within two years.
    pub fn next(&self, calendar: &Calendar, now: DateTime<Utc>) -> Option<IssueDate> {
        let today = calendar.next(self.today(now))?;
        if self.due(Slot::daily(today)) > now {
            return Some(today);
        }
        calendar.next(today.day().checked_add_days(Days::new(1)).map(IssueDate::from)?)
    }

    /// When the next issue of the same kind could be due: the next day, or the next week.
    pub fn next_due(&self, slot: Slot) -> DateTime<Utc> {
        let days = match slot.kind {
            IssueKind::Daily => 1,
            IssueKind::Weekly => 7,
        };
        let next = slot.date.day().checked_add_days(Days::new(days)).map(IssueDate::from);
        next.map_or(DateTime::<Utc>::MAX_UTC, |date| moment(self.zone, date, self.send_at))
    }

    /// From when an issue is too late: it has waited too long, or the day is no longer young enough for it.
    pub fn stale(&self, slot: Slot) -> DateTime<Utc> {
        let late = later(self.due(slot), self.max_lateness);
        match self.not_after {
            Some(time) => late.min(moment(self.zone, slot.date, time)),
            None => late,
        }
    }

    /// Whether an issue may begin now. An issue that has begun in time is not asked again.
    pub fn timing(&self, slot: Slot, now: DateTime<Utc>) -> Timing {
        let (due, stale) = (self.due(slot), self.stale(slot));
        if now < due {
            return Timing::Early(due);
        }
        match now.signed_duration_since(stale).to_std() {
            Ok(late) if late > Duration::ZERO => Timing::Late(late),
            _ => Timing::Now,
        }
    }

    /// Until when the letters of an issue that began at `started` are tried; never past the next issue.
    pub fn deadline(&self, slot: Slot, started: DateTime<Utc>) -> DateTime<Utc> {
        later(started, self.deadline).min(self.next_due(slot))
    }

    /// Until when an issue approved at `approved` can still be stopped before its first letter.
    pub fn cool_down(&self, approved: DateTime<Utc>) -> DateTime<Utc> {
        later(approved, self.cool_down)
    }

    /// The day it is in the newsletter's time zone.
    pub fn today(&self, now: DateTime<Utc>) -> IssueDate {
        IssueDate::from(now.with_timezone(&self.zone).date_naive())
    }
}

/// The moment of a local time. A time that comes twice, because clocks are put back, is its first; one that never
/// comes, because they are put forward, is the moment at which they are.
pub(super) fn moment(zone: Tz, date: IssueDate, time: NaiveTime) -> DateTime<Utc> {
    let local = date.day().and_time(time);
    at(zone, local).unwrap_or_else(|| after_gap(zone, local))
}

fn at(zone: Tz, local: NaiveDateTime) -> Option<DateTime<Utc>> {
    match zone.from_local_datetime(&local) {
        LocalResult::Single(moment) => Some(moment.with_timezone(&Utc)),
        LocalResult::Ambiguous(one, other) => Some(one.min(other).with_timezone(&Utc)),
        LocalResult::None => None,
    }
}

/// The first moment after a gap: by the minute forwards, then by the second back. Islands that changed the side of
/// the date line left out a whole day.
fn after_gap(zone: Tz, local: NaiveDateTime) -> DateTime<Utc> {
    let step = |minutes: i64, seconds: i64| {
        let moved = local.checked_add_signed(TimeDelta::seconds(minutes * 60 + seconds))?;
        at(zone, moved)
    };
    let Some(minute) = (1..=26 * 60).find(|minute| step(*minute, 0).is_some()) else {
        return local.and_utc();
    };
    let first = (-59..=0).find_map(|second| step(minute, second));
    first.unwrap_or_else(|| local.and_utc())
}

/// The beginning of a local day.
pub(super) fn midnight(zone: Tz, day: NaiveDate) -> DateTime<Utc> {
    moment(zone, IssueDate::from(day), NaiveTime::MIN)
}

fn later(moment: DateTime<Utc>, span: Duration) -> DateTime<Utc> {
    TimeDelta::from_std(span)
        .ok()
        .and_then(|span| moment.checked_add_signed(span))
        .unwrap_or(DateTime::<Utc>::MAX_UTC)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> IssueDate {
        IssueDate::parse(text).expect("a date")
    }

    fn utc(text: &str) -> DateTime<Utc> {
        format!("{text}:00Z").parse().expect("a moment")
    }

    fn time(text: &str) -> NaiveTime {
        NaiveTime::parse_from_str(text, "%H:%M").expect("a time")
    }

    fn paris(change: impl FnOnce(&mut DeliverySettings)) -> Schedule {
        let mut settings = DeliverySettings::default();
        change(&mut settings);
        Schedule::new(Tz::Europe__Paris, &settings)
    }

    #[test]
    fn six_in_the_morning_follows_the_clocks() {
        let schedule = paris(|_| ());
        for (day, due) in [
            ("2026-03-28", "2026-03-28T05:00"),
            ("2026-03-29", "2026-03-29T04:00"),
            ("2026-10-24", "2026-10-24T04:00"),
            ("2026-10-25", "2026-10-25T05:00"),
        ] {
            assert_eq!(schedule.due(Slot::daily(date(day))), utc(due), "{day}");
        }
    }

    #[test]
    fn a_time_that_never_comes_is_the_next_and_one_that_comes_twice_the_first() {
        let schedule = paris(|settings| settings.send_at = time("02:30"));
        assert_eq!(schedule.due(Slot::daily(date("2026-03-29"))), utc("2026-03-29T01:00"));
        assert_eq!(schedule.due(Slot::daily(date("2026-10-25"))), utc("2026-10-25T00:30"));
        // Lord Howe moves by half an hour; Samoa left out 30 December 2011.
        let moved = moment(Tz::Australia__Lord_Howe, date("2026-10-04"), time("02:15"));
        assert_eq!(moved, utc("2026-10-03T15:30"));
        let left_out = moment(Tz::Pacific__Apia, date("2011-12-30"), time("06:00"));
        assert_eq!(left_out, utc("2011-12-30T10:00"));
    }

    #[test]
    fn a_machine_that_was_off_for_two_hours_sends_and_for_thirteen_does_not() {
        let (schedule, slot) = (paris(|_| ()), Slot::daily(date("2026-08-21")));
        let timing = |moment| schedule.timing(slot, utc(moment));
        assert_eq!(timing("2026-08-20T20:00"), Timing::Early(utc("2026-08-21T04:00")));
        assert_eq!(timing("2026-08-21T04:00"), Timing::Now);
        assert_eq!(timing("2026-08-21T06:00"), Timing::Now);
        assert_eq!(timing("2026-08-21T10:00"), Timing::Now);
        assert_eq!(timing("2026-08-21T17:00"), Timing::Late(Duration::from_secs(7 * 3600)));
    }

    #[test]
    fn a_stale_morning_is_refused_before_it_is_six_hours_old() {
        let schedule = paris(|settings| settings.not_after = Some(time("09:30")));
        let slot = Slot::daily(date("2026-08-21"));
        assert_eq!(schedule.timing(slot, utc("2026-08-21T07:30")), Timing::Now);
        assert_eq!(schedule.timing(slot, utc("2026-08-21T07:31")), Timing::Late(Duration::from_secs(60)));
    }

    #[test]
    fn letters_are_not_tried_past_the_next_issue() {
        let schedule = paris(|settings| settings.deadline = Duration::from_secs(3 * 86_400));
        let started = utc("2026-03-28T05:00");
        assert_eq!(schedule.deadline(Slot::daily(date("2026-03-28")), started), utc("2026-03-29T04:00"));
        assert_eq!(schedule.deadline(Slot::weekly(date("2026-03-28")), started), utc("2026-03-31T05:00"));
        let usual = paris(|_| ());
        assert_eq!(usual.deadline(Slot::daily(date("2026-03-28")), started), utc("2026-03-28T17:00"));
    }

    #[test]
    fn an_approved_issue_cools_down() {
        let schedule = paris(|settings| settings.cool_down = Duration::from_secs(600));
        assert_eq!(schedule.cool_down(utc("2026-08-21T03:00")), utc("2026-08-21T03:10"));
        assert_eq!(schedule.today(utc("2026-08-20T22:30")), date("2026-08-21"));
    }

    #[test]
    fn the_last_day_of_all_has_no_next() {
        assert!(paris(|_| ()).next_due(Slot::daily(date("9999-12-31"))) > utc("9999-12-31T00:00"));
    }
}
