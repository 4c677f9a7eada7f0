//! Where the pictures of a site lie on disk, by the addresses that name them.

use std::path::{Path, PathBuf};

use super::files::under;

/// The folders of a site that hold files.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    /// A path of the site, and the folder whose files stand under it.
    mounts: Vec<(String, PathBuf)>,
    /// A part of addresses, whatever stands before it, and the folder behind it.
    marks: Vec<(String, PathBuf)>,
}

impl Shelf {
    /// The files of a folder stand under a path.
    pub(super) fn mount(&mut self, path: &str, folder: PathBuf) {
        self.mounts.push((path.to_owned(), folder));
    }

    /// The files of a folder stand behind a part of addresses.
    pub(super) fn mark(&mut self, part: &str, folder: PathBuf) {
        self.marks.push((part.to_owned(), folder));
    }

    /// The file at a path of the site, its escapes read already.
    pub(super) fn at(&self, path: &str) -> Option<PathBuf> {
        self.mounts.iter().find_map(|(prefix, folder)| {
            let rest = path.strip_prefix(prefix.as_str())?;
            under(folder, rest.trim_start_matches('/'))
        })
    }

    /// The file that a whole address names by a part of it.
    pub(super) fn marked(&self, address: &str) -> Option<PathBuf> {
        self.marks.iter().find_map(|(part, folder)| {
            let (_, rest) = address.split_once(part.as_str())?;
            under(folder, rest).or_else(|| under(folder, &whole(rest)?))
        })
    }
}

/// The name of the whole picture of which `photo-300x200.jpg` is a smaller copy.
fn whole(path: &str) -> Option<String> {
    let (stem, ending) = path.rsplit_once('.')?;
    let (name, size) = stem.rsplit_once('-')?;
    let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let sized = size.split_once('x').is_some_and(|(width, height)| number(width) && number(height));
    (sized || size == "scaled").then(|| format!("{name}.{ending}"))
}

/// The last part of an address.
pub(super) fn name_of(address: &str) -> &str {
    let path = address.split(['?', '#']).next().unwrap_or("");
    path.rsplit('/').find(|part| !part.is_empty()).unwrap_or(path)
}

/// Whether a file's name is that of a picture.
pub(super) fn is_picture(name: &str) -> bool {
    let ending = Path::new(name).extension().and_then(|ending| ending.to_str()).unwrap_or("");
    ["png", "jpg", "jpeg", "gif", "svg", "webp", "avif", "bmp"]
        .iter()
        .any(|known| known.eq_ignore_ascii_case(ending))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_smaller_copy_is_one_of_a_whole() {
        assert_eq!(whole("2018/06/photo-300x200.jpg").as_deref(), Some("2018/06/photo.jpg"));
        assert_eq!(whole("photo-scaled.jpg").as_deref(), Some("photo.jpg"));
        assert_eq!(whole("photo-box.jpg"), None);
    }
}
