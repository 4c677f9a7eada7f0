//! Which characters occur in a run, alone or one after another: most rules need not look at most texts.

use super::{NBSP, NNBSP};

/// What was seen, in bits.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen {
    bits: u32,
    /// What the characters so far began for the next one.
    begun: u32,
}

// Alone.
const DIGIT: u32 = 1;
const ELLIPSIS: u32 = 1 << 1;
const STRAIGHT: u32 = 1 << 2;
const APOSTROPHE: u32 = 1 << 3;
const GUILLEMET: u32 = 1 << 4;
const HIGH: u32 = 1 << 5;
const COLON: u32 = 1 << 6;
const DASH: u32 = 1 << 7;
const SIGN: u32 = 1 << 8;
const NO_BREAK: u32 = 1 << 9;
const SPACE: u32 = 1 << 10;
const CAPITAL: u32 = 1 << 11;
const CROSS: u32 = 1 << 12;
/// What stands in addresses and paths.
const ODD: u32 = 1 << 13;
const ALONE: u32 = (1 << 14) - 1;

// After another.
const TWO_DOTS: u32 = 1 << 14;
const OE: u32 = 1 << 15;
/// A digit and a letter of its ending, a Roman numeral and one of its.
const ORDINAL: u32 = 1 << 16;
const ROMAN_ORDINAL: u32 = 1 << 17;
/// An `x` that may multiply.
const FACTOR: u32 = 1 << 18;
/// A digit, spaces, a digit.
const GROUPED: u32 = 1 << 19;
const HYPHEN: u32 = 1 << 20;
/// A full stop or a colon inside a word.
const POINT: u32 = 1 << 21;
const INNER_COLON: u32 = 1 << 22;
/// A smile: a digit that waits for its bracket, a laugh.
const EIGHT: u32 = 1 << 23;
const LAUGH: u32 = 1 << 24;
/// A word such as `M.` or `Mme`, spaces, a capital.
const NAMED: u32 = 1 << 25;
/// What may end `p.` or `n°`, spaces, a Roman digit.
const REFERENCE: u32 = 1 << 26;
const NUMERAL: u32 = 1 << 27;
/// A Roman numeral and `re`, which is not looked for to be raised.
const ROMAN_R: u32 = 1 << 28;

/// Digits, capitals and punctuation, but for commas and the right apostrophe.
const MARK: u32 = 1 << 31;

/// What a character is to the rules.
#[derive(Debug, Clone, Copy)]
struct Class {
    /// What it shows, some of it only after what began it.
    shows: u32,
    /// What it begins for the next character.
    begins: u32,
    /// What it lets pass from the one before it to the one after it.
    passes: u32,
}

impl Default for Seen {
    /// Nothing; a run begins as after a space.
    fn default() -> Self {
        Self { bits: 0, begun: LATIN[usize::from(b' ')].begins }
    }
}

impl Seen {
    /// Takes notice of the next character. Says whether it is a mark.
    // Asked of every letter: a call would cost as much again.
    #[inline]
    pub(super) fn look(&mut self, ch: char) -> bool {
        match LATIN.get(ch as usize) {
            Some(class) => self.note(class),
            None => self.note(&beyond(ch)),
        }
    }

    #[inline]
    fn note(&mut self, class: &Class) -> bool {
        self.bits |= class.shows & self.begun;
        self.begun = class.begins | self.begun & class.passes;
        class.shows & MARK != 0
    }

    /// Takes notice of something that is no text.
    pub(super) fn interrupt(&mut self) {
        self.begun = ALONE;
    }

    fn any(self, bits: u32) -> bool {
        self.bits & bits != 0
    }

    pub(super) fn digit(self) -> bool {
        self.any(DIGIT)
    }

    pub(super) fn dots(self) -> bool {
        self.any(ELLIPSIS | TWO_DOTS)
    }

    pub(super) fn straight(self) -> bool {
        self.any(STRAIGHT)
    }

    pub(super) fn apostrophe(self) -> bool {
        self.any(APOSTROPHE)
    }

    pub(super) fn guillemet(self) -> bool {
        self.any(GUILLEMET)
    }

    /// Takes notice of a guillemet that a rule has set.
    pub(super) fn add_guillemet(&mut self) {
        self.bits |= GUILLEMET;
    }

