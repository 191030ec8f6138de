//! The accent colours of both themes, computed from the vendor's colour so that they are legible
//! (WCAG 2.2: a contrast of at least 4.5:1). The wizard and the End User Portal show the same ones.

use std::fmt;

/// A colour in sRGB.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Colour([u8; 3]);

/// White text, and the colour towards which an accent of the dark theme is blended.
const WHITE: Colour = Colour([255, 255, 255]);
/// Dark text, and the colour towards which an accent of the light theme is blended.
const INK: Colour = Colour([16, 18, 27]);
/// The backgrounds of the two themes, as in theme.css.
const LIGHT: Colour = Colour([247, 247, 248]);
const DARK: Colour = Colour([32, 33, 37]);
/// The accent colour of a product without its own.
const FALLBACK: Colour = Colour([59, 91, 219]);

/// The number of steps in which a colour is blended with another one.
const STEPS: u16 = 25;

impl Colour {
    /// Parses `#` and six hex digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6)?;
        let digits: Option<Vec<_>> = digits.chars().map(|digit| digit.to_digit(16)).collect();
        let mut colour = [0; 3];
        for (value, pair) in colour.iter_mut().zip(digits?.chunks_exact(2)) {
            *value = u8::try_from(pair[0] * 16 + pair[1]).ok()?;
        }
        Some(Self(colour))
    }

    /// The contrast ratio of two colours (WCAG 2.2), from 1 to 21.
    #[must_use]
    pub fn contrast(self, other: Self) -> f64 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    fn luminance(self) -> f64 {
        let [red, green, blue] = self.0.map(|value| {
            let value = f64::from(value) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    /// Blends the colour with another one, in small steps, until it is good enough.
    fn blend_until(self, other: Self, enough: impl Fn(Self) -> bool) -> Self {
        let blended = |step: u16| {
            let mut blended = self.0;
            for (value, to) in blended.iter_mut().zip(other.0) {
                let sum = u16::from(*value) * (STEPS - step) + u16::from(to) * step;
                // Rounded to the nearest value.
                *value = u8::try_from((sum + STEPS / 2) / STEPS).unwrap_or(to);
            }
            Self(blended)
        };
        (0..STEPS).map(blended).find(|&colour| enough(colour)).unwrap_or(other)
    }
}

/// As `#rrggbb`.
impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

/// An accent colour and the colour of text on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accent {
    /// The colour of buttons and of the ring.
    pub fill: Colour,
    /// The colour of text on the fill.
    pub on: Colour,
}

impl Accent {
    fn new(fill: Colour) -> Self {
        let is_white = fill.contrast(WHITE) >= fill.contrast(INK);
        Self { fill, on: if is_white { WHITE } else { INK } }
    }
}

/// The accent colours of both themes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccentPalette {
    /// The accent of the light theme.
    pub light: Accent,
    /// The accent of the dark theme.
    pub dark: Accent,
}

impl AccentPalette {
    /// The accent colours that are closest to the vendor's colour and legible, or those of the
    /// default colour.
    #[must_use]
    pub fn new(colour: Option<Colour>) -> Self {
        let colour = colour.unwrap_or(FALLBACK);
        let light = colour.blend_until(INK, |colour| colour.contrast(LIGHT) >= 4.5);
        let dark = colour.blend_until(WHITE, |colour| colour.contrast(DARK) >= 6.0);
        Self { light: Accent::new(light), dark: Accent::new(dark) }
    }

    /// The contrast of a colour with the background of the light theme. From 4.5 on, it is legible
    /// as it is.
    #[must_use]
    pub fn contrast_in_light(colour: Colour) -> f64 {
        colour.contrast(LIGHT)
    }

