//! What a build remembers of the one before: the result is that of a clean build to the byte, whatever
//! happened in between; what has not changed is not written; what cannot be believed is not.

use std::collections::BTreeMap;
use std::fs::{self, File, FileTimes};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use proptest::prelude::*;

use crate::project::{Project, Said, damage, tree};

const SETTINGS: &str = "title: The Daily
tagline: Everything --- and more
language: en
base_url: https://daily.example
publisher: {name: Daily House, address: \"1 High Street\"}
sections:
  - {name: brief}
  - {name: world, title: World}
  - {name: quote, title: \"Who said it?\", kind: quote}
blocks:
  - {name: subscribe, file: blocks/subscribe.md, after: 2}
  - {name: more, file: blocks/more.md, after: every_article}
weekly: {title: The week, day: sat, max: 3}
mail: {from: The Daily <daily@news.example>, list_id: daily.news.example}
";

const DAYS: [&str; 5] = ["2026-08-17", "2026-08-18", "2026-08-20", "2026-08-21", "2026-08-24"];
const TOPICS: [&str; 4] = ["bridges", "rivers", "trains", "Old Towns"];

/// So much text that a mail is one.
const MORE: &str = "The old one had stood there for a hundred years, and nobody knew what to do with it, until the \
    town council found the money for a new one, which has taken four years to build. Trains will cross it from \
    Monday, six in each hour, and walkers have a path of their own at its side.";

/// A newsletter with everything that a page may hang on.
pub(crate) fn newsletter() -> Project {
    let project = Project::with(&[]);
    project.write("content/newsletter.yaml", SETTINGS);
    project.write("content/blocks/subscribe.md", "Tell [a friend](/latest/).\n");
    project.write("content/blocks/more.md", "There is **more**.\n");
    project
        .write("content/topics/bridges.md", "---\nname: Bridges\naliases: [crossings]\n---\nOver water.\n");
    for (at, day) in DAYS.iter().enumerate() {
        for item in 0..3 {
            item_file(&project, day, at * 3 + item, "It opens -- \"at last\".");
        }
    }
    picture(&project, "content/2026-08-20/view.png", 1);
    project.write(
        "content/2026-08-20/pictured.md",
        "---\ntitle: Pictured\nimage: {file: view.png, alt: A view}\n---\nSee ![the view](view.png \"below\").\n",
    );
    project.write(
        "content/2026-08-21/linked.md",
        "---\ntopics: [rivers]\n---\nAs [we said](../2026-08-20/pictured.md), and [at length](../articles/long.md).\n",
    );
    project.write(
        "content/2026-08-21/said.md",
        "---\nsection: quote\nquote: {text: Never again, by: Ada}\n---\n",
    );
    project.write("content/2026-08-18/issue.md", "---\npreheader: All of it\n---\nGood morning.\n");
    project.write(
        "content/articles/long.md",
        "---\ntitle: A long read\ndate: 2026-08-19\ntopics: [bridges, trains]\n---\n# One\n\nText[^1].\n\n[^1]: Note.\n",
    );
    project.write("templates/site/topics.html", "<!DOCTYPE html><title>{{ title }}</title>{% for topic in topics %}{{ topic.name }} {{ topic.count }}\n{% endfor %}");
    project
}

fn item_file(project: &Project, day: &str, number: usize, text: &str) {
    let (one, two) = (TOPICS[number % 4], TOPICS[(number / 2 + 1) % 4]);
    let title = if number % 3 == 2 { String::new() } else { format!("title: Item {number}...\n") };
    let section = if number.is_multiple_of(2) { "section: world\n" } else { "" };
    project.write(
        &format!("content/{day}/item-{number}.md"),
        &format!("---\n{title}{section}topics: [{one}, {two}]\nsources: [{{name: Agency {number}, url: \"https://a.example/{number}\"}}]\n---\n{text} {MORE}\n"),
    );
}

/// A small picture of one colour.
fn picture(project: &Project, path: &str, shade: u8) {
    let mut bytes = Vec::new();
    let image = image::RgbImage::from_pixel(4, 3, image::Rgb([shade, shade, 90]));
    let mut cursor = std::io::Cursor::new(&mut bytes);
    image.write_to(&mut cursor, image::ImageFormat::Png).expect("a picture");
    fs::write(project.path(path), bytes).expect("a file");
}

/// Something that may happen between two builds.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    Touch(usize),
    Body(usize, String),
    Title(usize, String),
    Words(usize, u8),
    Topic(usize, usize),
    Add(usize, usize),
    Remove(usize),
    Rename(usize, usize),
    Alias(usize, usize),
    Correct(usize, u8),
    Draft(usize),
    Broken(usize),
    Template(Option<u8>),
    MailTemplate(Option<u8>),
    Setting(u8),
    TopicFile(u8),
    Picture(u8),
    Block(u8),
    Introduction(usize, u8),
    Past(usize, u8),
    Alike(usize, bool),
    Tampered(usize, u8),
    State(u8, usize),
}

pub(crate) fn act() -> impl Strategy<Value = Act> {
    let words = "[A-Za-z .\"'?!-]{0,40}";
    prop_oneof![
        (0..99_usize).prop_map(Act::Touch),
        (0..99_usize, words).prop_map(|(file, text)| Act::Body(file, text)),
        (0..99_usize, "[A-Z][a-z .-]{0,30}").prop_map(|(file, text)| Act::Title(file, text)),
        (0..99_usize, 0..16_u8).prop_map(|(file, what)| Act::Words(file, what)),
        (0..99_usize, 0..4_usize).prop_map(|(file, topic)| Act::Topic(file, topic)),
        (0..5_usize, 20..40_usize).prop_map(|(day, number)| Act::Add(day, number)),
        (0..99_usize).prop_map(Act::Remove),
        (0..99_usize, 0..9_usize).prop_map(|(file, name)| Act::Rename(file, name)),
        (0..99_usize, 0..4_usize).prop_map(|(file, name)| Act::Alias(file, name)),
        (0..99_usize, 0..9_u8).prop_map(|(file, what)| Act::Correct(file, what)),
        (0..99_usize).prop_map(Act::Draft),
        (0..99_usize).prop_map(Act::Broken),
        prop::option::of(0..3_u8).prop_map(Act::Template),
        prop::option::of(0..3_u8).prop_map(Act::MailTemplate),
        (0..5_u8).prop_map(Act::Setting),
        (0..5_u8).prop_map(Act::TopicFile),
        (0..4_u8).prop_map(Act::Picture),
        (0..4_u8).prop_map(Act::Block),
        (0..5_usize, 0..4_u8).prop_map(|(day, what)| Act::Introduction(day, what)),
        (0..99_usize, 0..9_u8).prop_map(|(file, letter)| Act::Past(file, letter)),
        (0..99_usize, any::<bool>()).prop_map(|(file, out)| Act::Alike(file, out)),
        (0..999_usize, 0..5_u8).prop_map(|(file, how)| Act::Tampered(file, how)),
        (0..4_u8, 0..99_999_usize).prop_map(|(how, at)| Act::State(how, at)),
    ]
}

/// The items and articles there are.
fn items(project: &Project) -> Vec<PathBuf> {
    let written =
        |path: &String| path.ends_with(".md") && (path.starts_with("20") || path.starts_with("art"));
    let files = tree(&project.path("content")).into_iter().filter(written);
    files.filter(|path| !path.ends_with("issue.md")).map(|path| project.path("content").join(path)).collect()
}

fn nth(list: &[PathBuf], at: usize) -> &Path {
    &list[at % list.len()]
}

fn edit(path: &Path, edit: impl FnOnce(String) -> String) {
    let text = fs::read_to_string(path).expect("a file");
    fs::write(path, edit(text)).expect("written");
}

fn times(path: &Path, modified: SystemTime) {
    let file = File::options().write(true).open(path).expect("a file");
    file.set_times(FileTimes::new().set_modified(modified)).expect("times");
}

/// A time that no file has yet.
fn later() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_900_000_000)
}

