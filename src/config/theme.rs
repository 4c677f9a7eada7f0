//! The look of a newsletter, judged: colours that can be read, letters that exist, a logo that lies in `content/`.

use crate::model::{Colour, Diagnostic, Location};

use super::raw::{RawLogo, RawTheme, RawTypeface};
use super::settings::{Cards, Logo, Search, Theme, Typeface};
use super::settle::Settler;
use super::values::inside;

/// What ordinary text needs (WCAG 2.2, success criterion 1.4.3).
const ENOUGH: f64 = 4.5;
/// The darkest ground that light pages and mails set text on, and the lightest that dark ones do.
const TINT: Colour = Colour { red: 0xf3, green: 0xef, blue: 0xe5 };
const DARK_TINT: Colour = Colour { red: 0x26, green: 0x28, blue: 0x2d };

const USUAL_ACCENT: Colour = Colour { red: 0x0b, green: 0x57, blue: 0xd0 };
const USUAL_INK: Colour = Colour { red: 0x1a, green: 0x1a, blue: 0x1a };

pub(super) fn settle(settler: &mut Settler<'_>, raw: RawTheme, title: &str) -> Theme {
    let RawTheme { accent, accent_dark, ink, headings, text, logo, cards, search } = raw;
    let mut colour = |written: Option<super::yaml::Spanned<String>>, ground: Colour| {
        let place = written.as_ref().map(|written| settler.yaml.place(written))?;
        let colour =
            settler.optional(written, "colour", Colour::parse, "write it as \"#0b57d0\", in quotes")?;
        settler.findings.extend(contrast(colour, ground, place));
        Some(colour)
    };
    let accent = colour(accent, TINT).unwrap_or(USUAL_ACCENT);
    let accent_dark = colour(accent_dark, DARK_TINT);
    let ink = colour(ink, TINT).unwrap_or(USUAL_INK);
    Theme {
        accent,
        accent_dark: accent_dark.unwrap_or_else(|| lightened(accent)),
        ink,
        headings: typeface(headings),
        text: typeface(text),
        logo: logo.and_then(|logo| self::logo(settler, logo, title)),
        cards: if cards == Some(false) { Cards::Off } else { Cards::Drawn },
        search: if search == Some(false) { Search::Off } else { Search::Offered },
    }
}

fn contrast(colour: Colour, ground: Colour, place: Location) -> Option<Diagnostic> {
    let ratio = colour.contrast(ground);
    (ratio < ENOUGH).then(|| {
        let message = format!("{colour} on {ground} has a contrast of {ratio:.1}, {ENOUGH} are needed");
        Diagnostic::error("contrast", message)
            .at(place)
            .hint("links and small texts are set in it: choose a stronger colour")
    })
}

/// The accent mixed with white until it can be read on a dark ground.
fn lightened(accent: Colour) -> Colour {
    let mix = |channel: u8, white: u16| {
        u8::try_from((u16::from(channel) * (20 - white) + 255 * white) / 20).unwrap_or(255)
    };
    let mixed = |white: u16| Colour {
        red: mix(accent.red, white),
        green: mix(accent.green, white),
        blue: mix(accent.blue, white),
    };
    (0..=20).map(mixed).find(|colour| colour.contrast(DARK_TINT) >= 7.0).unwrap_or(Colour::WHITE)
}

fn typeface(raw: Option<RawTypeface>) -> Typeface {
    match raw.unwrap_or(RawTypeface::Serif) {
        RawTypeface::Serif => Typeface::Serif,
        RawTypeface::Sans => Typeface::Sans,
    }
}

fn logo(settler: &mut Settler<'_>, raw: RawLogo, title: &str) -> Option<Logo> {
    let RawLogo { file, alt } = raw;
    let hint = "name a picture under content/, such as logo.png";
    let Some(file) = file else {
        settler.fault("missing-key", "the logo has no `file`", settler.yaml.start(), hint);
        return None;
    };
    let file = settler.parse(file, "logo", inside, hint)?;
    Some(Logo { file, alt: alt.unwrap_or_else(|| title.to_owned()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_accent_can_be_read_in_the_dark() {
        for text in ["#000000", "#0b57d0", "#b3261e", "#ffffff", "#00ff00"] {
            let accent = Colour::parse(text).expect("a colour");
            assert!(lightened(accent).contrast(DARK_TINT) >= ENOUGH, "{text}");
        }
    }
}
