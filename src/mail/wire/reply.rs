//! What a relay says: replies read byte by byte, strictly and in bounded memory (RFC 5321, section 4.2).

use memchr::{memchr, memchr2};
use thiserror::Error;

use crate::model::{EmailAddress, EnhancedCode, Reply};

use super::redact::without_addresses;

/// Bytes in, replies out.
#[derive(Debug, Default)]
pub struct Replies {
    buffer: Vec<u8>,
    /// Where the line begins that is not yet whole.
    line: usize,
    overfull: bool,
}

/// A whole reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Three digits, 200 to 599.
    pub code: u16,
    /// Its lines without the code.
    lines: String,
}

/// Why bytes are no reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Garbage {
    /// No three digits, or no space or hyphen after them.
    #[error("what the relay says is no reply")]
    NoCode,
    /// CR or LF alone, or NUL.
    #[error("the relay's reply holds a bare line end or a NUL")]
    Control,
    /// A line longer than 2,048 bytes.
    #[error("the relay's reply has a line without end")]
    LongLine,
    /// More than 64 KiB.
    #[error("the relay's reply has no end")]
    Endless,
    /// The lines of one reply do not agree.
    #[error("the lines of the relay's reply bear different codes")]
    Codes,
}

/// The longest reply. No relay needs a tenth of it.
const LONGEST: usize = 64 * 1024;
/// The longest line: four times what RFC 5321 allows.
const LONGEST_LINE: usize = 2048;
/// What is kept of the words, in characters.
const WORDS: usize = 500;

impl Replies {
    /// Nothing heard yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes what has come in.
    pub fn push(&mut self, bytes: &[u8]) {
        let room = LONGEST.saturating_sub(self.buffer.len()).min(bytes.len());
        self.overfull |= room < bytes.len();
        self.buffer.extend_from_slice(bytes.get(..room).unwrap_or_default());
    }

    /// Whether nothing has come in that is not yet taken out.
    pub fn is_empty(&self) -> bool {
        self.buffer.is_empty()
    }

    /// The next reply, if it is whole. After garbage nothing more can be read.
    pub fn take(&mut self) -> Result<Option<Said>, Garbage> {
        if self.overfull {
            return Err(Garbage::Endless);
        }
        loop {
            let rest = self.buffer.get(self.line..).unwrap_or_default();
            let Some(end) = memchr(b'\n', rest) else {
                check_part(rest)?;
                return if self.buffer.len() >= LONGEST { Err(Garbage::Endless) } else { Ok(None) };
            };
            let line = rest.get(..end).unwrap_or_default().strip_suffix(b"\r").ok_or(Garbage::Control)?;
            check_part(line)?;
            if memchr(b'\r', line).is_some() {
                return Err(Garbage::Control);
            }
            let (code, last) = head(line)?;
            let first = self.buffer.get(..3).and_then(number);
            if first != Some(code) {
                return Err(Garbage::Codes);
            }
            self.line += end + 1;
            if last {
                return Ok(Some(self.cut(code)));
            }
        }
    }

    /// Takes the reply out whose last line is whole.
    fn cut(&mut self, code: u16) -> Said {
        let whole = self.buffer.get(..self.line).unwrap_or_default();
        let mut lines = String::new();
        for line in whole.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            if !lines.is_empty() {
                lines.push('\n');
            }
            let words = line.get(4..line.len() - 1).unwrap_or_default();
            lines.push_str(&String::from_utf8_lossy(words));
        }
        self.buffer.drain(..self.line);
        self.line = 0;
        Said { code, lines }
    }
}

/// What can be said of a line that may not be whole.
fn check_part(line: &[u8]) -> Result<(), Garbage> {
    if line.len() > LONGEST_LINE {
        return Err(Garbage::LongLine);
    }
    if line.contains(&0) {
        return Err(Garbage::Control);
    }
    let text = line.strip_suffix(b"\r").unwrap_or(line);
    if memchr2(b'\r', b'\n', text).is_some() {
        return Err(Garbage::Control);
    }
    let digits = text.get(..text.len().min(3)).unwrap_or_default();
    let legal = digits.iter().all(u8::is_ascii_digit)
        && digits.first().is_none_or(|digit| (b'2'..=b'5').contains(digit))
        && text.get(3).is_none_or(|byte| matches!(byte, b' ' | b'-'));
    if legal { Ok(()) } else { Err(Garbage::NoCode) }
}

/// The code of a whole line, and whether it is the last.
fn head(line: &[u8]) -> Result<(u16, bool), Garbage> {
    let code = line.get(..3).and_then(number).ok_or(Garbage::NoCode)?;
    Ok((code, line.get(3) != Some(&b'-')))
}

fn number(digits: &[u8]) -> Option<u16> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

impl Said {
    /// Its lines without the code.
    pub fn lines(&self) -> impl Iterator<Item = &str> {
        self.lines.split('\n')
    }

