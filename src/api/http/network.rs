//! Which network an address belongs to, for everything that is counted by address.

use std::net::{IpAddr, Ipv6Addr};

/// The network whose rate is counted, if it says anything of who asks. A loopback address does not: it is this machine,
/// or a proxy on it that the settings do not name, and then everybody would share one rate.
pub(crate) fn counted_network(address: IpAddr) -> Option<IpAddr> {
    (!plain(address).is_loopback()).then(|| network(address))
}

/// What stands for an address where things are counted: one subscriber of IPv6 has a whole /64.
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match plain(address) {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

/// The IPv4 address, where an IPv6 address stands for one.
pub(super) fn plain(address: IpAddr) -> IpAddr {
    address.to_canonical()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_in_one_ipv6_network_count_as_one() {
        let parse = |text: &str| text.parse::<IpAddr>().unwrap();
        assert_eq!(network(parse("2001:db8:1:2:3::9")), network(parse("2001:db8:1:2:ffff::1")));
        assert_ne!(network(parse("2001:db8:1:2::9")), network(parse("2001:db8:1:3::9")));
    }
}
