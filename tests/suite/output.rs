//! What stands in `out/`: the same bytes from the same sources, all of it or none.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::Command;

use crate::project::{Project, program, said, tree};

const ITEM: &str = "---\ntitle: A bridge opens\n---\nIt opens.\n";

fn sample() -> Project {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let project = Project::empty();
    let copy =
        Command::new("cp").arg("-r").arg(root.join("content")).arg(project.root()).status().expect("cp");
    assert!(copy.success());
    project
}

fn bytes(folder: &Path) -> Vec<(String, Vec<u8>)> {
    tree(folder)
        .into_iter()
        .map(|path| (path.clone(), fs::read(folder.join(path)).expect("a file")))
        .collect()
}

#[test]
fn the_sample_is_clean_and_builds_to_the_same_bytes_everywhere() {
    let project = sample();
    let checked = project.run(&["check"]);
    assert_eq!((checked.code, checked.out.as_str()), (0, "nothing to say\n"), "{checked:?}");
    assert_eq!(project.run(&["build", "--all", "--out", "a"]).code, 0);
    let mut other = project.command(&["build", "--all", "--out", "b"]);
    other
        .env("TZ", "Pacific/Kiritimati")
        .env("LANG", "tr_TR.UTF-8")
        .env("LC_ALL", "ar_EG.UTF-8")
        .env("RAYON_NUM_THREADS", "1");
    assert_eq!(said(other.output()).code, 0);
    assert_eq!(project.run(&["build", "--all", "--out", "b"]).code, 0, "a second time, over the first");
    assert!(bytes(&project.path("a")) == bytes(&project.path("b")));
}

#[test]
fn an_unchanged_file_keeps_its_time_and_a_stranger_s_edit_does_not_survive() {
    let project = Project::with(&[("content/2026-08-21/a.md", ITEM)]);
    assert_eq!(project.run(&["build"]).code, 0);
    let page = project.path("out/site/2026/08/21/index.html");
    let before = fs::metadata(&page).expect("a page").ino();
    assert_eq!(project.run(&["build"]).code, 0);
    assert_eq!(fs::metadata(&page).expect("a page").ino(), before);
    let original = fs::read(&page).expect("a page");
    fs::remove_file(&page).expect("removed");
    fs::write(&page, "edited").expect("written");
    assert_eq!(project.run(&["build"]).code, 0);
    assert!(fs::read(&page).expect("a page") == original);
}

#[test]
fn a_folder_of_somebody_else_is_never_replaced() {
    let project = Project::with(&[("content/2026-08-21/a.md", ITEM), ("out/precious.txt", "mine")]);
    let refused = project.run(&["build"]);
    assert_eq!(refused.code, 2);
    assert!(refused.err.contains("is not empty and was not made by rotative"), "{refused:?}");
    assert_eq!(project.read("out/precious.txt"), "mine");
    assert_eq!(project.run(&["build", "--out", "new/deep/out"]).code, 0);
}

#[test]
fn a_failed_build_leaves_everything_as_it_was() {
    let project = Project::with(&[("content/2026-08-21/a.md", ITEM)]);
    assert_eq!(project.run(&["build"]).code, 0);
    let before = bytes(&project.path("out"));
    project.write("content/2026-08-21/b.md", "---\ntitel: x\n---\n");
    assert_eq!(project.run(&["build"]).code, 1);
    assert!(bytes(&project.path("out")) == before);
    assert!(!project.path(".out.new").exists());
}

#[test]
fn a_full_disk_is_said_and_leaves_everything_as_it_was() {
    let project = Project::with(&[("content/2026-08-21/a.md", ITEM)]);
    assert_eq!(project.run(&["build"]).code, 0);
    let before = bytes(&project.path("out"));
    project.write("content/2026-08-21/a.md", &format!("{ITEM}\n{}", "word ".repeat(20_000)));
    // A limit on the size of files answers a write as a full disk does, and needs no rights.
    let script =
        format!("trap '' XFSZ; ulimit -f 16; exec '{}' build", program().get_program().to_string_lossy());
    let full = said(Command::new("sh").args(["-c", &script]).current_dir(project.root()).output());
    assert_eq!(full.code, 2, "{full:?}");
    assert!(full.err.starts_with("error: ") && full.err.contains("out is as it was"), "{full:?}");
    assert!(bytes(&project.path("out")) == before);
    assert!(!project.path(".out.new").exists());
}

#[test]
fn a_place_that_cannot_be_written_is_said() {
    let project = Project::with(&[("content/2026-08-21/a.md", ITEM)]);
    for place in ["/proc/nowhere/out", "content/newsletter.yaml/out"] {
        let refused = project.run(&["build", "--out", place]);
        assert_eq!(refused.code, 2, "{refused:?}");
        assert!(refused.err.contains("`--out DIR` builds elsewhere"), "{refused:?}");
    }
}

#[test]
fn two_builds_at_once_do_not_meet() {
    let project = Project::with(&[("content/2026-08-21/a.md", ITEM)]);
    assert_eq!(project.run(&["build"]).code, 0);
    let mut running: Vec<_> = (0..8).map(|_| project.command(&["build"]).spawn().expect("a build")).collect();
    let codes: Vec<_> = running.iter_mut().map(|build| build.wait().expect("an end").code()).collect();
    assert!(codes.iter().all(|code| matches!(code, Some(0 | 2))), "{codes:?}");
    assert!(codes.contains(&Some(0)), "{codes:?}");
    assert_eq!(project.run(&["build"]).code, 0);
    assert!(!project.path(".out.new").exists());
}
