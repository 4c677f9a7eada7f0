//! Colours as settings write them.

use std::fmt;

use serde::{Serialize, Serializer};
use thiserror::Error;

/// An opaque sRGB colour, written `#0b57d0`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Colour {
    /// Red, 0 to 255.
    pub red: u8,
    /// Green, 0 to 255.
    pub green: u8,
    /// Blue, 0 to 255.
    pub blue: u8,
}

/// A text that is no colour.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{0}` is not a colour")]
pub struct ColourError(pub String);

impl Colour {
    /// White paper.
    pub const WHITE: Self = Self { red: 255, green: 255, blue: 255 };

    /// Reads `#rrggbb` or `#rgb`.
    pub fn parse(text: &str) -> Result<Self, ColourError> {
        let refused = || ColourError(text.to_owned());
        let digits: Vec<u8> = text
            .strip_prefix('#')
            .ok_or_else(refused)?
            .chars()
            .map(|digit| digit.to_digit(16).and_then(|value| u8::try_from(value).ok()).ok_or_else(refused))
            .collect::<Result<_, _>>()?;
        match digits[..] {
            [r, g, b] => Ok(Self { red: r * 17, green: g * 17, blue: b * 17 }),
            [r, s, g, h, b, c] => Ok(Self { red: r * 16 + s, green: g * 16 + h, blue: b * 16 + c }),
            _ => Err(refused()),
        }
    }

    /// The colour that is `step` of `steps` on the way to another.
    #[must_use]
    pub fn towards(self, other: Self, step: u8, steps: u8) -> Self {
        let mix = |from: u8, to: u8| {
            let (from, to, step, steps) =
                (u32::from(from), u32::from(to), u32::from(step), u32::from(steps.max(1)));
            let step = step.min(steps);
            u8::try_from((from * (steps - step) + to * step) / steps).unwrap_or(u8::MAX)
        };
        Self {
            red: mix(self.red, other.red),
            green: mix(self.green, other.green),
            blue: mix(self.blue, other.blue),
        }
    }

    /// The contrast ratio with another colour, 1 to 21 (WCAG 2.2, "contrast ratio").
    pub fn contrast(self, other: Self) -> f64 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    /// The relative luminance, 0 to 1 (WCAG 2.2).
    fn luminance(self) -> f64 {
        let channel = |value: u8| {
            let value = f64::from(value) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(self.red) + 0.7152 * channel(self.green) + 0.0722 * channel(self.blue)
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.red, self.green, self.blue)
    }
}

impl Serialize for Colour {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_and_long_forms_are_the_same_colour() {
        assert_eq!(Colour::parse("#fA0"), Colour::parse("#ffaa00"));
        for text in ["red", "#12", "#1234567", "#gggggg", "", "#é"] {
            assert!(Colour::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn contrast_runs_from_one_to_twenty_one() {
        let black = Colour::parse("#000").expect("black");
        assert!((Colour::WHITE.contrast(black) - 21.0).abs() < 0.001);
        assert!((black.contrast(black) - 1.0).abs() < 0.001);
    }
}
