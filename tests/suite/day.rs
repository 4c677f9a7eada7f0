//! A day in the life, from outside: two people write in two branches, the queue fills what is left, somebody proofreads
//! and approves, readers get it; the next morning something was wrong, and the issue after that says so.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use chrono::{NaiveDate, TimeZone};
use chrono_tz::Europe::London;
use serde_json::Value;

use crate::project::{Project, Said, program, said, tree};
use crate::smtp::{Script, Server};

const SECRET: &str = "a secret of more than thirty-two characters";
const BRIDGE: &str = "content/2026-08-20/the-harbour-bridge-opens.md";

/// One newsletter in several checkouts, and the hour.
struct Desk {
    project: Project,
    now: i64,
    git: Git,
}

/// How the work of several people comes together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Git {
    There,
    /// New and changed files are copied, as by people without it.
    Absent,
}

impl Desk {
    fn at(&mut self, day: u32, hour: u32, minute: u32) {
        let date = NaiveDate::from_ymd_opt(2026, 8, day).and_then(|day| day.and_hms_opt(hour, minute, 0));
        let local = London.from_local_datetime(&date.expect("an hour"));
        self.now = local.earliest().expect("a moment").timestamp();
    }

    /// Runs the program in a checkout.
    fn run(&self, checkout: &str, args: &[&str]) -> Said {
        let mut command = program();
        command
            .args(args)
            .current_dir(self.project.path(checkout))
            .env("ROTATIVE_NOW", self.now.to_string())
            .env("ROTATIVE_SECRET", SECRET)
            .env("ROTATIVE_LEDGER_FLOOR", "0");
        said(command.output())
    }

    fn must(&self, checkout: &str, args: &[&str]) -> String {
        let said = self.run(checkout, args);
        assert_eq!(said.code, 0, "{args:?}: {said:?}");
        said.out
    }

    fn json(&self, args: &[&str]) -> Value {
        let said = self.run("paper", &[args, &["--format", "json"]].concat());
        serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{args:?}: {error}: {said:?}"))
    }

    /// Begins an item and finishes it: the source it lacks, and a text. Says where it lies.
    fn write(&self, checkout: &str, args: &[&str], head: (&str, &str), text: &str) -> String {
        let file = self.must(checkout, &[&["new"], args].concat()).trim().to_owned();
        let path = format!("{checkout}/{file}");
        let begun = self.project.read(&path);
        let whole = begun.replace(head.0, head.1);
        assert_ne!(begun, whole, "`{}` stands in what `new` writes", head.0);
        self.project.write(&path, &format!("{whole}{text}\n"));
        file
    }

    fn git(&self, checkout: &str, args: &[&str]) -> String {
        let output = git(&self.project.path(checkout), args).output().expect("git runs");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert!(output.status.success(), "git {args:?}: {}{}", text(&output.stdout), text(&output.stderr));
        text(&output.stdout)
    }

    fn commit(&self, checkout: &str, message: &str) {
        if self.git == Git::There {
            self.git(checkout, &["add", "--all"]);
            self.git(checkout, &["commit", "--quiet", "--message", message]);
        }
    }

    /// A checkout of somebody's own, with a branch of that name.
    fn checkout(&self, name: &str) {
        if self.git == Git::There {
            self.git("", &["clone", "--quiet", "paper", name]);
            self.git(name, &["switch", "--quiet", "--create", name]);
        } else {
            self.lay_down(name);
        }
    }

    /// Brings somebody's branch into the newsletter; a conflict is a failure.
    fn merge(&self, name: &str) {
        if self.git == Git::There {
            self.git("paper", &["pull", "--quiet", "--no-rebase", "--no-edit", &format!("../{name}"), name]);
            return;
        }
        for file in tree(&self.project.path(&format!("{name}/content"))) {
            let read =
                |copy: &str| fs::read_to_string(self.project.path(&format!("{copy}/content/{file}"))).ok();
            let (theirs, before) = (read(name), read(&format!("{name}.base")));
            if let Some(theirs) = theirs.filter(|theirs| before.as_ref() != Some(theirs)) {
                self.project.write(&format!("paper/content/{file}"), &theirs);
            }
        }
    }