pub(crate) fn happen(project: &Project, act: &Act) {
    let list = items(project);
    let file = |at: &usize| nth(&list, *at);
    let optional = |path: &str, text: Option<String>| match text {
        Some(text) => project.write(path, &text),
        None => drop(fs::remove_file(project.path(path))),
    };
    match act {
        Act::Touch(at) => times(file(at), later()),
        Act::Body(at, text) => edit(file(at), |was| was + text + "\n"),
        Act::Title(at, title) => edit(file(at), |was| {
            let rest: String = was
                .lines()
                .skip(1)
                .filter(|line| !line.starts_with("title"))
                .fold(String::new(), |all, line| all + line + "\n");
            format!("---\ntitle: \"{title}\"\n{rest}")
        }),
        Act::Words(at, what) => edit(file(at), |was| {
            let line = match what / 2 {
                0 => format!("label: A plain name, {what}"),
                1 => format!("description: \"What -- {what} -- is said of it\""),
                2 => format!("author: Writer {what}"),
                3 => format!("sources: [{{name: Source {what}, url: \"https://s{what}.example/a\"}}]"),
                4 => format!("lead: {}", what % 2 == 0),
                5 => format!("lang: {}", if what % 2 == 0 { "en" } else { "fr" }),
                6 => format!("position: {what}"),
                _ => return was.replace("Ada", "Eve"),
            };
            let key = line.split(':').next().unwrap_or("").to_owned();
            let rest: String = was
                .lines()
                .skip(1)
                .filter(|line| !line.starts_with(&key))
                .fold(String::new(), |all, line| all + line + "\n");
            format!("---\n{line}\n{rest}")
        }),
        Act::Topic(at, topic) => edit(file(at), |was| {
            let rest: String = was
                .lines()
                .skip(1)
                .filter(|line| !line.starts_with("topics"))
                .fold(String::new(), |all, line| all + line + "\n");
            format!("---\ntopics: [{}, crossings]\n{rest}", TOPICS[*topic])
        }),
        Act::Add(day, number) => item_file(project, DAYS[*day], *number, "A new one."),
        Act::Remove(at) if list.len() > 6 => fs::remove_file(file(at)).expect("removed"),
        Act::Remove(_) => {}
        Act::Rename(at, name) => {
            let to = file(at).with_file_name(format!("named-{name}.md"));
            fs::rename(file(at), to).expect("renamed");
        }
        Act::Alias(at, name) => edit(file(at), |was| match was.split_once("\n---\n") {
            Some((head, text)) if !head.contains("aliases:") => {
                format!("{head}\naliases: [was-{name}, /was/{name}.html]\n---\n{text}")
            }
            _ => was.replace("aliases: [was-", "aliases: [once-"),
        }),
        Act::Correct(at, what) => edit(file(at), |was| match was.split_once("\n---\n") {
            Some((head, text)) => {
                let rest: Vec<&str> = head.lines().filter(|line| !line.starts_with("corrections")).collect();
                let (rest, year, day) = (rest.join("\n"), 2026 + u32::from(what / 6), 20 + what % 4);
                let line = format!("corrections: [{{date: {year}-08-{day}, text: \"It was -- {what}.\"}}]\n");
                let line = if what % 3 == 0 { "" } else { &line };
                format!("{rest}\n{line}---\n{text}")
            }
            None => was,
        }),
        Act::Draft(at) => edit(file(at), |was| match was.strip_prefix("---\ndraft: true\n") {
            Some(rest) => format!("---\n{rest}"),
            None => was.replacen("---\n", "---\ndraft: true\n", 1),
        }),
        Act::Broken(at) => edit(file(at), |was| match was.strip_prefix("---\ntitel: x\n") {
            Some(rest) => format!("---\n{rest}"),
            None => was.replacen("---\n", "---\ntitel: x\n", 1),
        }),
        Act::Template(what) => {
            let text = what.map(|what| match what {
                2 => "{% if %}".to_owned(),
                what => format!("<!DOCTYPE html><title>{{{{ title }}}} {what}</title>"),
            });
            optional("templates/site/topics.html", text);
        }
        Act::MailTemplate(what) => {
            let own = |what| format!("<p>{what} {{{{ item.html | safe }}}}</p>");
            optional("templates/mail/item.html", what.map(own));
        }
        Act::Setting(what) => {
            let other = match what {
                0 => SETTINGS.replace("The Daily\n", "The Nightly\n"),
                1 => SETTINGS.replace("weekly:", "typography: off\nweekly:"),
                2 => SETTINGS.replace("after: 2", "after: 1"),
                3 => SETTINGS.replace("title: World", "title: Abroad"),
                _ => SETTINGS.to_owned(),
            };
            project.write("content/newsletter.yaml", &other);
        }
        Act::TopicFile(what) => {
            let text = match what {
                0 => Some("---\nname: Spans\naliases: [crossings]\n---\nOver water.\n"),
                1 => Some(
                    "---\nname: Bridges\naliases: [crossings, rivers]\ndescription: Of steel\n---\nOver water.\n",
                ),
                2 => Some("---\nname: Bridges\nrelated: [trains]\n---\nUnder [that](../articles/long.md).\n"),
                3 => Some("---\nname: Bridges\naliases: [crossings]\n---\nOver water.\n"),
                _ => None,
            };
            optional("content/topics/bridges.md", text.map(str::to_owned));
        }
        Act::Picture(0) => drop(fs::remove_file(project.path("content/2026-08-20/view.png"))),
        Act::Picture(shade) => picture(project, "content/2026-08-20/view.png", *shade),
        Act::Block(what) => {
            let text =
                ["Tell [a friend](/latest/).\n", "Tell nobody.\n", "---\nlang: fr\n---\nDites \"tout\" !\n"];
            project.write("content/blocks/subscribe.md", text[usize::from(*what % 3)]);
        }
        Act::Introduction(day, what) => {
            let text = match what {
                0 => None,
                1 => Some("---\nnumber: 40\n---\nGood evening.\n"),
                2 => Some("---\ndraft: true\n---\nNot yet.\n"),
                _ => Some("---\nsubject: \"Look -- here\"\n---\n"),
            };
            optional(&format!("content/{}/issue.md", DAYS[*day]), text.map(str::to_owned));
        }
        Act::Past(at, letter) => {
            edit(file(at), |was| format!("{was}{letter}\n"));
            times(file(at), SystemTime::UNIX_EPOCH + Duration::from_secs(900_000_000 + u64::from(*letter)));
        }
        Act::Alike(at, out) => {
            let pages: Vec<PathBuf> =
                tree(&project.path("out")).into_iter().map(|path| project.path("out").join(path)).collect();
            let path = if *out && !pages.is_empty() { nth(&pages, *at) } else { file(at) };
            let modified = fs::metadata(path).and_then(|found| found.modified()).expect("times");
            let mut bytes = fs::read(path).expect("a file");
            if let Some(letter) = bytes.iter_mut().rev().find(|byte| byte.is_ascii_lowercase()) {
                *letter = if *letter == b'a' { b'b' } else { b'a' };
            }
            fs::write(path, bytes).expect("written");
            times(path, modified);
        }
        Act::Tampered(at, how) => {
            let out = project.path("out");
            let pages: Vec<PathBuf> = tree(&out).into_iter().map(|path| out.join(path)).collect();
            // Without its manifest the folder is somebody else's, and is left alone.
            let Some(page) =
                (!pages.is_empty()).then(|| nth(&pages, *at)).filter(|page| !page.ends_with("manifest.json"))
            else {
                return;
            };
            match how {
                0 => fs::remove_file(page).expect("removed"),
                1 => fs::write(page, "edited").expect("written"),
                2 => times(page, later()),
                3 => fs::write(page.with_file_name("stranger.txt"), "mine").expect("written"),
                _ => drop(fs::remove_dir_all(out.join("site/topics"))),
            }
        }
        Act::State(how, at) => {
            let folder = project.path(".out.state");
            let files = if folder.exists() { tree(&folder) } else { Vec::new() };
            let path = folder.join(files.get(at % files.len().max(1)).map_or("left", String::as_str));
            match how {
                0 => drop(fs::remove_dir_all(folder)),
                how => damage(&path, *how, *at),
            }
        }
    }
}

