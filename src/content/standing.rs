//! Where a text of the front matter stands in its file: plain, in quotes with escapes, or over several lines.

use std::ops::Range;

/// The place of a text in the head of a file, byte by byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Where each byte of the text is written, and where what is written ends.
    places: Vec<usize>,
    style: Style,
}

/// How a value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    Plain,
    Single,
    Double,
}

impl Standing {
    /// Finds a text as the value of a key in the head of a file; where it is none, wherever it stands.
    pub fn find(head: &str, key: &str, text: &str) -> Option<Self> {
        if text.is_empty() {
            return None;
        }
        let values = || starts(head).filter_map(|at| Some((at, Self::read(head, at, text)?)));
        let own = values().find(|(at, _)| is_value_of(&head[..*at], key));
        own.or_else(|| values().next()).map(|(_, standing)| standing).or_else(|| {
            let at = head.find(text)?;
            Some(Self { places: (at..=at + text.len()).collect(), style: Style::Plain })
        })
    }

    /// Where a stretch of the text is written.
    pub fn place(&self, range: Range<usize>) -> Range<usize> {
        let last = self.places.len() - 1;
        let at = |byte: usize| self.places[byte.min(last)];
        at(range.start)..at(range.end).max(at(range.start))
    }

    /// Whether a stretch stands in the file as it is meant, so that another text may stand there instead.
    pub fn takes(&self, range: Range<usize>, instead: &str) -> bool {
        let place = self.place(range.clone());
        let barred: &[char] = match self.style {
            Style::Plain => &['#', ':', '[', ']', '{', '}', ',', '"'],
            Style::Single => &['\''],
            Style::Double => &['"', '\\'],
        };
        place.len() == range.len() && !instead.contains(barred)
    }

    /// Reads a value that starts at a byte, if it is the text.
    fn read(head: &str, start: usize, text: &str) -> Option<Self> {
        let (style, mut at) = match head[start..].chars().next()? {
            '"' => (Style::Double, start + 1),
            '\'' => (Style::Single, start + 1),
            _ => (Style::Plain, start),
        };
        if style != Style::Plain {
            at += head[at..].len() - head[at..].trim_start().len();
        }
        let mut places = Vec::with_capacity(text.len() + 1);
        for wanted in text.chars() {
            let (read, length) = one(&head[at..], style, wanted)?;
            if read != wanted {
                return None;
            }
            let exact = length == wanted.len_utf8();
            places.extend((0..wanted.len_utf8()).map(|byte| if exact { at + byte } else { at }));
            at += length;
        }
        places.push(at);
        let rest = &head[at..];
        let ends = match style {
            Style::Double => rest.trim_start().starts_with('"'),
            Style::Single => rest.trim_start().starts_with('\'') && !rest.starts_with("''"),
            Style::Plain => {
                let rest = rest.trim_start_matches(' ');
                rest.is_empty() || rest.starts_with(['\n', ',', ']', '}', '#'])
            }
        };
        ends.then_some(Self { places, style })
    }
}

/// Where values may start.
fn starts(head: &str) -> impl Iterator<Item = usize> + '_ {
    let mut before = '\n';
    head.char_indices().filter_map(move |(at, ch)| {
        let starts = matches!(before, ' ' | '\n' | '[' | '{' | ',') && !ch.is_whitespace();
        before = ch;
        starts.then_some(at)
    })
}

/// Whether what stands before a value ends in a key of that name, and in the sign of a block, perhaps.
fn is_value_of(before: &str, key: &str) -> bool {
    let before = before.trim_end().trim_end_matches(['|', '>', '-', '+']).trim_end();
    before
        .strip_suffix(':')
        .and_then(|before| before.strip_suffix(key))
        .is_some_and(|before| before.is_empty() || before.ends_with([' ', '\n', '{', ',']))
}

