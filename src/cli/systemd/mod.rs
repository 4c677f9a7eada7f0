//! `rotative systemd`: units for this newsletter.

mod units;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};

use crate::config::env::{self, DATABASE_PASSWORD, OLD_SECRETS, SECRET, SMTP, SMTP_AUTHORITY};
use crate::config::{Config, StoreUrl};

use super::terminal::Terminal;
use super::{Outcome, open};
use units::{Place, units};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The user that the units run as [default: root]
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
    /// Where the units go: /etc/systemd/system, or any folder to read them first
    #[arg(value_name = "DIR")]
    dir: PathBuf,
}

/// Where the key of tokens lies unless ROTATIVE_SECRET_FILE says otherwise.
const USUAL_SECRET: &str = "/etc/rotative/secret";

pub(super) fn run(args: &Args, root: &Path, terminal: &Terminal) -> anyhow::Result<Outcome> {
    let Some(project) = open(root, terminal) else { return Ok(Outcome::Findings) };
    let config = &project.config;
    let program = std::env::current_exe().context("the program does not know where it lies")?;
    let root = root.canonicalize().with_context(|| format!("cannot find {}", root.display()))?;
    let (secrets, unnamed) = secrets(config);
    for variable in unnamed {
        terminal.say(&format!(
            "{variable} is not in the units: put it into a file for you alone, and name that in {variable}_FILE"
        ));
    }
    let place = Place { program: &program, root: &root, user: args.user.as_deref(), secrets: &secrets };
    let files = units(config, &place).map_err(|error| {
        anyhow!(error).context("a unit holds absolute paths in one line, and plain names of users")
    })?;
    fs::create_dir_all(&args.dir).with_context(|| format!("cannot create {}", args.dir.display()))?;
    for (name, text) in files {
        let file = args.dir.join(name);
        fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))?;
        terminal.result(&file.display().to_string());
    }
    terminal.say("  next: systemctl daemon-reload, then systemctl enable --now rotative-publish.timer rotative-watch.timer");
    if config.service.is_some() {
        terminal.say("        and systemctl enable --now rotative.socket rotative-serve.service");
    }
    Ok(Outcome::Done)
}

/// The variables that name files, and those that hold a secret themselves and so cannot be passed on.
fn secrets(config: &Config) -> (Vec<(String, PathBuf)>, Vec<String>) {
    let mut names = vec![SECRET.to_owned(), OLD_SECRETS.to_owned(), SMTP_AUTHORITY.to_owned()];
    if matches!(config.store, StoreUrl::Postgres(_)) {
        names.push(DATABASE_PASSWORD.to_owned());
    }
    for name in [SMTP.0, SMTP.1] {
        names.push(name.to_owned());
        let relays = config.mail.iter().flat_map(|mail| &mail.relays);
        names.extend(relays.map(|relay| env::of_relay(name, &relay.name)));
    }
    let (mut files, mut unnamed) = (Vec::new(), Vec::new());
    for name in names {
        match env::file_of(&name) {
            Some(file) => files.push((format!("{name}_FILE"), file)),
            None if name == SECRET => {
                if env::is_set(&name) {
                    unnamed.push(name.clone());
                }
                files.push((format!("{name}_FILE"), PathBuf::from(USUAL_SECRET)));
            }
            None if env::is_set(&name) => unnamed.push(name),
            None => {}
        }
    }
    (files, unnamed)
}
