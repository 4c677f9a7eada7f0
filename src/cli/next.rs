//! `rotative next`: the day of the next issue that is open, and when it is due.

use std::path::Path;

use anyhow::{Context, anyhow};
use serde_json::json;

use crate::config::Config;
use crate::delivery::Schedule;
use crate::model::{IssueDate, Slot};

use super::filling::next_open;
use super::subscribers::Format;
use super::terminal::Terminal;
use super::{Outcome, day, now, open};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The first day of publication after this one [default: the first whose issue may still change]
    #[arg(long, value_name = "DATE", value_parser = day)]
    after: Option<IssueDate>,
    /// How it is written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

pub(super) fn run(args: &Args, root: &Path, terminal: &Terminal) -> anyhow::Result<Outcome> {
    let Some(project) = open(root, terminal) else { return Ok(Outcome::Findings) };
    let config = &project.config;
    let date = match args.after {
        Some(day) => after(config, day),
        None => next_open(&project, terminal),
    }?;
    let schedule = Schedule::new(config.timezone, &config.delivery);
    let due = schedule.due(Slot::daily(date)).with_timezone(&config.timezone);
    match args.format {
        Format::Text => terminal.result(&date.to_string()),
        Format::Json => {
            let value = json!({ "date": date.to_string(), "due": due.to_rfc3339() });
            terminal.result(&serde_json::to_string_pretty(&value)?);
        }
    }
    Ok(Outcome::Done)
}

/// The first day of publication after a day.
pub(super) fn after(config: &Config, day: IssueDate) -> anyhow::Result<IssueDate> {
    or_nothing(config.calendar.after(day))
}

/// The day of the next issue that is still to be sent, in the newsletter's time zone.
pub(super) fn due_next(config: &Config) -> anyhow::Result<IssueDate> {
    let schedule = Schedule::new(config.timezone, &config.delivery);
    let moment = chrono::DateTime::from_timestamp(now(), 0).unwrap_or_default();
    or_nothing(schedule.next(&config.calendar, moment))
}

/// A day of publication, if one comes.
pub(super) fn or_nothing(day: Option<IssueDate>) -> anyhow::Result<IssueDate> {
    day.ok_or_else(|| anyhow!("nothing appears within two years"))
        .context("the days stand in `calendar` of content/newsletter.yaml")
}
