//! Looking at many files of one folder: what the file system says of each, and nothing else.

use std::iter;
use std::os::fd::OwnedFd;
use std::path::Path;

use rayon::prelude::*;
use rustix::fs::{AtFlags, FileType, Mode, OFlags, Stat, open, statat};

use crate::model::Stamp;

use super::output::above;

/// So many files are looked at by one core before another may take over.
const STRETCH: usize = 256;

/// What is said of all these paths in a folder, by turns; nothing of what is not there. Links are not followed.
pub(super) fn look<T: Sync, S: Send>(
    folder: &Path,
    list: &[T],
    path: impl Fn(&T) -> &str + Sync,
    say: impl Fn(&Stat) -> S + Sync,
) -> Vec<Option<S>> {
    let stretch = |(list, said): (&[T], &mut [Option<S>])| {
        // The system goes every step of a path: from the folder that all of them lie in, the steps are few. The handle
        // is nobody else's, for two cores that count its users would wait for each other.
        let shared = shared(list.iter().map(&path));
        let Some(handle) = handle(&folder.join(shared)) else { return };
        for (found, said) in list.iter().zip(said) {
            let rest = path(found)[shared.len()..].trim_start_matches('/');
            let rest = if rest.is_empty() { "." } else { rest };
            *said = statat(&handle, rest, AtFlags::SYMLINK_NOFOLLOW).ok().map(|found| say(&found));
        }
    };
    let mut said = Vec::new();
    said.resize_with(list.len(), || None);
    list.par_chunks(STRETCH).zip(said.par_chunks_mut(STRETCH)).with_max_len(1).for_each(stretch);
    said
}

/// The folder that all paths lie in.
fn shared<'p>(paths: impl Iterator<Item = &'p str>) -> &'p str {
    let within = |path: &str, folder: &str| {
        folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
    };
    let both = |shared: &'p str, path: &'p str| {
        iter::once(shared).chain(above(shared)).find(|folder| within(path, folder)).unwrap_or_default()
    };
    let mut paths = paths;
    let first = paths.next().and_then(|path| above(path).next()).unwrap_or_default();
    paths.fold(first, both)
}

/// The stamp of anything.
pub(super) fn stamp_of(found: &Stat) -> Stamp {
    let number = |value: i64| u64::try_from(value).unwrap_or(0);
    let moment = |seconds, nanoseconds: u64| (seconds, i64::try_from(nanoseconds).unwrap_or(0));
    let modified = moment(found.st_mtime, found.st_mtime_nsec);
    Stamp::new(
        number(found.st_size),
        modified,
        moment(found.st_ctime, found.st_ctime_nsec),
        found.st_ino,
        found.st_dev,
    )
}

/// The stamp of a file; none of a folder or a link.
pub(super) fn stamp_of_file(found: &Stat) -> Option<Stamp> {
    FileType::from_raw_mode(found.st_mode).is_file().then(|| stamp_of(found))
}

fn handle(folder: &Path) -> Option<OwnedFd> {
    open(folder, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty()).ok()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn paths_share_the_folder_that_all_lie_in() {
        for (paths, folder) in [
            (vec!["a/b/c.md", "a/b/d/e.md"], "a/b"),
            (vec!["a/b/c.md", "a/bc/d.md"], "a"),
            (vec!["a/b", "a/b/c"], "a"),
            (vec!["a/b/c", "a/b"], "a"),
            (vec!["", "a/b"], ""),
            (vec!["a/b/c"], "a/b"),
            (vec![], ""),
        ] {
            assert_eq!(shared(paths.iter().copied()), folder, "{paths:?}");
        }
    }

    #[test]
    fn what_is_looked_at_has_the_stamp_that_the_library_reads() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir(folder.path().join("a")).expect("a folder");
        fs::write(folder.path().join("a/b.md"), "text").expect("a file");
        std::os::unix::fs::symlink("b.md", folder.path().join("a/c.md")).expect("a link");
        let paths = ["", "a", "a/b.md", "a/c.md", "a/d.md", "a/b.md/e"];
        let stamp =
            |path: &str| fs::symlink_metadata(folder.path().join(path)).ok().map(|found| Stamp::of(&found));
        let stamps = look(folder.path(), &paths, |path| path, stamp_of);
        assert_eq!(stamps, paths.map(stamp));
        let files = look(folder.path(), &paths, |path| path, stamp_of_file);
        assert_eq!(files[2].flatten(), stamp("a/b.md"));
        assert!([0, 1, 3, 4, 5].iter().all(|at| files[*at].flatten().is_none()));
        assert_eq!(look(folder.path(), &["e/f", "e/g"], |path| path, stamp_of), [None, None]);
    }
}