/// Which build is asked for.
fn arguments(which: u8) -> Vec<&'static str> {
    match which {
        0..=5 => vec!["build"],
        6 => vec!["build", "--all"],
        7 => vec!["build", "2026-08-21"],
        _ => vec!["build", "--verify"],
    }
}

type Snapshot = BTreeMap<String, (u64, i64, i64, Vec<u8>)>;

/// Every file and folder: its number, its time, its bytes.
fn snapshot(root: &Path) -> Snapshot {
    let mut seen = BTreeMap::new();
    let mut open = vec![root.to_owned()];
    while let Some(path) = open.pop() {
        let Ok(found) = fs::symlink_metadata(&path) else { continue };
        let mut bytes = Vec::new();
        if found.is_dir() {
            open.extend(fs::read_dir(&path).expect("a folder").flatten().map(|entry| entry.path()));
        } else {
            bytes = fs::read(&path).expect("a file");
        }
        let name = path.strip_prefix(root).expect("inside").to_string_lossy().into_owned();
        seen.insert(name, (found.ino(), found.mtime(), found.mtime_nsec(), bytes));
    }
    seen
}

fn bytes(root: &Path) -> BTreeMap<String, Vec<u8>> {
    tree(root).into_iter().map(|path| (path.clone(), fs::read(root.join(path)).expect("a file"))).collect()
}

