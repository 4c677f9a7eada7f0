//! How Hugo and Zola write shortcodes: where they stand, what they are given, where they end.

/// Whose shortcodes they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    Hugo,
    Zola,
}

/// A shortcode as it is called.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Call {
    pub(super) name: String,
    /// Arguments; those without a name are called `0`, `1`….
    pub(super) arguments: Vec<(String, String)>,
    pub(super) body: Body,
}

/// Whether a shortcode stands around a text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Body {
    /// Where it is closed.
    #[default]
    Perhaps,
    Always,
    Never,
}

impl Call {
    /// The first of some arguments that is there.
    pub(super) fn get(&self, names: &[&str]) -> Option<&str> {
        let find = |name: &&str| self.arguments.iter().find(|(known, _)| known == name);
        names.iter().find_map(find).map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }
}

/// A piece of a text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// Text as it stands.
    Text,
    /// A text that stands for itself: a shortcode that is only shown.
    Literal(String),
    /// A shortcode.
    Open(Call),
    /// Its end.
    Close(Option<String>),
}

/// A piece and where it lies in the text.
pub(super) type Placed = (Piece, std::ops::Range<usize>);

/// Where the shortcode that opened before `at` is closed.
pub(super) fn closing(pieces: &[Placed], at: usize, end: usize, opened: &Call) -> Option<usize> {
    if opened.body == Body::Never {
        return None;
    }
    let mut depth = 0;
    for (index, (piece, _)) in pieces[..end].iter().enumerate().skip(at) {
        match piece {
            Piece::Open(call) if call.body == Body::Always => depth += 1,
            Piece::Open(call) if call.body == Body::Perhaps && call.name == opened.name => depth += 1,
            Piece::Close(closed) if closed.as_deref().is_none_or(|closed| closed == opened.name) => {
                if depth == 0 {
                    return Some(index);
                }
                depth -= 1;
            }
            _ => {}
        }
    }
    None
}

/// The marks that open and close shortcodes.
const HUGO: [(&str, &str); 2] = [("{{<", ">}}"), ("{{%", "%}}")];
const ZOLA: [(&str, &str); 2] = [("{{", "}}"), ("{%", "%}")];

/// Takes a text apart.
pub(super) fn pieces(text: &str, dialect: Dialect) -> Vec<Placed> {
    let marks = if dialect == Dialect::Hugo { HUGO } else { ZOLA };
    let mut found: Vec<Placed> = Vec::new();
    let (mut start, mut from) = (0, 0);
    while let Some((at, (open, close))) = marks
        .iter()
        .filter_map(|mark| Some((from + text[from..].find(mark.0)?, *mark)))
        .min_by_key(|(at, _)| *at)
    {
        let inside = at + open.len();
        let Some(length) = end_of(&text[inside..], close) else {
            from = inside;
            continue;
        };
        let end = inside + length + close.len();
        let written = text[inside..inside + length].trim();
        let piece = match written.strip_prefix("/*").and_then(|rest| rest.strip_suffix("*/")) {
            Some(shown) => Some(Piece::Literal(format!("{open}{shown}{close}"))),
            None => read(written, dialect, open),
        };
        let Some(piece) = piece else {
            from = inside;
            continue;
        };
        if at > start {
            found.push((Piece::Text, start..at));
        }
        found.push((piece, at..end));
        (start, from) = (end, end);
    }
    if start < text.len() {
        found.push((Piece::Text, start..text.len()));
    }
    found
}

/// Where a mark stands outside quotes.
fn end_of(text: &str, close: &str) -> Option<usize> {
    let mut quote = None;
    let mut escaped = false;
    for (at, character) in text.char_indices() {
        match quote {
            _ if escaped => escaped = false,
            Some('"') if character == '\\' => escaped = true,
            Some(open) if character == open => quote = None,
            Some(_) => {}
            None if text[at..].starts_with(close) => return Some(at),
            None if matches!(character, '"' | '`') => quote = Some(character),
            None => {}
        }
    }
    text.find(close)
}

fn read(written: &str, dialect: Dialect, open: &str) -> Option<Piece> {
    let written = written.trim_matches('-').trim();
    match dialect {
        Dialect::Hugo => {
            if let Some(name) = written.strip_prefix('/') {
                return Some(Piece::Close(Some(name.trim().to_owned())));
            }
            let written = written.strip_suffix('/').unwrap_or(written).trim();
            let (name, rest) = written.split_once(char::is_whitespace).unwrap_or((written, ""));
            is_name(name).then(|| {
                Piece::Open(Call {
                    name: name.to_owned(),
                    arguments: arguments(rest, ' '),
                    body: Body::Perhaps,
                })
            })
        }
        Dialect::Zola => {
            if open == "{%" && written == "end" {
                return Some(Piece::Close(None));
            }
            let (name, rest) = written.split_once('(')?;
            let rest = rest.trim_end().strip_suffix(')')?;
            let body = if open == "{%" { Body::Always } else { Body::Never };
            let call = Call { name: name.trim().to_owned(), arguments: arguments(rest, ','), body };
            is_name(&call.name).then_some(Piece::Open(call))
        }
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || "_-./:".contains(c))
}

fn arguments(text: &str, separator: char) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let key = rest.find('=').map(|at| rest[..at].trim()).filter(|key| is_name(key));
        let name = key.map_or_else(|| found.len().to_string(), str::to_owned);
        let value = key.map_or(rest, |_| rest.split_once('=').map_or("", |(_, value)| value.trim_start()));
        let (value, after) = value_of(value, separator);
        found.push((name, value));
        let after = after.trim_start_matches([separator, ' ', '\n', '\t', ',']);
        if after.len() == rest.len() {
            break;
        }
        rest = after;
    }
    found
}

fn value_of(text: &str, separator: char) -> (String, &str) {
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '`' | '\''));
    let Some(quote) = quote else {
        let end = text
            .find(|c: char| c == separator || separator == ' ' && c.is_whitespace())
            .unwrap_or(text.len());
        return (text[..end].trim().to_owned(), &text[end..]);
    };
    let mut value = String::new();
    let mut escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        if escaped {
            value.push(character);
            escaped = false;
        } else if character == '\\' && quote != '`' {
            escaped = true;
        } else if character == quote {
            return (value, &text[at + character.len_utf8()..]);
        } else {
            value.push(character);
        }
    }
    (value, "")
}
