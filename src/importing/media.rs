//! Pictures, players and whatever else a page holds that a newsletter may not.

use super::desk::{Hand, Lead, Shown};
use super::html::Element;
use super::paths::short;
use super::{markdown, marks};

/// A picture, and whether it came along.
pub(super) fn picture(element: &Element, hand: &mut Hand<'_>, line: usize, in_link: bool) -> (String, bool) {
    figure(element, "", hand, line, in_link)
}

/// The same with a caption of its own.
pub(super) fn figure(
    element: &Element,
    caption: &str,
    hand: &mut Hand<'_>,
    line: usize,
    in_link: bool,
) -> (String, bool) {
    // Pictures that wait for a script name their file elsewhere.
    let address = ["data-src", "data-lazy-src", "src"].iter().find_map(|name| element.attribute(name));
    let alt = element.attribute("alt").unwrap_or("");
    let Some(address) = address else { return (marks::escaped(alt), false) };
    let caption = if caption.is_empty() { element.attribute("title").unwrap_or("") } else { caption };
    match hand.picture(address, line) {
        Shown::Beside(file) => (marks::picture(alt, &file, caption), true),
        shown => {
            let words = if alt.is_empty() { caption } else { alt };
            (markdown::instead(&shown, words, address, in_link), false)
        }
    }
}

/// What stands for an element that the builder does not take; nothing where its content can stand for itself.
pub(super) fn foreign(element: &Element, hand: &mut Hand<'_>, line: usize) -> Option<String> {
    let name = element.name.as_str();
    let address = ["src", "data", "href"].iter().find_map(|name| element.attribute(name));
    match name {
        "iframe" | "embed" | "object" | "video" | "audio" | "source" => {
            let address = address.map(|address| player(&absolute(address)));
            match address.filter(|address| !address.is_empty()) {
                Some(address) => {
                    let lead = hand.link(&address, line);
                    let address = match lead {
                        Lead::Same => address,
                        Lead::To(address) => address,
                        Lead::Nowhere => return Some(String::new()),
                    };
                    hand.changed(
                        line,
                        format!("the element `{name}` cannot stand in a newsletter"),
                        "a link stands in its place",
                    );
                    Some(marks::link(&marks::escaped(&short(bare(&address))), &address))
                }
                None if name == "video" || name == "audio" || name == "object" => None,
                None => Some(String::new()),
            }
        }
        "script" | "style" | "form" | "input" | "button" | "select" | "textarea" | "svg" | "math"
        | "canvas" | "template" | "applet" | "link" | "meta" | "map" => {
            hand.left_out(
                line,
                format!("the element `{name}` cannot stand in a newsletter"),
                "say it in words, if it matters",
            );
            Some(String::new())
        }
        _ => None,
    }
}

fn absolute(address: &str) -> String {
    address.strip_prefix("//").map_or_else(|| address.to_owned(), |rest| format!("https://{rest}"))
}

fn bare(address: &str) -> &str {
    address.strip_prefix("https://").or_else(|| address.strip_prefix("http://")).unwrap_or(address)
}

/// The page of a video instead of its player.
fn player(address: &str) -> String {
    for (part, page) in [
        ("youtube.com/embed/", "https://www.youtube.com/watch?v="),
        ("youtube-nocookie.com/embed/", "https://www.youtube.com/watch?v="),
        ("youtube.com/v/", "https://www.youtube.com/watch?v="),
        ("player.vimeo.com/video/", "https://vimeo.com/"),
    ] {
        if let Some((_, rest)) = address.split_once(part) {
            let id = rest.split(['?', '&', '#', '/']).next().unwrap_or("");
            return format!("{page}{id}");
        }
    }
    address.to_owned()
}
