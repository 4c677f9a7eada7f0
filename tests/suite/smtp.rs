//! A relay for tests that does what a script says and keeps the truth: what it took, for whom, with which bytes, and
//! every decision it made. It speaks SMTP or LMTP, over TCP, TLS or a socket in the file system, on threads of its
//! own; nothing of the program is used to make it.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use base64::Engine;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// Where in a dialogue something happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Point {
    Greeting,
    Hello,
    StartTls,
    Auth,
    Mail,
    Rcpt,
    Data,
    /// So many bytes of the letter have been read, as they came over the wire.
    Body(usize),
    /// The final dot has been read.
    Dot,
    Reset,
    Quit,
}

/// What the relay does there instead of what it usually does.
#[derive(Debug, Clone)]
pub(crate) enum Does {
    /// Answers with this line; a 2xx to the dot takes the letter.
    Say(String),
    /// Sends these bytes, whatever they are, and waits for the next command.
    Raw(Vec<u8>),
    /// Closes the connection.
    Drop,
    /// Resets the connection (RST).
    Reset,
    /// Never answers, and reads no more.
    Hang,
    /// Answers, and reads no more.
    SayAndHang(String),
    /// Waits first.
    After(Duration, Box<Does>),
    /// Takes the letter, whatever comes then.
    Take(Box<Does>),
}

/// Whom a rule is for.
#[derive(Debug, Clone)]
pub(crate) enum Who {
    All,
    /// One recipient; at MAIL, where none is known yet, one sender.
    One(String),
    /// This share of all, by the seed.
    Share(f64),
}

/// One rule of a script. The first that fits is followed.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    pub(crate) point: Point,
    pub(crate) who: Who,
    /// How often it still applies.
    pub(crate) times: u32,
    pub(crate) does: Does,
}

/// What a relay offers and does. The default takes everything.
#[derive(Clone)]
pub(crate) struct Script {
    /// Keywords after EHLO; STARTTLS and AUTH add themselves.
    pub(crate) offers: Vec<String>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) seed: u64,
    /// Before each reply.
    pub(crate) latency: Duration,
    /// Replies go out byte by byte.
    pub(crate) byte_by_byte: bool,
    /// The most that is read, in bytes a second.
    pub(crate) rate: Option<u32>,
    /// More connections at the same time are answered 421.
    pub(crate) connections: usize,
    /// More letters on one connection are answered 421.
    pub(crate) letters: u32,
    pub(crate) secure: Option<Secure>,
    /// The only user and password that are let in, and the ways offered.
    pub(crate) login: Option<Login>,
}

/// TLS of a relay.
#[derive(Clone)]
pub(crate) struct Secure {
    pub(crate) config: Arc<ServerConfig>,
    pub(crate) start: Start,
}

/// How TLS begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Start {
    AtOnce,
    Command,
    /// Somebody on the way has taken STARTTLS out of the offers.
    Stripped,
}

/// Who is let in.
#[derive(Debug, Clone)]
pub(crate) struct Login {
    pub(crate) ways: String,
    pub(crate) user: String,
    pub(crate) password: String,
}

/// A letter that the relay has answered for, or would have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Taken {
    pub(crate) to: String,
    pub(crate) from: String,
    /// Without the doubled dots.
    pub(crate) letter: Vec<u8>,
    /// On which connection, from 1.
    pub(crate) line: usize,
}

/// Something that the relay decided.
#[derive(Debug, Clone)]
pub(crate) struct Decision {
    pub(crate) line: usize,
    pub(crate) point: Point,
    /// Whom it concerned.
    pub(crate) to: String,
    /// What it did, and whether a rule of the script made it.
    pub(crate) did: String,
}

/// A running relay. It stops when it is dropped.
pub(crate) struct Server {
    port: u16,
    path: Option<PathBuf>,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    script: Script,
    left: Mutex<Vec<u32>>,
    truth: Mutex<Truth>,
    open: AtomicUsize,
    lines: AtomicUsize,
    drawn: AtomicUsize,
    stop: AtomicBool,
}

#[derive(Default)]
struct Truth {
    taken: Vec<Taken>,
    decisions: Vec<Decision>,
    heard: Vec<String>,
}

