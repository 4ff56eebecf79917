//! How many sockets there may be: on this node, and from each address.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use frontdesk_ports::Door;
use uuid::Uuid;

use crate::{
    address::network,
    problem::{Code, Problem},
};

/// The sockets of this node, whatever carries them.
#[derive(Debug)]
pub(crate) struct Places {
    most: usize,
    most_per_address: usize,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// One socket's place, from its handshake on; free again when dropped.
#[derive(Debug)]
pub struct Place {
    places: Arc<Places>,
    network: IpAddr,
}

/// Why there is no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Full {
    Node,
    Address,
}

impl Places {
    /// At most `most` sockets, and `most_per_address` of them from one address.
    pub(crate) fn new(most: usize, most_per_address: usize) -> Arc<Self> {
        metrics::gauge!("desk_sockets_limit").set(most as f64);
        Arc::new(Self { most, most_per_address, taken: Mutex::default() })
    }

    /// A place for a socket from `address`. The last twentieth of all places is for agents: when visitors fill the node, whoever
    /// answers them still gets in.
    pub(crate) fn take(self: &Arc<Self>, address: IpAddr, door: Door) -> Result<Place, Full> {
        let most = if door == Door::Console { self.most } else { self.most - self.most / 20 };
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
        Ok(Place { places: Arc::clone(self), network })
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

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken();
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

    const WIDGET: Door = Door::Widget(InboxId(Uuid::nil()));

    fn address(last: u8) -> IpAddr {
        [203, 0, 113, last].into()
    }

    #[test]
    fn an_address_has_so_many_places_and_gets_them_back() {
        let places = Places::new(100, 2);
        let (first, second) = (places.take(address(1), WIDGET).unwrap(), places.take(address(1), WIDGET).unwrap());
        assert_eq!(places.take(address(1), WIDGET).unwrap_err(), Full::Address);
        assert!(places.take(address(2), WIDGET).is_ok());
        drop(first);
        assert!(places.take(address(1), WIDGET).is_ok());
        drop(second);
        assert!(places.taken().by_address.is_empty(), "nothing is kept of addresses without sockets");
        assert_eq!(places.taken().all, 0);
    }

    #[test]
    fn a_node_takes_so_many_sockets_and_the_last_ones_are_agents() {
        let places = Places::new(40, 1_000);
        let take = |number: u8, door| places.take(address(number), door);
        let mut visitors: Vec<_> = (0..38).map(|number| take(number, WIDGET).unwrap()).collect();
        assert_eq!(take(100, WIDGET).unwrap_err(), Full::Node);
        let agents: Vec<_> = (0..2).map(|number| take(number, Door::Console).unwrap()).collect();
        assert_eq!(take(100, Door::Console).unwrap_err(), Full::Node);
        visitors.pop();
        assert_eq!(take(100, WIDGET).unwrap_err(), Full::Node, "39 are taken");
        drop(agents);
        assert!(take(100, WIDGET).is_ok());
    }
}
