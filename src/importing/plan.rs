//! Posts become files of a newsletter: names, heads, former addresses.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::content::{one_line, quoted, scalar};
use crate::model::{IssueDate, LanguageTag, SitePath, Slug};

use super::desk::{Desk, Hand, Shown};
use super::occupied::Occupied;
use super::report::{Account, Counts};
use super::{Draft, Harvest, Markup, Note, Post, autop, change, html, leave_out_post, markdown, rewrite};

/// What posts become.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Form {
    /// Articles, each with a page of its own.
    Articles,
    /// Items of the issue of their day, in a section; none means the first.
    Items(Option<String>),
}

/// Everything that is to be written.
#[derive(Debug)]
pub struct Plan {
    pub(super) files: Vec<Planned>,
    pub(super) account: Account,
}

impl Plan {
    /// Every note, and the sums as far as they are known before anything is written.
    pub fn account(&self) -> Account {
        let mut account = self.account.clone();
        account.counts.carried = self.files.len();
        account.counts.pictures = self.files.iter().map(|file| file.pictures.len()).sum();
        account.settle()
    }
}

/// A post as a file of the newsletter.
#[derive(Debug)]
pub(super) struct Planned {
    /// The file of the source.
    pub(super) from: String,
    pub(super) file: String,
    pub(super) text: String,
    /// The pictures by the files they become.
    pub(super) pictures: BTreeMap<String, PathBuf>,
}

/// Where a post will stand.
#[derive(Debug, Clone)]
pub(super) struct Target {
    pub(super) slug: Slug,
    pub(super) file: String,
    /// Its path of the site, as [`SitePath`] writes it.
    place: String,
}

/// The newsletter that takes the posts.
#[derive(Debug, Clone)]
pub struct Newsletter<'a> {
    /// Its folder.
    pub root: &'a Path,
    /// Its language.
    pub language: String,
    /// The addresses that are taken.
    pub occupied: Occupied,
}

/// Decides what becomes of every post.
pub fn plan(harvest: &Harvest, form: &Form, newsletter: &Newsletter<'_>) -> Plan {
    let mut account = Account { notes: harvest.notes.clone(), ..Account::default() };
    let targets = targets(harvest, form, newsletter);
    let desk = Desk::new(harvest, &targets);
    let made: Vec<Result<(usize, Carried), Note>> =
        (0..harvest.posts.len()).into_par_iter().map(|at| carry(harvest, &desk, &targets, at)).collect();
    let mut occupied = newsletter.occupied.clone();
    targets.iter().flatten().for_each(|target| occupied.stand(&target.place, &target.file));
    let mut files = Vec::new();
    for made in made {
        let (at, draft) = match made {
            Ok(made) => made,
            Err(note) => {
                account.notes.push(note);
                continue;
            }
        };
        let (Some(post), Some(Some(target))) = (harvest.posts.get(at), targets.get(at)) else { continue };
        account.notes.extend(draft.notes);
        let aliases = aliases(post, target, &mut occupied, &mut account.notes);
        account.counts.aliases += aliases.len();
        let head = Head { post, form, language: &newsletter.language, cover: draft.cover, aliases };
        let text = format!("{}{}\n", head.text(&mut account.notes), draft.body.trim_end());
        let folder = target.file.rsplit_once('/').map_or("", |(folder, _)| folder);
        let pictures = draft.pictures.into_iter();
        let pictures =
            pictures.map(|(name, from)| (format!("{folder}/{}/{name}", target.slug), from)).collect();
        files.push(Planned { from: post.file.clone(), file: target.file.clone(), text, pictures });
    }
    let left_out = account.notes.iter().filter(|note| note.effect == super::Effect::PostLeftOut);
    let left_out = left_out.map(|note| (&note.file, note.line)).collect::<HashSet<_>>().len();
    account.counts = Counts { posts: files.len() + left_out, left_out, ..account.counts };
    Plan { files, account }
}

