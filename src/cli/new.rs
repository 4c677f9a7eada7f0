//! `rotative new`: an item's file with the right front matter.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::Path;
use std::process::Command;

use anyhow::{Context, anyhow, bail};

use crate::config::{Config, SectionKind, SectionRule};
use crate::content::{folder_of, quoted, scalar, shown};
use crate::model::{IssueDate, Slug, WebUrl, suggest};

use super::clip::{Ask, Clip, clip};
use super::filling::next_open;
use super::joining::{Comes, join};
use super::terminal::Terminal;
use super::{Outcome, day, open, today};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The item's headline [default: that of the page]
    #[arg(required_unless_present = "url")]
    title: Option<String>,
    /// The day of its issue [default: that of the next issue that is open]
    #[arg(long, value_parser = day, conflicts_with = "queue")]
    date: Option<IssueDate>,
    /// Put it into the queue
    #[arg(long)]
    queue: bool,
    /// Its section [default: the first]
    #[arg(long, value_name = "NAME")]
    section: Option<String>,
    /// Where the news comes from: the page is asked for once, for its headline, its site, its language, its day
    #[arg(long, value_parser = |text: &str| WebUrl::parse(text).map_err(|error| format!("{error}; write it as https://…")))]
    url: Option<WebUrl>,
    /// Do not ask for the page: its address is all that is known
    #[arg(long, requires = "url")]
    offline: bool,
    /// Open the file in $EDITOR
    #[arg(long)]
    edit: bool,
}

pub(super) fn run(args: &Args, root: &Path, terminal: &Terminal) -> anyhow::Result<Outcome> {
    let Some(project) = open(root, terminal) else { return Ok(Outcome::Findings) };
    let section = section(&project.config, args.section.as_deref())?;
    let folder = if args.queue {
        root.join("content/queue")
    } else {
        let date = match args.date {
            Some(date) => {
                join(&project, date, Comes::Written, terminal)?;
                date
            }
            None => next_open(&project, terminal).context("`--date` names one")?,
        };
        folder_of(&root.join("content"), date)
    };
    let ask = if args.offline { Ask::Nobody } else { Ask::ThePage };
    let typed = args.title.as_deref();
    let clip = args.url.as_ref().map(|url| clip(url, typed, ask, &project, terminal)).transpose()?;
    let title = clip.as_ref().map_or(typed.unwrap_or(""), |clip| clip.title.as_str());
    let slug = slug(title, clip.as_ref())
        .ok_or_else(|| anyhow!("`{title}` has no letter and no digit of which a file's name can be made"))?;
    let file = folder.join(format!("{slug}.md"));
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    create(&file, &text(args, title, clip.as_ref(), section, &project.config))?;
    terminal.result(&shown(root, &file));
    if args.edit {
        edit(&file)?;
    }
    Ok(Outcome::Done)
}

fn section<'a>(config: &'a Config, name: Option<&str>) -> anyhow::Result<&'a SectionRule> {
    let Some(name) = name else {
        return config.sections.first().ok_or_else(|| anyhow!("the newsletter has no section"));
    };
    config.section(name).ok_or_else(|| {
        let names: Vec<&str> = config.sections.iter().map(|section| section.name.as_str()).collect();
        let hint = suggest::nearest(name, names.iter().copied()).map_or_else(
            || format!("the sections are `{}`", names.join("`, `")),
            |near| format!("did you mean `{near}`?"),
        );
        anyhow!("section `{name}` does not exist").context(hint)
    })
}

/// Never over a file that exists.
fn create(file: &Path, text: &str) -> anyhow::Result<()> {
    let opened = OpenOptions::new().write(true).create_new(true).open(file);
    let mut handle = match opened {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            return Err(anyhow!("{} exists already", file.display()).context("choose another title"));
        }
        other => other.with_context(|| format!("cannot create {}", file.display()))?,
    };
    let written = handle.write_all(text.as_bytes());
    if written.is_err() {
        // Half an item is worse than none.
        let _ = fs::remove_file(file);
    }
    written.with_context(|| format!("cannot write {}", file.display()))
}

/// The headline's, or where it has no letter for one, that of the page's address.
fn slug(title: &str, clip: Option<&Clip>) -> Option<Slug> {
    let of_address = |clip: &Clip| {
        let last = clip.url.path().rsplit('/').find(|part| !part.is_empty()).unwrap_or("");
        let stem = last.split_once('.').map_or(last, |(stem, _)| stem);
        // Letters of other scripts are numbers in an address.
        let stem = Some(stem).filter(|stem| !stem.contains('%'));
        stem.and_then(Slug::from_text).or_else(|| Slug::from_text(clip.url.host()))
    };
    Slug::from_text(title).or_else(|| clip.and_then(of_address)).map(not_the_introduction)
}

/// `issue.md` of a dated folder is the introduction, and an item of the queue is moved into one some day.
fn not_the_introduction(slug: Slug) -> Slug {
    let instead = (slug.as_str() == "issue").then(|| Slug::parse("issue-item").ok()).flatten();
    instead.unwrap_or(slug)
}

fn text(args: &Args, title: &str, clip: Option<&Clip>, section: &SectionRule, config: &Config) -> String {
    let first = config.sections.first().is_some_and(|first| first.name == section.name);
    let mut lines = vec!["---".to_owned(), format!("title: {}", scalar(title))];
    if !first {
        lines.push(format!("section: {}", section.name));
    }
    lines.push("topics: []".to_owned());
    lines.push(format!("sources: [{}]", clip.map(credit).unwrap_or_default()));
    match section.kind {
        SectionKind::Brief => {}
        SectionKind::Quote => lines.push("quote: {text: \"…\", by: \"…\", role: \"…\"}".to_owned()),
        SectionKind::Figure => lines.push("figure: {value: \"…\", of: \"…\", study: \"…\"}".to_owned()),
        SectionKind::Appointment => {
            lines.push("person: {name: \"…\", role: \"…\", organisation: \"…\", before: \"…\"}".to_owned());
        }
    }
    let lang = clip.and_then(|clip| clip.lang.as_ref());
    lines.extend(lang.map(|tag| format!("lang: {}", scalar(tag.as_str()))));
    if args.queue {
        lines.push("priority: 5".to_owned());
        lines.push(format!("queued: {}", today(config.timezone)));
    }
    lines.extend(["---".to_owned(), String::new(), String::new()]);
    lines.join("\n")
}

fn credit(clip: &Clip) -> String {
    let note = clip.note.as_ref().map(|note| format!(", note: {}", scalar(note))).unwrap_or_default();
    format!("{{name: {}, url: {}{note}}}", scalar(&clip.name), quoted(clip.url.as_str()))
}

#[expect(clippy::disallowed_methods, reason = "$EDITOR concerns the person at the terminal alone")]
fn edit(file: &Path) -> anyhow::Result<()> {
    let editor = std::env::var("VISUAL").or_else(|_| std::env::var("EDITOR")).unwrap_or_default();
    let mut words = editor.split_whitespace();
    let Some(program) = words.next() else {
        return Err(anyhow!("no editor is known").context("set the variable EDITOR"));
    };
    let status = Command::new(program)
        .args(words)
        .arg(file)
        .status()
        .with_context(|| format!("cannot start `{program}`"))?;
    if !status.success() {
        bail!("`{program}` ended with {status}");
    }
    Ok(())
}
