//! Detects live input that delivers nothing although its connection is up, and has all entities start over then.

use std::{sync::Arc, time::Duration};

use actix::{AsyncContext, Context, WrapFuture};

use super::{
    entity::{Entity, Input, LiveSource},
    shard::Shard,
};

impl<E: Entity> Shard<E> {
    /// Sends and checks heartbeats for as long as an entity is here. A shard without one misses nothing, and an idle
    /// node has 64 of them.
    pub(super) fn keep_heartbeat(&mut self, ctx: &mut Context<Self>) {
        if self.heartbeat.is_some() {
            return;
        }
        // Stagger the 64 shards over one second to avoid bursts.
        let phase = CHECK_EVERY * u32::from(self.partition.number()) / 64;
        self.heartbeat = Some(ctx.run_later(phase, |shard, ctx| {
            shard.heartbeat = Some(ctx.run_interval(CHECK_EVERY, Self::check_liveness));
        }));
    }

    fn check_liveness(&mut self, ctx: &mut Context<Self>) {
        if self.entries.is_empty() {
            if let Some(heartbeat) = self.heartbeat.take() {
                ctx.cancel_future(heartbeat);
            }
            return;
        }
        self.restart_if_stale(ctx);
        let (ports, partition) = (Arc::clone(&self.ports), self.partition);
        let send = async move {
            if let Err(error) = ports.send_heartbeats(partition).await {
                // Readiness reports a log that takes nothing; it says nothing about what this node receives.
                tracing::debug!(partition = %partition, error = %error, "the log took no heartbeat");
            }
        };
        ctx.spawn(send.into_actor(self));
    }

    fn restart_if_stale(&mut self, ctx: &mut Context<Self>) {
        let Some(channel) = self.ports.stale_channel(self.partition) else { return };
        metrics::counter!(E::METRICS.stale, "channel" => channel).increment(1);
        let partition = self.partition;
        tracing::error!(partition = %partition, channel, "a subscription delivers nothing although its connection is up; subscribing again");
        self.listen(ctx);
        self.offer_all(|| Input::Stale);
    }
}

/// How often silence is looked for. The log tries a channel after 2.5 s of it and waits 5 s for what it sent, so an
/// alarm comes within 10 s.
const CHECK_EVERY: Duration = Duration::from_secs(1);
