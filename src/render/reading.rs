//! A Markdown text as somebody reads it: blocks of prose, links and pictures, each with its place in the source.

use std::ops::Range;

use pulldown_cmark::{Event, LinkType, Parser, Tag, TagEnd};

use super::raw::{self, RawPiece, RawTag, pieces, unescape};
use super::typeset::options;

/// A text taken apart for its reader.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    /// Paragraphs, headings, list items, cells: code left out.
    pub blocks: Vec<Block>,
    /// The links, in order.
    pub links: Vec<ReadLink>,
    /// The pictures, in order.
    pub pictures: Vec<ReadPicture>,
}

/// The prose of one block. What is no prose, such as code, stands in it as U+FFFC.
#[derive(Debug, Clone, Default)]
pub struct Block {
    /// The prose.
    pub text: String,
    pieces: Vec<Piece>,
}

/// A stretch of a block.
#[derive(Debug, Clone)]
struct Piece {
    start: usize,
    source: Range<usize>,
    exact: bool,
    voice: Voice,
}

/// In whose voice a word is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Voice {
    /// The text's own.
    Plain,
    /// Set off in italics, as titles and foreign words are.
    SetOff,
    /// Declared to be another language.
    Foreign,
}

/// A link as it is written.
#[derive(Debug, Clone)]
pub struct ReadLink {
    /// The words that are linked.
    pub text: String,
    /// Where it leads.
    pub target: String,
    /// The whole link, in bytes of the Markdown.
    pub range: Range<usize>,
    /// The target alone, where it stands as it is meant.
    pub target_range: Option<Range<usize>>,
}

/// A picture as it is written.
#[derive(Debug, Clone)]
pub struct ReadPicture {
    /// The file.
    pub file: String,
    /// What it shows.
    pub alt: String,
    /// In bytes of the Markdown.
    pub range: Range<usize>,
    /// The file alone, where it stands as it is meant.
    pub file_range: Option<Range<usize>>,
}

impl Block {
    /// Where a stretch of the prose stands in the Markdown.
    pub fn place(&self, range: Range<usize>) -> Range<usize> {
        let start = self.source_of(range.start).map_or(0, |(start, _)| start);
        let last = range.end.saturating_sub(1).max(range.start);
        let end = self.source_of(last).map_or(start, |(at, piece)| {
            if piece.exact { at + range.end.max(range.start + 1) - last } else { piece.source.end }
        });
        start..end.max(start)
    }

    /// In whose voice a place of the prose is.
    pub fn voice(&self, at: usize) -> Voice {
        self.piece(at).map_or(Voice::Plain, |piece| piece.voice)
    }

    fn piece(&self, at: usize) -> Option<&Piece> {
        let after = self.pieces.partition_point(|piece| piece.start <= at);
        self.pieces.get(after.checked_sub(1)?)
    }

    fn source_of(&self, at: usize) -> Option<(usize, &Piece)> {
        let piece = self.piece(at)?;
        let shift = if piece.exact { at - piece.start } else { 0 };
        Some((piece.source.start + shift, piece))
    }

    fn push(&mut self, text: &str, source: Range<usize>, exact: bool, voice: Voice) {
        self.pieces.push(Piece { start: self.text.len(), source, exact, voice });
        self.text.push_str(text);
    }
}

/// Reads a text.
pub fn read(markdown: &str) -> Reading {
    let mut reader = Reader { markdown, ..Reader::default() };
    for (event, range) in Parser::new_ext(markdown, options()).into_offset_iter() {
        reader.event(event, range);
    }
    reader.end_block();
    reader.reading
}

/// A link that is being read.
struct OpenLink {
    link: ReadLink,
    /// Whether the author wrote it as HTML: then nothing says that it is ever closed.
    raw: bool,
}

#[derive(Default)]
struct Reader<'a> {
    markdown: &'a str,
    reading: Reading,
    block: Block,
    code: usize,
    set_off: usize,
    foreign: Vec<String>,
    open: Vec<OpenLink>,
    picture: Option<ReadPicture>,
}

