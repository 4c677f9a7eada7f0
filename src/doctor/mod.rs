//! What would fail tomorrow morning: settings, secrets, keys, the newest issue, store, disk, clock, calendar, names,
//! relays.
//!
//! Never knows: the terminal, the clock, what is done about a finding.
//!
//! Each file looks at one thing and judges it; names are asked through [`Records`], so that what a record means is
//! judged without a network.

mod calendar;
mod disk;
mod dkim;
mod dmarc;
mod dns;
mod domains;
mod finding;
mod relays;
mod settings;
mod spf;
mod tags;
#[cfg(test)]
mod zone;

use std::fs;
use std::path::Path;

use chrono::{DateTime, Utc};

use crate::build::{self, Which};
use crate::config::{Config, Project, SETTINGS};
use crate::content::{self, Content};
use crate::model::{Diagnostic, IssueDate, Severity};

pub use dns::{DnsError, Records, Resolver, servers};
pub use finding::{Finding, Health, count};

/// Whether names and relays are asked.
pub enum Network<'a> {
    /// Nothing leaves the machine.
    Offline,
    /// Names are asked here, and relays where the settings say.
    Online(&'a dyn Records),
}

/// Examines the newsletter in `root`.
pub fn examine(root: &Path, now: DateTime<Utc>, network: &Network<'_>) -> Vec<Finding> {
    let mut faults = Vec::new();
    let Some(project) = Project::open(root, &mut faults) else {
        return faults.iter().map(|fault| Finding::of("settings", fault)).collect();
    };
    let config = &project.config;
    let content = content::load(&project, &mut Vec::new());
    let mut findings = settings::examine(config);
    findings.extend(settings::secrets(config));
    let (signers, keys) = settings::keys(config, root);
    findings.extend(keys);
    findings.extend(newest(root));
    findings.extend(disk::examine(config, root));
    findings.push(calendar::clock(now, written(root)));
    findings.push(calendar::next(config, &dates(&content), now));
    match (network, &config.mail) {
        (Network::Online(records), Some(mail)) => {
            findings.extend(domains::examine(mail, &signers, *records));
            findings.extend(relays::examine(config, letter(&content, config, root)));
        }
        (Network::Offline, Some(_)) => {
            let finding = Finding::warning("network", "names and relays were not asked");
            findings.push(finding.hint("leave `--offline` out"));
        }
        (_, None) => {}
    }
    findings
}

/// Whether the newest issue builds; errors are said, warnings counted.
fn newest(root: &Path) -> Vec<Finding> {
    const CHECK: &str = "issue";
    /// More than these are for `rotative check`.
    const MOST: usize = 5;
    let report = build::check(root, &Which::Newest.into(), None);
    let of =
        |severity: Severity| report.findings().iter().filter(move |finding| finding.severity == severity);
    let errors: Vec<&Diagnostic> = of(Severity::Error).collect();
    let warnings = of(Severity::Warning).count();
    let mut findings: Vec<Finding> =
        errors.iter().take(MOST).map(|error| Finding::of(CHECK, error)).collect();
    if errors.len() > MOST {
        let finding = Finding::error(CHECK, format!("there are {} errors more", errors.len() - MOST));
        findings.push(finding.hint("`rotative check` says all of them"));
    }
    if errors.is_empty() {
        findings.push(match warnings {
            0 => Finding::ok(CHECK, "templates load, and the newest issue builds"),
            _ => Finding::warning(
                CHECK,
                format!("the newest issue builds; the copy editor has {warnings} remarks"),
            )
            .hint("`rotative check` says them"),
        });
    }
    findings
}

fn dates(content: &Content) -> Vec<IssueDate> {
    content.items.iter().filter(|item| !item.entry.draft).filter_map(|item| item.entry.date).collect()
}

/// The size of the newest letter, signatures and all, where it is built.
fn letter(content: &Content, config: &Config, root: &Path) -> Option<u64> {
    const SIGNATURE: u64 = 1024;
    let newest = dates(content).into_iter().max()?;
    let file = build::usual_out(root).join(format!("mail/{newest}/mail.eml"));
    let keys = config.mail.as_ref().map_or(0, |mail| mail.dkim.len());
    fs::metadata(file).ok().map(|known| known.len() + SIGNATURE * u64::try_from(keys).unwrap_or(0))
}

/// When the settings or the folder of issues were last written.
fn written(root: &Path) -> Option<DateTime<Utc>> {
    let time = |path: &str| fs::metadata(root.join(path)).and_then(|known| known.modified()).ok();
    [SETTINGS, "content"].into_iter().filter_map(time).max().map(DateTime::<Utc>::from)
}
