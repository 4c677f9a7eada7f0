//! `rotative send`: an approved issue to its list; or to a few proof-readers; or, with `--dry-run`, into a folder.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail};
use chrono::DateTime;

use crate::config::{Config, env};
use crate::delivery::{
    Allowance, Brake, Campaign, Eyes, Halt, Parcel, Press, RateRow, Relays, SendError, Timing, hand_out,
    hasten, plan_crash, send,
};
use crate::links::{ReaderId, TokenKey};
use crate::mail::Signer;
use crate::model::{EmailAddress, Outcome as Became, RunState, Slug, UncertainPolicy};
use crate::rehearsal;
use crate::store::Filter;
use crate::store::ledger::{Approval, Bucket, Ledger, LedgerError, Plan, Purpose, Run};

use super::campaign::{Case, Which, code, refused};
use super::edges::{chance, floor, machine, milliseconds, open_store, secret_key, token_key};
use super::report::{Reporter, Seen, ended, recovered};
use super::terminal::Terminal;
use super::{Outcome, now, relays, today};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    which: Which,
    /// Write the letters into this folder, as .eml files; nothing is mailed
    #[arg(long, value_name = "DIR")]
    dry_run: Option<PathBuf>,
    /// A proof-reader to write to, instead of the list; may be repeated
    #[arg(long, value_name = "ADDR", num_args = 1.., value_parser = |text: &str| EmailAddress::parse(text))]
    test: Vec<EmailAddress>,
    #[command(flatten)]
    how: How,
}

/// How an issue is sent.
#[derive(Debug, clap::Args)]
pub(super) struct How {
    /// What becomes of readers whose answer was lost: hold, or resend once [default: the settings']
    #[arg(long, value_name = "POLICY", value_parser = policy)]
    uncertain: Option<UncertainPolicy>,
    /// Send although its time has not come, or is over
    #[arg(long)]
    now: bool,
    /// Go on with what was approved, although the issue was built anew since
    #[arg(long)]
    pinned: bool,
    /// How progress and report are written
    #[arg(long, value_enum, default_value_t)]
    format: Seen,
    /// Keep counters for Prometheus in this file while it goes on
    #[arg(long, value_name = "FILE")]
    metrics: Option<PathBuf>,
}

impl How {
    /// The same for a run that may have begun: what it sends is pinned then.
    pub(super) fn going_on(&self, begun: bool) -> Self {
        let Self { uncertain, now, pinned, format, metrics } = self;
        Self {
            uncertain: *uncertain,
            now: *now,
            pinned: *pinned || begun,
            format: *format,
            metrics: metrics.clone(),
        }
    }
}

pub(super) fn policy(text: &str) -> Result<UncertainPolicy, String> {
    UncertainPolicy::parse(text).ok_or_else(|| "it is `hold` or `resend`".to_owned())
}

/// How many recipients a sender claims at once (200 to 1,000 are sensible).
const CHUNK: u32 = 500;

pub(super) fn run(args: &Args, root: &Path, terminal: &Terminal) -> anyhow::Result<Outcome> {
    let Some(case) = args.which.open(root, terminal)? else { return Ok(Outcome::Findings) };
    match (&args.dry_run, args.test.as_slice()) {
        (Some(folder), readers) => dry(&case, folder, readers, terminal),
        (None, []) => campaign(&case, &args.how, terminal),
        (None, readers) => proofs(&case, readers, terminal),
    }
}

/// What makes the letters of a parcel.
fn press(case: &Case, parcel: &Parcel, key: TokenKey, time: i64) -> anyhow::Result<Press> {
    let config = &case.project.config;
    let letters = parcel.letters(config, time, signers(config, &case.project.root)?)?;
    Ok(Press::new(letters, key, case.list.clone(), case.slot, parcel.return_address()?))
}

/// The letters that the list, or a few readers, would get, as files.
fn dry(case: &Case, folder: &Path, readers: &[EmailAddress], terminal: &Terminal) -> anyhow::Result<Outcome> {
    let (parcel, key) = (case.parcel()?, secret_key()?);
    let press = press(case, &parcel, key.clone(), now())?;
    fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let (mut count, mut letter) = (0_u64, Vec::new());
    let mut write = |reader: ReaderId, address: &EmailAddress| -> anyhow::Result<()> {
        count += 1;
        let file = folder.join(format!("{count:06}.eml"));
        press.fill(reader, address, &mut letter)?;
        fs::write(&file, &letter).with_context(|| format!("cannot write {}", file.display()))?;
        terminal.result(&format!("{}  {address}", file.display()));
        Ok(())
    };
    if readers.is_empty() {
        let store = open_store(&case.project)?;
        let topics: Vec<Slug> = parcel.topics.iter().filter_map(|topic| Slug::parse(topic).ok()).collect();
        let filter = Filter { list: Some(case.list.clone()), state: None };
        let mut audience = Vec::new();
        store.read(|transaction| {
            transaction.subscribers(&filter, |known| {
                if known.wants(case.slot, &topics) {
                    audience.push((ReaderId(known.id), known.address));
                }
                Ok(())
            })
        })?;
        store.read(|transaction| {
            let mut kept = Vec::with_capacity(audience.len());
            for (reader, address) in std::mem::take(&mut audience) {
                if transaction.suppression(&address.key())?.is_none() {
                    kept.push((reader, address));
                }
            }
            audience = kept;
            Ok(())
        })?;
        audience.iter().try_for_each(|(reader, address)| write(*reader, address))?;
    }
    readers.iter().try_for_each(|address| write(key.stranger(&address.to_string()), address))?;
    Ok(Outcome::Done)
}