impl Default for Script {
    fn default() -> Self {
        let offers = ["PIPELINING", "8BITMIME", "SIZE 10485760", "SMTPUTF8", "ENHANCEDSTATUSCODES"];
        Self {
            offers: offers.map(str::to_owned).to_vec(),
            rules: Vec::new(),
            seed: 1,
            latency: Duration::ZERO,
            byte_by_byte: false,
            rate: None,
            connections: usize::MAX,
            letters: u32::MAX,
            secure: None,
            login: None,
        }
    }
}

impl Script {
    /// Always does this at that point.
    pub(crate) fn on(self, point: Point, does: Does) -> Self {
        self.rule(Rule { point, who: Who::All, times: u32::MAX, does })
    }

    /// Does this the first times it comes to that point.
    pub(crate) fn first(self, times: u32, point: Point, does: Does) -> Self {
        self.rule(Rule { point, who: Who::All, times, does })
    }

    /// Does this for one recipient, so many times.
    pub(crate) fn to(self, address: &str, times: u32, point: Point, does: Does) -> Self {
        self.rule(Rule { point, who: Who::One(address.to_owned()), times, does })
    }

    /// Does this for a share of all, by the seed.
    pub(crate) fn share(self, share: f64, point: Point, does: Does) -> Self {
        self.rule(Rule { point, who: Who::Share(share), times: u32::MAX, does })
    }

    pub(crate) fn rule(mut self, rule: Rule) -> Self {
        self.rules.push(rule);
        self
    }

    /// Without some of its offers.
    pub(crate) fn without(mut self, offers: &[&str]) -> Self {
        self.offers.retain(|offer| !offers.iter().any(|without| offer.starts_with(without)));
        self
    }
}

impl Does {
    pub(crate) fn say(line: &str) -> Self {
        Self::Say(line.to_owned())
    }

    pub(crate) fn after(wait: Duration, does: Self) -> Self {
        Self::After(wait, Box::new(does))
    }

    pub(crate) fn take(does: Self) -> Self {
        Self::Take(Box::new(does))
    }

    fn takes(&self) -> bool {
        match self {
            Self::Say(line) | Self::SayAndHang(line) => line.starts_with('2'),
            Self::After(_, does) => does.takes(),
            Self::Take(_) => true,
            Self::Raw(_) | Self::Drop | Self::Reset | Self::Hang => false,
        }
    }
}

