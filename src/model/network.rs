//! Networks: where a request comes from, without saying who.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

use thiserror::Error;

/// The addresses that share their first bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Network {
    first: u128,
    prefix: u8,
    v4: bool,
}

/// A text that is no network.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{0}` is no network")]
pub struct NetworkError(String);

impl Network {
    /// Reads `10.0.0.0/8`, `2001:db8::/32` or a single address.
    pub fn parse(text: &str) -> Result<Self, NetworkError> {
        let refused = || NetworkError(text.to_owned());
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix.parse::<u8>().map_err(|_| refused())?)),
            None => (text, None),
        };
        let address = address.parse::<IpAddr>().map_err(|_| refused())?;
        let longest = if address.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.unwrap_or(longest);
        if prefix > longest { Err(refused()) } else { Ok(Self::new(address, prefix)) }
    }

    /// The neighbourhood of an address: /24, or /64 of IPv6. One household or office more or less.
    pub fn around(address: IpAddr) -> Self {
        let address = address.to_canonical();
        Self::new(address, if address.is_ipv4() { 24 } else { 64 })
    }

    /// A machine, or the /64 of IPv6 that a machine can have for itself.
    pub fn of_machine(address: IpAddr) -> Self {
        let address = address.to_canonical();
        Self::new(address, if address.is_ipv4() { 32 } else { 64 })
    }

    /// The /48 around a network of IPv6: one customer may have 65,536 neighbourhoods (RFC 6177).
    pub fn site(self) -> Option<Self> {
        let site = || Self::new(IpAddr::V6(Ipv6Addr::from_bits(self.first)), 48);
        (!self.v4 && self.prefix > 48).then(site)
    }

    /// Whether an address lies in it.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        address.is_ipv4() == self.v4 && Self::new(address, self.prefix).first == self.first
    }

    fn new(address: IpAddr, prefix: u8) -> Self {
        let v4 = address.is_ipv4();
        let (bits, width) = match address {
            IpAddr::V4(address) => (u128::from(address.to_bits()), 32),
            IpAddr::V6(address) => (address.to_bits(), 128),
        };
        let dropped = width - u32::from(prefix);
        let first = bits.checked_shr(dropped).and_then(|kept| kept.checked_shl(dropped)).unwrap_or(0);
        Self { first, prefix, v4 }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match u32::try_from(self.first) {
            Ok(bits) if self.v4 => write!(f, "{}/{}", std::net::Ipv4Addr::from_bits(bits), self.prefix),
            _ => write!(f, "{}/{}", Ipv6Addr::from_bits(self.first), self.prefix),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_neighbourhood_hides_the_neighbour() {
        let around = |text: &str| Network::around(text.parse().expect("an address")).to_string();
        assert_eq!(around("192.0.2.77"), "192.0.2.0/24");
        assert_eq!(around("::ffff:192.0.2.77"), "192.0.2.0/24");
        assert_eq!(around("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
        let site = |text: &str| Network::parse(text).expect("a network").site().map(|site| site.to_string());
        assert_eq!(site("2001:db8:1:2::/64").as_deref(), Some("2001:db8:1::/48"));
        assert_eq!((site("192.0.2.0/24"), site("2001:db8::/32")), (None, None));
    }

    #[test]
    fn a_network_holds_its_own() {
        let network = Network::parse("10.0.0.0/8").expect("a network");
        assert!(network.contains("10.9.9.9".parse().expect("an address")));
        assert!(!network.contains("11.0.0.1".parse().expect("an address")));
        assert!(Network::parse("0.0.0.0/0").expect("all").contains("1.2.3.4".parse().expect("an address")));
        for text in ["", "10.0.0.0/33", "10.0.0/8", "::/129", "a/8"] {
            assert!(Network::parse(text).is_err(), "{text}");
        }
    }
}
