//! The one place that prints: results to standard output, everything else to standard error.

use std::fs::{self, OpenOptions};
use std::io::{self, BufWriter, IsTerminal, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::Context;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use crate::model::{Diagnostic, Report, Severity};

use super::edges::when;
use super::now;

/// The two streams, and whether a person reads them.
#[derive(Debug)]
pub(super) struct Terminal {
    colour: bool,
    person: bool,
}

impl Terminal {
    #[expect(clippy::disallowed_methods, reason = "NO_COLOR (no-color.org) concerns the terminal alone")]
    pub(super) fn new() -> Self {
        let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let person = io::stderr().is_terminal();
        Self { colour: person && io::stdout().is_terminal() && !plain, person }
    }

    /// A result, on standard output. A reader that has gone away is no fault of ours.
    pub(super) fn result(&self, line: &str) {
        let _ = writeln!(io::stdout().lock(), "{line}");
    }

    /// Many results, on standard output.
    pub(super) fn stream(&self) -> Stream {
        Stream { out: BufWriter::with_capacity(1 << 16, Box::new(io::stdout())), file: None }
    }

    /// Many results, into a file that appears once it is whole, or on standard output.
    pub(super) fn stream_to(&self, file: Option<&Path>) -> anyhow::Result<Stream> {
        let Some(file) = file else { return Ok(self.stream()) };
        let mut name = file.file_name().unwrap_or_default().to_owned();
        name.push(".part");
        let part = file.with_file_name(name);
        // What is left of an earlier run may be somebody's link, or open to others.
        match fs::remove_file(&part) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(error).with_context(|| format!("cannot replace {}", part.display()));
            }
            _ => {}
        }
        let open = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&part);
        let open = open.with_context(|| format!("cannot write {}", part.display()))?;
        let out = BufWriter::with_capacity(1 << 16, Box::new(open) as Box<dyn Write>);
        Ok(Stream { out, file: Some((part, file.to_owned())) })
    }

    /// A message, on standard error.
    pub(super) fn say(&self, line: &str) {
        let _ = writeln!(io::stderr().lock(), "{line}");
    }

    /// How far long work has come, for a person only.
    pub(super) fn progress(&self, done: usize, all: usize) {
        const SHORT: usize = 300;
        if self.person && all > SHORT && (done == all || done.is_multiple_of(SHORT / 3)) {
            let end = if done == all { "\r\x1b[K" } else { "" };
            let width = 30;
            let filled = done * width / all;
            let bar = format!("{}{}", "█".repeat(filled), "░".repeat(width - filled));
            let _ = write!(io::stderr().lock(), "\r{bar} {done}/{all}{end}");
        }
    }

    /// Why a command could not run.
    pub(super) fn failure(&self, error: &anyhow::Error) {
        let mut causes: Vec<String> = error.chain().map(ToString::to_string).collect();
        let last = causes.pop().unwrap_or_default();
        self.say(&format!("error: {last}"));
        for hint in causes.iter().rev() {
            self.say(&format!("  hint: {hint}"));
        }
    }

    /// All findings as people read them, on standard error.
    pub(super) fn report(&self, report: &Report) {
        if !report.findings().is_empty() {
            self.say(self.findings(report).trim_end());
        }
    }

    /// All findings as people read them, with the count of each severity.
    pub(super) fn findings(&self, report: &Report) -> String {
        let renderer = if self.colour { Renderer::styled() } else { Renderer::plain() };
        let mut text = String::new();
        for finding in report.findings() {
            text.push_str(&self.finding(finding, &renderer));
            text.push_str("\n\n");
        }
        text + &summary(report)
    }

    fn finding(&self, finding: &Diagnostic, renderer: &Renderer) -> String {
        let level = match finding.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let title = level.primary_title(visible(&finding.message)).id(finding.rule);
        let mut group = Group::with_title(title);
        if let Some(place) = &finding.location {
            if place.line == 0 {
                group = group.element(Origin::path(visible(&place.path)));
            } else {
                let excerpt = visible(&place.excerpt);
                let span = span(&excerpt, place.column, place.width);
                let snippet = Snippet::source(excerpt).path(visible(&place.path)).line_start(place.line);
                group = group.element(snippet.annotation(AnnotationKind::Primary.span(span)));
            }
        }
        let text = renderer.render(&[group]);
        match &finding.hint {
            Some(hint) => format!("{text}\n  hint: {}", visible(hint)),
            None => text,
        }
    }
}

/// A line of the service's log, on standard error: one JSON object.
pub(super) fn log(what: &str, facts: &[(&str, &str)]) {
    let mut object = serde_json::Map::new();
    object.insert("at".to_owned(), when(now()).into());
    object.insert("event".to_owned(), what.into());
    for (name, fact) in facts.iter().filter(|(_, fact)| !fact.is_empty()) {
        object.insert((*name).to_owned(), (*fact).into());
    }
    let _ = writeln!(io::stderr().lock(), "{}", serde_json::Value::Object(object));
}

/// Results that come line by line.
pub(super) struct Stream {
    out: BufWriter<Box<dyn Write>>,
    /// The file while it is written, and its name at the end.
    file: Option<(PathBuf, PathBuf)>,
}

impl Stream {
    /// One more line.
    pub(super) fn line(&mut self, text: &str) -> io::Result<()> {
        self.out.write_all(text.as_bytes())?;
        self.out.write_all(b"\n")
    }

    /// Hands over what has gathered.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        match self.out.flush() {
            // A reader that has gone away is no fault of ours.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            other => other,
        }
    }

    /// Ends the results; a file gets its name now.
    pub(super) fn finish(mut self) -> anyhow::Result<()> {
        self.flush()?;
        if let Some((part, file)) = &self.file {
            fs::File::open(part)?.sync_all()?;
            fs::rename(part, file).with_context(|| format!("cannot write {}", file.display()))?;
        }
        Ok(())
    }
}

/// How many findings of each severity.
pub(super) fn summary(report: &Report) -> String {
    let count = |severity: Severity, one: &str, many: &str| match report.count(severity) {
        0 => None,
        1 => Some(format!("1 {one}")),
        n => Some(format!("{n} {many}")),
    };
    let counts = [count(Severity::Error, "error", "errors"), count(Severity::Warning, "warning", "warnings")];
    let counts: Vec<String> = counts.into_iter().flatten().collect();
    if counts.is_empty() { "nothing to say".to_owned() } else { counts.join(", ") }
}

/// The bytes of a line that so many characters cover.
fn span(line: &str, column: usize, width: usize) -> std::ops::Range<usize> {
    let at = |count: usize| line.char_indices().nth(count).map_or(line.len(), |(at, _)| at);
    at(column - 1)..at(column - 1 + width)
}

/// A file's text cannot move the cursor or change colours.
fn visible(text: &str) -> String {
    text.chars()
        .map(|character| if character.is_control() && character != '\t' { '�' } else { character })
        .collect()
}
