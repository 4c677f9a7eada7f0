//! Secrets: read from the environment, or from a file that it names, and shown nowhere.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use thiserror::Error;

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
/// A certificate in PEM that relays may have besides those the system trusts: the file that ROTATIVE_SMTP_CA_FILE
/// names. It is no secret.
#[expect(clippy::disallowed_methods, reason = "this is where the environment is read")]
pub fn smtp_authority() -> Result<Option<String>, SecretError> {
    let Some(path) = std::env::var_os("ROTATIVE_SMTP_CA_FILE").map(PathBuf::from) else { return Ok(None) };
    std::fs::read_to_string(&path).map(Some).map_err(|source| SecretError::Unreadable { path, source })
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
    match std::env::var_os(format!("{name}_FILE")) {
        Some(path) => private_file(Path::new(&path)),
        None => Err(SecretError::Missing(name.to_owned())),
    }
}

/// Reads a file that nobody else on the machine may read: a key, a password (EMAIL-SPEC 68).
pub fn private_file(path: &Path) -> Result<Secret, SecretError> {
    let unreadable = |source| SecretError::Unreadable { path: path.to_owned(), source };
    let mut file = File::open(path).map_err(unreadable)?;
    let mode = file.metadata().map_err(unreadable)?.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(SecretError::Open { path: path.to_owned(), mode });
    }
    let mut text = String::new();
    file.read_to_string(&mut text).map_err(unreadable)?;
    Ok(Secret(text.trim_end_matches(['\r', '\n']).to_owned()))
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
