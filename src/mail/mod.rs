//! The mail edition of an issue: its HTML, its plain text, and what is to be known of both.
//!
//! Never knows: where readers are stored.

use serde::Serialize;

use crate::links::Place;
use crate::model::{Diagnostic, OutFile, sha256};
use crate::render::context::IssuePage;
use crate::render::{Edition, Renderer, inline_css};

/// What is to be known of a mail without opening it: `issue.json`.
#[derive(Debug, Serialize)]
struct IssueFile<'a> {
    date: String,
    number: u32,
    subject: &'a str,
    preheader: &'a str,
    url: String,
    digest: String,
    sizes: Sizes,
    links: Vec<String>,
}

/// In bytes.
#[derive(Debug, Serialize)]
struct Sizes {
    html: usize,
    text: usize,
}

/// The files of an issue's mail edition, by its place in the archive.
pub fn edition(
    renderer: &Renderer<'_>,
    at: usize,
    findings: &mut Vec<Diagnostic>,
) -> Result<Vec<OutFile>, Diagnostic> {
    let issue = renderer.issue(at, &Edition::Mail, findings);
    let folder = format!("mail/{}", issue.date);
    let place = Place::issue(renderer.archive.issues[at].date);
    let title = format!("{} – {}", renderer.config.title, issue.long_date);
    let (subject, preheader) = (issue.subject.clone(), issue.preheader.clone());
    let (date, number, url) = (issue.date.clone(), issue.number, issue.url.clone());
    let page = renderer.page(&place, title, preheader.clone(), IssuePage { issue });
    let written = renderer.templates.render("mail/issue.html", &page)?;
    let stylesheet = renderer.templates.render("mail/style.css", &page)?;
    let html = inline_css(&written, &stylesheet).map_err(|error| {
        Diagnostic::error("mail-style", format!("the styles of the mail cannot be applied: {error}"))
            .in_file("templates/mail/style.css")
            .hint("compare it with the built-in stylesheet")
    })?;
    let text = renderer.letter_text(at, findings);
    let links = links_of(&html);
    let file = IssueFile {
        date,
        number,
        subject: &subject,
        preheader: &preheader,
        url,
        digest: sha256([&subject, &preheader, &html, &text].map(String::as_str).join("\0").as_bytes()),
        sizes: Sizes { html: html.len(), text: text.len() },
        links,
    };
    let mut json = serde_json::to_string_pretty(&file)
        .map_err(|error| Diagnostic::error("issue-json", format!("issue.json cannot be written: {error}")))?;
    json.push('\n');
    Ok(vec![
        OutFile::new(format!("{folder}/issue.json"), json),
        OutFile::new(format!("{folder}/mail.html"), html),
        OutFile::new(format!("{folder}/mail.txt"), text),
    ])
}

/// The addresses that a mail links to, each once, in order.
fn links_of(html: &str) -> Vec<String> {
    let mut links: Vec<String> = Vec::new();
    for part in html.split("href=\"").skip(1) {
        let Some((url, _)) = part.split_once('"') else { continue };
        let url = url.replace("&amp;", "&");
        if !url.starts_with('#') && !links.contains(&url) {
            links.push(url);
        }
    }
    links
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_listed_once_in_order() {
        let html = "<a href=\"https://b.example/?a=1&amp;b=2\">b</a><a href=\"https://a.example/\">a</a><a href=\"https://b.example/?a=1&amp;b=2\">b</a><a href=\"#x\">x</a>";
        assert_eq!(links_of(html), ["https://b.example/?a=1&b=2", "https://a.example/"]);
    }
}