    pub(super) fn high(self) -> bool {
        self.any(HIGH)
    }

    pub(super) fn colon(self) -> bool {
        self.any(COLON)
    }

    pub(super) fn dash(self) -> bool {
        self.any(DASH)
    }

    pub(super) fn oe(self) -> bool {
        self.any(OE)
    }

    pub(super) fn no_break(self) -> bool {
        self.any(NO_BREAK)
    }

    pub(super) fn times(self) -> bool {
        self.any(CROSS | FACTOR)
    }

    pub(super) fn ordinal(self) -> bool {
        self.any(ORDINAL | ROMAN_ORDINAL)
    }

    /// Whether something may stand before a space that it must not be parted from by.
    pub(super) fn bonds(self) -> bool {
        self.any(DIGIT | NAMED | REFERENCE | NUMERAL | ROMAN_ORDINAL | ROMAN_R)
    }

    pub(super) fn sign(self) -> bool {
        self.any(SIGN)
    }

    pub(super) fn grouped(self) -> bool {
        self.any(GROUPED)
    }

    /// Whether something may have to be protected.
    pub(super) fn odd(self) -> bool {
        self.any(ODD | HYPHEN | POINT | INNER_COLON | EIGHT | LAUGH)
    }

    /// Whether no rule could find anything to do.
    pub(super) fn plain(self) -> bool {
        let marks = ELLIPSIS | TWO_DOTS | STRAIGHT | APOSTROPHE | GUILLEMET | HIGH | COLON | DASH;
        !(self.any(DIGIT | marks | NO_BREAK | OE) || self.any(SPACE) && self.any(CAPITAL))
    }
}

/// The classes of the characters that nearly all texts are made of.
static LATIN: [Class; 256] = {
    let mut classes = [Class { shows: 0, begins: 0, passes: 0 }; 256];
    let mut code = 0_u8;
    loop {
        classes[code as usize] = latin(code as char);
        if code == u8::MAX {
            break;
        }
        code += 1;
    }
    classes
};

const fn latin(ch: char) -> Class {
    let small = matches!(ch, 'a'..='z' | 'ß'..='ö' | 'ø'..='ÿ' | 'ª' | 'µ' | 'º');
    let capital = matches!(ch, 'A'..='Z' | 'À'..='Ö' | 'Ø'..='Þ');
    let number = matches!(ch, '0'..='9' | '²' | '³' | '¹' | '¼' | '½' | '¾');
    class(ch, capital, small || capital || number)
}

fn beyond(ch: char) -> Class {
    const APOSTROPHE: Class = class('’', false, false);
    const NARROW: Class = class(NNBSP, false, false);
    const LIGATURE: Class = class('œ', false, true);
    match ch {
        '’' => APOSTROPHE,
        NNBSP => NARROW,
        'œ' => LIGATURE,
        // General punctuation: no letters among it.
        '\u{2000}'..='\u{206f}' => class(ch, false, false),
        _ => class(ch, ch.is_uppercase(), ch.is_alphanumeric()),
    }
}

const fn class(ch: char, capital: bool, alphanumeric: bool) -> Class {
    let mut shows = INNER_COLON | alone(ch) | after(ch);
    if capital {
        shows |= CAPITAL | NAMED;
    }
    if alphanumeric || ch == '/' {
        shows |= POINT;
    }
    let noted = DIGIT | ELLIPSIS | STRAIGHT | APOSTROPHE | GUILLEMET | HIGH | COLON | DASH | SIGN | CAPITAL;
    if shows & noted != 0 || matches!(ch, '.' | '(' | ')' | '+') {
        shows |= MARK;
    }
    if ch == ' ' {
        shows &= !INNER_COLON;
    }
    Class { shows, begins: ALONE | begins(ch), passes: passes(ch) }
}

const fn alone(ch: char) -> u32 {
    match ch {
        ' ' => SPACE,
        NBSP | NNBSP | '\u{2009}' => NO_BREAK | SPACE,
        '0'..='9' => DIGIT,
        '…' => ELLIPSIS,
        '"' => STRAIGHT,
        '\'' | '´' | '‘' | 'ʼ' => APOSTROPHE,
        '«' | '»' => GUILLEMET,
        ';' | '!' | '?' => HIGH,
        ':' => COLON,
        '-' | '–' | '—' => DASH,
        '%' | '‰' | '€' | '£' | '$' | '¥' | '°' => SIGN,
        '×' => CROSS,
        '/' | '@' | '#' | '\\' | '<' | '=' | '^' | '_' => ODD,
        _ => 0,
    }
}

