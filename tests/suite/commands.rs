//! The commands as a user types them.

use crate::project::{Project, Said, program, said, tree};

/// Thursday 20 August 2026, noon in UTC.
const NOW: &str = "1787227200";

fn run_then(project: &Project, args: &[&str]) -> Said {
    said(project.command(args).env("ROTATIVE_NOW", NOW).output())
}

const ITEM: &str = "---\ntitle: A bridge opens\ntopics: [bridges]\n---\nIt opens.\n";

#[test]
fn a_new_newsletter_builds_at_once() {
    for lang in ["fr", "en"] {
        let project = Project::empty();
        let started = project.run(&["init", "daily", "--lang", lang]);
        assert_eq!(started.code, 0, "{started:?}");
        let built = project.run(&["build", "--root", "daily"]);
        assert_eq!((built.code, built.err.as_str()), (0, ""), "{built:?}");
        assert!(built.out.starts_with("built the mail of "), "{built:?}");
        let checked = project.run(&["check", "--root", "daily"]);
        assert_eq!((checked.code, checked.out.as_str()), (0, "nothing to say\n"));
        let again = project.run(&["init", "daily"]);
        assert_eq!(again.code, 2);
        assert_eq!(again.err, "error: daily is not empty\n  hint: name a folder that is new or empty\n");
    }
}

#[test]
fn a_newsletter_that_is_started_on_a_day_off_begins_with_the_next_day() {
    let project = Project::empty();
    // Sunday 23 August 2026, noon in UTC.
    let started = said(project.command(&["init", "daily"]).env("ROTATIVE_NOW", "1787486400").output());
    assert_eq!(started.out, "a newsletter stands in daily; its first issue is that of 2026-08-24\n");
    let checked =
        said(project.command(&["check", "--root", "daily"]).env("ROTATIVE_NOW", "1787486400").output());
    assert_eq!((checked.code, checked.out.as_str()), (0, "nothing to say\n"));
}

#[test]
fn a_link_may_be_written_in_capitals() {
    let item =
        "---\ntitle: A bridge opens\n---\nIt [opens](HTTPS://a.example/x), [at last](HTTP://B.example/).\n";
    let project = Project::with(&[("content/2026-08-21/bridge.md", item)]);
    let built = project.run(&["build"]);
    assert_eq!((built.code, built.err.as_str()), (0, ""), "{built:?}");
}

#[test]
fn a_build_lays_out_what_the_readme_promises() {
    let project = Project::with(&[("content/2026-08-21/bridge.md", ITEM)]);
    assert_eq!(project.run(&["build"]).code, 0);
    let expected = [
        "mail/2026-08-21/issue.json",
        "mail/2026-08-21/mail.html",
        "mail/2026-08-21/mail.txt",
        "manifest.json",
        "site/2026/08/21/index.html",
        "site/2026/08/index.html",
        "site/2026/index.html",
        "site/404.html",
        "site/archive/index.html",
        "site/assets/cards/CARD.png",
        "site/assets/icon.svg",
        "site/assets/search.js",
        "site/assets/style.css",
        "site/feed.json",
        "site/feed.xml",
        "site/index.html",
        "site/latest/index.html",
        "site/robots.txt",
        "site/search/2026/c0.js",
        "site/search/2026/index.js",
        "site/search/2026/t0.js",
        "site/search/index.html",
        "site/sitemap.xml",
        "site/topics/bridges/feed.xml",
        "site/topics/bridges/index.html",
        "site/topics/index.html",
    ];
    // A card is named after what it shows.
    let named = |path: String| match path.strip_prefix("site/assets/cards/2026-08-21-") {
        Some(rest) if rest.ends_with(".png") => "site/assets/cards/CARD.png".to_owned(),
        _ => path,
    };
    let made: Vec<String> = tree(&project.path("out")).into_iter().map(named).collect();
    assert_eq!(made, expected);
    let issue: serde_json::Value =
        serde_json::from_str(&project.read("out/mail/2026-08-21/issue.json")).expect("JSON");
    assert_eq!(issue["subject"], "A bridge opens. This is The Daily, 21\u{a0}August 2026");
    let manifest: serde_json::Value = serde_json::from_str(&project.read("out/manifest.json")).expect("JSON");
    assert_eq!(manifest.as_object().expect("an object").len(), expected.len() - 1);
}

