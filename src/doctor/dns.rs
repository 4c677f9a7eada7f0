//! Questions to a name server: UDP first, TCP where the answer does not fit (RFC 1035; RFC 7766).

use std::cell::Cell;
use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, UdpSocket};
use std::time::{Duration, Instant};

use simple_dns::rdata::RData;
use simple_dns::{CLASS, Name, Packet, PacketFlag, QCLASS, QTYPE, Question, RCODE, TYPE};
use thiserror::Error;

/// What can be asked about names.
pub trait Records {
    /// The texts of a name, each joined from its pieces; none where there is no such name.
    fn txt(&self, name: &str) -> Result<Vec<String>, DnsError>;
    /// The mail servers of a domain with their preference; an empty name says that it takes no mail (RFC 7505).
    fn mx(&self, name: &str) -> Result<Vec<(u16, String)>, DnsError>;
    /// The addresses of a host.
    fn addresses(&self, name: &str) -> Result<Vec<IpAddr>, DnsError>;
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DnsError {
    /// The text is no name.
    #[error("`{0}` is not a name that can be asked for")]
    Name(String),
    /// No answer came in time.
    #[error("the name server {0} does not answer")]
    Silent(SocketAddr),
    /// What came was no answer.
    #[error("what the name server {0} says is no answer")]
    Garbage(SocketAddr),
    /// The server knows no answer.
    #[error("the name server {server} answers `{code}`")]
    Refused {
        /// The server.
        server: SocketAddr,
        /// What it answered.
        code: String,
    },
    /// There is no way to the server.
    #[error("the name server {server} cannot be reached: {why}")]
    Unreachable {
        /// The server.
        server: SocketAddr,
        /// What the system said.
        why: String,
    },
}

/// Asks name servers.
#[derive(Debug)]
pub struct Resolver {
    servers: Vec<SocketAddr>,
    chance: fn() -> u64,
    patience: Duration,
    /// Set once all servers were silent: the next question is not waited for as long again.
    silent: Cell<Option<SocketAddr>>,
}

const TRIES: usize = 2;
/// The largest answer over UDP that is asked for; larger ones are lost on some ways (RFC 9715).
const UDP_SIZE: u16 = 1232;

impl Resolver {
    /// Asks these servers, one after the other, each twice, for three seconds each time.
    pub fn new(servers: Vec<SocketAddr>, chance: fn() -> u64) -> Self {
        Self { servers, chance, patience: Duration::from_secs(3), silent: Cell::new(None) }
    }

    /// The same, which waits for so long.
    #[must_use]
    pub fn with_patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    fn ask<T>(
        &self,
        name: &str,
        kind: TYPE,
        take: impl Fn(&RData<'_>) -> Option<T>,
    ) -> Result<Vec<T>, DnsError> {
        if let Some(server) = self.silent.get() {
            return Err(DnsError::Silent(server));
        }
        let query = Query::new(name, kind, (self.chance)())?;
        let mut failure = None;
        for server in (0..TRIES).flat_map(|_| &self.servers) {
            let answer = self.answer(*server, &query);
            let judged = answer.as_ref().map_err(Clone::clone).and_then(|bytes| judge(bytes, *server));
            match judged {
                Ok(packet) => {
                    return Ok(packet.answers.iter().filter_map(|record| take(&record.rdata)).collect());
                }
                Err(error) => failure = Some(error),
            }
        }
        let failure = failure.unwrap_or(DnsError::Name(name.to_owned()));
        if let DnsError::Silent(server) = failure {
            self.silent.set(Some(server));
        }
        Err(failure)
    }

    /// A whole answer to the question, from one server.
    fn answer(&self, server: SocketAddr, query: &Query<'_>) -> Result<Vec<u8>, DnsError> {
        let failed = |error: io::Error| match error.kind() {
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => DnsError::Silent(server),
            io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => DnsError::Garbage(server),
            _ => DnsError::Unreachable { server, why: error.to_string() },
        };
        let deadline = Instant::now() + self.patience;
        let answer = udp(server, query, deadline).map_err(failed)?;
        let whole = Packet::parse(&answer).is_ok_and(|packet| !packet.has_flags(PacketFlag::TRUNCATION));
        if whole { Ok(answer) } else { tcp(server, query, Instant::now() + self.patience).map_err(failed) }
    }
}

impl Records for Resolver {
    fn txt(&self, name: &str) -> Result<Vec<String>, DnsError> {
        self.ask(name, TYPE::TXT, |data| match data {
            RData::TXT(text) => Some(String::try_from(text.clone()).unwrap_or_default()),
            _ => None,
        })
    }

