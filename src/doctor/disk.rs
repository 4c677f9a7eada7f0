//! Whether the store is sound, has room, and lies on a disk that keeps its promises.

use std::path::Path;

use rustix::fs::{statfs, statvfs};

use crate::config::env::{self, DATABASE_PASSWORD};
use crate::config::{Config, StoreUrl};
use crate::store::{self, Store};
use crate::subscribers;

use super::finding::{Finding, chain};

const CHECK: &str = "store";
/// The room that a run needs: a twentieth of the disk, and 256 MiB.
const ROOM: u64 = 256 * 1024 * 1024;

/// The store and the disk under it.
pub(super) fn examine(config: &Config, root: &Path) -> Vec<Finding> {
    let mut findings = Vec::new();
    let place = store::place(&config.store, root);
    if let StoreUrl::Sqlite(file) = &config.store {
        let file = root.join(file);
        let folder = file.ancestors().skip(1).find(|folder| folder.is_dir()).unwrap_or(root);
        findings.extend(disk(folder));
        if !file.exists() {
            let finding = Finding::warning(CHECK, "there is no store yet, and so no reader").at(place);
            findings.push(finding.hint("`rotative subscribers import FILE` makes it"));
            return findings;
        }
    }
    findings.push(soundness(config, root).at(place));
    findings
}

fn soundness(config: &Config, root: &Path) -> Finding {
    let judged = || -> Result<Vec<String>, String> {
        let password = match &config.store {
            StoreUrl::Postgres(_) => env::optional(DATABASE_PASSWORD).map_err(|error| chain(&error))?,
            StoreUrl::Sqlite(_) => None,
        };
        let store = Store::open(&config.store, root, password).map_err(|error| chain(&error))?;
        subscribers::check(&store).map_err(|error| chain(&error))
    };
    match judged() {
        Ok(said) if said.is_empty() => Finding::ok(CHECK, "the store opens and is sound"),
        Ok(said) => {
            let (first, others) = (said.first().map_or("", String::as_str), said.len() - 1);
            let more = if others == 0 { String::new() } else { format!(", and {others} faults more") };
            Finding::error(CHECK, format!("the store is not sound: {first}{more}"))
                .hint("`rotative store check` says all; keep the file as it is, and restore a backup")
        }
        Err(why) => Finding::error(CHECK, why).hint("see `store` in content/newsletter.yaml"),
    }
}

fn disk(folder: &Path) -> Vec<Finding> {
    const CHECK: &str = "disk";
    let place = folder.display().to_string();
    let unknown = |error: rustix::io::Errno| {
        vec![
            Finding::error(CHECK, format!("the disk cannot be asked: {error}"))
                .at(&place)
                .hint("check the rights"),
        ]
    };
    let space = match statvfs(folder) {
        Ok(space) => room(
            space.f_bavail.saturating_mul(space.f_frsize),
            space.f_blocks.saturating_mul(space.f_frsize),
            env::ledger_floor(),
        ),
        Err(error) => return unknown(error),
    };
    let kind = match statfs(folder) {
        // The width of the field differs between machines; the number has 32 bits.
        Ok(system) => kind((system.f_type as u64) & 0xFFFF_FFFF),
        Err(error) => return unknown(error),
    };
    [Some(space), kind].into_iter().flatten().map(|finding| finding.at(&place)).collect()
}

fn room(free: u64, all: u64, floor: Option<u64>) -> Finding {
    const CHECK: &str = "disk";
    let needed = floor.unwrap_or(ROOM.max(all / 20));
    let mib = |bytes: u64| bytes / (1024 * 1024);
    if free < needed {
        let message = format!("{} MiB are free, and {} MiB are needed", mib(free), mib(needed));
        Finding::error(CHECK, message).hint("make room: a mailing stops when the ledger cannot be written")
    } else {
        Finding::ok(CHECK, format!("{} MiB are free", mib(free)))
    }
}

/// File systems whose locks and flushes reach over a network or into another program.
fn kind(magic: u64) -> Option<Finding> {
    let name = match magic {
        0x6969 => "NFS",
        0x517B | 0xFF53_4D42 | 0xFE53_4D42 => "SMB",
        0x6573_5546 => "FUSE",
        0x0102_1997 => "9P",
        0x00C3_6400 => "Ceph",
        0x5346_414F | 0x6B41_4653 => "AFS",
        0x564C => "NCP",
        0x7375_7245 => "Coda",
        0x0BD0_0BD0 => "Lustre",
        _ => return None,
    };
    let finding =
        Finding::error("disk", format!("the store lies on {name}, which cannot be trusted with a ledger"));
    Some(
        finding
            .hint("move it to a disk of this machine, or use PostgreSQL: `rotative store migrate --to URL`"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::finding::Health;

    #[test]
    fn a_twentieth_of_the_disk_and_256_mebibytes_have_to_be_free() {
        let gib = 1024 * 1024 * 1024;
        assert_eq!(room(gib, 10 * gib, None).severity, Health::Ok);
        assert_eq!(room(gib, 40 * gib, None).severity, Health::Error);
        assert_eq!(room(gib, 40 * gib, Some(ROOM)).severity, Health::Ok);
        assert_eq!(room(ROOM - 1, gib, None).severity, Health::Error);
        assert_eq!(room(u64::MAX, u64::MAX, None).severity, Health::Ok);
    }

    #[test]
    fn disks_of_other_machines_are_known() {
        for (magic, bad) in
            [(0x6969, true), (0x6573_5546, true), (0xFF53_4D42, true), (0xEF53, false), (0x9123_683E, false)]
        {
            assert_eq!(kind(magic).is_some(), bad, "{magic:x}");
        }
    }

    #[test]
    fn the_disk_under_a_folder_is_asked() {
        let folder = tempfile::tempdir().expect("a folder");
        assert!(
            disk(folder.path())
                .iter()
                .any(|finding| finding.message.ends_with("free") || finding.hint.is_some())
        );
        assert_eq!(disk(&folder.path().join("none"))[0].severity, Health::Error);
    }
}
