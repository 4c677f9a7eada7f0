//! PostgreSQL: a server that several machines share; TLS with verification unless it is on this one.

use std::collections::HashMap;
use std::error::Error;
use std::future::Future;
use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use postgres::config::{Host, SslMode};
use postgres::fallible_iterator::FallibleIterator;
use postgres::tls::{ChannelBinding, MakeTlsConnect, TlsConnect, TlsStream};
use postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use postgres::{Client, Config, Socket, Statement};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::config::env::Secret;

use super::connection::{Access, Connection, Dialect, Row, StoreError, Value};
use super::writer::Connect;

/// Where the server is, and how one gets in.
pub(super) struct Server {
    config: Config,
    tls: Tls,
}

struct Postgres {
    client: Client,
    statements: HashMap<String, Statement>,
}

const WRITERS: usize = 4;
const CONNECTING: Duration = Duration::from_secs(10);

impl Server {
    pub(super) fn new(url: &str, password: Option<Secret>) -> Result<Self, StoreError> {
        let refused = |why: String| StoreError::Refused(why);
        let mut config: Config = parse(url).map_err(|error| refused(error.to_string()))?;
        if let Some(password) = password {
            config.password(password.reveal());
        }
        config.connect_timeout(CONNECTING).tcp_user_timeout(Duration::from_secs(30));
        config.application_name("rotative").options("-c statement_timeout=60000 -c lock_timeout=15000");
        if !is_local(&config) {
            config.ssl_mode(SslMode::Require);
        } else if !asks_for_tls(url) {
            // A server on this machine has mostly a certificate that nobody knows, and no wire to protect.
            config.ssl_mode(SslMode::Disable);
        }
        Ok(Self { config, tls: Tls::new()? })
    }
}

/// Where a server of the settings is, as people read it: nothing but its name and the database's.
pub(super) fn place(url: &str) -> String {
    let Ok(config) = parse(url) else { return "a PostgreSQL server".to_owned() };
    let hosts: Vec<String> = config
        .get_hosts()
        .iter()
        .map(|host| match host {
            Host::Tcp(name) => name.clone(),
            Host::Unix(folder) => folder.display().to_string(),
        })
        .collect();
    let name = config.get_dbname().or(config.get_user()).unwrap_or_default();
    format!("the PostgreSQL database `{name}` at {}", hosts.join(", "))
}

fn parse(url: &str) -> Result<Config, postgres::Error> {
    let mut config: Config = url.parse()?;
    if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
        config.host_path(SOCKETS);
    }
    Ok(config)
}

/// Where a server on this machine has its socket, unless the address says another place.
const SOCKETS: &str = "/var/run/postgresql";

/// Whether all there is to connect to is this machine.
fn is_local(config: &Config) -> bool {
    let host = |host: &Host| match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => name == "localhost" || name.parse().is_ok_and(|ip: IpAddr| ip.is_loopback()),
    };
    config.get_hosts().iter().all(host) && config.get_hostaddrs().iter().all(IpAddr::is_loopback)
}

fn asks_for_tls(url: &str) -> bool {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    url::form_urlencoded::parse(query.as_bytes()).any(|(name, _)| name == "sslmode")
}

impl Connect for Server {
    fn connect(&self, _access: Access) -> Result<Box<dyn Connection>, StoreError> {
        let client = self.config.connect(self.tls.clone());
        let client = client.map_err(|error| StoreError::Unreachable(said(&error)))?;
        Ok(Box::new(Postgres { client, statements: HashMap::new() }))
    }

    fn writers(&self) -> usize {
        WRITERS
    }
}

impl Postgres {
    /// The prepared statement, its places written as PostgreSQL wants them.
    fn statement(&mut self, sql: &str) -> Result<Statement, StoreError> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.client.prepare(&sql.replace('?', "$")).map_err(|error| judge(&error))?;
        if self.statements.len() < 256 {
            self.statements.insert(sql.to_owned(), statement.clone());
        }
        Ok(statement)
    }
}

impl Connection for Postgres {
    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }

    fn begin(&mut self, access: Access) -> Result<(), StoreError> {
        self.batch(match access {
            // What was read stays true until the commit, or the work is done again: states are written back as
            // they were read.
            Access::Write => "BEGIN ISOLATION LEVEL REPEATABLE READ; SET LOCAL synchronous_commit = on",
            Access::Read => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
            Access::Stream => {
                "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = 0"
            }
        })
    }

    fn commit(&mut self) -> Result<(), StoreError> {
        self.batch("COMMIT")
    }

    fn rollback(&mut self) -> Result<(), StoreError> {
        self.batch("ROLLBACK")
    }

    fn batch(&mut self, sql: &str) -> Result<(), StoreError> {
        self.client.batch_execute(sql).map_err(|error| judge(&error))
    }

    fn execute(&mut self, sql: &str, values: &[Value<'_>]) -> Result<u64, StoreError> {
        let statement = self.statement(sql)?;
        let values: Vec<&(dyn ToSql + Sync)> = values.iter().map(|value| value as _).collect();
        self.client.execute(&statement, &values).map_err(|error| judge(&error))
    }

    fn query(
        &mut self,
        sql: &str,
        values: &[Value<'_>],
        each: &mut dyn FnMut(&dyn Row) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let statement = self.statement(sql)?;
        let mut rows = self.client.query_raw(&statement, values).map_err(|error| judge(&error))?;
        while let Some(row) = rows.next().map_err(|error| judge(&error))? {
            each(&row)?;
        }
        Ok(())
    }

    /// PostgreSQL checks its pages as it reads them.
    fn integrity(&mut self) -> Result<Vec<String>, StoreError> {
        Ok(Vec::new())
    }
}

impl Row for postgres::Row {
    fn int(&self, column: usize) -> Result<i64, StoreError> {
        self.try_get(column).map_err(|error| judge(&error))
    }

    fn text(&self, column: usize) -> Result<String, StoreError> {
        self.try_get(column).map_err(|error| judge(&error))
    }
}

impl ToSql for Value<'_> {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self {
            Self::Int(value) if *kind == Type::INT4 => i32::try_from(*value)?.to_sql(kind, out),
            Self::Int(value) => value.to_sql(kind, out),
            Self::Text(text) => text.to_sql(kind, out),
        }
    }

    fn accepts(kind: &Type) -> bool {
        [Type::INT8, Type::INT4, Type::TEXT, Type::VARCHAR].contains(kind)
    }

    to_sql_checked!();
}

