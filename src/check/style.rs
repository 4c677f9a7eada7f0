//! The styles of a mail: only what every mail program understands (statements 13–22).

use std::collections::{BTreeMap, HashSet};

use crate::model::{Colour, Diagnostic};

use super::letter::Page;
use super::markup::{Element, Token};

/// Properties without an "unsupported" among the mail programs that matter (15).
const PROPERTIES: [&str; 31] = [
    "font",
    "font-family",
    "font-size",
    "font-weight",
    "font-style",
    "line-height",
    "letter-spacing",
    "color",
    "background-color",
    "border",
    "border-top",
    "border-bottom",
    "border-left",
    "border-right",
    "border-collapse",
    "margin",
    "padding",
    "width",
    "max-width",
    "height",
    "display",
    "text-align",
    "text-decoration",
    "text-indent",
    "text-transform",
    "vertical-align",
    "list-style-type",
    "direction",
    "overflow",
    "max-height",
    "mso-line-height-rule",
];

const WINDOWS: [&str; 11] = [
    "arial",
    "georgia",
    "verdana",
    "tahoma",
    "times new roman",
    "trebuchet ms",
    "segoe ui",
    "courier new",
    "consolas",
    "palatino linotype",
    "impact",
];
const APPLE: [&str; 13] = [
    "arial",
    "georgia",
    "verdana",
    "tahoma",
    "times new roman",
    "trebuchet ms",
    "helvetica",
    "helvetica neue",
    "courier new",
    "menlo",
    "palatino",
    "avenir",
    "times",
];
const GENERIC: [&str; 3] = ["serif", "sans-serif", "monospace"];

pub(super) fn check(page: &Page<'_>, findings: &mut Vec<Diagnostic>) {
    for element in page.elements() {
        for (property, value) in element.style() {
            if let Some(message) = declaration(element, property, value) {
                let hint = "mail programs differ: see mail/style.css for what all of them understand";
                findings.push(page.at(Diagnostic::error("mail-style", message).hint(hint), element.at));
            }
        }
    }
    sheets(page, findings);
    sizes(page, findings);
}

fn declaration(element: &Element<'_>, property: &str, value: &str) -> Option<String> {
    if !PROPERTIES.contains(&property) {
        return Some(format!("the property `{property}` is not understood everywhere"));
    }
    if value.contains("!important") {
        return Some("`!important` has no place in a style attribute".to_owned());
    }
    if matches!(property, "overflow" | "max-height") && !element.is_hidden() {
        return Some(format!("`{property}` is for the preheader alone"));
    }
    match property {
        "color" | "background-color" => six_digits(value),
        "font-weight" => (!matches!(value, "normal" | "bold"))
            .then(|| format!("`font-weight: {value}` must be normal or bold")),
        "text-align" => (!matches!(value, "left" | "right" | "center"))
            .then(|| format!("`text-align: {value}` must be left, right or center")),
        "font-family" => font_stack(value),
        _ => value.split([' ', ',']).find_map(|word| length(property, word)),
    }
}

fn six_digits(value: &str) -> Option<String> {
    let right = value.len() == 7 && Colour::parse(value).is_ok();
    (!right).then(|| format!("the colour `{value}` must have six digits, as #1a1a1a"))
}

/// Lengths in px, em or % (16); colours inside `border`.
fn length(property: &str, word: &str) -> Option<String> {
    if word.starts_with('#') {
        return six_digits(word);
    }
    if word.contains('(') {
        return Some(format!("`{word}` is not understood everywhere"));
    }
    if property == "margin" && word.starts_with('-') {
        return Some("a negative margin is not understood everywhere".to_owned());
    }
    let unit = word.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | '-'));
    let number = word.len() > unit.len();
    let right = !number
        || matches!(unit, "px" | "em" | "%")
        || unit.is_empty() && word.trim_matches(['0', '.']).is_empty();
    (!right).then(|| format!("the length `{word}` must be in px, em or %"))
}

fn font_stack(value: &str) -> Option<String> {
    let fonts: Vec<String> =
        value.split(',').map(|font| font.trim().trim_matches(['\'', '"']).to_ascii_lowercase()).collect();
    let has = |known: &[&str]| fonts.iter().any(|font| known.contains(&font.as_str()));
    let ends = fonts.last().is_some_and(|last| GENERIC.contains(&last.as_str()));
    if ends && has(&WINDOWS) && has(&APPLE) {
        return None;
    }
    Some(format!("the fonts `{value}` must name one of Windows, one of Apple, and end in a generic family"))
}

