//! When something appeared, and when it changed last.

use chrono::{SecondsFormat, TimeDelta, TimeZone};

use crate::config::Config;
use crate::issue::Published;
use crate::model::IssueDate;

/// When something of a day appeared: at the hour at which issues are sent, in the newsletter's zone.
pub(super) fn moment(config: &Config, date: IssueDate) -> String {
    moment_of(config, Change { date, corrections: 0 })
}

/// When something changed last. Each correction counts for a second: one of the very day of the issue is new to
/// whoever follows a feed, and so is another one of the same day.
pub(super) fn moment_of(config: &Config, change: Change) -> String {
    let local = change.date.day().and_time(config.delivery.send_at);
    let moment = config.timezone.from_local_datetime(&local).earliest();
    // An hour that a change of clocks leaves out is taken as one of UTC.
    let moment = moment.unwrap_or_else(|| config.timezone.from_utc_datetime(&local));
    (moment + TimeDelta::seconds(i64::from(change.corrections))).to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// The last change of something: the day, and how many corrections there had been by then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Change {
    pub(super) date: IssueDate,
    pub(super) corrections: u16,
}

impl Change {
    /// Of something that appeared on a day.
    pub(super) fn of(published: Published<'_>, date: IssueDate) -> Self {
        let corrections = &published.entry().corrections;
        let date = corrections.iter().map(|correction| correction.date).fold(date, IssueDate::max);
        Self { date, corrections: u16::try_from(corrections.len()).unwrap_or(u16::MAX) }
    }
}