    /// What may be kept and shown of it: one line, without control characters or addresses. `to` is known by heart.
    pub fn reply(&self, to: Option<&EmailAddress>) -> Reply {
        let enhanced = self.lines().next().and_then(|line| enhanced(line)).map(|(code, _)| code);
        let enhanced = enhanced.filter(|code| u16::from(code.0) == self.code / 100);
        let mut text = String::new();
        for line in self.lines() {
            let words = match enhanced {
                Some(code) => match self::enhanced(line) {
                    Some((same, words)) if same == code => words,
                    _ => line,
                },
                None => line,
            };
            let words = words.trim();
            if !text.is_empty() && !words.is_empty() {
                text.push(' ');
            }
            text.extend(words.chars().map(|letter| if letter.is_control() { ' ' } else { letter }));
        }
        let text: String = without_addresses(&text, to).chars().take(WORDS).collect();
        Reply { code: self.code, enhanced, text }
    }
}

/// An enhanced status at the start of a line, and the words after it (RFC 2034, section 4).
fn enhanced(line: &str) -> Option<(EnhancedCode, &str)> {
    let (code, words) = line.split_once([' ', '\t']).unwrap_or((line, ""));
    let mut parts = code.split('.');
    let class = parts.next().filter(|class| ["2", "4", "5"].contains(class))?.parse().ok()?;
    let mut detail = || {
        let part = parts.next()?;
        let digits = (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        if digits { part.parse().ok() } else { None }
    };
    let code = EnhancedCode(class, detail()?, detail()?);
    if parts.next().is_none() { Some((code, words)) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(bytes: &[u8]) -> Result<Vec<Said>, Garbage> {
        let mut replies = Replies::new();
        replies.push(bytes);
        let mut all = Vec::new();
        while let Some(said) = replies.take()? {
            all.push(said);
        }
        Ok(all)
    }

    fn reply(bytes: &[u8]) -> Reply {
        let to = EmailAddress::parse("ann@reader.example").expect("an address");
        heard(bytes).expect("a reply").first().expect("one").reply(Some(&to))
    }

    #[test]
    fn a_reply_is_read_byte_by_byte() {
        let bytes = b"250-2.1.5 one\r\n250-2.1.5\r\n250 2.1.5 two\r\n354\r\n";
        let mut replies = Replies::new();
        let mut all = Vec::new();
        for byte in bytes {
            replies.push(&[*byte]);
            all.extend(replies.take().expect("no garbage"));
        }
        assert_eq!(all, heard(bytes).expect("replies"));
        assert_eq!(all.iter().map(|said| said.code).collect::<Vec<_>>(), [250, 354]);
        assert!(replies.is_empty());
        let first = all.first().expect("one").reply(None);
        assert_eq!((first.enhanced, first.text.as_str()), (Some(EnhancedCode(2, 1, 5)), "one two"));
    }

    #[test]
    fn what_is_no_reply_is_garbage() {
        for (bytes, why) in [
            (&b"HTTP/1.1 400 Bad Request\r\n"[..], Garbage::NoCode),
            (b"25", Garbage::NoCode),
            (b"150 x\r\n", Garbage::NoCode),
            (b"650 x\r\n", Garbage::NoCode),
            (b"250x\r\n", Garbage::NoCode),
            (b"\r\n", Garbage::NoCode),
            (b"250 a\n", Garbage::Control),
            (b"250 a\rb\r\n", Garbage::Control),
            (b"250 a\0b\r\n", Garbage::Control),
            (b"250 a\0", Garbage::Control),
            (b"250-a\r\n550 b\r\n", Garbage::Codes),
        ] {
            if bytes == b"25" {
                assert_eq!(heard(bytes), Ok(Vec::new()), "not whole yet");
            } else {
                assert_eq!(heard(bytes), Err(why), "{}", String::from_utf8_lossy(bytes));
            }
        }
    }

    #[test]
    fn a_reply_without_end_is_cut_off() {
        assert_eq!(heard(&[&b"250 "[..], &[b'a'; 2100]].concat()), Err(Garbage::LongLine));
        let mut replies = Replies::new();
        let line = [&b"250-"[..], &[b'a'; 1000], b"\r\n"].concat();
        let ended = (0..1000).find_map(|_| {
            replies.push(&line);
            replies.take().err()
        });
        assert_eq!(ended, Some(Garbage::Endless));
        assert!(replies.buffer.len() <= LONGEST && replies.buffer.capacity() <= 2 * LONGEST);
    }

    #[test]
    fn what_is_shown_is_one_line_without_addresses() {
        let said =
            reply(b"550-5.1.1 <Ann@Reader.Example>: no such\x07 user\r\n550 5.1.1 see http://x.example/\r\n");
        assert_eq!(said.enhanced, Some(EnhancedCode(5, 1, 1)));
        assert_eq!(said.text, "<A***@Reader.Example>: no such  user see http://x.example/");
        assert_eq!(reply(b"550 4.1.1 x\r\n").enhanced, None, "the classes disagree");
        assert_eq!(reply(b"250 2.0 x\r\n").enhanced, None);
        assert!(reply(&[&b"250 "[..], &[b'x'; 1900], b"\r\n"].concat()).text.len() <= WORDS);
    }
}
