//! Noticing that this shard's data is dead while its connection lives, and telling everyone concerned to come back.

use std::{sync::Arc, time::Duration};

use actix::{AsyncContext, Context, WrapFuture};

use super::actor::Shard;
use crate::conversation::Call;

impl Shard {
    /// Keeps a pulse for as long as a conversation is here. Nobody misses what a shard without one does not hear, and an idle desk
    /// has 64 of them.
    pub(super) fn keep_pulse(&mut self, ctx: &mut Context<Self>) {
        if self.pulse.is_some() {
            return;
        }
        let phase = LOOK_EVERY * u32::from(self.partition.number()) / 64;
        // Spread out, so that a node's heartbeats are a murmur and not a drum.
        self.pulse = Some(ctx.run_later(phase, |shard, ctx| {
            shard.pulse = Some(ctx.run_interval(LOOK_EVERY, Self::throb));
        }));
    }

    fn throb(&mut self, ctx: &mut Context<Self>) {
        if self.entries.is_empty() {
            if let Some(pulse) = self.pulse.take() {
                ctx.cancel_future(pulse);
            }
            return;
        }
        self.look(ctx);
        self.beat(ctx);
    }

    /// Has the log try what was silent for a while.
    fn beat(&self, ctx: &mut Context<Self>) {
        let (ports, partition) = (Arc::clone(&self.ports), self.partition);
        let beat = async move {
            if let Err(error) = ports.log.beat(partition).await {
                // Readiness tells of a log that takes nothing; not hearing from it proves nothing about this node's ears.
                tracing::debug!(partition = %partition, error = %error, "the log took no heartbeat");
            }
        };
        ctx.spawn(beat.into_actor(self));
    }

    fn look(&mut self, ctx: &mut Context<Self>) {
        let Some(channel) = self.ports.log.deaf(self.partition) else { return };
        metrics::counter!("desk_heartbeat_lost_total", "channel" => channel.as_str()).increment(1);
        let (partition, channel) = (self.partition, channel.as_str());
        tracing::error!(partition = %partition, channel, "nothing is heard any more although the log works; starting over");
        self.listen(ctx);
        let keys: Vec<_> = self.entries.keys().copied().collect();
        for key in keys {
            self.offer(&key, Call::Deaf);
        }
    }
}

/// How often silence is looked for. The log tries a channel after 2.5 s of it and waits 5 s for what it sent, so an alarm comes
/// within 10 s.
const LOOK_EVERY: Duration = Duration::from_secs(1);
