//! YAML read strictly: unknown keys, doubled keys and wrong types are findings with their place, all of them.
//!
//! A mapping that holds a fault is read again without its faulty entries, so that one slip does not hide the next.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, Error as _, SeqAccess, Visitor};
use serde_yaml::Error;

use crate::model::{Diagnostic, Location, Source, Spot, suggest};

use super::plain;

/// A YAML mapping inside a source file.
#[derive(Debug, Clone, Copy)]
pub struct Yaml<'a> {
    source: &'a Source,
    text: &'a str,
    first_line: usize,
}

/// A value and its place in the mapping.
#[derive(Debug, Clone)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    spot: Spot,
}

/// What could be read of a mapping.
#[derive(Debug)]
pub struct Read<T> {
    /// The entries without fault.
    pub value: T,
    /// Whether entries are missing because they held a fault.
    pub partial: bool,
}

/// The most faulty entries that are stepped over in one mapping.
const FAULTS: usize = 40;

impl<'a> Yaml<'a> {
    /// The mapping that `text` holds, whose first line is line `first_line` of the source, counted from 1.
    pub fn new(source: &'a Source, text: &'a str, first_line: usize) -> Self {
        Self { source, text, first_line }
    }

    /// Reads the mapping; a default value stands for one that cannot be read at all.
    pub fn read<T: DeserializeOwned + Default>(&self, findings: &mut Vec<Diagnostic>) -> Read<T> {
        if let Ok(value) = plain::from_str(self.text) {
            return Read { value, partial: false };
        }
        let mut barred = self.indenting_tabs();
        barred.extend(self.escaped_controls());
        if !barred.is_empty() {
            findings.extend(barred);
            return Read { value: T::default(), partial: true };
        }
        let mut rest = Cow::Borrowed(self.text);
        for fault in 0..FAULTS {
            let error = match serde_yaml::from_str::<Option<T>>(&rest) {
                Ok(value) => return Read { value: value.unwrap_or_default(), partial: fault > 0 },
                Err(error) => error,
            };
            let error = error.without_snippet();
            let (line, column, width) = place_of(error);
            let place = self.source.at(line + self.first_line - 1, column, width);
            findings.push(match error {
                Error::SerdeUnknownField { field, .. } if is_secret(field) => secret(field, place),
                _ => describe(error).at(place),
            });
            match without_entry(&rest, line) {
                Some(shorter) if can_continue(error) => rest = shorter.into(),
                _ => break,
            }
        }
        Read { value: T::default(), partial: true }
    }

    /// Where a value stands.
    pub fn place<T>(&self, value: &Spanned<T>) -> Location {
        self.source.spot(self.spot(value))
    }

    /// Where a value stands, to be kept.
    pub fn spot<T>(&self, value: &Spanned<T>) -> Spot {
        Spot { line: value.spot.line + self.first_line - 1, ..value.spot }
    }

    /// Where the mapping starts: the place of what is missing from it.
    pub fn start(&self) -> Location {
        self.source.at(self.first_line, 1, 1)
    }

    /// Control characters that are written as escapes: `"\\u0007"`.
    fn escaped_controls(&self) -> Vec<Diagnostic> {
        let mut findings = Vec::new();
        if !self.text.contains('\\') {
            return findings;
        }
        for (at, line) in self.text.split('\n').enumerate().filter(|(_, line)| line.contains('\\')) {
            let quote = line.find('"').unwrap_or(line.len());
            let mut rest = quote;
            while let Some(found) = line[rest..].find('\\') {
                let start = rest + found;
                let escape = &line[start + 1..];
                if is_control(escape) {
                    let column = line[..start].chars().count() + 1;
                    let place = self.source.at(at + self.first_line, column, 2);
                    let finding = Diagnostic::error(
                        "control-character",
                        "an escape stands here for a character that is no text",
                    );
                    findings.push(finding.at(place).hint("delete it"));
                }
                rest = start + 1 + escape.chars().next().map_or(0, char::len_utf8);
            }
        }
        findings
    }

    fn indenting_tabs(&self) -> Vec<Diagnostic> {
        if !self.text.contains('\t') {
            return Vec::new();
        }
        let lines = self.text.split('\n').enumerate();
        lines
            .filter_map(|(at, line)| {
                let indent = &line[..line.len() - line.trim_start_matches([' ', '\t']).len()];
                let tab = indent.find('\t').filter(|_| indent.len() < line.len())?;
                let place = self.source.at(at + self.first_line, tab + 1, 1);
                let finding = Diagnostic::error("yaml-tab", "a tab stands where YAML wants spaces");
                Some(finding.at(place).hint("indent with two spaces"))
            })
            .collect()
    }
}

