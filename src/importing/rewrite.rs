//! HTML said in Markdown, as far as Markdown can say it.

use super::autop::PARAGRAPH;
use super::desk::{Hand, Lead};
use super::html::{self, Element, Node, is_block};
use super::media::{figure, foreign};
use super::shelf::{is_picture, name_of};
use super::{marks, table};

/// Says HTML in Markdown; `line` gives the line of the source for one of the HTML.
pub(super) fn markdown(nodes: &[Node], hand: &mut Hand<'_>, line: &dyn Fn(usize) -> usize) -> String {
    Writer { hand, line }.blocks(nodes)
}

struct Writer<'w, 'd> {
    hand: &'w mut Hand<'d>,
    line: &'w dyn Fn(usize) -> usize,
}

impl Writer<'_, '_> {
    /// Blocks, an empty line between them.
    fn blocks(&mut self, nodes: &[Node]) -> String {
        self.parts(nodes).join("\n\n")
    }

    fn parts(&mut self, nodes: &[Node]) -> Vec<String> {
        let mut blocks: Vec<String> = Vec::new();
        let mut run: Vec<&Node> = Vec::new();
        for node in nodes {
            match node {
                Node::Element(element) if stands_alone(element) => {
                    self.paragraphs(&std::mem::take(&mut run), &mut blocks);
                    let block = self.block(element);
                    if !block.trim().is_empty() {
                        blocks.push(block);
                    }
                }
                node => run.push(node),
            }
        }
        self.paragraphs(&run, &mut blocks);
        blocks
    }

    fn paragraphs(&mut self, run: &[&Node], blocks: &mut Vec<String>) {
        let text = self.inlines(run, Inside::default());
        for paragraph in text.split(PARAGRAPH) {
            let paragraph = tidy(paragraph);
            let bare = paragraph.starts_with("http") && crate::model::WebUrl::parse(&paragraph).is_ok();
            if bare && !paragraph.contains(char::is_whitespace) {
                blocks.push(format!("<{}>", paragraph.replace('\\', "")));
            } else if !paragraph.is_empty() {
                blocks.push(marks::guarded(&paragraph));
            }
        }
    }

    fn block(&mut self, element: &Element) -> String {
        let line = (self.line)(element.line);
        match element.name.as_str() {
            name @ ("h1" | "h2" | "h3" | "h4" | "h5" | "h6") => {
                let level = name[1..].parse().unwrap_or(2);
                let text =
                    tidy(&self.inside(element, Inside::default())).replace("\\\n", " ").replace('\n', " ");
                let text = text.replace(PARAGRAPH, " ");
                if text.is_empty() {
                    text
                } else {
                    format!("{} {}", "#".repeat(level), text.trim_end_matches('#'))
                }
            }
            "blockquote" => {
                let inner = self.blocks(&element.children);
                if inner.is_empty() { inner } else { marks::hung(&inner, "> ", "> ") }
            }
            "ul" | "menu" => self.list(element, None),
            "ol" => self
                .list(element, Some(element.attribute("start").and_then(|at| at.parse().ok()).unwrap_or(1))),
            "pre" | "xmp" => marks::fenced(&element.text().replace(PARAGRAPH, "\n\n"), &language(element)),
            "hr" => "* * *".to_owned(),
            "table" => self.table(element),
            "figure" => self.figure(element),
            "dl" => self.definitions(element),
            "details" => self.blocks(&element.children),
            "summary" => {
                let text = tidy(&self.inside(element, Inside::default()));
                if text.is_empty() { text } else { format!("**{text}**") }
            }
            _ => match foreign(element, self.hand, line) {
                Some(text) => text,
                None => self.blocks(&element.children),
            },
        }
    }

    fn list(&mut self, element: &Element, mut number: Option<usize>) -> String {
        let mut items = Vec::new();
        for child in &element.children {
            let Node::Element(item) = child else { continue };
            let inner = match item.name.as_str() {
                "li" => self.item(item),
                // A list inside a list without an item belongs to the item before.
                _ => {
                    let inner = self.block(item);
                    if let Some(last) = items.last_mut() {
                        let inner = marks::hung(&inner, "    ", "    ");
                        *last = format!("{last}\n{inner}");
                        continue;
                    }
                    inner
                }
            };
            let mark = number.map_or_else(|| "- ".to_owned(), |number| format!("{number}. "));
            number = number.map(|number| number + 1);
            let rest = " ".repeat(mark.len());
            items.push(if inner.is_empty() {
                mark.trim_end().to_owned()
            } else {
                marks::hung(&inner, &mark, &rest)
            });
        }
        let loose = items.iter().any(|item| item.contains("\n\n"));
        items.join(if loose { "\n\n" } else { "\n" })
    }

    /// A line and the list below it stand close; paragraphs stand apart.
    fn item(&mut self, item: &Element) -> String {
        let list = |name: &str| matches!(name, "ul" | "ol");
        let close = item.children.iter().all(|node| match node {
            Node::Element(inner) => list(&inner.name) || !stands_alone(inner),
            Node::Text(_) => true,
        });
        self.parts(&item.children).join(if close { "\n" } else { "\n\n" })
    }

