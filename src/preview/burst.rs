//! Changes that come together: one save is many events, and a checkout is thousands.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use crate::model::Slot;

/// Something that happened while the preview was at rest, or while it was building.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Change {
    /// A file was written to, and may be written to again.
    Written(PathBuf),
    /// Who wrote to a file has closed it.
    Closed(PathBuf),
    /// Something else became of a file.
    Touched,
    /// One of the watched folders came or went.
    Folder,
    /// The system does not tell of changes any more.
    Lost(String),
    /// Somebody opened an issue.
    Open(Slot),
    /// Somebody looks at the board.
    Board,
    /// The preview ends.
    End,
}

/// What came together.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Burst {
    /// Whether files have changed.
    pub(super) files: bool,
    /// Whether one of the watched folders came or went.
    pub(super) folder: bool,
    /// Why the system does not tell any more.
    pub(super) lost: Option<String>,
    /// The issues that somebody opened.
    pub(super) opened: Vec<Slot>,
    /// Whether somebody looks at the board.
    pub(super) board: bool,
    /// Whether the preview ends.
    pub(super) end: bool,
    writing: BTreeSet<PathBuf>,
}

/// After so long without an event, a burst is over.
const QUIET: Duration = Duration::from_millis(30);
/// After so long if a file is still being written: an editor may have emptied it, and not yet filled it again.
const WRITING: Duration = Duration::from_millis(if cfg!(target_os = "linux") { 150 } else { 30 });
/// A burst that does not end is not waited for.
const LONGEST: Duration = Duration::from_secs(1);

/// Waits for a change and for all that come with it; `None` when there is nobody left to tell.
pub(super) fn next(changes: &Receiver<Change>) -> Option<Burst> {
    let mut burst = Burst::default();
    burst.take(changes.recv().ok()?);
    let start = Instant::now();
    // Who opens an issue waits for it.
    while burst.files && !burst.end && start.elapsed() < LONGEST {
        match changes.recv_timeout(if burst.writing.is_empty() { QUIET } else { WRITING }) {
            Ok(change) => burst.take(change),
            Err(RecvTimeoutError::Timeout) => break,
            Err(RecvTimeoutError::Disconnected) => return None,
        }
    }
    for change in changes.try_iter() {
        burst.take(change);
    }
    Some(burst)
}

impl Burst {
    fn take(&mut self, change: Change) {
        self.files |= !matches!(change, Change::Open(_) | Change::Board | Change::End);
        match change {
            Change::Written(path) => {
                self.writing.insert(path);
            }
            Change::Closed(path) => {
                self.writing.remove(&path);
            }
            Change::Touched => {}
            Change::Folder => self.folder = true,
            Change::Lost(why) => self.lost = Some(why),
            Change::Open(slot) => self.opened.push(slot),
            Change::Board => self.board = true,
            Change::End => self.end = true,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;
    use std::thread;

    use super::*;

    #[test]
    fn a_save_of_many_events_is_one_burst() {
        let (tell, changes) = channel();
        let writer = thread::spawn(move || {
            for _ in 0..5 {
                tell.send(Change::Touched).expect("somebody listens");
                thread::sleep(Duration::from_millis(5));
            }
            tell
        });
        assert!(next(&changes).is_some_and(|burst| burst.files && !burst.folder));
        let tell = writer.join().expect("a writer");
        assert_eq!(changes.try_iter().count(), 0);
        tell.send(Change::End).expect("somebody listens");
        assert!(next(&changes).is_some_and(|burst| burst.end && !burst.files));
        drop(tell);
        assert_eq!(next(&changes), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_file_that_was_emptied_is_waited_for_until_it_is_closed() {
        let (tell, changes) = channel();
        tell.send(Change::Written("a.md".into())).expect("somebody listens");
        let writer = thread::spawn(move || {
            thread::sleep(Duration::from_millis(80));
            tell.send(Change::Closed("a.md".into())).expect("somebody listens");
            tell
        });
        let start = Instant::now();
        assert!(next(&changes).is_some_and(|burst| burst.files));
        assert!(start.elapsed() >= Duration::from_millis(80));
        drop(writer.join());
    }
}
