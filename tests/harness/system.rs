//! A whole desk, in one of two forms.

use std::sync::OnceLock;

use serde_json::Value;

use super::{
    broker::Broker,
    cache::Cache,
    database::Database,
    folder::{self, Folder},
    node::{self, Node, Role},
    sample::Sample,
    settings::Shared,
};

/// A whole desk of our own; everything ends when it is dropped.
#[derive(Debug)]
pub struct System {
    gateways: Vec<Node>,
    workers: Vec<Node>,
    demo: Demo,
    other: OnceLock<OtherTenant>,
    parts: Option<Parts>,
    // Dropped last: everything writes into it.
    _folder: Folder,
}

/// What the nodes of a cluster share.
#[derive(Debug)]
struct Parts {
    broker: Broker,
    database: Database,
    cache: Cache,
}

/// The example tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Demo {
    /// Id of the tenant.
    pub tenant: String,
    /// The id of its inbox.
    pub inbox: String,
    /// E-mail address and password of Ada, the owner.
    pub owner: (String, String),
    /// E-mail address and password of Bob, an agent.
    pub agent: (String, String),
}

/// A tenant beside the demo tenant, made for one test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherTenant {
    /// Id of the tenant.
    pub tenant: String,
    /// The id of its inbox.
    pub inbox: String,
    /// E-mail address and password of its owner.
    pub owner: (String, String),
}

impl System {
    /// One process with everything embedded.
    ///
    /// # Panics
    /// When it does not become ready.
    #[must_use]
    pub fn up() -> Self {
        Self::up_with(&[])
    }

    /// As [`System::up`], with settings from the environment: `FRONTDESK__SECTION__KEY`.
    ///
    /// # Panics
    /// When it does not become ready.
    #[must_use]
    pub fn up_with(environment: &[(&str, &str)]) -> Self {
        let folder = Folder::new("up");
        let node = Node::new(Role::Up, 0, &folder, None, environment);
        let (said, _) = node.start();
        Self {
            gateways: vec![node],
            workers: Vec::new(),
            demo: Demo::of(&said),
            other: OnceLock::new(),
            parts: None,
            _folder: folder,
        }
    }

    /// One process with everything embedded, on the data folder of `sample`.
    ///
    /// # Panics
    /// When it does not become ready.
    #[must_use]
    pub fn up_on(sample: &Sample) -> Self {
        let folder = Folder::new("upgraded");
        let node = Node::new(Role::Up, 0, &folder, None, &[]);
        folder::copy(&sample.data(), node.data_dir());
        node.start();
        Self {
            gateways: vec![node],
            workers: Vec::new(),
            demo: Demo::of_sample(sample),
            other: OnceLock::new(),
            parts: None,
            _folder: folder,
        }
    }

    /// Two gateways and two workers on the broker store and the database dump of `sample`.
    ///
    /// # Panics
    /// When a part of it does not become ready.
    #[must_use]
    pub fn cluster_on(sample: &Sample) -> Self {
        let parts =
            Parts { broker: Broker::start_on(&sample.broker()), database: Database::create(), cache: Cache::start() };
        parts.database.restore(&sample.dump());
        Self::cluster_of(parts, Some(Demo::of_sample(sample)), &[])
    }

    /// Two gateways and two workers on a broker of three servers, Postgres and Redis.
    ///
    /// # Panics
    /// When a part of it does not become ready.
    #[must_use]
    pub fn cluster() -> Self {
        Self::cluster_with(3, &[])
    }

    /// As [`System::cluster`], on so many broker servers, with settings from the environment.
    ///
    /// # Panics
    /// When a part of it does not become ready.
    #[must_use]
    pub fn cluster_with(brokers: usize, environment: &[(&str, &str)]) -> Self {
        let parts = Parts { broker: Broker::start(brokers), database: Database::create(), cache: Cache::start() };
        Self::cluster_of(parts, None, environment)
    }

