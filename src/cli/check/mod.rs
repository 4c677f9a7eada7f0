//! `rotative check`: every finding, for people, for programs, for code hosts; and what each rule is for.

mod explain;
mod sarif;

use std::path::Path;

use anyhow::anyhow;
use clap::ValueEnum;
use serde_json::json;

use crate::build::{self, Order, Which};
use crate::check::Probe;
use crate::config::{Project, env};
use crate::fetch::Guard;
use crate::inquiry::{Inquiry, MEMORY};
use crate::model::{Report, Severity, Slot};

use super::terminal::Terminal;
use super::{Outcome, filling, now, slot, today};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The day of the issue that is checked [default: the newest, and the queue]
    #[arg(value_parser = slot)]
    date: Option<Slot>,
    /// Check every issue, the articles and the queue
    #[arg(long, conflicts_with = "date")]
    all: bool,
    /// Carry out the corrections that are safe, then check again
    #[arg(long)]
    fix: bool,
    /// Ask over the network whether links are alive
    #[arg(long)]
    links: bool,
    /// How findings are written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Say what a rule is for, and check nothing
    #[arg(long, value_name = "RULE", conflicts_with_all = ["date", "all", "fix", "links", "rules"])]
    explain: Option<String>,
    /// List all rules, and check nothing
    #[arg(long, conflicts_with_all = ["date", "all", "fix", "links"])]
    rules: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// With the line and a caret
    Text,
    /// As one JSON object
    Json,
    /// As SARIF 2.1.0, which code hosts show in a review
    Sarif,
}

impl Args {
    /// Whether only rules are asked for: no newsletter is needed.
    pub(super) fn is_about_rules(&self) -> bool {
        self.rules || self.explain.is_some()
    }
}

/// How often corrections are looked for again: one may uncover another.
const PASSES: usize = 8;

/// Says what rules are for. `root` is there inside a newsletter.
pub(super) fn explain(args: &Args, root: Option<&Path>, terminal: &Terminal) -> anyhow::Result<Outcome> {
    if args.format == Format::Sarif {
        return Err(anyhow!("rules are not findings").context("use `--format text` or `--format json`"));
    }
    match &args.explain {
        Some(name) => explain::one(name, args.format, root, terminal),
        None => explain::all(args.format, terminal),
    }
}

pub(super) fn run(args: &Args, root: &Path, terminal: &Terminal) -> anyhow::Result<Outcome> {
    let which = match (args.all, args.date) {
        (true, _) => Which::All,
        (false, Some(date)) => Which::These(vec![date]),
        (false, None) => Which::Newest,
    };
    let filling = filling::filling(root, terminal);
    // Settings with errors are reported by the check itself.
    let today = Project::open(root, &mut Vec::new()).map(|project| today(project.config.timezone));
    let order = Order { filling, today, ..which.into() };
    if args.fix {
        let made = mend(root, &order)?;
        terminal.say(&format!("{made} correction{} made", if made == 1 { "" } else { "s" }));
    }
    let inquiry = if args.links { inquiry(root) } else { None };
    let report = build::check(root, &order, inquiry.as_ref().map(|inquiry| inquiry as &dyn Probe));
    if let Some(Err(error)) = inquiry.map(|inquiry| inquiry.keep()) {
        terminal.say(&format!(
            "{MEMORY} cannot be written, and all links are asked for again next time: {error}"
        ));
    }
    write(&report, args.format, terminal)?;
    Ok(if report.findings().is_empty() { Outcome::Done } else { Outcome::Findings })
}

/// Carries out corrections until none is left.
fn mend(root: &Path, order: &Order) -> anyhow::Result<usize> {
    let mut made = 0;
    for _ in 0..PASSES {
        match build::mend(root, &build::check(root, order, None))? {
            0 => break,
            more => made += more,
        }
    }
    Ok(made)
}

/// What asks for links; settings with errors are reported by the check itself.
fn inquiry(root: &Path) -> Option<Inquiry> {
    let project = Project::open(root, &mut Vec::new())?;
    let guard = if env::fetch_loopback() { Guard::Loopback } else { Guard::PublicOnly };
    Some(Inquiry::new(root, &project.config.check.links, guard, now()))
}

fn write(report: &Report, format: Format, terminal: &Terminal) -> anyhow::Result<()> {
    match format {
        Format::Text => terminal.result(&terminal.findings(report)),
        Format::Json => {
            let value = json!({
                "findings": report,
                "errors": report.count(Severity::Error),
                "warnings": report.count(Severity::Warning),
            });
            terminal.result(&serde_json::to_string_pretty(&value)?);
        }
        Format::Sarif => terminal.result(&serde_json::to_string_pretty(&sarif::log(report))?),
    }
    Ok(())
}
