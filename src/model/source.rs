//! A source file as text: where it lies, what it says, and the place of anything in it.

use std::sync::Arc;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use super::diagnostic::{Diagnostic, Location};

/// The text of a file: no byte-order mark, `\n` alone at line ends, characters composed (NFC).
#[derive(Debug, Clone)]
pub struct Source {
    path: Arc<str>,
    text: Arc<str>,
}

/// A place in a source that is known by other means: cheap to keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spot {
    /// Counted from 1.
    pub line: usize,
    /// Counted from 1, in characters.
    pub column: usize,
    /// In characters.
    pub width: usize,
}

impl Source {
    /// Takes a text that is known to be clean; `path` is how messages name it.
    pub fn new(path: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> Self {
        Self { path: path.into(), text: text.into() }
    }

    /// Reads the bytes of a file. A byte-order mark is dropped with a warning; bytes that are not UTF-8,
    /// control characters and U+FFFD are errors, each with its place.
    pub fn decode(path: &str, bytes: Vec<u8>, findings: &mut Vec<Diagnostic>) -> Option<Self> {
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                findings.push(not_utf8(path, error.as_bytes(), error.utf8_error().valid_up_to()));
                return None;
            }
        };
        let source = Self::new(path, tidy(path, text, findings));
        let broken = source.broken_characters();
        if broken.is_empty() {
            return Some(source);
        }
        findings.extend(broken);
        None
    }

    /// How messages name the file: relative to the newsletter's root, with `/`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// A line, counted from 1, without its end.
    pub fn line(&self, number: usize) -> &str {
        self.text.split('\n').nth(number.saturating_sub(1)).unwrap_or("")
    }

    /// A place: line and column counted from 1, columns and width in characters.
    pub fn at(&self, line: usize, column: usize, width: usize) -> Location {
        let excerpt = self.line(line);
        let length = excerpt.chars().count();
        let column = column.clamp(1, length + 1);
        let width = width.clamp(1, (length + 1 - column).max(1));
        Location { path: self.path.to_string(), line, column, width, excerpt: excerpt.to_owned() }
    }

    /// The place of a spot.
    pub fn spot(&self, spot: Spot) -> Location {
        self.at(spot.line, spot.column, spot.width)
    }

    /// The place of a byte range of the text.
    pub fn at_bytes(&self, range: std::ops::Range<usize>) -> Location {
        let before = &self.text[..range.start];
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        let width = self.text[range].chars().take_while(|character| *character != '\n').count();
        self.at(line, column, width)
    }

    fn broken_characters(&self) -> Vec<Diagnostic> {
        let broken = |character: &char| match character {
            '\n' | '\t' => false,
            '\u{fffd}' => true,
            other => other.is_control(),
        };
        let found = self.text.char_indices().filter(|(_, character)| broken(character)).take(20);
        found
            .map(|(at, character)| {
                let message = format!("the character U+{:04X} is not text", u32::from(character));
                Diagnostic::error("control-character", message)
                    .at(self.at_bytes(at..at + character.len_utf8()))
                    .hint("delete it; a text of another encoding must be saved as UTF-8")
            })
            .collect()
    }
}

fn tidy(path: &str, text: String, findings: &mut Vec<Diagnostic>) -> String {
    let text = match text.strip_prefix('\u{feff}') {
        Some(rest) => {
            let first = rest.lines().next().unwrap_or("").to_owned();
            let place = Location { path: path.to_owned(), line: 1, column: 1, width: 1, excerpt: first };
            findings.push(
                Diagnostic::warning("byte-order-mark", "the file starts with a byte-order mark")
                    .at(place)
                    .hint("save it as UTF-8 without BOM; it was read as if it had none"),
            );
            rest.to_owned()
        }
        None => text,
    };
    let text = if text.contains('\r') { text.replace("\r\n", "\n") } else { text };
    match is_nfc_quick(text.chars()) {
        IsNormalized::Yes => text,
        _ => text.nfc().collect(),
    }
}

fn not_utf8(path: &str, bytes: &[u8], bad: usize) -> Diagnostic {
    let start = bytes[..bad].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let line = bytes[..bad].iter().filter(|byte| **byte == b'\n').count() + 1;
    let end = bytes[bad..].iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |at| bad + at);
    let column = String::from_utf8_lossy(&bytes[start..bad]).chars().count() + 1;
    let excerpt = String::from_utf8_lossy(&bytes[start..end]).trim_end().to_owned();
    Diagnostic::error("not-utf-8", format!("the byte 0x{:02X} is not UTF-8", bytes[bad]))
        .at(Location { path: path.to_owned(), line, column, width: 1, excerpt })
        .hint("save the file as UTF-8 (it looks like Latin-1 or Windows-1252)")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(bytes: &[u8]) -> (Option<Source>, Vec<Diagnostic>) {
        let mut findings = Vec::new();
        let source = Source::decode("a.md", bytes.to_vec(), &mut findings);
        (source, findings)
    }

    #[test]
    fn windows_line_ends_are_fine() {
        let (source, findings) = decode(b"a\r\nb\r\n");
        assert_eq!(source.expect("a source").text(), "a\nb\n");
        assert!(findings.is_empty());
    }

    #[test]
    fn latin_1_is_refused_with_its_place() {
        let (source, findings) = decode(b"ok\nun \xe9t\xe9\n");
        assert!(source.is_none());
        let place = findings[0].location.as_ref().expect("a place");
        assert_eq!((place.line, place.column), (2, 4));
    }

    #[test]
    fn accents_typed_in_two_characters_are_composed() {
        let (source, _) = decode("e\u{301}".as_bytes());
        assert_eq!(source.expect("a source").text(), "é");
    }

    #[test]
    fn a_place_never_leaves_its_line() {
        let source = Source::new("a", "été\nx");
        let place = source.at(1, 99, 99);
        assert_eq!((place.column, place.width), (4, 1));
        assert_eq!(source.at_bytes(3..5).column, 3);
    }
}
