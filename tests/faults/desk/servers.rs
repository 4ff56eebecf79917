//! Broker, Postgres and Redis of one desk.

use std::{fs, path::Path, process::Command};

use frontdesk_tests::harness::{Folder, Launch};

use super::{
    part::Part,
    programs::{free_port, nats_server, on_path, postgres},
};

/// Servers that form one broker, their ports for clients and for looking at them.
pub(super) fn brokers(folder: &Folder, size: usize) -> Vec<(Part, u16, u16)> {
    let routes: Vec<u16> = (0..size).map(|_| free_port()).collect();
    let peers: Vec<String> = routes.iter().map(|port| format!("\"nats://127.0.0.1:{port}\"")).collect();
    let each = routes.iter().enumerate().map(|(index, route)| {
        let name = format!("broker{index}");
        let (port, monitor, store) = (free_port(), free_port(), folder.inside(&name));
        let mut settings = format!(
            "server_name: {name}\nlisten: \"127.0.0.1:{port}\"\nhttp: \"127.0.0.1:{monitor}\"\n\
             jetstream {{ store_dir: {store:?}, max_file_store: 4GB, sync_interval: always }}\n"
        );
        if size > 1 {
            // Clients must stay on the lines that they were given.
            let routes = peers.join(", ");
            settings += &format!(
                "cluster {{ name: desk, listen: \"127.0.0.1:{route}\", routes: [{routes}], no_advertise: true }}\n"
            );
        }
        let file = folder.path().join(format!("{name}.conf"));
        fs::write(&file, settings).expect("the folder is writable");
        let launch = Launch::new(&name, nats_server(), folder.path().join(format!("{name}.log")));
        let launch = launch.args(["-c".as_ref(), file.as_os_str()]);
        (Part::new(name, launch, "Server is ready"), port, monitor)
    });
    each.collect()
}

/// Postgres, and the address of its database.
pub(super) fn database(folder: &Folder) -> (Part, String) {
    let data = folder.inside("postgres");
    give_to(&data, "postgres");
    let log = folder.path().join("postgres.log");
    Launch::new("initdb", postgres("initdb"), log.clone())
        .args(["--auth=trust", "--no-sync", "--locale=C", "--encoding=UTF8", "-U", "desk", "-D"])
        .args([&data])
        .as_user("postgres")
        .run();
    let port = free_port();
    let launch = Launch::new("postgres", postgres("postgres"), log)
        .args(["-D".as_ref(), data.as_os_str(), "-k".as_ref(), data.as_os_str()])
        .args(["-p", &port.to_string(), "-c", "listen_addresses=127.0.0.1", "-c", "max_connections=200"])
        .as_user("postgres");
    let url = format!("postgres://desk@127.0.0.1:{port}/postgres");
    (Part::new("postgres", launch, "ready to accept connections"), url)
}

/// Redis, and its address.
pub(super) fn redis(folder: &Folder) -> (Part, String) {
    let port = free_port();
    let launch = Launch::new("redis", on_path("redis-server"), folder.path().join("redis.log"))
        .args(["--bind", "127.0.0.1", "--port", &port.to_string(), "--save", "", "--appendonly", "no", "--dir"])
        .args([folder.path()]);
    (Part::new("redis", launch, "Ready to accept connections"), format!("redis://127.0.0.1:{port}"))
}

fn give_to(folder: &Path, user: &str) {
    let changed = Command::new("chown").arg(user).arg(folder).status();
    let _as_another_user_it_is_ours_already = changed;
}
