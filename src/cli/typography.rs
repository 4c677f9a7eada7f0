//! `rotative typography`: what the typesetter makes of any Markdown.

use std::fs;
use std::io::{self, BufRead, Read};
use std::path::PathBuf;

use anyhow::{Context, anyhow};
use clap::ValueEnum;

use crate::config::TypographyOptions;
use crate::model::Language;
use crate::render::{specimen_html, specimen_text};

use super::Outcome;
use super::terminal::Terminal;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The file; `-` or nothing for standard input
    file: Option<PathBuf>,
    /// The language of the text: `fr` or `en`
    #[arg(long, default_value = "fr", value_parser = language)]
    lang: Language,
    /// What is written: the text alone, or HTML
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Read one JSON string a line, answer one JSON string a line
    #[arg(long)]
    batch: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// The text content, one line feed between blocks
    Text,
    /// HTML
    Html,
}

fn language(text: &str) -> Result<Language, String> {
    Language::parse(text).ok_or_else(|| format!("`{text}` is not known; there are rules for `fr` and `en`"))
}

pub(super) fn run(args: &Args, terminal: &Terminal) -> anyhow::Result<Outcome> {
    let file = args.file.as_ref().filter(|file| file.as_os_str() != "-");
    if args.batch {
        let text = match file {
            Some(file) => {
                fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?
            }
            None => String::new(),
        };
        let stdin = io::stdin();
        let lines: Box<dyn Iterator<Item = io::Result<String>>> = match file {
            Some(_) => Box::new(text.lines().map(|line| Ok(line.to_owned()))),
            None => Box::new(stdin.lock().lines()),
        };
        for (at, line) in lines.enumerate() {
            let line = line.context("standard input cannot be read")?;
            let markdown: String = serde_json::from_str(&line)
                .map_err(|error| anyhow!("line {} is not a JSON string: {error}", at + 1))?;
            terminal.result(&serde_json::to_string(&set(args, &markdown))?);
        }
        return Ok(Outcome::Done);
    }
    let markdown = match file {
        Some(file) => fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?,
        None => {
            let mut text = String::new();
            io::stdin().read_to_string(&mut text).context("standard input cannot be read as UTF-8")?;
            text
        }
    };
    terminal.result(&set(args, &markdown));
    Ok(Outcome::Done)
}

fn set(args: &Args, markdown: &str) -> String {
    let options = TypographyOptions::default();
    match args.format {
        Format::Text => specimen_text(markdown, args.lang, &options),
        Format::Html => specimen_html(markdown, args.lang, &options),
    }
}
