//! `rotative new`: an item's file with the right front matter.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::Path;
use std::process::Command;

use anyhow::{Context, anyhow, bail};

use crate::config::{Config, SectionKind, SectionRule};
use crate::content::{folder_of, shown};
use crate::model::{IssueDate, Slug, WebUrl, suggest};

use super::next::due_next;
use super::terminal::Terminal;
use super::{Outcome, day, open, today};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The item's headline
    title: String,
    /// The day of its issue [default: the next issue's]
    #[arg(long, value_parser = day, conflicts_with = "queue")]
    date: Option<IssueDate>,
    /// Put it into the queue
    #[arg(long)]
    queue: bool,
    /// Its section [default: the first]
    #[arg(long, value_name = "NAME")]
    section: Option<String>,
    /// Where the news comes from
    #[arg(long, value_parser = |text: &str| WebUrl::parse(text).map_err(|error| format!("{error}; write it as https://…")))]
    url: Option<WebUrl>,
    /// Open the file in $EDITOR
    #[arg(long)]
    edit: bool,
}

pub(super) fn run(args: &Args, root: &Path, terminal: &Terminal) -> anyhow::Result<Outcome> {
    let Some(project) = open(root, terminal) else { return Ok(Outcome::Findings) };
    let section = section(&project.config, args.section.as_deref())?;
    let slug =
        Slug::from_text(&args.title).ok_or_else(|| anyhow!("`{}` has no letter and no digit", args.title))?;
    let folder = if args.queue {
        root.join("content/queue")
    } else {
        let date = args.date.map_or_else(|| due_next(&project.config), Ok)?;
        folder_of(&root.join("content"), date)
    };
    let file = folder.join(format!("{slug}.md"));
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    create(&file, &text(args, section, &project.config))?;
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
    handle.write_all(text.as_bytes()).with_context(|| format!("cannot write {}", file.display()))
}

fn text(args: &Args, section: &SectionRule, config: &Config) -> String {
    let first = config.sections.first().is_some_and(|first| first.name == section.name);
    let mut lines = vec!["---".to_owned(), format!("title: {}", scalar(&args.title))];
    if !first {
        lines.push(format!("section: {}", section.name));
    }
    lines.push("topics: []".to_owned());
    lines.push(match &args.url {
        Some(url) => format!(
            "sources: [{{name: {}, url: {}}}]",
            scalar(url.host().trim_start_matches("www.")),
            json(url.as_str())
        ),
        None => "sources: []".to_owned(),
    });
    match section.kind {
        SectionKind::Brief => {}
        SectionKind::Quote => lines.push("quote: {text: \"…\", by: \"…\", role: \"…\"}".to_owned()),
        SectionKind::Figure => lines.push("figure: {value: \"…\", of: \"…\", study: \"…\"}".to_owned()),
        SectionKind::Appointment => {
            lines.push("person: {name: \"…\", role: \"…\", organisation: \"…\", before: \"…\"}".to_owned());
        }
    }
    if args.queue {
        lines.push("priority: 5".to_owned());
        lines.push(format!("queued: {}", today(config.timezone)));
    }
    lines.extend(["---".to_owned(), String::new(), String::new()]);
    lines.join("\n")
}

/// A text as YAML: plain where it cannot be misread, else in quotes.
fn scalar(text: &str) -> String {
    let plain = text.starts_with(char::is_alphabetic)
        && !text.ends_with(' ')
        && !text.chars().any(|c| ":#\"'[]{}|>&*!%@`\\,".contains(c) || c.is_control())
        && !["true", "false", "null", "yes", "no", "on", "off", "y", "n"]
            .contains(&text.to_lowercase().as_str());
    if plain { text.to_owned() } else { json(text) }
}

/// A JSON string is a YAML string too.
fn json(text: &str) -> String {
    serde_json::Value::from(text).to_string()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_survives_its_file() {
        assert_eq!(scalar("Google descend dans la rue"), "Google descend dans la rue");
        assert_eq!(scalar("Google : le retour"), "\"Google : le retour\"");
        assert_eq!(scalar("« Oui »"), "\"« Oui »\"");
        assert_eq!(scalar("no"), "\"no\"");
        assert_eq!(scalar("2018"), "\"2018\"");
    }
}
