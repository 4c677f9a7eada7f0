//! The plain part of YAML, read quickly: what the head of nearly every file is made of. One key a line, its value a
//! text in quotes or out of them, a number, `true` or `false`, or a list or a mapping that ends on its line. Whoever
//! writes anything else, or anything wrong, is left to the full reader: this one gives no reasons.

use std::fmt;

use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{self, Deserializer, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;

/// The name under which a value is asked for together with its place.
pub(super) const PLACED: &str = "rotative: a value and its place";

/// The YAML holds more than what is plain, or is not what was asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct NotPlain;

/// Reads a mapping.
pub(super) fn from_str<T: de::DeserializeOwned>(text: &str) -> Result<T, NotPlain> {
    let mut entries = Vec::new();
    for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.is_empty()) {
        let mut reader = Reader { line, at: 0, number: at + 1 };
        let key = reader.key().ok_or(NotPlain)?;
        let value = reader.value(Within::Line, 0).ok_or(NotPlain)?;
        if !reader.rest().trim_start_matches(' ').is_empty() || is_there(&entries, key) {
            return Err(NotPlain);
        }
        entries.push((key, value));
    }
    if entries.is_empty() {
        return Err(NotPlain);
    }
    T::deserialize(MapDeserializer::new(entries.into_iter()))
}

fn is_there(entries: &[(&str, Node<'_>)], key: &str) -> bool {
    entries.iter().any(|(known, _)| *known == key)
}

/// A value and where it stands.
#[derive(Debug)]
struct Node<'a> {
    value: Value<'a>,
    line: usize,
    column: usize,
    width: usize,
}

#[derive(Debug)]
enum Value<'a> {
    Text(&'a str),
    Number(i64),
    Truth(bool),
    List(Vec<Node<'a>>),
    Mapping(Vec<(&'a str, Node<'a>)>),
}

/// What a value without quotes stands in, and so what ends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Within {
    Line,
    Brackets,
}

/// The most brackets within brackets.
const DEEPEST: usize = 4;

struct Reader<'a> {
    line: &'a str,
    at: usize,
    number: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        self.line.get(self.at..).unwrap_or("")
    }

    /// Takes a mark and the spaces behind it, if it is the next.
    fn take(&mut self, mark: char) -> Option<()> {
        let rest = self.rest().strip_prefix(mark)?;
        self.at = self.line.len() - rest.trim_start_matches(' ').len();
        Some(())
    }

    /// A key in small letters, its colon and the space behind.
    fn key(&mut self) -> Option<&'a str> {
        let rest = self.rest();
        let length = rest.bytes().take_while(|byte| byte.is_ascii_lowercase() || *byte == b'_').count();
        let (key, behind) = rest.split_at(length);
        if key.is_empty() || special(key) || !behind.starts_with(": ") {
            return None;
        }
        self.at += length;
        self.take(':')?;
        Some(key)
    }

    fn value(&mut self, within: Within, depth: usize) -> Option<Node<'a>> {
        let start = self.at;
        let value = match self.rest().chars().next()? {
            mark @ ('"' | '\'') => Value::Text(self.quoted(mark)?),
            '[' if depth < DEEPEST => Value::List(self.list(depth)?),
            '{' if depth < DEEPEST => Value::Mapping(self.mapping(depth)?),
            _ => self.bare(within)?,
        };
        let column = self.line[..start].chars().count() + 1;
        let width = self.line[start..self.at].trim_end_matches(' ').chars().count();
        Some(Node { value, line: self.number, column, width })
    }

    /// A text in quotes that holds nothing written otherwise than it reads.
    fn quoted(&mut self, mark: char) -> Option<&'a str> {
        let (text, behind) = self.rest().get(1..)?.split_once(mark)?;
        let clear = !text.contains(|ch: char| ch == '\\' || ch.is_control()) && !behind.starts_with(mark);
        self.at += text.len() + 2;
        clear.then_some(text)
    }

    fn list(&mut self, depth: usize) -> Option<Vec<Node<'a>>> {
        let mut nodes = Vec::new();
        self.take('[')?;
        while self.ends(']').is_none() {
            nodes.push(self.value(Within::Brackets, depth + 1)?);
            self.between(']')?;
        }
        Some(nodes)
    }

    fn mapping(&mut self, depth: usize) -> Option<Vec<(&'a str, Node<'a>)>> {
        let mut entries = Vec::new();
        self.take('{')?;
        while self.ends('}').is_none() {
            let key = self.key()?;
            let value = self.value(Within::Brackets, depth + 1)?;
            if is_there(&entries, key) {
                return None;
            }
            entries.push((key, value));
            self.between('}')?;
        }
        Some(entries)
    }

    /// Takes the bracket that closes.
    fn ends(&mut self, close: char) -> Option<()> {
        self.at += self.rest().starts_with(close).then_some(close.len_utf8())?;
        Some(())
    }

    /// Between two values there is a comma, and another value behind it.
    fn between(&mut self, close: char) -> Option<()> {
        self.at = self.line.len() - self.rest().trim_start_matches(' ').len();
        if self.rest().starts_with(close) {
            return Some(());
        }
        self.take(',')?;
        (!self.rest().starts_with([close, ','])).then_some(())
    }

    /// A value without quotes that nobody could take for anything else.
    fn bare(&mut self, within: Within) -> Option<Value<'a>> {
        let rest = self.rest();
        let end = match within {
            Within::Line => rest.len(),
            Within::Brackets => rest.find([',', '[', ']', '{', '}'])?,
        };
        let text = rest[..end].trim_end_matches(' ');
        let strange =
            |ch: char| ch.is_control() || matches!(ch, '#' | '"' | '\u{feff}' | '\u{2028}' | '\u{2029}');
        let colon = text.ends_with(':') || text.contains(": ");
        let first = text.chars().next()?;
        if !first.is_alphanumeric() || colon || text.contains(strange) {
            return None;
        }
        self.at += text.len();
        match text {
            "true" => Some(Value::Truth(true)),
            "false" => Some(Value::Truth(false)),
            _ if first.is_alphabetic() || day(text) => (!special(text)).then_some(Value::Text(text)),
            _ => {
                let digits = text.len() <= 9 && text.bytes().all(|byte| byte.is_ascii_digit());
                let number = digits && (text == "0" || first != '0');
                text.parse().ok().filter(|_| number).map(Value::Number)
            }
        }
    }
}

