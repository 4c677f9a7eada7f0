//! `rotative check`: every finding, for people or for programs.

use std::path::Path;

use clap::ValueEnum;
use serde_json::json;

use crate::build::{self, Which};
use crate::model::{Severity, Slot};

use super::terminal::Terminal;
use super::{Outcome, slot};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The day of the issue that is checked [default: the newest]
    #[arg(value_parser = slot)]
    date: Option<Slot>,
    /// Carry out the corrections that are safe, then check again
    #[arg(long)]
    fix: bool,
    /// How findings are written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// With the line and a caret
    Text,
    /// As one JSON object
    Json,
}

pub(super) fn run(args: &Args, root: &Path, terminal: &Terminal) -> anyhow::Result<Outcome> {
    let which = args.date.map_or(Which::Newest, |date| Which::These(vec![date]));
    let mut report = build::check(root, &which);
    if args.fix {
        let made = build::mend(root, &report)?;
        terminal.say(&format!("{made} correction{} made", if made == 1 { "" } else { "s" }));
        report = build::check(root, &which);
    }
    match args.format {
        Format::Text => terminal.result(&terminal.findings(&report)),
        Format::Json => {
            let value = json!({
                "findings": report,
                "errors": report.count(Severity::Error),
                "warnings": report.count(Severity::Warning),
            });
            terminal.result(&serde_json::to_string_pretty(&value)?);
        }
    }
    Ok(if report.findings().is_empty() { Outcome::Done } else { Outcome::Findings })
}
