//! The queue, from outside: what an open issue takes, what waits and why, what `take` moves, and that nothing that is
//! approved or past ever changes.

use serde_json::Value;

use crate::project::{Project, Said};

/// Wednesday 19 August 2026, noon in UTC: the issue of Thursday is the next one.
const NOW: &str = "1787140800";

const SETTINGS: &str = "title: The Daily\nlanguage: en\nbase_url: https://daily.example\n\
    sections: [{name: brief, max: 3}, {name: quote, kind: quote, min: 1, max: 1}, {name: more}]\n\
    mail: {from: a@news.example, list_id: news.example}\nservice: {url: https://s.example}\n\
    publisher: {name: P, address: Street}\n";

fn item(extra: &str) -> String {
    format!("---\ntitle: A headline\n{extra}---\nSome words of text.\n")
}

/// One item in Thursday's issue, and a queue with something of every kind.
fn newsletter() -> Project {
    let project = Project::empty();
    project.write("content/newsletter.yaml", SETTINGS);
    project.write("content/2026-08-20/own.md", &item(""));
    for (name, extra) in [
        ("urgent", "priority: 1\nqueued: 2026-08-18\n"),
        ("old", "queued: 2026-08-01\n"),
        ("young", "queued: 2026-08-12\n"),
        ("undated", ""),
        ("expired", "expires: 2026-08-19\n"),
        ("early", "not_before: 2026-08-21\n"),
        ("kept", "keep: true\npriority: 1\n"),
        ("unfinished", "draft: true\npriority: 1\n"),
        ("own", "priority: 1\n"),
        ("elsewhere", "section: more\n"),
    ] {
        project.write(&format!("content/queue/{name}.md"), &item(extra));
    }
    project
}

fn run(project: &Project, args: &[&str]) -> Said {
    run_at(project, NOW, args)
}

fn run_at(project: &Project, now: &str, args: &[&str]) -> Said {
    let mut command = project.command(args);
    command.env("ROTATIVE_NOW", now).env("ROTATIVE_SECRET", "0123456789abcdef0123456789abcdef");
    let output = command.output().expect("it runs");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    Said { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
}

fn board(project: &Project, args: &[&str]) -> Value {
    let said = run(project, &[&["board", "--format", "json"], args].concat());
    serde_json::from_str(&said.out).unwrap_or_else(|_| panic!("{said:?}"))
}

fn names(list: &Value) -> Vec<String> {
    let slug = |item: &Value| item["slug"].as_str().expect("a slug").to_owned();
    list.as_array().expect("a list").iter().map(slug).collect()
}

#[test]
fn an_open_issue_takes_what_its_sections_have_room_for() {
    let project = newsletter();
    let board = board(&project, &[]);
    assert_eq!(board["date"], "2026-08-20");
    assert_eq!(names(&board["sections"][0]["items"]), ["old", "own", "urgent"]);
    assert_eq!(board["sections"][1]["lacking"], 1);
    assert_eq!(names(&board["sections"][2]["items"]), ["elsewhere"]);
    let states: Vec<(String, String)> = names(&board["queue"])
        .into_iter()
        .zip(
            board["queue"]
                .as_array()
                .expect("a list")
                .iter()
                .map(|item| item["state"].as_str().expect("a word").to_owned()),
        )
        .collect();
    let told: Vec<(&str, &str)> =
        states.iter().map(|(name, state)| (name.as_str(), state.as_str())).collect();
    assert_eq!(
        told,
        [
            ("urgent", "taken"),
            ("old", "taken"),
            ("elsewhere", "taken"),
            ("kept", "kept"),
            ("own", "name-taken"),
            ("unfinished", "draft"),
            ("young", "no-room"),
            ("early", "not-before"),
            ("expired", "expired"),
            ("undated", "no-room"),
        ]
    );
    let text = run(&project, &["board"]);
    assert!(
        text.out.contains("quote (0 of 1, lacks 1)") && text.out.contains("[from the queue]"),
        "{text:?}"
    );
    let said = run(&project, &["check"]);
    // not: queue-expired, queue-name (nine items of the queue are left alone)
    assert_eq!(said.out.matches("warning[queue-expired]").count(), 1, "{said:?}");
    assert!(said.out.contains("it expired on 2026-08-19"), "{said:?}");
    assert_eq!(said.out.matches("warning[queue-name]").count(), 1, "{said:?}");
}

#[test]
fn what_fills_an_issue_for_now_has_not_run_before() {
    let project = newsletter();
    project.write(
        "content/queue/elsewhere.md",
        "---\ntitle: A bridge that nobody wanted opens at last\nsection: more\n\
         sources: [{name: Agency, url: \"https://a.example/bridge\"}]\n---\nSome words of text.\n",
    );
    let board = board(&project, &[]);
    assert_eq!(names(&board["sections"][2]["items"]), ["elsewhere"]);
    let rules: Vec<&str> = board["findings"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|finding| finding["rule"].as_str().expect("a name"))
        .collect();
    assert!(!rules.iter().any(|rule| rule.ends_with("already-run")), "{board}");
    assert_eq!(board["warnings"].as_u64(), Some(rules.len() as u64));
}

#[test]
fn what_a_build_takes_is_said_and_is_no_more_than_a_proof() {
    let project = newsletter();
    let said = run(&project, &["build"]);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.err.contains("`rotative take urgent old elsewhere --issue 2026-08-20`"), "{said:?}");
    assert!(project.read("out/site/2026/08/20/index.html").contains("id=\"urgent\""));
    let said = run(&project, &["approve", "2026-08-20", "--by", "Anna"]);
    assert!(said.code == 4 && said.err.contains("still lie in the queue"), "{said:?}");
    // The next day the issue is past, and the queue has nothing to do with it.
    let later = (NOW.parse::<u64>().expect("a number") + 86_400).to_string();
    let said = run_at(&project, &later, &["build"]);
    assert!(!said.err.contains("queue"), "{said:?}");
    assert!(!project.read("out/site/2026/08/20/index.html").contains("id=\"urgent\""));
}