impl<T> Spanned<T> {
    /// The same place, and another value.
    pub(super) fn with<U>(&self, value: U) -> Spanned<U> {
        Spanned { value, spot: self.spot }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Spanned<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(plain::PLACED, PlacedVisitor(PhantomData))
    }
}

/// Takes a value and its place from either reader.
struct PlacedVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for PlacedVisitor<T> {
    type Value = Spanned<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    /// From the full reader.
    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Spanned<T>, D::Error> {
        let serde_yaml::Spanned { value, referenced, .. } = serde_yaml::Spanned::deserialize(deserializer)?;
        let number = |value: u64| usize::try_from(value).unwrap_or(1);
        let (line, column) = (number(referenced.line()), number(referenced.column()));
        Ok(Spanned { value, spot: Spot { line, column, width: number(referenced.span().len()) } })
    }

    /// From the quick one.
    fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Spanned<T>, A::Error> {
        let missing = || A::Error::custom("a part is missing");
        let value = parts.next_element()?.ok_or_else(missing)?;
        let mut number = || parts.next_element()?.ok_or_else(missing);
        let (line, column, width) = (number()?, number()?, number()?);
        Ok(Spanned { value, spot: Spot { line, column, width } })
    }
}

/// Whether a YAML escape, without its backslash, names a control character or a line separator.
fn is_control(escape: &str) -> bool {
    let digits = match escape.chars().next() {
        Some('0' | 'a' | 'b' | 'e' | 'f' | 'v' | 'r' | 'N' | 'L' | 'P') => return true,
        Some('x') => 2,
        Some('u') => 4,
        Some('U') => 8,
        _ => return false,
    };
    let code = escape.get(1..=digits).and_then(|code| u32::from_str_radix(code, 16).ok());
    let character = code.and_then(char::from_u32);
    character.is_some_and(|ch| {
        (ch.is_control() && ch != '\n' && ch != '\t') || matches!(ch, '\u{2028}' | '\u{2029}' | '\u{fffd}')
    })
}

fn place_of(error: &Error) -> (usize, usize, usize) {
    let Some(place) = error.location() else { return (1, 1, 1) };
    let number = |value: u64| usize::try_from(value).unwrap_or(1).max(1);
    (number(place.line()), number(place.column()), number(place.span().len()))
}

/// After a fault of meaning the rest can be read; after a fault of syntax it would be guessing.
fn can_continue(error: &Error) -> bool {
    matches!(
        error,
        Error::SerdeUnknownField { .. }
            | Error::SerdeInvalidType { .. }
            | Error::SerdeInvalidValue { .. }
            | Error::SerdeInvalidLength { .. }
            | Error::SerdeUnknownVariant { .. }
            | Error::SerdeMissingField { .. }
            | Error::DuplicateMappingKey { .. }
            | Error::InvalidScalar { .. }
            | Error::InvalidBooleanStrict { .. }
            | Error::NullIntoString { .. }
            | Error::Unexpected { .. }
    )
}

/// The text with the top-level entry that holds `line` emptied, its lines kept for the count.
fn without_entry(text: &str, line: usize) -> Option<String> {
    let lines: Vec<&str> = text.split('\n').collect();
    let starts = |line: &&str| !line.is_empty() && !line.starts_with([' ', '#', '-', ']', '}']);
    let first = (0..line.min(lines.len())).rev().find(|at| starts(&lines[*at]))?;
    let last = (first + 1..lines.len()).find(|at| starts(&lines[*at])).unwrap_or(lines.len());
    let kept = lines.iter().enumerate().map(|(at, line)| if (first..last).contains(&at) { "" } else { line });
    Some(kept.collect::<Vec<_>>().join("\n"))
}

/// Whether a key is one under which people write secrets.
fn is_secret(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    ["password", "passwd", "secret", "token", "api_key", "apikey", "user", "username", "login"]
        .iter()
        .any(|word| key.ends_with(word))
}

/// The value is left out of the excerpt: a log is no place for it either.
fn secret(key: &str, place: Location) -> Diagnostic {
    let shown: String = place.excerpt.chars().take(place.column - 1 + key.chars().count()).collect();
    Diagnostic::error("secret-in-settings", format!("`{key}` must not be written in a file"))
        .at(Location { excerpt: format!("{shown}: …"), width: key.chars().count(), ..place })
        .hint("put it into the environment, as ROTATIVE_SECRET, ROTATIVE_SMTP_USER, ROTATIVE_SMTP_PASSWORD or ROTATIVE_DATABASE_PASSWORD (or the name of a file that holds it, with _FILE)")
}