    fn mx(&self, name: &str) -> Result<Vec<(u16, String)>, DnsError> {
        self.ask(name, TYPE::MX, |data| match data {
            RData::MX(mx) => Some((mx.preference, mx.exchange.to_string().trim_end_matches('.').to_owned())),
            _ => None,
        })
    }

    fn addresses(&self, name: &str) -> Result<Vec<IpAddr>, DnsError> {
        let mut found = self.ask(name, TYPE::A, |data| match data {
            RData::A(a) => Some(IpAddr::from(Ipv4Addr::from(a.address))),
            _ => None,
        })?;
        found.extend(self.ask(name, TYPE::AAAA, |data| match data {
            RData::AAAA(a) => Some(IpAddr::from(Ipv6Addr::from(a.address))),
            _ => None,
        })?);
        Ok(found)
    }
}

/// One question, written.
struct Query<'a> {
    id: u16,
    name: Name<'a>,
    kind: TYPE,
    bytes: Vec<u8>,
}

impl<'a> Query<'a> {
    fn new(name: &'a str, kind: TYPE, chance: u64) -> Result<Self, DnsError> {
        let refused = |_| DnsError::Name(name.to_owned());
        let legal = !name.is_empty() && !name.split('.').any(str::is_empty) && !name.contains('\\');
        let id = (chance & 0xFFFF) as u16;
        let parsed = Name::new(name).map_err(refused)?;
        if !legal {
            return Err(DnsError::Name(name.to_owned()));
        }
        let mut packet = Packet::new_query(id);
        packet.set_flags(PacketFlag::RECURSION_DESIRED);
        let question = Question::new(parsed.clone(), QTYPE::TYPE(kind), QCLASS::CLASS(CLASS::IN), false);
        packet.questions.push(question);
        let opt = simple_dns::rdata::OPT { opt_codes: Vec::new(), udp_packet_size: UDP_SIZE, version: 0 };
        *packet.opt_mut() = Some(opt);
        let bytes = packet.build_bytes_vec().map_err(refused)?;
        Ok(Self { id, name: parsed, kind, bytes })
    }

    /// Whether bytes are an answer to this question and to no other.
    fn fits(&self, bytes: &[u8]) -> bool {
        Packet::parse(bytes).is_ok_and(|packet| {
            packet.id() == self.id
                && packet.has_flags(PacketFlag::RESPONSE)
                && packet.questions.first().is_some_and(|asked| {
                    asked.qname.to_string().eq_ignore_ascii_case(&self.name.to_string())
                        && asked.qtype == QTYPE::TYPE(self.kind)
                })
        })
    }

    /// Whether bytes begin an answer to this question that was cut off (RFC 1035, section 4.1.1).
    fn is_cut(&self, bytes: &[u8]) -> bool {
        const RESPONSE: u8 = 0x80;
        const CUT: u8 = 0x02;
        let [high, low] = self.id.to_be_bytes();
        matches!(bytes, [a, b, flags, ..] if (*a, *b) == (high, low) && flags & RESPONSE != 0 && flags & CUT != 0)
    }
}

/// The answer, or why the server has none; a name that does not exist is an answer without records.
fn judge(bytes: &[u8], server: SocketAddr) -> Result<Packet<'_>, DnsError> {
    let packet = Packet::parse(bytes).map_err(|_| DnsError::Garbage(server))?;
    match packet.rcode() {
        RCODE::NoError | RCODE::NameError => Ok(packet),
        code => Err(DnsError::Refused { server, code: format!("{code:?}") }),
    }
}

