//! Shortcodes of Hugo and Zola: what they mean in Markdown, as far as it is known.

use super::calls::{Call, Dialect, Piece, Placed, closing, pieces};
use super::desk::REF;
use super::lined::Lined;
use super::paths::short;
use super::shelf::is_picture;
use super::{Note, change, leave_out, marks};

/// Replaces every shortcode of a text that starts on a line of its file.
pub(super) fn expand(text: &str, line: usize, dialect: Dialect, file: &str, notes: &mut Vec<Note>) -> Lined {
    let mark = match dialect {
        Dialect::Hugo => text.contains("{{"),
        Dialect::Zola => text.contains("{{") || text.contains("{%"),
    };
    if !mark {
        return Lined::new(text, line);
    }
    let pieces = pieces(text, dialect);
    let mut press = Press { text, first: line, file, notes, out: Lined::default() };
    press.run(&pieces, 0..pieces.len());
    press.out
}

struct Press<'a> {
    text: &'a str,
    first: usize,
    file: &'a str,
    notes: &'a mut Vec<Note>,
    out: Lined,
}

impl Press<'_> {
    fn run(&mut self, pieces: &[Placed], range: std::ops::Range<usize>) {
        let mut at = range.start;
        while at < range.end {
            let (piece, place) = &pieces[at];
            let line = self.line(place.start);
            at += 1;
            match piece {
                Piece::Text => self.out.copy(&self.text[place.clone()], line),
                Piece::Literal(text) => self.out.make(text, line),
                Piece::Close(_) => {}
                Piece::Open(call) => match closing(pieces, at, range.end, call) {
                    Some(end) => {
                        let inner = &self.text[place.end..pieces[end].1.start];
                        self.pair(call, inner, line, pieces, at..end);
                        at = end + 1;
                    }
                    None => self.alone(call, place.clone(), line),
                },
            }
        }
    }

    fn line(&self, at: usize) -> usize {
        self.first + self.text.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count()
    }

    fn changed(&mut self, line: usize, call: &Call, next: &str) {
        self.notes.push(change(self.file, line, format!("the shortcode `{}`", short(&call.name)), next));
    }

    /// A shortcode around a text.
    fn pair(
        &mut self,
        call: &Call,
        inner: &str,
        line: usize,
        pieces: &[Placed],
        range: std::ops::Range<usize>,
    ) {
        match call.name.as_str() {
            "highlight" | "code" | "codeblock" | "prism" => {
                let language = call.get(&["0", "lang", "language", "type"]).unwrap_or("");
                self.out.make(&format!("\n{}\n", marks::fenced(inner, language)), line);
            }
            "quote" | "blockquote" => {
                self.out.make(&format!("\n{}\n", marks::hung(inner.trim(), "> ", "> ")), line);
                if let Some(author) = call.get(&["author", "cite", "source", "0"]) {
                    self.out.make(&format!(">\n> — {}\n", marks::escaped(author)), line);
                }
            }
            "details" | "expand" | "spoiler" | "collapse" => {
                let title = call.get(&["summary", "title", "0"]).unwrap_or("");
                if !title.is_empty() {
                    self.out.make(&format!("\n**{}**\n\n", marks::escaped(title)), line);
                }
                self.changed(line, call, "its text stands open now");
                self.run(pieces, range);
            }
            "comment" => self.notes.push(leave_out(self.file, line, "a comment", "")),
            "rawhtml" | "html" | "raw" | "unsafe" => self.run(pieces, range),
            "figure" | "image" | "img" if call.get(&["src", "url"]).is_some() => {
                self.figure(call, inner.trim(), line)
            }
            _ => {
                self.changed(line, call, "what it held remains, without what it did");
                self.run(pieces, range);
            }
        }
    }

    /// A shortcode without a text.
    fn alone(&mut self, call: &Call, place: std::ops::Range<usize>, line: usize) {
        let first = call.get(&["0", "id", "link"]);
        let text = match (call.name.as_str(), first) {
            ("ref" | "relref", _) => {
                let target = call.get(&["0", "path"]).unwrap_or("").replace(' ', "%20");
                return self.out.make(&format!("{REF}{target}"), line);
            }
            ("youtube" | "youtubepl", Some(id)) => {
                let id = id.rsplit(['/', '=']).next().unwrap_or(id);
                web("YouTube", &format!("https://www.youtube.com/watch?v={id}"))
            }
            ("vimeo", Some(id)) => web("Vimeo", &format!("https://vimeo.com/{id}")),
            ("gist", Some(user)) => match call.get(&["1"]) {
                Some(id) => web("Gist", &format!("https://gist.github.com/{user}/{id}")),
                None => web("Gist", user),
            },
            ("tweet" | "twitter" | "x" | "twitter_simple", _) if call.get(&["id", "0"]).is_some() => {
                let user = call.get(&["user"]).unwrap_or("i");
                let id = call.get(&["id", "0"]).unwrap_or("");
                web("Twitter", &format!("https://twitter.com/{user}/status/{id}"))
            }
            ("instagram", Some(id)) => web("Instagram", &format!("https://www.instagram.com/p/{id}/")),
            ("toc" | "br" | "more" | "clear", _) => {
                return self.notes.push(leave_out(
                    self.file,
                    line,
                    format!("the shortcode `{}`", call.name),
                    "",
                ));
            }
            _ => match picture(call) {
                Some(_) => return self.figure(call, "", line),
                None => return self.unknown(call, place, line),
            },
        };
        self.changed(line, call, "a link stands in its place");
        self.out.make(&text, line);
    }

    fn figure(&mut self, call: &Call, caption: &str, line: usize) {
        let Some(src) = picture(call).or_else(|| call.get(&["src", "url"])) else { return };
        let written = call.get(&["caption", "title", "attr"]).unwrap_or(caption);
        let alt = call.get(&["alt"]).unwrap_or(if written.is_empty() { "" } else { written });
        let caption = super::html::plain(written);
        let picture = marks::picture(&super::html::plain(alt), src, &caption);
        let text = match call.get(&["link", "href"]) {
            Some(link) => marks::link(&picture, link),
            None => picture,
        };
        self.out.make(&text, line);
    }

    fn unknown(&mut self, call: &Call, place: std::ops::Range<usize>, line: usize) {
        let written = &self.text[place.clone()];
        let address = call.arguments.iter().map(|(_, value)| value.as_str());
        let address =
            address.into_iter().find(|value| value.starts_with("https://") || value.starts_with("http://"));
        if let Some(address) = address {
            self.changed(line, call, "a link stands in its place");
            return self.out.make(&marks::link(&marks::escaped(&short(address)), address), line);
        }
        if in_code(self.text, place.start) {
            return self.out.copy(written, line);
        }
        self.changed(line, call, "it stands in the text as it was typed: write what it meant");
        self.out.make(&marks::code(written), line);
    }
}

