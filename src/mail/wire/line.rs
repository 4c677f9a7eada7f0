//! An open line to a relay: one letter after the other, each until it is answered.

use std::future::{Future, poll_fn};
use std::io::IoSlice;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::ReadBuf;
use tokio::time::{Instant, Sleep, sleep, timeout};

use crate::model::EmailAddress;

use super::reply::Replies;
use super::stream::Stream;
use super::transaction::{Condition, Start, Transaction};
use super::{Attempted, Gate, Offers, Times};

/// An open line.
pub struct Line {
    stream: Stream,
    offers: Offers,
    times: Times,
    replies: Replies,
    condition: Condition,
    letters: u32,
    timer: Pin<Box<Sleep>>,
}

/// Pieces of a letter that one system call takes.
const PIECES: usize = 64;
/// How long a farewell may take.
const FAREWELL: Duration = Duration::from_secs(5);

impl Line {
    pub(super) fn new(stream: Stream, offers: Offers, times: Times) -> Self {
        let (replies, condition) = (Replies::new(), Condition::Clean);
        let timer = Box::pin(sleep(times.command));
        Self { stream, offers, times, replies, condition, letters: 0, timer }
    }

    /// Hands one letter over. The gate is asked once the relay wants the letter and nothing else keeps the final dot
    /// back, which is written only when it is open; a refusal may come first, and then the gate is not asked. If this future is dropped, the
    /// dot may have left and the line is broken.
    pub async fn deliver(
        &mut self,
        from: &EmailAddress,
        to: &EmailAddress,
        letter: &[u8],
        gate: impl Future<Output = Gate>,
    ) -> Attempted {
        let Self { stream, offers, times, replies, condition, letters, timer } = self;
        let start = Start { offers, condition: *condition, hand_over: stream.hand_over() };
        let mut transaction = match Transaction::new(replies, start, from, to, letter) {
            Ok(transaction) => transaction,
            Err(refusal) => return Attempted::Refused(refusal),
        };
        *condition = Condition::Broken;
        let mut gate = pin!(gate);
        timer.as_mut().reset(Instant::now() + transaction.patience(times));
        let (attempted, left) = poll_fn(|cx| {
            loop {
                if let Some(end) = transaction.end() {
                    return Poll::Ready(end.clone());
                }
                let turn = transaction.turn();
                read(stream, &mut transaction, cx);
                if transaction.wants_gate()
                    && let Poll::Ready(gate) = gate.as_mut().poll(cx)
                {
                    transaction.gate(gate);
                }
                write(stream, &mut transaction, cx);
                if transaction.turn() != turn {
                    timer.as_mut().reset(Instant::now() + transaction.patience(times));
                } else if transaction.end().is_none() {
                    match timer.as_mut().poll(cx) {
                        Poll::Ready(()) => transaction.timed_out(),
                        Poll::Pending => return Poll::Pending,
                    }
                }
            }
        })
        .await;
        *letters += u32::from(transaction.is_handed_over());
        *condition = left;
        attempted
    }

    /// Whether the line takes another letter. After a timeout, a surprise, 421 or a failure within a letter it does
    /// not.
    pub fn is_usable(&self) -> bool {
        self.condition != Condition::Broken
    }

    /// Letters handed over on this line.
    pub fn letters(&self) -> u32 {
        self.letters
    }

    /// What the relay offers.
    pub fn offers(&self) -> &Offers {
        &self.offers
    }

    /// Says goodbye if that is still possible, and closes.
    pub async fn quit(mut self) {
        if self.is_usable() {
            let _ = timeout(FAREWELL, self.stream.write_all(b"QUIT\r\n")).await;
            let mut space = [0; 512];
            let mut into = ReadBuf::new(&mut space);
            let _ = timeout(FAREWELL, poll_fn(|cx| self.stream.poll_read(cx, &mut into))).await;
        }
    }
}

/// Reads what has come in, up to the end of the transaction.
fn read(stream: &mut Stream, transaction: &mut Transaction<'_>, cx: &mut Context<'_>) {
    let mut space = [0; 4096];
    while transaction.end().is_none() {
        let mut into = ReadBuf::new(&mut space);
        match stream.poll_read(cx, &mut into) {
            Poll::Pending => return,
            Poll::Ready(Ok(())) if into.filled().is_empty() => {
                transaction.ended("the relay closed the connection");
            }
            Poll::Ready(Ok(())) => transaction.received(into.filled()),
            Poll::Ready(Err(error)) => transaction.ended(&format!("the line broke: {error}")),
        }
    }
}

/// Writes what may go out and what the socket takes at once.
fn write(stream: &mut Stream, transaction: &mut Transaction<'_>, cx: &mut Context<'_>) {
    let mut slices = [IoSlice::new(&[]); PIECES];
    let count = transaction.output(&mut slices);
    if count > 0
        && let Some(pieces) = slices.get(..count)
    {
        match stream.poll_write(cx, pieces) {
            Poll::Pending => {}
            Poll::Ready(Ok(0)) => transaction.write_failed("the line takes nothing any more"),
            Poll::Ready(Ok(written)) => transaction.wrote(written),
            Poll::Ready(Err(error)) => transaction.write_failed(&format!("the line broke: {error}")),
        }
    }
    match stream.poll_flush(cx) {
        Poll::Pending => {}
        Poll::Ready(Ok(())) => transaction.flushed(),
        Poll::Ready(Err(error)) => transaction.write_failed(&format!("the line broke: {error}")),
    }
}
