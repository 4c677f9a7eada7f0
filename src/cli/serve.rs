//! `rotative serve`: the service, at its sockets, until it is told to stop.

use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::{fs, io};

use anyhow::{Context, anyhow};
use listenfd::ListenFd;

use crate::build;
use crate::config::env::{self, SMTP};
use crate::config::{Config, Listen, Project, Protocol, RelayPlace, RelaySettings, ServiceSettings, Tls};
use crate::mail::SmtpRelay;
use crate::model::Report;
use crate::render::Templates;
use crate::service::{self, Desk, Edges, Listeners, Parts, ReaderSocket};
use crate::store::ledger::Purpose;

use super::Outcome;
use super::edges::{chance, milliseconds, open_ledger, open_store, token_key};
use super::send::signers;
use super::terminal::{Terminal, log};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Where to listen instead of the settings' place: 127.0.0.1:8080
    #[arg(long, value_name = "ADDR:PORT")]
    listen: Option<SocketAddr>,
    /// Where to answer the keepers instead: 127.0.0.1:8081
    #[arg(long, value_name = "ADDR:PORT")]
    admin: Option<SocketAddr>,
}

pub(super) fn run(args: &Args, root: &Path, terminal: &Terminal) -> anyhow::Result<Outcome> {
    let mut findings = Vec::new();
    let project = Project::open(root, &mut findings);
    let templates = Templates::load(root, &mut findings);
    let (Some(project), Some(templates)) = (project, templates) else {
        terminal.report(&Report::new(findings));
        return Ok(Outcome::Findings);
    };
    let config = project.config.clone();
    let settings = config.service.clone().context("content/newsletter.yaml has no `service`")?;
    let relay = relay(&config)?;
    let signers = signers(&config, root)?;
    let store = open_store(&project)?;
    let parts = Parts {
        key: token_key(&store)?,
        store,
        templates,
        topics: build::topics(root),
        ledger: Some(open_ledger(&project, &Purpose::Change)?),
        edges: Edges { clock: milliseconds, chance, log },
        config,
    };
    let desk = match Desk::open(parts) {
        Ok(desk) => desk,
        Err(fault) => {
            terminal.report(&Report::new(vec![fault]));
            return Ok(Outcome::Findings);
        }
    };
    let outbox = desk.outbox(Box::new(relay), signers);
    let mut running = service::start(desk, listeners(args, &settings)?)?;
    running.mail(outbox)?;
    let place = match (running.readers(), &settings.listen) {
        (Some(address), _) => format!("http://{address}"),
        (None, Listen::Unix(file)) => file.display().to_string(),
        (None, Listen::Tcp(_)) => "the socket it was given".to_owned(),
    };
    terminal.say(&format!(
        "readers: {place} (known as {}); keepers: http://{}",
        settings.url,
        running.admin()
    ));
    let signals = running.until_told()?;
    log("stop", &[]);
    running.stop_until(signals);
    Ok(Outcome::Done)
}

/// The sockets that systemd hands over, or those of the settings.
fn listeners(args: &Args, settings: &ServiceSettings) -> anyhow::Result<Listeners> {
    let mut given = ListenFd::from_env();
    let readers = match (given.take_tcp_listener(0), given.len()) {
        (Ok(Some(socket)), _) => ReaderSocket::Tcp(socket),
        (Err(_), 1..) => {
            let socket = given.take_unix_listener(0)?;
            ReaderSocket::Unix(socket.context("the socket that was handed over is of no kind we know")?)
        }
        _ => match (args.listen, &settings.listen) {
            (Some(address), _) => ReaderSocket::Tcp(bind(address)?),
            (None, Listen::Tcp(address)) => ReaderSocket::Tcp(bind(*address)?),
            (None, Listen::Unix(file)) => ReaderSocket::Unix(socket_file(file)?),
        },
    };
    Ok(Listeners { readers, admin: bind(args.admin.unwrap_or(settings.admin))? })
}

fn bind(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).map_err(|error| {
        let hint = match error.kind() {
            io::ErrorKind::AddrInUse => {
                "another program listens there; see `service` in content/newsletter.yaml"
            }
            _ => "see `service` in content/newsletter.yaml",
        };
        anyhow!("cannot listen at {address}: {error}").context(hint)
    })
}

/// A socket in the file system, for the proxy's group; one that nobody answers any more is replaced.
fn socket_file(file: &Path) -> anyhow::Result<UnixListener> {
    use std::os::unix::fs::FileTypeExt;
    let stale = fs::symlink_metadata(file).is_ok_and(|known| known.file_type().is_socket())
        && std::os::unix::net::UnixStream::connect(file).is_err();
    if stale {
        fs::remove_file(file).with_context(|| format!("cannot replace {}", file.display()))?;
    }
    let socket = UnixListener::bind(file).with_context(|| format!("cannot listen at {}", file.display()))?;
    fs::set_permissions(file, fs::Permissions::from_mode(0o660))?;
    Ok(socket)
}

/// The first relay of the settings that speaks SMTP.
pub(super) fn relay(config: &Config) -> anyhow::Result<SmtpRelay> {
    let mail = config
        .mail
        .as_ref()
        .context("content/newsletter.yaml has no `mail`, and confirmations are mailed")?;
    let place = RelayPlace::Host { host: "localhost".to_owned(), port: 25 };
    let local = RelaySettings::at("localhost", place, Tls::None);
    let settings = match mail.relays.as_slice() {
        [] => &local,
        relays => relays
            .iter()
            .find(|relay| relay.protocol == Protocol::Smtp && matches!(relay.place, RelayPlace::Host { .. }))
            .context("confirmations are mailed over SMTP, and `mail.relays` has no relay with a `host`")?,
    };
    let secret = |name: &str| env::for_relay(name, settings);
    let login = secret(SMTP.0)?.zip(secret(SMTP.1)?);
    let authority = env::smtp_authority()?;
    let greeting = mail.from.address.domain().as_str();
    Ok(SmtpRelay::new(settings, greeting, login, authority.as_deref())?)
}
