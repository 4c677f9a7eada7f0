//! A Markdown text carried: only links, pictures and HTML that would not work are touched.

use std::ops::Range;

use pulldown_cmark::{CowStr, Event, Parser, Tag, TagEnd};

use crate::render::options;

use super::desk::{Hand, Lead, Shown};
use super::html::{self, Element, Node};
use super::lined::Lined;
use super::paths::short;
use super::shelf::{is_picture, name_of};
use super::{Markup, bare, marks, media, rewrite};

/// The deepest nesting that the builder takes, with a little room.
const DEEPEST: usize = 90;

/// A text that cannot be carried: its line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TooDeep(pub(super) usize);

/// Carries a text.
pub(super) fn carry(body: &Lined, markup: Markup, hand: &mut Hand<'_>) -> Result<String, TooDeep> {
    let mut walk = Walk::new(body, hand);
    let events: Vec<(Event<'_>, Range<usize>)> =
        Parser::new_ext(body.text(), options()).into_offset_iter().collect();
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some((event, range)) = events.get(at) {
        match event {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEEPEST {
            return Err(TooDeep(body.line(range.start)));
        }
        if matches!(event, Event::Start(Tag::HtmlBlock)) {
            let end =
                events[at..].iter().position(|(event, _)| matches!(event, Event::End(TagEnd::HtmlBlock)));
            let end = at + end.unwrap_or(events.len() - at - 1);
            let html: String = events[at..end].iter().filter_map(|(event, _)| raw(event)).collect();
            walk.block(&html, range.clone());
            depth = depth.saturating_sub(1);
            at = end + 1;
            continue;
        }
        if markup == Markup::Linked {
            walk.bare(event, range);
        }
        walk.event(event, range.clone());
        at += 1;
    }
    walk.end_run();
    Ok(apply(body.text(), walk.edits))
}

fn raw<'a>(event: &'a Event<'_>) -> Option<&'a str> {
    match event {
        Event::Html(html) => Some(html),
        _ => None,
    }
}

/// A link or picture whose end has not come yet.
struct Open<'a> {
    kind: Kind,
    start: usize,
    /// Where what it holds ends, so far.
    inner: usize,
    address: CowStr<'a>,
    title: CowStr<'a>,
    text: String,
    /// Whether it holds a picture, and what else.
    pictures: usize,
    /// The edits made before it.
    before: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Link,
    Picture,
    /// `<https://…>`: there are no brackets to change.
    Bare,
}

struct Walk<'a, 'h, 'd> {
    body: &'a Lined,
    hand: &'h mut Hand<'d>,
    edits: Vec<(Range<usize>, String)>,
    open: Vec<Open<'a>>,
    /// The anchors of HTML that are open, and how each ends.
    anchors: Vec<Option<String>>,
    /// The element of HTML that goes with all it holds, and where it starts.
    gone: Option<(String, usize)>,
    /// The text outside links and code that runs up to here.
    run: Range<usize>,
    code: bool,
}

impl<'a, 'h, 'd> Walk<'a, 'h, 'd> {
    fn new(body: &'a Lined, hand: &'h mut Hand<'d>) -> Self {
        let (edits, open, anchors) = (Vec::new(), Vec::new(), Vec::new());
        Self { body, hand, edits, open, anchors, gone: None, run: 0..0, code: false }
    }

    /// Follows text in which a bare address is a link.
    fn bare(&mut self, event: &Event<'_>, range: &Range<usize>) {
        match event {
            Event::Start(Tag::CodeBlock(_)) => self.code = true,
            Event::End(TagEnd::CodeBlock) => self.code = false,
            Event::Text(_) if self.code || !self.open.is_empty() || !self.anchors.is_empty() => {}
            Event::Text(_) => {
                if self.run.end != range.start {
                    self.end_run();
                    self.run.start = range.start;
                }
                self.run.end = range.end;
            }
            _ => {}
        }
    }

    fn end_run(&mut self) {
        let run = std::mem::replace(&mut self.run, 0..0);
        for address in bare::addresses(&self.body.text()[run.clone()]) {
            let place = run.start + address.start..run.start + address.end;
            let text = format!("<{}>", &self.body.text()[place.clone()]);
            self.edits.push((place, text));
        }
    }

