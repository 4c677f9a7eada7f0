//! What kramdown adds to Markdown and nobody else reads: attribute lists, options, tables of contents.

use super::lined::Lined;
use super::paths::short;
use super::{Note, change};

/// A text without them.
pub(super) fn plain(body: &Lined, file: &str, notes: &mut Vec<Note>) -> Lined {
    let wanted = ["{:", "markdown=", "markdown ="].iter().any(|mark| body.text().contains(mark));
    if !wanted {
        return body.clone();
    }
    let toc =
        body.text().contains("{:toc") || body.text().contains("{: toc") || body.text().contains("{:.toc");
    let mut fence: Option<&str> = None;
    let mut opened: Vec<String> = Vec::new();
    body.each_line(|line, number| {
        let start = line.trim_start();
        let mark = ["```", "~~~"].into_iter().find(|mark| start.starts_with(*mark));
        if mark.is_some() {
            fence = match fence {
                Some(open) if mark == Some(open) => None,
                None => mark,
                open => open,
            };
        }
        if fence.is_some() && mark.is_none() || line.starts_with("    ") && !line.contains("{:") {
            return Some(line.to_owned());
        }
        if toc
            && matches!(
                start.trim_end(),
                "* TOC" | "- TOC" | "1. TOC" | "* toc" | "- toc" | "* Table of contents"
            )
        {
            return None;
        }
        if let Some(name) = with_markdown(line) {
            opened.push(format!("</{name}>"));
            return Some("\n".to_owned());
        }
        if opened.last().is_some_and(|close| close == line.trim()) {
            opened.pop();
            return Some("\n".to_owned());
        }
        let without = without_lists(line, file, number, notes);
        (!without.trim().is_empty() || line.trim().is_empty()).then_some(without)
    })
}

fn without_lists(line: &str, file: &str, number: usize, notes: &mut Vec<Note>) -> String {
    let mut text = String::new();
    let mut rest = line;
    while let Some(start) = rest.find("{:") {
        let code = rest[..start].matches('`').count() % 2 == 1;
        let Some(end) = rest[start..].find('}').filter(|_| !code) else {
            text.push_str(&rest[..start + 2]);
            rest = &rest[start + 2..];
            continue;
        };
        let list = &rest[start..=start + end];
        let what = format!("kramdown's `{}`", short(list));
        notes.push(change(file, number, what, "it was removed: only its looks or its place are lost"));
        text.push_str(&rest[..start]);
        rest = &rest[start + end + 1..];
    }
    text + rest
}

/// The name of an element that is only there for kramdown: its content is Markdown, and remains.
fn with_markdown(line: &str) -> Option<&str> {
    let tag = line.trim().strip_prefix('<')?.strip_suffix('>')?;
    let alone = !tag.contains('<') && (tag.contains("markdown=") || tag.contains("markdown ="));
    tag.split_whitespace().next().filter(|_| alone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_go_and_code_stays() {
        let mut notes = Vec::new();
        let text = "* TOC\n{:toc}\n\nA{: .b} line\n{: #id}\n\n```\n{: x}\n```\n`{:y}`\n";
        let plain = plain(&Lined::new(text, 1), "a.md", &mut notes);
        assert_eq!(plain.text(), "\nA line\n\n```\n{: x}\n```\n`{:y}`\n");
        assert_eq!((notes.len(), notes[1].line), (3, 4));
    }
}
