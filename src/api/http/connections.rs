//! How many sockets there may be: on this node, and from each address.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use frontdesk_ports::TokenAudience;
use uuid::Uuid;

use crate::http::{Code, Problem, network};

/// How many sockets this node has open, in all and by client address.
#[derive(Debug)]
pub(crate) struct ConnectionLimits {
    most: usize,
    most_per_address: usize,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// Counts one socket, from its handshake on; given back when dropped.
#[derive(Debug)]
pub struct ConnectionPermit {
    connections: Arc<ConnectionLimits>,
    network: IpAddr,
}

/// Which limit is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Full {
    Node,
    Address,
}

impl ConnectionLimits {
    /// At most `most` sockets, and `most_per_address` of them from one address.
    pub(crate) fn new(most: usize, most_per_address: usize) -> Arc<Self> {
        metrics::gauge!("desk_sockets_limit").set(most as f64);
        Arc::new(Self { most, most_per_address, taken: Mutex::default() })
    }

    /// Counts a socket from `address`. The last twentieth of the limit is kept for agents, so that visitors who fill
    /// the node do not lock out the agents who answer them.
    pub(crate) fn take(self: &Arc<Self>, address: IpAddr, audience: TokenAudience) -> Result<ConnectionPermit, Full> {
        let most = if audience == TokenAudience::Console { self.most } else { self.most - self.most / 20 };
        let network = network(address);
        let mut taken = self.taken();
        let of_address = taken.by_address.get(&network).copied().unwrap_or_default();
        let full = if taken.all >= most {
            Some(Full::Node)
        } else if of_address >= self.most_per_address {
            Some(Full::Address)
        } else {
            None
        };
        if let Some(full) = full {
            drop(taken);
            metrics::counter!("desk_sockets_refused_total", "full" => full.as_str()).increment(1);
            return Err(full);
        }
        taken.by_address.insert(network, of_address + 1);
        let all = taken.all + 1;
        taken.count(all);
        Ok(ConnectionPermit { connections: Arc::clone(self), network })
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Taken {
    fn count(&mut self, all: usize) {
        self.all = all;
        metrics::gauge!("desk_sockets_open").set(all as f64);
    }
}

impl Drop for ConnectionPermit {
    fn drop(&mut self) {
        let mut taken = self.connections.taken();
        let all = taken.all - 1;
        taken.count(all);
        if let Some(count) = taken.by_address.get_mut(&self.network) {
            *count -= 1;
            if *count == 0 {
                taken.by_address.remove(&self.network);
            }
        }
    }
}

impl Full {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Node => "node",
            Self::Address => "address",
        }
    }
}

impl From<Full> for Problem {
    fn from(full: Full) -> Self {
        match full {
            // Not all at the same moment, and perhaps to another node.
            Full::Node => {
                let after = u64::from(Uuid::new_v4().as_fields().0) % 10_000;
                Self::new(Code::Overloaded, "this node has as many sockets as it takes")
                    .after(Duration::from_millis(5_000 + after))
            }
            Full::Address => Self::rate_limited(COME_BACK),
        }
    }
}

/// When an address that has its fill comes back: long enough to matter, short enough for a socket to have ended.
const COME_BACK: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use frontdesk_domain::InboxId;

    use super::*;

    const WIDGET: TokenAudience = TokenAudience::Widget(InboxId(Uuid::nil()));

    fn address(last: u8) -> IpAddr {
        [203, 0, 113, last].into()
    }

    #[test]
    fn an_address_has_so_many_places_and_gets_them_back() {
        let connections = ConnectionLimits::new(100, 2);
        let (first, second) =
            (connections.take(address(1), WIDGET).unwrap(), connections.take(address(1), WIDGET).unwrap());
        assert_eq!(connections.take(address(1), WIDGET).unwrap_err(), Full::Address);
        assert!(connections.take(address(2), WIDGET).is_ok());
        drop(first);
        assert!(connections.take(address(1), WIDGET).is_ok());
        drop(second);
        assert!(connections.taken().by_address.is_empty(), "nothing is kept of addresses without sockets");
        assert_eq!(connections.taken().all, 0);
    }

    #[test]
    fn a_node_takes_so_many_sockets_and_the_last_ones_are_agents() {
        let connections = ConnectionLimits::new(40, 1_000);
        let take = |number: u8, audience| connections.take(address(number), audience);
        let mut visitors: Vec<_> = (0..38).map(|number| take(number, WIDGET).unwrap()).collect();
        assert_eq!(take(100, WIDGET).unwrap_err(), Full::Node);
        let agents: Vec<_> = (0..2).map(|number| take(number, TokenAudience::Console).unwrap()).collect();
        assert_eq!(take(100, TokenAudience::Console).unwrap_err(), Full::Node);
        visitors.pop();
        assert_eq!(take(100, WIDGET).unwrap_err(), Full::Node, "39 are taken");
        drop(agents);
        assert!(take(100, WIDGET).is_ok());
    }
}
