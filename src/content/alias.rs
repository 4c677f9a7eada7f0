//! Addresses at which something stood before it was renamed or moved here.

use serde::{Deserialize, Serialize};

use crate::config::yaml::{Spanned, Yaml};
use crate::model::{SitePath, Slug, Spot};

use super::parse::Parser;

/// An address that leads to an entry besides its own, and where it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alias {
    /// The address.
    pub former: Former,
    /// Where it is written.
    pub spot: Spot,
}

/// An address as an editor writes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Former {
    /// The name that the file had, on the same day.
    Slug(Slug),
    /// A path of the site.
    Path(SitePath),
}

const PATH_HINT: &str = "write a path of this site, such as /2014/05/12/old-title/";
const HINT: &str =
    "write the file's former name, such as old-title, or a path of this site, such as /2014/05/12/old-title/";

impl Parser<'_> {
    /// The former addresses of an item or an article, in the order in which they are written.
    pub(super) fn aliases(&mut self, yaml: &Yaml<'_>, written: Option<Vec<Spanned<String>>>) -> Vec<Alias> {
        let read = |text: Spanned<String>| {
            if text.value.contains('/') {
                return self.former_path(yaml, text);
            }
            let spot = yaml.spot(&text);
            let slug = self.parse(yaml, text, "alias", Slug::parse, HINT)?;
            Some(Alias { former: Former::Slug(slug), spot })
        };
        written.unwrap_or_default().into_iter().filter_map(read).collect()
    }

    /// The former addresses of what a file's name does not give one: an issue, a topic.
    pub(super) fn former_paths(
        &mut self,
        yaml: &Yaml<'_>,
        written: Option<Vec<Spanned<String>>>,
    ) -> Vec<Alias> {
        let written = written.unwrap_or_default().into_iter();
        written.filter_map(|text| self.former_path(yaml, text)).collect()
    }

    fn former_path(&mut self, yaml: &Yaml<'_>, text: Spanned<String>) -> Option<Alias> {
        let spot = yaml.spot(&text);
        let path = self.parse(yaml, text, "alias", SitePath::parse, PATH_HINT)?;
        Some(Alias { former: Former::Path(path), spot })
    }
}
