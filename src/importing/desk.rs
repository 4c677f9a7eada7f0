//! Where the links and pictures of a post lead once it has moved.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use url::Url;

use crate::images;
use crate::model::{Slug, WebUrl};

use super::paths::{address_key, decoded, is_web, join, name_key, scheme, short, strip_scheme, way};
use super::plan::Target;
use super::shelf::{is_picture, name_of};
use super::{Draft, Harvest, Note, Post, change, leave_out};

/// What stands before the name of a post in a link that a reader has made.
pub(super) const REF: &str = "ref:";
/// The heaviest picture that is looked at, in bytes.
const HEAVIEST: u64 = 60_000_000;

/// All posts by their addresses and names.
pub(super) struct Desk<'a> {
    harvest: &'a Harvest,
    targets: &'a [Option<Target>],
    addresses: HashMap<String, usize>,
    /// `None` where a name means several posts.
    names: HashMap<String, Option<usize>>,
    /// What is known of pictures: nothing where they are fine.
    judged: Mutex<HashMap<PathBuf, Option<String>>>,
}

/// One post being carried.
pub(super) struct Hand<'a> {
    desk: &'a Desk<'a>,
    post: &'a Post,
    target: &'a Target,
    /// What had to be said so far.
    pub(super) notes: Vec<Note>,
    /// The pictures, by the names that they get beside the post.
    pub(super) pictures: BTreeMap<String, PathBuf>,
}

/// Where a link leads now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Lead {
    /// Where it led before.
    Same,
    /// Somewhere else.
    To(String),
    /// Nowhere: its text remains.
    Nowhere,
}

/// What becomes of a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Shown {
    /// It lies beside the post.
    Beside(String),
    /// It stays where it is; a link leads there.
    Linked(String),
    /// Only its words remain.
    Words,
}

impl<'a> Desk<'a> {
    pub(super) fn new(harvest: &'a Harvest, targets: &'a [Option<Target>]) -> Self {
        let mut addresses = HashMap::new();
        let mut names: HashMap<String, Option<usize>> = HashMap::new();
        let each = || harvest.posts.iter().enumerate();
        for (at, post) in each() {
            if let Some(address) = &post.address {
                addresses.entry(address_key(address)).or_insert(at);
            }
            for name in post.names.iter().chain([&post.file]) {
                let known = names.entry(name_key(name)).or_insert(Some(at));
                if *known != Some(at) {
                    *known = None;
                }
            }
        }
        for (at, post) in each() {
            for alias in &post.aliases {
                addresses.entry(address_key(alias)).or_insert(at);
            }
        }
        addresses.remove("");
        Self { harvest, targets, addresses, names, judged: Mutex::default() }
    }

    /// Takes a post in hand.
    pub(super) fn take(&'a self, at: usize, target: &'a Target) -> Hand<'a> {
        let post = &self.harvest.posts[at];
        Hand { desk: self, post, target, notes: Vec::new(), pictures: BTreeMap::new() }
    }

    fn named(&self, name: &str) -> Option<usize> {
        self.names.get(&name_key(name)).copied().flatten()
    }

    /// The path of an address on the site itself.
    fn own_path<'t>(&self, address: &'t str) -> Option<&'t str> {
        let base = strip_scheme(self.harvest.site.base.as_deref()?);
        let rest = strip_scheme(address).strip_prefix(base)?;
        (rest.is_empty() || rest.starts_with(['/', '?', '#'])).then_some(rest)
    }

    /// The path of the site's first page, without a slash at the end.
    fn prefix(&self) -> &str {
        let base = self.harvest.site.base.as_deref().map(strip_scheme).unwrap_or("");
        base.find('/').map_or("", |at| &base[at..])
    }

    /// What is wrong with a picture.
    fn judge(&self, file: &Path) -> Option<String> {
        let known = self.judged.lock().ok().and_then(|judged| judged.get(file).cloned());
        known.unwrap_or_else(|| {
            let fault = look(file);
            if let Ok(mut judged) = self.judged.lock() {
                judged.insert(file.to_owned(), fault.clone());
            }
            fault
        })
    }
}

fn look(file: &Path) -> Option<String> {
    match fs::metadata(file) {
        Ok(facts) if facts.len() > HEAVIEST => return Some(format!("has more than {HEAVIEST} bytes")),
        Ok(_) => {}
        Err(error) => return Some(format!("cannot be read: {error}")),
    }
    match fs::read(file) {
        Ok(bytes) => images::check(&bytes).err().map(|error| error.to_string()),
        Err(error) => Some(format!("cannot be read: {error}")),
    }
}

