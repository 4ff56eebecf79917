//! Heartbeats: what this node sends through everything that it listens to, to notice a subscription that has gone deaf while its
//! connection lives.
//!
//! Everybody who listens hears everybody's beats, and whatever is heard, a record or another node's beat, says the same. So a node
//! beats only where it has heard nothing for a while: however many nodes listen to a channel, one of them beats.

mod line;

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use async_nats::jetstream::message::PublishMessage;
use frontdesk_domain::{Partition, TenantId};
use frontdesk_ports::{Channel, LogError};
use tokio::time::Instant;

use crate::{acks, link::bounded, log::Shared};
use line::Line;

/// What was sent and heard, for each partition and channel.
#[derive(Debug)]
pub(crate) struct Beats {
    began: Instant,
    lines: Vec<Line>,
    feeds: Mutex<HashMap<TenantId, Line>>,
}

impl Default for Beats {
    fn default() -> Self {
        let lines = Partition::all().flat_map(|_| Channel::ALL).map(|_| Line::default()).collect();
        Self { began: Instant::now(), lines, feeds: Mutex::default() }
    }
}

impl Beats {
    /// A beat came in, or a subscription was made that will hear the next.
    pub(crate) fn heard(&self, partition: Partition, channel: Channel) {
        self.line(partition, channel).heard(self.now());
    }

    /// Whether one of `channels` has been silent for a while; then its next beat begins now.
    fn begins(&self, partition: Partition, channels: &[Channel], now: u64) -> bool {
        let lines = || channels.iter().map(|channel| self.line(partition, *channel));
        let is_due = lines().any(|line| line.is_due(now));
        if is_due {
            lines().for_each(|line| line.begin(now));
        }
        is_due
    }

    /// The broker took the beat that was begun at `begun`.
    fn sent(&self, partition: Partition, channel: Channel, begun: u64) {
        self.line(partition, channel).sent(begun, self.now());
    }

    /// The first channel of `partition` that is listened to, and heard neither of two beats although the broker took both.
    pub(crate) fn deaf(&self, partition: Partition) -> Option<Channel> {
        let now = self.now();
        Channel::ALL.into_iter().find(|channel| self.line(partition, *channel).is_deaf(now))
    }

    /// The same for a tenant's feeds.
    pub(crate) fn feed_heard(&self, tenant: TenantId) {
        let now = self.now();
        self.feeds().entry(tenant).or_default().heard(now);
    }

    /// Those of `tenants` whose feeds have been silent for a while; their next beats begin now.
    fn feeds_begin(&self, tenants: &[TenantId], now: u64) -> Vec<TenantId> {
        let feeds = self.feeds();
        let due = |tenant: &&TenantId| feeds.get(tenant).is_some_and(|line| line.is_due(now));
        let due: Vec<TenantId> = tenants.iter().filter(due).copied().collect();
        due.iter().filter_map(|tenant| feeds.get(tenant)).for_each(|line| line.begin(now));
        due
    }

    /// The same for a tenant's feeds.
    pub(crate) fn feed_is_deaf(&self, tenant: TenantId) -> bool {
        let now = self.now();
        self.feeds().get(&tenant).is_some_and(|line| line.is_deaf(now))
    }

    /// Forgets the feeds of all but `tenants`, which are all that are listened to.
    fn keep_feeds(&self, tenants: &[TenantId]) {
        self.feeds().retain(|tenant, _| tenants.contains(tenant));
    }

    /// The broker took the beats begun at `begun` for each of `tenants`.
    fn feeds_sent(&self, tenants: &[TenantId], begun: u64) {
        let (now, feeds) = (self.now(), self.feeds());
        tenants.iter().filter_map(|tenant| feeds.get(tenant)).for_each(|line| line.sent(begun, now));
    }

    fn feeds(&self) -> MutexGuard<'_, HashMap<TenantId, Line>> {
        self.feeds.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX).saturating_add(1)
    }

    fn line(&self, partition: Partition, channel: Channel) -> &Line {
        &self.lines[usize::from(partition.number()) * Channel::ALL.len() + channel as usize]
    }
}

/// Sends one beat over the feeds of each of `tenants`.
pub(crate) async fn beat_feeds(shared: &Shared, tenants: &[TenantId]) -> Result<(), LogError> {
    let (link, begun) = (shared.links.reach()?, shared.beats.now());
    shared.beats.keep_feeds(tenants);
    let tenants = shared.beats.feeds_begin(tenants, begun);
    if tenants.is_empty() {
        return Ok(());
    }
    for tenant in &tenants {
        bounded(shared.options.ack_timeout, link.client.publish(shared.subjects().feed_beat(*tenant), "".into()))
            .await?;
    }
    // The broker has taken what came before on this connection once it answers.
    bounded(shared.options.ack_timeout, link.broker.query_account()).await?;
    shared.beats.feeds_sent(&tenants, begun);
    Ok(())
}

/// Sends one beat through each channel of `partition` that has been silent for a while.
pub(crate) async fn beat(shared: &Shared, partition: Partition) -> Result<(), LogError> {
    let (beats, begun) = (&shared.beats, shared.beats.now());
    let with_live = beats.begins(partition, &[Channel::Signals, Channel::Live], begun);
    let with_acks = beats.begins(partition, &[Channel::Acks], begun);
    if with_live {
        beat_live(shared, partition, begun).await?;
    }
    if with_acks {
        acks::publish(shared, shared.subjects().ack_beat(partition, &shared.node), Vec::new()).await?;
        beats.sent(partition, Channel::Acks, begun);
    }
    Ok(())
}

