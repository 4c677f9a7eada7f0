//! What a check remembers of the one before: it says what a check says that remembers nothing, whatever happened in
//! between; what cannot be believed is not, and what cannot be kept is not missed.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::time::Duration;

use proptest::prelude::*;

use crate::incremental::{Act, act, cases, happen, newsletter};
use crate::project::{Project, damage, said, tree};

const KEPT: &str = ".out.check";

/// Something that a copy editor has to remember, or something that happens to what is remembered.
#[derive(Debug, Clone)]
enum Event {
    Elsewhere(Act),
    /// One item leads where another one led.
    Link(usize, usize),
    /// One item is called nearly what another one is called.
    Headline(usize, usize, bool),
    /// A host is linked with https, or without.
    Host(usize, bool),
    Wait(usize),
    /// A section is called otherwise: what was read by other settings is of no use.
    Section,
    Damage(u8, usize, usize),
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => act().prop_map(Event::Elsewhere),
        1 => (0..99_usize, 0..20_usize).prop_map(|(file, page)| Event::Link(file, page)),
        1 => (0..99_usize, 0..4_usize, any::<bool>()).prop_map(|(file, name, ends)| Event::Headline(file, name, ends)),
        1 => (0..99_usize, any::<bool>()).prop_map(|(file, safe)| Event::Host(file, safe)),
        1 => (0..4_usize).prop_map(Event::Wait),
        1 => Just(Event::Section),
        1 => (0..4_u8, 0..9_usize, 0..99_999_usize).prop_map(|(how, file, at)| Event::Damage(how, file, at)),
    ]
}

/// A file of a dated folder.
fn item(project: &Project, at: usize) -> std::path::PathBuf {
    let files = tree(&project.path("content")).into_iter();
    let files: Vec<String> = files
        .filter(|path| path.starts_with("20") && path.ends_with(".md") && !path.ends_with("issue.md"))
        .collect();
    project.path("content").join(&files[at % files.len()])
}

fn edit(path: &std::path::Path, edit: impl FnOnce(String) -> String) {
    let text = fs::read_to_string(path).expect("a file");
    fs::write(path, edit(text)).expect("written");
}

fn come(project: &Project, event: &Event) {
    const HEADLINES: [&str; 4] = [
        "The town opens a bridge of steel",
        "A hundred rivers are counted anew",
        "Nobody wants the old station",
        "What the trains of the valley cost",
    ];
    match event {
        Event::Elsewhere(act) => happen(project, act),
        Event::Link(at, page) => edit(&item(project, *at), |was| {
            format!("{was}\n[The page](https://www.a.example/{page}?utm_source=x) says so.\n")
        }),
        Event::Headline(at, name, ends) => edit(&item(project, *at), |was| {
            let lines = was.lines().skip(1).filter(|line| !line.starts_with("title"));
            let rest = lines.fold(String::new(), |all, line| all + line + "\n");
            format!("---\ntitle: {}{}\n{rest}", HEADLINES[*name], if *ends { " again" } else { "" })
        }),
        Event::Host(at, safe) => edit(&item(project, *at), |was| {
            let scheme = if *safe { "https" } else { "http" };
            format!("{was}\nSee [the host]({scheme}://b.example/{at}).\n")
        }),
        Event::Wait(number) => project.write(
            &format!("content/queue/waiting-{number}.md"),
            &format!("---\ntitle: {}\nkeep: true\n---\nIt was yesterday.\n", HEADLINES[*number]),
        ),
        Event::Section => edit(&project.path("content/newsletter.yaml"), |was| {
            let (one, other) = ("{name: world,", "{name: worlds,");
            if was.contains(one) { was.replace(one, other) } else { was.replace(other, one) }
        }),
        Event::Damage(how, file, at) => {
            let folder = project.path(KEPT);
            let files = tree(&folder);
            let path = folder.join(files.get(file % files.len().max(1)).map_or("left", String::as_str));
            match how {
                0 => drop(fs::remove_dir_all(folder)),
                how => damage(&path, *how, *at),
            }
        }
    }
}

/// What is asked.
fn arguments(which: u8) -> Vec<&'static str> {
    match which {
        0 => vec!["check", "--format", "json"],
        1 => vec!["check", "2026-08-21", "--format", "json"],
        2 => vec!["check", "2026-08-24"],
        3 => vec!["board", "2026-08-24", "--format", "json"],
        _ => vec!["check", "--all", "--format", "json"],
    }
}

