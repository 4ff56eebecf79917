//! Which agents receive which rows.

use std::{
    collections::BTreeSet,
    sync::{Arc, atomic::AtomicU32},
    time::Duration,
};

use frontdesk_domain::{AgentId, Command, MessageText, Tag, TenantId, Timestamp};
use frontdesk_ports::{Feed as _, FeedTarget, LogStream, StreamPosition, Trim as _};
use frontdesk_protocol::FeedItem;
use frontdesk_workers::{PushWorker, StepOutcome, Worker as _};
use futures_util::{FutureExt as _, StreamExt as _};
use uuid::Uuid;

use super::{
    desk::{Desk, NO_WAIT, Talk, agent, eventually, only, say},
    faults::Stutters,
};

/// What the agents of one tenant hear.
struct Listener(LogStream<(FeedTarget, FeedItem)>);

impl Listener {
    async fn on(desk: &Desk, tenant: TenantId) -> Self {
        Self(desk.log.subscribe(tenant).await.expect("the log is there"))
    }

    /// What was told since the last time: to whom, and up to which entry.
    fn heard(&mut self) -> Vec<(FeedTarget, FeedItem)> {
        std::iter::from_fn(|| self.0.next().now_or_never().flatten()).collect()
    }
}

async fn step(desk: &Desk, worker: &PushWorker) {
    worker.step(NO_WAIT, &desk.stop).await.expect("the step works");
}

#[tokio::test]
async fn lists_hear_what_moves_a_conversation_and_holders_hear_the_rest() {
    use FeedTarget::Everyone;
    let desk = Desk::new();
    let tenant = TenantId(Uuid::now_v7());
    let (ada, bob) = (agent(), agent());
    let note = || Command::note(MessageText::new("psst").unwrap());
    let tag = Tag::new("billing").unwrap();
    let told: [(Option<AgentId>, Command, FeedTarget); 17] = [
        (None, say("hello"), Everyone),
        (Some(ada), Command::Claim, Everyone),
        (Some(ada), say("hi"), only(ada)),
        (None, say("thanks"), only(ada)),
        (Some(bob), note(), only(ada)),
        (Some(ada), Command::Tag { tag: tag.clone() }, Everyone),
        (Some(ada), Command::Untag { tag }, Everyone),
        (Some(ada), Command::Pend, Everyone),
        (None, say("one more thing"), Everyone),
        (Some(ada), Command::Snooze { until: Timestamp(60_000) }, Everyone),
        (Some(ada), Command::Reopen, Everyone),
        (Some(ada), Command::Transfer { agent: bob, name: "Bob".to_owned() }, Everyone),
        (None, say("who are you?"), only(bob)),
        (Some(bob), Command::Resolve, Everyone),
        (Some(bob), say("bye"), only(bob)),
        (None, say("wait"), Everyone),
        (Some(bob), Command::Unassign, Everyone),
    ];
    let mut feed = Listener::on(&desk, tenant).await;
    let worker = desk.push_worker();
    let mut talk = Talk::open_in(&desk, tenant).await;
    step(&desk, &worker).await;
    assert_eq!(feed.heard(), [(Everyone, FeedItem::row(talk.summary()))]);
    for (author, command, target) in told {
        let what = format!("{command:?}");
        match author {
            Some(agent) => talk.agent_does(agent, command).await,
            None => talk.contact_does(command).await,
        }
        step(&desk, &worker).await;
        let former_holders = match &what {
            transfer if transfer.starts_with("Transfer") => [ada].into(),
            unassign if unassign == "Unassign" => [bob].into(),
            _ => BTreeSet::new(),
        };
        let item = FeedItem::Conversation { summary: talk.summary(), former_holders };
        assert_eq!(feed.heard(), [(target, item)], "{what}");
    }
    talk.agent_does(ada, note()).await;
    step(&desk, &worker).await;
    assert_eq!(feed.heard()[0].0, Everyone, "it is unassigned");
}

#[tokio::test]
async fn a_conversation_is_told_once_for_a_batch_as_it_stands_at_the_end() {
    let desk = Desk::new();
    let tenant = TenantId(Uuid::now_v7());
    let ada = agent();
    let mut feed = Listener::on(&desk, tenant).await;
    let mut foreign = Listener::on(&desk, TenantId(Uuid::now_v7())).await;
    let (mut one, mut two) = (Talk::open_in(&desk, tenant).await, Talk::open_in(&desk, tenant).await);
    one.hear_many(5).await;
    two.agent_does(ada, Command::Claim).await;
    two.agent_does(ada, say("for everyone, as the claim is")).await;
    let worker = desk.push_worker();
    step(&desk, &worker).await;
    let mut heard = feed.heard();
    heard.sort_by_key(|(_, item)| item.of());
    let everyone = |talk: &Talk| (FeedTarget::Everyone, FeedItem::row(talk.summary()));
    assert_eq!(heard, [everyone(&one), everyone(&two)]);

    two.hear_many(3).await;
    two.agent_does(ada, say("one at a time")).await;
    step(&desk, &worker).await;
    assert_eq!(feed.heard(), [(only(ada), FeedItem::row(two.summary()))]);
    assert_eq!(foreign.heard(), []);
}

