//! The files of a new newsletter, in French and in English; `DATE` stands for the day of its first issue.

use chrono_tz::Tz;

/// The files of a new newsletter, by path.
pub(super) type Files = &'static [(&'static str, &'static str)];

/// A new newsletter.
#[derive(Debug, Clone, Copy)]
pub(super) struct Starter {
    pub(super) files: Files,
    pub(super) timezone: Tz,
}

/// In French.
pub(super) const FRENCH: Files = &[
    (".gitignore", "/out/\n/.out.*\n/.rotative/\n/data/\n"),
    ("content/newsletter.yaml", include_str!("fr/newsletter.yaml")),
    ("content/blocks/subscribe.md", include_str!("fr/subscribe.md")),
    ("content/DATE/issue.md", include_str!("fr/issue.md")),
    ("content/DATE/premiere-breve.md", include_str!("fr/brief.md")),
    ("content/DATE/citation-du-jour.md", include_str!("fr/quote.md")),
    ("content/DATE/chiffre-du-jour.md", include_str!("fr/figure.md")),
];

/// In English.
pub(super) const ENGLISH: Files = &[
    (".gitignore", "/out/\n/.out.*\n/.rotative/\n/data/\n"),
    ("content/newsletter.yaml", include_str!("en/newsletter.yaml")),
    ("content/blocks/subscribe.md", include_str!("en/subscribe.md")),
    ("content/DATE/issue.md", include_str!("en/issue.md")),
    ("content/DATE/first-item.md", include_str!("en/brief.md")),
    ("content/DATE/quote-of-the-day.md", include_str!("en/quote.md")),
    ("content/DATE/figure-of-the-day.md", include_str!("en/figure.md")),
];
