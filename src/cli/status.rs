//! `rotative status`: built, approved, sent; how many recipients stand where; and for a watchdog, whether the morning is
//! done.

use std::path::{Path, PathBuf};

use chrono::NaiveTime;
use serde_json::{Value, json};

use crate::build::{self, read_mail};
use crate::config::Project;
use crate::delivery::Parcel;
use crate::model::{DeliveryState, IssueKind, RunState, Slot};
use crate::store::ledger::{Approval, Ledger, LedgerError, Purpose, Run};

use super::campaign::refused;
use super::edges::{milliseconds, open_ledger, when};
use super::report::{sentence, tally_json};
use super::subscribers::{Format, chosen_list};
use super::terminal::Terminal;
use super::{Outcome, When, now, open};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The day of the issue (2018-06-08, today) or of the digest [default: the newest runs]
    #[arg(value_parser = When::parse)]
    date: Option<When>,
    /// The list [default: the first of the settings]
    #[arg(long, value_name = "LIST")]
    list: Option<String>,
    /// Ends with 0 before this local time, and after it only when the issue is done: for a watchdog
    #[arg(long, value_name = "HH:MM", requires = "date", value_parser = hour)]
    at: Option<NaiveTime>,
    /// List the recipients in one state: uncertain, held, rejected, deferred, skipped, expired, accepted
    #[arg(long, value_name = "STATE", requires = "date", value_parser = state)]
    show: Option<DeliveryState>,
    /// Where the built issue lies [default: out/ in the newsletter's folder]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// How the answer is written
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// How many runs are shown without a date, and how many domains of one.
const NEWEST: usize = 10;
const DOMAINS: usize = 8;
const PAGE: usize = 1_000;

fn hour(text: &str) -> Result<NaiveTime, String> {
    NaiveTime::parse_from_str(text, "%H:%M").map_err(|_| "write it as 08:30".to_owned())
}

fn state(text: &str) -> Result<DeliveryState, String> {
    DeliveryState::parse(text).ok_or_else(|| {
        "the states are uncertain, held, rejected, deferred, skipped, expired, accepted".to_owned()
    })
}

pub(super) fn run(args: &Args, root: &Path, terminal: &Terminal) -> anyhow::Result<Outcome> {
    let Some(project) = open(root, terminal) else { return Ok(Outcome::Findings) };
    let ledger = match open_ledger(&project, &Purpose::Look) {
        Ok(ledger) => Some(ledger),
        Err(LedgerError::Missing) => None,
        Err(error) => return Ok(refused(&error, terminal)),
    };
    match (args.date, &ledger) {
        (Some(date), _) => one(args, date, &project, ledger.as_ref(), terminal),
        (None, Some(ledger)) => newest(args, ledger, terminal),
        (None, None) => {
            terminal.result("nothing has been approved or sent yet");
            Ok(Outcome::Done)
        }
    }
}

fn newest(args: &Args, ledger: &Ledger, terminal: &Terminal) -> anyhow::Result<Outcome> {
    let mut well = true;
    for run in ledger.runs()?.into_iter().take(NEWEST) {
        let tally = ledger.progress(run.id)?;
        well &= run.state.is_final();
        terminal.result(&match args.format {
            Format::Json => {
                let mut line = tally_json(&tally);
                line["issue"] = run.slot.to_string().into();
                line["list"] = run.list.to_string().into();
                line["state"] = run.state.as_str().into();
                line.to_string()
            }
            Format::Text => {
                format!("{} to `{}`  {}  {}", run.slot, run.list, told(&run.state), sentence(&tally))
            }
        });
    }
    Ok(if well { Outcome::Done } else { Outcome::Findings })
}

/// Everything about the issue of one day.
struct Morning {
    slot: Slot,
    built: Option<String>,
    approval: Option<Approval>,
    run: Option<Run>,
}

