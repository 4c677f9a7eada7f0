//! `rotative subscribers`: the list, with where each consent came from.

use std::path::Path;

use anyhow::{Context, anyhow, bail};
use clap::Subcommand;
use serde_json::{Value, json};

use crate::config::{Config, Project};
use crate::model::{
    ConsentSource, EmailAddress, Language, Slug, Subscriber, Subscription, SuppressionReason,
};
use crate::store::ledger::Purpose;
use crate::store::{Filter, LetterKind, Store, StoreError};
use crate::subscribers::{self, Origin, Step};

use super::edges::{key_of_erased, moment, open_ledger, open_store, token_key, when};
use super::import::{self, ImportArgs};
use super::terminal::Terminal;
use super::{Outcome, export, now, open};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    action: Action,
}

/// How an answer is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Bring readers along from a CSV file of any service
    Import(ImportArgs),
    /// Write the list as CSV, or everything there is with --full
    Export(export::ExportArgs),
    /// Ask a reader for confirmation, or add one whose consent is proved elsewhere
    Add(AddArgs),
    /// Show the readers of a list
    List(ListArgs),
    /// Show everything that is kept about an address
    Show(OneArgs),
    /// Take an address off a list
    Unsubscribe(LeaveArgs),
    /// Never mail an address again
    Suppress(OneArgs),
    /// Let a suppressed address be mailed again
    Release(OneArgs),
    /// Delete everything about an address; a keyed hash stays, so that no import brings it back
    Erase(OneArgs),
}

