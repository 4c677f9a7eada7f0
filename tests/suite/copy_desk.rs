//! The copy editor from outside: what it explains, how it writes, what `--fix` does and does not, what `--all` reads.

use proptest::prelude::*;
use serde_json::Value;

use crate::project::{Project, program, said};

fn json(project: &Project, args: &[&str]) -> Value {
    let said = project.run(args);
    serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error}: {said:?}"))
}

fn rules(json: &Value) -> Vec<String> {
    let findings = json["findings"].as_array().expect("a list");
    findings.iter().map(|finding| format!("[{}]", finding["rule"].as_str().unwrap_or_default())).collect()
}

const SETTINGS: &str = "title: Le jour\nlanguage: fr\nbase_url: https://jour.example\nsections: [{name: brief}]\n\
                        check: {allow: [source-missing]}\n";

#[test]
fn a_rule_explains_itself_and_a_slip_is_understood() {
    let run = |args: &[&str]| said(program().args(args).current_dir("/").output());
    let explained = run(&["check", "--explain", "link-already-run"]);
    assert_eq!(explained.code, 0, "{explained:?}");
    assert!(explained.out.starts_with("link-already-run: warning\n"), "{}", explained.out);
    assert!(explained.out.contains("allow: [{rule: link-already-run, why: …}]"));
    let slip = run(&["check", "--explain", "link-allready-run"]);
    assert_eq!(slip.code, 2);
    assert!(slip.err.contains("did you mean `link-already-run`?"), "{}", slip.err);
    let list = run(&["check", "--rules"]);
    assert!(list.out.lines().count() > 120 && list.out.contains("\ntracking-parameters "), "{}", list.out);
    let one: Value = serde_json::from_str(&run(&["check", "--explain", "spelling", "--format", "json"]).out)
        .expect("JSON");
    assert_eq!((one["applied"].as_str(), one["mended"].as_str()), (Some("with-dictionary"), Some("by-hand")));
    assert_eq!(one["allowed"], "always");
}

#[test]
fn what_stops_a_build_says_that_it_cannot_be_allowed() {
    let explained =
        |rule: &str| said(program().args(["check", "--explain", rule]).current_dir("/").output()).out;
    let strict = explained("two-leads");
    assert!(strict.ends_with("  it stops a build, and cannot be allowed\n"), "{strict}");
    assert!(!strict.contains("allow:"), "{strict}");
    assert!(explained("link-text").contains("why: …}]`; where it stops a build, it cannot be\n"));
}

#[test]
fn a_finding_about_an_alias_names_a_rule_that_is_listed() {
    let project = Project::with(&[
        ("content/2026-08-21/a.md", "---\ntitle: A\naliases: [Ä, b]\n---\nText.\n"),
        ("content/2026-08-21/b.md", "---\ntitle: B\n---\nText.\n"),
    ]);
    let log = json(&project, &["check", "--format", "sarif"]);
    let run = &log["runs"][0];
    for rule in ["alias", "alias-taken"] {
        let results = run["results"].as_array().expect("results");
        let result = results.iter().find(|result| result["ruleId"] == rule).expect("a result");
        let index = usize::try_from(result["ruleIndex"].as_u64().expect("an index")).expect("a number");
        assert_eq!(run["tool"]["driver"]["rules"][index]["id"], rule);
    }
}

#[test]
fn the_head_of_a_file_is_mended_where_it_stands_plainly() {
    let project = Project::with(&[("content/newsletter.yaml", SETTINGS)]);
    project.write(
        "content/2026-08-21/a.md",
        "---\ntitle: \"L'Etat et  la 2ème\"\nlabel: \"L'\\u0045tat\"\n\
         sources: [{name: 'Trois millions euros', url: \"https://a.example/Etat\"}, {name: Les  Etats}]\n\
         image: {file: Etat.png, alt: \"Etat \\\"2ème\\\"\"}\ncorrections: [{date: 2026-08-21, text: \"L'Etat.\"}]\n---\nTexte.\n",
    );
    std::fs::copy(
        concat!(env!("CARGO_MANIFEST_DIR"), "/tests/lint/images/2026-08-21/good.png"),
        project.path("content/2026-08-21/Etat.png"),
    )
    .expect("a picture");
    let said = project.run(&["check", "--fix"]);
    let mended = "---\ntitle: \"L'État et la 2e\"\nlabel: \"L'\\u0045tat\"\n\
         sources: [{name: 'Trois millions euros', url: \"https://a.example/Etat\"}, {name: Les États}]\n\
         image: {file: Etat.png, alt: \"État \\\"2e\\\"\"}\ncorrections: [{date: 2026-08-21, text: \"L'État.\"}]\n---\nTexte.\n";
    assert_eq!(project.read("content/2026-08-21/a.md"), mended, "{said:?}");
    // What needs an escape, or stands in one, is shown and left to a person.
    assert!(said.out.contains("`Etat` wants its accent") && said.out.contains("lacks its *de*"), "{said:?}");
    assert_eq!(project.run(&["build"]).code, 0);
}

