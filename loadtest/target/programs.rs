//! Finds the programs that are started. One that is missing is an error with the line that gets it.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU16, Ordering},
    },
};

use anyhow::{Context as _, ensure};
use socket2::{Domain, Socket, Type};

/// The server: the one that was named, or the one beside this program.
pub(super) fn frontdesk(named: Option<&Path>) -> anyhow::Result<PathBuf> {
    let program = match named {
        Some(program) => program.to_owned(),
        None => std::env::current_exe()?.with_file_name("frontdesk"),
    };
    ensure!(
        program.is_file(),
        "{} is missing, make it with this line:\ncargo build --release -p frontdesk",
        program.display()
    );
    Ok(program)
}

/// `nats-server`: below the working folder or this program's, as `nats/install.sh` puts it, or from the path.
pub(super) fn nats_server() -> anyhow::Result<PathBuf> {
    let (folder, program) = (std::env::current_dir()?, std::env::current_exe()?);
    let ours = folder.ancestors().chain(program.ancestors()).map(|folder| folder.join(".tools/bin/nats-server"));
    ours.into_iter().find(|program| program.is_file()).map_or_else(|| on_path("nats-server", "nats/install.sh"), Ok)
}

/// A program of Postgres; Debian keeps them off the path.
pub(super) fn postgres(name: &str) -> anyhow::Result<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let programs = versions.map(|version| version.path().join("bin").join(name));
    let newest = programs.filter(|program| program.is_file()).max();
    newest.map_or_else(|| on_path(name, "tests/install.sh"), Ok)
}

/// A program from the path; `installer` is the line that installs it.
pub(super) fn on_path(name: &str, installer: &str) -> anyhow::Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).map(|folder| folder.join(name)).find(|program| program.is_file());
    found.with_context(|| format!("{name} is missing, install it with this line:\n{installer}"))
}

/// A port that belongs to this process until it ends, whether its server runs or is just being restarted. Lies below
/// those that the system gives to outgoing connections.
pub(super) fn free_port() -> anyhow::Result<u16> {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    static OURS: Mutex<Vec<Socket>> = Mutex::new(Vec::new());
    for _ in 0..PORTS {
        let offset = NEXT.fetch_add(1, Ordering::Relaxed).wrapping_add((std::process::id() % 100) as u16 * 97);
        let port = FIRST_PORT + offset % PORTS;
        if let Ok(socket) = reserve(port) {
            OURS.lock().unwrap_or_else(PoisonError::into_inner).push(socket);
            return Ok(port);
        }
    }
    anyhow::bail!("no port is free")
}

/// Holds a port without listening.
fn reserve(port: u16) -> io::Result<Socket> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    // Refused where anybody has it, also by holding it as we do.
    socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, port)).into())?;
    // From now on servers may bind it beside us, which all ask to share it.
    socket.set_reuse_address(true)?;
    Ok(socket)
}

const FIRST_PORT: u16 = 12_000;
const PORTS: u16 = 9_000;

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream};

    use super::*;

    #[test]
    fn a_port_is_kept_for_its_server_over_restarts() {
        let port = free_port().unwrap();
        assert!(reserve(port).is_err(), "it is ours");
        for _ in 0..2 {
            assert!(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err(), "no program listens");
            let server = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).unwrap();
            let _client = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
            assert!(reserve(port).is_err(), "it is the server's");
            drop(server);
        }
        assert_ne!(free_port().unwrap(), port);
    }
}
