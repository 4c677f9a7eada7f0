//! What is approved or sent never changes: no item joins it, no correction slips in, and none is lost because of that.

use serde_json::Value;

use crate::project::{Project, Said, said, tree};

const SETTINGS: &str = "title: The Daily\nlanguage: en\nbase_url: https://daily.example\ntimezone: Europe/London\n\
    calendar: {days: [mon, tue, wed, thu, fri]}\n\
    sections: [{name: brief}]\ncheck: {allow: [source-missing]}\n\
    mail: {from: a@news.example, list_id: news.example}\nservice: {url: https://s.example}\n\
    publisher: {name: P, address: Street}\n";

/// Wednesday 19 August 2026, six in the evening in London.
const EVENING: i64 = 1_787_158_800;
const DAY: i64 = 86_400;

struct Desk {
    project: Project,
    now: i64,
}

impl Desk {
    /// Issues of the 18th to the 20th.
    fn open() -> Self {
        let desk = Self { project: Project::empty(), now: EVENING };
        desk.project.write("content/newsletter.yaml", SETTINGS);
        for day in [18, 19, 20] {
            desk.item(day, "");
        }
        desk
    }

    /// The item of a day, with a correction if there is one.
    fn item(&self, day: u32, corrections: &str) {
        self.project.write(
            &format!("content/2026-08-{day}/story.md"),
            &format!("---\ntitle: The story of the {day}th\n{corrections}---\nSome words of text.\n"),
        );
    }

    fn run(&self, args: &[&str]) -> Said {
        let mut command = self.project.command(args);
        command.env("ROTATIVE_NOW", self.now.to_string());
        command.env("ROTATIVE_SECRET", "0123456789abcdef0123456789abcdef");
        said(command.output())
    }

    fn must(&self, args: &[&str]) -> String {
        let said = self.run(args);
        assert_eq!(said.code, 0, "{args:?}: {said:?}");
        said.out
    }

    fn approve(&self, day: u32) {
        self.must(&["build", &format!("2026-08-{day}")]);
        self.must(&["approve", &format!("2026-08-{day}"), "--by", "Ann"]);
    }

    /// The days whose mail tells a correction, of all that there are.
    fn tells(&self, text: &str) -> Vec<String> {
        self.must(&["build", "--all"]);
        let facts =
            tree(&self.project.path("out/mail")).into_iter().filter(|path| path.ends_with("issue.json"));
        let telling = facts.filter(|path| {
            let folder = path.trim_end_matches("issue.json");
            let read = |name: &str| self.project.read(&format!("out/mail/{folder}{name}"));
            let facts: Value = serde_json::from_str(&read("issue.json")).expect("JSON");
            let told =
                facts["errata"].as_array().is_some_and(|list| list.iter().any(|one| one["text"] == text));
            assert!(!told || read("mail.html").contains(text), "{folder}");
            told
        });
        telling.map(|path| path[8..10].to_owned()).collect()
    }

    /// What was approved is what a build makes still.
    fn stands(&self, day: u32) {
        self.must(&["build", &format!("2026-08-{day}")]);
        let again = self.run(&["send", &format!("2026-08-{day}"), "--now"]);
        assert!(!again.err.contains("is not what Ann approved"), "{again:?}");
    }

    fn json(&self, args: &[&str]) -> Value {
        let out = self.must(&[args, &["--format", "json"]].concat());
        serde_json::from_str(&out).expect("JSON")
    }
}

const FIVE: &str = "corrections: [{date: 2026-08-19, text: It was five.}]\n";

