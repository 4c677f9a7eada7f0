//! One file or folder, one case: texts that say themselves what the copy editor must find in them (see
//! `tests/README.md`).

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::project::{Project, program, said, tree};

#[test]
fn every_lint_case_gets_the_findings_it_names_and_no_other() {
    let mut faults = Vec::new();
    for case in cases() {
        let project = lay_out(&case);
        let mut found = findings(&project);
        let mut expected = expected(&project);
        found.sort();
        expected.sort();
        if found != expected {
            let missing: Vec<_> = expected.iter().filter(|line| !found.contains(line)).collect();
            let surplus: Vec<_> = found.iter().filter(|line| !expected.contains(line)).collect();
            faults.push(format!("{}\n  missing: {missing:#?}\n  surplus: {surplus:#?}", case.display()));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// What a rule finds is shown by some test; what it must leave alone stands under `tests/lint/` with `not: RULE`.
#[test]
fn every_rule_has_a_case_that_breaks_it_and_one_that_does_not() {
    let said = said(program().args(["check", "--rules", "--format", "json"]).output());
    let rules: serde_json::Value = serde_json::from_str(&said.out).expect("JSON");
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let read = |path: PathBuf| String::from_utf8_lossy(&fs::read(path).unwrap_or_default()).into_owned();
    let all = |folder: &str| {
        let folder = tests.join(folder);
        tree(&folder).into_iter().map(|file| read(folder.join(file))).collect::<Vec<_>>().join("\n")
    };
    let (lint, golden, suite) = (all("lint"), all("golden"), all("suite"));
    let marked = format!("{lint}\n{suite}");
    let spared: BTreeSet<&str> = marked
        .lines()
        .filter_map(|line| line.split_once("not: "))
        .flat_map(|(_, names)| names.trim_end_matches("-->").split([' ', ',']))
        .collect();
    let mut faults = Vec::new();
    for rule in rules.as_array().expect("a list") {
        let name = rule["name"].as_str().expect("a name");
        let shown = format!("[{name}]");
        // To be caught by it, two programs would have to race.
        if name != "restless" && ![&lint, &golden, &suite].iter().any(|text| text.contains(&shown)) {
            faults.push(format!("no case breaks `{name}`"));
        }
        // Files, settings and mails in order are the rest of all cases.
        let own = !matches!(rule["family"].as_str(), Some("files" | "settings" | "mail"));
        if own && !spared.contains(name) {
            faults.push(format!("no case comes near `{name}` and is left alone"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lint")
}

fn cases() -> Vec<PathBuf> {
    let entries = fs::read_dir(folder()).expect("cases").flatten().map(|entry| entry.path());
    let mut cases: Vec<_> = entries
        .filter(|path| path.is_dir() || path.extension().is_some_and(|ending| ending == "md"))
        .collect();
    cases.sort();
    cases
}

/// A folder is the `content/` of a newsletter; a file is one item of the issue of 2026-08-21.
fn lay_out(case: &Path) -> Project {
    let project = Project::empty();
    if case.is_dir() {
        project.lay(case, "content");
        return project;
    }
    let name = case.file_name().expect("a name").to_string_lossy();
    let settings = fs::read_to_string(folder().join("newsletter.yaml")).expect("settings");
    project.write("content/newsletter.yaml", &settings);
    project.write(&format!("content/2026-08-21/{name}"), &fs::read_to_string(case).expect("a case"));
    project
}

/// Everything after `expect:`, with the path of its file, and after `expect-in PATH:`.
fn expected(project: &Project) -> Vec<String> {
    let mut expected = Vec::new();
    for path in tree(project.root()) {
        let text = String::from_utf8_lossy(&fs::read(project.path(&path)).unwrap_or_default()).into_owned();
        for line in text.lines() {
            let line = line.trim_end().trim_end_matches("-->").trim_end();
            if let Some((_, said)) = line.split_once("expect: ") {
                expected.push(format!("{path}: {said}"));
            } else if let Some((_, said)) = line.split_once("expect-in ") {
                expected.push(said.to_owned());
            }
        }
    }
    expected
}

fn findings(project: &Project) -> Vec<String> {
    let mut command = project.command(&["check", "--format", "json"]);
    // A day after all issues: none is open to its queue, and no correction of theirs is still to come.
    let said = said(command.env("ROTATIVE_NOW", "1793534400").output());
    let json: serde_json::Value =
        serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error}: {said:?}"));
    let list = json["findings"].as_array().expect("a list");
    assert_eq!(said.code, i32::from(!list.is_empty()), "{said:?}");
    list.iter()
        .map(|finding| {
            let text = |key: &str| finding[key].as_str().unwrap_or_default().to_owned();
            format!(
                "{}: {}[{}] {}:{} {}",
                text("path"),
                text("severity"),
                text("rule"),
                finding["line"],
                finding["column"],
                text("message")
            )
        })
        .collect()
}