/// Every post gets a file of its own; of two that would have the same the later one gets a number.
fn targets(harvest: &Harvest, form: &Form, newsletter: &Newsletter<'_>) -> Vec<Option<Target>> {
    let mut order: Vec<usize> = (0..harvest.posts.len()).collect();
    // Of translations the one in the language of the site keeps the plain name.
    order.sort_by_key(|at| {
        let post = &harvest.posts[*at];
        (post.day, post.lang.is_some(), &post.file, post.line)
    });
    let dated = match form {
        Form::Articles => BTreeMap::new(),
        Form::Items(_) => dated_folders(newsletter.root),
    };
    let mut taken = HashSet::new();
    let mut targets = vec![None; order.len()];
    for at in order {
        let post = &harvest.posts[at];
        let name = Slug::from_text(&post.slug)
            .or_else(|| Slug::from_text(post.title.as_deref()?))
            .map_or_else(|| format!("article-{}", post.day), |slug| slug.as_str().to_owned());
        let folder = match form {
            Form::Articles => format!("content/articles/{}", post.day.year()),
            Form::Items(_) => dated
                .get(&post.day)
                .cloned()
                .unwrap_or_else(|| format!("content/{}/{}", post.day.year(), post.day)),
        };
        let reserved = matches!(name.as_str(), "issue" | "readme");
        let numbered = |number: usize| {
            let tail = format!("-{number}");
            let head: String = name.chars().take(crate::model::slug::LONGEST - tail.len()).collect();
            format!("{head}{tail}")
        };
        let first = (!reserved).then(|| name.clone());
        let place = |slug: &str| match form {
            Form::Articles => format!("{}/{slug}/", post.day.path()),
            Form::Items(_) => format!("{}/", post.day.path()),
        };
        let free = first.into_iter().chain((2..).map(numbered)).find_map(|name| {
            let slug = Slug::parse(&name).ok()?;
            let (file, place) = (format!("{folder}/{slug}.md"), place(&name));
            let free = newsletter.occupied.is_free(&place, &file) && taken.insert(file.clone());
            free.then_some(Target { slug, file, place })
        });
        targets[at] = free;
    }
    targets
}

/// The folders of days that the newsletter has already, wherever they lie.
fn dated_folders(root: &Path) -> BTreeMap<IssueDate, String> {
    let mut found = BTreeMap::new();
    let mut open = vec![(root.join("content"), "content".to_owned(), 0)];
    while let Some((folder, shown, depth)) = open.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if depth > 8 || !entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                continue;
            }
            let shown = format!("{shown}/{name}");
            match IssueDate::parse(&name) {
                Ok(date) => {
                    found.insert(date, shown);
                }
                Err(_) => open.push((entry.path(), shown, depth + 1)),
            }
        }
    }
    found
}

/// A post that has its text, but no head yet.
struct Carried {
    body: String,
    cover: Option<(String, String, Option<String>)>,
    pictures: BTreeMap<String, PathBuf>,
    notes: Vec<Note>,
}

fn carry(
    harvest: &Harvest,
    desk: &Desk<'_>,
    targets: &[Option<Target>],
    at: usize,
) -> Result<(usize, Carried), Note> {
    let post = &harvest.posts[at];
    let refuse = |line, what: String, next: &str| leave_out_post(&post.file, line, what, next);
    let Some(Some(target)) = targets.get(at) else {
        return Err(refuse(post.line, "no name could be made for it".to_owned(), "give it a slug"));
    };
    let mut hand = desk.take(at, target);
    let body = body(post, &mut hand)
        .map_err(|line| refuse(line, "the text is nested too deep to be built".to_owned(), "flatten it"))?;
    let cover = post.cover.as_ref().and_then(|cover| match hand.picture(&cover.src, post.line) {
        Shown::Beside(file) => Some((file, cover.alt.clone(), cover.caption.clone())),
        _ => None,
    });
    let Hand { mut notes, pictures, .. } = hand;
    let body = clean(&body, post, &mut notes);
    Ok((at, Carried { body, cover, pictures, notes }))
}

fn body(post: &Post, hand: &mut Hand<'_>) -> Result<String, usize> {
    if matches!(post.markup, Markup::Markdown | Markup::Linked) {
        return markdown::carry(&post.body, post.markup, hand).map_err(|deep| deep.0);
    }
    let mut nodes = html::parse(&autop::unmarked(post.body.text()));
    if post.markup == Markup::Paragraphs {
        autop::mark(&mut nodes);
    }
    let starts: Vec<usize> = post.body.text().match_indices('\n').map(|(at, _)| at + 1).collect();
    let line = |number: usize| {
        let at = number.checked_sub(1).and_then(|before| starts.get(before)).copied().unwrap_or(0);
        post.body.line(at)
    };
    Ok(rewrite::markdown(&nodes, hand, &line))
}

/// A text without characters that no text has; what was removed is said.
fn clean(text: &str, post: &Post, notes: &mut Vec<Note>) -> String {
    let broken = |c: char| (c.is_control() && c != '\n' && c != '\t') || c == '\u{fffd}';
    let count = text.chars().filter(|c| broken(*c)).count();
    if count == 0 {
        return text.to_owned();
    }
    let what = format!("{count} control characters or broken ones were removed from the text");
    notes.push(change(&post.file, post.line, what, "see what should stand there"));
    text.chars().filter(|c| !broken(*c)).collect()
}

