//! The typesetter against its tables, and properties that hold for any text.

use std::fs;
use std::path::Path;

use proptest::prelude::*;
use rotative::config::TypographyOptions;
use rotative::model::Language;
use rotative::render::{specimen_html, specimen_text};
use rotative::typography::{self, Piece, Run, RunKind, set_text};

#[test]
fn every_row_of_the_tables_comes_out_as_it_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/typography");
    let mut faults = Vec::new();
    let mut rows = 0;
    for (file, set) in [
        ("text.tsv", specimen_text as fn(&str, Language, &TypographyOptions) -> String),
        ("html.tsv", specimen_html),
        ("more.tsv", specimen_text),
    ] {
        let table = fs::read_to_string(folder.join(file)).expect("a table");
        for row in table.lines().skip(1).filter(|row| !row.trim().is_empty()) {
            let cells: Vec<&str> = row.split('\t').collect();
            let [input, expected, rule] = cells[..] else { panic!("{file}: {row}") };
            let language = if rule.starts_with("en") { Language::English } else { Language::French };
            let found = set(&unescape(input), language, &TypographyOptions::default());
            rows += 1;
            if found != unescape(expected) {
                faults.push(format!(
                    "{rule}\n  input    {input}\n  expected {expected}\n  found    {}",
                    escape(&found)
                ));
            }
        }
    }
    assert!(faults.is_empty(), "{} of {rows} rows:\n{}", faults.len(), faults.join("\n"));
}

/// `\u00a0`, `\n`, `\\`.
fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match (character, character == '\\') {
            (_, false) => out.push(character),
            _ => match characters.next() {
                Some('n') => out.push('\n'),
                Some('u') => {
                    let code: String = characters.by_ref().take(4).collect();
                    out.extend(u32::from_str_radix(&code, 16).ok().and_then(char::from_u32));
                }
                Some(other) => out.push(other),
                None => out.push('\\'),
            },
        }
    }
    out
}

fn escape(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('\n', "\\n")
        .replace('\u{a0}', "\\u00a0")
        .replace('\u{202f}', "\\u202f")
}

/// Pieces of French and English as people type them, and what should not be there.
fn typed() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "le",
        "mot",
        "l'été",
        "d'Optical",
        "M.",
        "Dubreil",
        "8",
        "juin",
        "30",
        "%",
        "250",
        "000",
        "euros",
        "14",
        "h",
        "30",
        "km",
        "XIV",
        "Louis",
        "XXIe",
        "siècle",
        "3e",
        "1er",
        "etc...",
        "...",
        "-",
        "--",
        "---",
        "–",
        "—",
        "\"",
        "\"mot\"",
        "«",
        "»",
        "«mot»",
        "“",
        "”",
        "'",
        "'90s",
        "don't",
        "?",
        "!",
        ";",
        ":",
        "?!",
        "mot?",
        "mot:",
        "(",
        ")",
        "(si",
        "oeuvre",
        "Oeil",
        "coexister",
        "3",
        "x",
        "4",
        "1920x1080",
        "n°",
        "12",
        "p.",
        "€",
        "5€",
        "\u{a0}",
        "\u{202f}",
        "A",
        "Etat",
        "Yahoo!",
        ":)",
        "01 23 45 67 89",
        "1914-1918",
        "2'33\"",
        "6'2\"",
        "‘",
        "’",
        "″",
        "…",
        "°C",
        "20",
        "milliards",
        "$5",
        "C:",
        "10:30",
        "a != b",
        "Mr.",
        "Smith",
    ]);
    let joint = prop::sample::select(vec![" ", " ", " ", "", "  ", "\u{a0}"]);
    prop::collection::vec((word, joint), 1..24)
        .prop_map(|pairs| pairs.into_iter().map(|(word, joint)| format!("{word}{joint}")).collect())
}

fn languages() -> impl Strategy<Value = Language> {
    prop::sample::select(vec![Language::French, Language::English])
}