impl Reader<'_> {
    fn event(&mut self, event: Event<'_>, range: Range<usize>) {
        match event {
            Event::Start(Tag::CodeBlock(_)) => self.code += 1,
            Event::End(TagEnd::CodeBlock) => self.code = self.code.saturating_sub(1),
            Event::Start(Tag::Image { link_type, dest_url, .. }) => {
                let file = dest_url.into_string();
                let file_range = self.find(link_type, &file, &range);
                self.picture = Some(ReadPicture { file, alt: String::new(), range, file_range })
            }
            Event::End(TagEnd::Image) => {
                let picture = self.picture.take();
                if let Some(picture) = &picture {
                    self.linked(&picture.alt);
                }
                self.reading.pictures.extend(picture);
            }
            Event::Start(Tag::Link { link_type, dest_url, .. }) => {
                let target = dest_url.into_string();
                let target_range = self.find(link_type, &target, &range);
                let link = ReadLink { text: String::new(), target, range, target_range };
                self.open.push(OpenLink { link, raw: false });
            }
            Event::End(TagEnd::Link) => {
                self.close_raw();
                self.close();
            }
            Event::Start(Tag::Emphasis) => self.set_off += 1,
            Event::End(TagEnd::Emphasis) => self.set_off = self.set_off.saturating_sub(1),
            Event::Text(text) => self.text(&text, range),
            Event::Code(code) => {
                self.linked(&code);
                self.opaque(range);
            }
            Event::InlineHtml(html) => {
                self.tag(&html);
                if let (RawPiece::Tag(tag), _) = raw::next(&html) {
                    self.raw_link(&tag, range.clone());
                }
                self.opaque(range);
            }
            Event::Start(Tag::HtmlBlock) => {
                self.end_block();
                self.html(range);
            }
            Event::FootnoteReference(_) => self.opaque(range),
            Event::SoftBreak | Event::HardBreak => {
                self.linked(" ");
                let voice = self.voice();
                self.block.push(" ", range, true, voice);
            }
            Event::Start(Tag::Strong | Tag::Strikethrough)
            | Event::End(TagEnd::Strong | TagEnd::Strikethrough) => {}
            _ => self.end_block(),
        }
    }

    fn text(&mut self, text: &str, range: Range<usize>) {
        if self.code > 0 {
            return;
        }
        if let Some(picture) = &mut self.picture {
            picture.alt.push_str(text);
            return;
        }
        self.linked(text);
        let exact = self.markdown.get(range.clone()) == Some(text);
        let voice = self.voice();
        self.block.push(text, range, exact, voice);
    }

    fn opaque(&mut self, range: Range<usize>) {
        if self.picture.is_none() {
            self.block.push("\u{fffc}", range, false, Voice::Foreign);
        }
    }

    fn linked(&mut self, text: &str) {
        for open in &mut self.open {
            open.link.text.push_str(text);
        }
    }

    fn close(&mut self) {
        self.reading.links.extend(self.open.pop().map(|open| open.link));
    }

    fn close_raw(&mut self) {
        while self.open.last().is_some_and(|open| open.raw) {
            self.close();
        }
    }

    /// A block of HTML: its links are read, and the words in them.
    fn html(&mut self, range: Range<usize>) {
        let html = self.markdown.get(range.clone()).unwrap_or("");
        for (at, piece) in pieces(html) {
            match piece {
                RawPiece::Text(text) => self.linked(&unescape(text)),
                RawPiece::Tag(tag) => {
                    let start = range.start + at;
                    self.raw_link(&tag, start..start + tag.as_str().len());
                }
                RawPiece::Unseen => {}
            }
        }
        self.close_raw();
    }

    fn raw_link(&mut self, tag: &RawTag<'_>, range: Range<usize>) {
        if tag.name != "a" {
            return;
        }
        if tag.closing {
            if let Some(open) = self.open.last_mut().filter(|open| open.raw) {
                open.link.range.end = range.end;
                self.close();
            }
            return;
        }
        let (Some(target), Some(place)) = (tag.target(), tag.place("href")) else { return };
        let target_range = Some(range.start + place.start..range.start + place.end);
        let link = ReadLink { text: String::new(), target, range, target_range };
        self.open.push(OpenLink { link, raw: true });
    }

    fn voice(&self) -> Voice {
        match (self.foreign.is_empty(), self.set_off) {
            (false, _) => Voice::Foreign,
            (true, 0) => Voice::Plain,
            (true, _) => Voice::SetOff,
        }
    }

    /// Follows elements with a language of their own.
    fn tag(&mut self, html: &str) {
        let name = |tag: &str| tag.chars().take_while(char::is_ascii_alphanumeric).collect::<String>();
        if let Some(tag) = html.strip_prefix("</") {
            if self.foreign.last().is_some_and(|open| *open == name(tag)) {
                self.foreign.pop();
            }
        } else if let Some(tag) = html.strip_prefix('<') {
            let same = self.foreign.last().is_some_and(|open| *open == name(tag));
            if tag.contains(" lang=") || same {
                self.foreign.push(name(tag));
            }
        }
    }

    /// Where the target of a link is written: in the link itself, or in its definition.
    fn find(&self, kind: LinkType, target: &str, range: &Range<usize>) -> Option<Range<usize>> {
        if target.is_empty() || kind == LinkType::Email {
            return None;
        }
        let own = self.markdown.get(range.clone())?;
        if let Some(at) = own.rfind(target) {
            return Some(range.start + at..range.start + at + target.len());
        }
        let own = own.match_indices("](").map(|(at, mark)| range.start + at + mark.len());
        let definitions = self.markdown.match_indices("]:").map(|(at, mark)| at + mark.len());
        own.chain(definitions).find_map(|at| {
            let written = destination(self.markdown, at);
            let text = &self.markdown[written.clone()];
            (text == target || unescape(text) == target).then_some(written)
        })
    }

    fn end_block(&mut self) {
        self.close_raw();
        if self.block.text.trim().is_empty() {
            self.block = Block::default();
        } else {
            self.reading.blocks.push(std::mem::take(&mut self.block));
        }
    }
}