fn judge(error: &postgres::Error) -> StoreError {
    use postgres::error::SqlState;
    match error.code() {
        Some(code)
            if [SqlState::T_R_SERIALIZATION_FAILURE, SqlState::T_R_DEADLOCK_DETECTED].contains(code)
                || *code == SqlState::LOCK_NOT_AVAILABLE
                // Every key that may be there is asked for; one that is all the same has just been made by another.
                || *code == SqlState::UNIQUE_VIOLATION =>
        {
            StoreError::Busy(said(error))
        }
        Some(code) if code.code().starts_with("57") || code.code().starts_with("08") => {
            StoreError::Unreachable(said(error))
        }
        Some(_) => StoreError::Refused(said(error)),
        None => StoreError::Unreachable(said(error)),
    }
}

/// What the server said, without the values of a row.
fn said(error: &postgres::Error) -> String {
    match (error.as_db_error(), error.source()) {
        (Some(said), _) => said.message().to_owned(),
        (None, Some(source)) => source.to_string(),
        (None, None) => error.to_string(),
    }
}

/// TLS as this program does it everywhere: rustls with the certificates of the system.
#[derive(Clone)]
struct Tls(Arc<ClientConfig>);

struct Line(tokio_rustls::client::TlsStream<Socket>);

impl Tls {
    fn new() -> Result<Self, StoreError> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| StoreError::Refused(error.to_string()))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self(Arc::new(config)))
    }
}

impl MakeTlsConnect<Socket> for Tls {
    type Stream = Line;
    type TlsConnect = Secured;
    type Error = io::Error;

    fn make_tls_connect(&mut self, host: &str) -> io::Result<Secured> {
        let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other);
        Ok(Secured { config: Arc::clone(&self.0), name: name.ok() })
    }
}

struct Secured {
    config: Arc<ClientConfig>,
    name: Option<ServerName<'static>>,
}

impl TlsConnect<Socket> for Secured {
    type Stream = Line;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Line>> + Send>>;

    fn connect(self, socket: Socket) -> Self::Future {
        Box::pin(async move {
            let name = self.name.ok_or_else(|| io::Error::other("the host has no name to verify"))?;
            tokio_rustls::TlsConnector::from(self.config).connect(name, socket).await.map(Line)
        })
    }
}

impl TlsStream for Line {
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}

type Poll<T> = std::task::Poll<io::Result<T>>;
type Waker<'a, 'b> = &'a mut std::task::Context<'b>;

impl AsyncRead for Line {
    fn poll_read(mut self: Pin<&mut Self>, waker: Waker<'_, '_>, into: &mut ReadBuf<'_>) -> Poll<()> {
        Pin::new(&mut self.0).poll_read(waker, into)
    }
}

impl AsyncWrite for Line {
    fn poll_write(mut self: Pin<&mut Self>, waker: Waker<'_, '_>, bytes: &[u8]) -> Poll<usize> {
        Pin::new(&mut self.0).poll_write(waker, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, waker: Waker<'_, '_>) -> Poll<()> {
        Pin::new(&mut self.0).poll_flush(waker)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, waker: Waker<'_, '_>) -> Poll<()> {
        Pin::new(&mut self.0).poll_shutdown(waker)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_server_of_another_machine_needs_tls_unless_it_is_asked_for() {
        let mode = |url: &str| Server::new(url, None).map(|server| server.config.get_ssl_mode());
        for (url, expected) in [
            ("postgres://me@localhost/news", SslMode::Disable),
            ("postgres://me@[::1]:5433/news", SslMode::Disable),
            ("postgres://me@/news?host=/run/postgresql", SslMode::Disable),
            ("postgres:///news?user=me", SslMode::Disable),
            ("postgres://me@127.0.0.1/news?sslmode=require", SslMode::Require),
            ("postgres://me@db.example/news", SslMode::Require),
            ("postgres://me@db.example/news?sslmode=disable", SslMode::Require),
            ("postgres://me@localhost/news?hostaddr=192.0.2.1", SslMode::Require),
        ] {
            assert_eq!(mode(url), Ok(expected), "{url}");
        }
    }

    #[test]
    fn a_place_is_a_name_and_nothing_else() {
        assert_eq!(
            place("postgres://me@db.example:5433/news?application_name=secret"),
            "the PostgreSQL database `news` at db.example"
        );
        assert_eq!(place("postgres:///news"), "the PostgreSQL database `news` at /var/run/postgresql");
        assert_eq!(place("postgres://db/news?sslmode=hunter2"), "a PostgreSQL server");
    }
}
