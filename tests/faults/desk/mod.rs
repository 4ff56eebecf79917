//! A whole desk whose every part can be reached by faults.

mod disk;
mod part;
mod programs;
mod servers;
mod settings;
mod sql;

use std::{fs, path::PathBuf};

use frontdesk_tests::harness::{Folder, Launch};
use futures_util::future::join_all;
use serde_json::Value;

pub(crate) use disk::{Disk, DiskKind};
pub(crate) use part::{Part, below, is_stopped, program, signal};
use programs::free_port;
use settings::{NodeSettings, Shared};
pub(crate) use sql::Sql;

use crate::{clients::Endpoint, proxy::Link};

/// How a desk is put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// One process with everything embedded.
    Up,
    /// Two gateways and two workers on so many brokers, Postgres and Redis.
    Cluster { brokers: usize },
}

/// What is not as usual.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Quirks {
    /// Room for each message stream.
    pub stream_bytes: Option<u64>,
    /// The nodes' clocks are taken from a file.
    pub clock: bool,
    /// Which program the nodes run.
    pub build: Build,
    /// Brokers and Postgres, or the one process, have disks of their own.
    pub disks: Option<DiskKind>,
    /// The embedded broker acknowledges what is not on the disk yet.
    pub lazy_sync: bool,
}

/// A build of the nodes' program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Build {
    /// The one that people run.
    #[default]
    Usual,
    /// The one that can do wrong, and dies where it is told to; with this fault planted, if any.
    Planted(Option<&'static str>),
}

/// A desk; everything ends when it is dropped.
#[derive(Debug)]
pub(crate) struct Desk {
    pub gateways: Vec<Part>,
    pub workers: Vec<Part>,
    pub brokers: Vec<Part>,
    pub postgres: Option<Part>,
    pub redis: Option<Part>,
    /// Lines from people to each gateway.
    pub gateway_links: Vec<Link>,
    /// Lines from each gateway to the brokers.
    pub broker_links: Vec<Vec<Link>>,
    pub tenants: Vec<Tenant>,
    pub sql: Sql,
    hosts: Vec<String>,
    monitors: Vec<u16>,
    clock: Option<PathBuf>,
    /// Dropped after everybody who writes on them.
    pub disks: Vec<Disk>,
    // Dropped last: everything writes into it.
    folder: Folder,
}

/// An organisation on it.
#[derive(Debug, Clone)]
pub(crate) struct Tenant {
    pub id: String,
    pub inbox: String,
    /// E-mail addresses and passwords; the first belongs to an owner.
    pub agents: Vec<(String, String)>,
}

impl Desk {
    /// Starts one.
    ///
    /// # Panics
    /// When a part does not become ready.
    pub(crate) async fn start(form: Form, quirks: Quirks) -> Self {
        let folder = Folder::new("faults");
        let clock = quirks.clock.then(|| folder.path().join("clock"));
        if let Some(file) = &clock {
            fs::write(file, "+0").expect("the folder is writable");
        }
        let Form::Cluster { brokers } = form else { return Self::start_up(folder, quirks, clock).await };
        let names = (0..brokers).map(|index| format!("broker{index}")).chain(["postgres".to_owned()]);
        let disks = disks(&folder, quirks.disks, names);
        let broker_parts = servers::brokers(&folder, brokers);
        let (postgres, database) = servers::database(&folder);
        let (redis, redis_url) = servers::redis(&folder);
        join_all(broker_parts.iter().map(|(part, ..)| part.start())).await;
        tokio::join!(postgres.start(), redis.start());

        let (mut gateways, mut workers, mut hosts, mut broker_links) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let direct: Vec<String> = broker_parts.iter().map(|(_, port, _)| format!("nats://127.0.0.1:{port}")).collect();
        let mut tenants = Vec::new();
        for index in 0..4 {
            let is_gateway = index < 2;
            let name = if is_gateway { format!("gateway{index}") } else { format!("worker{}", index - 2) };
            let mut own = Vec::new();
            for (_, port, _) in broker_parts.iter().filter(|_| is_gateway) {
                own.push(Link::to(*port).await);
            }
            let through = own.iter().map(|line| format!("nats://{}", line.address())).collect();
            let brokers = if is_gateway { through } else { direct.clone() };
            let shared = Shared { brokers, database: &database, redis: &redis_url };
            let node = Node::prepare(&folder, &name, Some(shared), quirks, clock.as_ref());
            if index == 0 {
                tenants = node.tenants();
            }
            if is_gateway {
                gateways.push(node.part("gateway"));
                hosts.push(node.host());
                broker_links.push(own);
            } else {
                workers.push(node.part("worker"));
            }
        }
        let (brokers, monitors) = broker_parts.into_iter().map(|(part, _, monitor)| (part, monitor)).unzip();
        let sql = Sql::Postgres(database);
        let (postgres, redis) = (Some(postgres), Some(redis));
        let gateway_links = gateway_links(&hosts).await;
        let desk = Self {
            gateways,
            workers,
            brokers,
            postgres,
            redis,
            gateway_links,
            broker_links,
            tenants,
            sql,
            hosts,
            monitors,
            clock,
            disks,
            folder,
        };
        join_all(desk.gateways.iter().chain(&desk.workers).map(Part::start)).await;
        desk.disks.iter().for_each(Disk::sync);
        desk
    }

