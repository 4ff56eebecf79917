//! Starts all parts of a desk, those first that others need.

use std::{path::Path, sync::Arc};

use anyhow::{Context as _, ensure};

use super::{
    Demo,
    limit::Limit,
    node::{Desk, named},
    part::{Part, Role},
    servers,
};
use crate::scenario::Spawn;

/// Everything in one process.
pub(super) async fn one(
    folder: &Path,
    server: &Path,
    spawn: &Spawn,
    limit: Option<&Limit>,
) -> anyhow::Result<(Vec<Arc<Part>>, Demo)> {
    let (mut parts, mut shared) = (Vec::new(), Vec::new());
    if spawn.postgres {
        let (database, url) = servers::database(folder, limit)?;
        database.start().await?;
        parts.push(Arc::new(database));
        shared.extend([("STORE__KIND", "postgres".to_owned()), ("STORE__URL", url)].map(named));
    }
    let node = Desk { folder, server, spawn, limit, shared }.node("node".to_owned(), Role::Node)?;
    node.start().await?;
    let line = node.ready_line().context("the server did not say that it is ready")?;
    let demo = serde_json::from_str(&line).with_context(|| format!("the server said {line}"))?;
    parts.push(Arc::new(node));
    Ok((parts, demo))
}

/// Gateways and workers on brokers, Postgres and Redis.
pub(super) async fn many(
    folder: &Path,
    server: &Path,
    spawn: &Spawn,
    limit: Option<&Limit>,
) -> anyhow::Result<(Vec<Arc<Part>>, Demo)> {
    let (brokers, urls) = servers::brokers(folder, spawn, limit)?;
    let (database, database_url) = servers::database(folder, limit)?;
    let (redis, redis_url) = servers::redis(folder, limit)?;
    let starting = brokers.iter().chain([&database, &redis]).map(Part::start);
    futures_util::future::try_join_all(starting).await?;
    let mut parts: Vec<Part> = brokers.into_iter().chain([database, redis]).collect();

    let shared = [
        ("BROKER__MODE", "external".to_owned()),
        ("BROKER__URLS", urls.join(",")),
        ("BROKER__REPLICAS", if spawn.brokers > 1 { "3".to_owned() } else { "1".to_owned() }),
        ("STORE__KIND", "postgres".to_owned()),
        ("STORE__URL", database_url),
        ("REDIS__URL", redis_url),
    ];
    let desk = Desk { folder, server, spawn, limit, shared: shared.map(named).to_vec() };
    let workers = (1..=spawn.workers).map(|number| desk.node(format!("worker-{number}"), Role::Worker));
    let gateways = (1..=spawn.gateways).map(|number| desk.node(format!("gateway-{number}"), Role::Gateway));
    let nodes: Vec<Part> = workers.chain(gateways).collect::<anyhow::Result<_>>()?;
    let first = nodes.iter().find(|node| node.role == Role::Gateway).context("there is no gateway")?;
    let demo = seed(&desk, first).await?;
    for node in &nodes {
        node.start().await?;
    }
    parts.extend(nodes);
    Ok((parts.into_iter().map(Arc::new).collect(), demo))
}

/// Makes the demo tenant in the store that the nodes share.
async fn seed(desk: &Desk<'_>, gateway: &Part) -> anyhow::Result<Demo> {
    let launch = desk.launch(&["seed", "--demo", "--json"], gateway.launch.environment.clone());
    let log = desk.folder.join("seed.log");
    let status = launch.command(&log)?.status().await.context("cannot start the server")?;
    let said = std::fs::read_to_string(&log).unwrap_or_default();
    ensure!(status.success(), "`frontdesk seed` failed: {said}");
    let demo = said.lines().rev().find_map(|line| serde_json::from_str(line).ok());
    demo.with_context(|| format!("`frontdesk seed` printed no agent: {said}"))
}
