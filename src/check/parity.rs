//! The text of a mail against its HTML: every paragraph and every address of one is in the other, in order (47).

use crate::model::Diagnostic;

use super::letter::Page;
use super::markup::Token;

pub(super) fn check(page: &Page<'_>, findings: &mut Vec<Diagnostic>) {
    let path = format!("out/mail/{}/mail.txt", page.letter.date);
    let mut say = |message: String| {
        let finding = Diagnostic::error("text-parity", message).in_file(path.clone());
        findings.push(
            finding.hint("the text is made from the same items; a template of your own may say more than it"),
        );
    };
    let text = Words::of(page.letter.text);
    let mut from = 0;
    for paragraph in paragraphs(page) {
        let wanted = letters(&paragraph);
        match text.letters[from..].find(&wanted) {
            Some(at) => from += at + wanted.len(),
            None if wanted.is_empty() => {}
            None => {
                let shown: String =
                    paragraph.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(60).collect();
                say(format!("the text lacks, or has elsewhere: `{shown}`"));
            }
        }
    }
    let mut seen = 0;
    let known: Vec<String> = text.links.iter().map(|link| encoded(link)).collect();
    for link in links(page) {
        let wanted = encoded(&link);
        match known.iter().position(|known| *known == wanted) {
            Some(at) if at + 1 >= seen => seen = at,
            Some(_) => {}
            None => say(format!("the text lacks the address {link}")),
        }
    }
}

/// An address with every byte encoded that HTML would have encoded: the text shows it as it was written.
fn encoded(address: &str) -> String {
    let mut encoded = String::with_capacity(address.len());
    for byte in address.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => encoded.push(char::from(byte)),
            byte if b"!#$%&'()*+,-./:;=?@_~".contains(&byte) => encoded.push(char::from(byte)),
            byte => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

/// What the text says, its addresses and their marks apart.
struct Words {
    letters: String,
    links: Vec<String>,
}

impl Words {
    fn of(text: &str) -> Self {
        let mut words = Self { letters: String::new(), links: Vec::new() };
        for line in text.lines() {
            let address = line
                .split_once("] ")
                .filter(|(mark, _)| mark.starts_with('['))
                .map_or(line, |(_, rest)| rest);
            let starts = |scheme: &str| {
                address.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
            };
            if ["http://", "https://", "mailto:"].into_iter().any(starts) && !address.contains(' ') {
                words.links.push(address.to_owned());
                continue;
            }
            let mut rest = line;
            while let Some((before, after)) = rest.split_once("\u{a0}[") {
                words.letters.push_str(&letters(before));
                rest = after.split_once(']').map_or(after, |(number, rest)| {
                    if number.bytes().all(|byte| byte.is_ascii_digit()) { rest } else { after }
                });
            }
            words.letters.push_str(&letters(rest));
            words.links.extend(bare_links(line));
        }
        words
    }
}

/// Addresses that stand in the running text.
fn bare_links(line: &str) -> impl Iterator<Item = String> + '_ {
    line.split([' ', '<', '>', '(', ')']).filter(|word| word.starts_with("http") || word.contains('@')).map(
        |word| {
            let word = word.trim_end_matches(['.', ',', ';']);
            if word.starts_with("http") { word.to_owned() } else { format!("mailto:{word}") }
        },
    )
}

/// Letters and digits alone, small: capitals, marks and line ends differ between the two.
pub(super) fn letters(text: &str) -> String {
    let mut letters = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_ascii() {
            if character.is_ascii_alphanumeric() {
                letters.push(character.to_ascii_lowercase());
            }
        } else if character.is_alphanumeric() {
            letters.extend(character.to_lowercase());
        }
    }
    letters
}

/// The paragraphs that the HTML shows.
fn paragraphs(page: &Page<'_>) -> Vec<String> {
    const BLOCKS: [&str; 14] =
        ["p", "h1", "h2", "h3", "h4", "h5", "h6", "li", "td", "th", "div", "blockquote", "figcaption", "pre"];
    let mut paragraphs = vec![String::new()];
    let mut hidden = 0_usize;
    let mut body = false;
    let mut depth = 0_usize;
    for token in &page.tokens {
        match token {
            Token::Open(element) => {
                body |= element.name == "body";
                if !element.is_void() {
                    depth += 1;
                    if hidden == 0 && element.is_hidden() {
                        hidden = depth;
                    }
                }
                if BLOCKS.contains(&element.name) || element.name == "br" {
                    paragraphs.push(String::new());
                }
            }
            Token::Close { name } => {
                if depth == hidden {
                    hidden = 0;
                }
                depth = depth.saturating_sub(1);
                if BLOCKS.contains(name) {
                    paragraphs.push(String::new());
                }
            }
            Token::Text { text, .. } if body && hidden == 0 => {
                if let Some(last) = paragraphs.last_mut() {
                    last.push_str(text);
                }
            }
            _ => {}
        }
    }
    paragraphs.retain(|paragraph| paragraph.chars().any(char::is_alphanumeric));
    paragraphs
}

/// The addresses that the HTML leads to.
fn links(page: &Page<'_>) -> Vec<String> {
    let hrefs =
        page.elements().filter(|element| element.name == "a").filter_map(|element| element.attribute("href"));
    hrefs.filter(|href| !href.starts_with('#')).map(str::to_owned).collect()
}
