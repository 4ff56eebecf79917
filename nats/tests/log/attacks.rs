//! What a bridge and an integrator may do, and everything else that they might try. After each attempt the whole broker
//! must be as it was.

mod attacker;
mod attempts;
mod fingerprint;

use std::time::Duration;

use async_nats::{HeaderMap, jetstream::AckKind};
use frontdesk_domain::{InboxId, Partition, TenantId};
use frontdesk_nats::{NatsLog, Principal, PrincipalKind, Queue};
use frontdesk_ports::{
    AckRecord, Acks as _, DeadLetter, DeadLetterSink as _, MessageLog as _,
    contract::log::{message, some_conversation},
};
use frontdesk_protocol::{Ack, AckKind as Acknowledged};
use futures_util::FutureExt as _;
use uuid::Uuid;

use crate::support::{Server, until};
use attacker::Attacker;
use fingerprint::fingerprint;

/// Two tenants with a bridge each, an integrator of the first, and something of the second's in every stream.
struct World {
    server: Server,
    log: NatsLog,
    ours: (TenantId, InboxId),
    theirs: (TenantId, InboxId),
    bridge: Attacker,
    integrator: Attacker,
    their_bridge: Attacker,
    /// A subject of the message log that holds a record of theirs.
    their_conversation: String,
}

fn some_inbox() -> (TenantId, InboxId) {
    (TenantId(Uuid::new_v4()), InboxId(Uuid::new_v4()))
}

impl World {
    async fn new() -> Self {
        let server = Server::start().await;
        let log = server.log().await;
        let (ours, theirs) = (some_inbox(), some_inbox());
        let bridge = |(tenant, inbox)| PrincipalKind::Bridge { tenant, inbox };
        let mut attackers = Vec::new();
        for (name, kind) in [
            ("our-bridge", bridge(ours)),
            ("our-integrator", PrincipalKind::Integrator { tenant: ours.0 }),
            ("their-bridge", bridge(theirs)),
        ] {
            let principal = Principal::new(name, kind).unwrap();
            log.add_principal(&principal).await.unwrap();
            let password = server.principals().add(principal.clone()).await;
            let password = password.unwrap_or_else(|error| panic!("{error}: {}", server.said()));
            attackers.push(Attacker::connect(&server, &principal, &password).await);
        }
        let [bridge, integrator, their_bridge] = attackers.try_into().ok().unwrap();
        let mut world =
            Self { their_conversation: String::new(), server, log, ours, theirs, bridge, integrator, their_bridge };
        world.put_canaries().await;
        world
    }

    /// A record in every stream, and a delivery that is not acknowledged.
    async fn put_canaries(&mut self) {
        let mut key = some_conversation();
        key.tenant = self.theirs.0;
        self.log.append(&message(key, 1, "canary"), 0).await.unwrap();
        self.their_conversation = self.server.options().topology().unwrap().subjects.message(key);
        let ack = AckRecord { key, kind: Acknowledged::Persisted, ack: Ack { up_to_seq: 1 } };
        self.log.acknowledge(ack).await.unwrap();
        let (tenant, inbox) = self.theirs;
        self.core_publishes(&format!("desk.out.{tenant}.{inbox}"), "their answer").await;
        self.core_publishes(&format!("desk.ticket.{tenant}.t1.opened"), "their ticket").await;
        self.their_bridge.publish_stored(&format!("desk.in.{tenant}.{inbox}"), HeaderMap::new()).await.unwrap();
        let dead_letter = DeadLetter {
            stream: self.log_stream(),
            consumer: "persist".to_owned(),
            subject: self.server.options().topology().unwrap().subjects.parse(&self.their_conversation),
            log_seq: 99,
            reason: "canary".to_owned(),
            payload: "canary".into(),
        };
        self.log.store(&dead_letter).await.unwrap();
        let handed_out = self.log.work(Queue::named("persist")).take(1, Duration::from_secs(5)).await.unwrap();
        assert_eq!(handed_out.len(), 1);
    }

    fn log_stream(&self) -> String {
        let partition: u16 = self.their_conversation.split('.').nth(2).unwrap().parse().unwrap();
        self.server.options().topology().unwrap().stream_of(Partition::new(partition).unwrap())
    }

    async fn core_publishes(&self, subject: &str, payload: &'static str) {
        self.server.client().await.publish(subject.to_owned(), payload.into()).await.unwrap().await.unwrap();
    }

    fn our_way_in(&self) -> String {
        format!("desk.in.{}.{}", self.ours.0, self.ours.1)
    }
}

