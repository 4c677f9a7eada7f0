//! Pages of others, asked for politely and one at a time: who asks says its name, waits so long and reads so much.
//!
//! Never knows: what becomes of a page, newsletters, the clock. It follows no redirect: whoever asks decides.

mod guard;

use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

use rustls::CertificateError;
use thiserror::Error;
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::unversioned::transport::DefaultConnector;
use ureq::{Agent, Body, http};

use crate::model::WebUrl;

pub use guard::{Guard, Refused, is_public};

/// Who we say we are.
const NAME: &str = concat!("rotative/", env!("CARGO_PKG_VERSION"), " (newsletter desk)");

/// How pages are asked for.
#[derive(Debug, Clone)]
pub struct Policy {
    /// How long one answer may take, from the name to the last byte.
    pub timeout: Duration,
    /// How many bytes of a page are read; the rest is left.
    pub longest_body: usize,
    /// Which machines may be asked.
    pub guard: Guard,
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Page {
    /// The status, 200 and so on.
    pub status: u16,
    /// Where it sends on to, as written: [`WebUrl::join`] makes it an address.
    pub location: Option<String>,
    /// The header lines, names in small letters.
    pub headers: Vec<(String, String)>,
    /// The first bytes of what it holds.
    pub body: Vec<u8>,
}

impl Page {
    /// The first header line of a name in small letters.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// Why there was no answer.
#[derive(Debug, Error)]
pub enum FetchError {
    /// The address leads to a machine that may not be asked.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The host has no address.
    #[error("the host `{0}` is not known")]
    UnknownHost(String),
    /// Nothing came in time.
    #[error("no answer within {} s", .0.as_secs_f32())]
    TimedOut(Duration),
    /// The server could not prove who it is.
    #[error("its certificate is not trusted: {0}")]
    Certificate(String),
    /// The connection could not be made, or broke.
    #[error("the connection failed: {0}")]
    Connection(String),
    /// What came is not HTTP, or a broken one.
    #[error("the answer cannot be read: {0}")]
    Protocol(String),
}

/// What asks.
#[derive(Debug, Clone)]
pub struct Client {
    agent: Agent,
    policy: Policy,
}

impl Client {
    /// Reads the certificates that the system trusts. No proxy is asked, whatever the environment says: the guard
    /// could not see behind it.
    pub fn new(policy: Policy) -> Self {
        let trusted = rustls_native_certs::load_native_certs().certs;
        let trusted: Vec<_> =
            trusted.iter().map(|certificate| Certificate::from_der(certificate).to_owned()).collect();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls = TlsConfig::builder()
            .unversioned_rustls_crypto_provider(provider)
            .root_certs(RootCerts::new_with_certs(&trusted))
            .build();
        let config = Agent::config_builder()
            .tls_config(tls)
            .proxy(None)
            .user_agent(NAME)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .max_idle_connections(0)
            .timeout_global(Some(policy.timeout))
            .build();
        let agent = Agent::with_parts(config, DefaultConnector::new(), guard::Resolver::new(policy.guard));
        Self { agent, policy }
    }

    /// Asks for a page.
    pub fn get(&self, url: &WebUrl) -> Result<Page, FetchError> {
        let said = self.agent.get(asked(url)).header("accept", "text/html,*/*;q=0.8").call();
        self.page(url, said.map_err(|error| self.fault(url, error))?)
    }

    /// Asks whether a page is there.
    pub fn head(&self, url: &WebUrl) -> Result<Page, FetchError> {
        let said = self.agent.head(asked(url)).call();
        let answer = said.map_err(|error| self.fault(url, error))?;
        Ok(page(answer.status(), answer.headers(), Vec::new()))
    }

    fn page(&self, url: &WebUrl, answer: http::Response<Body>) -> Result<Page, FetchError> {
        let (head, body) = answer.into_parts();
        let mut bytes = Vec::new();
        let longest = u64::try_from(self.policy.longest_body).unwrap_or(u64::MAX);
        let read = body.into_reader().take(longest).read_to_end(&mut bytes);
        // What is there of a page that breaks off has been read all the same.
        match read {
            Err(error) if bytes.is_empty() => Err(self.fault(url, ureq::Error::from(error))),
            _ => Ok(page(head.status, &head.headers, bytes)),
        }
    }

    fn fault(&self, url: &WebUrl, error: ureq::Error) -> FetchError {
        match error {
            ureq::Error::Other(inner) => match inner.downcast::<Refused>() {
                Ok(refused) => FetchError::Refused(*refused),
                Err(other) => FetchError::Connection(other.to_string()),
            },
            ureq::Error::HostNotFound => FetchError::UnknownHost(url.host().to_owned()),
            ureq::Error::Timeout(_) => FetchError::TimedOut(self.policy.timeout),
            ureq::Error::Rustls(error) => tls(&error),
            ureq::Error::Io(error) => self.broken(url, &error),
            ureq::Error::Protocol(error) => FetchError::Protocol(broken(&error.to_string()).to_owned()),
            ureq::Error::LargeResponseHeader(..) => FetchError::Protocol("its head is too long".to_owned()),
            other => FetchError::Connection(other.to_string()),
        }
    }

