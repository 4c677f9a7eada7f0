//! The socket under a line: TCP, TLS over TCP, or a socket in the file system.

use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpStream, UnixStream};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::Place;
use super::transaction::HandOver;

/// Whether a socket leaves this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// It does not.
    Local,
    /// It may.
    Afar,
}

/// A socket.
pub(super) enum Stream {
    Tcp(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
    Unix(UnixStream),
}

impl Stream {
    pub(super) async fn connect(place: &Place) -> io::Result<Self> {
        match place {
            Place::Tcp { host, port } => {
                let socket = TcpStream::connect((host.as_str(), *port)).await?;
                // The dot is a small write after a large one: without this it waits for an acknowledgement.
                socket.set_nodelay(true)?;
                Ok(Self::Tcp(socket))
            }
            Place::Unix(path) => UnixStream::connect(path).await.map(Self::Unix),
        }
    }

    pub(super) async fn secure(
        self,
        config: Arc<ClientConfig>,
        name: ServerName<'static>,
    ) -> io::Result<Self> {
        match self {
            Self::Tcp(socket) => {
                let tls = TlsConnector::from(config).connect(name, socket).await?;
                Ok(Self::Tls(Box::new(tls)))
            }
            _ => Err(io::Error::other("there is no TLS on this socket")),
        }
    }

    pub(super) fn reach(&self) -> Reach {
        let local = match self {
            Self::Tcp(socket) => socket.peer_addr().is_ok_and(|peer| peer.ip().to_canonical().is_loopback()),
            Self::Tls(_) => false,
            Self::Unix(_) => true,
        };
        if local { Reach::Local } else { Reach::Afar }
    }

    /// TLS keeps what it takes, so the dot waits until it has given everything else away.
    pub(super) fn hand_over(&self) -> HandOver {
        match self {
            Self::Tls(_) => HandOver::Apart,
            Self::Tcp(_) | Self::Unix(_) => HandOver::Together,
        }
    }

    pub(super) fn poll_read(&mut self, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Tcp(socket) => Pin::new(socket).poll_read(cx, into),
            Self::Tls(socket) => Pin::new(socket).poll_read(cx, into),
            Self::Unix(socket) => Pin::new(socket).poll_read(cx, into),
        }
    }

    pub(super) fn poll_write(
        &mut self,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self {
            Self::Tcp(socket) => Pin::new(socket).poll_write_vectored(cx, slices),
            Self::Tls(socket) => Pin::new(socket).poll_write_vectored(cx, slices),
            Self::Unix(socket) => Pin::new(socket).poll_write_vectored(cx, slices),
        }
    }

    /// Writes all of it, and sees it leave.
    pub(super) async fn write_all(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let written = poll_fn(|cx| self.poll_write(cx, &[IoSlice::new(bytes)])).await?;
            bytes = bytes.get(written..).filter(|_| written > 0).ok_or(io::ErrorKind::WriteZero)?;
        }
        poll_fn(|cx| self.poll_flush(cx)).await
    }

    pub(super) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Tls(socket) => Pin::new(socket).poll_flush(cx),
            Self::Tcp(_) | Self::Unix(_) => Poll::Ready(Ok(())),
        }
    }
}
