//! How many letters a second the wire hands over, on 1, 4, 16 and 64 lines: to a sink of its own, or to a server that
//! is named. `cargo bench --bench wire -- 127.0.0.1:2525 --letters 20000 --lines 4 --threads 1 --size 52000`

use std::future::ready;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rotative::config::Tls;
use rotative::mail::wire::{Attempted, Client, Endpoint, Gate, Place, Protocol, Times};
use rotative::model::{Answer, EmailAddress, Phase};

/// What is measured.
struct Run {
    host: String,
    port: u16,
    letters: usize,
    lines: usize,
    threads: usize,
    letter: Arc<Vec<u8>>,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let number = |name: &str| -> Option<usize> {
        let at = arguments.iter().position(|word| word == name)?;
        arguments.get(at + 1)?.parse().ok()
    };
    let place = arguments.first().and_then(|place| place.rsplit_once(':'));
    let (host, port) = match place.and_then(|(host, port)| Some((host.to_owned(), port.parse().ok()?))) {
        Some(place) => place,
        None => ("127.0.0.1".to_owned(), sink()),
    };
    let letter = Arc::new(letter(number("--size").unwrap_or(52_000)));
    let lines = number("--lines").map_or(vec![1, 4, 16, 64], |lines| vec![lines]);
    say(&format!("letters of {} bytes to {host}:{port}; letters a second", letter.len()));
    for lines in lines {
        let run = Run {
            host: host.clone(),
            port,
            letters: number("--letters").unwrap_or(5000),
            lines,
            threads: number("--threads").unwrap_or(1),
            letter: Arc::clone(&letter),
        };
        say(&format!("{lines:>4} lines: {:>8.0}", run.measure()));
    }
}

impl Run {
    fn measure(self) -> f64 {
        let mut builder = if self.threads > 1 {
            tokio::runtime::Builder::new_multi_thread()
        } else {
            tokio::runtime::Builder::new_current_thread()
        };
        let runtime = builder.worker_threads(self.threads).enable_all().build().expect("a runtime");
        let (letters, lines) = (self.letters, self.lines);
        let run = Arc::new(self);
        let left = Arc::new(AtomicUsize::new(letters));
        let begun = Instant::now();
        runtime.block_on(async {
            let tasks: Vec<_> =
                (0..lines).map(|_| tokio::spawn(hand_over(Arc::clone(&run), Arc::clone(&left)))).collect();
            for task in tasks {
                task.await.expect("a line");
            }
        });
        letters as f64 / begun.elapsed().as_secs_f64()
    }
}

/// One line, for as long as there are letters.
async fn hand_over(run: Arc<Run>, left: Arc<AtomicUsize>) {
    let place = Place::Tcp { host: run.host.clone(), port: run.port };
    let endpoint = Endpoint { place, protocol: Protocol::Smtp, tls: Tls::None };
    let client = Client::new(endpoint, "bench.example", None, None, Times::default()).expect("a client");
    let address = |text: &str| EmailAddress::parse(text).expect("an address");
    let (from, to) = (address("a@b.example"), address("c@d.example"));
    let mut line = client.open().await.unwrap_or_else(|failure| panic!("{failure:?}"));
    while left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok() {
        let attempted = line.deliver(&from, &to, &run.letter, ready(Gate::Open)).await;
        let taken = matches!(&attempted, Attempted::Answered { phase: Phase::Dot, answer: Answer::Reply(reply) }
            if reply.code == 250);
        assert!(taken, "{attempted:?}");
    }
    line.quit().await;
}

fn letter(size: usize) -> Vec<u8> {
    let mut letter = b"Subject: x\r\n\r\n".to_vec();
    while letter.len() < size {
        letter.extend_from_slice(
            b"Une ligne comme il y en a tant dans un journal du matin, de 76 octets. =\r\n",
        );
    }
    letter
}

/// A server that takes everything and reads as little of it as can be.
fn sink() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    thread::spawn(move || {
        for socket in listener.incoming().flatten() {
            thread::spawn(move || swallow(socket));
        }
    });
    port
}

fn swallow(mut socket: TcpStream) -> io::Result<()> {
    socket.set_nodelay(true)?;
    socket.set_read_timeout(Some(Duration::from_secs(60)))?;
    socket.write_all(b"220 sink\r\n")?;
    let mut space = vec![0; 65536];
    let mut text: Vec<u8> = Vec::new();
    loop {
        let count = socket.read(&mut space)?;
        if count == 0 {
            return Ok(());
        }
        text.extend_from_slice(&space[..count]);
        if text.ends_with(b"\r\nDATA\r\n") {
            socket.write_all(b"250 ok\r\n250 ok\r\n354 go\r\n")?;
        } else if text.ends_with(b"\r\n.\r\n") {
            socket.write_all(b"250 taken\r\n")?;
        } else if text.starts_with(b"EHLO") {
            socket.write_all(b"250-sink\r\n250 PIPELINING\r\n")?;
        } else if text.starts_with(b"QUIT") {
            return socket.write_all(b"221 bye\r\n");
        } else {
            let keep = text.len().saturating_sub(8);
            text.drain(..keep);
            continue;
        }
        text.clear();
    }
}

fn say(line: &str) {
    let _ = writeln!(io::stdout(), "{line}");
}
