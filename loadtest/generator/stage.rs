//! What all crowds of a generator share.

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use anyhow::Context as _;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use tokio::{sync::Mutex as AsyncMutex, time::sleep};
use uuid::Uuid;

use super::orders::{Share, Task};
use crate::{
    client::{Dialer, Names, Rest},
    clock::{micros, now, utc_ms},
    ledger::{Conversation, Tally},
    recorder::{Hop, Recorder},
};

/// What all crowds of a generator share.
#[derive(Debug)]
pub(crate) struct Stage {
    pub(crate) dialer: Arc<Dialer>,
    pub(crate) recorder: Arc<Recorder>,
    pub(crate) names: Names,
    pub(crate) inbox: String,
    pub(crate) share: Share,
    pub(crate) seed: u64,
    /// The name of the run in names of agents.
    pub(crate) run: String,
    /// How long from the first message to the last one.
    pub(crate) whole: Duration,
    patience: Duration,
    owner: (String, String),
    rest: AsyncMutex<Rest>,
    conversations: Mutex<Vec<Arc<Conversation>>>,
}

impl Stage {
    /// An empty one, at a server that lets the owner in.
    ///
    /// # Errors
    /// It does not.
    pub(crate) async fn new(task: Task) -> anyhow::Result<Self> {
        let Task { scenario, urls, inbox, owner, share, run_ms, base } = task;
        let mut rest = Rest::new(&urls[0])?;
        rest.sign_in(&owner.0, &owner.1).await.context("cannot sign in as the owner")?;
        let sources = sources(&scenario.sources, &urls[0], scenario.sockets(), share);
        Ok(Self {
            recorder: Arc::new(Recorder::new(base, scenario.is_calm())),
            dialer: Arc::new(Dialer::new(urls, sources, scenario.codec.codec())),
            names: Names { epoch_ms: utc_ms() - now() / 1000, generator: share.index },
            inbox,
            share,
            seed: scenario.seed ^ (u64::from(share.index) << 32),
            run: format!("{run_ms:x}g{}", share.index),
            whole: scenario.warmup + scenario.measure,
            patience: scenario.patience,
            owner,
            rest: AsyncMutex::new(rest),
            conversations: Mutex::default(),
        })
    }

    /// Requests in the owner's name, to any gateway.
    pub(crate) async fn rest(&self) -> Rest {
        self.rest.lock().await.clone()
    }

    /// A conversation of this run, that so many sockets look at.
    pub(crate) fn converse(&self, id: Uuid, watchers: u16, hop: Hop) -> Arc<Conversation> {
        let mut conversations = self.conversations();
        let conversation = Arc::new(Conversation::new(id, conversations.len(), watchers, hop));
        conversations.push(Arc::clone(&conversation));
        conversation
    }

    /// Whether everything that was sent is accepted and has arrived.
    pub(crate) fn is_settled(&self) -> bool {
        self.conversations().iter().all(|conversation| conversation.is_settled())
    }

    /// Compares what people were told with what the server keeps.
    ///
    /// # Errors
    /// The server does not say what it keeps.
    pub(crate) async fn judge(&self) -> anyhow::Result<(Tally, Vec<String>)> {
        let conversations = self.conversations().clone();
        let deadline = now() + micros(self.patience);
        let mut rest = self.rest().await;
        // A long run outlives the token.
        rest.sign_in(&self.owner.0, &self.owner.1).await.context("cannot sign in as the owner")?;
        *self.rest.lock().await = rest.clone();
        let judged = stream::iter(conversations).map(|conversation| {
            let rest = rest.clone();
            async move {
                let kept = kept(&rest, &conversation, deadline).await?;
                let kept = kept.into_iter().map(|(seq, name)| (seq, conversation.index(self.names, name)));
                anyhow::Ok(conversation.judge(&kept.collect::<Vec<_>>()))
            }
        });
        let judged: Vec<(Tally, Vec<String>)> = judged.buffer_unordered(AT_ONCE).try_collect().await?;
        let (mut tally, mut wrong) = (Tally::default(), Vec::new());
        for (own, what) in judged {
            tally.add(&own);
            wrong.extend(what.into_iter().take(MOST_COMPLAINTS.saturating_sub(wrong.len())));
        }
        Ok((tally, wrong))
    }

    fn conversations(&self) -> MutexGuard<'_, Vec<Arc<Conversation>>> {
        self.conversations.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// All entries that the database holds of a conversation, once it holds what its people know of.
async fn kept(rest: &Rest, conversation: &Conversation, deadline: u64) -> anyhow::Result<Vec<(u64, Uuid)>> {
    let last = conversation.last_seq();
    let mut kept: Vec<(u64, Uuid)> = Vec::new();
    loop {
        let known = kept.last().map_or(0, |(seq, _)| *seq);
        kept.extend(rest.history(conversation.id, known).await?);
        if kept.last().map_or(0, |(seq, _)| *seq) >= last || now() >= deadline {
            return Ok(kept);
        }
        sleep(LOOK_EVERY).await;
    }
}

/// Addresses to connect from: those named; else, on this machine's loopback, enough that none runs out of ports.
fn sources(named: &[IpAddr], url: &str, sockets: u64, share: Share) -> Vec<IpAddr> {
    if !named.is_empty() || !url.starts_with("http://127.") {
        return named.to_vec();
    }
    let needed = share.of(sockets).div_ceil(SOCKETS_OF_AN_ADDRESS).clamp(1, 250);
    let third = (share.index % 250) as u8 + 1;
    (1..=needed).map(|last| Ipv4Addr::new(127, 0, third, last as u8).into()).collect()
}

/// Conversations that are read at the same time.
const AT_ONCE: usize = 8;

const LOOK_EVERY: Duration = Duration::from_millis(100);

const MOST_COMPLAINTS: usize = 20;

/// An address has 28,000 ports for outgoing connections to one listener; each is free again only a minute after its
/// use.
const SOCKETS_OF_AN_ADDRESS: u64 = 10_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generators_on_the_loopback_connect_from_addresses_of_their_own() {
        let share = |index| Share { index, of: 2 };
        let first = sources(&[], "http://127.0.0.1:80", 50_000, share(0));
        let second = sources(&[], "http://127.0.0.1:80", 50_000, share(1));
        assert_eq!((first.len(), second.len()), (3, 3));
        assert!(first.iter().all(|address| address.is_loopback() && !second.contains(address)));
        assert!(sources(&[], "http://desk:8080", 50_000, share(0)).is_empty());
        assert_eq!(sources(&first[..1], "http://desk:8080", 50_000, share(0)), first[..1]);
    }
}
