//! A name server for tests: it knows a few records and answers over UDP and TCP at a port of 127.0.0.1, on threads of
//! its own, rightly or wrongly. It writes its messages itself.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// How the server answers over UDP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    /// As it should.
    Well,
    /// Not at all.
    Silent,
    /// With the flag that says: ask again over TCP.
    Truncated,
    /// The same, and cut in the middle of a record.
    Cut,
    /// With bytes that are no message.
    Garbage,
    /// With the answer to another question first, then with the right one.
    Late,
    /// With SERVFAIL.
    Failing,
}

/// One record.
#[derive(Debug, Clone)]
pub(crate) enum Data {
    Txt(String),
    Mx(u16, &'static str),
    A([u8; 4]),
}

/// Names with their records; a name may stand there several times.
pub(crate) type Zone = Vec<(String, Data)>;

/// A running name server. It stops when it is dropped.
pub(crate) struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

struct Shared {
    zone: Mutex<Zone>,
    manner: Manner,
    stop: AtomicBool,
    over_udp: AtomicUsize,
    over_tcp: AtomicUsize,
}

impl Server {
    pub(crate) fn start(zone: Zone, manner: Manner) -> Self {
        let (udp, tcp) = sockets();
        let address = udp.local_addr().expect("an address");
        udp.set_read_timeout(Some(Duration::from_millis(50))).expect("a timeout");
        let shared = Arc::new(Shared {
            zone: Mutex::new(zone),
            manner,
            stop: AtomicBool::new(false),
            over_udp: AtomicUsize::new(0),
            over_tcp: AtomicUsize::new(0),
        });
        let (over_udp, over_tcp) = (Arc::clone(&shared), Arc::clone(&shared));
        let threads = vec![
            thread::spawn(move || over_udp.serve_udp(&udp)),
            thread::spawn(move || over_tcp.serve_tcp(&tcp)),
        ];
        Self { address, shared, threads }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many questions came over UDP and over TCP.
    pub(crate) fn asked(&self) -> (usize, usize) {
        (self.shared.over_udp.load(Ordering::SeqCst), self.shared.over_tcp.load(Ordering::SeqCst))
    }
}

/// Both kinds of socket at one port.
fn sockets() -> (UdpSocket, TcpListener) {
    for _ in 0..100 {
        let tcp = TcpListener::bind("127.0.0.1:0").expect("a port");
        if let Ok(udp) = UdpSocket::bind(tcp.local_addr().expect("an address")) {
            return (udp, tcp);
        }
    }
    panic!("no port is free for both kinds of socket");
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::SeqCst);
        // One more connection wakes the one who waits for connections.
        let _ = std::net::TcpStream::connect(self.address);
        self.threads.drain(..).for_each(|thread| {
            let _ = thread.join();
        });
    }
}

impl Shared {
    fn stopped(&self) -> bool {
        self.stop.load(Ordering::SeqCst)
    }

    fn serve_udp(&self, socket: &UdpSocket) {
        let mut space = [0; 2048];
        while !self.stopped() {
            let Ok((length, from)) = socket.recv_from(&mut space) else { continue };
            self.over_udp.fetch_add(1, Ordering::SeqCst);
            let query = &space[..length];
            let right = self.answer(query);
            let send = |bytes: &[u8]| {
                let _ = socket.send_to(bytes, from);
            };
            match self.manner {
                Manner::Well => send(&right),
                Manner::Silent => {}
                Manner::Truncated => send(&flagged(&right[..question_end(&right)], 0x02, 0)),
                Manner::Cut => send(&flagged(&right[..right.len() - 3], 0x02, 0)),
                Manner::Garbage => send(b"\xff\xfe this is no answer \x00\x01"),
                Manner::Late => {
                    let mut other = right.clone();
                    other[0] ^= 0xff;
                    send(&other);
                    send(b"x");
                    thread::sleep(Duration::from_millis(20));
                    send(&right);
                }
                Manner::Failing => send(&flagged(&right[..question_end(&right)], 0, 2)),
            }
        }
    }

