//! Sites of Jekyll: folders called `_posts`, permalinks, defaults by folder, redirections.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::files::{self, shown};
use super::head::{self, Head, Parted};
use super::liquid::{self, Liquid};
use super::pattern::{self, rooted};
use super::shelf::Shelf;
use super::when::When;
use super::{
    Draft, Harvest, ImportError, Markup, Note, Post, Site, hugo, kramdown, leave_out_post, settings,
};

/// A site as its settings describe it.
struct Jekyll {
    root: PathBuf,
    settings: Head,
    site: Site,
    /// The path of the first page.
    prefix: String,
}

pub(super) fn read(root: &Path) -> Result<Harvest, ImportError> {
    let mut notes = Vec::new();
    let settings = settings::first(root, &["_config.yml", "_config.yaml", "_config.toml"], &mut notes)?;
    let source = settings.text("source").filter(|source| files_below(root, source));
    let root = source.map_or_else(|| root.to_owned(), |source| root.join(source));
    let jekyll = Jekyll::new(&root, settings);
    let mut shelf = Shelf::default();
    shelf.mount("/", root.clone());
    let mut harvest = Harvest { site: jekyll.site.clone(), shelf, notes, ..Harvest::default() };
    for file in files::list(&root)? {
        let Some(place) = Place::of(&root, &file) else { continue };
        let post = jekyll.post(&file, &place, &mut harvest.notes);
        harvest.posts.extend(post);
    }
    Ok(harvest)
}

fn files_below(root: &Path, folder: &str) -> bool {
    !folder.starts_with('/') && !folder.contains("..") && root.join(folder).is_dir()
}

/// Where a post lies.
struct Place {
    /// The folders above `_posts`: they are categories.
    above: Vec<String>,
    kind: Folder,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Folder {
    Posts,
    Drafts,
}

impl Place {
    fn of(root: &Path, file: &Path) -> Option<Self> {
        let path = shown(root, file);
        let parts: Vec<&str> = path.split('/').collect();
        if ["_site", "vendor", "node_modules"].contains(parts.first()?) {
            return None;
        }
        let at = parts.iter().position(|part| matches!(*part, "_posts" | "_drafts"))?;
        let kind = if parts[at] == "_posts" { Folder::Posts } else { Folder::Drafts };
        Some(Self { above: parts[..at].iter().map(|part| (*part).to_owned()).collect(), kind })
    }
}

impl Jekyll {
    fn new(root: &Path, settings: Head) -> Self {
        let prefix = settings.text("baseurl").unwrap_or_default();
        let prefix = prefix.trim_end_matches('/').to_owned();
        let url = settings.text("url").filter(|url| url.starts_with("http"));
        let site = Site {
            title: settings.text("title").or_else(|| settings.text("name")),
            base: url.map(|url| format!("{}{prefix}", url.trim_end_matches('/'))),
            language: settings.text("lang").or_else(|| settings.text("locale")),
            timezone: settings.text("timezone").and_then(|zone| zone.parse().ok()),
        };
        Self { root: root.to_owned(), settings, site, prefix }
    }

    fn post(&self, file: &Path, place: &Place, notes: &mut Vec<Note>) -> Option<Post> {
        let name = shown(&self.root, file);
        let file_name = file.file_name()?.to_string_lossy().into_owned();
        let (stem, ending) = file_name.rsplit_once('.').unwrap_or((&file_name, ""));
        let markup = match ending {
            "md" | "markdown" | "mkd" | "mkdn" | "mkdown" => Markup::Markdown,
            "html" | "htm" => Markup::Html,
            "textile" | "rst" | "adoc" | "asciidoc" | "org" => {
                notes.push(leave_out_post(
                    &name,
                    0,
                    "only Markdown and HTML are read",
                    "turn it into Markdown first",
                ));
                return None;
            }
            _ => return None,
        };
        let text = files::text(&self.root, file, notes)?;
        let Parted { head: own, body, line } =
            head::part_post(&name, &text, "a post starts with a line `---`", notes)?;
        let head = own.clone().or(&self.defaults(&name));
        let (in_name, bare) = dated(stem);
        let when = head
            .text("date")
            .and_then(|date| When::parse(&date))
            .map(|when| when.in_zone(self.site.timezone));
        let Some(when) = when.or(in_name) else {
            let what = "it has no date, neither in its name nor in its head";
            notes.push(leave_out_post(&name, 1, what, "call it 2018-06-08-name.md, or give it a `date`"));
            return None;
        };
        let slug = head.text("slug").unwrap_or_else(|| bare.to_owned());
        let lang = head.text("lang").or_else(|| head.text("locale"));
        let written = [words(&head, "categories"), words(&head, "category")].concat();
        let categories: Vec<String> = place.above.iter().cloned().chain(written.iter().cloned()).collect();
        let output = if head.text("permalink").is_some() { "" } else { ".html" };
        let address = self.address(&head, &slug, when, &categories, output);
        let topics =
            place.above.iter().filter(|folder| Some(*folder) != lang.as_ref() && !folder.starts_with('_'));
        let topics = topics.cloned().chain(written).chain(words(&head, "tags")).chain(words(&head, "tag"));
        let hidden = head.flag("published") == Some(false) || head.flag("draft") == Some(true);
        let liquid =
            Liquid { file: &name, base: self.site.base.as_deref(), prefix: &self.prefix, head: &head };
        let mut body = liquid::expand(body, line, &liquid, notes);
        if markup == Markup::Markdown {
            body = kramdown::plain(&body, &name, notes);
        }
        Some(Post {
            line: 1,
            names: vec![stem.to_owned(), bare.to_owned()],
            title: head.text("title").map(|title| super::html::plain(&title)),
            day: when.day(),
            slug,
            address: Some(address),
            aliases: head.list("redirect_from").iter().map(|alias| rooted(alias)).collect(),
            topics: topics.collect(),
            description: head.text("description").or_else(|| head.text("excerpt")),
            author: hugo::author(&head),
            draft: Draft::when(hidden || place.kind == Folder::Drafts),
            lang: lang.filter(|lang| Some(lang) != self.site.language.as_ref()),
            // A picture for every post is one of the site, not of a post.
            cover: hugo::cover(&own),
            markup,
            body,
            folder: file.parent().map(Path::to_owned),
            file: name,
        })
    }