fn one(
    args: &Args,
    date: When,
    project: &Project,
    ledger: Option<&Ledger>,
    terminal: &Terminal,
) -> anyhow::Result<Outcome> {
    let (config, slot) = (&project.config, date.slot(project.config.timezone));
    let list = chosen_list(config, args.list.as_deref())?;
    let out = args.out.clone().unwrap_or_else(|| build::usual_out(&project.root));
    let built =
        read_mail(&out, slot).ok().and_then(|mail| Parcel::of(&mail, config, &list).ok()?.hash().ok());
    let (mut approval, mut run) = (None, None);
    if let Some(ledger) = ledger {
        approval = ledger.approved(&list, slot)?.filter(|known| !known.hash.is_empty());
        run = ledger.run(&list, slot)?;
    }
    let morning = Morning { slot, built, approval, run };
    let done = match (&morning.run, ledger) {
        (Some(run), Some(ledger)) if run.state == RunState::Done => ledger.progress(run.id)?.expired == 0,
        (Some(_), _) => false,
        // Nothing is due on a day without an issue.
        (None, _) => {
            args.at.is_some() && slot.kind == IssueKind::Daily && !config.calendar.publishes(slot.date)
        }
    };
    match args.format {
        Format::Json => terminal.result(&object(&morning, ledger)?.to_string()),
        Format::Text => lines(&morning, ledger)?.iter().for_each(|line| terminal.result(line)),
    }
    if let (Some(state), Some(ledger), Some(run)) = (args.show, ledger, &morning.run) {
        show(state, ledger, run, args.format, terminal)?;
    }
    let due = args.at.is_none_or(|at| {
        let local = chrono::DateTime::from_timestamp(now(), 0).unwrap_or_default();
        let local = local.with_timezone(&config.timezone).naive_local();
        local >= slot.date.day().and_time(at)
    });
    Ok(if done || !due { Outcome::Done } else { Outcome::Findings })
}

fn lines(morning: &Morning, ledger: Option<&Ledger>) -> anyhow::Result<Vec<String>> {
    let mut lines = vec![match &morning.built {
        Some(hash) => format!("{} is built ({})", morning.slot, &hash[..12]),
        None => format!("{} is not built", morning.slot),
    }];
    lines.push(match (&morning.approval, &morning.built) {
        (None, _) => "not approved".to_owned(),
        (Some(known), built) => {
            let other = built.as_ref().is_some_and(|hash| *hash != known.hash);
            let other = if other { "; what is built now is something else" } else { "" };
            format!("approved by {} at {}{other}", known.by, when(known.at.div_euclid(1000)))
        }
    });
    let (Some(run), Some(ledger)) = (&morning.run, ledger) else {
        lines.push("not sent".to_owned());
        return Ok(lines);
    };
    lines.push(format!(
        "to `{}` since {}: {}",
        run.list,
        when(run.started_at.div_euclid(1000)),
        told(&run.state)
    ));
    lines.push(sentence(&ledger.progress(run.id)?));
    for domain in ledger.domains(run.id, milliseconds(), DOMAINS)? {
        let name = if domain.domain.is_empty() { "others" } else { &domain.domain };
        lines.push(format!("  {name}  {}", sentence(&domain.tally)));
    }
    Ok(lines)
}

fn object(morning: &Morning, ledger: Option<&Ledger>) -> anyhow::Result<Value> {
    let approval = morning
        .approval
        .as_ref()
        .map(|known| json!({ "by": known.by, "at": when(known.at.div_euclid(1000)), "hash": known.hash }));
    let mut object =
        json!({ "issue": morning.slot.to_string(), "built": morning.built, "approved": approval });
    if let (Some(run), Some(ledger)) = (&morning.run, ledger) {
        let mut sent = tally_json(&ledger.progress(run.id)?);
        sent["list"] = run.list.to_string().into();
        sent["state"] = run.state.as_str().into();
        sent["since"] = when(run.started_at.div_euclid(1000)).into();
        if let RunState::Paused(reason) = &run.state {
            sent["reason"] = reason.as_str().into();
        }
        object["sent"] = sent;
    }
    Ok(object)
}

fn told(state: &RunState) -> String {
    match state {
        RunState::Paused(reason) => format!("paused: {reason}"),
        other => other.as_str().to_owned(),
    }
}

fn show(
    state: DeliveryState,
    ledger: &Ledger,
    run: &Run,
    format: Format,
    terminal: &Terminal,
) -> anyhow::Result<()> {
    let mut after = 0;
    loop {
        let page = ledger.listed(run.id, state, milliseconds(), after, PAGE)?;
        for known in &page {
            terminal.result(&match format {
                Format::Text => {
                    format!("{}  {}  {}", known.address, when(known.at.div_euclid(1000)), known.said)
                }
                Format::Json => json!({
                    "email": known.address, "state": state.as_str(), "attempt": known.attempt,
                    "at": when(known.at.div_euclid(1000)), "said": known.said,
                })
                .to_string(),
            });
        }
        match page.last() {
            Some(last) if page.len() == PAGE => after = last.seq,
            _ => return Ok(()),
        }
    }
}