    /// Fetches what the others have done.
    fn catch_up(&self, name: &str) {
        if self.git == Git::There {
            self.git(name, &["pull", "--quiet", "--no-rebase", "--no-edit", "origin", "main"]);
        } else {
            self.lay_down(name);
        }
    }

    /// Gives somebody the newsletter as it is, and keeps what that was.
    fn lay_down(&self, name: &str) {
        for copy in [name.to_owned(), format!("{name}.base")] {
            let _ = fs::remove_dir_all(self.project.path(&copy));
            self.project.lay(&self.project.path("paper/content"), &format!("{copy}/content"));
        }
    }
}

/// Git, as if nobody had ever set anything up.
fn git(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new("git");
    command.args([
        "-c",
        "user.name=Desk",
        "-c",
        "user.email=desk@daily.example",
        "-c",
        "init.defaultBranch=main",
    ]);
    command.args(args).current_dir(folder).stdin(Stdio::null());
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    for inherited in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_OBJECT_DIRECTORY"] {
        command.env_remove(inherited);
    }
    command
}

#[expect(clippy::print_stderr, reason = "whoever runs the tests is told what was not tried")]
fn open(relay: &Server) -> Desk {
    let there =
        git(Path::new("/"), &["--version"]).output().is_ok_and(|Output { status, .. }| status.success());
    if !there {
        eprintln!("there is no git: the work of two people is copied together, and no rename is looked for");
    }
    let git = if there { Git::There } else { Git::Absent };
    let mut desk = Desk { project: Project::empty(), now: 0, git };
    desk.at(19, 14, 0);
    desk.must("", &["init", "paper", "--lang", "en"]);
    let settings = desk.project.read("paper/content/newsletter.yaml");
    let sections = settings
        .replace("kind: brief}", "kind: brief, max: 3}")
        .replace("kind: quote, max: 1}", "kind: quote, min: 1, max: 1}");
    assert!(sections.contains("max: 3") && sections.contains("min: 1"), "{settings}");
    desk.project.write(
        "paper/content/newsletter.yaml",
        &format!(
            "{sections}calendar: {{days: [mon, tue, wed, thu, fri]}}\n\
             delivery: {{settle: 0s, send_at: \"06:00\", approval: required}}\n\
             mail:\n  from: My Daily <daily@news.example>\n  list_id: daily.news.example\n  \
             bounces: bounces@news.example\n  \
             relays: [{{name: main, host: 127.0.0.1, port: {}, tls: none, connections: 1}}]\n\
             service: {{url: 'https://readers.example'}}\n",
            relay.port()
        ),
    );
    if desk.git == Git::There {
        desk.git("paper", &["init", "--quiet"]);
        desk.commit("paper", "A newsletter");
    }
    desk
}

fn names(list: &Value, of: &str) -> Vec<String> {
    let name = |one: &Value| one[of].as_str().expect("a text").to_owned();
    list.as_array().expect("a list").iter().map(name).collect()
}

