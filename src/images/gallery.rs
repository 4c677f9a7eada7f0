//! The pictures of a newsletter by the file they were made from.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// A published picture as pages need it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Copy {
    /// The file's name.
    pub name: String,
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
}

/// All published pictures.
#[derive(Debug, Clone, Default)]
pub struct Gallery(HashMap<PathBuf, Copy>);

impl Gallery {
    /// The copy of an original, if it could be made.
    pub fn copy(&self, original: &Path) -> Option<&Copy> {
        self.0.get(original)
    }
}

impl FromIterator<(PathBuf, Copy)> for Gallery {
    fn from_iter<I: IntoIterator<Item = (PathBuf, Copy)>>(copies: I) -> Self {
        Self(copies.into_iter().collect())
    }
}
