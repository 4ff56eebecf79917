//! Receiving what any node publishes about the entities of a shard's partition.

use std::{sync::Arc, time::Duration};

use actix::{AsyncContext, Context, Handler, Message, WrapFuture};
use futures_util::StreamExt;

use super::{
    entity::{Entity, Input, LiveSource},
    shard::Shard,
};

/// Live input for an entity, if it is here.
#[derive(Message)]
#[rtype(result = "()")]
struct Incoming<E: Entity>(E::Key, E::Call);

/// Live input may have been missed.
#[derive(Debug, Message)]
#[rtype(result = "()")]
struct Reconnected;

impl<E: Entity> Shard<E> {
    /// Receives from now on, for as long as the shard lives or until this is called again.
    pub(super) fn listen(&mut self, ctx: &mut Context<Self>) {
        if let Some(stale) = self.listening.take() {
            ctx.cancel_future(stale);
        }
        let (shard, ports, partition) = (ctx.address(), Arc::clone(&self.ports), self.partition);
        let listen = async move {
            let mut reconnects = ports.reconnects();
            loop {
                match ports.subscribe(partition).await {
                    Ok(mut incoming) => {
                        // What was published before this moment was not received.
                        let mut open = shard.send(Reconnected).await.is_ok();
                        while open {
                            tokio::select! {
                                next = incoming.next() => match next {
                                    // Awaited: a shard that is behind slows the reading down instead of queueing.
                                    Some((key, call)) => open = shard.send(Incoming::<E>(key, call)).await.is_ok(),
                                    None => break,
                                },
                                Ok(()) = reconnects.changed() => open = shard.send(Reconnected).await.is_ok(),
                            }
                        }
                        if !open {
                            return;
                        }
                    }
                    Err(error) => {
                        tracing::warn!(partition = %partition, error = %error, "cannot subscribe to live records; trying again")
                    }
                }
                tokio::time::sleep(SUBSCRIBE_AGAIN).await;
            }
        };
        self.listening = Some(ctx.spawn(listen.into_actor(self)));
    }
}

impl<E: Entity> Handler<Incoming<E>> for Shard<E> {
    type Result = ();

    fn handle(&mut self, Incoming(key, call): Incoming<E>, _: &mut Self::Context) {
        self.offer(&key, call);
    }
}

impl<E: Entity> Handler<Reconnected> for Shard<E> {
    type Result = ();

    fn handle(&mut self, _: Reconnected, _: &mut Self::Context) {
        self.offer_all(|| Input::CatchUp);
    }
}

const SUBSCRIBE_AGAIN: Duration = Duration::from_millis(500);
