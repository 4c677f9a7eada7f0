//! A Markdown text as somebody reads it: blocks of prose, links and pictures, each with its place in the source.

use std::ops::Range;

use pulldown_cmark::{Event, LinkType, Parser, Tag, TagEnd};

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

#[derive(Default)]
struct Reader<'a> {
    markdown: &'a str,
    reading: Reading,
    block: Block,
    code: usize,
    set_off: usize,
    foreign: Vec<String>,
    link: Option<ReadLink>,
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
                if let (Some(link), Some(picture)) = (&mut self.link, &picture) {
                    link.text.push_str(&picture.alt);
                }
                self.reading.pictures.extend(picture);
            }
            Event::Start(Tag::Link { link_type, dest_url, .. }) => {
                let target = dest_url.into_string();
                let target_range = self.find(link_type, &target, &range);
                self.link = Some(ReadLink { text: String::new(), target, range, target_range });
            }
            Event::End(TagEnd::Link) => self.reading.links.extend(self.link.take()),
            Event::Start(Tag::Emphasis) => self.set_off += 1,
            Event::End(TagEnd::Emphasis) => self.set_off = self.set_off.saturating_sub(1),
            Event::Text(text) => self.text(&text, range),
            Event::Code(code) => {
                self.linked(&code);
                self.opaque(range);
            }
            Event::InlineHtml(html) => {
                self.tag(&html);
                self.opaque(range);
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
        if let Some(link) = &mut self.link {
            link.text.push_str(text);
        }
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
        let own = self.markdown.get(range.clone()).and_then(|link| link.rfind(target));
        let elsewhere = || {
            let definitions = self.markdown.match_indices("]:").map(|(at, _)| at + 2);
            definitions.into_iter().find_map(|at| {
                let rest = &self.markdown[at..];
                let skipped = rest.len() - rest.trim_start_matches([' ', '<', '\n']).len();
                rest[skipped..].starts_with(target).then_some(at + skipped)
            })
        };
        let start = own.map(|at| range.start + at).or_else(elsewhere)?;
        Some(start..start + target.len())
    }

    fn end_block(&mut self) {
        if self.block.text.trim().is_empty() {
            self.block = Block::default();
        } else {
            self.reading.blocks.push(std::mem::take(&mut self.block));
        }
    }
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
    fn the_target_of_a_reference_stands_in_its_definition() {
        let markdown = "See [it][1] and <https://b.example/>.\n\n[1]: https://a.example/x\n";
        let reading = read(markdown);
        let shown = |at: usize| &markdown[reading.links[at].target_range.clone().expect("a place")];
        assert_eq!((shown(0), shown(1)), ("https://a.example/x", "https://b.example/"));
        assert_eq!(reading.links[0].text, "it");
    }
}
