//! The words of the preview's pages.

use crate::build::Lack;
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
            format!("the section “{section}” has {}, {min} at least", many(*count, "item", "items"))
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

/// `21.4 kB`.
pub(super) fn size(bytes: usize) -> String {
    format!("{}.{} kB", bytes / 1000, bytes % 1000 / 100)
}

fn many(count: usize, one: &str, several: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { several })
}