fn describe(error: &Error) -> Diagnostic {
    match error {
        Error::SerdeUnknownField { field, expected, .. } => {
            let hint = suggest::nearest(field, expected.iter().copied()).map_or_else(
                || list_of("the keys known here are", expected),
                |known| format!("did you mean `{known}`?"),
            );
            Diagnostic::error("unknown-key", format!("unknown key `{field}`")).hint(hint)
        }
        Error::SerdeUnknownVariant { variant, expected, .. } => {
            let hint = suggest::nearest(variant, expected.iter().copied())
                .map_or_else(|| list_of("it may be", expected), |known| format!("did you mean `{known}`?"));
            Diagnostic::error("unknown-value", format!("`{variant}` is not known here")).hint(hint)
        }
        Error::DuplicateMappingKey { key, .. } => {
            let name = key.as_deref().unwrap_or("?");
            Diagnostic::error("duplicate-key", format!("the key `{name}` stands here a second time"))
                .hint("keep one of the two")
        }
        Error::SerdeMissingField { field, .. } => {
            Diagnostic::error("missing-key", format!("the key `{field}` is missing"))
                .hint(format!("add `{field}:`"))
        }
        Error::SerdeInvalidType { unexpected, expected, .. }
        | Error::SerdeInvalidValue { unexpected, expected, .. } => {
            wrong_type(&format!("expected {expected}, found {unexpected}"))
        }
        Error::InvalidScalar { ty, .. } => wrong_type(&format!("expected {ty}")),
        Error::InvalidBooleanStrict { .. } => wrong_type("expected `true` or `false`"),
        Error::NullIntoString { .. } => wrong_type("expected a text, found nothing"),
        Error::Unexpected { expected, .. } => wrong_type(&format!("expected {}", shape(expected))),
        Error::Budget { .. }
        | Error::AliasReplayLimitExceeded { .. }
        | Error::AliasExpansionLimitExceeded { .. }
        | Error::AliasReplayStackDepthExceeded { .. }
        | Error::AliasReplayCounterOverflow { .. } => {
            Diagnostic::error("yaml-too-large", "the aliases of this YAML multiply beyond measure")
                .hint("write the values out instead of repeating aliases of aliases")
        }
        Error::AliasError { error, .. } => describe(error),
        other => Diagnostic::error("yaml-syntax", syntax_message(other)).hint(
            "a text that holds `: ` or ` #`, or starts with one of `[{&*!|>@%\"'`, must stand in quotes",
        ),
    }
}

fn wrong_type(message: &str) -> Diagnostic {
    Diagnostic::error("wrong-type", message)
        .hint("put a text in quotes; write lists as [a, b] and mappings as {key: value}")
}

fn shape(expected: &str) -> &str {
    match expected {
        "mapping start" => "a mapping such as {key: value}",
        "sequence start" => "a list such as [a, b]",
        "string scalar" | "string" => "a text",
        other => other,
    }
}

fn syntax_message(error: &Error) -> String {
    let full = match error {
        Error::Message { msg, .. } => msg.clone(),
        other => other.to_string(),
    };
    let first = full.lines().next().unwrap_or("").trim_end_matches('.');
    let bare = first.split(" at line ").next().unwrap_or(first);
    format!("this is not YAML: {bare}")
}

