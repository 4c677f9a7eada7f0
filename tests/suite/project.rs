//! Newsletters in temporary folders, and the program run on them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// A newsletter of its own.
pub(crate) struct Project {
    dir: TempDir,
}

/// What a run of the program said.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Project {
    /// An empty folder.
    pub(crate) fn empty() -> Self {
        Self { dir: TempDir::new().expect("a temporary folder") }
    }

    /// A copy of a folder.
    pub(crate) fn copy(from: &Path) -> Self {
        let project = Self::empty();
        copy_tree(from, project.root());
        project
    }

    /// Lays a copy of a folder down inside.
    pub(crate) fn lay(&self, from: &Path, to: &str) {
        copy_tree(from, &self.path(to));
    }

    /// A newsletter with one section and the files given.
    pub(crate) fn with(files: &[(&str, &str)]) -> Self {
        let project = Self::empty();
        project.write(
            "content/newsletter.yaml",
            "title: The Daily\nlanguage: en\nbase_url: https://daily.example\nsections: [{name: brief}]\n\
             check: {allow: [source-missing]}\n",
        );
        for (path, text) in files {
            project.write(path, text);
        }
        project
    }

    pub(crate) fn root(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.root().join(path)
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let file = self.path(path);
        fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        fs::write(file, text).expect("a file");
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    pub(crate) fn run(&self, args: &[&str]) -> Said {
        said(self.command(args).output())
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = program();
        command.args(args).current_dir(self.root());
        command
    }
}

/// The program, in a known environment.
pub(crate) fn program() -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("rotative"));
    command.env_remove("NO_COLOR").env_remove("EDITOR").env_remove("VISUAL");
    command
}

pub(crate) fn said(output: std::io::Result<Output>) -> Said {
    let output = output.expect("the program runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    Said { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
}

/// Cuts a file off (1), changes a byte of it (2), or removes it.
pub(crate) fn damage(path: &Path, how: u8, at: usize) {
    match (how, fs::read(path)) {
        (1, Ok(bytes)) => fs::write(path, &bytes[..at % bytes.len().max(1)]).expect("written"),
        (2, Ok(mut bytes)) if !bytes.is_empty() => {
            let length = bytes.len();
            bytes[at % length] ^= 0x41;
            fs::write(path, bytes).expect("written");
        }
        _ => drop(fs::remove_file(path)),
    }
}

/// Every file under a folder, by relative path, sorted.
pub(crate) fn tree(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(&next).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() && !path.is_symlink() {
                open.push(path);
            } else {
                found.push(path.strip_prefix(folder).expect("inside").to_string_lossy().replace('\\', "/"));
            }
        }
    }
    found.sort();
    found
}

fn copy_tree(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder").flatten() {
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path.is_symlink() {
            std::os::unix::fs::symlink(fs::read_link(&path).expect("a link"), target).expect("a link");
        } else if path.is_dir() {
            copy_tree(&path, &target);
        } else {
            fs::copy(path, target).expect("a file");
        }
    }
}