    fn event(&mut self, event: &Event<'a>, range: Range<usize>) {
        match event {
            Event::Start(Tag::Link { dest_url, title, .. }) => {
                self.start(Kind::Link, dest_url, title, &range)
            }
            Event::Start(Tag::Image { dest_url, title, .. }) => {
                self.start(Kind::Picture, dest_url, title, &range)
            }
            Event::End(TagEnd::Link | TagEnd::Image) => {
                if let Some(open) = self.open.pop() {
                    match open.kind {
                        Kind::Picture => self.end_picture(&open, range.clone()),
                        _ => self.end_link(&open, range.clone()),
                    }
                }
            }
            Event::InlineHtml(html) => self.inline(html, range.clone()),
            Event::Text(text) | Event::Code(text) => {
                if let Some(open) = self.open.last_mut() {
                    open.text.push_str(text);
                }
            }
            _ => {}
        }
        if let Some(open) = self.open.last_mut() {
            let starts = matches!(event, Event::Start(Tag::Link { .. } | Tag::Image { .. }))
                && range.start == open.start;
            if !starts {
                open.inner = open.inner.max(range.end);
            }
        }
    }

    fn start(&mut self, kind: Kind, address: &CowStr<'a>, title: &CowStr<'a>, range: &Range<usize>) {
        let source = &self.body.text()[range.clone()];
        let (kind, mark) = match kind {
            Kind::Link if !source.starts_with('[') => (Kind::Bare, 0),
            Kind::Picture => (kind, 2),
            _ => (kind, 1),
        };
        self.open.push(Open {
            kind,
            start: range.start,
            inner: range.start + mark,
            address: address.clone(),
            title: title.clone(),
            text: String::new(),
            pictures: 0,
            before: self.edits.len(),
        });
    }

    fn end_link(&mut self, open: &Open<'_>, range: Range<usize>) {
        let line = self.body.line(range.start);
        if open.kind == Kind::Bare {
            match self.hand.link(&open.address, line) {
                Lead::Same => {}
                Lead::Nowhere => self.edits.push((range, marks::escaped(&open.text))),
                Lead::To(address) => {
                    self.edits.push((range, marks::link(&marks::escaped(&open.text), &address)));
                }
            }
            return;
        }
        // A picture that leads to itself, larger, is only a picture here.
        if open.pictures == 1 && is_picture(name_of(&open.address)) {
            return self.unwrap(open, range);
        }
        match self.hand.link(&open.address, line) {
            Lead::Same => {}
            Lead::Nowhere => self.unwrap(open, range),
            Lead::To(address) => {
                let end = self.bracket(open, &range);
                let text = format!("]({}{})", marks::target(&address), marks::title(&open.title));
                self.edits.push((end..range.end, text));
            }
        }
    }

    /// Leaves the text of a link without the link.
    fn unwrap(&mut self, open: &Open<'_>, range: Range<usize>) {
        let end = self.bracket(open, &range);
        self.edits.push((range.start..range.start + 1, String::new()));
        self.edits.push((end..range.end, String::new()));
    }

    /// Where the closing bracket of a link stands.
    fn bracket(&self, open: &Open<'_>, range: &Range<usize>) -> usize {
        let from = open.inner.clamp(range.start, range.end);
        self.body.text()[from..range.end].find(']').map_or(range.end, |at| from + at)
    }

    fn end_picture(&mut self, open: &Open<'_>, range: Range<usize>) {
        let line = self.body.line(range.start);
        let shown = self.hand.picture(&open.address, line);
        self.edits.truncate(open.before);
        let inside = self.open.last().is_some_and(|open| open.kind == Kind::Link);
        let text = match shown {
            Shown::Beside(file) => {
                if let Some(link) = self.open.last_mut() {
                    link.pictures += 1;
                }
                marks::picture(&open.text, &file, &open.title)
            }
            shown => instead(&shown, &open.text, &open.address, inside),
        };
        self.put(range, text);
    }

    /// Puts a text in a place. An exclamation mark before a link would make it a picture.
    fn put(&mut self, range: Range<usize>, text: String) {
        let before = &self.body.text()[..range.start];
        if text.starts_with('[') && before.ends_with('!') && !before.ends_with("\\!") {
            self.edits.push((range.start - 1..range.end, format!("\\!{text}")));
        } else {
            self.edits.push((range, text));
        }
    }