/// `<style>` elements (20–22).
fn sheets(page: &Page<'_>, findings: &mut Vec<Diagnostic>) {
    let mut inside = false;
    let mut total = 0;
    for token in &page.tokens {
        match token {
            Token::Open(element) => inside = element.name == "style",
            Token::Text { text, at } if inside => {
                total += text.len();
                if let Some(message) = sheet(text) {
                    let finding = Diagnostic::error("mail-style", message);
                    findings.push(
                        page.at(finding.hint("compare the <style> elements with the built-in ones"), *at),
                    );
                }
            }
            _ => {}
        }
    }
    if total > 16_000 {
        findings.push(
            page.whole(
                Diagnostic::error(
                    "mail-style",
                    format!("the <style> elements hold {total} bytes, 16,000 at most"),
                )
                .hint("styles belong into mail/style.css, which is carried into the elements"),
            ),
        );
    } else if total > 2_000 {
        findings.push(
            page.whole(
                Diagnostic::warning(
                    "mail-style",
                    format!("the <style> elements hold {total} bytes; 2,000 are usual"),
                )
                .hint("styles belong into mail/style.css, which is carried into the elements"),
            ),
        );
    }
}

fn sheet(text: &str) -> Option<String> {
    for (mark, why) in [("/*", "a comment"), ("url(", "url()"), ("@import", "@import")] {
        if text.contains(mark) {
            return Some(format!("{why} in <style> makes some mail programs drop it"));
        }
    }
    let mut depth = 0;
    for (at, character) in text.char_indices() {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            '@' if depth > 0 => {
                return Some("an at-rule inside an at-rule is not understood everywhere".to_owned());
            }
            '!' => {
                let right = text[at..].starts_with("!important")
                    && text[..at].ends_with(' ')
                    && !text[..at].ends_with("  ");
                if !right {
                    return Some("`!important` is written small, after one space".to_owned());
                }
            }
            _ => {}
        }
    }
    let dark = text.contains("prefers-color-scheme");
    (dark && text.matches("@media").count() > 1)
        .then(|| "dark-mode rules need a <style> of their own".to_owned())
}

/// What the texts of an element look like, and what they are.
#[derive(Debug, Clone, Copy)]
struct Set<'a> {
    name: &'a str,
    size: f64,
    height: f64,
    body: bool,
    hidden: bool,
    /// Whether it is part of an item, and of a paragraph or a list.
    item: bool,
    reading: bool,
    raised: bool,
    /// What has run before is an aside, whatever its length.
    aside: bool,
}

impl<'a> Set<'a> {
    /// How an element is set inside another.
    fn inside(above: Option<&Self>, element: &Element<'a>, items: &HashSet<&str>) -> Self {
        let usual = Self {
            name: "",
            size: 16.0,
            height: 24.0,
            body: false,
            hidden: false,
            item: false,
            reading: false,
            raised: false,
            aside: false,
        };
        let above = above.copied().unwrap_or(usual);
        let own = |name: &str, inherited: f64| {
            let own = element.property(name).and_then(|value| value.strip_suffix("px"));
            own.and_then(|value| value.parse().ok()).unwrap_or(inherited)
        };
        let name = element.name;
        Self {
            name,
            size: own("font-size", above.size),
            height: own("line-height", above.height),
            body: above.body || name == "body",
            hidden: above.hidden || element.is_hidden(),
            item: above.item || element.attribute("id").is_some_and(|id| items.contains(id)),
            reading: above.reading || matches!(name, "p" | "li"),
            raised: above.raised || matches!(name, "sup" | "sub"),
            aside: above.aside || element.has_class("related"),
        }
    }
}

/// The sizes of texts (19): nothing too small, and the items' own text, by characters, comfortable.
fn sizes(page: &Page<'_>, findings: &mut Vec<Diagnostic>) {
    let mut open: Vec<Set<'_>> = Vec::new();
    let mut characters: BTreeMap<(u64, u64), usize> = BTreeMap::new();
    let items: HashSet<&str> = page.letter.items.iter().map(String::as_str).collect();
    for token in &page.tokens {
        match token {
            Token::Open(element) if !element.is_void() => {
                open.push(Set::inside(open.last(), element, &items));
            }
            Token::Close { name } => {
                if let Some(at) = open.iter().rposition(|set| set.name == *name) {
                    open.truncate(at);
                }
            }
            Token::Text { text, at } if !text.trim().is_empty() => {
                let Some(set) = open.last().filter(|set| set.body && !set.hidden) else { continue };
                if set.size < 13.0 {
                    let message = format!("a text of {} px is too small to read", set.size);
                    findings.push(page.at(
                        Diagnostic::error("mail-style", message).hint("13 px is the least, 16 for reading"),
                        *at,
                    ));
                }
                if set.item && set.reading && !set.raised && !set.aside {
                    let key = ((set.size * 10.0) as u64, (set.height * 10.0) as u64);
                    *characters.entry(key).or_default() += text.chars().count();
                }
            }
            _ => {}
        }
    }
    let Some(((size, height), _)) =
        characters.into_iter().max_by_key(|(_, count)| *count).filter(|(_, count)| *count > 200)
    else {
        return;
    };
    if size < 160 || height * 2 < size * 3 {
        let message = format!("most of the items' text is {} px on {} px", size / 10, height / 10);
        findings
            .push(page.whole(Diagnostic::error("mail-style", message).hint("16 px on 24 px is the least")));
    }
}
