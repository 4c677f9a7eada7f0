//! The social card of an issue: masthead, date and lead, drawn with a typeface of our own.

mod canvas;
mod face;

use crate::model::{Colour, sha256};

use canvas::{Canvas, HEIGHT, Pen, WIDTH};
use face::{BOLD, Face, MEDIUM};

/// What a card says, and in which colours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// The newsletter's name; empty where the typeface cannot write it.
    title: String,
    /// The day and the number, likewise.
    date: String,
    /// The lead, likewise.
    lead: String,
    ink: Colour,
    accent: Colour,
}

/// The size of a card, in pixels.
pub const SIZE: (u32, u32) = (1200, 630);

/// Raised whenever cards come to look different, so that none is taken for another.
const DESIGN: &str = "1";
const PAPER: Colour = Colour { red: 0xfd, green: 0xfc, blue: 0xf9 };
const MARGIN: usize = 80;
const MEASURE: usize = WIDTH - 2 * MARGIN;
/// The sizes that are tried for the lead, and how many lines of each there is room for.
const LEADS: [(u16, usize); 4] = [(84, 3), (70, 4), (58, 5), (46, 6)];

impl Card {
    /// A card; `None` where the typeface can write neither the name nor the lead.
    pub fn new(title: &str, date: &str, lead: &str, ink: Colour, accent: Colour) -> Option<Self> {
        let (bold, medium) = (BOLD.as_ref()?, MEDIUM.as_ref()?);
        let card = Self {
            title: bold.drawable(title).unwrap_or_default(),
            date: medium.drawable(date).unwrap_or_default(),
            lead: bold.drawable(lead).unwrap_or_default(),
            ink,
            accent,
        };
        (!card.title.is_empty() || !card.lead.is_empty()).then_some(card)
    }

    /// The file's name: what it is of, and a fingerprint of all that it shows.
    pub fn name(&self, of: &str) -> String {
        let Self { title, date, lead, ink, accent } = self;
        let told = format!("{DESIGN}\0{title}\0{date}\0{lead}\0{ink}\0{accent}");
        format!("{of}-{}.png", &sha256(told.as_bytes())[..8])
    }

    /// The card as a PNG.
    pub fn draw(&self) -> Option<Vec<u8>> {
        let (bold, medium) = (BOLD.as_ref()?, MEDIUM.as_ref()?);
        let mut canvas = Canvas::new();
        canvas.fill(0, HEIGHT - 18, WIDTH, 18, Pen::Accent);
        let (top, large) = if self.lead.is_empty() { (300, 92) } else { (118, 60) };
        let (title, size) = fit(bold, &self.title, large, 28);
        centre(&mut canvas, bold, &title, size, top, Pen::Ink);
        let rule = usize::try_from(top).unwrap_or(0) + 32;
        canvas.fill(MARGIN, rule, MEASURE, 5, Pen::Ink);
        canvas.fill(MARGIN, rule + 9, MEASURE, 2, Pen::Ink);
        let (date, size) = fit(medium, &self.date, 32, 20);
        centre(&mut canvas, medium, &date, size, top + 88, Pen::Accent);
        let (lines, size) = wrap(bold, &self.lead);
        let step = i32::from(size) * 112 / 100;
        let room = 400 - step * i32::try_from(lines.len()).unwrap_or(0);
        let mut line = 212 + room / 2 + i32::from(size) * 86 / 100;
        for text in &lines {
            centre(&mut canvas, bold, text, size, line, Pen::Ink);
            line += step;
        }
        canvas.png(PAPER, self.ink, self.accent)
    }
}

fn centre(canvas: &mut Canvas, face: &Face, text: &str, size: u16, line: i32, pen: Pen) {
    let left = (width() - face.measure(text, size)) / 2.0;
    canvas.text(face, text, size, left, line, pen);
}

fn width() -> f32 {
    f32::from(u16::try_from(WIDTH).unwrap_or(u16::MAX))
}

fn measure() -> f32 {
    f32::from(u16::try_from(MEASURE).unwrap_or(u16::MAX))
}

/// The size at which a text fits on a line; one that never does is cut.
fn fit(face: &Face, text: &str, largest: u16, smallest: u16) -> (String, u16) {
    let mut size = largest;
    while size > smallest && face.measure(text, size) > measure() {
        size -= 2;
    }
    (cut(face, text, size, ""), size)
}

