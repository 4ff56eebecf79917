//! Bringing in what any node logs, acknowledges or signals in this shard's partition.

use std::{sync::Arc, time::Duration};

use actix::{AsyncContext, Context, Handler, Message, WrapFuture};
use frontdesk_domain::ConversationKey;
use frontdesk_ports::{LogError, LogStream};
use futures_util::StreamExt;

use super::actor::Shard;
use crate::conversation::Call;

/// Something from the log for whoever is here.
#[derive(Debug, Message)]
#[rtype(result = "()")]
struct Incoming(ConversationKey, Call);

/// Live records may have been missed.
#[derive(Debug, Message)]
#[rtype(result = "()")]
struct Interrupted;

impl Shard {
    /// Listens from now on, for as long as the shard lives or until this is called again.
    pub(super) fn listen(&mut self, ctx: &mut Context<Self>) {
        if let Some(deaf) = self.listening.take() {
            ctx.cancel_future(deaf);
        }
        let (shard, ports, partition) = (ctx.address(), Arc::clone(&self.ports), self.partition);
        let listen = async move {
            let mut interruptions = ports.log.interruptions();
            loop {
                match subscribe(&ports, partition).await {
                    Ok(mut incoming) => {
                        // Whatever happened before this moment was not heard.
                        let mut open = shard.send(Interrupted).await.is_ok();
                        while open {
                            tokio::select! {
                                next = incoming.next() => match next {
                                    // Awaited: a shard that is behind slows the reading down instead of queueing.
                                    Some((key, call)) => open = shard.send(Incoming(key, call)).await.is_ok(),
                                    None => break,
                                },
                                Ok(()) = interruptions.changed() => open = shard.send(Interrupted).await.is_ok(),
                            }
                        }
                        if !open {
                            return;
                        }
                    }
                    Err(error) => {
                        tracing::warn!(partition = %partition, error = %error, "cannot listen to the log; trying again")
                    }
                }
                tokio::time::sleep(LISTEN_AGAIN).await;
            }
        };
        self.listening = Some(ctx.spawn(listen.into_actor(self)));
    }
}

async fn subscribe(
    ports: &crate::ports::HostPorts,
    partition: frontdesk_domain::Partition,
) -> Result<LogStream<(ConversationKey, Call)>, LogError> {
    let live = ports.log.live(partition).await?.map(|record| (record.envelope.key(), Call::Live(Box::new(record))));
    let acks = ports.log.acks(partition).await?.map(|ack| (ack.key, Call::Ack(ack)));
    let signals = ports.log.signals(partition).await?.map(|(key, signal)| (key, Call::Signal(signal)));
    // The end of any of them ends all: they share a connection.
    let ended =
        |stream: LogStream<(ConversationKey, Call)>| stream.map(Some).chain(futures_util::stream::once(async { None }));
    let all = futures_util::stream::select_all(
        [ended(live.boxed()), ended(acks.boxed()), ended(signals.boxed())].map(StreamExt::boxed),
    );
    Ok(all.take_while(|item| std::future::ready(item.is_some())).filter_map(std::future::ready).boxed())
}

impl Handler<Incoming> for Shard {
    type Result = ();

    fn handle(&mut self, Incoming(key, call): Incoming, _: &mut Self::Context) {
        self.offer(&key, call);
    }
}

impl Handler<Interrupted> for Shard {
    type Result = ();

    fn handle(&mut self, _: Interrupted, _: &mut Self::Context) {
        let keys: Vec<_> = self.entries.keys().copied().collect();
        for key in keys {
            self.offer(&key, Call::CatchUp);
        }
    }
}

const LISTEN_AGAIN: Duration = Duration::from_millis(500);