    fn definitions(&mut self, element: &Element) -> String {
        let mut blocks = Vec::new();
        for child in &element.children {
            let Node::Element(part) = child else { continue };
            let text = match part.name.as_str() {
                "dt" => {
                    let term = tidy(&self.inside(part, Inside::default()));
                    if term.is_empty() { term } else { format!("**{term}**") }
                }
                "dd" => self.blocks(&part.children),
                _ => self.block(part),
            };
            if !text.is_empty() {
                blocks.push(text);
            }
        }
        blocks.join("\n\n")
    }

    /// A figure of one picture takes its caption along; any other is what it holds.
    fn figure(&mut self, element: &Element) -> String {
        let caption = find(&element.children, "figcaption").map(Element::text).unwrap_or_default();
        let caption = caption.replace(PARAGRAPH, " ").split_whitespace().collect::<Vec<_>>().join(" ");
        let pictures = count(&element.children, "img");
        let body: Vec<Node> = element
            .children
            .iter()
            .filter(|node| !matches!(node, Node::Element(inner) if inner.name == "figcaption"))
            .cloned()
            .collect();
        let only = html::text(&body).trim().is_empty();
        if let (1, true, Some(image)) = (pictures, only, find(&body, "img")) {
            let link = find(&body, "a").and_then(|link| link.attribute("href"));
            let link = link.filter(|href| !is_picture(name_of(href)));
            let line = (self.line)(image.line);
            let (text, beside) = figure(image, &caption, self.hand, line, link.is_some());
            let linked = match link.map(|href| (href, self.hand.link(href, line))) {
                Some((href, Lead::Same)) => marks::link(&text, href),
                Some((_, Lead::To(href))) => marks::link(&text, &href),
                _ => text,
            };
            return if beside || caption.is_empty() {
                linked
            } else {
                format!("{linked}\n\n{}", marks::guarded(&marks::escaped(&caption)))
            };
        }
        let body = self.blocks(&body);
        if caption.is_empty() { body } else { format!("{body}\n\n*{}*", marks::escaped(&caption)) }
    }

    fn table(&mut self, element: &Element) -> String {
        if table::is_layout(element) {
            return self.blocks(&table::cells(element));
        }
        table::pipes(element, &mut |cell| {
            let text = self.inside(cell, Inside { cell: true, ..Inside::default() });
            let text = text.replace(PARAGRAPH, "<br>").replace("\\\n", "<br>");
            text.split_whitespace().collect::<Vec<_>>().join(" ").trim_matches(' ').to_owned()
        })
    }

    fn inside(&mut self, element: &Element, inside: Inside) -> String {
        self.inlines(&element.children.iter().collect::<Vec<_>>(), inside)
    }

    fn inlines(&mut self, nodes: &[&Node], inside: Inside) -> String {
        let mut out = String::new();
        for (at, node) in nodes.iter().enumerate() {
            match node {
                Node::Text(text) => out.push_str(&spaced(text)),
                Node::Element(element) => {
                    let next = nodes[at + 1..].iter().find_map(|node| first_character(node)).unwrap_or(' ');
                    let text = self.inline(element, inside, out.chars().last().unwrap_or(' '), next);
                    // An exclamation mark before a link would make it a picture.
                    if text.starts_with('[') && out.ends_with('!') {
                        out.insert(out.len() - 1, '\\');
                    }
                    out.push_str(&text);
                }
            }
        }
        out
    }

    fn inline(&mut self, element: &Element, inside: Inside, before: char, next: char) -> String {
        let line = (self.line)(element.line);
        match element.name.as_str() {
            "br" => "\\\n".to_owned(),
            "img" => figure(element, "", self.hand, line, inside.link).0,
            "a" => self.anchor(element, inside, line),
            "code" | "tt" | "kbd" | "samp" | "var" => marks::code(&element.text().replace(PARAGRAPH, " ")),
            "strong" | "b" => {
                let inner = self.inside(element, inside);
                around(&inner, "**", "strong", before, next)
            }
            "em" | "i" | "dfn" => {
                let inner = self.inside(element, inside);
                around(&inner, "*", "em", before, next)
            }
            "del" | "s" | "strike" => {
                let inner = self.inside(element, inside);
                around(&inner, "~~", "del", before, next)
            }
            name @ ("sub" | "sup" | "q" | "mark" | "ins" | "small" | "abbr" | "cite") => {
                let inner = self.inside(element, inside);
                if inner.trim().is_empty() { inner } else { format!("<{name}>{inner}</{name}>") }
            }
            name if is_block(name) && inside.cell => {
                let text = foreign(element, self.hand, line).unwrap_or_else(|| self.inside(element, inside));
                let mark = if name == "li" { "• " } else { "" };
                if before == ' ' || before == '>' {
                    format!("{mark}{text}<br>")
                } else {
                    format!("<br>{mark}{text}")
                }
            }
            _ => match foreign(element, self.hand, line) {
                Some(text) => text,
                None => self.inside(element, inside),
            },
        }
    }