    fn broken(&self, url: &WebUrl, error: &std::io::Error) -> FetchError {
        let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
        match (inner, error.kind()) {
            (Some(error), _) => tls(error),
            (None, std::io::ErrorKind::TimedOut) => FetchError::TimedOut(self.policy.timeout),
            // That the resolver cannot be reached just now says nothing of the host.
            _ if looked_up(error, "Temporary failure") => {
                FetchError::Connection("names cannot be looked up just now".to_owned())
            }
            _ if looked_up(error, "") => FetchError::UnknownHost(url.host().to_owned()),
            _ => FetchError::Connection(error.to_string()),
        }
    }
}

/// What is wrong with an answer, in plain words.
fn broken(said: &str) -> &'static str {
    let words = [
        ("too many headers", "its head has too many lines"),
        ("content-length", "its head contradicts itself about its length"),
        ("chunk", "it comes in pieces that are wrongly measured"),
    ];
    words.iter().find(|(sign, _)| said.contains(sign)).map_or("it is not HTTP", |(_, words)| words)
}

fn looked_up(error: &std::io::Error, how: &str) -> bool {
    let said = error.to_string();
    said.contains("failed to lookup address") && said.contains(how)
}

fn tls(error: &rustls::Error) -> FetchError {
    match error {
        rustls::Error::InvalidCertificate(why) => FetchError::Certificate(distrust(why)),
        other => FetchError::Connection(other.to_string()),
    }
}

/// Why a certificate is not trusted, without the numbers.
fn distrust(why: &CertificateError) -> String {
    match why {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "it has expired".to_owned(),
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "it is not valid yet".to_owned()
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "it is made for another host".to_owned()
        }
        CertificateError::UnknownIssuer | CertificateError::BadSignature => {
            "no known authority vouches for it".to_owned()
        }
        other => other.to_string(),
    }
}

/// The address without its fragment, which is no server's business.
fn asked(url: &WebUrl) -> &str {
    url.as_str().split('#').next().unwrap_or_default()
}

fn page(status: http::StatusCode, headers: &http::HeaderMap, body: Vec<u8>) -> Page {
    let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let location = headers.get("location").map(text);
    let headers = headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect();
    Page { status: status.as_u16(), location, headers, body }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader, Write};
    use std::net::TcpListener;

    use super::*;

    fn policy(guard: Guard) -> Policy {
        Policy { timeout: Duration::from_secs(5), longest_body: 8, guard }
    }

    fn serve(answer: &'static str) -> WebUrl {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.expect("a connection");
                let lines = BufReader::new(stream.try_clone().expect("a copy")).lines();
                let head: Vec<String> = lines.map_while(Result::ok).take_while(|l| !l.is_empty()).collect();
                assert!(head.iter().any(|line| line.to_lowercase().starts_with("user-agent: rotative/")));
                stream.write_all(answer.as_bytes()).expect("written");
            }
        });
        WebUrl::parse(&format!("http://127.0.0.1:{port}/a?b#c")).expect("an address")
    }

    #[test]
    fn a_page_is_read_so_far_and_no_redirect_is_followed() {
        let url = serve("HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 12\r\n\r\nhello worlds");
        let page = Client::new(policy(Guard::Loopback)).get(&url).expect("a page");
        assert_eq!((page.status, page.location.as_deref()), (302, Some("/b")));
        assert_eq!((page.body.as_slice(), page.header("content-length")), (&b"hello wo"[..], Some("12")));
    }

    #[test]
    fn an_old_server_is_understood() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("a connection");
            stream.write_all(b"HTTP/1.0 200 OK\r\n\r\nhi").expect("written");
        });
        let url = WebUrl::parse(&format!("http://127.0.0.1:{port}/")).expect("an address");
        let page = Client::new(policy(Guard::Loopback)).get(&url).expect("a page");
        assert_eq!((page.status, page.body.as_slice()), (200, &b"hi"[..]));
    }

    #[test]
    fn this_machine_is_not_asked() {
        for url in ["http://127.0.0.1:9/", "http://[::1]:9/", "http://localhost:9/", "http://2130706433:9/"] {
            let url = WebUrl::parse(url).expect("an address");
            let said = Client::new(policy(Guard::PublicOnly)).head(&url);
            assert!(matches!(said, Err(FetchError::Refused(_))), "{url}: {said:?}");
        }
    }

    #[test]
    fn nobody_listening_is_a_broken_connection() {
        let url = WebUrl::parse("http://127.0.0.1:1/").expect("an address");
        let said = Client::new(policy(Guard::Loopback)).get(&url);
        assert!(matches!(said, Err(FetchError::Connection(_))), "{said:?}");
    }
}
