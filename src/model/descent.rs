//! Paths that only lead down.

use std::path::{Component, Path};

/// Whether a relative path stays in its folder: every part is a name.
pub fn descends(path: &Path) -> bool {
    path.components().all(|part| matches!(part, Component::Normal(_)))
}
