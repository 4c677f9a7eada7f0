//! One file, one case: an item that says itself what the copy editor must find in it (see `tests/README.md`).

use std::fs;
use std::path::Path;

use crate::project::Project;

#[test]
fn every_lint_file_gets_the_findings_it_names_and_no_other() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lint");
    let settings = fs::read_to_string(folder.join("newsletter.yaml")).expect("settings");
    let mut files: Vec<_> =
        fs::read_dir(&folder).expect("cases").flatten().map(|entry| entry.path()).collect();
    files.sort();
    let mut faults = Vec::new();
    for file in files.iter().filter(|file| file.extension().is_some_and(|ending| ending == "md")) {
        let name = file.file_name().expect("a name").to_string_lossy();
        let text = fs::read_to_string(file).expect("a case");
        let project = Project::empty();
        project.write("content/newsletter.yaml", &settings);
        project.write(&format!("content/2026-08-21/{name}"), &text);
        let mut found = findings(&project);
        let mut expected = expected(&text);
        found.sort();
        expected.sort();
        if found != expected {
            faults.push(format!("{name}\n  expected: {expected:#?}\n  found: {found:#?}"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Everything after `expect:` in a comment.
fn expected(text: &str) -> Vec<String> {
    let marked = text.lines().filter_map(|line| line.split_once("expect: "));
    marked.map(|(_, said)| said.trim_end().trim_end_matches("-->").trim_end().to_owned()).collect()
}

fn findings(project: &Project) -> Vec<String> {
    let said = project.run(&["check", "--format", "json"]);
    let json: serde_json::Value =
        serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error}: {said:?}"));
    let list = json["findings"].as_array().expect("a list");
    assert_eq!(said.code, i32::from(!list.is_empty()), "{said:?}");
    list.iter()
        .map(|finding| {
            let text = |key: &str| finding[key].as_str().unwrap_or_default().to_owned();
            format!(
                "{}[{}] {}:{} {}",
                text("severity"),
                text("rule"),
                finding["line"],
                finding["column"],
                text("message")
            )
        })
        .collect()
}
