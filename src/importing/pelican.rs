//! Sites of Pelican: `content/` with `Title:` and `Date:` on the first lines, settings in Python.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::desk::REF;
use super::files::{self, plain_lines, shown};
use super::head::{self, Head};
use super::lined::Lined;
use super::pattern::rooted;
use super::shelf::Shelf;
use super::when::When;
use super::{Draft, Harvest, ImportError, Markup, Note, Post, Site, change, hugo, leave_out_post};

pub(super) fn read(root: &Path) -> Result<Harvest, ImportError> {
    let settings = settings(root)?;
    let content = root.join(settings.text("PATH").unwrap_or_else(|| "content".to_owned()));
    let content = if content.is_dir() { content } else { root.to_owned() };
    let mut shelf = Shelf::default();
    shelf.mount("/", content.clone());
    let base = settings.text("SITEURL").map(|base| base.trim_end_matches('/').to_owned());
    let site = Site {
        title: settings.text("SITENAME"),
        base: base.filter(|base| base.starts_with("http")),
        language: settings.text("DEFAULT_LANG"),
        timezone: settings.text("TIMEZONE").and_then(|zone| zone.parse().ok()),
    };
    let mut harvest = Harvest { site, shelf, ..Harvest::default() };
    let pelican = Pelican { root, content, settings };
    for file in files::list(&pelican.content)? {
        let ending = file.extension().and_then(|ending| ending.to_str()).unwrap_or("");
        match ending {
            "md" | "markdown" | "mkd" | "mdown" => {
                let post = pelican.post(&file, &mut harvest.notes);
                harvest.posts.extend(post);
            }
            "rst" | "asciidoc" | "adoc" | "ipynb" => {
                let what = "only Markdown is read";
                harvest.notes.push(leave_out_post(
                    &shown(root, &file),
                    0,
                    what,
                    "turn it into Markdown first",
                ));
            }
            _ => {}
        }
    }
    Ok(harvest)
}

/// The texts and numbers that the settings assign: Python is not run.
fn settings(root: &Path) -> Result<Head, ImportError> {
    let mut keys = Map::new();
    for name in ["pelicanconf.py", "publishconf.py"] {
        let file = root.join(name);
        if !file.is_file() {
            continue;
        }
        let text = fs::read_to_string(&file).map_err(|error| ImportError::Unreadable(file.clone(), error))?;
        for line in plain_lines(&text).lines() {
            let Some((key, value)) = line.split_once('=') else { continue };
            let key = key.trim_end();
            if !key.is_empty()
                && key.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
                && let Some(value) = literal(value.trim())
            {
                keys.insert(key.to_owned(), value.into());
            }
        }
    }
    Ok(Head::new(keys))
}

/// The text of `'…'`, `"…"` or `u'…'`, whatever follows; `True` and `False` as they are.
fn literal(value: &str) -> Option<String> {
    let value = value.trim_start_matches(['u', 'r']);
    let quote = value.chars().next()?;
    if matches!(quote, '"' | '\'') {
        let inner = &value[1..];
        return Some(inner[..inner.find(quote)?].to_owned()).filter(|text| !text.is_empty());
    }
    ["True", "False"].iter().find(|word| value.starts_with(**word)).map(|word| (*word).to_owned())
}

struct Pelican<'a> {
    root: &'a Path,
    content: PathBuf,
    settings: Head,
}

impl Pelican<'_> {
    fn post(&self, file: &Path, notes: &mut Vec<Note>) -> Option<Post> {
        let name = shown(self.root, file);
        let text = files::text(self.root, file, notes)?;
        let (head, body, line) = match head::part(&name, &text, notes) {
            Ok(Some(parted)) => (parted.head, parted.body, parted.line),
            Ok(None) => fields(&text),
            Err((line, what)) => {
                notes.push(leave_out_post(&name, line, what, "mend the head"));
                return None;
            }
        };
        let path = shown(&self.content, file);
        let stem = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let in_name = || stem.get(..10).and_then(When::parse);
        let Some(when) = head.text("date").and_then(|date| When::parse(&date)).or_else(in_name) else {
            notes.push(leave_out_post(
                &name,
                1,
                "it has no date: a page, not a post",
                "give it a `Date:` to carry it",
            ));
            return None;
        };
        if head.text("title").is_none() {
            notes.push(leave_out_post(&name, 1, "it has no title", "begin it with `Title:`"));
            return None;
        }
        let status = head.text("status").unwrap_or_default();
        if matches!(status.as_str(), "hidden" | "skip") {
            notes.push(leave_out_post(&name, 1, format!("its status is {status}"), ""));
            return None;
        }
        let title = head.text("title");
        let slug = head.text("slug").unwrap_or_else(|| slugify(title.as_deref().unwrap_or(&stem)));
        let above = path.split('/').rev().nth(1).map(str::to_owned);
        let category = head.text("category").or(above).or_else(|| self.settings.text("DEFAULT_CATEGORY"));
        let lang = head.text("lang");
        let address = self.address(&slug, when, category.as_deref(), lang.as_deref());
        let mut topics: Vec<String> = category.into_iter().collect();
        topics.extend(head.list("tags").iter().flat_map(|tags| commas(tags)));
        let author = hugo::author(&head).or_else(|| self.settings.text("AUTHOR"));
        let usual = self.settings.text("DEFAULT_LANG");
        Some(Post {
            line: 1,
            names: vec![path],
            title,
            day: when.day(),
            slug,
            address: Some(address),
            aliases: head
                .list("alias")
                .iter()
                .chain(&head.list("aliases"))
                .flat_map(|all| commas(all))
                .collect(),
            topics,
            description: head.text("summary").or_else(|| head.text("description")),
            author,
            draft: Draft::when(status == "draft"),
            lang: lang.filter(|lang| Some(lang) != usual.as_ref()),
            cover: hugo::cover(&head),
            markup: Markup::Markdown,
            body: links(body, line, &name, notes),
            folder: file.parent().map(Path::to_owned),
            file: name,
        })
    }

    fn address(&self, slug: &str, when: When, category: Option<&str>, lang: Option<&str>) -> String {
        let usual = self.settings.text("DEFAULT_LANG");
        let translated = lang.is_some_and(|lang| Some(lang) != usual.as_deref());
        let key = if translated { "ARTICLE_LANG_URL" } else { "ARTICLE_URL" };
        let pattern = self.settings.text(key);
        let plain = if translated { "{slug}-{lang}.html" } else { "{slug}.html" };
        let pattern = pattern.unwrap_or_else(|| plain.to_owned());
        let mut filled = String::new();
        let mut rest = pattern.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            filled.push_str(before);
            let Some((token, behind)) = after.split_once('}') else { break };
            match token.split_once(':') {
                Some(("date", format)) => filled.push_str(&strftime(format, when)),
                _ => filled.push_str(match token {
                    "slug" => slug,
                    "lang" => lang.unwrap_or(""),
                    "category" => category.unwrap_or(""),
                    _ => "",
                }),
            }
            rest = behind;
        }
        filled.push_str(rest);
        rooted(&filled)
    }
}

