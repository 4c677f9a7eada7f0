//! What the templates of the preview may see.

use serde::Serialize;

use super::finding::FindingView;

/// A page: what all have, and its own.
#[derive(Debug, Serialize)]
pub(super) struct PageView<T> {
    /// The newsletter's title.
    pub(super) newsletter: String,
    /// Its language.
    pub(super) lang: String,
    /// What the page is called.
    pub(super) title: String,
    /// How things stand.
    pub(super) state: StateView,
    /// What is its own.
    pub(super) own: T,
}

/// How things stand.
#[derive(Debug, Serialize)]
pub(super) struct StateView {
    /// Counts the states.
    pub(super) number: u64,
    /// `good`, `bad` or `busy`.
    pub(super) kind: &'static str,
    /// The same in words.
    pub(super) text: String,
    /// Why the files are looked through; empty if they are not.
    pub(super) looking: String,
    /// What stops the build.
    pub(super) faults: Vec<FindingView>,
    /// How many more there are.
    pub(super) more: usize,
    /// Why the scratch folder could not be written; empty if it could.
    pub(super) output: String,
    /// Whether something older is shown.
    pub(super) older: bool,
}

/// The list of issues and the queue.
#[derive(Debug, Serialize)]
pub(super) struct ListView {
    /// The issues of this page.
    pub(super) issues: Vec<RowView>,
    /// How many there are in all.
    pub(super) count: usize,
    /// The number of this page, from 1.
    pub(super) page: usize,
    /// How many pages there are.
    pub(super) pages: usize,
    /// The page before; 0 for none.
    pub(super) newer: usize,
    /// The page after; 0 for none.
    pub(super) older: usize,
    /// What waits, at most so many.
    pub(super) queue: Vec<ItemView>,
    /// How much more waits.
    pub(super) more: usize,
}

/// An issue in the list.
#[derive(Debug, Serialize)]
pub(super) struct RowView {
    pub(super) slot: String,
    pub(super) name: String,
    pub(super) number: u32,
    pub(super) subject: String,
    pub(super) items: usize,
    pub(super) badges: Vec<Badge>,
}

/// The page of the board.
#[derive(Debug, Serialize)]
pub(super) struct BoardPage {
    /// The board; none where no issue comes.
    pub(super) board: Option<BoardView>,
}

/// How an issue fills up.
#[derive(Debug, Serialize)]
pub(super) struct BoardView {
    pub(super) slot: String,
    /// Its day in words.
    pub(super) day: String,
    /// Its number; 0 while nothing stands in it.
    pub(super) number: u32,
    pub(super) subject: String,
    pub(super) preheader: String,
    pub(super) badges: Vec<Badge>,
    pub(super) words: usize,
    pub(super) minutes: usize,
    /// In bytes.
    pub(super) html: usize,
    /// `21.4 kB`; empty while the mail cannot be made.
    pub(super) html_size: String,
    pub(super) text_size: String,
    /// `1 error`.
    pub(super) errors: String,
    /// `3 warnings`.
    pub(super) warnings: String,
    /// Of both, the worse: `error`, `warning` or `none`.
    pub(super) worst: &'static str,
    pub(super) sections: Vec<BoardSectionView>,
    pub(super) findings: Vec<FindingView>,
    /// How many more.
    pub(super) more: usize,
    pub(super) errata: Vec<ErratumView>,
    pub(super) queue: Vec<ItemView>,
}

/// A correction that the issue tells.
#[derive(Debug, Serialize)]
pub(super) struct ErratumView {
    /// What it mends.
    pub(super) name: String,
    pub(super) text: String,
    pub(super) date: String,
    pub(super) path: String,
    /// The address that opens it in an editor.
    pub(super) editor: String,
}

/// A section of the board.
#[derive(Debug, Serialize)]
pub(super) struct BoardSectionView {
    /// Its heading, or its name where it has none.
    pub(super) title: String,
    /// `3 of 8`.
    pub(super) count: String,
    /// What it lacks, or has too much of.
    pub(super) badge: Option<Badge>,
    pub(super) items: Vec<ItemView>,
}

/// A word about an issue or an item.
#[derive(Debug, Serialize)]
pub(super) struct Badge {
    /// `draft`, `soon`, `now` or `wrong`.
    pub(super) kind: &'static str,
    pub(super) text: String,
}

/// An item.
#[derive(Debug, Serialize)]
pub(super) struct ItemView {
    pub(super) name: String,
    pub(super) section: String,
    pub(super) path: String,
    /// What else is to be said of it.
    pub(super) notes: Vec<String>,
    /// The address that opens it in an editor.
    pub(super) editor: String,
    pub(super) badges: Vec<Badge>,
}

/// An issue.
#[derive(Debug, Serialize)]
pub(super) struct IssueView {
    pub(super) slot: String,
    pub(super) name: String,
    pub(super) number: u32,
    pub(super) badges: Vec<Badge>,
    /// The issue before; empty for none.
    pub(super) earlier: String,
    /// The issue after.
    pub(super) later: String,
    /// The mail as its reader meets it; `None` while there is none.
    pub(super) mail: Option<MailView>,
    /// What it lacks, in words.
    pub(super) lacks: Vec<String>,
    /// Its page in the web edition.
    pub(super) web: String,
    pub(super) tabs: Vec<TabView>,
    pub(super) panel: PanelView,
}

/// A mail in the inbox.
#[derive(Debug, Serialize)]
pub(super) struct MailView {
    pub(super) sender: String,
    /// The first letter of the sender.
    pub(super) initial: String,
    pub(super) subject: String,
    pub(super) preheader: String,
    /// In characters.
    pub(super) subject_length: usize,
    /// In bytes.
    pub(super) html: usize,
    /// `21.4 kB`.
    pub(super) html_size: String,
    pub(super) text_size: String,
    pub(super) letter_size: String,
    pub(super) links: usize,
}

/// A tab.
#[derive(Debug, Serialize)]
pub(super) struct TabView {
    pub(super) key: &'static str,
    pub(super) name: &'static str,
    pub(super) current: bool,
    /// How much is behind it; 0 is not shown.
    pub(super) count: usize,
}

/// What a tab shows.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub(super) enum PanelView {
    /// Pages, each on a screen of its own.
    Screens {
        /// The screens.
        screens: Vec<ScreenView>,
    },
    /// A text as it stands.
    Verbatim {
        /// What it is.
        label: &'static str,
        /// The text.
        text: String,
    },
    /// What the issue is made of.
    Contents {
        /// The introduction, if any, and the items in order.
        items: Vec<ItemView>,
    },
    /// How it fills up.
    Board {
        /// The board.
        board: Option<Box<BoardView>>,
    },
    /// What the copy editor says.
    Findings {
        /// Of this issue.
        own: Vec<FindingView>,
        /// How many more.
        own_more: usize,
        /// Of everything else.
        others: Vec<FindingView>,
        /// How many more.
        others_more: usize,
    },
    /// There is nothing to show yet.
    Nothing,
}

/// A screen within the page.
#[derive(Debug, Serialize)]
pub(super) struct ScreenView {
    pub(super) title: &'static str,
    pub(super) address: String,
    /// Changes with what is on it.
    pub(super) version: String,
    /// `light` or `dark`.
    pub(super) scheme: &'static str,
    /// `desk` or `phone`.
    pub(super) width: &'static str,
}
