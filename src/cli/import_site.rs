//! `rotative import`: the archive of another system, on day one.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use clap::{Subcommand, ValueEnum};

use crate::config::SectionKind;
use crate::importing::{self, Account, Effect, Existing, Form, Harvest, Newsletter, Occupied, Origin, Site};

use super::subscribers::Format;
use super::terminal::Terminal;
use super::{Outcome, init, open};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    from: From,
}

#[derive(Debug, Subcommand)]
enum From {
    /// A site of Hugo
    Hugo(Folder),
    /// A site of Jekyll
    Jekyll(Folder),
    /// A site of Zola
    Zola(Folder),
    /// A site of Pelican
    Pelican(Folder),
    /// An export of WordPress (WXR)
    Wordpress(Export),
}

#[derive(Debug, clap::Args)]
struct Folder {
    /// The site's folder, where its settings lie
    dir: PathBuf,
    #[command(flatten)]
    how: How,
}

#[derive(Debug, clap::Args)]
struct Export {
    /// The export: Tools › Export › All content
    file: PathBuf,
    /// A copy of wp-content/uploads; pictures are never fetched
    #[arg(long, value_name = "DIR")]
    uploads: Option<PathBuf>,
    #[command(flatten)]
    how: How,
}

#[derive(Debug, Clone, clap::Args)]
struct How {
    /// The newsletter it goes into; started there if there is none [default: that of the current folder, or --root]
    #[arg(long, value_name = "DIR")]
    into: Option<PathBuf>,
    /// What posts become: articles, each with a page of its own, or items of the issue of their day
    #[arg(long = "as", value_enum, default_value_t)]
    form: Become,
    /// Take the imported text where a file exists with another one
    #[arg(long)]
    replace: bool,
    /// Say what would happen, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// How the account is written
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Become {
    /// Articles: content/articles/2018/slug.md
    #[default]
    Articles,
    /// Items: content/2018/2018-06-08/slug.md
    Items,
}

/// The account of an import, in the newsletter's folder.
const ACCOUNT: &str = "import-report.txt";
/// The most notes that are shown at once; the account holds all.
const SHOWN: usize = 20;

pub(super) fn run(
    args: Args,
    root: impl FnOnce() -> anyhow::Result<PathBuf>,
    terminal: &Terminal,
) -> anyhow::Result<Outcome> {
    let (origin, how) = match args.from {
        From::Hugo(Folder { dir, how }) => (Origin::Hugo(dir), how),
        From::Jekyll(Folder { dir, how }) => (Origin::Jekyll(dir), how),
        From::Zola(Folder { dir, how }) => (Origin::Zola(dir), how),
        From::Pelican(Folder { dir, how }) => (Origin::Pelican(dir), how),
        From::Wordpress(Export { file, uploads, how }) => (Origin::WordPress { file, uploads }, how),
    };
    let root = match &how.into {
        Some(root) => root.clone(),
        None => root()?,
    };
    let harvest = importing::read(&origin)?;
    let target = match target(&root, &how, &harvest, terminal)? {
        Some(target) => target,
        None => return Ok(Outcome::Findings),
    };
    let form = match how.form {
        Become::Articles => Form::Articles,
        Become::Items => Form::Items(target.section),
    };
    let plan = importing::plan(&harvest, &form, &target.newsletter);
    if how.dry_run {
        return Ok(tell(&plan.account(), &how, None, terminal));
    }
    if let Some(start) = target.start {
        terminal.say(&start()?);
    }
    let existing = if how.replace { Existing::Replaced } else { Existing::Kept };
    let account = importing::write(&plan, &root, existing, &|done, all| terminal.progress(done, all))?;
    let file = root.join(ACCOUNT);
    fs::write(&file, account.text()).with_context(|| format!("cannot write {}", file.display()))?;
    Ok(tell(&account, &how, Some(&root), terminal))
}

/// The newsletter that takes the archive.
struct Target<'a> {
    newsletter: Newsletter<'a>,
    /// The section of items, where it is not the first.
    section: Option<String>,
    /// Starts it, where there is none.
    start: Option<Box<dyn Fn() -> anyhow::Result<String> + 'a>>,
}

fn target<'a>(
    root: &'a Path,
    how: &How,
    harvest: &'a Harvest,
    terminal: &Terminal,
) -> anyhow::Result<Option<Target<'a>>> {
    if how.into.is_some() && !root.join("content/newsletter.yaml").exists() {
        if fs::read_dir(root).is_ok_and(|mut entries| entries.next().is_some()) {
            let error = anyhow!("{} is not empty and holds no newsletter", root.display());
            return Err(error.context("name a folder that is new or empty, or that of a newsletter"));
        }
        let facts = facts(&harvest.site);
        let language = facts.lang.as_str().to_owned();
        let newsletter = Newsletter { root, language, occupied: Occupied::default() };
        // A newsletter wants one issue at least, and its newest one has a mail, which an old post was not written for.
        let own = how.form == Become::Items && harvest.newest() >= Some(facts.today());
        let sample = if own { init::Sample::None } else { init::Sample::Issue };
        let start = move || init::start(root, &facts, sample);
        return Ok(Some(Target { newsletter, section: None, start: Some(Box::new(start)) }));
    }
    let Some(project) = open(root, terminal) else { return Ok(None) };
    let sections = &project.config.sections;
    let brief = sections.iter().position(|section| section.kind == SectionKind::Brief);
    let section = match brief {
        Some(0) => None,
        Some(at) => Some(sections[at].name.to_string()),
        None if how.form == Become::Items => {
            return Err(anyhow!("no section of the newsletter is of kind brief")
                .context("add one to `sections` of content/newsletter.yaml, or import as articles"));
        }
        None => None,
    };
    let language = project.config.tag.as_str().to_owned();
    let newsletter = Newsletter { root, language, occupied: Occupied::of(&project) };
    Ok(Some(Target { newsletter, section, start: None }))
}

/// What a new newsletter takes over from the site.
fn facts(site: &Site) -> init::Facts {
    let french = site.language.as_deref().is_some_and(|tag| tag.to_lowercase().starts_with("fr"));
    init::Facts {
        lang: if french { init::Lang::Fr } else { init::Lang::En },
        title: site.title.clone(),
        base_url: site.base.clone(),
        timezone: site.timezone,
    }
}

/// Says what came of it: the sums, and the first places to look at.
fn tell(account: &Account, how: &How, root: Option<&Path>, terminal: &Terminal) -> Outcome {
    let missed = account.counts.left_out > 0 || account.counts.kept > 0;
    match how.format {
        Format::Json => {
            let text = serde_json::to_string(account).unwrap_or_default();
            terminal.result(&text);
        }
        Format::Text => {
            let mut notes: Vec<_> = account.notes.iter().collect();
            notes.sort_by_key(|note| note.effect != Effect::PostLeftOut);
            for note in notes.iter().take(SHOWN) {
                terminal.say(&note.text());
            }
            if notes.len() > SHOWN {
                let place = if root.is_some() { format!("; {ACCOUNT} has all") } else { String::new() };
                terminal.say(&format!("… and {} more places{place}", notes.len() - SHOWN));
            }
            let would = if root.is_none() { "would be: " } else { "" };
            terminal.result(&format!("{would}{}", account.sentence()));
            if let Some(root) = root {
                terminal.say(&format!("  next: rotative build --root {}", root.display()));
            }
        }
    }
    if missed { Outcome::Findings } else { Outcome::Done }
}
