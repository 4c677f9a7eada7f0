//! A sheet of 1,200 by 630 pixels, sixteen colours, as a PNG.

use png::{BitDepth, ColorType, Compression, Encoder, Filter};

use crate::model::Colour;

use super::face::{DARKEST, Face, Letter, pixel};

/// In pixels; what networks ask for.
pub(super) const WIDTH: usize = 1200;
/// In pixels.
pub(super) const HEIGHT: usize = 630;

/// The shades of ink between paper and full.
const INKS: u8 = 9;
/// The shades of the accent.
const ACCENTS: u8 = 6;
const ROW: usize = WIDTH / 2;

/// With what something is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pen {
    Ink,
    Accent,
}

/// The sheet: two pixels a byte.
#[derive(Debug)]
pub(super) struct Canvas {
    rows: Vec<u8>,
}

impl Canvas {
    pub(super) fn new() -> Self {
        Self { rows: vec![0; ROW * HEIGHT] }
    }

    /// Fills a rectangle whose left edge and width are even.
    pub(super) fn fill(&mut self, left: usize, top: usize, width: usize, height: usize, pen: Pen) {
        let full = pen.shade(DARKEST);
        for row in self.rows.chunks_exact_mut(ROW).skip(top).take(height) {
            row[left / 2..(left + width) / 2].fill(full << 4 | full);
        }
    }

    /// Draws a line of text that starts at `left` and stands on `line`.
    pub(super) fn text(&mut self, face: &Face, text: &str, size: u16, left: f32, line: i32, pen: Pen) {
        let inks = pen.inks();
        let mut at = left;
        for character in text.chars() {
            let letter = face.letter(character, size);
            self.letter(&letter, pixel(at) + letter.left, line + letter.top, &inks);
            at += letter.advance;
        }
    }

    /// Draws a letter whose upper left corner is at `x` and `y`; what lies beyond the sheet is left out.
    fn letter(&mut self, letter: &Letter, x: i32, y: i32, inks: &[Ink; 256]) {
        let shift = usize::from(x.rem_euclid(2) == 1);
        let first = x.div_euclid(2);
        let hidden = usize::try_from(-first).unwrap_or(0);
        let first = usize::try_from(first).unwrap_or(0);
        for (row, levels) in (y..).zip(letter.levels[shift].chunks_exact(letter.row.max(1))) {
            let start = usize::try_from(row).ok().map(|row| row * ROW);
            let line = start.and_then(|start| self.rows.get_mut(start..start + ROW)?.get_mut(first..));
            let (Some(line), Some(levels)) = (line, levels.get(hidden..)) else { continue };
            for (pair, level) in line.iter_mut().zip(levels) {
                if *level > 0 {
                    let ink = inks[usize::from(*level)];
                    *pair = *pair & ink.keeps | ink.adds;
                }
            }
        }
    }

    /// The sheet as a file. `None` where no file can be made of it, which no sheet is known to do.
    pub(super) fn png(&self, paper: Colour, ink: Colour, accent: Colour) -> Option<Vec<u8>> {
        let mut file = Vec::with_capacity(32_768);
        let (width, height) = (u32::try_from(WIDTH).ok()?, u32::try_from(HEIGHT).ok()?);
        let mut encoder = Encoder::new(&mut file, width, height);
        encoder.set_color(ColorType::Indexed);
        encoder.set_depth(BitDepth::Four);
        encoder.set_palette(palette(paper, ink, accent));
        encoder.set_compression(Compression::Fast);
        encoder.set_filter(Filter::Up);
        let mut writer = encoder.write_header().ok()?;
        writer.write_image_data(&self.rows).ok()?;
        writer.finish().ok()?;
        Some(file)
    }
}

/// What two pixels keep of what was there, and what they gain.
#[derive(Debug, Clone, Copy, Default)]
struct Ink {
    keeps: u8,
    adds: u8,
}

impl Pen {
    /// What becomes of two pixels under a pair of levels.
    fn inks(self) -> [Ink; 256] {
        let mut inks = [Ink::default(); 256];
        for (pair, ink) in (0..=u8::MAX).zip(&mut inks) {
            let (left, right) = (self.shade(pair >> 4), self.shade(pair & 0x0f));
            let keeps = if left == 0 { 0xf0 } else { 0 } | if right == 0 { 0x0f } else { 0 };
            *ink = Ink { keeps, adds: left << 4 | right };
        }
        inks
    }

    fn shade(self, level: u8) -> u8 {
        let of = |shades: u8| (level * shades + DARKEST / 2) / DARKEST;
        match self {
            Self::Ink => of(INKS),
            Self::Accent => Some(of(ACCENTS)).filter(|shade| *shade > 0).map_or(0, |shade| INKS + shade),
        }
    }
}

/// Paper, the shades of ink, the shades of the accent.
fn palette(paper: Colour, ink: Colour, accent: Colour) -> Vec<u8> {
    let mut colours = vec![paper];
    colours.extend((1..=INKS).map(|shade| paper.towards(ink, shade, INKS)));
    colours.extend((1..=ACCENTS).map(|shade| paper.towards(accent, shade, ACCENTS)));
    colours.iter().flat_map(|colour| [colour.red, colour.green, colour.blue]).collect()
}