#[test]
fn a_day_from_two_branches_to_the_erratum_of_the_next_issue() {
    let relay = Server::start(Script::default());
    let mut desk = open(&relay);

    // In the afternoon two people write, each in a branch of their own.
    desk.checkout("anna");
    desk.checkout("ben");
    let source = |place: &'static str| ("sources: []", place);
    let bridge = desk.write(
        "anna",
        &["The harbour bridge opens"],
        source("lead: true\nsources: [{name: Harbour Board, url: \"https://harbour.example/bridge\"}]"),
        "The harbour bridge opens on Thursday, and the ferry that it replaces sails for the last time. It has cost 7 million.",
    );
    assert_eq!(bridge, BRIDGE, "the next issue is that of the next day");
    desk.write(
        "anna",
        &["A guide to the tide tables", "--queue"],
        source("sources: [{name: Tide Office, url: \"https://tides.example/guide\"}]"),
        "The new guide explains how to read a tide table without getting wet feet.",
    );
    desk.commit("anna", "The bridge, and the tides");
    let trams = desk.write(
        "ben",
        &["Trams run until midnight"],
        source("sources: [{name: City Transport, url: \"https://trams.example/night\"}]"),
        "From September the trams run until midnight, an hour later than they do now.",
    );
    let mill = desk.write(
        "ben",
        &["An old mill for sale", "--queue"],
        source("sources: [{name: Land Office, url: \"https://land.example/mill\"}]"),
        "The mill on the east bank is for sale, with its wheel, its miller's house and its leaks.",
    );
    desk.commit("ben", "Trams, and a mill");
    desk.merge("anna");
    desk.merge("ben");

    // The board: what is there, what lacks, what the queue puts in, what waits.
    let board = desk.json(&["board"]);
    assert_eq!(board["date"], "2026-08-20");
    let mut briefs = names(&board["sections"][0]["items"], "slug");
    briefs.sort();
    assert_eq!(
        briefs,
        ["a-guide-to-the-tide-tables", "the-harbour-bridge-opens", "trams-run-until-midnight"]
    );
    assert_eq!(board["sections"][1]["lacking"], 1);
    assert_eq!(names(&board["queue"], "state"), ["taken", "no-room"]);
    assert_eq!(names(&board["queue"], "path")[1], mill);
    assert_eq!(names(&board["findings"], "rule"), ["section-limits"]);

    // The copy editor says the same, until somebody writes what lacks.
    let checked = desk.run("paper", &["check", "2026-08-20", "--format", "json"]);
    assert!(checked.code == 0 || checked.code == 1, "{checked:?}");
    assert!(checked.out.contains("section-limits") && !checked.out.contains("already-run"), "{checked:?}");
    desk.write(
        "paper",
        &["Who crosses last", "--section", "quote"],
        (
            "quote: {text: \"…\", by: \"…\", role: \"…\"}",
            "quote: {text: Whoever comes too late can swim, by: Ada Marsh, role: ferrywoman}",
        ),
        "",
    );
    let begun = desk.project.read("paper/content/2026-08-20/who-crosses-last.md");
    desk.project.write(
        "paper/content/2026-08-20/who-crosses-last.md",
        &begun.replace("sources: []", "sources: [{name: Harbour Radio, url: \"https://radio.example/ada\"}]"),
    );
    let checked = desk.run("paper", &["check", "2026-08-20"]);
    assert_eq!((checked.code, checked.out.matches("[").count()), (0, 0), "{checked:?}");
    assert_eq!(desk.json(&["board"])["sections"][1]["lacking"], 0);

    // What the queue has put in is made to stay: git sees a rename.
    desk.commit("paper", "The quotation");
    desk.must("paper", &["build"]);
    let refused = desk.run("paper", &["approve", "2026-08-20", "--by", "Ben"]);
    assert_eq!(refused.code, 4, "{refused:?}");
    let proof = desk.project.read("paper/out/mail/2026-08-20/mail.html");
    desk.must("paper", &["take", "a-guide-to-the-tide-tables"]);
    if desk.git == Git::There {
        desk.git("paper", &["add", "--all"]);
        let moved = desk.git("paper", &["diff", "--cached", "--find-renames", "--name-status"]);
        assert_eq!(
            moved.trim(),
            "R100\tcontent/queue/a-guide-to-the-tide-tables.md\tcontent/2026-08-20/a-guide-to-the-tide-tables.md"
        );
    }
    desk.commit("paper", "The tides run tomorrow");

    // Built, proofread, approved; a dry run shows the letters, and nothing leaves before its hour.
    desk.must("paper", &["build"]);
    assert_eq!(desk.project.read("paper/out/mail/2026-08-20/mail.html"), proof);
    let facts: Value =
        serde_json::from_str(&desk.project.read("paper/out/mail/2026-08-20/issue.json")).expect("JSON");
    assert!(facts["subject"].as_str().is_some_and(|subject| subject.contains("harbour bridge")), "{facts}");
    desk.project.write("paper/data/list.csv", "email\nr1@d.example\nr2@d.example\nr3@e.example\n");
    desk.must("paper", &["subscribers", "import", "data/list.csv", "--by", "Ben"]);
    desk.must("paper", &["send", "2026-08-20", "--dry-run", "data/letters"]);
    assert_eq!(tree(&desk.project.path("paper/data/letters")).len(), 3);
    desk.must("paper", &["approve", "2026-08-20", "--by", "Ben"]);
    let closed = desk.run("paper", &["take", "an-old-mill-for-sale", "--issue", "2026-08-20"]);
    assert_eq!(closed.code, 2, "{closed:?}");
    desk.at(20, 6, 1);
    desk.must("paper", &["send", "2026-08-20"]);
    assert_eq!(relay.accepted().len(), 3);
    let before = desk.project.read("paper/out/site/feed.xml");

    // The next afternoon: something was wrong. Ben corrects it while Anna writes the next issue.
    desk.at(20, 15, 0);
    desk.catch_up("anna");
    desk.catch_up("ben");
    let wrong = desk.project.read(&format!("ben/{BRIDGE}"));
    let mended = wrong
        .replace(
            "sources:",
            "corrections: [{date: 2026-08-20, text: \"It has cost seventy million, not seven.\"}]\nsources:",
        )
        .replace("7 million", "70 million");
    desk.project.write(&format!("ben/{BRIDGE}"), &mended);
    desk.commit("ben", "Seventy, not seven");
    let next = desk.write(
        "anna",
        &["The ferry becomes a theatre"],
        source("sources: [{name: Harbour Board, url: \"https://harbour.example/theatre\"}]"),
        "The old ferry stays at its quay and opens as a theatre in spring, with ninety seats and one exit.",
    );
    assert_eq!(next, "content/2026-08-21/the-ferry-becomes-a-theatre.md");
    desk.commit("anna", "The ferry");
    desk.merge("ben");
    desk.merge("anna");
    assert_eq!(desk.json(&["board"])["date"], "2026-08-21");

    // The next issue tells its readers; page, feed and list of corrections know it too.
    desk.must("paper", &["build"]);
    let read = |path: &str| desk.project.read(&format!("paper/out/{path}"));
    let text = "It has cost seventy million, not seven.";
    let place = "https://daily.example/2026/08/20/#the-harbour-bridge-opens";
    let (html, plain) = (read("mail/2026-08-21/mail.html"), read("mail/2026-08-21/mail.txt"));
    let plain = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(html.contains(text) && html.contains(place), "{html}");
    assert!(plain.contains(text) && plain.contains(place), "{plain}");
    assert!(read("site/2026/08/21/index.html").contains(text));
    assert!(read("site/2026/08/20/index.html").contains("class=\"correction\""));
    assert!(read("site/corrections/index.html").contains("../2026/08/20/#the-harbour-bridge-opens"));
    assert!(read("site/sitemap.xml").contains("/corrections/</loc>"));
    let (old, new) = (entry(&before), entry(&read("site/feed.xml")));
    assert_eq!((&old.0, &old.1), (&new.0, &new.1), "what it is known by, and when it appeared, stay");
    assert!(old.2 < new.2, "{} is when it changed, after {}", new.2, old.2);
    let incremental = desk.project.path("paper/out");
    desk.must("paper", &["build", "--out", "clean"]);
    for file in tree(&incremental) {
        let clean = fs::read(desk.project.path("paper/clean").join(&file)).unwrap_or_default();
        assert!(fs::read(incremental.join(&file)).expect("a file") == clean, "{file}");
    }

    // What has been sent is not sent again, whatever was corrected; the next issue goes out with its erratum.
    desk.at(21, 6, 1);
    desk.run("paper", &["send", "2026-08-20"]);
    assert_eq!(relay.accepted().len(), 3);
    desk.must("paper", &["take", "an-old-mill-for-sale", "--issue", "2026-08-24"]);
    desk.must("paper", &["build", "2026-08-21"]);
    desk.must("paper", &["approve", "2026-08-21", "--by", "Anna"]);
    desk.must("paper", &["send", "2026-08-21"]);
    let letters = relay.accepted();
    assert_eq!(letters.len(), 6);
    for sent in &letters[3..] {
        let letter = String::from_utf8_lossy(&sent.letter).replace("=\r\n", "");
        assert!(letter.contains("cost seventy million"), "{letter}");
    }
    assert!(
        desk.project
            .path(&format!("paper/content/2026-08-24/{}", mill.rsplit('/').next().expect("a name")))
            .exists()
    );
    assert!(desk.project.path(&format!("paper/{trams}")).exists());
}

/// The bridge in a feed: what it is known by, when it appeared, when it changed.
fn entry(feed: &str) -> (String, String, String) {
    let entry =
        feed.split("<entry").find(|entry| entry.contains("the-harbour-bridge-opens")).expect("an entry");
    let part = |name: &str| {
        let rest = entry.split(&format!("<{name}>")).nth(1).expect("a part");
        rest.split('<').next().expect("a text").to_owned()
    };
    (part("id"), part("published"), part("updated"))
}