    fn serve_tcp(&self, listener: &TcpListener) {
        for stream in listener.incoming().flatten() {
            if self.stopped() {
                return;
            }
            let mut stream = stream;
            let mut head = [0; 2];
            if stream.read_exact(&mut head).is_err() {
                continue;
            }
            let mut query = vec![0; usize::from(u16::from_be_bytes(head))];
            if stream.read_exact(&mut query).is_err() {
                continue;
            }
            self.over_tcp.fetch_add(1, Ordering::SeqCst);
            let answer = self.answer(&query);
            let length = u16::try_from(answer.len()).expect("short").to_be_bytes();
            // In pieces, as lines deliver them.
            for piece in [&length[..1], &length[1..], &answer[..5], &answer[5..]] {
                let _ = stream.write_all(piece).and_then(|()| stream.flush());
                thread::sleep(Duration::from_millis(2));
            }
        }
    }

    fn answer(&self, query: &[u8]) -> Vec<u8> {
        let end = question_end(query);
        let name = name(query);
        let kind = u16::from_be_bytes([query[end - 4], query[end - 3]]);
        let zone = self.zone.lock().expect("the zone");
        let own: Vec<&Data> = zone
            .iter()
            .filter(|(known, _)| known.eq_ignore_ascii_case(&name))
            .map(|(_, data)| data)
            .collect();
        let known = !own.is_empty();
        let records: Vec<Vec<u8>> = own.into_iter().filter_map(|data| written(data, kind)).collect();
        let mut bytes = query[..2].to_vec();
        bytes.extend([0x81, if known { 0x80 } else { 0x83 }, 0, 1]);
        bytes.extend(u16::try_from(records.len()).expect("few").to_be_bytes());
        bytes.extend([0, 0, 0, 0]);
        bytes.extend(&query[12..end]);
        for data in records {
            // The name of the question, by its place.
            bytes.extend([0xc0, 12]);
            bytes.extend(kind.to_be_bytes());
            bytes.extend([0, 1, 0, 0, 0, 60]);
            bytes.extend(u16::try_from(data.len()).expect("short").to_be_bytes());
            bytes.extend(data);
        }
        bytes
    }
}

fn written(data: &Data, kind: u16) -> Option<Vec<u8>> {
    match (data, kind) {
        (Data::Txt(text), 16) => {
            let strings = text.as_bytes().chunks(200);
            Some(strings.flat_map(|piece| [&[piece.len() as u8][..], piece].concat()).collect())
        }
        (Data::Mx(preference, host), 15) => {
            let mut bytes = preference.to_be_bytes().to_vec();
            for label in host.split('.').filter(|label| !label.is_empty()) {
                bytes.push(label.len() as u8);
                bytes.extend(label.bytes());
            }
            bytes.push(0);
            Some(bytes)
        }
        (Data::A(address), 1) => Some(address.to_vec()),
        _ => None,
    }
}

fn name(query: &[u8]) -> String {
    let (mut at, mut labels) = (12, Vec::new());
    while query[at] != 0 {
        let length = usize::from(query[at]);
        labels.push(String::from_utf8_lossy(&query[at + 1..at + 1 + length]).into_owned());
        at += 1 + length;
    }
    labels.join(".")
}

/// Behind the name, the kind and the class of the question.
fn question_end(message: &[u8]) -> usize {
    let mut at = 12;
    while message[at] != 0 {
        at += 1 + usize::from(message[at]);
    }
    at + 5
}

/// A message with flags and a code of its own; without records where it is cut before them.
fn flagged(message: &[u8], flags: u8, code: u8) -> Vec<u8> {
    let mut message = message.to_vec();
    message[2] |= flags;
    message[3] = 0x80 | code;
    if message.len() == question_end(&message) {
        message[6..8].copy_from_slice(&[0, 0]);
    }
    message
}