    async fn start_up(folder: Folder, quirks: Quirks, clock: Option<PathBuf>) -> Self {
        let disks = disks(&folder, quirks.disks, ["up".to_owned()]);
        let node = Node::prepare(&folder, "up", None, quirks, clock.as_ref());
        let tenants = node.tenants();
        let hosts = vec![node.host()];
        let desk = Self {
            gateways: vec![node.part("up")],
            workers: Vec::new(),
            brokers: Vec::new(),
            postgres: None,
            redis: None,
            gateway_links: gateway_links(&hosts).await,
            broker_links: Vec::new(),
            tenants,
            sql: sql::sqlite(&node.data),
            hosts,
            monitors: Vec::new(),
            clock,
            disks,
            folder,
        };
        desk.gateways[0].start().await;
        desk.disks.iter().for_each(Disk::sync);
        desk
    }

    /// Addresses of the gateways for clients, through the links.
    pub(crate) fn endpoints(&self) -> Vec<Endpoint> {
        let hosts = self.hosts.iter().cloned();
        hosts.zip(&self.gateway_links).map(|(host, line)| Endpoint { address: line.address(), host }).collect()
    }

    /// Where people enter who do not come by the lines.
    pub(crate) fn direct_endpoints(&self) -> Vec<Endpoint> {
        let endpoints =
            self.hosts.iter().filter_map(|host| Some(Endpoint { address: host.parse().ok()?, host: host.clone() }));
        endpoints.collect()
    }

    /// Brokers and stores.
    pub(crate) fn servers(&self) -> impl Iterator<Item = &Part> {
        self.brokers.iter().chain(&self.postgres).chain(&self.redis)
    }

    /// Every part that has a process of its own.
    pub(crate) fn parts(&self) -> impl Iterator<Item = &Part> {
        self.servers().chain(&self.gateways).chain(&self.workers)
    }

    /// Frontdesk processes.
    pub(crate) fn nodes(&self) -> impl Iterator<Item = &Part> {
        self.gateways.iter().chain(&self.workers)
    }

    /// The process of the broker that a node started for itself.
    pub(crate) fn embedded_broker(&self) -> Option<u32> {
        let node = self.gateways[0].pid()?;
        below(node).into_iter().find(|pid| program(*pid) == "nats-server")
    }

    /// The broker that leads the first stream of messages.
    pub(crate) async fn leader(&self) -> usize {
        for (index, monitor) in self.monitors.iter().enumerate() {
            let url = format!("http://127.0.0.1:{monitor}/jsz?streams=true");
            let Ok(answer) = reqwest::get(url).await else { continue };
            let answer: Value = answer.json().await.unwrap_or_default();
            let streams = answer["account_details"][0]["stream_detail"].as_array().cloned().unwrap_or_default();
            let first =
                streams.iter().find(|stream| stream["name"].as_str().is_some_and(|name| name.contains("MESSAGES")));
            let leader = first.and_then(|stream| stream["cluster"]["leader"].as_str()).map(ToOwned::to_owned);
            let found = leader.and_then(|leader| self.brokers.iter().position(|part| part.name() == leader));
            return found.unwrap_or(index);
        }
        0
    }