fn list_of(lead: &str, words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    format!("{lead} {}", quoted.join(", "))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Debug, Default, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Raw {
        title: Option<Spanned<String>>,
        lead: Option<bool>,
        topics: Option<Vec<Spanned<String>>>,
        number: Option<Spanned<i64>>,
    }

    fn read(text: &str) -> (Read<Raw>, Vec<Diagnostic>) {
        let source = Source::new("a.md", text);
        let mut findings = Vec::new();
        let read = Yaml::new(&source, source.text(), 1).read(&mut findings);
        (read, findings)
    }

    #[test]
    fn every_fault_is_found_in_one_reading() {
        let (read, findings) = read("titel: a\ntitle: b\nlead: perhaps\ntopics: {a: b}\nfoo:\n  - x\n");
        let rules: Vec<_> = findings.iter().map(|finding| finding.rule).collect();
        assert_eq!(rules, ["unknown-key", "wrong-type", "wrong-type", "unknown-key"], "{findings:#?}");
        assert_eq!(read.value.title.expect("a title").value, "b");
        assert!(read.partial && read.value.lead.is_none() && read.value.topics.is_none());
        let lines: Vec<_> =
            findings.iter().filter_map(|f| f.location.as_ref()).map(|place| place.line).collect();
        assert_eq!(lines, [1, 3, 4, 5]);
    }

    #[test]
    fn a_bomb_of_aliases_is_defused() {
        let mut text =
            "title: &a0 aaaaaaaaaaaaaaaa\ntopics:\n  - &a [*a0, *a0, *a0, *a0, *a0, *a0, *a0, *a0]\n"
                .to_owned();
        for (from, to) in ["ab", "bc", "cd", "de", "ef", "fg", "gh"].iter().map(|pair| pair.split_at(1)) {
            text.push_str(&format!("  - &{to} [{}]\n", vec![format!("*{from}"); 10].join(", ")));
        }
        let (_, findings) = read(&text);
        assert!(!findings.is_empty());
    }

    /// One key of each type that heads hold.
    #[derive(Debug, Default, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "compared as it is printed")]
    struct Every {
        text: Option<Spanned<String>>,
        bare: Option<String>,
        list: Option<Vec<Spanned<String>>>,
        number: Option<Spanned<i64>>,
        truth: Option<bool>,
        credit: Option<Credit>,
    }

    #[derive(Debug, Default, Deserialize)]
    #[expect(dead_code, reason = "compared as it is printed")]
    struct Credit {
        name: Option<Spanned<String>>,
        url: Option<Spanned<String>>,
    }

    /// A line of a head, plain or nearly so.
    fn line() -> impl Strategy<Value = String> {
        let text = prop_oneof![
            "[a-zA-ZÉœ0-9][a-zé0-9 :,'’&*/?!.%«»\\[\\]{}#|>-]{0,12}",
            "[a-zÉ][a-zé0-9 ,'’&*/?!.%«»-]{0,12}",
            "\"[a-zé: #,\\[\\]{}'\\\\]{0,12}\"",
            "'[a-zé: #,\\[\\]{}\"']{0,12}'",
            "(null|Null|NaN|yes|on|Off|y|~|007|1e5|0x1F|2018-06-08|2018|12:30|1_000|-3|3.5|infinity|.nan|=|<<)",
        ];
        let list = "\\[( ?(\"[a-z, ]{0,5}\"|[a-z0-9É][a-z :/é-]{0,5}) ?,){0,2}( ?[a-zé]{1,4} ?)?\\]";
        prop_oneof![
            (prop_oneof![Just("text"), Just("bare")], text).prop_map(|(key, text)| format!("{key}: {text}")),
            list.prop_map(|list| format!("list: {list}")),
            "(number: ( |-|0)?[0-9]{1,3}|number: [0-9a-f_]{1,9}|truth: (true|false|True|yes|\"true\"))",
            "credit: \\{name: [a-z\"É][a-z :/\"é-]{0,6}, ?(url: https?://[a-z.:/?=&]{1,6} ?)?\\}",
        ]
    }

    proptest! {
        #[test]
        fn what_is_plain_reads_the_same_in_full(
            lines in prop::collection::vec(line(), 1..3), end in prop_oneof![Just(""), Just("\n"), Just(" \n"), Just("\n  more\n"), Just("\n# a\n")]
        ) {
            let text = lines.join("\n") + end;
            if let Ok(quick) = plain::from_str::<Every>(&text) {
                let full = serde_yaml::from_str::<Option<Every>>(&text).expect("what is plain can be read");
                prop_assert_eq!(format!("{:?}", Some(quick)), format!("{full:?}"), "{}", text);
            }
        }
    }

    #[test]
    fn a_usual_head_is_plain() {
        let head =
            "title: \"Élevage : l’accord\"\nlead: true\ntopics: [\"forêt d’été\", google, l'or]\nnumber: 3\n";
        let raw = plain::from_str::<Raw>(head).expect("a plain head");
        assert_eq!(raw.topics.expect("topics").len(), 3);
        assert_eq!(raw.number.expect("a number").value, 3);
        assert!(plain::from_str::<Raw>("title: a\ntitle: b\n").is_err());
        assert!(plain::from_str::<Raw>("title: \"a\\tb\"\n").is_err());
    }

    #[test]
    fn nothing_at_all_is_an_empty_mapping() {
        let (read, findings) = read("# only a comment\n");
        assert!(read.value.title.is_none() && findings.is_empty());
    }
}