    fn anchor(&mut self, element: &Element, inside: Inside, line: usize) -> String {
        let address = element.attribute("href").filter(|_| !inside.link);
        let inner = self.inside(element, Inside { link: address.is_some() || inside.link, ..inside });
        let Some(address) = address else { return inner };
        let text = inner.replace(PARAGRAPH, " ");
        if text.trim().is_empty() {
            return inner;
        }
        if text.trim().starts_with("![") && is_picture(name_of(address)) {
            return inner;
        }
        match self.hand.link(address, line) {
            Lead::Nowhere => inner,
            Lead::Same => spaces_outside(&text, |text| marks::link(text, address)),
            Lead::To(address) => spaces_outside(&text, |text| marks::link(text, &address)),
        }
    }
}

/// What a text stands in.
#[derive(Debug, Clone, Copy, Default)]
struct Inside {
    link: bool,
    /// A cell of a table holds no blocks.
    cell: bool,
}

/// Whether an element, or what it holds, is a block.
fn stands_alone(element: &Element) -> bool {
    is_block(&element.name)
        || element.children.iter().any(|node| matches!(node, Node::Element(inner) if stands_alone(inner)))
            && !matches!(element.name.as_str(), "a" | "code")
}

/// Emphasis, by elements where the characters around it would keep marks from working.
fn around(inner: &str, mark: &str, name: &str, before: char, next: char) -> String {
    if inner.contains(PARAGRAPH) || inner.trim().is_empty() {
        return inner.to_owned();
    }
    let text = inner.trim();
    let edge = |c: Option<char>| c.is_some_and(|c| !c.is_alphanumeric());
    let word = |c: char| c.is_alphanumeric();
    let start = inner.starts_with(char::is_whitespace);
    let end = inner.ends_with(char::is_whitespace);
    let stuck = !start && word(before) && edge(text.chars().next())
        || !end && word(next) && edge(text.chars().last())
        || matches!(before, '*' | '~' | '\\') && !start
        || matches!(next, '*' | '~') && !end
        || text.starts_with(['*', '~'])
        || text.ends_with(['*', '~', '\\']);
    spaces_outside(inner, |text| {
        if stuck { format!("<{name}>{text}</{name}>") } else { format!("{mark}{text}{mark}") }
    })
}

/// Wraps a text, the spaces at its ends left outside.
fn spaces_outside(text: &str, wrap: impl Fn(&str) -> String) -> String {
    let inner = text.trim();
    let start = text.find(inner).unwrap_or(0);
    format!("{}{}{}", &text[..start], wrap(inner), &text[start + inner.len()..])
}

/// A text with its spaces run together, safe as Markdown. The marks of paragraphs stay.
fn spaced(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_ascii_whitespace() {
            if !out.ends_with(' ') {
                out.push(' ');
            }
        } else {
            out.push(character);
        }
    }
    let out = marks::escaped(&out);
    // A single line break that matters has its mark from `autop`.
    out.replace(super::autop::BREAK, "\\\n")
}

/// A paragraph without spaces at the ends of its lines, and without breaks at its own.
fn tidy(text: &str) -> String {
    let lines: Vec<&str> = text.split('\n').map(str::trim).collect();
    let text = lines.join("\n");
    let mut text = text.trim();
    while let Some(rest) = text.strip_suffix('\\').filter(|rest| !rest.ends_with('\\')) {
        text = rest.trim_end();
    }
    while let Some(rest) = text.strip_prefix("\\\n") {
        text = rest.trim_start();
    }
    text.to_owned()
}

fn first_character(node: &Node) -> Option<char> {
    match node {
        Node::Text(text) => text.chars().next(),
        Node::Element(element) => element.children.iter().find_map(first_character),
    }
}

fn find<'n>(nodes: &'n [Node], name: &str) -> Option<&'n Element> {
    nodes.iter().find_map(|node| match node {
        Node::Element(element) if element.name == name => Some(element),
        Node::Element(element) => find(&element.children, name),
        Node::Text(_) => None,
    })
}

fn count(nodes: &[Node], name: &str) -> usize {
    let each = nodes.iter().map(|node| match node {
        Node::Element(element) => usize::from(element.name == name) + count(&element.children, name),
        Node::Text(_) => 0,
    });
    each.sum()
}

/// The language that a block of code names by its class, its own or that of what it holds.
fn language(element: &Element) -> String {
    let class = |element: &Element| {
        if let Some(named) = element.attribute("lang") {
            return Some(named.to_owned());
        }
        let class = element.attribute("class")?;
        let word = class.split_whitespace().find_map(|word| {
            word.strip_prefix("language-")
                .or_else(|| word.strip_prefix("lang-"))
                .or_else(|| word.strip_prefix("brush:"))
        });
        word.map(|word| word.trim_matches([';', ' ']).to_owned())
    };
    let inner = find(&element.children, "code").and_then(class);
    class(element).or(inner).unwrap_or_default()
}
