//! Header texts of any characters as encoded-words (RFC 2047): UTF-8, whole characters, 75 characters a word at most.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// The bytes that one word holds: 45 of them are 60 in Base64, which leaves the line room for the field's name.
const WORD: usize = 42;

/// The longest plain line, the field's name included.
const LINE: usize = 76;

/// A text as the value of the field `name`, folded. What is plain ASCII and fits stays as it is.
pub(super) fn encode(name: &str, text: &str) -> String {
    let plain = text.bytes().all(|byte| (32..127).contains(&byte)) && !text.contains("=?");
    let tidy = !text.starts_with(' ') && !text.ends_with(' ') && !text.contains("  ");
    if plain && tidy && text.split(' ').all(|word| word.len() < LINE - name.len() - 2) {
        return fold(name, text);
    }
    let mut words: Vec<String> = vec![String::new()];
    for character in text.chars() {
        let full = words.last().is_some_and(|word| word.len() + character.len_utf8() > WORD);
        if full {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.push(character);
        }
    }
    let encoded: Vec<String> =
        words.iter().map(|word| format!("=?utf-8?b?{}?=", STANDARD.encode(word))).collect();
    encoded.join("\r\n ")
}

fn fold(name: &str, text: &str) -> String {
    let mut folded = String::with_capacity(text.len() + 8);
    let mut width = name.len() + 2;
    for (at, word) in text.split(' ').enumerate() {
        if at > 0 && width + 1 + word.len() > LINE {
            folded.push_str("\r\n");
            width = 0;
        }
        if at > 0 {
            folded.push(' ');
            width += 1;
        }
        folded.push_str(word);
        width += word.len();
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_texts_stay_plain_and_others_are_encoded() {
        assert_eq!(encode("Subject", "A bridge opens"), "A bridge opens");
        assert_eq!(encode("Subject", "=?utf-8?q?x?="), "=?utf-8?b?PT91dGYtOD9xP3g/PQ==?=");
        let long = encode("Subject", &"é".repeat(50));
        assert!(
            long.split("\r\n ").count() == 3 && long.split("\r\n ").all(|word| word.len() <= 75),
            "{long}"
        );
        let folded = encode("Subject", "word ".repeat(30).trim_end());
        assert!(folded.split("\r\n").all(|line| line.len() <= 76), "{folded}");
    }
}
