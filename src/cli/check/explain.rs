//! What a rule is for, said to whoever meets one of its findings.

use std::path::Path;

use anyhow::anyhow;

use crate::build;
use crate::check::rule::{Allowed, Applied, Mended, Rule};
use crate::check::rules;

use super::super::Outcome;
use super::super::terminal::Terminal;
use super::Format;

pub(super) fn one(
    name: &str,
    format: Format,
    root: Option<&Path>,
    terminal: &Terminal,
) -> anyhow::Result<Outcome> {
    let Some(rule) = rules::find(name) else {
        let hint = rules::nearest(name).map_or_else(
            || "`rotative check --rules` lists all".to_owned(),
            |near| format!("did you mean `{near}`? `rotative check --rules` lists all"),
        );
        return Err(anyhow!("there is no rule `{name}`").context(hint));
    };
    if format == Format::Json {
        terminal.result(&serde_json::to_string_pretty(rule)?);
        return Ok(Outcome::Done);
    }
    terminal.result(&format!("{}: {}\n", rule.name, rule.severity));
    terminal.result(&format!("{}\n", wrapped(rule.explanation)));
    terminal.result(&format!("  what to do: {}", rule.hint));
    if rule.mended == Mended::ByFix {
        terminal.result("  `rotative check --fix` mends it where that is safe");
    }
    match rule.applied {
        Applied::Always => {}
        Applied::WithLinks => terminal.result("  applied with `--links`"),
        Applied::WithDictionary => {
            let missing = root.map(build::without_dictionary).unwrap_or_default();
            if !missing.is_empty() {
                terminal.result(&format!("  rests here: there is no dictionary of {}", missing.join(", ")));
            }
        }
    }
    let allow = format!("  allowed for one text by `allow: [{{rule: {}, why: …}}]`", rule.name);
    terminal.result(&match rule.allowed {
        Allowed::Always => allow,
        Allowed::WhereItWarns => format!("{allow}; where it stops a build, it cannot be"),
        Allowed::Never => "  it stops a build, and cannot be allowed".to_owned(),
    });
    Ok(Outcome::Done)
}

pub(super) fn all(format: Format, terminal: &Terminal) -> anyhow::Result<Outcome> {
    let rules = rules::all();
    if format == Format::Json {
        terminal.result(&serde_json::to_string_pretty(&rules)?);
        return Ok(Outcome::Done);
    }
    let width = rules.iter().map(|rule| rule.name.len()).max().unwrap_or(0);
    for rule in rules {
        terminal.result(&format!("{:width$}  {:7}  {}", rule.name, rule.severity.to_string(), first(rule)));
    }
    Ok(Outcome::Done)
}

/// The first sentence of an explanation.
fn first(rule: &Rule) -> &str {
    let end = rule.explanation.find(". ").map_or(rule.explanation.len(), |at| at + 1);
    &rule.explanation[..end]
}

/// A text in lines of eighty characters.
fn wrapped(text: &str) -> String {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let full = lines.last().is_some_and(|line| line.chars().count() + word.chars().count() >= 80);
        if full {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines.join("\n")
}
