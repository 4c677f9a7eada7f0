//! How many megabytes of text a second one core sets: plain prose, and prose full of what rules look for.
//! `cargo bench --bench typography`

use std::hint::black_box;
use std::io::{self, Write};
use std::time::Instant;

use rotative::config::TypographyOptions;
use rotative::model::Language;
use rotative::render::specimen_html;
use rotative::typography::set_text;

const PLAIN: &str = "Le gouvernement a présenté hier un plan de rénovation énergétique qui concerne les communes de la \
    région et les habitants du littoral. Selon la préfecture, les travaux commenceront au printemps et dureront deux ans. \
    Les syndicats, consultés la semaine dernière, demandent des garanties et une étude indépendante des coûts.";
const RICH: &str = "L'enquête est ouverte : \"Qui a vu les 334 000 dossiers ?\", demande M. Dubreil - président depuis le \
    8 juin 2018 - au journal. Le site www.exemple.fr/actu--2018 en compte 30 %, soit 14 milliards d'euros... La 3e enseigne, \
    elle, dit \"non\" ; voir p. 42, à 14 h 30.";
const ENGLISH: &str = "The \"open\" web isn't dead, Mr. Smith said on June 8 - it's only 5 km away... Don't panic: the readers' \
    choice (pp. 12-15) was clear, and 16 GB cost $14 billion back in the '90s.";

fn main() {
    let options = TypographyOptions::default();
    for (what, text, language) in [
        ("plain French", PLAIN, Language::French),
        ("rich French", RICH, Language::French),
        ("rich English", ENGLISH, Language::English),
    ] {
        let alone = rate(text, || {
            black_box(set_text(black_box(text), language, &options));
        });
        let markdown = format!("{text}\n\n").repeat(200);
        let whole = rate(&markdown, || {
            black_box(specimen_html(black_box(&markdown), language, &options));
        });
        let _ =
            writeln!(io::stdout(), "{what:>14}: {alone:>6.0} MB/s, {whole:>6.0} MB/s from Markdown to HTML");
    }
}

/// The median of five measurements, in megabytes a second.
fn rate(text: &str, mut work: impl FnMut()) -> f64 {
    let times = (8_000_000 / text.len()).max(1);
    let mut rates: Vec<f64> = (0..5)
        .map(|_| {
            let start = Instant::now();
            for _ in 0..times {
                work();
            }
            (text.len() * times) as f64 / start.elapsed().as_secs_f64() / 1e6
        })
        .collect();
    rates.sort_by(f64::total_cmp);
    rates[2]
}
