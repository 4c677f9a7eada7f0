//! `rotative rehearse`: a whole mailing to readers who do not exist, over a relay inside the program that fails as it is
//! told, with a sender that is killed; then the accounts.

mod rounds;
mod table;

use std::env::{current_exe, temp_dir};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail};

use crate::config::Project;
use crate::model::{Slot, UncertainPolicy};
use crate::rehearsal::{Accounts, Cast, Dice, Faults, Relay, SLOT};
use crate::rehearsal::{lay_out, reader, write_issue, write_readers};
use crate::store::ledger::Purpose;

use super::Outcome;
use super::edges::{chance, milliseconds, open_ledger};
use super::report::Seen;
use super::send::policy;
use super::subscribers::chosen_list;
use super::terminal::Terminal;
use rounds::{Rounds, Show};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// How many readers there are
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    subscribers: u32,
    /// What goes wrong, and how often: 421:0.01,dot-554:0.001,drop-after-dot:0.001,refuse:0.1,slow:50ms,kill:20
    #[arg(long, value_name = "LIST", default_value = "", value_parser = Faults::parse)]
    faults: Faults,
    /// Over how many lines letters go at most
    #[arg(long, value_name = "C", default_value_t = 16, value_parser = clap::value_parser!(u32).range(1..=1000))]
    connections: u32,
    /// How large a letter is, more or less
    #[arg(long, value_name = "BYTES", default_value_t = 30_000, value_parser = clap::value_parser!(u32).range(8_000..=200_000))]
    size: u32,
    /// What chance is made from, to have the same faults again [default: any]
    #[arg(long, value_name = "S")]
    seed: Option<u64>,
    /// What becomes of readers whose answer was lost: hold, or resend once
    #[arg(long, value_name = "POLICY", default_value = "hold", value_parser = policy)]
    uncertain: UncertainPolicy,
    /// Rehearse in this folder, new or empty, and leave it there
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
    /// How the accounts are written
    #[arg(long, value_enum, default_value_t)]
    format: Seen,
}

/// How many times as fast the clock goes where letters have to wait.
const HASTE: u32 = 60;

pub(super) fn run(args: &Args, terminal: &Terminal) -> anyhow::Result<Outcome> {
    let folder = Folder::new(args.keep.as_deref())?;
    let seed = args.seed.unwrap_or_else(|| chance() >> 32);
    let dice = Dice::new(seed);
    let readers = args.subscribers as usize;
    let relay = Relay::start(readers, args.faults.clone(), dice).context("no relay can be started")?;
    let show = Show {
        program: current_exe().context("the program does not find itself")?,
        root: folder.path.clone(),
        secret: (0..4).map(|at| format!("{:016x}", dice.number(0, at, 0))).collect(),
        haste: if args.faults.delay_letters() { HASTE } else { 1 },
        policy: args.uncertain,
    };
    let cast = Cast { readers, port: relay.port(), connections: args.connections as usize };
    terminal.say(&format!("seed {seed}; in {}", folder.path.display()));
    prepare(&show, cast, args.size as usize)?;
    let rounds = Rounds::play(&show, &args.faults, dice, relay.truth(), terminal)?;
    let accounts = add_up(&show, &relay, &rounds, cast)?;
    let wrongs = accounts.wrongs(args.uncertain);
    let told = table::Told {
        seed,
        faults: args.faults.to_string(),
        rounds: &rounds,
        accounts: &accounts,
        wrongs: &wrongs,
    };
    match args.format {
        Seen::Text => told.lines().iter().for_each(|line| terminal.result(line)),
        Seen::Json => terminal.result(&told.object().to_string()),
    }
    Ok(if wrongs.is_empty() && rounds.is_over() { Outcome::Done } else { Outcome::Findings })
}

/// The folder of a rehearsal; it goes away with it unless it is to be kept.
struct Folder {
    path: PathBuf,
    kept: bool,
}

impl Folder {
    fn new(keep: Option<&Path>) -> anyhow::Result<Self> {
        let path = match keep {
            Some(path) => path.to_owned(),
            None => temp_dir().join(format!("rotative-rehearsal-{:016x}", chance())),
        };
        if fs::read_dir(&path).is_ok_and(|mut entries| entries.next().is_some()) {
            bail!(anyhow!("{} is not empty", path.display()).context("name a folder that is new or empty"));
        }
        fs::create_dir_all(&path).with_context(|| format!("cannot create {}", path.display()))?;
        let path = path.canonicalize().with_context(|| format!("cannot find {}", path.display()))?;
        Ok(Self { path, kept: keep.is_some() })
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if !self.kept {
            // What cannot be removed is only a rehearsal.
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

/// Makes the newsletter, its list and its issue, and approves it, all with the program itself.
fn prepare(show: &Show, cast: Cast, size: usize) -> anyhow::Result<()> {
    let cannot = || format!("cannot write in {}", show.root.display());
    lay_out(&show.root, cast).with_context(cannot)?;
    let letter = show.root.join("out/mail").join(SLOT).join("mail.eml");
    let (mut text, mut before) = (1_000, (0, 0));
    // A letter grows in proportion to its text: two tries show how.
    for _ in 0..3 {
        write_issue(&show.root, text).with_context(cannot)?;
        show.ask(&["build", SLOT])?;
        let grown = fs::metadata(&letter).with_context(cannot)?.len() as usize;
        if grown.abs_diff(size) <= size / 50 {
            break;
        }
        let slope = (grown.saturating_sub(before.1)) as f64 / (text.saturating_sub(before.0)).max(1) as f64;
        let slope = if before.1 == 0 || slope < 0.5 { 2.2 } else { slope };
        before = (text, grown);
        text = (text as f64 + (size as f64 - grown as f64) / slope).max(1.0) as usize;
    }
    let list = show.root.join("readers.csv");
    write_readers(&list, cast.readers).with_context(cannot)?;
    show.ask(&["subscribers", "import", "readers.csv", "--by", "The stage manager"])?;
    show.ask(&["approve", SLOT, "--by", "The stage manager"])
}

/// What the ledger says, reader by reader, beside the truth.
fn add_up(show: &Show, relay: &Relay, rounds: &Rounds, cast: Cast) -> anyhow::Result<Accounts> {
    let mut accounts = Accounts::new(cast.readers as u64, cast.connections as u64);
    accounts.most_uncertain = rounds.most_uncertain;
    let project = Project::open(&show.root, &mut Vec::new()).context("the settings cannot be read")?;
    let list = chosen_list(&project.config, None)?;
    let slot = Slot::parse(SLOT)?;
    let ledger = open_ledger(&project, &Purpose::Look)?;
    if let Some(run) = ledger.run(&list, slot)? {
        ledger.each_recipient(run.id, milliseconds(), |address, state| {
            let seen = reader(address).and_then(|number| relay.truth().of(number)).unwrap_or_default();
            accounts.count(state, seen);
        })?;
    }
    Ok(accounts.close(relay.truth().strangers()))
}
