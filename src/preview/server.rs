//! A preview that runs: the press on a thread of its own, the answers, and the end.

use std::io;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use super::burst::Change;
use super::page::Pages;
use super::press::{Press, Watched};
use super::router;
use super::scratch::Scratch;
use super::state::State;
use super::watch::Watch;
use super::{Desk, Parts};

/// A preview that runs.
#[derive(Debug)]
pub struct Running {
    runtime: Runtime,
    port: u16,
    changes: Sender<Change>,
    /// Ends when the press does.
    ended: Receiver<()>,
    scratch: Scratch,
}

/// The press gets so long to end by itself.
const GRACE: Duration = Duration::from_millis(300);

/// Starts to watch, to build and to answer.
pub fn start(parts: Parts) -> io::Result<Running> {
    let Parts { root, sockets, watching, edges } = parts;
    let scratch = Scratch::open(&root)?;
    let (tell, changes) = mpsc::channel();
    // Before the first build: nothing that is saved from now on is lost.
    let watch = Watch::start(&root, watching, tell.clone());
    let (state, states) = watch::channel(Arc::new(State::new()));
    let pages = Pages::new(root.clone(), edges.today)
        .ok_or_else(|| io::Error::other("the built-in templates do not parse"))?;
    let out = scratch.out();
    let press =
        Press { root, out: out.clone(), watch, changes, state, edges, board: Watched::Not, open: Vec::new() };
    let (end, ended) = mpsc::channel();
    thread::Builder::new().name("press".to_owned()).spawn(move || {
        press.run();
        let _ = end.send(());
    })?;
    let desk = Arc::new(Desk { out, pages, states, changes: Mutex::new(tell.clone()) });
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let guard = runtime.enter();
    for listener in sockets.listeners {
        listener.set_nonblocking(true)?;
        let listener = TcpListener::from_std(listener)?;
        let router = router::router(Arc::clone(&desk));
        runtime.spawn(async move { axum::serve(listener, router).await });
    }
    drop(guard);
    Ok(Running { runtime, port: sockets.port, changes: tell, ended, scratch })
}

impl Running {
    /// Where it is to be seen.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/", self.port)
    }

    /// Waits for a signal to end (SIGINT, SIGTERM, SIGHUP).
    pub fn until_told(&self) -> io::Result<()> {
        self.runtime.block_on(async {
            let mut interrupt = signal(SignalKind::interrupt())?;
            let mut terminate = signal(SignalKind::terminate())?;
            let mut hang_up = signal(SignalKind::hangup())?;
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
                _ = hang_up.recv() => {}
            }
            Ok(())
        })
    }

    /// Ends at once, whoever still listens, and leaves nothing behind.
    pub fn stop(self) {
        let _ = self.changes.send(Change::End);
        self.runtime.shutdown_background();
        let _ = self.ended.recv_timeout(GRACE);
        self.scratch.remove();
    }
}
