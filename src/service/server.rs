//! The sockets: connections come in, are timed, are counted, and end gracefully.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

use axum::Router;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, UnixListener};
use tokio::runtime::Runtime;
use tokio::sync::{Semaphore, watch};
use tower_service::Service;

use super::asked::Peer;
use super::outbox::Outbox;
use super::{Desk, admin, router};

/// The sockets that a service listens at.
#[derive(Debug)]
pub struct Listeners {
    /// For readers.
    pub readers: ReaderSocket,
    /// For those who keep it.
    pub admin: std::net::TcpListener,
}

/// A socket for readers.
#[derive(Debug)]
pub enum ReaderSocket {
    /// At a port.
    Tcp(std::net::TcpListener),
    /// In the file system.
    Unix(std::os::unix::net::UnixListener),
}

/// A service that runs.
#[derive(Debug)]
pub struct Running {
    runtime: Runtime,
    stop: watch::Sender<bool>,
    quiet: Arc<(Mutex<bool>, Condvar)>,
    outbox: Option<thread::JoinHandle<()>>,
    servers: Vec<tokio::task::JoinHandle<()>>,
    readers: Option<SocketAddr>,
    admin: SocketAddr,
    desk: Arc<Desk>,
}

/// Open connections at most; further ones wait to be accepted.
const CONNECTIONS: usize = 4_000;
/// A request's head must be there within this time, the first and each that follows on one connection.
const HEAD: Duration = Duration::from_secs(15);
/// Open requests may end within this time once the service is told to stop.
const GRACE: Duration = Duration::from_secs(10);
/// The mailing part looks for work so often.
const PULSE: Duration = Duration::from_millis(500);
/// And tidies up so often, in pulses.
const TIDY: u32 = 7200;

/// Starts to answer.
pub fn start(desk: Arc<Desk>, listeners: Listeners) -> io::Result<Running> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let (stop, stopped) = watch::channel(false);
    let limit = Arc::new(Semaphore::new(CONNECTIONS));
    let mut servers = Vec::new();
    let mut readers = None;
    let guard = runtime.enter();
    match listeners.readers {
        ReaderSocket::Tcp(socket) => {
            socket.set_nonblocking(true)?;
            readers = Some(socket.local_addr()?);
            let socket = Socket::Tcp(TcpListener::from_std(socket)?);
            servers.push(runtime.spawn(serve(
                socket,
                router::router(Arc::clone(&desk)),
                Arc::clone(&limit),
                stopped.clone(),
            )));
        }
        ReaderSocket::Unix(socket) => {
            socket.set_nonblocking(true)?;
            let socket = Socket::Unix(UnixListener::from_std(socket)?);
            servers.push(runtime.spawn(serve(
                socket,
                router::router(Arc::clone(&desk)),
                Arc::clone(&limit),
                stopped.clone(),
            )));
        }
    }
    listeners.admin.set_nonblocking(true)?;
    let admin = listeners.admin.local_addr()?;
    let socket = Socket::Tcp(TcpListener::from_std(listeners.admin)?);
    let few = Arc::new(Semaphore::new(50));
    servers.push(runtime.spawn(serve(socket, admin::router(Arc::clone(&desk)), few, stopped)));
    drop(guard);
    let quiet = Arc::new((Mutex::new(false), Condvar::new()));
    Ok(Running { runtime, stop, quiet, outbox: None, servers, readers, admin, desk })
}

impl Running {
    /// Where readers reach it, if at a port.
    pub fn readers(&self) -> Option<SocketAddr> {
        self.readers
    }

    /// Where its keepers reach it.
    pub fn admin(&self) -> SocketAddr {
        self.admin
    }

    /// Starts to mail, on a thread of its own.
    pub fn mail(&mut self, outbox: Outbox) -> io::Result<()> {
        let (quiet, desk) = (Arc::clone(&self.quiet), Arc::clone(&self.desk));
        let thread = thread::Builder::new().name("outbox".to_owned());
        self.outbox = Some(thread.spawn(move || mail(outbox, &desk, &quiet))?);
        Ok(())
    }

    /// Waits for a signal to end (SIGTERM, SIGINT).
    pub fn until_told(&self) -> io::Result<()> {
        use tokio::signal::unix::{SignalKind, signal};
        self.runtime.block_on(async {
            let mut terminate = signal(SignalKind::terminate())?;
            let mut interrupt = signal(SignalKind::interrupt())?;
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            Ok(())
        })
    }

    /// Accepts nothing more, lets open requests and the letter in hand end, and stops.
    pub fn stop(mut self) {
        let _ = self.stop.send(true);
        if let Ok(mut quiet) = self.quiet.0.lock() {
            *quiet = true;
            self.quiet.1.notify_all();
        }
        let servers = std::mem::take(&mut self.servers);
        self.runtime.block_on(async {
            for server in servers {
                let _ = tokio::time::timeout(GRACE + Duration::from_secs(1), server).await;
            }
        });
        if let Some(outbox) = self.outbox.take() {
            let _ = outbox.join();
        }
    }
}

/// Mails until it is told to stop.
fn mail(mut outbox: Outbox, desk: &Desk, quiet: &(Mutex<bool>, Condvar)) {
    for pulse in 0_u32.. {
        let busy = outbox.step().and_then(|busy| {
            if pulse.is_multiple_of(TIDY) {
                outbox.tidy()?;
            }
            Ok(busy)
        });
        if let Err(error) = &busy {
            desk.tell("outbox", &[("error", &error.to_string())]);
        }
        let Ok(stopped) = quiet.0.lock() else { return };
        // A pause even under load: nobody can tell from the next answer what the last request led to.
        let pause = if busy == Ok(true) { PULSE / 5 } else { PULSE };
        let waited = quiet.1.wait_timeout_while(stopped, pause, |stopped| !*stopped);
        if waited.is_ok_and(|(stopped, _)| *stopped) {
            return;
        }
    }
}

enum Socket {
    Tcp(TcpListener),
    Unix(UnixListener),
}

async fn serve(socket: Socket, router: Router, limit: Arc<Semaphore>, mut stopped: watch::Receiver<bool>) {
    let open = GracefulShutdown::new();
    loop {
        let Ok(permit) = Arc::clone(&limit).acquire_owned().await else { break };
        tokio::select! {
            _ = stopped.changed() => break,
            accepted = accept(&socket) => match accepted {
                Ok((line, peer)) => {
                    let router = router.clone();
                    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
                        request.extensions_mut().insert(peer);
                        let mut router = router.clone();
                        async move { Service::call(&mut router, request).await }
                    });
                    let connection = http1::Builder::new()
                        .timer(TokioTimer::new())
                        .header_read_timeout(HEAD)
                        .max_buf_size(32 * 1024)
                        .serve_connection(TokioIo::new(line), service);
                    let connection = open.watch(connection);
                    tokio::spawn(async move {
                        let _ = connection.await;
                        drop(permit);
                    });
                }
                // Too many open files, for one: the machine needs a moment.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            },
        }
    }
    let _ = tokio::time::timeout(GRACE, open.shutdown()).await;
}

trait Line: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Line for T {}

async fn accept(socket: &Socket) -> io::Result<(Box<dyn Line>, Peer)> {
    match socket {
        Socket::Tcp(socket) => {
            let (line, address) = socket.accept().await?;
            line.set_nodelay(true)?;
            Ok((Box::new(line), Peer::Address(address.ip())))
        }
        Socket::Unix(socket) => {
            let (line, _) = socket.accept().await?;
            Ok((Box::new(line), Peer::Socket))
        }
    }
}
