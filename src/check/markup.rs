//! HTML as tokens: enough to read what our own templates and their styles came to.

/// A piece of HTML and where it starts, in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// `<p class="a">`
    Open(Element<'a>),
    /// `</p>`
    Close { name: &'a str },
    /// What stands between tags, entities resolved.
    Text { text: String, at: usize },
    /// `<!-- … -->`
    Comment { text: &'a str, at: usize },
    /// `<!DOCTYPE html>`
    Doctype { text: &'a str },
}

/// An element's start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Element<'a> {
    pub(super) name: &'a str,
    pub(super) attributes: Vec<(&'a str, String)>,
    pub(super) at: usize,
    pub(super) end: usize,
}

impl Element<'_> {
    /// The value of an attribute.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    pub(super) fn has_class(&self, class: &str) -> bool {
        self.attribute("class")
            .is_some_and(|classes| classes.split_ascii_whitespace().any(|known| known == class))
    }

    /// The declarations of its `style`, in order.
    pub(super) fn style(&self) -> Vec<(&str, &str)> {
        declarations(self.attribute("style").unwrap_or(""))
    }

    /// The last value of a property of its `style`.
    pub(super) fn property(&self, name: &str) -> Option<&str> {
        let style = self.attribute("style")?;
        let named = style.rsplit(';').filter_map(|one| one.split_once(':'));
        named
            .map(|(known, value)| (known.trim(), value.trim()))
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value)
    }

    /// Whether it and what is in it are not shown.
    pub(super) fn is_hidden(&self) -> bool {
        self.property("display") == Some("none")
    }

    /// Whether it has no end tag.
    pub(super) fn is_void(&self) -> bool {
        matches!(
            self.name,
            "area" | "base" | "br" | "col" | "embed" | "hr" | "img" | "input" | "link" | "meta" | "wbr"
        )
    }
}

/// `a:b;c:d` as pairs.
pub(super) fn declarations(style: &str) -> Vec<(&str, &str)> {
    style
        .split(';')
        .filter_map(|one| one.split_once(':'))
        .map(|(name, value)| (name.trim(), value.trim()))
        .collect()
}

/// The tokens of a document.
pub(super) fn tokens(html: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < html.len() {
        let rest = &html[at..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            let end = comment.find("-->").unwrap_or(comment.len());
            tokens.push(Token::Comment { text: &comment[..end], at });
            at += (end + 7).min(rest.len());
        } else if rest.starts_with("<!") {
            let end = rest.find('>').map_or(rest.len(), |end| end + 1);
            tokens.push(Token::Doctype { text: &rest[..end] });
            at += end;
        } else if let Some(close) = rest.strip_prefix("</") {
            let end = close.find('>').unwrap_or(close.len());
            tokens.push(Token::Close { name: close[..end].trim() });
            at += (end + 3).min(rest.len());
        } else if rest.starts_with('<') && rest[1..].starts_with(|c: char| c.is_ascii_alphabetic()) {
            let element = open(rest, at);
            at = element.end;
            let raw = matches!(element.name, "style" | "script").then_some(element.name);
            tokens.push(Token::Open(element));
            if let Some(name) = raw {
                let end = html[at..].find(&format!("</{name}")).map_or(html.len(), |end| at + end);
                tokens.push(Token::Text { text: html[at..end].to_owned(), at });
                at = end;
            }
        } else {
            let first = rest.chars().next().map_or(1, char::len_utf8);
            let end = rest[first..].find('<').map_or(rest.len(), |end| end + first);
            tokens.push(Token::Text { text: unescape(&rest[..end]), at });
            at += end;
        }
    }
    tokens
}

fn open(rest: &str, at: usize) -> Element<'_> {
    let name_end = rest[1..]
        .find(|c: char| c.is_ascii_whitespace() || matches!(c, '>' | '/'))
        .map_or(rest.len(), |end| end + 1);
    let mut attributes = Vec::new();
    let mut here = name_end;
    loop {
        here += rest[here..].len()
            - rest[here..].trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/').len();
        if here >= rest.len() || rest[here..].starts_with('>') {
            here = (here + 1).min(rest.len());
            break;
        }
        let length = rest[here..]
            .find(|c: char| c.is_ascii_whitespace() || matches!(c, '=' | '>'))
            .unwrap_or(rest.len() - here)
            .max(1);
        let name = &rest[here..here + length];
        here += length;
        let value = match rest[here..].strip_prefix("=\"") {
            Some(quoted) => {
                let end = quoted.find('"').unwrap_or(quoted.len());
                here = (here + 2 + end + 1).min(rest.len());
                unescape(&quoted[..end])
            }
            None if rest[here..].starts_with('=') => {
                let bare = &rest[here + 1..];
                let end = bare.find(|c: char| c.is_ascii_whitespace() || c == '>').unwrap_or(bare.len());
                here += 1 + end;
                unescape(bare[..end].trim_matches('\''))
            }
            None => String::new(),
        };
        attributes.push((name, value));
    }
    Element { name: &rest[1..name_end], attributes, at, end: at + here }
}

fn unescape(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        plain.push_str(before);
        let entity = after.split_once(';').filter(|(name, _)| name.len() < 10);
        match entity.and_then(|(name, rest)| character(name).map(|found| (found, rest))) {
            Some((found, left)) => {
                plain.push(found);
                rest = left;
            }
            None => {
                plain.push('&');
                rest = after;
            }
        }
    }
    plain + rest
}

fn character(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "nbsp" => Some('\u{a0}'),
        _ => {
            let number = name.strip_prefix('#')?;
            let value = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(value)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn tags_comments_and_text_are_told_apart() {
        let tokens =
            tokens("<!DOCTYPE html><p class=\"a b\" hidden>1 &lt; 2<br></p><!--x--><style>a>b{}</style>");
        let Token::Open(element) = &tokens[1] else { panic!("{tokens:?}") };
        assert!(element.has_class("b") && element.attribute("hidden") == Some(""));
        assert_eq!(tokens[2], Token::Text { text: "1 < 2".into(), at: 37 });
        assert!(matches!(tokens[5], Token::Comment { text: "x", .. }));
        assert_eq!(tokens[7], Token::Text { text: "a>b{}".into(), at: 68 });
    }

    proptest! {
        #[test]
        fn no_text_is_too_strange(html in "(?s)[<>!/=\"' a-zé&;#-]{0,120}") {
            let _ = tokens(&html);
        }
    }
}