/// What a character shows if another has begun it.
const fn after(ch: char) -> u32 {
    match ch {
        '0'..='9' => GROUPED,
        '.' => TWO_DOTS,
        '-' => HYPHEN | EIGHT,
        ')' => EIGHT,
        'e' => OE | ORDINAL | ROMAN_ORDINAL,
        'E' => OE,
        'r' => ORDINAL | ROMAN_R,
        'n' => ORDINAL,
        'x' => FACTOR,
        'I' | 'V' | 'X' => NUMERAL | REFERENCE,
        'D' => LAUGH | REFERENCE,
        'L' | 'C' | 'M' => REFERENCE,
        _ => 0,
    }
}

/// What a character begins.
const fn begins(ch: char) -> u32 {
    match ch {
        '8' => ORDINAL | FACTOR | GROUPED | HYPHEN | EIGHT,
        '0'..='9' => ORDINAL | FACTOR | GROUPED | HYPHEN,
        ' ' => FACTOR,
        'o' => OE | REFERENCE,
        'O' => OE,
        'I' => ROMAN_ORDINAL | ROMAN_R | NUMERAL,
        'V' => ROMAN_ORDINAL | ROMAN_R | NUMERAL | NAMED,
        'X' => ROMAN_ORDINAL | ROMAN_R | NUMERAL | LAUGH,
        'x' => LAUGH,
        '-' => HYPHEN,
        '.' => TWO_DOTS | POINT,
        ':' | ';' => INNER_COLON,
        'M' | 'D' | 'P' | 'S' => NAMED,
        'p' | 't' | 'g' | 'l' | '°' | 'º' | '§' => REFERENCE,
        _ => 0,
    }
}

/// What passes through a character.
const fn passes(ch: char) -> u32 {
    match ch {
        ' ' | NBSP | NNBSP | '\u{2009}' => GROUPED | NAMED | REFERENCE,
        '.' | 's' => NAMED | REFERENCE,
        'M' | 'm' | 'e' | 'l' | 'r' | 't' | 'g' | 'v' | 'o' | 'f' => NAMED,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::super::words::*;
    use super::*;

    #[test]
    fn the_latin_letters_are_what_unicode_says() {
        for ch in '\0'..='\u{ff}' {
            let (told, found) = (class(ch, ch.is_uppercase(), ch.is_alphanumeric()), latin(ch));
            assert_eq!(
                (told.shows, told.begins, told.passes),
                (found.shows, found.begins, found.passes),
                "{ch}"
            );
        }
    }

    #[test]
    fn every_title_and_reference_of_the_lists_is_seen() {
        for title in TITLES.iter().chain(&ENGLISH_TITLES) {
            assert!(seen(&format!("À {title} \u{a0}Élise")).bonds(), "{title}");
        }
        for reference in REFERENCES.iter().chain(&ENGLISH_REFERENCES) {
            assert!(seen(&format!("à {reference} L")).bonds(), "{reference}");
        }
    }

    fn seen(text: &str) -> Seen {
        let mut seen = Seen::default();
        text.chars().for_each(|ch| _ = seen.look(ch));
        seen
    }

    #[test]
    fn what_stands_after_what_is_seen() {
        type Rule = fn(Seen) -> bool;
        let cases: [(&str, Rule); 10] = [
            ("a..", Seen::dots),
            ("cOEur", Seen::oe),
            ("1re", Seen::ordinal),
            ("XXIe", Seen::ordinal),
            ("3 x", Seen::times),
            ("12 \u{a0}345", Seen::grouped),
            ("--", Seen::odd),
            ("a.b", Seen::odd),
            (":\u{a0}", Seen::odd),
            ("8)", Seen::odd),
        ];
        for (text, rule) in cases {
            assert!(rule(seen(text)), "{text}");
        }
        assert!(seen("il a dit, hier, non").plain());
        assert!(!seen("il a vu Paris").bonds());
    }
}