async fn beat_live(shared: &Shared, partition: Partition, begun: u64) -> Result<(), LogError> {
    let (subjects, node, link) = (shared.subjects(), &shared.node, shared.links.reach()?);
    // Typing is not stored, so nothing says whether it arrived; but what comes later on the same connection arrives later.
    let typing = link.client.publish(subjects.typing_beat(partition, node), "".into());
    bounded(shared.options.ack_timeout, typing).await?;
    let message = PublishMessage::build().payload("".into());
    let stored = async { link.broker.send_publish(subjects.beat(partition, node), message).await?.await };
    bounded(shared.options.ack_timeout, stored).await?;
    shared.beats.sent(partition, Channel::Signals, begun);
    shared.beats.sent(partition, Channel::Live, begun);
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// `began` lies `ms` in the past.
    fn aged(beats: &mut Beats, ms: u64) {
        beats.began -= Duration::from_millis(ms);
    }

    #[test]
    fn two_beats_that_were_taken_and_not_heard_make_a_channel_deaf() {
        let mut beats = Beats::default();
        let [one, other] = [Partition::all().next(), Partition::all().nth(7)].map(Option::unwrap);
        beats.sent(one, Channel::Live, u64::MAX);
        aged(&mut beats, 60_000);
        beats.sent(one, Channel::Live, u64::MAX);
        aged(&mut beats, 60_000);
        assert_eq!(beats.deaf(one), None, "nobody listens there yet");
        beats.heard(one, Channel::Live);
        beats.heard(other, Channel::Acks);
        beats.sent(one, Channel::Live, u64::MAX);
        aged(&mut beats, 60_000);
        assert_eq!(beats.deaf(one), None, "one beat may be lost with a connection");
        beats.sent(one, Channel::Live, u64::MAX);
        assert_eq!(beats.deaf(one), None, "the second is on its way");
        aged(&mut beats, 2_000);
        assert_eq!((beats.deaf(one), beats.deaf(other)), (Some(Channel::Live), None));
        beats.heard(one, Channel::Acks);
        assert_eq!(beats.deaf(one), Some(Channel::Live), "another channel says nothing of this one");
        beats.heard(one, Channel::Live);
        assert_eq!(beats.deaf(one), None);
    }

    #[test]
    fn a_feed_is_deaf_on_its_own_and_forgotten_when_nobody_listens() {
        let mut beats = Beats::default();
        let [one, other] = [1, 2].map(|number| TenantId(uuid::Uuid::from_u128(number)));
        beats.feed_heard(one);
        beats.feed_heard(other);
        for _ in 0..2 {
            beats.feeds_sent(&[one, other], u64::MAX);
            aged(&mut beats, 6_000);
        }
        beats.feed_heard(other);
        assert!(beats.feed_is_deaf(one) && !beats.feed_is_deaf(other));
        beats.keep_feeds(&[other]);
        assert!(!beats.feed_is_deaf(one) && beats.feeds().len() == 1);
    }

    #[test]
    fn a_beat_that_was_heard_before_the_broker_said_so_is_not_one_of_the_two() {
        let mut beats = Beats::default();
        let one = Partition::all().next().unwrap();
        let begun = beats.now();
        beats.heard(one, Channel::Live);
        beats.sent(one, Channel::Live, begun);
        aged(&mut beats, 3_000);
        // The next is late, by as much as a node is busy.
        beats.sent(one, Channel::Live, beats.now());
        aged(&mut beats, 4_000);
        assert_eq!(beats.deaf(one), None, "only one was not heard");
        beats.sent(one, Channel::Live, beats.now());
        aged(&mut beats, 2_000);
        assert_eq!(beats.deaf(one), Some(Channel::Live));
    }

    #[test]
    fn a_channel_is_tried_after_a_silence_and_whoever_speaks_breaks_it() {
        let mut beats = Beats::default();
        let one = Partition::all().next().unwrap();
        let begins = |beats: &Beats, channel| beats.begins(one, &[channel], beats.now());
        aged(&mut beats, 60_000);
        assert!(!begins(&beats, Channel::Live), "nobody listens there yet");
        beats.heard(one, Channel::Live);
        beats.heard(one, Channel::Acks);
        aged(&mut beats, 2_000);
        assert!(!begins(&beats, Channel::Live));
        // Another node's beat, or a record.
        beats.heard(one, Channel::Live);
        aged(&mut beats, 2_000);
        assert!(!begins(&beats, Channel::Live) && begins(&beats, Channel::Acks));
        aged(&mut beats, 1_000);
        assert!(begins(&beats, Channel::Live) && !begins(&beats, Channel::Acks), "one was begun just now");
        // One that stays silent is tried again, so that two are missed within the time for an alarm.
        aged(&mut beats, 2_500);
        assert!(begins(&beats, Channel::Live));
    }

    #[test]
    fn feeds_are_tried_after_a_silence() {
        let mut beats = Beats::default();
        let [one, other] = [1, 2].map(|number| TenantId(uuid::Uuid::from_u128(number)));
        beats.feed_heard(one);
        beats.feed_heard(other);
        aged(&mut beats, 2_600);
        beats.feed_heard(other);
        assert_eq!(beats.feeds_begin(&[one, other], beats.now()), [one]);
        assert_eq!(beats.feeds_begin(&[one, other], beats.now()), []);
    }

    #[test]
    fn whoever_hears_its_beats_is_never_deaf() {
        let mut beats = Beats::default();
        let one = Partition::all().next().unwrap();
        beats.heard(one, Channel::Signals);
        for _ in 0..20 {
            beats.sent(one, Channel::Signals, u64::MAX);
            aged(&mut beats, 3_000);
            assert_eq!(beats.deaf(one), None);
            beats.heard(one, Channel::Signals);
        }
    }
}
