//! Secrets: read from the environment, or from a file that it names, and shown nowhere.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::relay::{RelayPlace, RelaySettings};

/// A text that is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The text itself, for those who must have it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// Why a secret could not be read.
#[derive(Debug, Error)]
pub enum SecretError {
    /// Neither variable is set.
    #[error("neither {0} nor {0}_FILE is set")]
    Missing(String),
    /// The file cannot be read.
    #[error("cannot read {}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Other users of the machine can read the file.
    #[error("{} can be read by others (its rights are {mode:o})", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// The lowest nine bits of its mode.
        mode: u32,
    },
}

/// The key of tokens and Message-IDs.
pub const SECRET: &str = "ROTATIVE_SECRET";
/// The keys before, one a line: what they signed stays good.
pub const OLD_SECRETS: &str = "ROTATIVE_SECRET_OLD";
/// The password of a PostgreSQL store.
pub const DATABASE_PASSWORD: &str = "ROTATIVE_DATABASE_PASSWORD";

/// The user that a relay knows us by, and the password; with several relays each has a name at the end.
pub const SMTP: (&str, &str) = ("ROTATIVE_SMTP_USER", "ROTATIVE_SMTP_PASSWORD");
/// The certificate of the relays' authority.
pub const SMTP_AUTHORITY: &str = "ROTATIVE_SMTP_CA";

/// A certificate in PEM that relays may have besides those the system trusts: the file that ROTATIVE_SMTP_CA_FILE
/// names. It is no secret.
pub fn smtp_authority() -> Result<Option<String>, SecretError> {
    let Some(path) = file_of(SMTP_AUTHORITY) else { return Ok(None) };
    std::fs::read_to_string(&path).map(Some).map_err(|source| SecretError::Unreadable { path, source })
}

/// The variable of one relay: the name with that of the relay behind it.
pub fn of_relay(name: &str, relay: &str) -> String {
    format!("{name}_{}", relay.to_uppercase().replace(['-', '.'], "_"))
}

/// A secret of a relay: its own, or that of all hosts. A socket of this machine takes only one of its own.
pub fn for_relay(name: &str, relay: &RelaySettings) -> Result<Option<Secret>, SecretError> {
    match (optional(&of_relay(name, &relay.name))?, &relay.place) {
        (None, RelayPlace::Host { .. }) => optional(name),
        (own, _) => Ok(own),
    }
}

/// The file that the variable with `_FILE` names.
#[expect(clippy::disallowed_methods, reason = "this is where the environment is read")]
pub fn file_of(name: &str) -> Option<PathBuf> {
    std::env::var_os(format!("{name}_FILE")).map(PathBuf::from)
}

/// Whether the variable itself holds the secret.
#[expect(clippy::disallowed_methods, reason = "this is where the environment is read")]
pub fn is_set(name: &str) -> bool {
    std::env::var_os(name).is_some()
}

/// How many bytes must be free on the disk of the ledger: ROTATIVE_LEDGER_FLOOR, for disks of which 5 % are much.
#[expect(clippy::disallowed_methods, reason = "this is where the environment is read")]
pub fn ledger_floor() -> Option<u64> {
    std::env::var(LEDGER_FLOOR).ok()?.parse().ok()
}

/// How many times as fast a test build's clock of a run goes: ROTATIVE_CLOCK_SPEED.
#[expect(clippy::disallowed_methods, reason = "this is where the environment is read")]
pub fn clock_speed() -> Option<u32> {
    if cfg!(debug_assertions) { std::env::var("ROTATIVE_CLOCK_SPEED").ok()?.parse().ok() } else { None }
}

/// The variable that says how many times as fast the clock of a rehearsal goes.
pub const REHEARSAL: &str = "ROTATIVE_REHEARSAL";
/// The variable of [`ledger_floor`].
pub const LEDGER_FLOOR: &str = "ROTATIVE_LEDGER_FLOOR";

/// How many times as fast the clock of a rehearsal goes: ROTATIVE_REHEARSAL. It is heeded in the folder of one only.
#[expect(clippy::disallowed_methods, reason = "this is where the environment is read")]
pub fn rehearsal_speed() -> Option<u32> {
    std::env::var(REHEARSAL).ok()?.parse().ok()
}

/// The moment at which a test build believes to be, in seconds since 1970: ROTATIVE_NOW.
#[expect(clippy::disallowed_methods, reason = "this is where the environment is read")]
pub fn believed_now() -> Option<i64> {
    if cfg!(debug_assertions) { std::env::var("ROTATIVE_NOW").ok()?.parse().ok() } else { None }
}

/// Whether a test build may ask this machine itself for pages: ROTATIVE_FETCH_LOOPBACK.
pub fn fetch_loopback() -> bool {
    cfg!(debug_assertions) && is_set("ROTATIVE_FETCH_LOOPBACK")
}

/// Where a test build is to end as if the power had failed: ROTATIVE_CRASH_AT.
#[expect(clippy::disallowed_methods, reason = "this is where the environment is read")]
pub fn crash_at() -> Option<String> {
    std::env::var("ROTATIVE_CRASH_AT").ok()
}

/// Reads a secret that need not be there.
pub fn optional(name: &str) -> Result<Option<Secret>, SecretError> {
    match secret(name) {
        Ok(secret) => Ok(Some(secret)),
        Err(SecretError::Missing(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Reads a secret: the variable itself, or the file that the variable with `_FILE` names.
#[expect(clippy::disallowed_methods, reason = "this is where the environment is read")]
pub fn secret(name: &str) -> Result<Secret, SecretError> {
    if let Ok(value) = std::env::var(name) {
        return Ok(Secret(value));
    }
    match file_of(name) {
        Some(path) => private_file(&path),
        None => Err(SecretError::Missing(name.to_owned())),
    }
}

/// Reads a file that nobody else on the machine may read: a key, a password (EMAIL-SPEC 68).
pub fn private_file(path: &Path) -> Result<Secret, SecretError> {
    let unreadable = |source| SecretError::Unreadable { path: path.to_owned(), source };
    let mut file = File::open(path).map_err(unreadable)?;
    let mode = file.metadata().map_err(unreadable)?.permissions().mode() & 0o777;
    let others = if is_credential(path) { 0o037 } else { 0o077 };
    if mode & others != 0 {
        return Err(SecretError::Open { path: path.to_owned(), mode });
    }
    let mut text = String::new();
    file.read_to_string(&mut text).map_err(unreadable)?;
    Ok(Secret(text.trim_end_matches(['\r', '\n']).to_owned()))
}

/// Whether systemd has laid a file down for this service alone. It lets a user in with an access list, and the mask of
/// that list looks like the right of a group.
#[expect(clippy::disallowed_methods, reason = "this is where the environment is read")]
fn is_credential(path: &Path) -> bool {
    std::env::var_os("CREDENTIALS_DIRECTORY").is_some_and(|folder| path.parent() == Some(Path::new(&folder)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_printed() {
        assert_eq!(format!("{:?}", Secret("hunter2".into())), "…");
    }

    #[test]
    fn a_file_that_others_can_read_is_refused() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), "key\n").expect("written");
        let rights = |mode| {
            std::fs::set_permissions(file.path(), std::fs::Permissions::from_mode(mode)).expect("rights")
        };
        rights(0o600);
        assert_eq!(private_file(file.path()).expect("a secret").reveal(), "key");
        rights(0o640);
        assert!(matches!(private_file(file.path()), Err(SecretError::Open { mode: 0o640, .. })));
    }
}