    fn inline(&mut self, html: &str, range: Range<usize>) {
        let line = self.body.line(range.start);
        if let Some((name, start)) = &self.gone {
            let closing = html.strip_prefix("</").map(|rest| rest.trim_end_matches('>').trim());
            if closing.is_some_and(|closing| closing.eq_ignore_ascii_case(name)) {
                let start = *start;
                self.edits.retain(|(edited, _)| edited.start < start);
                self.edits.push((start..range.end, String::new()));
                self.gone = None;
            }
            return;
        }
        if let Some(name) = html.strip_prefix("</") {
            let name = name.trim_end_matches('>').trim().to_ascii_lowercase();
            if name == "a" {
                if let Some(end) = self.anchors.pop().flatten() {
                    self.edits.push((range, end));
                }
            } else if !known(&name) {
                self.edits.push((range, String::new()));
            }
            return;
        }
        let nodes = html::parse(html);
        let Some(Node::Element(element)) = nodes.first() else { return };
        match element.name.as_str() {
            "a" => self.anchor(element, range, line),
            "img" => {
                let (text, beside) = media::picture(element, self.hand, line, !self.open.is_empty());
                if let Some(link) = self.open.last_mut().filter(|_| beside) {
                    link.pictures += 1;
                }
                self.put(range, text);
            }
            name if known(name) => {}
            name => {
                let text = media::foreign(element, self.hand, line).unwrap_or_default();
                if SILENT.contains(&name) && !html.ends_with("/>") {
                    self.gone = Some((name.to_owned(), range.end));
                }
                self.put(range, text);
            }
        }
    }

    fn anchor(&mut self, element: &Element, range: Range<usize>, line: usize) {
        let Some(address) = element.attribute("href") else { return self.anchors.push(None) };
        match self.hand.link(address, line) {
            Lead::Same => self.anchors.push(None),
            Lead::To(address) => {
                self.put(range, "[".to_owned());
                self.anchors.push(Some(format!("]({})", marks::target(&address))));
            }
            Lead::Nowhere => {
                self.edits.push((range, String::new()));
                self.anchors.push(Some(String::new()));
            }
        }
    }

    /// A block of HTML stays as it is where the builder takes all of it.
    fn block(&mut self, html: &str, range: Range<usize>) {
        let nodes = html::parse(html);
        if harmless(&nodes) {
            return;
        }
        let markdown = rewrite::markdown(&nodes, self.hand, &|below| self.body.line(range.start) + below);
        let source = self.body.text();
        let start = source[..range.start].rfind('\n').map_or(0, |at| at + 1);
        let lead = &source[start..range.start];
        let rest: String = lead.chars().map(|c| if c == '>' { '>' } else { ' ' }).collect();
        let text = if markdown.is_empty() { String::new() } else { marks::hung(&markdown, "", &rest) };
        let tail = if source[range.clone()].ends_with('\n') { "\n" } else { "" };
        // A blank line keeps what follows a paragraph of its own.
        let gap = if text.is_empty() { String::new() } else { format!("{}{tail}", rest.trim_end()) };
        let ahead =
            if gap.is_empty() || start == 0 || !lead.trim().is_empty() || source[..start].ends_with("\n\n") {
                ""
            } else {
                "\n"
            };
        self.edits.push((range, format!("{ahead}{text}{tail}{gap}")));
    }
}

/// Elements whose content goes with them.
const SILENT: [&str; 10] =
    ["script", "style", "template", "svg", "math", "iframe", "object", "select", "textarea", "canvas"];

/// What stands for a picture that did not come along.
pub(super) fn instead(shown: &Shown, alt: &str, address: &str, in_link: bool) -> String {
    let alt = alt.trim();
    let words = if alt.is_empty() { short(name_of(address)) } else { alt.to_owned() };
    let words = marks::escaped(&words.split_whitespace().collect::<Vec<_>>().join(" "));
    match shown {
        Shown::Linked(url) if !in_link => marks::link(&words, url),
        _ if in_link || !alt.is_empty() => words,
        _ => String::new(),
    }
}

/// Whether the builder takes an element.
fn known(name: &str) -> bool {
    crate::render::ELEMENTS.contains(&name)
}

/// Whether the builder takes some HTML as it is.
fn harmless(nodes: &[Node]) -> bool {
    nodes.iter().all(|node| match node {
        Node::Text(_) => true,
        Node::Element(element) => {
            let links = element.name == "a"
                && element
                    .attribute("href")
                    .is_some_and(|href| !href.starts_with("http") && !href.starts_with("mailto:"));
            known(&element.name) && element.name != "img" && !links && harmless(&element.children)
        }
    })
}

fn apply(text: &str, mut edits: Vec<(Range<usize>, String)>) -> String {
    edits.sort_by_key(|(range, _)| (range.start, range.end));
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for (range, new) in edits {
        if range.start < at {
            continue;
        }
        out.push_str(&text[at..range.start]);
        out.push_str(&new);
        at = range.end;
    }
    out + &text[at..]
}