/// A conversation that is in the database and no longer in the log, and one more message in it.
async fn trimmed(desk: &Desk, tenant: TenantId) -> Talk {
    let mut talk = Talk::open_in(desk, tenant).await;
    talk.agent_does(agent(), Command::Claim).await;
    desk.persist_worker().step(NO_WAIT, &desk.stop).await.expect("persisted");
    step(desk, &desk.push_worker()).await;
    let StreamPosition { stream, processed_seq, .. } = desk.position(&talk).await;
    desk.log.trim(&stream, processed_seq).await.expect("trimmed");
    talk.append_first("after the trim").await;
    talk.hear("and another").await;
    talk
}

#[tokio::test]
async fn a_fresh_worker_goes_on_from_the_database() {
    let desk = Desk::new();
    let tenant = TenantId(Uuid::now_v7());
    let talk = trimmed(&desk, tenant).await;
    let mut feed = Listener::on(&desk, tenant).await;
    step(&desk, &desk.push_worker()).await;
    let holder = talk.state.assignee().expect("claimed");
    assert_eq!(feed.heard(), [(only(holder), FeedItem::row(talk.summary()))]);
}

#[tokio::test]
async fn what_another_worker_took_is_known_but_left_to_it() {
    let desk = Desk::new();
    let ada = agent();
    let mut talk = Talk::open(&desk).await;
    talk.agent_does(ada, Command::Claim).await;
    talk.agent_does(ada, Command::Pend).await;
    talk.hear("open again").await;
    let _elsewhere = desk.log.push_work().take(4, NO_WAIT).await.unwrap();
    talk.hear("nothing new").await;
    talk.hear("still nothing").await;
    let mut feed = Listener::on(&desk, talk.key.tenant).await;
    step(&desk, &desk.push_worker()).await;
    assert_eq!(feed.heard(), [(only(ada), FeedItem::row(talk.summary()))]);
}

#[tokio::test(start_paused = true)]
async fn while_the_database_is_away_the_log_is_enough_if_it_reaches_back() {
    let desk = Desk::new();
    let tenant = TenantId(Uuid::now_v7());
    let old = trimmed(&desk, tenant).await;
    let mut new = Talk::open_in(&desk, tenant).await;
    new.hear_many(300).await;
    let _elsewhere = desk.log.push_work().take(299, NO_WAIT).await.unwrap();
    let mut feed = Listener::on(&desk, tenant).await;
    desk.store.set_available(false);
    let worker = desk.push_worker();
    step(&desk, &worker).await;
    let heard = feed.heard();
    assert!(heard.iter().all(|(_, item)| item.conversation() == Some(&new.summary())), "only the new one can be known");
    assert_eq!(heard.len(), 1);

    desk.store.set_available(true);
    let mut told = false;
    eventually(async || {
        worker.step(Duration::from_secs(1), &desk.stop).await.unwrap();
        told |= feed.heard().iter().any(|(_, item)| item.conversation() == Some(&old.summary()));
        told
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn what_could_not_be_told_is_told_later() {
    let mut desk = Desk::new();
    let tenant = TenantId(Uuid::now_v7());
    desk.ports.feed = Arc::new(Stutters { log: desk.log.clone(), fails: AtomicU32::new(2) });
    let mut feed = Listener::on(&desk, tenant).await;
    let worker = desk.push_worker();
    let talk = Talk::open_in(&desk, tenant).await;
    for _ in 0..2 {
        worker.step(Duration::from_secs(1), &desk.stop).await.unwrap();
        assert_eq!(feed.heard(), []);
    }
    assert_eq!(worker.step(Duration::from_secs(1), &desk.stop).await.unwrap(), StepOutcome::Worked(1));
    assert_eq!(feed.heard(), [(FeedTarget::Everyone, FeedItem::row(talk.summary()))]);
    assert_eq!(worker.step(Duration::from_secs(30), &desk.stop).await.unwrap(), StepOutcome::Idle);
}

#[tokio::test(start_paused = true)]
async fn entries_after_a_lost_one_are_let_go_after_a_while() {
    let desk = Desk::new();
    let mut talk = Talk::open(&desk).await;
    let mut ahead = talk.next_message("three");
    ahead.seq += 1;
    talk.append_entry(ahead).await;
    let running = tokio::spawn(desk.push_worker().run(desk.stop.clone()));
    tokio::time::sleep(Duration::from_secs(120)).await;
    desk.stop.cancel();
    running.await.unwrap();
    assert!(desk.log.push_work().take(10, Duration::from_secs(60)).await.unwrap().is_empty());
}
