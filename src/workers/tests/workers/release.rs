//! Conversations do not wait for an agent who may not work on them any more.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use frontdesk_domain::{
    Agent, AgentId, Answer, Command, ConversationKey, Principal, Request, Role, SystemId, TenantId, Timer, Timestamp,
};
use frontdesk_ports::{Agents as _, Clock as _, Commands, ExecuteError, Executed, PasswordHash, Timers as _};
use frontdesk_protocol::socket::Durability;
use frontdesk_workers::{TimersWorker, Worker as _};
use uuid::Uuid;

use super::desk::{Desk, NO_WAIT, Talk, say};

/// Remembers what was asked.
#[derive(Default)]
struct Asked(Mutex<Vec<(ConversationKey, Request)>>);

#[async_trait]
impl Commands for Asked {
    async fn execute(&self, key: ConversationKey, request: Request) -> Result<Executed, ExecuteError> {
        self.0.lock().unwrap().push((key, request));
        Ok(Executed { answer: Answer { seq: 9, at: Timestamp(0) }, durability: Durability::Disk })
    }
}

impl Asked {
    /// From whom conversations were taken since the last time.
    fn released(&self) -> BTreeSet<(ConversationKey, AgentId)> {
        let asked = std::mem::take(&mut *self.0.lock().unwrap());
        let released = asked.into_iter().map(|(key, request)| {
            assert_eq!(request.principal, Principal::System(SystemId::ROUTING));
            let Command::Release { holder } = request.command else { panic!("{:?}", request.command) };
            (key, holder)
        });
        released.collect()
    }
}

struct World {
    desk: Desk,
    asked: Arc<Asked>,
    tenant: TenantId,
    ada: Agent,
    bob: Agent,
}

impl World {
    async fn new() -> Self {
        let (mut desk, asked, tenant) = (Desk::new(), Arc::new(Asked::default()), TenantId(Uuid::now_v7()));
        desk.ports.commands = asked.clone();
        let agent = |name: &str| Agent {
            id: AgentId(Uuid::now_v7()),
            tenant,
            email: format!("{name}@example.test"),
            name: name.to_owned(),
            role: Role::Agent,
            active: true,
            created_at: Timestamp(0),
        };
        let world = Self { desk, asked, tenant, ada: agent("ada"), bob: agent("bob") };
        world.put(&world.ada).await;
        world.put(&world.bob).await;
        world
    }

    async fn put(&self, agent: &Agent) {
        self.desk.store.put_agent(agent, &PasswordHash("hash".to_owned())).await.unwrap();
    }

    /// A conversation that `holder` claimed, after which it did `then`.
    async fn held(&self, holder: &Agent, then: Option<Command>) -> Talk {
        let mut talk = Talk::open_in(&self.desk, self.tenant).await;
        for command in [Command::Claim].into_iter().chain(then) {
            talk.agent_does(holder.id, command).await;
        }
        talk
    }

    async fn deactivate(&self, agent: &Agent) {
        self.put(&Agent { active: false, ..agent.clone() }).await;
    }

    async fn persist(&self) {
        let worker = self.desk.persist_worker();
        worker.step(NO_WAIT, &self.desk.stop).await.unwrap();
    }

    async fn push(&self) {
        let worker = self.desk.push_worker();
        worker.step(NO_WAIT, &self.desk.stop).await.unwrap();
    }

    async fn fire(&self, worker: &TimersWorker) -> BTreeSet<(ConversationKey, AgentId)> {
        worker.step(NO_WAIT, &self.desk.stop).await.unwrap();
        self.asked.released()
    }
}

#[tokio::test]
async fn what_a_deactivated_agent_has_to_do_goes_back_into_the_queue_and_nothing_else_does() {
    let world = World::new().await;
    let (ada, bob) = (&world.ada, &world.bob);
    let open = world.held(ada, None).await.key;
    let pending = world.held(ada, Some(Command::Pend)).await.key;
    let until = Timestamp(world.desk.clock.now().0 + 3_600_000);
    let snoozed = world.held(ada, Some(Command::Snooze { until })).await.key;
    world.held(ada, Some(Command::Resolve)).await;
    world.held(bob, None).await;
    world.persist().await;
    let worker = world.desk.worker::<TimersWorker>();
    assert_eq!(world.fire(&worker).await, BTreeSet::new());

    world.deactivate(ada).await;
    let now = world.desk.clock.now();
    world.desk.store.set_timer(&Timer::release_agent(world.tenant, ada.id, now)).await.unwrap();
    let expected: BTreeSet<_> = [open, pending, snoozed].map(|key| (key, ada.id)).into();
    assert_eq!(world.fire(&worker).await, expected);

    // What was logged and not yet persisted then.
    let late = world.held(ada, None).await.key;
    assert_eq!(world.fire(&worker).await, BTreeSet::new());
    world.persist().await;
    world.desk.clock.advance(Duration::from_secs(6));
    assert!(world.fire(&worker).await.contains(&(late, ada.id)));
    world.desk.clock.advance(Duration::from_secs(61));
    assert!(world.fire(&worker).await.contains(&(late, ada.id)));
    world.desk.clock.advance(Duration::from_secs(600));
    assert_eq!(world.fire(&worker).await, BTreeSet::new(), "and that is the end of it");
}

#[tokio::test]
async fn an_agent_who_may_work_again_keeps_what_it_took() {
    let world = World::new().await;
    world.held(&world.ada, None).await;
    world.persist().await;
    let now = world.desk.clock.now();
    world.desk.store.set_timer(&Timer::release_agent(world.tenant, world.ada.id, now)).await.unwrap();
    let worker = world.desk.worker::<TimersWorker>();
    assert_eq!(world.fire(&worker).await, BTreeSet::new());
}

#[tokio::test]
async fn what_is_opened_again_or_given_to_one_who_may_not_work_any_more_goes_back_into_the_queue() {
    let world = World::new().await;
    let (ada, bob) = (&world.ada, &world.bob);
    let mut resolved = world.held(ada, Some(Command::Resolve)).await;
    let mut of_bob = world.held(bob, Some(Command::Resolve)).await;
    world.push().await;
    world.deactivate(ada).await;
    let worker = world.desk.worker::<TimersWorker>();
    assert_eq!(world.fire(&worker).await, BTreeSet::new());

    resolved.contact_does(say("one more thing")).await;
    of_bob.contact_does(say("one more thing")).await;
    let given = world.held(ada, None).await;
    world.push().await;
    let expected: BTreeSet<_> = [resolved.key, given.key].map(|key| (key, ada.id)).into();
    assert_eq!(world.fire(&worker).await, expected);
}