#[test]
fn a_correction_of_a_day_to_come_is_told_by_the_day_it_is() {
    let project = Project::with(&[(
        "content/2026-08-21/a.md",
        "---\ntitle: A\ncorrections: [{date: 2026-08-24, text: B.}]\n---\nText.\n",
    )]);
    let found = |now: &str| {
        let mut command = project.command(&["check", "--format", "json"]);
        said(command.env("ROTATIVE_NOW", now).output()).out.contains("correction-ahead")
    };
    // The evening before, and the morning of 24 August 2026.
    assert!(found("1787522400") && !found("1787554800"));
}

#[test]
fn whether_there_is_a_dictionary_is_said_by_the_rule_and_by_no_finding() {
    let project = Project::with(&[("content/2026-08-21/a.md", "---\ntitle: T\nlang: eo\n---\nTeksto.\n")]);
    let explained = project.run(&["check", "--explain", "spelling"]);
    assert!(
        explained.out.contains("there is no dictionary of") && explained.out.contains("eo"),
        "{explained:?}"
    );
    assert!(!project.run(&["check"]).out.contains("dictionary"));
}

#[test]
fn what_lies_in_no_text_is_found_too() {
    let project = Project::with(&[("content/2026-08-21/a.md", "---\ntitle: A\n---\nText.\n")]);
    assert_eq!(rules(&json(&project, &["check", "2026-08-22", "--format", "json"]))[0], "[no-issue]");

    let mut picture =
        std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/lint/images/2026-08-21/good.png"))
            .expect("a picture");
    picture.resize(5_000_001, 0);
    std::fs::write(project.path("content/2026-08-21/p.png"), picture).expect("a file");
    project.write(
        "content/2026-08-21/a.md",
        "---\ntitle: A\nimage: {file: p.png, alt: Black all over}\n---\nText.\n",
    );
    assert!(rules(&json(&project, &["check", "--format", "json"])).contains(&"[image-weight]".to_owned()));

    let bomb = vec!["*a"; 2000].join(", ");
    project.write("content/2026-08-21/b.md", &format!("---\ntitle: &a A\ntopics: [{bomb}]\n---\n"));
    assert!(rules(&json(&project, &["check", "--format", "json"])).contains(&"[yaml-too-large]".to_owned()));

    use std::os::unix::ffi::OsStrExt;
    let name = std::ffi::OsStr::from_bytes(b"content/2026-08-21/\xff.md");
    std::fs::write(project.root().join(name), "Text.\n").expect("a file");
    assert!(rules(&json(&project, &["check", "--format", "json"])).contains(&"[file-name]".to_owned()));
}

#[test]
fn one_issue_is_read_alone_and_all_with_the_articles() {
    let todo = |title: &str| format!("---\ntitle: {title}\n---\nTODO\n");
    let project = Project::with(&[
        ("content/2026-08-20/a.md", &todo("The first of the summer's storms")),
        ("content/2026-08-21/b.md", &todo("A bridge opens late")),
        ("content/queue/c.md", &todo("Nothing in particular")),
        ("content/articles/d.md", "---\ntitle: Of roads and rivers\ndate: 2026-08-01\n---\nTODO\n"),
    ]);
    let count = |args: &[&str]| {
        let found = rules(&json(&project, &[&["check", "--format", "json"], args].concat()));
        found.iter().filter(|rule| *rule == "[left-over]").count()
    };
    assert_eq!((count(&["2026-08-20"]), count(&[]), count(&["--all"])), (1, 2, 4));
}

