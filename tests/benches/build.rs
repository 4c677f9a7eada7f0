//! How long a build takes, and how it grows: a corpus of a thousand items and one of ten thousand, each built
//! several times into an empty place and once more over itself.
//!
//! `cargo bench` runs it; `cargo bench -- DIR` builds the newsletter in DIR instead.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

const RUNS: usize = 5;

fn main() {
    let named = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    if let Some(folder) = named {
        measure(Path::new(&folder), "items of your own");
        return;
    }
    let scratch = std::env::temp_dir().join(format!("rotative-bench-{}", std::process::id()));
    for items in [1_000, 10_000] {
        let root = scratch.join(items.to_string());
        corpus(&root, items);
        measure(&root, &format!("{items} items"));
    }
    let _ = fs::remove_dir_all(scratch);
}

fn measure(root: &Path, what: &str) {
    let out = root.join("bench-out");
    let mut clean: Vec<f64> = (0..RUNS)
        .map(|_| {
            let _ = fs::remove_dir_all(&out);
            build(root, &out)
        })
        .collect();
    let mut again: Vec<f64> = (0..RUNS).map(|_| build(root, &out)).collect();
    clean.sort_by(f64::total_cmp);
    again.sort_by(f64::total_cmp);
    let _ = writeln!(
        io::stdout(),
        "{what}: clean {:.0} ms, again {:.0} ms (medians of {RUNS})",
        clean[RUNS / 2],
        again[RUNS / 2]
    );
    let _ = fs::remove_dir_all(&out);
}

/// One build in a process of its own, in milliseconds.
fn build(root: &Path, out: &Path) -> f64 {
    let start = Instant::now();
    let status = Command::new(env!("CARGO_BIN_EXE_rotative"))
        .args(["build", "--root"])
        .arg(root)
        .arg("--out")
        .arg(out)
        .stdout(Stdio::null())
        .status()
        .expect("the program runs");
    assert!(status.success(), "the build fails");
    start.elapsed().as_secs_f64() * 1000.0
}

/// Ten items a day, of some two thousand characters, on two hundred topics.
fn corpus(root: &Path, items: usize) {
    let mut seed = 1_u64;
    let mut chance = move |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).unwrap_or(0) % below
    };
    let words: Vec<&str> = "le la les un une pont rivière ville maire annonce ouvre ferme étude rapport année \
        journal lecteur projet budget école train gare marché accord loi débat vote enquête chiffre hausse baisse \
        selon après avant depuis contre avec sans pour dans région commune habitants travaux retard"
        .split_whitespace()
        .collect();
    let first = chrono::NaiveDate::from_ymd_opt(2024, 1, 1).expect("a day");
    fs::create_dir_all(root.join("content")).expect("a folder");
    fs::write(root.join("content/newsletter.yaml"), SETTINGS).expect("settings");
    for at in 0..items {
        let day = first + chrono::Days::new(at as u64 / 10);
        let folder: PathBuf = root.join("content").join(day.to_string());
        fs::create_dir_all(&folder).expect("a folder");
        let mut text = format!(
            "---\ntitle: Brève numéro {at}\ntopics: [thème {}, thème {}]\nsources: [{{name: Agence {}, url: \"https://agence.example/{at}\"}}]\n---\n",
            chance(200),
            chance(200),
            chance(40),
        );
        for _ in 0..4 {
            let sentence = |chance: &mut dyn FnMut(usize) -> usize| {
                (0..14).map(|_| words[chance(words.len())]).collect::<Vec<_>>().join(" ")
            };
            for _ in 0..4 {
                let _ = write!(text, "{}. ", sentence(&mut chance));
            }
            let _ = write!(
                text,
                "Un **{}** et [un lien](https://exemple.example/{at}).\n\n",
                words[chance(words.len())]
            );
        }
        fs::write(folder.join(format!("breve-{at}.md")), text).expect("an item");
    }
}

const SETTINGS: &str =
    "title: Banc d'essai\nlanguage: fr\nbase_url: https://banc.example\nsections: [{name: brief}]\n";