/// What must not change: everything but spaces, quotes, dashes, dots, primes and the œ list.
fn skeleton(text: &str) -> String {
    let text =
        text.replace('œ', "oe").replace('Œ', "OE").replace("OE", "oe").replace("Oe", "oe").to_lowercase();
    text.chars().filter(|ch| !ch.is_whitespace() && !"\"'«»“”‘’´ʼ″′-–—.…x×".contains(*ch)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn setting_twice_is_setting_once(text in typed(), language in languages()) {
        let once = set_text(&text, language, &TypographyOptions::default());
        let twice = set_text(&once, language, &TypographyOptions::default());
        prop_assert_eq!(&twice, &once, "{}", text);
    }

    #[test]
    fn letters_and_digits_stay(text in typed(), language in languages()) {
        let set = set_text(&text, language, &TypographyOptions::default());
        prop_assert_eq!(skeleton(&set), skeleton(&text), "{}", text);
    }

    #[test]
    fn the_cut_between_nodes_makes_no_difference(text in typed(), language in languages(), cuts in prop::collection::vec(0_usize..80, 0..6)) {
        let mut run = Run::new(RunKind::Text);
        let characters: Vec<char> = text.chars().collect();
        let mut cuts: Vec<usize> = cuts.into_iter().filter(|cut| *cut < characters.len()).chain([0, characters.len()]).collect();
        cuts.sort_unstable();
        for (node, pair) in cuts.windows(2).enumerate() {
            let piece: String = characters[pair[0]..pair[1]].iter().collect();
            run.push(Piece::Text(&piece), u32::try_from(node).expect("few nodes"));
        }
        typography::set(&mut run, language, &TypographyOptions::default());
        prop_assert_eq!(run.text(), set_text(&text, language, &TypographyOptions::default()));
    }

    #[test]
    fn what_is_protected_stays(
        before in typed(), after in typed(), language in languages(),
        kept in prop::sample::select(vec![
            "https://exemple.fr/l'a?b=1;c=2--d", "www.exemple.fr/a--b", "jean.o'neil@exemple.fr", "`a ? \"b\" : c...`", "10:30",
            "1.2.3", "192.168.0.1", "@CNIL", "#RGPD", "photo-1920x1080.png", ":-)", ":tada:", "/var/log/l'app.log", "--verbose", "2018-06-08",
        ])
    ) {
        let markdown = format!("{} {kept} {}", before.trim(), after.trim());
        let set = specimen_text(&markdown, language, &TypographyOptions::default());
        let wanted = kept.trim_matches('`');
        prop_assert!(set.contains(wanted) || before.contains('`'), "{} became {}", markdown, set);
    }

    #[test]
    fn no_text_is_too_strange(text in "(?s).{0,200}", typed in typed(), language in languages()) {
        for markdown in [text.clone(), format!("{typed}{text}"), format!("*{typed}* <i lang=\"en\">{text}</i> **{typed}**")] {
            let _ = specimen_text(&markdown, language, &TypographyOptions::default());
            let _ = specimen_html(&markdown, language, &TypographyOptions::default());
        }
    }
}

#[test]
fn a_long_text_takes_no_more_than_its_share() {
    let options = TypographyOptions::default();
    for piece in [
        "\"", "« ", "» ", "a\" ", "- ", "1 ", "a'", "'", "? ", "(", "“", ": ", "1 000 ", "x", ".", "a@", ":)",
    ] {
        let once = |length: usize| {
            let text = piece.repeat(length / piece.len());
            let start = std::time::Instant::now();
            std::hint::black_box(set_text(&text, Language::French, &options));
            std::hint::black_box(set_text(&text, Language::English, &options));
            start.elapsed().as_secs_f64()
        };
        // The best of three: a busy machine is no fault of the text.
        let time = |length: usize| (0..3).map(|_| once(length)).fold(f64::INFINITY, f64::min);
        let (short, long) = (time(20_000).max(0.002), time(200_000));
        assert!(long < short * 40.0, "{piece:?}: {short} s, then {long} s for ten times as much");
    }
}
