//! Properties of what paces a run: buckets and quotas over any stretch of time and any restart, waits, slots.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, Timelike, Utc};
use chrono_tz::{TZ_VARIANTS, Tz};
use proptest::prelude::*;
use rotative::config::DeliverySettings;
use rotative::delivery::{Bucket, Crew, Lines, Quota, RateRow, Retry, Schedule, Span, Stamp, Timing, retry};
use rotative::model::{IssueDate, Slot};

const START: Stamp = Stamp::from_millis(1_700_000_000_000);

/// What a sender does: asks after a pause, or starts again with what the ledger holds.
#[derive(Debug, Clone)]
enum Step {
    Ask(u64),
    Restart,
}

fn steps(longest: u64) -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        12 => (0..200u64).prop_map(Step::Ask),
        4 => (0..longest).prop_map(Step::Ask),
        1 => Just(Step::Restart),
    ];
    prop::collection::vec(step, 1..400)
}

/// The most that lies in any window of a length, ends included.
fn densest(sent: &[Stamp], window: Duration) -> usize {
    let mut most = 0;
    let mut first = 0;
    for (at, stamp) in sent.iter().enumerate() {
        while stamp.since(sent[first]) > window {
            first += 1;
        }
        most = most.max(at + 1 - first);
    }
    most
}

fn write(ledger: &mut BTreeMap<String, RateRow>, rows: impl IntoIterator<Item = RateRow>) {
    ledger.extend(rows.into_iter().map(|row| (row.key.clone(), row)));
}

proptest! {
    #[test]
    fn no_window_holds_more_than_rate_times_window_and_burst(
        interval in 1_000..2_000_000u64,
        burst in 1..20u32,
        steps in steps(3_000_000),
        window in 1..20_000_000u64,
    ) {
        let mut bucket = Bucket::new(interval, burst);
        let (mut now, mut sent, mut ledger) = (START, Vec::new(), BTreeMap::new());
        for step in steps {
            match step {
                Step::Ask(pause) => {
                    now = now.after(Duration::from_micros(pause));
                    if let Err(wait) = bucket.take(now, 1) {
                        // What it says to wait is enough.
                        now = now.after(wait);
                        prop_assert_eq!(bucket.take(now, 1), Ok(()));
                    }
                    write(&mut ledger, bucket.row("main"));
                    sent.push(now);
                }
                Step::Restart => {
                    bucket = Bucket::new(interval, burst);
                    ledger.values().for_each(|row| bucket.resume(row));
                }
            }
        }
        let most = window / interval + u64::from(burst);
        prop_assert!(densest(&sent, Duration::from_micros(window)) as u64 <= most);
    }

    #[test]
    fn no_sliding_hour_or_day_holds_more_than_the_quota(
        quota in 1..60u32,
        steps in steps(1_800_000_000),
        day in any::<bool>(),
    ) {
        let (span, length, factor) = if day { (Span::Day, 86_400, 24) } else { (Span::Hour, 3_600, 1) };
        let mut known = Quota::new(span, quota);
        let (mut now, mut sent, mut ledger) = (START, Vec::new(), BTreeMap::new());
        for step in steps {
            match step {
                Step::Ask(pause) => {
                    now = now.after(Duration::from_micros(pause * factor));
                    if let Err(wait) = known.take(now) {
                        prop_assert!(wait <= Duration::from_secs(length + length / 50));
                        now = now.after(wait);
                        prop_assert_eq!(known.take(now), Ok(()));
                    }
                    let mut rows = Vec::new();
                    known.rows("main", &mut rows);
                    write(&mut ledger, rows);
                    sent.push(now);
                }
                Step::Restart => {
                    known = Quota::new(span, quota);
                    known.resume("main", ledger.values());
                }
            }
        }
        prop_assert!(densest(&sent, Duration::from_secs(length)) <= quota as usize);
        prop_assert!(ledger.len() <= 97);
    }

    #[test]
    fn a_retry_is_never_sooner_than_five_minutes_nor_behind_the_deadline(
        age in 0..200_000u64,
        left in 0..50_000u64,
        chance in any::<u64>(),
    ) {
        let now = START.after(Duration::from_secs(age));
        let deadline = now.after(Duration::from_secs(left));
        match retry(START, now, deadline, chance) {
            Retry::At(next) => {
                let wait = next.since(now).as_secs();
                prop_assert!((300..=5000).contains(&wait) && wait >= age.min(4000) && next <= deadline);
            }
            Retry::Never => prop_assert!(left < 5000),
        }
    }

    #[test]
    fn a_crew_keeps_its_bounds_whatever_happens(
        most in 1..64usize,
        events in prop::collection::vec((0..6u8, any::<u64>(), 0..40_000u64), 1..400),
    ) {
        let mut crew = Crew::new(most, 100);
        let (mut now, mut opening, mut ready) = (START, 0usize, 0usize);
        for (event, chance, pause) in events {
            now = now.after(Duration::from_millis(pause));
            match event {
                0 | 1 => match crew.ask(now) {
                    Lines::Open => opening += 1,
                    Lines::Wait(until) => {
                        let wait = until.since(now);
                        prop_assert!(wait > Duration::ZERO && wait <= Duration::from_secs(300));
                    }
                    Lines::Full => prop_assert!(opening + ready >= 1),
                },
                2 if opening > 0 => {
                    (opening, ready) = (opening - 1, ready + 1);
                    crew.opened();
                }
                3 if opening > 0 => {
                    opening -= 1;
                    crew.refused(now, chance);
                }
                4 if ready > 0 => crew.served(),
                5 if ready > 0 => {
                    ready -= 1;
                    crew.failed((chance % 3) as u32, now, chance);
                    crew.closed();
                }
                _ => {}
            }
            prop_assert!(opening + ready <= most);
            prop_assert!((1..=most).contains(&crew.size(now)));
        }
    }

    #[test]
    fn slots_come_one_after_the_other_in_every_zone(
        zone in prop::sample::select(TZ_VARIANTS.to_vec()),
        day in 0..40_000u64,
        minute in 0..1440u32,
    ) {
        let settings = DeliverySettings { send_at: time(minute), ..DeliverySettings::default() };
        let schedule = Schedule::new(zone, &settings);
        let first = NaiveDate::from_ymd_opt(1990, 1, 1).expect("a day") + Days::new(day);
        check_slot(&schedule, zone, first, minute)?;
    }
}

