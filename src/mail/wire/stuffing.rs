//! A letter as it goes over the wire: checked line ends, doubled dots, one final dot (RFC 5321, section 4.5.2).

use std::io::IoSlice;

use memchr::{memchr, memchr_iter};

use super::Refusal;

/// A letter ready for the wire. It is not copied: where a line begins with a dot, the letter is cut so that both
/// pieces hold that dot.
#[derive(Debug)]
pub struct Stuffed<'a> {
    /// Pieces, each with the place on the wire where it begins.
    pieces: Vec<(usize, &'a [u8])>,
    length: usize,
    size: usize,
    eight_bit: bool,
}

/// What ends a letter.
const DOT: &[u8] = b".\r\n";
/// Longest line without its end (RFC 5322, section 2.1.1).
const LONGEST_LINE: usize = 998;

impl<'a> Stuffed<'a> {
    /// Takes a letter whose every line ends with CRLF; the last one may do without.
    pub fn new(letter: &'a [u8]) -> Result<Self, Refusal> {
        if letter.is_empty() {
            return Err(Refusal::Letter("it is empty"));
        }
        if memchr(0, letter).is_some() {
            return Err(Refusal::Letter("it holds a NUL"));
        }
        let mut stuffed =
            Self { pieces: Vec::with_capacity(1), length: 0, size: letter.len(), eight_bit: false };
        let (mut line, mut piece, mut ends) = (0, 0, 0);
        for end in memchr_iter(b'\n', letter).chain([letter.len()]) {
            if letter.get(line) == Some(&b'.') {
                stuffed.add(letter.get(piece..=line).unwrap_or_default());
                piece = line;
            }
            let whole = end < letter.len();
            if whole && (end == line || letter.get(end - 1) != Some(&b'\r')) {
                return Err(Refusal::Letter("a line ends with LF alone"));
            }
            ends += usize::from(whole);
            if end - line > LONGEST_LINE + usize::from(whole) {
                return Err(Refusal::Letter("a line is longer than 998 bytes"));
            }
            line = end + 1;
        }
        if memchr_iter(b'\r', letter).count() != ends {
            return Err(Refusal::Letter("it holds a CR that ends no line"));
        }
        stuffed.add(letter.get(piece..).unwrap_or_default());
        if !letter.ends_with(b"\n") {
            stuffed.add(b"\r\n");
            stuffed.size += 2;
        }
        stuffed.eight_bit = !letter.is_ascii();
        Ok(stuffed)
    }

    fn add(&mut self, piece: &'a [u8]) {
        self.pieces.push((self.length, piece));
        self.length += piece.len();
    }

    /// Its bytes on the wire, the final dot not counted.
    pub fn length(&self) -> usize {
        self.length
    }

    /// Its bytes on the wire with the final dot and its line end.
    pub fn whole(&self) -> usize {
        self.length + DOT.len()
    }

    /// Its size before dots are doubled (RFC 1870, section 3).
    pub fn size(&self) -> usize {
        self.size
    }

    /// Whether it needs 8BITMIME.
    pub fn is_eight_bit(&self) -> bool {
        self.eight_bit
    }

    /// What is between two places on the wire, as many pieces of it as there is room for; says how many.
    pub fn between<'s>(&'s self, from: usize, to: usize, slices: &mut [IoSlice<'s>]) -> usize {
        let first = self.pieces.partition_point(|(start, _)| *start <= from).saturating_sub(1);
        let dot = (self.length, DOT);
        let pieces = self.pieces.iter().skip(first).copied().chain([dot]);
        let parts = pieces.filter_map(|(start, piece)| {
            let (begin, end) = (from.max(start) - start, to.min(start + piece.len()).saturating_sub(start));
            piece.get(begin..end).filter(|part| !part.is_empty())
        });
        let mut count = 0;
        for (slice, part) in slices.iter_mut().zip(parts) {
            *slice = IoSlice::new(part);
            count += 1;
        }
        count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wire(letter: &[u8]) -> Vec<u8> {
        let stuffed = Stuffed::new(letter).expect("a letter");
        let mut out = Vec::new();
        loop {
            let mut slices = [IoSlice::new(&[]); 2];
            if stuffed.between(out.len(), stuffed.whole(), &mut slices) == 0 {
                return out;
            }
            // One byte at a time: the kernel may take as little.
            out.push(*slices.first().and_then(|slice| slice.first()).expect("a byte"));
        }
    }

    #[test]
    fn dots_are_doubled_at_the_start_of_a_line_only() {
        assert_eq!(wire(b"a\r\n.b\r\n..\r\nc.d\r\n"), b"a\r\n..b\r\n...\r\nc.d\r\n.\r\n");
        assert_eq!(wire(b"."), b"..\r\n.\r\n");
        assert_eq!(wire(b"\r\n"), b"\r\n.\r\n");
        assert_eq!(wire(b"a\r\n\r\n.\r\n\r\n"), b"a\r\n\r\n..\r\n\r\n.\r\n");
        assert_eq!(wire(b"no end"), b"no end\r\n.\r\n");
    }

    #[test]
    fn a_letter_without_dots_is_one_piece_and_a_dot() {
        let letter = "x: y\r\n".repeat(9000);
        let stuffed = Stuffed::new(letter.as_bytes()).expect("a letter");
        let mut slices = [IoSlice::new(&[]); 8];
        assert_eq!(stuffed.between(0, stuffed.whole(), &mut slices), 2);
        assert_eq!(stuffed.between(0, stuffed.length(), &mut slices), 1);
        assert_eq!(stuffed.between(stuffed.whole(), stuffed.whole(), &mut slices), 0);
        assert_eq!((stuffed.size(), stuffed.length()), (letter.len(), letter.len()));
    }

    #[test]
    fn what_smtp_cannot_carry_is_refused() {
        let long = |length: usize, end: &str| format!("{}{end}", "a".repeat(length));
        assert!(
            Stuffed::new(long(998, "\r\n").as_bytes()).is_ok()
                && Stuffed::new(long(998, "").as_bytes()).is_ok()
        );
        for letter in [
            "",
            "a\nb\r\n",
            "\nb\r\n",
            "a\rb\r\n",
            "a\r\r\n",
            "a\r",
            "a\0b\r\n",
            &long(999, "\r\n"),
            &long(999, ""),
            "a\r\n.\n.\r\n",
        ] {
            assert!(matches!(Stuffed::new(letter.as_bytes()), Err(Refusal::Letter(_))), "{letter:?}");
        }
    }
}
