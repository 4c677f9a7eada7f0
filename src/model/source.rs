//! A source file as text: where it lies, what it says, and the place of anything in it.

use std::borrow::Cow;
use std::fmt;
use std::string::FromUtf8Error;
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use super::diagnostic::{Diagnostic, Location};

/// The text of a file: no byte-order mark, `\n` alone at line ends, characters composed (NFC).
/// One that is known from an earlier reading is fetched when somebody asks for it, not before.
#[derive(Clone)]
pub struct Source {
    path: Arc<str>,
    text: Arc<Text>,
    number: Option<u32>,
}

/// A text, or where to fetch it.
#[derive(Default)]
struct Text {
    read: OnceLock<String>,
    from: Option<(Arc<dyn Fetch>, [u8; 32])>,
}

/// Fetches the text of a file that was read and judged before.
pub trait Fetch: Send + Sync {
    /// The text of the file that messages call `path`, whose bytes had this SHA-256. One that cannot be had any
    /// more is empty: who fetches remembers that, and nothing that was made of it may be kept.
    fn fetch(&self, path: &str, digest: &[u8; 32]) -> String;
}

/// A place in a source that is known by other means: cheap to keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spot {
    /// Counted from 1.
    pub line: usize,
    /// Counted from 1, in characters.
    pub column: usize,
    /// In characters.
    pub width: usize,
}

impl Spot {
    /// The start of a source, for a place that does not matter.
    pub const START: Self = Self { line: 1, column: 1, width: 0 };
}

impl Source {
    /// Takes a text that is known to be clean; `path` is how messages name it.
    pub fn new(path: impl Into<Arc<str>>, text: impl Into<String>) -> Self {
        let text = Text { read: OnceLock::from(text.into()), from: None };
        Self { path: path.into(), text: Arc::new(text), number: None }
    }

    /// A text that is fetched when it is asked for, known by the SHA-256 of its file.
    pub fn later(path: impl Into<Arc<str>>, digest: [u8; 32], fetch: Arc<dyn Fetch>) -> Self {
        let text = Text { read: OnceLock::new(), from: Some((fetch, digest)) };
        Self { path: path.into(), text: Arc::new(text), number: None }
    }

    /// Reads the bytes of a file. A byte-order mark is dropped with a warning; bytes that are not UTF-8,
    /// control characters and U+FFFD are errors, each with its place.
    pub fn decode(path: impl Into<Arc<str>>, bytes: Vec<u8>, findings: &mut Vec<Diagnostic>) -> Option<Self> {
        let path = path.into();
        let text = match decoded(bytes) {
            Ok(text) => text,
            Err(error) => {
                findings.push(not_utf8(&path, error.as_bytes(), error.utf8_error().valid_up_to()));
                return None;
            }
        };
        let text = tidy(&path, text, findings);
        let source = Self::new(path, text);
        let broken = source.broken_characters();
        if broken.is_empty() {
            return Some(source);
        }
        findings.extend(broken);
        None
    }

    /// Gives it its place among the files that are read together, counted from 0.
    pub fn count(&mut self, number: usize) {
        self.number = u32::try_from(number).ok();
    }

    /// Its place among the files that are read together, if it is one of them.
    pub fn number(&self) -> Option<u32> {
        self.number
    }

    /// The text of bytes that were read and judged before; none where they are no text.
    pub fn again(path: &str, bytes: Vec<u8>) -> Option<String> {
        let text = decoded(bytes).ok()?;
        Some(tidy(path, text, &mut Vec::new()))
    }

