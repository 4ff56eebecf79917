//! `[session]`: one session per connected WebSocket.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Deadlines and bounds of a session.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SessionSettings {
    /// What carries contacts' frames. Default `direct`.
    pub contact_transport: Transport,
    /// What carries agents' frames. Default `actix`.
    pub agent_transport: Transport,
    /// A contact's socket is pinged before it has been silent for this long. Default "55s".
    #[serde(with = "humantime_serde")]
    pub contact_heartbeat: Duration,
    /// The same for an agent's socket. Default "25s".
    #[serde(with = "humantime_serde")]
    pub agent_heartbeat: Duration,
    /// How long the answer to a ping may take. Default "10s".
    #[serde(with = "humantime_serde")]
    pub heartbeat_deadline: Duration,
    /// How long a fresh socket may take to authenticate. Default "5s".
    #[serde(with = "humantime_serde")]
    pub hello_timeout: Duration,
    /// Largest frame in either direction, in bytes. A larger one from a client closes the session with 1009; pages of
    /// entries and rows are cut to it, and the welcome and the published schema name it.
    pub max_frame_bytes: usize,
    /// Frames queued for one session before it is told to resync. Default 256.
    pub outbox_frames: usize,
    /// Bytes queued for one session before it is told to resync: at least [`Self::FRAMES_IN_OUTBOX`] of the largest
    /// frames.
    pub outbox_limit_bytes: usize,
    /// How long sent bytes may stay unacknowledged (`TCP_USER_TIMEOUT`). Default "15s".
    #[serde(with = "humantime_serde")]
    pub write_stall_timeout: Duration,
    /// Sockets of one node at a time, whatever carries them. Default 100000, or what the process may open.
    pub max_open: usize,
    /// Sockets from one address at a time. Default 1000.
    pub max_per_address: usize,
    /// Commands one session may send a second in the long run. Default 20.
    pub commands_per_second: u32,
    /// Commands it may send at once after a pause. Default 60.
    pub commands_burst: u32,
}

impl SessionSettings {
    /// Lowest `max_frame_bytes`: the largest message, each character escaped, and 16 KiB for what goes with it.
    pub const LOWEST_FRAME_LIMIT: usize = 48 * 1024;
    /// Highest `max_frame_bytes`: an entry has to fit into a message of the broker, 1 MiB.
    pub const HIGHEST_FRAME_LIMIT: usize = 512 * 1024;
    /// Frames of the largest size that the outbox has to hold: a client may ask for two pages while half of it is in
    /// use.
    pub const FRAMES_IN_OUTBOX: usize = 4;
    /// The default of `max_open`.
    pub const DEFAULT_MAX_OPEN: usize = 100_000;
}

/// What carries the frames of a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    /// An actor of our own takes the connection over from the web framework: a tenth of the memory.
    Direct,
    /// The web framework's own sockets.
    Actix,
}
