//! A finding on the page: what is wrong, the line it is about, and the way into the editor.

use std::fmt::Write;
use std::path::Path;

use serde::Serialize;

use crate::model::{Diagnostic, Location, Severity};

/// A finding as a template sees it.
#[derive(Debug, Serialize)]
pub(super) struct FindingView {
    severity: &'static str,
    rule: &'static str,
    message: String,
    hint: String,
    place: Option<PlaceView>,
}

/// A place in a file.
#[derive(Debug, Serialize)]
pub(super) struct PlaceView {
    /// `content/2018-06-08/google.md:4:10`.
    shown: String,
    /// The address that opens it in an editor; empty where there is no such file.
    editor: String,
    /// The file itself, for editors that have no address.
    file: String,
    /// The line; none for a file as a whole.
    excerpt: Option<Excerpt>,
}

#[derive(Debug, Serialize)]
struct Excerpt {
    number: usize,
    /// As wide as the number.
    gutter: String,
    before: String,
    meant: String,
    after: String,
    /// Carets under the part that is meant.
    caret: String,
}

impl FindingView {
    /// Prepares a finding for the page.
    pub(super) fn new(finding: &Diagnostic, root: &Path) -> Self {
        Self {
            severity: match finding.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
            },
            rule: finding.rule,
            message: finding.message.clone(),
            hint: finding.hint.clone().unwrap_or_default(),
            place: finding.location.as_ref().map(|place| PlaceView::new(place, root)),
        }
    }
}

impl PlaceView {
    fn new(place: &Location, root: &Path) -> Self {
        let spot = if place.line > 0 { format!(":{}:{}", place.line, place.column) } else { String::new() };
        let file = root.join(&place.path);
        let there = is_source(&place.path) && file.is_file();
        Self {
            shown: format!("{}{spot}", place.path),
            editor: if there { editor(&file, &spot) } else { String::new() },
            file: if there { format!("{}{spot}", file.display()) } else { String::new() },
            excerpt: (place.line > 0 && !place.excerpt.is_empty()).then(|| Excerpt::new(place)),
        }
    }
}

impl Excerpt {
    fn new(place: &Location) -> Self {
        let line: Vec<char> = place.excerpt.chars().collect();
        let start = place.column.saturating_sub(1).min(line.len());
        let end = (start + place.width.max(1)).min(line.len());
        let text = |part: &[char]| part.iter().collect::<String>();
        // A tab moves the caret as it moves the line.
        let indent = line[..start].iter().map(|character| if *character == '\t' { '\t' } else { ' ' });
        Self {
            number: place.line,
            gutter: " ".repeat(place.line.to_string().len()),
            before: text(&line[..start]),
            meant: text(&line[start..end]),
            after: text(&line[end..]),
            caret: indent.chain(std::iter::repeat_n('^', (end - start).max(1))).collect(),
        }
    }
}

/// The address that opens a file in an editor.
pub(super) fn editor(file: &Path, spot: &str) -> String {
    let mut address = "vscode://file".to_owned();
    for byte in file.to_string_lossy().bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            address.push(char::from(byte));
        } else {
            let _ = write!(address, "%{byte:02X}");
        }
    }
    address + spot
}

/// Whether a path is one of a file that somebody wrote.
fn is_source(path: &str) -> bool {
    path.starts_with("content/") || path.starts_with("templates/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caret_stands_under_what_is_meant() {
        let excerpt = "\tété: wold".to_owned();
        let place = Location { path: "content/a b.md".into(), line: 4, column: 7, width: 4, excerpt };
        let view = Excerpt::new(&place);
        assert_eq!(
            (view.before.as_str(), view.meant.as_str(), view.caret.as_str()),
            ("\tété: ", "wold", "\t     ^^^^")
        );
    }

    #[test]
    fn an_editor_is_given_an_address() {
        let address = editor(Path::new("/n/content/é \"b\".md"), ":4:7");
        assert_eq!(address, "vscode://file/n/content/%C3%A9%20%22b%22.md:4:7");
    }
}