#[test]
fn nothing_joins_a_closed_issue() {
    let desk = Desk::open();
    assert_eq!(desk.must(&["next"]), "2026-08-20\n");
    desk.approve(20);
    assert_eq!(desk.must(&["next"]), "2026-08-21\n");
    assert_eq!(desk.json(&["board"])["date"], "2026-08-21");
    assert_eq!(desk.must(&["new", "Too late"]), "content/2026-08-21/too-late.md\n");
    let refused = desk.run(&["new", "Too late", "--date", "2026-08-20"]);
    assert_eq!(refused.code, 2, "{refused:?}");
    assert_eq!(
        refused.err,
        "error: the issue of 2026-08-20 is approved or sent; nothing is added to it\n  \
         hint: the next issue that is open is that of 2026-08-21\n"
    );
    desk.project.write("content/queue/waits.md", "---\ntitle: It waits\n---\nSome words.\n");
    let refused = desk.run(&["take", "waits", "--issue", "2026-08-20"]);
    assert!(refused.code == 2 && refused.err.contains("that of 2026-08-21"), "{refused:?}");
    assert_eq!(desk.must(&["take", "waits"]), "content/queue/waits.md → content/2026-08-21/waits.md\n");
    // Over the weekend, and past what was approved for Friday too.
    desk.approve(21);
    assert_eq!(desk.must(&["next"]), "2026-08-24\n");
    assert_eq!(desk.json(&["next"])["date"], "2026-08-24");
}

#[test]
fn an_item_joins_no_issue_that_comes_too_late() {
    let desk = Desk::open();
    desk.project.write("content/queue/waits.md", "---\ntitle: It waits\n---\nSome words.\n");
    for args in [&["new", "Old", "--date", "2026-08-17"][..], &["take", "waits", "--issue", "2026-08-18"]] {
        let said = desk.run(args);
        assert!(said.code == 2 && said.err.contains("is past"), "{said:?}");
        assert!(said.err.contains("hint: the next issue that is open is that of 2026-08-20"), "{said:?}");
    }
    assert!(!desk.project.path("content/2026-08-17").exists());
    // What lies there already may be completed by hand: an archive is written so.
    desk.must(&["new", "Old", "--date", "2026-08-18"]);
    std::fs::remove_dir_all(desk.project.path("content/queue")).expect("removed");
    // A new issue before one that is approved would change its number.
    desk.project.write("content/2026-08-24/story.md", "---\ntitle: Ahead\n---\nSome words.\n");
    desk.approve(24);
    let said = desk.run(&["new", "Between", "--date", "2026-08-21"]);
    assert!(said.code == 2 && said.err.contains("would change the number of that of 2026-08-24"), "{said:?}");
}

#[test]
fn a_day_without_an_issue_is_pointed_out() {
    let desk = Desk::open();
    let said = desk.run(&["new", "On Saturday", "--date", "2026-08-22"]);
    assert_eq!(said.code, 0, "{said:?}");
    assert_eq!(
        said.err,
        "warning: the calendar has no issue on 2026-08-22, a Saturday; the next is that of 2026-08-24\n"
    );
    assert_eq!(desk.run(&["new", "On Monday", "--date", "2026-08-24"]).err, "");
}

#[test]
fn a_correction_goes_past_what_is_approved() {
    let desk = Desk::open();
    desk.approve(20);
    let approved = desk.project.read("out/mail/2026-08-20/mail.html");
    desk.item(19, FIVE);
    desk.must(&["build", "2026-08-20"]);
    assert_eq!(desk.project.read("out/mail/2026-08-20/mail.html"), approved);
    desk.stands(20);
    // Nobody tells it before there is an issue that can.
    assert!(desk.tells("It was five.").is_empty());
    assert_eq!(desk.json(&["board"])["errata"][0]["text"], "It was five.");
    desk.item(21, "");
    assert_eq!(desk.tells("It was five."), ["21"]);
}