/// Letters to proof-readers, over the first relay and without the ledger.
fn proofs(case: &Case, readers: &[EmailAddress], terminal: &Terminal) -> anyhow::Result<Outcome> {
    let (parcel, key) = (case.parcel()?, secret_key()?);
    let press = press(case, &parcel, key.clone(), now())?;
    let mail = relays::mail(&case.project.config)?;
    let clients = relays::clients(&mail)?;
    let client = clients.first().context("there is no relay")?;
    let readers: Vec<(ReaderId, EmailAddress)> =
        readers.iter().map(|address| (key.stranger(&address.to_string()), address.clone())).collect();
    let told = hand_out(client, &press, &readers)?;
    for (address, outcome, said) in &told {
        terminal.result(&format!("{address}  {outcome}: {said}"));
    }
    let taken = told.iter().filter(|(_, outcome, _)| *outcome == Became::Accepted).count();
    Ok(if taken == readers.len() { Outcome::Done } else { Outcome::Findings })
}

/// An approved issue to its list: begun, or gone on with.
pub(super) fn campaign(case: &Case, how: &How, terminal: &Terminal) -> anyhow::Result<Outcome> {
    match mailed(case, how, terminal) {
        Err(error) => match error.downcast_ref::<LedgerError>() {
            Some(ledger) => Ok(refused(ledger, terminal)),
            None => Err(error),
        },
        done => done,
    }
}

fn mailed(case: &Case, how: &How, terminal: &Terminal) -> anyhow::Result<Outcome> {
    if let Some(point) = env::crash_at() {
        plan_crash(&point);
    }
    let mail = relays::mail(&case.project.config)?;
    let rehearsed = env::rehearsal_speed().filter(|_| rehearsal::is_stage(&case.project.root, &mail));
    if let Some(speed) = env::clock_speed().or(rehearsed) {
        hasten(speed);
    }
    let (clients, key) = (relays::clients(&mail)?, token_key(&open_store(&case.project)?)?);
    let ledger = match case.ledger(&Purpose::Send { machine: machine(), floor: floor() }, terminal) {
        Ok(ledger) => ledger,
        Err(outcome) => return Ok(outcome),
    };
    let approval = match approved(case, &ledger, how, terminal)? {
        Ok(approval) => approval,
        Err(outcome) => return Ok(outcome),
    };
    let run = match begin(case, &ledger, &approval, how, terminal)? {
        Ok(run) => run,
        Err(outcome) => return Ok(outcome),
    };
    if run.state.is_final() {
        return ended(case, &ledger, &run, None, terminal, how.format);
    }
    if run.state != RunState::Running && !ledger.set_state(run.id, &RunState::Running)? {
        return ended(case, &ledger, &run, None, terminal, how.format);
    }
    recovered(ledger.recover(run.id, milliseconds())?, how.format, terminal);
    let parcel = Parcel::read(&approval.content)?;
    let rows: Vec<RateRow> = ledger.buckets()?.into_iter().map(row).collect();
    let allowance = mail.warm_up.map(|plan| {
        let zone = case.project.config.timezone;
        Allowance::new(plan, zone, run.audience, crate::delivery::Stamp::from_millis(milliseconds()), &rows)
    });
    let settings = &case.project.config.delivery;
    let campaign = Campaign {
        run: run.clone(),
        press: press(case, &parcel, key, run.started_at.div_euclid(1000))?,
        clients,
        relays: Relays::new(&mail, allowance, &rows),
        connections: mail.relays.iter().map(|relay| relay.connections).sum(),
        // A clock that was set back since the approval makes nobody wait longer.
        not_before: case.schedule().cool_down(moment(approval.at.min(milliseconds()))).timestamp_millis(),
        drain: settings.drain,
        settle: settings.settle,
    };
    let reporter = Reporter::new(case, &run, how.format, how.metrics.clone());
    let eyes = Eyes { now: milliseconds(), chance, observe: Box::new(move |seen| reporter.see(seen)) };
    let ending = send(&ledger, campaign, &Brake::new(), eyes).map_err(|error| match error {
        SendError::Ledger(error) => anyhow!(error),
        other => anyhow!(other),
    })?;
    if let Some(Halt::Paused(reason)) = &ending.halt {
        super::report::tell_publisher(case, &run, reason, &ending.tally, terminal);
    }
    ended(case, &ledger, &run, Some(&ending), terminal, how.format)
}

