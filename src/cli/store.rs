//! `rotative store`: is it sound, keep it safe, move it.

use std::path::{Path, PathBuf};

use anyhow::anyhow;
use clap::Subcommand;

use crate::config::{Project, StoreUrl};
use crate::model::Report;
use crate::store::{self, StoreError};
use crate::subscribers;

use super::Outcome;
use super::edges::{open_store, open_store_at};
use super::terminal::Terminal;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Say whether the store is sound: its files, and every state against its journal
    Check,
    /// Write everything into a file, while the service goes on
    Backup {
        /// The file; for you alone to read
        file: PathBuf,
    },
    /// Fill an empty store from a backup
    Restore {
        /// The file
        file: PathBuf,
    },
    /// Bring the tables up to date, or move everything into another, empty store
    Migrate {
        /// The other store: sqlite:FILE or postgres://user@host/name
        #[arg(long, value_name = "URL", value_parser = StoreUrl::parse)]
        to: Option<StoreUrl>,
    },
}

pub(super) fn run(args: Args, root: &Path, terminal: &Terminal) -> anyhow::Result<Outcome> {
    let mut findings = Vec::new();
    let Some(project) = Project::open(root, &mut findings) else {
        terminal.report(&Report::new(findings));
        return Ok(Outcome::Findings);
    };
    let place = store::place(&project.config.store, root);
    let opened = open_store(&project)?;
    match args.action {
        Action::Check => {
            let said = subscribers::check(&opened)?;
            for line in &said {
                terminal.result(line);
            }
            if said.is_empty() {
                terminal.result(&format!("{place} is sound"));
                return Ok(Outcome::Done);
            }
            Ok(Outcome::Findings)
        }
        Action::Backup { file } => {
            let mut out = terminal.stream_to(Some(&file))?;
            opened.read(|transaction| {
                transaction
                    .dump(|text| out.line(text).map_err(|error| StoreError::Unreachable(error.to_string())))
            })?;
            out.finish()?;
            terminal.result(&format!("{place} is backed up in {}", file.display()));
            Ok(Outcome::Done)
        }
        Action::Restore { file } => {
            let rows = subscribers::restore(&opened, &file).map_err(|error| {
                anyhow!(error)
                    .context("a backup goes into a new, empty store; see `store` in content/newsletter.yaml")
            })?;
            terminal.result(&format!("{rows} rows of {} are in {place}", file.display()));
            Ok(Outcome::Done)
        }
        Action::Migrate { to: None } => {
            terminal.result(&format!("{place} is up to date"));
            Ok(Outcome::Done)
        }
        Action::Migrate { to: Some(url) } => {
            let other = open_store_at(&url, root)?;
            let rows = subscribers::copy(&opened, &other)?;
            terminal.result(&format!("{rows} rows are in {}", store::place(&url, root)));
            terminal.say("set `store` in content/newsletter.yaml to use it");
            Ok(Outcome::Done)
        }
    }
}