#[tokio::test]
async fn what_is_allowed_works() {
    let world = World::new().await;
    let ((tenant, inbox), bridge) = (world.ours, &world.bridge);
    let stored = bridge.publish_stored(&world.our_way_in(), HeaderMap::new()).await.unwrap();
    assert_eq!(stored["stream"], "INBOUND");
    for (attacker, stream, subject) in [
        (bridge, "OUTBOUND", format!("desk.out.{tenant}.{inbox}")),
        (&world.integrator, "TICKETS", format!("desk.ticket.{tenant}.t1.opened")),
    ] {
        world.core_publishes(&subject, "ours").await;
        let taken = until("it is handed out", || attacker.next(stream)).await;
        assert_eq!((taken.subject.as_str(), &taken.payload[..]), (subject.as_str(), &b"ours"[..]));
        attacker.client.publish(taken.reply.unwrap(), AckKind::Ack.into()).await.unwrap();
        let broker = world.server.client().await;
        until("it is acknowledged", || async {
            let info = broker.get_stream(stream).await.ok()?.consumer_info(&attacker.name).await.ok()?;
            (info.ack_floor.consumer_sequence == 1 && info.num_ack_pending == 0).then_some(())
        })
        .await;
        assert!(attacker.next(stream).await.is_none(), "what is another tenant's is not handed out");
    }
}

#[tokio::test]
async fn nothing_that_is_not_allowed_is_heard() {
    let world = World::new().await;
    for (attacker, other) in [(&world.bridge, "their-bridge"), (&world.integrator, "our-bridge")] {
        for subject in attempts::subscriptions(world.ours, other) {
            let mut heard = attacker.client.subscribe(subject.clone()).await.unwrap();
            attacker.is_denied("Subscription", &subject).await;
            let core = world.server.client().await.client();
            for canary in attempts::heard_by_nobody(world.theirs, other) {
                core.publish(canary, "canary".into()).await.unwrap();
            }
            core.flush().await.unwrap();
            attacker.client.flush().await.unwrap();
            assert!(heard.next_now().is_none(), "{} hears {subject}", attacker.name);
        }
    }
}

#[tokio::test]
async fn nothing_that_is_not_allowed_is_done() {
    let world = World::new().await;
    let before = fingerprint(&world.server).await;
    for attacker in [&world.bridge, &world.integrator] {
        let publications = attempts::publications(world.ours, world.theirs, &world.their_conversation);
        let own = [world.our_way_in()];
        let way_in = own.iter().filter(|_| attacker.name == "our-integrator").cloned();
        let requests = attempts::requests(&before, &attacker.name);
        for (subject, payload) in
            publications.into_iter().chain(way_in).map(|subject| (subject, "{}".to_owned())).chain(requests)
        {
            let reply = format!("{}.answer", attacker.prefix);
            let mut answer = attacker.client.subscribe(reply.clone()).await.unwrap();
            attacker.client.publish_with_reply(subject.clone(), reply, payload.into()).await.unwrap();
            attacker.is_denied("Publish", &subject).await;
            assert!(answer.next_now().is_none(), "{} got an answer from {subject}", attacker.name);
        }
        let changes = fingerprint(&world.server).await.changes(&before);
        assert!(changes.is_empty(), "{} changed {changes:#?}", attacker.name);
    }
}

