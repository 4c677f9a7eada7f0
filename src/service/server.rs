//! The sockets: connections come in, are timed, are counted, and end gracefully.

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::Ordering;
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
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot, watch};
use tower_service::Service;

use crate::model::Network;

use super::asked::Peer;
use super::line::{Lines, Timed};
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
    /// Told when the mailing part has ended.
    outbox: Option<oneshot::Receiver<()>>,
    servers: Vec<tokio::task::JoinHandle<()>>,
    readers: Option<SocketAddr>,
    admin: SocketAddr,
    desk: Arc<Desk>,
}

/// Open connections at most; further ones wait to be accepted.
const CONNECTIONS: usize = 4_000;
/// And for keepers.
const KEEPERS: usize = 50;
/// And of one machine that is no proxy of ours; further ones are closed.
const CONNECTIONS_EACH: usize = 100;
/// Who takes nothing of an answer within this time loses it.
const WRITE: Duration = Duration::from_secs(60);
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
    let mut servers = Vec::new();
    let mut readers = None;
    let guard = runtime.enter();
    let socket = match listeners.readers {
        ReaderSocket::Tcp(socket) => {
            socket.set_nonblocking(true)?;
            readers = Some(socket.local_addr()?);
            Socket::Tcp(TcpListener::from_std(socket)?)
        }
        ReaderSocket::Unix(socket) => {
            socket.set_nonblocking(true)?;
            Socket::Unix(UnixListener::from_std(socket)?)
        }
    };
    let door = |router, limit| Door {
        desk: Arc::clone(&desk),
        router,
        limit: Arc::new(Semaphore::new(limit)),
        lines: Lines::default(),
    };
    let for_readers = door(router::router(Arc::clone(&desk)), CONNECTIONS);
    servers.push(runtime.spawn(for_readers.serve(socket, stopped.clone())));
    listeners.admin.set_nonblocking(true)?;
    let admin = listeners.admin.local_addr()?;
    let socket = Socket::Tcp(TcpListener::from_std(listeners.admin)?);
    let for_keepers = door(admin::router(Arc::clone(&desk)), KEEPERS);
    servers.push(runtime.spawn(for_keepers.serve(socket, stopped)));
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
        let (end, ended) = oneshot::channel();
        thread::Builder::new().name("outbox".to_owned()).spawn(move || {
            mail(outbox, &desk, &quiet);
            drop(desk);
            let _ = end.send(());
        })?;
        self.outbox = Some(ended);
        Ok(())
    }

    /// Waits for a signal to end (SIGTERM, SIGINT).
    pub fn until_told(&self) -> io::Result<Signals> {
        self.runtime.block_on(async {
            let mut signals = Signals::new()?;
            signals.next().await;
            Ok(signals)
        })
    }

    /// Accepts nothing more, lets open requests and the letter in hand end, and stops.
    pub fn stop(self) {
        self.stop_unless(std::future::pending());
    }

    /// The same, but at the next signal everything is left as it is.
    pub fn stop_until(self, mut signals: Signals) {
        self.stop_unless(async move { signals.next().await });
    }

    fn stop_unless(mut self, told_again: impl Future<Output = ()>) {
        self.desk.stopping.store(true, Ordering::SeqCst);
        let _ = self.stop.send(true);
        if let Ok(mut quiet) = self.quiet.0.lock() {
            *quiet = true;
            self.quiet.1.notify_all();
        }
        let servers = std::mem::take(&mut self.servers);
        let outbox = self.outbox.take();
        let in_haste = self.runtime.block_on(async {
            let ended = async {
                for server in servers {
                    let _ = tokio::time::timeout(GRACE + Duration::from_secs(1), server).await;
                }
                if let Some(outbox) = outbox {
                    let _ = outbox.await;
                }
            };
            tokio::select! {
                () = ended => false,
                () = told_again => true,
            }
        });
        if in_haste {
            self.runtime.shutdown_background();
        }
    }
}

/// The signals that end a service.
#[derive(Debug)]
pub struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
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

/// Where connections come in.
struct Door {
    desk: Arc<Desk>,
    router: Router,
    limit: Arc<Semaphore>,
    lines: Lines,
}

impl Door {
    async fn serve(self, socket: Socket, mut stopped: watch::Receiver<bool>) {
        let open = GracefulShutdown::new();
        loop {
            let Ok(permit) = Arc::clone(&self.limit).acquire_owned().await else { break };
            tokio::select! {
                _ = stopped.changed() => break,
                accepted = accept(&socket) => match accepted {
                    Ok((line, peer)) => self.answer(line, peer, permit, &open),
                    // Too many open files, for one: the machine needs a moment.
                    Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
                },
            }
        }
        let _ = tokio::time::timeout(GRACE, open.shutdown()).await;
    }

    /// Answers on a line until it ends.
    fn answer(&self, line: Box<dyn Line>, peer: Peer, permit: OwnedSemaphorePermit, open: &GracefulShutdown) {
        let counted = match peer {
            Peer::Address(address) if !self.desk.is_proxy(address) => {
                match self.lines.open(Network::of_machine(address), CONNECTIONS_EACH) {
                    Some(counted) => Some(counted),
                    None => return,
                }
            }
            _ => None,
        };
        let router = self.router.clone();
        let service = service_fn(move |mut request: hyper::Request<Incoming>| {
            request.extensions_mut().insert(peer);
            let mut router = router.clone();
            async move { Service::call(&mut router, request).await }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD)
            .max_buf_size(32 * 1024)
            .serve_connection(TokioIo::new(Timed::new(line, WRITE)), service);
        let connection = open.watch(connection);
        tokio::spawn(async move {
            let _ = connection.await;
            drop((permit, counted));
        });
    }
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
