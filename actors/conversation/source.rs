//! What conversations are fed with: records, acknowledgements and signals of their partition, from the log.

use frontdesk_domain::{ConversationKey, Partition};
use frontdesk_ports::{Clock, LogError, LogStream};
use futures_util::{StreamExt, stream::BoxStream};
use tokio::sync::watch;

use super::call::Call;
use crate::{ports::HostPorts, runtime::LiveSource};

impl LiveSource<ConversationKey, Call> for HostPorts {
    type Error = LogError;

    fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    async fn subscribe(&self, partition: Partition) -> Result<BoxStream<'static, (ConversationKey, Call)>, LogError> {
        let live = self.log.live(partition).await?.map(|record| (record.envelope.key(), Call::Live(Box::new(record))));
        let acks = self.log.acks(partition).await?.map(|ack| (ack.key, Call::Ack(ack)));
        let signals = self.log.signals(partition).await?.map(|(key, signal)| (key, Call::Signal(signal)));
        // The end of any of them ends all: they share a connection.
        let ended = |stream: LogStream<(ConversationKey, Call)>| {
            stream.map(Some).chain(futures_util::stream::once(async { None }))
        };
        let all = futures_util::stream::select_all(
            [ended(live.boxed()), ended(acks.boxed()), ended(signals.boxed())].map(StreamExt::boxed),
        );
        Ok(all.take_while(|item| std::future::ready(item.is_some())).filter_map(std::future::ready).boxed())
    }

    fn reconnects(&self) -> watch::Receiver<u64> {
        self.log.reconnects()
    }

    async fn send_heartbeats(&self, partition: Partition) -> Result<(), LogError> {
        self.log.check(partition).await
    }

    fn stale_channel(&self, partition: Partition) -> Option<&'static str> {
        self.log.stale_channel(partition).map(|channel| channel.as_str())
    }
}
