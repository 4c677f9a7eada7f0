//! The files beside a ledger: its lock, the outcomes that could not be committed, and the room that is left.

use std::fs::{self, OpenOptions, TryLockError};
use std::io::Read;
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::fs::statvfs;

use super::error::LedgerError;

/// How much room must be left on the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Floor {
    /// In bytes.
    pub bytes: u64,
    /// In hundredths of the whole.
    pub percent: u64,
}

impl Default for Floor {
    fn default() -> Self {
        Self { bytes: 256 * 1024 * 1024, percent: 5 }
    }
}

/// Where a ledger keeps what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Files {
    pub(super) ledger: PathBuf,
    pub(super) lock: PathBuf,
    pub(super) spill: PathBuf,
}

/// The right to send, as long as it lives.
#[derive(Debug)]
pub(super) struct Lock {
    file: fs::File,
    place: PathBuf,
    /// Grows with every opening and every second of sending, here and in the ledger. A ledger that is behind is an
    /// older state of itself.
    counted: AtomicU64,
}

impl Files {
    /// Beside the file of the readers: `rotative.db` and `rotative-ledger.db`.
    pub(super) fn beside(readers: &Path) -> Self {
        let stem = readers.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let named = |ending: &str| readers.with_file_name(format!("{stem}-ledger.{ending}"));
        let ending = readers.extension().map_or("db".to_owned(), |e| e.to_string_lossy().into_owned());
        Self { ledger: named(&ending), lock: named("lock"), spill: named("spill") }
    }

    /// Takes the lock, or says that another sender has it.
    pub(super) fn lock(&self) -> Result<Lock, LedgerError> {
        let refused = |error| unwritable(&self.lock, &error);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).mode(0o600);
        let mut file = options.open(&self.lock).map_err(refused)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(LedgerError::Held(self.lock.clone())),
            Err(TryLockError::Error(error)) => return Err(refused(error)),
        }
        let mut text = String::new();
        file.read_to_string(&mut text).map_err(refused)?;
        let counted = AtomicU64::new(text.trim().parse().unwrap_or(0));
        Ok(Lock { file, place: self.lock.clone(), counted })
    }

    /// What ties the ledger to this machine and this disk.
    pub(super) fn binding(&self, machine: &str) -> Result<String, LedgerError> {
        let file = fs::metadata(&self.ledger).map_err(|error| unwritable(&self.ledger, &error))?;
        Ok(format!("{machine} {}:{}", file.dev(), file.ino()))
    }

    /// Refuses when less room is left than there must be.
    pub(super) fn check_room(&self, floor: Floor) -> Result<(), LedgerError> {
        let folder = self.ledger.parent().unwrap_or(Path::new("."));
        let disk = statvfs(folder).map_err(|error| unwritable(folder, &error.into()))?;
        let free = disk.f_bavail.saturating_mul(disk.f_frsize);
        let whole = disk.f_blocks.saturating_mul(disk.f_frsize);
        let needed = floor.bytes.max(whole / 100 * floor.percent);
        if free < needed {
            return Err(LedgerError::Full { place: folder.to_owned(), free, needed });
        }
        Ok(())
    }
}

impl Lock {
    /// What was counted last.
    pub(super) fn counted(&self) -> u64 {
        self.counted.load(Ordering::Acquire)
    }

    /// Refuses when the file is not there any more, or another: somebody else may hold that.
    pub(super) fn check(&self) -> Result<(), LedgerError> {
        let same = |found: fs::Metadata| {
            self.file.metadata().is_ok_and(|own| (own.dev(), own.ino()) == (found.dev(), found.ino()))
        };
        if fs::metadata(&self.place).is_ok_and(same) {
            Ok(())
        } else {
            Err(LedgerError::Held(self.place.clone()))
        }
    }

    /// Writes down how far was counted.
    pub(super) fn count(&self, count: u64) -> Result<(), LedgerError> {
        let refused = |error| unwritable(&self.place, &error);
        // As wide each time, so that no older figure shines through.
        let line = format!("{count:020}\n");
        self.file.write_all_at(line.as_bytes(), 0).map_err(refused)?;
        self.file.sync_data().map_err(refused)?;
        self.counted.store(count, Ordering::Release);
        Ok(())
    }
}

/// Makes it durable that a file is there, or is not.
pub(super) fn sync_folder(file: &Path) -> Result<(), LedgerError> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(|error| unwritable(folder, &error))
}

pub(super) fn unwritable(place: &Path, error: &std::io::Error) -> LedgerError {
    LedgerError::Unwritable { place: place.to_owned(), why: error.to_string() }
}