#[test]
fn what_is_taken_lies_in_the_issue_and_the_mail_is_the_same() {
    let project = newsletter();
    project.write(
        "content/queue/urgent.md",
        &item("priority: 1\nqueued: 2026-08-18\nimage: {file: a.png, alt: A}\n"),
    );
    let picture = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/content/2018-06-13/ballon.png"));
    std::fs::write(project.path("content/queue/a.png"), picture.expect("a picture")).expect("written");
    assert_eq!(run(&project, &["build"]).code, 0);
    let mail = project.read("out/mail/2026-08-20/mail.html");
    let text = project.read("content/queue/urgent.md");
    let said =
        run(&project, &["take", "urgent", "content/queue/old.md", "elsewhere.md", "--issue", "2026-08-20"]);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.out.contains("content/queue/urgent.md → content/2026-08-20/urgent.md"), "{said:?}");
    assert_eq!(project.read("content/2026-08-20/urgent.md"), text);
    assert!(
        !project.path("content/queue/urgent.md").exists() && !project.path("content/queue/a.png").exists()
    );
    assert_eq!(run(&project, &["build"]).code, 0);
    assert_eq!(project.read("out/mail/2026-08-20/mail.html"), mail);
    assert_eq!(run(&project, &["approve", "2026-08-20", "--by", "Anna"]).code, 0);
    // Closed: a younger item with all the room in the world goes on waiting.
    project.write("content/queue/new.md", &item("section: more\npriority: 1\n"));
    assert_eq!(run(&project, &["build"]).code, 0);
    assert_eq!(project.read("out/mail/2026-08-20/mail.html"), mail);
    let said = run(&project, &["take", "new", "--issue", "2026-08-20"]);
    assert!(said.code == 2 && said.err.contains("approved or sent"), "{said:?}");
}

#[test]
fn what_cannot_be_taken_stays_whole() {
    let project = newsletter();
    for (items, why) in [
        (&["urgent", "early"][..], "`not_before` is 2026-08-21"),
        (&["urgent", "expired"][..], "`expires` is 2026-08-19"),
        (&["urgent", "own"][..], "exists already"),
        (&["urgnt"][..], "did you mean `urgent`?"),
    ] {
        let said = run(&project, &[&["take"], items, &["--issue", "2026-08-20"]].concat());
        assert!(said.code == 2 && said.err.contains(why), "{items:?} {said:?}");
        assert!(project.path("content/queue/urgent.md").exists(), "{items:?}");
    }
    // By name, what is kept may go.
    assert_eq!(run(&project, &["take", "kept"]).out, "content/queue/kept.md → content/2026-08-20/kept.md\n");
}

#[test]
fn a_picture_that_two_items_name_is_there_for_both() {
    let project = newsletter();
    let picture = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/content/2018-06-13/ballon.png"));
    std::fs::write(project.path("content/queue/a.png"), picture.expect("a picture")).expect("written");
    for name in ["one", "two"] {
        project.write(&format!("content/queue/{name}.md"), &item("image: {file: a.png, alt: A}\n"));
    }
    assert_eq!(run(&project, &["take", "one"]).code, 0);
    assert!(
        project.path("content/queue/a.png").exists() && project.path("content/2026-08-20/a.png").exists()
    );
}

#[test]
fn a_day_that_nobody_has_begun_is_shown_when_it_is_named() {
    let project = newsletter();
    let board = board(&project, &["2026-08-21"]);
    assert!(names(&board["sections"][0]["items"]).contains(&"urgent".to_owned()), "{board}");
    let said = run(&project, &["build", "2026-08-21"]);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(project.path("out/mail/2026-08-21/mail.html").exists());
    // A past day takes nothing, and is not there.
    assert_eq!(run(&project, &["build", "2026-08-18"]).code, 1);
}