    /// How messages name the file: relative to the newsletter's root, with `/`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        let Text { read, from } = &*self.text;
        read.get_or_init(|| {
            from.as_ref().map(|(from, digest)| from.fetch(&self.path, digest)).unwrap_or_default()
        })
    }

    /// The text from a byte on. One that would have to be fetched is fetched for the borrower alone, and not kept.
    pub fn lend(&self, start: usize) -> Cow<'_, str> {
        match (self.text.read.get(), &self.text.from) {
            (None, Some((from, digest))) => {
                let mut text = from.fetch(&self.path, digest);
                let start = if text.is_char_boundary(start) { start } else { text.len() };
                text.drain(..start);
                Cow::Owned(text)
            }
            _ => Cow::Borrowed(self.after(start)),
        }
    }

    /// The text from a byte on; empty where there is none.
    pub fn after(&self, start: usize) -> &str {
        self.text().get(start..).unwrap_or("")
    }

    /// The text up to a byte; empty where there is none: a file that is read late may have become another.
    pub fn before(&self, end: usize) -> &str {
        self.text().get(..end).unwrap_or("")
    }

    /// A line, counted from 1, without its end.
    pub fn line(&self, number: usize) -> &str {
        self.text().split('\n').nth(number.saturating_sub(1)).unwrap_or("")
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
        let before = self.text().get(..range.start).unwrap_or("");
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        let width =
            self.text().get(range).unwrap_or("").chars().take_while(|character| *character != '\n').count();
        self.at(line, column, width)
    }

    fn broken_characters(&self) -> Vec<Diagnostic> {
        if !may_be_broken(self.text().as_bytes()) {
            return Vec::new();
        }
        let broken = |character: &char| match character {
            '\n' | '\t' => false,
            '\u{fffd}' => true,
            other => other.is_control(),
        };
        let found = self.text().char_indices().filter(|(_, character)| broken(character)).take(20);
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

impl Default for Source {
    fn default() -> Self {
        Self::new("", "")
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source").field("path", &self.path).field("text", &self.text.read.get()).finish()
    }
}

/// Bytes as text. To look at many bytes at once and to copy them is several times as fast as to look at each: an
/// archive has a hundred thousand files.
fn decoded(bytes: Vec<u8>) -> Result<String, FromUtf8Error> {
    match simdutf8::basic::from_utf8(&bytes) {
        Ok(text) => Ok(text.to_owned()),
        Err(_) => String::from_utf8(bytes),
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
    if may_compose(text.as_bytes()) && is_nfc_quick(text.chars()) != IsNormalized::Yes {
        return text.nfc().collect();
    }
    text
}

/// Whether a control character or U+FFFD may be in a text: the bytes that they begin with are. Nothing stops early,
/// so that many bytes are looked at in one step.
fn may_be_broken(text: &[u8]) -> bool {
    let control = |byte: u8| byte < b' ' && byte != b'\n' && byte != b'\t' || byte == 0x7f;
    let pairs = text.iter().zip(text.get(1..).unwrap_or_default());
    let broken = pairs.fold(false, |broken, (&first, &second)| {
        broken | control(first) | (first == 0xc2 && second < 0xa0) | (first == 0xef && second == 0xbf)
    });
    broken || text.last().is_some_and(|last| control(*last))
}

/// Whether a text may not be composed. Below U+0300 nothing waits to be, nor among the quotation marks, dashes,
/// spaces and bullets of U+2010 to U+203F, nor is €: that is nearly all that French and English are written with.
fn may_compose(text: &[u8]) -> bool {
    let from = |at: usize| text.get(at..).unwrap_or_default();
    let threes = text.iter().zip(from(1)).zip(from(2));
    let strange = threes.fold(false, |strange, ((&first, &second), &third)| {
        let usual = first == 0xe2 && (second == 0x80 && third >= 0x90 || second == 0x82 && third == 0xac);
        strange | (first >= 0xcc && !usual)
    });
    // A character of three bytes has begun before the last two.
    strange || from(text.len().saturating_sub(2)).iter().any(|byte| *byte >= 0xcc)
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
    fn a_text_that_is_lent_is_not_kept() {
        struct Counted(std::sync::atomic::AtomicUsize);
        impl Fetch for Counted {
            fn fetch(&self, path: &str, _: &[u8; 32]) -> String {
                self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                format!("é {path}")
            }
        }
        let counted = Arc::new(Counted(0.into()));
        let source = Source::later("a.md", [0; 32], Arc::clone(&counted) as Arc<dyn Fetch>);
        assert_eq!(source.lend(3), "a.md");
        assert_eq!(source.lend(3), "a.md");
        assert_eq!(source.lend(1), "", "no text starts within a character");
        assert_eq!(source.lend(99), "");
        assert_eq!(counted.0.load(std::sync::atomic::Ordering::Relaxed), 4);
        assert_eq!((source.text(), &*source.lend(3)), ("é a.md", "a.md"));
        assert_eq!(
            counted.0.load(std::sync::atomic::Ordering::Relaxed),
            5,
            "asked for as a whole, it is kept"
        );
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
    fn the_quick_looks_miss_nothing() {
        for ch in ('\u{1}'..=char::MAX).filter(|ch| u32::from(*ch) < 0x3_0000) {
            let text = format!("a{ch}");
            if !may_compose(text.as_bytes()) {
                assert_eq!(text.nfc().collect::<String>(), text);
                assert_eq!(is_nfc_quick(text.chars()), IsNormalized::Yes, "U+{:04X}", u32::from(ch));
            }
            let broken = ch.is_control() && !matches!(ch, '\n' | '\t') || ch == '\u{fffd}';
            assert!(may_be_broken(text.as_bytes()) || !broken, "U+{:04X}", u32::from(ch));
        }
        assert!(!may_be_broken("Été : « œuvre » – 20 €".as_bytes()));
        assert!(!may_compose("L’été : « œuvre » – 20 €…".as_bytes()));
    }

    #[test]
    fn a_text_is_fetched_when_it_is_asked_for_and_once() {
        struct Shelf(std::sync::atomic::AtomicUsize);
        impl Fetch for Shelf {
            fn fetch(&self, path: &str, _: &[u8; 32]) -> String {
                self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                format!("the text of {path}")
            }
        }
        let shelf = Arc::new(Shelf(Default::default()));
        let source = Source::later("a.md", [0; 32], shelf.clone());
        let copy = source.clone();
        assert_eq!(shelf.0.load(std::sync::atomic::Ordering::Relaxed), 0);
        assert_eq!((source.text(), copy.after(4)), ("the text of a.md", "text of a.md"));
        assert_eq!(shelf.0.load(std::sync::atomic::Ordering::Relaxed), 1);
    }

    #[test]
    fn a_place_never_leaves_its_line() {
        let source = Source::new("a", "été\nx");
        let place = source.at(1, 99, 99);
        assert_eq!((place.column, place.width), (4, 1));
        assert_eq!(source.at_bytes(3..5).column, 3);
    }
}
