//! Brokers, Postgres and Redis of a desk of our own.

use std::{fs, path::Path, process::Command};

use anyhow::{Context as _, ensure};

use super::{
    limit::Limit,
    node::LAZY,
    part::{Launch, Monitor, Part, Role},
    programs::{free_port, nats_server, on_path, postgres},
};
use crate::scenario::{Durability, Spawn};

/// Servers that form one broker, and their addresses for clients.
pub(super) fn brokers(folder: &Path, spawn: &Spawn, limit: Option<&Limit>) -> anyhow::Result<(Vec<Part>, Vec<String>)> {
    let routes: Vec<u16> = (0..spawn.brokers).map(|_| free_port()).collect::<anyhow::Result<_>>()?;
    let peers: Vec<String> = routes.iter().map(|port| format!("\"nats://127.0.0.1:{port}\"")).collect();
    let sync = if spawn.durability == Durability::Os { LAZY } else { "always" };
    let (mut parts, mut urls) = (Vec::new(), Vec::new());
    for (index, route) in routes.iter().enumerate() {
        let name = format!("broker-{}", index + 1);
        let (port, monitor, store) = (free_port()?, free_port()?, folder.join(&name));
        let mut settings = format!(
            "server_name: {name}\nlisten: \"127.0.0.1:{port}\"\nhttp: \"127.0.0.1:{monitor}\"\n\
             jetstream {{ store_dir: {store:?}, max_file_store: 8GB, sync_interval: {sync} }}\n"
        );
        if routes.len() > 1 {
            settings +=
                &format!("cluster {{ name: desk, listen: \"127.0.0.1:{route}\", routes: [{}] }}\n", peers.join(", "));
        }
        let file = folder.join(format!("{name}.conf"));
        fs::write(&file, settings)?;
        let arguments = vec!["-c".to_owned(), file.display().to_string()];
        let launch = Launch { program: nats_server()?, arguments, limit: limit.cloned(), ..Launch::default() };
        let mut part = Part::new(name, Role::Broker, folder, launch, "Server is ready");
        part.monitor = Some(Monitor::Url(format!("http://127.0.0.1:{monitor}")));
        parts.push(part);
        urls.push(format!("nats://127.0.0.1:{port}"));
    }
    Ok((parts, urls))
}

/// Postgres, which syncs as it does by default, and the address of its database.
pub(super) fn database(folder: &Path, limit: Option<&Limit>) -> anyhow::Result<(Part, String)> {
    let data = folder.join("postgres");
    fs::create_dir(&data)?;
    // It refuses to run as root; this user comes with the package.
    let _as_another_user_it_is_ours_already = Command::new("chown").arg("postgres").arg(&data).status();
    let words = ["--auth=trust", "--no-sync", "--locale=C", "--encoding=UTF8", "-U", USER, "-D"];
    let mut arguments = words.map(ToOwned::to_owned).to_vec();
    arguments.push(data.display().to_string());
    let user = Some("postgres");
    let initdb = Launch { program: postgres("initdb")?, arguments, user, ..Launch::default() };
    let log = folder.join("initdb.log");
    let status = initdb.command(&log)?.into_std().status().context("cannot start initdb")?;
    ensure!(status.success(), "initdb: {}", fs::read_to_string(&log).unwrap_or_default());
    let port = free_port()?;
    let data = data.display();
    let words = format!("-D {data} -k {data} -p {port} -c listen_addresses=127.0.0.1 -c max_connections=300");
    let arguments = words.split(' ').map(ToOwned::to_owned).collect();
    let launch = Launch { program: postgres("postgres")?, arguments, user, limit: limit.cloned(), ..Launch::default() };
    let part = Part::new("postgres".to_owned(), Role::Database, folder, launch, "ready to accept connections");
    Ok((part, format!("postgres://{USER}@127.0.0.1:{port}/postgres")))
}

/// Redis, and its address.
pub(super) fn redis(folder: &Path, limit: Option<&Limit>) -> anyhow::Result<(Part, String)> {
    let port = free_port()?;
    let words = format!("--bind 127.0.0.1 --port {port} --appendonly no --dir {} --save", folder.display());
    let mut arguments: Vec<String> = words.split(' ').map(ToOwned::to_owned).collect();
    arguments.push(String::new());
    let program = on_path("redis-server", "tests/install.sh")?;
    let launch = Launch { program, arguments, limit: limit.cloned(), ..Launch::default() };
    let part = Part::new("redis".to_owned(), Role::Redis, folder, launch, "Ready to accept connections");
    Ok((part, format!("redis://127.0.0.1:{port}")))
}

const USER: &str = "desk";
