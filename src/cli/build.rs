//! `rotative build`: the web edition, and the mail of one issue or of all.

use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::build::{self, BuildError, BuildReport, Order, Trust, Which};
use crate::model::Slot;

use super::terminal::Terminal;
use super::{Outcome, filling, slot};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The day of the issue (2018-06-08) or of the digest (2018-06-09-weekly) whose mail is built [default: the newest]
    #[arg(value_parser = slot, conflicts_with = "all")]
    date: Option<Slot>,
    /// Build the mail of every issue
    #[arg(long)]
    all: bool,
    /// Believe no size and no time: read every source and every file of the last build
    #[arg(long)]
    verify: bool,
    /// Where the result goes [default: out/ in the newsletter's folder]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

pub(super) fn run(args: &Args, root: &Path, terminal: &Terminal) -> anyhow::Result<Outcome> {
    let which = match (args.date, args.all) {
        (Some(date), _) => Which::These(vec![date]),
        (None, true) => Which::All,
        (None, false) => Which::Newest,
    };
    let filling = filling::filling(root, terminal);
    let trust = if args.verify { Trust::Nothing } else { Trust::Metadata };
    let order = Order { filling, trust, ..which.into() };
    let out = args.out.clone().unwrap_or_else(|| build::usual_out(root));
    match build::build(root, &order, &out, &|done, all| terminal.progress(done, all)) {
        Ok(report) => {
            terminal.report(&report.warnings);
            terminal.result(&sentence(&report, &out));
            filling::say(report.filled.as_ref(), terminal);
            Ok(Outcome::Done)
        }
        Err(BuildError::Findings(report)) => {
            terminal.report(&report);
            terminal.say(&format!("nothing was built; {} is as it was", out.display()));
            Ok(Outcome::Findings)
        }
        Err(BuildError::Output(error)) => {
            Err(error).context(format!("{} is as it was; `--out DIR` builds elsewhere", out.display()))
        }
    }
}

fn sentence(report: &BuildReport, out: &Path) -> String {
    let many = |count: usize, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
    let mail = match &report.mails[..] {
        [day] => format!("the mail of {day}"),
        days => many(days.len(), "mail"),
    };
    let site = format!("{} and {}", many(report.issues, "issue"), many(report.articles, "article"));
    format!("built {mail} and the web edition of {site}: {} in {}", many(report.files, "file"), out.display())
}
