//! Pictures: what is said of them, and whether they are fit to be shown.

use std::path::Path;

use crate::check::galley::Galley;
use crate::check::room::Room;
use crate::check::rule::{Family, Rule};
use crate::check::words::folded;
use crate::issue::Issue;
use crate::model::{Diagnostic, Location};

pub(super) const MISSING_ALT: Rule = Rule::new(
    "missing-alt",
    Family::Images,
    "Who does not see a picture, or has pictures switched off, reads its `alt` (WCAG 1.1.1).",
    "say what it shows, for those who do not see it",
);
pub(super) const ALT_IS_NAME: Rule = Rule::new(
    "alt-is-file-name",
    Family::Images,
    "The name of a file says nothing to a reader; some programs put it there by themselves.",
    "say what the picture shows",
);
pub(super) const WEIGHT: Rule = Rule::new(
    "image-weight",
    Family::Images,
    "What is published is a copy of 200 kB at most; the original stays in the folder, and in every clone of it, for ever.",
    "save it again, 2,400 pixels wide at most",
);
pub(super) const SMALL: Rule = Rule::new(
    "image-small",
    Family::Images,
    "The column of a mail is 552 pixels wide, and good screens show two points for each of them: below 1,104 a picture is blurred there.",
    "take a larger original; enlarging it would not help",
);
pub(super) const LARGE: Rule = Rule::new(
    "image-large",
    Family::Images,
    "An original of more than 8,000 pixels a side costs time in each build and shows nothing more.",
    "save it again, 2,400 pixels wide at most",
);
pub(super) const ASPECT: Rule = Rule::new(
    "image-aspect",
    Family::Images,
    "On a phone a picture more than twice as high as wide fills several screens, and one more than four times as wide as high is a line.",
    "crop it",
);

const COLUMN: u32 = 552;
const HEAVIEST: u64 = 5_000_000;
const LARGEST: u32 = 8_000;

/// What a build says: pictures above items without a word for those who do not see them.
pub(in crate::check) fn missing_alt(issue: &Issue<'_>, findings: &mut Vec<Diagnostic>) {
    for item in issue.items() {
        let Some(image) = item.entry.image.as_ref().filter(|image| image.alt.is_empty()) else { continue };
        let place = item.entry.source.spot(image.spot);
        findings.push(MISSING_ALT.say("the picture has no `alt`").at(place));
    }
}

pub(super) fn check(galley: &Galley<'_>, room: &Room<'_>, findings: &mut Vec<Diagnostic>) {
    let Some(entry) = galley.entry() else { return };
    if let Some(image) = &entry.image {
        let place = || galley.source.spot(image.spot);
        picture(&image.file, &image.alt, &entry.folder, &place, room, findings);
    }
    for image in &galley.reading.pictures {
        let place = || galley.in_body(image.range.clone());
        picture(&image.file, &image.alt, &entry.folder, &place, room, findings);
    }
}

fn picture(
    file: &str,
    alt: &str,
    folder: &Path,
    place: &dyn Fn() -> Location,
    room: &Room<'_>,
    findings: &mut Vec<Diagnostic>,
) {
    if alt.trim().is_empty() {
        findings.push(MISSING_ALT.say("the picture has no `alt`").at(place()));
    } else if is_name(alt, file) {
        findings.push(ALT_IS_NAME.say(format!("the `alt` is the name of the file, `{alt}`")).at(place()));
    }
    let Some(facts) = room.desk.picture(&folder.join(file)) else { return };
    let (width, height) = (facts.width, facts.height);
    if facts.bytes > HEAVIEST {
        let message = format!("the picture is {:.1} MB heavy", facts.bytes as f64 / 1_000_000.0);
        findings.push(WEIGHT.say(message).at(place()));
    }
    if width.max(height) > LARGEST {
        findings.push(LARGE.say(format!("the picture has {width} × {height} pixels")).at(place()));
    } else if width < COLUMN * 2 {
        findings.push(SMALL.say(format!("the picture is {width} pixels wide")).at(place()));
    }
    if height > width.saturating_mul(2) || width > height.saturating_mul(4) {
        let message = format!("the picture is {width} pixels wide and {height} high");
        findings.push(ASPECT.say(message).at(place()));
    }
}

fn is_name(alt: &str, file: &str) -> bool {
    let name = file.rsplit('/').next().unwrap_or(file);
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let ends = [".jpg", ".jpeg", ".png", ".gif"].iter().any(|end| alt.to_lowercase().ends_with(end));
    ends || !alt.trim().contains(' ') && folded(alt) == folded(stem)
}
