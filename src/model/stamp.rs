//! What a file system says of a file without opening it.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;

use serde::{Deserialize, Serialize};

/// Size, times and number of a file. Two that are equal are of the same bytes, unless somebody wrote twice
/// within one tick of the file system's clock.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    size: u64,
    modified: Moment,
    changed: Moment,
    file: u64,
    disk: u64,
}

/// A time of a file system: seconds since 1970, and nanoseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Moment(i64, i64);

/// Within so many nanoseconds a clock with fine steps may show the same time twice.
const FINE: i64 = 30_000_000;
/// The same for a clock of whole seconds, such as that of a memory card.
const COARSE: i64 = 2_000_000_000;

impl Stamp {
    /// In bytes.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Reads a stamp off what the file system says.
    pub fn of(metadata: &Metadata) -> Self {
        Self {
            size: metadata.size(),
            modified: Moment(metadata.mtime(), metadata.mtime_nsec()),
            changed: Moment(metadata.ctime(), metadata.ctime_nsec()),
            file: metadata.ino(),
            disk: metadata.dev(),
        }
    }

    /// The same of its parts: size in bytes, times of modification and of change in seconds and nanoseconds, the
    /// numbers of the file and of the disk.
    pub fn new(size: u64, modified: (i64, i64), changed: (i64, i64), file: u64, disk: u64) -> Self {
        let moment = |(seconds, nanoseconds)| Moment(seconds, nanoseconds);
        Self { size, modified: moment(modified), changed: moment(changed), file, disk }
    }

    /// Whether both are of the same file, whatever it holds.
    pub fn same_file(&self, other: &Self) -> bool {
        (self.disk, self.file) == (other.disk, other.file)
    }

    /// Whether the file was left alone long enough before `now`, the stamp of a file just written, for every
    /// later change to show.
    pub fn settled(&self, now: &Self) -> bool {
        let steps = if self.changed.1 % 10_000_000 == 0 { COARSE } else { FINE };
        [self.modified, self.changed].iter().all(|moment| moment.before(now.changed, steps))
    }
}

impl Moment {
    fn before(self, other: Self, by: i64) -> bool {
        let seconds = other.0.saturating_sub(self.0);
        seconds > 3 || seconds >= 0 && seconds * 1_000_000_000 + other.1 - self.1 > by
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64, nanoseconds: i64) -> Stamp {
        let moment = Moment(seconds, nanoseconds);
        Stamp { size: 1, modified: moment, changed: moment, file: 1, disk: 1 }
    }

    #[test]
    fn a_file_just_written_is_not_settled_nor_is_one_of_tomorrow() {
        let now = at(1_000, 500_000_001);
        assert!(at(1_000, 400_000_001).settled(&now));
        assert!(!at(1_000, 490_000_001).settled(&now));
        assert!(!at(1_001, 1).settled(&now));
        assert!(!at(9_000, 1).settled(&now));
        assert!(at(3, 1).settled(&now));
    }

    #[test]
    fn a_clock_of_whole_seconds_is_given_more_time() {
        let now = at(1_000, 0);
        assert!(!at(998, 0).settled(&now));
        assert!(at(997, 0).settled(&now));
    }
}
