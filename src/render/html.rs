//! A document as HTML: clean, without a style of its own, safe whatever its author wrote.

use std::fmt::Write;

use pulldown_cmark::{Alignment, CowStr, Event, Tag, TagEnd, html};

use super::markdown::{Document, PictureLink};
use super::resolve::Loading;
use super::sanitise;

/// What stands around the text on its page.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Surroundings<'a> {
    /// The prefix of ids, so that two texts on a page do not share one.
    pub(super) id: &'a str,
    /// How its pictures are fetched.
    pub(super) loading: Loading,
    /// HTML that closes the last paragraph.
    pub(super) closing: &'a str,
}

/// The HTML of a document.
pub(super) fn to_html(document: &Document<'_>, surroundings: &Surroundings<'_>) -> String {
    let mut writer = Writer { surroundings, pictures: document.pictures.iter(), mentioned: Vec::new() };
    let mut events = writer.events(&document.events);
    let closed = close(&mut events, surroundings.closing);
    let mut body = String::with_capacity(1024);
    html::push_html(&mut body, events.into_iter());
    if !closed && !surroundings.closing.is_empty() {
        let _ = writeln!(body, "<p class=\"credits\">{}</p>", surroundings.closing.trim_start());
    }
    if !document.notes.is_empty() {
        body.push_str("<div class=\"notes\">\n");
        for (at, note) in document.notes.iter().enumerate() {
            let number = at + 1;
            let _ = write!(body, "<div class=\"note\" id=\"fn-{}-{number}\">", surroundings.id);
            let mut events = writer.events(&note.events);
            let mark = format!("<sup>{number}</sup> ");
            let first = usize::from(matches!(events.first(), Some(Event::Start(Tag::Paragraph))));
            events.insert(first, Event::InlineHtml(mark.into()));
            html::push_html(&mut body, events.into_iter());
            body.push_str("</div>\n");
        }
        body.push_str("</div>\n");
    }
    if document.raw_html { sanitise::clean(&body, &document.pictures, surroundings.id) } else { body }
}

/// Puts the closing words into the last paragraph, if the text ends with one.
fn close(events: &mut Vec<Event<'_>>, closing: &str) -> bool {
    if closing.is_empty() || !matches!(events.last(), Some(Event::End(TagEnd::Paragraph))) {
        return false;
    }
    events.insert(events.len() - 1, Event::InlineHtml(closing.to_owned().into()));
    true
}

struct Writer<'a, 'd> {
    surroundings: &'a Surroundings<'a>,
    pictures: std::slice::Iter<'d, PictureLink>,
    mentioned: Vec<String>,
}

impl Writer<'_, '_> {
    fn events<'e>(&mut self, events: &'e [Event<'e>]) -> Vec<Event<'e>> {
        let mut out: Vec<Event<'e>> = Vec::with_capacity(events.len());
        let mut table = Table::default();
        let mut at = 0;
        while let Some(event) = events.get(at) {
            at += 1;
            match event {
                Event::Start(Tag::Image { dest_url, title, .. }) => {
                    let length =
                        events[at..].iter().position(|event| matches!(event, Event::End(TagEnd::Image)));
                    let end = at + length.unwrap_or(events.len() - at);
                    self.image(&mut out, dest_url, title, &plain(&events[at..end]));
                    at = end + 1;
                }
                Event::End(TagEnd::Paragraph) if alone(&out) => {
                    let start = out.len() - 2;
                    out.remove(start);
                }
                Event::FootnoteReference(number) => out.push(self.mention(number)),
                event => match table.event(event) {
                    Some(replaced) => out.push(replaced),
                    None => out.push(lent(event)),
                },
            }
        }
        out
    }

    fn image<'e>(&mut self, out: &mut Vec<Event<'e>>, url: &str, title: &str, alt: &str) {
        let size = self.pictures.next().map_or((0, 0), |picture| (picture.width, picture.height));
        let (url, alt) = (escape(url), escape(alt));
        let (width, height) = size;
        // A page has its stylesheet; in a mail each picture carries its own limit.
        let loading = match self.surroundings.loading {
            Loading::Lazy => " loading=\"lazy\"".to_owned(),
            Loading::Eager => format!(" style=\"max-width:{width}px\""),
        };
        let image =
            format!("<img src=\"{url}\" width=\"{width}\" height=\"{height}\" alt=\"{alt}\"{loading}>");
        let caption = match title {
            "" => String::new(),
            title => format!("<figcaption>{}</figcaption>", escape(title)),
        };
        if matches!(out.last(), Some(Event::Start(Tag::Paragraph))) {
            out.push(Event::InlineHtml(format!("<figure>{image}{caption}</figure>\n").into()));
        } else {
            out.push(Event::InlineHtml(image.into()));
        }
    }