    /// Sets the nodes' clocks off by so many seconds.
    pub(crate) fn set_clock(&self, seconds: i64) {
        if let Some(file) = &self.clock {
            fs::write(file, format!("{seconds:+}")).expect("the folder is writable");
        }
    }

    /// The folder with all logs and settings.
    pub(crate) fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }
}

/// Disks over these folders.
fn disks(folder: &Folder, kind: Option<DiskKind>, names: impl IntoIterator<Item = String>) -> Vec<Disk> {
    let Some(kind) = kind else { return Vec::new() };
    names.into_iter().map(|name| Disk::over(&folder.inside(&name), kind)).collect()
}

async fn gateway_links(hosts: &[String]) -> Vec<Link> {
    let mut gateway_links = Vec::new();
    for host in hosts {
        let port = host.rsplit_once(':').and_then(|(_, port)| port.parse().ok()).expect("a host has a port");
        gateway_links.push(Link::to(port).await);
    }
    gateway_links
}

/// A node that is not started yet.
struct Node {
    name: String,
    port: u16,
    data: PathBuf,
    base: Launch,
    settings: PathBuf,
}

impl Node {
    fn prepare(
        folder: &Folder,
        name: &str,
        shared: Option<Shared<'_>>,
        quirks: Quirks,
        clock: Option<&PathBuf>,
    ) -> Self {
        let (port, admin_port, data) = (free_port(), free_port(), folder.inside(name));
        let key_file = folder.path().join("keys.json");
        let Quirks { stream_bytes, lazy_sync, .. } = quirks;
        let key_file = &key_file;
        let settings = NodeSettings { port, admin_port, data: &data, key_file, shared, stream_bytes, lazy_sync };
        let file = folder.path().join(format!("{name}.toml"));
        fs::write(&file, settings.to_toml()).expect("the folder is writable");
        let program = if quirks.build == Build::Usual { programs::frontdesk() } else { programs::frontdesk_planted() };
        let mut base = Launch::new(name, program, folder.path().join(format!("{name}.log")));
        if let Build::Planted(Some(fault)) = quirks.build {
            base = base.env("FRONTDESK_PLANTED_FAULT", fault);
        }
        if let Some(clock) = clock {
            let library = programs::faketime();
            base = base
                .env("LD_PRELOAD", library.to_str().expect("the path is text"))
                .env("FAKETIME_TIMESTAMP_FILE", clock.to_str().expect("the path is text"))
                .env("FAKETIME_NO_CACHE", "1")
                .env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        }
        Self { name: name.to_owned(), port, data, base, settings: file }
    }

    fn launch(&self, words: &[&str]) -> Launch {
        self.base.clone().args(words).args(["--config".as_ref(), self.settings.as_os_str()])
    }

    fn part(&self, action: &str) -> Part {
        Part::new(&self.name, self.launch(&[action, "--json"]), "\"ready\":true")
    }

    fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Makes two tenants in the store.
    fn tenants(&self) -> Vec<Tenant> {
        let said = self.launch(&["seed", "--demo", "--json"]).run();
        let line = said.lines().find(|line| line.contains("\"tenant\"")).unwrap_or_else(|| panic!("no tenant: {said}"));
        let demo: Value = serde_json::from_str(line).expect("what is printed is JSON");
        let text = |value: &Value| value.as_str().unwrap_or_else(|| panic!("a text is missing: {demo}")).to_owned();
        let agents = demo["agents"].as_array().into_iter().flatten();
        let agents = agents.map(|agent| (text(&agent["email"]), text(&agent["password"]))).collect();
        let first = Tenant { id: text(&demo["tenant"]), inbox: text(&demo["inbox"]), agents };

        let origin = format!("http://{}", self.host());
        let words =
            ["setup", "--tenant", "Other", "--email", "eve@other.example", "--name", "Eve", "--origin", &origin];
        let said = self.launch(&words).run();
        let word = |name: &str| {
            let line =
                said.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_else(|| panic!("no {name}: {said}"));
            line.trim().to_owned()
        };
        let agents = vec![(word("owner"), word("password"))];
        let second = Tenant { id: word("tenant"), inbox: word("inbox"), agents };
        vec![first, second]
    }
}
