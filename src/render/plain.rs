//! A document as plain paragraphs: nothing of what it says is lost.

use pulldown_cmark::{Event, Tag, TagEnd};

use super::markdown::Document;
use super::raw::{self, RawPiece, RawTag, unescape};
use super::text::{Above, LinkList, Paragraph};

/// The paragraphs of a document. Its links go to `links`; what `closing` says ends its last paragraph.
pub(super) fn to_text(
    document: &Document<'_>,
    links: &mut LinkList,
    closing: impl FnOnce(&mut LinkList) -> Option<String>,
) -> Vec<Paragraph> {
    let mut writer = Writer {
        links,
        done: Vec::new(),
        line: String::new(),
        open: Vec::new(),
        urls: Vec::new(),
        caption: String::new(),
        broken: false,
        unseen: None,
    };
    for event in &document.events {
        writer.event(event);
    }
    writer.end();
    if let Some(closing) = closing(writer.links) {
        match writer.done.last_mut() {
            Some(last) if matches!(document.events.last(), Some(Event::End(TagEnd::Paragraph))) => {
                last.text.push_str(&format!(" {closing}"));
            }
            _ => writer.done.push(Paragraph::flowed(closing)),
        }
    }
    for (at, note) in document.notes.iter().enumerate() {
        writer.line = format!("({}) ", at + 1);
        for event in &note.events {
            writer.event(event);
        }
        writer.end();
    }
    writer.done
}

/// What a line of text stands in.
enum Open {
    Quote,
    List { next: Option<u64>, items: usize },
    Item { paragraphs: usize },
    Code,
    Table { rows: usize },
    Row { cells: usize },
}

/// A link that is open.
struct Link {
    url: String,
    /// Where its text starts in the line.
    start: usize,
    /// Whether the author wrote it as HTML: then nothing says that it is ever closed.
    raw: bool,
}

struct Writer<'l> {
    links: &'l mut LinkList,
    done: Vec<Paragraph>,
    line: String,
    open: Vec<Open>,
    /// The links that are open.
    urls: Vec<Link>,
    /// The caption of the picture that is open.
    caption: String,
    /// Whether the author broke the line before.
    broken: bool,
    /// The raw element whose text nobody sees, if we are in one.
    unseen: Option<&'static str>,
}