/// Anybody can send to our port, so what does not fit the question is passed over until time is up.
fn udp(server: SocketAddr, query: &Query<'_>, deadline: Instant) -> io::Result<Vec<u8>> {
    let any: IpAddr =
        if server.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    let socket = UdpSocket::bind((any, 0))?;
    socket.connect(server)?;
    socket.send(&query.bytes)?;
    let mut space = [0; 4096];
    let mut strange = false;
    loop {
        let Some(left) = left(deadline) else {
            return Err(if strange { io::ErrorKind::InvalidData } else { io::ErrorKind::TimedOut }.into());
        };
        socket.set_read_timeout(Some(left))?;
        match socket.recv(&mut space) {
            Ok(length) => match space.get(..length) {
                Some(bytes) if query.fits(bytes) => return Ok(bytes.to_vec()),
                // What is cut off in the middle of a record does not parse: it is asked for again over TCP.
                Some(bytes) if query.is_cut(bytes) => return Ok(bytes.to_vec()),
                _ => strange = true,
            },
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {}
            Err(error) => return Err(error),
        }
    }
}

fn tcp(server: SocketAddr, query: &Query<'_>, deadline: Instant) -> io::Result<Vec<u8>> {
    let patience = left(deadline).ok_or(io::ErrorKind::TimedOut)?;
    let mut stream = TcpStream::connect_timeout(&server, patience)?;
    stream.set_write_timeout(Some(patience))?;
    let length = u16::try_from(query.bytes.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
    stream.write_all(&[&length.to_be_bytes()[..], &query.bytes].concat())?;
    let mut head = [0; 2];
    fill(&mut stream, &mut head, deadline)?;
    let mut answer = vec![0; usize::from(u16::from_be_bytes(head))];
    fill(&mut stream, &mut answer, deadline)?;
    if query.fits(&answer) { Ok(answer) } else { Err(io::ErrorKind::InvalidData.into()) }
}

fn fill(stream: &mut TcpStream, mut space: &mut [u8], deadline: Instant) -> io::Result<()> {
    while !space.is_empty() {
        stream.set_read_timeout(Some(left(deadline).ok_or(io::ErrorKind::TimedOut)?))?;
        match stream.read(space)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => space = space.get_mut(read..).unwrap_or_default(),
        }
    }
    Ok(())
}

fn left(deadline: Instant) -> Option<Duration> {
    let left = deadline.saturating_duration_since(Instant::now());
    if left.is_zero() { None } else { Some(left) }
}

/// The servers that a `resolv.conf` names; without any, the one of this machine (resolv.conf(5)).
pub fn servers(resolv_conf: &str) -> Vec<SocketAddr> {
    let address = |line: &str| {
        let mut words = line.split_ascii_whitespace();
        if words.next() != Some("nameserver") {
            return None;
        }
        words.next()?.parse::<IpAddr>().ok().map(|address| SocketAddr::from((address, 53)))
    };
    let mut found: Vec<SocketAddr> = resolv_conf.lines().filter_map(address).take(3).collect();
    if found.is_empty() {
        found.push(SocketAddr::from(([127, 0, 0, 1], 53)));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_servers_of_the_system_are_read() {
        let said = servers("# x\nsearch a.example\nnameserver 192.0.2.1\nnameserver ::1\noptions edns0\n");
        assert_eq!(said, ["192.0.2.1:53", "[::1]:53"].map(|text| text.parse().expect("an address")));
        assert_eq!(servers(""), ["127.0.0.1:53".parse().expect("an address")]);
    }

    #[test]
    fn names_that_cannot_be_asked_for_are_refused() {
        for name in ["", ".", "a..b", "a\\.b", &"a".repeat(64), &"a.".repeat(130)] {
            assert!(matches!(Query::new(name, TYPE::TXT, 1), Err(DnsError::Name(_))), "{name}");
        }
        assert!(Query::new("_dmarc.news.example", TYPE::TXT, 1).is_ok());
    }

    #[test]
    fn an_answer_to_another_question_does_not_fit() {
        let query = Query::new("a.example", TYPE::TXT, 7).expect("a query");
        let answer = |id, name, kind| {
            let mut packet = Packet::new_reply(id);
            let question =
                Question::new(Name::new_unchecked(name), QTYPE::TYPE(kind), QCLASS::CLASS(CLASS::IN), false);
            packet.questions.push(question);
            packet.build_bytes_vec().expect("bytes")
        };
        assert!(query.fits(&answer(7, "A.example", TYPE::TXT)));
        assert!(!query.fits(&answer(8, "a.example", TYPE::TXT)));
        assert!(!query.fits(&answer(7, "b.example", TYPE::TXT)));
        assert!(!query.fits(&answer(7, "a.example", TYPE::MX)));
        assert!(!query.fits(&query.bytes), "a question is no answer");
    }
}
