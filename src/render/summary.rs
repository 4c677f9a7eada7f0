//! What a text says first: the plain words of its opening, cut where a reader would.

/// The most characters of a summary.
const LONGEST: usize = 220;
/// From so many characters on, the end of a paragraph is a good place to stop.
const ENOUGH: usize = 60;

/// What stands in these is no part of a sentence.
const SKIPPED: [&str; 6] = ["figure", "sup", "span class=\"source\"", "pre", "table", "div class=\"notes\""];

/// The opening of a text that was made into HTML.
pub(super) fn summary(html: &str) -> String {
    let mut text = String::with_capacity(LONGEST * 2);
    let mut length = 0;
    let mut rest = html;
    while let Some(first) = rest.chars().next() {
        if first == '<' {
            let (tag, after) = rest[1..].split_once('>').unwrap_or((&rest[1..], ""));
            rest = after;
            if SKIPPED.contains(&tag) {
                let name = tag.split(' ').next().unwrap_or("");
                rest = rest.split_once(&format!("</{name}>")).map_or("", |(_, rest)| rest);
            } else if matches!(tag, "/p" | "/li" | "/h2" | "/h3" | "br />") {
                if tag == "/p" && length >= ENOUGH {
                    break;
                }
                text.push(' ');
            }
            continue;
        }
        if first == '&' {
            let (character, width) = entity(rest);
            text.push(character);
            length += 1;
            rest = &rest[width..];
        } else {
            let end = memchr::memchr2(b'<', b'&', rest.as_bytes()).unwrap_or(rest.len());
            let end = up_to(&rest[..end], LONGEST + 1 - length);
            text.push_str(&rest[..end]);
            length += rest[..end].chars().count();
            rest = &rest[end..];
        }
        if length > LONGEST {
            break;
        }
    }
    let text = spaced(&text);
    if length > LONGEST { cut(&text) } else { text.trim().to_owned() }
}

/// Where a text has so many characters, in bytes.
fn up_to(text: &str, characters: usize) -> usize {
    // Most are short enough, and to count is faster than to find a place.
    let long = text.len() > characters && text.chars().count() > characters;
    let cut = long.then(|| text.char_indices().nth(characters)).flatten();
    cut.map_or(text.len(), |(at, _)| at)
}

/// A text with one space between its words.
fn spaced(text: &str) -> String {
    let mut spaced = String::with_capacity(text.len());
    let mut start = 0;
    for end in memchr::memchr2_iter(b' ', b'\n', text.as_bytes()).chain([text.len()]) {
        if start < end {
            if !spaced.is_empty() {
                spaced.push(' ');
            }
            spaced.push_str(&text[start..end]);
        }
        start = end + 1;
    }
    spaced
}

/// The character that an entity of our own HTML stands for, and how long it is written.
fn entity(text: &str) -> (char, usize) {
    const ENTITIES: [(&str, char); 6] = [
        ("&amp;", '&'),
        ("&lt;", '<'),
        ("&gt;", '>'),
        ("&quot;", '"'),
        ("&#39;", '\''),
        ("&nbsp;", '\u{a0}'),
    ];
    let known = ENTITIES.iter().find(|(written, _)| text.starts_with(written));
    known.map_or(('&', 1), |(written, character)| (*character, written.len()))
}

/// The head of a text, ended after its last whole sentence, else after its last whole word.
fn cut(head: &str) -> String {
    let mut spaces = memchr::memrchr_iter(b' ', head.as_bytes());
    let whole = spaces.find(|at| head[..*at].ends_with(['.', '!', '?', '…']));
    if let Some(at) = whole.filter(|at| head[..*at].chars().count() >= ENOUGH) {
        return head[..at].to_owned();
    }
    let words = head.rsplit_once(' ').map_or(head, |(words, _)| words);
    format!("{}…", words.trim_end_matches([',', ';', ':', '.', '\u{a0}', '\u{202f}']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_opening_is_plain_and_whole() {
        let html = "<figure><img src=\"a.png\"><figcaption>Non.</figcaption></figure>\n<p>Un <em>magasin</em> &amp; un\nautre<sup><a href=\"#1\">1</a></sup>.</p>\n<p>Puis <span class=\"source\">(AFP)</span></p>\n";
        assert_eq!(summary(html), "Un magasin & un autre. Puis");
    }

    #[test]
    fn a_long_one_ends_with_a_sentence_or_a_word() {
        let sentence = "Une phrase qui a bien plus de soixante caractères, pour que la coupe lui convienne. ";
        assert_eq!(summary(&format!("<p>{}</p>", sentence.repeat(4))), sentence.repeat(2).trim());
        let words = summary(&format!("<p>{}</p>", "mot ".repeat(200)));
        assert!(words.ends_with("mot…") && words.chars().count() <= LONGEST + 1, "{words}");
        assert_eq!(summary(""), "");
        assert_eq!(summary("<p>a < b & c"), "a");
    }
}
