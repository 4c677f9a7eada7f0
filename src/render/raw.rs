//! HTML that an author wrote among Markdown, taken apart: what is seen of it, and its tags.

use std::ops::Range;

use pulldown_cmark::{Event, Parser};

/// A piece of HTML.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum RawPiece<'a> {
    /// What stands between tags, its entities as they were written.
    Text(&'a str),
    /// A tag.
    Tag(RawTag<'a>),
    /// A comment, or what else nobody sees.
    Unseen,
}

/// A tag as its author wrote it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct RawTag<'a> {
    html: &'a str,
    /// In small letters.
    pub(super) name: String,
    pub(super) closing: bool,
    attributes: Vec<(Range<usize>, Range<usize>)>,
}

/// The first piece, and what follows it.
pub(super) fn next(html: &str) -> (RawPiece<'_>, &str) {
    let hidden = [("<!--", "-->"), ("<!", ">"), ("<?", ">")];
    if let Some((open, end)) = hidden.iter().find(|(open, _)| html.starts_with(open)) {
        let length = html[open.len()..].find(end).map_or(html.len(), |at| open.len() + at + end.len());
        return (RawPiece::Unseen, &html[length..]);
    }
    if let Some((tag, length)) = RawTag::read(html) {
        return (RawPiece::Tag(tag), &html[length..]);
    }
    let first = html.chars().next().map_or(0, char::len_utf8);
    let (text, rest) = html.split_at(html[first..].find('<').map_or(html.len(), |at| first + at));
    (RawPiece::Text(text), rest)
}

/// The pieces, each with its place.
pub(super) fn pieces(html: &str) -> impl Iterator<Item = (usize, RawPiece<'_>)> {
    let mut rest = html;
    std::iter::from_fn(move || {
        let at = html.len() - rest.len();
        let (piece, after) = (!rest.is_empty()).then(|| next(rest))?;
        rest = after;
        Some((at, piece))
    })
}

impl<'a> RawTag<'a> {
    /// The tag that a text begins with, and its length.
    fn read(html: &'a str) -> Option<(Self, usize)> {
        let bytes = html.as_bytes();
        let closing = html.starts_with("</");
        let start = 1 + usize::from(closing);
        if bytes.first() != Some(&b'<') || !bytes.get(start).is_some_and(u8::is_ascii_alphabetic) {
            return None;
        }
        let until = |from: usize, ends: &dyn Fn(u8) -> bool| {
            bytes[from..].iter().position(|byte| ends(*byte)).map_or(bytes.len(), |at| from + at)
        };
        let parts = |byte: u8| byte.is_ascii_whitespace() || byte == b'/';
        let mut at = until(start, &|byte| parts(byte) || byte == b'>');
        let name = html[start..at].to_ascii_lowercase();
        let mut attributes = Vec::new();
        loop {
            at = until(at, &|byte| !parts(byte));
            if matches!(bytes.get(at), None | Some(b'>')) {
                let length = (at + 1).min(bytes.len());
                return Some((Self { html: &html[..length], name, closing, attributes }, length));
            }
            // A name may begin with what ends one.
            let key = at..until(at + 1, &|byte| parts(byte) || matches!(byte, b'=' | b'>'));
            at = until(key.end, &|byte| !byte.is_ascii_whitespace());
            let mut value = key.end..key.end;
            if bytes.get(at) == Some(&b'=') {
                at = until(at + 1, &|byte| !byte.is_ascii_whitespace());
                value = match bytes.get(at) {
                    Some(quote @ (b'"' | b'\'')) => at + 1..until(at + 1, &|byte| byte == *quote),
                    _ => at..until(at, &|byte| byte.is_ascii_whitespace() || byte == b'>'),
                };
                let quoted = value.start > at;
                at = (value.end + usize::from(quoted)).min(bytes.len());
            }
            attributes.push((key, value));
        }
    }

