//! How often one network may ask: a table of fixed size, so that no flood fills the memory.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicI64, Ordering};

use crate::model::Network;

/// Requests of each network, by the generic cell rate algorithm.
pub(super) struct Limiter {
    /// When each place is free again, in milliseconds. Two networks that share a place share its limit.
    places: Vec<AtomicI64>,
    /// Chosen at the start, so that nobody can aim at another's place.
    hash: RandomState,
}

const PLACES: usize = 1 << 16;
/// One request every five seconds, thirty at once.
const PAUSE: i64 = 5_000;
const BURST: i64 = 30;
/// A site of IPv6 has as much as so many neighbourhoods, however many it has.
const SITE: i64 = 4;

impl Limiter {
    pub(super) fn new() -> Self {
        Self { places: (0..PLACES).map(|_| AtomicI64::new(0)).collect(), hash: RandomState::new() }
    }

    /// Whether a network may ask now (milliseconds); if not, after how many seconds.
    pub(super) fn admit(&self, network: Network, now: i64) -> Result<(), i64> {
        // The neighbourhood first: one that asks too often takes nothing from the others of its site.
        self.one(network, now, PAUSE, BURST)?;
        network.site().map_or(Ok(()), |site| self.one(site, now, PAUSE / SITE, BURST * SITE))
    }

    fn one(&self, network: Network, now: i64, pause: i64, burst: i64) -> Result<(), i64> {
        let at = self.hash.hash_one(network) as usize % PLACES;
        let mut free = self.places[at].load(Ordering::Relaxed);
        loop {
            if free - now > pause * (burst - 1) {
                return Err((free - now - pause * (burst - 1)).div_euclid(1000) + 1);
            }
            let next = free.max(now) + pause;
            match self.places[at].compare_exchange_weak(free, next, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return Ok(()),
                Err(other) => free = other,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_waits_after_its_burst_and_no_other_does() {
        let limiter = Limiter::new();
        let network = |text: &str| Network::parse(text).expect("a network");
        let (one, other) = (network("192.0.2.0/24"), network("198.51.100.0/24"));
        for _ in 0..BURST {
            assert_eq!(limiter.admit(one, 1_000_000), Ok(()));
        }
        assert!(limiter.admit(one, 1_000_000).is_err());
        assert_eq!(limiter.admit(other, 1_000_000), Ok(()));
        assert_eq!(limiter.admit(one, 1_000_000 + PAUSE), Ok(()));
    }

    #[test]
    fn a_site_with_many_neighbourhoods_has_a_limit_of_its_own() {
        let limiter = Limiter::new();
        let network = |text: String| Network::parse(&text).expect("a network");
        let admitted = (0..1000)
            .filter(|number| limiter.admit(network(format!("2001:db8:1:{number:x}::/64")), 1_000_000).is_ok())
            .count();
        assert_eq!(admitted as i64, BURST * SITE);
        assert_eq!(limiter.admit(network("2001:db8:2::/64".to_owned()), 1_000_000), Ok(()));
    }
}
