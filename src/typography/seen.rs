//! Which characters occur in a run: most rules need not look at most texts.

use super::{NBSP, NNBSP};

/// Whether characters occur that rules look for.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Seen {
    pub(super) digit: bool,
    pub(super) dots: bool,
    pub(super) straight: bool,
    pub(super) apostrophe: bool,
    pub(super) guillemet: bool,
    pub(super) high: bool,
    pub(super) colon: bool,
    pub(super) dash: bool,
    pub(super) oe: bool,
    pub(super) no_break: bool,
    pub(super) space: bool,
    pub(super) capital: bool,
    pub(super) times: bool,
    pub(super) ordinal: bool,
    pub(super) sign: bool,
    /// A digit, spaces, a digit.
    pub(super) grouped: bool,
    /// Something that may have to be protected.
    pub(super) odd: bool,
}

impl Seen {
    /// Takes notice of a character and of the one before it.
    pub(super) fn look(&mut self, last: char, ch: char) {
        match ch {
            ' ' => self.space = true,
            'e' => {
                self.oe |= matches!(last, 'o' | 'O');
                self.ordinal |= last.is_ascii_digit() || matches!(last, 'I' | 'V' | 'X');
            }
            'r' | 'n' => self.ordinal |= last.is_ascii_digit(),
            'E' => (self.capital, self.oe) = (true, self.oe | matches!(last, 'o' | 'O')),
            'x' | '×' => self.times |= last.is_ascii_digit() || last == ' ' || ch == '×',
            '0'..='9' => self.digit = true,
            '.' => self.dots |= last == '.',
            '…' => self.dots = true,
            '"' => self.straight = true,
            '\'' | '´' | '‘' | 'ʼ' => self.apostrophe = true,
            '«' | '»' => self.guillemet = true,
            ';' | '!' | '?' => self.high = true,
            ':' => self.colon = true,
            '-' => {
                self.dash = true;
                self.odd |= last == '-' || last.is_ascii_digit();
            }
            '–' | '—' => self.dash = true,
            '/' | '@' | '#' | '\\' | '<' | '=' | '^' | '_' => self.odd = true,
            '%' | '‰' | '€' | '£' | '$' | '¥' | '°' => self.sign = true,
            NBSP | NNBSP | '\u{2009}' => (self.no_break, self.space) = (true, true),
            '’' => {}
            _ => self.capital |= ch.is_uppercase(),
        }
        // A full stop or a colon inside a word, a smile, a digit that waits for its bracket.
        self.odd |= match last {
            '.' => ch.is_alphanumeric() || ch == '/',
            ':' | ';' => ch != ' ',
            '8' => ch == ')' || ch == '-',
            'x' | 'X' => ch == 'D',
            _ => false,
        };
    }
}

/// A small letter, a space or a comma: of two in a row no rule wants to know but whether a space or `oe` is among
/// them. (`x` may multiply.)
pub(super) fn quiet(ch: char) -> bool {
    matches!(ch, 'à'..='ÿ') || u8::try_from(ch).is_ok_and(quiet_letter)
}

pub(super) fn quiet_letter(letter: u8) -> bool {
    matches!(letter, b'a'..=b'w' | b'y' | b'z' | b' ' | b',')
}