impl Server {
    /// Starts at a port of 127.0.0.1 that is free.
    pub(crate) fn start(script: Script) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let shared = Shared::new(script);
        let accepting = Arc::clone(&shared);
        let thread = thread::spawn(move || {
            for socket in listener.incoming().flatten() {
                if !accepting.accept(Io::Tcp(socket)) {
                    return;
                }
            }
        });
        Self { port, path: None, shared, thread: Some(thread) }
    }

    /// Starts at a socket in the file system.
    pub(crate) fn start_at(path: &Path, script: Script) -> Self {
        let listener = UnixListener::bind(path).expect("a socket");
        let shared = Shared::new(script);
        let accepting = Arc::clone(&shared);
        let thread = thread::spawn(move || {
            for socket in listener.incoming().flatten() {
                if !accepting.accept(Io::Unix(socket)) {
                    return;
                }
            }
        });
        Self { port: 0, path: Some(path.to_owned()), shared, thread: Some(thread) }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// All that was taken, in order.
    pub(crate) fn accepted(&self) -> Vec<Taken> {
        self.shared.truth().taken.clone()
    }

    /// How often something was taken for a recipient.
    pub(crate) fn accepted_for(&self, to: &str) -> usize {
        self.shared.truth().taken.iter().filter(|taken| taken.to == to).count()
    }

    /// All decisions, in order.
    pub(crate) fn decisions(&self) -> Vec<Decision> {
        self.shared.truth().decisions.clone()
    }

    /// All command lines that came in.
    pub(crate) fn heard(&self) -> Vec<String> {
        self.shared.truth().heard.clone()
    }

    /// Connections so far.
    pub(crate) fn lines(&self) -> usize {
        self.shared.lines.load(Ordering::SeqCst)
    }

    /// Waits until a decision at a point has been carried out and its effect has come over.
    pub(crate) async fn has_come_to(&self, point: Point) {
        let start = Instant::now();
        while !self.decisions().iter().any(|decision| decision.point == point) {
            assert!(start.elapsed() < Duration::from_secs(20), "nothing happens at {point:?}");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::SeqCst);
        // One more connection wakes the one who waits for connections.
        match &self.path {
            Some(path) => drop(UnixStream::connect(path)),
            None => drop(TcpStream::connect(("127.0.0.1", self.port))),
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn new(script: Script) -> Arc<Self> {
        let left = script.rules.iter().map(|rule| rule.times).collect();
        Arc::new(Self {
            script,
            left: Mutex::new(left),
            truth: Mutex::default(),
            open: AtomicUsize::new(0),
            lines: AtomicUsize::new(0),
            drawn: AtomicUsize::new(0),
            stop: AtomicBool::new(false),
        })
    }

    fn truth(&self) -> MutexGuard<'_, Truth> {
        self.truth.lock().expect("the truth")
    }

    fn stopped(&self) -> bool {
        self.stop.load(Ordering::SeqCst)
    }

    /// Answers a call on a thread of its own; false once the relay is stopped.
    fn accept(self: &Arc<Self>, io: Io) -> bool {
        if self.stopped() {
            return false;
        }
        let shared = Arc::clone(self);
        let line = self.lines.fetch_add(1, Ordering::SeqCst) + 1;
        let others = self.open.fetch_add(1, Ordering::SeqCst);
        thread::spawn(move || {
            let mut call = Call { io, shared, line, buffer: Vec::new(), from: None, to: None, letters: 0 };
            let _ = call.answer(others);
            call.shared.open.fetch_sub(1, Ordering::SeqCst);
        });
        true
    }

    /// The next number of the seeded sequence, between 0 and 1 (SplitMix64).
    fn draw(&self) -> f64 {
        let step = self.drawn.fetch_add(1, Ordering::SeqCst) as u64 + 1;
        let mut z = self.script.seed.wrapping_add(step.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// What the script says of a point, if anything.
    fn rule(&self, point: Point, about: &str) -> Option<Does> {
        let mut left = self.left.lock().expect("rules");
        for (rule, left) in self.script.rules.iter().zip(left.iter_mut()) {
            let fits = match &rule.who {
                Who::All => true,
                Who::One(address) => address.eq_ignore_ascii_case(about),
                Who::Share(share) => rule.point == point && self.draw() < *share,
            };
            if rule.point == point && fits && *left > 0 {
                *left -= 1;
                return Some(rule.does.clone());
            }
        }
        None
    }
}

enum Io {
    Tcp(TcpStream),
    Tls(Box<StreamOwned<ServerConnection, TcpStream>>),
    Unix(UnixStream),
    Closed,
}

/// One connection.
struct Call {
    io: Io,
    shared: Arc<Shared>,
    line: usize,
    buffer: Vec<u8>,
    from: Option<String>,
    to: Option<String>,
    letters: u32,
}

/// The connection is over.
struct Over;

type Going<T> = Result<T, Over>;

impl Call {
    fn answer(&mut self, others: usize) -> Going<()> {
        self.io.patience();
        if self.start() == Some(Start::AtOnce) {
            self.secure()?;
        }
        if others >= self.shared.script.connections {
            self.act(&Does::say("421 4.7.0 too many connections"))?;
            return Err(Over);
        }
        if self.point(Point::Greeting, "220 relay.test ESMTP")? == 421 {
            return Err(Over);
        }
        loop {
            let line = self.read_line()?;
            let upper = line.to_ascii_uppercase();
            match upper.split([' ', ':']).next().unwrap_or_default() {
                "EHLO" | "LHLO" => self.hello()?,
                "HELO" => drop(self.point(Point::Hello, "250 relay.test")?),
                "STARTTLS" => {
                    if self.point(Point::StartTls, "220 2.0.0 go on")? == 220 {
                        self.buffer.clear();
                        self.secure()?;
                    }
                }
                "AUTH" => self.log_in(&line)?,
                "MAIL" => self.mail(&line)?,
                "RCPT" => self.rcpt(&line)?,
                "DATA" => self.data()?,
                "RSET" => {
                    (self.from, self.to) = (None, None);
                    self.point(Point::Reset, "250 2.0.0 forgotten")?;
                }
                "QUIT" => {
                    self.point(Point::Quit, "221 2.0.0 goodbye")?;
                    return Err(Over);
                }
                _ => drop(self.say("500 5.5.2 what")?),
            }
        }
    }

    fn start(&self) -> Option<Start> {
        self.shared.script.secure.as_ref().map(|secure| secure.start)
    }

    fn secure(&mut self) -> Going<()> {
        let config =
            self.shared.script.secure.as_ref().map(|secure| Arc::clone(&secure.config)).ok_or(Over)?;
        let Io::Tcp(socket) = std::mem::replace(&mut self.io, Io::Closed) else { return Err(Over) };
        let mut tls = StreamOwned::new(ServerConnection::new(config).map_err(|_| Over)?, socket);
        let _ = tls.sock.set_read_timeout(Some(Duration::from_secs(10)));
        while tls.conn.is_handshaking() {
            tls.conn.complete_io(&mut tls.sock).map_err(|_| Over)?;
        }
        self.io = Io::Tls(Box::new(tls));
        self.io.patience();
        Ok(())
    }

    fn hello(&mut self) -> Going<()> {
        let mut offers = self.shared.script.offers.clone();
        if matches!(self.io, Io::Tcp(_)) && self.start() == Some(Start::Command) {
            offers.push("STARTTLS".to_owned());
        }
        offers.extend(self.shared.script.login.as_ref().map(|login| format!("AUTH {}", login.ways)));
        let mut reply = "250-relay.test".to_owned();
        for (at, offer) in offers.iter().enumerate() {
            let mark = if at + 1 == offers.len() { ' ' } else { '-' };
            reply.push_str(&format!("\r\n250{mark}{offer}"));
        }
        if offers.is_empty() {
            reply = "250 relay.test".to_owned();
        }
        self.point(Point::Hello, &reply).map(drop)
    }

    fn log_in(&mut self, line: &str) -> Going<()> {
        let (way, start) = line.trim().get(5..).unwrap_or_default().split_once(' ').unwrap_or((line, ""));
        let decode = |text: &str| {
            let bytes = base64::engine::general_purpose::STANDARD.decode(text.trim()).unwrap_or_default();
            String::from_utf8_lossy(&bytes).into_owned()
        };
        let said = if line.to_ascii_uppercase().starts_with("AUTH LOGIN") {
            self.say("334 VXNlcm5hbWU6")?;
            let user = decode(&self.read_line()?);
            self.say("334 UGFzc3dvcmQ6")?;
            format!("\0{user}\0{}", decode(&self.read_line()?))
        } else if start.is_empty() {
            self.say("334 ")?;
            decode(&self.read_line()?)
        } else {
            decode(start)
        };
        let right = self.shared.script.login.as_ref().is_some_and(|login| {
            let (user, password) = (&login.user, &login.password);
            let bearer = format!("user={user}\x01auth=Bearer {password}\x01\x01");
            if way == "XOAUTH2" { said == bearer } else { said == format!("\0{user}\0{password}") }
        });
        self.point(Point::Auth, if right { "235 2.7.0 welcome" } else { "535 5.7.8 no" }).map(drop)
    }

    fn mail(&mut self, line: &str) -> Going<()> {
        let from = path(line);
        if self.letters >= self.shared.script.letters {
            self.act(&Does::say("421 4.7.0 enough on this line"))?;
            return Err(Over);
        }
        (self.from, self.to) = (None, None);
        let about = from.clone();
        if self.point_about(Point::Mail, &about, "250 2.1.0 fine")? / 100 == 2 {
            self.from = Some(from);
        }
        Ok(())
    }

    fn rcpt(&mut self, line: &str) -> Going<()> {
        if self.from.is_none() {
            return self.say("503 5.5.1 who writes?").map(drop);
        }
        let to = path(line);
        if self.point_about(Point::Rcpt, &to, "250 2.1.5 fine")? / 100 == 2 {
            self.to = Some(to);
        }
        Ok(())
    }

    fn data(&mut self) -> Going<()> {
        let Some(to) = self.to.clone() else { return self.say("503 5.5.1 to whom?").map(drop) };
        if self.point_about(Point::Data, &to, "354 go on")? != 354 {
            return Ok(());
        }
        let letter = self.read_letter(&to)?;
        let does = self.shared.rule(Point::Dot, &to);
        let by_rule = does.is_some();
        let does =
            does.unwrap_or_else(|| Does::Say(format!("250 2.0.0 taken as {}-{}", self.line, self.letters)));
        if does.takes() {
            self.letters += 1;
            let from = self.from.clone().unwrap_or_default();
            self.shared.truth().taken.push(Taken { to: to.clone(), from, letter, line: self.line });
        }
        (self.from, self.to) = (None, None);
        self.note(Point::Dot, &to, &does, by_rule);
        self.act(&does).map(drop)
    }

    /// Reads up to CRLF.CRLF and takes doubled dots away, stopping where the script says.
    fn read_letter(&mut self, to: &str) -> Going<Vec<u8>> {
        let mut stops: Vec<usize> = self.shared.script.rules.iter().filter_map(Rule::body).collect();
        stops.sort_unstable();
        stops.dedup();
        let mut raw = Vec::new();
        let mut stops = stops.into_iter().peekable();
        loop {
            while stops.peek() == Some(&raw.len()) {
                let at = Point::Body(raw.len());
                stops.next();
                if let Some(does) = self.shared.rule(at, to) {
                    self.note(at, to, &does, true);
                    self.act(&does)?;
                }
            }
            if raw == b".\r\n" || raw.ends_with(b"\r\n.\r\n") {
                break;
            }
            // To the next stop, or to the next line end: a dot may follow it.
            let line =
                self.buffer.iter().position(|byte| *byte == b'\n').map_or(self.buffer.len(), |at| at + 1);
            let most = stops.peek().map_or(line, |stop| line.min(stop - raw.len()));
            if self.buffer.is_empty() {
                let room = stops.peek().map_or(65536, |stop| stop - raw.len());
                self.fill(room)?;
                continue;
            }
            raw.extend(self.buffer.drain(..most));
        }
        let text = raw.strip_suffix(b".\r\n").unwrap_or(&raw);
        let mut letter = Vec::new();
        let mut line_start = true;
        for byte in text {
            if !(line_start && *byte == b'.') {
                letter.push(*byte);
            }
            line_start = *byte == b'\n';
        }
        Ok(letter)
    }

    fn point(&mut self, point: Point, usual: &str) -> Going<u16> {
        let about = self.to.clone().unwrap_or_default();
        self.point_about(point, &about, usual)
    }

    /// Does what the script says of a point, or the usual; gives the code that was answered, or 0.
    fn point_about(&mut self, point: Point, about: &str, usual: &str) -> Going<u16> {
        let does = self.shared.rule(point, about);
        let by_rule = does.is_some();
        let does = does.unwrap_or_else(|| Does::say(usual));
        let code = self.act(&does);
        self.note(point, about, &does, by_rule);
        code
    }

    fn note(&self, point: Point, about: &str, does: &Does, by_rule: bool) {
        let did = format!("{does:?}{}", if by_rule { " (script)" } else { "" });
        let decision = Decision { line: self.line, point, to: about.to_owned(), did };
        self.shared.truth().decisions.push(decision);
    }

    fn act(&mut self, does: &Does) -> Going<u16> {
        match does {
            Does::Say(line) => self.say(line),
            Does::Raw(bytes) => {
                self.send(bytes)?;
                Ok(if bytes.starts_with(b"354") { 354 } else { 0 })
            }
            Does::Drop => {
                self.io.close();
                Err(Over)
            }
            Does::Reset => {
                self.io.reset();
                Err(Over)
            }
            Does::Hang => self.hang(),
            Does::SayAndHang(line) => {
                self.say(line)?;
                self.hang()
            }
            Does::After(wait, does) => {
                self.wait(*wait)?;
                self.act(does)
            }
            Does::Take(does) => self.act(does),
        }
    }

    fn hang(&self) -> Going<u16> {
        self.wait(Duration::from_secs(3600))?;
        Err(Over)
    }

    fn wait(&self, wait: Duration) -> Going<()> {
        let end = Instant::now() + wait;
        while Instant::now() < end {
            if self.shared.stopped() {
                return Err(Over);
            }
            thread::sleep(Duration::from_millis(5).min(end.saturating_duration_since(Instant::now())));
        }
        Ok(())
    }

    fn say(&mut self, line: &str) -> Going<u16> {
        self.wait(self.shared.script.latency)?;
        self.send(format!("{line}\r\n").as_bytes())?;
        Ok(line.get(..3).and_then(|code| code.parse().ok()).unwrap_or(0))
    }

    fn send(&mut self, bytes: &[u8]) -> Going<()> {
        if self.shared.script.byte_by_byte {
            for byte in bytes {
                self.io.send(&[*byte])?;
                thread::sleep(Duration::from_micros(300));
            }
            return Ok(());
        }
        self.io.send(bytes)
    }

    fn read_line(&mut self) -> Going<String> {
        loop {
            if let Some(end) = self.buffer.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.buffer.drain(..=end).collect();
                let line = String::from_utf8_lossy(&line).trim_end().to_owned();
                self.shared.truth().heard.push(line.clone());
                return Ok(line);
            }
            self.fill(65536)?;
        }
    }

    /// Reads at most so many bytes more.
    fn fill(&mut self, room: usize) -> Going<()> {
        let most = self.shared.script.rate.map_or(room, |rate| room.min((rate / 20).max(1) as usize));
        let mut space = vec![0; most.max(1)];
        loop {
            if self.shared.stopped() {
                return Err(Over);
            }
            match self.io.read(&mut space) {
                Ok(0) => return Err(Over),
                Ok(count) => {
                    self.buffer.extend(space.iter().take(count));
                    if self.shared.script.rate.is_some() {
                        thread::sleep(Duration::from_millis(50));
                    }
                    return Ok(());
                }
                Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
                }
                Err(_) => return Err(Over),
            }
        }
    }
}

impl Rule {
    fn body(&self) -> Option<usize> {
        match self.point {
            Point::Body(at) => Some(at),
            _ => None,
        }
    }
}

impl Io {
    /// Reads give up from time to time, so that a stopped relay ends.
    fn patience(&mut self) {
        let patience = Some(Duration::from_millis(100));
        let _ = match self {
            Self::Tcp(socket) => socket.set_read_timeout(patience).and(socket.set_nodelay(true)),
            Self::Tls(tls) => tls.sock.set_read_timeout(patience).and(tls.sock.set_nodelay(true)),
            Self::Unix(socket) => socket.set_read_timeout(patience),
            Self::Closed => Ok(()),
        };
    }

    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(socket) => socket.read(into),
            Self::Tls(tls) => tls.read(into),
            Self::Unix(socket) => socket.read(into),
            Self::Closed => Ok(0),
        }
    }

    fn send(&mut self, bytes: &[u8]) -> Going<()> {
        let sent = match self {
            Self::Tcp(socket) => socket.write_all(bytes),
            Self::Tls(tls) => tls.write_all(bytes).and_then(|()| tls.flush()),
            Self::Unix(socket) => socket.write_all(bytes),
            Self::Closed => return Err(Over),
        };
        sent.map_err(|_| Over)
    }

    fn close(&mut self) {
        let _ = match self {
            Self::Tcp(socket) => socket.shutdown(Shutdown::Both),
            Self::Tls(tls) => tls.sock.shutdown(Shutdown::Both),
            Self::Unix(socket) => socket.shutdown(Shutdown::Both),
            Self::Closed => Ok(()),
        };
        *self = Self::Closed;
    }

    /// A close that lingers for no time is a RST.
    fn reset(&mut self) {
        let linger = Some(Duration::ZERO);
        let _ = match self {
            Self::Tcp(socket) => socket2::SockRef::from(&*socket).set_linger(linger),
            Self::Tls(tls) => socket2::SockRef::from(&tls.sock).set_linger(linger),
            Self::Unix(_) | Self::Closed => Ok(()),
        };
        *self = Self::Closed;
    }
}