/// Checks with what is remembered and without, and holds the one to the other.
fn check(project: &Project, args: &[&str]) {
    let plain = |said: crate::project::Said| (said.code, said.out, said.err);
    let warm = plain(project.run(args));
    let aside = project.path("aside");
    let kept = fs::rename(project.path(KEPT), &aside).is_ok();
    let cold = plain(project.run(args));
    if kept {
        let _ = fs::remove_dir_all(project.path(KEPT));
        fs::rename(&aside, project.path(KEPT)).expect("brought back");
    }
    assert_eq!(warm, cold, "{args:?}");
}

#[test]
fn a_story_that_ran_is_known_from_what_is_remembered() {
    let project = newsletter();
    come(&project, &Event::Headline(0, 0, false));
    check(&project, &["check", "2026-08-24"]);
    come(&project, &Event::Headline(99, 0, true));
    come(&project, &Event::Link(99, 1));
    let args = ["check", "--all"];
    let first = project.run(&args).out;
    for rule in ["[headline-already-run]", "[link-already-run]"] {
        assert!(first.contains(rule), "{rule}: {first}");
    }
    check(&project, &args);
    // What it was held against is gone, and so is the finding.
    fs::remove_file(item(&project, 0)).expect("removed");
    let second = project.run(&args).out;
    assert!(!second.contains("[headline-already-run]"), "{second}");
    check(&project, &args);
}

#[test]
fn other_settings_read_every_text_anew() {
    let project = newsletter();
    check(&project, &["check", "--all"]);
    come(&project, &Event::Section);
    assert!(project.run(&["check"]).out.contains("section `world` does not exist"));
    check(&project, &["check", "--all"]);
    come(&project, &Event::Section);
    check(&project, &["check", "--all"]);
}

#[test]
fn a_check_of_nothing_new_writes_nothing_down() {
    let project = newsletter();
    let numbers = || -> Vec<u64> {
        let files = tree(&project.path(KEPT)).into_iter();
        files.map(|file| fs::metadata(project.path(KEPT).join(file)).expect("a file").ino()).collect()
    };
    project.run(&["check"]);
    std::thread::sleep(Duration::from_millis(80));
    project.run(&["check"]);
    let before = numbers();
    assert_eq!(before.len(), 4, "{:?}", tree(&project.path(KEPT)));
    for args in [vec!["check"], vec!["check", "--all"], vec!["check", "2026-08-21"], vec!["board"]] {
        project.run(&args);
        assert_eq!(numbers(), before, "{args:?}");
    }
}

#[test]
fn what_was_damaged_is_kept_anew() {
    let project = newsletter();
    project.run(&["check"]);
    std::thread::sleep(Duration::from_millis(80));
    project.run(&["check"]);
    for part in ["left", "sources-0", "cards-0", "traces"] {
        let path = project.path(KEPT).join(part);
        let whole = fs::read(&path).expect("a part");
        fs::write(&path, &whole[..whole.len() / 2]).expect("written");
        check(&project, &["check", "--all"]);
        assert_eq!(fs::read(&path).expect("a part"), whole, "{part}");
    }
}

#[test]
fn where_nothing_can_be_kept_nothing_is_missed() {
    let project = newsletter();
    let said = project.run(&["check", "--all"]);
    fs::remove_dir_all(project.path(KEPT)).expect("removed");
    project.write(KEPT, "somebody else's");
    let without = project.run(&["check", "--all"]);
    assert_eq!((said.code, said.out, said.err), (without.code, without.out, without.err));
    assert_eq!(project.read(KEPT), "somebody else's");
}

#[test]
fn checks_at_one_time_do_not_disturb_each_other() {
    let project = newsletter();
    for round in 0..4 {
        come(&project, &Event::Link(round * 5, 1));
        let args = ["check", "--all", "--format", "json"];
        let running: Vec<_> = (0..4)
            .map(|_| {
                let mut command = project.command(&args);
                command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
                command.spawn().expect("a check")
            })
            .collect();
        let all: Vec<String> = running.into_iter().map(|check| said(check.wait_with_output()).out).collect();
        assert!(all.iter().all(|out| *out == all[0] && out.starts_with('{')), "{all:?}");
        check(&project, &args);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), max_shrink_iters: 40, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_a_check_says_what_it_would_say_without_memory(
        steps in prop::collection::vec((prop::collection::vec(event(), 1..4), 0..9_u8), 2..8)
    ) {
        let project = newsletter();
        check(&project, &["check"]);
        for (events, which) in &steps {
            events.iter().for_each(|event| come(&project, event));
            check(&project, &arguments(*which));
        }
    }
}
