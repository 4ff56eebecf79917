//! Application-level heartbeats: detects a subscription that delivers nothing although its connection is up.
//!
//! Every node receives the heartbeats of all nodes, and any message or heartbeat proves that a channel delivers. So a
//! node sends a heartbeat only on a channel that was silent for 2.5 s: however many nodes subscribe to a channel, one
//! of them sends.

mod channel;
#[cfg(test)]
mod tests;

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use frontdesk_domain::{Partition, TenantId};
use frontdesk_ports::LiveChannel;
use tokio::time::Instant;

use channel::ChannelLiveness;

/// When messages were received and heartbeats sent, for each channel of each partition and for the feed of each tenant.
#[derive(Debug)]
pub(crate) struct Liveness {
    since: Instant,
    channels: Vec<ChannelLiveness>,
    feeds: Mutex<HashMap<TenantId, ChannelLiveness>>,
}

impl Default for Liveness {
    fn default() -> Self {
        let channels = Partition::all().flat_map(|_| LiveChannel::ALL).map(|_| ChannelLiveness::default()).collect();
        Self { since: Instant::now(), channels, feeds: Mutex::default() }
    }
}

impl Liveness {
    /// A message or heartbeat was received, or a subscription began that will receive the next.
    pub(crate) fn received(&self, partition: Partition, channel: LiveChannel) {
        self.channel(partition, channel).received(self.now());
    }

    /// Whether one of `channels` received nothing for 2.5 s; then a heartbeat starts now on all of them.
    pub(crate) fn due(&self, partition: Partition, channels: &[LiveChannel], now: u64) -> bool {
        let channels = || channels.iter().map(|channel| self.channel(partition, *channel));
        let is_due = channels().any(|channel| channel.is_due(now));
        if is_due {
            channels().for_each(|channel| channel.heartbeat_started(now));
        }
        is_due
    }

    /// The broker took the heartbeat that started at `started`.
    pub(crate) fn heartbeat_sent(&self, partition: Partition, channel: LiveChannel, started: u64) {
        self.channel(partition, channel).heartbeat_sent(started, self.now());
    }

    /// The first channel of `partition` that has a subscription which received neither of two heartbeats that the
    /// broker took.
    pub(crate) fn stale_channel(&self, partition: Partition) -> Option<LiveChannel> {
        let now = self.now();
        LiveChannel::ALL.into_iter().find(|channel| self.channel(partition, *channel).is_stale(now))
    }

    /// An item or heartbeat of a tenant's feed was received, or its subscription began.
    pub(crate) fn feed_received(&self, tenant: TenantId) {
        let now = self.now();
        self.feeds().entry(tenant).or_default().received(now);
    }

    /// Those of `tenants` whose feeds received nothing for 2.5 s; their heartbeats start now.
    pub(crate) fn feeds_due(&self, tenants: &[TenantId], now: u64) -> Vec<TenantId> {
        let feeds = self.feeds();
        let due = |tenant: &&TenantId| feeds.get(tenant).is_some_and(|channel| channel.is_due(now));
        let due: Vec<TenantId> = tenants.iter().filter(due).copied().collect();
        due.iter().filter_map(|tenant| feeds.get(tenant)).for_each(|channel| channel.heartbeat_started(now));
        due
    }

    /// Whether the subscription to a tenant's feed received neither of two heartbeats that the broker took.
    pub(crate) fn feed_is_stale(&self, tenant: TenantId) -> bool {
        let now = self.now();
        self.feeds().get(&tenant).is_some_and(|channel| channel.is_stale(now))
    }

    /// Forgets all feeds but those of `tenants`, the ones with a subscription.
    pub(crate) fn keep_feeds(&self, tenants: &[TenantId]) {
        self.feeds().retain(|tenant, _| tenants.contains(tenant));
    }

    /// The broker took the heartbeats that started at `started` for `tenants`.
    pub(crate) fn feed_heartbeats_sent(&self, tenants: &[TenantId], started: u64) {
        let (now, feeds) = (self.now(), self.feeds());
        tenants.iter().filter_map(|tenant| feeds.get(tenant)).for_each(|channel| channel.heartbeat_sent(started, now));
    }

    fn feeds(&self) -> MutexGuard<'_, HashMap<TenantId, ChannelLiveness>> {
        self.feeds.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn now(&self) -> u64 {
        u64::try_from(self.since.elapsed().as_millis()).unwrap_or(u64::MAX).saturating_add(1)
    }

    fn channel(&self, partition: Partition, channel: LiveChannel) -> &ChannelLiveness {
        &self.channels[usize::from(partition.number()) * LiveChannel::ALL.len() + channel as usize]
    }
}
