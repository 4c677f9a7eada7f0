//! What the typesetter would point out in a Markdown text, at its place in the source.

use std::ops::Range;

use pulldown_cmark::{Event, Parser, Tag, TagEnd};

use crate::model::Language;
use crate::typography::findings::{Finding, find};

use super::typeset::options;

/// A finding and the bytes of the Markdown that it is about.
pub(super) struct Proof {
    pub(super) finding: Finding,
    pub(super) range: Range<usize>,
}

/// Reads a text block by block.
pub(super) fn read(markdown: &str, language: Language) -> Vec<Proof> {
    let mut block = Block::default();
    let mut proofs = Vec::new();
    let mut hidden = 0_usize;
    for (event, range) in Parser::new_ext(markdown, options()).into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(_) | Tag::Image { .. }) => hidden += 1,
            Event::End(TagEnd::CodeBlock | TagEnd::Image) => hidden = hidden.saturating_sub(1),
            Event::Text(_) if hidden > 0 => {}
            Event::Text(text) if markdown[range.clone()] == *text => block.text(&text, range.start),
            Event::SoftBreak => block.one('\n', range),
            Event::Start(Tag::Link { .. } | Tag::Emphasis | Tag::Strong | Tag::Strikethrough)
            | Event::End(TagEnd::Link | TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough) => {}
            Event::Text(_)
            | Event::Code(_)
            | Event::InlineHtml(_)
            | Event::FootnoteReference(_)
            | Event::HardBreak => {
                block.one('\u{fffc}', range);
            }
            _ => block.end(language, &mut proofs),
        }
    }
    block.end(language, &mut proofs);
    proofs
}

/// The text of a block and where each of its characters stands.
#[derive(Default)]
struct Block {
    text: String,
    places: Vec<Range<usize>>,
}

impl Block {
    fn text(&mut self, text: &str, start: usize) {
        for (at, ch) in text.char_indices() {
            self.one(ch, start + at..start + at + ch.len_utf8());
        }
    }

    fn one(&mut self, ch: char, range: Range<usize>) {
        self.text.push(ch);
        self.places.push(range);
    }

    fn end(&mut self, language: Language, proofs: &mut Vec<Proof>) {
        for finding in find(&self.text, language) {
            let (Some(first), Some(last)) =
                (self.places.get(finding.start), self.places.get(finding.end - 1))
            else {
                continue;
            };
            let range = first.start..last.end;
            // Markup inside would be lost: such a place is shown, not mended.
            let whole = range.len()
                == self
                    .text
                    .chars()
                    .skip(finding.start)
                    .take(finding.end - finding.start)
                    .map(char::len_utf8)
                    .sum::<usize>();
            let fix = finding.fix.clone().filter(|_| whole);
            proofs.push(Proof { finding: Finding { fix, ..finding }, range });
        }
        self.text.clear();
        self.places.clear();
    }
}
