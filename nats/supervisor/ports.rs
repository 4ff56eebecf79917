//! Ports of the local broker: as asked for, or chosen once and remembered.

use std::net::{Ipv4Addr, TcpListener};

use serde::{Deserialize, Serialize};

use super::files::{Files, read_json, write_json};
use super::{SupervisorError, SupervisorOptions};

/// Where the server listens on 127.0.0.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
pub(super) struct Ports {
    /// Port for clients.
    pub(super) client: u16,
    /// Port of the monitoring endpoint, for health checks.
    pub(super) monitor: u16,
}

impl Ports {
    /// Those asked for; where none was, those of the last start; where they are taken by now, free ones.
    pub(super) fn keep(options: &SupervisorOptions, files: &Files) -> Result<Self, SupervisorError> {
        let last: Option<Self> = read_json(&files.ports());
        let client = choose("client_port", options.client_port, last.map(|ports| ports.client), options.monitor_port)?;
        let monitor = choose("monitor_port", options.monitor_port, last.map(|ports| ports.monitor), client)?;
        let ports = Self { client, monitor };
        if last != Some(ports) {
            write_json(&files.ports(), &ports)?;
        }
        Ok(ports)
    }
}

fn choose(setting: &'static str, asked: u16, last: Option<u16>, other: u16) -> Result<u16, SupervisorError> {
    if asked != 0 {
        return if is_free(asked) { Ok(asked) } else { Err(SupervisorError::PortTaken { setting, port: asked }) };
    }
    if let Some(last) = last.filter(|last| *last != 0 && *last != other && is_free(*last)) {
        return Ok(last);
    }
    for _ in 0..200 {
        let random = getrandom::u32().map_err(|_| SupervisorError::Random)?;
        let port = FIRST + (random % u32::from(LAST - FIRST)) as u16;
        if port != other && is_free(port) {
            return Ok(port);
        }
    }
    Err(SupervisorError::PortTaken { setting, port: LAST })
}

fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

/// Below the range from which systems take the near end of outgoing connections: a port from that range could be gone
/// when the server is restarted.
const FIRST: u16 = 14_000;
const LAST: u16 = 30_000;
