//! All of them together.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use frontdesk_config::Role;
use frontdesk_domain::{Participant, ReceiptKind};
use frontdesk_ports::{AckRecord, Acks as _, ConversationStore as _, Delivery, Feed as _, LogError, WorkSource};
use frontdesk_protocol::{Ack, AckKind};
use frontdesk_workers::Workers;
use futures_util::StreamExt as _;

use super::desk::{Desk, Talk, agent, eventually};

#[tokio::test(start_paused = true)]
async fn all_roles_work_side_by_side_until_they_are_asked_to_stop() {
    let desk = Desk::new();
    desk.log.set_retention(Duration::ZERO);
    let workers = Workers::spawn(&desk.settings, &desk.ports, &desk.stop);
    let mut talk = Talk::open(&desk).await;
    let mut feed = desk.log.subscribe(talk.key.tenant).await.unwrap();
    talk.hear_many(20).await;
    let kind = AckKind::Receipt(Participant::Agent(agent()), ReceiptKind::Read);
    desk.log.acknowledge(AckRecord { key: talk.key, kind, ack: Ack { up_to_seq: 7 } }).await.unwrap();

    eventually(async || desk.persisted(talk.key).await == 21).await;
    eventually(async || !desk.store.receipts(talk.key).await.unwrap().is_empty()).await;
    while feed.next().await.expect("the feed goes on").1.conversation() != Some(&talk.summary()) {}
    eventually(async || desk.position(&talk).await.first_seq == 22).await;
    eventually(async || workers.health()[0].pending == Some(0)).await;
    assert!(workers.health().iter().all(|health| !health.failing));

    desk.stop.cancel();
    workers.stopped().await;
}

#[tokio::test(start_paused = true)]
async fn an_outage_shows_in_the_health_of_those_it_concerns() {
    let desk = Desk::new();
    let workers = Workers::spawn(&desk.settings, &desk.ports, &desk.stop);
    desk.store.set_available(false);
    let talk = Talk::open(&desk).await;
    let failing = || {
        let health = workers.health().into_iter();
        health.filter(|health| health.failing).map(|health| health.role).collect::<Vec<_>>()
    };
    eventually(async || failing() == ["persist", "timers", "relay"].map(Role::named)).await;
    desk.store.set_available(true);
    eventually(async || failing().is_empty() && desk.persisted(talk.key).await == 1).await;
    desk.log.set_unavailable(true);
    eventually(async || failing().len() == 5 && workers.health()[0].pending.is_none()).await;
    desk.log.set_unavailable(false);
    eventually(async || failing().is_empty()).await;
}

#[tokio::test]
async fn only_the_roles_in_the_settings_are_started() {
    let mut desk = Desk::new();
    desk.settings.roles = vec![Role::named("trim"), Role::named("push"), Role::named("push")];
    let workers = Workers::spawn(&desk.settings, &desk.ports, &desk.stop);
    let roles: Vec<_> = workers.health().iter().map(|health| health.role).collect();
    assert_eq!(roles, [Role::named("push"), Role::named("trim")]);
    desk.stop.cancel();
    workers.stopped().await;
}

/// A queue with a defect that shows once.
struct PanicsOnce(Arc<dyn WorkSource>, AtomicBool);

#[async_trait]
impl WorkSource for PanicsOnce {
    fn name(&self) -> &str {
        self.0.name()
    }
    async fn take(&self, max: usize, wait: Duration) -> Result<Vec<Delivery>, LogError> {
        let taken = self.0.take(max, wait).await?;
        assert!(taken.is_empty() || self.1.swap(true, Ordering::SeqCst), "a defect, made by the test");
        Ok(taken)
    }
    async fn pending(&self) -> Result<u64, LogError> {
        self.0.pending().await
    }
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_panics_is_started_again_and_nothing_is_lost() {
    let mut desk = Desk::new();
    desk.replace_queue("persist", Arc::new(PanicsOnce(desk.log.persist_work(), AtomicBool::new(false))));
    let workers = Workers::spawn(&desk.settings, &desk.ports, &desk.stop);
    let mut talk = Talk::open(&desk).await;
    talk.hear_many(3).await;
    eventually(async || desk.persisted(talk.key).await == 4).await;
    desk.stop.cancel();
    workers.stopped().await;
}
