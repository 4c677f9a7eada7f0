//! Tags of Liquid: what they mean in Markdown, as far as it is known.

use super::desk::REF;
use super::head::Head;
use super::lined::Lined;
use super::paths::{short, strip_scheme};
use super::shelf::is_picture;
use super::{Note, change, leave_out, marks};

/// What tags may name.
pub(super) struct Liquid<'a> {
    pub(super) file: &'a str,
    pub(super) base: Option<&'a str>,
    pub(super) prefix: &'a str,
    pub(super) head: &'a Head,
}

/// Replaces every tag of a text that starts on a line of its file.
pub(super) fn expand(text: &str, line: usize, liquid: &Liquid<'_>, notes: &mut Vec<Note>) -> Lined {
    if !text.contains("{%") && !text.contains("{{") {
        return Lined::new(text, line);
    }
    let mut press = Press { text, at: 0, line, liquid, notes, out: Lined::default() };
    press.run();
    press.out
}

struct Press<'a> {
    text: &'a str,
    at: usize,
    line: usize,
    liquid: &'a Liquid<'a>,
    notes: &'a mut Vec<Note>,
    out: Lined,
}

impl<'a> Press<'a> {
    fn run(&mut self) {
        while let Some(length) = self.text[self.at..].find('{') {
            let start = self.at + length;
            let close = match self.text.as_bytes().get(start + 1) {
                Some(b'%') => "%}",
                Some(b'{') => "}}",
                _ => {
                    self.copy_to(start + 1);
                    continue;
                }
            };
            let Some(end) = self.text[start + 2..].find(close).map(|end| start + 2 + end) else {
                self.copy_to(start + 2);
                continue;
            };
            self.copy_to(start);
            let inner = self.text[start + 2..end].trim_matches('-').trim();
            self.skip_to(end + 2);
            if close == "%}" { self.tag(inner) } else { self.value(inner, start) }
        }
        self.copy_to(self.text.len());
    }

    fn copy_to(&mut self, end: usize) {
        let part = &self.text[self.at..end];
        self.out.copy(part, self.line);
        self.skip_to(end);
    }

    fn skip_to(&mut self, end: usize) {
        self.line += self.text[self.at..end].matches('\n').count();
        self.at = end;
    }