#[test]
fn the_mail_of_one_day_or_of_all_is_built_on_request() {
    let project =
        Project::with(&[("content/2026-08-20/a.md", ITEM), ("content/2026/08/2026-08-21/b.md", ITEM)]);
    let mails = |project: &Project| {
        let mails = tree(&project.path("out/mail")).into_iter().filter(|path| path.ends_with("mail.txt"));
        mails.map(|path| path[..10].to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(project.run(&["build"]).code, 0);
    assert_eq!(mails(&project), ["2026-08-21"]);
    assert_eq!(project.run(&["build", "2026-08-20"]).code, 0);
    assert_eq!(mails(&project), ["2026-08-20"]);
    assert_eq!(project.run(&["build", "--all"]).code, 0);
    assert_eq!(mails(&project), ["2026-08-20", "2026-08-21"]);
    let missing = project.run(&["build", "2026-08-22"]);
    assert_eq!(missing.code, 1);
    assert!(missing.err.contains("there is no issue of 2026-08-22"), "{missing:?}");
    assert_eq!(project.run(&["build", "2026-02-31"]).code, 2);
}

#[test]
fn a_new_item_is_found_by_the_next_build() {
    let project = Project::with(&[]);
    let said = run_then(
        &project,
        &[
            "new",
            "Bridge: it \"opens\"",
            "--date",
            "2026-08-21",
            "--url",
            "https://www.bridge.example/a?b=c",
            "--offline",
        ],
    );
    assert_eq!((said.code, said.out.as_str()), (0, "content/2026-08-21/bridge-it-opens.md\n"), "{said:?}");
    assert_eq!(project.run(&["check"]).code, 0);
    assert_eq!(project.run(&["build"]).code, 0);
    assert!(project.read("out/mail/2026-08-21/mail.txt").contains("BRIDGE: IT “OPENS”"));
    let again = run_then(&project, &["new", "Bridge: it \"opens\"", "--date", "2026-08-21"]);
    assert_eq!(again.code, 2);
    assert!(again.err.contains("exists already\n  hint: choose another title"), "{again:?}");
    assert_eq!(run_then(&project, &["new", "Later", "--queue"]).out, "content/queue/later.md\n");
    let unknown = run_then(&project, &["new", "x", "--section", "breif"]);
    assert!(unknown.err.contains("did you mean `brief`?"), "{unknown:?}");
}

#[test]
fn a_new_item_joins_the_folder_of_its_day_wherever_it_lies() {
    let project = Project::with(&[("content/2026/08/2026-08-21/a.md", ITEM)]);
    let said = run_then(&project, &["new", "Second", "--date", "2026-08-21"]);
    assert_eq!(said.out, "content/2026/08/2026-08-21/second.md\n", "{said:?}");
}

#[test]
fn a_newsletter_is_found_from_any_folder_inside_it() {
    let project = Project::with(&[("content/2026-08-21/a.md", ITEM)]);
    let inside = said(program().args(["check"]).current_dir(project.path("content/2026-08-21")).output());
    assert_eq!(inside.code, 0, "{inside:?}");
    let outside = said(program().args(["check"]).current_dir("/").output());
    assert_eq!(outside.code, 2);
    assert!(outside.err.contains("hint: `rotative init DIR` starts one"), "{outside:?}");
}

#[test]
fn findings_are_written_for_programs_too() {
    let project = Project::with(&[("content/2026-08-21/a.md", "---\ntitel: x\nfoo: y\n---\nx\n")]);
    let said = project.run(&["check", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&said.out).expect("JSON");
    assert_eq!((said.code, &json["errors"], &json["warnings"]), (1, &2.into(), &0.into()));
    let first = &json["findings"][0];
    assert_eq!(first["path"], "content/2026-08-21/a.md");
    assert_eq!((&first["line"], &first["column"], &first["width"]), (&2.into(), &1.into(), &5.into()));
    assert_eq!(first["excerpt"], "titel: x");
    assert_eq!(first["hint"], "did you mean `title`?");
}

#[test]
fn safe_corrections_are_made_once_and_touch_nothing_else() {
    let project = Project::with(&[(
        "content/2026-08-21/a.md",
        "---\r\ntitle: T\r\nlang: fr\r\n---\r\nLe 2ème étage de l'Etat  coûte 3 milliards dollars.\r\n\r\n`2ème  Etat` « ouvert\r\n",
    )]);
    let first = project.run(&["check", "--fix"]);
    assert!(first.code == 1 && first.err.contains("4 corrections made"), "{first:?}");
    assert!(
        first.out.contains("a guillemet is never closed") && first.out.contains("1 warning"),
        "{first:?}"
    );
    let mended = "---\r\ntitle: T\r\nlang: fr\r\n---\r\nLe 2e étage de l'État coûte 3 milliards de dollars.\r\n\r\n`2ème  Etat` « ouvert\r\n";
    assert_eq!(project.read("content/2026-08-21/a.md"), mended);
    let second = project.run(&["check", "--fix"]);
    assert!(second.err.contains("0 corrections made"), "{second:?}");
    assert_eq!(project.read("content/2026-08-21/a.md"), mended);
}

#[test]
fn the_typesetter_shows_what_it_makes_of_any_text() {
    let project = Project::empty();
    project.write("a.md", "Qui a dit \"ça\" ?\n\n# La 3e\n");
    assert_eq!(project.run(&["typography", "a.md"]).out, "Qui a dit «\u{a0}ça\u{a0}»\u{202f}?\nLa 3e\n");
    let html = project.run(&["typography", "--format", "html", "a.md"]).out;
    assert_eq!(html, "<p>Qui a dit «\u{a0}ça\u{a0}»\u{202f}?</p>\n<h1>La 3<sup>e</sup></h1>\n");
    project.write("batch", "\"It's \\\"so\\\"\"\n\"\"\n");
    assert_eq!(project.run(&["typography", "--batch", "--lang", "en", "batch"]).out, "\"It’s “so”\"\n\"\"\n");
    assert_eq!(project.run(&["typography", "--lang", "de", "a.md"]).code, 2);
}

#[test]
fn without_a_day_of_publication_each_command_names_what_it_has() {
    let project = Project::empty();
    project.write(
        "content/newsletter.yaml",
        "title: T\nlanguage: fr\nbase_url: https://t.example\nsections: [{name: brief}]\ncalendar: {days: []}\n",
    );
    let (next, new) = (project.run(&["next"]), project.run(&["new", "Demain"]));
    assert!(next.code == 2 && next.err.contains("`calendar` of content/newsletter.yaml"), "{next:?}");
    assert!(!next.err.contains("--date") && new.err.contains("`--date` names one"), "{next:?} {new:?}");
}

#[test]
fn the_next_issue_is_the_first_that_is_still_to_be_sent() {
    let project = Project::empty();
    project.write(
        "content/newsletter.yaml",
        "title: T\nlanguage: fr\nbase_url: https://t.example\ntimezone: Europe/Paris\nsections: [{name: brief}]\n\
         calendar: {days: [mon, tue, wed, thu, fri], holidays: [FR, 12-24, 2026-04-07], except: [2026-08-03/2026-08-21]}\n\
         delivery: {send_at: \"02:30\"}\n",
    );
    let next = |now: &str| {
        let output =
            project.command(&["next", "--format", "json"]).env("ROTATIVE_NOW", seconds(now)).output();
        let told: serde_json::Value =
            serde_json::from_slice(&output.expect("it runs").stdout).expect("an answer");
        (told["date"].as_str().expect("a day").to_owned(), told["due"].as_str().expect("a moment").to_owned())
    };
    for (now, date, due) in [
        // Before and after the moment of sending.
        ("2026-11-25T01:29:00Z", "2026-11-25", "2026-11-25T02:30:00+01:00"),
        ("2026-11-25T01:30:00Z", "2026-11-26", "2026-11-26T02:30:00+01:00"),
        // A Friday evening; Easter Monday is a holiday, and the day after is one of the office.
        ("2026-04-03T18:00:00Z", "2026-04-08", "2026-04-08T02:30:00+02:00"),
        // The summer break, and a day of every year before Christmas.
        ("2026-07-31T18:00:00Z", "2026-08-24", "2026-08-24T02:30:00+02:00"),
        ("2026-12-23T18:00:00Z", "2026-12-28", "2026-12-28T02:30:00+01:00"),
    ] {
        assert_eq!(next(now), (date.to_owned(), due.to_owned()), "{now}");
    }
    assert_eq!(project.run(&["next", "--after", "2026-12-23"]).out, "2026-12-28\n");
    let started =
        project.command(&["new", "Demain"]).env("ROTATIVE_NOW", seconds("2026-04-03T18:00:00Z")).output();
    let started = String::from_utf8(started.expect("it runs").stdout).expect("text");
    assert_eq!(started, "content/2026-04-08/demain.md\n");
}

#[test]
fn alsace_and_moselle_have_the_holidays_of_france_and_two_more() {
    let project = Project::empty();
    let settings = |holidays: &str| {
        format!(
            "title: T\nlanguage: fr\nbase_url: https://t.example\nsections: [{{name: brief}}]\n\
             calendar: {{holidays: {holidays}}}\n"
        )
    };
    let next = |after: &str| project.run(&["next", "--after", after]).out;
    for holidays in ["FR-67", "FR-57", "[FR, FR-68]"] {
        project.write("content/newsletter.yaml", &settings(holidays));
        // Bastille Day, Good Friday with Easter Monday after it, Boxing Day.
        assert_eq!(next("2026-07-13"), "2026-07-15\n", "{holidays}");
        assert_eq!(next("2026-04-02"), "2026-04-07\n", "{holidays}");
        assert_eq!(next("2025-12-24"), "2025-12-29\n", "{holidays}");
    }
    project.write("content/newsletter.yaml", &settings("FR"));
    assert_eq!(next("2026-04-02"), "2026-04-03\n");
}

#[test]
fn half_past_two_comes_once_on_the_days_when_the_clocks_change() {
    let project = Project::empty();
    project.write(
        "content/newsletter.yaml",
        "title: T\nlanguage: fr\nbase_url: https://t.example\ntimezone: Europe/Paris\nsections: [{name: brief}]\n\
         calendar: {days: [sun]}\ndelivery: {send_at: \"02:30\"}\n",
    );
    let due = |after: &str| {
        let said = project.run(&["next", "--after", after, "--format", "json"]);
        serde_json::from_str::<serde_json::Value>(&said.out).expect("an answer")["due"].clone()
    };
    // On the last Sunday of March there is no half past two, and the gap's end counts; on that of October there are two, and the first counts.
    assert_eq!(due("2026-03-28"), "2026-03-29T03:00:00+02:00");
    assert_eq!(due("2026-10-24"), "2026-10-25T02:30:00+02:00");
}

fn seconds(moment: &str) -> String {
    moment.parse::<chrono::DateTime<chrono::Utc>>().expect("a moment").timestamp().to_string()
}

#[test]
fn short_items_with_long_memories_are_mailed_too() {
    let project = Project::empty();
    let settings = "title: T\nlanguage: en\nbase_url: https://t.example\nsections: [{name: brief}]\n";
    project.write("content/newsletter.yaml", settings);
    let long = "A very long headline that says a great deal about a bridge, a mayor and a river";
    for day in 17..=21 {
        for name in ["a", "b", "c"] {
            let item = format!("---\ntitle: {long} {day}{name}\ntopics: [bridges]\n---\nShort.\n");
            project.write(&format!("content/2026-08-{day}/{name}.md"), &item);
        }
    }
    let said = project.run(&["build"]);
    assert_eq!(said.code, 0, "{said:?}");
}
