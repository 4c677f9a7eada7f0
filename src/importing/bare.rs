//! Addresses that stand in a text without any mark.

use std::ops::Range;

use crate::model::WebUrl;

/// Where they stand.
pub(super) fn addresses(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = ["https://", "http://"].iter().filter_map(|mark| text[from..].find(mark)).min() {
        let start = from + at;
        let ends = [' ', '\n', '\t', '<', '>', '"', '\\', '`', '|'];
        let length = text[start..].find(ends).unwrap_or(text.len() - start);
        let address = unpunctuated(&text[start..start + length]);
        from = start + length;
        if !text[..start].ends_with(|c: char| c.is_alphanumeric()) && WebUrl::parse(address).is_ok() {
            found.push(start..start + address.len());
        }
    }
    found
}

/// An address without the punctuation that only follows it.
fn unpunctuated(address: &str) -> &str {
    let mut address = address;
    loop {
        let open = address.matches('(').count() >= address.matches(')').count();
        let shorter = address.trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', '*', '_', '~', ']']);
        let shorter = if open { shorter } else { shorter.strip_suffix(')').unwrap_or(shorter) };
        if shorter.len() == address.len() {
            return address;
        }
        address = shorter;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_ends_before_its_punctuation() {
        for (text, expected) in [
            ("See https://a.example/b_c, or not.", &["https://a.example/b_c"][..]),
            ("(http://a.example/x_(y)) http://b.example!", &["http://a.example/x_(y)", "http://b.example"]),
            ("xhttps://a.example https:// <https://", &[]),
        ] {
            let found: Vec<&str> = addresses(text).into_iter().map(|place| &text[place]).collect();
            assert_eq!(found, expected, "{text}");
        }
    }
}
