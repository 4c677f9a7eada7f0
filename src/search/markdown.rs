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
    let (mut start, mut at) = (0, 0);
    while let Some(byte) = bytes.get(at) {
        let hidden = match byte {
            b']' | b'<' | b'[' | b'&' | b':' => hidden(bytes, start, at),
            _ => None,
        };
        match hidden {
            Some((from, to)) => {
                take(&markdown[start..from])?;
                take(instead(&markdown[from..to]))?;
                start = to;
                at = to;
            }
            None => at += 1,
        }
    }
    take(&markdown[start..])
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
    let mut text = String::with_capacity(LONGEST + 8);
    let mut length = 0;
    let long = readable(markdown, |part| {
        for character in part.chars() {
            if character.is_whitespace() && !matches!(character, '\u{a0}' | '\u{202f}') {
                if !text.is_empty() && !text.ends_with(' ') {
                    text.push(' ');
                    length += 1;
                }
            } else if !matches!(character, '*' | '_' | '`' | '#' | '>' | '[' | ']' | '|' | '~' | '\\' | '^') {
                text.push(character);
                length += 1;
            }
            if length > LONGEST {
                return ControlFlow::Break(());
            }
        }
        ControlFlow::Continue(())
    });
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