/// What may be sent: what was approved, if it is still what lies in `out/`.
fn approved(
    case: &Case,
    ledger: &Ledger,
    how: &How,
    terminal: &Terminal,
) -> anyhow::Result<Result<Approval, Outcome>> {
    let refuse = |text: String, hint: String| {
        terminal.say(&format!("error: {text}"));
        terminal.say(&format!("  hint: {hint}"));
        Ok(Err(Outcome::Code(code::NOT_APPROVED)))
    };
    let Some(approval) = case.approval(ledger)? else {
        let hint = format!("`{} --by NAME` pins what was proofread", case.command("approve"));
        return refuse(format!("{} is not approved for the list `{}`", case.slot, case.list), hint);
    };
    if how.pinned {
        return Ok(Ok(approval));
    }
    let built = case.parcel()?.hash()?;
    if built == approval.hash {
        return Ok(Ok(approval));
    }
    let text = format!(
        "{} in {} is not what {} approved ({} instead of {})",
        case.slot,
        case.out.display(),
        approval.by,
        &built[..12],
        &approval.hash[..12]
    );
    let begun = ledger.run(&case.list, case.slot)?.is_some();
    refuse(
        text,
        if begun {
            format!("`{} --pinned` goes on with what was approved", case.command("send"))
        } else {
            format!("`{} --by NAME` approves it anew", case.command("approve"))
        },
    )
}

/// The run of the issue: the one that has begun, or a new one if its time has come.
fn begin(
    case: &Case,
    ledger: &Ledger,
    approval: &Approval,
    how: &How,
    terminal: &Terminal,
) -> anyhow::Result<Result<Run, Outcome>> {
    if let Some(run) = ledger.run(&case.list, case.slot)? {
        return Ok(Ok(run));
    }
    let (schedule, started) = (case.schedule(), moment(milliseconds()));
    let adopted = ledger.adopted_at()?.is_some_and(|at| moment(at) >= schedule.due(case.slot));
    if adopted && !how.now {
        terminal.say(&format!(
            "error: the ledger was taken over after the hour of {}, which may have been sent without its knowledge",
            case.slot
        ));
        terminal.say("  hint: ask the relay's log; `--now` sends it all the same, to everybody");
        return Ok(Err(Outcome::Code(code::NOT_APPROVED)));
    }
    match schedule.timing(case.slot, started) {
        _ if how.now => {}
        Timing::Now => {}
        // By hand, an issue may go on its own day before its hour.
        Timing::Early(_) if case.slot.date == today(case.project.config.timezone) => {}
        Timing::Early(due) => {
            let due = due.with_timezone(&case.project.config.timezone).format("%Y-%m-%d %H:%M");
            bail!(anyhow!("{} is due at {due}", case.slot).context("`--now` sends it all the same"));
        }
        Timing::Late(by) => {
            terminal.say(&format!("error: {} is too late by {}", case.slot, spoken(by)));
            terminal.say("  hint: `--now` sends it all the same; see `delivery` in content/newsletter.yaml");
            return Ok(Err(Outcome::Code(code::EXPIRED)));
        }
    }
    let parcel = Parcel::read(&approval.content)?;
    let deadline = if how.now {
        started + chrono::TimeDelta::from_std(case.project.config.delivery.deadline)?
    } else {
        schedule.deadline(case.slot, started)
    };
    let plan = Plan {
        list: case.list.clone(),
        slot: case.slot,
        topics: parcel.topics.iter().filter_map(|topic| Slug::parse(topic).ok()).collect(),
        policy: how.uncertain.unwrap_or(case.project.config.delivery.uncertain),
        deadline_at: deadline.timestamp_millis(),
        chunk_size: CHUNK,
    };
    Ok(Ok(ledger.start(&plan, milliseconds())?))
}

fn moment(millis: i64) -> DateTime<chrono::Utc> {
    DateTime::from_timestamp_millis(millis).unwrap_or_default()
}

fn spoken(span: std::time::Duration) -> String {
    let minutes = span.as_secs() / 60;
    if minutes < 120 { format!("{minutes} minutes") } else { format!("{} hours", minutes / 60) }
}

fn row(bucket: Bucket) -> RateRow {
    let Bucket { name, tat, interval, burst } = bucket;
    RateRow { key: name, tat, interval_us: interval, burst }
}

/// The keys of the settings, in their order.
pub(super) fn signers(config: &Config, root: &Path) -> anyhow::Result<Vec<Signer>> {
    let keys = config.mail.as_ref().map_or(&[][..], |mail| &mail.dkim);
    keys.iter()
        .map(|dkim| {
            let file = root.join(&dkim.key);
            let pem = env::private_file(&file)
                .context("`chmod 600` it, and see `mail.dkim` in content/newsletter.yaml")?;
            Signer::new(dkim.domain.as_str(), &dkim.selector, pem.reveal())
                .map_err(|error| anyhow!(error).context(format!("the key is {}", file.display())))
        })
        .collect()
}