/// What was said, wherever it was built.
fn plain(said: &Said) -> (i32, String, String) {
    let text = |text: &str| text.replace("clean/out", "out");
    (said.code, text(&said.out), text(&said.err))
}

fn build(project: &Project, args: &[&str]) {
    let before = snapshot(&project.path("out"));
    let mut clean_args: Vec<&str> = args.iter().copied().filter(|arg| *arg != "--verify").collect();
    clean_args.extend(["--out", "clean/out"]);
    let _ = fs::remove_dir_all(project.path("clean"));
    let mut here = args.to_vec();
    here.extend(["--out", "out"]);
    let (said, clean) = (project.run(&here), project.run(&clean_args));
    assert_eq!(plain(&said), plain(&clean), "{args:?}");
    let after = snapshot(&project.path("out"));
    if said.code != 0 {
        assert!(before == after, "a build that fails leaves everything as it was");
        return;
    }
    let (ours, theirs) = (bytes(&project.path("out")), bytes(&project.path("clean/out")));
    let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&ours), names(&theirs));
    let wrong: Vec<&String> =
        ours.iter().filter(|(name, bytes)| theirs[*name] != **bytes).map(|(name, _)| name).collect();
    assert!(wrong.is_empty(), "{args:?}: {wrong:?} differ from a clean build");
    for (name, now) in &after {
        if let Some(was) =
            before.get(name).filter(|was| was.3 == now.3 && !project.path("out").join(name).is_dir())
        {
            assert_eq!((was.1, was.2), (now.1, now.2), "{name} has not changed and keeps its time");
        }
    }
    let empty: Vec<&String> = after
        .keys()
        .filter(|name| !name.is_empty() && project.path("out").join(name).is_dir())
        .filter(|name| !after.keys().any(|other| other.starts_with(&format!("{name}/"))))
        .collect();
    assert!(empty.is_empty(), "{empty:?} are empty");
    if !args.contains(&"--verify") {
        assert_eq!(plain(&project.run(&here)), plain(&clean), "a build of nothing new says the same");
        assert!(snapshot(&project.path("out")) == after, "a build of nothing new writes nothing");
    }
}