/// The former addresses that can lead to a post.
fn aliases(post: &Post, target: &Target, occupied: &mut Occupied, notes: &mut Vec<Note>) -> Vec<String> {
    let mut kept = Vec::new();
    for written in post.address.iter().chain(&post.aliases) {
        let path = match SitePath::parse(written) {
            Ok(path) => path,
            Err(error) => {
                let what = format!("the former address cannot lead here: {error}");
                notes.push(change(&post.file, post.line, what, "a web server can redirect it"));
                continue;
            }
        };
        if path.as_str() == target.place || kept.contains(&path) {
            continue;
        }
        if let Err(why) = occupied.take(&path, &target.file) {
            let what = format!("the former address {path} cannot lead here: {why}");
            notes.push(change(&post.file, post.line, what, "a web server can redirect it"));
            continue;
        }
        kept.push(path);
    }
    kept.iter().map(ToString::to_string).collect()
}

/// The head of a file.
struct Head<'a> {
    post: &'a Post,
    form: &'a Form,
    language: &'a str,
    cover: Option<(String, String, Option<String>)>,
    aliases: Vec<String>,
}

impl Head<'_> {
    fn text(&self, notes: &mut Vec<Note>) -> String {
        let post = self.post;
        let mut lines = vec!["---".to_owned(), format!("title: {}", scalar(&self.title(notes)))];
        match self.form {
            Form::Articles => lines.push(format!("date: {}", post.day)),
            Form::Items(section) => lines.extend(section.iter().map(|section| format!("section: {section}"))),
        }
        let topics = self.topics(notes);
        if !topics.is_empty() {
            lines.push(format!("topics: [{}]", topics.join(", ")));
        }
        let description = self.post.description.as_deref().map(one_line).filter(|text| !text.is_empty());
        lines.extend(description.map(|text| format!("description: {}", scalar(&text))));
        if let Some((file, alt, caption)) = &self.cover {
            let caption = caption.as_ref().map(|caption| format!(", caption: {}", quoted(caption)));
            lines.push(format!(
                "image: {{file: {}, alt: {}{}}}",
                quoted(file),
                quoted(alt),
                caption.unwrap_or_default()
            ));
        }
        lines.extend(post.author.iter().map(|author| format!("author: {}", scalar(&one_line(author)))));
        lines.extend(self.lang(notes).map(|lang| format!("lang: {lang}")));
        if post.draft == Draft::Yes {
            lines.push("draft: true".to_owned());
        }
        if !self.aliases.is_empty() {
            let aliases: Vec<String> = self.aliases.iter().map(|alias| quoted(alias)).collect();
            lines.push(format!("aliases: [{}]", aliases.join(", ")));
        }
        lines.extend(["---".to_owned(), String::new()]);
        lines.join("\n")
    }

    fn title(&self, notes: &mut Vec<Note>) -> String {
        let title = self.post.title.as_deref().map(one_line).filter(|title| !title.is_empty());
        title.unwrap_or_else(|| {
            let words = self.post.slug.replace(['-', '_'], " ");
            let mut letters = words.chars();
            let title = letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>());
            let title = title.map(|title| one_line(&title)).filter(|title| !title.is_empty());
            let title = title.unwrap_or_else(|| self.post.day.to_string());
            let what = format!("it has no title; `{title}` was made of its name");
            notes.push(change(&self.post.file, self.post.line, what, "write a better one"));
            title
        })
    }

    fn topics(&self, notes: &mut Vec<Note>) -> Vec<String> {
        let mut keys = HashSet::new();
        let mut topics = Vec::new();
        for topic in &self.post.topics {
            let topic = one_line(topic);
            match Slug::from_text(&topic) {
                Some(key) => {
                    if keys.insert(key) {
                        topics.push(scalar(&topic));
                    }
                }
                None if topic.is_empty() => {}
                None => {
                    let what = format!("`{topic}` cannot be a topic");
                    let next = "a topic has a letter of a–z or a digit at least";
                    notes.push(super::leave_out(&self.post.file, self.post.line, what, next));
                }
            }
        }
        topics
    }

    fn lang(&self, notes: &mut Vec<Note>) -> Option<String> {
        let written = self.post.lang.as_deref()?.replace('_', "-");
        if written.eq_ignore_ascii_case(self.language) {
            return None;
        }
        match LanguageTag::parse(&written) {
            Ok(tag) => Some(tag.to_string()),
            Err(error) => {
                notes.push(super::leave_out(
                    &self.post.file,
                    self.post.line,
                    error.to_string(),
                    "write it as fr or en-GB",
                ));
                None
            }
        }
    }
}
