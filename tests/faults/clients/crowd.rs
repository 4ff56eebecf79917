//! Who is there: contacts and agents of two organisations, programs, and one who asks for what is not his.

use std::{sync::Arc, time::Duration};

use frontdesk_protocol::socket::Codec;
use serde_json::json;
use tokio::{
    task::JoinSet,
    time::{Instant, sleep},
};

use super::{
    person::{Manner, Person},
    program::{self, Rest},
    run_state::RunState,
    wire::{Endpoint, Ticket, Wire},
};
use crate::{desk::Tenant, dice::Dice, record::Recorder};

/// How many people there are, and how fast they talk.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Crowd {
    /// Conversations that go on for the whole run.
    pub conversations: usize,
    /// Contacts who begin one conversation after another.
    pub walk_ins: usize,
    /// Programs that write over REST.
    pub programs: usize,
    /// Conversations that all agents of the tenant try to get hold of all the time.
    pub rivalries: usize,
    /// Longest pause of anybody between two requests (ms).
    pub think_ms: u64,
}

/// All clients of a run, signed in.
#[derive(Debug)]
pub(crate) struct Crew {
    pub tasks: JoinSet<()>,
    /// For each tenant, those who may read everything: one ticket for JSON, one for MessagePack.
    pub owners: Vec<Ticket>,
}

impl Crowd {
    /// Signs everybody in and has them begin. Nothing may be wrong with the desk yet.
    ///
    /// # Panics
    /// When a client cannot sign in.
    pub(crate) async fn gather(
        self,
        tenants: &[Tenant],
        run_state: &Arc<RunState>,
        recorder: &Arc<Recorder>,
        dice: &Dice,
    ) -> Crew {
        let rest = Rest::new();
        let mut tasks = JoinSet::new();
        let mut agents = Vec::new();
        for tenant in tenants {
            let mut own = Vec::new();
            for (email, password) in &tenant.agents {
                own.push(sign_in(&rest, &run_state.endpoints[0], &tenant.id, email, password).await);
            }
            agents.push(own);
        }
        let mut spawn = |name: String, ticket: &Ticket, manner, conversation| {
            let writer = recorder.writer(&name);
            tasks.spawn(Person::new(name, ticket.clone(), manner, conversation, run_state, writer, dice).live());
        };
        let steady = Manner { think_ms: self.think_ms, width: 1, renew_after: None, leads: true, grabs: false };
        for at in 0..self.conversations + self.walk_ins {
            // A quarter of all belongs to the other organisation.
            let at_tenant = usize::from(at % 4 == 3).min(tenants.len() - 1);
            let ticket = visit(&rest, &run_state.endpoints[at % run_state.endpoints.len()], &tenants[at_tenant]).await;
            let width = if at % 2 == 0 { 1 } else { 4 };
            let renew_after = (at >= self.conversations).then_some(5);
            spawn(format!("contact{at}"), &ticket, Manner { width, renew_after, ..steady }, None);
        }
        let opened = wait_for_conversations(run_state, self.conversations + self.walk_ins).await;
        for (at, known) in opened.into_iter().enumerate() {
            let tenant = tenants.iter().position(|tenant| tenant.id == known.tenant).unwrap_or_default();
            let staff = &agents[tenant];
            for (which, ticket) in staff.iter().enumerate().filter(|(which, _)| *which == 0 || at % 3 == 0) {
                let mut ticket = ticket.clone();
                ticket.codec = Codec::ALL[(at + which) % 2];
                let manner = Manner { width: 1 + at % 3, leads: which == 0, ..steady };
                spawn(format!("agent{which}-{at}"), &ticket, manner, Some(known.conversation.clone()));
            }
            for (which, ticket) in staff.iter().enumerate().filter(|_| at < self.rivalries) {
                let manner = Manner { leads: which == 0, grabs: true, ..steady };
                spawn(format!("rival{which}-{at}"), ticket, manner, Some(known.conversation.clone()));
            }
        }
        for at in 0..self.programs {
            let name = format!("program{at}");
            let owner = agents[at % agents.len()][0].clone();
            let writer = recorder.writer(&name);
            tasks.spawn(program::write(name, owner, self.think_ms, Arc::clone(run_state), writer, dice.clone()));
        }
        let owners: Vec<Ticket> = agents.iter().map(|own| own[0].clone()).collect();
        if let Some(stranger) = owners.get(1).cloned() {
            let writer = recorder.writer("trespasser");
            tasks.spawn(program::trespass(stranger, Arc::clone(run_state), writer, dice.clone()));
        }
        Crew { tasks, owners }
    }
}

async fn wait_for_conversations(run_state: &RunState, count: usize) -> Vec<super::run_state::Known> {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let mut known = run_state.known();
        if known.len() >= count {
            // Walk-ins may have begun their second by now.
            known.sort_by(|a, b| a.contact.member.cmp(&b.contact.member));
            known.dedup_by(|a, b| a.contact.member == b.contact.member);
            return known;
        }
        assert!(Instant::now() < deadline, "only {} of {count} conversations could be opened", known.len());
        sleep(Duration::from_millis(50)).await;
    }
}

async fn sign_in(rest: &Rest, endpoint: &Endpoint, tenant: &str, email: &str, password: &str) -> Ticket {
    let body = json!({"email": email, "password": password});
    let answer = rest.ask(endpoint, "/api/v1/auth/login", None, Some(&body)).await;
    let Ok((200, answer)) = answer else { panic!("{email} cannot sign in: {answer:?}") };
    let token = answer["access_token"].as_str().expect("a log-in has a token").to_owned();
    let id = answer["agent"]["id"].as_str().unwrap_or_else(|| panic!("no id in {answer}")).to_owned();
    let member = format!("a-{id}");
    Ticket { tenant: tenant.to_owned(), member, token, path: "/ws/console".to_owned(), codec: Codec::Json }
}

async fn visit(rest: &Rest, endpoint: &Endpoint, tenant: &Tenant) -> Ticket {
    let body = json!({"inbox": tenant.inbox, "token": null});
    let answer = rest.ask(endpoint, "/api/v1/widget/session", None, Some(&body)).await;
    let Ok((200, answer)) = answer else { panic!("a contact is not let in: {answer:?}") };
    let text = |pointer: &str| answer.pointer(pointer).and_then(|text| text.as_str()).unwrap_or_default().to_owned();
    Ticket {
        tenant: tenant.id.clone(),
        member: format!("c-{}", text("/contact/id")),
        token: text("/token"),
        path: format!("/ws/widget?inbox={}", tenant.inbox),
        codec: Codec::Json,
    }
}

/// So many sockets at once, each welcomed or not; gives how many were.
pub(crate) async fn storm(endpoints: &[Endpoint], ticket: &Ticket, size: usize) -> usize {
    storm_held(endpoints, ticket, size).await.len()
}

/// The same; gives those that were welcomed.
pub(crate) async fn storm_held(endpoints: &[Endpoint], ticket: &Ticket, size: usize) -> Vec<Wire> {
    let mut tries = JoinSet::new();
    for at in 0..size {
        let (endpoint, ticket) = (endpoints[at % endpoints.len()].clone(), ticket.clone());
        tries.spawn(async move { Wire::open(&endpoint, &ticket).await });
    }
    let mut open = Vec::new();
    while let Some(tried) = tries.join_next().await {
        open.extend(tried.ok().and_then(Result::ok));
    }
    open
}
