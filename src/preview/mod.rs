//! The proof on a screen: every edition of every issue in a browser on this machine, new again whenever a file is saved.
//!
//! Never knows: `out/`, the terminal, the clock; how a page is made it leaves to the build.

mod board;
mod burst;
mod events;
mod files;
mod finding;
mod guard;
mod look;
mod page;
mod port;
mod press;
mod router;
mod scratch;
mod server;
mod state;
mod tabs;
mod views;
mod watch;
mod words;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::mpsc::Sender;
use std::time::Duration;

use crate::build::Filling;
use crate::model::{IssueDate, Report, Slot};

pub use port::{Sockets, listen};
pub use server::{Running, start};
pub use watch::Watching;

use burst::Change;
use page::Pages;
use state::State;

/// What the preview does not have by itself.
#[derive(Debug, Clone, Copy)]
pub struct Edges {
    /// The day it is in a time zone.
    pub today: fn(chrono_tz::Tz) -> IssueDate,
    /// Which issue the queue may fill now.
    pub filling: fn(&Path) -> Filling,
    /// The day of the next issue that is still to be sent.
    pub next: fn(&Path) -> Option<IssueDate>,
    /// Takes a line that is worth saying.
    pub say: fn(&str),
    /// Takes what is wrong with the sources.
    pub report: fn(&Report),
}

/// What a preview is made of.
#[derive(Debug)]
pub struct Parts {
    /// The newsletter's folder.
    pub root: PathBuf,
    /// Where it listens.
    pub sockets: Sockets,
    /// How changes are noticed.
    pub watching: Watching,
    /// Clock and messages.
    pub edges: Edges,
}

/// What answers.
struct Desk {
    out: PathBuf,
    pages: Pages,
    states: tokio::sync::watch::Receiver<Arc<State>>,
    changes: Mutex<Sender<Change>>,
}

/// Who opens an issue waits for its mail so long, then is shown what there is.
const PATIENCE: Duration = Duration::from_secs(20);

impl Desk {
    fn now(&self) -> Arc<State> {
        Arc::clone(&self.states.borrow())
    }

    /// The state once nothing better is to be expected for an issue.
    async fn open(&self, slot: Slot) -> Arc<State> {
        let mut states = self.states.clone();
        if !states.borrow().may_have(slot) {
            return self.now();
        }
        if let Ok(changes) = self.changes.lock() {
            let _ = changes.send(Change::Open(slot));
        }
        let settled = states.wait_for(|state| state.is_settled(slot));
        let _ = tokio::time::timeout(PATIENCE, settled).await;
        self.now()
    }

    /// The state once it tells how the next issue fills up.
    async fn board(&self) -> Arc<State> {
        let mut states = self.states.clone();
        if let Ok(changes) = self.changes.lock() {
            let _ = changes.send(Change::Board);
        }
        let told = states.wait_for(|state| state.board != state::Filling::Unknown);
        let _ = tokio::time::timeout(PATIENCE, told).await;
        self.now()
    }

    /// The folder of the web edition.
    fn site(&self) -> PathBuf {
        self.out.join("site")
    }
}
