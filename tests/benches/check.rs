//! How long a check takes, and how it grows: archives of a thousand to ten thousand items, one issue checked with
//! nothing remembered, with everything, and after one edit; and the whole archive.
//!
//! `cargo bench --bench check` runs it; `… -- DIR` checks the newest issue of the newsletter in DIR instead. It fails
//! where the whole archive of ten thousand items takes much more than ten times what a thousand take, or where one issue
//! takes most of what it takes with nothing remembered: seconds depend on the machine, these do not.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

#[path = "corpus.rs"]
mod corpus;

use corpus::corpus;

const RUNS: usize = 5;
const SIZES: [usize; 4] = [1_000, 2_000, 5_000, 10_000];
/// How much more than in proportion an archive ten times as large may take.
const SLACK: f64 = 1.4;

/// The medians of an archive, in milliseconds.
struct Times {
    cold: f64,
    warm: f64,
    edited: f64,
    all: f64,
}

fn main() {
    let named = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    if let Some(folder) = named {
        let times = measure(Path::new(&folder), &[], None);
        say("items of your own", &times);
        return;
    }
    let scratch = std::env::temp_dir().join(format!("rotative-check-{}", std::process::id()));
    let all: Vec<Times> = SIZES.iter().map(|items| archive(&scratch, *items)).collect();
    let _ = fs::remove_dir_all(&scratch);
    let [small, .., large] = &all[..] else { return };
    let grown = SIZES[SIZES.len() - 1] as f64 / SIZES[0] as f64;
    assert!(large.all < small.all * grown * SLACK, "the whole archive takes more than in proportion");
    assert!(large.warm < large.cold * 0.7, "what is remembered is of little use");
}

fn archive(scratch: &Path, items: usize) -> Times {
    let root = scratch.join(items.to_string());
    corpus(&root, items);
    let last = chrono::NaiveDate::from_ymd_opt(2024, 1, 1).expect("a day")
        + chrono::Days::new(items as u64 / 10 - 1);
    let edited = root.join(format!("content/{last}/breve-{}.md", items - 1));
    let times = measure(&root, &[&last.to_string()], Some(&edited));
    say(&format!("{items} items"), &times);
    times
}

fn measure(root: &Path, issue: &[&str], edited: Option<&PathBuf>) -> Times {
    let forget = || drop(fs::remove_dir_all(root.join(".out.check")));
    let cold = median(|| {
        forget();
        check(root, issue)
    });
    let warm = median(|| check(root, issue));
    let edited = median(|| {
        if let Some(file) = edited {
            let text = fs::read_to_string(file).expect("an item");
            fs::write(file, text + "Encore.\n").expect("an item");
        }
        check(root, issue)
    });
    let all = median(|| check(root, &["--all"]));
    Times { cold, warm, edited, all }
}

fn median(run: impl Fn() -> f64) -> f64 {
    let mut times: Vec<f64> = (0..RUNS).map(|_| run()).collect();
    times.sort_by(f64::total_cmp);
    times[RUNS / 2]
}

/// One check in a process of its own, in milliseconds.
fn check(root: &Path, what: &[&str]) -> f64 {
    let start = Instant::now();
    let status = Command::new(env!("CARGO_BIN_EXE_rotative"))
        .args(["check", "--format", "json", "--root"])
        .arg(root)
        .args(what)
        .stdout(Stdio::null())
        .status()
        .expect("the program runs");
    assert!(matches!(status.code(), Some(0 | 1)), "the check fails");
    start.elapsed().as_secs_f64() * 1000.0
}

fn say(what: &str, times: &Times) {
    let Times { cold, warm, edited, all } = times;
    let _ = writeln!(
        io::stdout(),
        "{what}: one issue, nothing remembered {cold:.0} ms, all remembered {warm:.0} ms, one item edited {edited:.0} ms; \
         whole archive {all:.0} ms (medians of {RUNS})"
    );
}
