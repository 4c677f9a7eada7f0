//! `rotative schema`: what front matter and settings may hold, for editors that complete and check while one types.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use crate::config::Project;
use crate::schema::{self, Kind};

use super::Outcome;
use super::terminal::Terminal;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// What is described
    #[arg(value_parser = kinds(), required_unless_present = "into", conflicts_with = "into")]
    kind: Option<Kind>,
    /// Write all schemas into this folder: item.json, article.json, newsletter.json …
    #[arg(long, value_name = "DIR")]
    into: Option<PathBuf>,
}

/// The kinds by their names.
fn kinds() -> impl TypedValueParser<Value = Kind> {
    let names = PossibleValuesParser::new(Kind::ALL.map(Kind::as_str));
    names.try_map(|name| {
        Kind::ALL.into_iter().find(|kind| kind.as_str() == name).ok_or("there is no such kind")
    })
}

/// Inside a newsletter the schemas know its sections; outside they stand for any.
pub(super) fn run(args: &Args, root: Option<&Path>, terminal: &Terminal) -> anyhow::Result<Outcome> {
    let project = root.and_then(|root| Project::open(root, &mut Vec::new()));
    let config = project.as_ref().map(|project| &project.config);
    if let Some(kind) = args.kind {
        terminal.result(&serde_json::to_string_pretty(&schema::schema(kind, config))?);
    }
    if let Some(folder) = &args.into {
        fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
        for kind in Kind::ALL {
            let file = folder.join(format!("{}.json", kind.as_str()));
            let mut text = serde_json::to_string_pretty(&schema::schema(kind, config))?;
            text.push('\n');
            fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))?;
            terminal.result(&file.display().to_string());
        }
    }
    Ok(Outcome::Done)
}
