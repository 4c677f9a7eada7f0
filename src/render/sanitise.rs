//! What remains of HTML that an author wrote: structure and emphasis, nothing that acts, nothing that is fetched.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use super::markdown::PictureLink;

/// The elements that remain.
pub const TAGS: [&str; 46] = [
    "a",
    "abbr",
    "b",
    "blockquote",
    "br",
    "cite",
    "code",
    "dd",
    "del",
    "dfn",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "ins",
    "kbd",
    "li",
    "mark",
    "ol",
    "p",
    "pre",
    "q",
    "s",
    "samp",
    "small",
    "span",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "tr",
    "ul",
];

const CLASSES: [&str; 7] = ["credits", "notes", "note", "table", "right", "center", "source"];

/// Lets through what is allowed: known elements, links to the web and to mail, the product's own pictures and ids.
pub(super) fn clean(html: &str, pictures: &[PictureLink], id: &str) -> String {
    let known: HashSet<String> = pictures.iter().map(|picture| picture.url.clone()).collect();
    let own_ids = [format!("fn-{id}-"), format!("fnref-{id}-")];
    let mut builder = ammonia::Builder::empty();
    builder
        .tags(TAGS.into_iter().collect())
        .clean_content_tags(
            ["script", "style", "iframe", "object", "form", "svg", "math", "template"].into_iter().collect(),
        )
        .generic_attributes(["lang", "dir", "title", "id", "class"].into_iter().collect())
        .tag_attributes(HashMap::from([
            ("a", HashSet::from(["href"])),
            ("img", HashSet::from(["src", "width", "height", "alt", "loading", "style"])),
            ("ol", HashSet::from(["start"])),
            ("td", HashSet::from(["colspan", "rowspan"])),
            ("th", HashSet::from(["colspan", "rowspan", "scope"])),
        ]))
        .url_schemes(["http", "https", "mailto"].into_iter().collect())
        .url_relative(ammonia::UrlRelative::PassThrough)
        .link_rel(None)
        .attribute_filter(move |element, attribute, value| keep(element, attribute, value, &known, &own_ids));
    without_empty_pictures(&builder.clean(html).to_string())
}

/// A picture whose source was not ours has none left: it goes as a whole.
fn without_empty_pictures(html: &str) -> String {
    let mut kept = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((before, after)) = rest.split_once("<img") {
        kept.push_str(before);
        let (picture, behind) = after.split_at(after.find('>').map_or(after.len(), |end| end + 1));
        if picture.contains(" src=\"") {
            kept.push_str("<img");
            kept.push_str(picture);
        }
        rest = behind;
    }
    kept + rest
}

fn keep<'v>(
    element: &str,
    attribute: &str,
    value: &'v str,
    pictures: &HashSet<String>,
    own_ids: &[String],
) -> Option<Cow<'v, str>> {
    let kept = match (element, attribute) {
        ("img", "src") => pictures.contains(value),
        (_, "id") => own_ids.iter().any(|prefix| value.starts_with(prefix.as_str())),
        (_, "class") => CLASSES.contains(&value),
        (_, "style") => value
            .strip_prefix("max-width:")
            .and_then(|rest| rest.strip_suffix("px"))
            .is_some_and(|width| width.bytes().all(|digit| digit.is_ascii_digit())),
        (_, "dir") => matches!(value, "ltr" | "rtl" | "auto"),
        _ => true,
    };
    kept.then_some(Cow::Borrowed(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_is_removed_and_what_it_said_stays() {
        let picture = PictureLink { url: "a.png".into(), width: 1, height: 1 };
        let cleaned = |html: &str| clean(html, std::slice::from_ref(&picture), "x");
        assert_eq!(cleaned("<p onclick=\"a()\">b<script>c</script></p>"), "<p>b</p>");
        assert_eq!(cleaned("<a href=\"javascript:a()\">b</a>"), "<a>b</a>");
        assert_eq!(
            cleaned("<img src=\"https://spy.example/p.gif\"><img src=\"a.png\">"),
            "<img src=\"a.png\">"
        );
        assert_eq!(cleaned("<span lang=\"en\" style=\"x\" id=\"y\">b</span>"), "<span lang=\"en\">b</span>");
        assert_eq!(cleaned("<form><input name=a></form>c"), "c");
        assert_eq!(cleaned("<p>open"), "<p>open</p>");
    }
}