/// A text that fits on a line followed by `mark`, or as much of it as does, with an ellipsis.
fn cut(face: &Face, text: &str, size: u16, mark: &str) -> String {
    let whole = format!("{text}{mark}");
    if face.measure(&whole, size) <= measure() {
        return whole;
    }
    let mut cut = text.to_owned();
    while !cut.is_empty() && face.measure(&cut, size) + face.measure("…", size) > measure() {
        cut.pop();
    }
    format!("{}…", cut.trim_end())
}

/// The lead broken into lines, at the largest size that leaves room for all of them.
fn wrap(face: &Face, text: &str) -> (Vec<String>, u16) {
    for (size, most) in LEADS {
        let lines = lines(face, text, size);
        if lines.len() <= most && lines.iter().all(|line| face.measure(line, size) <= measure()) {
            return (lines, size);
        }
    }
    let (size, most) = LEADS[LEADS.len() - 1];
    let mut lines: Vec<String> = lines(face, text, size);
    let more = if lines.len() > most { "…" } else { "" };
    lines.truncate(most);
    let last = lines.len().saturating_sub(1);
    let cut = |(at, line): (usize, &String)| cut(face, line, size, if at == last { more } else { "" });
    (lines.iter().enumerate().map(cut).collect(), size)
}

/// As few lines as there can be, then as even as they can be.
fn lines(face: &Face, text: &str, size: u16) -> Vec<String> {
    let greedy = broken(face, text, size, measure());
    let even = face.measure(text, size) / f32::from(u16::try_from(greedy.len().max(1)).unwrap_or(1));
    let steps = [1.02_f32, 1.08, 1.15, 1.25];
    let tries = steps.iter().map(|step| broken(face, text, size, (even * step).min(measure())));
    tries.into_iter().find(|lines| lines.len() == greedy.len()).unwrap_or(greedy)
}

fn broken(face: &Face, text: &str, size: u16, measure: f32) -> Vec<String> {
    let space = face.measure(" ", size);
    let mut lines: Vec<String> = Vec::new();
    let mut length = 0.0;
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let own = face.measure(word, size);
        match lines.last_mut().filter(|_| length + space + own <= measure) {
            Some(line) => {
                line.push(' ');
                line.push_str(word);
                length += space + own;
            }
            None => {
                lines.push(word.to_owned());
                length = own;
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card(title: &str, lead: &str) -> Option<Card> {
        let accent = Colour { red: 0x0b, green: 0x57, blue: 0xd0 };
        let ink = Colour { red: 0x1a, green: 0x1a, blue: 0x1a };
        Card::new(title, "Vendredi 8\u{a0}juin 2018", lead, ink, accent)
    }

    fn size_of(png: &[u8]) -> (u32, u32) {
        let info = png::Decoder::new(std::io::Cursor::new(png)).read_info().expect("a PNG").info().clone();
        (info.width, info.height)
    }

    #[test]
    fn any_text_makes_a_card_or_none() {
        let long = "Un titre d’une longueur déraisonnable ".repeat(40);
        let word = "Donaudampfschifffahrtsgesellschaftskapitän".repeat(6);
        for lead in [
            "Google descend dans la rue",
            "",
            " ",
            "a",
            &long,
            &word,
            "L’œuvre\u{202f}: «\u{a0}ça va\u{a0}?\u{a0}»",
            "头条",
            "العنوان",
            "🎉",
        ] {
            let drawn =
                card("Le journal de l’économie numérique", lead).expect("a card").draw().expect("a PNG");
            assert_eq!(size_of(&drawn), SIZE, "{lead}");
            assert!(drawn.len() < 60_000, "{lead}: {} bytes", drawn.len());
        }
        assert!(card("النشرة", "العنوان").is_none());
        assert!(card("النشرة", "Google").is_some());
    }

    #[test]
    fn a_card_is_known_by_what_it_shows() {
        let name = |lead: &str| card("Le journal", lead).expect("a card").name("2018-06-08");
        assert_eq!(name("a"), name("a"));
        assert_ne!(name("a"), name("b"));
        assert!(name("a").starts_with("2018-06-08-") && name("a").ends_with(".png"));
    }

    #[test]
    fn a_lead_is_broken_into_even_lines() {
        let face = BOLD.as_ref().expect("a face");
        let (lines, size) =
            wrap(face, "Priorité au site : les pages des mairies se lisent enfin au téléphone");
        assert!(size >= 70 && lines.len() <= 4, "{lines:?} {size}");
        let long = "mot ".repeat(400);
        let (lines, _) = wrap(face, &long);
        assert!(lines.len() == 6 && lines[5].ends_with('…'), "{lines:?}");
    }
}
