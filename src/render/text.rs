//! A document as plain text: paragraphs for a screen of 72 columns, links numbered and listed at the end.

use pulldown_cmark::{Event, Tag, TagEnd};

use super::markdown::Document;

/// The widest line, in characters.
pub const COLUMNS: usize = 72;

/// A paragraph of plain text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paragraph {
    /// How deep it is quoted.
    pub quoted: usize,
    /// Its text; single spaces are where it may be folded.
    pub text: String,
    /// Whether it may be folded.
    pub folding: Folding,
    /// Whether a blank line stands above it.
    pub above: Above,
}

/// Whether a paragraph may be folded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Folding {
    /// At any space.
    Flowed,
    /// Nowhere: an address, a line of code.
    Fixed,
}

/// What stands above a paragraph.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Above {
    /// A blank line.
    Blank,
    /// The paragraph before, closely.
    Close,
}

impl Paragraph {
    /// A paragraph of running text.
    pub fn flowed(text: impl Into<String>) -> Self {
        Self { quoted: 0, text: text.into(), folding: Folding::Flowed, above: Above::Blank }
    }

    /// A line that stays as it is.
    pub fn fixed(text: impl Into<String>) -> Self {
        Self { folding: Folding::Fixed, ..Self::flowed(text) }
    }

    /// Without a blank line above.
    #[must_use]
    pub fn close(self) -> Self {
        Self { above: Above::Close, ..self }
    }

    /// One level deeper in quotation.
    #[must_use]
    pub fn quoted(self) -> Self {
        Self { quoted: self.quoted + 1, ..self }
    }
}

/// The addresses of one item, each once, in the order of their first mention.
#[derive(Debug, Default)]
pub struct LinkList(Vec<String>);

impl LinkList {
    /// The mark of an address, ` [1]`.
    pub fn mark(&mut self, url: &str) -> String {
        let at = self.0.iter().position(|known| known == url).unwrap_or_else(|| {
            self.0.push(url.to_owned());
            self.0.len() - 1
        });
        format!("\u{a0}[{}]", at + 1)
    }

    /// The list itself, one address a line.
    pub fn paragraphs(&self) -> Vec<Paragraph> {
        let line = |(at, url): (usize, &String)| Paragraph::fixed(format!("[{}] {url}", at + 1));
        let lines = self.0.iter().enumerate().map(line);
        lines.enumerate().map(|(at, line)| if at == 0 { line } else { line.close() }).collect()
    }
}

/// The paragraphs of a document. Its links go to `links`.
pub fn to_text(document: &Document<'_>, links: &mut LinkList) -> Vec<Paragraph> {
    let mut writer =
        Writer { links, done: Vec::new(), line: String::new(), open: Vec::new(), urls: Vec::new(), skip: 0 };
    for event in &document.events {
        writer.event(event);
    }
    for (at, note) in document.notes.iter().enumerate() {
        writer.line = format!("({}) ", at + 1);
        for event in &note.events {
            writer.event(event);
        }
    }
    writer.end(Folding::Flowed);
    writer.done
}

/// What a line of text stands in.
enum Open {
    Quote,
    List { next: Option<u64> },
    Item { fresh: bool },
    Code,
    Row { cells: usize },
}

struct Writer<'l> {
    links: &'l mut LinkList,
    done: Vec<Paragraph>,
    line: String,
    open: Vec<Open>,
    urls: Vec<(String, usize)>,
    skip: usize,
}