    /// The text up to the tag that ends this one, which is passed over too.
    fn until(&mut self, name: &str) -> &'a str {
        let rest = &self.text[self.at..];
        let mut from = 0;
        while let Some(start) = rest[from..].find("{%").map(|start| from + start) {
            let Some(end) = rest[start..].find("%}").map(|end| start + end + 2) else { break };
            if rest[start + 2..end - 2].trim_matches('-').trim() == name {
                self.skip_to(self.at + end);
                return &rest[..start];
            }
            from = start + 2;
        }
        self.skip_to(self.text.len());
        rest
    }

    fn changed(&mut self, what: String, next: &str) {
        self.notes.push(change(self.liquid.file, self.line, what, next));
    }

    fn tag(&mut self, written: &str) {
        let (name, rest) = written.split_once(char::is_whitespace).unwrap_or((written, ""));
        let rest = rest.trim();
        let line = self.line;
        match name {
            "raw" => {
                let inner = self.until("endraw");
                self.out.copy(inner, line);
            }
            "comment" => {
                self.until("endcomment");
            }
            "highlight" | "codeblock" | "prism" => {
                let inner = self.until(&format!("end{name}"));
                let inner = inner.replace("{% raw %}", "").replace("{% endraw %}", "");
                let language = rest.split_whitespace().next().unwrap_or("");
                let gap =
                    if self.out.text().is_empty() || self.out.text().ends_with("\n\n") { "" } else { "\n" };
                self.out.make(&format!("{gap}{}\n", marks::fenced(&inner, language)), line);
            }
            "post_url" | "link" => {
                self.out.make(&format!("{REF}{}", rest.trim_matches(['"', '\'']).replace(' ', "%20")), line);
            }
            "gist" => self.link(
                "Gist",
                &format!("https://gist.github.com/{}", rest.split_whitespace().next().unwrap_or("")),
            ),
            "youtube" => self.link("YouTube", &format!("https://www.youtube.com/watch?v={}", id(rest))),
            "vimeo" => self.link("Vimeo", &format!("https://vimeo.com/{}", id(rest))),
            "include" | "include_relative" | "include_cached" | "render" => self.include(rest),
            "img" | "image" | "figure" | "asset" | "picture" => self.picture(name, rest),
            "assign" | "if" | "unless" | "for" | "case" | "when" | "capture" | "else" | "elsif" | "break"
            | "increment" => {
                let what = format!("the tag `{}` does nothing here", short(written));
                self.changed(what, "what it surrounds remains");
            }
            name if name.starts_with("end") => {}
            _ => {
                let what = format!("the tag `{}` is not known", short(written));
                match rest.split_whitespace().find(|word| word.starts_with("http")) {
                    Some(address) => self.link(name, address.trim_matches(['"', '\''])),
                    None => self.notes.push(leave_out(self.liquid.file, line, what, "write what it meant")),
                }
            }
        }
    }

    fn link(&mut self, name: &str, address: &str) {
        self.changed(format!("a tag for {name}"), "a link stands in its place");
        let words = format!("{name}: {}", marks::escaped(&short(strip_scheme(address))));
        self.out.make(&marks::link(&words, address), self.line);
    }

    fn include(&mut self, rest: &str) {
        let name = rest.split_whitespace().next().unwrap_or("");
        let arguments = arguments(rest);
        let get = |names: &[&str]| {
            names
                .iter()
                .find_map(|name| arguments.iter().find(|(known, _)| known == name))
                .map(|(_, value)| value.as_str())
        };
        let picture = get(&["src", "url", "image", "image_path", "path", "file", "img", "name", "filename"]);
        let video = get(&["id", "youtube", "youtubeId", "youtube_id", "video_id"]);
        if let Some(src) = picture.filter(|src| is_picture(src)) {
            let caption = get(&["caption", "title"]).unwrap_or("");
            let alt = get(&["alt"]).unwrap_or(caption);
            let caption = super::html::plain(caption);
            return self.out.make(&marks::picture(&super::html::plain(alt), src, &caption), self.line);
        }
        if let Some(id) = video.filter(|_| name.to_lowercase().contains("youtube")) {
            return self.link("YouTube", &format!("https://www.youtube.com/watch?v={id}"));
        }
        let what = format!("the file `{}` that was included", short(name));
        self.notes.push(leave_out(self.liquid.file, self.line, what, "write what it held, if it is wanted"));
    }

    fn picture(&mut self, name: &str, rest: &str) {
        let words: Vec<&str> = rest.split_whitespace().collect();
        let src = words.iter().map(|word| word.trim_matches(['"', '\''])).find(|word| is_picture(word));
        match src {
            Some(src) => {
                let alt = rest.split_once(src).map_or("", |(_, alt)| alt);
                let alt: String = alt.chars().filter(|c| !matches!(c, '"' | '\'')).collect();
                self.out.make(&marks::picture(alt.trim(), src, ""), self.line);
            }
            None => {
                let what = format!("the tag `{}` names no picture", short(name));
                self.notes.push(leave_out(self.liquid.file, self.line, what, "write what it meant"));
            }
        }
    }

    fn value(&mut self, written: &str, start: usize) {
        let line = self.line;
        let head = written.split('|').next().unwrap_or("").trim();
        let literal = head.strip_prefix(['"', '\'']).and_then(|rest| rest.strip_suffix(['"', '\'']));
        let base = self.liquid.base.map(|base| base.strip_suffix(self.liquid.prefix).unwrap_or(base));
        let text = match (literal, head) {
            (Some(text), _) => Some(text.to_owned()),
            (_, "site.baseurl") => Some(self.liquid.prefix.to_owned()),
            (_, "site.url") => Some(base.unwrap_or("").to_owned()),
            (_, "site.github.url") => Some(self.liquid.base.unwrap_or("").to_owned()),
            (_, "page.title") => self.liquid.head.text("title"),
            (_, head) => head.strip_prefix("page.").and_then(|key| self.liquid.head.text(key)),
        };
        match text {
            Some(text) => self.out.make(&text, line),
            None => {
                let what = format!("the value `{{{{ {} }}}}` is not known", short(written));
                self.changed(what, "it stands in the text as it was typed");
                let typed = &self.text[start..self.at];
                let plain = self.text[..start].ends_with(['(', '"', '`', '/']);
                self.out.make(&if plain { typed.replace(' ', "%20") } else { marks::code(typed) }, line);
            }
        }
    }
}

fn id(text: &str) -> &str {
    let word = text.split_whitespace().next().unwrap_or("").trim_matches(['"', '\'']);
    word.rsplit(['/', '=']).next().unwrap_or(word)
}

/// `name="value"`, as far as there are.
fn arguments(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('=') {
        let name = before.split_whitespace().last().unwrap_or("").to_owned();
        let after = after.trim_start();
        let (value, behind) = match after.chars().next().filter(|c| matches!(c, '"' | '\'')) {
            Some(quote) => after[1..].split_once(quote).unwrap_or((&after[1..], "")),
            None => after.split_once(char::is_whitespace).unwrap_or((after, "")),
        };
        found.push((name, value.to_owned()));
        rest = behind;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expanded(text: &str) -> (String, usize) {
        let mut notes = Vec::new();
        let head = Head::default();
        let liquid =
            Liquid { file: "a.md", base: Some("https://a.example/blog"), prefix: "/blog", head: &head };
        (expand(text, 1, &liquid, &mut notes).text().to_owned(), notes.len())
    }

    #[test]
    fn what_is_known_becomes_markdown() {
        for (text, expected, notes) in [
            ("{% raw %}{{ x }}{% endraw %}", "{{ x }}", 0),
            ("{% highlight ruby %}\nputs 1\n{% endhighlight %}", "```ruby\nputs 1\n```\n", 0),
            ("[a]({% post_url 2018-06-08-b %})", "[a](ref:2018-06-08-b)", 0),
            ("![a]({{ site.url }}{{ site.baseurl }}/b.png)", "![a](https://a.example/blog/b.png)", 0),
            ("{{ '/b.png' | relative_url }}", "/b.png", 0),
            ("{% include figure.html src=\"b.png\" caption='C' %}", "![C](b.png \"C\")", 0),
            ("{% include header.html %}", "", 1),
            ("{{ site.time }}", "`{{ site.time }}`", 1),
            ("{% never { closed", "{% never { closed", 0),
        ] {
            assert_eq!(expanded(text), (expected.to_owned(), notes), "{text}");
        }
    }
}
