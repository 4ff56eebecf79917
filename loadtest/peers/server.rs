//! Starting and ending the server under comparison.

use std::{fs, net::TcpListener, path::Path, process::Stdio, time::Duration};

use anyhow::{Context as _, bail, ensure};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader, Lines},
    net::TcpStream,
    process::{Child, ChildStdout, Command},
    time::{sleep, timeout},
};

use crate::{Options, frontdesk::Desk, memory, systems::System};

/// A server with a folder of its own.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) system: System,
    /// Host and port of the server.
    pub(crate) address: String,
    /// What one has to know to talk to Frontdesk.
    pub(crate) desk: Option<Desk>,
    child: Child,
    /// Its own process, below the one that was started.
    pid: u32,
    _folder: TempDir,
}

impl Server {
    /// Starts it and waits until it listens.
    pub(crate) async fn start(system: System, options: &Options) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("frontdesk-peers-").tempdir()?;
        // Threads of the runtime stay as long as the program, so the kernel ends the server with it, whatever happens.
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "TERM", "--"]).kill_on_drop(true).stdin(Stdio::null()).stdout(Stdio::piped());
        let mut port = None;
        match system {
            System::FrontdeskDisk | System::FrontdeskOs => {
                frontdesk(&mut command, &options.server, system, folder.path())?;
            }
            System::Ws => node(&mut command, "ws.js", options, folder.path())?,
            System::SocketIo => node(&mut command, "socketio.js", options, folder.path())?,
            System::Nchan => port = Some(nchan(&mut command, folder.path())?),
        }
        let mut child = command.spawn().with_context(|| format!("cannot start {}", system.name()))?;
        let mut lines = BufReader::new(child.stdout.take().context("its output is piped")?).lines();
        let ready = timeout(START, ready(system, port, &mut lines));
        let (address, desk) = ready.await.with_context(|| format!("{} does not become ready", system.name()))??;
        // Read the output, or the server blocks on a full pipe.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        // setpriv becomes the program that it starts.
        let pid = child.id().context("the server ended")?;
        Ok(Self { system, address, desk, child, pid, _folder: folder })
    }

    /// Bytes that it holds, once it has given back what it can.
    pub(crate) async fn settled_bytes(&self) -> anyhow::Result<u64> {
        if matches!(self.system, System::Ws | System::SocketIo) {
            // In their favour: what node would collect at some time is collected now.
            signal(self.pid, "USR2").await?;
        }
        let mut last = memory::resident(self.pid);
        for _ in 0..LONGEST_SETTLING {
            sleep(LOOK).await;
            let now = memory::resident(self.pid);
            let difference = now.abs_diff(last);
            last = now;
            if difference < now / 500 {
                break;
            }
        }
        ensure!(last > 0, "{} has ended", self.system.name());
        Ok(last)
    }

    /// Seconds of processor time so far, of all its processes.
    pub(crate) fn cpu_seconds(&self) -> f64 {
        memory::cpu_seconds(self.pid)
    }

    pub(crate) async fn stop(mut self) -> anyhow::Result<()> {
        signal(self.pid, "TERM").await?;
        timeout(STOP, self.child.wait()).await.with_context(|| format!("{} does not end", self.system.name()))??;
        Ok(())
    }
}

async fn signal(pid: u32, name: &str) -> anyhow::Result<()> {
    Command::new("kill").args([&format!("-{name}"), &pid.to_string()]).status().await?;
    Ok(())
}

fn frontdesk(command: &mut Command, program: &Path, system: System, folder: &Path) -> anyhow::Result<()> {
    ensure!(program.is_file(), "{} is missing; `make peers` builds it", program.display());
    let sync = if system == System::FrontdeskOs { "1s" } else { "always" };
    command.arg(program).args(["up", "--demo", "--json"]).stderr(fs::File::create(folder.join("server.log"))?);
    command.env("FRONTDESK__SERVER__DATA_DIR", folder.join("data")).env("FRONTDESK__BROKER__SYNC_INTERVAL", sync);
    command.envs(crate::frontdesk::SETTINGS);
    Ok(())
}

fn node(command: &mut Command, script: &str, options: &Options, folder: &Path) -> anyhow::Result<()> {
    let modules = options.node.join("node_modules");
    ensure!(modules.is_dir(), "{} is missing; `make peers` installs it", modules.display());
    let text = match script {
        "ws.js" => include_str!("servers/ws.js"),
        _ => include_str!("servers/socketio.js"),
    };
    let file = folder.join(script);
    fs::write(&file, text)?;
    command.args(["node", "--expose-gc"]).arg(file).env("NODE_PATH", modules.canonicalize()?);
    Ok(())
}

fn nchan(command: &mut Command, folder: &Path) -> anyhow::Result<u16> {
    // Free now; it is assumed that no other program takes it before the server listens.
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let path = folder.to_str().context("the folder has a plain name")?;
    let file = folder.join("nginx.conf");
    let text = include_str!("servers/nchan.conf").replace("FOLDER", path).replace("PORT", &port.to_string());
    fs::write(&file, text)?;
    command.args(["nginx", "-e", "stderr", "-p", path, "-c"]).arg(file);
    Ok(port)
}

async fn ready(
    system: System,
    port: Option<u16>,
    lines: &mut Lines<BufReader<ChildStdout>>,
) -> anyhow::Result<(String, Option<Desk>)> {
    if let Some(port) = port {
        let address = format!("127.0.0.1:{port}");
        while TcpStream::connect(&address).await.is_err() {
            sleep(Duration::from_millis(20)).await;
        }
        return Ok((address, None));
    }
    while let Some(line) = lines.next_line().await? {
        if system.is_frontdesk() {
            if let Some((address, desk)) = Desk::of_ready_line(&line) {
                return Ok((address, Some(desk)));
            }
        } else if let Ok(port) = line.trim().parse::<u16>() {
            return Ok((format!("127.0.0.1:{port}"), None));
        }
    }
    bail!("{} ended", system.name())
}

const START: Duration = Duration::from_secs(30);
const STOP: Duration = Duration::from_secs(60);

/// Between looks at the memory, and how many looks there are at most. Allocators give pages back after some seconds.
const LOOK: Duration = Duration::from_secs(4);
const LONGEST_SETTLING: usize = 8;
