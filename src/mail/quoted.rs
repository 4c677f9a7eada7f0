//! Quoted-printable (RFC 2045, section 6.7): any text as lines of 76 ASCII characters at most, slots kept whole.

use crate::links::{PREFERENCES_SLOT, UNSUBSCRIBE_SLOT};

/// The longest line, its soft end not counted.
const LONGEST: usize = 75;

/// Encodes a text whose lines end in `\n`; the lines of the result end in CRLF.
pub(super) fn encode(text: &str) -> Vec<u8> {
    let mut encoded = Vec::with_capacity(text.len() + text.len() / 8);
    let lines = text.strip_suffix('\n').unwrap_or(text).split('\n');
    for line in lines {
        encode_line(line.as_bytes(), &mut encoded);
        encoded.extend(b"\r\n");
    }
    encoded
}

fn encode_line(line: &[u8], out: &mut Vec<u8>) {
    let mut width = 0;
    let mut at = 0;
    while at < line.len() {
        let (mut piece, taken) = unit(line, at, width);
        if width + piece.as_slice().len() > LONGEST {
            out.extend(b"=\r\n");
            width = 0;
            // What is legal inside a line may not be at its start.
            (piece, _) = unit(line, at, width);
        }
        out.extend(piece.as_slice());
        width += piece.as_slice().len();
        at += taken;
    }
}

/// The next piece that must not be broken, and how many bytes of the line it stands for.
fn unit(line: &[u8], at: usize, width: usize) -> (Unit, usize) {
    if let Some(slot) = SLOTS.iter().find(|slot| line[at..].starts_with(slot.as_bytes())) {
        return (Unit::Slot(slot), slot.len());
    }
    let byte = line[at];
    let last = at + 1 == line.len();
    let literal = match byte {
        b' ' | b'\t' => !last,
        b'=' => false,
        // A dot or "From " at the start of a line is changed by some servers.
        b'.' | b'F' if width == 0 => false,
        33..=126 => true,
        _ => false,
    };
    if literal { (Unit::Byte([byte]), 1) } else { (Unit::Escaped(escape(byte)), 1) }
}

enum Unit {
    Byte([u8; 1]),
    Escaped([u8; 3]),
    Slot(&'static str),
}

/// What is filled later stays in one piece.
const SLOTS: [&str; 2] = [UNSUBSCRIBE_SLOT, PREFERENCES_SLOT];

impl Unit {
    fn as_slice(&self) -> &[u8] {
        match self {
            Self::Byte(byte) => byte,
            Self::Escaped(escaped) => escaped,
            Self::Slot(slot) => slot.as_bytes(),
        }
    }
}

fn escape(byte: u8) -> [u8; 3] {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    [b'=', DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decode(encoded: &[u8]) -> String {
        let text = String::from_utf8(encoded.to_vec()).expect("ASCII").replace("=\r\n", "");
        let mut bytes = Vec::new();
        let mut rest = text.as_bytes();
        while let Some((first, after)) = rest.split_first() {
            if *first == b'=' {
                let digits = std::str::from_utf8(&after[..2]).expect("digits");
                bytes.push(u8::from_str_radix(digits, 16).expect("a byte"));
                rest = &after[2..];
            } else {
                bytes.push(*first);
                rest = after;
            }
        }
        String::from_utf8(bytes).expect("UTF-8").replace("\r\n", "\n")
    }

    proptest! {
        #[test]
        fn any_text_comes_back_from_lines_that_are_legal(text in "(?s)[^\r]{0,400}") {
            let encoded = encode(&text);
            for line in encoded.split(|byte| *byte == b'\n') {
                prop_assert!(line.len() <= 77, "{} long", line.len());
                prop_assert!(line.iter().all(|byte| (32..127).contains(byte) || matches!(byte, b'\t' | b'\r')));
                let bare = line.strip_suffix(b"\r").unwrap_or(line);
                prop_assert!(!bare.ends_with(b" ") && !bare.ends_with(b"\t") && !bare.starts_with(b"."));
            }
            let decoded = decode(&encoded);
            prop_assert_eq!(decoded.trim_end_matches('\n'), text.trim_end_matches('\n'));
        }

        #[test]
        fn a_slot_is_never_broken(before in "[a-zé ]{0,90}") {
            let encoded = encode(&format!("{before}{UNSUBSCRIBE_SLOT}{before}"));
            let text = String::from_utf8(encoded).expect("ASCII");
            prop_assert!(text.contains(UNSUBSCRIBE_SLOT));
        }
    }
}