    /// What the settings say of all files in a folder.
    fn defaults(&self, name: &str) -> Head {
        let rules = self.settings.get("defaults").and_then(Value::as_array).cloned().unwrap_or_default();
        let mut usual = Head::default();
        for rule in rules.into_iter().rev() {
            let Value::Object(keys) = rule else { continue };
            let rule = Head::new(keys);
            let scope = rule.inner("scope");
            let path = scope.text("path").unwrap_or_default();
            let path = path.trim_matches('/');
            let fits = path.is_empty()
                || name.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
            if fits && scope.text("type").is_none_or(|kind| kind == "posts") {
                usual = usual.or(&rule.inner("values"));
            }
        }
        usual
    }

    fn address(&self, head: &Head, slug: &str, when: When, categories: &[String], output: &str) -> String {
        let own = head.text("permalink");
        let pattern = own.or_else(|| self.settings.text("permalink")).unwrap_or_else(|| "date".to_owned());
        let pattern = match pattern.as_str() {
            "date" => "/:categories/:year/:month/:day/:title:output_ext",
            "pretty" => "/:categories/:year/:month/:day/:title/",
            "ordinal" => "/:categories/:year/:y_day/:title:output_ext",
            "weekdate" => "/:categories/:year/W:week/:short_day/:title:output_ext",
            "none" => "/:categories/:title:output_ext",
            other => other,
        };
        pattern::fill(pattern, |token| match token {
            "title" | "slug" | "name" => Some(slug.to_owned()),
            "categories" | "slugified_categories" => {
                let each = categories.iter().map(|category| category.to_lowercase().replace(' ', "-"));
                Some(each.collect::<Vec<_>>().join("/"))
            }
            "output_ext" => Some(if output.is_empty() { ".html".to_owned() } else { output.to_owned() }),
            "collection" => Some("posts".to_owned()),
            token => pattern::moment(token, when.written()),
        })
    }
}

/// The day at the start of a name, and the rest.
fn dated(stem: &str) -> (Option<When>, &str) {
    let mut ends = stem.match_indices('-').map(|(at, _)| at);
    let end = ends.nth(2);
    match end.and_then(|end| Some((When::parse(&stem[..end])?, &stem[end + 1..]))) {
        Some((when, rest)) => (Some(when), rest),
        None => (None, stem),
    }
}

/// Names in an array, or in a text with spaces between them.
fn words(head: &Head, key: &str) -> Vec<String> {
    match head.get(key) {
        Some(Value::String(text)) if key != "category" && !text.contains(',') => {
            text.split_whitespace().map(str::to_owned).collect()
        }
        Some(Value::String(text)) if text.contains(',') => {
            text.split(',').map(|part| part.trim().to_owned()).collect()
        }
        _ => head.list(key),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_begins_with_its_day() {
        let (when, rest) = dated("2018-6-8-a-b");
        assert_eq!((when.expect("a day").day().to_string().as_str(), rest), ("2018-06-08", "a-b"));
        assert_eq!(dated("a-b-c-d").1, "a-b-c-d");
        assert_eq!(dated("2018-06-08").1, "2018-06-08");
    }
}
