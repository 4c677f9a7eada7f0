//! `rotative schema`: what front matter and settings may hold, for editors that complete and check while one types.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::ValueEnum;

use crate::config::Project;
use crate::schema::{self, Kind};

use super::Outcome;
use super::terminal::Terminal;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// What is described
    #[arg(value_enum, required_unless_present = "into", conflicts_with = "into")]
    kind: Option<What>,
    /// Write all schemas into this folder: item.json, article.json, newsletter.json …
    #[arg(long, value_name = "DIR")]
    into: Option<PathBuf>,
}

/// The kinds, as they are typed.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum What {
    /// content/newsletter.yaml
    Newsletter,
    /// The front matter of an item
    Item,
    /// The front matter of a long article
    Article,
    /// The front matter of issue.md
    Issue,
    /// The front matter of a topic's file
    Topic,
    /// The front matter of a text placed by rule
    Block,
}

impl From<What> for Kind {
    fn from(what: What) -> Self {
        match what {
            What::Newsletter => Self::Newsletter,
            What::Item => Self::Item,
            What::Article => Self::Article,
            What::Issue => Self::Issue,
            What::Topic => Self::Topic,
            What::Block => Self::Block,
        }
    }
}

/// Inside a newsletter the schemas know its sections; outside they stand for any.
pub(super) fn run(args: &Args, root: Option<&Path>, terminal: &Terminal) -> anyhow::Result<Outcome> {
    let project = root.and_then(|root| Project::open(root, &mut Vec::new()));
    let config = project.as_ref().map(|project| &project.config);
    if let Some(kind) = args.kind {
        terminal.result(&serde_json::to_string_pretty(&schema::schema(kind.into(), config))?);
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
