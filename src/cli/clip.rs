//! `rotative new --url`: what a page says of itself, and whether the newsletter links it already.

use anyhow::anyhow;

use crate::check::{self, Where};
use crate::clipping::{self, ClipError, Clipping, LONGEST_PAGE};
use crate::config::{Config, Project, env};
use crate::content;
use crate::fetch::{Client, Guard, Policy};
use crate::model::{IssueDate, Language, LanguageTag, WebUrl, spoken};

use super::terminal::Terminal;
use super::today;

/// What the head of an item takes from a page.
#[derive(Debug)]
pub(super) struct Clip {
    /// The headline: the one that was typed, else the page's own.
    pub(super) title: String,
    /// Who publishes it.
    pub(super) name: String,
    /// Its address.
    pub(super) url: WebUrl,
    /// The day it appeared, as readers read it.
    pub(super) note: Option<String>,
    /// The language of the headline, where it is the page's own and not the newsletter's.
    pub(super) lang: Option<LanguageTag>,
}

/// Whether the page itself is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ask {
    /// It is, once.
    ThePage,
    /// It is not: its address is all that is known.
    Nobody,
}

/// Learns what it can. A page that cannot be read is no reason to stop where a headline was typed.
pub(super) fn clip(
    url: &WebUrl,
    title: Option<&str>,
    ask: Ask,
    project: &Project,
    terminal: &Terminal,
) -> anyhow::Result<Clip> {
    let title = title.filter(|title| !title.trim().is_empty());
    let clipping = match ask {
        Ask::Nobody => Clipping::of_address(url),
        Ask::ThePage => match fetched(url, &project.config) {
            Ok(clipping) => clipping,
            Err(error) if title.is_some() => {
                terminal.say(&format!("{url} could not be read: {error}"));
                terminal.say("  hint: the item has its address and its host; look at the page in a browser");
                Clipping::of_address(url)
            }
            Err(error) => {
                return Err(anyhow!("{url} could not be read: {error}").context(TITLE_HINT));
            }
        },
    };
    warn_if_linked(url, &clipping.url, project, terminal);
    settle(clipping, title, &project.config, terminal)
}

const TITLE_HINT: &str =
    "with a title of your own, `rotative new \"Title\" --url …` makes the item all the same";

fn settle(
    clipping: Clipping,
    typed: Option<&str>,
    config: &Config,
    terminal: &Terminal,
) -> anyhow::Result<Clip> {
    let Clipping { title, site, url, language, published } = clipping;
    let title = typed.map(str::to_owned).or(title);
    let title = title.ok_or_else(|| anyhow!("{url} says no title").context(TITLE_HINT))?;
    let foreign = language.filter(|tag| typed.is_none() && tag.primary() != config.tag.primary());
    if let Some(tag) = &foreign {
        terminal.say(&format!(
            "the headline is the page's own, in `{tag}`: take `lang` out once it is translated"
        ));
    }
    Ok(Clip { title, name: site, url, note: published.map(|day| said(day, config.language)), lang: foreign })
}

/// A day as it is typed: the typesetter ties it together.
fn said(day: IssueDate, language: Language) -> String {
    spoken::short(day, language).replace('\u{a0}', " ")
}

fn fetched(url: &WebUrl, config: &Config) -> Result<Clipping, ClipError> {
    let timeout = config.check.links.timeout;
    let guard = if env::fetch_loopback() { Guard::Loopback } else { Guard::PublicOnly };
    let client = Client::new(Policy { timeout, longest_body: LONGEST_PAGE, guard });
    clipping::take(&client, url, timeout, config.timezone, today(config.timezone))
}

/// Files with faults are for `rotative check`; here they only cannot say that they link the page.
fn warn_if_linked(typed: &WebUrl, found: &WebUrl, project: &Project, terminal: &Terminal) {
    let content = content::load(project, &mut Vec::new());
    let Some(linked) = check::linked(&content, &project.config, &[typed, found]) else { return };
    let path = linked.path;
    terminal.say(&match linked.place {
        Where::Issue(date) => format!("the page is linked already, in the issue of {date} ({path})"),
        Where::Article(date) => format!("the page is linked already, in the article of {date} ({path})"),
        Where::Queue => format!("the page is linked already, by an item that waits in the queue ({path})"),
    });
    terminal.say("  hint: is the story new? `rotative check` will ask again");
}