    /// Where the value of an attribute stands in the tag.
    pub(super) fn place(&self, name: &str) -> Option<Range<usize>> {
        let is = |(key, _): &&(Range<usize>, Range<usize>)| self.html[key.clone()].eq_ignore_ascii_case(name);
        self.attributes.iter().find(is).map(|(_, value)| value.clone())
    }

    /// The value of an attribute as it is meant.
    pub(super) fn attribute(&self, name: &str) -> Option<String> {
        self.place(name).map(|place| unescape(&self.html[place]))
    }

    /// Where a link leads, as browsers read it: without line ends, and without spaces around it.
    pub(super) fn target(&self) -> Option<String> {
        let is_link = self.name == "a" && !self.closing;
        let href = is_link.then(|| self.attribute("href")).flatten()?;
        Some(href.trim().replace(['\n', '\t'], ""))
    }

    /// The tag with another value of an attribute that it has.
    pub(super) fn with(&self, name: &str, value: &str) -> String {
        let Some(place) = self.place(name) else { return self.html.to_owned() };
        let quoted = self.html[..place.start].ends_with(['"', '\'']);
        let end = place.end + usize::from(quoted);
        let (before, after) = (&self.html[..place.start - usize::from(quoted)], self.html.get(end..));
        format!("{before}\"{}\"{}", super::escape(value), after.unwrap_or(">"))
    }

    /// The tag as it was written.
    pub(super) fn as_str(&self) -> &'a str {
        self.html
    }
}

/// A text with its entities read.
pub(super) fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        plain.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let name = after.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'#').count();
        let length = if after[name..].starts_with(';') { name + 2 } else { 1 };
        let (written, left) = rest[at..].split_at(length);
        match entity(written) {
            Some(meant) => plain.push_str(&meant),
            None => plain.push_str(written),
        }
        rest = left;
    }
    plain + rest
}

/// What an entity stands for: the parser of Markdown knows all of them.
fn entity(written: &str) -> Option<String> {
    let mut events = Parser::new(written);
    let text = events.find_map(|event| match event {
        Event::Text(text) => Some(text.into_string()),
        _ => None,
    })?;
    (written.len() > 2).then_some(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn first(html: &str) -> RawTag<'_> {
        match next(html).0 {
            RawPiece::Tag(tag) => tag,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_tag_ends_where_it_ends() {
        for (html, target, length) in [
            ("<a href=\"https://a.example/?b&amp;c>d\">e", "https://a.example/?b&c>d", 39),
            ("<A class=x HREF = 'f\n g'>", "f g", 25),
            ("<a\nhref=https://a.example/>", "https://a.example/", 27),
        ] {
            let tag = first(html);
            assert_eq!((tag.target().as_deref(), tag.as_str().len()), (Some(target), length), "{html}");
        }
        assert_eq!(first("<a name=b>").target(), None);
        assert_eq!(first("<a href=b c>").with("href", "\"d"), "<a href=\"&quot;d\" c>");
        assert_eq!(first("<a href='b' c>").with("href", "d"), "<a href=\"d\" c>");
    }

    #[test]
    fn comments_and_lone_marks_are_no_tags() {
        let read: Vec<_> = pieces("1 < 2<!-- <a href=b> -->3").map(|(_, piece)| piece).collect();
        assert_eq!(
            read,
            [RawPiece::Text("1 "), RawPiece::Text("< 2"), RawPiece::Unseen, RawPiece::Text("3")]
        );
        assert_eq!(unescape("&eacute;&#39;&amp;lt; & &b; &#x2019;"), "é'&lt; & &b; ’");
    }

    proptest! {
        #[test]
        fn nothing_is_too_broken_and_nothing_is_lost(html in "(<|>|a|/|=|\"|'| |\n|<a href=|<!--|-->|&amp;|&|;|é){0,24}") {
            let mut end = 0;
            for (at, piece) in pieces(&html) {
                prop_assert!(at >= end && at <= html.len());
                end = at;
                if let RawPiece::Tag(tag) = piece {
                    let _ = (tag.target(), tag.with("href", "x"));
                }
            }
            let _ = unescape(&html);
        }
    }
}
