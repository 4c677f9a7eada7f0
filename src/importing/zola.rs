//! Sites of Zola: `content/` with heads in TOML or YAML, taxonomies, pages in folders.

use std::path::{Path, PathBuf};

use super::calls::Dialect;
use super::desk::REF;
use super::files::{self, shown};
use super::head::{self, Head, Parted};
use super::lined::Lined;
use super::pattern::rooted;
use super::shelf::Shelf;
use super::shortcodes::expand;
use super::when::When;
use super::{Draft, Harvest, ImportError, Markup, Note, Post, Site, hugo, leave_out_post, settings};

pub(super) fn read(root: &Path) -> Result<Harvest, ImportError> {
    let mut notes = Vec::new();
    let settings = settings::first(root, &["zola.toml", "config.toml"], &mut notes)?;
    let mut shelf = Shelf::default();
    for folder in ["static", "content"] {
        shelf.mount("/", root.join(folder));
    }
    let base = settings.text("base_url").map(|base| base.trim_end_matches('/').to_owned());
    let site = Site {
        title: settings.text("title"),
        base: base.filter(|base| base.starts_with("http")),
        language: settings.text("default_language"),
        timezone: None,
    };
    let mut harvest = Harvest { site, shelf, notes, ..Harvest::default() };
    let content = root.join("content");
    if content.is_dir() {
        let zola = Zola {
            root,
            content,
            languages: settings.inner("languages"),
            default: settings.text("default_language"),
        };
        for file in
            files::list(&zola.content)?.iter().filter(|file| file.extension().is_some_and(|end| end == "md"))
        {
            let post = zola.page(file, &mut harvest.notes);
            harvest.posts.extend(post);
        }
    }
    Ok(harvest)
}

struct Zola<'a> {
    root: &'a Path,
    content: PathBuf,
    languages: Head,
    default: Option<String>,
}

impl Zola<'_> {
    fn page(&self, file: &Path, notes: &mut Vec<Note>) -> Option<Post> {
        let name = shown(self.root, file);
        let path = shown(&self.content, file);
        let mut sections: Vec<&str> = path.split('/').collect();
        let stem = sections.pop()?.strip_suffix(".md")?;
        let language = stem.rsplit_once('.').filter(|(_, tag)| self.languages.get(tag).is_some());
        let (stem, language) = language.map_or((stem, None), |(stem, tag)| (stem, Some(tag.to_owned())));
        if stem == "_index" {
            notes.push(leave_out_post(
                &name,
                0,
                "it is the page of a section, not a post",
                "write it anew, if it is wanted",
            ));
            return None;
        }
        let stem = if stem == "index" { sections.pop().unwrap_or(stem) } else { stem };
        let text = files::text(self.root, file, notes)?;
        let Parted { head, body, line } =
            head::part_post(&name, &text, "a page starts with +++ or ---", notes)?;
        let dated = stem.get(..10).and_then(|day| {
            When::parse(day).filter(|_| day.bytes().all(|b| b.is_ascii_digit() || b == b'-'))
        });
        let bare = match dated {
            Some(_) => stem[10..].trim_start_matches(['-', '_', ' ']),
            None => stem,
        };
        let written = head.text("path");
        let when = head.text("date").and_then(|date| When::parse(&date)).or(dated);
        let Some(when) = when.or_else(|| in_path(written.as_deref()?)) else {
            notes.push(leave_out_post(
                &name,
                1,
                "it has no date: a page, not a post",
                "give it a `date` to carry it",
            ));
            return None;
        };
        let slug = head.text("slug").unwrap_or_else(|| if bare.is_empty() { stem } else { bare }.to_owned());
        let last = crate::model::Slug::from_text(&slug).map_or_else(|| slug.clone(), |slug| slug.to_string());
        let prefix = language.as_ref().map(|language| format!("/{language}")).unwrap_or_default();
        let address = written.unwrap_or_else(|| format!("{}/{last}", sections.join("/")));
        let taxonomies = head.inner("taxonomies");
        let topics = taxonomies.entries().filter(|(key, _)| !key.starts_with("author"));
        let author = hugo::author(&head).or_else(|| hugo::author(&taxonomies));
        let extra = head.inner("extra");
        let full = sections.iter().chain([&stem]).copied().collect::<Vec<_>>().join("/");
        let folder = file.parent().map(Path::to_owned);
        Some(Post {
            line: 1,
            names: vec![full],
            title: head.text("title"),
            day: when.day(),
            slug: address_name(&head).unwrap_or(slug),
            address: Some(rooted(&format!("{prefix}/{address}/"))),
            aliases: head.list("aliases").iter().map(|alias| rooted(alias)).collect(),
            topics: topics.flat_map(|(key, _)| taxonomies.list(key)).collect(),
            description: head.text("description"),
            author: author.or_else(|| hugo::author(&extra)),
            draft: Draft::when(head.flag("draft").unwrap_or(false)),
            lang: language.filter(|language| Some(language) != self.default.as_ref()),
            cover: hugo::cover(&extra),
            markup: Markup::Markdown,
            body: links(&expand(body, line, Dialect::Zola, &name, notes)),
            folder,
            file: name,
        })
    }
}

/// The day that three parts of a path make: `news/2018/06/08/name`.
fn in_path(path: &str) -> Option<When> {
    let parts: Vec<&str> = path.split('/').collect();
    parts.windows(3).find_map(|day| When::parse(&day.join("-")).filter(|_| day[2].len() <= 2))
}

/// The last part of a path that the head gives.
fn address_name(head: &Head) -> Option<String> {
    let path = head.text("path")?;
    Some(path.trim_end_matches('/').rsplit('/').next()?.to_owned())
}

/// Links to `@/blog/a.md` are links to posts by name.
fn links(body: &Lined) -> Lined {
    if !body.text().contains("@/") {
        return body.clone();
    }
    body.each_line(|line, _| {
        let line = ["(", "<", "]: ", "=\""].iter().fold(line.to_owned(), |line, before| {
            line.replace(&format!("{before}@/"), &format!("{before}{REF}"))
        });
        Some(line)
    })
}
