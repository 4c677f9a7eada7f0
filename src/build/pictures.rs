//! The pictures that texts name: found, made fit, and laid ready to be written.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::config::{Logo, SETTINGS};
use crate::content::{Entry, shown};
use crate::images::{self, Copy, Gallery, Picture};
use crate::model::{Diagnostic, Location, Slug, Source, Spot, Stamp};

use super::seen::Seen;
use super::stamps::file_stamp;
use super::state::PictureLeft;

/// The pictures of a newsletter: by original, and as files.
#[derive(Debug, Default)]
pub(super) struct Pictures {
    pub(super) gallery: Gallery,
    pub(super) files: Vec<Picture>,
    /// What is to be remembered of them, by original.
    pub(super) left: Vec<PictureLeft>,
}

/// A picture that something names, and where.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    file: PathBuf,
    source: Source,
    at: At,
}

#[derive(Debug, Clone)]
enum At {
    Spot(Spot),
    Bytes(Range<usize>),
    File,
}

impl Wanted {
    /// The pictures of an entry; `body` are those that its text names, with their places in it.
    pub(super) fn of(entry: &Entry, body: impl IntoIterator<Item = (String, Range<usize>)>) -> Vec<Self> {
        let wanted =
            |file: &str, at| Self { file: entry.folder.join(file), source: entry.source.clone(), at };
        let head = entry.image.iter().map(|image| wanted(&image.file, At::Spot(image.spot)));
        let body = body.into_iter().filter(|(file, _)| !file.contains(':') && !file.starts_with('/'));
        let body = body
            .map(|(file, range)| wanted(&file, At::Bytes(entry.body + range.start..entry.body + range.end)));
        head.chain(body).collect()
    }

    pub(super) fn into_file(self) -> PathBuf {
        self.file
    }

    fn place(&self) -> Location {
        match &self.at {
            At::Spot(spot) => self.source.spot(*spot),
            At::Bytes(range) => self.source.at_bytes(range.clone()),
            At::File => Location::file(self.source.path()),
        }
    }
}

/// What is known of pictures from the build before.
pub(super) struct Known<'a> {
    /// The originals and their copies.
    pub(super) left: &'a [PictureLeft],
    /// Whether a copy of that name stands in `out/`, untouched.
    pub(super) stands: &'a (dyn Fn(&str) -> bool + Sync),
    /// A moment before anything was read.
    pub(super) now: &'a Stamp,
}

/// Prepares every picture that is named.
pub(super) fn prepare(
    root: &Path,
    wanted: &[Wanted],
    logo: Option<&Logo>,
    known: Option<&Known<'_>>,
    findings: &mut Vec<Diagnostic>,
) -> Pictures {
    let mut named: BTreeMap<PathBuf, Vec<Wanted>> = BTreeMap::new();
    let logo = logo.map(|logo| Wanted {
        file: root.join("content").join(&logo.file),
        source: Source::new(SETTINGS, ""),
        at: At::File,
    });
    for wanted in wanted.iter().cloned().chain(logo) {
        named.entry(wanted.file.clone()).or_default().push(wanted);
    }
    let inside = fs::canonicalize(root.join("content")).unwrap_or_else(|_| root.join("content"));
    let left = known.map_or(&[][..], |known| known.left).iter();
    let left = left.map(|left| (&*left.original.path, left)).collect();
    let maker = Maker { root, inside, known, left };
    let made: Vec<_> = named.par_iter().map(|(file, places)| (file, places, maker.make(file))).collect();
    let mut pictures = Pictures::default();
    let mut copies = Vec::new();
    let mut files: BTreeMap<String, Picture> = BTreeMap::new();
    for (file, places, picture) in made {
        match picture {
            Ok((picture, original)) => {
                let (name, width, height) = (picture.name.clone(), picture.width, picture.height);
                pictures.left.extend(original.map(|original| PictureLeft {
                    original,
                    name: name.clone(),
                    width,
                    height,
                }));
                files.insert(name.clone(), picture);
                copies.push((file.clone(), Copy { name, width, height }));
            }
            Err(fault) => findings.extend(places.iter().map(|wanted| fault.clone().at(wanted.place()))),
        }
    }
    pictures.gallery = copies.into_iter().collect();
    pictures.files = files.into_values().collect();
    pictures
}

struct Maker<'a> {
    root: &'a Path,
    inside: PathBuf,
    known: Option<&'a Known<'a>>,
    left: HashMap<&'a str, &'a PictureLeft>,
}

impl Maker<'_> {
    fn make(&self, file: &Path) -> Result<(Picture, Option<Seen>), Diagnostic> {
        let path = file.to_string_lossy();
        let stamp = file_stamp(file);
        let before = self.left.get(&*path).copied();
        let before = before.filter(|left| self.known.is_some_and(|known| (known.stands)(&left.name)));
        let recall = |left: &PictureLeft| Picture {
            name: left.name.clone(),
            width: left.width,
            height: left.height,
            bytes: None,
        };
        if let (Some(left), Some(stamp)) = (before, &stamp)
            && left.original.trusts(stamp)
        {
            return Ok((recall(left), Some(left.original.clone())));
        }
        let name = shown(self.root, file);
        let bytes = self.read(file, &name)?;
        // A link has no stamp of its own that would tell where it leads.
        let seen = match (stamp.or_else(|| link_stamp(file)), self.known) {
            (Some(stamp), Some(known)) => {
                let seen = Seen::new(path, stamp, known.now, &bytes);
                Some(Seen { settled: seen.settled && file_stamp(file) == Some(stamp), ..seen })
            }
            _ => None,
        };
        if let (Some(left), Some(seen)) = (before, &seen)
            && left.original.digest == seen.digest
        {
            return Ok((recall(left), Some(seen.clone())));
        }
        let slug = file.file_stem().and_then(|stem| Slug::from_text(&stem.to_string_lossy()));
        let stem = images::stem(slug.as_ref().map_or("image", Slug::as_str), &bytes);
        let picture = images::prepare(&stem, &bytes).map_err(|error| {
            Diagnostic::error("image", format!("{name} {error}"))
                .hint("save it again as JPEG or PNG, 2,400 pixels wide at most")
        })?;
        Ok((picture, seen))
    }

    fn read(&self, file: &Path, name: &str) -> Result<Vec<u8>, Diagnostic> {
        let real = fs::canonicalize(file).map_err(|_| {
            Diagnostic::error("missing-image", format!("the picture {name} does not exist"))
                .hint("put it beside the item, or mend the name")
        })?;
        if !real.starts_with(&self.inside) {
            let message = format!("the picture {name} lies outside content/");
            return Err(Diagnostic::error("image-outside", message).hint("copy it beside the item"));
        }
        fs::read(&real).map_err(|error| {
            Diagnostic::error("unreadable", format!("the picture {name} cannot be read: {error}"))
                .hint("check its rights")
        })
    }
}

fn link_stamp(file: &Path) -> Option<Stamp> {
    fs::symlink_metadata(file).ok().map(|found| Stamp::of(&found))
}
