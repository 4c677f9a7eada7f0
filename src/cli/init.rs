//! `rotative init`: a newsletter that builds at once.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use chrono_tz::Tz;
use clap::ValueEnum;

use super::starter::{self, Starter};
use super::terminal::Terminal;
use super::{Outcome, today};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The folder, new or empty
    dir: PathBuf,
    /// The language of the newsletter
    #[arg(long, value_enum, default_value_t = Lang::Fr)]
    lang: Lang,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Lang {
    /// French
    Fr,
    /// English
    En,
}

pub(super) fn run(args: &Args, terminal: &Terminal) -> anyhow::Result<Outcome> {
    let dir = &args.dir;
    if fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(anyhow!("{} is not empty", dir.display()).context("name a folder that is new or empty"));
    }
    let starter = match args.lang {
        Lang::Fr => Starter { files: starter::FRENCH, timezone: Tz::Europe__Paris },
        Lang::En => Starter { files: starter::ENGLISH, timezone: Tz::Europe__London },
    };
    let date = today(starter.timezone).to_string();
    for (path, text) in starter.files {
        let file = dir.join(path.replace("DATE", &date));
        write(&file, &text.replace("DATE", &date))?;
    }
    let shown = dir.display();
    terminal.result(&format!("a newsletter stands in {shown}; its first issue is that of {date}"));
    terminal.say(&format!("  next: rotative build --root {shown}"));
    Ok(Outcome::Done)
}

fn write(file: &Path, text: &str) -> anyhow::Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    }
    fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))
}