    /// Whether both accents have a contrast of at least 4.5:1 with the background of their theme
    /// and with the text on them.
    #[must_use]
    pub fn is_legible(self) -> bool {
        [(self.light, LIGHT), (self.dark, DARK)].into_iter().all(|(accent, background)| {
            accent.fill.contrast(background) >= 4.5 && accent.fill.contrast(accent.on) >= 4.5
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn colour(text: &str) -> Colour {
        Colour::parse(text).unwrap()
    }

    /// The smallest contrast of an accent with the backgrounds of its theme, those of cards
    /// included, and with its text.
    fn worst_contrast(palette: AccentPalette) -> f64 {
        let themes =
            [(palette.light, ["#f7f7f8", "#ffffff"]), (palette.dark, ["#17181b", "#202125"])];
        let contrasts = themes.into_iter().flat_map(|(accent, backgrounds)| {
            let others = backgrounds.map(colour).into_iter().chain([accent.on]);
            others.map(move |other| accent.fill.contrast(other))
        });
        contrasts.fold(f64::INFINITY, f64::min)
    }

    #[test]
    fn the_vendors_colour_is_made_legible_in_both_themes() {
        for text in ["#3b5bdb", "#ffff00", "#000000", "#ffffff", "#e03131", "#12b886"] {
            let palette = AccentPalette::new(Some(colour(text)));
            assert!(worst_contrast(palette) >= 4.5, "{text}: {palette:?}");
        }
        assert!(worst_contrast(AccentPalette::new(None)) >= 4.5);
    }

    #[test]
    fn a_colour_that_is_already_legible_stays_unchanged() {
        let palette = AccentPalette::new(Some(colour("#3b5bdb")));
        assert_eq!(palette.light.fill.to_string(), "#3b5bdb");
        assert_eq!(AccentPalette::new(None), palette);
    }

    #[test]
    fn every_colour_of_a_grid_contrasts_with_both_backgrounds_and_its_text() {
        let grid = || (0..=255).step_by(15);
        for red in grid() {
            for (green, blue) in grid().flat_map(|green| grid().map(move |blue| (green, blue))) {
                let palette = AccentPalette::new(Some(Colour([red, green, blue])));
                assert!(worst_contrast(palette) >= 4.5, "{palette:?}");
                assert!(palette.is_legible(), "{palette:?}");
            }
        }
    }

    #[test]
    fn every_colour_of_a_coarse_grid_is_legible() {
        let steps = [0, 64, 128, 192, 255];
        for red in steps {
            for (green, blue) in steps.into_iter().flat_map(|green| steps.map(|blue| (green, blue)))
            {
                let palette = AccentPalette::new(Some(Colour([red, green, blue])));
                assert!(palette.is_legible(), "{palette:?}");
            }
        }
    }

    /// Computed independently of this module, in another language.
    #[test]
    fn accents_are_blended_to_the_nearest_value() {
        for (text, light, dark) in [
            ("#1332a1", ["#1332a1", "#ffffff"], ["#8e9dd2", "#10121b"]),
            ("#23c417", ["#1b7d19", "#ffffff"], ["#23c417", "#10121b"]),
            ("#9df154", ["#4e7434", "#ffffff"], ["#9df154", "#10121b"]),
            ("#000000", ["#000000", "#ffffff"], ["#a3a3a3", "#10121b"]),
        ] {
            let palette = AccentPalette::new(Some(colour(text)));
            let texts = |accent: Accent| [accent.fill, accent.on].map(|colour| colour.to_string());
            assert_eq!(texts(palette.light), light.map(str::to_owned), "{text}");
            assert_eq!(texts(palette.dark), dark.map(str::to_owned), "{text}");
        }
    }

    #[test]
    fn only_a_hash_and_six_hex_digits_are_a_colour() {
        assert_eq!(colour("#3B5bDb").to_string(), "#3b5bdb");
        for text in
            ["", "#", "3b5bdb", "#3b5bd", "#3b5bdb0", "#3b5bdg", "#+b5bdb", "#é5bdb", "blue"]
        {
            assert_eq!(Colour::parse(text), None, "{text}");
        }
    }
}