#[test]
fn a_build_killed_at_any_moment_spoils_nothing() {
    let project = newsletter();
    build(&project, &["build", "--all"]);
    for round in 0..10_u64 {
        let at = usize::try_from(round).expect("small");
        // Few changes are made in their places, many all at once.
        happen(
            &project,
            &if round % 2 == 0 { Act::Body(at, "And more.".to_owned()) } else { Act::Setting(at as u8 % 4) },
        );
        let mut running = project.command(&["build", "--all"]).spawn().expect("a build");
        std::thread::sleep(Duration::from_millis(20 + round * 37 % 170));
        let _ = running.kill();
        running.wait().expect("an end");
        build(&project, &["build", "--all"]);
    }
}

#[test]
fn after_an_edit_only_its_pages_are_new() {
    let project = newsletter();
    build(&project, &["build"]);
    let page =
        |day: &str| fs::metadata(project.path(&format!("out/site/{day}/index.html"))).expect("a page").ino();
    let (near, far) = (page("2026/08/24"), page("2026/08/17"));
    edit(&project.path("content/2026-08-24/item-12.md"), |was| was + "And more.\n");
    build(&project, &["build"]);
    assert_ne!(page("2026/08/24"), near, "the page of what was edited is new");
    assert_eq!(page("2026/08/17"), far, "the page of another day is not");
}

