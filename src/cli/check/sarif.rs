//! Findings as SARIF 2.1.0 (OASIS), which code hosts show beside the lines of a review.

use serde_json::{Value, json};

use crate::check::rule::Rule;
use crate::check::rules;
use crate::model::{Diagnostic, Fix, Location, Report, Severity};

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The log of one run.
pub(super) fn log(report: &Report) -> Value {
    let rules = rules::all();
    let results: Vec<Value> = report.findings().iter().map(|finding| result(finding, &rules)).collect();
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "Rotative",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules.iter().map(|rule| descriptor(rule)).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "the newsletter's folder"}}},
            "results": results,
        }],
    })
}

fn descriptor(rule: &Rule) -> Value {
    let help = format!("{}\n\nWhat to do: {}.", rule.explanation, rule.hint);
    json!({
        "id": rule.name,
        "shortDescription": {"text": rule.explanation.split(". ").next().unwrap_or(rule.explanation)},
        "fullDescription": {"text": rule.explanation},
        "help": {"text": help},
        "defaultConfiguration": {"level": level(rule.severity)},
    })
}

fn result(finding: &Diagnostic, rules: &[&Rule]) -> Value {
    let text = match &finding.hint {
        Some(hint) => format!("{}\n{hint}", finding.message),
        None => finding.message.clone(),
    };
    let mut result = json!({
        "ruleId": finding.rule,
        "level": level(finding.severity),
        "message": {"text": text},
    });
    if let Some(index) = rules.iter().position(|rule| rule.name == finding.rule) {
        result["ruleIndex"] = index.into();
    }
    if let Some(place) = &finding.location {
        result["locations"] = json!([{"physicalLocation": physical(place)}]);
        if let Some(fix) = &finding.fix {
            result["fixes"] = json!([replacement(place, fix)]);
        }
    }
    result
}

fn physical(place: &Location) -> Value {
    let mut physical = json!({"artifactLocation": artifact(place)});
    if place.line > 0 {
        physical["region"] = region(place);
    }
    physical
}

fn region(place: &Location) -> Value {
    let column = place.column.max(1);
    json!({
        "startLine": place.line,
        "startColumn": column,
        "endColumn": column + place.width,
        "snippet": {"text": place.excerpt},
    })
}

fn replacement(place: &Location, fix: &Fix) -> Value {
    let column = place.column.max(1);
    // What is replaced may go on in the next line.
    let lines = fix.was.matches('\n').count();
    let last = fix.was.rsplit('\n').next().unwrap_or("").chars().count();
    let end = if lines == 0 { column + last } else { last + 1 };
    json!({"artifactChanges": [{
        "artifactLocation": artifact(place),
        "replacements": [{
            "deletedRegion": {
                "startLine": place.line,
                "startColumn": column,
                "endLine": place.line + lines,
                "endColumn": end,
            },
            "insertedContent": {"text": fix.text},
        }],
    }]})
}

fn artifact(place: &Location) -> Value {
    json!({"uri": uri(&place.path), "uriBaseId": "%SRCROOT%"})
}

/// A path as a relative reference (RFC 3986).
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(byte));
            }
            other => uri.push_str(&format!("%{other:02X}")),
        }
    }
    uri
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}
