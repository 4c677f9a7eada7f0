//! Exports of WordPress: posts, what is kept beside them, and the pictures of the uploads folder.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use super::html::plain;
use super::lined::Lined;
use super::shelf::Shelf;
use super::when::When;
use super::wxr::{Item, Wxr};
use super::{
    Cover, Draft, Harvest, ImportError, Markup, Note, Post, Site, brackets, change, leave_out,
    leave_out_post, wxr,
};

/// What else an export holds, and what it is called.
const OTHERS: [(&str, &str); 2] = [("nav_menu_item", "entries of menus"), ("attachment", "files")];

pub(super) fn read(file: &Path, uploads: Option<PathBuf>) -> Result<Harvest, ImportError> {
    let wxr = wxr::read(file)?;
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut shelf = Shelf::default();
    if let Some(folder) = uploads {
        for mark in ["/wp-content/uploads/", ".files.wordpress.com/"] {
            shelf.mark(mark, folder.clone());
        }
    }
    let wordpress = WordPress { name, attachments: attachments(&wxr), wxr: &wxr, base: base(&wxr) };
    let site = Site {
        title: wxr.channel.get("title").cloned().filter(|title| !title.is_empty()),
        base: wordpress.base.clone(),
        language: wxr.channel.get("language").cloned().filter(|tag| !tag.is_empty()),
        timezone: None,
    };
    let mut harvest = Harvest { site, shelf, ..Harvest::default() };
    let mut others: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for item in &wxr.items {
        match item.field("wp:post_type").unwrap_or("post") {
            "post" => {
                let post = wordpress.post(item, &mut harvest.notes);
                harvest.posts.extend(post);
            }
            "page" => {
                let what = format!("`{}` is a page, not a post", plain(item.field("title").unwrap_or("")));
                harvest.notes.push(leave_out_post(
                    &wordpress.name,
                    item.line,
                    what,
                    "write it anew, if it is wanted",
                ));
            }
            other => others.entry(other).or_insert((item.line, 0)).1 += 1,
        }
    }
    for (kind, (line, count)) in others {
        let known = OTHERS.iter().find(|(known, _)| *known == kind).map_or(kind, |(_, words)| words);
        let what = format!("{count} of the type `{kind}` ({known})");
        let next = match kind {
            "attachment" => "those that a post shows are copied, if `--uploads` has them",
            _ => "only posts are carried",
        };
        harvest.notes.push(leave_out(&wordpress.name, line, what, next));
    }
    Ok(harvest)
}

fn base(wxr: &Wxr) -> Option<String> {
    let written =
        ["wp:base_blog_url", "link", "wp:base_site_url"].iter().find_map(|key| wxr.channel.get(*key));
    written.map(|base| base.trim_end_matches('/').to_owned()).filter(|base| base.starts_with("http"))
}

/// The addresses of uploaded files, by number, with their words.
fn attachments(wxr: &Wxr) -> HashMap<String, Cover> {
    let files = wxr.items.iter().filter(|item| item.field("wp:post_type") == Some("attachment"));
    let file = |item: &Item| {
        let src = item.field("wp:attachment_url").or_else(|| item.field("guid"))?.to_owned();
        let alt = item.meta("_wp_attachment_image_alt").unwrap_or("").to_owned();
        let caption = item.field("excerpt:encoded").map(plain);
        Some((item.field("wp:post_id")?.to_owned(), Cover { src, alt, caption }))
    };
    files.filter_map(file).collect()
}

struct WordPress<'a> {
    name: String,
    attachments: HashMap<String, Cover>,
    wxr: &'a Wxr,
    base: Option<String>,
}

impl WordPress<'_> {
    fn post(&self, item: &Item, notes: &mut Vec<Note>) -> Option<Post> {
        let title = item.field("title").map(plain).filter(|title| !title.trim().is_empty());
        let shown = title.clone().unwrap_or_else(|| "a post without a title".to_owned());
        let status = item.field("wp:status").unwrap_or("publish");
        if matches!(status, "trash" | "auto-draft" | "inherit") {
            let what = format!("`{shown}` is in the state `{status}`");
            notes.push(leave_out_post(
                &self.name,
                item.line,
                what,
                "only what was published or drafted is carried",
            ));
            return None;
        }
        let dates = ["wp:post_date", "pubDate", "wp:post_modified"];
        let Some(when) = dates.iter().find_map(|key| When::parse(item.field(key)?)) else {
            notes.push(leave_out_post(
                &self.name,
                item.line,
                format!("`{shown}` has no date"),
                "give it one",
            ));
            return None;
        };
        let locked = item.field("wp:post_password").is_some();
        if locked || !matches!(status, "publish" | "draft") {
            let state = if locked { "had a password" } else { &format!("was in the state `{status}`") };
            notes.push(change(&self.name, item.line, format!("`{shown}` {state}"), "it is a draft now"));
        }
        if item.comments > 0 {
            let many = if item.comments == 1 { "comment" } else { "comments" };
            let what = format!("{} {many} of readers under `{shown}`", item.comments);
            notes.push(leave_out(&self.name, item.line, what, "a newsletter has no comments"));
        }
        let written = item.content();
        let blocks = written.contains("<!-- wp:");
        let line = item.text_line.max(item.line);
        let body = brackets::expand(written, line, &self.name, notes, &|id| {
            self.attachments.get(id).map(|file| (file.src.clone(), file.caption.clone().unwrap_or_default()))
        });
        let login = item.field("dc:creator");
        let author = login.map(|login| {
            self.wxr.authors.get(login).filter(|name| !name.is_empty()).map_or(login, |name| name)
        });
        let slug = item.field("wp:post_name").map(super::paths::decoded);
        let topics =
            item.categories.iter().filter(|(domain, _)| matches!(domain.as_str(), "category" | "post_tag"));
        let topics = topics.map(|(_, name)| plain(name)).filter(|name| name != "Uncategorized");
        Some(Post {
            line: item.line,
            names: Vec::new(),
            day: when.day(),
            slug: slug.or_else(|| title.clone()).unwrap_or_default(),
            address: item.field("link").and_then(|link| self.path(link)),
            aliases: item.meta("_wp_old_slug").and_then(|old| self.renamed(item, old)).into_iter().collect(),
            topics: topics.collect(),
            description: item.field("excerpt:encoded").map(plain),
            author: author.map(str::to_owned),
            draft: Draft::when(locked || status != "publish"),
            lang: None,
            cover: item.meta("_thumbnail_id").and_then(|id| self.attachments.get(id)).cloned(),
            markup: if blocks { Markup::Html } else { Markup::Paragraphs },
            body: Lined::new(&body, line),
            folder: None,
            file: self.name.clone(),
            title,
        })
    }

    /// The path of an address; a draft has none but its number.
    fn path(&self, link: &str) -> Option<String> {
        let path = match &self.base {
            Some(base) => super::paths::strip_scheme(link).strip_prefix(super::paths::strip_scheme(base)),
            None => {
                super::paths::strip_scheme(link).find('/').map(|at| &super::paths::strip_scheme(link)[at..])
            }
        }?;
        let plain = path.starts_with('/') && !path.contains('?') && path.len() > 1;
        plain.then(|| path.to_owned())
    }

    /// The address under a name that the post had before.
    fn renamed(&self, item: &Item, old: &str) -> Option<String> {
        let path = self.path(item.field("link")?)?;
        let name = item.field("wp:post_name")?;
        let at = path.rfind(name)?;
        Some(format!("{}{old}{}", &path[..at], &path[at + name.len()..]))
    }
}