#[test]
fn after_a_headline_has_changed_only_the_pages_that_say_it_are_new() {
    let project = newsletter();
    build(&project, &["build"]);
    let page = |path: &str| fs::metadata(project.path(&format!("out/site/{path}"))).expect("a page").ino();
    let (own, month, far) = ("2026/08/24/index.html", "2026/08/index.html", "2026/08/17/index.html");
    let before = [own, month, far].map(page);
    edit(&project.path("content/2026-08-24/item-12.md"), |was| {
        was.replacen("---\n", "---\nlabel: Something else entirely\n", 1)
    });
    build(&project, &["build"]);
    assert_ne!(page(own), before[0], "the page of the item is new");
    assert_ne!(page(month), before[1], "the list that names it is new");
    assert_eq!(page(far), before[2], "the page of another day is not");
}

#[test]
fn another_order_makes_only_what_it_asks_for() {
    let project = newsletter();
    let out = || fs::metadata(project.path("out")).expect("a folder").ino();
    build(&project, &["build"]);
    std::thread::sleep(std::time::Duration::from_millis(80));
    build(&project, &["build"]);
    let before = out();
    build(&project, &["build", "2026-08-21"]);
    assert_eq!(out(), before, "the folder has not been made anew");
    assert!(project.path("out/mail/2026-08-21/mail.html").exists());
}

#[test]
fn what_a_link_leads_to_is_looked_at_whatever_its_folder_says() {
    let project = newsletter();
    let (real, link) = (project.path("content/queue/real.md"), project.path("content/2026-08-24/linked.md"));
    project.write("content/queue/real.md", "---\ntitle: Waits\nkeep: true\n---\nAs it was.\n");
    std::os::unix::fs::symlink(&real, &link).expect("a link");
    build(&project, &["build"]);
    let page = || project.read("out/site/2026/08/24/index.html");
    assert!(page().contains("As it was."));
    std::thread::sleep(std::time::Duration::from_millis(80));
    build(&project, &["build"]);
    edit(&real, |was| was.replace("was", "is"));
    build(&project, &["build"]);
    assert!(page().contains("As it is."));
}

