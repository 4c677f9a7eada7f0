//! `rotative subscribers export`: the list, to be taken elsewhere.

use std::path::PathBuf;

use anyhow::bail;

use crate::config::Config;
use crate::model::Subscription;
use crate::store::{Filter, Store, StoreError};
use crate::subscribers;

use super::Outcome;
use super::edges::when;
use super::subscribers::{chosen_list, row, state};
use super::terminal::Terminal;

#[derive(Debug, clap::Args)]
pub(super) struct ExportArgs {
    /// Those of one list
    #[arg(long, value_name = "LIST")]
    list: Option<String>,
    /// Those in one state: unconfirmed, confirmed, unsubscribed
    #[arg(long, value_name = "STATE", value_parser = state)]
    state: Option<Subscription>,
    /// Everything the store holds, as lines of JSON that `rotative store restore` reads
    #[arg(long, conflicts_with_all = ["list", "state"])]
    full: bool,
    /// How readers are written [default: csv; with --full, json]
    #[arg(long, value_enum)]
    format: Option<ExportFormat>,
    /// Write into this file, for you alone to read [default: standard output]
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// How readers are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum ExportFormat {
    /// For spreadsheets and other services.
    Csv,
    /// For programs: one object a line.
    Json,
}

pub(super) fn run(
    args: &ExportArgs,
    config: &Config,
    store: &Store,
    terminal: &Terminal,
) -> anyhow::Result<Outcome> {
    if args.full && args.format == Some(ExportFormat::Csv) {
        bail!("`--full` holds more than a table can: it is written as lines of JSON");
    }
    let list = args.list.as_deref().map(|name| chosen_list(config, Some(name))).transpose()?;
    let mut out = terminal.stream_to(args.output.as_deref())?;
    let mut line = |text: &str| out.line(text).map_err(|error| StoreError::Unreachable(error.to_string()));
    let filter = Filter { list, state: args.state };
    match (args.full, args.format) {
        (true, _) => store.stream(|transaction| transaction.dump(&mut line))?,
        (false, None | Some(ExportFormat::Csv)) => {
            subscribers::export(store, &filter, when, &mut line).map(drop)?
        }
        (false, Some(ExportFormat::Json)) => {
            store.stream(|transaction| {
                transaction.subscribers(&filter, |known| line(&row(&known).to_string()))
            })?;
        }
    }
    out.finish()?;
    Ok(Outcome::Done)
}
