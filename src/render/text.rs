//! Plain text as paragraphs and as lines: folded at 72 columns, addresses numbered and listed.

/// The widest line, in characters.
pub const COLUMNS: usize = 72;

/// A paragraph of plain text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paragraph {
    /// How deep it is quoted.
    pub quoted: usize,
    /// How far its first line is moved in, in characters.
    pub indent: usize,
    /// Its text; single spaces are where it may be folded.
    pub text: String,
    /// Whether it may be folded.
    pub folding: Folding,
    /// What stands above it.
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
        Self { quoted: 0, indent: 0, text: text.into(), folding: Folding::Flowed, above: Above::Blank }
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

    /// Its lines, each soft end marked by a space.
    fn lines(&self) -> Vec<String> {
        let quote = match self.quoted {
            0 => String::new(),
            depth => format!("{} ", ">".repeat(depth)),
        };
        // A space that stuffs a line and the space that ends it both count.
        let room = COLUMNS.saturating_sub(quote.chars().count() + 2).max(20);
        let mut lines = Vec::new();
        let mut line = " ".repeat(self.indent);
        let mut width = self.indent;
        for (at, word) in self.text.split(' ').enumerate() {
            let length = word.chars().count();
            if at > 0 && self.folding == Folding::Flowed && width + 1 + length > room {
                line.push(' ');
                lines.push(std::mem::take(&mut line));
                width = 0;
            } else if at > 0 {
                line.push(' ');
                width += 1;
            }
            line.push_str(word);
            width += length;
        }
        lines.push(line.trim_end_matches(' ').to_owned());
        let stuffed = |line: &String| line.starts_with([' ', '>']) || line.starts_with("From ");
        let stuff = |line: &String| if quote.is_empty() && stuffed(line) { " " } else { "" };
        lines.iter().map(|line| format!("{quote}{}{line}", stuff(line))).collect()
    }
}

/// The text of paragraphs: folded at 72 columns, soft ends marked by a space (RFC 3676, section 4).
pub fn fold(paragraphs: &[Paragraph]) -> String {
    let mut text = String::new();
    for (at, paragraph) in paragraphs.iter().enumerate() {
        if at > 0 && paragraph.above == Above::Blank {
            text.push('\n');
        }
        for line in paragraph.lines() {
            text.push_str(&line);
            text.push('\n');
        }
    }
    text
}

/// The addresses of one item, each once, in the order of their first mention.
#[derive(Debug, Default)]
pub struct LinkList(Vec<String>);

impl LinkList {
    /// The mark of an address, ` [1]`, with a no-break space.
    pub fn mark(&mut self, url: &str) -> String {
        let at = self.0.iter().position(|known| known == url).unwrap_or_else(|| {
            self.0.push(url.to_owned());
            self.0.len() - 1
        });
        format!("\u{a0}[{}]", at + 1)
    }

    /// The list itself, one address a line.
    pub fn paragraphs(&self) -> Vec<Paragraph> {
        let line = |at: usize, url: &String| Paragraph::fixed(format!("[{}] {url}", at + 1));
        let lines = self.0.iter().enumerate();
        lines.map(|(at, url)| if at == 0 { line(at, url) } else { line(at, url).close() }).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What a reader that knows format=flowed makes of it.
    fn unfold(text: &str) -> Vec<String> {
        let mut paragraphs = vec![String::new()];
        for line in text.lines() {
            let quoted = line.trim_start_matches('>');
            let line = quoted.strip_prefix(' ').unwrap_or(quoted);
            paragraphs.last_mut().expect("one").push_str(line);
            if !line.ends_with(' ') {
                paragraphs.push(String::new());
            }
        }
        paragraphs.pop();
        paragraphs
    }

    proptest! {
        #[test]
        fn a_folded_paragraph_unfolds_to_itself(
            words in prop::collection::vec("[>A-Za-zà-ü.]{1,30}|From", 1..60), quoted in 0_usize..3, indent in 0_usize..6
        ) {
            let paragraph = Paragraph { quoted, indent, ..Paragraph::flowed(words.join(" ")) };
            let folded = fold(std::slice::from_ref(&paragraph));
            prop_assert!(folded.lines().all(|line| line.chars().count() <= COLUMNS), "{}", folded);
            prop_assert_eq!(unfold(&folded), vec![format!("{}{}", " ".repeat(indent), paragraph.text)]);
        }
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
