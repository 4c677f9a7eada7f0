//! What is due next and whether anything is dated for it; whether the clock can be believed.

use chrono::{DateTime, Utc};

use crate::config::Config;
use crate::delivery::Schedule;
use crate::model::{IssueDate, Slot};

use super::finding::Finding;

/// What is due next. `issues` are the days for which something is dated.
pub(super) fn next(config: &Config, issues: &[IssueDate], now: DateTime<Utc>) -> Finding {
    const CHECK: &str = "calendar";
    let schedule = Schedule::new(config.timezone, &config.delivery);
    let due = |date: IssueDate| schedule.due(Slot::daily(date));
    let Some(date) = schedule.next(&config.calendar, now) else {
        return Finding::warning(CHECK, "nothing appears within two years")
            .at("content/newsletter.yaml")
            .hint("see `calendar` in content/newsletter.yaml");
    };
    let hours = due(date).signed_duration_since(now).num_hours();
    let at = due(date).with_timezone(&config.timezone).format("%H:%M %Z");
    let place = format!("content/{date}");
    if issues.contains(&date) {
        Finding::ok(CHECK, format!("the issue of {date} is due at {at}, in {hours} hours")).at(place)
    } else {
        Finding::warning(CHECK, format!("nothing is dated {date}, which is due at {at}, in {hours} hours"))
            .at(place)
            .hint(format!("`rotative new \"Title\" --date {date}` starts it"))
    }
}

/// Whether the clock can be believed: it is not behind the program, nor behind the files.
pub(super) fn clock(now: DateTime<Utc>, newest_file: Option<DateTime<Utc>>) -> Finding {
    const CHECK: &str = "clock";
    let hint = "set the clock, and let a time service keep it";
    if now.timestamp() < BUILT {
        return Finding::error(CHECK, format!("the clock says {now}, which is before this program was made"))
            .hint(hint);
    }
    match newest_file {
        Some(file) if file.signed_duration_since(now).num_hours() >= 24 => {
            let message = format!("the clock says {now}, and a file was written at {file}");
            Finding::error(CHECK, message).hint(hint)
        }
        _ => Finding::ok(CHECK, format!("the clock says {}", now.format("%Y-%m-%d %H:%M UTC"))),
    }
}

/// No copy of this program is older: 1 January 2026.
const BUILT: i64 = 1_767_225_600;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::settle;
    use crate::doctor::finding::Health;
    use crate::model::Source;

    fn utc(text: &str) -> DateTime<Utc> {
        format!("{text}:00Z").parse().expect("a moment")
    }

    #[test]
    fn the_next_day_of_publication_is_found_over_weekend_and_holiday() {
        let text = "title: Le journal\nlanguage: fr\ntimezone: Europe/Paris\nbase_url: https://j.example\n\
            sections: [{name: brief}]\ncalendar: {days: [mon, tue, wed, thu, fri], holidays: FR}\n";
        let mut faults = Vec::new();
        let config = settle(&Source::new("content/newsletter.yaml", text), &mut faults).expect("settings");
        let dated = [IssueDate::parse("2026-07-15").expect("a date")];
        let next = |now| {
            let finding = next(&config, &dated, utc(now));
            (finding.severity, finding.message)
        };
        let said = (Health::Ok, "the issue of 2026-07-15 is due at 06:00 CEST, in 19 hours".to_owned());
        assert_eq!(next("2026-07-14T09:00"), said);
        let said = (
            Health::Warning,
            "nothing is dated 2026-07-20, which is due at 06:00 CEST, in 67 hours".to_owned(),
        );
        assert_eq!(next("2026-07-17T09:00"), said);
        assert!(next("2026-07-15T03:59").1.contains("in 0 hours"));
        assert!(next("2026-07-15T04:00").1.contains("2026-07-16"));
    }

    #[test]
    fn a_clock_that_has_lost_its_battery_is_noticed() {
        let (now, later) = (utc("2026-08-21T04:00"), utc("2026-08-23T04:00"));
        assert_eq!(clock(now, Some(now)).severity, Health::Ok);
        assert_eq!(clock(now, Some(later)).severity, Health::Error);
        assert_eq!(clock(utc("1970-01-01T00:10"), None).severity, Health::Error);
    }
}
