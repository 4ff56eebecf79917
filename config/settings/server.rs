//! `[server]`: listeners, addresses and the data folder.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use frontdesk_domain::Origin;
use serde::{Deserialize, Serialize};

use crate::{
    proxies::ProxyNetwork,
    values::{comma_list, empty_is_none},
};

/// Listeners, addresses and the folder that holds everything a node keeps.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ServerSettings {
    /// Address and port for browsers, widgets and REST; port 0 takes a free one. Default `127.0.0.1:8080`.
    pub listen: SocketAddr,
    /// Address and port for metrics and administration; never public. Default `127.0.0.1:8081`.
    pub admin_listen: SocketAddr,
    /// The address people type, without a slash at the end; see [`ServerSettings::public_url`]. Default: not set.
    #[serde(deserialize_with = "empty_is_none")]
    pub public_url: Option<Origin>,
    /// Folder for the database, the keys and the local broker. Default `./data`.
    pub data_dir: PathBuf,
    /// Origins besides our own whose pages may open agents' sessions. Default: none.
    #[serde(deserialize_with = "comma_list")]
    pub console_origins: Vec<Origin>,
    /// Addresses and networks of proxies whose `X-Forwarded-For` is believed. Default: none.
    #[serde(deserialize_with = "comma_list")]
    pub trusted_proxies: Vec<ProxyNetwork>,
    /// Worker threads; 0 for one per core. Default 0.
    pub workers: usize,
    /// Longest time between SIGTERM and exit. Default "25s".
    #[serde(with = "humantime_serde")]
    pub shutdown_grace: Duration,
    /// Largest REST request body, in bytes. Default 65536.
    pub max_body_bytes: usize,
}

impl ServerSettings {
    /// The address people type: as set, or `http://localhost` with the port of `listen`.
    #[must_use]
    pub fn public_url(&self) -> String {
        match &self.public_url {
            Some(origin) => origin.to_string(),
            None => format!("http://localhost:{}", self.listen.port()),
        }
    }
}
