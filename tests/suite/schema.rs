//! The schemas say what the parser says: the keys of every mapping are compared with those the program names when
//! it meets one it does not know.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::project::Project;

const UNKNOWN: &str = "zzzzzzzzzzzzzzzz";

/// Where a mapping stands: keys, and `None` for the entry of a list.
type Path = Vec<Option<String>>;

#[test]
fn every_key_of_the_settings_is_in_the_schema_and_the_other_way_round() {
    agree("newsletter", "content/newsletter.yaml", |settings| settings);
}

#[test]
fn every_key_of_front_matter_is_in_its_schema_and_the_other_way_round() {
    let head = |yaml: String| format!("---\n{yaml}---\nText.\n");
    for (kind, file) in [
        ("item", "content/2026-08-21/a.md"),
        ("article", "content/articles/a.md"),
        ("issue", "content/2026-08-21/issue.md"),
        ("topic", "content/topics/a.md"),
    ] {
        agree(kind, file, head);
    }
    let project = Project::empty();
    let settings = "title: T\nlanguage: en\nbase_url: https://t.example\nsections: [{name: brief}]\nblocks: [{name: b, file: b.md, end: true}]\n";
    project.write("content/newsletter.yaml", settings);
    project.write("content/b.md", &head(format!("{UNKNOWN}: 1\n")));
    assert_eq!(known(&project, "content/b.md"), keys(&schema(&project, "block")));
}

#[test]
fn inside_a_newsletter_its_own_sections_are_the_only_ones() {
    let project = Project::with(&[]);
    assert_eq!(schema(&project, "item")["properties"]["section"]["enum"], json!(["brief"]));
    let said = project.run(&["schema", "--into", ".schemas"]);
    assert_eq!((said.code, said.out.lines().count()), (0, 6), "{said:?}");
    let written: Value = serde_json::from_str(&project.read(".schemas/item.json")).expect("a schema");
    assert_eq!(written, schema(&project, "item"));
    let outside = Project::empty();
    assert_eq!(schema(&outside, "item")["properties"]["section"].get("enum"), None);
}

#[test]
fn words_that_a_schema_offers_are_understood() {
    let project = Project::empty();
    let mut words = Vec::new();
    offered(&schema(&project, "newsletter"), &mut Vec::new(), &mut words);
    assert!(words.len() > 20, "{words:?}");
    for (path, word) in words {
        project.write("content/newsletter.yaml", &settings(&path, word.clone()));
        let said = project.run(&["check", "--format", "json"]);
        let refused = said.out.contains("unknown-value") || said.out.contains("wrong-type");
        assert!(!refused, "{path:?} {word}: {}", said.out);
    }
}

/// Compares every mapping of a schema with what the program knows there.
fn agree(kind: &str, file: &str, wrap: impl Fn(String) -> String) {
    let project = Project::with(&[("content/2026-08-21/b.md", "---\ntitle: B\n---\nText.\n")]);
    let mut mappings = Vec::new();
    collect(&schema(&project, kind), &mut Vec::new(), &mut mappings);
    for (path, keys) in mappings {
        project
            .write(file, &wrap(settings(&[path.clone(), vec![Some(UNKNOWN.to_owned())]].concat(), json!(1))));
        assert_eq!(known(&project, file), keys, "{kind} {path:?}");
    }
}

fn schema(project: &Project, kind: &str) -> Value {
    let said = project.run(&["schema", kind]);
    assert_eq!(said.code, 0, "{said:?}");
    serde_json::from_str(&said.out).expect("a schema")
}

/// The keys that the program names where it meets an unknown one.
fn known(project: &Project, file: &str) -> BTreeSet<String> {
    let said = project.run(&["check", "--format", "json"]);
    let told: Value = serde_json::from_str(&said.out).expect("findings");
    let findings = told["findings"].as_array().expect("findings");
    let of_file = |finding: &&Value| finding["rule"] == "unknown-key" && finding["path"] == file;
    let hint = findings.iter().find(of_file).unwrap_or_else(|| panic!("{file}: {told}"))["hint"].clone();
    let hint = hint.as_str().expect("a hint").to_owned();
    hint.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn keys(schema: &Value) -> BTreeSet<String> {
    schema["properties"].as_object().expect("properties").keys().cloned().collect()
}

/// All closed mappings below a schema, with their paths.
fn collect(schema: &Value, path: &mut Path, found: &mut Vec<(Path, BTreeSet<String>)>) {
    for choice in schema["oneOf"].as_array().into_iter().flatten() {
        collect(choice, path, found);
    }
    if schema["items"].is_object() {
        path.push(None);
        collect(&schema["items"], path, found);
        path.pop();
    }
    let Some(properties) = schema["properties"].as_object() else { return };
    found.push((path.clone(), keys(schema)));
    for (key, inner) in properties {
        path.push(Some(key.clone()));
        collect(inner, path, found);
        path.pop();
    }
}

/// All words that a schema offers, with their paths.
fn offered(schema: &Value, path: &mut Path, found: &mut Vec<(Path, Value)>) {
    for choice in schema["oneOf"].as_array().into_iter().flatten() {
        offered(choice, path, found);
    }
    let words = schema["enum"].as_array().into_iter().flatten();
    found.extend(words.map(|word| (path.clone(), word.clone())));
    if schema["items"].is_object() {
        path.push(None);
        offered(&schema["items"], path, found);
        path.pop();
    }
    for (key, inner) in schema["properties"].as_object().into_iter().flatten() {
        path.push(Some(key.clone()));
        offered(inner, path, found);
        path.pop();
    }
}

/// YAML in which `value` stands at `path`.
fn settings(path: &[Option<String>], value: Value) -> String {
    let value = path[1..].iter().rev().fold(value, |inner, step| match step {
        Some(key) => json!({key.as_str(): inner}),
        None => json!([inner]),
    });
    format!("{}: {value}\n", path[0].as_deref().expect("a key first"))
}
