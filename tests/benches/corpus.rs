//! Newsletters of any size for the benches.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// Ten items a day, of some two thousand characters, on two hundred topics.
pub(crate) fn corpus(root: &Path, items: usize) {
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