impl Writer<'_> {
    fn event(&mut self, event: &Event<'_>) {
        match event {
            Event::Html(html) | Event::InlineHtml(html) => self.raw(html),
            _ if self.unseen.is_some() => {}
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.finish(tag),
            Event::Text(text) if matches!(self.open.last(), Some(Open::Code)) => self.code(text),
            Event::Text(text) | Event::Code(text) => self.line.push_str(text),
            Event::SoftBreak => self.line.push(' '),
            Event::HardBreak => self.break_line(),
            Event::Rule => self.done.push(Paragraph::fixed("* * *")),
            Event::FootnoteReference(number) => self.line.push_str(&format!("\u{a0}({number})")),
            _ => {}
        }
    }

    fn start(&mut self, tag: &Tag<'_>) {
        match tag {
            Tag::BlockQuote(_) => self.open.push(Open::Quote),
            Tag::List(first) => {
                self.end();
                self.open.push(Open::List { next: *first, items: 0 });
            }
            Tag::Item => {
                let bullet = self.bullet();
                self.line.push_str(&bullet);
                self.open.push(Open::Item { paragraphs: 0 });
            }
            Tag::CodeBlock(_) => self.open.push(Open::Code),
            Tag::Table(_) => self.open.push(Open::Table { rows: 0 }),
            Tag::TableHead | Tag::TableRow => self.open.push(Open::Row { cells: 0 }),
            Tag::TableCell => {
                if let Some(Open::Row { cells }) = self.open.last_mut() {
                    *cells += 1;
                    if *cells > 1 {
                        self.line.push_str(" | ");
                    }
                }
            }
            Tag::Link { dest_url, .. } => self.open_link(dest_url.to_string(), false),
            Tag::Image { title, .. } => {
                self.line.push('[');
                self.caption = title.to_string();
            }
            _ => {}
        }
    }

    fn finish(&mut self, tag: &TagEnd) {
        match tag {
            TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::HtmlBlock => self.end(),
            TagEnd::BlockQuote(_)
            | TagEnd::List(_)
            | TagEnd::CodeBlock
            | TagEnd::Item
            | TagEnd::Table
            | TagEnd::TableHead
            | TagEnd::TableRow => {
                self.end();
                self.open.pop();
            }
            TagEnd::Link => {
                self.close_raw_links();
                self.close_link();
            }
            TagEnd::Image => {
                let caption = std::mem::take(&mut self.caption);
                let joint = if caption.is_empty() || self.line.ends_with('[') { "" } else { " – " };
                self.line.push_str(&format!("{joint}{caption}]"));
            }
            _ => {}
        }
    }

    fn open_link(&mut self, url: String, raw: bool) {
        self.urls.push(Link { url, start: self.line.len(), raw });
    }

    fn close_link(&mut self) {
        let Some(Link { url, start, .. }) = self.urls.pop() else { return };
        let text = self.line.get(start..).unwrap_or("").trim();
        let bare = text == url || format!("mailto:{text}") == url;
        if !bare && !url.is_empty() {
            let end = self.line.trim_end_matches(' ').len();
            let mark = self.links.mark(&url);
            self.line.insert_str(end, &mark);
        }
    }

    fn close_raw_links(&mut self) {
        while self.urls.last().is_some_and(|link| link.raw) {
            self.close_link();
        }
    }

    fn bullet(&mut self) -> String {
        match self.open.last_mut() {
            Some(Open::List { next, items }) => {
                *items += 1;
                match next {
                    Some(number) => {
                        *number += 1;
                        format!("{}. ", *number - 1)
                    }
                    None => "- ".to_owned(),
                }
            }
            _ => "- ".to_owned(),
        }
    }

    fn code(&mut self, text: &str) {
        for (at, line) in text.trim_end_matches('\n').split('\n').enumerate() {
            let line = Paragraph { indent: 4, ..Paragraph::fixed(line) };
            self.done.push(if at == 0 { line } else { line.close() });
        }
    }

    fn break_line(&mut self) {
        self.end_line();
        self.broken = true;
    }

    /// HTML of the author's: its text is text, its marks are not.
    fn raw(&mut self, html: &str) {
        let mut rest = html;
        while !rest.is_empty() {
            if let Some(name) = self.unseen {
                match rest.to_ascii_lowercase().find(&format!("</{name}")) {
                    Some(at) => {
                        self.unseen = None;
                        rest = &rest[at..];
                    }
                    None => return,
                }
            }
            let (piece, after) = raw::next(rest);
            match piece {
                RawPiece::Text(text) => self.line.push_str(&unescape(text).replace('\n', " ")),
                RawPiece::Tag(tag) => self.mark(&tag),
                RawPiece::Unseen => {}
            }
            rest = after;
        }
    }

    fn mark(&mut self, tag: &RawTag<'_>) {
        match tag.name.as_str() {
            "br" => self.break_line(),
            "script" | "style" if !tag.closing => {
                self.unseen = Some(if tag.name == "script" { "script" } else { "style" });
            }
            "a" if tag.closing && self.urls.last().is_some_and(|link| link.raw) => self.close_link(),
            // The places of a page are none of its text's.
            "a" if !tag.closing => {
                let url = tag.target().filter(|url| !url.starts_with('#')).unwrap_or_default();
                self.open_link(url, true);
            }
            "p" | "div" | "li" | "tr" | "blockquote" | "dt" | "dd" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                self.end()
            }
            "td" | "th" => self.line.push(' '),
            _ => {}
        }
    }

    /// Ends a paragraph.
    fn end(&mut self) {
        if !self.line.trim().is_empty() {
            self.close_raw_links();
        }
        self.end_line();
    }

    fn end_line(&mut self) {
        let line = std::mem::take(&mut self.line);
        let words: Vec<&str> = line.split([' ', '\n', '\t']).filter(|word| !word.is_empty()).collect();
        if words.is_empty() {
            return;
        }
        let depth = self.open.iter().filter(|open| matches!(open, Open::List { .. })).count();
        let close = self.is_close(depth) || std::mem::take(&mut self.broken);
        self.done.push(Paragraph {
            quoted: self.open.iter().filter(|open| matches!(open, Open::Quote)).count(),
            indent: depth.saturating_sub(1) * 2,
            above: if close { Above::Close } else { Above::Blank },
            ..Paragraph::flowed(words.join(" "))
        });
    }

    /// Items of a list and rows of a table follow each other closely.
    fn is_close(&mut self, depth: usize) -> bool {
        match self.open.as_mut_slice() {
            [.., Open::List { items, .. }, Open::Item { paragraphs }] => {
                *paragraphs += 1;
                *paragraphs == 1 && (*items > 1 || depth > 1)
            }
            [.., Open::Table { rows }, Open::Row { .. }] => {
                *rows += 1;
                *rows > 1
            }
            _ => false,
        }
    }
}
