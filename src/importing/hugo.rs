//! Sites of Hugo: `content/` with heads in YAML, TOML or JSON, bundles, languages, permalinks.

use std::collections::{BTreeSet, HashSet};
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::calls::Dialect;
use super::files::{self, shown};
use super::head::{self, Head, Parted};
use super::pattern::{self, rooted};
use super::shelf::Shelf;
use super::shortcodes::expand;
use super::when::When;
use super::{Cover, Draft, Harvest, ImportError, Markup, Note, Post, Site, leave_out_post, settings};

/// A site as its settings describe it.
struct Hugo {
    root: PathBuf,
    settings: Head,
    default: String,
    languages: Vec<String>,
    taxonomies: BTreeSet<String>,
}

pub(super) fn read(root: &Path) -> Result<Harvest, ImportError> {
    let mut notes = Vec::new();
    let settings = all_settings(root, &mut notes)?;
    let hugo = Hugo::new(root, settings);
    let mut harvest = Harvest { site: hugo.site(), notes, shelf: hugo.shelf(), ..Harvest::default() };
    for (folder, language) in hugo.contents() {
        if !folder.is_dir() {
            continue;
        }
        let found = files::list(&folder)?;
        let bundles: HashSet<PathBuf> = found
            .iter()
            .filter(|file| {
                file.file_stem()
                    .is_some_and(|stem| stem == "index" || stem.to_string_lossy().starts_with("index."))
            })
            .filter(|file| is_text(file))
            .filter_map(|file| file.parent().map(Path::to_owned))
            .collect();
        for file in found.iter().filter(|file| is_text(file)) {
            let page = hugo.page(file, &folder, language.as_deref(), &bundles, &mut harvest.notes);
            harvest.posts.extend(page);
        }
    }
    Ok(harvest)
}

fn is_text(file: &Path) -> bool {
    let ending = file.extension().and_then(|ending| ending.to_str()).unwrap_or("");
    ["md", "markdown", "html", "htm", "org", "adoc", "asciidoc", "rst", "pandoc", "mmark"].contains(&ending)
}

/// One file, or a folder of files that are put together.
fn all_settings(root: &Path, notes: &mut Vec<Note>) -> Result<Head, ImportError> {
    let names = ["hugo", "config"]
        .iter()
        .flat_map(|stem| ["toml", "yaml", "yml", "json"].map(|end| format!("{stem}.{end}")));
    let names: Vec<String> = names.collect();
    let list: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut settings = settings::first(root, &list, notes)?;
    let folder = root.join("config/_default");
    if folder.is_dir() {
        settings = settings.or(&settings::first(&folder, &list, notes)?);
        for file in files::list(&folder)? {
            let stem = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let ending = file.extension().and_then(|ending| ending.to_str()).unwrap_or("");
            if ["toml", "yaml", "yml", "json"].contains(&ending) && stem != "hugo" && stem != "config" {
                let inner = settings::read(root, &file, notes)?;
                let keys = inner.entries().map(|(key, value)| (key.clone(), value.clone())).collect();
                let outer = [(stem, Value::Object(keys))].into_iter().collect();
                settings = settings.or(&Head::new(outer));
            }
        }
    }
    Ok(settings)
}

impl Hugo {
    fn new(root: &Path, settings: Head) -> Self {
        let default = settings.text("defaultContentLanguage").unwrap_or_else(|| "en".to_owned());
        let languages = settings.inner("languages").entries().map(|(name, _)| name.clone()).collect();
        let mut taxonomies: BTreeSet<String> =
            settings.inner("taxonomies").entries().filter_map(|(_, plural)| head::scalar(plural)).collect();
        if taxonomies.is_empty() {
            taxonomies.extend(["tags".to_owned(), "categories".to_owned()]);
        }
        taxonomies.remove("authors");
        taxonomies.remove("author");
        Self { root: root.to_owned(), settings, default, languages, taxonomies }
    }

    fn site(&self) -> Site {
        let language = self.settings.inner("languages").inner(&self.default);
        let base = self.settings.text("baseURL").map(|base| base.trim_end_matches('/').to_owned());
        let code = self.settings.text("languageCode").or_else(|| self.settings.text("locale"));
        Site {
            title: self.settings.text("title").or_else(|| language.text("title")),
            base: base.filter(|base| base.starts_with("http")),
            language: code.or_else(|| self.settings.text("defaultContentLanguage")),
            timezone: self.settings.text("timeZone").and_then(|zone| zone.parse().ok()),
        }
    }

