//! The words of the preview's pages.

use crate::build::{BoardSection, BoardWaiting, Lack};
use crate::model::Severity;

use super::state::{Fault, State};
use super::views::Badge;

/// How things stand: good, bad or busy, and in words.
pub(super) fn stand(state: &State) -> (&'static str, String) {
    match &state.fault {
        Some(Fault::Findings(report)) => ("bad", many(report.count(Severity::Error), "error", "errors")),
        Some(Fault::Output(_)) => ("bad", "nothing can be written".to_owned()),
        None if state.site.is_empty() => ("busy", "being built".to_owned()),
        None => ("good", format!("up to date, built in {} ms", state.took)),
    }
}

/// What an issue lacks.
pub(super) fn lack(lack: &Lack) -> String {
    match lack {
        Lack::Drafts(1) => "1 item is a draft, and will be left out".to_owned(),
        Lack::Drafts(count) => format!("{count} items are drafts, and will be left out"),
        Lack::Items { section, count, min } => {
            format!("the section “{section}” has {}; it needs at least {min}", many(*count, "item", "items"))
        }
        Lack::Lead => {
            "no item is marked `lead: true`: the first with a headline opens the subject".to_owned()
        }
        Lack::Mail => "content/newsletter.yaml has no `mail`: nothing can be sent".to_owned(),
    }
}

/// When an issue appears, as long as it has not.
pub(super) fn when(days_ahead: i64) -> Option<Badge> {
    let (kind, text) = match days_ahead {
        ..0 => return None,
        0 => ("now", "today".to_owned()),
        1 => ("soon", "tomorrow".to_owned()),
        2..=30 => ("soon", format!("in {days_ahead} days")),
        _ => ("soon", "to come".to_owned()),
    };
    Some(Badge { kind, text })
}

/// What of an issue is a draft.
pub(super) fn drafts(whole: bool, items: usize) -> Option<Badge> {
    let text = if whole { "draft".to_owned() } else { many(items, "draft", "drafts") };
    (whole || items > 0).then_some(Badge { kind: "draft", text })
}

/// How many items a section has.
pub(super) fn count(count: usize, max: Option<usize>) -> String {
    max.map_or_else(|| count.to_string(), |max| format!("{count} of {max}"))
}

/// What a section lacks or has too much of.
pub(super) fn fullness(section: &BoardSection) -> Option<Badge> {
    let count = section.count;
    let (kind, text) = match section.max {
        _ if section.lacking > 0 => ("draft", format!("lacks {}", section.lacking)),
        Some(max) if count > max => ("wrong", format!("{} too many", count - max)),
        Some(max) if count == max => ("now", "full".to_owned()),
        _ => return None,
    };
    Some(Badge { kind, text })
}

/// What becomes of an item of the queue.
pub(super) fn fate(item: &BoardWaiting) -> Badge {
    let (kind, text) = match item.state {
        "taken" => ("now", "in the issue, for now"),
        "no-room" => ("soon", "no room"),
        "not-before" => {
            let day = item.not_before.as_deref().unwrap_or_default();
            return Badge { kind: "soon", text: format!("not before {day}") };
        }
        "expired" => ("wrong", "expired"),
        "kept" => ("soon", "kept until it is taken"),
        "draft" => ("draft", "draft"),
        "name-taken" => ("wrong", "the issue has that name"),
        _ => ("soon", "waits"),
    };
    Badge { kind, text: text.to_owned() }
}

/// How long an item has waited.
pub(super) fn age(days: i64) -> String {
    match days {
        ..=0 => "here since today".to_owned(),
        1 => "here for 1 day".to_owned(),
        days => format!("here for {days} days"),
    }
}

/// How long an item may wait still.
pub(super) fn time_left(until: &str, days: i64) -> String {
    match days {
        ..0 => format!("expired on {until}"),
        0 => "expires today".to_owned(),
        1 => format!("expires tomorrow, {until}"),
        days => format!("expires in {days} days, {until}"),
    }
}

/// `21.4 kB`.
pub(super) fn size(bytes: usize) -> String {
    format!("{}.{} kB", bytes / 1000, bytes % 1000 / 100)
}

/// `3 items`.
pub(super) fn many(count: usize, one: &str, several: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { several })
}
