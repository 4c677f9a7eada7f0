//! A reader's line: who does not take what is sent loses it, and nobody has too many.

use std::collections::HashMap;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;

use crate::model::Network;

/// A line that ends when nothing could be written for a while.
pub(super) struct Timed<T> {
    line: T,
    patience: Duration,
    stuck: Option<Pin<Box<Sleep>>>,
}

impl<T> Timed<T> {
    pub(super) fn new(line: T, patience: Duration) -> Self {
        Self { line, patience, stuck: None }
    }

    fn timed<R>(&mut self, context: &mut Context<'_>, done: Poll<io::Result<R>>) -> Poll<io::Result<R>> {
        if done.is_ready() {
            self.stuck = None;
            return done;
        }
        let patience = self.patience;
        let stuck = self.stuck.get_or_insert_with(|| Box::pin(tokio::time::sleep(patience)));
        ready!(stuck.as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Timed<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.line).poll_read(context, into)
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Timed<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let done = Pin::new(&mut self.line).poll_write(context, bytes);
        self.timed(context, done)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let done = Pin::new(&mut self.line).poll_write_vectored(context, bytes);
        self.timed(context, done)
    }

    fn is_write_vectored(&self) -> bool {
        self.line.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let done = Pin::new(&mut self.line).poll_flush(context);
        self.timed(context, done)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let done = Pin::new(&mut self.line).poll_shutdown(context);
        self.timed(context, done)
    }
}

/// How many lines every machine has open.
#[derive(Debug, Clone, Default)]
pub(super) struct Lines(Arc<Mutex<HashMap<Network, usize>>>);

/// One of them, until it is dropped.
pub(super) struct Counted {
    lines: Lines,
    machine: Network,
}

impl Lines {
    /// Counts one more line of a machine; None when it has `most`.
    pub(super) fn open(&self, machine: Network, most: usize) -> Option<Counted> {
        let mut lines = self.0.lock().ok()?;
        let count = lines.entry(machine).or_default();
        if *count >= most {
            return None;
        }
        *count += 1;
        Some(Counted { lines: self.clone(), machine })
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        let Ok(mut lines) = self.lines.0.lock() else { return };
        if let Some(count) = lines.get_mut(&self.machine) {
            *count -= 1;
            if *count == 0 {
                lines.remove(&self.machine);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt;

    use super::*;

    #[test]
    fn who_never_reads_loses_the_line() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
        runtime.block_on(async {
            let (here, _there) = tokio::io::duplex(16);
            let mut line = Timed::new(here, Duration::from_millis(30));
            let error = line.write_all(&[0; 100]).await.expect_err("an end");
            assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        });
    }

    #[test]
    fn a_machine_has_so_many_lines_and_no_more() {
        let (lines, machine) = (Lines::default(), Network::parse("192.0.2.1").expect("a machine"));
        let open: Vec<_> = (0..3).map(|_| lines.open(machine, 2)).collect();
        assert!(open[1].is_some() && open[2].is_none());
        assert!(lines.open(Network::parse("192.0.2.2").expect("a machine"), 2).is_some());
        drop(open);
        assert!(lines.open(machine, 2).is_some() && lines.0.lock().expect("lines").is_empty());
    }
}
