//! The pictures that texts name: found, made fit, and laid ready to be written.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::config::{Logo, SETTINGS};
use crate::content::{Content, Entry, shown};
use crate::images::{self, Copy, Gallery, Picture};
use crate::model::{Diagnostic, Location, Slug};
use crate::render;

/// The pictures of a newsletter: by original, and as files.
#[derive(Debug, Default)]
pub(super) struct Pictures {
    pub(super) gallery: Gallery,
    pub(super) files: Vec<Picture>,
}

/// Prepares every picture that an entry names. `known` are the names of the copies that exist already.
pub(super) fn prepare(
    root: &Path,
    content: &Content,
    logo: Option<&Logo>,
    known: &[&str],
    findings: &mut Vec<Diagnostic>,
) -> Pictures {
    let mut named = named(content);
    if let Some(logo) = logo {
        named.entry(root.join("content").join(&logo.file)).or_default().push(Location::file(SETTINGS));
    }
    let inside = fs::canonicalize(root.join("content")).unwrap_or_else(|_| root.join("content"));
    let made: Vec<(PathBuf, Result<Picture, Diagnostic>)> = named
        .par_iter()
        .map(|(file, places)| {
            (file.clone(), make(root, &inside, file, known).map_err(|fault| fault.at(places[0].clone())))
        })
        .collect();
    let mut copies = Vec::new();
    let mut files: BTreeMap<String, Picture> = BTreeMap::new();
    for (file, picture) in made {
        match picture {
            Ok(picture) => {
                let (name, width, height) = (picture.name.clone(), picture.width, picture.height);
                files.insert(name.clone(), picture);
                copies.push((file, Copy { name, width, height }));
            }
            Err(fault) => {
                let places = named.get(&file).map_or(&[][..], Vec::as_slice);
                findings.extend(places.iter().map(|place| fault.clone().at(place.clone())));
            }
        }
    }
    Pictures { gallery: copies.into_iter().collect(), files: files.into_values().collect() }
}

/// The files that are named, and where.
fn named(content: &Content) -> BTreeMap<PathBuf, Vec<Location>> {
    let items = content.items.iter().chain(&content.queue).map(|item| &item.entry);
    let entries: Vec<&Entry> = items.chain(content.articles.iter().map(|article| &article.entry)).collect();
    let each: Vec<Vec<(PathBuf, Location)>> = entries.par_iter().map(|entry| of_entry(entry)).collect();
    let mut named: BTreeMap<PathBuf, Vec<Location>> = BTreeMap::new();
    for (file, place) in each.into_iter().flatten() {
        named.entry(file).or_default().push(place);
    }
    named
}

fn of_entry(entry: &Entry) -> Vec<(PathBuf, Location)> {
    let head =
        entry.image.iter().map(|image| (entry.folder.join(&image.file), entry.source.spot(image.spot)));
    let body = render::pictures(entry.markdown())
        .into_iter()
        .filter(|(file, _)| !file.contains(':') && !file.starts_with('/'));
    let body = body.map(|(file, range)| {
        (entry.folder.join(file), entry.source.at_bytes(entry.body + range.start..entry.body + range.end))
    });
    head.chain(body).collect()
}

fn make(root: &Path, inside: &Path, file: &Path, known: &[&str]) -> Result<Picture, Diagnostic> {
    let name = shown(root, file);
    let real = fs::canonicalize(file).map_err(|_| {
        Diagnostic::error("missing-image", format!("the picture {name} does not exist"))
            .hint("put it beside the item, or mend the name")
    })?;
    if !real.starts_with(inside) {
        return Err(Diagnostic::error("image-outside", format!("the picture {name} lies outside content/"))
            .hint("copy it beside the item"));
    }
    let bytes = fs::read(&real).map_err(|error| {
        Diagnostic::error("unreadable", format!("the picture {name} cannot be read: {error}"))
            .hint("check its rights")
    })?;
    let slug = file.file_stem().and_then(|stem| Slug::from_text(&stem.to_string_lossy()));
    let stem = images::stem(slug.as_ref().map_or("image", Slug::as_str), &bytes);
    if let Some(picture) = known.iter().find_map(|known| images::recall(&stem, known)) {
        return Ok(picture);
    }
    images::prepare(&stem, &bytes).map_err(|error| {
        Diagnostic::error("image", format!("{name} {error}"))
            .hint("save it again as JPEG or PNG, 2,400 pixels wide at most")
    })
}
