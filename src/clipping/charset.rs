//! The text of a page, whatever its encoding.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::facts::{Facts, charset_of};

/// How far into a page its encoding is looked for.
const BEGINNING: usize = 4096;

/// Reads the bytes of a page: by the mark at their beginning, by what the server says, by what the page says; else as
/// UTF-8 if they are, and as windows-1252 if not, as browsers do.
pub(super) fn decode(bytes: &[u8], kind: Option<&str>) -> String {
    if let Some((encoding, length)) = Encoding::for_bom(bytes) {
        return encoding.decode_without_bom_handling(&bytes[length..]).0.into_owned();
    }
    let said = kind.and_then(charset_of).and_then(|label| Encoding::for_label(label.as_bytes()));
    let encoding = said.or_else(|| declared(bytes)).unwrap_or_else(|| guess(bytes));
    encoding.decode_without_bom_handling(bytes).0.into_owned()
}

/// What the page says of itself. That it could be read so far means that it is not UTF-16.
fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    let start = &bytes[..bytes.len().min(BEGINNING)];
    let label = Facts::of(&WINDOWS_1252.decode_without_bom_handling(start).0).charset?;
    let encoding = Encoding::for_label(label.as_bytes())?;
    Some(if encoding == UTF_16LE || encoding == UTF_16BE { UTF_8 } else { encoding })
}

fn guess(bytes: &[u8]) -> &'static Encoding {
    match std::str::from_utf8(bytes) {
        // A letter that is cut off at the end is none that is wrong.
        Err(error) if error.error_len().is_some() => WINDOWS_1252,
        _ => UTF_8,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_encoding_is_known_by_mark_server_page_or_looks() {
        assert_eq!(decode(b"\xef\xbb\xbf\xc3\xa9", Some("text/html; charset=iso-8859-1")), "é");
        assert_eq!(decode(b"\xff\xfe\xe9\x00", None), "é");
        assert_eq!(decode(b"\xe9", Some("text/html; charset=ISO-8859-1")), "é");
        assert_eq!(
            decode(b"<meta charset=windows-1251>\xe9", Some("text/html")),
            "<meta charset=windows-1251>й"
        );
        let old = b"<meta http-equiv=Content-Type content='text/html; charset=iso-8859-15'>\xa4";
        assert!(decode(old, None).ends_with('€'));
        assert_eq!(decode(b"<meta charset=utf-16>\xc3\xa9", None), "<meta charset=utf-16>é");
        assert_eq!(
            (decode(b"\xc3\xa9\xc3", None).as_str(), decode(b"\xe9t\xe9", None).as_str()),
            ("é\u{fffd}", "été")
        );
        assert_eq!(decode(b"\xc3\xa9", Some("text/html; charset=klingon")), "é");
    }
}