#[test]
fn what_an_approved_issue_tells_it_goes_on_telling() {
    let desk = Desk::open();
    desk.approve(19);
    desk.item(19, FIVE);
    desk.item(21, "");
    assert_eq!(desk.tells("It was five."), ["20"]);
    desk.approve(20);
    assert_eq!(desk.tells("It was five."), ["20"]);
    desk.stands(20);
    // A second one of the same day, before the first in the file, and one of long ago, are news to readers.
    desk.item(19, &FIVE.replace("[", "[{date: 2026-08-19, text: It was six.}, "));
    desk.item(18, "corrections: [{date: 2026-08-18, text: It was four.}]\n");
    assert_eq!(desk.tells("It was five."), ["20"]);
    assert_eq!(desk.tells("It was six."), ["21"]);
    assert_eq!(desk.tells("It was four."), ["21"]);
    desk.stands(20);
    // Worded anew, it is the same correction still.
    desk.item(18, "");
    desk.item(19, &FIVE.replace("five", "five after all"));
    assert_eq!(desk.tells("It was five after all."), ["20"]);
}

#[test]
fn approval_taken_back_opens_an_issue_for_corrections_again() {
    let desk = Desk::open();
    desk.approve(20);
    desk.item(19, FIVE);
    assert!(desk.tells("It was five.").is_empty());
    desk.must(&["cancel", "2026-08-20"]);
    assert_eq!(desk.tells("It was five."), ["20"]);
    assert_eq!(desk.must(&["next"]), "2026-08-20\n");
}

#[test]
fn a_build_that_remembers_places_corrections_as_one_that_does_not() {
    let mut desk = Desk::open();
    desk.item(21, "");
    desk.must(&["build", "--all"]);
    for step in 0..4 {
        match step {
            0 => desk.item(19, FIVE),
            1 => desk.approve(20),
            2 => desk.item(18, "corrections: [{date: 2026-08-18, text: It was four.}]\n"),
            _ => desk.now += DAY,
        }
        desk.must(&["build", "--all"]);
        desk.must(&["build", "--all", "--out", "clean"]);
        for file in tree(&desk.project.path("clean")) {
            let read = |folder: &str| std::fs::read(desk.project.path(&format!("{folder}/{file}"))).ok();
            assert!(read("out") == read("clean"), "{step}: {file}");
        }
        std::fs::remove_dir_all(desk.project.path("clean")).expect("removed");
        std::fs::remove_dir_all(desk.project.path(".clean.state")).expect("removed");
    }
}

#[test]
fn publishing_places_corrections_as_a_build_does() {
    let mut desk = Desk::open();
    desk.approve(20);
    desk.item(19, FIVE);
    desk.item(21, "");
    desk.must(&["build", "2026-08-21"]);
    let built = desk.project.read("out/mail/2026-08-21/mail.html");
    desk.now += 2 * DAY - 6 * 3600;
    // There is no relay to send it: what it builds counts.
    desk.run(&["publish", "2026-08-21"]);
    assert_eq!(desk.project.read("out/mail/2026-08-21/mail.html"), built);
    assert!(built.contains("It was five."));
}

#[test]
fn the_ledger_of_an_earlier_program_is_understood() {
    let desk = Desk::open();
    desk.approve(20);
    let ledger = rusqlite::Connection::open(desk.project.path("data/rotative-ledger.db")).expect("a ledger");
    ledger
        .execute_batch(
            "ALTER TABLE issue DROP COLUMN told; UPDATE meta SET value = '1' WHERE name = 'ledger version';",
        )
        .expect("an older ledger");
    drop(ledger);
    assert_eq!(desk.must(&["next"]), "2026-08-21\n");
    // What it tells nobody wrote down: corrections go by their days, as they did.
    desk.item(19, FIVE);
    assert_eq!(desk.tells("It was five."), ["20"]);
    // Whoever changes something brings it up to date.
    desk.approve(20);
    desk.item(19, &FIVE.replace("]", ", {date: 2026-08-19, text: It was six.}]"));
    desk.item(21, "");
    assert_eq!(
        (desk.tells("It was five."), desk.tells("It was six.")),
        (vec!["20".into()], vec!["21".into()])
    );
}