#[test]
fn a_code_host_can_read_the_findings() {
    let project = Project::empty();
    project.write("content/newsletter.yaml", SETTINGS);
    project.write("content/2026-08-21/a.md", "---\ntitle: T\n---\nLe 2ème  étage. TODO\n");
    project.write("content/2026-08-21/wrong.md", "---\ntitel: T\n---\n");
    let log = json(&project, &["check", "--format", "sarif"]);
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    let described = run["tool"]["driver"]["rules"].as_array().expect("rules");
    let results = run["results"].as_array().expect("results");
    assert!(results.len() >= 4, "{results:#?}");
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().expect("a rule")).expect("small");
        assert_eq!(described[index]["id"], result["ruleId"]);
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uriBaseId"], "%SRCROOT%");
        let uri = place["artifactLocation"]["uri"].as_str().expect("an address");
        assert!(uri.starts_with("content/2026-08-21/"), "{uri}");
    }
    let ordinal = results.iter().find(|result| result["ruleId"] == "ordinal").expect("a finding");
    let region = &ordinal["locations"][0]["physicalLocation"]["region"];
    assert_eq!((region["startLine"].as_u64(), region["startColumn"].as_u64()), (Some(4), Some(4)));
    assert_eq!(region["endColumn"], 8);
    let change = &ordinal["fixes"][0]["artifactChanges"][0]["replacements"][0];
    assert_eq!(change["insertedContent"]["text"], "2e");
}

#[test]
fn an_exception_of_an_issue_covers_its_mail() {
    let project = Project::empty();
    project.write("content/newsletter.yaml", SETTINGS);
    for name in ["a", "b", "c"] {
        project
            .write(&format!("content/2026-08-21/{name}.md"), &format!("---\ntitle: {name}\n---\nTexte.\n"));
    }
    assert!(
        rules(&json(&project, &["check", "--format", "json"])).contains(&"[preheader-length]".to_owned())
    );
    project.write(
        "content/2026-08-21/issue.md",
        "---\nallow: [{rule: preheader-length, why: trois lettres suffisent}]\n---\n",
    );
    assert_eq!(rules(&json(&project, &["check", "--format", "json"])), Vec::<String>::new());
}

/// Stretches of a text as they are typed, and as `--fix` leaves them.
const STRETCHES: [(&str, &str); 16] = [
    ("Un mot.", "Un mot."),
    ("Le 2ème étage", "Le 2e étage"),
    ("deux  espaces", "deux espaces"),
    ("deux   espaces", "deux espaces"),
    ("l'Etat et l'Ecole", "l'État et l'École"),
    ("14 milliards dollars", "14 milliards de dollars"),
    ("[lien](https://a.example/b?utm_source=x&id=1)", "[lien](https://a.example/b?id=1)"),
    ("[lien de plus](https://b.example/c?fbclid=1#xtor=RSS-1)", "[lien de plus](https://b.example/c)"),
    ("`le 2ème  Etat`", "`le 2ème  Etat`"),
    ("**l'Etat** fort", "**l'État** fort"),
    ("*2ème*", "*2e*"),
    ("A&amp;B", "A&amp;B"),
    ("https://c.example/?utm_id=2 tel quel", "https://c.example/?utm_id=2 tel quel"),
    ("\u{e9}te\u{301}", "été"),
    ("(entre parenthèses)", "(entre parenthèses)"),
    ("> cite 3ème\n", "> cite 3e\n"),
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]
    /// What is mended is what is announced, and nothing else; a second time there is nothing to mend.
    #[test]
    fn fixing_twice_is_fixing_once_and_changes_nothing_else(
        picked in prop::collection::vec(prop::collection::vec(0..STRETCHES.len(), 1..5), 1..5),
        windows in any::<bool>(),
    ) {
        let text = |mended: bool| {
            let stretch = |at: &usize| if mended { STRETCHES[*at].1 } else { STRETCHES[*at].0 };
            let block = |picked: &Vec<usize>| picked.iter().map(stretch).collect::<Vec<_>>().join(" ; ");
            let body = picked.iter().map(block).collect::<Vec<_>>().join("\n\n");
            let query = if mended { "" } else { "?xtor=1" };
            let text = format!(
                "---\ntitle: T\nsources: [{{name: S, url: \"https://s.example/p{query}\"}}]\n---\n{body}\n"
            );
            if windows { text.replace('\n', "\r\n") } else { text }
        };
        let project = Project::empty();
        project.write("content/newsletter.yaml", SETTINGS);
        project.write("content/2026-08-21/a.md", &text(false));
        project.run(&["check", "--fix"]);
        let once = project.read("content/2026-08-21/a.md");
        project.run(&["check", "--fix"]);
        prop_assert_eq!(&project.read("content/2026-08-21/a.md"), &once);
        // A letter of two characters that stands in a stretch that is mended may become one.
        use unicode_normalization::UnicodeNormalization;
        prop_assert_eq!(once.nfc().collect::<String>(), text(true).nfc().collect::<String>());
    }
}
