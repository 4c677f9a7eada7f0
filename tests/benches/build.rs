//! How long a build takes, and how it grows: a corpus of a thousand items and one of ten thousand, each built
//! several times into an empty place and once more over itself.
//!
//! `cargo bench` runs it; `cargo bench -- DIR` builds the newsletter in DIR instead.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

#[path = "corpus.rs"]
mod corpus;

use corpus::corpus;

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