#[derive(Debug, clap::Args)]
struct AddArgs {
    /// The address
    #[arg(value_parser = address)]
    address: EmailAddress,
    /// The list [default: the first of the settings]
    #[arg(long, value_name = "LIST")]
    list: Option<String>,
    /// The language of pages and mails: fr, en, ar [default: the newsletter's]
    #[arg(long, value_name = "LANG", value_parser = language)]
    lang: Option<Language>,
    /// How the reader consented, where that is known already: no question is mailed then
    #[arg(long, value_name = "TEXT")]
    proof: Option<String>,
    /// How the answer is written
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Debug, clap::Args)]
struct ListArgs {
    /// Those of one list
    #[arg(long, value_name = "LIST")]
    list: Option<String>,
    /// Those in one state: unconfirmed, confirmed, unsubscribed
    #[arg(long, value_name = "STATE", value_parser = state)]
    state: Option<Subscription>,
    /// How the answer is written
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Debug, clap::Args)]
struct OneArgs {
    /// The address
    #[arg(value_parser = address)]
    address: EmailAddress,
    /// How the answer is written
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Debug, clap::Args)]
struct LeaveArgs {
    /// The address
    #[arg(value_parser = address)]
    address: EmailAddress,
    /// One list [default: every list the address is in]
    #[arg(long, value_name = "LIST")]
    list: Option<String>,
    /// How the answer is written
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub(super) fn run(args: Args, root: &Path, terminal: &Terminal) -> anyhow::Result<Outcome> {
    let Some(project) = open(root, terminal) else { return Ok(Outcome::Findings) };
    let config = &project.config;
    let store = open_store(&project)?;
    match args.action {
        Action::Import(args) => import::run(&args, config, &store, terminal),
        Action::Export(args) => export::run(&args, config, &store, terminal),
        Action::Add(args) => add(&args, config, &store, terminal),
        Action::List(args) => list(&args, config, &store, terminal),
        Action::Show(args) => show(&args, &store, terminal),
        Action::Unsubscribe(args) => unsubscribe(&args, config, &store, terminal),
        Action::Suppress(args) => suppress(&args, &store, terminal),
        Action::Release(args) => release(&args, &store, terminal),
        Action::Erase(args) => erase(&args, &project, &store, terminal),
    }
}

fn add(args: &AddArgs, config: &Config, store: &Store, terminal: &Terminal) -> anyhow::Result<Outcome> {
    let list = chosen_list(config, args.list.as_deref())?;
    let language = args.lang.unwrap_or(config.language);
    let (address, proof) = (args.address.clone(), args.proof.clone());
    let key = token_key(store)?;
    let proved = proof.is_some();
    let done = store.write(move |transaction| {
        let statement = proof.clone().unwrap_or_default();
        let origin = Origin { statement, ..Origin::new(ConsentSource::Command) };
        let letter = subscribers::subscribe(transaction, &address, &list, language, &key, &origin, moment())?;
        if !proved {
            if let Some((id, kind)) = letter {
                subscribers::add_letter(transaction, id, kind, "", moment())?;
            }
            return Ok(letter.map(|(_, kind)| kind));
        }
        let Some(known) = transaction.subscriber_of(&list, &address.key())? else { return Ok(None) };
        Ok(match subscribers::confirm(transaction, known.id, &key, &origin, moment())? {
            Step::Done => Some(LetterKind::Welcome),
            Step::Already => Some(LetterKind::Manage),
            Step::Nobody => None,
        })
    })?;
    let (word, text) = match done {
        Some(LetterKind::Confirm) => {
            ("asked", "will be asked for confirmation: `rotative serve` mails the question")
        }
        Some(LetterKind::Welcome) => ("added", "is subscribed: `rotative serve` mails the welcome"),
        Some(_) => ("known", "is subscribed already"),
        None if args.proof.is_some() => ("refused", "is suppressed, and is not subscribed by any proof"),
        None => ("refused", "is not asked: suppressed, or asked already today"),
    };
    answer(args.format, terminal, &args.address, word, text);
    Ok(if done.is_some() { Outcome::Done } else { Outcome::Findings })
}

fn list(args: &ListArgs, config: &Config, store: &Store, terminal: &Terminal) -> anyhow::Result<Outcome> {
    let list = args.list.as_deref().map(|name| chosen_list(config, Some(name))).transpose()?;
    let filter = Filter { list, state: args.state };
    let mut lines = terminal.stream();
    let mut count = 0_u64;
    let mut each = |known: Subscriber| {
        let line = match args.format {
            Format::Text => format!(
                "{}  {}  {}  since {}  {}",
                known.address,
                known.list,
                known.state,
                &when(known.since)[..10],
                rhythm(&known)
            ),
            Format::Json => row(&known).to_string(),
        };
        count += 1;
        lines.line(&line)
    };
    store.stream(|transaction| {
        transaction.subscribers(&filter, |known| {
            each(known).map_err(|error| StoreError::Unreachable(error.to_string()))
        })
    })?;
    lines.flush()?;
    drop(lines);
    if args.format == Format::Text {
        terminal.say(&match count {
            1 => "1 reader".to_owned(),
            count => format!("{count} readers"),
        });
    }
    Ok(Outcome::Done)
}

fn rhythm(known: &Subscriber) -> String {
    let topics: Vec<&str> = known.topics.iter().map(Slug::as_str).collect();
    let pause = known.paused_until.map(|day| format!(", paused until {day}")).unwrap_or_default();
    format!("{}{}{}{pause}", known.rhythm, if topics.is_empty() { "" } else { ": " }, topics.join(" "))
}

/// A reader, for programs.
pub(super) fn row(known: &Subscriber) -> Value {
    json!({
        "email": known.address.to_string(), "list": known.list.as_str(), "status": known.state.as_str(),
        "since": when(known.since), "language": known.language.as_str(), "rhythm": known.rhythm.as_str(),
        "topics": known.topics.iter().map(Slug::as_str).collect::<Vec<_>>(),
        "paused_until": known.paused_until.map(|day| day.to_string()),
    })
}

fn show(args: &OneArgs, store: &Store, terminal: &Terminal) -> anyhow::Result<Outcome> {
    let data = store.read(|transaction| subscribers::personal_data(transaction, &args.address, when))?;
    let nothing = data["subscriptions"].as_array().is_none_or(Vec::is_empty) && data["suppression"].is_null();
    if args.format == Format::Json {
        terminal.result(&format!("{data:#}"));
    } else if nothing {
        terminal.result(&format!("{}  nothing is kept", args.address));
    } else {
        terminal.result(&told(&data));
    }
    Ok(if nothing { Outcome::Findings } else { Outcome::Done })
}

/// Everything about one reader, for people.
fn told(data: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut lines = vec![text(&data["email"])];
    if !data["suppression"].is_null() {
        let why = &data["suppression"];
        lines.push(format!(
            "  suppressed since {}: {} {}",
            text(&why["at"]),
            text(&why["reason"]),
            text(&why["detail"])
        ));
    }
    for known in data["subscriptions"].as_array().into_iter().flatten() {
        lines.push(format!(
            "  {}: {} since {}",
            text(&known["list"]),
            text(&known["status"]),
            text(&known["since"])
        ));
        for event in known["consent"].as_array().into_iter().flatten() {
            let beside = ["detail", "statement", "network"].map(|name| text(&event[name]));
            let beside: Vec<&str> =
                beside.iter().map(String::as_str).filter(|text| !text.is_empty()).collect();
            let beside = if beside.is_empty() { String::new() } else { format!(": {}", beside.join("; ")) };
            lines.push(format!(
                "    {}  {} by {}{beside}",
                text(&event["at"]),
                text(&event["event"]),
                text(&event["source"])
            ));
        }
    }
    lines.join("\n")
}

fn unsubscribe(
    args: &LeaveArgs,
    config: &Config,
    store: &Store,
    terminal: &Terminal,
) -> anyhow::Result<Outcome> {
    let list = args.list.as_deref().map(|name| chosen_list(config, Some(name))).transpose()?;
    let address = args.address.clone();
    let steps = store.write(move |transaction| {
        let origin = Origin::new(ConsentSource::Command);
        let known = transaction.subscriptions(&address.key())?;
        let meant = known.iter().filter(|known| list.as_ref().is_none_or(|list| known.list == *list));
        meant
            .map(|known| subscribers::unsubscribe(transaction, known.id, &origin, moment()))
            .collect::<Result<Vec<_>, _>>()
    })?;
    let (word, text) = match steps.as_slice() {
        [] => ("unknown", "is in no such list"),
        steps if steps.contains(&Step::Done) => ("unsubscribed", "is unsubscribed"),
        _ => ("already", "had left already"),
    };
    answer(args.format, terminal, &args.address, word, text);
    Ok(if steps.is_empty() { Outcome::Findings } else { Outcome::Done })
}

fn suppress(args: &OneArgs, store: &Store, terminal: &Terminal) -> anyhow::Result<Outcome> {
    let address = args.address.clone();
    let step = store.write(move |transaction| {
        let origin = Origin::new(ConsentSource::Command);
        subscribers::suppress(transaction, &address, SuppressionReason::Command, &origin, moment())
    })?;
    let text = if step == Step::Done { "is never mailed again" } else { "was suppressed already" };
    answer(args.format, terminal, &args.address, "suppressed", text);
    Ok(Outcome::Done)
}

fn release(args: &OneArgs, store: &Store, terminal: &Terminal) -> anyhow::Result<Outcome> {
    let (address, key) = (args.address.clone(), key_of_erased(store)?);
    let step = store.write(move |transaction| {
        let origin = Origin::new(ConsentSource::Command);
        subscribers::release(transaction, &address, key.as_ref(), &origin, moment())
    })?;
    let text = if step == Step::Done { "may be mailed again" } else { "was not suppressed" };
    answer(args.format, terminal, &args.address, "released", text);
    Ok(Outcome::Done)
}

fn erase(args: &OneArgs, project: &Project, store: &Store, terminal: &Terminal) -> anyhow::Result<Outcome> {
    let (address, key) = (args.address.clone(), token_key(store)?);
    let hash = key.hashes(&address.key()).into_iter().next().unwrap_or_default();
    let erased = store.write(move |transaction| {
        subscribers::erase(transaction, &address, &key, ConsentSource::Command, now())
    })?;
    open_ledger(project, &Purpose::Change)?.forget(&args.address.key(), &hash)?;
    match store.purge() {
        Err(error) if error.is_transient() => {
            terminal.say(&format!("{error}; `rotative serve` clears it within an hour"));
        }
        purged => purged?,
    }
    let text = match erased {
        0 => "was in no list; a hash keeps it out".to_owned(),
        1 => "is erased (1 subscription); a hash keeps it out".to_owned(),
        more => format!("is erased ({more} subscriptions); a hash keeps it out"),
    };
    answer(args.format, terminal, &args.address, "erased", &text);
    Ok(Outcome::Done)
}

fn answer(format: Format, terminal: &Terminal, address: &EmailAddress, word: &str, text: &str) {
    terminal.result(&match format {
        Format::Text => format!("{address} {text}"),
        Format::Json => json!({ "email": address.to_string(), "outcome": word }).to_string(),
    });
}

/// The list of a name, or the first of the settings.
pub(super) fn chosen_list(config: &Config, name: Option<&str>) -> anyhow::Result<Slug> {
    let names: Vec<&str> = config.lists.iter().map(|list| list.name.as_str()).collect();
    match (name, config.lists.first()) {
        (None, Some(first)) => Ok(first.name.clone()),
        (None, None) => bail!("the settings name no list"),
        (Some(name), _) => config
            .lists
            .iter()
            .find(|list| list.name.as_str() == name)
            .map(|list| list.name.clone())
            .ok_or_else(|| {
                anyhow!("there is no list `{name}`").context(format!("the lists are: {}", names.join(", ")))
            }),
    }
}

fn address(text: &str) -> Result<EmailAddress, String> {
    EmailAddress::parse_international(text).map_err(|error| error.to_string())
}

fn language(text: &str) -> Result<Language, String> {
    Language::parse(text).ok_or_else(|| "the languages are fr, en and ar".to_owned())
}

pub(super) fn state(text: &str) -> Result<Subscription, String> {
    Subscription::parse(text).ok_or_else(|| "the states are unconfirmed, confirmed, unsubscribed".to_owned())
}

/// Who runs the command, as the journal names them.
pub(super) fn who(named: Option<&str>, config: &Config) -> anyhow::Result<String> {
    let publisher = config.publisher.name.as_deref();
    named
        .or(publisher)
        .map(str::to_owned)
        .context("`--by NAME` says on whose word the readers consented; or set publisher.name")
}
