//! Dictionaries of Hunspell on this machine: where they lie, and in which characters they are written.

use std::fs;
use std::path::{Path, PathBuf};

use encoding_rs::Encoding;

use crate::check::Spelling;
use crate::config::{Config, SETTINGS};
use crate::content::shown;
use crate::model::{Diagnostic, LanguageTag};

/// Why there is no dictionary of a language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Missing {
    /// None is named, and none is installed.
    Nowhere,
    /// The one that is named cannot be used.
    Broken(String),
}

/// Where systems lay dictionaries down.
const FOLDERS: [&str; 4] = [
    "/usr/share/hunspell",
    "/usr/share/myspell/dicts",
    "/usr/local/share/hunspell",
    "/opt/homebrew/share/hunspell",
];
/// The list of the newsletter's own words, unless another one is named.
const WORDS: &str = "words.txt";

/// Opens the dictionaries of some languages, and the newsletter's own words.
pub(super) fn open(
    root: &Path,
    config: &Config,
    languages: &[String],
    findings: &mut Vec<Diagnostic>,
) -> Spelling {
    let mut spelling = Spelling::default();
    for tag in languages {
        let read = find(root, config, tag).and_then(|dic| {
            let aff = text(root, &dic.with_extension("aff"), None)?;
            let words = text(root, &dic, Some(&aff))?;
            spelling
                .add(tag, &aff, &words)
                .map_err(|why| Missing::Broken(format!("{}: {why}", shown(root, &dic))))
        });
        if let Err(Missing::Broken(why)) = read {
            let finding = Diagnostic::error("dictionary", format!("a dictionary cannot be used: {why}"));
            findings.push(finding.in_file(SETTINGS).hint("the .aff file lies beside the .dic file"));
        }
    }
    own_words(root, config, &mut spelling, findings);
    spelling
}

fn own_words(root: &Path, config: &Config, spelling: &mut Spelling, findings: &mut Vec<Diagnostic>) {
    let named = config.check.words.as_deref();
    let file = root.join("content").join(named.unwrap_or(Path::new(WORDS)));
    match fs::read_to_string(&file) {
        Ok(list) => spelling.own_words(&list),
        Err(error) if named.is_some() => {
            let finding =
                Diagnostic::error("word-list", format!("{} cannot be read: {error}", shown(root, &file)));
            findings.push(finding.in_file(SETTINGS).hint("name a file under content/, one word a line"));
        }
        Err(_) => {}
    }
}

/// The `.dic` file of a language: the one that the settings name, else one that is installed.
pub(super) fn find(root: &Path, config: &Config, tag: &str) -> Result<PathBuf, Missing> {
    let primary = |tag: &str| tag.split('-').next().unwrap_or("").to_ascii_lowercase();
    let named = |wanted: &dyn Fn(&LanguageTag) -> bool| {
        config.check.spelling.iter().find(|(known, _)| wanted(known)).map(|(_, file)| file)
    };
    let named = named(&|known| known.as_str() == tag)
        .or_else(|| named(&|known| primary(known.as_str()) == primary(tag)));
    if let Some(file) = named {
        return Ok(root.join("content").join(file));
    }
    let region = tag.replace('-', "_");
    let usual = match primary(tag).as_str() {
        "fr" => ["fr", "fr_FR", "fr-toutesvariantes", "fr-classique"],
        "en" => ["en_GB", "en_US", "en", "en_AU"],
        _ => ["", "", "", ""],
    };
    let primary = primary(tag);
    let names = [region.as_str(), primary.as_str()].into_iter().chain(usual).filter(|name| !name.is_empty());
    let files = names.flat_map(|name| FOLDERS.map(|folder| Path::new(folder).join(format!("{name}.dic"))));
    files.into_iter().find(|file| file.is_file()).ok_or(Missing::Nowhere)
}

/// A file of a dictionary, in the characters that its first lines, or those of its `.aff`, declare.
fn text(root: &Path, file: &Path, aff: Option<&str>) -> Result<String, Missing> {
    let broken = |why: String| Missing::Broken(format!("{}: {why}", shown(root, file)));
    let bytes = fs::read(file).map_err(|error| broken(error.to_string()))?;
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(4096)]).into_owned();
    let declared = aff.unwrap_or(&head).lines().find_map(|line| line.trim().strip_prefix("SET "));
    let name = declared.map_or("UTF-8", str::trim);
    let label = name.to_ascii_lowercase().replace("microsoft-cp", "windows-");
    let encoding = Encoding::for_label(label.as_bytes())
        .ok_or_else(|| broken(format!("its characters are `{name}`, which are not known here")))?;
    Ok(encoding.decode(&bytes).0.into_owned())
}
