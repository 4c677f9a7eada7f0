//! A table of any make, as rows: its encoding, its delimiter and its headings are found out.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use ::csv::{Reader, ReaderBuilder, StringRecord};
use encoding_rs::{CoderResult, Decoder, Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use crate::model::Fingerprint;

/// What is known of a file after reading it once.
#[derive(Debug, Clone)]
pub(super) struct Sniffed {
    pub(super) encoding: &'static Encoding,
    pub(super) delimiter: u8,
    /// Whether its lines end in CR LF.
    pub(super) crlf: bool,
    /// The number of lines, more or less.
    pub(super) lines: u64,
    /// The SHA-256 of its bytes.
    pub(super) digest: String,
}

const CHUNK: usize = 64 * 1024;

/// Reads a file once, in pieces.
pub(super) fn sniff(path: &Path) -> io::Result<Sniffed> {
    let mut file = File::open(path)?;
    let mut piece = vec![0; CHUNK];
    let mut first = Vec::new();
    let (mut lines, mut digest) = (0, Fingerprint::default());
    let mut utf8 = UTF_8.new_decoder_without_bom_handling();
    let mut valid = true;
    let mut text = String::with_capacity(CHUNK * 3);
    loop {
        let read = file.read(&mut piece)?;
        let bytes = &piece[..read];
        if first.is_empty() {
            first = bytes.to_vec();
        }
        digest.add(bytes);
        lines += bytes.iter().filter(|byte| **byte == b'\n').count() as u64;
        if valid {
            text.clear();
            let (result, _) = utf8.decode_to_string_without_replacement(bytes, &mut text, read == 0);
            valid = result == encoding_rs::DecoderResult::InputEmpty;
        }
        if read == 0 {
            break;
        }
    }
    let encoding = encoding(&first, valid);
    let mut head = Vec::new();
    open(path, encoding)?.take(16 * 1024).read_to_end(&mut head)?;
    let end = head.iter().position(|byte| *byte == b'\n');
    let crlf = end.is_some_and(|end| end > 0 && head[end - 1] == b'\r');
    Ok(Sniffed { encoding, delimiter: delimiter(&head), crlf, lines, digest: digest.finish() })
}

/// The encoding, by the mark at the beginning, by zero bytes in every other place, or by what is valid.
fn encoding(first: &[u8], valid: bool) -> &'static Encoding {
    if let Some((encoding, _)) = Encoding::for_bom(first) {
        return encoding;
    }
    let zeros = |odd: usize| first.iter().skip(odd).step_by(2).take(100).filter(|byte| **byte == 0).count();
    let half = first.len().min(200) / 4;
    match () {
        () if zeros(1) > half => UTF_16LE,
        () if zeros(0) > half => UTF_16BE,
        () if valid => UTF_8,
        () => WINDOWS_1252,
    }
}

/// The sign that divides the first line most often, outside quotes.
fn delimiter(head: &[u8]) -> u8 {
    let mut quoted = false;
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0), (b'|', 0)];
    for byte in head {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' | b'\r' if !quoted => break,
            other if !quoted => {
                counts.iter_mut().filter(|(sign, _)| sign == other).for_each(|(_, count)| *count += 1);
            }
            _ => {}
        }
    }
    let most = counts.iter().map(|(_, count)| *count).max().unwrap_or(0);
    counts.iter().find(|(_, count)| *count == most).map_or(b',', |(sign, _)| *sign)
}

/// The rows of a file.
pub(super) fn rows(path: &Path, sniffed: &Sniffed) -> io::Result<Reader<Box<dyn Read>>> {
    // With an end to the last line, so that all lines count alike.
    let text: Box<dyn Read> = Box::new(open(path, sniffed.encoding)?.chain(&b"\n"[..]));
    Ok(ReaderBuilder::new().delimiter(sniffed.delimiter).has_headers(false).flexible(true).from_reader(text))
}

/// A file as UTF-8.
fn open(path: &Path, encoding: &'static Encoding) -> io::Result<Box<dyn Read>> {
    let mut file = BufReader::with_capacity(CHUNK, File::open(path)?);
    if encoding == UTF_8 {
        if file.fill_buf()?.starts_with(b"\xef\xbb\xbf") {
            file.consume(3);
        }
        return Ok(Box::new(file));
    }
    let decoder = encoding.new_decoder_with_bom_removal();
    Ok(Box::new(Decoded { file, decoder, text: vec![0; CHUNK], from: 0, to: 0, ended: false }))
}

/// A file in another encoding, decoded as it is read.
struct Decoded {
    file: BufReader<File>,
    decoder: Decoder,
    text: Vec<u8>,
    from: usize,
    to: usize,
    ended: bool,
}

impl Read for Decoded {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.from == self.to && !self.ended {
            let bytes = self.file.fill_buf()?;
            let last = bytes.is_empty();
            let (result, read, written, _) = self.decoder.decode_to_utf8(bytes, &mut self.text, last);
            self.file.consume(read);
            (self.from, self.to) = (0, written);
            self.ended = last && result == CoderResult::InputEmpty;
        }
        let count = into.len().min(self.to - self.from);
        into[..count].copy_from_slice(&self.text[self.from..self.from + count]);
        self.from += count;
        Ok(count)
    }
}

/// The line that the row just read began at: the reader's own count takes in the blank lines before.
pub(super) fn line(rows: &Reader<Box<dyn Read>>, row: &StringRecord, sniffed: &Sniffed) -> u64 {
    let inside =
        row.iter().map(|cell| cell.bytes().filter(|byte| *byte == b'\n').count() as u64).sum::<u64>();
    // The line feed of CR LF is still to be read, and an open quote has none after it.
    let open = row.iter().next_back().is_some_and(|cell| cell.ends_with('\n'));
    let after = u64::from(!sniffed.crlf && !open);
    rows.position().line().saturating_sub(after + inside).max(1)
}

/// The first row that says anything; a spreadsheet's `sep=;` does not.
pub(super) fn first_row(rows: &mut Reader<Box<dyn Read>>) -> ::csv::Result<Option<StringRecord>> {
    let mut row = StringRecord::new();
    while rows.read_record(&mut row)? {
        let hint = row.get(0).is_some_and(|cell| cell.to_ascii_lowercase().starts_with("sep="));
        if !hint && row.iter().any(|cell| !cell.trim().is_empty()) {
            return Ok(Some(row));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delimiter_is_what_divides_the_first_line() {
        assert_eq!(delimiter(b"email;name;\"a,b,c,d\"\nx,y,z,,,,,\n"), b';');
        assert_eq!(delimiter(b"email\tname"), b'\t');
        assert_eq!(delimiter(b"email\n"), b',');
    }

    #[test]
    fn the_encoding_is_found_out() {
        assert_eq!(encoding(b"\xff\xfee\0m\0", false), UTF_16LE);
        assert_eq!(encoding(b"\0e\0m\0a\0i\0l", true), UTF_16BE);
        assert_eq!(encoding(b"\xef\xbb\xbfemail", true), UTF_8);
        assert_eq!(encoding("é".as_bytes(), true), UTF_8);
        assert_eq!(encoding(b"caf\xe9", false), WINDOWS_1252);
    }
}
