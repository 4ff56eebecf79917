//! Networks of proxies, in the notation `10.1.0.0/16`; an address alone is a network of one.

use std::{fmt, net::IpAddr, str::FromStr};

use ipnet::IpNet;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

/// Proxies whose word about a client's address is believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProxyNetwork(IpNet);

impl ProxyNetwork {
    /// Whether `address` lies in this network. An IPv4 address that is written as IPv6 (`::ffff:192.0.2.1`) counts as
    /// IPv4.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address.to_canonical())
    }
}

impl FromStr for ProxyNetwork {
    type Err = ProxyNetworkError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let network = match text.parse::<IpAddr>() {
            Ok(address) => IpNet::from(address.to_canonical()),
            Err(_) => text.parse().map_err(|_| ProxyNetworkError::Notation(text.to_owned()))?,
        };
        match network {
            IpNet::V6(network) if network.network().to_ipv4_mapped().is_some() => {
                Err(ProxyNetworkError::MappedNetwork(text.to_owned()))
            }
            _ if network.addr() != network.network() => {
                Err(ProxyNetworkError::HostBits { text: text.to_owned(), network: network.trunc() })
            }
            _ => Ok(Self(network)),
        }
    }
}

/// Why a text names no network of proxies.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProxyNetworkError {
    /// Neither an address nor a network.
    #[error("`{0}` is neither an IP address nor a network such as 10.1.0.0/16")]
    Notation(String),
    /// Bits behind the prefix are set: probably a mistyped prefix, which would trust more addresses than meant.
    #[error("`{text}` has bits behind its prefix; the network is {network}")]
    HostBits {
        /// The text as it stands in the settings.
        text: String,
        /// Without those bits.
        network: IpNet,
    },
    /// IPv4 networks are written as such.
    #[error("`{0}` is a network of IPv4 addresses written as IPv6; write it as IPv4")]
    MappedNetwork(String),
}

impl fmt::Display for ProxyNetwork {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl<'de> Deserialize<'de> for ProxyNetwork {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

impl Serialize for ProxyNetwork {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(network: &str, address: &str) -> bool {
        network.parse::<ProxyNetwork>().unwrap().contains(address.parse().unwrap())
    }

    #[test]
    fn an_address_is_a_network_of_one_and_a_network_holds_its_addresses_only() {
        assert!(holds("192.0.2.1", "192.0.2.1") && !holds("192.0.2.1", "192.0.2.2"));
        assert!(holds("192.0.2.1", "::ffff:192.0.2.1") && holds("::ffff:192.0.2.1", "192.0.2.1"));
        assert!(holds("10.1.0.0/16", "10.1.255.255") && !holds("10.1.0.0/16", "10.2.0.0"));
        assert!(holds("fd00:1::/32", "fd00:1:2::3") && !holds("fd00:1::/32", "fd00:2::3"));
        assert!(!holds("0.0.0.0/0", "2001:db8::1"), "all of IPv4 is not all of IPv6");
    }

    #[test]
    fn a_network_that_trusts_more_than_it_seems_to_is_refused() {
        let refused = |text: &str| text.parse::<ProxyNetwork>().unwrap_err().to_string();
        assert_eq!(refused("10.1.2.3/16"), "`10.1.2.3/16` has bits behind its prefix; the network is 10.1.0.0/16");
        assert!(refused("::ffff:10.1.0.0/112").contains("write it as IPv4"));
        for text in ["", "proxy", "10.1.0.0/33", "10.1.0.0/", "10.1/16"] {
            assert!(refused(text).contains("neither"), "{text}");
        }
    }
}
