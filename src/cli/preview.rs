//! `rotative preview`: the newsletter in a browser, new again whenever a file is saved.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::Context;

use crate::build::Filling;
use crate::config::Project;
use crate::model::{IssueDate, Report};
use crate::preview::{self, Edges, Parts, Watching};

use super::filling::next_open;
use super::terminal::Terminal;
use super::{Outcome, today};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Where to listen, on this machine alone; if it is taken, the next that is free. 0 takes any
    #[arg(long, value_name = "PORT", default_value_t = 4321)]
    port: u16,
    /// Open it in the browser
    #[arg(long)]
    open: bool,
    /// Look through the files again and again, where the system does not tell of changes (network folders, containers)
    #[arg(long)]
    poll: bool,
}

pub(super) fn run(args: &Args, root: &Path, terminal: &Terminal) -> anyhow::Result<Outcome> {
    let root = root.canonicalize().with_context(|| format!("cannot find {}", root.display()))?;
    let sockets = preview::listen(args.port, |port| {
        terminal.say(&format!("port {port} is taken; trying the next"));
    })
    .with_context(|| format!("cannot listen at port {}; `--port` names another", args.port))?;
    let watching = if args.poll { Watching::Looking } else { Watching::Told };
    let edges = Edges { today, filling, next, say, report };
    let running = preview::start(Parts { root, sockets, watching, edges })
        .context("the preview builds into .out.preview in the newsletter's folder")?;
    let url = running.url();
    terminal.say(&format!("preview: {url} (Ctrl-C ends it)"));
    if args.open && !show(&url) {
        terminal.say("no browser could be opened");
    }
    running.until_told()?;
    running.stop();
    Ok(Outcome::Done)
}

fn filling(root: &Path) -> Filling {
    super::filling::filling(root, &Terminal::new())
}

fn next(root: &Path) -> Option<IssueDate> {
    let project = Project::open(root, &mut Vec::new())?;
    next_open(&project, &Terminal::new()).ok()
}

fn say(line: &str) {
    Terminal::new().say(line);
}

fn report(report: &Report) {
    Terminal::new().report(report);
}

/// Opens an address in the browser.
fn show(url: &str) -> bool {
    let opener = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    let quiet = || Stdio::null();
    Command::new(opener).arg(url).stdin(quiet()).stdout(quiet()).stderr(quiet()).spawn().is_ok()
}
