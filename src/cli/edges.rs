//! Where the commands meet the world: clock, chance, secrets, the store.

use std::path::Path;

use anyhow::{Context, anyhow};
use chrono::{DateTime, SecondsFormat};

use crate::config::env::{self, DATABASE_PASSWORD, OLD_SECRETS, SECRET};
use crate::config::{Project, StoreUrl};
use crate::links::TokenKey;
use crate::store::ledger::{Floor, Ledger, LedgerError, Purpose};
use crate::store::{self, Store};
use crate::subscribers::{Moment, accept_secret};

use super::now;

/// The moment it is.
pub(super) fn moment() -> Moment {
    Moment { now: now(), chance }
}

/// Any number, each time another.
pub(super) fn chance() -> u64 {
    let mut bytes = [0; 8];
    // The generator of the system fails only where nothing works.
    let filled = aws_lc_rs::rand::fill(&mut bytes);
    debug_assert!(filled.is_ok());
    u64::from_ne_bytes(bytes)
}

/// A moment as files and programs read it: RFC 3339, in UTC.
pub(super) fn when(seconds: i64) -> String {
    let moment = DateTime::from_timestamp(seconds, 0).unwrap_or_default();
    moment.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// The newsletter's store.
pub(super) fn open_store(project: &Project) -> anyhow::Result<Store> {
    open_store_at(&project.config.store, &project.root)
}

/// Any store.
pub(super) fn open_store_at(url: &StoreUrl, root: &Path) -> anyhow::Result<Store> {
    let password = match url {
        StoreUrl::Postgres(_) => env::optional(DATABASE_PASSWORD)?,
        StoreUrl::Sqlite(_) => None,
    };
    Store::open(url, root, password).map_err(|error| {
        anyhow!(error).context(format!(
            "the store is {}; see `store` in content/newsletter.yaml",
            store::place(url, root)
        ))
    })
}

/// The ledger beside the newsletter's store.
pub(super) fn open_ledger(project: &Project, purpose: &Purpose) -> Result<Ledger, LedgerError> {
    let password = match &project.config.store {
        StoreUrl::Postgres(_) => env::optional(DATABASE_PASSWORD).map_err(|error| {
            LedgerError::Unwritable { place: DATABASE_PASSWORD.into(), why: error.to_string() }
        })?,
        StoreUrl::Sqlite(_) => None,
    };
    Ledger::open(&project.config.store, &project.root, password, purpose)
}

/// What tells this machine from all others (machine-id(5)), or its name where it has none.
pub(super) fn machine() -> String {
    let read = |path: &str| std::fs::read_to_string(path).ok().map(|text| text.trim().to_owned());
    let known = read("/etc/machine-id").filter(|id| !id.is_empty());
    known.or_else(|| read("/etc/hostname")).unwrap_or_default()
}

/// How much room must be left on the disk of the ledger.
pub(super) fn floor() -> Floor {
    env::ledger_floor().map_or_else(Floor::default, |bytes| Floor { bytes, percent: 0 })
}

/// The key of tokens, and those before it, which the store must belong to.
pub(super) fn token_key(store: &Store) -> anyhow::Result<TokenKey> {
    let key = secret_key()?;
    accept_secret(store, &key, now()).map_err(|error| {
        anyhow!(error).context(
            "ROTATIVE_SECRET must hold the store's secret; after a change, ROTATIVE_SECRET_OLD all those before, one a line",
        )
    })?;
    Ok(key)
}

/// The same where somebody was erased, and without it nobody can tell who.
pub(super) fn key_of_erased(store: &Store) -> anyhow::Result<Option<TokenKey>> {
    let erasures = store.read(|transaction| transaction.has_erasures())?;
    erasures.then(|| token_key(store)).transpose()
}

/// The key of tokens, and those before it.
pub(super) fn secret_key() -> anyhow::Result<TokenKey> {
    let hint =
        "set ROTATIVE_SECRET, or ROTATIVE_SECRET_FILE, to 32 characters at least that nobody can guess";
    let secret = env::secret(SECRET).context(hint)?;
    let key = TokenKey::new(secret.reveal()).map_err(|error| anyhow!(error).context(hint))?;
    match env::optional(OLD_SECRETS)? {
        Some(old) => key.with_old(old.reveal()).map_err(|error| {
            anyhow!(error).context("ROTATIVE_SECRET_OLD holds the secrets before, one a line")
        }),
        None => Ok(key),
    }
}

/// The moment it is, in milliseconds since 1970.
#[expect(clippy::disallowed_methods, reason = "the command line is where the clock is asked")]
pub(super) fn milliseconds() -> i64 {
    env::believed_now().map_or_else(|| chrono::Utc::now().timestamp_millis(), |seconds| seconds * 1000)
}
