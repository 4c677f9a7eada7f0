//! The tabs of an issue, as a table: to add one, add a row.

use super::look::Scheme;

/// A way to look at an issue.
#[derive(Debug)]
pub(super) struct Tab {
    /// Its part of the address.
    pub(super) key: &'static str,
    /// What it is called.
    pub(super) name: &'static str,
    /// What it shows.
    pub(super) show: Show,
}

/// What a tab shows.
#[derive(Debug)]
pub(super) enum Show {
    /// One page or several side by side, each on a screen of its own.
    Screens(&'static [Screen]),
    /// The plain text.
    Text,
    /// The letter as it travels.
    Source,
    /// What the issue is made of, and what it lacks.
    Contents,
    /// How it fills up, where it is the next one.
    Board,
    /// What the copy editor says.
    Findings,
}

/// A screen within the page.
#[derive(Debug)]
pub(super) struct Screen {
    /// What it is, for those who do not see it.
    pub(super) title: &'static str,
    /// The edition on it.
    pub(super) edition: Edition,
    /// Its colours.
    pub(super) scheme: Scheme,
    /// Its width.
    pub(super) width: Width,
}

/// What is on a screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Edition {
    /// The mail.
    Mail,
    /// The mail where pictures are not fetched.
    Bare,
    /// The web edition.
    Web,
}

/// How wide a screen is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Width {
    /// As wide as there is room.
    Desk,
    /// As a telephone.
    Phone,
}

const fn screen(title: &'static str, edition: Edition, scheme: Scheme, width: Width) -> Screen {
    Screen { title, edition, scheme, width }
}

/// All tabs, in order; the first is shown first.
pub(super) const TABS: &[Tab] = &[
    Tab {
        key: "mail",
        name: "Mail",
        show: Show::Screens(&[screen("The mail", Edition::Mail, Scheme::Light, Width::Desk)]),
    },
    Tab {
        key: "dark",
        name: "Dark",
        show: Show::Screens(&[screen("The mail, dark", Edition::Mail, Scheme::Dark, Width::Desk)]),
    },
    Tab {
        key: "phone",
        name: "Phone",
        show: Show::Screens(&[
            screen("The mail on a telephone", Edition::Mail, Scheme::Light, Width::Phone),
            screen("The mail on a telephone, dark", Edition::Mail, Scheme::Dark, Width::Phone),
        ]),
    },
    Tab {
        key: "bare",
        name: "No pictures",
        show: Show::Screens(&[screen(
            "The mail without pictures",
            Edition::Bare,
            Scheme::Light,
            Width::Desk,
        )]),
    },
    Tab { key: "text", name: "Text", show: Show::Text },
    Tab { key: "source", name: "Source", show: Show::Source },
    Tab {
        key: "web",
        name: "Web",
        show: Show::Screens(&[screen("The web edition", Edition::Web, Scheme::Light, Width::Desk)]),
    },
    Tab {
        key: "web-dark",
        name: "Web, dark",
        show: Show::Screens(&[screen("The web edition, dark", Edition::Web, Scheme::Dark, Width::Desk)]),
    },
    Tab {
        key: "web-phone",
        name: "Web, phone",
        show: Show::Screens(&[
            screen("The web edition on a telephone", Edition::Web, Scheme::Light, Width::Phone),
            screen("The web edition on a telephone, dark", Edition::Web, Scheme::Dark, Width::Phone),
        ]),
    },
    Tab { key: "contents", name: "Contents", show: Show::Contents },
    Tab { key: "board", name: "Board", show: Show::Board },
    Tab { key: "findings", name: "Findings", show: Show::Findings },
];

/// The tab of an address.
pub(super) fn find(key: &str) -> Option<&'static Tab> {
    TABS.iter().find(|tab| tab.key == key)
}
