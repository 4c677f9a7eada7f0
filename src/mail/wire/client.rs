//! Opening lines to one relay: connection, TLS, greeting, login.

use std::future::{Future, poll_fn};
use std::io;
use std::net::IpAddr;
use std::sync::Arc;

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::ReadBuf;
use tokio::time::{Instant, timeout, timeout_at};

use crate::config::Tls;

use super::opening::{Ask, Opening};
use super::stream::{Reach, Stream};
use super::{Endpoint, Failure, Line, Login, Place, Times, WireError, commands, tls};

/// Opens lines to one relay.
pub struct Client {
    endpoint: Endpoint,
    greeting: String,
    login: Option<Login>,
    verifier: Option<(Arc<ClientConfig>, ServerName<'static>)>,
    times: Times,
}

impl Client {
    /// A client of a relay. `greeting_name` is the name we give ourselves; `authority` is a certificate in PEM that
    /// is trusted besides those of the system.
    pub fn new(
        endpoint: Endpoint,
        greeting_name: &str,
        login: Option<Login>,
        authority: Option<&str>,
        times: Times,
    ) -> Result<Self, WireError> {
        let greeting = commands::greeting(greeting_name)?.to_owned();
        login.as_ref().map_or(Ok(()), Login::check)?;
        let verifier = match (&endpoint.place, endpoint.tls) {
            (Place::Tcp { host, .. }, Tls::None) if !is_loopback(host) => {
                return Err(WireError::Open(host.clone()));
            }
            (_, Tls::None) => None,
            (Place::Tcp { host, .. }, _) => {
                let name = ServerName::try_from(host.clone()).map_err(|_| WireError::Host(host.clone()))?;
                Some((tls::verifier(authority)?, name))
            }
            (Place::Unix(_), _) => return Err(WireError::Socket),
        };
        Ok(Self { endpoint, greeting, login, verifier, times })
    }

    /// Opens a line: connection, TLS, greeting and login, or why there is none.
    pub async fn open(&self) -> Result<Line, Failure> {
        let connecting = in_time(self.times.connect, Stream::connect(&self.endpoint.place));
        let mut stream = connecting.await.map_err(|error| lost("no connection", &error))?;
        let reach = stream.reach();
        if self.verifier.is_none() && reach == Reach::Afar {
            return Err(Failure::distrust("the line would leave this machine without TLS"));
        }
        if self.endpoint.tls == Tls::Implicit {
            stream = self.secure(stream).await?;
        }
        let login = self.login.as_ref();
        let mut opening =
            Opening::new(&self.greeting, login, self.endpoint.protocol, self.endpoint.tls, reach);
        let mut deadline = Instant::now() + self.times.command;
        loop {
            match opening.ask() {
                Ask::Say(bytes) => {
                    let written = in_time(self.times.command, stream.write_all(bytes)).await;
                    opening.said();
                    if let Err(error) = written {
                        opening.ended(&said("the relay took no command", &error));
                    }
                    deadline = Instant::now() + self.times.command;
                }
                Ask::Hear => {
                    let mut space = [0; 4096];
                    let mut into = ReadBuf::new(&mut space);
                    let reading = poll_fn(|cx| stream.poll_read(cx, &mut into));
                    match timeout_at(deadline, reading).await {
                        Err(_) => opening.ended("no answer in time"),
                        Ok(Err(error)) => opening.ended(&said("the line broke", &error)),
                        Ok(Ok(())) if into.filled().is_empty() => {
                            opening.ended("the relay closed the connection");
                        }
                        Ok(Ok(())) => opening.received(into.filled()),
                    }
                }
                Ask::Secure => {
                    stream = self.secure(stream).await?;
                    opening.secured();
                }
                Ask::Ready => return Ok(Line::new(stream, opening.offers(), self.times)),
                Ask::Fail(failure) => return Err(failure.clone()),
            }
        }
    }

    async fn secure(&self, stream: Stream) -> Result<Stream, Failure> {
        let Some((config, name)) = &self.verifier else {
            return Err(Failure::distrust("TLS was not asked for"));
        };
        let secured = in_time(self.times.connect, stream.secure(Arc::clone(config), name.clone())).await;
        secured.map_err(|error| {
            let why = said("no TLS", &error);
            // What TLS itself finds wrong does not mend by waiting; a broken connection may.
            let ours = error.get_ref().is_some_and(|inner| inner.is::<rustls::Error>());
            if ours { Failure::distrust(why) } else { Failure::lost(why) }
        })
    }
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse().is_ok_and(|address: IpAddr| address.to_canonical().is_loopback())
}

async fn in_time<T>(time: std::time::Duration, work: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    timeout(time, work).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}

fn lost(what: &str, error: &io::Error) -> Failure {
    Failure::lost(said(what, error))
}

fn said(what: &str, error: &io::Error) -> String {
    format!("{what}: {error}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::wire::Protocol;

    fn client(host: &str, tls: Tls, greeting: &str, authority: Option<&str>) -> Result<(), WireError> {
        let place = Place::Tcp { host: host.to_owned(), port: 25 };
        let endpoint = Endpoint { place, protocol: Protocol::Smtp, tls };
        Client::new(endpoint, greeting, None, authority, Times::default()).map(drop)
    }

    #[test]
    fn a_client_that_would_be_unsafe_is_not_made() {
        assert_eq!(client("127.0.0.1", Tls::None, "n.example", None), Ok(()));
        assert_eq!(client("::1", Tls::None, "n.example", None), Ok(()));
        assert!(matches!(client("relay.example", Tls::None, "n.example", None), Err(WireError::Open(_))));
        assert!(matches!(client("127.0.0.1", Tls::None, "n\r\n", None), Err(WireError::Greeting(_))));
        assert!(matches!(client("a b", Tls::Implicit, "n.example", None), Err(WireError::Host(_))));
        let empty = client("relay.example", Tls::Implicit, "n.example", Some("nothing"));
        assert!(matches!(empty, Err(WireError::Authority(_))));
        let place = Place::Unix("/run/lmtp".into());
        let endpoint = Endpoint { place, protocol: Protocol::Lmtp, tls: Tls::StartTls };
        let made = Client::new(endpoint, "n.example", None, None, Times::default()).map(drop);
        assert_eq!(made, Err(WireError::Socket));
    }
}
