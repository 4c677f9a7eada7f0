//! Addresses in other people's words: masked before they are kept.

use crate::model::EmailAddress;

/// The text with every address in it masked: `a***@example.org`. `known` is masked however it is written.
pub fn without_addresses(text: &str, known: Option<&EmailAddress>) -> String {
    let text = match known {
        Some(known) if text.contains(known.local()) => {
            text.replace(&known.to_string(), &known.masked()).replace(&xtext(known), &known.masked())
        }
        _ => text.to_owned(),
    };
    let mut out = String::new();
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once('@') {
        let start = before.char_indices().rev().take_while(|(_, letter)| in_local(*letter)).last();
        let (words, local) = before.split_at(start.map_or(before.len(), |(at, _)| at));
        out.push_str(words);
        if after.starts_with(|letter: char| letter.is_alphanumeric() || letter == '[') {
            out.extend(local.chars().take(1));
            out.push_str(if local.is_empty() { "" } else { "***" });
        } else {
            out.push_str(local);
        }
        out.push('@');
        rest = after;
    }
    out.push_str(rest);
    out
}

/// As it stands in a DSN parameter (RFC 3461, section 4).
fn xtext(address: &EmailAddress) -> String {
    address.to_string().replace('+', "+2B").replace('=', "+3D")
}

fn in_local(letter: char) -> bool {
    !letter.is_whitespace() && !letter.is_control() && !"<>()[],;:\\\"@".contains(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_address_is_left() {
        let ann = EmailAddress::parse("ann.lee+tag=x@reader.example").expect("an address");
        for (text, shown) in [
            ("<ann.lee+tag=x@reader.example> unknown", "<a***@reader.example> unknown"),
            ("ann.lee+2Btag+3Dx@reader.example", "a***@reader.example"),
            ("to:ANN.LEE+tag=x@READER.example,bob@b.example", "to:A***@READER.example,b***@b.example"),
            ("rémi@a.example é@b.example", "r***@a.example é***@b.example"),
            ("@ home, a @ b, queued as 4bX@", "@ home, a @ b, queued as 4bX@"),
            ("a***@b.example", "a***@b.example"),
            ("", ""),
        ] {
            assert_eq!(without_addresses(text, Some(&ann)), shown);
        }
    }
}