/// What stands between `<` and `>`.
fn path(line: &str) -> String {
    let (_, rest) = line.split_once('<').unwrap_or_default();
    rest.split('>').next().unwrap_or_default().to_owned()
}

/// An authority that issues certificates for relays.
pub(crate) struct Authority {
    issuer: rcgen::Issuer<'static, rcgen::KeyPair>,
    pem: String,
}

/// How long a certificate is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Good {
    Now,
    LongAgo,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let key = rcgen::KeyPair::generate().expect("a key");
        let mut about = rcgen::CertificateParams::new(Vec::<String>::new()).expect("an authority");
        about.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let pem = about.self_signed(&key).expect("a certificate").pem();
        Self { issuer: rcgen::Issuer::new(about, key), pem }
    }

    /// Its own certificate.
    pub(crate) fn pem(&self) -> &str {
        &self.pem
    }

    /// TLS of a relay with a certificate for a name.
    pub(crate) fn tls(&self, name: &str, good: Good) -> Arc<ServerConfig> {
        let key = rcgen::KeyPair::generate().expect("a key");
        let mut about = rcgen::CertificateParams::new(vec![name.to_owned()]).expect("a relay");
        if good == Good::LongAgo {
            about.not_before = rcgen::date_time_ymd(2001, 1, 1);
            about.not_after = rcgen::date_time_ymd(2002, 1, 1);
        }
        let certificate = about.signed_by(&key, &self.issuer).expect("a certificate");
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("TLS")
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                rustls::pki_types::PrivateKeyDer::try_from(key.serialize_der()).expect("a key"),
            );
        Arc::new(config.expect("TLS"))
    }
}
