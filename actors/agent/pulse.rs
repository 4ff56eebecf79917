//! Noticing that a tenant's feed is dead while its connection lives, and telling its agents to come back.

use std::{sync::Arc, time::Duration};

use actix::{ActorFutureExt, AsyncContext, Context, WrapFuture};
use frontdesk_domain::TenantId;

use super::roster::Roster;

impl Roster {
    /// Sends heartbeats over every feed that is listened to, and listens for them.
    pub(super) fn begin_pulse(ctx: &mut Context<Self>) {
        ctx.run_interval(LOOK_EVERY, Self::look);
        ctx.run_interval(LOOK_EVERY, Self::beat);
    }

    fn beat(&mut self, ctx: &mut Context<Self>) {
        if std::mem::replace(&mut self.beating, true) {
            return;
        }
        let (ports, tenants) = (Arc::clone(&self.ports), self.tenants.keys().copied().collect::<Vec<_>>());
        let beat = async move {
            if let Err(error) = ports.feed.check(&tenants).await {
                tracing::debug!(error = %error, "the broker took no heartbeat for the feeds");
            }
        };
        ctx.spawn(beat.into_actor(self).map(|(), roster, _| roster.beating = false));
    }

    fn look(&mut self, ctx: &mut Context<Self>) {
        let stale: Vec<TenantId> =
            self.tenants.keys().copied().filter(|tenant| self.ports.feed.is_stale(*tenant)).collect();
        for tenant in stale {
            metrics::counter!("desk_heartbeat_lost_total", "channel" => "feed").increment(1);
            tracing::error!(tenant.id = %tenant, "nothing is heard on the feed although the broker works; starting over");
            let mut anew = self.listen(tenant, ctx);
            if let Some(there) = self.tenants.remove(&tenant) {
                ctx.cancel_future(there.task);
                anew.agents = there.agents;
            }
            anew.agents.values().for_each(|connected| connected.missed());
            self.tenants.insert(tenant, anew);
        }
    }
}

/// How often silence is looked for.
const LOOK_EVERY: Duration = Duration::from_secs(1);