    /// The folders of pages, with the language of each where it has one.
    fn contents(&self) -> Vec<(PathBuf, Option<String>)> {
        let languages = self.settings.inner("languages");
        let own = self.languages.iter().filter_map(|name| {
            Some((self.root.join(languages.inner(name).text("contentDir")?), Some(name.clone())))
        });
        let mut folders: Vec<_> = own.collect();
        let usual = self.root.join(self.settings.text("contentDir").unwrap_or_else(|| "content".to_owned()));
        if !folders.iter().any(|(folder, _)| usual.starts_with(folder) || folder.starts_with(&usual)) {
            folders.push((usual, None));
        }
        folders.sort();
        folders
    }

    fn shelf(&self) -> Shelf {
        let mut shelf = Shelf::default();
        let mut statics = self.settings.list("staticDir");
        if statics.is_empty() {
            statics.push("static".to_owned());
        }
        for folder in statics.iter().map(String::as_str).chain(["assets"]) {
            shelf.mount("/", self.root.join(folder));
        }
        for (folder, _) in self.contents() {
            shelf.mount("/", folder);
        }
        shelf
    }

    fn page(
        &self,
        file: &Path,
        content: &Path,
        language: Option<&str>,
        bundles: &HashSet<PathBuf>,
        notes: &mut Vec<Note>,
    ) -> Option<Post> {
        let name = shown(&self.root, file);
        let mut refuse = |line, what: String, next: &str| {
            notes.push(leave_out_post(&name, line, what, next));
            None::<Post>
        };
        let path = Place::new(file, content, &self.languages);
        if matches!(path.stem.as_str(), "_index" | "_content") {
            return refuse(
                0,
                "it is the page of a section, not a post".to_owned(),
                "write it anew, if it is wanted",
            );
        }
        let within = file.parent().is_some_and(|folder| bundles.contains(folder));
        if within && path.stem != "index" {
            return refuse(0, "it is part of a bundle, not a page".to_owned(), "");
        }
        let markup = match file.extension().and_then(|ending| ending.to_str()) {
            Some("md" | "markdown" | "mmark" | "pandoc") => Markup::Linked,
            Some("html" | "htm") => Markup::Html,
            _ => {
                return refuse(
                    0,
                    "only Markdown and HTML are read".to_owned(),
                    "turn it into Markdown first",
                );
            }
        };
        let text = files::text(&self.root, file, notes)?;
        let Parted { head, body, line } =
            head::part_post(&name, &text, "a post starts with --- or +++", notes)?;
        let Some(when) = date(&head, &path.name) else {
            let what = "it has no date: a page, not a post";
            notes.push(leave_out_post(&name, 1, what, "give it a `date` to carry it"));
            return None;
        };
        if body.trim().is_empty() && head.text("title").is_none() {
            notes.push(leave_out_post(&name, 1, "it has neither a title nor a text", ""));
            return None;
        }
        let language = path.language.as_deref().or(language);
        let address = self.address(&head, &path, when, language);
        let aliases = head.list("aliases").iter().map(|alias| self.alias(alias, &address)).collect();
        let mut names = vec![path.full.clone(), path.name.clone()];
        names.dedup();
        Some(Post {
            line: 1,
            names,
            title: head.text("title"),
            day: when.day(),
            slug: head.text("slug").unwrap_or_else(|| path.name.clone()),
            address: Some(address),
            aliases,
            topics: self.taxonomies.iter().rev().flat_map(|plural| head.list(plural)).collect(),
            description: head.text("description").or_else(|| head.text("summary")),
            author: author(&head),
            draft: Draft::when(head.flag("draft").unwrap_or(false)),
            lang: language.filter(|language| *language != self.default).map(str::to_owned),
            cover: cover(&head),
            markup,
            body: expand(body, line, Dialect::Hugo, &name, notes),
            folder: file.parent().map(Path::to_owned),
            file: name,
        })
    }

    fn address(&self, head: &Head, path: &Place, when: When, language: Option<&str>) -> String {
        let language = language.unwrap_or(&self.default);
        let below =
            language != self.default || self.settings.flag("defaultContentLanguageInSubdir") == Some(true);
        let prefix = if below { format!("/{language}") } else { String::new() };
        if let Some(url) = head.text("url") {
            return rooted(&if url.starts_with('/') { url } else { format!("{prefix}/{url}") });
        }
        let last = head.text("slug").unwrap_or_else(|| path.name.clone());
        let permalinks = self.settings.inner("permalinks");
        let section = path.sections.first().map_or("", String::as_str);
        let pattern = permalinks.inner("page").text(section).or_else(|| permalinks.text(section));
        let plain = || format!("/{}/{last}/", path.sections.join("/"));
        let filled = pattern.map_or_else(plain, |pattern| {
            let title = head.text("title").unwrap_or_default();
            pattern::fill(&pattern, |token| token_of(token, &title, head, path, when))
        });
        let filled = if self.settings.flag("disablePathToLower") == Some(true) {
            filled
        } else {
            filled.to_lowercase()
        };
        let filled = filled.replace(' ', "-");
        let ugly = self.settings.flag("uglyURLs") == Some(true);
        rooted(&if ugly {
            format!("{prefix}{}.html", filled.trim_end_matches('/'))
        } else {
            format!("{prefix}{filled}/")
        })
    }

