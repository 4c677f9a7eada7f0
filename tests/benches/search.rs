//! What the search index costs: the terms of a year, its files, and one touched item of it.
//!
//! `cargo bench --bench search` makes a year of 3,650 items; `cargo bench --bench search -- DIR` takes every
//! Markdown file under DIR instead.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::Instant;

use rotative::model::{IssueDate, Language, OutFile};
use rotative::search::{Card, KeptYear, Key, Text, Wanted, Year, opening};

const RUNS: usize = 9;

fn main() {
    let named = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    let texts = named.map_or_else(|| made(3_650), |folder| read(Path::new(&folder)));
    let bytes: usize = texts.iter().map(String::len).sum();
    say(&format!("{} texts, {} bytes", texts.len(), bytes));
    let whole = timed("terms of all", || year(&texts));
    let files = timed("files", || whole.index().files(2026));
    weigh(&files);
    let index = whole.index();
    let kept = timed("kept", || index.encode());
    say(&format!("kept: {} bytes", kept.len()));
    let wanted = |at: usize| {
        let Card { date, day, .. } = card(at);
        Wanted { key: key(if at == 7 { usize::MAX } else { at }), date, day }
    };
    let wanted: Vec<Wanted> = (0..texts.len()).map(wanted).collect();
    timed("one touched: read back, renewed, files", || {
        let kept = KeptYear::decode(&kept).expect("a year");
        let year = kept.renew(wanted.clone(), |at| (whole_card(at, &texts[at]), text(&texts[at])));
        year.index().files(2026)
    });
}

fn timed<T>(what: &str, work: impl Fn() -> T) -> T {
    let mut times: Vec<f64> = Vec::new();
    loop {
        let start = Instant::now();
        let made = work();
        times.push(start.elapsed().as_secs_f64() * 1000.0);
        if times.len() == RUNS {
            times.sort_by(f64::total_cmp);
            say(&format!("{what}: {:.1} ms (median of {RUNS})", times[RUNS / 2]));
            return made;
        }
    }
}

fn weigh(files: &[OutFile]) {
    let sizes = || files.iter().map(|file| file.bytes().len());
    let (all, largest) = (sizes().sum::<usize>(), sizes().max().unwrap_or(0));
    say(&format!("{} files, {all} bytes, the largest {largest}", files.len()));
}

fn year(texts: &[String]) -> Year<'_> {
    let mut year = Year::new();
    for (at, markdown) in texts.iter().enumerate() {
        year.add(key(at), whole_card(at, markdown), &text(markdown));
    }
    year
}

fn text(markdown: &str) -> Text<'_> {
    Text { language: Some(Language::French), markdown: markdown.into(), ..Text::default() }
}

fn key(at: usize) -> Key {
    (at as u128).to_le_bytes()
}

fn whole_card(at: usize, markdown: &str) -> Card<'static> {
    Card { opening: opening(markdown).into(), ..card(at) }
}

fn card(at: usize) -> Card<'static> {
    let day = at / 10 % 28 + 1;
    Card {
        date: IssueDate::parse(&format!("2026-08-{day:02}")).expect("a date"),
        day: format!("{day} août 2026").into(),
        rest: format!("#le-musee-municipal-prepare-une-etude-{at}").into(),
        name: format!("Le musée municipal prépare une étude {at}").into(),
        about: "Culture · Climat".into(),
        lang: "".into(),
        opening: "".into(),
    }
}

/// A vocabulary of some twenty thousand words; the first ones come up most.
fn made(count: usize) -> Vec<String> {
    let mut chance = 7_u64;
    let mut draw = move |below: u64| {
        chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (chance >> 33) % below
    };
    let syllables = [
        "ré", "ba", "con", "ti", "lu", "nette", "mo", "dé", "che", "vi", "pa", "sou", "ga", "ler", "in", "fa",
    ];
    let mut text = |_| {
        let mut text = String::new();
        for _ in 0..190 {
            let limit = 1 + draw(20_000);
            let mut rank = draw(limit);
            loop {
                text.push_str(syllables[(rank % 16) as usize]);
                rank /= 16;
                if rank == 0 {
                    break;
                }
            }
            let _ = write!(text, "{}", [" ", " ", " ", ", ", ". ", "s "][draw(6) as usize]);
        }
        text
    };
    (0..count).map(&mut text).collect()
}

fn read(folder: &Path) -> Vec<String> {
    let mut open: Vec<PathBuf> = vec![folder.to_owned()];
    let mut texts = Vec::new();
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(next).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|ending| ending == "md") {
                texts.extend(fs::read_to_string(&path));
            }
        }
    }
    texts
}

fn say(line: &str) {
    let _ = writeln!(io::stdout(), "{line}");
}
