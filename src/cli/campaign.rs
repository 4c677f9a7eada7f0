//! What approving, sending and publishing share: the issue as it was built, the list, the ledger, and the codes that
//! sending ends with.

use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};

use crate::build::{self, read_mail};
use crate::config::Project;
use crate::delivery::{Parcel, Schedule};
use crate::issue::Told;
use crate::mail::Mail;
use crate::model::{IssueKind, Slot, Slug};
use crate::store::ledger::{Approval, Ledger, LedgerError, Pinned, Purpose};

use super::edges::{milliseconds, open_ledger};
use super::subscribers::chosen_list;
use super::terminal::Terminal;
use super::{Outcome, When, open};

/// How sending ends, besides 0, 1 and 2.
pub(super) mod code {
    pub(in crate::cli) const PAUSED: u8 = 3;
    pub(in crate::cli) const NOT_APPROVED: u8 = 4;
    pub(in crate::cli) const EXPIRED: u8 = 5;
    pub(in crate::cli) const ANOTHER_SENDER: u8 = 6;
    pub(in crate::cli) const NO_LEDGER: u8 = 7;
    pub(in crate::cli) const HELD: u8 = 8;
    pub(in crate::cli) const INTERRUPTED: u8 = 75;
}

/// Which issue, to which list, from where.
#[derive(Debug, clap::Args)]
pub(super) struct Which {
    /// The day of the issue (2018-06-08, today) or of the digest (2018-06-09-weekly)
    #[arg(value_parser = When::parse)]
    pub(super) date: When,
    /// The list [default: the first of the settings]
    #[arg(long, value_name = "LIST")]
    pub(super) list: Option<String>,
    /// Where the built issue lies [default: out/ in the newsletter's folder]
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
}

/// A newsletter's issue on its way to a list.
pub(super) struct Case {
    pub(super) project: Project,
    pub(super) slot: Slot,
    pub(super) list: Slug,
    pub(super) out: PathBuf,
}

impl Which {
    /// Opens the newsletter; `None` when its settings hold errors, which have been said then.
    pub(super) fn open(&self, root: &Path, terminal: &Terminal) -> anyhow::Result<Option<Case>> {
        let Some(project) = open(root, terminal) else { return Ok(None) };
        let list = chosen_list(&project.config, self.list.as_deref())?;
        let slot = self.date.slot(project.config.timezone);
        let out = self.out.clone().unwrap_or_else(|| build::usual_out(root));
        Ok(Some(Case { project, slot, list, out }))
    }
}

impl Case {
    /// The issue as it lies in `out/`.
    pub(super) fn mail(&self) -> anyhow::Result<Mail> {
        let mail = read_mail(&self.out, self.slot);
        mail.with_context(|| format!("`rotative build {}` makes it anew", self.slot))
    }

    /// The same, for the list.
    pub(super) fn parcel(&self) -> anyhow::Result<Parcel> {
        self.parcel_of(&self.mail()?)
    }

    /// A built issue, for the list.
    pub(super) fn parcel_of(&self, mail: &Mail) -> anyhow::Result<Parcel> {
        Ok(Parcel::of(mail, &self.project.config, &self.list)?)
    }

    /// When the issue is due and until when it is tried.
    pub(super) fn schedule(&self) -> Schedule {
        Schedule::new(self.project.config.timezone, &self.project.config.delivery)
    }

    /// The ledger, or the code that sending ends with when it cannot be had.
    pub(super) fn ledger(&self, purpose: &Purpose, terminal: &Terminal) -> Result<Ledger, Outcome> {
        open_ledger(&self.project, purpose).map_err(|error| refused(&error, terminal))
    }

    /// Pins an issue, with the corrections that it tells.
    pub(super) fn pin(
        &self,
        ledger: &Ledger,
        parcel: &Parcel,
        told: &[Told],
        by: &str,
    ) -> anyhow::Result<Pinned> {
        let approval = Approval {
            list: self.list.clone(),
            slot: self.slot,
            hash: parcel.hash()?,
            content: parcel.text()?,
            told: serde_json::to_string(told)?,
            by: by.to_owned(),
            at: milliseconds(),
        };
        ledger.pin(&approval).map_err(|error| anyhow!(error))
    }

    /// What is approved, unless that was taken back.
    pub(super) fn approval(&self, ledger: &Ledger) -> Result<Option<Approval>, LedgerError> {
        Ok(ledger.approved(&self.list, self.slot)?.filter(|approval| !approval.hash.is_empty()))
    }

    /// Whether the settings want an issue on this day.
    pub(super) fn is_publication_day(&self) -> bool {
        self.slot.kind == IssueKind::Daily && self.project.config.calendar.publishes(self.slot.date)
    }

    /// The command that goes on, for hints.
    pub(super) fn command(&self, verb: &str) -> String {
        let first = self.project.config.lists.first().is_some_and(|list| list.name == self.list);
        let list = if first { String::new() } else { format!(" --list {}", self.list) };
        format!("rotative {verb} {}{list}", self.slot)
    }
}

/// Says why the ledger cannot be used, and what that ends with.
pub(super) fn refused(error: &LedgerError, terminal: &Terminal) -> Outcome {
    let (code, hint) = match error {
        LedgerError::Held(_) => {
            (code::ANOTHER_SENDER, "`rotative status` shows how far it is; nothing else needs to be done")
        }
        LedgerError::Elsewhere { .. } => (
            code::NO_LEDGER,
            "`rotative ledger adopt` takes it over; what it had not finished is closed, because nobody can know what was sent since",
        ),
        LedgerError::Full { .. } => {
            (code::NO_LEDGER, "make room; nothing is sent that could not be written down")
        }
        LedgerError::Unapproved { .. } => (code::NOT_APPROVED, "`rotative approve` pins what was proofread"),
        LedgerError::Damaged { .. } => {
            (code::NO_LEDGER, "restore it from a copy, then `rotative ledger adopt`")
        }
        _ => (code::NO_LEDGER, "nothing is sent that could not be written down"),
    };
    terminal.failure(&anyhow!(error.clone()).context(hint));
    Outcome::Code(code)
}
