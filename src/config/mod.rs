//! The settings of a newsletter: where it lies and what `content/newsletter.yaml` says.
//!
//! Never knows: items, issues, templates, the network.

mod calendar;
mod check;
mod delivery;
pub mod env;
mod mail;
mod plain;
mod raw;
mod readers;
mod relay;
mod settings;
mod settle;
mod subject;
mod theme;
mod values;
pub mod yaml;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::model::{Diagnostic, Source};

pub use check::{CheckSettings, LinkSettings, NamedRule};
pub use delivery::{Approval, DeliverySettings, Notify};
pub use mail::{DkimSettings, MailSettings, ProviderLimits, Timeouts, WarmUp};
pub use readers::{ListRule, Listen, ServiceSettings, StoreUrl, WeeklyRule};
pub use relay::{DomainPattern, DomainRule, Login, Protocol, Rate, RelayPlace, RelaySettings, Tls};
pub use settings::*;
pub use subject::{PatternError, SubjectPattern, SubjectWords};

/// A newsletter on disk.
#[derive(Debug, Clone)]
pub struct Project {
    /// The folder that holds `content/`.
    pub root: PathBuf,
    /// Its settings.
    pub config: Config,
}

/// The settings file, relative to the root.
pub const SETTINGS: &str = "content/newsletter.yaml";

impl Project {
    /// The nearest folder, from `start` upwards, that holds `content/newsletter.yaml`.
    pub fn find(start: &Path) -> Option<PathBuf> {
        start.ancestors().find(|folder| folder.join(SETTINGS).is_file()).map(Path::to_owned)
    }

    /// Reads the settings of the newsletter in `root`; `None` when they hold an error.
    pub fn open(root: &Path, findings: &mut Vec<Diagnostic>) -> Option<Self> {
        let bytes = match fs::read(root.join(SETTINGS)) {
            Ok(bytes) => bytes,
            Err(error) => {
                findings.push(unreadable(&error).in_file(SETTINGS));
                return None;
            }
        };
        let source = Source::decode(SETTINGS, bytes, findings)?;
        let config = settle(&source, findings)?;
        Some(Self { root: root.to_owned(), config })
    }
}

/// Judges the text of a settings file; `None` when it holds an error.
pub fn settle(source: &Source, findings: &mut Vec<Diagnostic>) -> Option<Config> {
    let yaml = yaml::Yaml::new(source, source.text(), 1);
    let mut faults = Vec::new();
    let read = yaml.read::<raw::RawConfig>(&mut faults);
    let config = settle::Settler { yaml, findings: &mut faults, partial: read.partial }.config(read.value);
    let sound = faults.is_empty();
    findings.append(&mut faults);
    config.filter(|_| sound)
}

fn unreadable(error: &io::Error) -> Diagnostic {
    let finding = Diagnostic::error("unreadable", format!("the settings cannot be read: {error}"));
    match error.kind() {
        io::ErrorKind::NotFound => finding.hint("`rotative init DIR` starts a newsletter"),
        _ => finding.hint("check the rights of the file"),
    }
}