/// A word that YAML, or one of its versions, takes for something else than a text.
fn special(text: &str) -> bool {
    ["null", "true", "false", "yes", "no", "on", "off", "y", "n"]
        .iter()
        .any(|word| text.eq_ignore_ascii_case(word))
}

/// A day, `2018-06-08`.
fn day(text: &str) -> bool {
    text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        })
}

impl<'de> Deserializer<'de> for Node<'_> {
    type Error = NotPlain;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, NotPlain> {
        match self.value {
            Value::Text(text) => visitor.visit_str(text),
            Value::Number(number) => visitor.visit_i64(number),
            Value::Truth(truth) => visitor.visit_bool(truth),
            Value::List(nodes) => SeqDeserializer::new(nodes.into_iter()).deserialize_any(visitor),
            Value::Mapping(entries) => MapDeserializer::new(entries.into_iter()).deserialize_any(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, NotPlain> {
        visitor.visit_some(self)
    }

    /// A text without brackets may be asked for with its place: the value first, then line, column and width.
    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, NotPlain> {
        match (&self.value, name) {
            (Value::List(_) | Value::Mapping(_), PLACED) => Err(NotPlain),
            (_, PLACED) => {
                let place = [self.line, self.column, self.width].map(Placed::Number);
                let parts = std::iter::once(Placed::Value(self)).chain(place);
                visitor.visit_seq(SeqDeserializer::new(parts))
            }
            _ => visitor.visit_newtype_struct(self),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de> IntoDeserializer<'de, NotPlain> for Node<'_> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

/// A value that is asked for with its place, or a part of that place.
enum Placed<'a> {
    Value(Node<'a>),
    Number(usize),
}

impl<'de> IntoDeserializer<'de, NotPlain> for Placed<'_> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Placed<'_> {
    type Error = NotPlain;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, NotPlain> {
        match self {
            Self::Value(node) => node.deserialize_any(visitor),
            Self::Number(number) => visitor.visit_u64(u64::try_from(number).map_err(|_| NotPlain)?),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, NotPlain> {
        visitor.visit_some(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl fmt::Display for NotPlain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not plain")
    }
}

impl std::error::Error for NotPlain {}

impl de::Error for NotPlain {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}
