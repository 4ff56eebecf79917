//! `nats-server`: one, or three that form a JetStream cluster.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Mutex,
};

use super::{
    folder::{self, Folder},
    ports,
    process::{Launch, Process},
    programs,
};

/// A broker of our own.
#[derive(Debug)]
pub struct Broker {
    servers: Vec<Server>,
    // Dropped last: the servers write into it.
    _folder: Folder,
}

#[derive(Debug)]
struct Server {
    client_port: u16,
    monitor_port: u16,
    store: PathBuf,
    settings: PathBuf,
    launch: Launch,
    process: Mutex<Option<Process>>,
}

impl Broker {
    /// Starts `size` servers, and waits until they are one broker.
    ///
    /// # Panics
    /// When `nats-server` is missing or does not start.
    #[must_use]
    pub fn start(size: usize) -> Self {
        Self::start_with(size, |_| ())
    }

    /// Starts one server with what lies in the folder `kept`: the store of a former one.
    ///
    /// # Panics
    /// When `nats-server` is missing or does not start.
    #[must_use]
    pub fn start_on(kept: &Path) -> Self {
        Self::start_with(1, |server| folder::copy(kept, &server.store))
    }

    fn start_with(size: usize, prepare: impl Fn(&Server)) -> Self {
        let folder = Folder::new("nats");
        let routes: Vec<u16> = (0..size).map(|_| ports::free()).collect();
        let servers: Vec<Server> = (0..size).map(|index| Server::new(&folder, index, &routes)).collect();
        servers.iter().for_each(prepare);
        let broker = Self { servers, _folder: folder };
        for index in 0..size {
            broker.launch(index);
        }
        for server in &broker.servers {
            server.await_ready(size);
        }
        broker
    }

    /// How many servers there are.
    #[must_use]
    pub const fn size(&self) -> usize {
        self.servers.len()
    }

    /// The addresses of all servers.
    #[must_use]
    pub fn urls(&self) -> Vec<String> {
        let urls = self.servers.iter().map(|server| format!("nats://127.0.0.1:{}", server.client_port));
        urls.collect()
    }

    /// The address of one server's monitor.
    #[must_use]
    pub fn monitor(&self, index: usize) -> String {
        format!("http://127.0.0.1:{}", self.servers[index].monitor_port)
    }

    /// Kills one server.
    ///
    /// # Panics
    /// When it was killed before.
    pub fn kill(&self, index: usize) {
        let process = self.servers[index].process.lock().expect("no thread panics while it holds this lock").take();
        process.expect("a server is killed once").kill();
    }

    /// Starts one server (again); does not wait for it.
    ///
    /// # Panics
    /// When the system does not start it.
    pub fn launch(&self, index: usize) {
        let server = &self.servers[index];
        server.run(&server.launch);
    }

    /// Starts one server at its address with all that a server of another broker keeps, which must not run; does not
    /// wait for it.
    ///
    /// # Panics
    /// When the system does not start it.
    pub fn launch_with_what_is_kept_by(&self, other: &Self, index: usize) {
        let (server, other) = (&self.servers[index], &other.servers[index]);
        let settings = fs::read_to_string(&server.settings).expect("it was written");
        let settings = settings.replace(&format!("{:?}", server.store), &format!("{:?}", other.store));
        let file = server.settings.with_extension("moved.conf");
        fs::write(&file, settings).expect("the folder is writable");
        let file = file.to_str().expect("temporary folders are text");
        server.run(&server.launch.clone().with_only_args(&["-c", file]));
    }
}

impl Server {
    fn new(folder: &Folder, index: usize, routes: &[u16]) -> Self {
        let name = format!("n{index}");
        let (client_port, monitor_port) = (ports::free(), ports::free());
        let store = folder.inside(&name);
        let mut settings = format!(
            "server_name: {name}\nlisten: \"127.0.0.1:{client_port}\"\nhttp: \"127.0.0.1:{monitor_port}\"\n\
             jetstream {{ store_dir: {store:?}, max_file_store: 4GB, sync_interval: always }}\n"
        );
        if routes.len() > 1 {
            let peers: Vec<String> = routes.iter().map(|port| format!("\"nats://127.0.0.1:{port}\"")).collect();
            settings += &format!(
                "cluster {{ name: desk, listen: \"127.0.0.1:{}\", routes: [{}] }}\n",
                routes[index],
                peers.join(", ")
            );
        }
        let file: PathBuf = folder.path().join(format!("{name}.conf"));
        fs::write(&file, settings).expect("the folder is writable");
        let log = folder.path().join(format!("{name}.log"));
        let launch = Launch::new(format!("nats-server {name}"), programs::nats_server(), log)
            .args(["-c".as_ref(), file.as_os_str()]);
        Self { client_port, monitor_port, store, settings: file, launch, process: Mutex::new(None) }
    }

    fn run(&self, launch: &Launch) {
        *self.process.lock().expect("no thread panics while it holds this lock") = Some(launch.start());
    }

    fn await_ready(&self, size: usize) {
        let process = self.process.lock().expect("no thread panics while it holds this lock");
        let process = process.as_ref().expect("it was just started");
        process.await_line("that it is ready", |line| line.contains("Server is ready"));
        if size > 1 {
            process.await_line("who leads the cluster", |line| line.contains("metadata leader"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_servers_become_one_broker_and_one_comes_back_after_a_kill() {
        let broker = Broker::start(3);
        broker.kill(1);
        broker.launch(1);
        let process = broker.servers[1].process.lock().unwrap();
        process.as_ref().unwrap().await_line("that it is ready", |line| line.contains("Server is ready"));
    }
}
