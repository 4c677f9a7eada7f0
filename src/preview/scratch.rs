//! The folder that the preview builds into: beside `out/`, which it never touches, and gone at the end.

use std::fs::{self, DirBuilder, File, TryLockError};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

/// The folder of one preview.
#[derive(Debug)]
pub(super) struct Scratch {
    folder: PathBuf,
    _lock: File,
}

/// How many previews of one newsletter may run.
const MOST: usize = 16;

impl Scratch {
    /// Takes a folder that no other preview uses. What a killed one left there is built upon.
    pub(super) fn open(root: &Path) -> io::Result<Self> {
        for number in 1..=MOST {
            let name = if number == 1 { ".out.preview".to_owned() } else { format!(".out.preview-{number}") };
            let folder = root.join(name);
            // Drafts are nobody else's business.
            DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
            let lock = File::create(folder.join("lock"))?;
            match lock.try_lock() {
                Err(TryLockError::WouldBlock) => {}
                // Some network file systems lock nothing.
                Ok(()) | Err(TryLockError::Error(_)) => return Ok(Self { folder, _lock: lock }),
            }
        }
        Err(io::Error::other(format!("{MOST} previews of this newsletter run already")))
    }

    /// Where to build.
    pub(super) fn out(&self) -> PathBuf {
        self.folder.join("out")
    }

    /// Removes it, even from under a build that is still at work.
    pub(super) fn remove(self) {
        for _ in 0..10 {
            if fs::remove_dir_all(&self.folder).is_ok() || !self.folder.exists() {
                return;
            }
            thread::sleep(Duration::from_millis(20));
        }
    }
}