    /// On these parts, with the example tenant that they hold; where they hold none, it is made.
    fn cluster_of(parts: Parts, demo: Option<Demo>, environment: &[(&str, &str)]) -> Self {
        let folder = Folder::new("cluster");
        let shared = Shared { broker: &parts.broker, database: &parts.database, cache: &parts.cache };
        let nodes = |role| -> Vec<Node> {
            let each = (0..2).map(|index| Node::new(role, index, &folder, Some(shared), environment));
            each.collect()
        };
        let (gateways, workers) = (nodes(Role::Gateway), nodes(Role::Worker));
        let demo = demo.unwrap_or_else(|| Demo::of(&node::seed(&gateways[0])));
        for node in gateways.iter().chain(&workers) {
            node.start();
        }
        Self { gateways, workers, demo, other: OnceLock::new(), parts: Some(parts), _folder: folder }
    }

    /// A node that takes sockets and requests. Numbers beyond the last begin again, so that a test may speak of two
    /// gateways where there is one.
    #[must_use]
    pub fn gateway(&self, index: usize) -> &Node {
        &self.gateways[index % self.gateways.len()]
    }

    /// All nodes that take sockets and requests.
    #[must_use]
    pub fn gateways(&self) -> &[Node] {
        &self.gateways
    }

    /// Nodes that do nothing but background work.
    #[must_use]
    pub fn workers(&self) -> &[Node] {
        &self.workers
    }

    /// All Frontdesk processes of the system.
    pub fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.gateways.iter().chain(&self.workers)
    }

    /// The example tenant.
    #[must_use]
    pub const fn demo(&self) -> &Demo {
        &self.demo
    }

    /// A second tenant on the same desk, made when first asked for.
    ///
    /// # Panics
    /// When it cannot be made.
    pub fn other_tenant(&self) -> &OtherTenant {
        self.other.get_or_init(|| OtherTenant::of(&node::set_up(&self.gateways[0])))
    }

    /// Whether its nodes share parts of their own: [`System::cluster`].
    #[must_use]
    pub const fn has_parts(&self) -> bool {
        self.parts.is_some()
    }

    /// The broker that the nodes share.
    ///
    /// # Panics
    /// When there is none: [`System::up`].
    #[must_use]
    pub const fn broker(&self) -> &Broker {
        &self.parts.as_ref().expect("only a cluster has parts of its own").broker
    }

    /// The database that the nodes share.
    ///
    /// # Panics
    /// When there is none: [`System::up`].
    #[must_use]
    pub const fn database(&self) -> &Database {
        &self.parts.as_ref().expect("only a cluster has parts of its own").database
    }

    /// The Redis that the nodes share.
    ///
    /// # Panics
    /// When there is none: [`System::up`].
    #[must_use]
    pub const fn cache(&self) -> &Cache {
        &self.parts.as_ref().expect("only a cluster has parts of its own").cache
    }
}

impl Demo {
    fn of_sample(sample: &Sample) -> Self {
        let text = |pointer: &str| {
            let found = sample.expected().pointer(pointer).and_then(Value::as_str);
            found.unwrap_or_else(|| panic!("no {pointer} in the sample")).to_owned()
        };
        Self {
            tenant: text("/tenant"),
            inbox: text("/inbox"),
            owner: (text("/owner/email"), text("/owner/password")),
            agent: (text("/agent/email"), text("/agent/password")),
        }
    }

    fn of(said: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_else(|| panic!("a text is missing in {said}")).to_owned();
        let agent = |index: usize| {
            let agent = &said["agents"][index];
            (text(&agent["email"]), text(&agent["password"]))
        };
        Self { tenant: text(&said["tenant"]), inbox: text(&said["inbox"]), owner: agent(0), agent: agent(1) }
    }
}

impl OtherTenant {
    fn of(said: &str) -> Self {
        let word = |name: &str| {
            let line = said.lines().find_map(|line| line.strip_prefix(name));
            line.unwrap_or_else(|| panic!("no {name} in {said}")).trim().to_owned()
        };
        Self { tenant: word("tenant"), inbox: word("inbox"), owner: (word("owner"), word("password")) }
    }
}
