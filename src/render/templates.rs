//! The templates: the built-in set, each replaced by the newsletter's file of the same name.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::{fs, io};

use include_dir::{Dir, DirEntry, include_dir};
use serde::Serialize;
use tera::{Context, Error, ErrorKind, ReportError, Tera, Value};

use crate::model::{Diagnostic, Source};

use super::notes::Notes;

static BUILT_IN: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/templates");

/// The room a page begins with, in bytes: most issues fill it without growing out of it.
const PAGE: usize = 48 << 10;

/// A set of templates that parse.
#[derive(Debug)]
pub struct Templates {
    tera: Arc<Tera>,
    sources: Arc<BTreeMap<String, Source>>,
    sketch: Option<Arc<Notes>>,
}

/// What all pages see, made ready once.
#[derive(Debug, Clone, Default)]
pub(super) struct Common(Vec<(&'static str, Value)>);

impl Common {
    /// Adds a value under a name.
    pub(super) fn with(mut self, name: &'static str, value: &impl Serialize) -> Self {
        // No view of ours fails to become a value; a template that looks for one that did would say so.
        self.0.extend(Value::try_from_serializable(value).ok().map(|value| (name, value)));
        self
    }
}

impl Templates {
    /// The built-in set alone.
    pub fn built_in() -> Option<Self> {
        // Under a file lie no templates.
        Self::load(Path::new("/dev/null"), &mut Vec::new())
    }

    /// Loads the built-in set and, over it, the files under `root/templates/`.
    /// `None` when one of them does not parse.
    pub fn load(root: &Path, findings: &mut Vec<Diagnostic>) -> Option<Self> {
        let mut sources = BTreeMap::new();
        built_in(&BUILT_IN, &mut sources);
        let folder = root.join("templates");
        let before = findings.len();
        if folder.is_dir() {
            own(&folder, &folder, &mut sources, findings, 0);
        }
        let mut tera = Tera::new();
        tera.autoescape_on(vec![".html", ".xml"]);
        let texts = sources.iter().map(|(name, source)| (name.as_str(), source.text()));
        if let Err(error) = tera.add_raw_templates(texts) {
            let faulty = faulty(&sources);
            let other = faulty.is_empty().then(|| describe(&error, &sources));
            findings.extend(faulty.into_iter().chain(other));
        }
        let sources = Arc::new(sources);
        (findings.len() == before).then(|| Self { tera: Arc::new(tera), sources, sketch: None })
    }

    /// The same, filled by nobody: what they would see is noted.
    pub fn sketching(&self, notes: &Arc<Notes>) -> Self {
        let (tera, sources) = (Arc::clone(&self.tera), Arc::clone(&self.sources));
        Self { tera, sources, sketch: Some(Arc::clone(notes)) }
    }

    /// Fills a template.
    pub fn render(&self, name: &str, view: &impl Serialize) -> Result<String, Diagnostic> {
        self.fill(name, &Common::default(), view)
    }

    /// Fills a template with what all pages see, and with its own view over it.
    pub(super) fn fill(
        &self,
        name: &str,
        common: &Common,
        view: &impl Serialize,
    ) -> Result<String, Diagnostic> {
        let filled = String::from_utf8(self.page(name, common, view)?);
        filled.map_err(|error| Diagnostic::error("template", error.to_string()))
    }

    /// The same, as it will lie in a file.
    pub(super) fn page(
        &self,
        name: &str,
        common: &Common,
        view: &impl Serialize,
    ) -> Result<Vec<u8>, Diagnostic> {
        if let Some(notes) = &self.sketch {
            // What all pages see hangs on the settings alone, and a sketch is of the same settings.
            let shown = notes.shown(name, view);
            return shown
                .map(|()| Vec::new())
                .map_err(|error| Diagnostic::error("template", error.to_string()));
        }
        let mut context = Context::from_serialize(view).map_err(|error| describe(&error, &self.sources))?;
        for (name, value) in &common.0 {
            context.insert_value(*name, value.clone());
        }
        let mut page = Vec::with_capacity(PAGE);
        let filled = self.tera.render_to(name, &context, &mut page);
        filled.map(|()| page).map_err(|error| describe(&error, &self.sources))
    }

    /// A file of the set that is no template, such as a stylesheet of the mail.
    pub fn text(&self, name: &str) -> &str {
        self.sources.get(name).map_or("", Source::text)
    }
}

/// What is wrong with the templates that do not parse: each is tried by itself, so that all are named.
fn faulty(sources: &BTreeMap<String, Source>) -> Vec<Diagnostic> {
    let alone = sources.iter().filter_map(|(name, source)| {
        let error = Tera::new().add_raw_template(name, source.text()).err()?;
        matches!(error.kind(), ErrorKind::SyntaxError(_)).then(|| describe(&error, sources))
    });
    alone.collect()
}

fn built_in(folder: &Dir<'static>, sources: &mut BTreeMap<String, Source>) {
    for entry in folder.entries() {
        match entry {
            DirEntry::Dir(inner) => built_in(inner, sources),
            DirEntry::File(file) => {
                let name = file.path().to_string_lossy().replace('\\', "/");
                if let Some(text) = file.contents_utf8() {
                    sources.insert(name.clone(), Source::new(format!("templates/{name} (built in)"), text));
                }
            }
        }
    }
}

fn own(
    top: &Path,
    folder: &Path,
    sources: &mut BTreeMap<String, Source>,
    findings: &mut Vec<Diagnostic>,
    depth: usize,
) {
    let entries: Result<Vec<_>, io::Error> = fs::read_dir(folder).and_then(Iterator::collect);
    let mut entries = match entries {
        Ok(entries) if depth < 8 => entries,
        _ => return,
    };
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        let relative = path.strip_prefix(top).unwrap_or(&path).to_string_lossy().replace('\\', "/");
        let known = [".html", ".css", ".js", ".xml", ".txt"].iter().any(|ending| relative.ends_with(ending));
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) && !hidden {
            own(top, &path, sources, findings, depth + 1);
        } else if known && !hidden {
            let shown = format!("templates/{relative}");
            match fs::read(&path) {
                Ok(bytes) => {
                    if let Some(source) = Source::decode(&*shown, bytes, findings) {
                        sources.insert(relative, source);
                    }
                }
                Err(error) => {
                    let finding = Diagnostic::error("unreadable", format!("cannot be read: {error}"));
                    findings.push(finding.in_file(shown).hint("check that it exists, and its rights"));
                }
            }
        }
    }
}

fn describe(error: &Error, sources: &BTreeMap<String, Source>) -> Diagnostic {
    match error.kind() {
        ErrorKind::SyntaxError(report) => placed("template-syntax", report, sources)
            .hint("the syntax is that of Tera 2: https://keats.github.io/tera/"),
        ErrorKind::RenderingError(report) => placed("template", report, sources)
            .hint("the fields a template may use are listed in the README under \"Templates\""),
        other => {
            let first = other.to_string().lines().next().unwrap_or("").trim_end_matches('.').to_owned();
            Diagnostic::error("template", first)
                .hint("compare the template with the built-in one of that name")
        }
    }
}

fn placed(rule: &'static str, report: &ReportError, sources: &BTreeMap<String, Source>) -> Diagnostic {
    let message = report.message().lines().next().unwrap_or("").trim_end_matches('.').to_owned();
    let finding = Diagnostic::error(rule, message);
    let span = report.span();
    match sources.get(report.filename()) {
        Some(source) => {
            let width = if span.end_line == span.start_line {
                span.end_col.saturating_sub(span.start_col)
            } else {
                1
            };
            finding.at(source.at(span.start_line.max(1), span.start_col + 1, width))
        }
        None => finding,
    }
}
