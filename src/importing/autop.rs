//! HTML whose author pressed the return key: an empty line parts paragraphs, a single one breaks the line.

use super::html::{Element, Node, is_block};

/// Stands where one paragraph ends and the next begins.
pub(super) const PARAGRAPH: char = '\u{e001}';
/// Stands where a line breaks.
pub(super) const BREAK: char = '\u{e002}';

/// Marks the empty lines and the line breaks of texts; what is preformatted stays as it is.
pub(super) fn mark(nodes: &mut [Node]) {
    let mut neighbours: Vec<bool> = nodes.iter().map(is_block_node).collect();
    neighbours.insert(0, true);
    neighbours.push(true);
    for (at, node) in nodes.iter_mut().enumerate() {
        match node {
            Node::Text(text) => {
                let (before, after) = (neighbours[at], neighbours[at + 2]);
                let start = if before { text.trim_start() } else { text.as_str() };
                let trimmed = if after { start.trim_end() } else { start };
                *text = marked(trimmed);
            }
            Node::Element(Element { name, children, .. }) if !verbatim(name) => mark(children),
            Node::Element(_) => {}
        }
    }
}

fn is_block_node(node: &Node) -> bool {
    matches!(node, Node::Element(element) if is_block(&element.name) || element.name == "br")
}

fn verbatim(name: &str) -> bool {
    matches!(name, "pre" | "code" | "script" | "style" | "textarea" | "table" | "ul" | "ol" | "dl")
}

fn marked(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\n') {
        out.push_str(&rest[..at]);
        let after = rest[at..].trim_start();
        let breaks = rest[at..rest.len() - after.len()].matches('\n').count();
        out.push(if breaks > 1 { PARAGRAPH } else { BREAK });
        rest = after;
    }
    out + rest
}

/// A text free of the marks that are used here.
pub(super) fn unmarked(text: &str) -> String {
    if text.contains([PARAGRAPH, BREAK]) { text.replace([PARAGRAPH, BREAK], "") } else { text.to_owned() }
}