impl Writer<'_> {
    fn event(&mut self, event: &Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.finish(tag),
            Event::Text(text) if matches!(self.open.last(), Some(Open::Code)) => self.code(text),
            Event::Text(text) | Event::Code(text) => self.line.push_str(text),
            Event::SoftBreak => self.line.push(' '),
            Event::HardBreak => {
                self.end(Folding::Flowed);
                self.skip = 1;
            }
            Event::Rule => self.done.push(Paragraph::fixed("* * *")),
            Event::FootnoteReference(number) => self.line.push_str(&format!("\u{a0}({number})")),
            Event::InlineHtml(html) | Event::Html(html)
                if html.trim_start().to_ascii_lowercase().starts_with("<br") =>
            {
                self.line.push(' ');
            }
            _ => {}
        }
    }

    fn start(&mut self, tag: &Tag<'_>) {
        match tag {
            Tag::BlockQuote(_) => self.open.push(Open::Quote),
            Tag::List(first) => {
                self.end(Folding::Flowed);
                self.open.push(Open::List { next: *first });
            }
            Tag::Item => {
                let bullet = self.bullet();
                self.line.push_str(&bullet);
                self.open.push(Open::Item { fresh: true });
            }
            Tag::CodeBlock(_) => self.open.push(Open::Code),
            Tag::TableHead | Tag::TableRow => self.open.push(Open::Row { cells: 0 }),
            Tag::TableCell => {
                if let Some(Open::Row { cells }) = self.open.last_mut() {
                    *cells += 1;
                    if *cells > 1 {
                        self.line.push_str(" | ");
                    }
                }
            }
            Tag::Link { dest_url, .. } => self.urls.push((dest_url.to_string(), self.line.len())),
            Tag::Image { .. } => self.line.push('['),
            _ => {}
        }
    }

    fn finish(&mut self, tag: &TagEnd) {
        match tag {
            TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::HtmlBlock => self.end(Folding::Flowed),
            TagEnd::BlockQuote(_) | TagEnd::List(_) | TagEnd::CodeBlock => {
                self.end(Folding::Flowed);
                self.open.pop();
            }
            TagEnd::Item => {
                self.end(Folding::Flowed);
                self.open.pop();
            }
            TagEnd::TableHead | TagEnd::TableRow => {
                self.end(Folding::Flowed);
                self.open.pop();
            }
            TagEnd::Link => {
                let Some((url, start)) = self.urls.pop() else { return };
                if self
                    .line
                    .get(start..)
                    .is_none_or(|text| text.trim() != url && format!("mailto:{text}") != url)
                {
                    let mark = self.links.mark(&url);
                    self.line.push_str(&mark);
                }
            }
            TagEnd::Image => self.line.push(']'),
            _ => {}
        }
    }

    fn bullet(&mut self) -> String {
        let depth = self.open.iter().filter(|open| matches!(open, Open::List { .. })).count();
        let indent = "  ".repeat(depth.saturating_sub(1));
        match self.open.last_mut() {
            Some(Open::List { next: Some(number) }) => {
                *number += 1;
                format!("{indent}{}. ", *number - 1)
            }
            _ => format!("{indent}- "),
        }
    }

    fn code(&mut self, text: &str) {
        for (at, line) in text.trim_end_matches('\n').split('\n').enumerate() {
            let line = Paragraph::fixed(format!("    {line}"));
            self.done.push(if at == 0 { line } else { line.close() });
        }
    }

    /// Ends a paragraph.
    fn end(&mut self, folding: Folding) {
        let text = collapse(&std::mem::take(&mut self.line));
        if text.trim().is_empty() {
            return;
        }
        let close = match self.open.last_mut() {
            Some(Open::Item { fresh }) => std::mem::take(fresh) && self.done_in_list(),
            Some(Open::Row { .. }) => self.done_in_row(),
            _ => false,
        };
        let close = close || std::mem::take(&mut self.skip) > 0;
        let quoted = self.open.iter().filter(|open| matches!(open, Open::Quote)).count();
        let above = if close { Above::Close } else { Above::Blank };
        self.done.push(Paragraph { quoted, text, folding, above });
    }

    /// Whether the paragraph before was an item of a list too.
    fn done_in_list(&self) -> bool {
        let bullet = |text: &str| {
            let text = text.trim_start();
            let digits = text.trim_start_matches(|digit: char| digit.is_ascii_digit());
            text.starts_with("- ") || digits.len() < text.len() && digits.starts_with(". ")
        };
        self.done.last().is_some_and(|last| bullet(&last.text))
    }

    /// Whether the paragraph before was a row of a table too.
    fn done_in_row(&self) -> bool {
        self.done.last().is_some_and(|last| last.text.contains(" | "))
    }
}

/// One space for several; the indent of a list stays.
fn collapse(text: &str) -> String {
    let indent = text.len() - text.trim_start_matches(' ').len();
    let words: Vec<&str> = text.split([' ', '\n', '\t']).filter(|word| !word.is_empty()).collect();
    let deep = words.first().is_some_and(|word| *word == "-" || word.ends_with('.') && indent > 1);
    format!("{}{}", if deep { &text[..indent] } else { "" }, words.join(" "))
}

/// The lines of a text: folded at 72 columns, each soft end marked by a space (RFC 3676, section 4).
pub fn fold(paragraphs: &[Paragraph]) -> String {
    let mut text = String::new();
    for (at, paragraph) in paragraphs.iter().enumerate() {
        if at > 0 && paragraph.above == Above::Blank {
            text.push('\n');
        }
        fold_one(&mut text, paragraph);
    }
    text
}

fn fold_one(out: &mut String, paragraph: &Paragraph) {
    let quote = match paragraph.quoted {
        0 => String::new(),
        depth => format!("{} ", ">".repeat(depth)),
    };
    let mut lines: Vec<String> = Vec::new();
    let indent = paragraph.text.len() - paragraph.text.trim_start_matches(' ').len();
    let mut line = paragraph.text[..indent].to_owned();
    let room = COLUMNS - quote.chars().count() - 2;
    let mut width = indent;
    for word in paragraph.text[indent..].split(' ') {
        let length = word.chars().count();
        if paragraph.folding == Folding::Flowed && width > indent && width + 1 + length > room {
            line.push(' ');
            lines.push(std::mem::take(&mut line));
            width = 0;
        }
        if width > 0 && !line.is_empty() && line.len() > indent.min(line.len()) {
            line.push(' ');
            width += 1;
        }
        line.push_str(word);
        width += length;
    }
    lines.push(line.trim_end().to_owned());
    for line in lines {
        let stuffed = quote.is_empty() && (line.starts_with([' ', '>']) || line.starts_with("From "));
        out.push_str(&quote);
        if stuffed {
            out.push(' ');
        }
        out.push_str(&line);
        out.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_paragraph_is_folded_and_unfolds_again() {
        let words = "Un atelier ouvre ses portes à Rennes et tout le monde y est admis sans frais, dit-on. "
            .repeat(4);
        let folded = fold(&[Paragraph::flowed(words.trim())]);
        assert!(folded.lines().all(|line| line.chars().count() <= COLUMNS), "{folded}");
        let unfolded: String = folded
            .lines()
            .map(|line| if line.ends_with(' ') { line.to_owned() } else { format!("{line}\n") })
            .collect();
        assert_eq!(unfolded.trim_end(), words.trim());
    }

    #[test]
    fn an_address_is_never_folded() {
        let line = format!("[1] https://example.org/{}", "a".repeat(100));
        assert_eq!(fold(&[Paragraph::fixed(line.clone())]), format!("{line}\n"));
    }

    #[test]
    fn a_line_that_looks_like_quotation_is_stuffed() {
        assert_eq!(fold(&[Paragraph::flowed("> a"), Paragraph::flowed("From b").close()]), " > a\n From b\n");
    }
}