fn time(minute: u32) -> NaiveTime {
    NaiveTime::from_hms_opt(minute / 60, minute % 60, 0).expect("a time")
}

fn check_slot(schedule: &Schedule, zone: Tz, day: NaiveDate, minute: u32) -> Result<(), TestCaseError> {
    let slot = Slot::daily(IssueDate::from(day));
    let (due, next) = (schedule.due(slot), schedule.next_due(slot));
    let local = due.with_timezone(&zone);
    // Where the clocks are put forward over the time, the slot is the moment at which they are.
    let as_said = local.date_naive() == day && local.hour() * 60 + local.minute() == minute;
    let before = (due - chrono::TimeDelta::seconds(1)).with_timezone(&zone);
    let in_gap =
        before.naive_local() < day.and_time(time(minute)) && local.naive_local() > day.and_time(time(minute));
    prop_assert!(as_said || in_gap, "{zone} {day} {minute}: {local}");
    // The earliest moment that shows this time.
    let hour_before = (due - chrono::TimeDelta::hours(1)).with_timezone(&zone);
    prop_assert!(hour_before.naive_local() != local.naive_local(), "{zone} {day}: not the first");
    prop_assert!(next >= due, "{zone} {day}: the next slot comes before");
    let span = (next - due).num_hours();
    prop_assert!((0..=49).contains(&span), "{zone} {day}: {span} hours");
    let deadline = schedule.deadline(slot, due);
    prop_assert!(deadline <= next && deadline >= due);
    prop_assert_eq!(schedule.timing(slot, due), Timing::Now);
    prop_assert_eq!(schedule.timing(slot, due - chrono::TimeDelta::seconds(1)), Timing::Early(due));
    prop_assert!(matches!(
        schedule.timing(slot, schedule.stale(slot) + chrono::TimeDelta::seconds(1)),
        Timing::Late(_)
    ));
    Ok(())
}

#[test]
fn every_day_of_a_year_has_its_slot_in_every_zone() {
    let settings = DeliverySettings { send_at: time(150), ..DeliverySettings::default() };
    for zone in TZ_VARIANTS {
        let schedule = Schedule::new(zone, &settings);
        let mut last: Option<DateTime<Utc>> = None;
        for day in NaiveDate::from_ymd_opt(2026, 1, 1)
            .expect("a day")
            .iter_days()
            .take_while(|day| day.year() == 2026)
        {
            let due = schedule.due(Slot::daily(IssueDate::from(day)));
            assert!(last.is_none_or(|last| (20..=28).contains(&(due - last).num_hours())), "{zone} {day}");
            last = Some(due);
        }
    }
}
