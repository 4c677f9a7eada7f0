//! `rotative init`: a newsletter that builds at once.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use chrono_tz::Tz;
use clap::ValueEnum;

use crate::config::Project;
use crate::model::IssueDate;

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

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Lang {
    /// French
    Fr,
    /// English
    En,
}

impl Lang {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Fr => "fr",
            Self::En => "en",
        }
    }
}

/// What is known of a newsletter before it is started.
#[derive(Debug, Clone)]
pub(super) struct Facts {
    pub(super) lang: Lang,
    pub(super) title: Option<String>,
    pub(super) base_url: Option<String>,
    pub(super) timezone: Option<Tz>,
}

impl Facts {
    fn starter(&self) -> Starter {
        match self.lang {
            Lang::Fr => Starter { files: starter::FRENCH, timezone: Tz::Europe__Paris },
            Lang::En => Starter { files: starter::ENGLISH, timezone: Tz::Europe__London },
        }
    }

    /// The day it is where the newsletter appears.
    pub(super) fn today(&self) -> IssueDate {
        today(self.timezone.unwrap_or(self.starter().timezone))
    }
}

/// Whether a new newsletter has an issue to begin with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sample {
    Issue,
    None,
}

pub(super) fn run(args: &Args, terminal: &Terminal) -> anyhow::Result<Outcome> {
    let dir = &args.dir;
    if fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(anyhow!("{} is not empty", dir.display()).context("name a folder that is new or empty"));
    }
    let facts = Facts { lang: args.lang, title: None, base_url: None, timezone: None };
    terminal.result(&start(dir, &facts, Sample::Issue)?);
    terminal.say(&format!("  next: rotative build --root {}", dir.display()));
    Ok(Outcome::Done)
}

/// Writes the files of a new newsletter. Returns what is to be said of it.
pub(super) fn start(dir: &Path, facts: &Facts, sample: Sample) -> anyhow::Result<String> {
    let dated = |path: &str| path.contains("DATE");
    let (issue, rest): (Vec<_>, Vec<_>) = facts.starter().files.iter().partition(|(path, _)| dated(path));
    for (path, text) in rest {
        let text = if path.ends_with("newsletter.yaml") { settings(text, facts) } else { (*text).to_owned() };
        write(&dir.join(path), &text)?;
    }
    let mut said = format!("a newsletter stands in {}", dir.display());
    if sample == Sample::Issue {
        let date = first_day(dir, facts).to_string();
        for (path, text) in issue {
            write(&dir.join(path.replace("DATE", &date)), &text.replace("DATE", &date))?;
        }
        said.push_str(&format!("; its first issue is that of {date}"));
    }
    Ok(said)
}

/// The day of the first issue: today, or the next day on which the newsletter appears.
fn first_day(dir: &Path, facts: &Facts) -> IssueDate {
    let today = facts.today();
    let project = Project::open(dir, &mut Vec::new());
    project.and_then(|project| project.config.calendar.next(today)).unwrap_or(today)
}

/// The settings with what is known put in.
fn settings(text: &str, facts: &Facts) -> String {
    let quoted = |text: &String| serde_json::Value::from(text.as_str()).to_string();
    let known = [
        ("title:", facts.title.as_ref().map(quoted)),
        ("base_url:", facts.base_url.as_ref().map(quoted)),
        ("timezone:", facts.timezone.map(|zone| zone.name().to_owned())),
    ];
    let line = |line: &str| {
        let value = known.iter().find(|(key, _)| line.starts_with(key));
        match value {
            Some((key, Some(value))) => format!("{key} {value}\n"),
            _ => format!("{line}\n"),
        }
    };
    text.lines().map(line).collect()
}

fn write(file: &Path, text: &str) -> anyhow::Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    }
    fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))
}
