//! Texts as they are written into the head of a file: on one line, and so that YAML reads them as they are.

/// A text on one line: without control characters, marks that turn the direction of what follows, and whatever else
/// nobody sees.
pub fn one_line(text: &str) -> String {
    let spaced = text.chars().map(|letter| if letter.is_whitespace() { ' ' } else { letter });
    let shown: String = spaced.filter(|letter| !letter.is_control() && !is_unseen(*letter)).collect();
    shown.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The joiners and the two marks of direction stay: Persian, Hebrew and emoji are written with them.
fn is_unseen(letter: char) -> bool {
    matches!(
        letter,
        '\u{ad}'
            | '\u{200b}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffd}'
            | '\u{e0000}'..='\u{e007f}'
    )
}

/// A text as YAML: plain where it cannot be misread, else in quotes.
pub fn scalar(text: &str) -> String {
    let text = one_line(text);
    let plain = text.starts_with(char::is_alphabetic)
        && !text.chars().any(|letter| ":#\"'[]{}|>&*!%@`\\,?".contains(letter))
        && !["true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan"]
            .contains(&text.to_lowercase().as_str());
    if plain { text } else { quoted(&text) }
}

/// A text as YAML, in quotes: a JSON string is a YAML string too.
pub fn quoted(text: &str) -> String {
    serde_json::Value::from(one_line(text)).to_string()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::config::yaml::Yaml;
    use crate::model::Source;

    use super::*;

    #[test]
    fn a_title_survives_its_file() {
        for (title, written) in [
            ("Google descend dans la rue", "Google descend dans la rue"),
            ("Google : le retour", "\"Google : le retour\""),
            ("« Oui »", "\"« Oui »\""),
            ("no", "\"no\""),
            ("2018", "\"2018\""),
            ("Qui a dit ça ?", "\"Qui a dit ça ?\""),
        ] {
            assert_eq!(scalar(title), written);
        }
    }

    #[test]
    fn nothing_unseen_and_no_second_line_is_written() {
        assert_eq!(
            one_line("  a\r\n---\u{2028}b\u{a0}c\u{7}\u{202e}d\u{feff}\u{ad}\u{fffd}e\u{85}f "),
            "a --- b cde f"
        );
        assert_eq!(one_line("می\u{200c}روم"), "می\u{200c}روم");
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(text in "(\\PC|[\\x00-\\x20:#\"'\\[\\]{},?\\-]|no|null|~|1e3|\u{202e}|\u{2028}){0,12}") {
            #[derive(serde::Deserialize)]
            #[serde(deny_unknown_fields)]
            struct Head {
                title: String,
                sources: Vec<std::collections::BTreeMap<String, String>>,
            }
            let yaml = format!("title: {0}\nsources: [{{name: {0}, url: {1}}}]\n", scalar(&text), quoted(&text));
            let source = Source::new("a.md", yaml.as_str());
            let mut findings = Vec::new();
            let read = Yaml::new(&source, source.text(), 1).read::<Option<Head>>(&mut findings).value;
            let read = read.ok_or_else(|| TestCaseError::fail(format!("{yaml}: {findings:?}")))?;
            prop_assert_eq!(&read.title, &one_line(&text));
            prop_assert_eq!(&read.sources[0]["name"], &one_line(&text));
            prop_assert_eq!(&read.sources[0]["url"], &one_line(&text));
        }
    }
}
