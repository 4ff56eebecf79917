//! The table of worker roles.
//!
//! Everything that has to know which roles exist is derived from it: the setting `workers.roles`, the command line, the
//! broker's consumers, how far the log may be trimmed, redelivery of dead letters, metrics labels and the names that
//! bridges cannot have. A new role is one row here, one line in `src/workers/lib.rs` and a folder in `src/workers`.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// One kind of background work; a row of the table of roles in this file.
#[derive(Clone, Copy)]
pub struct Role(&'static Row);

struct Row {
    name: &'static str,
    does: &'static str,
    queue: Option<Queue>,
}

/// A work queue at the broker: a durable consumer that workers of one role share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Queue {
    name: &'static str,
    source: QueueSource,
}

/// What a queue hands out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueueSource {
    /// Every entry of the message log, each partition's in order. Entries stay in the log until every queue of this
    /// kind has processed them.
    Entries,
    /// Delivered and read receipts.
    Receipts,
    /// Messages that bridges publish.
    Inbound,
    /// The broker's notices of records that it does not deliver any more.
    MaxDeliveryNotices,
}

const ROLES: &[Row] = &[
    Row { name: "persist", does: "writes log entries to the database", queue: Some(entries("persist")) },
    Row { name: "push", does: "sends changed list rows to agents", queue: Some(entries("push")) },
    Row {
        name: "receipts",
        does: "writes delivered and read receipts to the database",
        queue: Some(Queue { name: "receipts", source: QueueSource::Receipts }),
    },
    Row { name: "trim", does: "removes from the log what was processed", queue: None },
    Row {
        name: "reconcile",
        does: "finds logged entries that were not persisted in time and persists them",
        queue: None,
    },
    Row {
        name: "exhausted",
        does: "stores as dead letters what the broker does not deliver any more",
        queue: Some(Queue { name: "given-up", source: QueueSource::MaxDeliveryNotices }),
    },
    Row {
        name: "ingest",
        does: "files what bridges publish",
        queue: Some(Queue { name: "ingest", source: QueueSource::Inbound }),
    },
    Row { name: "timers", does: "ends snoozes and does whatever else is due at a moment", queue: None },
    Row { name: "relay", does: "publishes events of agents, inboxes and roles", queue: None },
];

const fn entries(name: &'static str) -> Queue {
    Queue { name, source: QueueSource::Entries }
}

impl Role {
    /// Every role, in the order of the table.
    pub fn all() -> impl ExactSizeIterator<Item = Self> {
        ROLES.iter().map(Self)
    }

    /// The role of this name. In a constant, a name that the table lacks does not compile.
    ///
    /// # Panics
    /// The table has no such role.
    #[must_use]
    pub const fn named(name: &str) -> Self {
        let mut row = 0;
        while row < ROLES.len() {
            if is_same(ROLES[row].name, name) {
                return Self(&ROLES[row]);
            }
            row += 1;
        }
        panic!("no such role in the table")
    }

    /// Its name in settings, logs and metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.0.name
    }

    /// What it does, for help and documentation.
    #[must_use]
    pub const fn does(self) -> &'static str {
        self.0.does
    }

    /// The queue that it takes from; `None` for a role that looks for its work itself.
    #[must_use]
    pub const fn queue(self) -> Option<Queue> {
        self.0.queue
    }
}

impl Queue {
    /// Every queue, in the order of the roles.
    pub fn all() -> impl Iterator<Item = Self> {
        ROLES.iter().filter_map(|row| row.queue)
    }

    /// The queue of this name. In a constant, a name that the table lacks does not compile.
    ///
    /// # Panics
    /// No role has such a queue.
    #[must_use]
    pub const fn named(name: &str) -> Self {
        let mut row = 0;
        while row < ROLES.len() {
            if let Some(queue) = ROLES[row].queue
                && is_same(queue.name, name)
            {
                return queue;
            }
            row += 1;
        }
        panic!("no role has such a queue")
    }

    /// Its name at the broker, in metrics and in dead letters.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.name
    }

    /// What it hands out.
    #[must_use]
    pub const fn source(self) -> QueueSource {
        self.source
    }
}

const fn is_same(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    if one.len() != other.len() {
        return false;
    }
    let mut at = 0;
    while at < one.len() {
        if one[at] != other[at] {
            return false;
        }
        at += 1;
    }
    true
}

/// A name that no role has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{name}` is not a role; the roles are {}", names())]
pub struct UnknownRole {
    name: String,
}

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(name: &str) -> Result<Self, UnknownRole> {
        let name = name.trim();
        let name = if name == FORMER_NAME.0 { FORMER_NAME.1 } else { name };
        Self::all().find(|role| role.name() == name).ok_or_else(|| UnknownRole { name: name.to_owned() })
    }
}

/// A former name of a role, which settings may still have, and its name now.
const FORMER_NAME: (&str, &str) = ("park", "exhausted");

fn names() -> String {
    Role::all().map(Role::name).collect::<Vec<_>>().join(", ")
}

impl<'de> Deserialize<'de> for Role {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

impl Serialize for Role {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl PartialEq for Role {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for Role {}

impl std::hash::Hash for Role {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.name().hash(state);
    }
}

impl fmt::Debug for Role {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl fmt::Display for Role {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_two_roles_and_no_two_queues_have_one_name() {
        let roles: HashSet<_> = Role::all().collect();
        let queues: HashSet<_> = Queue::all().map(Queue::name).collect();
        assert_eq!((roles.len(), queues.len()), (Role::all().len(), Queue::all().count()));
    }

    #[test]
    fn settings_that_name_a_role_as_it_was_called_before_are_still_read() {
        assert_eq!("park".parse(), Ok(Role::named("exhausted")));
    }

    #[test]
    fn a_role_is_found_by_its_name_and_a_wrong_name_is_answered_with_all_of_them() {
        for role in Role::all() {
            assert_eq!(role.name().parse(), Ok(role));
            assert_eq!(Role::named(role.name()), role);
        }
        let wrong = "filing".parse::<Role>().unwrap_err().to_string();
        assert!(Role::all().all(|role| wrong.contains(role.name())), "{wrong}");
    }
}
