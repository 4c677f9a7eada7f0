//! `rotative send`: the built mail of an issue as letters. With `--dry-run` they are written, not mailed.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};

use crate::build::{self, read_mail};
use crate::config::env;
use crate::config::{Config, Project};
use crate::links::{Claim, Purpose, TokenKey};
use crate::mail::{Fill, Letters, Mail, Signer};
use crate::model::{EmailAddress, Report, Slot};

use super::edges::token_key;
use super::terminal::Terminal;
use super::{Outcome, now, slot};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The day of the issue (2018-06-08) or of the digest (2018-06-09-weekly)
    #[arg(value_parser = slot)]
    date: Slot,
    /// Write the letters into this folder, as .eml files; nothing is mailed
    #[arg(long, value_name = "DIR", required = true)]
    dry_run: PathBuf,
    /// A reader to write to; may be repeated
    #[arg(long, value_name = "ADDR", required = true, num_args = 1.., value_parser = |text: &str| EmailAddress::parse(text))]
    test: Vec<EmailAddress>,
    /// Where the built issue lies [default: out/ in the newsletter's folder]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

pub(super) fn run(args: &Args, root: &Path, terminal: &Terminal) -> anyhow::Result<Outcome> {
    let mut findings = Vec::new();
    let Some(project) = Project::open(root, &mut findings) else {
        terminal.report(&Report::new(findings));
        return Ok(Outcome::Findings);
    };
    let config = &project.config;
    let out = args.out.clone().unwrap_or_else(|| build::usual_out(root));
    let mail = read_mail(&out, args.date)
        .with_context(|| format!("`rotative build {}` makes it anew", args.date))?;
    let key = token_key()?;
    let letters = mail.compose(config, now(), signers(config, root)?)?;
    fs::create_dir_all(&args.dry_run).with_context(|| format!("cannot create {}", args.dry_run.display()))?;
    for (at, address) in args.test.iter().enumerate() {
        let file = args.dry_run.join(format!("{:06}.eml", at + 1));
        write(&file, &letters, &mail, config, &key, address)?;
        terminal.result(&format!("{}  {address}", file.display()));
    }
    Ok(Outcome::Done)
}

fn write(
    file: &Path,
    letters: &Letters,
    mail: &Mail,
    config: &Config,
    key: &TokenKey,
    address: &EmailAddress,
) -> anyhow::Result<()> {
    let list = config.lists.first().map_or("", |list| list.name.as_str());
    let id = key.stranger(&address.to_string());
    let token =
        |purpose| key.token(&Claim { issue: Some(mail.slot.date), ..Claim::lasting(purpose, list, id) });
    let (unsubscribe, preferences) = (token(Purpose::Leave), token(Purpose::Preferences));
    let message_id = key.message_id(list, mail.slot, id);
    let mut letter = Vec::new();
    letters.fill(
        &Fill { address, unsubscribe: &unsubscribe, preferences: &preferences, message_id: &message_id },
        &mut letter,
    )?;
    fs::write(file, letter).with_context(|| format!("cannot write {}", file.display()))
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
