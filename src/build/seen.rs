//! Files and folders as they were seen: what they are told by when they are looked at again.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::model::{Stamp, sha256_bytes};

/// A file as it was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Seen {
    #[serde(with = "path")]
    pub(super) path: Arc<str>,
    pub(super) stamp: Stamp,
    /// Whether a later change is sure to show in the stamp.
    pub(super) settled: bool,
    #[serde(with = "digest")]
    pub(super) digest: [u8; 32],
}

/// A path that many have.
mod path {
    use std::sync::Arc;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(path: &Arc<str>, to: S) -> Result<S::Ok, S::Error> {
        path.as_ref().serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Arc<str>, D::Error> {
        <&str>::deserialize(from).map(Arc::from)
    }
}

/// A digest in one piece: byte by byte it would take longer to read than all the rest.
mod digest {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(digest: &[u8; 32], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_bytes(digest)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<[u8; 32], D::Error> {
        <&[u8]>::deserialize(from)?.try_into().map_err(D::Error::custom)
    }
}

/// A folder of sources as it was seen before its names were read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Room {
    pub(super) path: String,
    pub(super) stamp: Stamp,
    /// Whether a name that comes or goes later is sure to show in the stamp.
    pub(super) settled: bool,
}

impl Room {
    /// The folders that were looked through after `now`.
    pub(super) fn all(folders: Vec<(String, Stamp)>, now: Option<&Stamp>) -> Vec<Self> {
        let room = |(path, stamp): (String, Stamp)| Self {
            path,
            stamp,
            settled: now.is_some_and(|now| stamp.settled(now)),
        };
        folders.into_iter().map(room).collect()
    }
}

impl Seen {
    pub(super) fn new(path: impl Into<Arc<str>>, stamp: Stamp, now: &Stamp, bytes: &[u8]) -> Self {
        Self { path: path.into(), stamp, settled: stamp.settled(now), digest: sha256_bytes(bytes) }
    }

    /// A file among those that were seen, which are sorted by path.
    pub(super) fn find<'s>(list: &'s [Self], path: &str) -> Option<&'s Self> {
        let at = list.binary_search_by(|seen| (*seen.path).cmp(path)).ok()?;
        Some(&list[at])
    }

    /// Whether the file is still the same by its stamp alone.
    pub(super) fn trusts(&self, stamp: &Stamp) -> bool {
        self.settled && self.stamp == *stamp
    }
}
