//! `rotative store`: is it sound, keep it safe, move it.

use std::path::{Path, PathBuf};

use anyhow::anyhow;
use clap::Subcommand;
use serde_json::{Value, json};

use crate::config::StoreUrl;
use crate::store::{self, StoreError};
use crate::subscribers;

use super::edges::{open_store, open_store_at};
use super::subscribers::Format;
use super::terminal::Terminal;
use super::{Outcome, open};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    action: Action,
    /// How the answer is written
    #[arg(long, value_enum, default_value_t, global = true)]
    format: Format,
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
        #[arg(long, value_name = "URL")]
        to: Option<String>,
    },
}

pub(super) fn run(args: Args, root: &Path, terminal: &Terminal) -> anyhow::Result<Outcome> {
    let Some(project) = open(root, terminal) else { return Ok(Outcome::Findings) };
    let place = store::place(&project.config.store, root);
    let opened = open_store(&project)?;
    let answer = |text: String, facts: Value| {
        terminal.result(&match args.format {
            Format::Text => text,
            Format::Json => facts.to_string(),
        });
    };
    match args.action {
        Action::Check => {
            let said = subscribers::check(&opened)?;
            let is_sound = said.is_empty();
            let text = if is_sound { format!("{place} is sound") } else { said.join("\n") };
            answer(text, json!({ "store": place, "sound": is_sound, "findings": said }));
            Ok(if is_sound { Outcome::Done } else { Outcome::Findings })
        }
        Action::Backup { file } => {
            let mut out = terminal.stream_to(Some(&file))?;
            opened.stream(|transaction| {
                transaction
                    .dump(|text| out.line(text).map_err(|error| StoreError::Unreachable(error.to_string())))
            })?;
            out.finish()?;
            let file = file.display().to_string();
            answer(format!("{place} is backed up in {file}"), json!({ "store": place, "file": file }));
            Ok(Outcome::Done)
        }
        Action::Restore { file } => {
            let rows = subscribers::restore(&opened, &file).map_err(|error| {
                anyhow!(error)
                    .context("a backup goes into a new, empty store; see `store` in content/newsletter.yaml")
            })?;
            let file = file.display().to_string();
            let facts = json!({ "store": place, "file": file, "rows": rows });
            answer(format!("{rows} rows of {file} are in {place}"), facts);
            Ok(Outcome::Done)
        }
        Action::Migrate { to: None } => {
            answer(format!("{place} is up to date"), json!({ "store": place }));
            Ok(Outcome::Done)
        }
        Action::Migrate { to: Some(url) } => {
            // Not parsed by clap, which would show what may be a password.
            let url = StoreUrl::parse(&url).map_err(|why| {
                anyhow!(why).context(
                    "write it as sqlite:FILE or postgres://user@host/name; ROTATIVE_DATABASE_PASSWORD has the password",
                )
            })?;
            let other = open_store_at(&url, root)?;
            let rows = subscribers::copy(&opened, &other)?;
            let place = store::place(&url, root);
            answer(format!("{rows} rows are in {place}"), json!({ "store": place, "rows": rows }));
            terminal.say("set `store` in content/newsletter.yaml to use it");
            Ok(Outcome::Done)
        }
    }
}
