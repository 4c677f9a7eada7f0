//! A typeface that draws: letters as levels of grey, each rasterised once for a size.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, RwLock};

use ab_glyph::{Font, FontRef, PxScale, ScaleFont};

/// How dark a pixel may be, 0 for not at all.
pub(super) const DARKEST: u8 = 15;

/// Newsreader Bold, the letters of European languages (SIL Open Font License, `OFL.txt`).
pub(super) static BOLD: LazyLock<Option<Face>> =
    LazyLock::new(|| Face::new(include_bytes!("newsreader-bold.ttf")));
/// Newsreader Medium.
pub(super) static MEDIUM: LazyLock<Option<Face>> =
    LazyLock::new(|| Face::new(include_bytes!("newsreader-medium.ttf")));

/// A typeface and the letters that were asked for so far.
#[derive(Debug)]
pub(super) struct Face {
    font: FontRef<'static>,
    letters: RwLock<HashMap<(char, u16), Arc<Letter>>>,
}

/// A letter at one size.
#[derive(Debug, Clone, Default)]
pub(super) struct Letter {
    /// From the pen to its left edge, in pixels.
    pub(super) left: i32,
    /// From the line it stands on to its upper edge, in pixels, down.
    pub(super) top: i32,
    /// How long a row is, in bytes.
    pub(super) row: usize,
    /// How far the pen goes on, in pixels.
    pub(super) advance: f32,
    /// How dark each pixel is, row by row, two a byte: once as it falls on an even column of a card, once on an
    /// odd one.
    pub(super) levels: [Vec<u8>; 2],
}

impl Face {
    fn new(bytes: &'static [u8]) -> Option<Self> {
        let font = FontRef::try_from_slice(bytes).ok()?;
        Some(Self { font, letters: RwLock::default() })
    }

    /// A text as this face can draw it: marks that are not seen fall. `None` where a letter is missing.
    pub(super) fn drawable(&self, text: &str) -> Option<String> {
        let mut plain = String::with_capacity(text.len());
        for character in text.chars() {
            match character {
                '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' => {}
                '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' => plain.push('\u{202f}'),
                '\u{a0}' => plain.push(character),
                space if space.is_whitespace() => plain.push(' '),
                '\u{2011}' => plain.push('-'),
                letter if self.font.glyph_id(letter).0 == 0 => return None,
                letter => plain.push(letter),
            }
        }
        Some(plain)
    }

    /// How long a text is, in pixels.
    pub(super) fn measure(&self, text: &str, size: u16) -> f32 {
        text.chars().map(|character| self.letter(character, size).advance).sum()
    }

    /// A letter at a size.
    pub(super) fn letter(&self, character: char, size: u16) -> Arc<Letter> {
        let key = (character, size);
        if let Some(letter) = self.letters.read().ok().and_then(|letters| letters.get(&key).cloned()) {
            return letter;
        }
        let letter = Arc::new(self.rasterise(character, size));
        if let Ok(mut letters) = self.letters.write() {
            letters.insert(key, Arc::clone(&letter));
        }
        letter
    }

    fn rasterise(&self, character: char, size: u16) -> Letter {
        let scale = PxScale::from(f32::from(size));
        let font = self.font.as_scaled(scale);
        let space = font.h_advance(font.glyph_id(' '));
        match character {
            '\u{202f}' => return Letter { advance: space * 0.6, ..Letter::default() },
            ' ' | '\u{a0}' => return Letter { advance: space, ..Letter::default() },
            _ => {}
        }
        let id = font.glyph_id(character);
        let advance = font.h_advance(id);
        let Some(outline) = self.font.outline_glyph(id.with_scale(scale)) else {
            return Letter { advance, ..Letter::default() };
        };
        let bounds = outline.px_bounds();
        let (width, height) = (whole(bounds.width()), whole(bounds.height()));
        let row = width / 2 + 1;
        let mut levels = [vec![0; row * height], vec![0; row * height]];
        outline.draw(|x, y, coverage| {
            let (x, y) = (usize::try_from(x).unwrap_or(0), usize::try_from(y).unwrap_or(0));
            for (shift, levels) in levels.iter_mut().enumerate() {
                let column = x + shift;
                if let Some(pair) = levels.get_mut(y * row + column / 2).filter(|_| column / 2 < row) {
                    *pair |= if column.is_multiple_of(2) { shade(coverage) << 4 } else { shade(coverage) };
                }
            }
        });
        Letter { left: pixel(bounds.min.x), top: pixel(bounds.min.y), row, advance, levels }
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a size of some hundred pixels")]
fn whole(length: f32) -> usize {
    length.max(0.0) as usize
}

#[expect(clippy::cast_possible_truncation, reason = "a place on a card")]
pub(super) fn pixel(place: f32) -> i32 {
    place.round() as i32
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 15")]
fn shade(coverage: f32) -> u8 {
    (coverage.clamp(0.0, 1.0) * f32::from(DARKEST)).round() as u8
}
