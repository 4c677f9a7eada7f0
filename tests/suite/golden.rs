//! One folder, one case: a newsletter, what is done with it, and what must come of it (see `tests/README.md`).

use std::fs;
use std::path::Path;

use crate::project::{Project, tree};

#[test]
fn every_golden_folder_gives_what_it_promises() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut names: Vec<_> =
        fs::read_dir(&cases).expect("cases").flatten().map(|entry| entry.path()).collect();
    names.sort();
    let faults: Vec<String> = names.iter().filter(|path| path.is_dir()).flat_map(|case| run(case)).collect();
    assert!(
        faults.is_empty(),
        "{}\n(BLESS=1 takes what is there for right: read the difference)",
        faults.join("\n\n")
    );
}

fn run(case: &Path) -> Vec<String> {
    #[expect(clippy::disallowed_methods, reason = "BLESS concerns whoever runs the tests")]
    let bless = std::env::var_os("BLESS").is_some();
    let project = Project::copy(case);
    let args = fs::read_to_string(case.join("command")).unwrap_or_else(|_| "build --all".to_owned());
    let said = project.run(&args.split_whitespace().collect::<Vec<_>>());
    let root = project.root().to_string_lossy().into_owned();
    let text = |text: &str| text.replace(&root, "ROOT");
    let said = format!("exit code {}\n{}{}", said.code, text(&said.out), text(&said.err));
    let mut faults = Vec::new();
    compare(case, "said.txt", said.as_bytes(), bless, &mut faults);
    for path in tree(&case.join("expected")) {
        let found = fs::read(project.path("out").join(&path));
        match found {
            Ok(found) => compare(case, &format!("expected/{path}"), &found, bless, &mut faults),
            Err(_) => faults.push(format!("{}: nobody makes expected/{path}", case.display())),
        }
    }
    let left: Vec<String> =
        tree(project.root()).into_iter().filter(|path| path.starts_with(".out.new")).collect();
    if !left.is_empty() {
        faults.push(format!("{}: left behind: {left:?}", case.display()));
    }
    faults
}

pub(crate) fn compare(case: &Path, path: &str, found: &[u8], bless: bool, faults: &mut Vec<String>) {
    let file = case.join(path);
    if bless {
        fs::write(&file, found).expect("the expectation can be written");
        return;
    }
    let expected = fs::read(&file).unwrap_or_default();
    if expected != found {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (expected, found) = (text(&expected), text(found));
        let at = expected.lines().zip(found.lines()).position(|(a, b)| a != b);
        let at = at.unwrap_or_else(|| expected.lines().count().min(found.lines().count()));
        let line = |text: &str| text.lines().nth(at).unwrap_or("(nothing)").to_owned();
        faults.push(format!(
            "{}, line {}:\n  expected: {}\n  found:    {}",
            file.display(),
            at + 1,
            line(&expected),
            line(&found)
        ));
    }
}