impl Hand<'_> {
    /// Notes that something came along in another shape.
    pub(super) fn changed(&mut self, line: usize, what: impl Into<String>, next: impl Into<String>) {
        self.notes.push(change(&self.post.file, line, what, next));
    }

    /// Notes that something did not come along.
    pub(super) fn left_out(&mut self, line: usize, what: impl Into<String>, next: impl Into<String>) {
        self.notes.push(leave_out(&self.post.file, line, what, next));
    }

    /// Says where a link leads.
    pub(super) fn link(&mut self, target: &str, line: usize) -> Lead {
        let target = target.trim();
        if let Some(name) = target.strip_prefix(REF) {
            return self.reference(name, line);
        }
        if let Some(rest) = target.strip_prefix("//") {
            return self.web(&format!("https://{rest}"), target, line);
        }
        if target.starts_with("mailto:") {
            return Lead::Same;
        }
        if let Some(scheme) = scheme(target) {
            if scheme.eq_ignore_ascii_case("doi") {
                return self.web(&format!("https://doi.org/{}", &target[scheme.len() + 1..]), target, line);
            }
            return self.web(target, target, line);
        }
        if target.is_empty() || target.starts_with('#') {
            self.changed(
                line,
                format!("the link `{target}` led to a place of the same page"),
                "its text remains",
            );
            return Lead::Nowhere;
        }
        if target.starts_with('/') { self.rooted(target, line) } else { self.relative(target, line) }
    }

    fn web(&mut self, address: &str, written: &str, line: usize) -> Lead {
        if let Some(path) = self.desk.own_path(address)
            && let Some(lead) = self.post_at(path)
        {
            return lead;
        }
        match WebUrl::parse(address) {
            Ok(_) if address == written => Lead::Same,
            Ok(url) => Lead::To(url.as_str().to_owned()),
            Err(_) => {
                let what = format!("a link to `{}` cannot stand in a newsletter", short(written));
                self.changed(line, what, "its text remains; links start with https://, http:// or mailto:");
                Lead::Nowhere
            }
        }
    }

    fn reference(&mut self, name: &str, line: usize) -> Lead {
        let desk = self.desk;
        let folder = self.post.file.rsplit_once('/').map_or("", |(folder, _)| folder);
        let found = desk
            .named(name)
            .or_else(|| desk.named(&join(folder, name)?))
            .or_else(|| desk.named(name_of(name)));
        match found.and_then(|at| self.post_file(at)).or_else(|| self.post_at(name)) {
            Some(lead) => lead,
            None => {
                let what = format!("`{}` is no page: it is a draft, or did not come along", short(name));
                self.changed(line, what, "the text of the link remains");
                Lead::Nowhere
            }
        }
    }

    fn rooted(&mut self, target: &str, line: usize) -> Lead {
        if let Some(lead) = self.post_at(target) {
            return lead;
        }
        let what = format!("`{}` is not among the posts", short(target));
        let absolute = self.absolute(target).filter(|url| WebUrl::parse(url).is_ok());
        match absolute {
            Some(url) => {
                self.changed(line, what, "the link leads to the former site");
                Lead::To(url)
            }
            None if self.desk.harvest.site.base.is_none() => {
                self.changed(line, what, "the link was kept: see that something stands there");
                Lead::Same
            }
            None => {
                self.changed(line, what, "its text remains");
                Lead::Nowhere
            }
        }
    }

    fn relative(&mut self, target: &str, line: usize) -> Lead {
        let host = target.split('/').next().unwrap_or("");
        if host.starts_with("www.") && WebUrl::parse(&format!("https://{target}")).is_ok() {
            self.changed(
                line,
                format!("the link `{}` had no scheme", short(target)),
                "it starts with https:// now",
            );
            return Lead::To(format!("https://{target}"));
        }
        let folder = self.post.file.rsplit_once('/').map_or("", |(folder, _)| folder);
        let named = join(folder, target).and_then(|name| self.desk.named(&name));
        if named.is_some_and(|at| self.post_file(at).is_none()) {
            self.changed(line, format!("`{}` is a draft", short(target)), "the text of the link remains");
            return Lead::Nowhere;
        }
        if let Some(lead) = named.and_then(|at| self.post_file(at)) {
            return lead;
        }
        match self.beside(target) {
            Some(path) => match self.rooted(&path, line) {
                Lead::Same => Lead::To(path),
                lead => lead,
            },
            None => {
                let what = format!("the link `{}` leads nowhere", short(target));
                self.changed(line, what, "its text remains");
                Lead::Nowhere
            }
        }
    }

    /// The path of the site that a relative one means on the post's former page.
    fn beside(&self, target: &str) -> Option<String> {
        let address = self.post.address.as_deref()?;
        let page = Url::parse("https://site.invalid").ok()?.join(address).ok()?;
        let url = page.join(target).ok().filter(|url| url.host_str() == Some("site.invalid"))?;
        Some(url[url::Position::BeforePath..].to_owned())
    }

    /// The address on the former site. A path may begin with that of the site's first page, or be counted from it.
    fn absolute(&self, path: &str) -> Option<String> {
        let base = self.desk.harvest.site.base.as_deref()?;
        let prefix = self.desk.prefix();
        let full = path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        let start = if full { base.strip_suffix(prefix).unwrap_or(base) } else { base };
        Some(format!("{start}{path}"))
    }

    /// The post at a path of the site, as a link from this one.
    fn post_at(&self, path: &str) -> Option<Lead> {
        let key = address_key(path);
        let below = || path.strip_prefix(self.desk.prefix()).map(address_key);
        let find = |key: String| self.desk.addresses.get(&key);
        find(key).or_else(|| below().and_then(find)).and_then(|at| self.post_file(*at))
    }

    /// A draft has no page to lead to.
    fn post_file(&self, at: usize) -> Option<Lead> {
        let target = self.desk.targets.get(at)?.as_ref()?;
        let draft = self.desk.harvest.posts[at].draft == Draft::Yes;
        (!draft).then(|| Lead::To(way(&self.target.file, &target.file)))
    }

    /// Says what becomes of a picture; `what` is its address.
    pub(super) fn picture(&mut self, address: &str, line: usize) -> Shown {
        let address = address.trim();
        let name = short(name_of(address));
        let fault = match self.find(address) {
            Some(file) => match self.desk.judge(&file) {
                None => return Shown::Beside(self.copy(&file)),
                Some(fault) => format!("the picture {name} {fault}"),
            },
            None if address.starts_with("data:") => "a picture is written into the text itself".to_owned(),
            None if (is_web(address) || address.starts_with("//"))
                && self.desk.own_path(address).is_none() =>
            {
                format!("the picture {} lies on another site and is not fetched", short(address))
            }
            None => format!("the picture {} was not found", short(address)),
        };
        let web = if let Some(rest) = address.strip_prefix("//") {
            Some(format!("https://{rest}"))
        } else if is_web(address) {
            Some(address.to_owned())
        } else if address.starts_with('/') {
            self.absolute(address)
        } else {
            self.beside(address).and_then(|path| self.absolute(&path))
        };
        let web = web.and_then(|web| WebUrl::parse(&web).ok()).map(|url| url.as_str().to_owned());
        let next = "save it beside the file as JPEG or PNG, and write ![what it shows](its-name.jpg)";
        self.left_out(line, fault, next);
        web.map_or(Shown::Words, Shown::Linked)
    }

    fn find(&self, address: &str) -> Option<PathBuf> {
        let shelf = &self.desk.harvest.shelf;
        let path = decoded(address.split(['?', '#']).next().unwrap_or(""));
        if is_web(address) || address.starts_with("//") {
            let own =
                self.desk.own_path(address).map(|own| decoded(own.split(['?', '#']).next().unwrap_or("")));
            return own.and_then(|own| shelf.at(&own)).or_else(|| shelf.marked(&path));
        }
        if scheme(address).is_some() {
            return None;
        }
        if path.starts_with('/') {
            return shelf.at(&path).or_else(|| shelf.marked(&path));
        }
        let folder = self.post.folder.as_deref();
        let beside = folder.and_then(|folder| super::files::under(folder, &path));
        let on_page = || shelf.at(&decoded(&self.beside(address)?));
        beside.or_else(on_page).or_else(|| shelf.at(&format!("/{path}")))
    }

    /// Has a picture copied beside the post. Returns its path from the post's folder.
    fn copy(&mut self, file: &Path) -> String {
        let stem = file.file_stem().map(|stem| stem.to_string_lossy()).unwrap_or_default();
        let stem =
            Slug::from_text(&stem).map_or_else(|| "picture".to_owned(), |slug| slug.as_str().to_owned());
        let ending = file.extension().map(|ending| ending.to_string_lossy().to_lowercase());
        let ending =
            ending.filter(|ending| is_picture(&format!("a.{ending}"))).unwrap_or_else(|| "jpg".to_owned());
        let mut name = format!("{stem}.{ending}");
        let mut number = 1;
        while self.pictures.get(&name).is_some_and(|known| known != file) {
            number += 1;
            name = format!("{stem}-{number}.{ending}");
        }
        self.pictures.insert(name.clone(), file.to_owned());
        format!("{}/{name}", self.target.slug)
    }
}
