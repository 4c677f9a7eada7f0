//! What of a Markdown text is to be read: not its addresses, not its HTML.

use std::ops::ControlFlow;

/// The most characters of an opening.
const LONGEST: usize = 130;

/// Gives the readable stretches of a Markdown text to `take`, until it has enough.
pub(super) fn readable<'t>(
    markdown: &'t str,
    mut take: impl FnMut(&'t str) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let bytes = markdown.as_bytes();
    let mut start = 0;
    for at in marks(bytes) {
        if at >= start
            && let Some((from, to)) = hidden(bytes, start, at)
        {
            take(&markdown[start..from])?;
            take(instead(&markdown[from..to]))?;
            start = to;
        }
    }
    take(&markdown[start..])
}

/// Where the marks stand that may hide something.
fn marks(bytes: &[u8]) -> impl Iterator<Item = usize> {
    let mut brackets = memchr::memchr3_iter(b'[', b']', b'<', bytes).peekable();
    let mut others = memchr::memchr2_iter(b'&', b':', bytes).peekable();
    std::iter::from_fn(move || match (brackets.peek(), others.peek()) {
        (Some(bracket), Some(other)) if other < bracket => others.next(),
        (None, _) => others.next(),
        _ => brackets.next(),
    })
}

/// What is hidden at a mark: from where to where.
fn hidden(bytes: &[u8], start: usize, at: usize) -> Option<(usize, usize)> {
    let rest = &bytes[at..];
    let until = |stop: &[u8]| {
        rest.windows(stop.len()).position(|window| window == stop).map(|end| at + end + stop.len())
    };
    match rest {
        [b']', b'(', ..] => closing(rest).map(|end| (at, at + end)),
        [b'[', b'^', ..] => until(b"]").map(|end| (at, end)),
        [b'<', b'!', b'-', b'-', ..] => until(b"-->").map(|end| (at, end)),
        [b'<', next, ..] if next.is_ascii_alphabetic() || matches!(next, b'/' | b'!' | b'?') => {
            until(b">").map(|end| (at, end))
        }
        [b'&', ..] => {
            let name = rest[1..]
                .iter()
                .take(32)
                .take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'#')
                .count();
            (name > 1 && rest.get(name + 1) == Some(&b';')).then_some((at, at + name + 2))
        }
        [b':', b'/', b'/', ..] => {
            let scheme = bytes[start..at].iter().rev().take_while(|byte| byte.is_ascii_alphabetic()).count();
            let end =
                rest.iter().position(|byte| byte.is_ascii_whitespace() || matches!(byte, b')' | b'>' | b']'));
            (scheme > 0).then_some((at - scheme, at + end.unwrap_or(rest.len())))
        }
        _ => None,
    }
}

/// What a reader sees in the place of what is hidden.
fn instead(hidden: &str) -> &'static str {
    match hidden {
        "&amp;" => "&",
        "&lt;" => "<",
        _ if hidden.starts_with('&') => " ",
        _ => "",
    }
}

/// The end of an address in parentheses, which may hold others.
fn closing(rest: &[u8]) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, byte) in rest.iter().enumerate() {
        match byte {
            b'(' => depth += 1,
            b')' if depth == 1 => return Some(at + 1),
            b')' => depth -= 1,
            b'\n' if rest.get(at + 1) == Some(&b'\n') => return None,
            _ => {}
        }
    }
    None
}

/// The first words of a Markdown text, without its marks.
pub fn opening(markdown: &str) -> String {
    let mut first = First { text: String::with_capacity(2 * LONGEST), length: 0, spaced: true };
    let long = readable(markdown, |part| first.take(part));
    let mut text = first.text;
    if long.is_continue() {
        text.truncate(text.trim_end().len());
        return text;
    }
    text.truncate(text.rfind(' ').unwrap_or(text.len()));
    let kept = text.trim_end_matches([' ', ',', ';', ':', '.', '–', '—', '-', '(', '«']).len();
    text.truncate(kept);
    text.push('…');
    text
}

/// What an opening has so far.
struct First {
    text: String,
    /// In characters.
    length: usize,
    /// Whether a space would be one too many.
    spaced: bool,
}

impl First {
    /// Takes a stretch in runs of what stays as it is, until there is enough.
    fn take(&mut self, part: &str) -> ControlFlow<()> {
        let (mut run, mut at) = (0, 0);
        while let Some(byte) = part.as_bytes().get(at)
            && self.length <= LONGEST
        {
            let starts = usize::from(STARTS[usize::from(*byte)]);
            if starts <= 1 {
                self.length += starts;
                self.spaced &= starts == 0;
                at += 1;
                continue;
            }
            let Some(character) = part[at..].chars().next() else { break };
            let end = at + character.len_utf8();
            let space = character.is_whitespace() && !matches!(character, '\u{a0}' | '\u{202f}');
            if is_mark(character) || space && self.spaced {
                self.text.push_str(&part[run..at]);
                run = end;
            } else {
                if space && character != ' ' {
                    self.text.push_str(&part[run..at]);
                    self.text.push(' ');
                    run = end;
                }
                self.length += 1;
                self.spaced = space;
            }
            at = end;
        }
        // The last character may have been counted by its first byte.
        let end = part.ceil_char_boundary(at);
        self.text.push_str(&part[run..end]);
        if self.length > LONGEST { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

fn is_mark(character: char) -> bool {
    matches!(character, '*' | '_' | '`' | '#' | '>' | '[' | ']' | '|' | '~' | '\\' | '^')
}

/// How many characters start with a byte: one, or none where it goes on with one. 2 stands for what may be a space
/// or a mark.
const STARTS: [u8; 256] = {
    let mut starts = [1; 256];
    let mut byte = 0;
    while byte < 256 {
        starts[byte] = match byte as u8 {
            0x80..=0xbf => 0,
            b'\t'..=b'\r' | b' ' | 0xc2 | 0xe1..=0xe3 => 2,
            b'*' | b'_' | b'`' | b'#' | b'>' | b'[' | b']' | b'|' | b'~' | b'\\' | b'^' => 2,
            _ => 1,
        };
        byte += 1;
    }
    starts
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_opening_is_what_a_reader_sees_first() {
        for (markdown, text) in [
            (
                "Un *magasin* [Google](https://g.example/a_(b)) en <b class=\"x\">Bretagne</b>&nbsp;?",
                "Un magasin Google en Bretagne ?",
            ),
            ("# Titre\n\nTexte[^1] <https://x.example> suite", "Titre Texte suite"),
            ("a < b, c & d, 12:30, x://", "a < b, c & d, 12:30,"),
            ("", ""),
        ] {
            assert_eq!(opening(markdown).replace("  ", " "), text, "{markdown}");
        }
    }

    #[test]
    fn a_long_text_is_cut_between_words() {
        let text = opening(&"mot ".repeat(99));
        assert!(text.ends_with("mot…") && text.chars().count() <= LONGEST + 1, "{text}");
        assert_eq!(opening(&"x".repeat(9_999)).chars().count(), LONGEST + 2);
        assert!(opening(&"é€😀".repeat(9_999)).ends_with('…'));
    }
}