/// The broker answers with rights of its own, wherever the asker says.
#[tokio::test]
async fn answers_of_the_broker_cannot_be_aimed_at_others() {
    let world = World::new().await;
    let ((tenant, inbox), way_in) = (world.ours, world.our_way_in());
    let own = [way_in.as_str(), &*format!("desk.out.{tenant}.{inbox}"), &*format!("desk.ticket.{tenant}.t1.opened")];
    world.bridge.publish_stored(&way_in, HeaderMap::new()).await.unwrap();
    for subject in &own[1..] {
        world.core_publishes(subject, "ours").await;
    }
    let before = fingerprint(&world.server).await.without(&own, &["our-bridge", "our-integrator"]);
    let targets = attempts::publications(world.ours, world.theirs, &world.their_conversation);
    let deletions = ["INBOUND", "MESSAGES-0", "DEAD"].map(|stream| format!("$JS.API.STREAM.DELETE.{stream}"));
    for target in targets.into_iter().chain(deletions) {
        let subject = way_in.clone();
        world.bridge.client.publish_with_reply(subject, target.clone(), "poison".into()).await.unwrap();
        for (attacker, stream) in [(&world.bridge, "OUTBOUND"), (&world.integrator, "TICKETS")] {
            let next = attacker.next_subject(stream);
            attacker
                .client
                .publish_with_reply(next, target.clone(), r#"{"batch":1,"no_wait":true}"#.into())
                .await
                .unwrap();
            attacker.client.flush().await.unwrap();
        }
    }
    // After these, everything before has had its effect.
    world.bridge.publish_stored(&way_in, HeaderMap::new()).await.unwrap();
    world.bridge.next("OUTBOUND").await;
    world.integrator.next("TICKETS").await;
    let after = fingerprint(&world.server).await.without(&own, &["our-bridge", "our-integrator"]);
    assert_eq!(after.changes(&before), [""; 0]);
}

#[tokio::test]
async fn control_headers_are_refused_or_do_nothing() {
    let world = World::new().await;
    let way_in = world.our_way_in();
    world.bridge.publish_stored(&way_in, HeaderMap::new()).await.unwrap();
    let untouched = async || fingerprint(&world.server).await.without(&[&way_in], &[]);
    let (before, ours) = (untouched().await, fingerprint(&world.server).await.count(&way_in));
    for headers in attempts::control_headers(world.theirs, &world.their_conversation) {
        let answer = world.bridge.publish_stored(&way_in, headers.clone()).await;
        assert!(answer.is_err(), "{headers:?} was accepted: {answer:?}");
        assert_eq!(untouched().await.changes(&before), [""; 0], "{headers:?}");
    }
    assert_eq!(fingerprint(&world.server).await.count(&way_in), ours, "nothing of ours was erased or added");
    let large = vec![b'x'; 300 << 10];
    let refused = world.bridge.publish_bytes(&way_in, HeaderMap::new(), large).await;
    assert!(refused.as_ref().is_err_and(|error| error.contains("size")), "{refused:?}");
    assert!(world.bridge.client.publish(way_in.clone(), vec![b'x'; 2 << 20].into()).await.is_err());
    assert_eq!(untouched().await.changes(&before), [""; 0]);
}

/// Ids of messages are one memory for the whole stream. A bridge that sends none, as it is told, is never taken for
/// another.
#[tokio::test]
async fn ids_of_messages_make_nobody_elses_message_vanish() {
    let world = World::new().await;
    let their_way_in = format!("desk.in.{}.{}", world.theirs.0, world.theirs.1);
    let mut id = HeaderMap::new();
    id.insert("Nats-Msg-Id", "guessed");
    world.bridge.publish_stored(&world.our_way_in(), id.clone()).await.unwrap();
    let stored = world.their_bridge.publish_stored(&their_way_in, HeaderMap::new()).await.unwrap();
    assert_eq!(stored["duplicate"], serde_json::Value::Null);
    until("the id is forgotten in a moment", || async {
        let stored = world.their_bridge.publish_stored(&their_way_in, id.clone()).await.unwrap();
        (stored["duplicate"] != true).then_some(())
    })
    .await;
}

#[tokio::test]
async fn removed_credentials_are_cut_off_at_once_and_no_others() {
    let world = World::new().await;
    let principals = world.log.principals().await.unwrap();
    assert_eq!(
        world.server.principals().list().unwrap(),
        [&principals[0], &principals[1], &principals[2]].map(Clone::clone)
    );
    world.log.remove_principal(&principals[0]).await.unwrap();
    assert_eq!(world.server.principals().remove("our-bridge").await.unwrap().as_ref(), Some(&principals[0]));
    until("it is cut off", || async { world.bridge.is_shut_out(&world.server).await.then_some(()) }).await;
    assert!(world.server.principals().remove("our-bridge").await.unwrap().is_none());
    let their_way_in = format!("desk.in.{}.{}", world.theirs.0, world.theirs.1);
    until("the other bridge works on", || async {
        world.their_bridge.publish_stored(&their_way_in, HeaderMap::new()).await.ok()
    })
    .await;
    let names: Vec<_> = world.log.principals().await.unwrap().iter().map(|one| one.name().to_owned()).collect();
    assert_eq!(names, ["our-integrator", "their-bridge"]);
    world.server.restart().await;
    until("and after a restart", || async {
        let bridge = &world.their_bridge;
        bridge.again(&world.server).await?.publish_stored(&their_way_in, HeaderMap::new()).await.ok()
    })
    .await;
}

/// What came by now.
trait NextNow {
    fn next_now(&mut self) -> Option<async_nats::Message>;
}

impl NextNow for async_nats::Subscriber {
    fn next_now(&mut self) -> Option<async_nats::Message> {
        futures_util::StreamExt::next(self).now_or_never().flatten()
    }
}
