//! Micro-typography: text as a typesetter would set it, in French and in English; any other language untouched.
//!
//! Works on runs: the inline content of one block, whatever its markup. Decides on the whole run, then hands the
//! pieces back to the nodes they came from. Linear in the length of the run.
//!
//! Never knows: Markdown, HTML, files, where a text is shown.

mod bonds;
mod dashes;
mod edits;
mod english;
pub mod findings;
mod french;
mod numbers;
mod ordinals;
mod protect;
mod quotes;
mod run;
mod seen;
mod spaces;
mod words;

use crate::config::{StrayNbsp, TypographyOptions, Widow};
use crate::model::Language;

pub use run::{Change, Piece, Run, RunKind};

/// U+00A0, the no-break space.
pub const NBSP: char = '\u{a0}';
/// U+202F, the narrow no-break space.
pub const NNBSP: char = '\u{202f}';

/// Sets a run by the rules of its language.
pub fn set(run: &mut Run, language: Language, options: &TypographyOptions) {
    if run.seen.plain() {
        return;
    }
    run.touch_empty();
    protect::protect(run);
    match language {
        Language::French => french::set(run, options),
        Language::English => english::set(run, options),
        Language::Arabic => return,
    }
    if options.widow == Widow::Headings && run.kind == RunKind::Heading {
        spaces::widow(run);
    }
    if options.stray_nbsp == StrayNbsp::Clean && run.seen.no_break() {
        spaces::clean(run);
    }
}

/// Sets a text without markup: a title, a caption, a subject.
pub fn set_text(text: &str, language: Language, options: &TypographyOptions) -> String {
    let mut run = Run::new(RunKind::Text);
    run.push(Piece::Text(text), 0);
    set(&mut run, language, options);
    if run.changed() { run.text() } else { text.to_owned() }
}

/// A set text for mail headers and plain text, where the narrow space is not safe: U+202F becomes U+00A0.
pub fn without_narrow(text: &str) -> String {
    if text.contains(NNBSP) { text.replace(NNBSP, "\u{a0}") } else { text.to_owned() }
}
