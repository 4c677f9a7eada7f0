//! Which machines may be asked: those of the public internet. Each address that a name resolves to is looked at,
//! and the connection is made to those very addresses: a name that means another machine the next moment
//! (DNS rebinding) changes nothing.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use thiserror::Error;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver as Resolve};
use ureq::unversioned::transport::NextTimeout;

use crate::model::Network;

/// Which machines may be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guard {
    /// Those of the public internet alone.
    PublicOnly,
    /// Those and this machine itself, for tests.
    Loopback,
}

impl Guard {
    fn admits(self, address: IpAddr) -> bool {
        is_public(address) || self == Self::Loopback && address.to_canonical().is_loopback()
    }
}

/// A machine that may not be asked.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{host}` is a machine of a private network ({address})")]
pub struct Refused {
    host: String,
    address: IpAddr,
}

/// Resolves names as the system does, and lets through what the guard does.
#[derive(Debug)]
pub(super) struct Resolver {
    guard: Guard,
    system: DefaultResolver,
}

impl Resolver {
    pub(super) fn new(guard: Guard) -> Self {
        Self { guard, system: DefaultResolver::default() }
    }
}

impl Resolve for Resolver {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = self.system.resolve(uri, config, timeout)?;
        match found.iter().map(|address| address.ip()).find(|address| !self.guard.admits(*address)) {
            Some(address) => {
                let host = uri.host().unwrap_or_default().to_owned();
                Err(ureq::Error::Other(Box::new(Refused { host, address })))
            }
            None => Ok(found),
        }
    }
}

/// Whether an address is one of the public internet (the IANA registries of special-purpose addresses).
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    const SPECIAL: [&str; 16] = [
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        // The metadata of one cloud's machines.
        "168.63.129.16/32",
    ];
    // What could not be read would let nobody through.
    let holds =
        |special: &str| Network::parse(special).map_or(true, |special| special.contains(address.into()));
    !SPECIAL.into_iter().any(holds)
}

/// Only 2000::/3 is given out; addresses that carry one of IPv4 are judged by that one.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, second, third, fourth, fifth, sixth, seventh, eighth] = address.segments();
    let v4 = |high: u16, low: u16| is_public_v4(Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low)));
    match (first, second) {
        (0, 0) if [third, fourth, fifth, sixth] == [0, 0, 0, 0xffff] => v4(seventh, eighth),
        // NAT64 (RFC 6052), and 6to4 (RFC 3056).
        (0x64, 0xff9b) if [third, fourth, fifth, sixth] == [0; 4] => v4(seventh, eighth),
        (0x2002, _) => v4(second, third),
        // Teredo, ORCHID, benchmarks; documentation.
        (0x2001, ..0x0200 | 0x0db8) | (0x3fff, ..0x1000) => false,
        _ => first & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_addresses_in_every_dress_are_known() {
        for text in [
            "0.0.0.0",
            "10.1.2.3",
            "100.100.100.200",
            "127.0.0.1",
            "169.254.169.254",
            "172.31.255.255",
            "192.168.1.1",
            "198.19.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "168.63.129.16",
            "::",
            "::1",
            "::7f00:1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::a00:1",
            "64:ff9b:1::a00:1",
            "2002:7f00:1::",
            "2001::1",
            "2001:db8::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "ff02::1",
        ] {
            assert!(!is_public(text.parse().expect("an address")), "{text}");
        }
    }

    #[test]
    fn the_public_internet_is_open() {
        for text in
            ["1.1.1.1", "172.32.0.1", "192.0.1.1", "2606:4700::1111", "64:ff9b::101:101", "2001:4860::1"]
        {
            assert!(is_public(text.parse().expect("an address")), "{text}");
        }
    }
}