    /// An alias counts from the first page, or from the folder of the post.
    fn alias(&self, alias: &str, address: &str) -> String {
        if alias.starts_with('/') {
            return alias.to_owned();
        }
        let folder = address.trim_end_matches('/').rsplit_once('/').map_or("", |(folder, _)| folder);
        let mut parts: Vec<&str> = folder.split('/').collect();
        for part in alias.split('/') {
            match part {
                "." => {}
                ".." => {
                    parts.pop();
                }
                part => parts.push(part),
            }
        }
        rooted(&parts.join("/"))
    }
}

fn token_of(token: &str, title: &str, head: &Head, path: &Place, when: When) -> Option<String> {
    let slug = head.text("slug");
    match token {
        "title" => Some(urlize(title)),
        "slug" => Some(slug.unwrap_or_else(|| urlize(title))),
        "filename" | "contentbasename" => Some(path.name.clone()),
        "slugorfilename" | "slugorcontentbasename" => Some(slug.unwrap_or_else(|| path.name.clone())),
        "section" => path.sections.first().cloned(),
        "sections" => Some(path.sections.join("/")),
        "sections[1:]" => Some(path.sections.get(1..).unwrap_or_default().join("/")),
        "sections[last]" => path.sections.last().cloned(),
        _ => pattern::moment(token, when.written()),
    }
}

/// A title as Hugo writes it in an address.
fn urlize(title: &str) -> String {
    let kept = |c: char| match c {
        ' ' => Some('-'),
        c if c.is_alphanumeric() || "_-.#+~".contains(c) => c.to_lowercase().next(),
        _ => None,
    };
    let mut text = String::new();
    for character in title.chars().filter_map(kept) {
        if character != '-' || !text.ends_with('-') {
            text.push(character);
        }
    }
    text.trim_matches('-').to_owned()
}

/// A file of `content/` as Hugo sees it.
struct Place {
    sections: Vec<String>,
    stem: String,
    /// The name without language and ending; that of its folder for a bundle.
    name: String,
    full: String,
    language: Option<String>,
}

impl Place {
    fn new(file: &Path, content: &Path, languages: &[String]) -> Self {
        let relative = shown(content, file);
        let mut sections: Vec<String> = relative.split('/').map(str::to_owned).collect();
        let last = sections.pop().unwrap_or_default();
        let stem = last.rsplit_once('.').map_or(last.as_str(), |(stem, _)| stem).to_owned();
        let (stem, language) = match stem.rsplit_once('.') {
            Some((before, tag)) if languages.iter().any(|known| known == tag) => {
                (before.to_owned(), Some(tag.to_owned()))
            }
            _ => (stem, None),
        };
        let name =
            if stem == "index" { sections.pop().unwrap_or_else(|| stem.clone()) } else { stem.clone() };
        let full = sections.iter().chain([&name]).cloned().collect::<Vec<_>>().join("/");
        Self { sections, stem, name, full, language }
    }
}

/// The day that a head names, or the name of the file.
fn date(head: &Head, name: &str) -> Option<When> {
    let keys = ["date", "publishDate", "pubdate", "published"];
    let written = keys.iter().find_map(|key| When::parse(&head.text(key)?));
    written.or_else(|| When::parse(name.get(..10)?))
}

/// Who wrote it: one name, or several.
pub(super) fn author(head: &Head) -> Option<String> {
    let mut names = head.list("author");
    if names.is_empty() {
        names = head.list("authors");
    }
    (!names.is_empty()).then(|| names.join(", "))
}

/// The picture above it, under any of the names that themes use.
pub(super) fn cover(head: &Head) -> Option<Cover> {
    for key in [
        "image",
        "images",
        "featured_image",
        "featuredImage",
        "cover",
        "cover_image",
        "thumbnail",
        "banner",
        "hero",
    ] {
        let inner = head.inner(key);
        let names = ["image", "src", "url", "file", "path", "feature"];
        if let Some(src) = names.iter().find_map(|name| inner.text(name)) {
            let alt = inner.text("alt").unwrap_or_default();
            return Some(Cover { src, alt, caption: inner.text("caption") });
        }
        if let Some(src) = head.list(key).into_iter().find(|src| src.contains('.')) {
            return Some(Cover { src, ..Cover::default() });
        }
    }
    None
}