/// The next character as it is meant, and how many bytes are written for it.
fn one(rest: &str, style: Style, wanted: char) -> Option<(char, usize)> {
    let first = rest.chars().next()?;
    let blank = rest.len() - rest.trim_start_matches([' ', '\t']).len();
    // A line end within a value is a space, and in a block itself.
    if let Some(line) = rest[blank..].strip_prefix('\n').filter(|_| wanted == ' ' || wanted == '\n') {
        return Some((wanted, rest.len() - line.trim_start_matches([' ', '\t']).len()));
    }
    match (style, first) {
        (Style::Single, '\'') => rest.starts_with("''").then_some(('\'', 2)),
        (Style::Double, '"') => None,
        (Style::Double, '\\') => escape(&rest[1..]).map(|(read, length)| (read, length + 1)),
        _ => Some((first, first.len_utf8())),
    }
}

/// What an escape means (YAML 1.2, 5.7), and its length after the backslash.
fn escape(rest: &str) -> Option<(char, usize)> {
    let first = rest.chars().next()?;
    let digits = match first {
        'x' => 2,
        'u' => 4,
        'U' => 8,
        '0' => return Some(('\0', 1)),
        'a' => return Some(('\u{7}', 1)),
        'b' => return Some(('\u{8}', 1)),
        't' | '\t' => return Some(('\t', 1)),
        'n' => return Some(('\n', 1)),
        'v' => return Some(('\u{b}', 1)),
        'f' => return Some(('\u{c}', 1)),
        'r' => return Some(('\r', 1)),
        'e' => return Some(('\u{1b}', 1)),
        'N' => return Some(('\u{85}', 1)),
        '_' => return Some(('\u{a0}', 1)),
        'L' => return Some(('\u{2028}', 1)),
        'P' => return Some(('\u{2029}', 1)),
        '"' | '\\' | '/' | ' ' => return Some((first, 1)),
        _ => return None,
    };
    let number = u32::from_str_radix(rest.get(1..=digits)?, 16).ok()?;
    Some((char::from_u32(number)?, digits + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown<'a>(head: &'a str, key: &str, text: &str, word: &str) -> Option<(&'a str, bool)> {
        let standing = Standing::find(head, key, text)?;
        let at = text.find(word)?;
        let range = at..at + word.len();
        Some((&head[standing.place(range.clone())], standing.takes(range, word)))
    }

    #[test]
    fn a_text_is_found_however_it_is_written() {
        let text = "Le \"pont\" d'Ô";
        for (head, key) in [
            ("title: Le \"pont\" d'Ô\n", "title"),
            ("title: \"Le \\\"pont\\\" d'Ô\"\n", "title"),
            ("title: 'Le \"pont\" d''Ô'\n", "title"),
            ("image: {alt: \"Le \\u0022pont\\u0022 d'\\xd4\", file: a.png}\n", "alt"),
            ("title: >-\n  Le \"pont\"\n  d'Ô\n", "title"),
            ("title: \"Le\n  \\\"pont\\\" d'Ô\"\n", "title"),
        ] {
            assert_eq!(shown(head, key, text, "pont"), Some(("pont", true)), "{head}");
        }
    }

    #[test]
    fn the_value_of_the_key_is_meant_where_there_are_two() {
        let head = "section: Pont\nlabel: Le Pont\ntitle: Pont\n";
        let standing = |key| Standing::find(head, key, "Pont").map(|found| found.place(0..4));
        assert_eq!((standing("title"), standing("section")), (Some(36..40), Some(9..13)));
        assert_eq!(Standing::find(head, "title", "Gué"), None);
    }

    #[test]
    fn what_would_need_an_escape_is_not_put_there() {
        let takes = |head: &str, instead: &str| {
            Standing::find(head, "title", "2ème").is_some_and(|found| found.takes(0..5, instead))
        };
        assert!(takes("title: '2ème'\n", "2e") && !takes("title: '2ème'\n", "d'un"));
        assert!(takes("title: \"2\u{e8}me\"\n", "d'un") && !takes("title: \"2\\u00e8me\"\n", "2e"));
        assert!(!takes("title: 2ème\n", "a: b"));
    }
}
