//! Archives of other systems: one folder, one case (see `tests/README.md`). What comes of a case must build, and
//! importing again must change nothing.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::golden::compare;
use crate::project::{Project, Said, said, tree};

/// 2026-08-21 in the morning.
const NOW: &str = "1787302800";

fn run(project: &Project, args: &[&str]) -> Said {
    said(project.command(args).env("ROTATIVE_NOW", NOW).output())
}

#[test]
fn every_archive_becomes_what_it_promises() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/import");
    let mut names: Vec<_> =
        fs::read_dir(&cases).expect("cases").flatten().map(|entry| entry.path()).collect();
    names.sort();
    let faults: Vec<String> =
        names.iter().filter(|path| path.is_dir()).flat_map(|case| check(case)).collect();
    assert!(
        faults.is_empty(),
        "{}\n(BLESS=1 takes what is there for right: read the difference)",
        faults.join("\n\n")
    );
}

fn check(case: &Path) -> Vec<String> {
    #[expect(clippy::disallowed_methods, reason = "BLESS concerns whoever runs the tests")]
    let bless = std::env::var_os("BLESS").is_some();
    let project = Project::copy(case);
    let command = fs::read_to_string(case.join("command")).expect("a command");
    let args: Vec<&str> = command.split_whitespace().collect();
    let first = run(&project, &args);
    let mut faults = Vec::new();
    let said = format!("exit code {}\n{}{}", first.code, first.out, first.err);
    compare(case, "said.txt", said.as_bytes(), bless, &mut faults);
    if first.code == 2 {
        if project.path("new").exists() {
            faults.push(format!("{}: something was written", case.display()));
        }
        return faults;
    }
    expect(case, &project, bless, &mut faults);
    let build = run(&project, &["build", "--root", "new"]);
    if build.code != 0 {
        faults.push(format!("{}: the newsletter does not build:\n{}", case.display(), build.err));
    }
    let before = contents(&project);
    let second = run(&project, &args);
    if before != contents(&project) || !second.out.contains(": 0 carried") {
        faults.push(format!("{}: importing again is not nothing: {}", case.display(), second.out));
    }
    faults
}

/// Every Markdown file, the account, and the names of all others must be as expected.
fn expect(case: &Path, project: &Project, bless: bool, faults: &mut Vec<String>) {
    let root = project.path("new");
    let made = tree(&root).into_iter().filter(|path| !path.starts_with("out/")).collect::<Vec<_>>();
    let names = made.join("\n") + "\n";
    if bless {
        let _ = fs::remove_dir_all(case.join("expected"));
    }
    fs::create_dir_all(case.join("expected")).expect("a folder");
    compare(case, "expected/files.txt", names.as_bytes(), bless, faults);
    let shown = |path: &&String| {
        let sample = path.contains("2026-08-21") || path.contains("blocks/");
        (path.ends_with(".md") || path.ends_with(".txt") || path.ends_with(".yaml")) && !sample
    };
    for path in made.iter().filter(shown) {
        if bless {
            let file = case.join("expected").join(path);
            fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        }
        let text = fs::read(root.join(path)).expect("a file");
        compare(case, &format!("expected/{path}"), &text, bless, faults);
    }
    for path in tree(&case.join("expected")).iter().filter(|path| *path != "files.txt") {
        if !made.contains(path) {
            faults.push(format!("{}: nobody makes expected/{path}", case.display()));
        }
    }
}

fn contents(project: &Project) -> BTreeMap<String, Vec<u8>> {
    let root = project.path("new/content");
    tree(&root).into_iter().map(|path| (path.clone(), fs::read(root.join(&path)).expect("a file"))).collect()
}

const POST: &str = "---\ntitle: One\ndate: 2019-01-02\n---\nText.\n";

fn site() -> Project {
    let project = Project::empty();
    project.write("site/hugo.toml", "title = \"A\"\n");
    project.write("site/content/posts/one.md", POST);
    project
}

#[test]
fn what_an_editor_has_changed_is_kept_unless_it_is_to_be_replaced() {
    let project = site();
    let args = ["import", "hugo", "site", "--into", "new"];
    assert_eq!(run(&project, &args).code, 0);
    let file = "new/content/articles/2019/one.md";
    let imported = project.read(file);
    project.write(file, "---\ntitle: Mine\ndate: 2019-01-02\n---\nMine.\n");
    let said = run(&project, &args);
    assert_eq!(said.code, 1, "{said:?}");
    assert!(said.err.contains("exists with another text") && project.read(file).contains("Mine"));
    assert_eq!(run(&project, &[&args[..], &["--replace"]].concat()).code, 0);
    assert_eq!(project.read(file), imported);
}

