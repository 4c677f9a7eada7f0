//! The small picture of a browser's tab: the newsletter's initial on its colour.

use crate::config::Theme;
use crate::model::Colour;
use crate::render::escape;

/// The icon as SVG.
pub(super) fn svg(title: &str, theme: &Theme) -> String {
    let initial: String = initial(title).map(|letter| letter.to_uppercase().collect()).unwrap_or_default();
    let light = theme.accent.contrast(Colour::WHITE) >= 3.0;
    let ink = if light { Colour::WHITE } else { theme.ink };
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 64 64\"><rect width=\"64\" height=\"64\" rx=\"10\" fill=\"{}\"/><text x=\"32\" y=\"47\" font-family=\"Georgia,serif\" font-size=\"44\" font-weight=\"bold\" text-anchor=\"middle\" fill=\"{ink}\">{}</text></svg>\n",
        theme.accent,
        escape(&initial),
    )
}

/// The first letter of the name, its article left out.
fn initial(title: &str) -> Option<char> {
    const ARTICLES: [&str; 5] = ["le", "la", "les", "the", "l"];
    let words: Vec<&str> = title.split([' ', '\u{a0}', '’', '\'']).filter(|word| !word.is_empty()).collect();
    let chosen = words.iter().find(|word| !ARTICLES.contains(&word.to_lowercase().as_str()));
    chosen.or(words.first())?.chars().find(|letter| letter.is_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_initial_is_that_of_the_name_not_of_its_article() {
        for (title, letter) in [
            ("Le journal", Some('j')),
            ("L’Écho", Some('É')),
            ("The Daily", Some('D')),
            ("La", Some('L')),
            ("", None),
            ("النشرة", Some('ا')),
        ] {
            assert_eq!(initial(title), letter, "{title}");
        }
    }
}
