//! Paths and addresses as keys, and the ways between files.

use crate::model::follow;

/// The key of a path of the site: escapes read, no trailing slash, no `index.html`, no `.html`.
pub(super) fn address_key(path: &str) -> String {
    let path = decoded(path.split(['?', '#']).next().unwrap_or("")).to_lowercase();
    let path = path.trim_start_matches('/');
    let path = path.strip_suffix("index.html").unwrap_or(path).trim_end_matches('/');
    path.strip_suffix(".html").unwrap_or(path).to_owned()
}

/// The key of a post's file: no ending, no `index`.
pub(super) fn name_key(name: &str) -> String {
    let name = decoded(name.split('#').next().unwrap_or("")).to_lowercase();
    let name = name.trim_matches('/');
    let name = ["md", "markdown", "html", "htm"]
        .iter()
        .find_map(|ending| name.strip_suffix(ending)?.strip_suffix('.'))
        .unwrap_or(name);
    let name = name.strip_suffix("/index").or_else(|| name.strip_suffix("/_index")).unwrap_or(name);
    name.to_owned()
}

/// A path with its escapes read.
pub(super) fn decoded(path: &str) -> String {
    if !path.contains('%') {
        return path.to_owned();
    }
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let pair = after.get(..2).and_then(|pair| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok());
        match pair.filter(|_| *first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| path.to_owned())
}

/// Whether an address is one of the web.
pub(super) fn is_web(address: &str) -> bool {
    scheme(address)
        .is_some_and(|scheme| scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https"))
}

/// What stands before the colon of an address.
pub(super) fn scheme(address: &str) -> Option<&str> {
    let head = address.split(['/', '?', '#']).next().unwrap_or("");
    let (scheme, _) = head.split_once(':')?;
    Some(scheme)
}

/// An address without scheme and `www.`: hosts are compared so.
pub(super) fn strip_scheme(address: &str) -> &str {
    let rest = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"));
    let rest = rest.or_else(|| address.strip_prefix("//")).unwrap_or(address);
    rest.strip_prefix("www.").unwrap_or(rest)
}

/// The path of a file that another one names; both relative to the source.
pub(super) fn join(folder: &str, target: &str) -> Option<String> {
    follow(folder, target.split(['?', '#']).next().unwrap_or(""))
}

/// The way from one file of the newsletter to another.
pub(super) fn way(from: &str, to: &str) -> String {
    let (from, to): (Vec<&str>, Vec<&str>) = (from.split('/').collect(), to.split('/').collect());
    let shared = from.iter().zip(&to).take(from.len().min(to.len()) - 1).take_while(|(a, b)| a == b).count();
    format!("{}{}", "../".repeat(from.len() - 1 - shared), to[shared..].join("/"))
}

/// An address as reports show it: not longer than a line.
pub(super) fn short(text: &str) -> String {
    const LONGEST: usize = 120;
    let mut shown: String = text.chars().filter(|c| !c.is_control()).take(LONGEST).collect();
    if text.chars().count() > LONGEST {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_the_same_whatever_their_ending() {
        for path in ["/a/B/", "a/b", "/a/b/index.html", "/a/b.html", "/a/%62/?x=1#y"] {
            assert_eq!(address_key(path), "a/b", "{path}");
        }
        assert_eq!(name_key("/posts/Foo/index.md"), "posts/foo");
    }

    #[test]
    fn the_way_between_files_is_short() {
        assert_eq!(way("content/articles/2018/a.md", "content/articles/2018/b.md"), "b.md");
        assert_eq!(way("content/articles/2018/a.md", "content/articles/2017/b.md"), "../2017/b.md");
        assert_eq!(way("content/2018-06-08/a.md", "content/articles/2017/b.md"), "../articles/2017/b.md");
    }
}