/// The few forms that addresses use.
fn strftime(format: &str, when: When) -> String {
    let written = when.written();
    let mut text = String::new();
    let mut letters = format.chars();
    while let Some(letter) = letters.next() {
        if letter != '%' {
            text.push(letter);
            continue;
        }
        let plain = matches!(letters.clone().next(), Some('-'));
        let code = if plain { letters.nth(1) } else { letters.next() };
        let name = match (code, plain) {
            (Some('Y'), _) => "year",
            (Some('y'), _) => "short_year",
            (Some('m'), false) => "month",
            (Some('m'), true) => "i_month",
            (Some('d'), false) => "day",
            (Some('d'), true) => "i_day",
            (Some('b'), _) => "short_month",
            (Some('B'), _) => "long_month",
            (Some('H'), _) => "hour",
            (Some('M'), _) => "minute",
            (Some('j'), _) => "y_day",
            _ => continue,
        };
        text.push_str(&super::pattern::moment(name, written).unwrap_or_default());
    }
    text
}

/// The fields on the first lines, and where the text starts.
fn fields(text: &str) -> (Head, &str, usize) {
    let mut keys: Map<String, Value> = Map::new();
    let mut at = 0;
    let mut line = 1;
    let mut last: Option<String> = None;
    for written in text.split_inclusive('\n') {
        let plain = written.trim_end();
        if plain.is_empty() && !keys.is_empty() {
            break;
        }
        let key = plain.split_once(':').filter(|(key, _)| {
            !key.is_empty()
                && key.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-' || c == ' ')
                && !key.starts_with(' ')
        });
        match (key, &last) {
            (Some((key, value)), _) => {
                let key = key.trim().to_lowercase();
                keys.insert(key.clone(), value.trim().into());
                last = Some(key);
            }
            (None, Some(key)) if plain.starts_with("    ") => {
                if let Some(Value::String(value)) = keys.get_mut(key) {
                    value.push(' ');
                    value.push_str(plain.trim());
                }
            }
            (None, None) if plain.is_empty() => {}
            _ => break,
        }
        at += written.len();
        line += 1;
    }
    (Head::new(keys), &text[at..], line)
}

fn commas(text: &str) -> Vec<String> {
    let separator = if text.contains(';') { ';' } else { ',' };
    text.split(separator).map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}

/// A title as Pelican writes it in an address.
fn slugify(title: &str) -> String {
    crate::model::Slug::from_text(&title.replace(['\'', '’', '.', ',', '!', '?', ':', '&'], ""))
        .map_or_else(|| title.to_lowercase(), |slug| slug.to_string())
}

/// Links by `{filename}` are links to posts by name; files stand where they are.
fn links(body: &str, line: usize, file: &str, notes: &mut Vec<Note>) -> Lined {
    let body = Lined::new(body, line);
    if !body.text().contains(['{', '|']) && !body.text().contains("[TOC]") {
        return body;
    }
    body.each_line(|text, number| {
        if text.trim() == "[TOC]" {
            notes.push(change(file, number, "a table of contents", "it is not made here"));
            return Some("\n".to_owned());
        }
        let mut text = text.to_owned();
        for (mark, new) in [("filename", REF), ("static", ""), ("attach", ""), ("photo", "")] {
            for written in [format!("{{{mark}}}"), format!("|{mark}|")] {
                for before in ["(", "<", "]: ", "=\"", "='"] {
                    text = text.replace(&format!("{before}{written}"), &format!("{before}{new}"));
                }
            }
        }
        for kind in ["index", "tag", "category", "author"] {
            text = text.replace(&format!("]({{{kind}}}"), "](/");
        }
        Some(text)
    })
}