    fn mention<'e>(&mut self, number: &CowStr<'_>) -> Event<'e> {
        let id = self.surroundings.id;
        let first = !self.mentioned.iter().any(|known| **known == **number);
        let anchor = if first { format!(" id=\"fnref-{id}-{number}\"") } else { String::new() };
        self.mentioned.push(number.to_string());
        Event::InlineHtml(format!("<sup><a href=\"#fn-{id}-{number}\"{anchor}>{number}</a></sup>").into())
    }
}

/// The same event; a text is not copied for it.
fn lent<'e>(event: &'e Event<'e>) -> Event<'e> {
    match event {
        Event::Text(text) => Event::Text(CowStr::Borrowed(text)),
        event => event.clone(),
    }
}

/// A figure that fills its paragraph takes the paragraph's place.
fn alone(out: &[Event<'_>]) -> bool {
    match out {
        [.., Event::Start(Tag::Paragraph), Event::InlineHtml(html)] => html.starts_with("<figure>"),
        _ => false,
    }
}

/// Tables with a scope for their heads and classes, not styles, for their columns.
#[derive(Default)]
struct Table {
    alignments: Vec<Alignment>,
    column: usize,
    head: bool,
}

impl Table {
    fn event<'e>(&mut self, event: &Event<'e>) -> Option<Event<'e>> {
        let html = match event {
            Event::Start(Tag::Table(alignments)) => {
                self.alignments.clone_from(alignments);
                "<div class=\"table\"><table>".to_owned()
            }
            Event::End(TagEnd::Table) => "</tbody></table></div>\n".to_owned(),
            Event::Start(Tag::TableHead) => {
                (self.head, self.column) = (true, 0);
                "<thead><tr>".to_owned()
            }
            Event::End(TagEnd::TableHead) => {
                self.head = false;
                "</tr></thead><tbody>\n".to_owned()
            }
            Event::Start(Tag::TableRow) => {
                self.column = 0;
                "<tr>".to_owned()
            }
            Event::End(TagEnd::TableRow) => "</tr>\n".to_owned(),
            Event::Start(Tag::TableCell) => {
                let class = match self.alignments.get(self.column) {
                    Some(Alignment::Right) => " class=\"right\"",
                    Some(Alignment::Center) => " class=\"center\"",
                    _ => "",
                };
                self.column += 1;
                if self.head { format!("<th scope=\"col\"{class}>") } else { format!("<td{class}>") }
            }
            Event::End(TagEnd::TableCell) => if self.head { "</th>" } else { "</td>" }.to_owned(),
            _ => return None,
        };
        Some(Event::Html(html.into()))
    }
}

/// The text of events without their marks.
pub(super) fn plain(events: &[Event<'_>]) -> String {
    let mut text = String::new();
    for event in events {
        match event {
            Event::Text(part) | Event::Code(part) => text.push_str(part),
            Event::SoftBreak | Event::HardBreak => text.push(' '),
            _ => {}
        }
    }
    text
}

/// Text made safe for HTML, attributes included.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + text.len() / 8);
    let mut start = 0;
    for (at, byte) in text.bytes().enumerate() {
        let instead = match byte {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            b'\'' => "&#39;",
            _ => continue,
        };
        escaped.push_str(&text[start..at]);
        escaped.push_str(instead);
        start = at + 1;
    }
    escaped.push_str(&text[start..]);
    escaped
}