#[test]
fn a_file_put_in_the_place_of_another_is_seen_and_so_is_one_that_comes() {
    let project = newsletter();
    build(&project, &["build"]);
    std::thread::sleep(std::time::Duration::from_millis(80));
    build(&project, &["build"]);
    let page = || project.read("out/site/2026/08/24/index.html");
    let (old, new) = (project.path("content/2026-08-24/item-12.md"), project.path("content/2026-08-24/.new"));
    fs::write(&new, fs::read_to_string(&old).expect("an item") + "Put in its place.\n").expect("written");
    fs::rename(&new, &old).expect("renamed");
    build(&project, &["build"]);
    assert!(page().contains("Put in its place."));
    fs::write(project.path("content/2026-08-24/late.md"), "---\ntitle: Late\n---\nIt has come.\n")
        .expect("written");
    build(&project, &["build"]);
    assert!(page().contains("It has come."));
}

#[test]
fn a_wrong_digest_in_the_manifest_is_not_believed() {
    let project = newsletter();
    build(&project, &["build"]);
    edit(&project.path("out/manifest.json"), |was| {
        let at = was.find("\": \"").expect("a digest") + 4;
        format!("{}{}{}", &was[..at], "0".repeat(64), &was[at + 64..])
    });
    build(&project, &["build"]);
}

#[test]
fn no_name_in_the_manifest_leads_out_of_the_folder() {
    let project = newsletter();
    build(&project, &["build"]);
    project.write("precious/x", "mine");
    for name in ["../precious/x", "", "/precious/x", "site/../../precious/x"] {
        let was = project.read("out/manifest.json");
        edit(&project.path("out/manifest.json"), |was| {
            was.replacen('{', &format!("{{\"{name}\": \"00\","), 1)
        });
        let said = project.run(&["build"]);
        assert!(said.code == 2 && said.err.contains("was not made by rotative"), "{name}: {said:?}");
        assert_eq!(project.read("precious/x"), "mine");
        project.write("out/manifest.json", &was);
    }
}

#[test]
fn a_link_in_the_place_of_the_folder_is_followed() {
    let project = newsletter();
    fs::create_dir(project.path("served")).expect("a folder");
    std::os::unix::fs::symlink("served", project.path("out")).expect("a link");
    for _ in 0..2 {
        assert_eq!(project.run(&["build"]).code, 0);
        assert!(project.path("out").is_symlink() && project.path("served/manifest.json").is_file());
        item_file(&project, DAYS[4], 12, "Another text.");
    }
}

#[test]
fn a_topic_is_found_by_its_new_name_alone() {
    let project = newsletter();
    for name in ["Abcdefghijklmnopb suite", "abcdefghijklmnopc suite"] {
        project.write("content/topics/bridges.md", &format!("---\nname: {name}\n---\nOver water.\n"));
        build(&project, &["build"]);
    }
}

#[test]
fn a_mail_that_the_manifest_does_not_know_is_not_sent() {
    let project = newsletter();
    build(&project, &["build", "2026-08-21"]);
    let manifest = project.read("out/manifest.json");
    edit(&project.path("content/2026-08-21/said.md"), |was| was.replace("Ada", "Eve"));
    build(&project, &["build", "2026-08-21"]);
    // A build that was cut off before its last step leaves new files beside an old manifest.
    project.write("out/manifest.json", &manifest);
    let refused = project.run(&["approve", "2026-08-21", "--by", "Ada"]);
    assert_ne!(refused.code, 0);
    assert!(refused.err.contains("is not the one that was built"), "{refused:?}");
}

/// More cases for whoever has time: `ROTATIVE_CASES=200`.
#[expect(clippy::disallowed_methods, reason = "how many cases are tried concerns whoever runs the tests")]
pub(crate) fn cases() -> u32 {
    std::env::var("ROTATIVE_CASES").ok().and_then(|count| count.parse().ok()).unwrap_or(12)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), max_shrink_iters: 40, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_a_build_equals_a_clean_one(
        steps in prop::collection::vec((prop::collection::vec(act(), 1..3), 0..9_u8), 2..7)
    ) {
        let project = newsletter();
        build(&project, &["build"]);
        prop_assert!(project.path("out/manifest.json").exists());
        for (acts, which) in &steps {
            acts.iter().for_each(|act| happen(&project, act));
            build(&project, &arguments(*which));
        }
    }
}
