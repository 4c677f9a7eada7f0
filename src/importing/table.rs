//! Tables of HTML as rows of pipes.

use super::html::{Element, Node};

/// Whether a table only places things: it has one cell in each row, or it holds another table.
pub(super) fn is_layout(table: &Element) -> bool {
    let rows = rows(table);
    let nested = rows.iter().flatten().any(|cell| holds(cell, "table") || holds(cell, "pre"));
    nested || rows.iter().all(|row| row.len() <= 1)
}

/// What the cells of a table hold, one after the other.
pub(super) fn cells(table: &Element) -> Vec<Node> {
    let each = rows(table).into_iter().flatten().map(|cell| {
        let mut cell = cell.clone();
        "div".clone_into(&mut cell.name);
        Node::Element(cell)
    });
    each.collect()
}

/// A table in pipes; `text` says what stands in a cell.
pub(super) fn pipes(table: &Element, text: &mut dyn FnMut(&Element) -> String) -> String {
    let mut lines: Vec<Vec<String>> = Vec::new();
    let rows = rows(table);
    let headed = rows.first().is_some_and(|row| row.iter().all(|cell| cell.name == "th"));
    for row in rows {
        let mut line = Vec::new();
        for cell in row {
            line.push(text(cell).trim_start_matches("<br>").trim_end_matches("<br>").trim().to_owned());
            let span = cell.attribute("colspan").and_then(|span| span.parse::<usize>().ok()).unwrap_or(1);
            line.extend((1..span.min(20)).map(|_| String::new()));
        }
        lines.push(line);
    }
    let width = lines.iter().map(Vec::len).max().unwrap_or(0);
    if lines.iter().flatten().all(String::is_empty) {
        return String::new();
    }
    if !headed {
        lines.insert(0, vec![String::new(); width]);
    }
    lines.iter_mut().for_each(|line| line.resize(width, String::new()));
    let mut out: Vec<String> = lines.iter().map(|line| format!("| {} |", line.join(" | "))).collect();
    out.insert(1, format!("|{}", " --- |".repeat(width)));
    let caption = table.children.iter().find_map(|node| match node {
        Node::Element(element) if element.name == "caption" => Some(text(element)),
        _ => None,
    });
    match caption.filter(|caption| !caption.is_empty()) {
        Some(caption) => format!("{caption}\n\n{}", out.join("\n")),
        None => out.join("\n"),
    }
}

fn rows(table: &Element) -> Vec<Vec<&Element>> {
    let mut found = Vec::new();
    for node in &table.children {
        let Node::Element(element) = node else { continue };
        match element.name.as_str() {
            "tr" => found.push(inner(element)),
            "thead" | "tbody" | "tfoot" => found.extend(rows(element)),
            _ => {}
        }
    }
    found
}

fn inner(row: &Element) -> Vec<&Element> {
    fn cell(node: &Node) -> Option<&Element> {
        match node {
            Node::Element(cell) if matches!(cell.name.as_str(), "td" | "th") => Some(cell),
            _ => None,
        }
    }
    row.children.iter().filter_map(cell).collect()
}

fn holds(element: &Element, name: &str) -> bool {
    element.children.iter().any(|node| match node {
        Node::Element(inner) => inner.name == name || holds(inner, name),
        Node::Text(_) => false,
    })
}
