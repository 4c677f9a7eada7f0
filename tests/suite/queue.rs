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
    assert!(said.out.contains("expired on 2026-08-19; no issue takes it any more"), "{said:?}");
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
    assert!(!said.err.contains("rotative take"), "{said:?}");
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

#[test]
fn the_text_of_a_board_says_all_that_programs_are_told() {
    let project = newsletter();
    project.write("content/queue/old.md", &item("queued: 2026-08-18\nexpires: 2026-09-01\n"));
    let text = run(&project, &["board"]).out;
    for line in [
        "  own                                 6 words  A headline [lead]",
        "  urgent                           taken       brief, priority 1, 1 day, since 2026-08-18",
        "  old                              no-room     brief, priority 5, 1 day, since 2026-08-18, until 2026-09-01",
        "  young                            taken       brief, priority 5, 7 days, since 2026-08-12",
        "  early                            not-before  brief, priority 5, not before 2026-08-21",
        "  warning[queue-expired] content/queue/expired.md:3:1: expired on 2026-08-19; no issue takes it any more",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
    assert!(text.contains(" kB, text ") && !text.contains(" KB"), "{text}");
    let board = board(&project, &[]);
    let found = board["findings"].as_array().expect("a list").len();
    assert_eq!(
        text.split("\nfindings (").nth(1).and_then(|rest| rest.split(')').next()),
        Some(&*found.to_string())
    );
    assert_eq!(board["queue"][0]["waited"], 1);
    // Of an issue that nobody has begun there is nothing to weigh.
    std::fs::remove_dir_all(project.path("content/queue")).expect("removed");
    let text = run(&project, &["board", "2026-08-21"]).out;
    assert!(text.contains("weight     0 errors, 0 warnings"), "{text}");
}

#[test]
fn a_draft_takes_no_room() {
    let project = newsletter();
    for name in ["draft-a", "draft-b"] {
        project.write(&format!("content/2026-08-20/{name}.md"), &item("draft: true\n"));
    }
    project.write("content/queue/draft-a.md", &item("priority: 1\n"));
    let board = board(&project, &[]);
    assert_eq!((&board["sections"][0]["count"], &board["sections"][0]["max"]), (&3.into(), &3.into()));
    let text = run(&project, &["board"]).out;
    assert!(text.contains("brief (3 of 3, and 2 drafts)\n"), "{text}");
    // A build without drafts chooses what the board with them shows, and no name is taken twice.
    let said = run(&project, &["build"]);
    assert!(
        said.err.contains("`rotative take urgent old elsewhere --issue 2026-08-20` keeps them there"),
        "{said:?}"
    );
    assert!(!said.err.contains("section-limits]: the section `brief`"), "{said:?}");
}

#[test]
fn an_item_in_a_folder_of_the_queue_is_named_by_its_path() {
    let project = newsletter();
    for (path, title) in [("une", "One"), ("sub/une", "The other"), ("sub/alone", "Alone")] {
        project.write(&format!("content/queue/{path}.md"), &format!("---\ntitle: {title}\n---\nWords.\n"));
    }
    for (name, why) in [
        ("une", "`une` names content/queue/sub/une.md and content/queue/une.md"),
        ("content/queue/alone.md", "did you mean `content/queue/sub/alone.md`?"),
        ("content/queue/nowhere/une.md", "did you mean `content/queue/sub/une.md`?"),
        ("../une.md", "does not wait in the queue"),
    ] {
        let said = run(&project, &["take", name]);
        assert!(said.code == 2 && said.err.contains(why), "{name}: {said:?}");
    }
    let said = run(&project, &["take", "queue/une.md", "sub/une.md"]);
    assert!(said.code == 2 && said.err.contains("exists already"), "{said:?}");
    let said = run(&project, &["take", "content/queue/une.md"]);
    assert_eq!(said.out, "content/queue/une.md → content/2026-08-20/une.md\n", "{said:?}");
    assert!(project.read("content/2026-08-20/une.md").contains("title: One"));
    // From where somebody stands.
    let mut command = project.command(&["take", "alone.md", "--issue", "2026-08-21"]);
    let output = command.current_dir(project.path("content/queue/sub")).env("ROTATIVE_NOW", NOW).output();
    assert!(output.expect("it runs").status.success());
    assert!(project.path("content/2026-08-21/alone.md").exists());
}

/// Two items of the queue, an older one in a folder of a year, and pictures.
fn linked() -> Project {
    let project = newsletter();
    std::fs::remove_dir_all(project.path("content/queue")).expect("removed");
    let picture = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/content/2018-06-13/ballon.png"));
    let picture = picture.expect("a picture");
    project.write("content/2025/2025-11-25/x.md", &item(""));
    project.write(
        "content/queue/deep/link.md",
        "---\ntitle: Links\nimage: {file: a.png, alt: A}\n---\n[Then](../../2025/2025-11-25/x.md#later), \
         and [next to it][1].\r\n\r\n![b](../b.png)\r\n\r\n[1]: <../other.md> \"other.md\"\r\n",
    );
    project.write("content/queue/other.md", "---\ntitle: Other\n---\nSee [that](deep/link.md).\n");
    for file in ["deep/a.png", "b.png"] {
        std::fs::write(project.path(&format!("content/queue/{file}")), &picture).expect("written");
    }
    project.write("content/2026-08-20/own.md", "---\ntitle: Own\n---\nAs [told](../queue/deep/link.md).\n");
    project
}

#[test]
fn links_follow_what_is_taken() {
    let project = linked();
    let said = run(&project, &["build"]);
    assert_eq!(said.code, 0, "{said:?}");
    let mail = project.read("out/mail/2026-08-20/mail.html");
    let said = run(&project, &["take", "link"]);
    assert_eq!(said.code, 0, "{said:?}");
    let text = project.read("content/2026-08-20/link.md");
    assert!(text.contains("[Then](../2025/2025-11-25/x.md#later), and"), "{text}");
    assert!(
        text.ends_with("\r\n\r\n![b](../queue/b.png)\r\n\r\n[1]: <../queue/other.md> \"other.md\"\r\n"),
        "{text}"
    );
    assert!(project.read("content/2026-08-20/own.md").contains("[told](link.md)"));
    assert!(project.read("content/queue/other.md").contains("[that](../2026-08-20/link.md)"));
    assert!(said.err.contains("links in content/2026-08-20/own.md follow"), "{said:?}");
    assert_eq!(run(&project, &["build"]).code, 0);
    assert_eq!(project.read("out/mail/2026-08-20/mail.html"), mail);
    // Both in one go come to the same.
    let both = linked();
    assert_eq!(run(&both, &["take", "link", "other"]).code, 0);
    assert!(both.read("content/2026-08-20/link.md").contains("[1]: <other.md>"));
    assert!(both.read("content/2026-08-20/other.md").contains("[that](link.md)"));
    assert_eq!(run(&both, &["build"]).code, 0);
    assert_eq!(both.read("out/mail/2026-08-20/mail.html"), mail);
}

#[test]
fn a_link_that_cannot_follow_leaves_everything_where_it_is() {
    let project = linked();
    project.write("content/queue/other.md", "---\ntitle: Other\n---\nSee\n[that](deep/link\\.md).\n");
    let said = run(&project, &["take", "other"]);
    assert!(said.code == 2, "{said:?}");
    assert_eq!(
        said.err,
        "error: the link `deep/link.md` in content/queue/other.md, line 5, cannot be carried along\n  \
         hint: write its target without escapes, as a plain path\n"
    );
    assert!(project.path("content/queue/other.md").exists());
}

#[test]
fn publishing_lets_links_follow_too() {
    let project = linked();
    run(&project, &["publish", "2026-08-20"]);
    assert!(project.read("content/2026-08-20/link.md").contains("[1]: <other.md>"));
    assert!(project.read("content/2026-08-20/own.md").contains("[told](link.md)"));
    assert_eq!(run(&project, &["build", "2026-08-20"]).code, 0);
}

#[test]
fn what_has_expired_is_named_while_no_issue_is_open() {
    let project = newsletter();
    // Two days later the newest folder is past.
    let later = (NOW.parse::<u64>().expect("a number") + 2 * 86_400).to_string();
    for command in ["check", "build"] {
        let said = run_at(&project, &later, &[command]);
        let text = format!("{}{}", said.out, said.err);
        assert_eq!(text.matches("expired on 2026-08-19; no issue takes it any more").count(), 1, "{text}");
    }
}

#[test]
fn a_date_in_the_queue_is_pointed_out_and_heeded_by_nobody() {
    let project = newsletter();
    project.write("content/queue/urgent.md", &item("priority: 1\ndate: 2026-08-20\n"));
    let said = run(&project, &["build"]);
    assert!(said.code == 0 && said.err.contains("warning[queue-date]"), "{said:?}");
    // It lies in the queue still, and is not approved as if it did not.
    let said = run(&project, &["approve", "2026-08-20", "--by", "Anna"]);
    assert!(said.code == 4 && said.err.contains("rotative take"), "{said:?}");
}

#[test]
fn what_stands_in_an_issue_for_now_may_not_say_yesterday() {
    let project = newsletter();
    project.write("content/queue/urgent.md", "---\ntitle: U\npriority: 1\n---\nIt came yesterday.\n");
    let said = run(&project, &["check", "2026-08-20"]);
    let why = "`yesterday` counts from another day: the text waits in the queue and stands in the issue of 2026-08-20 for now";
    assert!(said.out.contains(why), "{said:?}");
}
