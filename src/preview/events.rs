//! Server-sent events: every open page hears of every new state.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::http::Response;
use axum::http::header::{self, HeaderValue};
use bytes::Bytes;
use hyper::body::Frame;
use tokio::sync::{mpsc, watch};

use super::state::State;

/// A line that keeps the connection, so often.
const PULSE: Duration = Duration::from_secs(20);

/// An answer that does not end: the number of the present state, and of each that follows.
pub(super) fn answer(states: watch::Receiver<Arc<State>>) -> Response<Body> {
    let (tell, heard) = mpsc::channel(4);
    tokio::spawn(follow(states, tell));
    let mut response = Response::new(Body::new(Events(heard)));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    response
}

/// Tells of every state until nobody listens.
async fn follow(mut states: watch::Receiver<Arc<State>>, tell: mpsc::Sender<Bytes>) {
    let first = format!("retry: 500\ndata: {}\n\n", states.borrow_and_update().number);
    let mut next = Bytes::from(first);
    while tell.send(next).await.is_ok() {
        next = tokio::select! {
            changed = states.changed() => match changed {
                Ok(()) => Bytes::from(format!("data: {}\n\n", states.borrow_and_update().number)),
                Err(_) => return,
            },
            () = tokio::time::sleep(PULSE) => Bytes::from_static(b": still here\n\n"),
            () = tell.closed() => return,
        };
    }
}

struct Events(mpsc::Receiver<Bytes>);

impl hyper::body::Body for Events {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        self.0.poll_recv(context).map(|bytes| bytes.map(|bytes| Ok(Frame::data(bytes))))
    }
}
