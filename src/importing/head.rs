//! The head of a post, in YAML, TOML or JSON, as one kind of value.

use serde_json::{Map, Value};

use crate::config::yaml::Yaml;
use crate::model::Source;

use super::{Note, change, leave_out_post};

/// The head of a post.
#[derive(Debug, Clone, Default)]
pub(super) struct Head {
    keys: Map<String, Value>,
}

/// A file taken apart.
#[derive(Debug)]
pub(super) struct Parted<'a> {
    pub(super) head: Head,
    /// The text below the head.
    pub(super) body: &'a str,
    /// The line it starts on, counted from 1.
    pub(super) line: usize,
}

/// Why a head cannot be read: the line, and what is wrong.
pub(super) type Fault = (usize, String);

/// Takes a file apart; `None` where it has no head.
pub(super) fn part<'a>(
    file: &str,
    text: &'a str,
    notes: &mut Vec<Note>,
) -> Result<Option<Parted<'a>>, Fault> {
    let first = text.lines().next().unwrap_or("").trim_end();
    let fence = match first {
        "---" | "+++" => first,
        _ if first.starts_with('{') && !first.starts_with("{%") && !first.starts_with("{{") => {
            return json(text).map(Some);
        }
        _ => return Ok(None),
    };
    let start = text.find('\n').map_or(text.len(), |at| at + 1);
    let mut end = start;
    for line in text[start..].split_inclusive('\n') {
        let closes = line.trim_end() == fence || fence == "---" && line.trim_end() == "...";
        if closes {
            let body = end + line.len();
            let keys = match fence {
                "---" => yaml(file, &text[start..end], notes)?,
                _ => toml(&text[start..end], 2)?,
            };
            let line = text[..body].matches('\n').count() + 1;
            return Ok(Some(Parted { head: Head { keys }, body: &text[body..], line }));
        }
        end += line.len();
    }
    Err((1, format!("the head is never closed: a line `{fence}` is missing")))
}

/// The same of a post, which has a head that begins as `begins` says; where it has none, that is said.
pub(super) fn part_post<'a>(
    file: &str,
    text: &'a str,
    begins: &str,
    notes: &mut Vec<Note>,
) -> Option<Parted<'a>> {
    let (line, what, next) = match part(file, text, notes) {
        Ok(Some(parted)) => return Some(parted),
        Ok(None) => (1, "it has no head".to_owned(), begins),
        Err((line, what)) => (line, what, "mend the head"),
    };
    notes.push(leave_out_post(file, line, what, next));
    None
}

fn json(text: &str) -> Result<Parted<'_>, Fault> {
    let mut stream = serde_json::Deserializer::from_str(text).into_iter::<Map<String, Value>>();
    match stream.next() {
        Some(Ok(keys)) => {
            let end = stream.byte_offset();
            let line = text[..end].matches('\n').count() + 1;
            Ok(Parted { head: Head { keys }, body: &text[end..], line })
        }
        Some(Err(error)) => Err((error.line(), format!("the head is no JSON: {error}"))),
        None => Err((1, "the head is empty".to_owned())),
    }
}

/// YAML as its writers are used to it: tabs may indent, and of doubled keys the first is taken, which is said.
pub(super) fn yaml(file: &str, text: &str, notes: &mut Vec<Note>) -> Result<Map<String, Value>, Fault> {
    let spaced = text.replace('\t', "  ").replace('\u{feff}', "");
    let source = Source::new(file, spaced);
    let mut findings = Vec::new();
    let read = Yaml::new(&source, source.text(), 2).read::<Value>(&mut findings);
    let place = |finding: &crate::model::Diagnostic| finding.location.as_ref().map_or(1, |place| place.line);
    match (read.value, findings.first()) {
        (Value::Object(keys), _) => {
            for finding in &findings {
                let what = format!("in the head: {}", finding.message);
                notes.push(change(file, place(finding), what, "look at the key"));
            }
            Ok(keys)
        }
        (_, Some(finding)) => Err((place(finding), format!("the head cannot be read: {}", finding.message))),
        (Value::Null, None) => Ok(Map::new()),
        (_, None) => Err((2, "the head holds no keys".to_owned())),
    }
}

