//! The typesetter against its tables, and properties that hold for any text.

use std::fs;
use std::path::Path;

use rotative::config::TypographyOptions;
use rotative::model::Language;
use rotative::render::{specimen_html, specimen_text};

#[test]
fn every_row_of_the_tables_comes_out_as_it_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/typography");
    let mut faults = Vec::new();
    let mut rows = 0;
    for (file, set) in [
        ("text.tsv", specimen_text as fn(&str, Language, &TypographyOptions) -> String),
        ("html.tsv", specimen_html),
        ("more.tsv", specimen_text),
    ] {
        let table = fs::read_to_string(folder.join(file)).expect("a table");
        for row in table.lines().skip(1).filter(|row| !row.trim().is_empty()) {
            let cells: Vec<&str> = row.split('\t').collect();
            let [input, expected, rule] = cells[..] else { panic!("{file}: {row}") };
            let language = if rule.starts_with("en") { Language::English } else { Language::French };
            let found = set(&unescape(input), language, &TypographyOptions::default());
            rows += 1;
            if found != unescape(expected) {
                faults.push(format!(
                    "{rule}\n  input    {input}\n  expected {expected}\n  found    {}",
                    escape(&found)
                ));
            }
        }
    }
    assert!(faults.is_empty(), "{} of {rows} rows:\n{}", faults.len(), faults.join("\n"));
}

/// `\u00a0`, `\n`, `\\`.
fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match (character, character == '\\') {
            (_, false) => out.push(character),
            _ => match characters.next() {
                Some('n') => out.push('\n'),
                Some('u') => {
                    let code: String = characters.by_ref().take(4).collect();
                    out.extend(u32::from_str_radix(&code, 16).ok().and_then(char::from_u32));
                }
                Some(other) => out.push(other),
                None => out.push('\\'),
            },
        }
    }
    out
}

fn escape(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('\n', "\\n")
        .replace('\u{a0}', "\\u00a0")
        .replace('\u{202f}', "\\u202f")
}
