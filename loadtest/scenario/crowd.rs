//! Crowds: people who all do the same.

use std::{sync::Arc, time::Duration};

use anyhow::ensure;
use serde::{Deserialize, Serialize};

use super::within;
use crate::{rehearsal::Shape, schedule::Arrivals};

/// People who all do the same. Numbers are over all generators together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub(crate) enum Crowd {
    /// Contacts and agents talk in conversations of two.
    Talk(Talk),
    /// Contacts have the widget open and say nothing.
    Idle(Idle),
    /// Contacts lose their sockets all at once, and come back as the widget does.
    Storm(Storm),
    /// Contacts stop reading while their agents go on talking.
    Slow(Slow),
    /// Many agents look on while two talk much in one conversation.
    Hot(Hot),
    /// Several agents want the same conversation at the same moment.
    Claims(Claims),
    /// Contacts come by chance, talk with pauses to think, and go.
    Visitors(Visitors),
    /// A program writes to many conversations over REST, as a bridge would.
    Flood(Flood),
}

/// Contacts and agents talk in conversations of two.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Talk {
    /// Number of conversations, each of a contact and an agent.
    pub(crate) pairs: u64,
    /// Conversations that one agent holds.
    pub(crate) per_agent: u64,
    /// Messages a second, from both sides together.
    pub(crate) rate: f64,
    /// Bytes of each message.
    pub(crate) bytes: usize,
    /// How messages follow one another.
    pub(crate) arrivals: Arrivals,
    /// Acknowledge each message that arrives, as widgets and consoles do.
    pub(crate) receipts: bool,
}

/// Contacts have the widget open and say nothing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Idle {
    /// Number of idle sockets.
    pub(crate) sockets: u64,
    /// Sockets opened a second.
    pub(crate) connect_rate: f64,
    /// In how many equal parts they come; memory is measured after each, and the slope is the memory of a session.
    pub(crate) levels: u32,
    /// How long to wait before memory is measured.
    #[serde(with = "humantime_serde")]
    pub(crate) settle: Duration,
    /// Whether each has a conversation open.
    pub(crate) open: bool,
    /// Bytes of one message that each says at the begin of what is measured; 0: none. Needs `open`.
    pub(crate) burst_bytes: usize,
}

/// Contacts lose their sockets all at once, and come back as the widget does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Storm {
    /// Sockets, each with a conversation.
    pub(crate) sockets: u64,
    /// Sockets opened a second before it.
    pub(crate) connect_rate: f64,
    /// When they are all cut off.
    #[serde(with = "humantime_serde")]
    pub(crate) at: Duration,
    /// They come back after a time between half a second and this, by chance.
    #[serde(with = "humantime_serde")]
    pub(crate) spread: Duration,
}

/// Contacts stop reading while their agents go on talking.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Slow {
    /// Number of contacts that read slowly.
    pub(crate) readers: u64,
    /// Messages a second to all of them together.
    pub(crate) rate: f64,
    /// Bytes of each message.
    pub(crate) bytes: usize,
    /// How long they do not read, from the begin of what is measured.
    #[serde(with = "humantime_serde")]
    pub(crate) stall: Duration,
}

/// Many agents look on while two talk much in one conversation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Hot {
    /// Such conversations; each is the matter of one generator.
    pub(crate) conversations: u64,
    /// Agents that look on at each.
    pub(crate) watchers: u16,
    /// Messages a second in all of them together.
    pub(crate) rate: f64,
    /// Bytes of each message.
    pub(crate) bytes: usize,
}

/// Several agents want the same conversation at the same moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Claims {
    /// Conversations a second that are claimed.
    pub(crate) rate: f64,
    /// Agents that want each of them.
    pub(crate) agents: u64,
}

/// Contacts come by chance, talk with pauses to think, and go.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Visitors {
    /// Contacts that come in a second, on average.
    pub(crate) rate: f64,
    /// How many come over the run, in equal parts of it: a day in 24 numbers. Empty: the same all along.
    pub(crate) curve: Vec<f64>,
    /// Agents that answer them.
    pub(crate) agents: u64,
    /// Messages that a contact sends, on average; each is answered.
    pub(crate) messages: f64,
    /// Time that either thinks before the next message, on average.
    #[serde(with = "humantime_serde")]
    pub(crate) think: Duration,
    /// Bytes of a message, on average.
    pub(crate) bytes: usize,
    /// Instead of the three: conversations like these, as `replay` writes them; whose times are divided by `speed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) shape: Option<Arc<Shape>>,
    /// How many times as fast as recorded.
    pub(crate) speed: f64,
}

/// A program writes to many conversations over REST, as a bridge would.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Flood {
    /// Number of conversations.
    pub(crate) conversations: u64,
    /// Messages a second.
    pub(crate) rate: f64,
    /// Bytes of each message.
    pub(crate) bytes: usize,
}