fn web(name: &str, address: &str) -> String {
    marks::link(
        &format!("{name}: {}", marks::escaped(&short(address.trim_start_matches("https://")))),
        address,
    )
}

/// The picture that a call names.
fn picture(call: &Call) -> Option<&str> {
    let named = call.get(&["src", "path", "file", "image", "img", "url", "source", "0"])?;
    let figure = matches!(call.name.as_str(), "figure" | "img" | "image" | "picture");
    (figure || is_picture(named.split('?').next().unwrap_or(""))).then_some(named)
}

/// Whether a place lies in a block of code, or right behind a backtick.
fn in_code(text: &str, at: usize) -> bool {
    let mut fence = None;
    for line in text[..at].split('\n') {
        let start = line.trim_start();
        let mark = ["```", "~~~"].iter().find(|mark| start.starts_with(**mark));
        match (fence, mark) {
            (None, Some(mark)) => fence = Some(mark),
            (Some(open), Some(mark)) if open == mark => fence = None,
            _ => {}
        }
    }
    fence.is_some() || text[..at].ends_with('`')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hugo(text: &str) -> (String, usize) {
        let mut notes = Vec::new();
        let lined = expand(text, 1, Dialect::Hugo, "a.md", &mut notes);
        (lined.text().to_owned(), notes.len())
    }

    #[test]
    fn what_is_known_becomes_markdown() {
        for (text, expected) in [
            ("{{< figure src=\"a.jpg\" alt=\"A\" caption=\"C \\\"d\\\"\" >}}", "![A](a.jpg \"C \\\"d\\\"\")"),
            ("[x]({{< ref \"b.md\" >}})", "[x](ref:b.md)"),
            ("{{</* youtube x */>}}", "{{< youtube x >}}"),
            ("{{% note %}}Mind *this*.{{% /note %}}", "Mind *this*."),
            ("{{< gist u 12 >}}", "[Gist: gist.github.com/u/12](https://gist.github.com/u/12)"),
            ("{{< odd \"}}\" 1 >}}", "`{{< odd \"}}\" 1 >}}`"),
            ("a {{ .Title }} b", "a {{ .Title }} b"),
            ("{{< never", "{{< never"),
        ] {
            assert_eq!(hugo(text).0, expected, "{text}");
        }
        assert!(
            hugo("{{< highlight go \"linenos=table\" >}}\nx\n{{< /highlight >}}").0.contains("```go\nx\n```")
        );
    }

    #[test]
    fn zola_calls_and_bodies_are_read() {
        let mut notes = Vec::new();
        let text = "{{ youtube(id=\"x_1\", autoplay=true) }} {% aside() %}b{% end %} {{ plain }}";
        let lined = expand(text, 1, Dialect::Zola, "a.md", &mut notes);
        let link = "[YouTube: www.youtube.com/watch?v=x\\_1](https://www.youtube.com/watch?v=x_1)";
        assert!(lined.text().contains("watch?v=x_1) b {{ plain }}"), "{} {link}", lined.text());
        assert_eq!(notes.len(), 2);
    }
}