/// The destination of a link that is written from a byte on, entities and all.
fn destination(markdown: &str, at: usize) -> Range<usize> {
    let rest = &markdown[at..];
    let start = rest.len() - rest.trim_start_matches([' ', '\n']).len();
    let (start, ends): (_, &[char]) =
        if rest[start..].starts_with('<') { (start + 1, &['>', '\n']) } else { (start, &[' ', '\n', '\t']) };
    let end = rest[start..].find(ends).map_or(rest.len(), |end| start + end);
    let written = &rest[start..end];
    // A bracket at the end closes the link, unless one was opened within.
    let closed = written.match_indices(')').map(|(end, _)| end);
    let spare = closed.into_iter().find(|end| {
        let before = &written[..*end];
        before.matches(')').count() >= before.matches('(').count()
    });
    let length = if ends[0] == '>' { written.len() } else { spare.unwrap_or(written.len()) };
    at + start..at + start + length
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_know_their_place_and_their_voice() {
        let markdown =
            "Un &amp; *deux* `code` <i lang=\"en\">three</i>.\n\n- [là](https://a.example/b \"T\")\n";
        let reading = read(markdown);
        let block = &reading.blocks[0];
        assert_eq!(block.text, "Un & deux \u{fffc} \u{fffc}three\u{fffc}.");
        let place = |word: &str| {
            let at = block.text.find(word).expect("there");
            (&markdown[block.place(at..at + word.len())], block.voice(at))
        };
        assert_eq!(place("Un"), ("Un", Voice::Plain));
        assert_eq!(place("&"), ("&amp;", Voice::Plain));
        assert_eq!(place("deux"), ("deux", Voice::SetOff));
        assert_eq!(place("three"), ("three", Voice::Foreign));
        let link = &reading.links[0];
        assert_eq!((link.text.as_str(), link.target.as_str()), ("là", "https://a.example/b"));
        assert_eq!(&markdown[link.target_range.clone().expect("a place")], "https://a.example/b");
    }

    #[test]
    fn links_that_are_written_as_html_are_links() {
        let markdown = "Un <a href=\"https://a.example/?b&amp;c\">pont [d](https://e.example/x)</a>.\n\n<p>\n<a\n href='https://f.example/'>g &amp; h</a>\n</p>\n";
        let reading = read(markdown);
        let shown: Vec<_> = reading
            .links
            .iter()
            .map(|link| {
                let place = link.target_range.clone().expect("a place");
                (link.text.as_str(), link.target.as_str(), &markdown[place])
            })
            .collect();
        assert_eq!(
            shown,
            [
                ("d", "https://e.example/x", "https://e.example/x"),
                ("pont d", "https://a.example/?b&c", "https://a.example/?b&amp;c"),
                ("g & h", "https://f.example/", "https://f.example/"),
            ]
        );
    }

    #[test]
    fn a_target_with_entities_has_its_place() {
        for (markdown, written) in [
            ("[a](https://a.example/?b&amp;c)", "https://a.example/?b&amp;c"),
            ("[a](<https://a.example/?b&amp;c d> \"e\")", "https://a.example/?b&amp;c d"),
            ("([a](https://a.example/(b)?c&amp;d))", "https://a.example/(b)?c&amp;d"),
            ("[a][b]\n\n[b]: https://a.example/?b&amp;c\n", "https://a.example/?b&amp;c"),
        ] {
            let place = read(markdown).links[0].target_range.clone().expect("a place");
            assert_eq!(&markdown[place], written, "{markdown}");
        }
    }

    #[test]
    fn the_target_of_a_reference_stands_in_its_definition() {
        let markdown = "See [it][1] and <https://b.example/>.\n\n[1]: https://a.example/x\n";
        let reading = read(markdown);
        let shown = |at: usize| &markdown[reading.links[at].target_range.clone().expect("a place")];
        assert_eq!((shown(0), shown(1)), ("https://a.example/x", "https://b.example/"));
        assert_eq!(reading.links[0].text, "it");
    }
}