/// TOML; `first` is the line on which it starts.
pub(super) fn toml(text: &str, first: usize) -> Result<Map<String, Value>, Fault> {
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        let at = error.span().map_or(0, |span| span.start.min(text.len()));
        let line = text.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count() + first;
        (line, format!("the TOML cannot be read: {}", error.message()))
    })?;
    Ok(table.into_iter().map(|(key, value)| (key, plain(value))).collect())
}

fn plain(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => Value::String(text),
        toml::Value::Integer(number) => number.into(),
        toml::Value::Float(number) => number.into(),
        toml::Value::Boolean(flag) => flag.into(),
        toml::Value::Datetime(moment) => moment.to_string().into(),
        toml::Value::Array(values) => values.into_iter().map(plain).collect(),
        toml::Value::Table(table) => {
            Value::Object(table.into_iter().map(|(key, value)| (key, plain(value))).collect())
        }
    }
}

impl Head {
    /// A head of keys that are known already.
    pub(super) fn new(keys: Map<String, Value>) -> Self {
        Self { keys }
    }

    /// The value of a key, whatever the case of its letters.
    pub(super) fn get(&self, key: &str) -> Option<&Value> {
        let found = self.keys.get(key).or_else(|| {
            self.keys.iter().find(|(known, _)| known.eq_ignore_ascii_case(key)).map(|(_, value)| value)
        });
        found.filter(|value| !value.is_null())
    }

    /// The part under a key.
    pub(super) fn inner(&self, key: &str) -> Self {
        let keys = self.get(key).and_then(Value::as_object).cloned().unwrap_or_default();
        Self { keys }
    }

    /// Fills in what is not written.
    pub(super) fn or(mut self, usual: &Self) -> Self {
        for (key, value) in &usual.keys {
            if self.get(key).is_none() {
                self.keys.insert(key.clone(), value.clone());
            }
        }
        self
    }

    /// A text, or a number as a text.
    pub(super) fn text(&self, key: &str) -> Option<String> {
        self.get(key).and_then(scalar).filter(|text| !text.trim().is_empty())
    }

    /// A switch.
    pub(super) fn flag(&self, key: &str) -> Option<bool> {
        match self.get(key)? {
            Value::Bool(flag) => Some(*flag),
            Value::String(text) => text.parse().ok(),
            _ => None,
        }
    }

    /// Several texts: an array, or one text.
    pub(super) fn list(&self, key: &str) -> Vec<String> {
        match self.get(key) {
            Some(Value::Array(values)) => values.iter().filter_map(name).collect(),
            Some(value) => name(value).into_iter().collect(),
            None => Vec::new(),
        }
    }

    /// The keys, in order.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&String, &Value)> {
        self.keys.iter()
    }
}

/// A value as a text.
pub(super) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

/// A name, or an object that has one.
fn name(value: &Value) -> Option<String> {
    let named = value.as_object().and_then(|object| object.get("name").or_else(|| object.get("title")));
    scalar(named.unwrap_or(value)).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parted(text: &str) -> Result<Option<Parted<'_>>, Fault> {
        part("a.md", text, &mut Vec::new())
    }

    #[test]
    fn the_three_kinds_of_head_say_the_same() {
        for text in [
            "---\ntitle: A\ntags: [x, 2]\ndate: 2018-06-08\n---\nBody\n",
            "+++\ntitle = \"A\"\ntags = [\"x\", 2]\ndate = 2018-06-08\n+++\nBody\n",
            "{\n\"title\": \"A\", \"tags\": [\"x\", 2], \"date\":\n\"2018-06-08\"}\nBody\n",
        ] {
            let parted = parted(text).expect("a head").expect("a head");
            assert_eq!(parted.head.text("Title").as_deref(), Some("A"), "{text}");
            assert_eq!(parted.head.list("tags"), ["x", "2"]);
            assert_eq!(parted.head.text("date").as_deref(), Some("2018-06-08"));
            assert_eq!(parted.body.trim(), "Body");
        }
    }

    #[test]
    fn a_broken_head_is_told_with_its_line() {
        assert_eq!(parted("---\ntitle: a\n").expect_err("a fault").0, 1);
        assert_eq!(parted("+++\na = 1\nb = \n+++\n").expect_err("a fault").0, 3);
        assert_eq!(parted("---\na: 1\nb: [\n---\n").expect_err("a fault").0, 3);
        assert!(parted("No head.\n").expect("fine").is_none());
    }
}