impl Crowd {
    pub(super) fn check(&self) -> anyhow::Result<()> {
        within("sockets", self.sockets() as f64, 1.0, 2_000_000.0)?;
        within("rate", self.rate(), 0.0, 1e6)?;
        match self {
            Self::Talk(Talk { per_agent, bytes, .. }) => {
                within("per_agent", *per_agent as f64, 1.0, 1000.0)?;
                within("bytes", *bytes as f64, 24.0, 16_384.0)
            }
            Self::Idle(Idle { connect_rate, levels, open, burst_bytes, .. }) => {
                within("connect_rate", *connect_rate, 1.0, 100_000.0)?;
                within("levels", f64::from(*levels), 1.0, 100.0)?;
                within("burst_bytes", *burst_bytes as f64, 0.0, 16_384.0)?;
                ensure!(
                    *burst_bytes == 0 || *open,
                    "burst_bytes: without `open = true` there is no conversation to say it in"
                );
                Ok(())
            }
            Self::Storm(Storm { connect_rate, spread, .. }) => {
                within("connect_rate", *connect_rate, 1.0, 100_000.0)?;
                within("spread", spread.as_secs_f64(), 0.5, 3600.0)
            }
            Self::Slow(Slow { bytes, .. }) | Self::Hot(Hot { bytes, .. }) | Self::Flood(Flood { bytes, .. }) => {
                within("bytes", *bytes as f64, 24.0, 16_384.0)
            }
            Self::Claims(Claims { agents, .. }) => within("agents", *agents as f64, 2.0, 1000.0),
            Self::Visitors(Visitors { agents, messages, bytes, curve, speed, .. }) => {
                within("speed", *speed, 0.1, 100.0)?;
                within("agents", *agents as f64, 1.0, 10_000.0)?;
                within("messages", *messages, 1.0, 10_000.0)?;
                within("bytes", *bytes as f64, 24.0, 4_096.0)?;
                ensure!(curve.iter().all(|part| *part >= 0.0 && part.is_finite()), "curve: a part is below 0");
                ensure!(
                    curve.is_empty() || curve.iter().any(|part| *part > 0.0),
                    "curve: every part is 0, so no contact ever comes"
                );
                Ok(())
            }
        }
    }

    /// Messages a second, of those that are due at a rate.
    pub(super) fn rate(&self) -> f64 {
        match self {
            Self::Talk(Talk { rate, .. })
            | Self::Slow(Slow { rate, .. })
            | Self::Hot(Hot { rate, .. })
            | Self::Flood(Flood { rate, .. }) => *rate,
            Self::Idle(_) | Self::Storm(_) | Self::Claims(_) | Self::Visitors(_) => 0.0,
        }
    }

    /// About how many sockets the crowd opens.
    pub(super) fn sockets(&self) -> u64 {
        match self {
            Self::Talk(Talk { pairs, per_agent, .. }) => pairs + pairs.div_ceil(*per_agent),
            Self::Idle(Idle { sockets, .. }) | Self::Storm(Storm { sockets, .. }) => *sockets,
            Self::Slow(Slow { readers, .. }) => 2 * readers,
            Self::Hot(Hot { conversations, watchers, .. }) => conversations * (2 + u64::from(*watchers)),
            Self::Claims(Claims { agents, .. }) => *agents,
            Self::Visitors(Visitors { agents, rate, messages, think, .. }) => {
                agents + (rate * messages * 2.0 * think.as_secs_f64()) as u64
            }
            Self::Flood(Flood { conversations, .. }) => *conversations,
        }
    }

    /// Conversations that are open at the same time, about.
    pub(super) const fn conversations(&self) -> u64 {
        match self {
            Self::Talk(Talk { pairs, .. }) => *pairs,
            Self::Idle(Idle { sockets, open: true, .. }) | Self::Storm(Storm { sockets, .. }) => *sockets,
            Self::Idle(_) | Self::Claims(_) | Self::Visitors(_) => 0,
            Self::Slow(Slow { readers, .. }) => *readers,
            Self::Hot(Hot { conversations, .. }) | Self::Flood(Flood { conversations, .. }) => *conversations,
        }
    }

    /// Whether none of its sockets should end before the run does.
    pub(super) const fn is_calm(&self) -> bool {
        !matches!(self, Self::Storm(_) | Self::Slow(_))
    }
}

impl Default for Talk {
    fn default() -> Self {
        Self { pairs: 100, per_agent: 1, rate: 1000.0, bytes: 100, arrivals: Arrivals::Even, receipts: false }
    }
}

impl Default for Idle {
    fn default() -> Self {
        let settle = Duration::from_secs(5);
        Self { sockets: 10_000, connect_rate: 500.0, levels: 4, settle, open: false, burst_bytes: 0 }
    }
}

impl Default for Storm {
    fn default() -> Self {
        Self { sockets: 1000, connect_rate: 500.0, at: Duration::from_secs(5), spread: Duration::from_secs(30) }
    }
}

impl Default for Slow {
    fn default() -> Self {
        Self { readers: 20, rate: 400.0, bytes: 4096, stall: Duration::from_secs(30) }
    }
}

impl Default for Hot {
    fn default() -> Self {
        Self { conversations: 1, watchers: 20, rate: 100.0, bytes: 100 }
    }
}

impl Default for Claims {
    fn default() -> Self {
        Self { rate: 20.0, agents: 10 }
    }
}

impl Default for Visitors {
    fn default() -> Self {
        let think = Duration::from_secs(4);
        Self { rate: 5.0, curve: Vec::new(), agents: 20, messages: 4.0, think, bytes: 80, shape: None, speed: 1.0 }
    }
}

impl Default for Flood {
    fn default() -> Self {
        Self { conversations: 50, rate: 500.0, bytes: 200 }
    }
}
