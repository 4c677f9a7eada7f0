//! Whether an item may still join the issue of a day.

use anyhow::anyhow;

use crate::config::Project;
use crate::content::folder_of;
use crate::model::IssueDate;

use super::filling::{closed, known_closed, next_open};
use super::next::after;
use super::terminal::Terminal;
use super::today;

/// Where an item comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comes {
    /// From whoever writes it, and an issue of the past that lies there may be completed.
    Written,
    /// From the queue: what is past does not change because of it.
    Queued,
}

/// Refuses a day whose issue cannot change any more or would come too late; says where the calendar has no issue.
pub(super) fn join(
    project: &Project,
    date: IssueDate,
    comes: Comes,
    terminal: &Terminal,
) -> anyhow::Result<()> {
    let closed = match comes {
        // What moves of itself every morning stays where it is as long as nobody knows.
        Comes::Queued => closed(project)?,
        Comes::Written => known_closed(project, terminal),
    };
    let closed: Vec<IssueDate> = closed.into_iter().map(|closed| closed.date).collect();
    let refuse = |why: String| {
        let next = next_open(project, terminal);
        let hint = next.map_or_else(
            |_| "name a later issue".to_owned(),
            |next| format!("the next issue that is open is that of {next}"),
        );
        Err(anyhow!(why).context(hint))
    };
    if closed.contains(&date) {
        return refuse(format!("the issue of {date} is approved or sent; nothing is added to it"));
    }
    let begun = folder_of(&project.root.join("content"), date).is_dir();
    if date < today(project.config.timezone) && (comes == Comes::Queued || !begun) {
        return refuse(format!("the issue of {date} is past; nothing is added to it"));
    }
    if let Some(later) = closed.iter().max().filter(|later| date < **later && !begun) {
        return refuse(format!(
            "there is no issue of {date}, and one now would change the number of that of {later}, which is approved or sent"
        ));
    }
    let calendar = &project.config.calendar;
    // Whoever has no fixed day has no wrong one.
    if !calendar.days.is_empty() && !calendar.publishes(date) {
        let next = after(&project.config, date).map(|next| format!("; the next is that of {next}"));
        terminal.say(&format!(
            "warning: the calendar has no issue on {date}, a {}{}",
            date.day().format("%A"),
            next.unwrap_or_default()
        ));
    }
    Ok(())
}
