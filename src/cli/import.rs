//! `rotative subscribers import`: a file of any service, line by line.

use std::path::PathBuf;

use serde_json::json;

use crate::config::Config;
use crate::store::Store;
use crate::subscribers::{Batch, Declaration, Destination, Import, Mode, Refused, Tally};

use super::Outcome;
use super::edges::{key_of_erased, moment};
use super::subscribers::{Format, chosen_list, who};
use super::terminal::Terminal;

#[derive(Debug, clap::Args)]
pub(super) struct ImportArgs {
    /// The file: CSV of any delimiter and encoding, with a column of addresses
    file: PathBuf,
    /// The list all readers come into [default: the one that their line names, or the first of the settings]
    #[arg(long, value_name = "LIST")]
    list: Option<String>,
    /// On whose word the readers consented [default: the publisher's]
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    /// Say what would happen, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// How the answer is written
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// How many lines one transaction takes: so many that a million are quick, so few that nobody waits long.
const BATCH: usize = 50_000;

pub(super) fn run(
    args: &ImportArgs,
    config: &Config,
    store: &Store,
    terminal: &Terminal,
) -> anyhow::Result<Outcome> {
    let list = chosen_list(config, args.list.as_deref())?;
    let into = match args.list {
        Some(_) => Destination::Only(list.clone()),
        None => Destination::Named(config.lists.iter().map(|list| list.name.clone()).collect()),
    };
    let import = Import::open(&args.file, into, config.language)?;
    let (service, encoding, lines) = (import.service(), import.encoding(), import.lines());
    let declaration = Declaration {
        file: args.file.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        digest: import.digest().to_owned(),
        by: who(args.by.as_deref(), config)?,
    };
    let batch = Batch {
        lines: Vec::with_capacity(BATCH),
        declaration,
        key: key_of_erased(store)?,
        mode: if args.dry_run { Mode::Dry } else { Mode::Write },
    };
    let mut work = Work {
        store,
        terminal,
        batch,
        format: args.format,
        lines,
        tally: Tally::default(),
        refused: 0,
        file: args.file.display().to_string(),
    };
    for line in import {
        match line {
            Ok(line) => work.take(line)?,
            Err(refused) => work.refuse(&[refused]),
        }
    }
    work.write()?;
    terminal.progress(lines as usize, lines as usize);
    let Work { tally: Tally { added, recorded, changed, known }, refused, .. } = work;
    match args.format {
        Format::Json => terminal.result(
            &json!({
                "file": args.file.display().to_string(), "service": service.to_string(), "encoding": encoding,
                "list": list.as_str(), "dry_run": args.dry_run, "added": added, "recorded": recorded,
                "changed": changed, "known": known, "refused": refused,
            })
            .to_string(),
        ),
        Format::Text => {
            terminal.say(&format!(
                "{} ({encoding}, an export of {service}), into the list `{list}`",
                args.file.display()
            ));
            terminal.result(&format!(
                "{}{added} added, {recorded} recorded without mailing them, {changed} changed, {known} known already, {refused} refused",
                if args.dry_run { "would be: " } else { "" }
            ));
        }
    }
    Ok(if refused == 0 { Outcome::Done } else { Outcome::Findings })
}

/// An import that goes on.
struct Work<'a> {
    store: &'a Store,
    terminal: &'a Terminal,
    batch: Batch,
    format: Format,
    lines: u64,
    tally: Tally,
    refused: u64,
    file: String,
}

impl Work<'_> {
    fn take(&mut self, line: crate::subscribers::Line) -> anyhow::Result<()> {
        self.batch.lines.push(line);
        if self.batch.lines.len() == BATCH { self.write() } else { Ok(()) }
    }

    fn write(&mut self) -> anyhow::Result<()> {
        let mut lines = std::mem::take(&mut self.batch.lines);
        let Some(last) = lines.last().map(|line| line.number) else { return Ok(()) };
        // Neighbours in the index are written together.
        lines.sort_by_cached_key(|line| line.address.key());
        let batch = Batch { lines, ..self.batch.clone() };
        let (tally, refused) = match batch.mode {
            Mode::Dry => self.store.read(|transaction| batch.run(transaction, moment()))?,
            Mode::Write => self.store.write(move |transaction| batch.run(transaction, moment()))?,
        };
        self.tally = self.tally.plus(tally);
        let mut refused = refused;
        refused.sort_by_key(|refused| refused.line);
        self.refuse(&refused);
        self.terminal.progress(last.min(self.lines) as usize, self.lines as usize);
        Ok(())
    }

    /// Every refused line is said, as soon as it is known.
    fn refuse(&mut self, refused: &[Refused]) {
        self.refused += refused.len() as u64;
        for Refused { line, reason } in refused {
            self.terminal.result(&match self.format {
                Format::Text => format!("{}:{line}: {reason}", self.file),
                Format::Json => json!({ "line": line, "refused": reason }).to_string(),
            });
        }
    }
}
