//! Whether a store belongs to a secret. With another one, links in old mails would die, and who was erased could be
//! brought back by a file: the hashes that keep them out can be compared only with the secret that made them.

use thiserror::Error;

use crate::links::TokenKey;
use crate::store::{Store, StoreError};

/// Why a store is not used with a secret.
#[derive(Debug, Error)]
pub enum SecretError {
    /// It was made with others, none of which is known.
    #[error("this store belongs to another secret")]
    Foreign,
    /// Readers were erased under an older secret that is not known any more.
    #[error("readers were erased under an older secret, which is not known any more")]
    Lost,
    /// It could not be asked.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Ties a new store to its secret; refuses one that belongs to others.
pub fn accept_secret(store: &Store, key: &TokenKey, now: i64) -> Result<(), SecretError> {
    let marks = key.marks();
    let Some(current) = marks.first().cloned() else { return Err(SecretError::Foreign) };
    let (used, needed) = store.read(|transaction| transaction.marks())?;
    if !used.is_empty() && !used.iter().any(|mark| marks.contains(mark)) {
        return Err(SecretError::Foreign);
    }
    if !needed.iter().all(|mark| marks.contains(mark)) {
        return Err(SecretError::Lost);
    }
    if !used.contains(&current) {
        store.write(move |transaction| transaction.add_mark(&current, now))?;
    }
    Ok(())
}
