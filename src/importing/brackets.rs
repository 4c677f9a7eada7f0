//! Shortcodes of WordPress: `[caption]`, `[gallery]`, `[embed]` and their like, said in HTML.

use super::lined::Lined;
use super::paths::short;
use super::{Note, change};

/// Gives the address and the caption of an uploaded file by its number.
pub(super) type Attachment<'a> = &'a dyn Fn(&str) -> Option<(String, String)>;

/// Replaces every shortcode that is known; the others stay in the text and are said.
pub(super) fn expand(
    html: &str,
    line: usize,
    file: &str,
    notes: &mut Vec<Note>,
    attachment: Attachment<'_>,
) -> String {
    if !html.contains('[') {
        return html.to_owned();
    }
    let mut out = Lined::default();
    let mut rest = html;
    let mut at = line;
    while let Some(start) = rest.find('[') {
        let here = at + rest[..start].matches('\n').count();
        let Some(code) = Shortcode::read(&rest[start..]) else {
            out.make(&rest[..=start], at);
            at = here;
            rest = &rest[start + 1..];
            continue;
        };
        let whole = &rest[start..start + code.length];
        let text = match code.said(attachment) {
            Said::Html(html) => html,
            Said::Link(html) => {
                notes.push(change(
                    file,
                    here,
                    format!("the shortcode `[{}]`", code.name),
                    "a link stands in its place",
                ));
                html
            }
            Said::Unknown if code.inner.is_some() || !code.arguments.is_empty() => {
                let what = format!("the shortcode `[{}]` is not known", short(code.name));
                notes.push(change(file, here, what, "it stands in the text as it was typed"));
                whole.to_owned()
            }
            Said::Unknown => whole.to_owned(),
        };
        out.make(&rest[..start], at);
        out.make(&text, here);
        at = here + whole.matches('\n').count();
        rest = &rest[start + code.length..];
    }
    out.make(rest, at);
    out.text().to_owned()
}

enum Said {
    Html(String),
    Link(String),
    Unknown,
}

struct Shortcode<'a> {
    name: &'a str,
    arguments: &'a str,
    inner: Option<&'a str>,
    /// How much of the text it takes.
    length: usize,
}

impl<'a> Shortcode<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let end = text.find(']')?;
        let written = text[1..end].trim_end_matches('/').trim();
        let (name, arguments) = written.split_once(char::is_whitespace).unwrap_or((written, ""));
        let known =
            !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
        if !known || !name.starts_with(|c: char| c.is_ascii_lowercase()) || written.contains('\n') {
            return None;
        }
        let close = format!("[/{name}]");
        let inner = text[end + 1..].find(&close).map(|at| &text[end + 1..end + 1 + at]);
        let length = end + 1 + inner.map_or(0, |inner| inner.len() + close.len());
        Some(Self { name, arguments: arguments.trim(), inner, length })
    }

    fn get(&self, key: &str) -> Option<&'a str> {
        let mut from = 0;
        while let Some(at) = self.arguments[from..].find(key).map(|at| from + at) {
            from = at + key.len();
            let whole = at == 0 || self.arguments[..at].ends_with(char::is_whitespace);
            if let Some(value) = self.arguments[from..].strip_prefix('=').filter(|_| whole) {
                let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
                return match quote {
                    Some(quote) => value[1..].split(quote).next(),
                    None => value.split_whitespace().next(),
                };
            }
        }
        None
    }

    fn said(&self, attachment: Attachment<'_>) -> Said {
        let inner = self.inner.unwrap_or("");
        match self.name {
            "caption" | "wp_caption" => Said::Html(self.caption(inner)),
            "gallery" => self.gallery(attachment),
            "embed" | "youtube" | "vimeo" | "audio" | "video" | "soundcloud" | "twitter" | "tweet" => {
                let keys = ["src", "mp4", "mp3", "url", "m4v", "ogg", "webm"];
                let named = keys.iter().find_map(|key| self.get(key));
                let address = named.or_else(|| Some(inner.trim()).filter(|inner| inner.starts_with("http")));
                let address =
                    address.or_else(|| self.arguments.trim_start_matches('=').split_whitespace().next());
                match address
                    .map(|address| address.trim_matches(['"', '\'']))
                    .filter(|address| address.starts_with("http"))
                {
                    Some(address) => Said::Link(format!(
                        "<p><a href=\"{}\">{}</a></p>",
                        crate::render::escape(address),
                        crate::render::escape(address)
                    )),
                    None => Said::Unknown,
                }
            }
            "code" | "sourcecode" | "highlight" | "php" | "css" | "python" | "bash" | "ruby" | "java"
                if self.inner.is_some() =>
            {
                let language = self.get("language").or_else(|| self.get("lang")).unwrap_or("");
                Said::Html(format!(
                    "<pre class=\"language-{}\">{}</pre>",
                    crate::render::escape(language),
                    if inner.contains("&lt;") { inner.to_owned() } else { crate::render::escape(inner) }
                ))
            }
            "quote" | "blockquote" | "pullquote" if self.inner.is_some() => {
                Said::Html(format!("<blockquote>{inner}</blockquote>"))
            }
            _ => Said::Unknown,
        }
    }

    fn caption(&self, inner: &str) -> String {
        let end =
            ["</a>", "/>", ">"].iter().find_map(|mark| Some(inner.find(mark)? + mark.len())).unwrap_or(0);
        let end = if inner.contains("<a") { end } else { inner.find('>').map_or(0, |at| at + 1) };
        let (picture, words) = inner.split_at(end);
        let words = self.get("caption").unwrap_or(words).trim();
        format!("<figure>{picture}<figcaption>{words}</figcaption></figure>")
    }

    fn gallery(&self, attachment: Attachment<'_>) -> Said {
        let Some(ids) = self.get("ids").or_else(|| self.get("include")) else { return Said::Unknown };
        let figures: Vec<String> = ids
            .split(',')
            .filter_map(|id| attachment(id.trim()))
            .map(|(src, caption)| {
                let (src, caption) = (crate::render::escape(&src), crate::render::escape(&caption));
                format!("<figure><img src=\"{src}\"><figcaption>{caption}</figcaption></figure>")
            })
            .collect();
        if figures.is_empty() { Said::Unknown } else { Said::Html(figures.join("")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expanded(html: &str) -> (String, usize) {
        let mut notes = Vec::new();
        let files = |id: &str| (id == "7").then(|| ("/a.jpg".to_owned(), "A".to_owned()));
        (expand(html, 1, "x.xml", &mut notes, &files), notes.len())
    }

    #[test]
    fn what_is_known_becomes_html() {
        for (html, expected, notes) in [
            (
                "[caption id=\"x\"]<a href=\"/b\"><img src=\"/a.jpg\" /></a> Words[/caption]",
                "<figure><a href=\"/b\"><img src=\"/a.jpg\" /></a><figcaption>Words</figcaption></figure>",
                0,
            ),
            ("[gallery ids=\"7,8\"]", "<figure><img src=\"/a.jpg\"><figcaption>A</figcaption></figure>", 0),
            (
                "[embed]https://a.example/[/embed]",
                "<p><a href=\"https://a.example/\">https://a.example/</a></p>",
                1,
            ),
            ("quoted [sic] and [...]", "quoted [sic] and [...]", 0),
            ("[form id=\"3\"]", "[form id=\"3\"]", 1),
            ("[code]a<b[/code]", "<pre class=\"language-\">a&lt;b</pre>", 0),
            ("[", "[", 0),
        ] {
            assert_eq!(expanded(html), (expected.to_owned(), notes), "{html}");
        }
    }
}