#[test]
fn a_rehearsal_writes_nothing_and_programs_can_read_the_account() {
    let project = site();
    let said = run(&project, &["import", "hugo", "site", "--into", "new", "--dry-run", "--format", "json"]);
    assert_eq!(said.code, 0, "{said:?}");
    let account: serde_json::Value = serde_json::from_str(&said.out).expect("JSON");
    assert_eq!(account["counts"]["carried"], 1);
    assert!(!project.path("new").exists());
}

#[test]
fn a_description_stands_in_the_head_of_its_page() {
    let project = site();
    project.write("site/content/posts/one.md", &POST.replace("title:", "description: Told & sold\ntitle:"));
    assert_eq!(run(&project, &["import", "hugo", "site", "--into", "new"]).code, 0);
    assert_eq!(run(&project, &["build", "--root", "new"]).code, 0);
    let page = project.read("new/out/site/2019/01/02/one/index.html");
    assert!(page.contains("name=\"description\" content=\"Told &amp; sold\""), "{page}");
}

#[test]
fn old_posts_as_items_need_not_be_fit_for_a_mail() {
    let project = site();
    project.write(
        "site/content/posts/one.md",
        &format!("{POST}\n# A\n\n### B\n\n## C\n\nClick [here](https://a.example/).\n"),
    );
    let args = ["import", "hugo", "site", "--as", "items", "--into", "new"];
    assert_eq!(run(&project, &args).code, 0);
    assert_eq!(run(&project, &["build", "--root", "new"]).code, 0);
    let today = Project::empty();
    today.write("site/content/posts/one.md", &POST.replace("2019-01-02", "2026-08-21"));
    assert_eq!(run(&today, &args).code, 0);
    assert!(
        !today.path("new/content/2026-08-21").exists()
            && today.path("new/content/2026/2026-08-21/one.md").exists()
    );
    assert_eq!(run(&today, &["build", "--root", "new"]).code, 0);
}

#[test]
fn a_picture_outside_the_site_is_not_copied() {
    let project = site();
    project.write("secret.png", "secret");
    project.write("site/static/a.txt", "");
    std::os::unix::fs::symlink(project.path("secret.png"), project.path("site/static/link.png"))
        .expect("a link");
    project.write(
        "site/content/posts/one.md",
        &format!("{POST}\n![a](/../secret.png) ![b](/link.png) ![c](../../../secret.png)\n"),
    );
    let said = run(&project, &["import", "hugo", "site", "--into", "new"]);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(!project.path("new/content/articles/2019/one").exists());
    assert_eq!(run(&project, &["build", "--root", "new"]).code, 0);
}

#[test]
fn whatever_a_text_holds_the_newsletter_builds() {
    let texts = [
        "<div><p>a<img src=x>\n\n> <table><tr><td>- <pre>\nx\n\ny</pre></table>\n\n- <img src=\"http://[\">",
        "[a](<b c> \"t\\\"\") ![a](%zz) [x](http://user:pw@a.example/) [y](javascript:alert%281%29) <irc://x>",
        "[a][b] [c] ![d][b]\n\n[b]: ../../../../e\n[c]: data:text/html,x",
        "> - > 1. <iframe src='//v.example/1'></iframe> {{< a >}} {{% b %}} {{< c",
        "<a href='#'>x</a> <a href=y>z <b>w</a></b> <svg><a xlink:href='#'/></svg> <!-- - -->",
        "a\u{b}b\u{fffd} | c\n|---|---\n[^1]: d [e](f)\n\n[^1]",
        "fun!![a](//b.example/c.jpg) so!<a href='/x'>y</a> and!![d](e.png)",
        "<p>Wow!<a href='https://a.example/'>b</a> c! [d]</p>",
        "<p>*a* _b_ <em> c </em><em>d</em>e <b></b> <a href='mailto:a@b.example'>f</a></p>",
    ];
    let project = site();
    for (number, text) in texts.iter().enumerate() {
        project.write(&format!("site/content/posts/t{number}.md"), &format!("{POST}\n{text}\n"));
        project.write(&format!("site/content/posts/h{number}.html"), &format!("{POST}\n{text}\n"));
    }
    let deep = "> ".repeat(200);
    project.write("site/content/posts/deep.md", &format!("{POST}\n{deep}x\n"));
    project.write("site/content/posts/deep-html.html", &format!("{POST}\n{}x\n", "<blockquote>".repeat(500)));
    let said = run(&project, &["import", "hugo", "site", "--into", "new"]);
    assert_eq!(said.code, 1, "{said:?}");
    assert!(said.err.contains("nested too deep"), "{}", said.err);
    let build = run(&project, &["build", "--root", "new"]);
    assert_eq!(build.code, 0, "{}", build.err);
}
