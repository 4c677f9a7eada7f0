//! PostgreSQL: a server that several machines share; TLS with verification unless it is on this one.

use std::collections::HashMap;
use std::error::Error;
use std::future::Future;
use std::io;
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
        let mut config: Config = url.parse().map_err(|error| refused(format!("{url}: {error}")))?;
        if let Some(password) = password {
            config.password(password.reveal());
        }
        config.connect_timeout(CONNECTING).tcp_user_timeout(Duration::from_secs(30));
        config.application_name("rotative").options("-c statement_timeout=60000 -c lock_timeout=15000");
        let local = |host: &Host| match host {
            Host::Unix(_) => true,
            Host::Tcp(name) => {
                name == "localhost" || name.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback())
            }
        };
        if !config.get_hosts().iter().all(local) {
            config.ssl_mode(SslMode::Require);
        }
        Ok(Self { config, tls: Tls::new()? })
    }
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
            Access::Write => "BEGIN; SET LOCAL synchronous_commit = on",
            Access::Read => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
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
                || *code == SqlState::LOCK_NOT_AVAILABLE =>
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
